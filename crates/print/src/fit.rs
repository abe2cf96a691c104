//! Which items are told in full on paper, and which as a line: nothing is left out.

use diembao_digest::{EditionView, ItemView, Section};

/// Lines of text that items told in full may take: what is left of four pages after head, highlights and charts.
const ROOM: usize = 62;
/// Items of "Thông tin cần lưu ý" and "Tin giả" that are told in full whatever the room.
const ALWAYS: usize = 12;
/// Items of every section that come before the rest.
const FIRST_OF_SECTION: usize = 2;
/// Letters of a line of body text, by measure of the embedded face at 13 pt on 162 mm.
const LINE: usize = 84;

/// Whether each item is told in full, by section, group and item.
pub(crate) fn full_items(view: &EditionView) -> Vec<Vec<Vec<bool>>> {
    let mut order = Vec::new();
    for (s, section) in view.sections.iter().enumerate() {
        let warned = matches!(section.section, Section::Attention | Section::Misinformation);
        let items = section
            .groups
            .iter()
            .enumerate()
            .flat_map(|(g, group)| group.items.iter().enumerate().map(move |(i, item)| ((s, g, i), item)));
        for (rank, (place, item)) in items.enumerate() {
            let class = match (warned, rank) {
                (true, rank) if rank < ALWAYS => 0,
                (_, rank) if rank < FIRST_OF_SECTION => 1,
                _ => 2,
            };
            #[expect(clippy::cast_possible_truncation, reason = "scores are below a thousand")]
            let thousandths = (item.score.total() * 1000.0) as i64;
            order.push((class, -thousandths, place, n_lines(item)));
        }
    }
    order.sort_unstable();
    let mut full: Vec<Vec<Vec<bool>>> =
        view.sections.iter().map(|s| s.groups.iter().map(|g| vec![false; g.items.len()]).collect()).collect();
    let mut used = 0;
    let mut has_room = true;
    for (class, _, (s, g, i), lines) in order {
        used += lines;
        has_room &= used <= ROOM;
        full[s][g][i] = class == 0 || has_room;
    }
    full
}

/// The lines an item takes when told in full.
fn n_lines(item: &ItemView) -> usize {
    let lines = |text: &str| text.chars().count().div_ceil(LINE);
    let more = |texts: &[String]| lines(&texts.join("; "));
    1 + lines(&item.headline)
        + lines(&item.summary)
        + more(&item.facts)
        + more(&item.news)
        + more(&item.timeline)
        + usize::from(!item.also.is_empty())
        + item.assessment.as_deref().map_or(0, lines)
}
