//! Element names as small numbers, with what extraction needs to know of each.

use html5ever::{LocalName, local_name};

/// An element's name, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tag {
    Html,
    Head,
    Body,
    Title,
    Meta,
    Link,
    Base,
    /// script
    Script,
    /// style, template, iframe, svg, object and others without readable text
    Opaque,
    /// nav, menu, dialog
    Nav,
    Footer,
    Header,
    Aside,
    /// button, input, select, textarea, label …
    Form,
    /// form
    Sheet,
    Article,
    Main,
    Section,
    Div,
    P,
    /// h1 to h6
    H(u8),
    List,
    Item,
    Table,
    Row,
    Cell,
    Quote,
    Pre,
    Figure,
    Caption,
    Br,
    Hr,
    A,
    Img,
    Media,
    Time,
    /// other elements that begin a new line
    OtherBlock,
    /// strong, b
    Strong,
    /// em, i, small
    Emphasis,
    /// elements inside a line, and unknown ones
    Inline,
}

impl Tag {
    pub(crate) fn of(name: &LocalName) -> Self {
        match *name {
            local_name!("html") => Self::Html,
            local_name!("head") => Self::Head,
            local_name!("body") => Self::Body,
            local_name!("title") => Self::Title,
            local_name!("meta") => Self::Meta,
            local_name!("link") => Self::Link,
            local_name!("base") => Self::Base,
            local_name!("script") => Self::Script,
            local_name!("style")
            | local_name!("template")
            | local_name!("iframe")
            | local_name!("svg")
            | local_name!("object")
            | local_name!("embed")
            | local_name!("canvas")
            | local_name!("noscript")
            | local_name!("math")
            | local_name!("frameset")
            | local_name!("noframes")
            | local_name!("map")
            | local_name!("applet") => Self::Opaque,
            local_name!("nav") | local_name!("menu") | local_name!("dialog") => Self::Nav,
            local_name!("footer") => Self::Footer,
            local_name!("header") | local_name!("hgroup") => Self::Header,
            local_name!("aside") => Self::Aside,
            local_name!("button")
            | local_name!("input")
            | local_name!("select")
            | local_name!("textarea")
            | local_name!("option")
            | local_name!("fieldset")
            | local_name!("label")
            | local_name!("datalist") => Self::Form,
            local_name!("article") => Self::Article,
            local_name!("main") => Self::Main,
            local_name!("section") => Self::Section,
            local_name!("div") => Self::Div,
            local_name!("p") => Self::P,
            local_name!("h1") => Self::H(1),
            local_name!("h2") => Self::H(2),
            local_name!("h3") => Self::H(3),
            local_name!("h4") => Self::H(4),
            local_name!("h5") => Self::H(5),
            local_name!("h6") => Self::H(6),
            local_name!("ul") | local_name!("ol") | local_name!("dl") => Self::List,
            local_name!("li") | local_name!("dt") | local_name!("dd") => Self::Item,
            local_name!("table") => Self::Table,
            local_name!("tr") => Self::Row,
            local_name!("td") | local_name!("th") => Self::Cell,
            local_name!("blockquote") => Self::Quote,
            local_name!("pre") => Self::Pre,
            local_name!("figure") | local_name!("picture") => Self::Figure,
            local_name!("figcaption") | local_name!("caption") => Self::Caption,
            local_name!("br") => Self::Br,
            local_name!("hr") => Self::Hr,
            local_name!("a") => Self::A,
            local_name!("img") => Self::Img,
            local_name!("video") | local_name!("audio") => Self::Media,
            local_name!("time") => Self::Time,
            local_name!("strong") | local_name!("b") => Self::Strong,
            local_name!("em") | local_name!("i") | local_name!("small") => Self::Emphasis,
            local_name!("form") => Self::Sheet,
            local_name!("center")
            | local_name!("address")
            | local_name!("details")
            | local_name!("summary")
            | local_name!("tbody")
            | local_name!("thead")
            | local_name!("tfoot") => Self::OtherBlock,
            _ => Self::Inline,
        }
    }

    /// Whether its content begins on a new line.
    pub(crate) fn is_block(self) -> bool {
        !matches!(
            self,
            Self::A
                | Self::Br
                | Self::Img
                | Self::Time
                | Self::Strong
                | Self::Emphasis
                | Self::Inline
                | Self::Opaque
                | Self::Script
                | Self::Form
        )
    }

    /// Whether its content is never read as text.
    pub(crate) fn is_silent(self) -> bool {
        matches!(
            self,
            Self::Script
                | Self::Opaque
                | Self::Head
                | Self::Form
                | Self::Media
                | Self::Title
                | Self::Meta
                | Self::Link
                | Self::Base
        )
    }
}
