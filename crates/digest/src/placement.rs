//! Which section a story stands in.

use diembao_news::{FlagKind, Severity};

use crate::{EditionInput, Section, StoryInput, TopicName};

/// Topics that are neither a field nor an incident: where they go.
const SECTIONS_OF_TOPICS: &[(&str, Section)] = &[
    ("chi-dao-dieu-hanh", Section::Policy),
    ("chinh-sach", Section::Policy),
    ("van-ban", Section::Policy),
    ("guong-tot", Section::Examples),
    ("chien-dich", Section::Examples),
    ("nguoi-tot-viec-tot", Section::Examples),
];

/// The section of a story: what is flagged or on the desk first, else what its best topic says.
pub(crate) fn section_of(story: &StoryInput, topics: &[TopicName]) -> Section {
    let gravest = |kind| {
        story
            .flags
            .iter()
            .filter(|f| f.kind == kind)
            .map(|f| f.severity)
            .max()
    };
    let (incident, falsehood) = (
        gravest(FlagKind::Incident),
        gravest(FlagKind::Misinformation),
    );
    match (incident, falsehood) {
        (Some(i), Some(m)) if i < m && i < Severity::Orange => Section::Misinformation,
        (Some(_), _) => Section::Attention,
        (None, Some(_)) => Section::Misinformation,
        (None, None) if story.case.is_some() => Section::Attention,
        (None, None) => story
            .topics
            .first()
            .map_or(Section::Fields, |(id, _)| section_of_topic(id, topics)),
    }
}

fn section_of_topic(id: &str, topics: &[TopicName]) -> Section {
    if topics.iter().any(|t| t.id == id && t.field.is_some()) {
        return Section::Fields;
    }
    SECTIONS_OF_TOPICS
        .iter()
        .find(|(topic, _)| *topic == id)
        .map_or(Section::Fields, |(_, section)| *section)
}

/// Where a story's best topic that is a field stands in the section order.
pub(crate) fn field_of<'a>(story: &StoryInput, input: &'a EditionInput) -> Option<&'a TopicName> {
    let named = |id: &str| input.topics.iter().find(|t| t.id == id);
    let known: Vec<&TopicName> = story
        .topics
        .iter()
        .filter_map(|(id, _)| named(id))
        .collect();
    let is_section = |t: &TopicName| section_of_topic(&t.id, &input.topics) != Section::Fields;
    known
        .iter()
        .find(|t| t.field.is_some())
        .or_else(|| known.iter().find(|t| !is_section(t)))
        .copied()
}

/// Whether an audience that asked for these topics gets the story.
pub(crate) fn is_wanted(story: &StoryInput, topics: &[String]) -> bool {
    topics.is_empty() || story.topics.iter().any(|(id, _)| topics.contains(id))
}

#[cfg(test)]
mod tests {
    use diembao_news::Stance;

    use super::*;
    use crate::CaseView;
    use crate::fixture::{flag, rumour, story};

    #[test]
    fn flags_then_cases_then_topics_decide() {
        let topics = [TopicName {
            id: "duoc".into(),
            name: "Dược, Mỹ phẩm".into(),
            field: Some(5),
        }];
        let with = |flags, topics: &[&str]| StoryInput {
            flags,
            topics: topics.iter().map(|t| ((*t).to_owned(), 1.0)).collect(),
            ..story(Vec::new())
        };
        for (input, want) in [
            (
                with(vec![flag("green")], &["chinh-sach"]),
                Section::Attention,
            ),
            (
                with(vec![flag("green"), rumour(Stance::Claim)], &[]),
                Section::Misinformation,
            ),
            (
                with(vec![flag("orange"), rumour(Stance::Claim)], &[]),
                Section::Attention,
            ),
            (
                with(vec![rumour(Stance::Rebuttal)], &["duoc"]),
                Section::Misinformation,
            ),
            (with(vec![], &["chinh-sach", "duoc"]), Section::Policy),
            (with(vec![], &["duoc", "chinh-sach"]), Section::Fields),
            (with(vec![], &["guong-tot"]), Section::Examples),
            (with(vec![], &[]), Section::Fields),
        ] {
            assert_eq!(section_of(&input, &topics), want, "{input:?}");
        }
        let case = CaseView {
            number: 1,
            state: "đang xác minh".into(),
            owner: None,
            deadline: None,
        };
        let on_desk = StoryInput {
            case: Some(case),
            ..with(vec![], &["guong-tot"])
        };
        assert_eq!(section_of(&on_desk, &topics), Section::Attention);
    }
}
