//! One page on the table: the DOM, its outline and what its head and JSON-LD say, with the
//! trace and the problems noted so far. Every field is decided from this.

use scraper::{Html, Selector};

use crate::density::Density;
use crate::extraction::{PageContext, Step};
use crate::jsonld::JsonLd;
use crate::meta::Meta;
use crate::outline::Outline;

pub(crate) struct Reading<'a> {
    pub(crate) page: &'a PageContext<'a>,
    pub(crate) html: &'a Html,
    pub(crate) outline: &'a Outline<'a>,
    pub(crate) density: Density,
    pub(crate) meta: Meta,
    pub(crate) json: JsonLd,
    pub(crate) problems: Vec<String>,
    pub(crate) trace: Vec<Step>,
}

impl<'a> Reading<'a> {
    pub(crate) fn of(page: &'a PageContext<'a>, html: &'a Html, outline: &'a Outline<'a>) -> Self {
        let mut json = JsonLd::of(outline, html);
        let problems = std::mem::take(&mut json.problems);
        Self {
            page,
            html,
            outline,
            density: Density::of(outline),
            meta: Meta::of(outline, html),
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
            let found: Vec<u32> = self.html.select(&selector).take(200).filter_map(|e| self.position(e.id())).collect();
            if !found.is_empty() {
                return found;
            }
            self.note(field, format!("selector {text}"), "matches nothing");
        }
        Vec::new()
    }

    fn position(&self, id: ego_tree::NodeId) -> Option<u32> {
        // Tree order is creation order, which foster parenting disturbs: search, do not bisect.
        self.outline.elements.iter().position(|e| e.id == id).map(|p| p as u32)
    }
}
