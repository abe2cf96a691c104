//! What the templates are given: ready strings only.

use diembao_news::Severity;
use minijinja::Value;
use serde::Serialize;

use super::phrases;

#[derive(Default)]
pub(super) struct Pill {
    pub(super) text: Option<String>,
    pub(super) class: &'static str,
    pub(super) color: &'static str,
}

/// Class and colours of a box that says nothing was found, or that nothing is known.
pub(super) fn empty_box(is_proven: bool) -> (&'static str, &'static str) {
    if is_proven {
        ("ok", "background:#e8f5ec;border-left:4px solid #2e7d32")
    } else {
        ("wa", "background:#fdecea;border-left:4px solid #b3261e")
    }
}

impl Pill {
    pub(super) fn of(severity: Option<Severity>) -> Self {
        let Some(severity) = severity else {
            return Self::default();
        };
        let (class, color) = match severity {
            Severity::Red => ("pr", "#b3261e"),
            Severity::Orange => ("po", "#a84a00"),
            Severity::Yellow => ("py", "#7a5c00"),
            Severity::Green => ("pe", "#2e6b34"),
        };
        Self { text: Some(phrases::pill(severity)), class, color }
    }
}

#[derive(Serialize)]
pub(super) struct Page<'a> {
    pub(super) style: Value,
    pub(super) subject: &'a str,
    pub(super) preview: String,
    pub(super) agency: &'a str,
    pub(super) day: String,
    pub(super) conclusion: &'a str,
    pub(super) coverage: &'a str,
    pub(super) notices: &'a [String],
    pub(super) highlights: Vec<HighlightRow<'a>>,
    pub(super) sections: Vec<SectionRow<'a>>,
    pub(super) trend_days: String,
    pub(super) trend_notes: &'a [String],
    pub(super) opinion: &'a [String],
    pub(super) trend: Vec<DayRow>,
    pub(super) charts: Vec<ChartRow>,
    pub(super) errata: Vec<String>,
    pub(super) lines: Vec<Value>,
    pub(super) appendix: Vec<Row>,
    pub(super) closing: String,
}

#[derive(Serialize)]
pub(super) struct HighlightRow<'a> {
    pub(super) pill: Option<String>,
    pub(super) pill_class: &'static str,
    pub(super) pill_color: &'static str,
    pub(super) headline: &'a str,
    pub(super) about: String,
}

#[derive(Serialize)]
pub(super) struct SectionRow<'a> {
    pub(super) title: String,
    pub(super) empty: Option<&'a str>,
    pub(super) empty_class: &'static str,
    pub(super) empty_style: &'static str,
    pub(super) groups: Vec<GroupRow<'a>>,
    pub(super) silent: Option<&'a str>,
    pub(super) note: Option<String>,
}

#[derive(Serialize)]
pub(super) struct GroupRow<'a> {
    pub(super) heading: Option<&'a str>,
    pub(super) items: Vec<Value>,
}

#[derive(Serialize)]
pub(super) struct ItemRow<'a> {
    pub(super) ruled: bool,
    pub(super) pill: Option<String>,
    pub(super) pill_class: &'static str,
    pub(super) pill_color: &'static str,
    pub(super) late: bool,
    pub(super) headline: &'a str,
    pub(super) source: &'a str,
    pub(super) facts: String,
    pub(super) summary: &'a str,
    pub(super) news: String,
    pub(super) timeline: &'a [String],
    pub(super) assessment: Option<&'a str>,
    pub(super) url: Option<&'a str>,
    pub(super) host: Option<String>,
    pub(super) also: Vec<Also<'a>>,
    pub(super) more: String,
}

#[derive(Serialize)]
pub(super) struct LineRow<'a> {
    pub(super) url: Option<&'a str>,
    pub(super) headline: &'a str,
    pub(super) source: &'a str,
}

#[derive(Serialize)]
pub(super) struct Also<'a> {
    pub(super) name: &'a str,
    pub(super) url: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct DayRow {
    pub(super) day: String,
    pub(super) width: usize,
    pub(super) count: String,
    pub(super) incidents: Option<String>,
}

#[derive(Serialize)]
pub(super) struct ChartRow {
    pub(super) title: &'static str,
    pub(super) bars: Vec<BarRow>,
}

#[derive(Serialize)]
pub(super) struct BarRow {
    pub(super) name: String,
    pub(super) width: usize,
    pub(super) count: String,
}

#[derive(Serialize)]
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) text: String,
}

#[derive(Serialize)]
pub(super) struct BulletinPage<'a> {
    pub(super) style: Value,
    pub(super) subject: &'a str,
    pub(super) preview: &'a str,
    pub(super) agency: &'a str,
    pub(super) day: String,
    pub(super) conclusion: &'a str,
    pub(super) coverage: &'a str,
    pub(super) empty: Option<&'a str>,
    pub(super) empty_class: &'static str,
    pub(super) empty_style: &'static str,
    pub(super) items: Vec<Value>,
    pub(super) more: Option<String>,
    pub(super) closing: &'static str,
}
