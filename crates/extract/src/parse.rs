//! Text to DOM, with bounds: a page may waste its own bytes, never our time.
//!
//! The parser is html5ever into scraper's tree. Three things in it cost more than linear work
//! on hostile input, and are bounded here: tags with thousands of attributes (compared pairwise),
//! nesting of any depth (scope checks walk the stack), and formatting elements that are
//! re-opened in every paragraph (nodes multiply).

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::hash::{Hash, Hasher};

use ego_tree::NodeId;
use html5ever::buffer_queue::BufferQueue;
use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{TagKind, Token, TokenSink, TokenSinkResult, Tokenizer};
use html5ever::tree_builder::{TreeBuilder, TreeSink};
use html5ever::{Attribute, QualName, TokenizerResult};
use scraper::{Html, HtmlTreeSink};

/// Bytes of a page that are read.
pub(crate) const MAX_BYTES: usize = 10 * 1024 * 1024;
const MAX_NODES: usize = 400_000;
const MAX_DEPTH: u16 = 400;
const CHUNK: usize = 32 * 1024;
/// Words inside one tag that spans chunks.
const MAX_PIECES: usize = 6_000;
/// Comparisons of attribute names with each other, over all tags.
const MAX_ATTRIBUTE_WORK: usize = 40_000_000;

/// A parsed page and what was cut from it.
pub(crate) struct Parsed {
    pub(crate) html: Html,
    pub(crate) problems: Vec<String>,
}

/// Parses a page within the bounds.
pub(crate) fn parse(text: &str) -> Parsed {
    let mut problems = Vec::new();
    let text = head_of(text, &mut problems);
    let tokenizer = Tokenizer::new(BoundedTokens::new(BoundedTree::new()), Default::default());
    let input = BufferQueue::default();
    let mut stall = Stall::default();
    for chunk in chunks(text) {
        input.push_back(StrTendril::from_slice(chunk));
        while !matches!(tokenizer.feed(&input), TokenizerResult::Done) {}
        if stall.goes_on(chunk, tokenizer.sink.n_seen.get()) || tokenizer.sink.attribute_work.get() > MAX_ATTRIBUTE_WORK
        {
            problems.push("the page was cut at a tag that does not end".to_owned());
            break;
        }
    }
    tokenizer.end();
    let tokens = tokenizer.sink;
    if tokens.n_swallowed.get() > 0 {
        problems.push(format!("{} tags beyond the bounds of depth or size were ignored", tokens.n_swallowed.get()));
    }
    Parsed { html: tokens.builder.sink.finish(), problems }
}

fn head_of<'a>(text: &'a str, problems: &mut Vec<String>) -> &'a str {
    if text.len() <= MAX_BYTES {
        return text;
    }
    problems.push(format!("the page has {} bytes; only the first {MAX_BYTES} were read", text.len()));
    let mut end = MAX_BYTES;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Pieces of at most [`CHUNK`] bytes.
fn chunks(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut end = CHUNK.min(rest.len());
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let (chunk, tail) = rest.split_at(end);
        rest = tail;
        (!chunk.is_empty()).then_some(chunk)
    })
}

/// Notices a tag that goes on and on: input is taken in and no token comes out. A single long
/// value (an embedded picture) has no white space and is let through.
#[derive(Default)]
struct Stall {
    n_tokens: usize,
    n_pieces: usize,
    in_comment: bool,
}

impl Stall {
    fn goes_on(&mut self, chunk: &str, n_tokens: usize) -> bool {
        let mut open = chunk;
        if n_tokens != self.n_tokens {
            *self = Self { n_tokens, n_pieces: 0, in_comment: false };
            open = chunk.rfind('>').map_or(chunk, |at| &chunk[at..]);
        }
        // A comment gives no token before its end, and costs nothing; a tag may only pretend to be one.
        self.in_comment |= chunk.rfind("<!--").is_some_and(|at| !chunk[at..].contains("-->"));
        let limit = if self.in_comment { 4 * MAX_PIECES } else { MAX_PIECES };
        self.n_pieces += open.split_ascii_whitespace().count();
        self.n_pieces > limit
    }
}

/// Hands tokens on to the tree builder until the tree is too deep or too large.
struct BoundedTokens {
    builder: TreeBuilder<NodeId, BoundedTree>,
    /// Start tags ignored at this depth whose end tags must be ignored too.
    pending: Cell<usize>,
    n_seen: Cell<usize>,
    attribute_work: Cell<usize>,
    n_swallowed: Cell<usize>,
}

impl BoundedTokens {
    fn new(tree: BoundedTree) -> Self {
        let builder = TreeBuilder::new(tree, Default::default());
        Self {
            builder,
            pending: Cell::new(0),
            n_seen: Cell::new(0),
            attribute_work: Cell::new(0),
            n_swallowed: Cell::new(0),
        }
    }

    fn swallows(&self, token: &Token) -> bool {
        let tree = &self.builder.sink;
        if tree.n_nodes.get() >= MAX_NODES {
            return !matches!(token, Token::EOFToken);
        }
        let Token::TagToken(tag) = token else { return false };
        match tag.kind {
            TagKind::StartTag if tree.depth.get() >= MAX_DEPTH => {
                if !tag.self_closing && !is_void(&tag.name) {
                    self.pending.set(self.pending.get() + 1);
                }
                true
            }
            TagKind::EndTag if self.pending.get() > 0 => {
                self.pending.set(self.pending.get() - 1);
                true
            }
            TagKind::EndTag => {
                tree.depth.set(tree.depth.get().saturating_sub(1));
                false
            }
            TagKind::StartTag => false,
        }
    }
}

fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "source"
            | "track"
            | "wbr"
    )
}

impl TokenSink for BoundedTokens {
    type Handle = NodeId;

    fn process_token(&self, token: Token, line_number: u64) -> TokenSinkResult<NodeId> {
        self.n_seen.set(self.n_seen.get() + 1);
        if let Token::TagToken(tag) = &token {
            self.attribute_work.set(self.attribute_work.get() + tag.attrs.len() * tag.attrs.len());
        }
        if self.swallows(&token) {
            self.n_swallowed.set(self.n_swallowed.get() + 1);
            return TokenSinkResult::Continue;
        }
        self.builder.process_token(token, line_number)
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

/// scraper's tree, counting nodes and the depth of the last element put into it.
struct BoundedTree {
    inner: HtmlTreeSink,
    depths: RefCell<Vec<u16>>,
    depth: Cell<u16>,
    n_nodes: Cell<usize>,
}

impl BoundedTree {
    fn new() -> Self {
        Self {
            inner: HtmlTreeSink::new(Html::new_document()),
            depths: RefCell::new(Vec::new()),
            depth: Cell::new(0),
            n_nodes: Cell::new(0),
        }
    }

    fn count(&self) {
        self.n_nodes.set(self.n_nodes.get() + 1);
    }

    fn note_depth(&self, parent: NodeId, child: &NodeOrText<NodeId>) {
        let NodeOrText::AppendNode(child) = child else {
            self.count();
            return;
        };
        let mut depths = self.depths.borrow_mut();
        let depth = depths.get(index_of(parent)).copied().unwrap_or(0).saturating_add(1);
        let at = index_of(*child);
        if depths.len() <= at {
            depths.resize(at + 1, 0);
        }
        depths[at] = depth;
        self.depth.set(depth);
    }
}

/// The position of a node in its tree: node ids are consecutive numbers, and hashing one shows it.
fn index_of(id: NodeId) -> usize {
    struct Shown(usize);
    impl Hasher for Shown {
        fn finish(&self) -> u64 {
            self.0 as u64
        }
        fn write(&mut self, _: &[u8]) {}
        fn write_usize(&mut self, n: usize) {
            self.0 = n;
        }
    }
    let mut shown = Shown(0);
    id.hash(&mut shown);
    shown.0
}

impl TreeSink for BoundedTree {
    type Handle = NodeId;
    type Output = Html;
    type ElemName<'a> = <HtmlTreeSink as TreeSink>::ElemName<'a>;

    fn finish(self) -> Html {
        self.inner.finish()
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> NodeId {
        self.inner.get_document()
    }

    fn elem_name<'a>(&'a self, target: &'a NodeId) -> Self::ElemName<'a> {
        self.inner.elem_name(target)
    }

    fn create_element(&self, name: QualName, attrs: Vec<Attribute>, flags: ElementFlags) -> NodeId {
        self.count();
        self.inner.create_element(name, attrs, flags)
    }

    fn create_comment(&self, _: StrTendril) -> NodeId {
        self.count();
        self.inner.create_comment(StrTendril::new())
    }

    fn create_pi(&self, target: StrTendril, data: StrTendril) -> NodeId {
        self.count();
        self.inner.create_pi(target, data)
    }

    fn append(&self, parent: &NodeId, child: NodeOrText<NodeId>) {
        self.note_depth(*parent, &child);
        self.inner.append(parent, child);
    }

    fn append_based_on_parent_node(&self, element: &NodeId, previous: &NodeId, child: NodeOrText<NodeId>) {
        self.note_depth(*previous, &child);
        self.inner.append_based_on_parent_node(element, previous, child);
    }

    fn append_doctype_to_document(&self, name: StrTendril, public_id: StrTendril, system_id: StrTendril) {
        self.inner.append_doctype_to_document(name, public_id, system_id);
    }

    fn get_template_contents(&self, target: &NodeId) -> NodeId {
        self.inner.get_template_contents(target)
    }

    fn same_node(&self, x: &NodeId, y: &NodeId) -> bool {
        x == y
    }

    fn set_quirks_mode(&self, mode: QuirksMode) {
        self.inner.set_quirks_mode(mode);
    }

    fn append_before_sibling(&self, sibling: &NodeId, new_node: NodeOrText<NodeId>) {
        self.note_depth(*sibling, &new_node);
        self.inner.append_before_sibling(sibling, new_node);
    }

    fn add_attrs_if_missing(&self, target: &NodeId, attrs: Vec<Attribute>) {
        self.inner.add_attrs_if_missing(target, attrs);
    }

    fn remove_from_parent(&self, target: &NodeId) {
        self.inner.remove_from_parent(target);
    }

    fn reparent_children(&self, node: &NodeId, new_parent: &NodeId) {
        self.inner.reparent_children(node, new_parent);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_and_attributes_without_end_are_cut() {
        let deep = format!("{}chữ{}", "<div><b>".repeat(40_000), "</b></div>".repeat(40_000));
        assert!(!parse(&deep).problems.is_empty());
        let quoted = format!("<p {}>", (0..40_000).map(|i| format!("a{i}='>' ")).collect::<String>());
        assert!(!parse(&quoted).problems.is_empty());
        let wide = format!("<p {}>chữ</p>", (0..300_000).map(|i| format!("a{i} ")).collect::<String>());
        let parsed = parse(&wide);
        assert!(parsed.problems.iter().any(|p| p.contains("does not end")), "{:?}", parsed.problems);
        let picture = format!("<img src='data:image/png;base64,{}'><p>chữ</p>", "AAAA".repeat(100_000));
        assert!(parse(&picture).html.root_element().text().any(|t| t == "chữ"));
        let hidden = format!("<!-- {} --><p>chữ</p>", "đã bỏ ".repeat(9_000));
        assert!(parse(&hidden).html.root_element().text().any(|t| t == "chữ"));
        let swollen = format!("<p {}>", (0..5000).map(|i| format!("a{i} ")).collect::<String>()).repeat(300);
        assert!(!parse(&swollen).problems.is_empty());
    }

    #[test]
    fn formatting_reopened_in_every_paragraph_is_cut() {
        let opened: String = (0..500).map(|i| format!("<p><b a={i}>x</p>")).collect();
        let parsed = parse(&format!("{opened}{}", "<p>y</p>".repeat(600)));
        assert!(parsed.html.tree.values().count() < 2 * MAX_NODES);
    }

    #[test]
    fn ordinary_pages_pass_whole() {
        let parsed = parse("<p class='a' id=b data-x=\"1 2 3\">Một <a href=/x?y=z>hai</a></p>");
        assert!(parsed.problems.is_empty());
        assert_eq!(parsed.html.root_element().text().collect::<String>(), "Một hai");
    }
}
