//! HTML page to article: title, lead, body, authors, times.
//!
//! In goes one page as text with its address and the outlet's rules, out comes what it
//! says, where each part was read, and what was wrong. The page is parsed once; the work is
//! bounded by the page's size, never by a clock. This crate knows neither HTTP nor SQL.

mod about;
mod authors;
mod body;
mod captions;
mod clean;
mod density;
mod extraction;
mod jsonld;
mod keep;
mod kind;
mod lead;
mod meta;
mod outline;
mod parse;
mod phrases;
mod plain;
mod reading;
mod references;
mod repair;
mod sink;
mod tag;
mod times;
mod title;
mod tokens;
mod tree;
mod vocab;
mod vocab_table;

pub use extraction::{Extraction, PageContext, PageKind, Stated, Step, extract};
