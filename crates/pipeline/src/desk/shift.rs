//! The hand-over of a shift: what is open and pressing, which calls nobody answered, what was covered;
//! the next officer signs it.

use chrono::{DateTime, TimeDelta, Utc};
use diembao_desk::{Handover, handover};
use diembao_store::{CaseFilter, CaseStates, SignedHandover};

use super::DeskFailure;
use crate::{Pipeline, coverage};

/// Open cases of a hand-over, the gravest first.
const MAX_OPEN: usize = 1000;
/// A shift without a signed one before it and without a roster.
const USUAL: TimeDelta = TimeDelta::hours(12);
/// Who hands over does it up to so long after the turn.
const OVERLAP: TimeDelta = TimeDelta::hours(1);
/// The roster whose turns are shifts of the desk.
const ROSTER: &str = "truc";

/// A shift as it would be handed over now.
#[derive(Debug, Clone)]
pub struct ShiftReport {
    /// What is handed over.
    pub handover: Handover,
    /// Outlets that could not be read in the shift.
    pub unreachable: Vec<String>,
    /// Outlets that answered, but brought nothing new for a week.
    pub silent: Vec<String>,
    /// Who is on duty by the roster at its end.
    pub next: Vec<String>,
    /// It as text, in Vietnamese.
    pub text: String,
}

/// A signature.
#[derive(Debug, Clone)]
pub struct SignShift {
    /// Who hands over.
    pub given_by: String,
    /// Who takes over, and signs.
    pub taken_by: String,
    /// A remark that belongs to it.
    pub note: String,
}

/// The shift that ends now: from the last signed one's end, else from the beginning of the roster's turn.
///
/// # Errors
/// When the store fails.
pub async fn shift(p: &Pipeline, from: Option<DateTime<Utc>>) -> Result<ShiftReport, DeskFailure> {
    let to = p.clock.now();
    let from = match from {
        Some(from) => from,
        None => begun(p, to).await?,
    };
    let open = p.store.cases(&CaseFilter { n_max: MAX_OPEN, ..CaseFilter::default() }).await?;
    let mut ended = p.store.cases_ended(from, to).await?;
    let news = CaseFilter { states: CaseStates::News, n_max: MAX_OPEN, ..CaseFilter::default() };
    for case in p.store.cases(&news).await? {
        if ended.iter().all(|c| c.id != case.id) {
            ended.push(case);
        }
    }
    let ids: Vec<_> = open.iter().chain(&ended).map(|c| c.id).collect();
    let mut events = p.store.case_events(&ids).await?;
    let cases: Vec<_> = open
        .into_iter()
        .chain(ended)
        .map(|c| (events.remove(&c.id).unwrap_or_default(), c))
        .map(|(e, c)| (c, e))
        .collect();
    let seen = coverage(p, from).await?;
    let line = format!("{}/{} nguồn đọc được", seen.n_read, seen.n_outlets);
    let line = [("không đọc được", &seen.unreachable), ("im lặng", &seen.silent)]
        .iter()
        .filter(|(_, names)| !names.is_empty())
        .fold(line, |line, (what, names)| format!("{line}; {what}: {}", names.join(", ")));
    let handover = handover(&cases, &p.home.registry.clocks, (from, to), &line);
    let on_duty = p.home.registry.on_duty(ROSTER, to);
    Ok(ShiftReport {
        text: handover.text(),
        handover,
        unreachable: seen.unreachable,
        silent: seen.silent,
        next: on_duty.map(|d| d.officers.iter().map(|o| o.name.clone()).collect()).unwrap_or_default(),
    })
}

async fn begun(p: &Pipeline, to: DateTime<Utc>) -> Result<DateTime<Utc>, DeskFailure> {
    if let Some(last) = p.store.handovers(1).await?.first().filter(|last| last.to < to) {
        return Ok(last.to);
    }
    Ok(p.home.registry.on_duty(ROSTER, to - OVERLAP).map(|d| d.from).filter(|from| *from < to).unwrap_or(to - USUAL))
}

/// Signs the shift that ends now; what was signed.
///
/// # Errors
/// When a name is missing, the same person gives and takes, or the shift was signed before.
pub async fn sign_shift(
    p: &Pipeline,
    from: Option<DateTime<Utc>>,
    sign: &SignShift,
) -> Result<SignedHandover, DeskFailure> {
    let (given, taken) = (sign.given_by.trim(), sign.taken_by.trim());
    if given.is_empty() || taken.is_empty() {
        return Err(DeskFailure::Input("a hand-over needs the names of who gives and who takes".to_owned()));
    }
    if given == taken {
        return Err(DeskFailure::Input(format!("{given} cannot hand over to themselves: the next officer signs")));
    }
    let report = shift(p, from).await?;
    let note = if sign.note.trim().is_empty() { String::new() } else { format!("\nGhi chú: {}\n", sign.note.trim()) };
    let signed = SignedHandover {
        from: report.handover.from,
        to: report.handover.to,
        text: format!("{}{note}\nNgười giao: {given}\nNgười nhận: {taken}\n", report.text),
        given_by: given.to_owned(),
        taken_by: taken.to_owned(),
        signed_at: p.clock.now(),
    };
    if p.store.sign_handover(&signed).await? {
        Ok(signed)
    } else {
        Err(DeskFailure::Input("this shift was signed before; `diembao desk handover --signed` shows it".to_owned()))
    }
}

/// The last signed hand-overs, the newest first.
///
/// # Errors
/// When the store fails.
pub async fn signed_shifts(p: &Pipeline, n_max: usize) -> Result<Vec<SignedHandover>, DeskFailure> {
    Ok(p.store.handovers(n_max).await?)
}
