//! Who wrote it, as names: several in one byline, credits, initials.

use html5ever::local_name;

use crate::phrases;
use crate::plain::{self, squashed};
use crate::reading::Reading;
use crate::tag::Tag;
use crate::title;
use crate::vocab::Hints;

const MAX_AUTHORS: usize = 12;
/// Accounts that content systems put in a byline's place.
const LOGINS: &[&str] = &[
    "admin",
    "administrator",
    "webmaster",
    "quản trị",
    "quản trị viên",
    "editor",
    "root",
    "user",
    "author",
    "tác giả",
];

/// Decides the authors. `credits` are the lines at the body's end, where a byline often stands.
pub(crate) fn authors(reading: &mut Reading<'_>, credits: &[String]) -> Vec<String> {
    let outlet = title::outlet_names(reading);
    let mut own: Option<(&'static str, Vec<String>)> = None;
    for (from, raw) in candidates(reading, credits) {
        let names = names(&raw, reading);
        if names.is_empty() {
            if raw.iter().any(|r| !r.is_empty()) {
                reading.note("authors", from, raw.join("; "));
            }
            continue;
        }
        let people: Vec<String> = names.iter().filter(|n| !title::is_outlet(n, &outlet)).cloned().collect();
        if people.is_empty() {
            reading.note("authors", from, format!("{}: the outlet itself", names.join("; ")));
            own = own.or(Some((from, names)));
            continue;
        }
        reading.choose("authors", from, people.join("; "));
        return people;
    }
    let Some((from, names)) = own else { return Vec::new() };
    reading.choose("authors", from, names.join("; "));
    names
}

fn candidates(reading: &mut Reading<'_>, credits: &[String]) -> Vec<(&'static str, Vec<String>)> {
    let mut out = Vec::new();
    let rules = reading.page.rules.author.clone();
    let selected = reading.selected("author", &rules);
    out.push(("selector", selected.iter().map(|&at| reading.outline.text_of(at)).collect()));
    if let Some(json) = &reading.json.article {
        out.push(("json-ld", json.authors.clone()));
    }
    let metas = [
        "author",
        "article:author",
        "dc.creator",
        "dcterms.creator",
        "parsely-author",
        "sailthru.author",
        "byl",
        "cxenseparse:author",
    ];
    for key in metas {
        out.push(("meta", reading.meta.all(key).iter().map(|v| plain::line(v)).collect()));
    }
    out.push(("byline", bylines(reading)));
    out.push(("last line", credits.iter().filter(|c| phrases::is_byline(c)).cloned().collect()));
    out
}

fn bylines(reading: &Reading<'_>) -> Vec<String> {
    let outline = reading.outline;
    let rel = outline.elements.iter().enumerate().filter(|(_, e)| {
        ((e.tag == Tag::A && e.attr(&local_name!("rel")) == Some("author")) || e.hints.has(Hints::AUTHOR))
            && !e.hints.has(Hints::COMMENTS.with(Hints::RELATED))
    });
    let mut out: Vec<String> = Vec::new();
    for (at, _) in rel.take(12) {
        let text = plain::line(&outline.text_of(at as u32));
        if !text.is_empty()
            && text.chars().count() <= 80
            && !out.iter().any(|o| o.contains(&text) || text.contains(o.as_str()))
        {
            out.push(text);
        }
    }
    out
}

/// Splits and cleans bylines; what names the outlet itself counts only when nothing else is there.
fn names(raw: &[String], reading: &Reading<'_>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for text in raw.iter().take(20) {
        for part in split(without_credit(text)) {
            let name = clean(part);
            if !is_plausible(&name, reading) {
                continue;
            }
            let key = squashed(&name);
            if !key.is_empty() && !out.iter().any(|o| squashed(o) == key) && out.len() < MAX_AUTHORS {
                out.push(name);
            }
        }
    }
    out
}

fn split(text: &str) -> Vec<&str> {
    let mut parts = vec![text];
    for separator in [" và ", " and ", " und ", " et ", " y ", ";", " - ", " – ", " & ", "|", " / ", "\n", ", "] {
        parts = parts.into_iter().flat_map(|p| p.split(separator)).collect();
    }
    parts
}

fn clean(part: &str) -> String {
    plain::line(without_credit(part.trim().trim_matches(['(', ')', ',', '.', ':', '*', ' ', '-', '–'])))
}

/// What stands after "By", "Bài, ảnh:" and the like.
fn without_credit(text: &str) -> &str {
    let mut text = text.trim();
    for lead in [
        "By ",
        "by ",
        "BY ",
        "Von ",
        "von ",
        "Par ",
        "Por ",
        "Tác giả:",
        "Tác giả ",
        "Thực hiện:",
        "Bài:",
        "Bài, ảnh:",
        "Bài và ảnh:",
        "Biên dịch:",
        "Author:",
        "bởi ",
        "Bởi ",
        "Đăng bởi ",
        "Đăng bởi: ",
        "Người đăng:",
        "Viết bởi ",
        "Viết bởi: ",
        "Theo tác giả ",
        "Posted by ",
        "Written by ",
    ] {
        if let Some(rest) = text.strip_prefix(lead) {
            text = rest.trim();
        }
    }
    text
}

fn is_plausible(name: &str, reading: &Reading<'_>) -> bool {
    let n_chars = name.chars().count();
    let host = reading.page.url.host();
    (2..=60).contains(&n_chars)
        && !name.contains("://")
        && !name.contains('@')
        && !name.starts_with("Theo ")
        && !name.starts_with("theo ")
        && !name.contains(':')
        && name.split(' ').count() <= 7
        && name.chars().any(char::is_alphabetic)
        && name.chars().filter(char::is_ascii_digit).count() <= 2
        && !host.ends_with(&name.to_ascii_lowercase())
        && !LOGINS.contains(&name.to_lowercase().as_str())
}

/// Whom a text credits as its source: "(Theo Tiền Phong)", "Nguồn: VTV".
pub(crate) fn credited_source(lines: &[&str]) -> Option<String> {
    lines.iter().rev().take(4).find_map(|line| credit(line))
}

fn credit(line: &str) -> Option<String> {
    let line = line.trim();
    let text = match line.rsplit_once('(') {
        Some((_, inside)) if inside.ends_with(')') => inside.trim_end_matches(')'),
        _ => line,
    };
    let rest = ["Theo: ", "Theo ", "theo ", "Nguồn: ", "Nguồn ", "Nguồn tin: ", "Nguồn tin "]
        .iter()
        .find_map(|p| text.strip_prefix(p))?;
    let name = rest.trim().trim_matches(['.', ':', '"', '“', '”', ' ']);
    let name = name.split(['/', '-', ';']).next().unwrap_or(name).trim();
    let n_words = name.split_whitespace().count();
    (1..=6)
        .contains(&n_words)
        .then_some(name)
        .filter(|n| n.chars().next().is_some_and(char::is_uppercase) && !n.contains(','))
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expect: Option<&str>) {
        assert_eq!(credited_source(&[line]).as_deref(), expect, "{line}");
    }

    #[test]
    fn credits_name_their_source() {
        check("Theo Báo Thử Nghiệm", Some("Báo Thử Nghiệm"));
        check("Người bệnh đã xuất viện. (Theo Tin Mẫu)", Some("Tin Mẫu"));
        check("Theo bác sĩ, người bệnh đã khỏe.", None);
        check("Theo Bộ Y tế, cả nước có thêm 20 ca bệnh trong tuần qua.", None);
        check("Nguồn: Tin Mẫu", Some("Tin Mẫu"));
    }

    #[test]
    fn bylines_fall_into_names() {
        let parts: Vec<String> = split("By An Bình and Lê C.").into_iter().map(clean).collect();
        assert_eq!(parts, ["An Bình", "Lê C"]);
    }
}
