//! The whole press: who publishes what, and where each article is found.

use std::net::SocketAddr;

use chrono::{DateTime, Duration, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;

use crate::generate;
use crate::outlets::{self, Addresses, Format, Outlet};
use crate::slug::slug;
use crate::spec::HAND_MADE_OUTLETS;
use crate::texts::{self, Telling};
use crate::{Misbehaviour, PressSpec, SampleArticle, dates};

/// A fictional press: the hand-written articles in memory, the generated ones computed on demand.
#[derive(Debug)]
pub struct Press {
    spec: PressSpec,
    outlets: Vec<Outlet>,
    hand: Vec<SampleArticle>,
    /// Of each outlet: its hand-written articles, newest first.
    by_outlet: Vec<Vec<usize>>,
    /// The outlets that carry generated articles.
    carriers: Vec<usize>,
    n_generated: u64,
}

const FIRST_HAND_ID: u64 = 100_001;
const FIRST_GENERATED_ID: u64 = 10_000_000;
/// Articles of misbehaving outlets are generated ones with numbers from here, a thousand for each.
const FIRST_TROUBLE: u64 = 1 << 40;
/// The newest article appeared this long before "now".
const QUIET_MINUTES: i64 = 15;
/// Minutes from press day 3's midnight to its end, 05:45 the next morning.
const LAST_MINUTE: i64 = 29 * 60 + 45;

impl Press {
    /// Makes the press. The same spec gives the same press.
    #[must_use]
    pub fn new(spec: &PressSpec) -> Self {
        let spec = PressSpec { outlets: spec.outlets.max(1), days: spec.days.max(1), ..spec.clone() };
        let mut papers = outlets::hand_made();
        papers.truncate(spec.outlets);
        papers.extend((0..spec.outlets.saturating_sub(HAND_MADE_OUTLETS)).map(outlets::generated));
        let mut hand: Vec<SampleArticle> = texts::tellings()
            .iter()
            .zip(FIRST_HAND_ID..)
            .filter(|(telling, _)| telling.day > 3 - i64::from(spec.days))
            .filter_map(|(telling, id)| {
                papers.iter().find(|o| o.id == telling.outlet).map(|o| place(telling, id, o, spec.now))
            })
            .collect();
        hand.truncate(spec.articles);
        let by_outlet = papers.iter().map(|o| newest_first(&hand, &o.id)).collect();
        let carriers = (0..papers.len()).filter(|&i| carries_generated(&papers[i])).collect::<Vec<_>>();
        let wanted = spec.articles.saturating_sub(hand.len()) as u64;
        let n_generated = if carriers.is_empty() { 0 } else { wanted };
        Self { spec, outlets: papers, hand, by_outlet, carriers, n_generated }
    }

    /// The hand-written articles. Generated ones are had one by one from [`article`](Self::article).
    #[must_use]
    pub fn articles(&self) -> &[SampleArticle] {
        &self.hand
    }

    /// How many articles the healthy outlets have, generated ones included.
    #[must_use]
    pub fn n_articles(&self) -> u64 {
        self.hand.len() as u64 + self.n_generated
    }

    /// The article with that index, from 0 to [`n_articles`](Self::n_articles); the hand-written ones come first.
    #[must_use]
    pub fn article(&self, index: u64) -> Option<SampleArticle> {
        let n_hand = self.hand.len() as u64;
        if index < n_hand {
            return usize::try_from(index).ok().and_then(|i| self.hand.get(i)).cloned();
        }
        (index < self.n_articles()).then(|| self.generated(index - n_hand))
    }

    /// The ids of the healthy outlets.
    pub fn outlet_ids(&self) -> impl Iterator<Item = &str> {
        self.outlets.iter().map(|o| o.id.as_str())
    }

    /// A feeds.toml that points at the press served at `base`, every outlet under a path of that one address.
    #[must_use]
    pub fn feeds_toml(&self, base: SocketAddr) -> String {
        crate::feeds_toml::write(self, |id| format!("http://{base}/{id}"))
    }

    /// The same, every outlet on a host of its own: `http://nhip-song-moi.localhost:PORT/`.
    #[must_use]
    pub fn feeds_toml_hosts(&self, base: SocketAddr) -> String {
        crate::feeds_toml::write(self, |id| format!("http://{id}.localhost:{}", base.port()))
    }

    pub(crate) fn spec(&self) -> &PressSpec {
        &self.spec
    }

    pub(crate) fn outlets(&self) -> &[Outlet] {
        &self.outlets
    }

    pub(crate) fn outlet(&self, id: &str) -> Option<(usize, &Outlet)> {
        self.outlets.iter().enumerate().find(|(_, o)| o.id == id)
    }

    /// How many generated articles the outlet has.
    pub(crate) fn n_generated_of(&self, outlet: usize) -> u64 {
        let n = self.carriers.len() as u64;
        match self.carriers.iter().position(|&c| c == outlet) {
            Some(p) => (self.n_generated + n - 1 - p as u64) / n,
            None => 0,
        }
    }

    /// The outlet's `k`-th generated article, newest first.
    pub(crate) fn generated_of(&self, outlet: usize, k: u64) -> Option<SampleArticle> {
        let p = self.carriers.iter().position(|&c| c == outlet)? as u64;
        let n = k * self.carriers.len() as u64 + p;
        (n < self.n_generated).then(|| self.generated(n))
    }

    /// The outlet's hand-written articles, newest first.
    pub(crate) fn hand_of(&self, outlet: usize) -> impl Iterator<Item = &SampleArticle> {
        self.by_outlet.get(outlet).into_iter().flatten().map(|&i| &self.hand[i])
    }

    /// The healthy outlet's article whose number stands in that path.
    pub(crate) fn find(&self, outlet: usize, path: &str) -> Option<SampleArticle> {
        let id = id_in(path)?;
        if id < FIRST_GENERATED_ID {
            return self.hand_of(outlet).find(|a| a.id == id).cloned();
        }
        let n = id - FIRST_GENERATED_ID;
        let owner = self.carriers.get(usize::try_from(n % self.carriers.len().max(1) as u64).ok()?)?;
        (n < self.n_generated && *owner == outlet).then(|| self.generated(n))
    }

    fn generated(&self, n: u64) -> SampleArticle {
        let outlet = &self.outlets[self.carriers[usize::try_from(n).unwrap_or(0) % self.carriers.len()]];
        let span = i64::from(self.spec.days) * 24 * 3600 - 3600;
        let share = n as f64 / self.n_generated.max(1) as f64;
        let published = self.newest() - Duration::seconds((span as f64 * share) as i64);
        self.dress(n, outlet, published)
    }

    fn newest(&self) -> DateTime<Utc> {
        self.spec.now - Duration::minutes(QUIET_MINUTES)
    }

    fn dress(&self, n: u64, outlet: &Outlet, published: DateTime<Utc>) -> SampleArticle {
        let made = generate::article(self.spec.seed, n, published);
        let id = FIRST_GENERATED_ID + n;
        SampleArticle {
            id,
            outlet: outlet.id.clone(),
            path: address(outlet, id, &made.section, &made.title, published),
            section: made.section,
            author: crate::pages::author(id),
            published,
            caption: None,
            title: made.title,
            lead: made.lead,
            body: made.body,
            labels: made.labels,
            reprint_of: None,
        }
    }

    /// A misbehaving outlet's `k`-th article.
    pub(crate) fn troubled(&self, kind: Misbehaviour, k: u64) -> SampleArticle {
        let published = self.newest() - Duration::minutes(i64::try_from(k).unwrap_or(0) * 7);
        self.dress(FIRST_TROUBLE + kind as u64 * 1000 + k, &troubled_outlet(kind), published)
    }

    /// The misbehaving outlet's article whose number stands in that path.
    pub(crate) fn find_troubled(&self, kind: Misbehaviour, path: &str) -> Option<SampleArticle> {
        let n = id_in(path)?.checked_sub(FIRST_GENERATED_ID + FIRST_TROUBLE + kind as u64 * 1000)?;
        (n < 1000).then(|| self.troubled(kind, n))
    }
}

/// The outlet behind a misbehaviour: an ordinary paper but for its habit.
pub(crate) fn troubled_outlet(kind: Misbehaviour) -> Outlet {
    let mut outlet = outlets::generated(0);
    outlet.id = kind.outlet_id();
    outlet.name = format!("Báo Hỏng {}", kind.as_str());
    outlet
}

fn carries_generated(outlet: &Outlet) -> bool {
    outlet.channels.iter().any(|c| c.sections.is_empty() && c.format != Format::Section)
}

fn newest_first(hand: &[SampleArticle], outlet: &str) -> Vec<usize> {
    let mut mine: Vec<usize> = (0..hand.len()).filter(|&i| hand[i].outlet == outlet).collect();
    mine.sort_by_key(|&i| std::cmp::Reverse((hand[i].published, hand[i].id)));
    mine
}

/// The instant of press day 3's midnight. The whole timetable is moved so that it ends shortly before "now";
/// at 06:00 in Vietnam the clock times are as written.
fn midnight(now: DateTime<Utc>) -> DateTime<Utc> {
    now - Duration::minutes(LAST_MINUTE + QUIET_MINUTES)
}

fn place(telling: &Telling, id: u64, outlet: &Outlet, now: DateTime<Utc>) -> SampleArticle {
    let published = midnight(now) + Duration::minutes((telling.day - 3) * 1440 + telling.minute);
    let dated = |text: &str| fill_days(text, now);
    let title = dated(&telling.title);
    SampleArticle {
        id,
        outlet: outlet.id.clone(),
        path: address(outlet, id, &telling.section, &title, published),
        section: telling.section.clone(),
        title,
        lead: dated(&telling.lead),
        body: telling.body.iter().map(|p| dated(p)).collect(),
        author: crate::pages::author(id),
        published,
        caption: telling.caption.as_deref().map(dated),
        labels: telling.labels.clone(),
        reprint_of: telling.reprint_of.clone(),
    }
}

/// Replaces `{d3}` and `{d3y}` by the date of press day 3, seen from "now".
fn fill_days(text: &str, now: DateTime<Utc>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{d") {
        let Some((inside, tail)) = after.split_once('}') else {
            break;
        };
        let (day, with_year) = inside.strip_suffix('y').map_or((inside, false), |d| (d, true));
        let Ok(day) = day.parse::<i64>() else { break };
        // Six in the morning, so that the day keeps its date when the timetable is moved by some hours.
        let at = midnight(now) + Duration::hours((day - 3) * 24 + 6);
        out.push_str(before);
        let local = at.with_timezone(&Ho_Chi_Minh);
        out.push_str(&local.format(if with_year { "%-d/%-m/%Y" } else { "%-d/%-m" }).to_string());
        rest = tail;
    }
    out + rest
}

fn address(outlet: &Outlet, id: u64, section: &str, title: &str, published: DateTime<Utc>) -> String {
    let root = &outlet.id;
    let words = slug(title);
    match outlet.addresses {
        Addresses::Section => format!("/{root}/{section}/{words}-{id}.html"),
        Addresses::Post => format!("/{root}/{words}-post{id}.html"),
        Addresses::Dated => format!("/{root}/{}/{words}-{id}/", dates::day_path(published)),
        Addresses::Query => format!("/{root}/chitiet.aspx?id={id}"),
        Addresses::Portal => format!("/{root}/web/guest/tin-tuc/-/asset/{id}/{words}"),
    }
}

/// The last run of six or more digits.
fn id_in(path: &str) -> Option<u64> {
    path.rsplit(|c: char| !c.is_ascii_digit()).find(|run| run.len() >= 6)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_filled_in() {
        let now = PressSpec::default().now;
        assert_eq!(fill_days("ngày {d3}, {d1y} và {d13}", now), "ngày 20/11, 18/11/2026 và 30/11");
        assert_eq!(fill_days("không {đóng", now), "không {đóng");
    }

    #[test]
    fn numbers_are_found_in_addresses() {
        assert_eq!(id_in("/a/2026/11/20/68-em-nhap-vien-100012/"), Some(100_012));
        assert_eq!(id_in("/a/chitiet.aspx?id=100012"), Some(100_012));
        assert_eq!(id_in("/a/2026/11/20/"), None);
    }

    #[test]
    fn the_same_spec_gives_the_same_press() {
        let spec = PressSpec { articles: 2000, outlets: 20, ..PressSpec::default() };
        let (a, b) = (Press::new(&spec), Press::new(&spec));
        assert_eq!(a.articles(), b.articles());
        assert_eq!(a.n_articles(), 2000);
        for i in (0..2000).step_by(97) {
            let article = a.article(i).unwrap();
            assert_eq!(Some(&article), b.article(i).as_ref());
            let (outlet, _) = a.outlet(&article.outlet).unwrap();
            assert_eq!(a.find(outlet, &article.path), Some(article));
        }
    }

    #[test]
    fn a_press_of_any_shape_has_as_many_articles_as_asked() {
        for (outlets, days, articles) in [(1, 3, 240), (3, 1, 50), (12, 3, 240), (40, 7, 500), (12, 3, 7)] {
            let press = Press::new(&PressSpec { outlets, days, articles, ..PressSpec::default() });
            assert_eq!(press.n_articles(), articles as u64);
            assert_eq!(press.outlet_ids().count(), outlets);
        }
    }

    #[test]
    fn each_outlet_lists_all_its_generated_articles() {
        let press = Press::new(&PressSpec { articles: 1001, ..PressSpec::default() });
        let listed: u64 = (0..press.outlets().len()).map(|o| press.n_generated_of(o)).sum();
        assert_eq!(listed + press.articles().len() as u64, 1001);
        for outlet in 0..press.outlets().len() {
            let n = press.n_generated_of(outlet);
            assert!(n == 0 || press.generated_of(outlet, n - 1).is_some());
            assert!(press.generated_of(outlet, n).is_none());
        }
    }

    #[test]
    fn articles_end_shortly_before_now() {
        let spec = PressSpec { articles: 5000, ..PressSpec::default() };
        let press = Press::new(&spec);
        for i in 0..press.n_articles() {
            let age = spec.now - press.article(i).unwrap().published;
            assert!(age >= Duration::minutes(15) && age <= Duration::days(4), "{age}");
        }
    }
}
