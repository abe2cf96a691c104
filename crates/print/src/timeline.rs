//! A story's turns on paper.

use chrono::{DateTime, Utc};
use diembao_digest::{TimelineEntry, phrases};

use crate::edition::heading;
use crate::{Block, Cell, Copy, Letterhead, Meta, Paper, Run};

/// The turns of a story, oldest first, as they stood at a time.
#[must_use]
pub fn timeline_paper(title: &str, turns: &[TimelineEntry], letterhead: &Letterhead, at: DateTime<Utc>) -> Paper {
    let day = crate::drafts::local(at).date_naive();
    let mut blocks = vec![heading(1, title)];
    blocks.push(Block::Paragraph {
        runs: vec![Run::plain(&format!("Cập nhật đến {}; {} mốc.", phrases::time(at), phrases::number(turns.len())))],
    });
    blocks.push(Block::Table {
        widths: vec![18, 26, 56],
        head: ["Thời gian", "Nguồn", "Nội dung đăng"].map(str::to_owned).to_vec(),
        rows: turns.iter().map(cells).collect(),
    });
    blocks.push(Block::Paragraph {
        runs: vec![Run::emphasis(
            "Tiêu đề được trích nguyên văn; nội dung là phản ánh của báo chí, chưa phải kết luận.",
        )],
    });
    let mut paper = Paper {
        meta: Meta {
            title: format!("Diễn biến: {title}"),
            author: letterhead.unit.clone(),
            subject: title.to_owned(),
            keywords: ["diễn biến", "báo chí"].map(str::to_owned).to_vec(),
            at,
        },
        head: Some(letterhead.head(day)),
        title: "DIỄN BIẾN THÔNG TIN BÁO CHÍ".to_owned(),
        subtitle: String::new(),
        purpose: None,
        blocks,
        foot: Some(letterhead.foot(&Copy::default())),
    };
    paper.end();
    paper
}

fn cells(turn: &TimelineEntry) -> Vec<Cell> {
    let mut what = vec![vec![Run::plain(&turn.headline)]];
    if turn.is_official {
        what.push(vec![Run::emphasis("Phát ngôn chính thức đầu tiên")]);
    }
    vec![vec![vec![Run::plain(&phrases::time(turn.at))]], vec![vec![Run::plain(&turn.outlet)]], what]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{input, letterhead, t};

    #[test]
    fn turns_stand_in_their_order() {
        let turns = diembao_digest::timeline(&input(1, 1, 0).stories[0].articles, 9);
        let paper = timeline_paper("31 học sinh nhập viện", &turns, &letterhead(), t(7));
        let Some(Block::Table { rows, .. }) = paper.blocks.iter().find(|b| matches!(b, Block::Table { .. })) else {
            panic!("{:?}", paper.blocks);
        };
        assert_eq!(rows.len(), turns.len());
        assert_eq!(rows[0][1][0][0].text, turns[0].outlet);
    }
}
