//! What is odd in a registry whose files are right: gaps that would leave a case without a unit, a
//! speaker or anybody to tell.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;

use super::{OrganisationKind, Registry};

/// What the rest of a home knows.
#[derive(Debug, Clone, Default)]
pub struct Known<'a> {
    /// The rules' topics.
    pub topics: Vec<&'a str>,
    /// Those of them that a unit must answer for.
    pub fields: Vec<&'a str>,
    /// The webhooks of diembao.toml.
    pub webhooks: Vec<&'a str>,
}

/// Looks for gaps as of a moment; one line each.
#[must_use]
pub fn check_registry(registry: &Registry, known: &Known<'_>, now: DateTime<Utc>) -> Vec<String> {
    let day = now.with_timezone(&Ho_Chi_Minh).date_naive();
    let mut found = Vec::new();
    organisations(registry, day, &mut found);
    fields(registry, known, day, &mut found);
    rosters(registry, now, &mut found);
    ladders(registry, known, &mut found);
    found
}

fn organisations(registry: &Registry, day: NaiveDate, found: &mut Vec<String>) {
    let places: HashSet<&str> = registry.places.iter().map(|p| p.name.as_str()).collect();
    for o in &registry.organisations {
        if let Some(province) = o.province.as_deref().filter(|p| !places.contains(p)) {
            found.push(format!("organisation {}: no province of today is called {province:?}", o.id));
        }
        if o.kind == OrganisationKind::Facility && o.parent.is_none() {
            found.push(format!("organisation {}: a facility without parent: no unit answers for it", o.id));
        }
        if registry.on_day(o, day).is_none() {
            let what = if o.validity.from.is_some_and(|from| day < from) { "begins later" } else { "ended" };
            found.push(format!("organisation {}: {what}, and no successor does its work on {day}", o.id));
        }
    }
    for place in &registry.places {
        let here = registry.organisations.iter().filter(|o| {
            o.kind == OrganisationKind::Provincial
                && o.province.as_deref() == Some(&place.name)
                && o.validity.holds_on(day)
        });
        match here.count() {
            1 => {}
            n => found.push(format!("place {}: {n} health departments on {day}, where one is expected", place.name)),
        }
    }
}

fn fields(registry: &Registry, known: &Known<'_>, day: NaiveDate, found: &mut Vec<String>) {
    for field in registry.fields.iter().filter(|f| !known.topics.contains(&f.topic.as_str())) {
        found.push(format!("field {}: the rules have no such topic", field.topic));
    }
    for topic in &known.fields {
        match registry.fields.iter().filter(|f| f.topic == *topic && f.validity.holds_on(day)).count() {
            1 => {}
            n => found.push(format!("field {topic}: {n} organisations answer for it on {day}, where one is expected")),
        }
    }
    let answering = registry.organisations.iter().filter(|o| {
        o.kind != OrganisationKind::Facility
            && o.validity.holds_on(day)
            && registry.spokesperson(&o.id, &[], day).is_none()
    });
    found.extend(answering.map(|o| format!("organisation {}: nobody speaks for it on {day}", o.id)));
}

/// Every hour of the coming week.
fn rosters(registry: &Registry, now: DateTime<Utc>, found: &mut Vec<String>) {
    for roster in &registry.rosters {
        let gap = (0..7 * 24).map(|h| now + TimeDelta::hours(h)).find(|at| registry.on_duty(&roster.id, *at).is_none());
        if let Some(at) = gap {
            let at = at.with_timezone(&Ho_Chi_Minh).format("%Y-%m-%d %H:%M");
            found.push(format!("roster {}: nobody is on duty at {at}; everybody on it would be told", roster.id));
        }
        for id in roster.shifts.iter().flat_map(|s| &s.officers).filter(|id| registry.officer(id).is_none()) {
            found.push(format!("roster {}: names the officer {id:?}, whom no file holds", roster.id));
        }
    }
}

fn ladders(registry: &Registry, known: &Known<'_>, found: &mut Vec<String>) {
    let alerts = registry.alerts.iter().flat_map(|p| p.rungs.iter().flat_map(|r| &r.to));
    let mut seen = HashSet::new();
    for to in alerts.chain(registry.warnings.iter().flat_map(|w| &w.to)).filter(|to| seen.insert(to.as_str())) {
        let unknown = match to.split_once(':') {
            Some(("roster", id)) => registry.rosters.iter().all(|r| r.id != id),
            Some(("webhook", name)) => !known.webhooks.contains(&name),
            _ => to != "owner" && !to.contains('@'),
        };
        if unknown {
            found.push(format!(
                "alert: {to:?} is no mail address, no roster of these files and no webhook of diembao.toml"
            ));
        }
    }
    if registry.alerts.is_empty() {
        found.push("alert: there is no ladder: nobody is told of a case".to_owned());
    }
}
