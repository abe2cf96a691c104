//! What is wrong with a file, told to the person who wrote it.

use std::fmt;

/// A mistake or a doubt in a file that a person writes: settings, sources, rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file's name as given.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The key it is about, with the tables it stands in: `flag.tu-vong-tai-vien.when`.
    pub key: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.file, self.line, self.key, self.message)
    }
}

impl std::error::Error for Problem {}

/// The known name nearest to a misspelt one, when one is near enough to be meant.
#[must_use]
pub fn nearest<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = wanted.chars().count().div_ceil(3);
    known
        .into_iter()
        .map(|name| (distance(wanted, name), name))
        .filter(|&(d, _)| d <= limit)
        .min()
        .map(|(_, name)| name)
}

/// Edits (insert, delete, replace) between two short names.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(80).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().take(80).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &cb) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = (diagonal + usize::from(ca != cb)).min(above + 1).min(row[j] + 1);
            diagonal = above;
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_suggested_only_when_near() {
        let known = ["co-so-y-te", "nguoi-benh", "tu-vong", "host_interval"];
        for (wanted, expect) in [
            ("co-so-yte", Some("co-so-y-te")),
            ("tuvong", Some("tu-vong")),
            ("host_intervall", Some("host_interval")),
            ("xyz", None),
        ] {
            assert_eq!(nearest(wanted, known), expect, "{wanted}");
        }
    }

    #[test]
    fn a_problem_reads_as_file_line_key_message() {
        let p = Problem { file: "a.toml".into(), line: 3, key: "flag.x".into(), message: "no phrase".into() };
        assert_eq!(p.to_string(), "a.toml:3: flag.x: no phrase");
    }
}
