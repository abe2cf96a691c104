//! The fourth stage: articles about one event become one story.
//!
//! New articles are laid against the stories of the last weeks, in rounds: a round reads what waits, in the order of
//! publication, and is written in one transaction, so that a run that is killed goes on as if it had
//! not been. A round sees its articles in one order, whatever order they came in. Stories are only
//! ever joined; what people split is laid out again article by article. Reports of incidents from different provinces
//! are never one story, however alike their words are: the second incident is news.
//!
//! A process remembers the stories between rounds. What it remembers is read again from the store when another
//! process has grouped since.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;
use diembao_news::{ArticleId, ArticleText, StoryId};
use diembao_rules::{Facts, RuleSet};
use diembao_store::{Member, Round, Waiting};
use diembao_stories::{Background, Event, GroupSettings, Profile, Recent, Where, profiles};

use crate::laying::{Laid, Sheet, concerned, lay};
use crate::reported::head;
use crate::{Pipeline, RunReport, Stage};

/// How long a story is remembered after its last article.
const HISTORY: TimeDelta = TimeDelta::days(30);
/// Articles older than this are not laid against the remembered stories but against those of their own time.
const LATE: TimeDelta = TimeDelta::days(10);
/// The most articles of one round.
const MAX_ROUND: usize = 5_000;
/// Days and articles from which it is counted how common terms are.
const BACKGROUND: TimeDelta = TimeDelta::days(7);
const SAMPLE: u32 = 2_000;

/// The stories as this process remembers them between rounds.
#[derive(Debug, Default)]
pub(crate) struct Remembered(tokio::sync::Mutex<Option<Known>>);

/// What a round is laid against.
#[derive(Debug)]
struct Known {
    recent: Recent,
    background: Background,
    /// For when the background was counted, and how many articles were placed since.
    counted: DateTime<Utc>,
    n_since: usize,
    /// How many rounds there had been when it was read.
    rounds: i64,
}

/// Gives every article that waits for a story one.
///
/// # Errors
/// When the store fails.
pub async fn group(p: &Pipeline, report: &mut RunReport) -> anyhow::Result<()> {
    let mut run = p.progress.begin(Stage::Group, None);
    let mut stories = HashSet::new();
    let mut remembered = p.remembered.0.lock().await;
    loop {
        let waiting = p.store.waiting_for_story().await?;
        let Some(next) = next_round(&waiting, p.clock.now() - LATE) else { break };
        let (first, last) = (next[0].published, next[next.len() - 1].published);
        let is_late = first < p.clock.now() - LATE;
        let rounds = p.store.grouping_rounds().await?;
        // What a failed round leaves behind is not what the store has.
        let known = if is_late { None } else { remembered.take() };
        let mut known = match known {
            Some(known) if known.rounds == rounds => known,
            _ if is_late => recall(p, (first - HISTORY, last + HISTORY), first).await?,
            _ => recall(p, (p.clock.now() - HISTORY, DateTime::<Utc>::MAX_UTC), p.clock.now()).await?,
        };
        if !is_late {
            keep_up(p, &mut known).await?;
        }
        if let Some(placed) = place(p, &mut known, next).await? {
            run.report.n_in += next.len() as u64;
            run.advance(next.len() as u64);
            stories.extend(placed);
            if !is_late {
                *remembered = Some(known);
            }
        }
    }
    run.report.n_out = stories.len() as u64;
    report.stages.insert(Stage::Group, run.end());
    Ok(())
}

/// The articles of the next round: the first that wait, all late or all not, and late ones of about one time.
fn next_round(waiting: &[Waiting], late: DateTime<Utc>) -> Option<&[Waiting]> {
    let first = waiting.first()?.published;
    let is_of_one_time = |w: &&Waiting| first >= late || (w.published < late && w.published - first <= HISTORY);
    Some(&waiting[..waiting.iter().take(MAX_ROUND).take_while(is_of_one_time).count()])
}

/// Reads the stories of a stretch of time from the store.
async fn recall(p: &Pipeline, (from, to): (DateTime<Utc>, DateTime<Utc>), now: DateTime<Utc>) -> anyhow::Result<Known> {
    let rounds = p.store.grouping_rounds().await?;
    let members = p.store.placed_between(from, to).await?;
    let recent = tokio::task::spawn_blocking(move || {
        let mut recent = Recent::new(GroupSettings::default());
        members.iter().for_each(|member| remember(&mut recent, member));
        recent
    })
    .await?;
    let background = background(p, now).await?;
    Ok(Known { recent, background, counted: now, n_since: 0, rounds })
}

fn remember(recent: &mut Recent, member: &Member) {
    if let Some(profile) = member.profile.as_deref().and_then(Profile::from_bytes) {
        recent.place(name(member.story), Some(member.published), &profile);
    }
}

/// How common terms are in the days before a moment.
async fn background(p: &Pipeline, now: DateTime<Utc>) -> anyhow::Result<Background> {
    let sample = p.store.sample_texts(now - BACKGROUND, now, SAMPLE).await?;
    Ok(tokio::task::spawn_blocking(move || Background::of(&sample)).await?)
}

/// Counts the background again on a new day, and while there is little of it; forgets old stories.
async fn keep_up(p: &Pipeline, known: &mut Known) -> anyhow::Result<()> {
    let now = p.clock.now();
    let day = |at: DateTime<Utc>| at.with_timezone(&Ho_Chi_Minh).date_naive();
    let is_small = known.background.len() < SAMPLE as usize && known.n_since > known.background.len() / 2;
    if day(known.counted) != day(now) || is_small || known.n_since > MAX_ROUND / 2 {
        known.background = background(p, now).await?;
        known.recent.forget_before(now - HISTORY);
        (known.counted, known.n_since) = (now, 0);
    }
    Ok(())
}

/// One round; the stories it placed articles in. None, when another process grouped in between.
async fn place(p: &Pipeline, known: &mut Known, next: &[Waiting]) -> anyhow::Result<Option<Vec<StoryId>>> {
    let links = p.store.person_links().await?;
    let members = p.store.members_of(&concerned(next, &links)).await?;
    let sheet = Sheet::of(next, members, links);
    let texts = p.store.texts(&sheet.unread).await?;
    let events = events(p, &sheet.unread).await?;
    let home = Arc::clone(&p.home);
    let (background, recent) = (std::mem::take(&mut known.background), std::mem::take(&mut known.recent));
    let (laid, background, recent) = tokio::task::spawn_blocking(move || {
        let (mut recent, read) = (recent, read(&texts, &background, &events, &home.rules));
        (lay(&sheet, &read, &mut recent), background, recent)
    })
    .await?;
    (known.background, known.recent) = (background, recent);
    let Laid { placed, united } = laid;
    let stories = placed.iter().map(|m| m.story).collect();
    let rows = placed.into_iter().map(|m| (m.id, m.story, m.profile.unwrap_or_default())).collect();
    let round = Round { after: known.rounds, placed: rows, united };
    if !p.store.save_round(round, p.clock.now()).await? {
        return Ok(None);
    }
    known.rounds += 1;
    known.n_since += next.len();
    Ok(Some(stories))
}

/// What articles are about; `events` are the kinds of those that report one.
fn read(
    texts: &[(ArticleId, ArticleText)],
    background: &Background,
    events: &HashMap<ArticleId, Vec<String>>,
    rules: &RuleSet,
) -> HashMap<ArticleId, Profile> {
    let only: Vec<&ArticleText> = texts.iter().map(|(_, text)| text).collect();
    let profiles = profiles(&only, background);
    let known = texts.iter().zip(profiles).map(|((id, text), profile)| match events.get(id) {
        Some(kinds) => (*id, report_of(profile, text, kinds, rules)),
        None => (*id, profile),
    });
    known.collect()
}

/// The rules that recognised events which happen in one place, for each of their reports.
async fn events(p: &Pipeline, ids: &[ArticleId]) -> anyhow::Result<HashMap<ArticleId, Vec<String>>> {
    let of_one_place: HashSet<&str> =
        p.home.rules.rules().filter(|rule| rule.one_place).map(|rule| rule.id.as_str()).collect();
    let mut events: HashMap<ArticleId, Vec<String>> = HashMap::new();
    for (id, rule) in p.store.flagged_by(ids).await? {
        if of_one_place.contains(rule.as_str()) {
            events.entry(id).or_default().push(rule);
        }
    }
    Ok(events)
}

/// What the report of an event is about, with its kinds, provinces and facilities. It happened where title and lead
/// say; where they name no province, in the one that the body names.
fn report_of(profile: Profile, text: &ArticleText, kinds: &[String], rules: &RuleSet) -> Profile {
    let (head, whole) = (rules.facts(&head(text)), rules.facts(text));
    let provinces = |facts: &Facts| facts.provinces.iter().map(|p| p.value.clone()).collect::<BTreeSet<String>>();
    let facilities = |facts: &Facts| facts.facilities.iter().filter_map(|f| short(&f.value)).collect::<BTreeSet<_>>();
    let (in_head, named) = (provinces(&head), provinces(&whole));
    let happened = if in_head.is_empty() && named.len() == 1 { &named } else { &in_head };
    let (kinds, places) = (refs(kinds), (refs(happened), refs(&named)));
    let facilities = (facilities(&head), facilities(&whole));
    let facilities = (refs(&facilities.0), refs(&facilities.1));
    profile.of_event(&Event {
        kinds: &kinds,
        places: Where { happened: &places.0, named: &places.1 },
        facilities: Where { happened: &facilities.0, named: &facilities.1 },
    })
}

/// What is the same in the long and the short names of a facility: the last two syllables, lower case. None for a
/// health department, which answers for an event and is not where it happened.
fn short(facility: &str) -> Option<String> {
    let lower = facility.to_lowercase();
    let syllables: Vec<&str> = lower.split_whitespace().collect();
    (!lower.starts_with("sở ")).then(|| syllables[syllables.len().saturating_sub(2)..].join(" "))
}

fn refs<'a>(names: impl IntoIterator<Item = &'a String>) -> Vec<&'a str> {
    names.into_iter().map(String::as_str).collect()
}

/// What a story is called where only numbers are known.
pub(crate) fn name(story: StoryId) -> u64 {
    story.first_article().as_i64().unsigned_abs()
}
