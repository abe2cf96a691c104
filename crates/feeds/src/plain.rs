//! HTML fragments, as feeds carry them, to plain text on one line.
//!
//! A small scanner instead of a tree: titles and summaries are short, many and capped.

use quick_xml::escape::resolve_html5_entity;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// What a tag that ends a line or a cell becomes.
const BREAKS: &[&str] = &[
    "p",
    "br",
    "div",
    "li",
    "ul",
    "ol",
    "tr",
    "td",
    "th",
    "table",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "img",
    "figure",
    "figcaption",
    "blockquote",
    "section",
    "article",
    "dt",
    "dd",
    "pre",
];

/// The text of a fragment that may hold markup: tags dropped, entities decoded (and once more when they
/// were encoded twice), blanks folded, NFC, at most `max_chars` characters.
pub(crate) fn from_html(fragment: &str, max_chars: usize) -> String {
    finish(&decode_entities(&strip_tags(fragment)), max_chars)
}

/// The text of a fragment that holds no markup, such as an Atom text construct of type "text".
pub(crate) fn from_text(text: &str, max_chars: usize) -> String {
    finish(text, max_chars)
}

fn finish(text: &str, max_chars: usize) -> String {
    let again;
    let text = if has_entity(text) {
        again = decode_entities(text);
        &again
    } else {
        text
    };
    let mut out = String::with_capacity(text.len().min(max_chars * 3));
    let mut n_chars = 0;
    for word in text.split(|c: char| c.is_whitespace() || c.is_control() || is_invisible(c)) {
        if word.is_empty() {
            continue;
        }
        if n_chars > 0 && n_chars < max_chars {
            out.push(' ');
            n_chars += 1;
        }
        for c in word.chars().take(max_chars.saturating_sub(n_chars)) {
            out.push(c);
            n_chars += 1;
        }
        if n_chars >= max_chars {
            break;
        }
    }
    if is_nfc(&out) { out } else { out.nfc().collect() }
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{feff}' | '\u{fffe}' | '\u{2028}' | '\u{2029}')
}

/// Drops tags, comments and the content of scripts and styles; what merely looks like a tag stays.
pub(crate) fn strip_tags(html: &str) -> String {
    if !html.contains('<') {
        return html.to_owned();
    }
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        let tag = &rest[open..];
        if !tag.contains('>') {
            break;
        }
        out.push_str(&rest[..open]);
        if let Some(comment) = tag.strip_prefix("<!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            continue;
        }
        let Some((name, after)) = tag_at(tag) else {
            out.push('<');
            rest = &tag[1..];
            continue;
        };
        let name = name.to_ascii_lowercase();
        rest = after;
        if matches!(name.as_str(), "script" | "style") {
            rest = skip_element(rest, &name);
        }
        if BREAKS.contains(&name.trim_start_matches('/')) {
            out.push(' ');
        }
    }
    out.push_str(rest);
    out
}

/// The name of the tag that begins here (with its slash), and what follows the tag.
fn tag_at(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('<')?;
    let body = inner.strip_prefix('/').unwrap_or(inner);
    if !body.starts_with(|c: char| c.is_ascii_alphabetic() || c == '!' || c == '?') {
        return None;
    }
    let end = tag_end(inner)?;
    let name_len = inner
        .find(|c: char| c.is_whitespace() || c == '>' || (c == '/' && !inner.starts_with(c)))
        .unwrap_or(end)
        .min(end);
    Some((&inner[..name_len], &inner[end + 1..]))
}

/// The place of the `>` that ends a tag, outside quotes; with an unclosed quote, the first `>`.
fn tag_end(inner: &str) -> Option<usize> {
    const FAR: usize = 4096;
    let mut quote = None;
    for (i, b) in inner.bytes().enumerate().take(FAR) {
        match (quote, b) {
            (None, b'"' | b'\'') => quote = Some(b),
            (Some(q), _) if q == b => quote = None,
            (None, b'>') => return Some(i),
            _ => {}
        }
    }
    inner.find('>')
}

fn skip_element<'a>(rest: &'a str, name: &str) -> &'a str {
    let mut at = 0;
    while let Some(found) = rest[at..].find("</") {
        let start = at + found + 2;
        if rest[start..].get(..name.len()).is_some_and(|n| n.eq_ignore_ascii_case(name)) {
            return rest[start..].find('>').map_or("", |end| &rest[start + end + 1..]);
        }
        at = start;
    }
    ""
}

/// What an entity's name or number (without `&` and `;`) stands for.
pub(crate) fn entity(name: &str) -> Option<String> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return Some(char_of(code).to_string());
    }
    resolve_html5_entity(name).map(str::to_owned)
}

/// Windows printers write 150 where they mean an en dash.
fn char_of(code: u32) -> char {
    if let (Ok(byte), true) = (u8::try_from(code), (0x80..0xa0).contains(&code)) {
        let (text, _, _) = encoding_rs::WINDOWS_1252.decode(std::slice::from_ref(&byte));
        return text.chars().next().unwrap_or(char::REPLACEMENT_CHARACTER);
    }
    if code == 0 {
        return char::REPLACEMENT_CHARACTER;
    }
    char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
}

const MAX_ENTITY: usize = 32;

/// The entity that begins at an ampersand: its name, and what follows it.
fn entity_at(text: &str) -> Option<(String, &str)> {
    let inner = text.strip_prefix('&')?;
    let end = inner.bytes().take(MAX_ENTITY).position(|b| !(b.is_ascii_alphanumeric() || b == b'#'))?;
    let rest = inner[end..].strip_prefix(';')?;
    Some((entity(&inner[..end])?, rest))
}

fn has_entity(text: &str) -> bool {
    text.match_indices('&').take(200).any(|(at, _)| entity_at(&text[at..]).is_some())
}

/// Decodes entities; an ampersand that begins none stays.
pub(crate) fn decode_entities(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        match entity_at(&rest[at..]) {
            Some((value, after)) => {
                out.push_str(&value);
                rest = after;
            }
            None => {
                out.push('&');
                rest = &rest[at + 1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(input: &str, expect: &str) {
        assert_eq!(from_html(input, 100), expect, "{input}");
    }

    #[test]
    fn markup_goes_and_text_stays() {
        check("<p>Bệnh&nbsp;viện <b>A</b></p><p>mở cửa</p>", "Bệnh viện A mở cửa");
        check("<a href=\"x>y\"><img src='z'/></a> Tin", "Tin");
        check("đường huyết < 7 mmol/l & ổn định", "đường huyết < 7 mmol/l & ổn định");
        check("<script>var a = '<b>';</script>Tin <!-- <i> --> mới", "Tin mới");
        check("a<style>p{}</STYLE>b", "ab");
        check("3 <5 và <b", "3 <5 và <b");
    }

    #[test]
    fn entities_are_decoded_twice_when_encoded_twice() {
        check("B&#7879;nh vi&ecirc;n", "Bệnh viên");
        check("&amp;quot;Th&amp;#225;ng&amp;quot;", "\"Tháng\"");
        check("AT&amp;T", "AT&T");
        check("a &khong; b &", "a &khong; b &");
        check("1990&#150;2000", "1990–2000");
    }

    #[test]
    fn text_is_capped_and_composed() {
        assert_eq!(from_html("một hai ba", 6), "một ha");
        assert_eq!(from_text("be\u{323}\u{302}nh", 10), "bệnh");
    }

    proptest! {
        #[test]
        fn never_panics(s in "[<>/!&#;a-z\"' ệ-]{0,60}") {
            prop_assert!(from_html(&s, 20).chars().count() <= 20);
        }
    }
}
