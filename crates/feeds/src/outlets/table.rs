//! Tables of a TOML text with their lines: typed look-ups that note what is wrong and go on.

use std::collections::HashMap;
use std::fmt::Display;

use regex::RegexBuilder;
use scraper::Selector;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use diembao_news::{Problem, nearest};

/// What a regular expression may grow to when compiled.
pub(crate) const MAX_PATTERN_BYTES: usize = 1 << 20;

/// A table, and the path of keys that leads to it.
pub(super) struct Table<'a> {
    values: &'a DeTable<'a>,
    path: String,
    at: usize,
}

impl<'a> Table<'a> {
    /// The table of a whole file.
    pub(super) fn root(values: &'a DeTable<'a>) -> Self {
        Self { values, path: String::new(), at: 0 }
    }

    fn get(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.values.get(key)
    }

    fn key(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}

/// Looks values up and collects what is wrong.
pub(super) struct Reader<'f> {
    file: &'f str,
    line_starts: Vec<usize>,
    problems: Vec<Problem>,
}

impl<'f> Reader<'f> {
    /// Begins with a text.
    pub(super) fn new(text: &str, file: &'f str) -> Self {
        let newlines = text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| at + 1);
        Self { file, line_starts: std::iter::once(0).chain(newlines).collect(), problems: Vec::new() }
    }

    /// The file's table; none when the text is not TOML, with every mistake noted.
    pub(super) fn parse<'a>(&mut self, text: &'a str) -> Option<Spanned<DeTable<'a>>> {
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            let line = self.line(error.span().map_or(0, |s| s.start));
            self.note("toml".to_owned(), line, error.message().replace('\n', "; "));
        }
        errors.is_empty().then_some(table)
    }

    /// Whether nothing was wrong.
    pub(super) fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }

    /// Everything that was wrong, by line.
    pub(super) fn into_problems(mut self) -> Vec<Problem> {
        self.problems.sort_by_key(|p| p.line);
        self.problems
    }

    fn line(&self, at: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= at)
    }

    fn note(&mut self, key: String, line: usize, message: impl Into<String>) {
        self.problems.push(Problem { file: self.file.to_owned(), line, key, message: message.into() });
    }

    /// Notes every key that is not among the valid ones.
    pub(super) fn refuse_unknown(&mut self, table: &Table<'_>, valid: &[&str]) {
        for key in table.values.keys() {
            let name = key.get_ref().as_ref();
            if !valid.contains(&name) {
                let near = nearest(&name.to_lowercase(), valid.iter().copied())
                    .map_or_else(|| valid.join(", "), str::to_owned);
                let line = self.line(key.span().start);
                self.note(table.key(name), line, format!("unknown key; did you mean {near}?"));
            }
        }
    }

    /// Notes keys that have no sense here.
    pub(super) fn refuse_present(&mut self, table: &Table<'_>, keys: &[&str], why: &str) {
        for key in keys {
            if let Some(value) = table.get(key) {
                let line = self.line(value.span().start);
                self.note(table.key(key), line, why);
            }
        }
    }

    /// Notes a value that was there before.
    pub(super) fn refuse_repeat(
        &mut self,
        table: &Table<'_>,
        key: &str,
        seen: &mut HashMap<String, usize>,
        (value, line): (&str, usize),
    ) {
        if let Some(first) = seen.get(value) {
            self.note(table.key(key), line, format!("{value:?} is already used on line {first}"));
        } else {
            seen.insert(value.to_owned(), line);
        }
    }

    /// A text, and its line.
    pub(super) fn string(&mut self, table: &Table<'_>, key: &str) -> Option<(String, usize)> {
        let value = table.get(key)?;
        let line = self.line(value.span().start);
        match value.get_ref() {
            DeValue::String(s) if !s.trim().is_empty() => Some((s.trim().to_owned(), line)),
            DeValue::String(_) => {
                self.note(table.key(key), line, "is empty");
                None
            }
            other => {
                self.note(table.key(key), line, format!("expected a text in quotes, found {}", other.type_str()));
                None
            }
        }
    }

    /// A text that must be there, and its line.
    pub(super) fn required(&mut self, table: &Table<'_>, key: &str) -> Option<(String, usize)> {
        if table.get(key).is_none() {
            let line = self.line(table.at);
            self.note(table.key(key), line, "is missing");
        }
        self.string(table, key)
    }

    /// A yes or no.
    pub(super) fn flag(&mut self, table: &Table<'_>, key: &str) -> Option<bool> {
        let value = table.get(key)?;
        if let DeValue::Boolean(flag) = value.get_ref() {
            return Some(*flag);
        }
        let line = self.line(value.span().start);
        self.note(table.key(key), line, format!("expected true or false, found {}", value.get_ref().type_str()));
        None
    }

    /// A value some parser made, or its error noted.
    pub(super) fn accept<T, E: Display>(
        &mut self,
        table: &Table<'_>,
        key: &str,
        line: usize,
        value: Result<T, E>,
    ) -> Option<T> {
        value.map_err(|error| self.note(table.key(key), line, error.to_string())).ok()
    }

    /// One of a few names.
    pub(super) fn choose<T>(
        &mut self,
        table: &Table<'_>,
        key: &str,
        line: usize,
        (value, names): (Option<T>, &str),
    ) -> Option<T> {
        if value.is_none() {
            self.note(table.key(key), line, format!("expected {names}"));
        }
        value
    }

    /// A regular expression.
    pub(super) fn pattern(&mut self, table: &Table<'_>, key: &str) -> Option<String> {
        let (pattern, line) = self.string(table, key)?;
        match RegexBuilder::new(&pattern).size_limit(MAX_PATTERN_BYTES).build() {
            Ok(_) => Some(pattern),
            Err(error) => {
                let message = error.to_string();
                let last = message.lines().last().unwrap_or_default().trim();
                self.note(table.key(key), line, format!("not a regular expression: {last}"));
                None
            }
        }
    }

    /// A CSS selector.
    pub(super) fn selector(&mut self, table: &Table<'_>, key: &str) -> Option<String> {
        let (selector, line) = self.string(table, key)?;
        self.sound_selector(table.key(key), line, selector)
    }

    fn sound_selector(&mut self, key: String, line: usize, selector: String) -> Option<String> {
        match Selector::parse(&selector) {
            Ok(_) => Some(selector),
            Err(error) => {
                self.note(key, line, format!("not a CSS selector: {error}"));
                None
            }
        }
    }

    /// CSS selectors: a list, or one alone.
    pub(super) fn selectors(&mut self, table: &Table<'_>, key: &str) -> Vec<String> {
        let Some(value) = table.get(key) else { return Vec::new() };
        let DeValue::Array(array) = value.get_ref() else {
            return self.selector(table, key).into_iter().collect();
        };
        let mut out = Vec::new();
        for value in array.iter() {
            let line = self.line(value.span().start);
            match value.get_ref().as_str() {
                Some(text) => out.extend(self.sound_selector(table.key(key), line, text.to_owned())),
                None => self.note(table.key(key), line, "expected a list of texts in quotes"),
            }
        }
        out
    }

    /// A table inside a table.
    pub(super) fn table<'a>(&mut self, table: &Table<'a>, key: &str) -> Option<Table<'a>> {
        let value = table.get(key)?;
        match value.get_ref() {
            DeValue::Table(values) => Some(Table { values, path: table.key(key), at: value.span().start }),
            _ => {
                let line = self.line(value.span().start);
                self.note(table.key(key), line, format!("expected a table: [{}]", table.key(key)));
                None
            }
        }
    }

    /// The tables of a list of tables.
    pub(super) fn tables<'a>(&mut self, table: &Table<'a>, key: &str) -> Vec<Table<'a>> {
        let Some(value) = table.get(key) else { return Vec::new() };
        let path = table.key(key);
        let mut out = Vec::new();
        if let DeValue::Array(array) = value.get_ref() {
            for value in array.iter() {
                if let DeValue::Table(values) = value.get_ref() {
                    out.push(Table { values, path: path.clone(), at: value.span().start });
                }
            }
            if out.len() == array.len() {
                return out;
            }
        }
        let line = self.line(value.span().start);
        self.note(path.clone(), line, format!("expected tables: [[{path}]]"));
        out
    }
}
