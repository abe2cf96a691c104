//! The week, the fields and the outlets of an edition as small bar charts.

use std::collections::BTreeMap;

use diembao_digest::{EditionView, ItemView, phrases};

use crate::fonts::printable;
use crate::{Bar, Chart};

/// Bars of a chart that ranks.
const MAX_BARS: usize = 7;
/// The longest label, in characters.
const MAX_LABEL: usize = 22;

/// The charts of an edition; those without data are left out.
pub(crate) fn charts(view: &EditionView) -> Vec<Chart> {
    let items = || view.sections.iter().flat_map(|s| &s.groups).flat_map(|g| &g.items);
    let by_field = ranked(items().map(|i| i.field.as_deref().unwrap_or("Chưa xếp lĩnh vực")));
    let by_outlet = ranked(items().flat_map(outlets));
    let charts =
        [("Bài về y tế theo ngày (sự cố)", trend(view)), ("Tin theo lĩnh vực", by_field), ("Tin theo báo", by_outlet)];
    let chart = |(title, bars): (&str, Vec<Bar>)| Chart { title: title.to_owned(), bars };
    charts.into_iter().filter(|(_, bars)| bars.iter().any(|b| b.n > 0)).map(chart).collect()
}

fn outlets(item: &ItemView) -> impl Iterator<Item = &str> {
    std::iter::once(item.outlet.as_str()).chain(item.also.iter().map(|a| a.outlet.as_str()))
}

fn trend(view: &EditionView) -> Vec<Bar> {
    let shown = &view.trend[view.trend.len().saturating_sub(phrases::MAX_TREND)..];
    let bar = |d: &diembao_digest::DayCount| Bar {
        label: format!("{} {}", phrases::weekday_short(d.day), phrases::short_day(d.day)),
        n: d.n_health,
        marked: d.n_incidents.min(d.n_health),
    };
    shown.iter().map(bar).collect()
}

/// The most frequent names; the rest as one bar.
fn ranked<'a>(names: impl Iterator<Item = &'a str>) -> Vec<Bar> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    let bar = |label: &str, n| Bar { label: printable(&phrases::capped(label, MAX_LABEL)), n, marked: 0 };
    let rest = counts.split_off(counts.len().min(if counts.len() > MAX_BARS { MAX_BARS - 1 } else { MAX_BARS }));
    let mut bars: Vec<Bar> = counts.into_iter().map(|(name, n)| bar(name, n)).collect();
    if !rest.is_empty() {
        bars.push(bar(&format!("{} mục khác", rest.len()), rest.iter().map(|(_, n)| n).sum()));
    }
    bars
}
