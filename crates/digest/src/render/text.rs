//! The text part: the same edition in 72 columns.

use super::charts::charts;
use super::fit::{Fit, Level};
use super::lines::Page;
use super::phrases;
use crate::wording::{number, short_day, weekday_short};
use crate::{EditionView, ItemView};

/// The longest bar of the chart, in characters.
const BAR: usize = 36;
/// The room of a bar's name, in characters.
const LABEL: usize = 28;

/// The text part, showing what the HTML part shows.
pub(crate) fn render(view: &EditionView, fit: &Fit) -> String {
    let mut out = Page::default();
    head(&mut out, view);
    for (s, section) in view.sections.iter().enumerate() {
        out.heading(&phrases::section_title(section));
        if let Some(note) = &section.empty_note {
            out.paragraph(note, 0);
        }
        for (g, group) in section.groups.iter().enumerate() {
            let mut heading = group.heading.as_deref();
            for (_, view) in group.items.iter().enumerate().filter(|&(i, _)| fit.level(s, g, i) == Level::Full) {
                if let Some(heading) = heading.take() {
                    out.paragraph(&format!("[{heading}]"), 0);
                    out.blank();
                }
                item(&mut out, view, group.heading.as_deref());
            }
        }
        if let Some(note) = phrases::overflow(view, (fit.n(s, Level::Line), fit.n(s, Level::Counted))) {
            out.paragraph(&note, 0);
        }
        if let Some(note) = &section.note {
            out.paragraph(note, 0);
        }
        out.blank();
    }
    trend(&mut out, view);
    appendix(&mut out, view, fit);
    out.finish()
}

fn head(out: &mut Page, view: &EditionView) {
    if !view.agency.is_empty() {
        out.paragraph(&view.agency.to_uppercase(), 0);
    }
    out.paragraph(&view.title.to_uppercase(), 0);
    out.rule('=');
    out.paragraph(&view.conclusion, 0);
    out.paragraph(&view.coverage, 0);
    out.blank();
    for notice in &view.notices {
        out.hanging("! ", notice);
        out.blank();
    }
    if view.highlights.is_empty() {
        return;
    }
    out.heading("I. Tin nổi bật");
    for (i, h) in view.highlights.iter().enumerate() {
        let pill = h.severity.map(|s| format!("[{}] ", phrases::pill(s).to_uppercase())).unwrap_or_default();
        out.hanging(&format!("{}. ", i + 1), &format!("{pill}{}", h.headline));
        out.paragraph(&phrases::about(h), 3);
    }
    out.blank();
}

pub(super) fn item(out: &mut Page, item: &ItemView, heading: Option<&str>) {
    let pill = item.severity.map(|s| format!("[{}] ", phrases::pill(s).to_uppercase())).unwrap_or_default();
    let late = if item.is_late { " (tin chuyển từ kỳ trước)" } else { "" };
    out.hanging("* ", &format!("{pill}{}{late}", item.headline));
    out.paragraph(&phrases::source(item, heading), 2);
    out.paragraph(&phrases::facts(item), 2);
    out.paragraph(&item.summary, 2);
    if !item.news.is_empty() {
        out.paragraph(&format!("Mới so với kỳ trước: {}.", item.news.join("; ")), 2);
    }
    if !item.timeline.is_empty() {
        out.paragraph("Diễn biến:", 2);
        item.timeline.iter().for_each(|turn| out.hanging("  - ", turn));
    }
    if let Some(assessment) = &item.assessment {
        out.paragraph(&format!("Nhận định: {assessment}"), 2);
    }
    if let Some(url) = &item.url {
        out.paragraph(url, 2);
    }
    let (also, more) = phrases::also(item);
    if !also.is_empty() {
        let names: Vec<&str> = also.iter().map(|a| a.outlet.as_str()).collect();
        out.paragraph(&format!("Cùng đưa tin: {}{more}", names.join(", ")), 2);
    }
    out.blank();
}

fn trend(out: &mut Page, view: &EditionView) {
    out.heading(&format!("VII. Dư luận và xu hướng {}", phrases::trend_days(view)));
    for note in &view.trend_notes {
        out.paragraph(note, 0);
    }
    if !view.opinion.is_empty() {
        out.paragraph("Vấn đề dư luận quan tâm:", 0);
        view.opinion.iter().for_each(|o| out.hanging("- ", o));
    }
    let shown = &view.trend[view.trend.len().saturating_sub(phrases::MAX_TREND)..];
    let most = shown.iter().map(|d| d.n_health).max().unwrap_or(0).max(1);
    for day in shown {
        let bar = "█".repeat(day.n_health * BAR / most);
        let space = if bar.is_empty() { "" } else { " " };
        let incidents =
            if day.n_incidents > 0 { format!(", {} sự cố", number(day.n_incidents)) } else { String::new() };
        out.line(&format!(
            "{} {}  {bar}{space}{} bài{incidents}",
            weekday_short(day.day),
            short_day(day.day),
            number(day.n_health)
        ));
    }
    for chart in charts(view) {
        out.blank();
        out.line(&format!("{}:", chart.title));
        let most = chart.bars.iter().map(|(_, n)| *n).max().unwrap_or(0).max(1);
        for (name, n) in &chart.bars {
            let bar = "█".repeat((n * BAR / most).max(1));
            let pad = " ".repeat(LABEL.saturating_sub(name.chars().count()));
            out.line(&format!("{name}{pad} {bar} {}", number(*n)));
        }
    }
    out.blank();
}

fn appendix(out: &mut Page, view: &EditionView, fit: &Fit) {
    out.heading("Phụ lục");
    let errata = phrases::errata(view);
    if !errata.is_empty() {
        out.paragraph("Đính chính:", 0);
        for erratum in errata {
            out.hanging("- ", &erratum);
        }
        out.blank();
    }
    lines(out, view, fit);
    for (name, text) in phrases::appendix(view) {
        out.paragraph(&format!("{name}: {text}"), 0);
        out.blank();
    }
    out.rule('-');
    out.paragraph(&phrases::closing(view), 0);
}

fn lines(out: &mut Page, view: &EditionView, fit: &Fit) {
    let mut any = false;
    for (s, section) in view.sections.iter().enumerate() {
        for (g, group) in section.groups.iter().enumerate() {
            for (_, item) in group.items.iter().enumerate().filter(|&(i, _)| fit.level(s, g, i) == Level::Line) {
                if !any {
                    out.paragraph("Các tin khác:", 0);
                    any = true;
                }
                out.hanging("- ", &format!("{} {}", item.headline, phrases::source(item, None)));
                if let Some(url) = &item.url {
                    out.paragraph(url, 2);
                }
            }
        }
    }
    if any {
        out.blank();
    }
}
