//! One story as an item: which article is quoted, what is said of it, who else carries it.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diembao_news::{FlagKind, Severity, Stance, Tier};

use crate::initials::with_initials;
use crate::placement::field_of;
use crate::since::news_since;
use crate::summary;
use crate::timeline::timeline;
use crate::wording::{MAX_HEADLINE, MAX_NAME, MAX_NOTE, capped, link, time};
use crate::{AlsoView, ArticleInput, EditionInput, ItemView, ScoreParts, StoryEdit, StoryInput};

/// Turns shown of a running story.
const MAX_TURNS: usize = 4;
/// The longest summary, in words.
const SUMMARY_WORDS: usize = 60;
/// Articles of a story that are compared to find the one to quote.
const MAX_COMPARED: usize = 60;

/// The item of a story; none when it has no article.
pub(crate) fn item_view(
    story: &StoryInput,
    input: &EditionInput,
    edit: &StoryEdit,
    score: ScoreParts,
) -> Option<ItemView> {
    let fresh = fresh_articles(story, input.from);
    let (i, summary) = summary::quoted(&fresh, SUMMARY_WORDS)?;
    let quoted = &fresh[i];
    let rewritten = |text: &Option<String>, max| text.as_deref().map(|t| capped(t, max)).filter(|t| !t.is_empty());
    Some(ItemView {
        story: story.id,
        headline: rewritten(&edit.headline, MAX_HEADLINE).unwrap_or_else(|| headline(quoted)),
        outlet: capped(&quoted.outlet, MAX_NAME),
        time: time(quoted.published),
        summary: rewritten(&edit.summary, MAX_NOTE).unwrap_or_else(|| with_initials(&summary)),
        url: link(quoted.url.as_deref()),
        also: also(&fresh, quoted),
        n_outlets: outlets(&story.articles).len(),
        field: field_of(story, input).map(|t| capped(&t.name, MAX_NAME)),
        severity: severity(story),
        facts: facts(story),
        news: if story.is_late { Vec::new() } else { news_since(&story.articles, input.from) },
        timeline: running(story, input.from),
        assessment: rewritten(&edit.assessment, MAX_NOTE),
        is_late: story.is_late,
        score,
    })
}

/// The turns of a flagged story that began before the window, as ready lines; empty for any other.
fn running(story: &StoryInput, from: DateTime<Utc>) -> Vec<String> {
    let is_watched = !story.flags.is_empty() || story.case.is_some();
    let has = |before: bool| story.articles.iter().any(|a| (a.published < from) == before);
    if !is_watched || !has(true) || !has(false) {
        return Vec::new();
    }
    let turns = timeline(&story.articles, MAX_TURNS);
    turns.iter().map(|t| format!("{}: {} ({})", time(t.at), t.headline, t.outlet)).collect()
}

/// The articles of the window in the order of publication; all of them when none is of the window.
fn fresh_articles(story: &StoryInput, from: DateTime<Utc>) -> Vec<ArticleInput> {
    let mut articles: Vec<&ArticleInput> = story.articles.iter().filter(|a| a.published >= from).collect();
    if articles.is_empty() {
        articles = story.articles.iter().collect();
    }
    articles.sort_by_key(|a| (a.published, a.id));
    articles.into_iter().take(MAX_COMPARED).cloned().collect()
}

pub(crate) fn headline(article: &ArticleInput) -> String {
    let title = capped(&with_initials(&article.text.title), MAX_HEADLINE);
    if !title.is_empty() {
        return title;
    }
    let lead = capped(&with_initials(&article.text.lead), MAX_HEADLINE);
    if lead.is_empty() { "(Bài không có tiêu đề)".to_owned() } else { lead }
}

/// Distinct outlets in the order of their first article.
pub(crate) fn outlets(articles: &[ArticleInput]) -> Vec<&ArticleInput> {
    let mut sorted: Vec<&ArticleInput> = articles.iter().collect();
    sorted.sort_by_key(|a| (a.published, a.id));
    let mut seen = HashSet::new();
    sorted.retain(|a| seen.insert(a.outlet.as_str()));
    sorted
}

fn also(articles: &[ArticleInput], quoted: &ArticleInput) -> Vec<AlsoView> {
    outlets(articles)
        .into_iter()
        .filter(|a| a.outlet != quoted.outlet)
        .map(|a| AlsoView { outlet: capped(&a.outlet, MAX_NAME), url: link(a.url.as_deref()) })
        .collect()
}

pub(crate) fn severity(story: &StoryInput) -> Option<Severity> {
    story.flags.iter().map(|f| f.severity).max()
}

/// Short neutral facts about a flagged story, in the order they are asked for.
pub(crate) fn facts(story: &StoryInput) -> Vec<String> {
    let mut facts = Vec::new();
    let mut rules: Vec<&str> = Vec::new();
    for flag in &story.flags {
        if !rules.contains(&flag.rule_name.as_str()) && rules.len() < 2 {
            rules.push(&flag.rule_name);
        }
    }
    facts.extend(rules.into_iter().map(|r| capped(r, MAX_NAME)).filter(|r| !r.is_empty()));
    facts.extend(story.reported.iter().map(|r| capped(&with_initials(r), MAX_NOTE)));
    facts.extend(standing(story));
    facts.extend(answer(story));
    facts.extend(case_facts(story));
    facts
}

/// For an incident above Green: on whose word it stands. Nobody is blamed before a conclusion.
fn standing(story: &StoryInput) -> Option<String> {
    let incident = story.flags.iter().filter(|f| f.kind == FlagKind::Incident).map(|f| f.severity).max()?;
    if incident == Severity::Green {
        return None;
    }
    let outlets = outlets(&story.articles);
    Some(match (outlets.iter().find(|a| a.tier == Tier::Gov), outlets.as_slice()) {
        (Some(official), _) => format!("có thông tin chính thức ({})", capped(&official.outlet, MAX_NAME)),
        (None, [only]) => format!("theo {} phản ánh, chưa có kết luận", capped(&only.outlet, MAX_NAME)),
        (None, _) => "theo báo chí phản ánh, chưa có kết luận".to_owned(),
    })
}

/// For a falsehood: who answered it, or that nobody has.
fn answer(story: &StoryInput) -> Option<String> {
    let mut stances = story.flags.iter().filter(|f| f.kind == FlagKind::Misinformation).peekable();
    stances.peek()?;
    let answered = stances.any(|f| matches!(f.stance, Some(Stance::Rebuttal | Stance::Mixed)));
    let official = outlets(&story.articles).into_iter().find(|a| a.tier == Tier::Gov);
    Some(match (answered, official) {
        (_, Some(article)) => format!("phản hồi chính thức: {}", capped(&article.outlet, MAX_NAME)),
        (true, None) => "báo chí đã dẫn lời bác bỏ hoặc cảnh báo".to_owned(),
        (false, None) => "khoảng trống: chưa thấy phản hồi chính thức".to_owned(),
    })
}

/// The case's number and state, who answers, by when.
pub(crate) fn case_facts(story: &StoryInput) -> Vec<String> {
    let Some(case) = &story.case else {
        return Vec::new();
    };
    let mut facts = vec![format!("vụ việc số {}: {}", case.number, capped(&case.state, MAX_NAME))];
    if let Some(owner) = case.owner.as_deref().map(|o| capped(o, MAX_NAME)).filter(|o| !o.is_empty()) {
        facts.push(format!("đầu mối trả lời: {owner}"));
    }
    if let Some(deadline) = case.deadline {
        facts.push(format!("hạn: {}", time(deadline)));
    }
    facts
}
