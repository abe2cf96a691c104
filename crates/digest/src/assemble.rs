//! From input to view: which story stands where, and what is said of it.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diembao_news::{ArticleId, StoryId};

use crate::header;
use crate::item::{case_facts, item_view, outlets, severity};
use crate::place::place;
use crate::placement::{field_of, is_opinion, is_wanted, placing_texts, section_of};
use crate::score::PIN;
use crate::wording::{MAX_NAME, MAX_NOTE, capped, number, time};
use crate::{
    AppendixView, Counts, Cut, EditionInput, EditionView, Edits, Form, GroupView, HighlightView, ItemView, ScoreParts,
    Section, SectionView, StoryEdit, StoryInput, order_score,
};

/// Lines of section I.
const MAX_HIGHLIGHTS: usize = 5;
/// Stories named in section VII.
const MAX_OPINION: usize = 5;
/// The heading of stories that belong to no field.
const NO_FIELD: &str = "Tin y tế khác";

/// The edition as an audience reads it.
#[must_use]
pub fn assemble(input: &EditionInput, cut: &Cut) -> EditionView {
    assemble_edited(input, cut, &Edits::default())
}

/// The edition as an audience reads it, after the editors' changes.
#[must_use]
pub fn assemble_edited(input: &EditionInput, cut: &Cut, edits: &Edits) -> EditionView {
    let unedited = StoryEdit::default();
    let mut stories: Vec<Placed<'_>> = input
        .stories
        .iter()
        .filter(|s| !s.articles.is_empty() && is_wanted(s, cut))
        .map(|s| Placed::new(s, input, edits.stories.get(&s.id).unwrap_or(&unedited)))
        .filter(|p| !p.edit.drop)
        .collect();
    stories.sort_by_key(Placed::order);
    stories.dedup_by_key(|p| p.story.id);
    let counts = count(&stories);
    EditionView {
        day: input.day,
        form: cut.form,
        has_file: cut.has_file,
        subject: header::subject(input, &counts, cut.subject),
        title: header::title(input),
        agency: capped(&input.agency, MAX_NAME),
        unit: capped(&input.unit, MAX_NAME),
        conclusion: header::conclusion(input, &counts),
        coverage: header::coverage_line(input, &counts),
        notices: header::notices(input, cut),
        counts,
        highlights: stories.iter().take(MAX_HIGHLIGHTS).map(highlight).collect(),
        sections: Section::ALL.into_iter().map(|s| section_view(s, &stories, input, cut)).collect(),
        trend: input.trend.clone(),
        trend_notes: header::trend_notes(&input.trend, &input.coverage),
        opinion: stories.iter().filter(|p| is_opinion(p.story)).take(MAX_OPINION).map(opinion).collect(),
        appendix: AppendixView {
            silent: names(&input.coverage.silent),
            unreachable: names(&input.coverage.unreachable),
            late: stories.iter().filter(|p| p.story.is_late).map(|p| p.headline()).collect(),
            errata: edits.errata.iter().map(|e| capped(e, MAX_NOTE)).filter(|e| !e.is_empty()).collect(),
        },
    }
}

/// A story, where it stands and why.
struct Placed<'a> {
    story: &'a StoryInput,
    edit: &'a StoryEdit,
    section: Section,
    score: ScoreParts,
    first: (DateTime<Utc>, ArticleId),
    item: Option<ItemView>,
}

impl<'a> Placed<'a> {
    fn new(story: &'a StoryInput, input: &EditionInput, edit: &'a StoryEdit) -> Self {
        let mut score = order_score(story, input.to);
        if edit.pin {
            score.pin = PIN;
        }
        Self {
            story,
            edit,
            section: edit.section.unwrap_or_else(|| section_of(story)),
            score,
            first: story
                .articles
                .iter()
                .map(|a| (a.published, a.id))
                .min()
                .unwrap_or((input.to, story.id.first_article())),
            item: if edit.drop { None } else { item_view(story, input, edit, score) },
        }
    }

    /// Greatest score first; the earlier story when two are equal.
    fn order(&self) -> (Reverse<i64>, (DateTime<Utc>, ArticleId), StoryId) {
        #[expect(clippy::cast_possible_truncation, reason = "scores are below a thousand")]
        let thousandths = (self.score.total() * 1000.0).round() as i64;
        (Reverse(thousandths), self.first, self.story.id)
    }

    fn headline(&self) -> String {
        self.item.as_ref().map(|i| i.headline.clone()).unwrap_or_default()
    }
}

fn count(stories: &[Placed<'_>]) -> Counts {
    let of = |section| stories.iter().filter(|p| p.section == section).count();
    Counts {
        stories: stories.len(),
        articles: stories.iter().map(|p| p.story.articles.len()).sum(),
        incidents: of(Section::Attention),
        misinformation: of(Section::Misinformation),
    }
}

fn highlight(placed: &Placed<'_>) -> HighlightView {
    let story = placed.story;
    let outlets = outlets(&story.articles);
    let texts = placing_texts(story);
    HighlightView {
        story: story.id,
        headline: placed.headline(),
        place: place(&texts).map(str::to_owned),
        first: outlets
            .first()
            .map(|a| format!("{}, {}", capped(&a.outlet, MAX_NAME), time(a.published)))
            .unwrap_or_default(),
        n_outlets: outlets.len(),
        severity: severity(story),
        facts: case_facts(story),
        section: placed.section,
    }
}

/// "Tiêu đề (mục II, 3 báo đưa tin)": the story itself stands in its section.
fn opinion(placed: &Placed<'_>) -> String {
    let n = outlets(&placed.story.articles).len();
    format!("{} (mục {}, {} báo đưa tin)", placed.headline(), placed.section.number(), number(n))
}

fn section_view(section: Section, stories: &[Placed<'_>], input: &EditionInput, cut: &Cut) -> SectionView {
    let mut mine: Vec<&Placed<'_>> = stories.iter().filter(|p| p.section == section).collect();
    place_by_hand(&mut mine);
    let groups = if section == Section::Fields {
        by_field(&mine, input, cut.form)
    } else if mine.is_empty() {
        Vec::new()
    } else {
        vec![GroupView { heading: None, items: items(&mine, section, cut.form) }]
    };
    SectionView {
        section,
        empty_note: groups.is_empty().then(|| header::empty_note(section, input, cut)),
        is_proven: header::trust(&input.coverage) == header::Trust::Full,
        note: if section == Section::Fields && !groups.is_empty() {
            let with_news: Vec<&str> =
                stories.iter().filter_map(|p| field_of(p.story, input)).map(|t| t.id.as_str()).collect();
            header::fields_without_news(&with_news, input, cut)
        } else {
            None
        },
        groups,
    }
}

/// Moves stories with a place of their own there; the others keep their order around them. Who is put
/// where another was put stands before it.
fn place_by_hand(stories: &mut Vec<&Placed<'_>>) {
    let (mut placed, rest): (Vec<&Placed<'_>>, Vec<&Placed<'_>>) = stories.iter().partition(|p| p.edit.place.is_some());
    placed.sort_by_key(|p| (p.edit.place, p.edit.placed_after));
    *stories = rest;
    for story in placed {
        let at = story.edit.place.and_then(|p| usize::try_from(p).ok()).unwrap_or(1).saturating_sub(1);
        stories.insert(at.min(stories.len()), story);
    }
}

/// The eleven fields in their order, then other topics in theirs, then the rest.
fn by_field(stories: &[&Placed<'_>], input: &EditionInput, form: Form) -> Vec<GroupView> {
    let mut groups: BTreeMap<(u8, usize), (&str, Vec<&Placed<'_>>)> = BTreeMap::new();
    for &placed in stories {
        let field = field_of(placed.story, input);
        let order = field.and_then(|f| input.topics.iter().position(|t| t.id == f.id)).unwrap_or(usize::MAX);
        let number = field.and_then(|f| f.field).unwrap_or(u8::MAX);
        groups.entry((number, order)).or_insert((field.map_or(NO_FIELD, |f| &f.name), Vec::new())).1.push(placed);
    }
    groups
        .into_values()
        .map(|(name, stories)| GroupView {
            heading: Some(capped(name, MAX_NAME)),
            items: items(&stories, Section::Fields, form),
        })
        .collect()
}

/// In brief, only what must be known is told in full; the rest are headlines.
fn items(stories: &[&Placed<'_>], section: Section, form: Form) -> Vec<ItemView> {
    let told = form == Form::Full || section < Section::Fields;
    let shorten = |item: ItemView| {
        if told { item } else { ItemView { summary: String::new(), also: Vec::new(), ..item } }
    };
    stories.iter().filter_map(|p| p.item.clone()).map(shorten).collect()
}

fn names(names: &[String]) -> Vec<String> {
    names.iter().map(|n| capped(n, MAX_NAME)).filter(|n| !n.is_empty()).collect()
}
