//! Who is on duty when.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeZone, Utc, Weekday};
use chrono_tz::Asia::Ho_Chi_Minh;
use serde::Deserialize;
use toml::value::Datetime;

use super::duty::time;
use super::parse::{Mistake, required, validity};
use super::{Registry, Validity};

/// A person who takes shifts or is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Officer {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
    /// The mail address.
    pub email: String,
    /// How to call.
    pub phone: Option<String>,
}

/// Who takes turns at a desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    /// The id.
    pub id: String,
    /// Its Vietnamese name.
    pub name: String,
    /// The shifts.
    pub shifts: Vec<Shift>,
}

/// One turn, on certain days of the week, in `Asia/Ho_Chi_Minh`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shift {
    /// Its beginning.
    pub from: NaiveTime,
    /// Its end; not after the beginning: on the next day.
    pub to: NaiveTime,
    /// The days it begins on.
    pub days: Vec<Weekday>,
    /// The ids of those who are on duty.
    pub officers: Vec<String>,
    /// When it holds. One with both a beginning and an end stands in for the usual ones.
    pub validity: Validity,
}

impl Shift {
    /// Its stretch of time on the day it begins on.
    fn on(&self, day: NaiveDate) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        if !self.days.contains(&day.weekday()) || !self.validity.holds_on(day) {
            return None;
        }
        let end = if self.to <= self.from { day.checked_add_days(Days::new(1))? } else { day };
        let at = |day: NaiveDate, time| {
            Some(Ho_Chi_Minh.from_local_datetime(&day.and_time(time)).earliest()?.with_timezone(&Utc))
        };
        Some((at(day, self.from)?, at(end, self.to)?))
    }

    /// The stretch of time that holds a moment.
    fn around(&self, at: DateTime<Utc>) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let day = at.with_timezone(&Ho_Chi_Minh).date_naive();
        [Some(day), day.pred_opt()]
            .into_iter()
            .flatten()
            .filter_map(|day| self.on(day))
            .find(|(f, t)| *f <= at && at < *t)
    }

    fn is_stand_in(&self) -> bool {
        self.validity.from.is_some() && self.validity.to.is_some()
    }
}

/// A turn that is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnDuty<'a> {
    /// Since when.
    pub from: DateTime<Utc>,
    /// Until when.
    pub to: DateTime<Utc>,
    /// Who.
    pub officers: Vec<&'a Officer>,
}

impl Registry {
    /// The officer with an id.
    #[must_use]
    pub fn officer(&self, id: &str) -> Option<&Officer> {
        self.officers.iter().find(|o| o.id == id)
    }

    /// Who of a roster is on duty at a moment; none: there is no such roster, or a gap in it.
    #[must_use]
    pub fn on_duty(&self, roster: &str, at: DateTime<Utc>) -> Option<OnDuty<'_>> {
        let roster = self.rosters.iter().find(|r| r.id == roster)?;
        let mut turns: Vec<_> = roster.shifts.iter().filter_map(|s| Some((s, s.around(at)?))).collect();
        if turns.iter().any(|(shift, _)| shift.is_stand_in()) {
            turns.retain(|(shift, _)| shift.is_stand_in());
        }
        let from = turns.iter().map(|(_, (from, _))| *from).max()?;
        let to = turns.iter().map(|(_, (_, to))| *to).min()?;
        let mut officers: Vec<&Officer> = Vec::new();
        for officer in turns.iter().flat_map(|(shift, _)| &shift.officers).filter_map(|id| self.officer(id)) {
            if !officers.contains(&officer) {
                officers.push(officer);
            }
        }
        Some(OnDuty { from, to, officers })
    }

    /// The addresses a ladder's word stands for at a moment: those on duty of `roster:ID`, in a gap
    /// everybody on it, so that an alarm never reaches nobody; any other word is an address itself.
    #[must_use]
    pub fn receivers(&self, to: &str, at: DateTime<Utc>) -> Vec<String> {
        let Some(id) = to.strip_prefix("roster:") else {
            return vec![to.to_owned()];
        };
        let on_duty = self.on_duty(id, at).map(|d| d.officers).unwrap_or_default();
        let officers = if on_duty.is_empty() { self.all_of(id) } else { on_duty };
        officers.iter().map(|o| o.email.clone()).collect()
    }

    /// The address of a case's owner, who is known by id, name or address.
    #[must_use]
    pub fn owner_mail(&self, owner: Option<&str>) -> Option<String> {
        let owner = owner?;
        let found = self.officers.iter().find(|o| [&o.id, &o.name, &o.email].iter().any(|known| *known == owner));
        found.map(|o| o.email.clone())
    }

    fn all_of(&self, roster: &str) -> Vec<&Officer> {
        let rosters = self.rosters.iter().filter(|r| r.id == roster);
        let mut ids: Vec<&str> =
            rosters.flat_map(|r| &r.shifts).flat_map(|s| &s.officers).map(String::as_str).collect();
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter().filter_map(|id| self.officer(id)).collect()
    }
}

/// `[[officer]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawOfficer {
    pub(super) id: String,
    name: String,
    email: String,
    phone: Option<String>,
}

pub(super) fn officer(raw: RawOfficer) -> Result<Officer, Mistake> {
    let is_mail = raw.email.split_once('@').is_some_and(|(l, d)| !l.is_empty() && !d.is_empty());
    if !is_mail || raw.email.contains(char::is_whitespace) {
        return Err(format!("email {:?} is not a mail address", raw.email));
    }
    Ok(Officer { id: raw.id, name: required("name", raw.name)?, email: raw.email, phone: raw.phone })
}

/// `[[roster]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRoster {
    pub(super) id: String,
    name: String,
    shift: Vec<RawShift>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawShift {
    from: String,
    to: String,
    #[serde(default)]
    days: Vec<String>,
    officers: Vec<String>,
    valid_from: Option<Datetime>,
    valid_to: Option<Datetime>,
}

const WEEK: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

pub(super) fn roster(raw: RawRoster) -> Result<Roster, Mistake> {
    let shift = |raw: RawShift| -> Result<Shift, Mistake> {
        if raw.officers.is_empty() {
            return Err("a shift without officers: nobody would be told".to_owned());
        }
        let day = |s: &String| -> Result<Weekday, Mistake> {
            s.parse().map_err(|_| format!("{s:?} is no day: write mon, tue, wed, thu, fri, sat or sun"))
        };
        let days: Vec<Weekday> = raw.days.iter().map(day).collect::<Result<_, _>>()?;
        Ok(Shift {
            from: time(&raw.from)?,
            to: time(&raw.to)?,
            days: if days.is_empty() { WEEK.to_vec() } else { days },
            officers: raw.officers,
            validity: validity(raw.valid_from, raw.valid_to)?,
        })
    };
    let shifts = raw.shift.into_iter().map(shift).collect::<Result<_, _>>()?;
    Ok(Roster { id: raw.id, name: required("name", raw.name)?, shifts })
}
