//! The compiled rules.

use diembao_news::{ArticleText, Classification};

use crate::{ExampleOutcome, Explanation, Facts, Problem, RuleInfo, TopicInfo};

/// A rule file: its name for messages, and its text.
#[derive(Debug, Clone, Copy)]
pub struct RuleFile<'a> {
    /// The name, as messages shall print it.
    pub name: &'a str,
    /// The TOML.
    pub text: &'a str,
}

/// All rules, checked and compiled. Immutable; share it by reference or `Arc`.
#[derive(Debug, Default)]
pub struct RuleSet {
    version: String,
    topics: Vec<TopicInfo>,
    rules: Vec<RuleInfo>,
}

impl RuleSet {
    /// Reads, checks and compiles rule files. The second value holds warnings.
    ///
    /// # Errors
    /// Every mistake in every file.
    pub fn parse(_files: &[RuleFile<'_>]) -> Result<(Self, Vec<Problem>), Vec<Problem>> {
        Ok((Self::default(), Vec::new()))
    }

    /// A hash of the rules' text: 12 hexadecimal digits.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What the rules say of an article. `path` is the path of its URL.
    #[must_use]
    pub fn classify(&self, _text: &ArticleText, _path: Option<&str>) -> Classification {
        Classification::default()
    }

    /// The same, with everything that was seen on the way.
    #[must_use]
    pub fn explain(&self, text: &ArticleText, path: Option<&str>) -> Explanation {
        Explanation { classification: self.classify(text, path), ..Explanation::default() }
    }

    /// Facilities, provinces, counts, dates, deadlines and speakers named in the text.
    #[must_use]
    pub fn facts(&self, _text: &ArticleText) -> Facts {
        Facts::default()
    }

    /// The topics in their fixed order.
    pub fn topics(&self) -> impl Iterator<Item = &TopicInfo> {
        self.topics.iter()
    }

    /// The incident and misinformation rules.
    pub fn rules(&self) -> impl Iterator<Item = &RuleInfo> {
        self.rules.iter()
    }

    /// Runs every rule's own examples.
    #[must_use]
    pub fn run_examples(&self) -> Vec<ExampleOutcome> {
        Vec::new()
    }
}
