//! A person's correction of the rules, kept as a case that `rules test` runs.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use diembao_desk::{Action, Case, CaseEvent, DismissReason};
use diembao_news::{CanonicalUrl, FlagKind};
use diembao_rules::{Correction, Expected, RuleSet, case_headline, with_correction};
use diembao_store::StoredArticle;

use crate::Pipeline;
use crate::home::{Home, HomeError};

/// Where corrections are written, in a home.
pub const CASES: &str = "rules/cases.toml";

const HEADER: &str = "# Bài thử do người trực sửa: mỗi [[case]] là câu trả lời đúng cho một tít. `diembao rules test` chạy cả tệp này.\n";

/// What a person says of the rules' judgement of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It tells of no incident: every incident rule that fired should have been silent.
    NotIncident,
    /// It is not about health.
    NotHealth,
    /// What one rule should have said.
    Rule {
        /// The rule's id, or `gate`.
        rule: String,
        /// What is right.
        expected: Expected,
    },
}

/// A correction as it was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The case.
    pub correction: Correction,
    /// Whether the present rules do what it says.
    pub passes: bool,
}

/// Keeps a person's correction of one article among the cases of a home; the file is replaced as a whole.
/// Empty when no rule said what the person denies.
///
/// # Errors
/// When a rule is unknown, the file of cases is no TOML, or it cannot be written.
pub fn record_correction(
    home: &Home,
    article: &StoredArticle,
    verdict: &Verdict,
    author: &str,
    reason: &str,
) -> anyhow::Result<Vec<Recorded>> {
    let text = &article.article.text;
    let corrections: Vec<Correction> = denied(&home.rules, article, verdict)?
        .into_iter()
        .map(|(rule, expected)| Correction {
            rule,
            headline: case_headline(&text.title, &text.lead),
            expected,
            author: author.to_owned(),
            reason: reason.to_owned(),
        })
        .collect();
    if !corrections.is_empty() {
        write(&home.root.join(CASES), &corrections)?;
    }
    let recorded = corrections.into_iter().map(|c| {
        let passes = home.rules.outcome(&c.rule, &c.headline, c.expected.clone()).passed();
        Recorded { correction: c, passes }
    });
    Ok(recorded.collect())
}

/// When a case is dismissed as no incident, its headlines become cases of the rules that flagged them. The dismissal
/// stands even if they cannot be written; that is told in the log.
pub(crate) async fn after_event(p: &Pipeline, case: &Case, event: &CaseEvent) {
    if event.action != (Action::Dismiss { reason: DismissReason::NotIncident }) {
        return;
    }
    let kept = async {
        let story = p.store.story(case.story).await?;
        for article in story.iter().flat_map(|s| &s.articles) {
            for c in record_correction(&p.home, article, &Verdict::NotIncident, &event.actor, &event.note)? {
                tracing::info!(
                    rule = c.correction.rule,
                    headline = c.correction.headline,
                    "kept as a case of the rules"
                );
            }
        }
        anyhow::Ok(())
    };
    if let Err(e) = kept.await {
        tracing::error!("the dismissal of case {} is not kept as a test of the rules: {e:#}", case.id);
    }
}

/// The rules the verdict is about, and what each should have said.
fn denied(rules: &RuleSet, article: &StoredArticle, verdict: &Verdict) -> anyhow::Result<Vec<(String, Expected)>> {
    match verdict {
        Verdict::NotHealth => Ok(vec![("gate".to_owned(), Expected::Silent)]),
        Verdict::NotIncident => {
            let path = article.article.url.as_ref().map(CanonicalUrl::path);
            let found = rules.classify(&article.article.text, path);
            let incidents = found.flags.into_iter().filter(|f| f.kind == FlagKind::Incident);
            Ok(incidents.map(|f| (f.rule, Expected::Silent)).collect())
        }
        Verdict::Rule { rule, expected } => {
            let known: Vec<&str> = std::iter::once("gate")
                .chain(rules.rules().map(|r| r.id.as_str()))
                .chain(rules.topics().map(|t| t.id.as_str()))
                .collect();
            if !known.contains(&rule.as_str()) {
                let near = diembao_news::nearest(rule, known.iter().copied());
                let near = near.map_or_else(String::new, |n| format!("; did you mean {n:?}?"));
                anyhow::bail!("there is no rule {rule:?}{near} (`diembao rules list` prints them)");
            }
            Ok(vec![(rule.clone(), expected.clone())])
        }
    }
}

fn write(path: &Path, corrections: &[Correction]) -> anyhow::Result<()> {
    let io = |source| HomeError::Io { path: path.to_owned(), source };
    let mut text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => HEADER.to_owned(),
        Err(e) => return Err(io(e).into()),
    };
    for correction in corrections {
        text = with_correction(&text, correction)
            .ok_or_else(|| anyhow::anyhow!("{} is no TOML; see `diembao rules check`", path.display()))?;
    }
    let new = path.with_extension("toml.new");
    let mut file = fs::File::create(&new).map_err(io)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(io)?;
    fs::rename(&new, path).map_err(io)?;
    Ok(())
}
