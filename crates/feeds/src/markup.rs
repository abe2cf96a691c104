//! XML that may be broken, as a stream of pieces that never fails.
//!
//! quick-xml cuts the pieces; where it gives up, reading goes on one character later and a problem
//! is noted. Entities are resolved one by one from the HTML table, and those a document type declares
//! are never expanded, so that no text can grow.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::plain;

/// How often reading goes on after a place that cannot be read, and how many bytes may be read again for it.
const MAX_RESTARTS: usize = 1000;
const MAX_REREAD: usize = 16 << 20;
/// How far into a tag its soundness is judged.
const MAX_JUDGED: usize = 8 << 10;
const MAX_ATTRIBUTES: usize = 64;
/// Longer attribute values and names are not looked at.
const MAX_VALUE_BYTES: usize = 8 << 10;
const MAX_NAME_BYTES: usize = 200;

/// A piece of a document.
#[derive(Debug)]
pub(crate) enum Piece<'a> {
    /// A tag opens.
    Start(Tag<'a>),
    /// A tag closes; its name as it stands.
    End(&'a str),
    /// Text, entities resolved.
    Text(Cow<'a, str>),
}

/// An opening tag.
#[derive(Debug)]
pub(crate) struct Tag<'a> {
    /// The name as it stands, with its prefix.
    pub(crate) name: &'a str,
    /// What stands between the name and the end of the tag.
    raw: &'a str,
    /// It closes itself.
    pub(crate) empty: bool,
}

impl<'a> Tag<'a> {
    /// The attributes that can be read, entities resolved.
    pub(crate) fn attributes(&self) -> Vec<(&'a str, String)> {
        let mut out = Vec::new();
        let mut rest = self.raw.trim_start();
        while out.len() < MAX_ATTRIBUTES && !rest.is_empty() {
            let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            let Some(after) = after.trim_start().strip_prefix('=') else {
                rest = after.trim_start();
                continue;
            };
            let after = after.trim_start();
            let (value, next) = match after.chars().next() {
                Some(quote @ ('"' | '\'')) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
                _ => after.split_at(after.find(char::is_whitespace).unwrap_or(after.len())),
            };
            if !name.is_empty() && value.len() <= MAX_VALUE_BYTES {
                out.push((name, plain::decode_entities(value)));
            }
            rest = next.trim_start();
        }
        out
    }

    /// One attribute, whatever its prefix and case.
    pub(crate) fn attribute(&self, local: &str) -> Option<String> {
        self.attributes()
            .into_iter()
            .find(|(name, _)| name.rsplit(':').next().is_some_and(|n| n.eq_ignore_ascii_case(local)))
            .map(|(_, value)| value)
    }
}

/// What was wrong with a document's markup.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Flaws {
    /// Places that could not be read as markup.
    pub(crate) n_unreadable: usize,
    /// Ampersands that begin no entity.
    pub(crate) n_ampersands: usize,
    /// Entities nobody knows, or that only the document type declares.
    pub(crate) n_unknown_entities: usize,
    /// Entities of HTML that XML does not know.
    pub(crate) n_html_entities: usize,
    /// The document ends inside a tag, comment or CDATA section.
    pub(crate) cut_off: bool,
    /// Reading stopped because too much was unreadable.
    pub(crate) given_up: bool,
    /// A document type declares entities.
    pub(crate) declares_entities: bool,
}

/// The pieces of a document.
pub(crate) struct Markup<'a> {
    text: &'a str,
    reader: Reader<&'a [u8]>,
    /// Where the reader's input begins in `text`.
    start: usize,
    reread: usize,
    /// What was wrong so far.
    pub(crate) flaws: Flaws,
}

impl<'a> Markup<'a> {
    /// Begins to read.
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, reader: lenient(text), start: 0, reread: 0, flaws: Flaws::default() }
    }

    /// The place in the text, in bytes.
    pub(crate) fn position(&self) -> usize {
        self.start + usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX)
    }

    /// The next piece; none at the end.
    pub(crate) fn next_piece(&mut self) -> Option<Piece<'a>> {
        loop {
            let before = self.position().min(self.text.len());
            match self.reader.read_event() {
                Ok(Event::Eof) => return None,
                Ok(Event::Start(tag)) => match self.tag(before, &tag, false) {
                    Some(piece) => return Some(piece),
                    None => continue,
                },
                Ok(Event::Empty(tag)) => match self.tag(before, &tag, true) {
                    Some(piece) => return Some(piece),
                    None => continue,
                },
                Ok(Event::End(_)) => {
                    let raw = self.slice(before);
                    let name = raw.trim_start_matches("</").trim_end_matches('>').trim();
                    return Some(Piece::End(name));
                }
                Ok(Event::Text(_)) => {
                    let raw = self.slice(before);
                    self.flaws.n_ampersands += usize::from(raw.starts_with('&'));
                    return Some(Piece::Text(Cow::Borrowed(raw)));
                }
                Ok(Event::CData(_)) => {
                    let raw = self.slice(before);
                    let inner = raw.strip_prefix("<![CDATA[").and_then(|r| r.strip_suffix("]]>"));
                    return Some(Piece::Text(Cow::Borrowed(inner.unwrap_or(raw))));
                }
                Ok(Event::GeneralRef(_)) => return Some(Piece::Text(self.reference(before))),
                Ok(Event::DocType(_)) => {
                    if self.slice(before).contains("<!ENTITY") {
                        self.flaws.declares_entities = true;
                    }
                }
                Ok(Event::Decl(_) | Event::PI(_) | Event::Comment(_)) => {}
                Err(_) => return self.go_on(before),
            }
        }
    }

    fn slice(&self, before: usize) -> &'a str {
        self.text.get(before..self.position()).unwrap_or("")
    }

    fn tag(&mut self, before: usize, tag: &BytesStart<'_>, empty: bool) -> Option<Piece<'a>> {
        let raw = self.slice(before);
        let name_len = tag.name().as_ref().len();
        let inner = raw.strip_prefix('<').and_then(|r| r.strip_suffix('>')).unwrap_or("");
        let name = inner.get(..name_len).unwrap_or("");
        // "đường huyết < 7" is no tag, and a tag that swallowed another was never closed.
        let broken = name.len() > MAX_NAME_BYTES
            || !name.starts_with(|c: char| c.is_alphabetic() || c == '_')
            || unquoted(inner).contains('<');
        if broken {
            self.restart(before + 1);
            return (!self.flaws.given_up).then_some(Piece::Text(Cow::Borrowed("<")));
        }
        let raw = inner.get(name_len..).unwrap_or("");
        let raw = if empty { raw.strip_suffix('/').unwrap_or(raw) } else { raw };
        Some(Piece::Start(Tag { name, raw, empty }))
    }

    fn reference(&mut self, before: usize) -> Cow<'a, str> {
        let raw = self.slice(before);
        let name = raw.trim_start_matches('&').trim_end_matches(';');
        if let Some(value) = plain::entity(name) {
            let known = name.starts_with('#') || matches!(name, "amp" | "lt" | "gt" | "quot" | "apos");
            self.flaws.n_html_entities += usize::from(!known);
            return Cow::Owned(value);
        }
        if !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric()) {
            self.flaws.n_unknown_entities += 1;
        } else {
            self.flaws.n_ampersands += 1;
        }
        Cow::Borrowed(raw)
    }

    /// After an error: an unclosed CDATA section or comment at the end gives its text, else one sign is text.
    fn go_on(&mut self, before: usize) -> Option<Piece<'a>> {
        let rest = self.text.get(before..).unwrap_or("");
        let open = rest.find('<').map_or(rest, |at| &rest[at..]);
        if let Some(inner) = open.strip_prefix("<![CDATA[")
            && !inner.contains("]]>")
        {
            self.flaws.cut_off = true;
            return self.finish_with(inner);
        }
        if let Some(inner) = open.strip_prefix("<!--")
            && !inner.contains("<item")
            && !inner.contains("<entry")
        {
            self.flaws.cut_off = true;
            return self.finish_with("");
        }
        if !open.contains('>') {
            self.flaws.cut_off = true;
            return self.finish_with("");
        }
        let skip = rest.len() - open.len();
        let step = open.chars().next().map_or(1, char::len_utf8);
        self.restart(before + skip + step);
        (!self.flaws.given_up).then_some(Piece::Text(Cow::Borrowed("<")))
    }

    fn finish_with(&mut self, last: &'a str) -> Option<Piece<'a>> {
        self.move_to(self.text.len());
        (!last.is_empty()).then_some(Piece::Text(Cow::Borrowed(last)))
    }

    fn restart(&mut self, at: usize) {
        self.flaws.n_unreadable += 1;
        self.reread += self.position().saturating_sub(at);
        if self.flaws.n_unreadable > MAX_RESTARTS || self.reread > MAX_REREAD {
            self.flaws.given_up = true;
            self.move_to(self.text.len());
        } else {
            self.move_to(at);
        }
    }

    fn move_to(&mut self, at: usize) {
        self.start = at.min(self.text.len());
        self.reader = lenient(self.text.get(self.start..).unwrap_or(""));
    }
}

/// The inner part of a tag without its quoted values.
fn unquoted(inner: &str) -> Cow<'_, str> {
    let mut end = inner.len().min(MAX_JUDGED);
    while !inner.is_char_boundary(end) {
        end -= 1;
    }
    let inner = &inner[..end];
    if !inner.contains('<') {
        return Cow::Borrowed("");
    }
    let mut out = String::new();
    let mut quote = None;
    for c in inner.chars() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(q), _) if q == c => quote = None,
            (None, _) => out.push(c),
            // A line break and a tag inside a value: the quote was never closed.
            (Some(_), '<') if inner.contains('\n') => out.push(c),
            _ => {}
        }
    }
    Cow::Owned(out)
}

fn lenient(text: &str) -> Reader<&[u8]> {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.allow_dangling_amp = true;
    config.allow_unmatched_ends = true;
    config.check_end_names = false;
    config.check_comments = false;
    reader
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> (String, Flaws) {
        let mut markup = Markup::new(text);
        let mut out = String::new();
        while let Some(piece) = markup.next_piece() {
            match piece {
                Piece::Start(tag) => {
                    out.push_str(&format!("[{}{}", tag.name, if tag.empty { "/" } else { "" }));
                    for (name, value) in tag.attributes() {
                        out.push_str(&format!(" {name}={value}"));
                    }
                    out.push(']');
                }
                Piece::End(name) => out.push_str(&format!("[/{name}]")),
                Piece::Text(text) => out.push_str(&text),
            }
        }
        (out, markup.flaws)
    }

    #[track_caller]
    fn check(input: &str, expect: &str) {
        assert_eq!(pieces(input).0, expect, "{input}");
    }

    #[test]
    fn sound_markup() {
        check("<?xml version='1.0'?><a b='1' c=\"x &amp; y\"><d/>t</a >", "[a b=1 c=x & y][d/]t[/a]");
        check("<a><![CDATA[<b> & c]]></a>", "[a]<b> & c[/a]");
        check("x &lt;b&gt; &#225; &nbsp;", "x <b> á \u{a0}");
    }

    #[test]
    fn broken_markup() {
        check("<a>1 & 2 &khong; 3</a>", "[a]1 & 2 &khong; 3[/a]");
        check("<a>x < 7 mmol</a>", "[a]x < 7 mmol[/a]");
        check("<a>t</b></a>", "[a]t[/b][/a]");
        check("<a><![CDATA[cut", "[a]cut");
        check("<a>t<b", "[a]t");
        check("<a b=1 c d='2'>", "[a b=1 d=2]");
        check("<a><b <c>t</c>", "[a]<b [c]t[/c]");
    }

    #[test]
    fn entities_are_never_expanded() {
        let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><x>&b;</x>";
        let (text, flaws) = pieces(bomb);
        assert_eq!(text, "[x]&b;[/x]");
        assert!(flaws.declares_entities);
    }
}
