//! How much of an edition stands on the pages that are read; the rest goes on its annex.

use diembao_digest::{EditionView, Fit, ItemView, Level, Sizes};

/// The pages of an edition, at most.
pub(crate) const MAX_PAGES: f64 = 4.0;
/// Between the margins of a page, in points.
const PAGE: f64 = 728.5;
/// What items may take at first, in points: four pages less head, highlights, sub-headings, charts and foot.
pub(crate) const ROOM: usize = 2_100;
/// Typesettings after which what fits is taken.
pub(crate) const MAX_TRIES: usize = 6;
/// What items told in full may take of the room, in hundredths: the first with which every story stands at least as a
/// line, else the least.
const FULL_SHARES: [usize; 4] = [100, 80, 65, 50];
const LEAST_SHARE: usize = 40;
/// Letters of a line of body text, by measure of the embedded face at 13 pt on 162 mm.
const LINE: usize = 84;
/// The same of smaller text, at 11.5 pt on 152 mm.
const SMALL_LINE: usize = 88;
/// From line to line of body text and of smaller text, in points, and around a paragraph of each.
const PITCH: (usize, usize) = (15, 4);
const SMALL_PITCH: (usize, usize) = (13, 6);

/// How each item is told when all of them may take so much room, in points.
pub(crate) fn levels(view: &EditionView, room: usize) -> Fit {
    let sizes: Vec<Vec<Vec<Sizes>>> =
        view.sections.iter().map(|s| s.groups.iter().map(|g| g.items.iter().map(sizes).collect()).collect()).collect();
    let choose = |share: usize| Fit::choose(view, &sizes, room * share / 100, room);
    let nothing_is_left = |fit: &Fit| (0..view.sections.len()).all(|s| fit.n(s, Level::Counted) == 0);
    FULL_SHARES.into_iter().map(choose).find(nothing_is_left).unwrap_or_else(|| choose(LEAST_SHARE))
}

/// The next room to try, after one with which an edition took so many pages: less if it took too many, else between
/// the most that `fits` and the least that is `too_much`. None when that would gain nothing.
pub(crate) fn next_room(room: usize, pages: f64, fits: Option<usize>, too_much: Option<usize>) -> Option<usize> {
    /// Nothing breaks exactly at the end of a page, in points.
    const SLACK: usize = 40;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive, a few thousand points")]
    let excess = ((pages - MAX_PAGES).max(0.0) * PAGE) as usize;
    match (fits, too_much) {
        (Some(fits), Some(too_much)) => (too_much - fits > SLACK).then(|| fits.midpoint(too_much)),
        (Some(_), None) => None,
        (None, _) => (room > 0).then(|| room.saturating_sub(excess + SLACK)),
    }
}

fn sizes(item: &ItemView) -> Sizes {
    let text = |s: &str, line: usize, (pitch, gap): (usize, usize)| match s.chars().count().div_ceil(line) {
        0 => 0,
        n => n * pitch + gap,
    };
    let small = |s: &str| text(s, SMALL_LINE, SMALL_PITCH);
    let source = item.outlet.chars().count() + item.field.as_ref().map_or(0, |f| f.chars().count()) + 20;
    let with_source = |s: &str| text(&format!("{s}{}", " ".repeat(source)), LINE, PITCH);
    Sizes {
        full: text(&item.headline, LINE, PITCH)
            + with_source(&item.summary)
            + small(&item.facts.join("; "))
            + small(&item.news.join("; "))
            + small(&item.timeline.join("; "))
            + if item.also.is_empty() { 0 } else { SMALL_PITCH.0 + SMALL_PITCH.1 }
            + item.assessment.as_deref().map_or(0, |a| text(a, LINE, PITCH) + 16),
        line: with_source(&item.headline),
    }
}
