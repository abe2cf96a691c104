//! Text to DOM, with bounds: a page may waste its own bytes, never our time.
//!
//! Our tokens, html5ever's tree builder, our tree. Three things in the builder cost more than linear
//! work on hostile input, and are bounded here: nesting of any depth (scope checks walk the stack),
//! formatting elements that are re-opened in every paragraph (nodes multiply), and those that
//! are compared with hundreds of open ones.

use std::cell::Cell;

use html5ever::tokenizer::{TagKind, Token, TokenSink, TokenSinkResult};
use html5ever::tree_builder::{TreeBuilder, TreeSink};
use html5ever::{LocalName, local_name};

use crate::keep::Keep;
use crate::sink::Sink;
use crate::tokens;
use crate::tree::{Arena, Node};

/// Bytes of a page that are read.
pub(crate) const MAX_BYTES: usize = 10 * 1024 * 1024;
const MAX_NODES: usize = 400_000;
const MAX_DEPTH: u16 = 400;
const MAX_FORMATTING_WORK: usize = 2_000_000;

/// A parsed page and what was cut from it.
pub(crate) struct Parsed<'a> {
    /// The document.
    pub(crate) tree: &'a Node<'a>,
    pub(crate) problems: Vec<String>,
}

/// Parses a page within the bounds into an arena.
pub(crate) fn parse<'a>(arena: &'a Arena<'a>, text: &str, keep: Keep) -> Parsed<'a> {
    let mut problems = Vec::new();
    let text = head_of(text, &mut problems);
    let tokens = BoundedTokens::new(Sink::new(arena));
    tokens::tokenize(text, keep, &tokens);
    if tokens.n_swallowed.get() > 0 {
        problems.push(format!("{} tags beyond the bounds of depth or size were ignored", tokens.n_swallowed.get()));
    }
    Parsed { tree: tokens.builder.sink.finish(), problems }
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
struct BoundedTokens<'a> {
    builder: TreeBuilder<&'a Node<'a>, Sink<'a>>,
    /// Start tags ignored at this depth whose end tags must be ignored too.
    pending: Cell<usize>,
    /// Formatting tags, each counted with the depth it stood at.
    formatting_work: Cell<usize>,
    n_swallowed: Cell<usize>,
}

impl<'a> BoundedTokens<'a> {
    fn new(tree: Sink<'a>) -> Self {
        let builder = TreeBuilder::new(tree, Default::default());
        Self { builder, pending: Cell::new(0), formatting_work: Cell::new(0), n_swallowed: Cell::new(0) }
    }

    fn swallows(&self, token: &Token) -> bool {
        let tree = &self.builder.sink;
        if tree.n_nodes() >= MAX_NODES {
            return !matches!(token, Token::EOFToken);
        }
        let Token::TagToken(tag) = token else { return false };
        match tag.kind {
            TagKind::StartTag if tree.depth() >= MAX_DEPTH => {
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
                tree.rise();
                false
            }
            TagKind::StartTag if is_formatting(&tag.name) => {
                let work = self.formatting_work.get() + usize::from(tree.depth());
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

impl<'a> TokenSink for BoundedTokens<'a> {
    type Handle = &'a Node<'a>;

    fn process_token(&self, token: Token, line_number: u64) -> TokenSinkResult<Self::Handle> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use ego_tree::iter::Edge;
    use html5ever::tendril::TendrilSink;
    use scraper::{Html, HtmlTreeSink, Node};

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
        let arena = Arena::default();
        let ours = parse(&arena, text, Keep::All).tree.to_html().0;
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
            "<p =a=b ==c a=d>chữ<DIV Data-X=1 ID=y>x</Div>",
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
            "<html lang=vi class=a><body id=b><html lang=en id=c class=d><body id=x class=y><html dir=z lang=w><body title=t>e",
            "<table><b>a<tr>b<td>c</b>d</table>e<table>f<a href=1>g<td>h<a href=2>i</table>j",
            "<div><b><p>a</b>b<i><div>c</i>d</div>e</p></div><a><div><p>f</a>g<a>h</div>",
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
        let arena = Arena::default();
        let page = "<p class=a onclick=x data-src=y>chữ<img data-src=y alt=z><a href=u rel=author></a><script>x</script>\
            <script type='application/ld+json'>{}</script>";
        let html = parse(&arena, page, Keep::Read).tree.to_html().0;
        let kept = "<html><head></head><body><p class=\"a\">chữ<img data-src=\"y\"></img><a rel=\"author\"></a><script></script>\
            <script type=\"application/ld+json\">{}</script></p></body></html>";
        assert_eq!(shown(&html), kept);
    }

    #[test]
    fn nesting_and_attributes_without_end_are_cut() {
        let deep = format!("{}chữ{}", "<div><b>".repeat(40_000), "</b></div>".repeat(40_000));
        assert!(!parse(&Arena::default(), &deep, Keep::All).problems.is_empty());
        let wide = format!("<p {}>chữ</p>", (0..300_000).map(|i| format!("a{i} ")).collect::<String>());
        let arena = Arena::default();
        let (html, _) = parse(&arena, &wide, Keep::All).tree.to_html();
        let counts: Vec<usize> = html.tree.values().filter_map(|n| n.as_element()).map(|e| e.attrs().count()).collect();
        assert_eq!(counts.into_iter().max(), Some(64));
    }

    #[test]
    fn formatting_reopened_in_every_paragraph_is_cut() {
        let opened: String = (0..500).map(|i| format!("<p><b title={i}>x</p>")).collect();
        let arena = Arena::default();
        let parsed = parse(&arena, &format!("{opened}{}", "<p>y</p>".repeat(600)), Keep::Read);
        assert!(parsed.tree.walk().count() < 4 * MAX_NODES);
    }

    #[test]
    fn ordinary_pages_pass_whole() {
        let arena = Arena::default();
        let parsed = parse(&arena, "<p class='a' id=b data-x=\"1 2 3\">Một <a href=/x?y=z>hai</a></p>", Keep::Read);
        assert!(parsed.problems.is_empty());
        assert_eq!(parsed.tree.texts(usize::MAX).collect::<String>(), "Một hai");
    }
}
