//! Pages under the desk's eye are looked at again: what the paper changed, re-dated or took down is kept.

use chrono::{DateTime, TimeDelta, Utc};
use diembao_desk::{Action, CaseEvent, PROGRAM, PageChange};
use diembao_extract::{PageContext, PageKind};
use diembao_fetch::{Body, FetchError, Fetched, Purpose, Request, Validators};
use diembao_news::{Article, ArticleId, ArticleText, Outlet};
use diembao_store::{Change, Look, Page, Watch};
use futures::StreamExt;

use crate::archive::Record;
use crate::poll::{hash, zone_of};
use crate::{Intake, Pipeline, RunReport, Stage, desk};

/// How long after the first reading a page is looked at again.
const LOOKS: [TimeDelta; 4] = [TimeDelta::minutes(15), TimeDelta::hours(1), TimeDelta::hours(6), TimeDelta::hours(24)];
/// How soon a look that failed is tried again.
const RETRY: TimeDelta = TimeDelta::minutes(15);
/// How old a page may be for a failed look to be tried again.
const OLDEST_RETRY: TimeDelta = TimeDelta::hours(48);
/// Pages held in memory at a time.
const BATCH: usize = 32;

/// Looks again at every page whose time has come.
///
/// # Errors
/// When the store fails; a page that cannot be fetched is looked at later.
pub async fn revisit(p: &Pipeline, intake: &Intake, report: &mut RunReport) -> anyhow::Result<()> {
    let now = p.clock.now();
    p.store.watch_flagged(now - LOOKS[LOOKS.len() - 1]).await?;
    loop {
        let due = p.store.claim_watches(now, now + RETRY, BATCH).await?;
        if due.is_empty() {
            return Ok(());
        }
        let fetches = futures::stream::iter(due).map(|watch| fetch(intake, watch));
        let fetched: Vec<_> = fetches.buffer_unordered(p.home.settings.collect.pace.concurrency).collect().await;
        for (watch, answer) in fetched {
            let seen = match answer {
                Ok(fetched) => {
                    p.metrics.fetched(&fetched);
                    answered(p, &watch, fetched).await?
                }
                Err(e) => {
                    p.metrics.not_fetched(&e);
                    refused(p, &watch, &e).await?
                }
            };
            keep(p, intake, seen, report).await?;
        }
    }
}

async fn fetch(intake: &Intake, watch: Watch) -> (Watch, Result<Fetched, FetchError>) {
    let validators = Validators { etag: watch.etag.clone(), last_modified: watch.last_modified.clone() };
    let request = Request { url: &watch.url, validators: &validators, purpose: Purpose::Page };
    let answer = intake.fetcher.fetch(&request).await;
    (watch, answer)
}

async fn keep(p: &Pipeline, intake: &Intake, seen: Seen, report: &mut RunReport) -> anyhow::Result<()> {
    p.metrics.look(seen.found);
    report.stages.entry(Stage::Pages).or_default().count("looked at again", 1);
    if let Some(told) = seen.told {
        tracing::info!("{told}");
        report.notices.push(told);
    }
    if let Some(record) = seen.record {
        intake.keep(p, &[record], report);
    }
    // Before the look is recorded: should the process die in between, the next look finds the event there.
    if let Some(change) = &seen.look.change {
        tell_case(p, seen.look.article, change).await?;
    }
    // The first text is kept as a version before it is replaced.
    p.store.record_look(&seen.look).await?;
    if let Some(article) = seen.newest {
        p.store.replace_text(&article).await?;
    }
    Ok(())
}

/// Writes into the case of an article, if there is one, what became of its page.
async fn tell_case(p: &Pipeline, id: ArticleId, change: &Change) -> anyhow::Result<()> {
    let change = match change {
        Change::Text(_) => PageChange::Changed,
        Change::Gone(_) => PageChange::Gone,
        Change::Back => PageChange::Back,
    };
    let Some(stored) = p.store.article(id).await? else { return Ok(()) };
    let Some(story) = stored.story else { return Ok(()) };
    let Some(case) = p.store.case_of_story(story).await? else { return Ok(()) };
    let Some((_, events)) = p.store.case(case.id).await? else { return Ok(()) };
    let of_article = |e: &&CaseEvent| matches!(e.action, Action::Page { article, .. } if article == id);
    let action = Action::Page { article: id, change };
    let told = events.iter().rev().find(of_article).is_some_and(|e| e.action == action);
    if told && change != PageChange::Changed {
        return Ok(());
    }
    let act = desk::Act { by: PROGRAM.to_owned(), action, note: stored.article.text.title, expected: None };
    desk::act(p, case.id, act).await?;
    Ok(())
}

/// A look that is over.
struct Seen {
    look: Look,
    /// One word for the counters.
    found: &'static str,
    /// What people should know of it.
    told: Option<String>,
    record: Option<Record>,
    /// The article with what its page says now.
    newest: Option<Article>,
}

async fn refused(p: &Pipeline, watch: &Watch, e: &FetchError) -> anyhow::Result<Seen> {
    let now = p.clock.now();
    let mut look = Look { etag: watch.etag.clone(), last_modified: watch.last_modified.clone(), ..plain(watch, now) };
    match e.status() {
        Some(status @ (404 | 410)) => gone(p, watch, look, format!("status {status}")).await,
        _ => {
            let asked = e.retry_after().and_then(|d| TimeDelta::from_std(d).ok()).unwrap_or_default();
            let again = now + RETRY.max(asked);
            look.next = (again - watch.first_seen <= OLDEST_RETRY).then_some(again);
            Ok(Seen { look, found: "failed", told: None, record: None, newest: None })
        }
    }
}

async fn answered(p: &Pipeline, watch: &Watch, fetched: Fetched) -> anyhow::Result<Seen> {
    let now = p.clock.now();
    let Validators { etag, last_modified } = fetched.validators;
    let mut look = Look { etag, last_modified, ..plain(watch, now) };
    let Body::Bytes(body) = fetched.body else {
        return Ok(Seen { look, found: "unchanged", told: None, record: None, newest: None });
    };
    let is_home = |path: &str| path == "/" || path.is_empty();
    if is_home(fetched.url.path()) && !is_home(watch.url.path()) {
        return gone(p, watch, look, format!("redirected to {}", fetched.url)).await;
    }
    let body_hash = hash(&body);
    let same = watch.body_hash.as_deref() == Some(body_hash.as_str());
    look.body_hash = Some(body_hash);
    let was_gone = matches!(p.store.versions(watch.article).await?.last().map(|v| &v.change), Some(Change::Gone(_)));
    if same && !was_gone {
        return Ok(Seen { look, found: "unchanged", told: None, record: None, newest: None });
    }
    let (status, content_type) = (fetched.status, fetched.content_type);
    let page = Page { url: fetched.url.as_str().to_owned(), fetched_at: now, status, content_type, body };
    let record = Some(Record::of(&page));
    if was_gone {
        // What it says now is compared at the next look, whose hash differs from none.
        look.change = Some(Change::Back);
        let told = Some(format!("{} is there again", watch.url));
        return Ok(Seen { look: Look { body_hash: None, ..look }, found: "back", told, record, newest: None });
    }
    let Some(old) = p.store.article(watch.article).await?.map(|stored| stored.article) else {
        return Ok(Seen { look, found: "unchanged", told: None, record, newest: None });
    };
    let Some(text) = p.home.outlets.iter().find(|o| o.id == old.outlet).and_then(|o| read(o, &old, &page)) else {
        return Ok(Seen { look, found: "unreadable", told: None, record, newest: None });
    };
    if text == latest(p, &old).await? {
        return Ok(Seen { look, found: "unchanged", told: None, record, newest: None });
    }
    look.change = Some(Change::Text(text.clone()));
    let told = Some(format!("{} says something else now; `diembao show {} --versions`", watch.url, old.id));
    Ok(Seen { look, found: "changed", told, record, newest: newest(old, text) })
}

/// Records a page as taken down, once.
async fn gone(p: &Pipeline, watch: &Watch, look: Look, why: String) -> anyhow::Result<Seen> {
    let known = matches!(p.store.versions(watch.article).await?.last().map(|v| &v.change), Some(Change::Gone(_)));
    if known {
        return Ok(Seen { look, found: "gone", told: None, record: None, newest: None });
    }
    let told = Some(format!("{} was taken down ({why})", watch.url));
    Ok(Seen { look: Look { change: Some(Change::Gone(why)), ..look }, found: "gone", told, record: None, newest: None })
}

/// A look that found nothing new, and the next one's time.
fn plain(watch: &Watch, now: DateTime<Utc>) -> Look {
    let next = LOOKS.iter().map(|after| watch.first_seen + *after).find(|at| *at > now);
    Look { article: watch.article, at: now, next, etag: None, last_modified: None, body_hash: None, change: None }
}

fn read(outlet: &Outlet, old: &Article, page: &Page) -> Option<ArticleText> {
    let url = old.url.as_ref()?;
    let context = PageContext { url, rules: &outlet.extract, zone: zone_of(outlet), now: page.fetched_at };
    let html = diembao_fetch::decode(&page.body, page.content_type.as_deref()).text;
    let read = diembao_extract::extract(&html, &context);
    let is_article = read.kind == PageKind::Article && !read.title.is_empty();
    is_article.then_some(ArticleText { title: read.title, lead: read.lead, body: read.body })
}

async fn latest(p: &Pipeline, old: &Article) -> anyhow::Result<ArticleText> {
    let versions = p.store.versions(old.id).await?;
    let text = versions.into_iter().rev().find_map(|v| match v.change {
        Change::Text(text) => Some(text),
        Change::Gone(_) | Change::Back => None,
    });
    Ok(text.unwrap_or_else(|| old.text.clone()))
}

/// The article is judged by its newest text, unless most of it was cut away: what was there is evidence.
fn newest(old: Article, text: ArticleText) -> Option<Article> {
    let cut_away = text.body.len() * 2 < old.text.body.len();
    (!cut_away).then_some(Article { text, ..old })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_come_after_a_quarter_an_hour_six_hours_and_a_day() {
        let first: DateTime<Utc> = "2026-11-21T00:00:00Z".parse().unwrap();
        let url = diembao_news::CanonicalUrl::parse("https://bao.example.vn/tin-1").unwrap();
        let article = ArticleId::of_url(&url);
        let watch = Watch { article, url, first_seen: first, etag: None, last_modified: None, body_hash: None };
        for (looked_after, next) in [(15, Some(60)), (59, Some(60)), (60, Some(360)), (400, Some(1440)), (1440, None)] {
            let look = plain(&watch, first + TimeDelta::minutes(looked_after));
            assert_eq!(look.next, next.map(|n| first + TimeDelta::minutes(n)), "after {looked_after} minutes");
        }
    }
}
