//! What of a page becomes part of its tree: the names that are read, as atoms.

use html5ever::tokenizer::Tag;
use html5ever::{Attribute, LocalName, local_name};

use crate::jsonld;
use crate::tag::Tag as Form;

/// What becomes part of the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// What the extraction reads: not the attributes it never asks for, the parts of drawings, and the white
    /// space after a tag that begins or ends a line anyway.
    Read,
    /// All, for selectors that may ask for it.
    All,
}

/// Whether anybody reads what an element holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    Read,
    Unread,
}

impl Content {
    /// Of scripts, JSON-LD is read; of other elements that show no text, nothing.
    pub(crate) fn of(form: Form, tag: &Tag) -> Self {
        let is_json_ld = |a: &Attribute| a.name.local == local_name!("type") && jsonld::is_type(&a.value);
        match form {
            Form::Opaque => Self::Unread,
            Form::Script if !tag.attrs.iter().any(is_json_ld) => Self::Unread,
            _ => Self::Read,
        }
    }
}

/// Elements without text, of drawings and of pictures in several sizes.
pub(crate) fn is_drawing(name: &LocalName) -> bool {
    matches!(
        *name,
        local_name!("path")
            | local_name!("g")
            | local_name!("use")
            | local_name!("circle")
            | local_name!("rect")
            | local_name!("line")
            | local_name!("polygon")
            | local_name!("polyline")
            | local_name!("ellipse")
            | local_name!("defs")
            | local_name!("stop")
            | local_name!("mask")
            | local_name!("source")
            | local_name!("wbr")
    )
}

/// A link to what the browser loads with the page: of links in the head, one is read.
pub(crate) fn is_dependency(tag: &Tag) -> bool {
    let is_canonical = |a: &Attribute| a.name.local == local_name!("rel") && a.value.eq_ignore_ascii_case("canonical");
    tag.name == local_name!("link") && !tag.attrs.iter().any(is_canonical)
}

/// The name of an element, as an atom.
pub(crate) fn element_name(text: &str) -> LocalName {
    // The most frequent ones, without the table of all names.
    match text.as_bytes() {
        b"a" => local_name!("a"),
        b"article" => local_name!("article"),
        b"b" => local_name!("b"),
        b"br" => local_name!("br"),
        b"button" => local_name!("button"),
        b"div" => local_name!("div"),
        b"em" => local_name!("em"),
        b"figure" => local_name!("figure"),
        b"g" => local_name!("g"),
        b"h2" => local_name!("h2"),
        b"h3" => local_name!("h3"),
        b"h4" => local_name!("h4"),
        b"i" => local_name!("i"),
        b"iframe" => local_name!("iframe"),
        b"img" => local_name!("img"),
        b"input" => local_name!("input"),
        b"label" => local_name!("label"),
        b"li" => local_name!("li"),
        b"link" => local_name!("link"),
        b"meta" => local_name!("meta"),
        b"noscript" => local_name!("noscript"),
        b"option" => local_name!("option"),
        b"p" => local_name!("p"),
        b"path" => local_name!("path"),
        b"picture" => local_name!("picture"),
        b"script" => local_name!("script"),
        b"section" => local_name!("section"),
        b"source" => local_name!("source"),
        b"span" => local_name!("span"),
        b"strong" => local_name!("strong"),
        b"style" => local_name!("style"),
        b"svg" => local_name!("svg"),
        b"td" => local_name!("td"),
        b"time" => local_name!("time"),
        b"ul" => local_name!("ul"),
        b"use" => local_name!("use"),
        _ => LocalName::from(text),
    }
}

/// The name of an attribute that is kept.
pub(crate) fn attribute_name(text: &str, form: Form, keep: Keep) -> Option<LocalName> {
    if keep == Keep::All {
        return Some(LocalName::from(text));
    }
    Some(match text.as_bytes() {
        b"align" => local_name!("align"),
        b"class" => local_name!("class"),
        b"content" => local_name!("content"),
        b"datetime" => local_name!("datetime"),
        b"hidden" => local_name!("hidden"),
        b"id" => local_name!("id"),
        b"itemprop" => local_name!("itemprop"),
        b"itemtype" => local_name!("itemtype"),
        b"role" => local_name!("role"),
        b"style" => local_name!("style"),
        b"title" => local_name!("title"),
        b"type" => local_name!("type"),
        b"data-testid" | b"data-component" | b"data-qa" | b"data-type" | b"data-component-name" => {
            LocalName::from(text)
        }
        // The tree builder asks for these.
        b"encoding" | b"color" | b"face" | b"size" => LocalName::from(text),
        _ if is_read_in(form, text) => LocalName::from(text),
        _ => return None,
    })
}

/// Names that are read in elements of one form only.
fn is_read_in(form: Form, name: &str) -> bool {
    match form {
        Form::Html => matches!(name, "lang" | "xml:lang"),
        Form::Meta => matches!(name, "property" | "name" | "http-equiv"),
        Form::Link => matches!(name, "rel" | "href"),
        Form::A => name == "rel",
        Form::Img => matches!(name, "width" | "height") || name.as_bytes().windows(3).any(|part| part == b"src"),
        _ => false,
    }
}
