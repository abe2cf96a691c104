//! On which side an article stands: does it make the claim, answer it, or both?

use diembao_news::Stance;

use crate::compiled::{FlagRule, StanceRule};
use crate::condition::Seen;
use crate::phrases::GroupId;
use crate::scan::{Hit, Zone};

/// Syllables before a claim in which an attribution ("quảng cáo", "tự xưng", "cho rằng") takes it from the outlet.
const ATTRIBUTION: u32 = 10;

/// Hits of a kind that are compared with each other.
const MOST: usize = 256;

/// The stance; none when nothing is claimed and nothing answered.
pub(crate) fn stance(rule: &FlagRule, stance: Option<&StanceRule>, seen: &Seen<'_>) -> Option<Stance> {
    let claims: Vec<&Hit> = all(&rule.claims, seen);
    let Some(stance) = stance else {
        return (!claims.is_empty()).then_some(Stance::Claim);
    };
    let rebuttals = all(&stance.rebuttal, seen);
    let subjects = all(&stance.subjects, seen);
    let attributions = all(&stance.attribution, seen);
    let own = claims.iter().filter(|c| !is_reported(c, &attributions, seen)).count();
    let answered = rebuttals.iter().any(|r| {
        r.zone <= Zone::Lead
            || r.zone == Zone::Opening && seen.doc.has_headline()
            || subjects.iter().any(|s| near(r, s, stance.within))
            || claims.iter().any(|c| near(r, c, stance.within))
    });
    let selling = all(&stance.selling, seen).len() >= 2;
    match (claims.is_empty(), own > 0, answered) {
        (_, _, true) if selling && own > 0 => Some(Stance::Mixed),
        (_, _, true) => Some(Stance::Rebuttal),
        (true, _, false) => None,
        (false, true, false) => Some(Stance::Claim),
        (false, false, false) => Some(Stance::Mixed),
    }
}

fn all<'a>(groups: &[GroupId], seen: &Seen<'a>) -> Vec<&'a Hit> {
    groups.iter().flat_map(|&g| seen.of_group(g)).take(MOST).collect()
}

fn near(a: &Hit, b: &Hit, within: u32) -> bool {
    let gap = if a.first >= b.last { a.first - b.last } else { b.first.saturating_sub(a.last) };
    a.sentence == b.sentence && gap <= within
}

/// Whether the words are another's: in quotation marks, in a question, or after an attribution in the same sentence.
fn is_reported(claim: &Hit, attributions: &[&Hit], seen: &Seen<'_>) -> bool {
    seen.doc.is_quoted(claim.first, claim.last)
        || seen.doc.sentences[claim.sentence as usize].question
        || attributions
            .iter()
            .any(|a| a.sentence == claim.sentence && a.last <= claim.first && claim.first - a.last <= ATTRIBUTION)
}
