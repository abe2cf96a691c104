//! The sixth stage: flagged stories become cases, and cases learn what is new in their stories:
//! articles, outlets, numbers, what officials say, a graver turn.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use diembao_desk::{
    Action, ArticleFacts, Case, CaseEvent, CaseState, PROGRAM, StoryFacts, detect, official_quotes, progress,
};
use diembao_news::{ArticleId, CaseId, StoryId};
use diembao_store::{StoreError, StoredArticle, StoryRow, Which};

use super::act::{Sound, attached, open_case};
use super::route::{self, Proposal};
use crate::reported::head;
use crate::{Pipeline, RunReport, Stage};

/// New articles of a case that are read for quotes and numbers in one go.
const MAX_READ: usize = 20;
/// Quotes a case keeps.
const MAX_QUOTES: usize = 30;

/// Opens a case for every flagged story with an article first seen since a time, and appends to
/// those that are there what has spread or grown graver. A closed one says that there is news.
///
/// # Errors
/// When the store fails.
pub async fn update_desk(p: &Pipeline, since: DateTime<Utc>, report: &mut RunReport) -> anyhow::Result<()> {
    let mut run = p.progress.begin(Stage::Desk, None);
    let now = p.clock.now();
    let stories = p.store.stories_between(since, now + TimeDelta::seconds(1), Which::Health).await?;
    run.report.n_in = stories.len() as u64;
    let ids: Vec<StoryId> = stories.iter().map(|row| row.id).collect();
    let cases = p.store.cases_of_stories(&ids).await?;
    let mut of_case: BTreeMap<CaseId, Vec<&StoryRow>> = BTreeMap::new();
    for row in &stories {
        match cases.get(&row.id) {
            Some(case) => of_case.entry(case.id).or_default().push(row),
            None => {
                if open_for(p, row, now).await? {
                    run.report.count("opened", 1);
                }
            }
        }
        run.report.n_out += 1;
        run.advance(1);
    }
    let known: HashMap<CaseId, &Case> = cases.values().map(|case| (case.id, case)).collect();
    let n = follow(p, &of_case, &known, now).await?;
    run.report.count("appended", n);
    report.stages.insert(Stage::Desk, run.end());
    Ok(())
}

/// Opens the case that a story is, if it is one.
async fn open_for(p: &Pipeline, row: &StoryRow, now: DateTime<Utc>) -> anyhow::Result<bool> {
    let Some(new) = detect(&facts(row.id, &[row]), now) else {
        return Ok(false);
    };
    let events = first_events(p, &row.articles, now);
    let with = (articles_of(&row.articles), sound(p, &[row], now));
    let (_, opened) = open_case(p, &new, &events, with).await?;
    Ok(opened)
}

/// Appends to cases what their stories have become; how many events that were.
async fn follow(
    p: &Pipeline,
    of_case: &BTreeMap<CaseId, Vec<&StoryRow>>,
    cases: &HashMap<CaseId, &Case>,
    now: DateTime<Utc>,
) -> anyhow::Result<u64> {
    let ids: Vec<CaseId> = of_case.keys().copied().collect();
    let held = p.store.case_articles(&ids).await?;
    let mut moved = Vec::new();
    for (id, rows) in of_case {
        let (Some(case), known) = (cases.get(id), held.get(id).map(Vec::as_slice).unwrap_or_default()) else {
            continue;
        };
        let new: Vec<&StoredArticle> = rows
            .iter()
            .flat_map(|row| &row.articles)
            .filter(|a| known.iter().all(|(id, _)| *id != a.article.id))
            .collect();
        let actions = progress(case, &facts(case.story, rows), known);
        if !new.is_empty() || !actions.is_empty() {
            moved.push((*case, rows, new, actions));
        }
    }
    let ids: Vec<CaseId> = moved.iter().map(|(case, ..)| case.id).collect();
    let mut events = p.store.case_events(&ids).await?;
    let mut n = 0;
    for (case, rows, new, actions) in moved {
        let before = events.remove(&case.id).unwrap_or_default();
        n += append(p, (case, &before), rows, (new, actions), now).await?;
    }
    Ok(n)
}

async fn append(
    p: &Pipeline,
    (case, before): (&Case, &[CaseEvent]),
    rows: &[&StoryRow],
    (new, actions): (Vec<&StoredArticle>, Vec<Action>),
    now: DateTime<Utc>,
) -> anyhow::Result<u64> {
    let opens = actions.iter().any(|action| matches!(action, Action::Raise { .. }));
    let mut events: Vec<CaseEvent> = actions.into_iter().map(|action| automatic(action, String::new(), now)).collect();
    if case.state.is_open() || opens {
        events.extend(read(p, &new, before, now));
        events.extend(new_proposal(p, case, rows, now));
    } else if case.state == CaseState::Closed {
        events.extend(news(p, &new, now));
    }
    let mut with = attached(p, (case, before), &events, sound(p, rows, now))?;
    with.articles = new.iter().map(|a| a.article.id).collect();
    match p.store.append_events(case.id, case.version, &events, &with).await {
        Ok(_) => p.wake.alerts.notify_one(),
        // An officer was faster; the next run adds what is still new then.
        Err(StoreError::Conflict { .. }) => return Ok(0),
        Err(e) => return Err(e.into()),
    }
    Ok(events.len() as u64)
}

/// That the press goes on about a case that is closed; an archive that somebody imports is no news.
fn news(p: &Pipeline, new: &[&StoredArticle], now: DateTime<Utc>) -> Option<CaseEvent> {
    let fresh: Vec<&&StoredArticle> = new.iter().filter(|a| is_fresh(p, a, now)).collect();
    let gravest = |a: &StoredArticle| a.classification.iter().flat_map(|c| &c.flags).map(|f| f.severity).max();
    let named = fresh.iter().max_by_key(|a| (gravest(a), a.article.times.published))?;
    let n_articles = u32::try_from(fresh.len()).unwrap_or(u32::MAX);
    Some(automatic(Action::News { n_articles }, named.article.text.title.clone(), now))
}

fn automatic(action: Action, note: String, at: DateTime<Utc>) -> CaseEvent {
    CaseEvent { at, actor: PROGRAM.to_owned(), action, note }
}

/// What new articles of a case say that its events do not: words of officials and greater numbers.
fn read(p: &Pipeline, new: &[&StoredArticle], before: &[CaseEvent], now: DateTime<Utc>) -> Vec<CaseEvent> {
    let mut events = Vec::new();
    let (mut dead, mut ill) = before.iter().rev().find_map(|e| figures(&e.action)).unwrap_or_default();
    let told = (dead, ill);
    let mut quoted: Vec<String> = before.iter().filter(|e| is_quote(e)).map(|e| e.note.clone()).collect();
    for stored in new.iter().take(MAX_READ) {
        let text = &stored.article.text;
        for quote in official_quotes(&text.lead, &text.body) {
            if quoted.len() < MAX_QUOTES && !quoted.contains(&quote.text) {
                quoted.push(quote.text.clone());
                let action = Action::Quote { article: stored.article.id, speaker: quote.speaker };
                events.push(automatic(action, quote.text, now));
            }
        }
        if stored.classification.as_ref().is_some_and(|c| !c.flags.is_empty()) {
            // Bodies count the dead of earlier events too.
            let facts = p.home.rules.facts(&head(text));
            let number = |fact: Option<diembao_rules::Fact>| fact.and_then(|f| f.value.parse::<u32>().ok());
            dead = dead.max(number(facts.dead));
            ill = ill.max(number(facts.ill));
        }
    }
    if (dead, ill) != told {
        events.push(automatic(Action::Figures { dead, ill }, String::new(), now));
    }
    events
}

fn figures(action: &Action) -> Option<(Option<u32>, Option<u32>)> {
    match action {
        Action::Figures { dead, ill } => Some((*dead, *ill)),
        _ => None,
    }
}

fn is_quote(event: &CaseEvent) -> bool {
    matches!(event.action, Action::Quote { .. })
}

/// The proposal of a case that has no unit yet, when its articles lead to another than before.
fn new_proposal(p: &Pipeline, case: &Case, rows: &[&StoryRow], now: DateTime<Utc>) -> Option<CaseEvent> {
    if case.handling.unit.is_some() {
        return None;
    }
    let articles: Vec<StoredArticle> = rows.iter().flat_map(|row| row.articles.iter().cloned()).collect();
    let proposal = route::of_articles(p, &articles, now)?;
    (case.handling.proposed.as_ref() != Some(&proposal.unit)).then(|| proposed(&proposal, now))
}

fn proposed(proposal: &Proposal, now: DateTime<Utc>) -> CaseEvent {
    let action = Action::Route { unit: proposal.unit.clone(), spokesperson: proposal.spokesperson.clone() };
    automatic(action, proposal.reasons.join(" "), now)
}

/// The first events of a case that follow from its articles.
pub(crate) fn first_events(p: &Pipeline, articles: &[StoredArticle], now: DateTime<Utc>) -> Vec<CaseEvent> {
    let proposal = route::of_articles(p, articles, now).map(|found| proposed(&found, now));
    let all: Vec<&StoredArticle> = articles.iter().collect();
    proposal.into_iter().chain(read(p, &all, &[], now)).collect()
}

/// Whether stories are news, or come from an archive.
fn sound(p: &Pipeline, rows: &[&StoryRow], now: DateTime<Utc>) -> Sound {
    let any = rows.iter().flat_map(|row| &row.articles).any(|a| is_fresh(p, a, now));
    if any { Sound::Always } else { Sound::Silent }
}

fn is_fresh(p: &Pipeline, stored: &StoredArticle, now: DateTime<Utc>) -> bool {
    let within = TimeDelta::from_std(p.home.settings.desk.alarm_within).unwrap_or(TimeDelta::MAX);
    now - stored.article.times.published <= within
}

pub(crate) fn articles_of(articles: &[StoredArticle]) -> Vec<ArticleId> {
    articles.iter().map(|a| a.article.id).collect()
}

fn facts<'a>(story: StoryId, rows: &[&'a StoryRow]) -> StoryFacts<'a> {
    let articles = rows.iter().flat_map(|row| &row.articles).map(facts_of);
    StoryFacts { story, articles: articles.collect() }
}

/// What the desk has to know of one article.
pub(crate) fn facts_of(stored: &StoredArticle) -> ArticleFacts<'_> {
    ArticleFacts {
        id: stored.article.id,
        outlet: &stored.article.outlet,
        title: &stored.article.text.title,
        published: stored.article.times.published,
        flags: stored.classification.as_ref().map(|c| c.flags.as_slice()).unwrap_or_default(),
    }
}
