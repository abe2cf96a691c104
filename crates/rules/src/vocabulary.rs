//! Syllables as small numbers.

/// The number of every syllable that stands in no phrase.
pub(crate) const UNKNOWN: u32 = 0;

const LONGEST: usize = 16;

/// Syllable → id, for the syllables of the rules' phrases. Ids begin at 1.
///
/// A syllable of up to 16 bytes (all Vietnamese ones) is its own key; longer words are kept apart.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    slots: Vec<(u128, u32)>,
    mask: usize,
    short: usize,
    long: std::collections::HashMap<Box<str>, u32>,
    next: u32,
}

impl Vocabulary {
    /// The id of a syllable, a new one when it has none.
    pub(crate) fn intern(&mut self, syllable: &str) -> u32 {
        let id = self.get(syllable);
        if id != UNKNOWN {
            return id;
        }
        self.next += 1;
        let id = self.next;
        self.insert(syllable, id);
        if let Some(twin) = i_y_twin(syllable)
            && self.get(&twin) == UNKNOWN
        {
            self.insert(&twin, id);
        }
        id
    }

    /// The id of a syllable; [`UNKNOWN`] when no phrase has it.
    #[inline]
    pub(crate) fn get(&self, syllable: &str) -> u32 {
        let Some(key) = pack(syllable) else {
            return self.long.get(syllable).copied().unwrap_or(UNKNOWN);
        };
        if self.slots.is_empty() {
            return UNKNOWN;
        }
        let mut at = hash(key) & self.mask;
        loop {
            match self.slots[at] {
                (_, UNKNOWN) => return UNKNOWN,
                (k, id) if k == key => return id,
                _ => at = (at + 1) & self.mask,
            }
        }
    }

    /// How many ids there are, the unknown one included.
    pub(crate) fn len(&self) -> usize {
        self.next as usize + 1
    }

    fn insert(&mut self, syllable: &str, id: u32) {
        let Some(key) = pack(syllable) else {
            self.long.insert(syllable.into(), id);
            return;
        };
        if (self.short + 1) * 4 > self.slots.len() {
            self.grow();
        }
        self.short += 1;
        place(&mut self.slots, self.mask, key, id);
    }

    fn grow(&mut self) {
        let size = (self.slots.len() * 2).max(1024);
        let mut slots = vec![(0, UNKNOWN); size];
        for &(key, id) in self.slots.iter().filter(|s| s.1 != UNKNOWN) {
            place(&mut slots, size - 1, key, id);
        }
        self.slots = slots;
        self.mask = size - 1;
    }
}

fn place(slots: &mut [(u128, u32)], mask: usize, key: u128, id: u32) {
    let mut at = hash(key) & mask;
    while slots[at].1 != UNKNOWN {
        at = (at + 1) & mask;
    }
    slots[at] = (key, id);
}

#[inline]
fn pack(syllable: &str) -> Option<u128> {
    let bytes = syllable.as_bytes();
    if bytes.len() > LONGEST {
        return None;
    }
    let mut key = [0u8; LONGEST];
    key[..bytes.len()].copy_from_slice(bytes);
    Some(u128::from_le_bytes(key))
}

#[inline]
fn hash(key: u128) -> usize {
    const K: u64 = 0x9E37_79B9_7F4A_7C15;
    let low = (key & u128::from(u64::MAX)) as u64;
    let high = (key >> 64) as u64;
    let mixed = (low ^ high.rotate_left(29)).wrapping_mul(K);
    (mixed ^ mixed >> 32) as usize
}

/// "sĩ" and "sỹ", "kỹ" and "kĩ" are one syllable: after h, k, l, m, s, t a final i and y sound alike.
fn i_y_twin(syllable: &str) -> Option<String> {
    const PAIRS: &[(char, char)] = &[('i', 'y'), ('í', 'ý'), ('ì', 'ỳ'), ('ỉ', 'ỷ'), ('ĩ', 'ỹ'), ('ị', 'ỵ')];
    let mut chars = syllable.chars();
    let (first, last) = (chars.next()?, chars.next()?);
    if chars.next().is_some() || !matches!(first, 'h' | 'k' | 'l' | 'm' | 's' | 't') {
        return None;
    }
    let twin = PAIRS.iter().find_map(|&(i, y)| match last {
        c if c == i => Some(y),
        c if c == y => Some(i),
        _ => None,
    })?;
    Some([first, twin].into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_syllable_keeps_its_id() {
        let mut v = Vocabulary::default();
        let words: Vec<String> = (0..5000).map(|n| format!("w{n}")).collect();
        let ids: Vec<u32> = words.iter().map(|w| v.intern(w)).collect();
        for (w, &id) in words.iter().zip(&ids) {
            assert_eq!((v.get(w), v.intern(w)), (id, id), "{w}");
        }
        assert_eq!(v.get("absent"), UNKNOWN);
        let long = "x".repeat(40);
        assert_eq!(v.get(&long), UNKNOWN);
        assert_eq!(v.intern(&long), v.get(&long));
    }

    #[test]
    fn final_i_and_y_are_one() {
        let mut v = Vocabulary::default();
        assert_eq!(v.intern("sĩ"), v.get("sỹ"));
        assert_eq!(v.intern("mỹ"), v.get("mĩ"));
        assert_ne!(v.intern("thi"), v.get("thy"));
    }
}
