//! What editors change in a draft, as plain data: single actions, and what they amount to.

use std::collections::BTreeMap;

use diembao_news::{ArticleId, StoryId};

use crate::Section;
use crate::wording::plain;

/// All changes to one edition. The last change of a kind to a story counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edits {
    /// Changes by story; stories that are not in the edition are ignored.
    pub stories: BTreeMap<StoryId, StoryEdit>,
    /// Corrections of earlier editions, printed as *Đính chính*.
    pub errata: Vec<String>,
}

/// The changes to one story.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoryEdit {
    /// Leave it out.
    pub drop: bool,
    /// Put it among the highlights and first in its section.
    pub pin: bool,
    /// Its place in its section, counted from 1; overrides the score.
    pub place: Option<u32>,
    /// How many changes were made before it was placed: of two stories with one place the later stands first.
    pub placed_after: usize,
    /// The section it is moved to.
    pub section: Option<Section>,
    /// Its headline, rewritten.
    pub headline: Option<String>,
    /// Its summary, rewritten.
    pub summary: Option<String>,
    /// *Nhận định*: an assessment, written by a person.
    pub assessment: Option<String>,
}

/// One thing an editor does to a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditAction {
    /// The draft is made, or made anew from what has come in since; earlier changes stay.
    Draft,
    /// Leave a story out.
    Drop(StoryId),
    /// Take it in again.
    Restore(StoryId),
    /// Put it first.
    Pin(StoryId),
    /// Let its score decide again.
    Unpin(StoryId),
    /// Give it a place in its section, counted from 1; none: its score decides.
    Place(StoryId, Option<u32>),
    /// Move it to another section; none: its topics decide.
    Move(StoryId, Option<Section>),
    /// Write its headline; none: the article's.
    Headline(StoryId, Option<String>),
    /// Write its summary; none: sentences of the article.
    Summary(StoryId, Option<String>),
    /// Write its *Nhận định*; none: it has none.
    Assess(StoryId, Option<String>),
    /// Two stories are one: the first becomes part of the second, for good.
    Merge(StoryId, StoryId),
    /// An article is not of its story, for good.
    Split(StoryId, ArticleId),
    /// The draft may leave as it is now. Any later change takes this back.
    Approve,
    /// It may not yet.
    Withdraw,
}

impl EditAction {
    /// The name used in stores, JSON and commands.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Drop(_) => "drop",
            Self::Restore(_) => "restore",
            Self::Pin(_) => "pin",
            Self::Unpin(_) => "unpin",
            Self::Place(..) => "place",
            Self::Move(..) => "move",
            Self::Headline(..) => "headline",
            Self::Summary(..) => "summary",
            Self::Assess(..) => "assess",
            Self::Merge(..) => "merge",
            Self::Split(..) => "split",
            Self::Approve => "approve",
            Self::Withdraw => "withdraw",
        }
    }

    /// The story it is about.
    #[must_use]
    pub fn story(&self) -> Option<StoryId> {
        match self {
            Self::Draft | Self::Approve | Self::Withdraw => None,
            Self::Drop(story)
            | Self::Restore(story)
            | Self::Pin(story)
            | Self::Unpin(story)
            | Self::Place(story, _)
            | Self::Move(story, _)
            | Self::Headline(story, _)
            | Self::Summary(story, _)
            | Self::Assess(story, _)
            | Self::Merge(story, _)
            | Self::Split(story, _) => Some(*story),
        }
    }

    /// What else it says: a place, a section, a text, another story, an article.
    #[must_use]
    pub fn value(&self) -> Option<String> {
        match self {
            Self::Place(_, place) => place.map(|p| p.to_string()),
            Self::Move(_, section) => section.map(|s| s.as_str().to_owned()),
            Self::Headline(_, text) | Self::Summary(_, text) | Self::Assess(_, text) => text.clone(),
            Self::Merge(_, into) => Some(into.to_string()),
            Self::Split(_, article) => Some(article.to_string()),
            _ => None,
        }
    }

    /// Reads what [`name`](Self::name), [`story`](Self::story) and [`value`](Self::value) say; none when
    /// they say nothing that fits together. An empty value is no value.
    #[must_use]
    pub fn read(name: &str, story: Option<StoryId>, value: Option<&str>) -> Option<Self> {
        let value = value.map(plain).filter(|v| !v.is_empty());
        Some(match name {
            "draft" => Self::Draft,
            "approve" => Self::Approve,
            "withdraw" => Self::Withdraw,
            "drop" => Self::Drop(story?),
            "restore" => Self::Restore(story?),
            "pin" => Self::Pin(story?),
            "unpin" => Self::Unpin(story?),
            "place" => Self::Place(story?, read_or_none(value, |v| v.parse().ok().filter(|p| *p > 0))?),
            "move" => Self::Move(story?, read_or_none(value, Section::parse)?),
            "headline" => Self::Headline(story?, value),
            "summary" => Self::Summary(story?, value),
            "assess" => Self::Assess(story?, value),
            "merge" => Self::Merge(story?, value?.parse().ok()?),
            "split" => Self::Split(story?, value?.parse().ok()?),
            _ => return None,
        })
    }
}

/// None inside when there is no value; none outside when it cannot be read.
fn read_or_none<T>(value: Option<String>, read: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
    match value {
        Some(value) => read(&value).map(Some),
        None => Some(None),
    }
}

impl Edits {
    /// What actions amount to, in their order. `now_of` tells which story a story has become part of since.
    #[must_use]
    pub fn of<'a>(actions: impl IntoIterator<Item = &'a EditAction>, now_of: impl Fn(StoryId) -> StoryId) -> Self {
        let mut edits = Self::default();
        for (before, action) in actions.into_iter().enumerate() {
            if let Some(story) = action.story() {
                edits.stories.entry(now_of(story)).or_default().take(action, before);
            }
        }
        edits.stories.retain(|_, edit| *edit != StoryEdit::default());
        edits
    }
}

impl StoryEdit {
    fn take(&mut self, action: &EditAction, before: usize) {
        match action {
            EditAction::Drop(_) => self.drop = true,
            EditAction::Restore(_) => self.drop = false,
            EditAction::Pin(_) => self.pin = true,
            EditAction::Unpin(_) => self.pin = false,
            EditAction::Place(_, place) => {
                self.place = *place;
                self.placed_after = place.map_or(0, |_| before);
            }
            EditAction::Move(_, section) => self.section = *section,
            EditAction::Headline(_, text) => self.headline.clone_from(text),
            EditAction::Summary(_, text) => self.summary.clone_from(text),
            EditAction::Assess(_, text) => self.assessment.clone_from(text),
            // These change what a story is, not how it is shown.
            EditAction::Merge(..) | EditAction::Split(..) => {}
            EditAction::Draft | EditAction::Approve | EditAction::Withdraw => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn story(n: i64) -> StoryId {
        StoryId::beginning_with(ArticleId::from_i64(n).unwrap())
    }

    #[test]
    fn every_action_is_read_back_as_it_was() {
        let (a, b) = (story(1), story(2));
        for action in [
            EditAction::Draft,
            EditAction::Drop(a),
            EditAction::Restore(a),
            EditAction::Pin(a),
            EditAction::Unpin(a),
            EditAction::Place(a, Some(3)),
            EditAction::Place(a, None),
            EditAction::Move(a, Some(Section::Policy)),
            EditAction::Move(a, None),
            EditAction::Headline(a, Some("Tiêu đề mới".into())),
            EditAction::Summary(a, None),
            EditAction::Assess(a, Some("Cần theo dõi".into())),
            EditAction::Merge(a, b),
            EditAction::Split(a, b.first_article()),
            EditAction::Approve,
            EditAction::Withdraw,
        ] {
            let value = action.value();
            assert_eq!(EditAction::read(action.name(), action.story(), value.as_deref()), Some(action));
        }
        for (name, value) in [("place", "0"), ("place", "x"), ("move", "nowhere"), ("merge", ""), ("say", "x")] {
            assert_eq!(EditAction::read(name, Some(a), Some(value)), None, "{name} {value}");
        }
        assert_eq!(EditAction::read("drop", None, None), None);
    }

    #[test]
    fn the_last_word_of_a_kind_counts_and_follows_a_story_that_became_another() {
        let (a, b) = (story(1), story(2));
        let actions = [
            EditAction::Drop(a),
            EditAction::Headline(a, Some("Một".into())),
            EditAction::Headline(b, Some("Hai".into())),
            EditAction::Restore(a),
            EditAction::Pin(a),
        ];
        let edits = Edits::of(&actions, |_| b);
        let want = StoryEdit { pin: true, headline: Some("Hai".into()), ..StoryEdit::default() };
        assert_eq!(edits.stories, BTreeMap::from([(b, want)]));
        let undone = [EditAction::Pin(a), EditAction::Unpin(a)];
        assert_eq!(Edits::of(&undone, |s| s), Edits::default());
    }
}
