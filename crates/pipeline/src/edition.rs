//! The seventh stage: stories become a dated edition, which is frozen with its deliveries.

use std::collections::HashMap;

use anyhow::Context;
use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, TimeZone, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;
use diembao_desk::{Case, CaseState};
use diembao_digest::{
    ArticleInput, CaseView, Cut, DayCount, EditionInput, EditionView, FlagView, Form, Rendered, StoryInput, TopicName,
};
use diembao_news::{
    AudienceId, Delivery, DeliveryState, Edition, EditionId, EditionState, Outlet, OutletId, StoryId, Tier,
};
use diembao_store::{Freeze, RenderedPart, StoredArticle, StoryRow, Which};
use diembao_stories::Doc;

use crate::settings::CutForm;
use crate::{EditionOutcome, EditionReport, Pipeline, RunReport, Stage, coverage};

/// What one audience gets of an edition.
#[derive(Debug, Clone)]
pub struct CutPart {
    /// Who.
    pub audience: AudienceId,
    /// The assembled view.
    pub view: EditionView,
    /// Its renderings.
    pub rendered: Rendered,
}

/// Assembles the edition of a day as it would leave now, for every audience.
///
/// # Errors
/// When the store fails.
pub async fn draft_edition(p: &Pipeline, id: &EditionId) -> anyhow::Result<(Edition, Vec<CutPart>)> {
    let edition = window(p, id).await?;
    let input = input(p, &edition).await?;
    let audiences = p.home.settings.audiences.clone();
    let parts = tokio::task::spawn_blocking(move || {
        let part = |a: &crate::settings::AudienceSettings| {
            let form = match a.form {
                CutForm::Brief => Form::Brief,
                CutForm::Full => Form::Full,
            };
            let view = diembao_digest::assemble(&input, &Cut { topics: a.audience.topics.clone(), form });
            CutPart { audience: a.audience.id.clone(), rendered: diembao_digest::render(&view), view }
        };
        audiences.iter().map(part).collect()
    })
    .await?;
    Ok((edition, parts))
}

/// Freezes the edition of a day and queues its deliveries; one that is frozen stays as it is.
///
/// # Errors
/// When the store fails.
pub async fn freeze_edition(p: &Pipeline, id: &EditionId, report: &mut RunReport) -> anyhow::Result<()> {
    let mut run = p.progress.begin(Stage::Edition, None);
    let frozen = p.store.edition(id).await?.is_some_and(|e| e.state == EditionState::Frozen);
    let (outcome, n_stories, subject) = if frozen {
        (EditionOutcome::AlreadyFrozen, 0, subject_of(p, id).await?)
    } else {
        let (mut edition, parts) = draft_edition(p, id).await?;
        edition.state = EditionState::Frozen;
        edition.frozen_at = Some(p.clock.now());
        let deliveries = deliveries(p, id);
        let rows: Vec<RenderedPart> = parts.iter().map(row).collect();
        let n_stories = parts.first().map_or(0, |part| part.view.counts.stories);
        let subject = parts.first().map(|part| part.rendered.subject.clone()).unwrap_or_default();
        match p.store.freeze_edition(&edition, &rows, &deliveries).await.context("the edition cannot be frozen")? {
            Freeze::Frozen => (EditionOutcome::Frozen, n_stories, subject),
            Freeze::AlreadyFrozen => (EditionOutcome::AlreadyFrozen, n_stories, subject),
        }
    };
    run.report.n_in = n_stories as u64;
    run.report.n_out = u64::from(outcome == EditionOutcome::Frozen);
    report.edition = Some(EditionReport {
        id: id.clone(),
        outcome,
        n_stories,
        subject,
        deliveries: std::collections::BTreeMap::new(),
    });
    report.stages.insert(Stage::Edition, run.end());
    Ok(())
}

async fn subject_of(p: &Pipeline, id: &EditionId) -> anyhow::Result<String> {
    let Some(first) = p.home.settings.audiences.first() else {
        return Ok(String::new());
    };
    Ok(p.store.rendered(id, &first.audience.id).await?.map(|part| part.subject).unwrap_or_default())
}

fn row(part: &CutPart) -> RenderedPart {
    RenderedPart {
        audience: part.audience.clone(),
        subject: part.rendered.subject.clone(),
        html: part.rendered.html.clone(),
        text: part.rendered.text.clone(),
    }
}

fn deliveries(p: &Pipeline, id: &EditionId) -> Vec<Delivery> {
    let domain = &p.home.settings.mail.message_id_domain;
    let mut deliveries = Vec::new();
    for a in &p.home.settings.audiences {
        for recipient in &a.audience.recipients {
            deliveries.push(Delivery {
                edition: id.clone(),
                audience: a.audience.id.clone(),
                recipient: recipient.clone(),
                message_id: diembao_mail::message_id(id, &a.audience.id, recipient, domain),
                state: DeliveryState::Queued,
                attempts: 0,
                last_reply: None,
            });
        }
    }
    deliveries
}

/// An edition covers everything first seen since the last one's cut-off, so nothing falls between two.
async fn window(p: &Pipeline, id: &EditionId) -> anyhow::Result<Edition> {
    let now = p.clock.now();
    let first = TimeDelta::from_std(p.home.settings.edition.first_window).unwrap_or(TimeDelta::hours(24));
    let from = match p.store.last_frozen().await? {
        Some(last) => last.to,
        None => now - first,
    };
    Ok(Edition { id: id.clone(), state: EditionState::Draft, from: from.min(now), to: now, frozen_at: None })
}

async fn input(p: &Pipeline, edition: &Edition) -> anyhow::Result<EditionInput> {
    let rows = p.store.stories_between(edition.from, edition.to, Which::Health).await?;
    let outlets: HashMap<&OutletId, &Outlet> = p.home.outlets.iter().map(|o| (&o.id, o)).collect();
    let ids: Vec<StoryId> = rows.iter().map(|row| row.id).collect();
    let mut cases = p.store.cases_of_stories(&ids).await?;
    let stories = rows.iter().map(|row| story(p, edition, (row, cases.remove(&row.id)), &outlets)).collect();
    let topics = p.home.rules.topics().map(|t| TopicName { id: t.id.clone(), name: t.name.clone(), field: t.field });
    Ok(EditionInput {
        day: edition.id.day(),
        from: edition.from,
        to: edition.to,
        agency: p.home.settings.agency.name.clone(),
        unit: p.home.settings.agency.unit.clone(),
        coverage: coverage(p, edition.from).await?,
        stories,
        topics: topics.collect(),
        trend: trend(p, edition.id.day()).await?,
        unattended: true,
    })
}

fn story(
    p: &Pipeline,
    edition: &Edition,
    (row, case): (&StoryRow, Option<Case>),
    outlets: &HashMap<&OutletId, &Outlet>,
) -> StoryInput {
    let docs: Vec<Doc> = row
        .articles
        .iter()
        .map(|a| Doc {
            key: a.article.id.as_i64().unsigned_abs(),
            outlet: a.article.outlet.as_str(),
            published: Some(a.article.times.published),
            text: &a.article.text,
        })
        .collect();
    let reprints = diembao_stories::reprints(&docs);
    let articles = row.articles.iter().zip(reprints).map(|(a, original)| article(a, original.is_some(), outlets));
    let published = row.articles.iter().map(|a| a.article.times.published).max();
    let case = case.filter(|c| c.state != CaseState::Dismissed);
    StoryInput {
        id: row.id,
        articles: articles.collect(),
        topics: topics(row),
        flags: flags(p, row),
        case: case.map(|c| CaseView {
            number: c.id.as_i64(),
            state: c.state.label().to_owned(),
            owner: c.owner,
            deadline: None,
        }),
        is_late: published.is_some_and(|t| t < edition.from),
    }
}

fn article(stored: &StoredArticle, is_reprint: bool, outlets: &HashMap<&OutletId, &Outlet>) -> ArticleInput {
    let article = &stored.article;
    let outlet = outlets.get(&article.outlet);
    ArticleInput {
        id: article.id,
        outlet: outlet.map_or_else(|| article.outlet.to_string(), |o| o.name.clone()),
        tier: outlet.map_or(Tier::Local, |o| o.tier),
        url: article.url.as_ref().map(|u| u.as_str().to_owned()),
        text: article.text.clone(),
        published: article.times.published,
        is_reprint,
    }
}

/// A story's topics: each with its best score over the articles, best first.
fn topics(row: &StoryRow) -> Vec<(String, f32)> {
    let mut best: HashMap<&str, f32> = HashMap::new();
    for topic in row.articles.iter().filter_map(|a| a.classification.as_ref()).flat_map(|c| &c.topics) {
        let score = best.entry(&topic.id).or_default();
        *score = score.max(topic.score);
    }
    let mut topics: Vec<(String, f32)> = best.into_iter().map(|(id, score)| (id.to_owned(), score)).collect();
    topics.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    topics
}

/// A story's flags: of each rule the gravest, gravest first.
fn flags(p: &Pipeline, row: &StoryRow) -> Vec<FlagView> {
    let names: HashMap<&str, &str> = p.home.rules.rules().map(|r| (r.id.as_str(), r.name.as_str())).collect();
    let mut flags: Vec<FlagView> = Vec::new();
    for flag in row.articles.iter().filter_map(|a| a.classification.as_ref()).flat_map(|c| &c.flags) {
        match flags.iter_mut().find(|f| f.rule == flag.rule) {
            Some(known) => {
                known.severity = known.severity.max(flag.severity);
                known.stance = merge_stance(known.stance, flag.stance);
            }
            None => flags.push(FlagView {
                rule: flag.rule.clone(),
                rule_name: names.get(flag.rule.as_str()).copied().unwrap_or(&flag.rule).to_owned(),
                kind: flag.kind,
                severity: flag.severity,
                stance: flag.stance,
            }),
        }
    }
    flags.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.rule.cmp(&b.rule)));
    flags
}

fn merge_stance(a: Option<diembao_news::Stance>, b: Option<diembao_news::Stance>) -> Option<diembao_news::Stance> {
    match (a, b) {
        (Some(a), Some(b)) if a != b => Some(diembao_news::Stance::Mixed),
        (a, b) => a.or(b),
    }
}

async fn trend(p: &Pipeline, day: NaiveDate) -> anyhow::Result<Vec<DayCount>> {
    let first = day - Days::new(6);
    let counts = p.store.health_per_day(midnight(first), midnight(day + Days::new(1))).await?;
    let by_day: HashMap<NaiveDate, (u64, u64)> =
        counts.into_iter().map(|c| (c.day, (c.n_health, c.n_incidents))).collect();
    let days = first.iter_days().take(7);
    Ok(days
        .map(|day| {
            let (n_health, n_incidents) = by_day.get(&day).copied().unwrap_or_default();
            DayCount { day, n_health: count(n_health), n_incidents: count(n_incidents) }
        })
        .collect())
}

fn count(n: u64) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

/// The first moment of a day in Hà Nội.
fn midnight(day: NaiveDate) -> DateTime<Utc> {
    let local = Ho_Chi_Minh.with_ymd_and_hms(day.year(), day.month(), day.day(), 0, 0, 0);
    local.earliest().map_or_else(DateTime::default, |t| t.with_timezone(&Utc))
}
