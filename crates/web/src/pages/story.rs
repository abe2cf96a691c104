//! `/stories/{story}`: one event as each outlet tells it, side by side.

use axum::extract::{Path, State};
use diembao_news::{Evidence, Field, StoryId};
use diembao_store::StoredArticle;
use serde::Serialize;

use crate::access::Actor;
use crate::answer::{Answer, Stop};
use crate::format::{machine, moment};
use crate::html::{self, Sheet};
use crate::pages::shared;
use crate::rights;
use crate::state::Console;

/// Articles side by side at most; the first published first.
const N_SHOWN: usize = 40;
/// Paragraphs that are open; the others are one click away.
const N_OPEN: usize = 2;

#[derive(Serialize)]
struct View {
    title: String,
    n_articles: usize,
    n_outlets: usize,
    n_hidden: usize,
    case: Option<i64>,
    articles: Vec<ArticleCard>,
}

#[derive(Serialize)]
struct ArticleCard {
    id: String,
    title: String,
    lead: String,
    outlet: String,
    at: String,
    machine: String,
    url: Option<String>,
    opening: Vec<String>,
    rest: Vec<String>,
    topics: Vec<String>,
    flags: Vec<FlagRow>,
}

#[derive(Serialize)]
struct FlagRow {
    name: String,
    severity: &'static str,
    severity_name: &'static str,
    found: String,
}

/// GET /stories/{story}
pub(crate) async fn show(State(console): State<Console>, actor: Actor, Path(id): Path<String>) -> Answer {
    let id = StoryId::parse(&id).map_err(|_| Stop::NotFound)?;
    let story = console.p.store.story(id).await?.ok_or(Stop::NotFound)?;
    let case = console.p.store.case_of_story(id).await?.filter(|c| rights::sees(&actor.user, c));
    let mut outlets: Vec<&str> = story.articles.iter().map(|a| a.article.outlet.as_str()).collect();
    outlets.sort_unstable();
    outlets.dedup();
    let view = View {
        title: story.articles.first().map(|a| a.article.text.title.clone()).unwrap_or_default(),
        n_articles: story.articles.len(),
        n_outlets: outlets.len(),
        n_hidden: story.articles.len().saturating_sub(N_SHOWN),
        case: case.map(|c| c.id.as_i64()),
        articles: story.articles.iter().take(N_SHOWN).map(|a| card(&console, a)).collect(),
    };
    html::page(&actor, Sheet { template: "story.html", title: "Câu chuyện", place: "/stories", done: None }, view)
}

fn card(console: &Console, stored: &StoredArticle) -> ArticleCard {
    let now = console.p.clock.now();
    let article = &stored.article;
    let outlets = shared::outlet_names(console);
    let mut paragraphs = article.text.body.lines().filter(|l| !l.trim().is_empty()).map(str::to_owned);
    let opening = paragraphs.by_ref().take(N_OPEN).collect();
    let judged = stored.classification.as_ref();
    ArticleCard {
        id: article.id.to_string(),
        title: article.text.title.clone(),
        lead: article.text.lead.clone(),
        outlet: shared::outlet_name(&outlets, article.outlet.as_str()),
        at: moment(article.times.published, now),
        machine: machine(article.times.published),
        url: article.url.as_ref().map(|u| u.as_str().to_owned()),
        opening,
        rest: paragraphs.collect(),
        topics: judged.map(|c| c.topics.iter().map(|t| topic_name(console, &t.id)).collect()).unwrap_or_default(),
        flags: judged.map(|c| c.flags.iter().map(|f| flag_row(console, f)).collect()).unwrap_or_default(),
    }
}

pub(crate) fn topic_name(console: &Console, id: &str) -> String {
    console.p.home.rules.topics().find(|t| t.id == id).map_or_else(|| id.to_owned(), |t| t.name.clone())
}

fn flag_row(console: &Console, flag: &diembao_news::Flag) -> FlagRow {
    let rule = console.p.home.rules.rules().find(|r| r.id == flag.rule);
    FlagRow {
        name: rule.map_or_else(|| flag.rule.clone(), |r| r.name.clone()),
        severity: flag.severity.as_str(),
        severity_name: flag.severity.label(),
        found: found(&flag.evidence),
    }
}

/// The phrases that were found, each once, with where they stand.
pub(crate) fn found(evidence: &[Evidence]) -> String {
    let mut parts: Vec<String> = Vec::new();
    for e in evidence {
        let place = match e.field {
            Field::Title => "tiêu đề",
            Field::Lead => "sa-pô",
            Field::Body => "thân bài",
        };
        let part = format!("“{}” ({place})", e.text);
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    parts.join(", ")
}
