//! From what was found to topics and flags.

use diembao_news::{Classification, Evidence, Flag, FlagKind, Severity, TopicMatch};

use crate::compiled::{FlagRule, How, Rules, Scoring, Section, Suppression};
use crate::condition::{Seen, Term};
use crate::hide::{add_counts, apply_masks, apply_negation};
use crate::phrases::{Book, Form, GroupId};
use crate::scan::{Doc, Hidden, Hit};
use crate::stance::stance;

/// Evidence one rule keeps; what lies beyond is counted but not shown.
const MAX_EVIDENCE: usize = 24;

/// Topics below this share of the best one are beside the point.
const SHARE: f32 = 0.4;
/// The share of the health threshold at which misinformation rules begin to look: their own phrases are about health.
const NEARLY: f32 = 0.3;

/// The rules, the phrases, and which rules hold today.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Judge<'a> {
    pub rules: &'a Rules,
    pub book: &'a Book,
    pub today: Option<chrono::NaiveDate>,
}

/// What became of one flag rule.
#[derive(Debug)]
pub(crate) struct FlagTrace {
    pub flag: Flag,
    pub fired: bool,
    pub steps: Vec<bool>,
    pub suppressed_by: Vec<String>,
}

impl Judge<'_> {
    /// Hides and counts: what must happen before rules look.
    pub(crate) fn prepare(&self, doc: &mut Doc) {
        apply_masks(doc, self.book);
        if let Some(negation) = self.rules.negation {
            apply_negation(doc, self.book, negation);
        }
        add_counts(doc, self.book, &self.rules.numbers, &self.rules.numerals);
    }

    /// Judges a prepared article.
    pub(crate) fn classify(&self, doc: &Doc, path: Option<&str>) -> Classification {
        let section = self.section(path);
        let health_score = self.health(doc) + section.map_or(0.0, |s| s.health);
        let gate = health_score >= self.rules.gate.threshold;
        let seen = Seen::new(doc, self.book, &self.rules.negatable);
        let mut flags = Vec::new();
        let nearly = health_score >= self.rules.gate.threshold * NEARLY;
        if !section.is_some_and(|s| s.no_flags) {
            for rule in self.rules.flags.iter().filter(|f| nearly || !f.needs_health) {
                let trace = self.flag(rule, &seen);
                if trace.fired {
                    flags.push(trace.flag);
                }
            }
        }
        sort_flags(&mut flags);
        let health = gate || flags.iter().any(|f| f.kind == FlagKind::Incident || nearly);
        let topics = if health { self.topics(&seen) } else { Vec::new() };
        Classification { health, health_score, topics, flags, rules_version: String::new() }
    }

    /// The section of a URL's path: the longest that fits.
    pub(crate) fn section(&self, path: Option<&str>) -> Option<&Section> {
        let path = path?;
        self.rules.sections.iter().filter(|s| path.starts_with(s.path.as_str())).max_by_key(|s| s.path.len())
    }

    /// The mean direction of the weighed phrases: each counted once, at its best place.
    pub(crate) fn health(&self, doc: &Doc) -> f32 {
        let (sum, norm) =
            self.weighed(doc).iter().fold((0.0, self.rules.gate.prior), |(sum, norm): (f32, f32), &(form, x, _)| {
                (sum + self.book.form(form).gate * x, norm + x * x)
            });
        if norm > 0.0 { sum / norm.sqrt() } else { 0.0 }
    }

    /// The phrases of the health decision: canonical form, factor, hit.
    pub(crate) fn weighed(&self, doc: &Doc) -> Vec<(Form, f32, u32)> {
        let mut found: Vec<(Form, f32, u32)> = Vec::new();
        for (n, hit) in doc.hits.iter().enumerate() {
            let info = self.book.form(hit.form);
            if info.gate != 0.0 && !matches!(hit.hidden, Hidden::Mask(_)) {
                let x = hit.zone.factor(&self.rules.gate.places);
                found.push((info.canonical, x, u32::try_from(n).expect("hits are capped")));
            }
        }
        found.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)).then(a.2.cmp(&b.2)));
        found.dedup_by_key(|f| f.0);
        found
    }

    /// The topics that fire, best first.
    fn topics(&self, seen: &Seen<'_>) -> Vec<TopicMatch> {
        let mut out: Vec<(usize, TopicMatch)> = Vec::new();
        for (n, topic) in self.rules.topics.iter().enumerate() {
            if !self.holds_today(topic.validity) {
                continue;
            }
            let (score, evidence) = self.score(&topic.scoring, seen);
            let when = topic.when.is_empty() || topic.when.iter().any(|c| c.holds(seen));
            if score >= topic.scoring.threshold && when {
                out.push((n, TopicMatch { id: topic.info.id.clone(), score, evidence }));
            }
        }
        out.sort_by(|a, b| b.1.score.total_cmp(&a.1.score).then(a.0.cmp(&b.0)));
        let best = out.first().map_or(0.0, |t| t.1.score);
        out.retain(|t| t.1.score >= best * SHARE);
        out.into_iter().map(|t| t.1).collect()
    }

    /// What becomes of one flag rule.
    pub(crate) fn flag(&self, rule: &FlagRule, seen: &Seen<'_>) -> FlagTrace {
        let (mut score, mut evidence) = self.score(&rule.scoring, seen);
        let steps: Vec<bool> = rule.steps.iter().map(|s| s.condition.holds(seen)).collect();
        let best = rule.steps.iter().zip(&steps).filter(|(_, held)| **held).map(|(s, _)| s).max_by_key(|s| s.severity);
        let mut severity = best.map_or(Severity::Green, |s| s.severity);
        let mut suppressed_by = Vec::new();
        let misplaced = rule.posts_only && seen.doc.has_headline();
        let mut dropped = misplaced || !self.holds_today(rule.validity) || best.is_none();
        if !dropped && score >= rule.scoring.threshold {
            for s in self.rules.suppressions.iter().filter(|s| s.concerns(rule) && s.applies(seen)) {
                suppressed_by.push(s.name.clone());
                match s.how {
                    How::Hard => dropped = true,
                    How::Soft(penalty) => score -= penalty,
                    How::Lower(to) => severity = severity.min(to),
                }
            }
        }
        if let Some(step) = best {
            self.add_terms(&mut evidence, step.condition.terms(), seen);
        }
        let mut fired = !dropped && score >= rule.scoring.threshold;
        let mut side = None;
        if rule.info.kind == FlagKind::Misinformation && fired {
            side = stance(rule, self.rules.stance.as_ref(), seen);
            fired = side.is_some();
        }
        evidence.sort_by_key(|e| (e.field, e.start, e.end));
        let flag = Flag { rule: rule.info.id.clone(), kind: rule.info.kind, severity, stance: side, score, evidence };
        FlagTrace { flag, fired, steps, suppressed_by }
    }

    /// Each phrase once, at its best place: weight times factor.
    pub(crate) fn score(&self, scoring: &Scoring, seen: &Seen<'_>) -> (f32, Vec<Evidence>) {
        let mut total = 0.0;
        let mut evidence = Vec::new();
        for group in &scoring.groups {
            let mut best: Vec<(Form, f32, Hit)> = Vec::new();
            for hit in seen.of_group(group.id) {
                let factor = hit.zone.factor(&scoring.places);
                let canonical = self.book.form(hit.form).canonical;
                match best.iter_mut().find(|b| b.0 == canonical) {
                    Some(b) if b.1 < factor => *b = (canonical, factor, *hit),
                    Some(_) => {}
                    None => best.push((canonical, factor, *hit)),
                }
            }
            for (_, factor, hit) in best.iter().filter(|b| b.1 > 0.0) {
                total += group.weight * factor;
                if evidence.len() < MAX_EVIDENCE {
                    evidence.push(evidence_of(seen.doc, hit, &group.name, group.weight * factor));
                }
            }
        }
        (total, evidence)
    }

    fn add_terms(&self, evidence: &mut Vec<Evidence>, terms: impl Iterator<Item = Term>, seen: &Seen<'_>) {
        let mut done: Vec<GroupId> = Vec::new();
        for term in terms {
            if done.contains(&term.group) {
                continue;
            }
            done.push(term.group);
            for hit in seen.hits(term).take(2) {
                let (start, end) = seen.doc.bytes(hit.first, hit.last);
                let field = seen.doc.field(hit.first);
                let known = evidence.iter().any(|e| (e.field, e.start, e.end) == (field, start, end));
                if !known && evidence.len() < MAX_EVIDENCE {
                    let name = &self.book.form(hit.form).text;
                    evidence.push(evidence_of(seen.doc, hit, name, 0.0));
                }
            }
        }
    }

    fn holds_today(&self, validity: crate::compiled::Validity) -> bool {
        self.today.is_none_or(|day| validity.covers(day))
    }
}

impl Suppression {
    fn concerns(&self, rule: &FlagRule) -> bool {
        (self.kinds.is_empty() || self.kinds.contains(&rule.info.kind))
            && (self.only.is_empty() || self.only.contains(&rule.info.id))
            && !self.except.contains(&rule.info.id)
    }

    fn applies(&self, seen: &Seen<'_>) -> bool {
        self.when.iter().any(|c| c.holds(seen)) && !self.unless.iter().any(|c| c.holds(seen))
    }
}

/// Evidence with its place; its words are filled in from the article at the end.
pub(crate) fn evidence_of(doc: &Doc, hit: &Hit, group: &str, weight: f32) -> Evidence {
    let (start, end) = doc.bytes(hit.first, hit.last);
    Evidence { field: doc.field(hit.first), start, end, text: String::new(), group: group.to_owned(), weight }
}

fn sort_flags(flags: &mut [Flag]) {
    flags.sort_by(|a, b| b.severity.cmp(&a.severity).then(b.score.total_cmp(&a.score)).then(a.rule.cmp(&b.rule)));
}
