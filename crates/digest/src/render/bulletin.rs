//! The second bulletin as HTML and text.

use super::html::{Parts, fill, safe, style};
use super::lines::Page;
use super::rows::{BulletinPage, empty_box};
use super::{MAX_HTML, text};
use crate::wording::{long_day, number};
use crate::{BulletinRow, BulletinView, ItemView};

const CLOSING: &str = "Đơn vị ghi “đề xuất” do hệ thống gợi ý theo địa phương hoặc lĩnh vực, cần người trực xác nhận. Mức độ là mức của thông tin báo chí.";

/// The HTML part, at most [`MAX_HTML`] bytes: the least grave rows are left out and counted.
pub(super) fn html(view: &BulletinView) -> String {
    let rows: Vec<String> = view.rows.iter().enumerate().map(|(i, r)| Parts::of(&item(r), None, i).full).collect();
    let mut shown = rows.len();
    loop {
        let html = page(view, &rows[..shown]);
        if html.len() <= MAX_HTML || shown == 0 {
            return html;
        }
        shown = if shown > 40 { shown * 9 / 10 } else { shown - 1 };
    }
}

fn page(view: &BulletinView, rows: &[String]) -> String {
    let (empty_class, empty_style) = empty_box(view.is_proven);
    fill(
        "bulletin.html",
        &BulletinPage {
            style: style(),
            subject: &view.subject,
            preview: view.rows.first().map_or(view.coverage.as_str(), |r| &r.item.headline),
            agency: &view.agency,
            day: long_day(view.day),
            conclusion: &view.conclusion,
            coverage: &view.coverage,
            empty: view.empty_note.as_deref(),
            empty_class,
            empty_style,
            items: safe(rows.iter()),
            more: (rows.len() < view.rows.len())
                .then(|| format!("Còn {} thông tin trong lưu trữ.", number(view.rows.len() - rows.len()))),
            closing: CLOSING,
        },
    )
}

/// The text part.
pub(super) fn text(view: &BulletinView) -> String {
    let mut out = Page::default();
    out.paragraph(&view.agency.to_uppercase(), 0);
    out.paragraph(&view.title.to_uppercase(), 0);
    out.rule('=');
    out.paragraph(&view.conclusion, 0);
    out.paragraph(&view.coverage, 0);
    out.blank();
    if let Some(note) = &view.empty_note {
        out.paragraph(note, 0);
        out.blank();
    }
    view.rows.iter().for_each(|r| text::item(&mut out, &item(r), None));
    out.rule('-');
    out.paragraph(CLOSING, 0);
    out.finish()
}

/// The row as an item that says who should answer, by when, and how long the press is ahead.
fn item(row: &BulletinRow) -> ItemView {
    let is_of_case = |f: &String| f.starts_with("đầu mối trả lời:") || f.starts_with("hạn:");
    let mut facts: Vec<String> = row.item.facts.iter().filter(|f| !is_of_case(f)).cloned().collect();
    facts.extend(row.place.iter().map(|p| format!("địa phương: {p}")));
    facts.push(format!("đơn vị trả lời: {}", row.unit));
    facts.push(row.deadline.as_ref().map_or_else(|| "hạn: chưa đặt".to_owned(), |d| format!("hạn: {d}")));
    facts.push(row.since.clone());
    ItemView { facts, ..row.item.clone() }
}
