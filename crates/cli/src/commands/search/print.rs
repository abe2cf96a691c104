//! Answers for people: in the terminal, and as Markdown to hand on.

use std::io::{self, Write};
use std::ops::Range;

use diembao_news::Severity;
use diembao_pipeline::Home;
use diembao_search::{Answer, Facet, Hit, Unit};

use crate::output::{local_long, on_one_line};

/// What ids are called.
pub(crate) struct Names<'a>(pub(crate) &'a Home);

impl Names<'_> {
    /// The name of a facet's value.
    pub(crate) fn of(&self, facet: Facet, value: &str) -> String {
        let found = match facet {
            Facet::Outlet => self.0.outlets.iter().find(|o| o.id.as_str() == value).map(|o| o.name.clone()),
            Facet::Topic => self.0.rules.topics().find(|t| t.id == value).map(|t| t.name.clone()),
            Facet::Severity => Severity::parse(value).map(|s| s.label().to_owned()),
            _ => None,
        };
        found.unwrap_or_else(|| value.to_owned())
    }
}

/// Hits, one line each with its snippet under it; articles of one story stand together under its id.
pub(crate) fn terminal(out: &mut impl Write, answer: &Answer, names: &Names<'_>, unit: Unit) -> io::Result<()> {
    let what = if unit == Unit::Articles { "articles" } else { "stories" };
    writeln!(out, "{} {what}", answer.total)?;
    if unit == Unit::Articles {
        for (story, hits) in by_story(&answer.hits) {
            if let Some(story) = story {
                writeln!(out, "\nstory {story}")?;
            }
            hits.iter().try_for_each(|hit| one(out, hit, names))?;
        }
    } else {
        answer.hits.iter().try_for_each(|hit| one(out, hit, names))?;
    }
    for (facet, counts) in &answer.facets {
        writeln!(out, "\nby {} (articles)", facet.as_str())?;
        bars(out, &counts.iter().map(|(value, n)| (names.of(*facet, value), *n)).collect::<Vec<_>>())?;
    }
    if let Some(next) = answer.next {
        writeln!(out, "\nmore: --after {next}")?;
    }
    Ok(())
}

/// Hits in the order of their stories' first ones.
fn by_story(hits: &[Hit]) -> Vec<(Option<String>, Vec<&Hit>)> {
    let mut out: Vec<(Option<String>, Vec<&Hit>)> = Vec::new();
    for hit in hits {
        let story = hit.story.map(|s| s.to_string());
        match out.iter_mut().find(|(s, _)| story.is_some() && *s == story) {
            Some((_, several)) => several.push(hit),
            None => out.push((story, vec![hit])),
        }
    }
    out
}

fn one(out: &mut impl Write, hit: &Hit, names: &Names<'_>) -> io::Result<()> {
    let severity = hit.severity.map_or(String::new(), |s| format!("[{}] ", s.label()));
    let spread = if hit.n_articles < 2 {
        String::new()
    } else {
        format!(" · {} articles, {} outlets", hit.n_articles, hit.n_outlets)
    };
    let outlet = names.of(Facet::Outlet, &hit.outlet);
    let (time, title) = (local_long(hit.published), on_one_line(&hit.title));
    writeln!(out, "\n{time}  {severity}{title} ({outlet}{spread}) {}", hit.id)?;
    if !hit.snippet.text.is_empty() {
        writeln!(out, "    {}", marked(&hit.snippet.text, &hit.snippet.highlights, ["[", "]"]))?;
    }
    Ok(())
}

/// A text on one line with its highlights between two signs.
fn marked(text: &str, highlights: &[Range<usize>], [before, after]: [&str; 2]) -> String {
    let mut marked = String::with_capacity(text.len() + 4 * highlights.len());
    let mut at = 0;
    for range in highlights {
        if range.start < at || range.end > text.len() {
            continue;
        }
        marked.push_str(&text[at..range.start]);
        marked.push_str(before);
        marked.push_str(&text[range.clone()]);
        marked.push_str(after);
        at = range.end;
    }
    marked.push_str(&text[at..]);
    on_one_line(&marked)
}

/// Cells of the longest bar.
const CELLS: u64 = 40;
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// Counts as bars, to an eighth of a cell.
pub(crate) fn bars(out: &mut impl Write, counts: &[(String, u64)]) -> io::Result<()> {
    let most = counts.iter().map(|(_, n)| *n).max().unwrap_or(1).max(1);
    let widest = counts.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0).clamp(10, 44);
    for (name, n) in counts {
        let eighths = usize::try_from((n * CELLS * 8).div_ceil(most)).unwrap_or(0);
        let bar = format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8]);
        writeln!(out, "  {name:<widest$} {n:>7} {bar}")?;
    }
    Ok(())
}

/// An answer as Markdown in Vietnamese: a table of hits, a table for each count.
pub(crate) fn markdown(out: &mut impl Write, query: &str, answer: &Answer, names: &Names<'_>) -> io::Result<()> {
    writeln!(out, "### {}\n\nTìm thấy {} kết quả.", cell(query), answer.total)?;
    if !answer.hits.is_empty() {
        writeln!(out, "\n| Thời gian | Báo | Mức độ | Tin | Số bài | Số báo |\n|---|---|---|---|---:|---:|")?;
    }
    for hit in &answer.hits {
        let title = match &hit.url {
            Some(url) => format!("[{}](<{}>)", cell(&hit.title), url.replace(['<', '>', '|'], "")),
            None => cell(&hit.title),
        };
        let (time, outlet) = (local_long(hit.published), cell(&names.of(Facet::Outlet, &hit.outlet)));
        let severity = hit.severity.map_or("", Severity::label);
        writeln!(out, "| {time} | {outlet} | {severity} | {title} | {} | {} |", hit.n_articles, hit.n_outlets)?;
    }
    for (facet, counts) in &answer.facets {
        writeln!(out, "\n| {} | Số bài |\n|---|---:|", heading(*facet))?;
        for (value, n) in counts {
            writeln!(out, "| {} | {n} |", cell(&names.of(*facet, value)))?;
        }
    }
    Ok(())
}

fn heading(facet: Facet) -> &'static str {
    match facet {
        Facet::Outlet => "Báo",
        Facet::Topic => "Lĩnh vực",
        Facet::Flag => "Cảnh báo",
        Facet::Severity => "Mức độ",
        Facet::Province => "Tỉnh, thành phố",
        Facet::Facility => "Cơ sở",
        Facet::Section => "Chuyên mục",
        Facet::Day => "Ngày",
        Facet::Week => "Tuần bắt đầu ngày",
        Facet::Month => "Tháng",
    }
}

/// A text that stays inside its cell of a table and means nothing as Markdown.
fn cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in on_one_line(text).chars() {
        if matches!(c, '\\' | '|' | '*' | '_' | '`' | '[' | ']' | '<' | '>' | '#') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn highlights_stand_in_brackets() {
        let text = "ổ dịch\nở xa";
        let dich = text.find("dịch").unwrap();
        let found = std::slice::from_ref(&(dich..dich + "dịch".len())).to_vec();
        assert_eq!(marked(text, &found, ["[", "]"]), "ổ [dịch] ở xa");
        assert_eq!(marked(text, &[], ["[", "]"]), "ổ dịch ở xa");
    }

    #[test]
    fn bars_are_as_long_as_counts() {
        let mut out = Vec::new();
        bars(&mut out, &[("Báo Sen".to_owned(), 80), ("b".to_owned(), 1), ("c".to_owned(), 0)]).unwrap();
        let text = String::from_utf8(out).unwrap();
        let lengths: Vec<usize> = text.lines().map(|l| l.matches('█').count()).collect();
        assert_eq!(lengths, [40, 0, 0]);
        assert!(text.lines().nth(1).unwrap().ends_with('▌'), "{text}");
    }

    #[test]
    fn a_headline_cannot_leave_its_cell() {
        assert_eq!(cell("a|b\n[c](d) <e>"), "a\\|b \\[c\\](d) \\<e\\>");
    }
}
