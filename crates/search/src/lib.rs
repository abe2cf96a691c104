//! The article index in tantivy and its queries.
//!
//! Articles go in, a query as a person types it comes, hits, counts and snippets go out.
//! Everything here is derived: the store can rebuild it. This crate knows no SQL and no screens,
//! reads no clock and never prints.

mod error;
mod index;
mod model;
mod synonyms;

pub use error::SearchError;
pub use index::{Index, Rebuild, Writer};
pub use model::{Answer, Facet, Filter, Hit, IndexDoc, Matching, Query, Snippet, Sort, Unit};
pub use synonyms::{Synonyms, SynonymsError};
