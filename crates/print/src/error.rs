//! What can go wrong on the way to paper.

/// A paper that could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PrintError {
    /// The typesetter refused the paper.
    #[error("the pdf cannot be set: {0}")]
    Typeset(String),
    /// The DOCX could not be packed.
    #[error("the docx cannot be packed")]
    Pack(#[from] std::io::Error),
    /// The DOCX's container could not be written.
    #[error("the docx cannot be packed")]
    Zip(#[from] zip::result::ZipError),
    /// The paper could not be handed to the typesetter.
    #[error("the paper cannot be written as json")]
    Json(#[from] serde_json::Error),
}
