//! From view to mail: subject, HTML and text.

use crate::EditionView;

/// One edition, rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The mail's subject.
    pub subject: String,
    /// The HTML part, at most 100 KB.
    pub html: String,
    /// The text part, 72 columns wide.
    pub text: String,
}

/// The edition as a mail.
#[must_use]
pub fn render(view: &EditionView) -> Rendered {
    Rendered {
        subject: view.subject.clone(),
        html: String::new(),
        text: format!("{}\n", view.title),
    }
}
