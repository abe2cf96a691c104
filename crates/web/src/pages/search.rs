//! `/search` and `/stories`: the archive, by words and by what stands beside it.

use axum::extract::{Query as UrlQuery, State};
use chrono::{DateTime, NaiveDate, TimeDelta, TimeZone, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;
use diembao_news::Severity;
use diembao_search::{Answer as Found, Facet, Filter, Hit, Query, Snippet, Sort, Unit};
use serde::Serialize;

use crate::access::Actor;
use crate::answer::{Answer, Stop};
use crate::format::{machine, moment, number};
use crate::html::{self, Sheet};
use crate::pages::shared::{self, Choice};
use crate::state::Console;

const PER_PAGE: usize = 20;
/// Deeper than this nobody turns pages; and each page costs as much as all before it.
const MAX_OFFSET: usize = 2_000;
const MAX_QUERY: usize = 500;
/// Facets beside the hits, and what a value is called in the address.
const FACETS: [(Facet, &str); 5] = [
    (Facet::Severity, "Mức"),
    (Facet::Topic, "Lĩnh vực"),
    (Facet::Flag, "Dấu hiệu"),
    (Facet::Province, "Tỉnh, thành phố"),
    (Facet::Outlet, "Báo"),
];
const PER_FACET: usize = 8;

/// What is asked, as it stands in the address.
#[derive(Debug, Clone, Default)]
struct Asked {
    q: String,
    sort: String,
    unit: String,
    from: String,
    to: String,
    offset: usize,
    /// Facet's name and value.
    chosen: Vec<(Facet, String)>,
}

impl Asked {
    fn read(pairs: Vec<(String, String)>) -> Self {
        let mut asked = Self::default();
        for (key, value) in pairs {
            match key.as_str() {
                "q" => asked.q = value.trim().chars().take(MAX_QUERY).collect(),
                "sort" => asked.sort = value,
                "unit" => asked.unit = value,
                "from" => asked.from = value,
                "to" => asked.to = value,
                "offset" => asked.offset = value.parse().unwrap_or(0).min(MAX_OFFSET),
                key => {
                    if let Some(facet) = Facet::parse(key).filter(|_| !value.is_empty() && asked.chosen.len() < 20) {
                        asked.chosen.push((facet, value));
                    }
                }
            }
        }
        asked
    }

    /// The address of the same question, changed.
    fn address(&self, path: &str, change: impl FnOnce(&mut Self)) -> String {
        let mut asked = Self { offset: 0, ..self.clone() };
        change(&mut asked);
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let fixed =
            [("q", &asked.q), ("sort", &asked.sort), ("unit", &asked.unit), ("from", &asked.from), ("to", &asked.to)];
        query.extend_pairs(fixed.iter().filter(|(_, v)| !v.is_empty()));
        query.extend_pairs(asked.chosen.iter().map(|(f, v)| (f.as_str(), v)));
        if asked.offset > 0 {
            query.append_pair("offset", &asked.offset.to_string());
        }
        format!("{path}?{}", query.finish())
    }

    fn query(&self, now: DateTime<Utc>) -> Query {
        let values = |facet| self.chosen.iter().filter(|(f, _)| *f == facet).map(|(_, v)| v.clone()).collect();
        let severity = self.chosen.iter().filter(|(f, _)| *f == Facet::Severity);
        Query {
            filter: Filter {
                from: day(&self.from),
                to: day(&self.to).map(|t| t + TimeDelta::days(1)),
                outlets: values(Facet::Outlet),
                topics: values(Facet::Topic),
                flags: values(Facet::Flag),
                provinces: values(Facet::Province),
                severity_at_least: severity.filter_map(|(_, v)| Severity::parse(v)).min(),
                ..Filter::default()
            },
            sort: match self.sort.as_str() {
                "date" => Sort::Date,
                "severity" => Sort::Severity,
                "outlets" => Sort::Outlets,
                _ => Sort::Relevance,
            },
            unit: if self.unit == "articles" { Unit::Articles } else { Unit::Stories },
            limit: PER_PAGE,
            offset: self.offset,
            facets: FACETS.iter().map(|(f, _)| *f).collect(),
            ..Query::new(if self.q.is_empty() { "*" } else { &self.q }, now)
        }
    }
}

fn day(s: &str) -> Option<DateTime<Utc>> {
    let day: NaiveDate = s.parse().ok()?;
    Some(Ho_Chi_Minh.from_local_datetime(&day.and_time(chrono::NaiveTime::MIN)).earliest()?.with_timezone(&Utc))
}

#[derive(Serialize)]
struct View {
    path: &'static str,
    q: String,
    from: String,
    to: String,
    sorts: Vec<Choice>,
    units: Vec<Choice>,
    kept: Vec<(String, String)>,
    total: String,
    hits: Vec<HitRow>,
    facets: Vec<FacetView>,
    notes: Vec<String>,
    earlier: Option<String>,
    later: Option<String>,
}

#[derive(Serialize)]
struct HitRow {
    title: String,
    href: String,
    outlet: String,
    at: String,
    machine: String,
    /// When the story was last written about, unless it is the time beside it.
    newest: Option<String>,
    spread: Option<String>,
    severity: Option<(&'static str, &'static str)>,
    topics: Vec<String>,
    pieces: Vec<Piece>,
}

/// A stretch of text, marked or not.
#[derive(Serialize)]
pub(crate) struct Piece {
    text: String,
    marked: bool,
}

#[derive(Serialize)]
struct FacetView {
    name: &'static str,
    values: Vec<FacetValue>,
}

#[derive(Serialize)]
struct FacetValue {
    name: String,
    n: String,
    href: String,
    on: bool,
}

/// GET /search
pub(crate) async fn show(
    State(console): State<Console>,
    actor: Actor,
    UrlQuery(pairs): UrlQuery<Vec<(String, String)>>,
) -> Answer {
    page(&console, &actor, Asked::read(pairs), ("/search", "Tìm kiếm", "search.html")).await
}

/// GET /stories: the archive's stories, the last first.
pub(crate) async fn stories(
    State(console): State<Console>,
    actor: Actor,
    UrlQuery(pairs): UrlQuery<Vec<(String, String)>>,
) -> Answer {
    let mut asked = Asked::read(pairs);
    if asked.sort.is_empty() {
        asked.sort = "date".to_owned();
    }
    asked.unit.clear();
    page(&console, &actor, asked, ("/stories", "Câu chuyện", "stories.html")).await
}

async fn page(
    console: &Console,
    actor: &Actor,
    asked: Asked,
    (path, title, template): (&'static str, &str, &'static str),
) -> Answer {
    let now = console.p.clock.now();
    let found = find(console, asked.query(now)).await?;
    let names = Names::of(console);
    let shown = asked.offset + found.hits.len();
    let step = |by: usize| asked.address(path, |a| a.offset = by);
    let view = View {
        path,
        sorts: named(
            &[("", "liên quan"), ("date", "mới nhất"), ("severity", "nặng nhất"), ("outlets", "nhiều báo nhất")],
            &asked.sort,
        ),
        units: named(&[("", "câu chuyện"), ("articles", "từng bài")], &asked.unit),
        kept: asked.chosen.iter().map(|(f, v)| (f.as_str().to_owned(), v.clone())).collect(),
        total: number(found.total),
        facets: facets(path, &asked, &found, &names),
        notes: found.notes.clone(),
        earlier: (asked.offset > 0).then(|| step(asked.offset.saturating_sub(PER_PAGE))),
        later: (shown < usize::try_from(found.total).unwrap_or(usize::MAX) && shown < MAX_OFFSET).then(|| step(shown)),
        hits: found.hits.iter().map(|h| hit_row(h, &names, now)).collect(),
        q: asked.q,
        from: asked.from,
        to: asked.to,
    };
    html::page(actor, Sheet { template, title, place: path, done: None }, view)
}

/// The question that stands in an address.
pub(crate) fn query_of(pairs: Vec<(String, String)>, now: DateTime<Utc>) -> Query {
    Asked::read(pairs).query(now)
}

/// Asks the index, away from the threads that answer.
pub(crate) async fn find(console: &Console, query: Query) -> Result<Found, Stop> {
    let console = console.clone();
    let found = tokio::task::spawn_blocking(move || anyhow::Ok(console.index()?.search(&query)?)).await;
    found.map_err(anyhow::Error::new)?.map_err(|e| {
        tracing::warn!("search: {e:#}");
        Stop::Bad("Chưa tìm kiếm được: chỉ mục chưa sẵn sàng hoặc câu hỏi không đọc được.".to_owned())
    })
}

fn named(all: &[(&str, &str)], on: &str) -> Vec<Choice> {
    let choice = |(value, name): &(&str, &str)| Choice {
        value: (*value).to_owned(),
        name: (*name).to_owned(),
        on: *value == on,
    };
    all.iter().map(choice).collect()
}

/// What ids are called on screen.
struct Names<'a> {
    outlets: std::collections::HashMap<&'a str, &'a str>,
    rules: std::collections::HashMap<&'a str, &'a str>,
}

impl<'a> Names<'a> {
    fn of(console: &'a Console) -> Self {
        let rules = &console.p.home.rules;
        let topics = rules.topics().map(|t| (t.id.as_str(), t.name.as_str()));
        let flags = rules.rules().map(|r| (r.id.as_str(), r.name.as_str()));
        let kinds = [("incident", "Sự cố"), ("misinformation", "Tin sai")];
        Self { outlets: shared::outlet_names(console), rules: topics.chain(flags).chain(kinds).collect() }
    }

    fn value(&self, facet: Facet, value: &str) -> String {
        let name = match facet {
            Facet::Outlet => self.outlets.get(value).copied(),
            Facet::Severity => Severity::parse(value).map(Severity::label),
            _ => self.rules.get(value).copied(),
        };
        name.unwrap_or(value).to_owned()
    }
}

fn facets(path: &str, asked: &Asked, found: &Found, names: &Names<'_>) -> Vec<FacetView> {
    let view = |(facet, title): &(Facet, &'static str)| {
        let counts = found.facets.iter().find(|(f, _)| f == facet).map(|(_, counts)| counts.as_slice());
        let is_on = |value: &str| asked.chosen.iter().any(|(f, v)| f == facet && v == value);
        let toggle = |value: &str| {
            let chosen = (*facet, value.to_owned());
            asked.address(path, |a| match a.chosen.iter().position(|c| *c == chosen) {
                Some(at) => drop(a.chosen.remove(at)),
                None => a.chosen.push(chosen),
            })
        };
        let values = counts.unwrap_or_default().iter().take(PER_FACET).map(|(value, n)| FacetValue {
            name: names.value(*facet, value),
            n: number(*n),
            href: toggle(value),
            on: is_on(value),
        });
        FacetView { name: title, values: values.collect() }
    };
    FACETS.iter().map(view).filter(|f| !f.values.is_empty()).collect()
}

fn hit_row(hit: &Hit, names: &Names<'_>, now: DateTime<Utc>) -> HitRow {
    let href = match hit.story {
        Some(story) => format!("/stories/{story}"),
        None => hit.url.clone().unwrap_or_default(),
    };
    HitRow {
        title: hit.title.clone(),
        href,
        outlet: names.value(Facet::Outlet, &hit.outlet),
        at: moment(hit.published, now),
        machine: machine(hit.published),
        newest: (hit.newest > hit.published).then(|| moment(hit.newest, now)),
        spread: (hit.n_articles > 1).then(|| format!("{} bài · {} báo", hit.n_articles, hit.n_outlets)),
        severity: hit.severity.map(|s| (s.as_str(), s.label())),
        topics: hit.topics.iter().map(|t| names.value(Facet::Topic, t)).collect(),
        pieces: pieces(&hit.snippet),
    }
}

/// A snippet cut where its highlights begin and end.
fn pieces(snippet: &Snippet) -> Vec<Piece> {
    let text = &snippet.text;
    let mut pieces = Vec::new();
    let mut at = 0;
    for range in &snippet.highlights {
        let (Some(before), Some(marked)) = (text.get(at..range.start), text.get(range.clone())) else {
            continue;
        };
        pieces.push(Piece { text: before.to_owned(), marked: false });
        pieces.push(Piece { text: marked.to_owned(), marked: true });
        at = range.end;
    }
    pieces.push(Piece { text: text.get(at..).unwrap_or_default().to_owned(), marked: false });
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_survives_its_address() {
        let asked = Asked::read(vec![
            ("q".into(), " ngộ độc & \"tử vong\" ".into()),
            ("topic".into(), "duoc".into()),
            ("offset".into(), "40".into()),
            ("khac".into(), "x".into()),
        ]);
        let address = asked.address("/search", |a| a.chosen.push((Facet::Outlet, "bao a".into())));
        assert_eq!(address, "/search?q=ng%E1%BB%99+%C4%91%E1%BB%99c+%26+%22t%E1%BB%AD+vong%22&topic=duoc&outlet=bao+a");
    }

    #[test]
    fn pieces_join_to_the_snippet() {
        let text = "ổ dịch ở xa".to_owned();
        let at = text.find("dịch").unwrap();
        let highlights = std::slice::from_ref(&(at..at + "dịch".len())).to_vec();
        let pieces = pieces(&Snippet { text: text.clone(), highlights });
        assert_eq!(pieces.iter().map(|p| p.text.as_str()).collect::<String>(), text);
        assert_eq!(pieces.iter().filter(|p| p.marked).map(|p| p.text.as_str()).collect::<Vec<_>>(), ["dịch"]);
    }
}
