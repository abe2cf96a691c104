//! One story on paper: told in full, or as a line.

use diembao_digest::{ItemView, phrases};
use diembao_news::Severity;

use crate::{Block, Run, RunStyle};

/// The style of a severity.
pub(crate) fn style_of(severity: Severity) -> RunStyle {
    match severity {
        Severity::Red => RunStyle::Red,
        Severity::Orange => RunStyle::Orange,
        Severity::Yellow => RunStyle::Yellow,
        Severity::Green => RunStyle::Green,
    }
}

/// "[Mức Cam] ", if a story is flagged.
pub(crate) fn pill(severity: Option<Severity>) -> Option<Run> {
    severity.map(|s| Run::styled(&format!("[{}] ", phrases::pill(s)), style_of(s)))
}

/// An item told in full: headline, summary, what is known, who else, and an editor's assessment.
pub(crate) fn full(item: &ItemView, place: &str, heading: Option<&str>) -> Vec<Block> {
    let mut runs = vec![Run::plain(&format!("{place}. "))];
    runs.extend(pill(item.severity));
    runs.push(Run::plain(&item.headline));
    let mut blocks = vec![Block::Heading { level: 3, runs }];
    let mut text = Vec::new();
    if !item.summary.is_empty() {
        text.push(Run::plain(&format!("{} ", item.summary)));
    }
    text.push(source(item, heading));
    blocks.push(Block::Paragraph { runs: text });
    blocks.extend(details(item).into_iter().map(|runs| Block::Detail { runs }));
    blocks.extend(
        item.assessment.iter().map(|a| Block::Note {
            note: crate::Note::Plain,
            runs: vec![Run::strong("Nhận định: "), Run::emphasis(a)],
        }),
    );
    blocks
}

/// An item as one line of a list.
pub(crate) fn line(item: &ItemView, heading: Option<&str>) -> Vec<Run> {
    let mut runs: Vec<Run> = pill(item.severity).into_iter().collect();
    runs.push(Run::plain(&format!("{} ", item.headline)));
    runs.push(source(item, heading));
    runs
}

/// "(Tuổi Trẻ, 14:05 20/11)", leading to the article.
fn source(item: &ItemView, heading: Option<&str>) -> Run {
    Run::emphasis(&phrases::source(item, heading)).to(item.url.as_deref())
}

/// What is known beyond the summary, one line each.
fn details(item: &ItemView) -> Vec<Vec<Run>> {
    let mut lines = Vec::new();
    if item.is_late {
        lines.push(vec![Run::emphasis("Tin đến muộn, chuyển từ kỳ trước.")]);
    }
    let facts = phrases::facts(item);
    if !facts.is_empty() {
        lines.push(vec![Run::plain(&facts)]);
    }
    if !item.news.is_empty() {
        lines.push(vec![Run::strong("Mới: "), Run::plain(&format!("{}.", item.news.join("; ")))]);
    }
    if !item.timeline.is_empty() {
        lines.push(vec![Run::strong("Diễn biến: "), Run::plain(&format!("{}.", item.timeline.join("; ")))]);
    }
    let (also, more) = phrases::also(item);
    if !also.is_empty() {
        let mut runs = vec![Run::strong("Cùng đưa tin: ")];
        for (i, other) in also.iter().enumerate() {
            if i > 0 {
                runs.push(Run::plain(", "));
            }
            runs.push(Run::plain(&other.outlet).to(other.url.as_deref()));
        }
        runs.push(Run::plain(&format!("{more}.")));
        lines.push(runs);
    }
    lines
}
