//! Extracted summaries: whole sentences of the articles, never more.

use crate::ArticleInput;

/// At most `max_words` words of a story, in whole sentences taken from its articles.
/// Empty when no whole sentence fits.
#[must_use]
pub fn summarise(articles: &[ArticleInput], max_words: usize) -> String {
    let Some(first) = articles.iter().min_by_key(|a| (a.published, a.id)) else {
        return String::new();
    };
    if first.text.lead.split_whitespace().count() <= max_words {
        first.text.lead.clone()
    } else {
        String::new()
    }
}
