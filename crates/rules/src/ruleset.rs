//! The compiled rules, and the questions they answer.

use std::sync::Arc;

use chrono::NaiveDate;
use diembao_news::{ArticleText, Classification, Evidence, Problem};
use sha2::{Digest, Sha256};

use crate::compile::compile;
use crate::compiled::Rules;
use crate::info::{Expected, Got};
use crate::judge::Judge;
use crate::load::{Reporter, load};
use crate::phrases::Book;
use crate::scan::Doc;
use crate::{ExampleOutcome, Explanation, Facts, RuleInfo, TopicInfo};

/// A rule file: its name for messages, and its text.
#[derive(Debug, Clone, Copy)]
pub struct RuleFile<'a> {
    /// The name, as messages shall print it.
    pub name: &'a str,
    /// The TOML.
    pub text: &'a str,
}

/// All rules, checked and compiled. Immutable; a clone shares them.
#[derive(Debug, Clone, Default)]
pub struct RuleSet {
    version: String,
    rules: Arc<Rules>,
    book: Arc<Book>,
    today: Option<NaiveDate>,
}

/// Buffers that [`RuleSet::classify_with`] uses again for each article.
#[derive(Debug, Default)]
pub struct Scratch {
    doc: Doc,
}

impl RuleSet {
    /// Reads, checks and compiles rule files. The second value holds warnings.
    ///
    /// What no file says is taken from the built-in files: the weighed words of the health decision
    /// (`[gate.weights]`), the provinces (`[[place]]`) and the words facts are read by (`[facts]`).
    ///
    /// # Errors
    /// Every mistake in every file.
    pub fn parse(files: &[RuleFile<'_>]) -> Result<(Self, Vec<Problem>), Vec<Problem>> {
        let files = &with_built_in(files)[..];
        let mut report = Reporter::new(files);
        let raw = load(files, &mut report);
        let (rules, book) = compile(&raw, &mut report);
        report.sort();
        if report.errors.is_empty() {
            Ok((Self { version: version(files), rules: rules.into(), book: book.into(), today: None }, report.warnings))
        } else {
            Err(report.errors)
        }
    }

    /// The same rules on a day: those whose dates do not cover it stay silent. Without a day, all speak.
    #[must_use]
    pub fn on(mut self, day: NaiveDate) -> Self {
        self.today = Some(day);
        self
    }

    /// A hash of the rules' text: 12 hexadecimal digits.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What the rules say of an article. `path` is the path of its URL.
    #[must_use]
    pub fn classify(&self, text: &ArticleText, path: Option<&str>) -> Classification {
        self.classify_with(&mut Scratch::default(), text, path)
    }

    /// The same, with buffers of the caller's.
    #[must_use]
    pub fn classify_with(&self, scratch: &mut Scratch, text: &ArticleText, path: Option<&str>) -> Classification {
        self.read(&mut scratch.doc, text);
        let mut found = self.judge().classify(&scratch.doc, path);
        found.rules_version.clone_from(&self.version);
        let topics = found.topics.iter_mut().flat_map(|t| &mut t.evidence);
        let flags = found.flags.iter_mut().flat_map(|f| &mut f.evidence);
        fill(topics.chain(flags), text);
        found
    }

    /// The same, with everything that was seen on the way.
    #[must_use]
    pub fn explain(&self, text: &ArticleText, path: Option<&str>) -> Explanation {
        let mut doc = Doc::default();
        self.read(&mut doc, text);
        let classification = self.classify(text, path);
        crate::trace::explain(self.judge(), &doc, text, path, classification)
    }

    /// Facilities, provinces, counts, dates, deadlines and speakers named in the text.
    #[must_use]
    pub fn facts(&self, text: &ArticleText) -> Facts {
        let mut doc = Doc::default();
        self.read(&mut doc, text);
        crate::facts::facts(self.judge(), &doc, text)
    }

    /// Every name of a province, old and new, and its name today.
    pub fn places(&self) -> impl Iterator<Item = (&str, &str)> {
        self.rules.places.iter().map(|p| (p.name.as_str(), p.today.as_str()))
    }

    /// How many spellings of phrases are found, and how many stand in a text: for measuring.
    #[must_use]
    pub fn count_phrases(&self, scratch: &mut Scratch, text: &ArticleText) -> (usize, usize) {
        scratch.doc.read(text, &self.book);
        (self.book.len(), scratch.doc.hits.len())
    }

    /// The topics in their fixed order.
    pub fn topics(&self) -> impl Iterator<Item = &TopicInfo> {
        self.rules.topics.iter().map(|t| &t.info)
    }

    /// The incident and misinformation rules.
    pub fn rules(&self) -> impl Iterator<Item = &RuleInfo> {
        self.rules.flags.iter().map(|f| &f.info)
    }

    /// Runs every rule's own examples, each as a headline without text.
    #[must_use]
    pub fn run_examples(&self) -> Vec<ExampleOutcome> {
        self.rules.examples.iter().map(|e| self.outcome(&e.rule, &e.headline, e.expected.clone())).collect()
    }

    /// Runs one headline against one rule: a topic's or flag's id, or `gate`. A vertical bar ends the headline
    /// and begins the lead.
    #[must_use]
    pub fn outcome(&self, rule: &str, headline: &str, expected: Expected) -> ExampleOutcome {
        let (title, lead) = headline.split_once('|').unwrap_or((headline, ""));
        let mut text =
            ArticleText { title: title.trim().to_owned(), lead: lead.trim().to_owned(), body: String::new() };
        if self.rules.flags.iter().any(|f| f.posts_only && f.info.id == rule) {
            text.body = std::mem::take(&mut text.title);
        }
        let found = self.classify(&text, None);
        let got = if let Some(flag) = found.flags.iter().find(|f| f.rule == rule) {
            Got::Fired(Some((flag.severity, flag.stance)))
        } else if rule == "gate" && found.health || found.topics.iter().any(|t| t.id == rule) {
            Got::Fired(None)
        } else {
            Got::Silent
        };
        ExampleOutcome { rule: rule.to_owned(), headline: headline.to_owned(), expected, got }
    }

    fn judge(&self) -> Judge<'_> {
        Judge { rules: &self.rules, book: &self.book, today: self.today }
    }

    fn read(&self, doc: &mut Doc, text: &ArticleText) {
        doc.read(text, &self.book);
        doc.find_quotes(text);
        self.judge().prepare(doc);
    }
}

/// Tables every rule set has, and the built-in file that holds each.
const BUILT_IN: &[(&str, &str, &str)] = &[
    ("[gate.weights]", "built-in health-words.toml", include_str!("../../../rules/health-words.toml")),
    ("[[place]]", "built-in provinces.toml", include_str!("../../../registry/provinces.toml")),
    ("[facts]", "built-in facts.toml", include_str!("../../../rules/facts.toml")),
];

fn with_built_in<'a>(files: &[RuleFile<'a>]) -> Vec<RuleFile<'a>> {
    let missing = BUILT_IN.iter().filter(|(table, _, _)| !files.iter().any(|f| f.text.contains(table)));
    files.iter().copied().chain(missing.map(|&(_, name, text)| RuleFile { name, text })).collect()
}

/// Copies the words of the evidence from the article.
pub(crate) fn fill<'e>(evidence: impl Iterator<Item = &'e mut Evidence>, text: &ArticleText) {
    for e in evidence {
        e.text = text.field(e.field).get(e.start..e.end).unwrap_or_default().to_owned();
    }
}

fn version(files: &[RuleFile<'_>]) -> String {
    let mut hasher = Sha256::new();
    for file in files {
        hasher.update((file.text.len() as u64).to_le_bytes());
        hasher.update(file.text.as_bytes());
    }
    hasher.finalize().iter().take(6).map(|b| format!("{b:02x}")).collect()
}
