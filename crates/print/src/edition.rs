//! The daily edition on paper: page one says everything that must be known, the rest tells it on four pages; what
//! does not stand there stands in an annex.

use diembao_digest::{EditionView, Fit, GroupView, HighlightView, Level, Section, SectionView, phrases};

use crate::letterhead::midnight;
use crate::{Block, Copy, Letterhead, Meta, Note, Paper, PrintError, Run, charts, fit, item, pdf};

/// An edition on paper.
#[derive(Debug, Clone, PartialEq)]
pub struct EditionPapers {
    /// What is read: at most four pages as PDF.
    pub digest: Paper,
    /// The stories and lists that do not stand there; none when all do.
    pub annex: Option<Paper>,
}

/// The edition as one audience gets it. Typesets it, to see how much fits: call it off the async threads.
///
/// # Errors
/// When the typesetter refuses it, which a view does not cause.
pub fn edition_papers(view: &EditionView, letterhead: &Letterhead, copy: &Copy) -> Result<EditionPapers, PrintError> {
    let made = |room| {
        let levels = fit::levels(view, room);
        let digest = digest(view, &levels, letterhead, copy);
        Ok::<_, PrintError>((pdf::n_pages(&digest)?, EditionPapers { digest, annex: annex(view, &levels) }))
    };
    let (mut room, mut fits, mut too_much) = (fit::ROOM, None, None);
    for _ in 0..fit::MAX_TRIES {
        let (pages, papers) = made(room)?;
        if pages <= fit::MAX_PAGES {
            fits = Some((room, papers));
        } else {
            too_much = Some(room);
        }
        let Some(next) = fit::next_room(room, pages, fits.as_ref().map(|f| f.0), too_much) else {
            break;
        };
        room = next;
    }
    match fits {
        Some((_, papers)) => Ok(papers),
        // Should not even the least fit, it leaves all the same.
        None => Ok(made(0)?.1),
    }
}

fn digest(view: &EditionView, levels: &Fit, letterhead: &Letterhead, copy: &Copy) -> Paper {
    let n_elsewhere = n_elsewhere(view, levels);
    let mut blocks = opening(view, n_elsewhere);
    for (s, section) in view.sections.iter().enumerate() {
        blocks.extend(section_blocks(section, s, levels));
    }
    blocks.extend(trend(view));
    let rows = if n_elsewhere == 0 { phrases::appendix(view) } else { Vec::new() };
    blocks.extend(appendix(view, rows));
    blocks.push(Block::Detail { runs: vec![Run::emphasis(&phrases::closing(view))] });
    let mut paper = Paper {
        meta: meta(view, &view.title),
        head: Some(letterhead.head(view.day)),
        title: "ĐIỂM BÁO Y TẾ".to_owned(),
        subtitle: phrases::long_day(view.day),
        purpose: copy.label(),
        blocks,
        foot: Some(letterhead.foot(copy)),
    };
    paper.end();
    paper
}

/// A line for every story that is only counted, then the lists of sources.
fn annex(view: &EditionView, levels: &Fit) -> Option<Paper> {
    if n_elsewhere(view, levels) == 0 {
        return None;
    }
    let mut blocks = Vec::new();
    for (s, section) in view.sections.iter().enumerate().filter(|&(s, _)| levels.n(s, Level::Counted) > 0) {
        blocks.push(heading(1, &phrases::section_title(section)));
        for (g, group) in section.groups.iter().enumerate() {
            let name = group.heading.as_deref();
            let counted = group.items.iter().enumerate().filter(|&(i, _)| levels.level(s, g, i) == Level::Counted);
            let lines: Vec<Vec<Run>> = counted.map(|(_, i)| item::line(i, name)).collect();
            if !lines.is_empty() {
                blocks.extend(name.map(|h| heading(2, h)));
                blocks.push(Block::List { lines });
            }
        }
    }
    let rows = phrases::appendix(view);
    if !rows.is_empty() {
        blocks.push(heading(1, "Nguồn tin"));
        blocks.extend(rows.into_iter().map(row));
    }
    let mut paper = Paper {
        meta: meta(view, &format!("Phụ lục: {}", view.title)),
        head: None,
        title: "PHỤ LỤC".to_owned(),
        subtitle: "Các tin không nêu trong bản chính".to_owned(),
        purpose: Some(format!("Kèm theo {}", view.title)),
        blocks,
        foot: None,
    };
    paper.end();
    Some(paper)
}

fn n_elsewhere(view: &EditionView, levels: &Fit) -> usize {
    (0..view.sections.len()).map(|s| levels.n(s, Level::Counted)).sum()
}

fn meta(view: &EditionView, title: &str) -> Meta {
    Meta {
        title: title.to_owned(),
        author: if view.unit.is_empty() { view.agency.clone() } else { view.unit.clone() },
        subject: view.conclusion.clone(),
        keywords: ["điểm báo", "y tế", "báo chí"].map(str::to_owned).to_vec(),
        at: midnight(view.day),
    }
}

/// Findings, coverage, what stands elsewhere, notices and section I.
fn opening(view: &EditionView, n_elsewhere: usize) -> Vec<Block> {
    let mut found = vec![Run::strong(&format!("{}. ", view.conclusion)), Run::plain(&format!("{}.", view.coverage))];
    if n_elsewhere > 0 {
        let told = phrases::number(view.counts.stories - n_elsewhere);
        let all = phrases::number(view.counts.stories);
        let rest = phrases::number(n_elsewhere);
        found.push(Run::strong(&format!(" Bản này nêu {told}/{all} tin; {rest} tin còn lại ở phụ lục kèm theo.")));
    }
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

fn section_blocks(section: &SectionView, s: usize, levels: &Fit) -> Vec<Block> {
    let mut blocks = vec![heading(1, &phrases::section_title(section))];
    let warned = matches!(section.section, Section::Attention | Section::Misinformation);
    blocks.extend(section.empty_note.iter().map(|note| match (warned, section.is_proven) {
        (true, true) => Block::Note { note: Note::Clear, runs: vec![Run::plain(note)] },
        (true, false) => Block::Note { note: Note::Warning, runs: vec![Run::plain(note)] },
        (false, _) => Block::Paragraph { runs: vec![Run::plain(note)] },
    }));
    let mut place = 0;
    for (g, group) in section.groups.iter().enumerate() {
        let levels: Vec<Level> = (0..group.items.len()).map(|i| levels.level(s, g, i)).collect();
        blocks.extend(group_blocks(group, &levels, &mut place));
    }
    let rest = levels.n(s, Level::Counted);
    if rest > 0 {
        let text = format!("Còn {} tin của mục này ở phụ lục kèm theo.", phrases::number(rest));
        blocks.push(Block::Detail { runs: vec![Run::emphasis(&text)] });
    }
    blocks.extend(section.note.iter().map(|note| Block::Detail { runs: vec![Run::emphasis(note)] }));
    blocks
}

/// The items in their order; lines that follow each other are one list.
fn group_blocks(group: &GroupView, levels: &[Level], place: &mut usize) -> Vec<Block> {
    let name = group.heading.as_deref();
    let mut blocks = Vec::new();
    for (item, level) in group.items.iter().zip(levels) {
        match (level, blocks.last_mut()) {
            (Level::Full, _) => {
                *place += 1;
                blocks.extend(item::full(item, &place.to_string(), name));
            }
            (Level::Line, Some(Block::List { lines })) => lines.push(item::line(item, name)),
            (Level::Line, _) => blocks.push(Block::List { lines: vec![item::line(item, name)] }),
            (Level::Counted, _) => {}
        }
    }
    if let (Some(name), false) = (name, blocks.is_empty()) {
        blocks.insert(0, heading(2, name));
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

fn appendix(view: &EditionView, rows: Vec<(&'static str, String)>) -> Vec<Block> {
    let errata = phrases::errata(view);
    if rows.is_empty() && errata.is_empty() {
        return Vec::new();
    }
    let mut blocks = vec![heading(1, "Phụ lục")];
    if !errata.is_empty() {
        blocks.push(Block::Paragraph { runs: vec![Run::strong("Đính chính:")] });
        blocks.push(Block::List { lines: errata.iter().map(|e| vec![Run::plain(e)]).collect() });
    }
    blocks.extend(rows.into_iter().map(row));
    blocks
}

fn row((name, text): (&str, String)) -> Block {
    Block::Detail { runs: vec![Run::strong(&format!("{name}: ")), Run::plain(&format!("{text}."))] }
}

/// A heading of plain text.
pub(crate) fn heading(level: u8, text: &str) -> Block {
    Block::Heading { level, runs: vec![Run::plain(text)] }
}
