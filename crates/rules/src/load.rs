//! From TOML text to raw tables, keeping every mistake with its line.

use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue, ValueDeserializer};
use toml::{Spanned, de};

use crate::raw::{
    RawCase, RawFacts, RawFlag, RawGate, RawList, RawMask, RawNegation, RawNumber, RawOrganisation, RawPlace,
    RawSection, RawStance, RawSuppress, RawTopic, RawVariant,
};
use crate::ruleset::RuleFile;
use diembao_news::{Problem, nearest};

const TABLES: &[&str] = &[
    "topic",
    "flag",
    "list",
    "suppress",
    "number",
    "mask",
    "variant",
    "negation",
    "stance",
    "gate",
    "section",
    "place",
    "facts",
    "case",
    "organisation",
];
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// A raw table and the file it stands in.
#[derive(Debug)]
pub(crate) struct In<T> {
    pub file: usize,
    pub table: T,
}

/// All raw tables of all files.
#[derive(Debug, Default)]
pub(crate) struct Raw {
    pub topics: Vec<In<RawTopic>>,
    pub flags: Vec<In<RawFlag>>,
    pub lists: Vec<In<RawList>>,
    pub suppressions: Vec<In<RawSuppress>>,
    pub numbers: Vec<In<RawNumber>>,
    pub masks: Vec<In<RawMask>>,
    pub variants: Vec<In<RawVariant>>,
    pub negations: Vec<In<RawNegation>>,
    pub stances: Vec<In<RawStance>>,
    pub gates: Vec<In<RawGate>>,
    pub sections: Vec<In<RawSection>>,
    pub places: Vec<In<RawPlace>>,
    pub organisations: Vec<In<RawOrganisation>>,
    pub facts: Vec<In<RawFacts>>,
    pub cases: Vec<In<RawCase>>,
}

/// Collects problems and knows where lines begin.
#[derive(Debug)]
pub(crate) struct Reporter<'a> {
    files: &'a [RuleFile<'a>],
    pub errors: Vec<Problem>,
    pub warnings: Vec<Problem>,
}

impl<'a> Reporter<'a> {
    pub(crate) fn new(files: &'a [RuleFile<'a>]) -> Self {
        Self { files, errors: Vec::new(), warnings: Vec::new() }
    }

    pub(crate) fn error(&mut self, file: usize, at: usize, key: impl Into<String>, message: impl Into<String>) {
        let problem = self.problem(file, at, key.into(), message.into());
        self.errors.push(problem);
    }

    pub(crate) fn warn(&mut self, file: usize, at: usize, key: impl Into<String>, message: impl Into<String>) {
        let problem = self.problem(file, at, key.into(), message.into());
        self.warnings.push(problem);
    }

    /// By file and line.
    pub(crate) fn sort(&mut self) {
        self.errors.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
        self.warnings.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    }

    fn problem(&self, file: usize, at: usize, key: String, message: String) -> Problem {
        let (name, text) = self.files.get(file).map_or(("", ""), |f| (f.name, f.text));
        let line = 1 + text.as_bytes().iter().take(at).filter(|&&b| b == b'\n').count();
        Problem { file: name.to_owned(), line, key, message }
    }
}

/// Reads all files; mistakes go to the reporter, what is right is kept.
pub(crate) fn load(files: &[RuleFile<'_>], report: &mut Reporter<'_>) -> Raw {
    let mut raw = Raw::default();
    for (n, file) in files.iter().enumerate() {
        if file.text.len() > MAX_BYTES {
            report.error(n, 0, "", "the file has more than 8 MiB; split it");
            continue;
        }
        let (table, errors) = DeTable::parse_recoverable(file.text);
        for e in &errors {
            report.error(n, e.span().map_or(0, |s| s.start), "", e.message().to_owned());
        }
        if errors.is_empty() {
            for (key, value) in table.into_inner() {
                read_table(n, &key, value, &mut raw, report);
            }
        }
    }
    raw
}

fn read_table(
    n: usize,
    key: &Spanned<de::DeString<'_>>,
    value: Spanned<DeValue<'_>>,
    raw: &mut Raw,
    report: &mut Reporter<'_>,
) {
    let name: &str = key.get_ref();
    match name {
        "topic" => read(n, name, value, &mut raw.topics, report),
        "flag" => read(n, name, value, &mut raw.flags, report),
        "list" => read(n, name, value, &mut raw.lists, report),
        "suppress" => read(n, name, value, &mut raw.suppressions, report),
        "number" => read(n, name, value, &mut raw.numbers, report),
        "mask" => read(n, name, value, &mut raw.masks, report),
        "variant" => read(n, name, value, &mut raw.variants, report),
        "negation" => read(n, name, value, &mut raw.negations, report),
        "stance" => read(n, name, value, &mut raw.stances, report),
        "gate" => read(n, name, value, &mut raw.gates, report),
        "section" => read(n, name, value, &mut raw.sections, report),
        "place" => read(n, name, value, &mut raw.places, report),
        "organisation" => read(n, name, value, &mut raw.organisations, report),
        "facts" => read(n, name, value, &mut raw.facts, report),
        "case" => read(n, name, value, &mut raw.cases, report),
        _ => report.error(n, key.span().start, name, unknown(name, TABLES.iter().copied())),
    }
}

/// Reads `[[name]]` or `[name]`, each element for itself.
fn read<T: DeserializeOwned>(
    n: usize,
    name: &str,
    value: Spanned<DeValue<'_>>,
    into: &mut Vec<In<T>>,
    report: &mut Reporter<'_>,
) {
    let span = value.span();
    let elements = match value.into_inner() {
        DeValue::Array(array) => array.into_iter().collect(),
        other => vec![Spanned::new(span, other)],
    };
    for element in elements {
        let id = element.get_ref().get("id").and_then(|v| v.get_ref().as_str()).map(str::to_owned);
        let start = element.span().start;
        let key = id.map_or_else(|| name.to_owned(), |id| format!("{name}.{id}"));
        match T::deserialize(ValueDeserializer::from(element)) {
            Ok(table) => into.push(In { file: n, table }),
            Err(e) => report.error(n, e.span().map_or(start, |s| s.start), key, explain(e.message())),
        }
    }
}

/// Adds the nearest valid key to serde's message on an unknown one.
fn explain(message: &str) -> String {
    let names: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    match names.split_first() {
        Some((wrong, known)) if message.starts_with("unknown") => unknown(wrong, known.iter().copied()),
        _ => message.trim().replace('\n', "; "),
    }
}

/// The message on a name nobody knows.
pub(crate) fn unknown<'k>(wrong: &str, known: impl IntoIterator<Item = &'k str> + Clone) -> String {
    match nearest(wrong, known.clone()) {
        Some(near) => format!("unknown name {wrong:?}; did you mean {near:?}?"),
        None => {
            let known: Vec<&str> = known.into_iter().take(16).collect();
            format!("unknown name {wrong:?}; known are {}", known.join(", "))
        }
    }
}
