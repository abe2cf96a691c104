//! What stands on a paper, in the order it is read. Both renderers read this and nothing else.
//!
//! The shapes are the template's, so they carry serde; every text in them is data to the template, never markup.

use chrono::{DateTime, Utc};
use serde::Serialize;

/// One paper.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Paper {
    /// What the file says of itself.
    #[serde(skip)]
    pub meta: Meta,
    /// Above the title; an annex has none.
    pub head: Option<Head>,
    /// "ĐIỂM BÁO Y TẾ", in capitals as printed.
    pub title: String,
    /// The line under the title.
    pub subtitle: String,
    /// "Để báo cáo": who is meant to do what with it.
    pub purpose: Option<String>,
    /// The text.
    pub blocks: Vec<Block>,
    /// Below the text; an annex has none.
    pub foot: Option<Foot>,
}

impl Paper {
    /// Sets the end mark "./." behind the last words of the text (annex I, section II, point 6).
    pub(crate) fn end(&mut self) {
        let last = self.blocks.iter_mut().rev().find_map(|block| match block {
            Block::Paragraph { runs } | Block::Detail { runs } | Block::Note { runs, .. } => runs.last_mut(),
            Block::List { lines } => lines.last_mut()?.last_mut(),
            Block::Heading { .. } | Block::Table { .. } | Block::Charts { .. } => None,
        });
        if let Some(run) = last {
            run.text.truncate(run.text.trim_end_matches(['.', ' ']).len());
            run.text.push_str("./.");
        }
    }
}

/// What the file says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meta {
    /// Its title.
    pub title: String,
    /// Who made it.
    pub author: String,
    /// What it is about.
    pub subject: String,
    /// Words to find it by.
    pub keywords: Vec<String>,
    /// The time it carries: of the view, never of the clock.
    pub at: DateTime<Utc>,
}

/// The head of decree 30/2020/NĐ-CP, annex I.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Head {
    /// The authority above, in capitals; may be empty.
    pub above: String,
    /// Who issues it, in capitals.
    pub agency: String,
    /// "Số: …".
    pub number: String,
    /// "Hà Nội, ngày 21 tháng 11 năm 2026".
    pub date: String,
}

/// The foot of decree 30/2020/NĐ-CP, annex I.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Foot {
    /// Lines of "Nơi nhận".
    pub recipients: Vec<String>,
    /// Who signs, by office, in capitals.
    pub office: String,
    /// Who signs, by name.
    pub name: String,
}

/// A part of the text.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Block {
    /// A heading, also a bookmark; level 1 to 3.
    Heading {
        /// 1: section, 2: sub-heading, 3: item.
        level: u8,
        /// Its text.
        runs: Vec<Run>,
    },
    /// A paragraph.
    Paragraph {
        /// Its text.
        runs: Vec<Run>,
    },
    /// A paragraph about the item above: who said it, what is new. Smaller than a paragraph.
    Detail {
        /// Its text.
        runs: Vec<Run>,
    },
    /// Short lines.
    List {
        /// The lines.
        lines: Vec<Vec<Run>>,
    },
    /// A paragraph in a frame.
    Note {
        /// How it looks.
        note: Note,
        /// Its text.
        runs: Vec<Run>,
    },
    /// A table; the first row is its head and repeats on every page.
    Table {
        /// The widths of the columns, in parts of the whole.
        widths: Vec<u32>,
        /// The names of the columns.
        head: Vec<String>,
        /// The rows.
        rows: Vec<Vec<Cell>>,
    },
    /// Charts side by side.
    Charts {
        /// From left to right; at most three.
        charts: Vec<Chart>,
    },
}

/// A cell of a table: its paragraphs.
pub type Cell = Vec<Vec<Run>>;

/// What a framed paragraph means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// Must be known first.
    Warning,
    /// All is well, with proof.
    Clear,
    /// Good to know.
    Plain,
}

/// A piece of text in one style.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Run {
    /// The text, printable (see `fonts`).
    pub text: String,
    /// Its style.
    pub style: RunStyle,
    /// Where it leads: http or https.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// How a piece of text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStyle {
    /// As its paragraph.
    Plain,
    /// Bold.
    Strong,
    /// Italic.
    Emphasis,
    /// A severity, bold and coloured: Đỏ.
    Red,
    /// Cam.
    Orange,
    /// Vàng.
    Yellow,
    /// Xanh.
    Green,
}

impl Run {
    /// Text as its paragraph.
    pub(crate) fn plain(text: &str) -> Self {
        Self::styled(text, RunStyle::Plain)
    }

    /// Bold text.
    pub(crate) fn strong(text: &str) -> Self {
        Self::styled(text, RunStyle::Strong)
    }

    /// Italic text.
    pub(crate) fn emphasis(text: &str) -> Self {
        Self::styled(text, RunStyle::Emphasis)
    }

    /// Text in a style.
    pub(crate) fn styled(text: &str, style: RunStyle) -> Self {
        Self { text: crate::fonts::printable(text), style, link: None }
    }

    /// The same text, leading somewhere.
    pub(crate) fn to(self, url: Option<&str>) -> Self {
        /// Longer addresses are not taken by every reader.
        const MAX_URL: usize = 2000;
        let is_web = |u: &&str| u.starts_with("https://") || u.starts_with("http://");
        let is_plain = |u: &&str| u.len() <= MAX_URL && u.chars().all(|c| c.is_ascii_graphic());
        Self { link: url.filter(is_web).filter(is_plain).map(str::to_owned), ..self }
    }
}

/// A small bar chart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Chart {
    /// What it counts.
    pub title: String,
    /// The bars, from top to bottom.
    pub bars: Vec<Bar>,
}

/// One bar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bar {
    /// Its name.
    pub label: String,
    /// Its length.
    pub n: usize,
    /// A second count within the first, shown darker: incidents.
    pub marked: usize,
}
