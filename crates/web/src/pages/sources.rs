//! `/sources`: which outlets can be read, and what is wrong with the others.

use axum::extract::{Query, State};
use chrono::{DateTime, Utc};
use diembao_feeds::health::{Ailment, Grade};
use diembao_news::{ChannelKind, Tier};
use diembao_pipeline::{ChannelHealth, SourceHealth};
use serde::{Deserialize, Serialize};

use crate::access::Actor;
use crate::answer::Answer;
use crate::format::{distance, number};
use crate::html::{self, Sheet};
use crate::pages::shared::Choice;
use crate::state::Console;

/// Which sources.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    state: String,
}

#[derive(Serialize)]
struct View {
    n_all: usize,
    counts: Vec<Choice>,
    sources: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    id: String,
    name: String,
    tier: &'static str,
    chip: &'static str,
    state: &'static str,
    home: Option<String>,
    note: Option<String>,
    channels: Vec<ChannelRow>,
}

#[derive(Serialize)]
struct ChannelRow {
    id: String,
    kind: &'static str,
    success: String,
    item: String,
    n: String,
    problem: String,
    said: String,
}

/// What a grade is called, in an address and on screen, and its colour.
fn words(grade: Grade) -> (&'static str, &'static str, &'static str) {
    match grade {
        Grade::Broken => ("broken", "hỏng", "red"),
        Grade::Doubtful => ("doubtful", "đáng ngờ", "yellow"),
        Grade::Unknown => ("unknown", "chưa hỏi", ""),
        Grade::Off => ("off", "không theo dõi", ""),
        Grade::Good => ("good", "tốt", "green"),
    }
}

const GRADES: [Grade; 4] = [Grade::Broken, Grade::Doubtful, Grade::Unknown, Grade::Good];

fn ailment(a: Ailment) -> &'static str {
    match a {
        Ailment::Challenge => "bị trang chặn bằng trang kiểm tra",
        Ailment::NeverWorked => "chưa bao giờ đọc được",
        Ailment::Failing => "trước đọc được, nay không",
        Ailment::HtmlInstead => "trả về trang web thay cho nguồn cấp",
        Ailment::Empty => "trả lời nhưng không có tin",
        Ailment::Silent => "không có tin mới lâu hơn thường lệ",
        Ailment::Unreadable => "bài không đọc được nội dung",
        Ailment::Fewer => "ít tin hơn thường lệ",
        Ailment::ClockSkew => "đồng hồ máy chủ của báo bị lệch",
    }
}

/// GET /sources
pub(crate) async fn show(State(console): State<Console>, actor: Actor, Query(asked): Query<Asked>) -> Answer {
    let now = console.p.clock.now();
    let health = console.sources().await?;
    let mut all: Vec<(Grade, &SourceHealth)> = health.iter().map(|h| (h.grade(), h)).collect();
    let count = |g: Grade| all.iter().filter(|(grade, _)| *grade == g).count();
    let mut counts =
        vec![Choice { value: String::new(), name: format!("tất cả ({})", all.len()), on: asked.state.is_empty() }];
    counts.extend(GRADES.map(|g| {
        let (value, name, _) = words(g);
        Choice { value: value.to_owned(), name: format!("{name} ({})", count(g)), on: asked.state == value }
    }));
    let n_all = all.len();
    all.retain(|(g, _)| asked.state.is_empty() || words(*g).0 == asked.state);
    all.sort_by_key(|(g, h)| (GRADES.iter().position(|x| x == g), h.outlet.name.clone()));
    let view = View { n_all, counts, sources: all.into_iter().map(|(g, h)| row(g, h, now)).collect() };
    html::page(&actor, Sheet { template: "sources.html", title: "Nguồn tin", place: "/sources", done: None }, view)
}

fn row(grade: Grade, health: &SourceHealth, now: DateTime<Utc>) -> Row {
    let outlet = &health.outlet;
    let (_, state, chip) = words(grade);
    let tier = match outlet.tier {
        Tier::Central => "báo trung ương",
        Tier::Health => "báo ngành y tế",
        Tier::Gov => "cơ quan nhà nước",
        Tier::Local => "báo địa phương",
    };
    Row {
        id: outlet.id.to_string(),
        name: outlet.name.clone(),
        tier,
        chip,
        state,
        home: outlet.home.as_ref().map(|u| u.as_str().to_owned()),
        note: outlet.note.clone(),
        channels: health.polled().map(|c| channel(c, now)).collect(),
    }
}

fn channel(health: &ChannelHealth, now: DateTime<Utc>) -> ChannelRow {
    let ago = |t: Option<DateTime<Utc>>| t.map_or_else(|| "chưa lần nào".to_owned(), |t| distance(t, now));
    let state = health.state.as_ref();
    let found = health.diagnosis.findings.iter().map(|f| ailment(f.ailment));
    ChannelRow {
        id: health.channel.id.to_string(),
        kind: match health.channel.kind {
            ChannelKind::Feed => "nguồn cấp",
            ChannelKind::Sitemap => "sơ đồ trang",
            ChannelKind::Section => "trang mục",
        },
        success: ago(state.and_then(|s| s.last_success)),
        item: ago(state.and_then(|s| s.last_new_item)),
        n: number(state.map_or(0, |s| s.n_items_total.unsigned_abs())),
        problem: found.collect::<Vec<_>>().join("; "),
        said: state.and_then(|s| s.last_problem.clone()).unwrap_or_default(),
    }
}
