//! `/stories/{story}`: one event as each outlet tells it, side by side.

use axum::Form;
use axum::extract::{Path, State};
use diembao_news::{Evidence, Field, FlagKind, Severity, StoryId};
use diembao_pipeline::desk::{self, ByHand, FlagTarget};
use diembao_store::StoredArticle;
use serde::{Deserialize, Serialize};

use crate::access::Actor;
use crate::answer::{Answer, Stop};
use crate::format::{machine, moment};
use crate::html::{self, Sheet};
use crate::pages::see;
use crate::pages::shared::{self, Choice, SEVERITIES, choices};
use crate::pages::users::note;
use crate::rights::{self, Right};
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
    id: String,
    case: Option<i64>,
    may_open: bool,
    severities: Vec<Choice>,
    kinds: Vec<Choice>,
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
        id: id.to_string(),
        may_open: case.is_none() && actor.has(Right::OpenCases),
        case: case.map(|c| c.id.as_i64()),
        severities: choices(SEVERITIES, Some(Severity::Orange), |s| (s.as_str(), s.label())),
        kinds: choices([FlagKind::Incident, FlagKind::Misinformation], None, |k| (k.as_str(), shared::kind(k))),
        articles: story.articles.iter().take(N_SHOWN).map(|a| card(&console, a)).collect(),
    };
    html::page(&actor, Sheet { template: "story.html", title: "Câu chuyện", place: "/stories", done: None }, view)
}

/// What a case is opened with.
#[derive(Deserialize)]
pub(crate) struct Opening {
    kind: String,
    severity: String,
    note: String,
}

/// POST /stories/{story}: what the rules did not flag becomes a case by hand.
pub(crate) async fn open_case(
    State(console): State<Console>,
    actor: Actor,
    Path(id): Path<String>,
    Form(typed): Form<Opening>,
) -> Answer {
    let id = StoryId::parse(&id).map_err(|_| Stop::NotFound)?;
    let unusable = || Stop::Bad("Hãy chọn loại và mức.".to_owned());
    let by_hand = ByHand {
        target: FlagTarget::Story(id),
        kind: FlagKind::parse(&typed.kind).ok_or_else(unusable)?,
        severity: Severity::parse(&typed.severity).ok_or_else(unusable)?,
        by: actor.user.display.clone(),
        note: typed.note.trim().to_owned(),
    };
    let (case, _) = desk::flag(&console.p, by_hand).await?;
    note(&console, &actor, "case.open", &case.to_string(), "").await?;
    console.changed(&[case]).await?;
    Ok(see(&format!("/cases/{case}?done=case")))
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
    console.p.latest_home().rules.topics().find(|t| t.id == id).map_or_else(|| id.to_owned(), |t| t.name.clone())
}

fn flag_row(console: &Console, flag: &diembao_news::Flag) -> FlagRow {
    let home = console.p.latest_home();
    let rule = home.rules.rules().find(|r| r.id == flag.rule);
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
