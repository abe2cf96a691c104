//! A correction that leaves as a mail of its own.

use chrono::NaiveDate;
use serde::Serialize;

use super::Rendered;
use super::html::{fill, style};
use super::lines::Page;
use crate::wording::{MAX_NAME, MAX_NOTE, capped, long_day, short_day};

/// A correction of an edition that has left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorrectionView {
    /// The day it leaves.
    pub day: NaiveDate,
    /// Who it is for.
    pub agency: String,
    /// Who made it.
    pub unit: String,
    /// The day of the edition it corrects.
    pub corrected: NaiveDate,
    /// What is right, with the edition it is about.
    pub text: String,
}

#[derive(Serialize)]
struct CorrectionPage<'a> {
    style: minijinja::Value,
    subject: &'a str,
    agency: &'a str,
    day: String,
    text: &'a str,
    closing: &'a str,
}

/// The correction as a mail.
#[must_use]
pub fn render_correction(view: &CorrectionView) -> Rendered {
    let subject = format!("[Đính chính] Điểm báo y tế {}", short_day(view.corrected));
    let (agency, text) = (capped(&view.agency, MAX_NAME), capped(&view.text, MAX_NOTE + MAX_NAME));
    let unit = capped(&view.unit, MAX_NAME);
    let closing =
        if unit.is_empty() { String::new() } else { format!("{unit} xin lỗi và mong được thông cảm.") };
    let mut out = Page::default();
    out.paragraph(&agency.to_uppercase(), 0);
    out.paragraph("ĐÍNH CHÍNH", 0);
    out.rule('=');
    out.paragraph(&long_day(view.day), 0);
    out.blank();
    out.paragraph(&text, 0);
    out.blank();
    out.paragraph(&closing, 0);
    let page = CorrectionPage {
        style: style(),
        subject: &subject,
        agency: &agency,
        day: long_day(view.day),
        text: &text,
        closing: &closing,
    };
    Rendered { html: fill("correction.html", &page), text: out.finish(), subject }
}
