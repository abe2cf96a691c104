//! `diembao show ID --versions`: what an article's page said over time, and the difference by sentence.

use std::io::Write;

use diembao_news::ArticleText;
use diembao_store::{Change, PageVersion};
use serde_json::{Value, json};
use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::output::{local_long, rfc3339};

/// One sentence that came or went.
enum Edit<'t> {
    Gone(&'t str),
    New(&'t str),
}

/// Prints every version as its difference from the one before.
pub(crate) fn print(out: &mut impl Write, versions: &[PageVersion]) -> std::io::Result<()> {
    if versions.is_empty() {
        return writeln!(out, "the page has not changed since it was first read, or was not looked at again");
    }
    let mut before: Option<&ArticleText> = None;
    for version in versions {
        let at = local_long(version.seen_at);
        match &version.change {
            Change::Gone(why) => writeln!(out, "{at}  taken down: {why}")?,
            Change::Back => writeln!(out, "{at}  there again")?,
            Change::Text(text) => {
                match before {
                    None => writeln!(out, "{at}  first read: {}", text.title)?,
                    Some(old) => print_difference(out, &at, old, text)?,
                }
                before = Some(text);
            }
        }
    }
    Ok(())
}

fn print_difference(out: &mut impl Write, at: &str, old: &ArticleText, new: &ArticleText) -> std::io::Result<()> {
    writeln!(out, "{at}  changed")?;
    for (name, old, new) in parts(old, new) {
        for edit in difference(old, new) {
            match edit {
                Edit::Gone(sentence) => writeln!(out, "  {name:<5} - {sentence}")?,
                Edit::New(sentence) => writeln!(out, "  {name:<5} + {sentence}")?,
            }
        }
    }
    Ok(())
}

/// The versions as JSON objects, in order.
pub(crate) fn as_json(versions: &[PageVersion]) -> Vec<Value> {
    let mut before: Option<&ArticleText> = None;
    let mut rows = Vec::with_capacity(versions.len());
    for version in versions {
        let seen = rfc3339(version.seen_at);
        rows.push(match &version.change {
            Change::Gone(why) => json!({"seen_at": seen, "kind": "gone", "reason": why}),
            Change::Back => json!({"seen_at": seen, "kind": "back"}),
            Change::Text(text) => {
                let edits = before.map(|old| edits_json(old, text)).unwrap_or_default();
                before = Some(text);
                json!({"seen_at": seen, "kind": "text", "title": text.title, "lead": text.lead, "body": text.body,
                       "edits": edits})
            }
        });
    }
    rows
}

fn edits_json(old: &ArticleText, new: &ArticleText) -> Vec<Value> {
    let edits = |(name, old, new)| {
        difference(old, new).into_iter().map(move |edit| match edit {
            Edit::Gone(sentence) => json!({"part": name, "removed": sentence}),
            Edit::New(sentence) => json!({"part": name, "added": sentence}),
        })
    };
    parts(old, new).into_iter().flat_map(edits).collect()
}

fn parts<'t>(old: &'t ArticleText, new: &'t ArticleText) -> [(&'static str, &'t str, &'t str); 3] {
    [("title", &old.title, &new.title), ("lead", &old.lead, &new.lead), ("body", &old.body, &new.body)]
}

fn difference<'t>(old: &'t str, new: &'t str) -> Vec<Edit<'t>> {
    let (old, new) = (sentences(old), sentences(new));
    let mut edits = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, &old, &new) {
        if !matches!(op, DiffOp::Equal { .. }) {
            edits.extend(old[op.old_range()].iter().map(|s| Edit::Gone(s)));
            edits.extend(new[op.new_range()].iter().map(|s| Edit::New(s)));
        }
    }
    edits
}

fn sentences(text: &str) -> Vec<&str> {
    diembao_text::sentences(text).into_iter().map(|range| text[range].trim()).filter(|s| !s.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_sentence_that_changed_is_shown() {
        let text =
            |body: &str| ArticleText {
                title: "Ngộ độc tại trường".into(), lead: String::new(), body: body.into()
            };
        let at = |s: &str| s.parse().unwrap();
        let versions = [
            PageVersion {
                seen_at: at("2026-11-21T00:00:00Z"),
                change: Change::Text(text(
                    "Sáng 20/11, 12 học sinh nhập viện. Nguyên nhân chưa rõ. Sở Y tế đang xác minh.",
                )),
            },
            PageVersion {
                seen_at: at("2026-11-21T01:00:00Z"),
                change: Change::Text(text(
                    "Sáng 20/11, 30 học sinh nhập viện. Nguyên nhân chưa rõ. Sở Y tế đang xác minh.",
                )),
            },
            PageVersion { seen_at: at("2026-11-21T06:00:00Z"), change: Change::Gone("status 404".into()) },
        ];
        let mut out = Vec::new();
        print(&mut out, &versions).unwrap();
        let expected = "2026-11-21 07:00  first read: Ngộ độc tại trường\n\
                        2026-11-21 08:00  changed\n  \
                        body  - Sáng 20/11, 12 học sinh nhập viện.\n  \
                        body  + Sáng 20/11, 30 học sinh nhập viện.\n\
                        2026-11-21 13:00  taken down: status 404\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
        assert_eq!(as_json(&versions)[1]["edits"].as_array().unwrap().len(), 2);
    }
}
