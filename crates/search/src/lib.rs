//! The article index in tantivy and its queries.
