//! Where the tone mark stands: `hoà` and `hòa` are one syllable, written here `hòa`.
//!
//! The mark of an open `oa`, `oe`, `uy` goes to the first letter (`hòa`, `khỏe`, `thủy`); after the onsets
//! `qu` and `gi` it goes to the vowel (`quý`, `già`). Closed syllables (`hoàn`) have one spelling only.

use crate::table::{A, E, I, Letter, O, U, Y, vowel};

/// The last letters of a word; index 3 is the last.
pub(crate) type Tail = [Letter; 4];

/// A mark to move: the word's last two or three letters take these vowels (row, tone).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Move {
    /// How many letters after the two changed ones.
    pub(crate) after: usize,
    /// The new vowels, in lower case.
    pub(crate) to: [char; 2],
}

/// Looks at the end of a word. `tail[i].lower == 0` where the word has no such letter.
#[inline]
pub(crate) fn misplaced(tail: &Tail) -> Option<Move> {
    let [_, before, first, last] = *tail;
    if last.tone != 0 && first.tone == 0 {
        return open_rime(before, first, last);
    }
    if first.tone != 0 && last.vowel != 0 {
        return after_onset(before, first, last, 0);
    }
    if before.tone != 0 && first.vowel != 0 {
        return after_onset(tail[0], before, first, 1);
    }
    None
}

fn open_rime(before: Letter, first: Letter, last: Letter) -> Option<Move> {
    let open = matches!((first.vowel, last.vowel), (O, A | E) | (U, Y));
    let onset_takes_u = first.vowel == U && before.base == b'q';
    if !open || onset_takes_u || before.vowel != 0 {
        return None;
    }
    Some(Move { after: 0, to: [vowel(first.vowel, last.tone), vowel(last.vowel, 0)] })
}

fn after_onset(onset: Letter, first: Letter, next: Letter, after: usize) -> Option<Move> {
    let is_onset = matches!((onset.base, first.vowel), (b'q', U) | (b'g', I)) && onset.vowel == 0;
    if !is_onset || next.tone != 0 || (first.vowel == I && matches!(next.vowel, I | Y)) {
        return None;
    }
    Some(Move { after, to: [vowel(first.vowel, 0), vowel(next.vowel, first.tone)] })
}
