//! The second bulletin on paper: a table of what needs an answer, from whom, by when.

use diembao_digest::{BulletinRow, BulletinView, phrases};

use crate::letterhead::midnight;
use crate::{Block, Cell, Copy, Letterhead, Meta, Note, Paper, Run, item};

/// The bulletin "Thông tin bất cập" as one audience gets it.
#[must_use]
pub fn bulletin_paper(view: &BulletinView, letterhead: &Letterhead, copy: &Copy) -> Paper {
    let mut blocks = vec![Block::Paragraph {
        runs: vec![Run::strong(&format!("{}. ", view.conclusion)), Run::plain(&format!("{}.", view.coverage))],
    }];
    blocks.extend(view.empty_note.iter().map(|note| Block::Note {
        note: if view.is_proven { Note::Clear } else { Note::Warning },
        runs: vec![Run::plain(note)],
    }));
    if !view.rows.is_empty() {
        blocks.push(Block::Table {
            widths: vec![6, 52, 24, 18],
            head: ["TT", "Thông tin báo chí phản ánh", "Đơn vị trả lời", "Thời hạn"].map(str::to_owned).to_vec(),
            rows: view.rows.iter().enumerate().map(|(i, row)| cells(row, i + 1)).collect(),
        });
    }
    blocks.push(Block::Paragraph {
        runs: vec![Run::emphasis(
            "Nội dung nêu trên là phản ánh của báo chí, chưa phải kết luận. Đơn vị và thời hạn ghi “đề xuất” cần được người có thẩm quyền quyết định.",
        )],
    });
    let mut paper = Paper {
        meta: Meta {
            title: view.title.clone(),
            author: view.agency.clone(),
            subject: view.conclusion.clone(),
            keywords: ["thông tin bất cập", "y tế", "báo chí"].map(str::to_owned).to_vec(),
            at: midnight(view.day),
        },
        head: Some(letterhead.head(view.day)),
        title: "THÔNG TIN BẤT CẬP".to_owned(),
        subtitle: phrases::long_day(view.day),
        purpose: copy.label(),
        blocks,
        foot: Some(letterhead.foot(copy)),
    };
    paper.end();
    paper
}

fn cells(row: &BulletinRow, place: usize) -> Vec<Cell> {
    let mut headline: Vec<Run> = item::pill(row.severity).into_iter().collect();
    headline.push(Run::strong(&row.item.headline));
    let mut about = vec![headline];
    if !row.item.summary.is_empty() {
        about.push(vec![Run::plain(&row.item.summary)]);
    }
    about.push(vec![Run::emphasis(&phrases::source(&row.item, None)).to(row.item.url.as_deref())]);
    about.push(vec![Run::plain(&format!("{}.", phrases::capitalised(&row.since)))]);
    let deadline = row.deadline.as_ref().map_or_else(|| "chưa đặt".to_owned(), |d| format!("trước {d}"));
    vec![
        vec![vec![Run::plain(&place.to_string())]],
        about,
        vec![vec![Run::plain(&row.unit)]],
        vec![vec![Run::plain(&deadline)]],
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{copy, input, letterhead};

    #[test]
    fn every_row_names_who_should_answer_and_an_empty_bulletin_proves_itself() {
        let view = diembao_digest::bulletin(&input(12, 3, 1), &diembao_digest::Cut::default());
        let paper = bulletin_paper(&view, &letterhead(), &copy());
        let Some(Block::Table { head, rows, .. }) = paper.blocks.iter().find(|b| matches!(b, Block::Table { .. }))
        else {
            panic!("{:?}", paper.blocks);
        };
        assert_eq!(rows.len(), view.rows.len());
        assert!(rows.iter().all(|r| r.len() == head.len() && !r[2].is_empty()));
        assert!(!crate::docx(&paper).unwrap().is_empty());

        let view = diembao_digest::bulletin(&input(5, 0, 0), &diembao_digest::Cut::default());
        let said = format!("{:?}", bulletin_paper(&view, &letterhead(), &copy()).blocks);
        assert!(said.contains("Không phát sinh") && said.contains("91/98 nguồn"), "{said}");
    }
}
