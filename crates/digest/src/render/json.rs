//! The edition as JSON, for programs: the same view, nothing added.

use serde::Serialize;

use crate::{EditionView, HighlightView, ItemView, SectionView};

/// The edition as one JSON object. The names of its members are part of the product's contract.
#[must_use]
pub fn render_json(view: &EditionView) -> String {
    let edition = Edition {
        day: view.day.to_string(),
        form: match view.form {
            crate::Form::Brief => "brief",
            crate::Form::Full => "full",
        },
        subject: &view.subject,
        title: &view.title,
        agency: &view.agency,
        unit: &view.unit,
        conclusion: &view.conclusion,
        coverage: &view.coverage,
        notices: &view.notices,
        counts: Counts {
            stories: view.counts.stories,
            articles: view.counts.articles,
            incidents: view.counts.incidents,
            misinformation: view.counts.misinformation,
        },
        highlights: view.highlights.iter().map(highlight).collect(),
        sections: view.sections.iter().map(section).collect(),
        trend: view
            .trend
            .iter()
            .map(|d| Day { day: d.day.to_string(), health: d.n_health, incidents: d.n_incidents })
            .collect(),
        trend_notes: &view.trend_notes,
        opinion: &view.opinion,
        appendix: Appendix {
            silent: &view.appendix.silent,
            unreachable: &view.appendix.unreachable,
            late: &view.appendix.late,
            errata: &view.appendix.errata,
        },
    };
    serde_json::to_string(&edition).expect("strings and numbers always serialise")
}

fn highlight(h: &HighlightView) -> Highlight<'_> {
    Highlight {
        story: h.story.to_string(),
        headline: &h.headline,
        place: h.place.as_deref(),
        first: &h.first,
        outlets: h.n_outlets,
        severity: h.severity.map(diembao_news::Severity::as_str),
        facts: &h.facts,
        section: h.section.as_str(),
    }
}

fn section(s: &SectionView) -> Section<'_> {
    Section {
        id: s.section.as_str(),
        number: s.section.number(),
        title: s.section.title(),
        empty: s.empty_note.as_deref(),
        proven: s.is_proven,
        note: s.note.as_deref(),
        items: s.groups.iter().flat_map(|g| g.items.iter().map(move |i| item_of(g.heading.as_deref(), i))).collect(),
    }
}

fn item_of<'a>(heading: Option<&'a str>, i: &'a ItemView) -> Item<'a> {
    Item {
        story: i.story.to_string(),
        heading,
        headline: &i.headline,
        outlet: &i.outlet,
        time: &i.time,
        summary: &i.summary,
        url: i.url.as_deref(),
        also: i.also.iter().map(|a| Also { outlet: &a.outlet, url: a.url.as_deref() }).collect(),
        outlets: i.n_outlets,
        field: i.field.as_deref(),
        severity: i.severity.map(diembao_news::Severity::as_str),
        facts: &i.facts,
        news: &i.news,
        timeline: &i.timeline,
        assessment: i.assessment.as_deref(),
        late: i.is_late,
        score: Score {
            total: i.score.total(),
            severity: i.score.severity,
            outlets: i.score.outlets,
            tier: i.score.tier,
            rhythm: i.score.rhythm,
            novelty: i.score.novelty,
            ministry: i.score.ministry,
            pin: i.score.pin,
        },
    }
}

#[derive(Serialize)]
struct Edition<'a> {
    day: String,
    form: &'static str,
    subject: &'a str,
    title: &'a str,
    agency: &'a str,
    unit: &'a str,
    conclusion: &'a str,
    coverage: &'a str,
    notices: &'a [String],
    counts: Counts,
    highlights: Vec<Highlight<'a>>,
    sections: Vec<Section<'a>>,
    trend: Vec<Day>,
    trend_notes: &'a [String],
    opinion: &'a [String],
    appendix: Appendix<'a>,
}

#[derive(Serialize)]
struct Counts {
    stories: usize,
    articles: usize,
    incidents: usize,
    misinformation: usize,
}

#[derive(Serialize)]
struct Highlight<'a> {
    story: String,
    headline: &'a str,
    place: Option<&'a str>,
    first: &'a str,
    outlets: usize,
    severity: Option<&'static str>,
    facts: &'a [String],
    section: &'static str,
}

#[derive(Serialize)]
struct Section<'a> {
    id: &'static str,
    number: &'static str,
    title: &'static str,
    empty: Option<&'a str>,
    proven: bool,
    note: Option<&'a str>,
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Item<'a> {
    story: String,
    heading: Option<&'a str>,
    headline: &'a str,
    outlet: &'a str,
    time: &'a str,
    summary: &'a str,
    url: Option<&'a str>,
    also: Vec<Also<'a>>,
    outlets: usize,
    field: Option<&'a str>,
    severity: Option<&'static str>,
    facts: &'a [String],
    news: &'a [String],
    timeline: &'a [String],
    assessment: Option<&'a str>,
    late: bool,
    score: Score,
}

#[derive(Serialize)]
struct Also<'a> {
    outlet: &'a str,
    url: Option<&'a str>,
}

#[derive(Serialize)]
struct Score {
    total: f32,
    severity: f32,
    outlets: f32,
    tier: f32,
    rhythm: f32,
    novelty: f32,
    ministry: f32,
    pin: f32,
}

#[derive(Serialize)]
struct Day {
    day: String,
    health: usize,
    incidents: usize,
}

#[derive(Serialize)]
struct Appendix<'a> {
    silent: &'a [String],
    unreachable: &'a [String],
    late: &'a [String],
    errata: &'a [String],
}
