//! Reading the registry's TOML files: every mistake with file, line and key; what is right is kept.

use std::collections::HashSet;

use chrono::NaiveDate;
use diembao_news::Problem;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue, ValueDeserializer};
use toml::{Spanned, value::Datetime};

use super::duty::{self, RawAlert, RawClock, RawWarning};
use super::roster::{self, RawOfficer, RawRoster};
use super::{FieldDuty, Organisation, OrganisationKind, Place, Registry, SpokesRank, Spokesperson, Validity};

const MAX_BYTES: usize = 8 << 20;

/// One file of the registry.
#[derive(Debug, Clone, Copy)]
pub struct RegistryFile<'a> {
    /// Its name, for messages.
    pub name: &'a str,
    /// Its text.
    pub text: &'a str,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawOrganisation {
    id: String,
    name: String,
    kind: String,
    #[serde(default)]
    also: Vec<String>,
    province: Option<String>,
    parent: Option<String>,
    successor: Option<String>,
    valid_from: Option<Datetime>,
    valid_to: Option<Datetime>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawField {
    topic: String,
    organisation: String,
    valid_from: Option<Datetime>,
    valid_to: Option<Datetime>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSpokesperson {
    name: String,
    title: String,
    organisation: String,
    topic: Option<String>,
    #[serde(default)]
    deputy: bool,
    contact: Option<String>,
    valid_from: Option<Datetime>,
    valid_to: Option<Datetime>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPlace {
    name: String,
    #[serde(default)]
    old: Vec<String>,
    #[serde(default)]
    also: Vec<String>,
}

/// A mistake found while a table is turned into its meaning.
pub(super) type Mistake = String;

/// Reads the files of a registry together; entries may name others of any file.
#[must_use]
pub fn load_registry(files: &[RegistryFile<'_>]) -> (Registry, Vec<Problem>) {
    let mut reader = Reader { registry: Registry::default(), refs: Vec::new(), problems: Vec::new() };
    for file in files {
        reader.file(*file);
    }
    reader.check_references();
    (reader.registry, reader.problems)
}

/// An organisation's id that an entry names, and where.
struct Reference {
    file: String,
    line: usize,
    key: String,
    id: String,
}

struct Reader {
    registry: Registry,
    refs: Vec<Reference>,
    problems: Vec<Problem>,
}

impl Reader {
    fn file(&mut self, file: RegistryFile<'_>) {
        if file.text.len() > MAX_BYTES {
            return self.problem(file, 0, "", "the file has more than 8 MiB; split it");
        }
        let (table, errors) = DeTable::parse_recoverable(file.text);
        for e in &errors {
            self.problem(file, e.span().map_or(0, |s| s.start), "", e.message());
        }
        if !errors.is_empty() {
            return;
        }
        for (key, value) in table.into_inner() {
            let name: &str = key.get_ref();
            match name {
                "organisation" => self.tables(file, name, value, Self::organisation),
                "field" => self.tables(file, name, value, Self::field),
                "spokesperson" => self.tables(file, name, value, Self::spokesperson),
                "place" => self.tables(file, name, value, Self::place),
                "clock" => self.tables(file, name, value, Self::clock),
                "alert" => self.tables(file, name, value, Self::alert),
                "warning" => self.tables(file, name, value, Self::warning),
                "officer" => self.tables(file, name, value, Self::officer),
                "roster" => self.tables(file, name, value, Self::roster),
                _ => {
                    let message = "unknown table; known are organisation, field, spokesperson, place, clock, alert, \
                                   warning, officer, roster";
                    self.problem(file, key.span().start, name, message);
                }
            }
        }
    }

    /// Reads `[[name]]`, each element for itself. `take` keeps it and gives the ids it names.
    fn tables<T: DeserializeOwned>(
        &mut self,
        file: RegistryFile<'_>,
        name: &str,
        value: Spanned<DeValue<'_>>,
        take: fn(&mut Self, T) -> Result<Vec<String>, Mistake>,
    ) {
        let start = value.span().start;
        let DeValue::Array(elements) = value.into_inner() else {
            return self.problem(file, start, name, "write it as [[…]]");
        };
        for element in elements {
            let start = element.span().start;
            let text = |key: &str| element.get_ref().get(key).and_then(|v| v.get_ref().as_str()).map(str::to_owned);
            let id = ["id", "topic", "name", "severity"].into_iter().find_map(text).unwrap_or_default();
            let key = format!("{name}.{id}");
            let taken = match T::deserialize(ValueDeserializer::from(element)) {
                Ok(raw) => take(self, raw),
                Err(e) => {
                    let at = e.span().map_or(start, |s| s.start);
                    self.problem(file, at, &key, e.message().trim());
                    continue;
                }
            };
            match taken {
                Ok(ids) => {
                    let line = line_of(file.text, start);
                    let named = ids.into_iter();
                    self.refs.extend(named.map(|id| Reference {
                        file: file.name.to_owned(),
                        line,
                        key: key.clone(),
                        id,
                    }));
                }
                Err(message) => self.problem(file, start, &key, &message),
            }
        }
    }

    fn organisation(&mut self, raw: RawOrganisation) -> Result<Vec<String>, Mistake> {
        let kind = OrganisationKind::parse(&raw.kind)
            .ok_or_else(|| format!("kind {:?} is none of ministry, department, provincial, facility", raw.kind))?;
        if self.registry.organisation(&raw.id).is_some() {
            return Err(format!("the id {:?} is used twice", raw.id));
        }
        let validity = validity(raw.valid_from, raw.valid_to)?;
        let named = [&raw.parent, &raw.successor].into_iter().flatten().cloned().collect();
        self.registry.organisations.push(Organisation {
            id: raw.id,
            name: required("name", raw.name)?,
            also: raw.also,
            kind,
            province: raw.province,
            parent: raw.parent,
            successor: raw.successor,
            validity,
        });
        Ok(named)
    }

    fn field(&mut self, raw: RawField) -> Result<Vec<String>, Mistake> {
        let validity = validity(raw.valid_from, raw.valid_to)?;
        let named = vec![raw.organisation.clone()];
        self.registry.fields.push(FieldDuty { topic: raw.topic, organisation: raw.organisation, validity });
        Ok(named)
    }

    fn spokesperson(&mut self, raw: RawSpokesperson) -> Result<Vec<String>, Mistake> {
        let validity = validity(raw.valid_from, raw.valid_to)?;
        let named = vec![raw.organisation.clone()];
        self.registry.spokespersons.push(Spokesperson {
            name: required("name", raw.name)?,
            title: raw.title,
            organisation: raw.organisation,
            topic: raw.topic,
            rank: if raw.deputy { SpokesRank::Deputy } else { SpokesRank::First },
            contact: raw.contact,
            validity,
        });
        Ok(named)
    }

    fn place(&mut self, raw: RawPlace) -> Result<Vec<String>, Mistake> {
        let name = required("name", raw.name)?;
        if self.registry.places.iter().any(|p| p.name == name) {
            return Err(format!("the place {name:?} is given twice"));
        }
        self.registry.places.push(Place { name, old: raw.old, also: raw.also });
        Ok(Vec::new())
    }

    fn clock(&mut self, raw: RawClock) -> Result<Vec<String>, Mistake> {
        let rule = duty::clock(raw)?;
        if self.registry.clocks.iter().any(|c| c.id == rule.id && c.valid_from == rule.valid_from) {
            return Err(format!("the id {:?} is used twice", rule.id));
        }
        self.registry.clocks.push(rule);
        Ok(Vec::new())
    }

    fn alert(&mut self, raw: RawAlert) -> Result<Vec<String>, Mistake> {
        let policy = duty::alert(raw)?;
        if self.registry.alerts.iter().any(|a| a.severity == policy.severity) {
            return Err("this severity has a ladder already".to_owned());
        }
        self.registry.alerts.push(policy);
        Ok(Vec::new())
    }

    fn warning(&mut self, raw: RawWarning) -> Result<Vec<String>, Mistake> {
        self.registry.warnings.push(duty::warning(raw)?);
        Ok(Vec::new())
    }

    fn officer(&mut self, raw: RawOfficer) -> Result<Vec<String>, Mistake> {
        if self.registry.officer(&raw.id).is_some() {
            return Err(format!("the id {:?} is used twice", raw.id));
        }
        self.registry.officers.push(roster::officer(raw)?);
        Ok(Vec::new())
    }

    fn roster(&mut self, raw: RawRoster) -> Result<Vec<String>, Mistake> {
        if self.registry.rosters.iter().any(|r| r.id == raw.id) {
            return Err(format!("the id {:?} is used twice", raw.id));
        }
        self.registry.rosters.push(roster::roster(raw)?);
        Ok(Vec::new())
    }

    fn check_references(&mut self) {
        let ids: HashSet<&str> = self.registry.organisations.iter().map(|o| o.id.as_str()).collect();
        let unknown = self.refs.iter().filter(|r| !ids.contains(r.id.as_str()));
        self.problems.extend(unknown.map(|r| Problem {
            file: r.file.clone(),
            line: r.line,
            key: r.key.clone(),
            message: format!("names the organisation {:?}, which no file holds", r.id),
        }));
    }

    fn problem(&mut self, file: RegistryFile<'_>, at: usize, key: &str, message: &str) {
        self.problems.push(Problem {
            file: file.name.to_owned(),
            line: line_of(file.text, at),
            key: key.to_owned(),
            message: message.to_owned(),
        });
    }
}

fn line_of(text: &str, at: usize) -> usize {
    1 + text.as_bytes().iter().take(at).filter(|&&b| b == b'\n').count()
}

pub(super) fn required(what: &str, text: String) -> Result<String, Mistake> {
    if text.trim().is_empty() { Err(format!("{what} is empty")) } else { Ok(text) }
}

pub(super) fn validity(from: Option<Datetime>, to: Option<Datetime>) -> Result<Validity, Mistake> {
    let day = |given: Option<Datetime>| -> Result<Option<NaiveDate>, Mistake> {
        let Some(given) = given else { return Ok(None) };
        let date = given.date.filter(|_| given.time.is_none()).ok_or("a day is written 2026-03-01, without a time")?;
        let day = NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into());
        Ok(Some(day.ok_or("there is no such day")?))
    };
    let validity = Validity { from: day(from)?, to: day(to)? };
    match (validity.from, validity.to) {
        (Some(from), Some(to)) if to <= from => Err("valid_to must be after valid_from".to_owned()),
        _ => Ok(validity),
    }
}
