//! The embedded typeface, and what of a text it can print.
//!
//! Liberation Serif has the widths of Times New Roman and all of Vietnamese; its licence is in `fonts/LICENSE`.

use std::sync::LazyLock;

use typst::foundations::Bytes;
use typst::text::Font;
use unicode_normalization::UnicodeNormalization;

static FACES: [&[u8]; 4] = [
    include_bytes!("../fonts/LiberationSerif-Regular.ttf"),
    include_bytes!("../fonts/LiberationSerif-Bold.ttf"),
    include_bytes!("../fonts/LiberationSerif-Italic.ttf"),
    include_bytes!("../fonts/LiberationSerif-BoldItalic.ttf"),
];

/// Regular, bold, italic, bold italic.
pub(crate) static FONTS: LazyLock<Vec<Font>> =
    LazyLock::new(|| FACES.into_iter().filter_map(|face| Font::new(Bytes::new(face), 0)).collect());

/// Stands for a character that the typeface lacks.
const UNKNOWN: char = '□';

/// A text as it can be printed: composed (NFC), on one line, without control, invisible or private characters. What
/// the typeface lacks becomes "□", one for a stretch of them; pictures are left out.
pub(crate) fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfc() {
        let c = match c {
            c if c.is_whitespace() && c != '\u{a0}' || c.is_control() => ' ',
            c if is_unseen(c) => continue,
            c if has_glyph(c) => c,
            _ => UNKNOWN,
        };
        if !(matches!(c, ' ' | UNKNOWN) && out.ends_with(c)) {
            out.push(c);
        }
    }
    out
}

fn has_glyph(c: char) -> bool {
    FONTS.iter().all(|font| font.info().coverage.contains(u32::from(c)))
}

/// Private, direction-changing, zero-width and tag characters, selectors, and pictures.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{e000}'..='\u{f8ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{fff0}'..='\u{ffff}' | '\u{1f000}'..='\u{1faff}' | '\u{e0000}'..='\u{10ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_vietnamese_letter_has_a_glyph_in_every_face() {
        let bases = ["a", "ă", "â", "e", "ê", "i", "o", "ô", "ơ", "u", "ư", "y"];
        let tones = ["", "\u{300}", "\u{301}", "\u{303}", "\u{309}", "\u{323}"];
        assert_eq!(FONTS.len(), 4);
        let mut n = 0;
        for base in bases {
            for tone in tones {
                for letter in [format!("{base}{tone}"), format!("{base}{tone}").to_uppercase()] {
                    let composed: String = letter.nfc().collect();
                    assert_eq!(composed.chars().count(), 1, "{composed}");
                    for font in FONTS.iter() {
                        for c in composed.chars().chain(letter.nfd()) {
                            let has = font.info().coverage.contains(u32::from(c));
                            assert!(has, "{letter} lacks {c:?} in {:?}", font.info().variant);
                        }
                    }
                    assert_eq!(printable(&letter.nfd().collect::<String>()), composed);
                    n += 1;
                }
            }
        }
        assert_eq!(n, 144);
        assert_eq!(printable("đĐ₫ “–” … · • → ≥"), "đĐ₫ “–” … · • → ≥");
    }

    #[test]
    fn what_cannot_be_printed_is_left_out_or_shown_to_be_missing() {
        for (text, want) in [
            ("tin 🔥🔥 nóng", "tin nóng"),
            ("武漢 là", "□ là"),
            ("a\u{202e}b\u{200b}c\u{0}d\r\ne", "abc d e"),
            ("x\u{e123}\u{fe0f}y\u{fffe}", "xy"),
        ] {
            assert_eq!(printable(text), want);
        }
    }
}
