//! What html5ever's tree builder does to our tree, counting nodes and the depth of the last one put into it.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode};
use html5ever::tendril::StrTendril;
use html5ever::tree_builder::TreeSink;
use html5ever::{Attribute, QualName};

use crate::tree::{Arena, Element, Node, Value};

/// Attributes that later tags may add to an element.
const MAX_LATE: usize = 64;

pub(crate) struct Sink<'a> {
    arena: &'a Arena<'a>,
    document: &'a Node<'a>,
    depth: Cell<u16>,
    n_nodes: Cell<usize>,
    /// What later tags add to an element, as a second `<body>` does.
    late: RefCell<Vec<(&'a Node<'a>, Vec<Attribute>)>>,
}

impl<'a> Sink<'a> {
    pub(crate) fn new(arena: &'a Arena<'a>) -> Self {
        let document = arena.add(Value::Other);
        Self { arena, document, depth: Cell::new(0), n_nodes: Cell::new(0), late: RefCell::default() }
    }

    /// Elements around the last node that was put into the tree.
    pub(crate) fn depth(&self) -> u16 {
        self.depth.get()
    }

    /// An element was closed.
    pub(crate) fn rise(&self) {
        self.depth.set(self.depth.get().saturating_sub(1));
    }

    /// Nodes that were made.
    pub(crate) fn n_nodes(&self) -> usize {
        self.n_nodes.get()
    }

    fn add(&self, value: Value) -> &'a Node<'a> {
        self.n_nodes.set(self.n_nodes.get() + 1);
        self.arena.add(value)
    }

    /// The node that is to be put somewhere, a text made one. `around` is what it is put into, or beside.
    fn placed(&self, around: &Node<'a>, child: NodeOrText<&'a Node<'a>>) -> &'a Node<'a> {
        match child {
            NodeOrText::AppendNode(child) => {
                let depth = around.depth.get().saturating_add(1);
                child.depth.set(depth);
                self.depth.set(depth);
                child
            }
            NodeOrText::AppendText(text) => self.add(Value::Text(text)),
        }
    }
}

impl<'a> TreeSink for Sink<'a> {
    type Handle = &'a Node<'a>;
    type Output = &'a Node<'a>;
    type ElemName<'b>
        = &'b QualName
    where
        Self: 'b;

    fn finish(self) -> &'a Node<'a> {
        for (node, attrs) in self.late.take() {
            if let Some(element) = node.element() {
                element.add(attrs);
            }
        }
        self.document
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> &'a Node<'a> {
        self.document
    }

    fn elem_name<'b>(&'b self, target: &'b &'a Node<'a>) -> &'b QualName {
        &target.element().expect("only elements are asked for their names").name
    }

    fn create_element(&self, name: QualName, attrs: Vec<Attribute>, flags: ElementFlags) -> &'a Node<'a> {
        let node = self.add(Value::Element(Element::new(name, attrs)));
        if flags.template {
            node.append(self.arena.add(Value::Other));
        }
        node
    }

    fn create_comment(&self, _: StrTendril) -> &'a Node<'a> {
        self.add(Value::Other)
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> &'a Node<'a> {
        self.add(Value::Other)
    }

    fn append(&self, parent: &&'a Node<'a>, child: NodeOrText<&'a Node<'a>>) {
        parent.append(self.placed(parent, child));
    }

    fn append_based_on_parent_node(
        &self,
        element: &&'a Node<'a>,
        previous: &&'a Node<'a>,
        child: NodeOrText<&'a Node<'a>>,
    ) {
        let child = self.placed(previous, child);
        if element.has_parent() { element.insert_before(child) } else { previous.append(child) }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn get_template_contents(&self, target: &&'a Node<'a>) -> &'a Node<'a> {
        target.children().next().expect("a template is made with its contents")
    }

    fn same_node(&self, x: &&'a Node<'a>, y: &&'a Node<'a>) -> bool {
        std::ptr::eq(*x, *y)
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &&'a Node<'a>, new_node: NodeOrText<&'a Node<'a>>) {
        let new = self.placed(sibling, new_node);
        if sibling.has_parent() {
            sibling.insert_before(new);
        } else {
            new.detach();
        }
    }

    fn add_attrs_if_missing(&self, target: &&'a Node<'a>, attrs: Vec<Attribute>) {
        let Some(element) = target.element() else { return };
        let mut late = self.late.borrow_mut();
        let known = late.iter().position(|(node, _)| std::ptr::eq(*node, *target));
        let at = known.unwrap_or(late.len());
        if at == late.len() {
            late.push((target, Vec::new()));
        }
        let added = &mut late[at].1;
        for attr in attrs {
            if added.len() < MAX_LATE && element.attrs().chain(&*added).all(|known| known.name != attr.name) {
                added.push(attr);
            }
        }
    }

    fn remove_from_parent(&self, target: &&'a Node<'a>) {
        target.detach();
    }

    fn reparent_children(&self, node: &&'a Node<'a>, new_parent: &&'a Node<'a>) {
        node.move_children(new_parent);
    }
}
