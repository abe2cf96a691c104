//! Words that mean the same, as data the caller reads from a file.

/// Groups of words and abbreviations that stand for each other in queries.
#[derive(Debug, Clone, Default)]
pub struct Synonyms {}

/// A synonyms file that cannot be used: every problem with its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("synonyms: {}", problems.join("; "))]
pub struct SynonymsError {
    /// One line each.
    pub problems: Vec<String>,
}

impl Synonyms {
    /// Reads the text of a synonyms file.
    ///
    /// # Errors
    /// When it is not TOML of the documented form.
    pub fn parse(_toml: &str) -> Result<Self, SynonymsError> {
        Ok(Self {})
    }
}
