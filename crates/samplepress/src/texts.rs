//! The hand-written articles: reads the files in `press/`.
//!
//! ```text
//! = event | health or other | topics | severity or - | stance or -
//! + outlet | day 1–3 | hh:mm | section | key=value …
//! Title
//! Lead
//! ! caption of the picture
//! Paragraph, one a line
//! ```
//! Lines that begin with `#` are comments. Hours go to 29:59, the early morning after the day.
//! `{d3}` is the date of press day 3 as "20/11", `{d3y}` with its year; any day may be named, `{d-4}`, `{d12}`.
//! The keys are `sev`, `stance`, `topics`, `reprint`; each overrides the event's.

use std::sync::OnceLock;

use crate::Labels;

/// One outlet's telling of an event, before it is placed in time.
#[derive(Debug, Clone)]
pub(crate) struct Telling {
    pub(crate) outlet: String,
    /// Press day, 1–3.
    pub(crate) day: i64,
    /// Minutes after that day's midnight.
    pub(crate) minute: i64,
    pub(crate) section: String,
    pub(crate) title: String,
    pub(crate) lead: String,
    pub(crate) caption: Option<String>,
    pub(crate) body: Vec<String>,
    pub(crate) labels: Labels,
    pub(crate) reprint_of: Option<String>,
}

const FILES: &[(&str, &str)] = &[
    ("press/01-su-co-do.txt", include_str!("../press/01-su-co-do.txt")),
    ("press/02-su-co-cam.txt", include_str!("../press/02-su-co-cam.txt")),
    ("press/03-vang-xanh.txt", include_str!("../press/03-vang-xanh.txt")),
    ("press/04-tin-gia.txt", include_str!("../press/04-tin-gia.txt")),
    ("press/05-chinh-sach.txt", include_str!("../press/05-chinh-sach.txt")),
    ("press/06-tot-va-dich.txt", include_str!("../press/06-tot-va-dich.txt")),
    ("press/07-tin-khac.txt", include_str!("../press/07-tin-khac.txt")),
    ("press/08-van-hoa-the-thao.txt", include_str!("../press/08-van-hoa-the-thao.txt")),
];

/// Every hand-written article, in the files' order.
pub(crate) fn tellings() -> &'static [Telling] {
    static ALL: OnceLock<Vec<Telling>> = OnceLock::new();
    ALL.get_or_init(|| FILES.iter().flat_map(|(_, text)| parse(text)).collect())
}

fn parse(text: &str) -> Vec<Telling> {
    let mut event = Labels::default();
    let mut out: Vec<Telling> = Vec::new();
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')) {
        if let Some(rest) = line.strip_prefix("= ") {
            event = parse_event(rest);
        } else if let Some(rest) = line.strip_prefix("+ ") {
            out.extend(parse_head(rest, &event));
        } else if let Some(telling) = out.last_mut() {
            add_line(telling, line);
        }
    }
    out
}

fn parse_event(rest: &str) -> Labels {
    let cells: Vec<&str> = rest.split('|').map(str::trim).collect();
    let cell = |i: usize| cells.get(i).copied().unwrap_or("-");
    Labels {
        event: cell(0).to_owned(),
        health: cell(1) == "health",
        topics: list(cell(2)),
        severity: stated(cell(3)),
        stance: stated(cell(4)),
    }
}

fn parse_head(rest: &str, event: &Labels) -> Option<Telling> {
    let cells: Vec<&str> = rest.split('|').map(str::trim).collect();
    let (hours, minutes) = cells.get(2)?.split_once(':')?;
    let mut telling = Telling {
        outlet: (*cells.first()?).to_owned(),
        day: cells.get(1)?.parse().ok()?,
        minute: hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?,
        section: (*cells.get(3)?).to_owned(),
        title: String::new(),
        lead: String::new(),
        caption: None,
        body: Vec::new(),
        labels: event.clone(),
        reprint_of: None,
    };
    for (key, value) in cells.iter().skip(4).flat_map(|c| c.split_whitespace()).filter_map(|kv| kv.split_once('=')) {
        match key {
            "sev" => telling.labels.severity = stated(value),
            "stance" => telling.labels.stance = stated(value),
            "topics" => telling.labels.topics = list(value),
            "reprint" => telling.reprint_of = Some(value.to_owned()),
            _ => {}
        }
    }
    Some(telling)
}

fn add_line(telling: &mut Telling, line: &str) {
    if let Some(caption) = line.strip_prefix("! ") {
        telling.caption = Some(caption.to_owned());
    } else if telling.title.is_empty() {
        telling.title = line.to_owned();
    } else if telling.lead.is_empty() {
        telling.lead = line.to_owned();
    } else {
        telling.body.push(line.to_owned());
    }
}

fn stated(cell: &str) -> Option<String> {
    (cell != "-" && !cell.is_empty()).then(|| cell.to_owned())
}

fn list(cell: &str) -> Vec<String> {
    cell.split(',').map(str::trim).filter(|t| !t.is_empty() && *t != "-").map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parser is lenient, so the files are held to their form here.
    #[test]
    fn every_line_of_the_files_has_its_form() {
        for (file, text) in FILES {
            for (n, line) in text.lines().enumerate() {
                if let Some(rest) = line.strip_prefix("= ") {
                    assert_eq!(rest.split('|').count(), 5, "{file}:{}", n + 1);
                } else if let Some(rest) = line.strip_prefix("+ ") {
                    assert!(parse_head(rest, &Labels::default()).is_some(), "{file}:{}", n + 1);
                }
            }
            let parsed = parse(text);
            assert_eq!(parsed.len(), text.lines().filter(|l| l.starts_with("+ ")).count(), "{file}");
            for telling in parsed {
                assert!((1..=3).contains(&telling.day), "{file}: {}", telling.title);
                assert!(telling.body.len() >= 3, "{file}: {}", telling.title);
                assert!(
                    crate::outlets::hand_made().iter().any(|o| o.id == telling.outlet),
                    "{file}: {}",
                    telling.outlet
                );
                assert!(crate::outlets::section_name(&telling.section).is_some(), "{file}: {}", telling.section);
            }
        }
    }
}
