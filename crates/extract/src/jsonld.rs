//! JSON-LD: what a page says of itself to machines. Arrays, `@graph` and nested entities are
//! searched for the article; broken JSON is repaired where only one reading is left.

use std::collections::HashMap;

use html5ever::local_name;
use serde_json::Value;

use crate::outline::{Element, Outline};
use crate::tag::Tag;
use crate::{plain, repair};

/// The article as JSON-LD states it; texts are cleaned, dates are raw.
#[derive(Debug, Default, Clone)]
pub(crate) struct Stated {
    pub(crate) headline: String,
    pub(crate) description: String,
    /// Paragraphs, one a line.
    pub(crate) body: String,
    pub(crate) authors: Vec<String>,
    /// `@id`s of authors that are described elsewhere on the page.
    author_ids: Vec<String>,
    pub(crate) published: Option<String>,
    pub(crate) modified: Option<String>,
    pub(crate) image: Option<String>,
    pub(crate) sections: Vec<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) url: Option<String>,
    pub(crate) lang: Option<String>,
    pub(crate) paywalled: bool,
}

/// All that a page's JSON-LD says.
#[derive(Debug, Default)]
pub(crate) struct JsonLd {
    pub(crate) article: Option<Stated>,
    /// Names on the breadcrumb trail, home left out.
    pub(crate) trail: Vec<String>,
    /// The publisher's name, for telling it from the title.
    pub(crate) publishers: Vec<String>,
    pub(crate) is_video: bool,
    pub(crate) is_list: bool,
    pub(crate) problems: Vec<String>,
    /// Names of people by `@id`.
    people: HashMap<String, String>,
}

const MAX_SCRIPTS: usize = 40;
const MAX_SCRIPT_BYTES: usize = 2 * 1024 * 1024;
const MAX_NODES: usize = 4000;

impl JsonLd {
    pub(crate) fn of(outline: &Outline<'_>) -> Self {
        let mut out = Self::default();
        let mut best: Option<(i32, Stated)> = None;
        let scripts = outline.elements.iter().filter(|e| e.tag == Tag::Script && is_json_ld(e));
        for script in scripts.take(MAX_SCRIPTS) {
            let text = script.node.own_text();
            if text.trim().is_empty() || text.len() > MAX_SCRIPT_BYTES {
                continue;
            }
            match repair::parse(&text) {
                Some((value, clean)) => {
                    if !clean {
                        out.problems.push("broken JSON-LD was repaired".to_owned());
                    }
                    out.read(&value, &mut best);
                }
                None => out.problems.push("broken JSON-LD was ignored".to_owned()),
            }
        }
        out.article = best.map(|(_, stated)| stated);
        if let Some(article) = out.article.as_mut().filter(|a| a.authors.is_empty()) {
            let people: Option<Vec<String>> = article.author_ids.iter().map(|id| out.people.get(id).cloned()).collect();
            article.authors = people.unwrap_or_default();
        }
        out
    }

    fn read(&mut self, value: &Value, best: &mut Option<(i32, Stated)>) {
        let mut stack = vec![value];
        let mut n_nodes = 0;
        while let Some(value) = stack.pop() {
            n_nodes += 1;
            if n_nodes > MAX_NODES {
                self.problems.push("JSON-LD was read in part: too large".to_owned());
                return;
            }
            match value {
                Value::Array(items) => stack.extend(items.iter().rev()),
                Value::Object(object) => {
                    let kinds = kinds_of(value);
                    if let Some(rank) = kinds.iter().filter_map(|k| article_rank(k)).max() {
                        let stated = stated(value);
                        let score = rank
                            + 2 * i32::from(!stated.headline.is_empty())
                            + 2 * i32::from(!stated.body.is_empty())
                            + 2 * i32::from(stated.published.is_some());
                        if best.as_ref().is_none_or(|(b, _)| score > *b) {
                            *best = Some((score, stated));
                        }
                    }
                    self.note_kinds(value, &kinds);
                    for key in ["@graph", "mainEntity", "mainEntityOfPage", "itemListElement", "item"] {
                        stack.extend(object.get(key));
                    }
                }
                _ => {}
            }
        }
    }

    fn note_kinds(&mut self, value: &Value, kinds: &[&str]) {
        for kind in kinds {
            match *kind {
                "VideoObject" => self.is_video = true,
                "ItemList" | "CollectionPage" => self.is_list = true,
                "BreadcrumbList" => self.trail = trail(value),
                "Person" => {
                    let id = text(value, "@id").zip(text(value, "name"));
                    self.people.extend(id.map(|(id, name)| (id, line(&name))));
                }
                "Organization" | "NewsMediaOrganization" | "WebSite" => self.publishers.extend(text(value, "name")),
                _ => {}
            }
        }
        if let Some(publisher) = value.get("publisher") {
            self.publishers.extend(text(publisher, "name"));
        }
    }
}

fn is_json_ld(element: &Element<'_>) -> bool {
    element.attr(&local_name!("type")).is_some_and(is_type)
}

/// Whether a script's type is JSON-LD's.
pub(crate) fn is_type(stated: &str) -> bool {
    stated.to_ascii_lowercase().contains("ld+json")
}

fn kinds_of(value: &Value) -> Vec<&str> {
    let names: Vec<&str> = match value.get("@type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    names.into_iter().map(|n| n.rsplit(['/', ':', '#']).next().unwrap_or(n)).collect()
}

fn article_rank(kind: &str) -> Option<i32> {
    Some(match kind {
        "NewsArticle"
        | "ReportageNewsArticle"
        | "AnalysisNewsArticle"
        | "OpinionNewsArticle"
        | "BackgroundNewsArticle"
        | "ReviewNewsArticle"
        | "AskPublicNewsArticle" => 6,
        "Article" | "BlogPosting" | "LiveBlogPosting" | "Report" | "MedicalScholarlyArticle" | "TechArticle" => 5,
        // A fact check states its article as a review of the claim.
        "ClaimReview" => 4,
        "AdvertiserContentArticle" | "SatiricalArticle" | "SocialMediaPosting" | "Review" => 3,
        "WebPage" => 0,
        _ => return None,
    })
}

fn stated(value: &Value) -> Stated {
    let body = text(value, "articleBody").or_else(|| text(value, "reviewBody")).unwrap_or_default();
    Stated {
        headline: text(value, "headline").or_else(|| text(value, "name")).map(|t| line(&t)).unwrap_or_default(),
        description: text(value, "description").map(|t| line(&t)).unwrap_or_default(),
        body: plain::without_markup(&body)
            .lines()
            .map(plain::line)
            .filter(|l| !l.is_empty())
            .collect::<Vec<_>>()
            .join("\n"),
        authors: value.get("author").or_else(|| value.get("creator")).map(names).unwrap_or_default(),
        author_ids: value.get("author").map(references).unwrap_or_default(),
        published: text(value, "datePublished").or_else(|| text(value, "dateCreated")),
        modified: text(value, "dateModified"),
        image: value.get("image").and_then(picture).or_else(|| value.get("thumbnailUrl").and_then(picture)),
        sections: value.get("articleSection").map(strings).unwrap_or_default(),
        tags: value.get("keywords").map(tags).unwrap_or_default(),
        url: value.get("url").or_else(|| value.get("mainEntityOfPage")).and_then(address),
        lang: text(value, "inLanguage"),
        paywalled: is_false(value.get("isAccessibleForFree")),
    }
}

fn line(text: &str) -> String {
    plain::line(&plain::without_markup(text))
}

fn is_false(value: Option<&Value>) -> bool {
    match value {
        Some(Value::Bool(free)) => !free,
        Some(Value::String(free)) => free.eq_ignore_ascii_case("false"),
        _ => false,
    }
}

fn text(value: &Value, key: &str) -> Option<String> {
    match value.get(key)? {
        Value::String(s) => Some(s.clone()),
        Value::Array(items) => {
            let parts: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            (!parts.is_empty()).then(|| parts.join("\n"))
        }
        _ => None,
    }
    .filter(|s| !s.trim().is_empty())
}

fn names(value: &Value) -> Vec<String> {
    match value {
        Value::String(s) => vec![line(s)],
        Value::Array(items) => {
            items.iter().take(20).flat_map(|i| if i.is_array() { Vec::new() } else { names(i) }).collect()
        }
        Value::Object(_) => match value.get("name") {
            Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).map(line).collect(),
            Some(Value::String(s)) => vec![line(s)],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::String(s) => vec![line(s)],
        Value::Array(items) => items.iter().take(50).filter_map(Value::as_str).map(line).collect(),
        _ => Vec::new(),
    }
}

fn tags(value: &Value) -> Vec<String> {
    match value {
        Value::String(s) => s.split([',', ';']).map(line).collect(),
        other => strings(other),
    }
}

fn address(value: &Value) -> Option<String> {
    match value {
        Value::String(s) => Some(s.clone()),
        Value::Array(items) => items.iter().find(|i| !i.is_array()).and_then(address),
        Value::Object(o) => ["url", "@id", "contentUrl"].iter().find_map(|k| o.get(*k)?.as_str().map(str::to_owned)),
        _ => None,
    }
    .filter(|s| !s.trim().is_empty())
}

/// The address of a picture; an `@id` only names it.
fn picture(value: &Value) -> Option<String> {
    match value {
        Value::Array(items) => items.iter().find(|i| !i.is_array()).and_then(picture),
        Value::Object(o) => ["url", "contentUrl"].iter().find_map(|k| o.get(*k)?.as_str().map(str::to_owned)),
        other => address(other),
    }
}

fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().take(20).filter_map(|i| text(i, "@id")).collect(),
        one => text(one, "@id").into_iter().collect(),
    }
}

fn trail(value: &Value) -> Vec<String> {
    let Some(Value::Array(items)) = value.get("itemListElement") else {
        return Vec::new();
    };
    items
        .iter()
        .take(10)
        .filter_map(|i| text(i, "name").or_else(|| text(i.get("item")?, "name")))
        .map(|n| line(&n))
        .collect()
}
