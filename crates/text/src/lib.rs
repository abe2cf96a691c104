//! Vietnamese text: normal form, folded form, syllables, sentences.
//!
//! In goes any text, out come forms in which two spellings of one word are equal:
//! composed and decomposed, `hoà` and `hòa`, `ð` and `đ`, with and without invisible characters.
//! This crate knows nothing of news; it holds no lists of words but the abbreviations
//! that end with a full stop.

mod chars;
mod code;
mod gap;
mod normal;
mod reader;
mod sentence;
mod syllable;
mod table;
mod tone;

pub use normal::{fold, lower, normalize};
pub use reader::{IdReader, Reading, Run};
pub use sentence::sentences;
pub use syllable::{Boundary, Iter, Kind, Syllable, Syllables};
