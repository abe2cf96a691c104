//! Strict reading of TOML tables: every mistake is collected with its line and key, none stops the reading.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use diembao_news::{Problem, nearest};
use toml::de::{DeTable, DeValue};

/// What a whole file's reading shares.
pub(super) struct Source<'t> {
    file: &'t str,
    text: &'t str,
    problems: RefCell<Vec<Problem>>,
}

impl<'t> Source<'t> {
    pub(super) fn new(file: &'t str, text: &'t str) -> Self {
        Self { file, text, problems: RefCell::new(Vec::new()) }
    }

    pub(super) fn report(&self, at: usize, key: &str, message: impl Into<String>) {
        let line = 1 + self.text.as_bytes()[..at.min(self.text.len())].iter().filter(|&&b| b == b'\n').count();
        let problem = Problem { file: self.file.to_owned(), line, key: key.to_owned(), message: message.into() };
        self.problems.borrow_mut().push(problem);
    }

    pub(super) fn into_problems(self) -> Vec<Problem> {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|p| p.line);
        problems
    }
}

/// One table being read; keys that nobody asked for are reported by [`Table::finish`].
pub(super) struct Table<'s, 'i> {
    source: &'s Source<'s>,
    path: String,
    start: usize,
    table: Option<&'s DeTable<'i>>,
    asked: RefCell<Vec<&'static str>>,
    broken: Cell<bool>,
}

type Place = std::ops::Range<usize>;

impl<'s, 'i> Table<'s, 'i> {
    pub(super) fn root(source: &'s Source<'s>, table: &'s DeTable<'i>) -> Self {
        Self::at(source, String::new(), 0, Some(table))
    }

    fn at(source: &'s Source<'s>, path: String, start: usize, table: Option<&'s DeTable<'i>>) -> Self {
        Self { source, path, start, table, asked: RefCell::default(), broken: Cell::new(false) }
    }

    fn key(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    pub(super) fn report(&self, name: &str, message: impl Into<String>) {
        let at = self
            .table
            .and_then(|t| t.iter().find(|(k, _)| k.get_ref() == name))
            .map_or(self.start, |(k, _)| k.span().start);
        self.source.report(at, &self.key(name), message);
    }

    fn value(&self, name: &'static str) -> Option<(&'s DeValue<'i>, Place)> {
        self.asked.borrow_mut().push(name);
        let (_, value) = self.table?.iter().find(|(k, _)| k.get_ref() == name)?;
        Some((value.get_ref(), value.span()))
    }

    fn wrong(&self, name: &str, place: &Place, expected: &str) {
        self.broken.set(true);
        self.source.report(place.start, &self.key(name), format!("expected {expected}"));
    }

    pub(super) fn is_present(&self) -> bool {
        self.table.is_some()
    }

    /// A sub-table; absent and empty read alike.
    pub(super) fn table(&self, name: &'static str) -> Table<'s, 'i> {
        match self.value(name) {
            Some((DeValue::Table(table), place)) => Self::at(self.source, self.key(name), place.start, Some(table)),
            Some((_, place)) => {
                self.wrong(name, &place, "a table");
                Self::at(self.source, self.key(name), place.start, None)
            }
            None => Self::at(self.source, self.key(name), self.start, None),
        }
    }

    /// An array of tables.
    pub(super) fn tables(&self, name: &'static str) -> Vec<Table<'s, 'i>> {
        let Some((DeValue::Array(array), _)) = self.value(name) else {
            return Vec::new();
        };
        let mut tables = Vec::new();
        for (i, item) in array.iter().enumerate() {
            let path = format!("{}[{i}]", self.key(name));
            match item.get_ref() {
                DeValue::Table(table) => tables.push(Self::at(self.source, path, item.span().start, Some(table))),
                _ => self.source.report(item.span().start, &path, "expected a table"),
            }
        }
        tables
    }

    pub(super) fn string(&self, name: &'static str) -> Option<String> {
        match self.value(name)? {
            (DeValue::String(s), _) => Some(s.to_string()),
            (_, place) => {
                self.wrong(name, &place, "a text in quotes");
                None
            }
        }
    }

    pub(super) fn required(&self, name: &'static str) -> String {
        if self.value(name).is_none() {
            self.source.report(self.start, &self.key(name), "is missing");
        }
        self.string(name).unwrap_or_default()
    }

    /// A list of texts; a default where the key is not there, which is not the same as empty.
    pub(super) fn strings_or(&self, name: &'static str, default: &[&str]) -> Vec<String> {
        if self.value(name).is_some() { self.strings(name) } else { default.iter().map(ToString::to_string).collect() }
    }

    pub(super) fn strings(&self, name: &'static str) -> Vec<String> {
        let Some((value, place)) = self.value(name) else {
            return Vec::new();
        };
        let DeValue::Array(array) = value else {
            self.wrong(name, &place, "a list of texts");
            return Vec::new();
        };
        let mut out = Vec::new();
        for item in array.iter() {
            match item.get_ref() {
                DeValue::String(s) => out.push(s.to_string()),
                _ => self.wrong(name, &item.span(), "a text in quotes"),
            }
        }
        out
    }

    pub(super) fn flag(&self, name: &'static str, default: bool) -> bool {
        match self.value(name) {
            Some((DeValue::Boolean(b), _)) => *b,
            Some((_, place)) => {
                self.wrong(name, &place, "true or false");
                default
            }
            None => default,
        }
    }

    pub(super) fn number(&self, name: &'static str, default: u64, range: std::ops::RangeInclusive<u64>) -> u64 {
        let Some((value, place)) = self.value(name) else {
            return default;
        };
        let n = match value {
            DeValue::Integer(n) => n.as_str().replace('_', "").parse::<u64>().ok(),
            _ => None,
        };
        match n.filter(|n| range.contains(n)) {
            Some(n) => n,
            None => {
                self.wrong(name, &place, &format!("a number from {} to {}", range.start(), range.end()));
                default
            }
        }
    }

    pub(super) fn duration(&self, name: &'static str, default: Duration) -> Duration {
        self.parsed(name, "a duration such as \"90s\", \"15m\", \"24h\" or \"3d\"", parse_duration).unwrap_or(default)
    }

    /// A text that `parse` must accept.
    pub(super) fn parsed<T>(&self, name: &'static str, expected: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let (value, place) = self.value(name)?;
        let parsed = match value {
            DeValue::String(s) => parse(s),
            _ => None,
        };
        if parsed.is_none() {
            self.wrong(name, &place, expected);
        }
        parsed
    }

    /// Reports the keys that nobody asked for, with the nearest one that exists.
    pub(super) fn finish(&self) {
        let asked = self.asked.borrow();
        for (key, _) in self.table.into_iter().flat_map(DeTable::iter) {
            let name: &str = key.get_ref();
            if asked.contains(&name) {
                continue;
            }
            let message = match nearest(name, asked.iter().copied()) {
                Some(near) => format!("unknown key; did you mean {near:?}?"),
                None => format!("unknown key; known here: {}", asked.join(", ")),
            };
            self.source.report(key.span().start, &self.key(name), message);
        }
    }
}

/// Reads "90s", "15m", "24h", "3d" or "250ms".
pub fn parse_duration(s: &str) -> Option<Duration> {
    let digits = s.find(|c: char| !c.is_ascii_digit())?;
    let n: u64 = s[..digits].parse().ok()?;
    let unit_ms: u64 = match &s[digits..] {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    n.checked_mul(unit_ms).map(Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (input, ms) in [("90s", Some(90_000)), ("2h", Some(7_200_000)), ("0ms", Some(0)), ("5", None), ("m", None)]
        {
            assert_eq!(parse_duration(input), ms.map(Duration::from_millis), "{input}");
        }
        assert_eq!(parse_duration("99999999999999999d"), None);
    }
}
