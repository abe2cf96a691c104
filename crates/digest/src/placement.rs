//! Which section a story stands in.

use diembao_news::{FlagKind, Severity};

use crate::place::names;
use crate::{Cut, EditionInput, Section, StoryInput, TopicName};

/// Kinds of news, which the rules give as topics: where they go.
const SECTIONS_OF_KINDS: &[(&str, Section)] =
    &[("loai-van-ban", Section::Policy), ("loai-chi-dao", Section::Policy), ("loai-chuong-trinh", Section::Examples)];
/// What the ids of kinds of news begin with; they are never headings of fields.
const KIND: &str = "loai-";
/// What the public is concerned about.
const OPINION: &str = "loai-du-luan";
/// The share of the best field's score that a kind must have to take the story out of its field.
const DECISIVE: f32 = 0.75;

/// The section of a story: what is flagged or on the desk first, else its kind, else its field.
pub(crate) fn section_of(story: &StoryInput) -> Section {
    let gravest = |kind| story.flags.iter().filter(|f| f.kind == kind).map(|f| f.severity).max();
    let (incident, falsehood) = (gravest(FlagKind::Incident), gravest(FlagKind::Misinformation));
    match (incident, falsehood) {
        (Some(i), Some(m)) if i < m && i < Severity::Orange => Section::Misinformation,
        (Some(_), _) => Section::Attention,
        (None, Some(_)) => Section::Misinformation,
        (None, None) if story.case.is_some() => Section::Attention,
        (None, None) => section_of_kind(story).unwrap_or(Section::Fields),
    }
}

fn section_of_kind(story: &StoryInput) -> Option<Section> {
    let field = story.topics.iter().filter(|(id, _)| !id.starts_with(KIND)).map(|(_, s)| *s).fold(0.0, f32::max);
    let of = |id: &str| SECTIONS_OF_KINDS.iter().find(|(kind, _)| *kind == id).map(|(_, section)| *section);
    story
        .topics
        .iter()
        .filter(|(_, score)| *score >= DECISIVE * field)
        .filter_map(|(id, score)| Some((*score, of(id)?)))
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)))
        .map(|(_, section)| section)
}

/// The story's best topic that is a field, one of the eleven before any other.
pub(crate) fn field_of<'a>(story: &StoryInput, input: &'a EditionInput) -> Option<&'a TopicName> {
    let named = |id: &str| input.topics.iter().find(|t| t.id == id && !id.starts_with(KIND));
    let known: Vec<&TopicName> = story.topics.iter().filter_map(|(id, _)| named(id)).collect();
    known.iter().find(|t| t.field.is_some()).or(known.first()).copied()
}

/// Whether the rules found the story to be one the public is concerned about.
pub(crate) fn is_opinion(story: &StoryInput) -> bool {
    story.topics.iter().any(|(id, _)| id == OPINION)
}

/// Articles of a story that are read for the places they name.
const MAX_PLACED: usize = 10;

/// Headlines, then leads, of a story's first articles: where its place is named.
pub(crate) fn placing_texts(story: &StoryInput) -> Vec<&str> {
    let articles = || story.articles.iter().take(MAX_PLACED);
    articles().map(|a| a.text.title.as_str()).chain(articles().map(|a| a.text.lead.as_str())).collect()
}

/// Whether an audience gets the story.
pub(crate) fn is_wanted(story: &StoryInput, cut: &Cut) -> bool {
    let by_topic = || cut.topics.is_empty() || story.topics.iter().any(|(id, _)| cut.topics.contains(id));
    let by_place = || {
        let texts = placing_texts(story);
        cut.provinces.is_empty() || cut.provinces.iter().any(|p| names(&texts, p))
    };
    by_topic() && by_place()
}

#[cfg(test)]
mod tests {
    use diembao_news::Stance;

    use super::*;
    use crate::CaseView;
    use crate::fixture::{flag, rumour, story};

    #[test]
    fn flags_then_cases_then_kinds_decide() {
        let with = |flags, topics: &[(&str, f32)]| StoryInput {
            flags,
            topics: topics.iter().map(|(t, s)| ((*t).to_owned(), *s)).collect(),
            ..story(Vec::new())
        };
        for (input, want) in [
            (with(vec![flag("green")], &[("loai-van-ban", 9.0)]), Section::Attention),
            (with(vec![flag("green"), rumour(Stance::Claim)], &[]), Section::Misinformation),
            (with(vec![flag("orange"), rumour(Stance::Claim)], &[]), Section::Attention),
            (with(vec![rumour(Stance::Rebuttal)], &[("duoc-my-pham", 1.0)]), Section::Misinformation),
            (with(vec![], &[("loai-van-ban", 3.0), ("duoc-my-pham", 3.0)]), Section::Policy),
            (with(vec![], &[("duoc-my-pham", 6.0), ("loai-van-ban", 2.0)]), Section::Fields),
            (with(vec![], &[("loai-chuong-trinh", 3.0)]), Section::Examples),
            (with(vec![], &[("loai-du-luan", 3.0)]), Section::Fields),
            (with(vec![], &[]), Section::Fields),
        ] {
            assert_eq!(section_of(&input), want, "{input:?}");
        }
        let case = CaseView { number: 1, state: "đang xác minh".into(), owner: None, deadline: None };
        let on_desk = StoryInput { case: Some(case), ..with(vec![], &[("loai-chuong-trinh", 3.0)]) };
        assert_eq!(section_of(&on_desk), Section::Attention);
    }

    #[test]
    fn a_kind_is_never_the_heading_of_a_field() {
        let named = |id: &str, field| TopicName { id: id.into(), name: id.into(), field };
        let input = EditionInput {
            topics: vec![named("duoc-my-pham", Some(5)), named("bao-tro-xa-hoi", None), named("loai-ket-qua", None)],
            ..EditionInput::default()
        };
        let of = |topics: &[&str]| {
            let topics = topics.iter().map(|t| ((*t).to_owned(), 1.0)).collect();
            field_of(&StoryInput { topics, ..story(Vec::new()) }, &input).map(|t| t.id.clone())
        };
        assert_eq!(of(&["loai-ket-qua", "bao-tro-xa-hoi", "duoc-my-pham"]).as_deref(), Some("duoc-my-pham"));
        assert_eq!(of(&["loai-ket-qua", "bao-tro-xa-hoi"]).as_deref(), Some("bao-tro-xa-hoi"));
        assert_eq!(of(&["loai-ket-qua", "la"]), None);
    }
}
