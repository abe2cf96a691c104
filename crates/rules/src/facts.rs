//! Facts a reader of a flag wants beside it: where, how many, when, until when, who says so.

use diembao_news::ArticleText;

use crate::explain::Facts;
use crate::judge::Judge;
use crate::scan::Doc;

/// Reads the facts.
pub(crate) fn facts(_judge: Judge<'_>, _doc: &Doc, _text: &ArticleText) -> Facts {
    Facts::default()
}
