//! Syllables as small numbers.

/// The number of every syllable that stands in no phrase.
pub(crate) const UNKNOWN: u32 = 0;

const LONGEST: u32 = 16;

/// Syllable → id, for the syllables of the rules' phrases. Ids begin at 1.
///
/// A syllable of up to 16 bytes (all Vietnamese ones) is its own key; longer words are kept apart.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    slots: Vec<(Key, u32)>,
    mask: usize,
    short: usize,
    long: std::collections::HashMap<Box<str>, u32>,
    next: u32,
}

/// The first and the last bytes of a short syllable, which overlap or meet, and its length: no two have the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Key {
    head: u64,
    tail: u64,
    length: u32,
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
        let Some(key) = Key::of(syllable) else {
            return self.long.get(syllable).copied().unwrap_or(UNKNOWN);
        };
        if self.slots.is_empty() {
            return UNKNOWN;
        }
        let mut at = key.hash() & self.mask;
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
        let Some(key) = Key::of(syllable) else {
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
        let mut slots = vec![(Key::default(), UNKNOWN); size];
        for &(key, id) in self.slots.iter().filter(|s| s.1 != UNKNOWN) {
            place(&mut slots, size - 1, key, id);
        }
        self.slots = slots;
        self.mask = size - 1;
    }
}

fn place(slots: &mut [(Key, u32)], mask: usize, key: Key, id: u32) {
    let mut at = key.hash() & mask;
    while slots[at].1 != UNKNOWN {
        at = (at + 1) & mask;
    }
    slots[at] = (key, id);
}

impl Key {
    /// None for more than 16 bytes.
    #[inline]
    fn of(syllable: &str) -> Option<Self> {
        let bytes = syllable.as_bytes();
        let (head, tail) = if let (Some(head), Some(tail)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
            (u64::from_le_bytes(*head), u64::from_le_bytes(*tail))
        } else if let (Some(head), Some(tail)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
            (u64::from(u32::from_le_bytes(*head)), u64::from(u32::from_le_bytes(*tail)))
        } else {
            (bytes.iter().fold(0, |key, &b| key << 8 | u64::from(b)), 0)
        };
        let length = u32::try_from(bytes.len()).ok().filter(|&n| n <= LONGEST)?;
        Some(Self { head, tail, length })
    }

    #[inline]
    fn hash(self) -> usize {
        const K: u64 = 0x9E37_79B9_7F4A_7C15;
        let mixed = (self.head ^ self.tail.rotate_left(29) ^ u64::from(self.length)).wrapping_mul(K);
        (mixed ^ mixed >> 32) as usize
    }
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
    fn no_two_syllables_share_a_key() {
        let alphabet = ["a", "b", "ạ", "đ"];
        let mut words = vec![String::new()];
        for _ in 0..5 {
            words = words.iter().flat_map(|w| alphabet.map(|a| format!("{w}{a}"))).chain(words.clone()).collect();
        }
        words.sort();
        words.dedup();
        let mut v = Vocabulary::default();
        let ids: std::collections::HashSet<u32> = words.iter().map(|w| v.intern(w)).collect();
        assert_eq!(ids.len(), words.len());
    }

    #[test]
    fn final_i_and_y_are_one() {
        let mut v = Vocabulary::default();
        assert_eq!(v.intern("sĩ"), v.get("sỹ"));
        assert_eq!(v.intern("mỹ"), v.get("mĩ"));
        assert_ne!(v.intern("thi"), v.get("thy"));
    }
}
