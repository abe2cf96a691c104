//! Questions to a small index: what is found, in which order, with which counts.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use chrono::{DateTime, TimeDelta, Utc};
use diembao_news::{ArticleId, ArticleText, CanonicalUrl, OutletId, Severity, StoryId};
use diembao_search::{Facet, Filter, Index, IndexDoc, Matching, Query, Sort, Synonyms, Unit};

struct Fixture {
    name: &'static str,
    title: &'static str,
    lead: &'static str,
    body: &'static str,
    outlet: &'static str,
    story: Option<&'static str>,
    flags: &'static [&'static str],
    severity: Option<Severity>,
    days_ago: i64,
}

const PLAIN: Fixture = Fixture {
    name: "",
    title: "",
    lead: "",
    body: "",
    outlet: "bao-sen",
    story: None,
    flags: &[],
    severity: None,
    days_ago: 3,
};

const ARTICLES: &[Fixture] = &[
    Fixture {
        name: "mo-nham",
        title: "Bệnh viện Hoa Sen mổ nhầm chân bệnh nhân",
        lead: "Gia đình ông N.V.A. phản ánh kíp trực mổ nhầm chân lành.",
        body: "Sự việc xảy ra tối thứ Hai. Giám đốc bệnh viện xin lỗi.\nSở Y tế yêu cầu báo cáo trước 12 giờ.",
        story: Some("mo-nham"),
        flags: &["mo-nham", "incident"],
        severity: Some(Severity::Red),
        days_ago: 1,
        ..PLAIN
    },
    Fixture {
        name: "mo-nham-2",
        title: "Sở Y tế làm rõ vụ mổ nhầm chân",
        lead: "",
        body: "Đoàn kiểm tra làm việc với Bệnh viện Hoa Sen về ca mổ nhầm.",
        outlet: "tin-mai",
        story: Some("mo-nham"),
        flags: &["mo-nham", "incident"],
        severity: Some(Severity::Orange),
        days_ago: 0,
    },
    Fixture {
        name: "mo-vang",
        title: "Phát hiện mỏ vàng ở miền núi",
        lead: "Mỏ có trữ lượng lớn.",
        body: "Người dân chờ đợi. Bán đất quanh mỏ tăng giá.",
        ..PLAIN
    },
    Fixture {
        name: "covid",
        title: "Ca mắc COVID-19 tăng nhẹ",
        lead: "Bộ Y tế khuyến cáo tiêm vắc xin.",
        body: "Thuỷ đậu cũng tăng ở TP.HCM. Thông tư 43/2018/TT-BYT được nhắc lại.",
        outlet: "tin-mai",
        days_ago: 10,
        ..PLAIN
    },
    Fixture {
        name: "ngo-doc",
        title: "Ba mươi học sinh ngộ độc sau bữa trưa",
        lead: "Các em được đưa vào bệnh viện huyện.",
        body: "Nguyên nhân nghi do thực phẩm nhiễm khuẩn. Bác sĩ cho biết các em đã ổn định.",
        flags: &["ngo-doc", "incident"],
        severity: Some(Severity::Orange),
        days_ago: 2,
        ..PLAIN
    },
];

fn now() -> DateTime<Utc> {
    "2026-11-21T03:00:00Z".parse().unwrap()
}

fn id(name: &str) -> ArticleId {
    ArticleId::of_url(&CanonicalUrl::parse(&format!("https://example.vn/{name}")).unwrap())
}

fn with_doc(f: &Fixture, put: impl FnOnce(&IndexDoc<'_>)) {
    let text = ArticleText { title: f.title.to_owned(), lead: f.lead.to_owned(), body: f.body.to_owned() };
    let outlet = OutletId::parse(f.outlet).unwrap();
    put(&IndexDoc {
        id: id(f.name),
        reference: Some(f.name),
        url: None,
        text: &text,
        outlet: &outlet,
        published: now() - TimeDelta::days(f.days_ago),
        first_seen: now() - TimeDelta::days(f.days_ago),
        story: f.story.map(|s| StoryId::beginning_with(id(s))),
        topics: vec!["kham-chua-benh", "an-toan"],
        flags: f.flags.to_vec(),
        severity: f.severity,
        provinces: vec![],
        section: Some("Sức khỏe"),
        facilities: Vec::new(),
    });
}

fn filled() -> (tempfile::TempDir, Index) {
    let dir = tempfile::tempdir().unwrap();
    let index = Index::open(dir.path()).unwrap();
    let mut writer = index.writer().unwrap();
    for f in ARTICLES {
        with_doc(f, |d| writer.put(d).unwrap());
    }
    writer.commit().unwrap();
    drop(writer);
    (dir, index)
}

fn articles(text: &str) -> Query {
    Query { unit: Unit::Articles, ..Query::new(text, now()) }
}

fn names(index: &Index, query: &Query) -> Vec<String> {
    index.search(query).unwrap().hits.into_iter().map(|h| h.reference.unwrap()).collect()
}

#[test]
fn an_accented_word_is_never_folded_and_a_plain_query_always() {
    let (_dir, index) = filled();
    let check = |text: &str, expect: &[&str]| {
        let mut got = names(&index, &articles(text));
        got.sort();
        assert_eq!(got, expect, "{text}");
    };
    check("mổ", &["mo-nham", "mo-nham-2"]);
    check("mỏ", &["mo-vang"]);
    check("mo", &["mo-nham", "mo-nham-2", "mo-vang"]);
    check("MO NHAM", &["mo-nham", "mo-nham-2"]);
    check("be\u{323}\u{302}nh vie\u{323}\u{302}n", &["mo-nham", "mo-nham-2", "ngo-doc"]);
    check("thủy đậu", &["covid"]);
    check("mổ nham", &["mo-nham", "mo-nham-2"]);
    check("covid", &["covid"]);
    check("covid-19", &["covid"]);
    check("covid 19", &["covid"]);
    check("covid19", &["covid"]);
    check("43/2018/tt-byt", &["covid"]);
    check("TP HCM", &["covid"]);
    check("không có từ này", &[]);
}

#[test]
fn the_query_language() {
    let (_dir, index) = filled();
    let check = |text: &str, expect: &[&str]| {
        let mut got = names(&index, &articles(text));
        got.sort();
        assert_eq!(got, expect, "{text}");
    };
    check("\"mổ nhầm\"", &["mo-nham", "mo-nham-2"]);
    check("\"nhầm mổ\"", &[]);
    check("\"mo nham\"", &["mo-nham", "mo-nham-2"]);
    check("\"mổ chân\"", &[]);
    check("\"mổ chân\"~1", &["mo-nham", "mo-nham-2"]);
    check("bệnh viện -nhầm", &["ngo-doc"]);
    check("-nhầm", &["covid", "mo-vang", "ngo-doc"]);
    check("title:mỏ", &["mo-vang"]);
    check("title:mổ", &["mo-nham", "mo-nham-2"]);
    check("lead:mổ", &["mo-nham"]);
    check("body:(mổ nhầm)", &["mo-nham-2"]);
    check("title:\"mo nham\"", &["mo-nham", "mo-nham-2"]);
    check("vàng OR ngộ độc", &["mo-vang", "ngo-doc"]);
    check("nhầ*", &["mo-nham", "mo-nham-2"]);
    check("nhẫ*", &[]);
    check("nham*", &["mo-nham", "mo-nham-2"]);
    check("outlet:tin-mai", &["covid", "mo-nham-2"]);
    check("flag:incident outlet:tin-mai", &["mo-nham-2"]);
    check("severity:>=cam -severity:red", &["mo-nham-2", "ngo-doc"]);
    check("date:2026-11-20", &["mo-nham"]);
    check("date:<2026-11-15 vắc xin", &["covid"]);
    check(&format!("story:{}", id("mo-nham")), &["mo-nham", "mo-nham-2"]);
    check("*", &["covid", "mo-nham", "mo-nham-2", "mo-vang", "ngo-doc"]);
    check("", &["covid", "mo-nham", "mo-nham-2", "mo-vang", "ngo-doc"]);
    check("Nóng:mổ", &[]);
    assert_eq!(index.search(&articles("???")).unwrap().notes.len(), 1);
}

#[test]
fn any_word_finds_and_more_words_rank_higher() {
    let (_dir, index) = filled();
    let any = |text: &str| Query { matching: Matching::Any, ..articles(text) };
    assert_eq!(names(&index, &any("học sinh ngộ độc ở trường mổ"))[0], "ngo-doc");
    let got = names(&index, &any("mổ outlet:tin-mai vắc xin"));
    assert_eq!(got.len(), 2, "a condition narrows, one of the words must be there: {got:?}");
    assert_eq!(names(&index, &any("zzz yyy")), [""; 0]);
    let long = "khuyến cáo tiêm vắc xin cho trẻ em và người lớn ".repeat(200);
    assert_eq!(names(&index, &any(&long))[0], "covid");
}

#[test]
fn stories_are_grouped_counted_and_sorted() {
    let (_dir, index) = filled();
    let query = Query { facets: Facet::ALL.to_vec(), ..Query::new("flag:incident", now()) };
    let answer = index.search(&query).unwrap();
    assert_eq!((answer.total, answer.hits.len()), (2, 2));
    let story = answer.hits.iter().find(|h| h.story.is_some()).unwrap();
    assert_eq!((story.n_articles, story.n_outlets, story.severity), (2, 2, Some(Severity::Red)));
    let facet = |f: Facet| answer.facets.iter().find(|(name, _)| *name == f).unwrap().1.clone();
    assert_eq!(facet(Facet::Outlet), [("bao-sen".to_owned(), 2), ("tin-mai".to_owned(), 1)]);
    assert_eq!(facet(Facet::Severity), [("orange".to_owned(), 2), ("red".to_owned(), 1)]);
    assert_eq!(facet(Facet::Flag)[0], ("incident".to_owned(), 3));
    assert_eq!(
        facet(Facet::Day).iter().map(|d| d.0.as_str()).collect::<Vec<_>>(),
        ["2026-11-19", "2026-11-20", "2026-11-21"]
    );
    let sorted = |sort| names(&index, &Query { sort, ..articles("*") });
    assert_eq!(sorted(Sort::Date), ["mo-nham-2", "mo-nham", "ngo-doc", "mo-vang", "covid"]);
    assert_eq!(sorted(Sort::Severity)[..3], ["mo-nham", "mo-nham-2", "ngo-doc"]);
    let by_outlets = Query { sort: Sort::Outlets, ..Query::new("*", now()) };
    assert_eq!(index.search(&by_outlets).unwrap().hits[0].n_outlets, 2);
    let page = Query { sort: Sort::Date, offset: 1, limit: 2, ..articles("*") };
    assert_eq!(names(&index, &page), ["mo-nham", "ngo-doc"]);
}

#[test]
fn filters_narrow() {
    let (_dir, index) = filled();
    let found = |filter| index.search(&Query { filter, ..articles("*") }).unwrap().total;
    assert_eq!(found(Filter { outlets: vec!["bao-sen".into()], ..Filter::default() }), 3);
    assert_eq!(found(Filter { severity_at_least: Some(Severity::Red), ..Filter::default() }), 1);
    assert_eq!(found(Filter { from: Some(now() - TimeDelta::days(2)), to: Some(now()), ..Filter::default() }), 2);
    assert_eq!(found(Filter { stories: vec![id("mo-nham").to_string(), "không".into()], ..Filter::default() }), 2);
    assert_eq!(found(Filter { topics: vec!["an-toan".into()], flags: vec!["ngo-doc".into()], ..Filter::default() }), 1);
}

#[test]
fn hits_carry_what_is_shown() {
    let (_dir, index) = filled();
    let answer = index.search(&articles("\"kíp trực\" mổ nhầm")).unwrap();
    let hit = &answer.hits[0];
    assert_eq!((hit.id, hit.outlet.as_str(), hit.title.as_str()), (id("mo-nham"), "bao-sen", ARTICLES[0].title));
    assert_eq!(hit.published, now() - TimeDelta::days(1));
    assert_eq!(hit.topics, ["kham-chua-benh", "an-toan"]);
    let shown: Vec<&str> = hit.snippet.highlights.iter().map(|r| &hit.snippet.text[r.clone()]).collect();
    assert_eq!(shown, ["kíp trực mổ nhầm"]);
}

#[test]
fn synonyms_are_found_and_rank_below_the_word() {
    let (_dir, index) = filled();
    let synonyms = "[[group]]\nwords = [\"BV\", \"bệnh viện\"]\n[[group]]\nwords = [\"bác sỹ\", \"bác sĩ\"]";
    let index = index.with_synonyms(Synonyms::parse(synonyms).unwrap());
    assert_eq!(names(&index, &articles("BV huyện")), ["ngo-doc"]);
    assert_eq!(names(&index, &articles("bác sỹ")), ["ngo-doc"]);
    assert_eq!(names(&index, &articles("bac sy")), ["ngo-doc"]);
    let any = Query { matching: Matching::Any, ..articles("BV Hoa Sen") };
    assert_eq!(names(&index, &any).len(), 3);
}

#[test]
fn what_is_alike_is_found_without_the_article_itself() {
    let (_dir, index) = filled();
    let alike = index.similar(id("mo-nham"), 3).unwrap();
    assert_eq!(alike[0].id, id("mo-nham-2"));
    assert!(alike.iter().all(|h| h.id != id("mo-nham")));
    assert!(index.similar(id("nowhere"), 3).unwrap().is_empty());
}

#[test]
fn the_shipped_synonyms_are_read() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../rules/synonyms.toml");
    let synonyms = Synonyms::parse(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(synonyms.len() > 40);
}
