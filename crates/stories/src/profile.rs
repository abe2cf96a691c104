//! An article in few bytes: the terms that say what it is about, with their weights, and what is known of its event.

use std::cmp::Reverse;

use crate::event::{Event, MARK_BITS, Marks};
use crate::terms::NAME;

/// Bits of a term's hash that are kept; the weight takes the other eight.
const TERM_BITS: u32 = MARK_BITS;
/// What a weight of one is as a whole number. Whole numbers add up to the same sum in any order.
pub(crate) const UNIT: u32 = 255;
/// The bit of a packed term that says that it is part of a proper name.
const NAMED: u32 = NAME >> (32 - TERM_BITS);

/// What an article is about, as far as the grouping compares it. At most 64 terms and what is known of the event,
/// four bytes each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile(Box<[u32]>);

/// Whether a term is part of a proper name.
pub(crate) fn is_name(term: u32) -> bool {
    term & NAMED > 0
}

impl Profile {
    /// From weights that make a vector of length one.
    pub(crate) fn of(weights: &[(u32, f32)]) -> Self {
        let mut packed: Vec<u32> = weights
            .iter()
            .map(|&(term, weight)| {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the weight is in 0..=1")]
                let weight = (weight.clamp(0.0, 1.0) * 255.0).round() as u32;
                ((term >> (32 - TERM_BITS)) << 8) | weight
            })
            .filter(|packed| packed & UNIT > 0)
            .collect();
        packed.sort_unstable();
        // Of two terms with one hash the heavier stays; it is the later.
        packed.dedup_by(|next, kept| {
            let same = *next >> 8 == *kept >> 8;
            if same {
                *kept = *next;
            }
            same
        });
        Self(packed.into())
    }

    /// The same for the report of an event. Two such reports are never one story if neither names where the
    /// other's event happened, however alike their words are; and need more words in common if their kinds or their
    /// facilities differ.
    #[must_use]
    pub fn of_event(self, event: &Event<'_>) -> Self {
        // A term weighs more than nothing, so nothing is what a mark weighs.
        let mut packed: Vec<u32> = event.marks().into_iter().map(|mark| mark << 8).collect();
        packed.extend(&self.0);
        packed.sort_unstable_by_key(|packed| (packed >> 8, Reverse(packed & UNIT)));
        packed.dedup_by_key(|packed| *packed >> 8);
        Self(packed.into())
    }

    /// The bytes to keep, four a term.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|packed| packed.to_le_bytes()).collect()
    }

    /// From bytes that were kept; none when they were not made by [`Self::to_bytes`].
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (words, rest) = bytes.as_chunks::<4>();
        let packed: Box<[u32]> = words.iter().map(|word| u32::from_le_bytes(*word)).collect();
        (rest.is_empty() && packed.is_sorted_by(|a, b| a >> 8 < b >> 8)).then_some(Self(packed))
    }

    /// Terms in ascending order, each with its weight in parts of 255.
    pub(crate) fn terms(&self) -> impl Iterator<Item = (u32, u32)> {
        self.0.iter().map(|packed| (packed >> 8, packed & UNIT)).filter(|(_, weight)| *weight > 0)
    }

    /// What is known of the event.
    pub(crate) fn marks(&self) -> Marks {
        Marks::new(self.0.iter().filter(|packed| *packed & UNIT == 0).map(|packed| packed >> 8))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Where;

    #[test]
    fn what_is_kept_is_read_back() {
        let profile = Profile::of(&[(0xabcd_ef01, 0.8), (0x1234_5678, 0.6), (7, 0.001)]);
        assert_eq!(profile.terms().collect::<Vec<_>>(), [(0x12_3456, 153), (0xab_cdef, 204)]);
        assert_eq!(Profile::from_bytes(&profile.to_bytes()), Some(profile));
        assert_eq!(Profile::from_bytes(&[]), Some(Profile::default()));
    }

    #[test]
    fn of_two_terms_with_one_hash_the_heavier_stays() {
        let profile = Profile::of(&[(0x1234_5601, 0.6), (0x1234_5602, 0.2)]);
        assert_eq!(profile.terms().collect::<Vec<_>>(), [(0x12_3456, 153)]);
    }

    #[test]
    fn an_event_weighs_nothing_and_is_kept_with_the_terms() {
        let places = Where { happened: &["Đồng Nai"], named: &["Hà Nội", "Đồng Nai"] };
        let event = Event { kinds: &["ngo-doc"], places, ..Event::default() };
        let profile = Profile::of(&[(0xabcd_ef01, 0.8)]).of_event(&event);
        assert_eq!(profile.terms().collect::<Vec<_>>(), [(0xab_cdef, 204)]);
        assert_eq!(profile.marks(), Marks::new(event.marks()));
        assert_eq!(Profile::from_bytes(&profile.to_bytes()), Some(profile));
    }

    #[test]
    fn foreign_bytes_are_refused() {
        for bytes in [&[1_u8, 2, 3][..], &[9, 2, 0, 0, 8, 1, 0, 0], &[9, 1, 0, 0, 8, 1, 0, 0]] {
            assert_eq!(Profile::from_bytes(bytes), None, "{bytes:?}");
        }
    }
}
