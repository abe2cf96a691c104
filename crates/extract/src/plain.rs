//! Text as it is stored: entities that were encoded twice decoded, composed (NFC), invisible
//! characters gone, white space single. Spelling stays as the outlet printed it.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Cleans one line: all white space becomes single spaces.
pub(crate) fn line(text: &str) -> String {
    let text = decoded(text);
    if is_clean(&text) {
        return text.into_owned();
    }
    let text: Cow<'_, str> = if text.chars().all(is_composed) || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        text
    } else {
        Cow::Owned(text.nfc().collect())
    };
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_graphic() {
            out.push(c);
            continue;
        }
        if is_invisible(c) {
            continue;
        }
        if c.is_whitespace() || c == '\u{a0}' || c.is_control() {
            if !out.ends_with(' ') && !out.is_empty() {
                out.push(' ');
            }
        } else {
            out.push(c);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Whether a text is a clean line already, as most are: letters that Vietnamese is written with, single spaces.
fn is_clean(text: &str) -> bool {
    let mut after_space = true;
    let mut at = 0;
    while let Some(&byte) = text.as_bytes().get(at) {
        at += match byte {
            b'!'..=b'~' => 1,
            b' ' if !after_space => 1,
            0x80.. => match text[at..].chars().next() {
                Some(c) if is_latin(c) || matches!(c, '\u{2013}'..='\u{2026}') => c.len_utf8(),
                _ => return false,
            },
            _ => return false,
        };
        after_space = byte == b' ';
    }
    !after_space || text.is_empty()
}

/// Letters of Latin script, composed, as far as Vietnamese and its neighbours in Europe need them.
fn is_latin(c: char) -> bool {
    matches!(c, '\u{c0}'..='\u{24f}' | '\u{1ea0}'..='\u{1ef9}') && !matches!(c, '\u{d7}' | '\u{f7}')
}

/// Letters that composing leaves as they are, as far as Vietnamese needs them.
fn is_composed(c: char) -> bool {
    c < '\u{300}' || ('\u{1ea0}'..='\u{1ef9}').contains(&c)
}

fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{fffc}'
    )
}

/// Decodes character references that survived the parser, as in `&amp;aacute;` and in JSON.
pub(crate) fn decoded(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    for _ in 0..MAX_ENCODINGS {
        let Some(once) = decoded_once(&text) else { break };
        let is_done = !once.contains("&#") || once.len() >= text.len();
        text = Cow::Owned(once);
        if is_done {
            break;
        }
    }
    text
}

/// Times that a text may have been encoded over again.
const MAX_ENCODINGS: usize = 3;

/// The text with its references decoded, if it has any.
fn decoded_once(text: &str) -> Option<String> {
    if !text.contains('&') {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut changed = false;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let name_end = rest.bytes().take(12).position(|b| b == b';');
        match name_end.and_then(|end| reference(&rest[1..end]).map(|c| (c, end))) {
            Some((c, end)) => {
                out.push_str(&c);
                rest = &rest[end + 1..];
                changed = true;
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    changed.then_some(out)
}

fn reference(name: &str) -> Option<Cow<'static, str>> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code).filter(|c| *c != '\0').map(|c| Cow::Owned(c.to_string()));
    }
    let with_end = format!("{name};");
    let (first, second) = html5ever::data::NAMED_ENTITIES.get(&*with_end).copied().filter(|(a, _)| *a != 0)?;
    let mut text = String::from(char::from_u32(first)?);
    text.extend(char::from_u32(second).filter(|c| *c != '\0'));
    Some(Cow::Owned(text))
}

/// Text that may hold markup (JSON-LD bodies, descriptions): tags dropped, block ends as new lines.
pub(crate) fn without_markup(text: &str) -> String {
    let text = decoded(text);
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_ref();
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        let tag = &rest[at..];
        let named = tag[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!');
        if !named {
            out.push('<');
            rest = &tag[1..];
            continue;
        }
        let Some(end) = tag.find('>') else {
            rest = tag;
            break;
        };
        let name = tag[1..end].trim_start_matches('/').to_ascii_lowercase();
        if ["p", "br", "div", "li", "h", "ul", "ol", "tr", "block"].iter().any(|n| name.starts_with(n)) {
            out.push('\n');
        }
        rest = &tag[end + 1..];
    }
    out.push_str(rest);
    out
}

/// The first bytes of a text, as many as make whole characters.
pub(crate) fn head(text: &str, max_bytes: usize) -> &str {
    &text[..text.floor_char_boundary(max_bytes)]
}

/// Words of a clean text: what stands between spaces and holds a letter or digit.
pub(crate) fn count_words(text: &str) -> usize {
    let (mut n_words, mut is_counted) = (0, false);
    for (at, byte) in text.bytes().enumerate() {
        if byte.is_ascii_whitespace() {
            is_counted = false;
        } else if !is_counted && holds_letter(text, at, byte) {
            n_words += 1;
            is_counted = true;
        }
    }
    n_words
}

/// Whether a letter or digit begins with a byte of a text.
fn holds_letter(text: &str, at: usize, byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0xc0 && text[at..].starts_with(is_letter)
}

/// Letters and digits of any script.
pub(crate) fn is_letter(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphanumeric() } else { is_latin(c) || c.is_alphanumeric() }
}

/// For comparing: letters and digits only, lower case, single spaces.
pub(crate) fn squashed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !c.is_ascii() && is_letter(c) {
            push_lower(&mut out, c);
        } else if !out.ends_with(' ') && !out.is_empty() && !is_invisible(c) {
            out.push(' ');
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Adds a letter in lower case; those of Vietnamese and most of its neighbours need no table.
fn push_lower(out: &mut String, c: char) {
    match c {
        '\u{df}'..='\u{ff}' | 'ă' | 'đ' | 'ơ' | 'ư' => out.push(c),
        // Pairs of upper and lower case.
        '\u{1ea0}'..='\u{1ef9}' => out.extend(char::from_u32(u32::from(c) | 1)),
        _ => out.extend(c.to_lowercase()),
    }
}

/// Whether a text may come out of [`squashed`] with the end of `key`, which did: told by one letter, before
/// the work of squashing.
pub(crate) fn may_end_like(text: &str, key: &str) -> bool {
    last_letter(text) == key.chars().next_back()
}

/// The last letter or digit of a text, in lower case.
pub(crate) fn last_letter(text: &str) -> Option<char> {
    text.chars().rev().find(|c| c.is_alphanumeric()).and_then(|c| c.to_lowercase().last())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(input: &str, expect: &str) {
        assert_eq!(line(input), expect);
    }

    #[test]
    fn lines_come_out_clean() {
        check("  Ng\u{1b0}\u{1a1}\u{300}i   d\u{e2}n\u{a0}vùng\u{ad} cao\n", "Người dân vùng cao");
        check("B&aacute;o Ch&#237;nh ph&#x1EE7;", "Báo Chính phủ");
        check("&amp;#237;", "í");
        check("R&D và A&B; &không; 100 &", "R&D và A&B; &không; 100 &");
    }

    #[test]
    fn markup_in_text_is_dropped() {
        assert_eq!(without_markup("<p>Một <b>hai</b></p>ba < bốn&lt;br&gt;năm"), "\nMột hai\nba < bốn\nnăm");
    }
}
