//! The page flattened: its elements in document order with their extents, and its text
//! as a list of blocks (paragraphs, headings, list items, cells). One walk over the DOM,
//! without recursion; every later step works on these two lists.

use std::ops::Range;

use html5ever::{LocalName, local_name};

use crate::tag::Tag;
use crate::tree;
use crate::tree::{Edge, Node, Value};
use crate::vocab::{Hints, Seen, hides, hints_of, hints_of_property, hints_of_role};

/// An element in document order.
pub(crate) struct Element<'a> {
    pub(crate) value: &'a tree::Element,
    pub(crate) node: &'a Node<'a>,
    pub(crate) parent: u32,
    /// One past the last element inside it.
    pub(crate) end: u32,
    pub(crate) tag: Tag,
    pub(crate) hints: Hints,
    /// Its `itemprop`.
    pub(crate) property: Option<&'a str>,
    /// Blocks inside it.
    pub(crate) blocks: Range<u32>,
}

/// A run of text that reads as one line or paragraph.
pub(crate) struct Block {
    /// The nearest element that begins a new line.
    pub(crate) owner: u32,
    pub(crate) text: Range<usize>,
    /// Characters without white space, ideographs counted twice.
    pub(crate) n_chars: u32,
    /// Those inside links.
    pub(crate) n_linked: u32,
    /// Links begun in it.
    pub(crate) n_links: u32,
    /// Those inside strong.
    pub(crate) n_strong: u32,
    /// Those inside emphasis.
    pub(crate) n_emphasis: u32,
    /// The innermost heading, paragraph, item, cell, quote or caption around it.
    pub(crate) tag: Tag,
}

impl<'a> Element<'a> {
    /// The value of an attribute. Few are kept, so they are looked through.
    pub(crate) fn attr(&self, name: &LocalName) -> Option<&'a str> {
        self.value.attrs().find(|a| a.name.local == *name).map(|a| &*a.value)
    }
}

impl Block {
    pub(crate) fn link_density(&self) -> f32 {
        self.n_linked as f32 / self.n_chars.max(1) as f32
    }
}

/// The page as two lists.
pub(crate) struct Outline<'a> {
    pub(crate) elements: Vec<Element<'a>>,
    pub(crate) blocks: Vec<Block>,
    text: String,
}

impl<'a> Outline<'a> {
    pub(crate) fn of(tree: &'a Node<'a>) -> Self {
        let mut walk = Walk { elements: Vec::with_capacity(1024), ..Walk::default() };
        walk.text.reserve(16 * 1024);
        for edge in tree.walk() {
            match edge {
                Edge::Open(node) => walk.open(node),
                Edge::Close(node) => walk.close(node),
            }
        }
        walk.flush();
        Self { elements: walk.elements, blocks: walk.blocks, text: walk.text }
    }

    pub(crate) fn text(&self, block: &Block) -> &str {
        &self.text[block.text.clone()]
    }

    /// The elements around one, innermost first, itself included.
    pub(crate) fn ancestors(&self, index: u32) -> impl Iterator<Item = (u32, &Element<'a>)> {
        let mut next = Some(index);
        std::iter::from_fn(move || {
            let at = next?;
            let element = self.elements.get(at as usize)?;
            next = (at != 0).then_some(element.parent);
            Some((at, element))
        })
    }

    /// All text of an element, blocks joined with spaces.
    pub(crate) fn text_of(&self, index: u32) -> String {
        let Some(element) = self.elements.get(index as usize) else {
            return String::new();
        };
        if element.blocks.is_empty() && !element.tag.is_silent() {
            return Self::inline_text(element);
        }
        let mut out = String::new();
        for block in &self.blocks[element.blocks.start as usize..element.blocks.end as usize] {
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(self.text(block));
            if out.len() > MAX_TEXT_OF {
                break;
            }
        }
        out
    }

    /// An element inside a line has no blocks of its own: its text is read from the DOM.
    fn inline_text(element: &Element<'a>) -> String {
        let mut out = String::new();
        for text in element.node.texts(200) {
            out.push_str(text);
            if out.len() > MAX_TEXT_OF {
                break;
            }
        }
        out
    }
}

const MAX_TEXT_OF: usize = 20_000;

/// Cells shorter than this are joined to one line a row.
const SHORT_CELL: u32 = 120;

#[derive(Default)]
struct Walk<'a> {
    elements: Vec<Element<'a>>,
    blocks: Vec<Block>,
    text: String,
    stack: Vec<u32>,
    run: Run,
    n_silent: usize,
    n_links: usize,
    n_strong: usize,
    n_emphasis: usize,
    seen: Seen<'a>,
}

#[derive(Default)]
struct Run {
    start: usize,
    n_chars: u32,
    n_linked: u32,
    n_links: u32,
    n_strong: u32,
    n_emphasis: u32,
    n_breaks: u8,
    /// The run holds several short cells of one row.
    is_row: bool,
    /// The run's last cell was short and has ended; another may follow it.
    is_open_row: bool,
    /// The present cell began at this many characters.
    cell_start: u32,
}

impl<'a> Walk<'a> {
    fn open(&mut self, node: &'a Node<'a>) {
        match &node.value {
            Value::Element(element) => self.open_element(node, element),
            Value::Text(text) if self.n_silent == 0 => self.push_text(text),
            _ => {}
        }
    }

    fn open_element(&mut self, node: &'a Node<'a>, value: &'a tree::Element) {
        let tag = Tag::of(&value.name.local);
        if tag == Tag::Cell && self.run.n_chars > 0 && self.run.is_open_row {
            self.text.push_str(" | ");
            self.run.is_row = true;
        } else if tag.is_block() {
            self.flush();
        }
        if tag == Tag::Cell {
            self.run.cell_start = self.run.n_chars;
        }
        match tag {
            Tag::Br => self.push_break(),
            Tag::A => {
                self.n_links += 1;
                self.run.n_links += 1;
            }
            Tag::Strong => self.n_strong += 1,
            Tag::Emphasis => self.n_emphasis += 1,
            _ => {}
        }
        if tag.is_silent() {
            self.n_silent += 1;
        }
        let at = self.elements.len() as u32;
        let parent = self.stack.last().copied().unwrap_or(0);
        let (hints, property) = self.hints(value, tag);
        if is_inline_junk(tag, hints) {
            self.flush();
        }
        let first = self.blocks.len() as u32;
        self.elements.push(Element { value, node, parent, end: at + 1, tag, hints, property, blocks: first..first });
        self.stack.push(at);
    }

    fn close(&mut self, node: &'a Node<'a>) {
        if node.element().is_none() {
            return;
        }
        let Some(at) = self.stack.pop() else { return };
        let (tag, hints) = (self.elements[at as usize].tag, self.elements[at as usize].hints);
        if is_inline_junk(tag, hints) {
            self.flush_in(at);
        } else if tag == Tag::Cell && self.run.n_chars - self.run.cell_start < SHORT_CELL && self.stays_in_row(at) {
            self.run.is_open_row = true;
        } else if tag.is_block() {
            self.flush_in(at);
        }
        match tag {
            Tag::A => self.n_links -= 1,
            Tag::Strong => self.n_strong -= 1,
            Tag::Emphasis => self.n_emphasis -= 1,
            _ => {}
        }
        if tag.is_silent() {
            self.n_silent -= 1;
        }
        let (end, last) = (self.elements.len() as u32, self.blocks.len() as u32);
        let element = &mut self.elements[at as usize];
        element.end = end;
        element.blocks.end = last;
    }

    fn hints(&mut self, value: &'a tree::Element, tag: Tag) -> (Hints, Option<&'a str>) {
        let mut property = None;
        let mut hints = match tag {
            Tag::Nav | Tag::Footer => Hints::NAVIGATION,
            Tag::Aside => Hints::RELATED,
            Tag::Sheet => Hints::PROMOTION,
            Tag::Caption => Hints::CAPTION,
            Tag::Time => Hints::DATE,
            _ => Hints::default(),
        };
        for attr in value.attrs() {
            let content: &'a str = &attr.value;
            hints = hints.with(match attr.name.local {
                local_name!("class") | local_name!("id") => hints_of(content, &mut self.seen),
                local_name!("href") | local_name!("src") => continue,
                local_name!("itemprop") => {
                    property = Some(content);
                    hints_of_property(content)
                }
                local_name!("role") => hints_of_role(content),
                local_name!("type") if tag.is_block() => hints_of(content, &mut self.seen),
                local_name!("hidden") => Hints::HIDDEN,
                local_name!("style") if hides(content) => Hints::HIDDEN,
                _ if is_test_name(&attr.name.local) => hints_of(content, &mut self.seen),
                _ => continue,
            });
        }
        (hints, property)
    }

    /// Whether all that a cell holds is in the present run.
    fn stays_in_row(&self, cell: u32) -> bool {
        let element = &self.elements[cell as usize];
        element.blocks.start == self.blocks.len() as u32
            && !element.hints.has(Hints::JUNK)
            && self.elements[element.parent as usize].tag == Tag::Row
    }

    fn push_break(&mut self) {
        self.run.n_breaks = self.run.n_breaks.saturating_add(1);
        if self.run.n_breaks >= 2 {
            self.flush();
        } else if self.run.n_chars > 0 {
            if self.text.ends_with(' ') {
                self.text.pop();
            }
            self.text.push('\n');
        }
    }

    fn push_text(&mut self, text: &str) {
        let mut n_chars = 0;
        let mut rest = text;
        loop {
            let word = rest.trim_ascii_start().trim_start_matches(is_space);
            if word.len() < rest.len() && self.text.len() > self.run.start && !self.text.ends_with([' ', '\n']) {
                self.text.push(' ');
            }
            if word.is_empty() {
                break;
            }
            let (end, size) = words_at(word);
            self.text.push_str(&word[..end]);
            n_chars += size;
            rest = &word[end..];
        }
        if n_chars == 0 {
            return;
        }
        self.run.n_breaks = 0;
        self.run.n_chars += n_chars;
        if self.n_links > 0 {
            self.run.n_linked += n_chars;
        }
        if self.n_strong > 0 {
            self.run.n_strong += n_chars;
        }
        if self.n_emphasis > 0 {
            self.run.n_emphasis += n_chars;
        }
    }

    fn flush(&mut self) {
        if self.run.n_chars == 0 {
            return self.flush_in(0);
        }
        let owner = self.stack.iter().rev().copied().find(|&e| self.elements[e as usize].tag.is_block());
        self.flush_in(owner.unwrap_or(0));
    }

    fn flush_in(&mut self, owner: u32) {
        if self.run.n_chars == 0 {
            self.run = Run { start: self.text.len(), ..Run::default() };
            return;
        }
        let end = self.text.trim_end().len().max(self.run.start);
        self.text.truncate(end);
        let run = std::mem::replace(&mut self.run, Run { start: end, ..Run::default() });
        self.blocks.push(Block {
            owner,
            text: run.start..end,
            n_chars: run.n_chars,
            n_linked: run.n_linked,
            n_links: run.n_links,
            n_strong: run.n_strong,
            n_emphasis: run.n_emphasis,
            tag: if run.is_row { Tag::Row } else { self.form(owner) },
        });
    }

    /// What a block in `owner` is: the innermost telling element within a few steps.
    fn form(&self, owner: u32) -> Tag {
        let mut at = owner;
        for _ in 0..6 {
            let element = &self.elements[at as usize];
            match element.tag {
                Tag::H(_) | Tag::Item | Tag::Cell | Tag::Quote | Tag::Caption | Tag::Pre => return element.tag,
                Tag::Article | Tag::Main | Tag::Body | Tag::Section => break,
                _ if at == 0 => break,
                _ => at = element.parent,
            }
        }
        Tag::P
    }
}

/// Names that pages give their parts for tests and analytics.
fn is_test_name(attribute: &str) -> bool {
    matches!(attribute, "data-testid" | "data-component" | "data-qa" | "data-type" | "data-component-name")
}

/// Characters of scripts that write words with one or two of them count for more.
fn size(c: char) -> u32 {
    if c < '\u{3040}' {
        return 1;
    }
    if matches!(c, '\u{3040}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}') { 2 } else { 1 }
}

/// The extent of the words a text begins with, as long as single blanks part them: bytes, and characters
/// without the blanks.
fn words_at(text: &str) -> (usize, u32) {
    let bytes = text.as_bytes();
    let (mut at, mut n_chars) = (0, 0);
    while let Some(&byte) = bytes.get(at) {
        if let Some((len, size)) = bytes[at..].first_chunk().and_then(ascii_words) {
            at += len;
            n_chars += size;
            continue;
        }
        let next = bytes.get(at + 1).copied().unwrap_or(0);
        match byte {
            b' ' if matches!(next, b'!'..=b'~' | 0xc3..=0xdf) => {}
            b' ' | b'\t'..=b'\r' => return (at, n_chars),
            // Continues a character.
            0x80..=0xbf => {}
            // U+0080 to U+00BF, U+1680, and from U+2000 on: may be white space or wide.
            0xc2 | 0xe2..=0xef => match text[at..].chars().next() {
                Some(c) if !is_space(c) => n_chars += size(c),
                _ => return (at, n_chars),
            },
            0xe1 if next == 0x9a && text[at..].starts_with(is_space) => return (at, n_chars),
            _ => n_chars += 1,
        }
        at += 1;
    }
    (at, n_chars)
}

/// [`words_at`] for eight bytes at once, where they are ASCII with single blanks. A blank at their end is left,
/// because what follows it decides.
fn ascii_words(bytes: &[u8; 8]) -> Option<(usize, u32)> {
    const EACH: u64 = u64::MAX / 255;
    const HIGH: u64 = EACH << 7;
    let eight = u64::from_le_bytes(*bytes);
    let is_plain = (eight | eight.wrapping_sub(EACH * 0x20)) & HIGH == 0;
    let other = eight ^ (EACH * 0x20);
    let blanks = !(((other & !HIGH) + !HIGH) | other) & HIGH;
    if !is_plain || blanks & (blanks << 8) != 0 {
        return None;
    }
    let is_last = (blanks >> 63) as usize;
    Some((8 - is_last, 8 - blanks.count_ones()))
}

fn is_space(c: char) -> bool {
    if c.is_ascii() {
        return matches!(c, ' ' | '\n' | '\t' | '\r' | '\u{b}' | '\u{c}');
    }
    c.is_whitespace() || c == '\u{200b}' || c == '\u{feff}'
}

/// Captions, labels and the like that a page sets inside a line: they must not run into it.
fn is_inline_junk(tag: Tag, hints: Hints) -> bool {
    tag == Tag::Inline && hints.has(Hints::JUNK) && !hints.has(Hints::BODY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keep::Keep;
    use crate::parse::parse;
    use crate::tree::Arena;

    #[test]
    fn what_the_parser_leaves_out_is_never_missed() {
        let blocks = |text: &str, keep| {
            let arena = Arena::default();
            let outline = Outline::of(parse(&arena, text, keep).tree);
            let lines = outline.blocks.iter().map(|b| (outline.text(b).to_owned(), b.n_chars, b.n_linked, b.tag));
            lines.collect::<Vec<_>>()
        };
        for text in [
            include_str!("../tests/pages/bai-thuong.html"),
            "<p>a <!-- -->b<!-- --> <!-- -->c <b>d</b> <i>e</i> f</p> <div> g <p> h</div> i <ul> <li> j </ul>",
            "<table> <tr> <td> a </td> <td>b</td> </tr> </table> <svg> <g> <path/> <text>c</text> </g> </svg> d<br> e",
            "<p>a<wbr>b <picture><source srcset=a.jpg><img src=b.jpg></picture> c</p>",
            "<p><b>a</p> <p>b</p> <pre> c </pre><h1> d</h1> <span>e</span> <span>f</span>",
        ] {
            assert_eq!(blocks(text, Keep::Read), blocks(text, Keep::All), "{text}");
        }
    }

    #[test]
    fn white_space_of_every_kind_parts_words() {
        let arena = Arena::default();
        let parsed = parse(
            &arena,
            "<p> một\u{a0}đèn \u{1680}hai \u{2003}b\u{3000}c\u{200b}d\u{feff}e\u{85}f\u{2028}\u{169b}g « 漢字 » Ứng</p>",
            Keep::All,
        );
        let outline = Outline::of(parsed.tree);
        let block = &outline.blocks[0];
        assert_eq!(outline.text(block), "một đèn hai b c d e f \u{169b}g « 漢字 » Ứng");
        assert_eq!(block.n_chars, 25);
    }

    #[test]
    fn text_falls_into_blocks() {
        let arena = Arena::default();
        let parsed = parse(
            &arena,
            "<body><h1>Tiêu  đề</h1><div>Một <a href=x>hai</a><br>ba<br><br>bốn<p>năm</p> sáu</div><script>x</script>\
             <ul><li>bảy<li>tám</ul></body>",
            Keep::All,
        );
        let outline = Outline::of(parsed.tree);
        let texts: Vec<&str> = outline.blocks.iter().map(|b| outline.text(b)).collect();
        assert_eq!(texts, ["Tiêu đề", "Một hai\nba", "bốn", "năm", "sáu", "bảy", "tám"]);
        assert_eq!(outline.blocks[1].n_linked, 3);
        assert_eq!(outline.blocks[0].tag, Tag::H(1));
        assert_eq!(outline.blocks[6].tag, Tag::Item);
    }
}
