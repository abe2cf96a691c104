//! The daily edition on paper: page one says everything that must be known, the rest tells it.

use diembao_digest::{EditionView, GroupView, HighlightView, Section, SectionView, phrases};

use crate::letterhead::midnight;
use crate::{Block, Copy, Letterhead, Meta, Note, Paper, Run, charts, fit, item};

/// The edition as one audience gets it.
#[must_use]
pub fn edition_paper(view: &EditionView, letterhead: &Letterhead, copy: &Copy) -> Paper {
    let mut blocks = opening(view);
    let full = fit::full_items(view);
    for (section, full) in view.sections.iter().zip(&full) {
        blocks.extend(section_blocks(section, full));
    }
    blocks.extend(trend(view));
    blocks.extend(appendix(view));
    blocks.push(Block::Detail { runs: vec![Run::emphasis(&phrases::closing(view))] });
    let mut paper = Paper {
        meta: Meta {
            title: view.title.clone(),
            author: if view.unit.is_empty() { view.agency.clone() } else { view.unit.clone() },
            subject: view.conclusion.clone(),
            keywords: ["điểm báo", "y tế", "báo chí"].map(str::to_owned).to_vec(),
            at: midnight(view.day),
        },
        head: letterhead.head(view.day),
        title: "ĐIỂM BÁO Y TẾ".to_owned(),
        subtitle: phrases::long_day(view.day),
        purpose: copy.label(),
        blocks,
        foot: letterhead.foot(copy),
    };
    paper.end();
    paper
}

/// Findings, coverage, notices and section I.
fn opening(view: &EditionView) -> Vec<Block> {
    let found = vec![Run::strong(&format!("{}. ", view.conclusion)), Run::plain(&format!("{}.", view.coverage))];
    let mut blocks = vec![Block::Paragraph { runs: found }];
    let notice = |text: &String| Block::Note { note: Note::Warning, runs: vec![Run::plain(text)] };
    blocks.extend(view.notices.iter().map(notice));
    if !view.highlights.is_empty() {
        blocks.push(heading(1, "I. Tin nổi bật"));
        for (i, highlight) in view.highlights.iter().enumerate() {
            blocks.push(Block::Paragraph { runs: highlight_runs(highlight, i + 1) });
        }
    }
    blocks
}

fn highlight_runs(highlight: &HighlightView, place: usize) -> Vec<Run> {
    let mut runs = vec![Run::strong(&format!("{place}. "))];
    runs.extend(item::pill(highlight.severity));
    runs.push(Run::strong(&highlight.headline));
    runs.push(Run::plain(&format!(" – {} (mục {}).", phrases::about(highlight), highlight.section.number())));
    runs
}

fn section_blocks(section: &SectionView, full: &[Vec<bool>]) -> Vec<Block> {
    let mut blocks = vec![heading(1, &phrases::section_title(section))];
    let warned = matches!(section.section, Section::Attention | Section::Misinformation);
    blocks.extend(section.empty_note.iter().map(|note| match (warned, section.is_proven) {
        (true, true) => Block::Note { note: Note::Clear, runs: vec![Run::plain(note)] },
        (true, false) => Block::Note { note: Note::Warning, runs: vec![Run::plain(note)] },
        (false, _) => Block::Paragraph { runs: vec![Run::plain(note)] },
    }));
    let mut place = 0;
    for (group, full) in section.groups.iter().zip(full) {
        blocks.extend(group_blocks(group, full, &mut place));
    }
    blocks.extend(section.note.iter().map(|note| Block::Detail { runs: vec![Run::emphasis(note)] }));
    blocks
}

/// The items in their order; lines that follow each other are one list.
fn group_blocks(group: &GroupView, full: &[bool], place: &mut usize) -> Vec<Block> {
    let name = group.heading.as_deref();
    let mut blocks: Vec<Block> = name.map(|h| heading(2, h)).into_iter().collect();
    for (item, full) in group.items.iter().zip(full) {
        if *full {
            *place += 1;
            blocks.extend(item::full(item, &place.to_string(), name));
        } else if let Some(Block::List { lines }) = blocks.last_mut() {
            lines.push(item::line(item, name));
        } else {
            blocks.push(Block::List { lines: vec![item::line(item, name)] });
        }
    }
    blocks
}

/// Section VII.
fn trend(view: &EditionView) -> Vec<Block> {
    let charts = charts::charts(view);
    if charts.is_empty() && view.trend_notes.is_empty() && view.opinion.is_empty() {
        return Vec::new();
    }
    let mut blocks = vec![heading(1, &format!("VII. Dư luận và xu hướng {}", phrases::trend_days(view)))];
    let plain = |text: &String| Block::Paragraph { runs: vec![Run::plain(text)] };
    blocks.extend(view.trend_notes.iter().map(plain));
    if !charts.is_empty() {
        blocks.push(Block::Charts { charts });
    }
    if !view.opinion.is_empty() {
        blocks.push(Block::Paragraph { runs: vec![Run::strong("Vấn đề dư luận quan tâm:")] });
        blocks.push(Block::List { lines: view.opinion.iter().map(|o| vec![Run::plain(o)]).collect() });
    }
    blocks
}

fn appendix(view: &EditionView) -> Vec<Block> {
    let rows = phrases::appendix(view);
    let errata = phrases::errata(view);
    if rows.is_empty() && errata.is_empty() {
        return Vec::new();
    }
    let mut blocks = vec![heading(1, "Phụ lục")];
    if !errata.is_empty() {
        blocks.push(Block::Paragraph { runs: vec![Run::strong("Đính chính:")] });
        blocks.push(Block::List { lines: errata.iter().map(|e| vec![Run::plain(e)]).collect() });
    }
    let row = |(name, text): (&str, String)| Block::Detail {
        runs: vec![Run::strong(&format!("{name}: ")), Run::plain(&format!("{text}."))],
    };
    blocks.extend(rows.into_iter().map(row));
    blocks
}

/// A heading of plain text.
pub(crate) fn heading(level: u8, text: &str) -> Block {
    Block::Heading { level, runs: vec![Run::plain(text)] }
}
