//! Text to DOM, with bounds: a page may waste its own bytes, never our time.
//!
//! Our tokens, html5ever's tree builder, scraper's tree. Three things in the builder cost more than linear
//! work on hostile input, and are bounded here: nesting of any depth (scope checks walk the stack),
//! formatting elements that are re-opened in every paragraph (nodes multiply), and those that
//! are compared with hundreds of open ones.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::hash::{Hash, Hasher};

use ego_tree::{NodeId, Tree};
use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{TagKind, Token, TokenSink, TokenSinkResult};
use html5ever::tree_builder::{TreeBuilder, TreeSink};
use html5ever::{Attribute, LocalName, QualName, local_name};
use scraper::{Html, HtmlTreeSink, Node};

use crate::tokens::{self, Keep};

/// Bytes of a page that are read.
pub(crate) const MAX_BYTES: usize = 10 * 1024 * 1024;
const MAX_NODES: usize = 400_000;
const MAX_DEPTH: u16 = 400;
const MAX_FORMATTING_WORK: usize = 2_000_000;
/// What a page spends on a node, for room made in advance.
const BYTES_A_NODE: usize = 60;

/// A parsed page and what was cut from it.
pub(crate) struct Parsed {
    pub(crate) html: Html,
    pub(crate) problems: Vec<String>,
}

/// Parses a page within the bounds.
pub(crate) fn parse(text: &str, keep: Keep) -> Parsed {
    let mut problems = Vec::new();
    let text = head_of(text, &mut problems);
    let tokens = BoundedTokens::new(BoundedTree::new(text.len() / BYTES_A_NODE));
    tokens::tokenize(text, keep, &tokens);
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

/// Hands tokens on to the tree builder until the tree is too deep or too large.
struct BoundedTokens {
    builder: TreeBuilder<NodeId, BoundedTree>,
    /// Start tags ignored at this depth whose end tags must be ignored too.
    pending: Cell<usize>,
    /// Formatting tags, each counted with the depth it stood at.
    formatting_work: Cell<usize>,
    n_swallowed: Cell<usize>,
}

impl BoundedTokens {
    fn new(tree: BoundedTree) -> Self {
        let builder = TreeBuilder::new(tree, Default::default());
        Self { builder, pending: Cell::new(0), formatting_work: Cell::new(0), n_swallowed: Cell::new(0) }
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
            TagKind::StartTag if is_formatting(&tag.name) => {
                let work = self.formatting_work.get() + usize::from(tree.depth.get());
                self.formatting_work.set(work);
                work > MAX_FORMATTING_WORK
            }
            TagKind::StartTag => false,
        }
    }
}

/// Elements that the tree builder compares with every open one of their kind.
fn is_formatting(name: &LocalName) -> bool {
    matches!(
        *name,
        local_name!("a")
            | local_name!("b")
            | local_name!("big")
            | local_name!("code")
            | local_name!("em")
            | local_name!("font")
            | local_name!("i")
            | local_name!("nobr")
            | local_name!("s")
            | local_name!("small")
            | local_name!("strike")
            | local_name!("strong")
            | local_name!("tt")
            | local_name!("u")
    )
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
    fn new(n_expected: usize) -> Self {
        let mut html = Html::new_document();
        html.tree = Tree::with_capacity(Node::Document, n_expected);
        Self {
            inner: HtmlTreeSink::new(html),
            depths: RefCell::new(Vec::with_capacity(n_expected)),
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
    use ego_tree::iter::Edge;
    use html5ever::tendril::TendrilSink;

    /// The tree in one line; comments left out and texts that they had parted joined.
    fn shown(html: &Html) -> String {
        let mut out = String::new();
        for edge in html.tree.root().traverse() {
            match edge {
                Edge::Open(node) => match node.value() {
                    Node::Element(e) => {
                        out.push_str(&format!("<{}", e.name()));
                        for (name, value) in e.attrs().take(64) {
                            out.push_str(&format!(" {name}={value:?}"));
                        }
                        out.push('>');
                    }
                    Node::Text(text) => out.push_str(text),
                    _ => {}
                },
                Edge::Close(node) => {
                    if let Some(e) = node.value().as_element() {
                        out.push_str(&format!("</{}>", e.name()));
                    }
                }
            }
        }
        out
    }

    #[track_caller]
    fn same_as_html5ever(text: &str) {
        let sink = HtmlTreeSink::new(Html::new_document());
        let theirs = html5ever::parse_document(sink, Default::default()).one(text.replace('\0', ""));
        let ours = parse(text, Keep::All).html;
        let (ours, theirs) = (shown(&ours).replace("\r\n", "\n").replace('\r', "\n"), shown(&theirs));
        assert!(ours == theirs, "{}\nours   {ours}\ntheirs {theirs}", text.chars().take(2000).collect::<String>());
    }

    #[test]
    fn the_tree_is_html5evers() {
        for text in [
            "",
            "chữ",
            "\u{feff}<!DOCTYPE html><p>a<p>b",
            "<!doctype HTML PUBLIC '-//W3C//DTD HTML 4.01 Transitional//EN' 'http://www.w3.org/TR/html4/loose.dtd'><p>a<table><tr><td>b",
            "<!DOCTYPE html PUBLIC \"-//W3C//DTD HTML 3.2//EN\"><p>a<table><tr><td>b",
            "<!DOCTYPE><p>a<table>",
            "<!DOCTYPE html SYSTEM 'about:legacy-compat'><p>a<table>",
            "<p class=a CLASS=b id='c d' hidden data-x=\"1 < 2\" =y z= q>chữ</P >x</p/y>",
            "<p a='1'b=\"2\"/c/ d = 3 / e>chữ<br/><img src=x/>",
            "<a href='?a=1&amp;b=2&copy=3&copy;4&notit;&lt'>&lt;x&gt; &amp &copy2 &notit; &notin; &#225; &#xE1 &#x110000; &#0; &#x80; &#129; &# &#x; &bogus; &;&</a>",
            "<p>a<!-- b -- c -->d<!-->e<!--->f<!---->g<!--!>h--!>i<!x>j<?php k>l</>m</ n>o<3<p<>",
            "<p>a<!-- không hết",
            "<p>a<b title='không hết",
            "<p>a<b c",
            "a<",
            "a</",
            "a</p",
            "<title>a &amp; <b>b</title >c<textarea>\n x</textareas></textarea>",
            "<style>p > a { content: '<b>' }</style><noscript><p>x</noscript><iframe><p></iframe>y",
            "<script>if (a < b && c > d) document.write('</scr' + 'ipt>')</script>x",
            "<script><!-- document.write('<script>x</script>') --></script>a",
            "<script><!--> </script>a<script><!-- <script </script>b</script>c<script><!-- <scripts> </script>d",
            "<script><!-- <script> --> </script>a",
            "<script>không hết",
            "<script>a</script/ x='>'>b",
            "<svg><![CDATA[a < b ]] ]]>c<path d='M0'/><title>t</title></svg><![CDATA[d]]>e",
            "<math><mi definitionurl=x>a</mi></math><svg viewbox='0 0'><foreignObject><p>b</foreignObject></svg>",
            "<table><p>a<tr><td>b</table><table>c<b>d<tr>e",
            "<b><i><p>a</b>c</i>d<a href=1>e<a href=2>f",
            "<select><option>a<option>b<p>c</select><plaintext>d</p><e>",
            "<pre>\na</pre><textarea>\nb</textarea>\r\nc\rd",
            "<ul><li>a<li>b<dl><dt>c<dd>d</ul><frameset><frame></frameset>",
            "<template><p>a</template><body class=x><html lang=vi>b",
        ] {
            same_as_html5ever(text);
        }
    }

    #[test]
    fn the_tree_of_a_spoilt_page_is_html5evers() {
        let page = include_str!("../tests/pages/bai-thuong.html");
        let mut at = 7_usize;
        for spoilt in ["<", ">", "\"", "'", "&", "</", "<!--", "-->", "<script>", "<table>", "</div>", "=", "/"] {
            for _ in 0..12 {
                at = (at * 31 + 17) % page.len();
                let cut = (at..).find(|&i| page.is_char_boundary(i)).unwrap_or(page.len());
                same_as_html5ever(&format!("{}{spoilt}{}", &page[..cut], &page[cut..]));
            }
        }
    }

    #[test]
    fn what_is_never_read_is_left_out() {
        let html = parse("<p class=a onclick=x data-src=y aria-label=z>chữ", Keep::Read).html;
        assert_eq!(shown(&html), "<html><head></head><body><p class=\"a\" data-src=\"y\">chữ</p></body></html>");
    }

    #[test]
    fn nesting_and_attributes_without_end_are_cut() {
        let deep = format!("{}chữ{}", "<div><b>".repeat(40_000), "</b></div>".repeat(40_000));
        assert!(!parse(&deep, Keep::All).problems.is_empty());
        let wide = format!("<p {}>chữ</p>", (0..300_000).map(|i| format!("a{i} ")).collect::<String>());
        let html = parse(&wide, Keep::All).html;
        let counts: Vec<usize> = html.tree.values().filter_map(|n| n.as_element()).map(|e| e.attrs().count()).collect();
        assert_eq!(counts.into_iter().max(), Some(64));
    }

    #[test]
    fn formatting_reopened_in_every_paragraph_is_cut() {
        let opened: String = (0..500).map(|i| format!("<p><b title={i}>x</p>")).collect();
        let parsed = parse(&format!("{opened}{}", "<p>y</p>".repeat(600)), Keep::Read);
        assert!(parsed.html.tree.values().count() < 2 * MAX_NODES);
    }

    #[test]
    fn ordinary_pages_pass_whole() {
        let parsed = parse("<p class='a' id=b data-x=\"1 2 3\">Một <a href=/x?y=z>hai</a></p>", Keep::Read);
        assert!(parsed.problems.is_empty());
        assert_eq!(parsed.html.root_element().text().collect::<String>(), "Một hai");
    }
}
