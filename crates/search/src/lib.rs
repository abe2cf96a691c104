//! The article index in tantivy and its queries.
//!
//! Articles go in, a query as a person types it comes, hits, counts and snippets go out.
//! Everything here is derived: the store can rebuild it. This crate knows no SQL and no screens,
//! reads no clock and never prints.
//!
//! The query language, the analysis and what was measured are in `docs/search.md`.

mod among;
mod analysis;
mod bits;
mod clauses;
mod collect;
mod count;
mod cursor;
mod dates;
mod error;
mod filters;
mod folder;
mod held;
mod hits;
mod index;
mod keys;
mod lead;
mod lex;
mod model;
mod near;
mod parse;
mod places;
mod plan;
mod quick;
mod schema;
mod severity;
mod sieve;
mod slots;
mod snippet;
mod synonyms;
mod tally;
mod tree;
mod wrap;
mod write;

pub use cursor::{Cursor, CursorError};
pub use error::SearchError;
pub use index::Index;
pub use model::{Answer, Facet, Filter, Hit, IndexDoc, Matching, Query, Snippet, Sort, Unit};
pub use places::Places;
pub use synonyms::{Synonyms, SynonymsError};
pub use write::{Rebuild, Writer};
