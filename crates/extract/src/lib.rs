//! HTML page to article: title, lead, body, authors, times.
//!
//! In goes one page as text with its address and the outlet's rules, out comes what it
//! says, where each part was read, and what was wrong. The page is parsed once; the work is
//! bounded by the page's size, never by a clock. This crate knows neither HTTP nor SQL.

mod extraction;

pub use extraction::{Extraction, PageContext, PageKind, Stated, Step, extract};
