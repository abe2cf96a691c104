//! What a character is to this crate, for those the tables do not hold.

use unicode_normalization::char::is_combining_mark;

/// The class of a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Letter,
    Digit,
    /// A combining mark: part of the letter before it.
    Mark,
    /// Shows nothing: removed.
    Invisible,
    Space,
    Newline,
    Other,
}

/// The class of any character.
pub(crate) fn class(c: char) -> Class {
    match c {
        'a'..='z' | 'A'..='Z' => Class::Letter,
        '0'..='9' => Class::Digit,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Class::Newline,
        ' ' | '\t' | '_' => Class::Space,
        c if c.is_ascii() => Class::Other,
        c if is_invisible(c) => Class::Invisible,
        c if is_odd_space(c) => Class::Space,
        c if is_combining_mark(c) => Class::Mark,
        c if c.is_numeric() => Class::Digit,
        c if c.is_alphabetic() => Class::Letter,
        _ => Class::Other,
    }
}

/// Zero-width characters, soft hyphen, byte-order mark, direction marks.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Spaces other than the plain one: no-break, em, thin, ideographic.
pub(crate) fn is_odd_space(c: char) -> bool {
    matches!(c, '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}

/// Whether no normal form changes the character and it never joins the one before it.
/// False for some that would be safe: those are looked at again, slowly.
#[inline]
pub(crate) fn is_stable(c: char) -> bool {
    matches!(c, '\0'..'\u{300}' | '\u{1e00}'..'\u{1f00}' | '\u{2010}'..'\u{2028}' | '\u{2030}'..'\u{205f}' | '\u{20a0}'..'\u{20d0}' | '\u{4e00}'..'\u{a000}')
}
