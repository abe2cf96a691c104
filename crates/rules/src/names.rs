//! From names in rule files to numbers: groups, lists, terms, conditions.

use std::collections::HashMap;

use diembao_news::Severity;

use crate::compiled::Step;
use crate::condition::{Condition, Near, Reach, Term};
use crate::load::{Reporter, unknown};
use crate::phrases::{BookBuilder, Form, GroupId, PhraseError};
use crate::raw::{RawCondition, RawNear, RawWithin, Word};

const MAX_GROUPS: usize = 4000;
const SEVERITIES: [&str; 4] = ["green", "yellow", "orange", "red"];

/// Groups and their phrases while rules are compiled.
#[derive(Debug, Default)]
pub(crate) struct Names {
    pub book: BookBuilder,
    pub negatable: Vec<bool>,
    lists: HashMap<String, (GroupId, Vec<Form>)>,
}

/// Where something stands, for messages: the file and the key of its table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At<'a> {
    pub file: usize,
    pub key: &'a str,
}

impl Names {
    /// A new group.
    pub(crate) fn group(&mut self, negatable: bool) -> GroupId {
        let id = self.negatable.len().min(MAX_GROUPS);
        self.negatable.push(negatable);
        GroupId::try_from(id).expect("the cap fits")
    }

    /// Whether there are more groups than can be told apart.
    pub(crate) fn too_many(&self) -> bool {
        self.negatable.len() > MAX_GROUPS
    }

    /// Makes a list known.
    pub(crate) fn define(&mut self, name: &str, group: GroupId, forms: Vec<Form>) {
        self.lists.insert(name.to_owned(), (group, forms));
    }

    /// The group of a list.
    pub(crate) fn list(&self, name: &str) -> Option<GroupId> {
        self.lists.get(name).map(|l| l.0)
    }

    /// The names of all lists.
    pub(crate) fn list_names(&self) -> Vec<String> {
        self.lists.keys().cloned().collect()
    }

    /// Puts a list's phrases into another group too. None when there is no such list.
    pub(crate) fn include(&mut self, name: &str, group: GroupId) -> Option<Vec<Form>> {
        let forms = self.lists.get(name)?.1.clone();
        for &form in &forms {
            self.book.join(form, group);
        }
        Some(forms)
    }

    /// Puts phrases into a group, reporting what is no phrase and what is there twice.
    pub(crate) fn add(&mut self, phrases: &[Word], group: GroupId, at: At<'_>, report: &mut Reporter<'_>) -> Vec<Form> {
        let mut forms = Vec::new();
        for phrase in phrases {
            let Some(form) = self.phrase(phrase, at, report) else {
                continue;
            };
            if !self.book.join(form, group) {
                report.warn(at.file, phrase.span().start, at.key, format!("{:?} is here twice", phrase.get_ref()));
            }
            forms.push(form);
        }
        forms
    }

    /// One phrase, in all its spellings.
    pub(crate) fn phrase(&mut self, phrase: &Word, at: At<'_>, report: &mut Reporter<'_>) -> Option<Form> {
        match self.book.add(phrase.get_ref()) {
            Ok(form) => Some(form),
            Err(e) => {
                let why = match e {
                    PhraseError::Empty => "holds no word".to_owned(),
                    PhraseError::TooLong => format!("has more than {} syllables", crate::phrases::MAX_SYLLABLES),
                    PhraseError::CrossesSentence => "can never match: it goes over the end of a sentence".to_owned(),
                };
                report.error(at.file, phrase.span().start, at.key, format!("{:?} {why}", phrase.get_ref()));
                None
            }
        }
    }

    /// The groups of several lists, reporting unknown ones.
    pub(crate) fn lists_of(&self, names: &[Word], at: At<'_>, report: &mut Reporter<'_>) -> Vec<GroupId> {
        let scope = HashMap::new();
        names.iter().filter_map(|n| self.resolve((n.get_ref(), n.span().start), &scope, at, report)).collect()
    }

    fn resolve(
        &self,
        (name, pos): (&str, usize),
        own: &HashMap<String, GroupId>,
        at: At<'_>,
        report: &mut Reporter<'_>,
    ) -> Option<GroupId> {
        let found = own.get(name).copied().or_else(|| self.list(name));
        if found.is_none() {
            let known: Vec<&str> = own.keys().chain(self.lists.keys()).map(String::as_str).collect();
            report.error(at.file, pos, at.key, unknown(name, known.iter().copied()));
        }
        found
    }
}

/// Compiles conditions of one table: its own groups, and the lists.
#[derive(Debug)]
pub(crate) struct Conditions<'a> {
    pub names: &'a Names,
    pub own: &'a HashMap<String, GroupId>,
    pub at: At<'a>,
}

impl Conditions<'_> {
    /// The steps of a ladder.
    pub(crate) fn steps(&self, raw: &[RawCondition], report: &mut Reporter<'_>) -> Vec<Step> {
        raw.iter().filter_map(|r| self.step(r, report)).collect()
    }

    fn step(&self, raw: &RawCondition, report: &mut Reporter<'_>) -> Option<Step> {
        let Some(word) = &raw.severity else {
            let line = raw.all.first().or(raw.any.first()).map_or(0, |w| w.span().start);
            report.error(self.at.file, line, self.at.key, "a step needs a severity: green, yellow, orange or red");
            return None;
        };
        let condition = self.condition(raw, report);
        let Some(severity) = Severity::parse(word.get_ref()) else {
            report.error(self.at.file, word.span().start, self.at.key, unknown(word.get_ref(), SEVERITIES));
            return None;
        };
        if condition.is_empty() {
            report.error(
                self.at.file,
                word.span().start,
                self.at.key,
                "a step needs a condition: all, any, at_least or near",
            );
        }
        let label = if raw.note.is_empty() {
            severity.as_str().to_owned()
        } else {
            format!("{}: {}", severity.as_str(), raw.note)
        };
        Some(Step { severity, condition, label })
    }

    /// Conditions that carry no severity.
    pub(crate) fn plain(&self, raw: &[RawCondition], report: &mut Reporter<'_>) -> Vec<Condition> {
        raw.iter().map(|r| self.condition(r, report)).collect()
    }

    fn condition(&self, raw: &RawCondition, report: &mut Reporter<'_>) -> Condition {
        let forbidden = |w: &&Word| raw.none.iter().any(|n| n.get_ref() == w.get_ref());
        if let Some(word) = raw.all.iter().find(forbidden) {
            let message = format!("the condition can never hold: all and none both name {:?}", word.get_ref());
            report.warn(self.at.file, word.span().start, self.at.key, message);
        }
        Condition {
            all: self.terms(&raw.all, report),
            any: self.terms(&raw.any, report),
            none: self.terms(&raw.none, report),
            at_least: raw.at_least.as_ref().map(|a| (a.count, self.terms(&a.of, report))),
            near: raw.near.iter().filter_map(|n| self.near(n, report)).collect(),
        }
    }

    fn near(&self, raw: &RawNear, report: &mut Reporter<'_>) -> Option<Near> {
        let within = match raw.within.get_ref() {
            RawWithin::Syllables(n) => Some(*n),
            RawWithin::Named(s) if s == "sentence" => None,
            RawWithin::Named(s) => {
                let message = format!("{s:?} is no distance; write a number of syllables or \"sentence\"");
                report.error(self.at.file, raw.within.span().start, self.at.key, message);
                return None;
            }
        };
        if raw.of.len() < 2 {
            report.error(self.at.file, raw.within.span().start, self.at.key, "near needs at least two terms");
        }
        Some(Near { of: self.terms(&raw.of, report), within, ordered: raw.ordered })
    }

    /// One group or list, by name.
    pub(crate) fn group(&self, word: &Word, report: &mut Reporter<'_>) -> Option<GroupId> {
        self.names.resolve((word.get_ref(), word.span().start), self.own, self.at, report)
    }

    fn terms(&self, words: &[Word], report: &mut Reporter<'_>) -> Vec<Term> {
        words.iter().filter_map(|w| self.term(w, report)).collect()
    }

    fn term(&self, word: &Word, report: &mut Reporter<'_>) -> Option<Term> {
        let (reach, name) = match word.get_ref().split_once(':') {
            None => (Reach::Head, word.get_ref().as_str()),
            Some((prefix, name)) => match Reach::NAMES.iter().find(|r| r.0 == prefix) {
                Some(&(_, reach)) => (reach, name),
                None => {
                    let message = unknown(prefix, Reach::NAMES.map(|r| r.0));
                    report.error(self.at.file, word.span().start, self.at.key, message);
                    return None;
                }
            },
        };
        let group = self.names.resolve((name, word.span().start), self.own, self.at, report)?;
        Some(Term { group, reach })
    }
}
