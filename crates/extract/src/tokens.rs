//! Text to tokens: the tokenizer of the HTML standard over one page that is whole in memory.
//!
//! html5ever's own tokenizer steps through a state machine a character at a time, because its input
//! may end anywhere; most of a news page is script, which this one leaps over. Texts and values
//! are slices of a few copies of its parts. Comments give no token and carriage returns stay, which no reader can
//! see; what else may be left out, [`Keep`] says. Work is linear in the page.

use std::ops::Range;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{Doctype, Tag, TagKind, Token, TokenSink, TokenSinkResult};
use html5ever::{Attribute, LocalName, QualName, ns};
use memchr::{memchr, memchr_iter, memchr2};

use crate::keep::{Content, Keep, attribute_name, element_name, is_dependency, is_drawing};
use crate::references::{Place, decoded};
use crate::tag::Tag as Form;

/// Attributes of one tag beyond this number are left out.
const MAX_ATTRIBUTES: usize = 64;

/// Feeds the tokens of `text` to a tree builder.
pub(crate) fn tokenize<S: TokenSink>(text: &str, keep: Keep, sink: &S) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if memchr(0, text.as_bytes()).is_some() {
        return tokenize(&text.replace('\0', ""), keep, sink);
    }
    let piece = Piece { text: StrTendril::new(), start: 0 };
    Tokens { text, bytes: text.as_bytes(), piece, at: 0, keep, is_new_line: false, sink }.run();
}

struct Tokens<'a, S> {
    text: &'a str,
    bytes: &'a [u8],
    piece: Piece,
    at: usize,
    keep: Keep,
    /// The last tag began or ended a line.
    is_new_line: bool,
    sink: &'a S,
}

/// A piece of the page, of which texts and values are slices.
struct Piece {
    text: StrTendril,
    /// Where it begins in the page.
    start: usize,
}

/// Bytes that a tendril holds itself.
const MAX_INLINE: usize = 8;

/// Bytes that are copied at a time: of a page that is mostly scripts, most is never copied.
const COPIED: usize = 4096;

impl<S: TokenSink> Tokens<'_, S> {
    fn run(mut self) {
        while self.at < self.bytes.len() {
            let end = self.end_of_text();
            if !(self.is_new_line && self.bytes[self.at..end].iter().all(|&c| is_space(c))) {
                self.emit_text(self.at, end);
                self.is_new_line = false;
            }
            self.at = end;
            if end < self.bytes.len() {
                self.markup();
            }
        }
        self.send(Token::EOFToken);
        self.sink.end();
    }

    /// The next `<` that begins markup.
    fn end_of_text(&self) -> usize {
        let begins = |at: &usize| match self.bytes.get(at + 1) {
            Some(b'/') => self.bytes.get(at + 2).is_some(),
            Some(c) => c.is_ascii_alphabetic() || matches!(c, b'!' | b'?'),
            None => false,
        };
        let found = memchr_iter(b'<', &self.bytes[self.at..]).map(|n| self.at + n).find(begins);
        found.unwrap_or(self.bytes.len())
    }

    /// Reads what begins with the `<` at the present place.
    fn markup(&mut self) {
        match self.bytes[self.at + 1] {
            b'!' => self.declaration(),
            b'/' => match self.bytes[self.at + 2] {
                c if c.is_ascii_alphabetic() => self.tag(TagKind::EndTag, self.at + 2),
                _ => self.skip_to(b'>'),
            },
            b'?' => self.skip_to(b'>'),
            _ => self.tag(TagKind::StartTag, self.at + 1),
        }
    }

    fn skip_to(&mut self, end: u8) {
        let rest = &self.bytes[self.at..];
        self.at += memchr(end, rest).map_or(rest.len(), |n| n + 1);
    }

    /// `<!`: a comment, a doctype, a CDATA section inside foreign content, or nothing that is known.
    fn declaration(&mut self) {
        let inside = self.at + 2;
        let rest = &self.bytes[inside..];
        if rest.starts_with(b"--") {
            self.at = self.end_of_comment(inside + 2);
        } else if rest.len() >= 7 && rest[..7].eq_ignore_ascii_case(b"doctype") {
            self.doctype(inside + 7);
        } else if rest.starts_with(b"[CDATA[") && self.sink.adjusted_current_node_present_but_not_in_html_namespace() {
            let start = inside + 7;
            let end = self.text[start..].find("]]>").map_or(self.bytes.len(), |n| start + n);
            self.emit_slice(start, end);
            self.at = (end + 3).min(self.bytes.len());
        } else {
            self.skip_to(b'>');
        }
    }

    /// Where a comment that begins at `start` is over.
    fn end_of_comment(&self, start: usize) -> usize {
        let rest = &self.bytes[start..];
        if rest.starts_with(b">") {
            return start + 1;
        }
        if rest.starts_with(b"->") {
            return start + 2;
        }
        for n in memchr_iter(b'>', rest) {
            if rest[..n].ends_with(b"--") || rest[..n].ends_with(b"--!") {
                return start + n + 1;
            }
        }
        self.bytes.len()
    }

    fn doctype(&mut self, start: usize) {
        let end = memchr(b'>', &self.bytes[start..]).map_or(self.bytes.len(), |n| start + n);
        let inside = self.text[start..end].trim_ascii();
        let name = inside.split_ascii_whitespace().next().unwrap_or_default();
        let rest = inside[name.len()..].trim_ascii_start();
        let mut ids = rest.split(['"', '\'']).skip(1).step_by(2).map(StrTendril::from_slice);
        let keyword = rest.get(..6).unwrap_or_default();
        let public_id = keyword.eq_ignore_ascii_case("public").then(|| ids.next()).flatten();
        let system_id = ids.next();
        let broken = end == self.bytes.len() || !rest.is_empty() && public_id.is_none() && system_id.is_none();
        self.send(Token::DoctypeToken(Doctype {
            name: (!name.is_empty()).then(|| StrTendril::from_slice(&name.to_ascii_lowercase())),
            public_id,
            system_id,
            force_quirks: broken || name.is_empty(),
        }));
        self.at = (end + 1).min(self.bytes.len());
    }

    /// A tag whose name begins at `start`. One that does not end is no tag, and nothing follows it.
    fn tag(&mut self, kind: TagKind, start: usize) {
        let (end, classes) = self.end_of_name(start, SPACE | END);
        self.at = end;
        let name = &self.text[start..end];
        let name = match classes & UPPER {
            0 => element_name(name),
            _ => element_name(&name.to_ascii_lowercase()),
        };
        let form = Form::of(&name);
        let mut tag =
            Tag { kind, name: name.clone(), self_closing: false, attrs: Vec::new(), had_duplicate_attributes: false };
        if !self.attributes(&mut tag, form) {
            self.at = self.bytes.len();
            return;
        }
        let mut content = Content::Read;
        if self.keep == Keep::Read {
            if is_drawing(&name) || is_dependency(&tag) {
                return;
            }
            self.is_new_line = form.is_block();
            content = Content::of(form, &tag);
        }
        match self.sink.process_token(Token::TagToken(tag), 1) {
            TokenSinkResult::RawData(kind) => self.raw(kind, &name, content),
            TokenSinkResult::Plaintext => {
                self.emit_slice(self.at, self.bytes.len());
                self.at = self.bytes.len();
            }
            _ => {}
        }
    }

    /// Where the name that begins at a place ends, by a later byte of one of these classes, and the classes
    /// of its bytes.
    fn end_of_name(&self, start: usize, ends: u8) -> (usize, u8) {
        let mut inside = CLASSES[usize::from(self.bytes[start])];
        let mut end = start + 1;
        while let Some(&c) = self.bytes.get(end) {
            let class = CLASSES[usize::from(c)];
            if class & ends != 0 {
                break;
            }
            inside |= class;
            end += 1;
        }
        (end, inside)
    }

    fn skip_spaces(&mut self) {
        while self.bytes.get(self.at).is_some_and(|&c| is_space(c)) {
            self.at += 1;
        }
    }

    /// Reads attributes up to and with the `>`.
    fn attributes(&mut self, tag: &mut Tag, form: Form) -> bool {
        loop {
            self.skip_spaces();
            match self.bytes.get(self.at) {
                None => return false,
                Some(b'>') => {
                    self.at += 1;
                    return true;
                }
                Some(b'/') => {
                    self.at += 1;
                    tag.self_closing = self.bytes.get(self.at) == Some(&b'>');
                }
                Some(_) => {
                    let start = self.at;
                    let (end, classes) = self.end_of_name(start, SPACE | END | EQUALS);
                    self.at = end;
                    let Some(value) = self.value() else { return false };
                    if tag.kind == TagKind::EndTag || tag.attrs.len() >= MAX_ATTRIBUTES {
                        continue;
                    }
                    let name = &self.text[start..end];
                    let name = match classes & UPPER {
                        0 => attribute_name(name, form, self.keep),
                        _ => attribute_name(&name.to_ascii_lowercase(), form, self.keep),
                    };
                    if let Some(name) = name {
                        self.add_attribute(tag, name, value);
                    }
                }
            }
        }
    }

    /// Where the value stands that follows an attribute's name; nothing where there is none.
    fn value(&mut self) -> Option<Range<usize>> {
        self.skip_spaces();
        if self.bytes.get(self.at) != Some(&b'=') {
            return Some(self.at..self.at);
        }
        self.at += 1;
        self.skip_spaces();
        let start = self.at;
        match self.bytes.get(start)? {
            quote @ (b'"' | b'\'') => {
                let end = start + 1 + memchr(*quote, &self.bytes[start + 1..])?;
                self.at = end + 1;
                Some(start + 1..end)
            }
            _ => {
                let rest = &self.bytes[start..];
                self.at = start + rest.iter().position(|&c| is_space(c) || c == b'>').unwrap_or(rest.len());
                Some(start..self.at)
            }
        }
    }

    fn add_attribute(&mut self, tag: &mut Tag, local: LocalName, value: Range<usize>) {
        if tag.attrs.is_empty() {
            tag.attrs = Vec::with_capacity(2);
        }
        if tag.attrs.iter().any(|a| a.name.local == local) {
            tag.had_duplicate_attributes = true;
            return;
        }
        let value = if memchr(b'&', &self.bytes[value.clone()]).is_some() {
            StrTendril::from(decoded(&self.text[value], Place::Attribute))
        } else {
            self.slice(value.start, value.end)
        };
        tag.attrs.push(Attribute { name: QualName::new(None, ns!(), local), value });
    }

    /// The content of an element that holds no markup, up to its end tag; left out if nobody reads it.
    fn raw(&mut self, kind: RawKind, name: &str, content: Content) {
        let end = match kind {
            RawKind::ScriptData => self.end_of_script(),
            _ => self.end_of_raw(name),
        };
        match kind {
            _ if content == Content::Unread => {}
            RawKind::Rcdata => self.emit_text(self.at, end),
            _ => self.emit_slice(self.at, end),
        }
        self.at = end;
    }

    fn end_of_raw(&self, name: &str) -> usize {
        let found = memchr_iter(b'<', &self.bytes[self.at..]).map(|n| self.at + n);
        found.into_iter().find(|&at| self.closes(at, name)).unwrap_or(self.bytes.len())
    }

    /// A script may hold a comment that holds a script.
    fn end_of_script(&self) -> usize {
        #[derive(PartialEq)]
        enum Inside {
            Script,
            Comment,
            ScriptInComment,
        }
        let mut inside = Inside::Script;
        let mut at = self.at;
        loop {
            let rest = &self.bytes[at..];
            let next = if inside == Inside::Script { memchr(b'<', rest) } else { memchr2(b'<', b'-', rest) };
            let Some(n) = next else { return self.bytes.len() };
            at += n;
            let rest = &self.bytes[at..];
            match inside {
                Inside::Script | Inside::Comment if self.closes(at, "script") => return at,
                Inside::Script if rest.starts_with(b"<!--") => {
                    inside = Inside::Comment;
                    at += 2;
                    continue;
                }
                Inside::Comment if rest[0] == b'<' && self.opens(at + 1, "script") => inside = Inside::ScriptInComment,
                Inside::ScriptInComment if self.closes(at, "script") => inside = Inside::Comment,
                Inside::Comment | Inside::ScriptInComment if rest.starts_with(b"-->") => inside = Inside::Script,
                _ => {}
            }
            at += 1;
        }
    }

    fn closes(&self, at: usize, name: &str) -> bool {
        self.bytes[at..].starts_with(b"</") && self.opens(at + 2, name)
    }

    /// Whether a tag's name stands at a place, whole.
    fn opens(&self, at: usize, name: &str) -> bool {
        let end = at + name.len();
        self.bytes.get(at..end).is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
            && self.bytes.get(end).is_some_and(|&c| is_space(c) || matches!(c, b'/' | b'>'))
    }

    fn emit_text(&mut self, start: usize, end: usize) {
        if memchr(b'&', &self.bytes[start..end]).is_none() {
            self.emit_slice(start, end);
        } else {
            self.send(Token::CharacterTokens(StrTendril::from(decoded(&self.text[start..end], Place::Text))));
        }
    }

    fn emit_slice(&mut self, start: usize, end: usize) {
        if start < end {
            let text = self.slice(start, end);
            self.send(Token::CharacterTokens(text));
        }
    }

    /// A part of the page. Pages are cut to far less than the four gigabytes a tendril can hold.
    fn slice(&mut self, start: usize, end: usize) -> StrTendril {
        if end - start <= MAX_INLINE {
            return StrTendril::from_slice(&self.text[start..end]);
        }
        let copied = self.piece.start..self.piece.start + self.piece.text.len();
        if start < copied.start || end > copied.end {
            let stop = self.text.ceil_char_boundary(end.max(start + COPIED));
            self.piece = Piece { text: StrTendril::from_slice(&self.text[start..stop]), start };
        }
        self.piece.text.subtendril((start - self.piece.start) as u32, (end - start) as u32)
    }

    fn send(&self, token: Token) {
        let _ = self.sink.process_token(token, 1);
    }
}

/// White space.
const SPACE: u8 = 1;
/// `/` and `>`.
const END: u8 = 1 << 1;
/// `=`
const EQUALS: u8 = 1 << 2;
/// Letters in upper case.
const UPPER: u8 = 1 << 3;

/// What each byte is inside a tag.
static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut c = 0_u8;
    while c < 128 {
        classes[c as usize] = match c {
            b' ' | b'\n' | b'\t' | b'\r' | 0x0c => SPACE,
            b'/' | b'>' => END,
            b'=' => EQUALS,
            b'A'..=b'Z' => UPPER,
            _ => 0,
        };
        c += 1;
    }
    classes
};

fn is_space(c: u8) -> bool {
    CLASSES[usize::from(c)] == SPACE
}
