//! The tree of a page. A node holds what the extraction reads of it and no more, and stands still in an
//! [`Arena`], so that whoever has met it keeps it by reference. Outlets' selectors are matched on scraper's
//! tree, which is made from this one when an outlet has any ([`Node::to_html`]).

use std::cell::{Cell, OnceCell};

use html5ever::tendril::StrTendril;
use html5ever::{Attribute, QualName};
use scraper::{Html, Node as HtmlNode};

/// Holds the nodes of one tree.
#[derive(Default)]
pub(crate) struct Arena<'a> {
    first: OnceCell<Chunk<'a>>,
    /// The chunk that is being filled.
    filling: Cell<Option<&'a Chunk<'a>>>,
}

struct Chunk<'a> {
    nodes: Vec<OnceCell<Node<'a>>>,
    n_used: Cell<usize>,
    next: OnceCell<Box<Chunk<'a>>>,
}

/// What a node is.
pub(crate) enum Value {
    Element(Element),
    Text(StrTendril),
    /// The document, a template's contents, or a comment.
    Other,
}

/// A name and what is written in its tag.
pub(crate) struct Element {
    pub(crate) name: QualName,
    own: Vec<Attribute>,
    /// Those that later tags of the same element brought, as a second `<body>` does.
    added: OnceCell<Box<[Attribute]>>,
}

type Link<'a> = Cell<Option<&'a Node<'a>>>;

/// A node and its neighbours.
pub(crate) struct Node<'a> {
    pub(crate) value: Value,
    /// Elements around it when it was put into the tree.
    pub(crate) depth: Cell<u16>,
    parent: Link<'a>,
    previous: Link<'a>,
    next: Link<'a>,
    first: Link<'a>,
    last: Link<'a>,
}

/// A step of a walk over the tree.
pub(crate) enum Edge<'a> {
    Open(&'a Node<'a>),
    Close(&'a Node<'a>),
}

/// Nodes of an arena's first chunk; each of the others holds twice as many as the one before.
const FIRST_CHUNK: usize = 512;

impl<'a> Arena<'a> {
    /// A new node without a place.
    pub(crate) fn add(&'a self, value: Value) -> &'a Node<'a> {
        let mut chunk = self.filling.get().unwrap_or_else(|| self.first.get_or_init(|| Chunk::with_room(FIRST_CHUNK)));
        if chunk.n_used.get() == chunk.nodes.len() {
            chunk = chunk.next.get_or_init(|| Box::new(Chunk::with_room(chunk.nodes.len() * 2)));
        }
        self.filling.set(Some(chunk));
        let at = chunk.n_used.get();
        chunk.n_used.set(at + 1);
        chunk.nodes[at].get_or_init(|| Node::new(value))
    }
}

impl Chunk<'_> {
    fn with_room(n_nodes: usize) -> Self {
        let nodes = std::iter::repeat_with(OnceCell::new).take(n_nodes).collect();
        Self { nodes, n_used: Cell::new(0), next: OnceCell::new() }
    }
}

impl Element {
    pub(crate) fn new(name: QualName, attrs: Vec<Attribute>) -> Self {
        Self { name, own: attrs, added: OnceCell::new() }
    }

    pub(crate) fn attrs(&self) -> impl Iterator<Item = &Attribute> {
        self.own.iter().chain(self.added.get().into_iter().flatten())
    }

    /// Adds attributes that are not there yet; once.
    pub(crate) fn add(&self, attrs: Vec<Attribute>) {
        self.added.get_or_init(|| attrs.into());
    }
}

impl<'a> Node<'a> {
    fn new(value: Value) -> Self {
        let [parent, previous, next, first, last] = [const { Cell::new(None) }; 5];
        Self { value, depth: Cell::new(0), parent, previous, next, first, last }
    }

    pub(crate) fn element(&self) -> Option<&Element> {
        match &self.value {
            Value::Element(element) => Some(element),
            _ => None,
        }
    }

    fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn children(&'a self) -> impl Iterator<Item = &'a Node<'a>> {
        std::iter::successors(self.first.get(), |node| node.next.get())
    }

    /// A node and all inside it, in document order.
    pub(crate) fn walk(&'a self) -> impl Iterator<Item = Edge<'a>> {
        let mut next = Some(Edge::Open(self));
        std::iter::from_fn(move || {
            let edge = next.take()?;
            next = match edge {
                Edge::Open(node) => Some(node.first.get().map_or(Edge::Close(node), Edge::Open)),
                Edge::Close(node) if std::ptr::eq(node, self) => None,
                Edge::Close(node) => node.next.get().map(Edge::Open).or(node.parent.get().map(Edge::Close)),
            };
            Some(edge)
        })
    }

    /// The texts inside a node, of its first so many nodes.
    pub(crate) fn texts(&'a self, max_nodes: usize) -> impl Iterator<Item = &'a str> {
        let nodes = self.walk().filter_map(|edge| match edge {
            Edge::Open(node) => Some(node),
            Edge::Close(_) => None,
        });
        nodes.take(max_nodes).filter_map(Node::text)
    }

    /// The text right under a node.
    pub(crate) fn own_text(&'a self) -> String {
        self.children().filter_map(Node::text).collect()
    }

    /// scraper's tree of the same page, and its elements in document order.
    pub(crate) fn to_html(&'a self) -> (Html, Vec<ego_tree::NodeId>) {
        let mut html = Html::new_document();
        let mut elements = Vec::new();
        let mut parents = vec![html.tree.root().id()];
        for edge in self.walk().skip(1) {
            let Edge::Open(node) = edge else {
                parents.pop();
                continue;
            };
            let copy = match &node.value {
                Value::Element(e) => {
                    HtmlNode::Element(scraper::node::Element::new(e.name.clone(), e.attrs().cloned().collect()))
                }
                Value::Text(text) => HtmlNode::Text(scraper::node::Text { text: text.clone() }),
                Value::Other => HtmlNode::Fragment,
            };
            let parent = parents.last().and_then(|&parent| html.tree.get_mut(parent));
            let id = parent.expect("what is closed was opened").append(copy).id();
            if node.element().is_some() {
                elements.push(id);
            }
            parents.push(id);
        }
        (html, elements)
    }
}

/// What a parser does to a tree.
impl<'a> Node<'a> {
    pub(crate) fn has_parent(&self) -> bool {
        self.parent.get().is_some()
    }

    /// Puts a node behind this one's last child.
    pub(crate) fn append(&'a self, child: &'a Node<'a>) {
        child.detach();
        match self.last.replace(Some(child)) {
            Some(last) => child.follow(last),
            None => self.first.set(Some(child)),
        }
        child.parent.set(Some(self));
    }

    /// Puts a node before this one, which has a place.
    pub(crate) fn insert_before(&'a self, new: &'a Node<'a>) {
        new.detach();
        match self.previous.get() {
            Some(previous) => new.follow(previous),
            None => self.parent.get().into_iter().for_each(|parent| parent.first.set(Some(new))),
        }
        self.follow(new);
        new.parent.set(self.parent.get());
    }

    /// Takes a node from its place, if it has one.
    pub(crate) fn detach(&self) {
        let Some(parent) = self.parent.take() else { return };
        let (previous, next) = (self.previous.take(), self.next.take());
        previous.map_or(&parent.first, |previous| &previous.next).set(next);
        next.map_or(&parent.last, |next| &next.previous).set(previous);
    }

    /// Moves the children of a node behind the last child of another.
    pub(crate) fn move_children(&'a self, to: &'a Node<'a>) {
        while let Some(child) = self.first.get() {
            to.append(child);
        }
    }

    fn follow(&'a self, previous: &'a Node<'a>) {
        self.previous.set(Some(previous));
        previous.next.set(Some(self));
    }
}
