//! Element names as small numbers, with what extraction needs to know of each.

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
    pub(crate) fn of(name: &str) -> Self {
        match name {
            "html" => Self::Html,
            "head" => Self::Head,
            "body" => Self::Body,
            "title" => Self::Title,
            "meta" => Self::Meta,
            "link" => Self::Link,
            "base" => Self::Base,
            "script" => Self::Script,
            "style" | "template" | "iframe" | "svg" | "object" | "embed" | "canvas" | "noscript" | "math"
            | "frameset" | "noframes" | "map" | "applet" => Self::Opaque,
            "nav" | "menu" | "dialog" => Self::Nav,
            "footer" => Self::Footer,
            "header" | "hgroup" => Self::Header,
            "aside" => Self::Aside,
            "button" | "input" | "select" | "textarea" | "option" | "fieldset" | "label" | "datalist" => Self::Form,
            "article" => Self::Article,
            "main" => Self::Main,
            "section" => Self::Section,
            "div" => Self::Div,
            "p" => Self::P,
            "h1" => Self::H(1),
            "h2" => Self::H(2),
            "h3" => Self::H(3),
            "h4" => Self::H(4),
            "h5" => Self::H(5),
            "h6" => Self::H(6),
            "ul" | "ol" | "dl" => Self::List,
            "li" | "dt" | "dd" => Self::Item,
            "table" => Self::Table,
            "tr" => Self::Row,
            "td" | "th" => Self::Cell,
            "blockquote" => Self::Quote,
            "pre" => Self::Pre,
            "figure" | "picture" => Self::Figure,
            "figcaption" | "caption" => Self::Caption,
            "br" => Self::Br,
            "hr" => Self::Hr,
            "a" => Self::A,
            "img" => Self::Img,
            "video" | "audio" => Self::Media,
            "time" => Self::Time,
            "strong" | "b" => Self::Strong,
            "em" | "i" | "small" => Self::Emphasis,
            "form" => Self::Sheet,
            "center" | "address" | "details" | "summary" | "tbody" | "thead" | "tfoot" => Self::OtherBlock,
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
