//! Made-up items, articles and classifications.

use chrono::{DateTime, TimeDelta, Utc};
use diembao_news::{
    Article, ArticleId, ArticleText, ArticleTimes, CanonicalUrl, ChannelId, Classification, Evidence, Field, Flag,
    FlagKind, Item, OutletId, Severity, Stance, TimeSource, TopicMatch,
};
use diembao_store::{LayoutCount, NewArticle, Page};

/// A moment: so many minutes after the morning of 21 November 2026 in Việt Nam.
pub(crate) fn at(minutes: i64) -> DateTime<Utc> {
    "2026-11-20T23:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minutes)
}

pub(crate) fn channel(name: &str) -> ChannelId {
    ChannelId::parse(name).unwrap()
}

pub(crate) fn url(n: usize) -> CanonicalUrl {
    CanonicalUrl::parse(&format!("https://bao-song-lam.example.vn/suc-khoe/bai-{n}.html")).unwrap()
}

pub(crate) fn id(n: usize) -> ArticleId {
    ArticleId::of_url(&url(n))
}

pub(crate) fn item(n: usize) -> Item {
    Item {
        channel: channel("song-lam/suc-khoe"),
        url: url(n),
        title: format!("Bệnh viện tuyến tỉnh tiếp nhận ca bệnh thứ {n}"),
        summary: "Sở Y tế cho biết đang xác minh.".to_owned(),
        published: Some(at(0)),
    }
}

pub(crate) fn article(n: usize) -> NewArticle {
    let minute = i64::try_from(n).unwrap();
    NewArticle {
        article: Article {
            id: id(n),
            reference: Some(format!("bai-{n}")),
            outlet: OutletId::parse("song-lam").unwrap(),
            url: Some(url(n)),
            text: ArticleText {
                title: format!("Bệnh viện tuyến tỉnh tiếp nhận ca bệnh thứ {n}"),
                lead: "Sở Y tế cho biết đang xác minh vụ việc.".to_owned(),
                body: "Bệnh nhân N.V.A. nhập viện lúc nửa đêm.\nGia đình đề nghị làm rõ.".repeat(1 + n % 5),
            },
            authors: vec!["Minh Hà".to_owned(), "Lê \"Quê\"".to_owned()],
            times: ArticleTimes {
                published: at(minute),
                published_source: TimeSource::Page,
                modified: n.is_multiple_of(2).then(|| at(minute + 1)),
                first_seen: at(minute + 2),
            },
            image: None,
            section: Some("Sức khỏe".to_owned()),
            lang: "vi".to_owned(),
        },
        item: Some(id(n)),
        page: Some(page(n)),
        read: Some(vec![LayoutCount::Title, LayoutCount::Authors]),
    }
}

pub(crate) fn page(n: usize) -> Page {
    Page {
        url: url(n).as_str().to_owned(),
        fetched_at: at(1),
        status: 200,
        content_type: Some("text/html; charset=utf-8".to_owned()),
        body: format!("<html><body>{}</body></html>", "<p>bệnh viện</p>".repeat(n * 10)).into_bytes(),
    }
}

pub(crate) fn classification(version: &str, severity: Severity) -> Classification {
    let evidence = vec![Evidence {
        field: Field::Title,
        start: 0,
        end: 11,
        text: "Bệnh viện \"".to_owned(),
        group: "setting".to_owned(),
        weight: 1.5,
    }];
    Classification {
        health: true,
        health_score: 7.25,
        topics: vec![
            TopicMatch { id: "kham-chua-benh".to_owned(), score: 4.1, evidence: evidence.clone() },
            TopicMatch { id: "duoc".to_owned(), score: 2.0, evidence: Vec::new() },
        ],
        flags: vec![Flag {
            rule: "tu-vong".to_owned(),
            kind: FlagKind::Incident,
            severity,
            stance: Some(Stance::Mixed),
            score: 3.3,
            evidence,
        }],
        rules_version: version.to_owned(),
    }
}
