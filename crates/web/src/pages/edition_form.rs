//! What is typed to change a draft, and the changes it amounts to.

use std::collections::BTreeMap;

use diembao_digest::{EditAction, ItemView, Section};
use diembao_news::StoryId;
use diembao_pipeline::{EditError, Editing};
use serde::Deserialize;

use crate::pages::edition::story;
use crate::pages::order::{Down, Place, Shown, places_before, step};
use crate::pages::shared::{Choice, choices};

/// What was typed.
#[derive(Debug, Deserialize)]
pub(crate) struct Typed {
    /// The version of the draft on whose page it was typed.
    pub(crate) version: Option<i64>,
    #[serde(rename = "do")]
    pub(crate) what: String,
    pub(crate) story: Option<String>,
    before: Option<String>,
    headline: Option<String>,
    summary: Option<String>,
    assess: Option<String>,
    section: Option<String>,
}

impl Typed {
    /// The changes it amounts to, in order; none when everything is as it was.
    pub(crate) fn actions(&self, editing: &Editing) -> Result<Vec<EditAction>, EditError> {
        let unusable = || EditError::Unusable("the form names no story of the draft");
        let id = story(self.story.as_deref()).ok_or_else(unusable)?;
        Ok(match self.what.as_str() {
            "up" | "down" | "put" => self.moved(editing, id).unwrap_or_default(),
            "pin" => vec![EditAction::Pin(id)],
            "unpin" => vec![EditAction::Unpin(id)],
            "drop" => vec![EditAction::Drop(id)],
            "restore" => vec![EditAction::Restore(id)],
            "move" => vec![EditAction::Move(id, self.section.as_deref().and_then(Section::parse))],
            "write" => self.written(find(editing, id).ok_or_else(unusable)?),
            _ => return Err(EditError::Unusable("the form asks for nothing that is known")),
        })
    }

    fn moved(&self, editing: &Editing, id: StoryId) -> Option<Vec<EditAction>> {
        let shown = shown(editing, id)?;
        let before = match self.what.as_str() {
            "up" => step(&shown, id, Down::No)?,
            "down" => step(&shown, id, Down::Yes)?,
            _ => Some(story(self.before.as_deref())?),
        };
        let given = places_before(&shown, &places(editing), id, before)?;
        Some(given.into_iter().map(|(story, at)| EditAction::Place(story, Some(at))).collect())
    }

    /// Only what differs from what stands there.
    fn written(&self, item: &ItemView) -> Vec<EditAction> {
        let id = item.story;
        let changed = |typed: &Option<String>, now: &str| {
            let typed = typed.as_ref().map(|t| t.split_whitespace().collect::<Vec<_>>().join(" "))?;
            (typed != now).then(|| Some(typed).filter(|t| !t.is_empty()))
        };
        let mut actions = Vec::new();
        actions.extend(changed(&self.headline, &item.headline).map(|t| EditAction::Headline(id, t)));
        actions.extend(changed(&self.summary, &item.summary).map(|t| EditAction::Summary(id, t)));
        let assessment = item.assessment.as_deref().unwrap_or_default();
        actions.extend(changed(&self.assess, assessment).map(|t| EditAction::Assess(id, t)));
        actions
    }

    /// What was typed, to be sent again.
    pub(crate) fn fields(&self) -> Vec<(&'static str, String)> {
        let all = [
            ("do", Some(&self.what)),
            ("story", self.story.as_ref()),
            ("before", self.before.as_ref()),
            ("headline", self.headline.as_ref()),
            ("summary", self.summary.as_ref()),
            ("assess", self.assess.as_ref()),
            ("section", self.section.as_ref()),
        ];
        all.into_iter().filter_map(|(k, v)| Some((k, v?.clone()))).collect()
    }
}

fn find(editing: &Editing, id: StoryId) -> Option<&ItemView> {
    let groups = editing.view.sections.iter().flat_map(|s| &s.groups);
    groups.flat_map(|g| &g.items).find(|i| i.story == id)
}

/// The section a story stands in, as the page shows it.
fn shown(editing: &Editing, id: StoryId) -> Option<Vec<Shown>> {
    let holds = |s: &&diembao_digest::SectionView| s.groups.iter().flat_map(|g| &g.items).any(|i| i.story == id);
    let section = editing.view.sections.iter().find(holds)?;
    let groups = section.groups.iter().enumerate();
    let rows = groups
        .flat_map(|(group, g)| g.items.iter().map(move |i| Shown { story: i.story, score: i.score.total(), group }));
    Some(rows.collect())
}

/// The places that were given so far.
fn places(editing: &Editing) -> BTreeMap<StoryId, Place> {
    let mut places = BTreeMap::new();
    for (after, record) in editing.history.iter().enumerate() {
        match record.action {
            EditAction::Place(story, Some(at)) => drop(places.insert(story, Place { at, after })),
            EditAction::Place(story, None) => drop(places.remove(&story)),
            _ => {}
        }
    }
    places
}

/// The sections a story may be moved to.
pub(crate) fn sections(on: Section) -> Vec<Choice> {
    choices(Section::ALL, Some(on), |s| (s.as_str(), s.title()))
}
