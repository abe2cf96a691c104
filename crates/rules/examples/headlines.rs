//! Measures rules on lists of labelled headlines (the format of `tests/headlines.txt`) and prints every mistake.
//! `headlines LIST… -- RULES_DIR…`

use std::error::Error;

use diembao_news::{ArticleText, FlagKind, Severity};
use diembao_rules::{RuleFile, RuleSet};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (lists, dirs) =
        args.split_at(args.iter().position(|a| a == "--").ok_or("usage: headlines LIST… -- RULES_DIR…")?);
    let mut texts = Vec::new();
    for entry in dirs.iter().skip(1).map(std::fs::read_dir).collect::<Result<Vec<_>, _>>()?.into_iter().flatten() {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "toml") && !path.ends_with("synonyms.toml") {
            texts.push((path.display().to_string(), std::fs::read_to_string(&path)?));
        }
    }
    texts.sort();
    let files: Vec<RuleFile<'_>> = texts.iter().map(|(name, text)| RuleFile { name, text }).collect();
    let (rules, _) = RuleSet::parse(&files).map_err(|p| p.iter().map(|p| format!("{p}\n")).collect::<String>())?;
    for list in lists {
        measure(&rules, list, &std::fs::read_to_string(list)?);
    }
    Ok(())
}

fn measure(rules: &RuleSet, name: &str, text: &str) {
    let (mut found, mut missed, mut alarms, mut silent, mut graded) = (0, 0, 0, 0, 0);
    for line in text.lines().filter(|l| !l.starts_with('#') && !l.trim().is_empty()) {
        let columns: Vec<&str> = line.splitn(5, ' ').collect();
        let [_, _, level, _, headline] = columns[..] else { continue };
        let (title, lead) = headline.split_once('|').unwrap_or((headline, ""));
        let text = ArticleText { title: title.trim().into(), lead: lead.trim().into(), body: String::new() };
        let wanted =
            [("đỏ", Severity::Red), ("cam", Severity::Orange), ("vàng", Severity::Yellow), ("xanh", Severity::Green)]
                .into_iter()
                .find_map(|(name, s)| (name == level).then_some(s));
        let seen = rules.classify(&text, None);
        let got = seen.severity(FlagKind::Incident);
        match (wanted, got) {
            (Some(_), Some(_)) => found += 1,
            (Some(_), None) => missed += 1,
            (None, Some(_)) => alarms += 1,
            (None, None) => silent += 1,
        }
        graded += usize::from(wanted.is_some() && wanted == got);
        if wanted != got {
            let by: Vec<&str> = seen.flags.iter().map(|f| f.rule.as_str()).collect();
            let show = |s: Option<Severity>| s.map_or("-", Severity::label);
            println!("  {:>4} got {:<4} {} | {headline}", show(wanted), show(got), by.join(" "));
            for rule in rules.explain(&text, None).rules.iter().filter(|r| r.kind.is_some()).take(3) {
                let held: Vec<&str> = rule.steps.iter().filter(|s| s.1).map(|s| s.0.as_str()).collect();
                println!(
                    "         {} {:.1}/{:.1} {held:?} {:?}",
                    rule.id, rule.score, rule.threshold, rule.suppressed_by
                );
            }
        }
    }
    let n = found + missed;
    println!(
        "{name}: incidents {n}, recall {:.3}, precision {:.3}, severity right {:.3}; other {}, false alarms {alarms}",
        f64::from(found) / f64::from(n),
        f64::from(found) / f64::from(found + alarms),
        f64::from(u32::try_from(graded).unwrap_or(0)) / f64::from(n),
        alarms + silent,
    );
}
