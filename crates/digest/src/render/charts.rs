//! What an edition is about and who carries it, as ranked counts for small bar charts.

use std::collections::BTreeMap;

use crate::wording::{capped, number};
use crate::{EditionView, ItemView};

/// Bars of a chart.
const MAX_BARS: usize = 6;
/// The longest label, in characters.
const MAX_LABEL: usize = 26;
/// Fewer stories are counted at a glance.
const MIN_ITEMS: usize = 4;

/// A bar chart: its title, and names with their counts, the greatest first.
pub(super) struct Chart {
    pub(super) title: &'static str,
    pub(super) bars: Vec<(String, usize)>,
}

/// By field and by outlet; none on a day with so little news that there is nothing to rank.
pub(super) fn charts(view: &EditionView) -> Vec<Chart> {
    let items = || view.sections.iter().flat_map(|s| &s.groups).flat_map(|g| &g.items);
    if items().count() < MIN_ITEMS {
        return Vec::new();
    }
    let fields = items().map(|i| i.field.as_deref().unwrap_or("Chưa xếp lĩnh vực"));
    vec![
        Chart { title: "Tin theo lĩnh vực", bars: ranked(fields, "lĩnh vực khác") },
        Chart { title: "Tin theo báo", bars: ranked(items().flat_map(outlets), "báo khác") },
    ]
}

fn outlets(item: &ItemView) -> impl Iterator<Item = &str> {
    std::iter::once(item.outlet.as_str()).chain(item.also.iter().map(|a| a.outlet.as_str()))
}

/// The most frequent names; what is left over as one bar.
fn ranked<'a>(names: impl Iterator<Item = &'a str>, rest_name: &str) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    let shown = if counts.len() > MAX_BARS { MAX_BARS - 1 } else { counts.len() };
    let rest = counts.split_off(shown);
    let mut bars: Vec<(String, usize)> = counts.into_iter().map(|(name, n)| (capped(name, MAX_LABEL), n)).collect();
    if !rest.is_empty() {
        bars.push((format!("{} {rest_name}", number(rest.len())), rest.iter().map(|(_, n)| n).sum()));
    }
    bars
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_come_first_and_the_rest_is_one_bar() {
        let names = ["b", "a", "b", "c", "d", "e", "f", "g"];
        let bars = ranked(names.into_iter(), "báo khác");
        let shown: Vec<(&str, usize)> = bars.iter().map(|(name, n)| (name.as_str(), *n)).collect();
        assert_eq!(shown, [("b", 2), ("a", 1), ("c", 1), ("d", 1), ("e", 1), ("2 báo khác", 2)]);
        assert_eq!(ranked(["a"; 3].into_iter(), "báo khác"), [("a".to_owned(), 3)]);
    }
}
