//! Notices that a site has changed its templates: what its pages gave lately against what they gave before.
//!
//! Two signs: misses in a row (pages that read as too short or as lists where the channel promised
//! articles), and a field that pages stated before and no longer state. One notice is raised when an
//! outlet's reading falls, one line is told when it is mended.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use diembao_extract::{Extraction, PageContext, PageKind};
use diembao_fetch::{Body, Fetcher, Purpose, Request, Validators};
use diembao_news::{CanonicalUrl, Outlet, OutletId};
use diembao_store::{LayoutCount, Outcome};

use crate::poll::zone_of;
use crate::{Pipeline, RunReport};

/// Misses in a row from which a layout is taken to have changed.
const MISSES: u32 = 8;
/// "Lately": today and the days before it.
const RECENT_DAYS: u64 = 2;
/// What "lately" is compared with.
const BEFORE_DAYS: u64 = 30;
/// Fewer pages than this prove nothing.
const MIN_RECENT: u64 = 10;
const MIN_BEFORE: u64 = 30;
/// A field that was stated less often than this is no habit of the outlet.
const HABIT: f64 = 0.5;
/// A rate has fallen below this share of what it was, and is mended above the other.
const FALLEN: f64 = 0.5;
const MENDED: f64 = 0.8;
/// Bodies this many times as long hold more than articles.
const SWOLLEN: f64 = 3.0;
/// Counts are kept this long.
const KEPT_DAYS: u64 = 120;

/// How one field did, a page: a share, or characters for the body.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FieldRate {
    /// The field.
    pub field: LayoutCount,
    /// Lately.
    pub recent: f64,
    /// In the month before.
    pub before: f64,
}

/// What the pages of one outlet gave lately.
#[derive(Debug, Clone, PartialEq)]
pub struct LayoutCheck {
    /// The outlet.
    pub outlet: OutletId,
    /// Articles read lately.
    pub n_recent: u64,
    /// Articles read in the month before.
    pub n_before: u64,
    /// Pages in a row, up to now, that gave no article.
    pub misses: u32,
    /// The fields, with enough pages on both sides to compare.
    pub fields: Vec<FieldRate>,
}

impl LayoutCheck {
    /// What looks wrong, in words; empty when nothing does.
    #[must_use]
    pub fn complaints(&self) -> Vec<String> {
        self.judged(FALLEN)
    }

    fn judged(&self, mark: f64) -> Vec<String> {
        let mut out = Vec::new();
        if self.misses >= MISSES {
            out.push(format!("{} pages in a row gave no article", self.misses));
        }
        for rate in &self.fields {
            if rate.field == LayoutCount::BodyChars {
                if rate.recent < mark * rate.before || rate.recent * mark > SWOLLEN * FALLEN * rate.before {
                    out.push(format!("bodies have {:.0} characters, before {:.0}", rate.recent, rate.before));
                }
            } else if rate.before >= HABIT && rate.recent < mark * rate.before {
                let percent = |share: f64| (share * 100.0).round();
                let (recent, before) = (percent(rate.recent), percent(rate.before));
                out.push(format!("{} on {recent} % of pages, before {before} %", rate.field.as_str()));
            }
        }
        out
    }
}

#[derive(Default)]
struct Sums {
    recent: HashMap<LayoutCount, u64>,
    before: HashMap<LayoutCount, u64>,
}

/// How the pages of every outlet read, by outlet.
///
/// # Errors
/// When the store fails.
pub async fn layout_checks(p: &Pipeline) -> anyhow::Result<Vec<LayoutCheck>> {
    let now = p.clock.now();
    let today = now.date_naive();
    let recent_from = back(today, RECENT_DAYS);
    let mut sums: HashMap<OutletId, Sums> = HashMap::new();
    for day in p.store.layouts_since(back(today, BEFORE_DAYS)).await? {
        let sums = sums.entry(day.outlet).or_default();
        let side = if day.day >= recent_from { &mut sums.recent } else { &mut sums.before };
        *side.entry(day.count).or_default() += day.n;
    }
    let mut misses = misses(&p.store.recent_readings(now - chrono::TimeDelta::days(3)).await?);
    let mut checks: Vec<LayoutCheck> = p
        .home
        .outlets
        .iter()
        .map(|o| check(o.id.clone(), &sums.remove(&o.id).unwrap_or_default(), misses.remove(&o.id).unwrap_or(0)))
        .filter(|c| c.n_recent + c.n_before > 0 || c.misses > 0)
        .collect();
    checks.sort_by(|a, b| a.outlet.as_str().cmp(b.outlet.as_str()));
    Ok(checks)
}

/// Extracts one article of an outlet now, for looking at; nothing is recorded.
///
/// # Errors
/// When the page cannot be fetched.
pub async fn sample_article(
    p: &Pipeline,
    fetcher: &Fetcher,
    outlet: &Outlet,
    url: &CanonicalUrl,
) -> anyhow::Result<Extraction> {
    let validators = Validators::default();
    let fetched = fetcher.fetch(&Request { url, validators: &validators, purpose: Purpose::Page }).await?;
    let Body::Bytes(bytes) = &fetched.body else {
        anyhow::bail!("{url}: the server answered that nothing changed to a first request");
    };
    let html = diembao_fetch::decode(bytes, fetched.content_type.as_deref()).text;
    let page = PageContext { url: &fetched.url, rules: &outlet.extract, zone: zone_of(outlet), now: p.clock.now() };
    Ok(diembao_extract::extract(&html, &page))
}

fn back(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_sub_days(Days::new(days)).unwrap_or(day)
}

/// Per outlet: how many of its last pages gave no article. Videos, challenges and stubs are not the layout's doing.
fn misses(readings: &[(OutletId, Outcome, String)]) -> HashMap<OutletId, u32> {
    let mut runs: HashMap<OutletId, (u32, bool)> = HashMap::new();
    let is_miss = |reason: &str| [PageKind::TooShort, PageKind::Listing].iter().any(|k| k.as_str() == reason);
    for (outlet, outcome, reason) in readings {
        let (n, ended) = runs.entry(outlet.clone()).or_default();
        match outcome {
            Outcome::Article => *ended = true,
            _ if is_miss(reason) && !*ended => *n += 1,
            _ => {}
        }
    }
    runs.into_iter().map(|(outlet, (n, _))| (outlet, n)).collect()
}

fn check(outlet: OutletId, sums: &Sums, misses: u32) -> LayoutCheck {
    let of = |side: &HashMap<LayoutCount, u64>, count| side.get(&count).copied().unwrap_or(0);
    let (n_recent, n_before) = (of(&sums.recent, LayoutCount::Pages), of(&sums.before, LayoutCount::Pages));
    let rate = |field| FieldRate {
        field,
        recent: of(&sums.recent, field) as f64 / n_recent as f64,
        before: of(&sums.before, field) as f64 / n_before as f64,
    };
    let comparable = n_recent >= MIN_RECENT && n_before >= MIN_BEFORE;
    let fields = LayoutCount::ALL.into_iter().filter(|f| comparable && *f != LayoutCount::Pages).map(rate).collect();
    LayoutCheck { outlet, n_recent, n_before, misses, fields }
}

/// Raises a notice for every outlet whose pages read worse than they did, and clears those that are mended.
pub(crate) async fn watch_layouts(p: &Pipeline, report: &mut RunReport) -> anyhow::Result<()> {
    let now = p.clock.now();
    p.store.forget_layouts(back(now.date_naive(), KEPT_DAYS)).await?;
    let standing: Vec<String> = p.store.notices().await?.into_iter().map(|n| n.name).collect();
    for check in layout_checks(p).await? {
        let name = format!("layout/{}", check.outlet);
        let complaints = check.complaints();
        if !complaints.is_empty() {
            let text = format!("the pages of {} may have a new layout: {}", check.outlet, complaints.join("; "));
            if p.store.raise_notice(&name, &text, now).await? {
                report.notices.push(text);
            }
        } else if standing.contains(&name) && check.judged(MENDED).is_empty() {
            p.store.clear_notice(&name, now).await?;
            report.notices.push(format!("the pages of {} are read as before", check.outlet));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outlet() -> OutletId {
        OutletId::parse("song-lam").unwrap()
    }

    #[track_caller]
    fn judged(recent: [u64; 3], misses: u32, expect: &[&str]) {
        let side = |[pages, leads, chars]: [u64; 3]| {
            HashMap::from([
                (LayoutCount::Pages, pages),
                (LayoutCount::Title, pages),
                (LayoutCount::Lead, leads),
                (LayoutCount::Authors, pages / 4),
                (LayoutCount::Published, pages),
                (LayoutCount::BodyChars, chars),
            ])
        };
        let sums = Sums { recent: side(recent), before: side([100, 90, 200_000]) };
        assert_eq!(check(outlet(), &sums, misses).complaints(), expect);
    }

    #[test]
    fn a_fall_is_told_field_by_field() {
        judged([20, 18, 40_000], 0, &[]);
        judged([20, 2, 40_000], 0, &["lead on 10 % of pages, before 90 %"]);
        judged([20, 18, 12_000], 0, &["bodies have 600 characters, before 2000"]);
        judged([20, 18, 200_000], 0, &["bodies have 10000 characters, before 2000"]);
        judged([5, 0, 100], 0, &[]);
        judged([20, 18, 40_000], 8, &["8 pages in a row gave no article"]);
    }

    #[test]
    fn what_is_not_mended_yet_keeps_its_notice() {
        let rate = FieldRate { field: LayoutCount::Lead, recent: 0.6, before: 0.9 };
        let check = LayoutCheck { outlet: outlet(), n_recent: 20, n_before: 100, misses: 0, fields: vec![rate] };
        assert!(check.complaints().is_empty());
        assert!(!check.judged(MENDED).is_empty());
    }

    #[test]
    fn misses_count_back_to_the_last_article() {
        let reading = |outcome, reason: &str| (outlet(), outcome, reason.to_owned());
        let readings = [
            reading(Outcome::NotAnArticle, "too-short"),
            reading(Outcome::NotAnArticle, "video"),
            reading(Outcome::NotAnArticle, "listing"),
            reading(Outcome::Article, ""),
            reading(Outcome::NotAnArticle, "too-short"),
        ];
        assert_eq!(misses(&readings)[&outlet()], 2);
    }
}
