//! The HTML part: one column of tables and inline styles, no remote resources, at most 100 KB.

use std::sync::LazyLock;

use minijinja::value::Serde;
use minijinja::{Environment, Value};
use serde::Serialize;

use super::charts::{Chart, charts};
use super::fit::{Fit, Level, Sizes};
use super::rows::{
    Also, BarRow, ChartRow, DayRow, GroupRow, HighlightRow, ItemRow, LineRow, Page, Pill, Row, SectionRow,
};
use super::{MAX_HTML, phrases};
use crate::wording::{host, long_day, number, short_day, weekday_short};
use crate::{EditionView, GroupView, HighlightView, ItemView, Section, SectionView};

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut env = Environment::new();
    for (name, source) in [
        ("head.html", include_str!("../../templates/head.html")),
        ("edition.html", include_str!("../../templates/edition.html")),
        ("bulletin.html", include_str!("../../templates/bulletin.html")),
        ("correction.html", include_str!("../../templates/correction.html")),
        ("item.html", include_str!("../../templates/item.html")),
        ("line.html", include_str!("../../templates/line.html")),
    ] {
        env.add_template(name, source).expect("the embedded template parses");
    }
    env
});

/// The share of the room that full items may take when not all fit, in hundredths.
const FULL_SHARE: usize = 78;
/// Kept free for headings and notes of what is left out, in bytes.
const SLACK: usize = 3_000;

/// The HTML part and what it shows of each item.
pub(crate) fn render(view: &EditionView) -> (String, Fit) {
    let parts: Vec<Vec<Vec<Parts>>> = view.sections.iter().map(|s| s.groups.iter().map(parts_of).collect()).collect();
    let sizes = sizes(&parts);
    let none = Fit::choose(view, &sizes, 0, 0);
    let frame = page(view, &parts, &none).len() + headings(view) + SLACK;
    let mut room = MAX_HTML.saturating_sub(frame);
    loop {
        let all: usize = sizes.iter().flatten().flatten().map(|s| s.full).sum();
        let room_full = if all <= room { room } else { room * FULL_SHARE / 100 };
        let fit = Fit::choose(view, &sizes, room_full, room);
        let html = page(view, &parts, &fit);
        if html.len() <= MAX_HTML || room == 0 {
            return (html, fit);
        }
        room = room.saturating_sub(html.len() - MAX_HTML + SLACK);
    }
}

fn parts_of(group: &GroupView) -> Vec<Parts> {
    let heading = group.heading.as_deref();
    group.items.iter().enumerate().map(|(i, item)| Parts::of(item, heading, i)).collect()
}

/// The style sheet of every mail: dark mode and small screens; the rest is inline.
pub(super) fn style() -> Value {
    Value::from_safe_string(include_str!("../../templates/style.css").to_owned())
}

/// One item's two forms.
pub(super) struct Parts {
    pub(super) full: String,
    line: String,
}

impl Parts {
    pub(super) fn of(item: &ItemView, heading: Option<&str>, place: usize) -> Self {
        let source = phrases::source(item, heading);
        let (also, more) = phrases::also(item);
        let pill = Pill::of(item.severity);
        let row = ItemRow {
            ruled: place > 0,
            pill: pill.text,
            pill_class: pill.class,
            pill_color: pill.color,
            late: item.is_late,
            headline: &item.headline,
            source: &source,
            facts: phrases::facts(item),
            summary: &item.summary,
            news: item.news.join("; "),
            timeline: &item.timeline,
            assessment: item.assessment.as_deref(),
            url: item.url.as_deref(),
            host: item.url.as_deref().map(host),
            also: also.iter().map(|a| Also { name: &a.outlet, url: a.url.as_deref() }).collect(),
            more,
        };
        let line = LineRow { url: item.url.as_deref(), headline: &item.headline, source: &source };
        Self { full: fill("item.html", &row), line: fill("line.html", &line) }
    }
}

pub(super) fn fill(name: &str, row: &impl Serialize) -> String {
    let template = TEMPLATES.get_template(name).expect("the template is embedded");
    template.render(Serde(row)).expect("the embedded template only loops over what it is given")
}

fn sizes(parts: &[Vec<Vec<Parts>>]) -> Vec<Vec<Vec<Sizes>>> {
    let size = |p: &Parts| Sizes { full: p.full.len() + 1, line: p.line.len() + 1 };
    parts.iter().map(|s| s.iter().map(|g| g.iter().map(size).collect()).collect()).collect()
}

/// Room for the sub-headings, which an empty page does not show.
fn headings(view: &EditionView) -> usize {
    let headings = view.sections.iter().flat_map(|s| &s.groups).filter_map(|g| g.heading.as_ref());
    headings.map(|h| h.len() + 120).sum::<usize>().min(MAX_HTML / 10)
}

fn page(view: &EditionView, parts: &[Vec<Vec<Parts>>], fit: &Fit) -> String {
    let sections = view.sections.iter().enumerate().map(|(s, section)| {
        let note = phrases::overflow(view, (fit.n(s, Level::Line), fit.n(s, Level::Counted)));
        SectionRow { note, ..section_row(section, s, &parts[s], fit) }
    });
    let shown = &view.trend[view.trend.len().saturating_sub(phrases::MAX_TREND)..];
    let most = shown.iter().map(|d| d.n_health).max().unwrap_or(0).max(1);
    fill(
        "edition.html",
        &Page {
            style: style(),
            subject: &view.subject,
            preview: preview(view),
            agency: &view.agency,
            day: long_day(view.day),
            conclusion: &view.conclusion,
            coverage: &view.coverage,
            notices: &view.notices,
            highlights: view.highlights.iter().map(highlight_row).collect(),
            sections: sections.collect(),
            trend_days: phrases::trend_days(view),
            trend_notes: &view.trend_notes,
            opinion: &view.opinion,
            trend: shown
                .iter()
                .map(|d| DayRow {
                    day: format!("{} {}", weekday_short(d.day), short_day(d.day)),
                    width: d.n_health * 60 / most,
                    count: format!("{} bài", number(d.n_health)),
                    incidents: (d.n_incidents > 0).then(|| format!("{} sự cố", number(d.n_incidents))),
                })
                .collect(),
            charts: charts(view).into_iter().map(chart_row).collect(),
            errata: phrases::errata(view),
            lines: lines(parts, fit),
            appendix: phrases::appendix(view).into_iter().map(|(name, text)| Row { name, text }).collect(),
            closing: phrases::closing(view),
        },
    )
}

fn chart_row(chart: Chart) -> ChartRow {
    let most = chart.bars.iter().map(|(_, n)| *n).max().unwrap_or(0).max(1);
    let bar = |(name, n): (String, usize)| BarRow { name, width: (n * 60 / most).max(1), count: number(n) };
    ChartRow { title: chart.title, bars: chart.bars.into_iter().map(bar).collect() }
}

fn section_row<'a>(section: &'a SectionView, s: usize, parts: &'a [Vec<Parts>], fit: &Fit) -> SectionRow<'a> {
    let groups = section.groups.iter().zip(parts).enumerate().map(|(g, (group, items))| GroupRow {
        heading: group.heading.as_deref(),
        items: safe(items.iter().enumerate().filter(|&(i, _)| fit.level(s, g, i) == Level::Full).map(|(_, p)| &p.full)),
    });
    let warned = matches!(section.section, Section::Attention | Section::Misinformation);
    let (empty_class, empty_style) = match (warned, section.is_proven) {
        (true, true) => ("ok", "padding:8px 12px;background:#e8f5ec;border-left:4px solid #2e7d32"),
        (true, false) => ("wa", "padding:8px 12px;background:#fdecea;border-left:4px solid #b3261e"),
        (false, _) => ("mu", "color:#52606d"),
    };
    SectionRow {
        title: phrases::section_title(section),
        empty: section.empty_note.as_deref(),
        empty_class,
        empty_style,
        groups: groups.filter(|g| !g.items.is_empty()).collect(),
        silent: section.note.as_deref(),
        note: None,
    }
}

fn lines(parts: &[Vec<Vec<Parts>>], fit: &Fit) -> Vec<Value> {
    let all = parts.iter().enumerate().flat_map(|(s, groups)| {
        groups.iter().enumerate().flat_map(move |(g, items)| items.iter().enumerate().map(move |(i, p)| (s, g, i, p)))
    });
    safe(all.filter(|&(s, g, i, _)| fit.level(s, g, i) == Level::Line).map(|(_, _, _, p)| &p.line))
}

/// Parts that a template has already escaped.
pub(super) fn safe<'a>(parts: impl Iterator<Item = &'a String>) -> Vec<Value> {
    parts.map(|p| Value::from_safe_string(p.clone())).collect()
}

fn highlight_row(highlight: &HighlightView) -> HighlightRow<'_> {
    let pill = Pill::of(highlight.severity);
    HighlightRow {
        pill: pill.text,
        pill_class: pill.class,
        pill_color: pill.color,
        headline: &highlight.headline,
        about: phrases::about(highlight),
    }
}

/// What a mail client shows beside the subject.
fn preview(view: &EditionView) -> String {
    let first: Vec<&str> = view.highlights.iter().take(2).map(|h| h.headline.as_str()).collect();
    if first.is_empty() { view.coverage.clone() } else { first.join(" · ") }
}
