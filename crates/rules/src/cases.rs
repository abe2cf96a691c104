//! Corrections by people, written into the text of a file of cases. What stands there stays as it is.

use toml::de::DeTable;

use crate::info::Expected;

/// One correction: what a rule should have said of a headline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// The rule's id; `gate` for the health decision.
    pub rule: String,
    /// The headline; a vertical bar begins the lead.
    pub headline: String,
    /// What is right.
    pub expected: Expected,
    /// Who says so.
    pub author: String,
    /// Why; may be empty.
    pub reason: String,
}

/// How a headline and its lead are written in examples and cases.
#[must_use]
pub fn case_headline(title: &str, lead: &str) -> String {
    let plain = |s: &str| s.replace('|', "/").split_whitespace().collect::<Vec<_>>().join(" ");
    match plain(lead) {
        lead if lead.is_empty() => plain(title),
        lead => format!("{} | {lead}", plain(title)),
    }
}

/// The text of a file of cases with a correction in it. Comments and order stay; of the same rule and headline
/// only the expectation is changed. None when the text is no TOML.
#[must_use]
pub fn with_correction(text: &str, correction: &Correction) -> Option<String> {
    let table = DeTable::parse(text).ok()?;
    let cases = table.get_ref().get("case").and_then(|c| c.get_ref().as_array());
    let same = cases.into_iter().flatten().find(|case| {
        let says = |key: &str, value: &str| case.get_ref().get(key).and_then(|v| v.get_ref().as_str()) == Some(value);
        says("rule", &correction.rule) && says("headline", &correction.headline)
    });
    if let Some(span) = same.and_then(|case| case.get_ref().get("expect")).map(|v| v.span()) {
        let (before, after) = (&text[..span.start], &text[span.end..]);
        return Some(format!("{before}{}{after}", quoted(correction.expected.as_str())));
    }
    let gap = if text.trim().is_empty() { "" } else { "\n\n" };
    let mut out = format!("{}{gap}[[case]]\n", text.trim_end());
    let lines = [
        ("rule", correction.rule.as_str()),
        ("headline", &correction.headline),
        ("expect", correction.expected.as_str()),
        ("author", &correction.author),
        ("reason", &correction.reason),
    ];
    for (key, value) in lines.into_iter().filter(|(_, value)| !value.is_empty()) {
        out.push_str(&format!("{key} = {}\n", quoted(value)));
    }
    Some(out)
}

fn quoted(value: &str) -> String {
    toml::Value::String(value.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use diembao_news::Severity;

    fn correction(expected: Expected) -> Correction {
        Correction {
            rule: "ngo-doc".into(),
            headline: case_headline("Ngộ độc \"ảo\"\n| trò đùa", "Không ai nhập viện."),
            expected,
            author: "N. T. A.".into(),
            reason: String::new(),
        }
    }

    #[test]
    fn a_case_is_appended_and_what_was_there_stays() {
        let text = "# của tổ trực\n[[case]] # cũ\nrule = \"gate\"\nheadline = \"A\"\nexpect = \"silent\"\n";
        let with = with_correction(text, &correction(Expected::Silent)).unwrap();
        assert!(with.starts_with(text.trim_end()), "{with}");
        let table: toml::Table = with.parse().unwrap();
        let case = &table["case"][1];
        assert_eq!(case["headline"].as_str(), Some("Ngộ độc \"ảo\" / trò đùa | Không ai nhập viện."));
        assert_eq!(case["expect"].as_str(), Some("silent"));
        assert!(case.get("reason").is_none());
    }

    #[test]
    fn a_second_word_on_the_same_headline_replaces_the_first() {
        let first = with_correction("", &correction(Expected::Silent)).unwrap();
        let second = with_correction(&first, &correction(Expected::Severity(Severity::Orange))).unwrap();
        assert_eq!(second, first.replace("\"silent\"", "\"orange\""));
        assert_eq!(with_correction("a = [", &correction(Expected::Silent)), None);
    }
}
