//! From the store to an edition as its readers see it; nothing here is written.

use std::collections::HashMap;

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, TimeZone, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;
use diembao_desk::{Action, Case, CaseEvent, CaseState, DismissReason, PROGRAM, next_deadline};
use diembao_digest::{
    ArticleInput, CaseView, Cut, DayCount, EditionInput, EditionView, Edits, FlagView, Form, Rendered, ScoreParts,
    StoryInput, TopicName,
};
use diembao_news::{
    AudienceId, CaseId, Edition, EditionId, EditionKind, EditionState, Outlet, OutletId, StoryId, Tier,
};
use diembao_store::{Correction, StoredArticle, StoryRow, Which};
use diembao_stories::Doc;

use crate::drafts::find_draft;
use crate::reported::reported;
use crate::settings::{AudienceSettings, CutForm};
use crate::{Pipeline, coverage};

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

/// What an edition is made from, and what it comes to.
#[derive(Debug)]
pub(crate) struct Assembled {
    pub(crate) input: EditionInput,
    pub(crate) edits: Edits,
    /// The number of the last change that is in it.
    pub(crate) version: i64,
    /// The corrections it prints.
    pub(crate) corrections: Vec<i64>,
    /// One part for each audience.
    pub(crate) parts: Vec<CutPart>,
}

/// Assembles an edition for every audience: its draft if there is one, else as it would leave now.
///
/// # Errors
/// When the store fails.
pub async fn preview_edition(p: &Pipeline, id: &EditionId) -> anyhow::Result<(Edition, Vec<CutPart>)> {
    let (edition, is_approved) = match find_draft(p, id).await? {
        Some(draft) => (draft.edition, draft.approval.is_some()),
        None => (leaving_now(p, id).await?, false),
    };
    let parts = assembled(p, &edition, is_approved).await?.parts;
    Ok((edition, parts))
}

/// An edition for every audience.
pub(crate) async fn assembled(p: &Pipeline, edition: &Edition, is_approved: bool) -> anyhow::Result<Assembled> {
    let mut made = gathered(p, edition, is_approved).await?;
    let audiences = p.home.settings.audiences.clone();
    let made = tokio::task::spawn_blocking(move || {
        let part = |a: &AudienceSettings| {
            let view = diembao_digest::assemble_edited(&made.input, &cut(a), &made.edits);
            CutPart { audience: a.audience.id.clone(), rendered: diembao_digest::render(&view), view }
        };
        made.parts = audiences.iter().filter(|a| a.gets.contains(&EditionKind::Digest)).map(part).collect();
        made
    });
    Ok(made.await?)
}

/// What of an edition an audience gets.
pub(crate) fn cut(a: &AudienceSettings) -> Cut {
    let form = match a.form {
        CutForm::Brief => Form::Brief,
        CutForm::Full => Form::Full,
    };
    let (topics, provinces) = (a.audience.topics.clone(), a.provinces.clone());
    Cut { topics, provinces, form, subject: a.subject, has_file: !a.formats.is_empty() }
}

/// Why a story would stand where it stands in today's edition; none when there is no such story.
///
/// # Errors
/// When the store fails.
pub async fn place_score(p: &Pipeline, id: StoryId) -> anyhow::Result<Option<ScoreParts>> {
    let Some(row) = p.store.story(id).await? else {
        return Ok(None);
    };
    let today = leaving_now(p, &crate::today(p.clock.now())).await?;
    let (edits, _) = crate::drafts::edits(p, &today.id, std::slice::from_ref(&row)).await?;
    let outlets: HashMap<&OutletId, &Outlet> = p.home.outlets.iter().map(|o| (&o.id, o)).collect();
    let case = p.store.cases_of_stories(&[id]).await?.remove(&id);
    let events = match &case {
        Some(case) => p.store.case_events(&[case.id]).await?.remove(&case.id).unwrap_or_default(),
        None => Vec::new(),
    };
    let mut score = diembao_digest::order_score(&story(p, &today, (&row, case, &events), &outlets), today.to);
    if edits.stories.get(&id).is_some_and(|edit| edit.pin) {
        score.pin = diembao_digest::PIN;
    }
    Ok(Some(score))
}

/// What an edition is made from; no part is assembled yet.
pub(crate) async fn gathered(p: &Pipeline, edition: &Edition, is_approved: bool) -> anyhow::Result<Assembled> {
    let rows = p.store.stories_between(edition.from, edition.to, Which::Health).await?;
    let (mut edits, version) = crate::drafts::edits(p, &edition.id, &rows).await?;
    let corrections = corrections(p, edition.frozen_at.unwrap_or_else(|| p.clock.now())).await?;
    edits.errata = corrections.iter().map(erratum).collect();
    let input = EditionInput { unattended: !is_approved, ..input(p, edition, &rows).await? };
    let corrections = corrections.into_iter().map(|c| c.id).collect();
    Ok(Assembled { input, edits, version, corrections, parts: Vec::new() })
}

/// Corrections that were written before a time and have not reached the readers.
pub(crate) async fn corrections(p: &Pipeline, before: DateTime<Utc>) -> anyhow::Result<Vec<Correction>> {
    let all = p.store.corrections().await?;
    Ok(all.into_iter().filter(|c| c.printed_in.is_none() && c.at < before).collect())
}

/// "Điểm báo ngày 20/11/2026: số người nhập viện đúng là 37."
pub(crate) fn erratum(correction: &Correction) -> String {
    let what = match correction.edition.kind() {
        EditionKind::Digest | EditionKind::Correction => "Điểm báo",
        EditionKind::Bulletin => "Thông tin bất cập",
    };
    format!("{what} ngày {}: {}", correction.edition.day().format("%d/%m/%Y"), correction.text)
}

/// Where an edition begins: at the last one's cut-off, so nothing falls between two.
pub(crate) async fn start(p: &Pipeline, id: &EditionId) -> anyhow::Result<DateTime<Utc>> {
    let now = p.clock.now();
    let first = TimeDelta::from_std(p.home.settings.edition.first_window).unwrap_or(TimeDelta::hours(24));
    let last = p.store.last_frozen(id.kind()).await?;
    Ok(last.map_or(now - first, |last| last.to).min(now))
}

/// The edition as it would leave now.
pub(crate) async fn leaving_now(p: &Pipeline, id: &EditionId) -> anyhow::Result<Edition> {
    let from = start(p, id).await?;
    Ok(Edition { id: id.clone(), state: EditionState::Draft, from, to: p.clock.now(), frozen_at: None })
}

async fn input(p: &Pipeline, edition: &Edition, rows: &[StoryRow]) -> anyhow::Result<EditionInput> {
    let outlets: HashMap<&OutletId, &Outlet> = p.home.outlets.iter().map(|o| (&o.id, o)).collect();
    let ids: Vec<StoryId> = rows.iter().map(|row| row.id).collect();
    let mut cases = p.store.cases_of_stories(&ids).await?;
    let numbers: Vec<CaseId> = cases.values().map(|c| c.id).collect();
    let events = p.store.case_events(&numbers).await?;
    let stories = rows.iter().map(|row| {
        let case = cases.remove(&row.id);
        let events = case.as_ref().and_then(|c| events.get(&c.id)).map_or(&[][..], Vec::as_slice);
        let due = case.as_ref().and_then(|c| next_deadline(c, events, edition.to));
        let story = story(p, edition, (row, case, events), &outlets);
        StoryInput { case: story.case.map(|c| CaseView { deadline: due, ..c }), ..story }
    });
    let stories = stories.collect();
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
    (row, case, events): (&StoryRow, Option<Case>, &[CaseEvent]),
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
    // A story with an article that was seen before stood in the last edition already.
    let missed =
        |a: &StoredArticle| a.article.times.first_seen >= edition.from && a.article.times.published < edition.from;
    let flags = match &case {
        Some(case) => judged(flags(p, row), case, events),
        None => flags(p, row),
    };
    let case = case.filter(|c| c.state != CaseState::Dismissed);
    StoryInput {
        id: row.id,
        articles: articles.collect(),
        topics: topics(row),
        flags,
        reported: reported(&p.home.rules, &row.articles),
        case: case.map(|c| CaseView {
            number: c.id.as_i64(),
            state: c.state.label().to_owned(),
            owner: c.owner,
            deadline: None,
        }),
        is_late: row.articles.iter().all(missed),
    }
}

pub(crate) fn article(stored: &StoredArticle, is_reprint: bool, outlets: &HashMap<&OutletId, &Outlet>) -> ArticleInput {
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
    gravest_first(&mut flags);
    flags
}

fn gravest_first(flags: &mut [FlagView]) {
    flags.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.rule.cmp(&b.rule)));
}

/// The flags as people judged them: what was dismissed warns of nothing, the severity a person gave stands, and what
/// a person made a case of is flagged though no rule saw it.
fn judged(mut flags: Vec<FlagView>, case: &Case, events: &[CaseEvent]) -> Vec<FlagView> {
    let is_of_case = |f: &FlagView| f.kind == case.kind;
    if case.state == CaseState::Dismissed {
        // Of a duplicate the other case speaks.
        if case.handling.dismissed != Some(DismissReason::Duplicate) {
            flags.retain(|f| !is_of_case(f));
        }
        return flags;
    }
    let gave = |e: &&CaseEvent| matches!(e.action, Action::Open { .. } | Action::Raise { .. } | Action::Lower { .. });
    let Some(last) = events.iter().rev().find(gave).filter(|e| e.actor != PROGRAM) else {
        return flags;
    };
    if matches!(last.action, Action::Lower { .. }) {
        flags.iter_mut().filter(|f| is_of_case(f)).for_each(|f| f.severity = f.severity.min(case.severity));
    }
    match flags.iter_mut().find(|f| is_of_case(f)) {
        Some(gravest) => gravest.severity = gravest.severity.max(case.severity),
        None => flags.push(FlagView {
            rule: "do-nguoi-truc".to_owned(),
            rule_name: "Do bộ phận trực xác định".to_owned(),
            kind: case.kind,
            severity: case.severity,
            stance: None,
        }),
    }
    gravest_first(&mut flags);
    flags
}

fn merge_stance(a: Option<diembao_news::Stance>, b: Option<diembao_news::Stance>) -> Option<diembao_news::Stance> {
    match (a, b) {
        (Some(a), Some(b)) if a != b => Some(diembao_news::Stance::Mixed),
        (a, b) => a.or(b),
    }
}

/// The seven whole days before an edition's: its own has hardly begun when it leaves.
async fn trend(p: &Pipeline, day: NaiveDate) -> anyhow::Result<Vec<DayCount>> {
    let first = day - Days::new(7);
    let counts = p.store.health_per_day(midnight(first), midnight(day)).await?;
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

#[cfg(test)]
mod tests {
    use diembao_desk::{NewCase, Spread, apply, open};
    use diembao_news::{ArticleId, FlagKind, Severity};

    use super::*;

    fn flag(rule: &str, kind: FlagKind, severity: Severity) -> FlagView {
        FlagView { rule: rule.to_owned(), rule_name: rule.to_owned(), kind, severity, stance: None }
    }

    /// What the flags of a story come to after a case of it was opened by somebody and others acted on it.
    fn after(flags: &[FlagView], by: &str, actions: Vec<Action>) -> Vec<(String, Severity)> {
        let at = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let new = NewCase {
            story: StoryId::beginning_with(ArticleId::from_i64(1).unwrap()),
            kind: FlagKind::Incident,
            severity: Severity::Orange,
            title: "Cháy khoa dược".to_owned(),
            published: at,
            spread: Spread { n_articles: 1, n_outlets: 1 },
            opened_at: at,
            by: by.to_owned(),
            note: String::new(),
        };
        let (mut case, first) = open(CaseId::new(1).unwrap(), &new);
        let mut events = vec![first];
        for action in actions {
            let event = CaseEvent { at, actor: "lan".to_owned(), action, note: "đã gọi".to_owned() };
            case = apply(&case, &event).unwrap();
            events.push(event);
        }
        judged(flags.to_vec(), &case, &events).into_iter().map(|f| (f.rule, f.severity)).collect()
    }

    #[test]
    fn what_people_decided_stands_in_the_digest() {
        use Severity::{Green, Orange, Red, Yellow};
        let said = |rows: &[(&str, Severity)]| rows.iter().map(|(r, s)| ((*r).to_owned(), *s)).collect::<Vec<_>>();
        let flags = [flag("chay", FlagKind::Incident, Orange), flag("tin-don", FlagKind::Misinformation, Yellow)];
        assert_eq!(after(&flags, PROGRAM, vec![]), said(&[("chay", Orange), ("tin-don", Yellow)]));
        let dismissed = |reason| vec![Action::Dismiss { reason }];
        assert_eq!(after(&flags, PROGRAM, dismissed(DismissReason::NotIncident)), said(&[("tin-don", Yellow)]));
        assert_eq!(after(&flags, PROGRAM, dismissed(DismissReason::Duplicate)).len(), 2);
        let lowered = vec![Action::Lower { severity: Green }];
        assert_eq!(after(&flags, PROGRAM, lowered), said(&[("tin-don", Yellow), ("chay", Green)]));
        let raised = vec![Action::Raise { severity: Red }];
        assert_eq!(after(&flags, PROGRAM, raised)[0], ("chay".to_owned(), Red));
        assert_eq!(after(&[], "lan", vec![]), said(&[("do-nguoi-truc", Orange)]));
        assert_eq!(after(&[], PROGRAM, vec![]), said(&[]), "rules that changed their mind");
    }
}
