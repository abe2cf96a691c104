//! Character references in markup, decoded by the rules of the HTML standard: the longest name that is
//! known, with or without its semicolon.

use html5ever::data::{C1_REPLACEMENTS, NAMED_ENTITIES};
use memchr::memchr;

/// Where character references stand: in attributes some are left as they are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Text,
    Attribute,
}

/// A text with its character references decoded.
pub(crate) fn decoded(text: &str, place: Place) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(n) = memchr(b'&', rest.as_bytes()) {
        out.push_str(&rest[..n]);
        let after = &rest[n + 1..];
        match reference(after, place) {
            Some((chars, len)) => {
                out.extend(chars.into_iter().filter(|&c| c != '\0'));
                rest = &after[len..];
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// The characters a reference stands for (the second may be NUL: none), and its length without the `&`.
fn reference(text: &str, place: Place) -> Option<([char; 2], usize)> {
    if let Some(number) = text.strip_prefix('#') {
        return numeric(number).map(|(c, len)| ([c, '\0'], len + 1));
    }
    for (name, c) in [("amp;", '&'), ("quot;", '"'), ("nbsp;", '\u{a0}'), ("lt;", '<'), ("gt;", '>')] {
        if text.starts_with(name) {
            return Some(([c, '\0'], name.len()));
        }
    }
    let mut found = None;
    for end in 1..=text.len() {
        let Some(entity) = text.get(..end).and_then(|name| NAMED_ENTITIES.get(name)) else { break };
        if entity.0 != 0 {
            found = Some((*entity, end));
        }
    }
    let ((first, second), len) = found?;
    let is_loose = !text[..len].ends_with(';');
    let next = text.as_bytes().get(len);
    if is_loose && place == Place::Attribute && next.is_some_and(|&c| c == b'=' || c.is_ascii_alphanumeric()) {
        return None;
    }
    Some(([char::from_u32(first)?, char::from_u32(second)?], len))
}

fn numeric(text: &str) -> Option<(char, usize)> {
    let (digits, base) = match text.strip_prefix(['x', 'X']) {
        Some(hex) => (hex, 16),
        None => (text, 10),
    };
    let n_digits = digits.bytes().take_while(|&c| char::from(c).is_digit(base)).count();
    if n_digits == 0 {
        return None;
    }
    let code = digits[..n_digits]
        .chars()
        .fold(0_u32, |code, c| code.saturating_mul(base).saturating_add(c.to_digit(base).unwrap_or(0)));
    let c = match code {
        0 => '\u{fffd}',
        0x80..=0x9f if C1_REPLACEMENTS[code as usize - 0x80].is_some() => C1_REPLACEMENTS[code as usize - 0x80]?,
        _ => char::from_u32(code).unwrap_or('\u{fffd}'),
    };
    let has_end = digits[n_digits..].starts_with(';');
    Some((c, text.len() - digits.len() + n_digits + usize::from(has_end)))
}
