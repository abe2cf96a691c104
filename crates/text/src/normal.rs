//! The three forms of a text: for display, for comparing, and without accents.
//!
//! One scan decides whether anything must change; most text is handed back as it came.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::chars::{Class, class, is_invisible, is_odd_space, is_stable};
use crate::table::{self, A, E, I, U, Y, letter};
use crate::tone::{self, Tail};

/// The normal form for display: NFC, tone marks placed, `ð` → `đ`, invisible characters removed,
/// every kind of space → space, line and paragraph separators → newline. Case is kept.
#[must_use]
pub fn normalize(s: &str) -> Cow<'_, str> {
    if s.is_ascii() {
        return Cow::Borrowed(s);
    }
    match place_tones(s) {
        Scan::Clean => Cow::Borrowed(s),
        Scan::Moved(out) => Cow::Owned(out),
        Scan::Dirty => {
            let cleaned = clean(s);
            match place_tones(&cleaned) {
                Scan::Moved(out) => Cow::Owned(out),
                Scan::Clean | Scan::Dirty => Cow::Owned(cleaned),
            }
        }
    }
}

/// The form in which texts are compared: [`normalize`], then lower case.
#[must_use]
pub fn lower(s: &str) -> String {
    let s = normalize(s);
    let mut out = String::with_capacity(s.len());
    let mut odd = false;
    let mut rest = &*s;
    while let Some(at) = rest.bytes().position(|b| b >= 0x80) {
        push_ascii_lower(&mut out, &rest[..at]);
        let c = rest[at..].chars().next().expect("a character begins where its first byte is");
        let known = letter(c).lower;
        if known != 0 {
            out.push(table::lower_of(known));
        } else if is_stable(c) && !c.is_alphabetic() {
            out.push(c);
        } else {
            odd = true;
            out.extend(c.to_lowercase());
        }
        rest = &rest[at + c.len_utf8()..];
    }
    push_ascii_lower(&mut out, rest);
    if odd {
        return normalize(&out).into_owned();
    }
    out
}

/// The form without accents: [`lower`], then `đ` → `d` and the marks of Latin letters removed.
#[must_use]
pub fn fold(s: &str) -> String {
    let lowered = lower(s);
    let mut out = String::with_capacity(lowered.len());
    fold_into(&lowered, &mut out);
    out
}

/// Appends the folded form of a text that is already in lower normal form.
pub(crate) fn fold_into(lowered: &str, out: &mut String) {
    for c in lowered.chars() {
        if c.is_ascii() {
            out.push(c);
            continue;
        }
        match letter(c).base {
            0 if ('\u{300}'..'\u{370}').contains(&c) => {}
            0 => {
                let first = std::iter::once(c).nfd().next().unwrap_or(c);
                out.push(if first.is_ascii_alphabetic() { first } else { c });
            }
            base => out.push(char::from(base)),
        }
    }
}

fn push_ascii_lower(out: &mut String, ascii: &str) {
    let from = out.len();
    out.push_str(ascii);
    out[from..].make_ascii_lowercase();
}

/// Strips, replaces and composes; tone marks stay where they are.
fn clean(s: &str) -> String {
    let kept = s.chars().filter(|&c| !is_invisible(c)).map(|c| match c {
        'ð' => 'đ',
        'Ð' | 'Ɖ' => 'Đ',
        '\u{2028}' | '\u{2029}' | '\u{85}' => '\n',
        c if is_odd_space(c) => ' ',
        c => c,
    });
    let kept: String = kept.collect();
    if is_nfc_quick(kept.chars()) == IsNormalized::Yes {
        return kept;
    }
    kept.nfc().map(|c| if is_odd_space(c) { ' ' } else { c }).collect()
}

enum Scan {
    /// Nothing to do.
    Clean,
    /// Tone marks were moved; nothing else needed doing as far as it was seen.
    Moved(String),
    /// Something must be cleaned first.
    Dirty,
}

/// The word being scanned: where it began and its last vowel with a tone (end, row).
struct Word {
    start: usize,
    toned_end: usize,
    toned_row: u8,
}

fn place_tones(s: &str) -> Scan {
    let bytes = s.as_bytes();
    let mut out = String::new();
    let mut done = 0;
    let mut word = Word { start: 0, toned_end: 0, toned_row: 0 };
    let mut i = 0;
    let mut quick: Option<bool> = None;
    while i < bytes.len() {
        let b = bytes[i];
        if b.is_ascii_alphanumeric() {
            i += 1;
            continue;
        }
        let mut len = 1;
        if b >= 0x80 {
            let c = s[i..].chars().next().expect("i is a character boundary");
            len = c.len_utf8();
            let l = letter(c);
            if l.lower != 0 {
                if is_eth(c) {
                    return Scan::Dirty;
                }
                i += len;
                if l.tone != 0 {
                    (word.toned_end, word.toned_row) = (i, l.vowel);
                }
                continue;
            }
            if is_dirty(c) || (!is_stable(c) && !*quick.get_or_insert_with(|| is_composed(s))) {
                return Scan::Dirty;
            }
            if matches!(class(c), Class::Letter | Class::Digit | Class::Mark) {
                i += len;
                continue;
            }
        }
        if word.toned_row != 0 {
            move_tone(s, &word, i, &mut out, &mut done);
        }
        i += len;
        word = Word { start: i, toned_end: 0, toned_row: 0 };
    }
    if word.toned_row != 0 {
        move_tone(s, &word, i, &mut out, &mut done);
    }
    if done == 0 {
        return Scan::Clean;
    }
    out.push_str(&s[done..]);
    Scan::Moved(out)
}

fn is_composed(s: &str) -> bool {
    match is_nfc_quick(s.chars()) {
        IsNormalized::Yes => true,
        IsNormalized::No => false,
        IsNormalized::Maybe => unicode_normalization::is_nfc(s),
    }
}

fn is_eth(c: char) -> bool {
    matches!(c, 'ð' | 'Ð' | 'Ɖ')
}

fn is_dirty(c: char) -> bool {
    is_invisible(c) || is_odd_space(c) || matches!(c, '\u{2028}' | '\u{2029}' | '\u{85}')
}

/// Whether a word that ends here can have a misplaced mark at all; cheap, and true for few words.
#[inline]
pub(crate) fn may_be_misplaced(first_byte: u8, toned_row: u8, toned_is_last: bool) -> bool {
    match toned_row {
        A | E | Y => toned_is_last,
        U => first_byte | 0x20 == b'q',
        I => first_byte | 0x20 == b'g',
        _ => false,
    }
}

fn move_tone(s: &str, word: &Word, end: usize, out: &mut String, done: &mut usize) {
    if !may_be_misplaced(s.as_bytes()[word.start], word.toned_row, word.toned_end == end) {
        return;
    }
    let text = &s[word.start..end];
    let Some(found) = tone::misplaced(&tail(text)) else {
        return;
    };
    let mut from_end = text.char_indices().rev().skip(found.after);
    let (Some((last_at, last)), Some((first_at, first))) = (from_end.next(), from_end.next()) else {
        return;
    };
    out.push_str(&s[*done..word.start + first_at]);
    for (is, to) in [(first, found.to[0]), (last, found.to[1])] {
        if is.is_uppercase() {
            out.extend(to.to_uppercase());
        } else {
            out.push(to);
        }
    }
    *done = word.start + last_at + last.len_utf8();
}

/// The last letters of a word as the tables know them.
pub(crate) fn tail(word: &str) -> Tail {
    let mut tail = [letter('\0'); 4];
    for (slot, c) in tail.iter_mut().rev().zip(word.chars().rev()) {
        *slot = letter(c);
    }
    tail
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(input: &str, expect: &str) {
        assert_eq!(normalize(input), expect, "{input:?}");
    }

    #[test]
    fn tone_marks_have_one_place() {
        for (input, expect) in [
            ("hoà", "hòa"),
            ("thuỷ", "thủy"),
            ("khoẻ", "khỏe"),
            ("quý", "quý"),
            ("qúy", "quý"),
            ("qủa", "quả"),
            ("hoàn", "hoàn"),
            ("HOÀ", "HÒA"),
            ("Hoà", "Hòa"),
            ("oà", "òa"),
            ("uỷ ban", "ủy ban"),
            ("gìa", "già"),
            ("gì", "gì"),
            ("quỳ", "quỳ"),
            ("khuỷu", "khuỷu"),
            ("Thoại", "Thoại"),
            ("huỷ, hoá", "hủy, hóa"),
            ("toà_án", "tòa_án"),
            ("hoè", "hòe"),
            ("ngoéo", "ngoéo"),
            ("của", "của"),
            ("mùa", "mùa"),
            ("kìa", "kìa"),
            ("qúay", "quáy"),
            ("giặt gịu", "giặt giụ"),
            ("hoà2", "hoà2"),
            ("Đoá", "Đóa"),
            ("ở", "ở"),
            ("xoá.", "xóa."),
        ] {
            check(input, expect);
        }
    }

    #[test]
    fn what_does_not_show_goes() {
        check("bệnh\u{200b} viện\u{feff}", "bệnh viện");
        check("ho\u{ad}à", "hòa");
        check("một\u{a0}hai\u{3000}ba", "một hai ba");
        check("ðồng Ðăng", "đồng Đăng");
        check("be\u{323}\u{302}nh vie\u{302}\u{323}n", "bệnh viện");
        check("ho\u{61}\u{300}", "hòa");
        check("một\u{2028}hai", "một\nhai");
    }

    #[test]
    fn clean_text_is_borrowed() {
        for s in ["plain", "Bệnh viện Bạch Mai – “tuyến cuối”, 25 °C", "hòa thủy", "文字", "हिन्दी"]
        {
            assert!(matches!(normalize(s), Cow::Borrowed(_)), "{s}");
        }
    }

    #[test]
    fn folding_takes_accents_off_latin_only() {
        for (input, expect) in
            [("Đường ĐẮT", "duong dat"), ("Café Müller", "cafe muller"), ("한글", "한글"), ("ḁ", "a")]
        {
            assert_eq!(fold(input), expect);
        }
        assert_eq!(lower("HOÀ BÌNH Ñ"), "hòa bình ñ");
    }
}
