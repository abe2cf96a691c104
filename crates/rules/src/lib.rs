//! Keyword rules: topics, incidents and misinformation, with evidence.
//!
//! In go rule files (TOML) and the text of an article; out come the health decision, the fields, the flags,
//! and the phrases they rest on. The crate knows nothing of where articles come from, and reads no files.

mod cases;
mod compile;
mod compiled;
mod condition;
mod explain;
mod facts;
mod hide;
mod info;
mod judge;
mod load;
mod names;
mod numerals;
mod phrases;
mod pieces;
mod raw;
mod ruleset;
mod scan;
mod stance;
mod tables;
mod trace;
mod trie;
mod vocabulary;

pub use cases::{Correction, case_headline, with_correction};
pub use explain::{Explanation, Fact, Facts, HealthTrace, HiddenBy, HiddenPhrase, RuleTrace};
pub use info::{ExampleOutcome, Expected, Got, RuleInfo, TopicInfo};
pub use ruleset::{RuleFile, RuleSet, Scratch};
