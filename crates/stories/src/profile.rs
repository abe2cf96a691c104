//! An article in few bytes: the terms that say what it is about, with their weights.

/// Bits of a term's hash that are kept; the weight takes the other eight.
const TERM_BITS: u32 = 24;
/// What a weight of one is as a whole number. Whole numbers add up to the same sum in any order.
pub(crate) const UNIT: u32 = 255;

/// What an article is about, as far as the grouping compares it. At most 64 terms, four bytes each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile(Box<[u32]>);

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
        self.0.iter().map(|packed| (packed >> 8, packed & UNIT))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn foreign_bytes_are_refused() {
        for bytes in [&[1_u8, 2, 3][..], &[9, 2, 0, 0, 8, 1, 0, 0], &[9, 1, 0, 0, 8, 1, 0, 0]] {
            assert_eq!(Profile::from_bytes(bytes), None, "{bytes:?}");
        }
    }
}
