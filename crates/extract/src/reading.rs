//! One page on the table: the DOM, its outline and what its head and JSON-LD say, with the
//! trace and the problems noted so far. Every field is decided from this.

use scraper::{Html, Selector};

use crate::density::Density;
use crate::extraction::{PageContext, Step};
use crate::jsonld::JsonLd;
use crate::meta::Meta;
use crate::outline::Outline;
use crate::tree::Node;

pub(crate) struct Reading<'a> {
    pub(crate) page: &'a PageContext<'a>,
    tree: &'a Node<'a>,
    /// The same page for an outlet's selectors, made when the first is asked for, and its elements in the outline's order.
    selectable: Option<(Html, Vec<ego_tree::NodeId>)>,
    pub(crate) outline: &'a Outline<'a>,
    pub(crate) density: Density,
    pub(crate) meta: Meta,
    pub(crate) json: JsonLd,
    pub(crate) problems: Vec<String>,
    pub(crate) trace: Vec<Step>,
}

impl<'a> Reading<'a> {
    pub(crate) fn of(page: &'a PageContext<'a>, tree: &'a Node<'a>, outline: &'a Outline<'a>) -> Self {
        let mut json = JsonLd::of(outline);
        let problems = std::mem::take(&mut json.problems);
        Self {
            page,
            tree,
            selectable: None,
            outline,
            density: Density::of(outline),
            meta: Meta::of(outline),
            json,
            problems,
            trace: Vec::new(),
        }
    }

    pub(crate) fn note(&mut self, field: &'static str, candidate: impl Into<String>, note: impl Into<String>) {
        self.trace.push(Step { field, candidate: candidate.into(), note: note.into(), chosen: false });
    }

    pub(crate) fn choose(&mut self, field: &'static str, candidate: impl Into<String>, note: impl Into<String>) {
        self.trace.push(Step { field, candidate: candidate.into(), note: note.into(), chosen: true });
    }

    /// Elements an outlet's selectors match, as positions in the outline, in document order per
    /// selector; the first selector that matches anything wins.
    pub(crate) fn selected(&mut self, field: &'static str, selectors: &[String]) -> Vec<u32> {
        for text in selectors {
            let Ok(selector) = Selector::parse(text) else {
                self.problems.push(format!("the outlet's {field} selector {text:?} is not valid CSS"));
                continue;
            };
            let (html, elements) = self.selectable.get_or_insert_with(|| self.tree.to_html());
            let positions = html.select(&selector).take(200).filter_map(|e| elements.binary_search(&e.id()).ok());
            let found: Vec<u32> = positions.map(|at| at as u32).collect();
            if !found.is_empty() {
                return found;
            }
            self.note(field, format!("selector {text}"), "matches nothing");
        }
        Vec::new()
    }
}
