//! From view to mail: subject, HTML and text, all of one view.

mod bulletin;
mod charts;
mod correction;
mod fit;
mod html;
mod json;
mod lines;
pub(crate) mod phrases;
mod rows;
mod text;

pub use correction::{CorrectionView, render_correction};
pub use fit::{Fit, Level, Sizes};
pub use json::render_json;

use crate::{BulletinView, EditionView};

/// The largest HTML part, in bytes: mail clients clip what is longer.
pub const MAX_HTML: usize = 100_000;

/// One edition, rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The mail's subject.
    pub subject: String,
    /// The HTML part, at most [`MAX_HTML`] bytes.
    pub html: String,
    /// The text part, 72 columns wide.
    pub text: String,
}

/// The edition as a mail. What does not fit is left out by whole items and said to be.
#[must_use]
pub fn render(view: &EditionView) -> Rendered {
    let (html, fit) = html::render(view);
    Rendered { subject: view.subject.clone(), html, text: text::render(view, &fit) }
}

/// The second bulletin as a mail.
#[must_use]
pub fn render_bulletin(view: &BulletinView) -> Rendered {
    Rendered { subject: view.subject.clone(), html: bulletin::html(view), text: bulletin::text(view) }
}
