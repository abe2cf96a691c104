//! The letters of Vietnamese as lookup tables made at compile time: lower case, base letter, vowel and tone.
//!
//! Covers ASCII, `đ` and the precomposed vowels; every other character takes the slow path.

/// What the table knows of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Letter {
    /// Its lower case, a code point; 0 when the character is not in the table.
    pub(crate) lower: u16,
    /// The ASCII letter without accents.
    pub(crate) base: u8,
    /// 1 + row in [`VOWELS`]; 0 for a consonant.
    pub(crate) vowel: u8,
    /// Column in [`VOWELS`]: 0 none, grave, acute, hook, tilde, dot.
    pub(crate) tone: u8,
}

/// Vowels in lower case by row, tones by column.
const VOWELS: [[char; 6]; 12] = [
    ['a', 'à', 'á', 'ả', 'ã', 'ạ'],
    ['ă', 'ằ', 'ắ', 'ẳ', 'ẵ', 'ặ'],
    ['â', 'ầ', 'ấ', 'ẩ', 'ẫ', 'ậ'],
    ['e', 'è', 'é', 'ẻ', 'ẽ', 'ẹ'],
    ['ê', 'ề', 'ế', 'ể', 'ễ', 'ệ'],
    ['i', 'ì', 'í', 'ỉ', 'ĩ', 'ị'],
    ['o', 'ò', 'ó', 'ỏ', 'õ', 'ọ'],
    ['ô', 'ồ', 'ố', 'ổ', 'ỗ', 'ộ'],
    ['ơ', 'ờ', 'ớ', 'ở', 'ỡ', 'ợ'],
    ['u', 'ù', 'ú', 'ủ', 'ũ', 'ụ'],
    ['ư', 'ừ', 'ứ', 'ử', 'ữ', 'ự'],
    ['y', 'ỳ', 'ý', 'ỷ', 'ỹ', 'ỵ'],
];
const BASES: [u8; 12] = *b"aaaeeiooouuy";

/// Rows of [`VOWELS`] plus one, as [`Letter::vowel`] holds them.
pub(crate) const A: u8 = 1;
pub(crate) const E: u8 = 4;
pub(crate) const I: u8 = 6;
pub(crate) const O: u8 = 7;
pub(crate) const U: u8 = 10;
pub(crate) const Y: u8 = 12;

const LOW_LEN: usize = 0x1b8;
const HIGH_START: usize = 0x1e00;
const NONE: Letter = Letter { lower: 0, base: 0, vowel: 0, tone: 0 };

struct Tables {
    low: [Letter; LOW_LEN],
    high: [Letter; 0x100],
}

static TABLES: Tables = build();

const fn set(mut t: Tables, code: usize, letter: Letter) -> Tables {
    if code < LOW_LEN {
        t.low[code] = letter;
    } else {
        t.high[code - HIGH_START] = letter;
    }
    t
}

/// The upper case of a code point in [`VOWELS`].
const fn upper(code: usize) -> usize {
    match code {
        0x61..0x7b | 0xe0..0x100 => code - 0x20,
        0x1b0 => code - 1,
        0x100..0x1b0 | 0x1e00..0x1f00 => code & !1,
        _ => code,
    }
}

const fn build() -> Tables {
    let mut t = Tables { low: [NONE; LOW_LEN], high: [NONE; 0x100] };
    let mut c = b'a';
    while c <= b'z' {
        let letter = Letter { lower: c as u16, base: c, vowel: 0, tone: 0 };
        t = set(t, c as usize, letter);
        t = set(t, (c - 0x20) as usize, letter);
        c += 1;
    }
    let d = Letter { lower: 'đ' as u16, base: b'd', vowel: 0, tone: 0 };
    t = set(t, 'đ' as usize, d);
    t = set(t, 'Đ' as usize, d);
    t = set(t, 'ð' as usize, d);
    t = set(t, 'Ð' as usize, d);
    t = set(t, 'Ɖ' as usize, d);
    let mut row = 0;
    while row < 12 {
        let mut tone = 0;
        while tone < 6 {
            let code = VOWELS[row][tone] as usize;
            let letter = Letter { lower: code as u16, base: BASES[row], vowel: row as u8 + 1, tone: tone as u8 };
            t = set(t, code, letter);
            t = set(t, upper(code), letter);
            tone += 1;
        }
        row += 1;
    }
    t
}

/// What the table knows of a character; `lower` is 0 for one outside it.
#[inline]
pub(crate) fn letter(c: char) -> Letter {
    let code = c as usize;
    if code < LOW_LEN {
        TABLES.low[code]
    } else if code.wrapping_sub(HIGH_START) < 0x100 {
        TABLES.high[code - HIGH_START]
    } else {
        NONE
    }
}

/// The character of a [`Letter::lower`].
#[inline]
pub(crate) fn lower_of(code: u16) -> char {
    char::from_u32(u32::from(code)).unwrap_or('\0')
}

/// The lower-case vowel of a row (as [`Letter::vowel`]) with a tone.
#[inline]
pub(crate) fn vowel(row: u8, tone: u8) -> char {
    VOWELS[usize::from(row) - 1][usize::from(tone)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_agree_with_unicode() {
        for row in VOWELS {
            for c in row {
                let up = c.to_uppercase().next().unwrap();
                assert_eq!(upper(c as usize), up as usize, "{c}");
                for form in [c, up] {
                    let l = letter(form);
                    assert_eq!(u32::from(l.lower), c as u32);
                    let base = unicode_normalization::UnicodeNormalization::nfd(std::iter::once(c)).next().unwrap();
                    assert_eq!(char::from(l.base), base);
                    assert_eq!(vowel(l.vowel, l.tone), c);
                }
            }
        }
        assert_eq!(letter('é').tone, 2);
        assert_eq!(letter('ñ').lower, 0);
        assert_eq!(letter('5').lower, 0);
    }

    #[test]
    fn the_rows_are_named_right() {
        for (row, c) in [(A, 'a'), (E, 'e'), (I, 'i'), (O, 'o'), (U, 'u'), (Y, 'y')] {
            assert_eq!(vowel(row, 0), c);
        }
    }
}
