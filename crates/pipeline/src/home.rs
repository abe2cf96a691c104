//! A home: the folder with feeds.toml, diembao.toml, rules/ and index/.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use diembao_desk::{EXAMPLE_REGISTRY, Registry, RegistryFile, load_registry};
use diembao_news::{Outlet, Problem};
use diembao_rules::{RuleFile, RuleSet};
use diembao_search::Synonyms;

use crate::settings::{self, Settings};

/// A home that cannot be used as it is.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// The folder is not a home.
    #[error("{} is not a home: it has no {missing}; make one with: diembao init DIR", dir.display())]
    NotAHome {
        /// The folder.
        dir: PathBuf,
        /// What it lacks.
        missing: &'static str,
    },
    /// Files with mistakes; each line names file, line and key.
    #[error("{}", .0.join("\n"))]
    Mistakes(Vec<String>),
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// The rules every home begins with, and the places they know, by file.
pub const DEFAULT_RULES: &[(&str, &str)] = &[
    ("rules/facts.toml", include_str!("../../../rules/facts.toml")),
    ("rules/health-words.toml", include_str!("../../../rules/health-words.toml")),
    ("rules/health.toml", include_str!("../../../rules/health.toml")),
    ("rules/topics.toml", include_str!("../../../rules/topics.toml")),
    ("rules/incidents.toml", include_str!("../../../rules/incidents.toml")),
    ("rules/misinformation.toml", include_str!("../../../rules/misinformation.toml")),
    ("rules/masks.toml", include_str!("../../../rules/masks.toml")),
    (PLACES[0], include_str!("../../../registry/facilities.toml")),
    (PLACES[1], include_str!("../../../registry/hospitals.toml")),
    (PLACES[2], include_str!("../../../registry/provinces.toml")),
];

/// The files of the registry that facts are read by.
const PLACES: [&str; 3] = ["registry/facilities.toml", "registry/hospitals.toml", "registry/provinces.toml"];
const DEFAULT_SYNONYMS: &str = include_str!("../../../rules/synonyms.toml");
const DEFAULT_FEEDS: &str = include_str!("../../../feeds.toml");
const INDEX_README: &str = include_str!("../../../index/README.md");
const SYNONYMS: &str = "synonyms.toml";

/// A home with all that its files say.
#[derive(Debug, Clone)]
pub struct Home {
    /// The folder.
    pub root: PathBuf,
    /// diembao.toml.
    pub settings: Settings,
    /// feeds.toml.
    pub outlets: Vec<Outlet>,
    /// rules/.
    pub rules: RuleSet,
    /// rules/synonyms.toml.
    pub synonyms: Synonyms,
    /// registry/.
    pub registry: Registry,
    /// What is odd but harmless: a rule that can never match, a folder that is missing.
    pub warnings: Vec<String>,
}

impl Home {
    /// Reads a home's files.
    ///
    /// # Errors
    /// When the folder is no home, or with every mistake in its files.
    pub fn load(root: &Path) -> Result<Self, HomeError> {
        let settings_text = read_required(root, "diembao.toml")?;
        let feeds_text = read_required(root, "feeds.toml")?;
        let mut mistakes = Vec::new();
        let mut warnings = Vec::new();
        let settings = note(settings::parse(&settings_text, "diembao.toml"), &mut mistakes);
        let outlets = note(diembao_feeds::parse_outlets(&feeds_text, "feeds.toml"), &mut mistakes);
        let (rules, odd) = read_rules(root, rule_files(root)?)?;
        warnings.extend(odd);
        let rules = note(rules, &mut mistakes);
        let synonyms = note(load_synonyms(root)?, &mut mistakes);
        let registry = note(read_registry(root, &mut warnings)?, &mut mistakes);
        match (settings, outlets, rules, synonyms, registry) {
            (Some(settings), Some(outlets), Some((rules, rule_warnings)), Some(synonyms), Some(registry)) => {
                warnings.extend(rule_warnings.iter().map(ToString::to_string));
                warnings.extend(unknown_topics(&settings, &rules));
                Ok(Self { root: root.to_owned(), settings, outlets, rules, synonyms, registry, warnings })
            }
            _ => Err(HomeError::Mistakes(mistakes)),
        }
    }

    /// Reads the rules alone, of a home or any folder with `rules/`; the second value holds warnings.
    ///
    /// # Errors
    /// When a file cannot be read, or with every mistake in the rules.
    pub fn load_rules(root: &Path) -> Result<(RuleSet, Vec<String>), HomeError> {
        checked(read_rules(root, rule_files(root)?)?)
    }

    /// Reads the rule files of a folder; the second value holds warnings.
    ///
    /// # Errors
    /// As [`load_rules`](Self::load_rules).
    pub fn load_rules_in(dir: &Path) -> Result<(RuleSet, Vec<String>), HomeError> {
        checked(read_rules(dir, toml_files(dir)?)?)
    }

    /// The store's URL, with a relative SQLite file taken from the home.
    #[must_use]
    pub fn store_url(&self) -> String {
        let url = &self.settings.store.url;
        match url.strip_prefix("sqlite:") {
            Some(file) => format!("sqlite:{}", self.root.join(file).display()),
            None => url.clone(),
        }
    }

    /// The archive's folder.
    #[must_use]
    pub fn archive_dir(&self) -> PathBuf {
        self.root.join("archive")
    }

    /// The index's folder.
    #[must_use]
    pub fn index_dir(&self) -> PathBuf {
        self.root.join("index")
    }
}

/// Audiences whose cut asks for a topic the rules do not have: they would get an empty digest.
fn unknown_topics(settings: &Settings, rules: &RuleSet) -> Vec<String> {
    let known: Vec<&str> = rules.topics().map(|t| t.id.as_str()).collect();
    let audiences = settings.audiences.iter().map(|a| &a.audience);
    let wanted = audiences.flat_map(|a| a.topics.iter().map(move |t| (a, t)));
    wanted
        .filter(|(_, topic)| !known.contains(&topic.as_str()))
        .map(|(a, topic)| {
            format!("diembao.toml: audience {}: the rules have no topic {topic:?}; known: {}", a.id, known.join(", "))
        })
        .collect()
}

/// The rules a program without a home uses.
///
/// # Panics
/// Never: a test parses the shipped files.
#[must_use]
pub fn default_rules() -> RuleSet {
    let files: Vec<RuleFile> = DEFAULT_RULES.iter().map(|&(name, text)| RuleFile { name, text }).collect();
    RuleSet::parse(&files).expect("the shipped rules are tested").0
}

type Rules = Result<(RuleSet, Vec<Problem>), Vec<Problem>>;

/// The rules in files below a folder, with what is odd about them; without any file, the built-in rules.
fn read_rules(root: &Path, paths: Vec<PathBuf>) -> Result<(Rules, Vec<String>), HomeError> {
    let mut warnings = Vec::new();
    let mut texts = Vec::new();
    for path in paths {
        let name = path.strip_prefix(root).unwrap_or(&path).display().to_string();
        texts.push((name, fs::read_to_string(&path).map_err(|e| io_error(&path, e))?));
    }
    if texts.iter().all(|(name, _)| PLACES.contains(&name.as_str())) {
        warnings.push(format!("{} holds no rules: the built-in rules are used", root.join("rules").display()));
        texts = DEFAULT_RULES.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    }
    texts.sort();
    let files: Vec<RuleFile> = texts.iter().map(|(name, text)| RuleFile { name, text }).collect();
    Ok((RuleSet::parse(&files), warnings))
}

fn checked((rules, mut warnings): (Rules, Vec<String>)) -> Result<(RuleSet, Vec<String>), HomeError> {
    match rules {
        Ok((rules, problems)) => {
            warnings.extend(problems.iter().map(ToString::to_string));
            Ok((rules, warnings))
        }
        Err(problems) => Err(HomeError::Mistakes(problems.iter().map(ToString::to_string).collect())),
    }
}

/// The files the rules of a home are read from.
pub(crate) fn rule_files(root: &Path) -> Result<Vec<PathBuf>, HomeError> {
    let mut paths = toml_files(&root.join("rules"))?;
    paths.extend(PLACES.iter().map(|name| root.join(name)).filter(|path| path.is_file()));
    Ok(paths)
}

/// The rule files in a folder; none when there is no such folder.
fn toml_files(dir: &Path) -> Result<Vec<PathBuf>, HomeError> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(io_error(dir, e)),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(|e| io_error(dir, e))?.path();
        let is_rules = path.extension().is_some_and(|e| e == "toml") && !path.ends_with(SYNONYMS);
        paths.extend(is_rules.then_some(path));
    }
    paths.sort();
    Ok(paths)
}

fn load_synonyms(root: &Path) -> Result<Result<Synonyms, Vec<String>>, HomeError> {
    let path = root.join("rules").join(SYNONYMS);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => DEFAULT_SYNONYMS.to_owned(),
        Err(e) => return Err(io_error(&path, e)),
    };
    Ok(Synonyms::parse(&text).map_err(|e| vec![format!("rules/{SYNONYMS}: {e}")]))
}

/// Reads registry/; a home without one names nobody, and `warnings` says so.
fn read_registry(root: &Path, warnings: &mut Vec<String>) -> Result<Result<Registry, Vec<Problem>>, HomeError> {
    let dir = root.join("registry");
    let mut texts = Vec::new();
    match fs::read_dir(&dir) {
        Ok(entries) => {
            for entry in entries {
                let path = entry.map_err(|e| io_error(&dir, e))?.path();
                if path.extension().is_some_and(|e| e == "toml") {
                    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
                    texts
                        .push((format!("registry/{name}"), fs::read_to_string(&path).map_err(|e| io_error(&path, e))?));
                }
            }
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => {}
        Err(e) => return Err(io_error(&dir, e)),
    }
    texts.sort();
    let files: Vec<RegistryFile> = texts.iter().map(|(name, text)| RegistryFile { name, text }).collect();
    let (registry, problems) = load_registry(&files);
    if registry.organisations.is_empty() || registry.alerts.is_empty() {
        let what = if registry.alerts.is_empty() { "no ladder of alerts" } else { "no organisation" };
        warnings.push(format!("{} holds {what}; `diembao init` writes an example", dir.display()));
    }
    Ok(if problems.is_empty() { Ok(registry) } else { Err(problems) })
}

/// Writes a new home from the built-in defaults.
///
/// # Errors
/// When the folder holds a home already, or a file cannot be written.
pub fn init(root: &Path) -> Result<Vec<PathBuf>, HomeError> {
    let mut files: Vec<(String, &str)> = vec![
        ("diembao.toml".into(), settings::DEFAULT_TEXT),
        ("feeds.toml".into(), DEFAULT_FEEDS),
        (format!("rules/{SYNONYMS}"), DEFAULT_SYNONYMS),
        ("index/README.md".into(), INDEX_README),
    ];
    files.extend(DEFAULT_RULES.iter().map(|&(name, text)| (name.to_owned(), text)));
    let rest = EXAMPLE_REGISTRY.iter().filter(|f| !PLACES.contains(&f.name));
    files.extend(rest.map(|f| (f.name.to_owned(), f.text)));
    for (name, _) in &files {
        let path = root.join(name);
        if path.exists() {
            let exists = io::Error::new(io::ErrorKind::AlreadyExists, "exists already; nothing was written");
            return Err(HomeError::Io { path, source: exists });
        }
    }
    let mut written = Vec::new();
    for (name, text) in files {
        let path = root.join(name);
        let dir = path.parent().unwrap_or(root);
        fs::create_dir_all(dir).map_err(|e| io_error(dir, e))?;
        fs::write(&path, text).map_err(|e| io_error(&path, e))?;
        written.push(path);
    }
    Ok(written)
}

fn read_required(root: &Path, name: &'static str) -> Result<String, HomeError> {
    let path = root.join(name);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(text),
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            Err(HomeError::NotAHome { dir: root.to_owned(), missing: name })
        }
        Err(e) => Err(io_error(&path, e)),
    }
}

fn note<T, P: ToString>(result: Result<T, Vec<P>>, mistakes: &mut Vec<String>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(problems) => {
            mistakes.extend(problems.iter().map(ToString::to_string));
            None
        }
    }
}

fn io_error(path: &Path, source: io::Error) -> HomeError {
    HomeError::Io { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_home_has_every_shipped_rule_file() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut shipped: Vec<String> = fs::read_dir(root.join("rules"))
            .unwrap()
            .map(|e| format!("rules/{}", e.unwrap().file_name().to_string_lossy()))
            .filter(|name| name.ends_with(".toml") && !name.ends_with(SYNONYMS))
            .collect();
        shipped.extend(PLACES.map(str::to_owned));
        shipped.sort();
        let mut built_in: Vec<&str> = DEFAULT_RULES.iter().map(|(name, _)| *name).collect();
        built_in.sort_unstable();
        assert_eq!(built_in, shipped);
        let mut registry: Vec<String> = fs::read_dir(root.join("registry"))
            .unwrap()
            .map(|e| format!("registry/{}", e.unwrap().file_name().to_string_lossy()))
            .collect();
        registry.sort();
        assert_eq!(EXAMPLE_REGISTRY.iter().map(|f| f.name).collect::<Vec<_>>(), registry);
    }

    #[test]
    fn a_new_home_loads_without_a_word() {
        let dir = tempfile::tempdir().unwrap();
        init(dir.path()).unwrap();
        let home = Home::load(dir.path()).unwrap();
        assert_eq!(home.warnings, Vec::<String>::new());
        assert!(home.outlets.len() > 90, "{} outlets", home.outlets.len());
    }
}
