//! Words that mean the same, as data the caller reads from a file.
//!
//! Used when a query is read, never when an article is indexed: a changed file needs no new index.

use std::collections::HashMap;

use diembao_text::Syllables;
use serde::Deserialize;

use crate::analysis::{Unit, units};

/// Groups of words and abbreviations that stand for each other in queries.
#[derive(Debug, Clone, Default)]
pub struct Synonyms {
    groups: Vec<Vec<Vec<Unit>>>,
    /// First folded syllable → (group, member).
    by_first: HashMap<String, Vec<(usize, usize)>>,
}

/// A synonyms file that cannot be used: every problem with its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("synonyms: {}", problems.join("; "))]
pub struct SynonymsError {
    /// One line each.
    pub problems: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    #[serde(default)]
    group: Vec<toml::Spanned<RawGroup>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawGroup {
    words: Vec<String>,
}

/// Groups in a file.
const MAX_GROUPS: usize = 5_000;
/// Members of a group.
const MAX_MEMBERS: usize = 12;
/// Syllables of a member.
const MAX_SYLLABLES: usize = 8;

impl Synonyms {
    /// Reads the text of a synonyms file: `[[group]]` with `words = ["BV", "bệnh viện"]`.
    ///
    /// # Errors
    /// When it is not TOML of that form, or a group has fewer than two members or one that is no word.
    pub fn parse(toml: &str) -> Result<Self, SynonymsError> {
        let raw: RawFile = toml::from_str(toml).map_err(|e| SynonymsError { problems: vec![e.to_string()] })?;
        let mut problems = Vec::new();
        let mut out = Self::default();
        let mut buffers = Syllables::new();
        if raw.group.len() > MAX_GROUPS {
            problems.push(format!("{} groups; {MAX_GROUPS} is the limit", raw.group.len()));
        }
        for group in &raw.group {
            let line = toml[..group.span().start.min(toml.len())].matches('\n').count() + 1;
            let words = &group.get_ref().words;
            if !(2..=MAX_MEMBERS).contains(&words.len()) {
                problems.push(format!("line {line}: a group needs 2 to {MAX_MEMBERS} words, this has {}", words.len()));
            }
            let mut members: Vec<Vec<Unit>> = Vec::new();
            for word in words {
                let read: Vec<Unit> = units(word, &mut buffers).into_iter().filter(|u| !u.is_part).collect();
                if read.is_empty() || read.len() > MAX_SYLLABLES {
                    problems.push(format!(
                        "line {line}: {word:?} has {} syllables; 1 to {MAX_SYLLABLES} are allowed",
                        read.len()
                    ));
                } else if !members.iter().any(|m| same(m, &read)) {
                    members.push(read);
                }
            }
            out.push(members);
        }
        if problems.is_empty() { Ok(out) } else { Err(SynonymsError { problems }) }
    }

    fn push(&mut self, members: Vec<Vec<Unit>>) {
        let group = self.groups.len();
        for (i, member) in members.iter().enumerate() {
            if let Some(first) = member.first() {
                self.by_first.entry(first.folded.clone()).or_default().push((group, i));
            }
        }
        self.groups.push(members);
    }

    /// How many groups there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// The longest member that the words begin with: its length and what stands for it.
    /// `folded`: the words were typed without accents.
    pub(crate) fn at<'a>(&'a self, words: &[&Unit], folded: bool) -> Option<(usize, Vec<&'a [Unit]>)> {
        let candidates = self.by_first.get(&words.first()?.folded)?;
        let fits = |member: &[Unit]| {
            member.len() <= words.len()
                && member.iter().zip(words).all(|(m, w)| m.norm == w.norm || (folded && m.folded == w.folded))
        };
        let &(group, best) = candidates
            .iter()
            .filter(|&&(g, m)| fits(&self.groups[g][m]))
            .max_by_key(|&&(g, m)| self.groups[g][m].len())?;
        let members = &self.groups[group];
        let others = members.iter().enumerate().filter(|&(i, _)| i != best).map(|(_, m)| m.as_slice()).collect();
        Some((members[best].len(), others))
    }
}

fn same(a: &[Unit], b: &[Unit]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.norm == b.norm)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_member_is_found() {
        let s = Synonyms::parse(
            "[[group]]\nwords = [\"BV\", \"bệnh viện\"]\n[[group]]\nwords = [\"BVĐK\", \"bệnh viện đa khoa\"]",
        )
        .unwrap();
        assert_eq!(s.len(), 2);
        let words = units("bệnh viện đa khoa tỉnh", &mut Syllables::new());
        let words: Vec<&Unit> = words.iter().collect();
        let (len, others) = s.at(&words, false).unwrap();
        assert_eq!((len, others[0][0].norm.as_str()), (4, "bvđk"));
        let plain = units("benh vien", &mut Syllables::new());
        let plain: Vec<&Unit> = plain.iter().collect();
        assert!(s.at(&plain, false).is_none());
        assert_eq!(s.at(&plain, true).unwrap().0, 2);
    }

    #[test]
    fn every_problem_is_told_with_its_line() {
        let e = Synonyms::parse("[[group]]\nwords = [\"a\"]\n\n[[group]]\nwords = [\"b\", \"…\"]\n").unwrap_err();
        assert_eq!(e.problems.len(), 2);
        assert!(e.problems[0].starts_with("line 1:") && e.problems[1].starts_with("line 4:"), "{e}");
        assert!(Synonyms::parse("[[groups]]").is_err());
        assert!(Synonyms::parse("x = ").is_err());
    }
}
