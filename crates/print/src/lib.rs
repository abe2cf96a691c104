//! Paper: the edition, the second bulletin, a story's timeline and the desk's drafts as PDF and DOCX.
//!
//! In: views of `digest`, cases of `desk`, and the [`Letterhead`] of the ministry. Out: a [`Paper`],
//! which says what stands where, and from it the bytes of a file in the layout of decree
//! 30/2020/NĐ-CP. Both renderers read the same paper, so the two files say the same.
//!
//! Pure: the same paper gives the same bytes. No store, no clock, no network; the fonts are embedded.
//! Both renderers compute: call them off the async threads.

mod bulletin;
mod charts;
mod docx;
mod drafts;
mod edition;
mod error;
mod fit;
#[cfg(test)]
#[path = "../tests/fixture/mod.rs"]
mod fixture;
mod fonts;
mod item;
mod letterhead;
mod paper;
mod pdf;
mod timeline;
mod world;

// The fixture names this crate as benches do.
#[cfg(test)]
extern crate self as diembao_print;

pub use bulletin::bulletin_paper;
pub use docx::docx;
pub use drafts::{DraftKind, DraftSource, DraftStory, draft_paper};
pub use edition::{EditionPapers, edition_papers};
pub use error::PrintError;
pub use letterhead::{Copy, Letterhead};
pub use paper::{Bar, Block, Cell, Chart, Foot, Head, Meta, Note, Paper, Run, RunStyle};
pub use pdf::pdf;
pub use timeline::timeline_paper;
