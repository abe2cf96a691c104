//! How much of each allowed time is used. Calendar hours; neutral words; law is only
//! named where its basis was verified.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;

use crate::case::state_after;
use crate::{Action, BasisStatus, Case, CaseEvent, CaseState, ClockRule, ClockStop, DeadlineStage};

/// How far a clock has run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClockLevel {
    /// Its starting event is not recorded.
    NotStarted,
    /// Stopped in time.
    Met,
    /// Stopped late.
    MetLate,
    /// Below half of the time.
    Running,
    /// Half of the time is used.
    Half,
    /// Four fifths of the time are used.
    Most,
    /// All of the time is used.
    Due,
}

/// One clock of a case, read at a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct ClockReading {
    /// The rule's id; `directive-interim` and `directive-final` for deadlines of a directive.
    pub rule: String,
    /// Its Vietnamese name.
    pub name: String,
    /// When it started.
    pub started: Option<DateTime<Utc>>,
    /// When the time is used up, pauses counted.
    pub due: Option<DateTime<Utc>>,
    /// The part of the time that is used: 0.5 is half; above 1 when it is over.
    pub used: f64,
    /// The allowed time.
    pub span: TimeDelta,
    /// How far it has run.
    pub level: ClockLevel,
    /// Whether it stands still now.
    pub paused: bool,
    /// The time it ran before the program found the story.
    pub lost_before_detection: TimeDelta,
    /// The text it comes from.
    pub basis: String,
    /// How sure that is.
    pub status: BasisStatus,
    /// What to show, in neutral Vietnamese.
    pub wording: String,
}

/// Reads all clocks of a case: those of the rules in force when it was opened, and the
/// deadlines set in its events. The most pressing comes first.
#[must_use]
pub fn clocks(case: &Case, events: &[CaseEvent], rules: &[ClockRule], now: DateTime<Utc>) -> Vec<ClockReading> {
    let mut readings: Vec<ClockReading> = rules
        .iter()
        .filter(|rule| rule.in_force(case.opened_at) && rule.scope.holds(case))
        .map(|rule| {
            let start = rule.starts_from.of(case, events);
            let run = Run { start, span: rule.span, stop: rule.stops_at.of(case, events), fixed: None };
            read(case, Shown::of_rule(rule), &run, &pauses(events, &rule.scope.pauses_in, now), now)
        })
        .collect();
    readings.extend(deadline_readings(case, events, now));
    readings.sort_by(|a, b| b.level.cmp(&a.level).then(a.due.cmp(&b.due)).then(a.rule.cmp(&b.rule)));
    readings
}

impl ClockLevel {
    /// The warning this level calls for, in per cent of the time; none: no warning.
    #[must_use]
    pub fn percent(self) -> Option<u8> {
        match self {
            Self::Half => Some(50),
            Self::Most => Some(80),
            Self::Due => Some(100),
            Self::NotStarted | Self::Met | Self::MetLate | Self::Running => None,
        }
    }
}

/// When the next of some clocks reaches 50, 80 or 100 %; none: nothing runs towards it.
#[must_use]
pub fn next_warning(readings: &[ClockReading], now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let running = readings.iter().filter(|r| !r.paused && (ClockLevel::Running..ClockLevel::Due).contains(&r.level));
    // What is left at a level: a half, a fifth, nothing.
    let levels =
        running.filter_map(|r| Some((r.due?, r.span))).flat_map(|(due, span)| [due - span / 2, due - span / 5, due]);
    levels.filter(|at| *at > now).min()
}

struct Shown {
    rule: String,
    name: String,
    basis: String,
    status: BasisStatus,
}

impl Shown {
    fn of_rule(rule: &ClockRule) -> Self {
        Self { rule: rule.id.clone(), name: rule.name.clone(), basis: rule.basis.clone(), status: rule.status }
    }
}

struct Run {
    start: Option<DateTime<Utc>>,
    span: TimeDelta,
    stop: Option<DateTime<Utc>>,
    /// A deadline by date: pauses do not move it.
    fixed: Option<DateTime<Utc>>,
}

/// The deadline set by a directive that a case has to meet next; one that has passed unmet stays. Clocks of rules,
/// which nobody ordered for this case, do not count.
#[must_use]
pub fn next_deadline(case: &Case, events: &[CaseEvent], now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let running = deadline_readings(case, events, now).into_iter().filter(|r| r.level >= ClockLevel::Running);
    running.filter_map(|r| r.due).min()
}

/// A later deadline of the same stage replaces the earlier one.
fn deadline_readings(case: &Case, events: &[CaseEvent], now: DateTime<Utc>) -> Vec<ClockReading> {
    [DeadlineStage::Interim, DeadlineStage::Final]
        .into_iter()
        .filter_map(|stage| {
            let (set_at, due, note) = events.iter().rev().find_map(|e| match &e.action {
                Action::SetDeadline { stage: s, due } if *s == stage => Some((e.at, *due, e.note.clone())),
                _ => None,
            })?;
            let stop = match stage {
                DeadlineStage::Interim => ClockStop::Answered.of(case, events),
                DeadlineStage::Final => ClockStop::Closed.of(case, events),
            };
            let shown = Shown {
                rule: format!("directive-{}", stage.as_str()),
                name: format!("Thời hạn chỉ đạo: {}", stage.label()),
                basis: note,
                status: BasisStatus::Unverified,
            };
            let run = Run {
                start: Some(set_at.min(due)),
                span: (due - set_at).max(TimeDelta::zero()),
                stop,
                fixed: Some(due),
            };
            Some(read(case, shown, &run, &[], now))
        })
        .collect()
}

/// A stretch in which clocks stand still.
struct Pause {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    /// Whether it still lasts: then `to` is now.
    open: bool,
}

/// The pauses in order, none overlapping another, whatever the order of the events' times.
fn pauses(events: &[CaseEvent], still_in: &[CaseState], now: DateTime<Utc>) -> Vec<Pause> {
    let mut found = Vec::new();
    let (mut since, mut still_since, mut state) = (None, None, CaseState::Detected);
    let mut end = |since: &mut Option<DateTime<Utc>>, at: DateTime<Utc>| {
        if let Some(from) = since.take() {
            found.push(Pause { from, to: at.max(from), open: false });
        }
    };
    for event in events {
        match event.action {
            Action::Pause => since = since.or(Some(event.at)),
            Action::Resume => end(&mut since, event.at),
            _ => {}
        }
        state = state_after(state, &event.action);
        if still_in.contains(&state) {
            still_since = still_since.or(Some(event.at));
        } else {
            end(&mut still_since, event.at);
        }
    }
    found.extend([since, still_since].into_iter().flatten().map(|from| Pause { from, to: now.max(from), open: true }));
    found.sort_by_key(|p| p.from);
    found.into_iter().fold(Vec::new(), |mut merged: Vec<Pause>, next| {
        match merged.last_mut() {
            Some(last) if next.from <= last.to => {
                last.to = last.to.max(next.to);
                last.open |= next.open;
            }
            _ => merged.push(next),
        }
        merged
    })
}

fn read(case: &Case, shown: Shown, run: &Run, pauses: &[Pause], now: DateTime<Utc>) -> ClockReading {
    let Shown { rule, name, basis, status } = shown;
    let Some(start) = run.start else {
        let wording = format!("{name}: chưa bắt đầu tính");
        return ClockReading {
            rule,
            name,
            started: None,
            due: None,
            used: 0.0,
            span: run.span,
            level: ClockLevel::NotStarted,
            paused: false,
            lost_before_detection: TimeDelta::zero(),
            basis,
            status,
            wording,
        };
    };
    let stop = run.stop.map(|at| at.max(start));
    let end = stop.unwrap_or(now).max(start);
    let stood = pauses
        .iter()
        .fold(TimeDelta::zero(), |sum, p| sum + (p.to.min(end) - p.from.max(start)).max(TimeDelta::zero()));
    let due = run.fixed.unwrap_or_else(|| {
        start.checked_add_signed(run.span).and_then(|d| d.checked_add_signed(stood)).unwrap_or(DateTime::<Utc>::MAX_UTC)
    });
    let ran = end - start - stood;
    let used = used(ran, run.span, end >= due);
    let level = level(used, stop.is_some(), end > due);
    let paused = stop.is_none() && pauses.iter().any(|p| p.open);
    let lost = (case.opened_at.min(end) - start).max(TimeDelta::zero());
    let wording = wording(&name, level, paused, (due, end), (&basis, status));
    ClockReading {
        rule,
        name,
        started: Some(start),
        due: Some(due),
        used,
        span: run.span,
        level,
        paused,
        lost_before_detection: lost,
        basis,
        status,
        wording,
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share of hours needs no 53 bits of milliseconds")]
fn used(ran: TimeDelta, span: TimeDelta, over: bool) -> f64 {
    if span <= TimeDelta::zero() {
        return if over { 1.0 } else { 0.0 };
    }
    ran.num_milliseconds() as f64 / span.num_milliseconds().max(1) as f64
}

fn level(used: f64, stopped: bool, late: bool) -> ClockLevel {
    match used {
        _ if stopped && late => ClockLevel::MetLate,
        _ if stopped => ClockLevel::Met,
        u if u >= 1.0 => ClockLevel::Due,
        u if u >= 0.8 => ClockLevel::Most,
        u if u >= 0.5 => ClockLevel::Half,
        _ => ClockLevel::Running,
    }
}

fn wording(
    name: &str,
    level: ClockLevel,
    paused: bool,
    (due, end): (DateTime<Utc>, DateTime<Utc>),
    (basis, status): (&str, BasisStatus),
) -> String {
    let local = due.with_timezone(&Ho_Chi_Minh).format("%H:%M %d/%m/%Y");
    let left = spoken(due - end);
    let body = match level {
        ClockLevel::NotStarted => "chưa bắt đầu tính".to_owned(),
        ClockLevel::Met => "đã hoàn thành trong thời gian đặt ra".to_owned(),
        ClockLevel::MetLate => format!("đã hoàn thành, sau mốc {local} là {}", spoken(end - due)),
        ClockLevel::Running => format!("còn {left}, đến {local}"),
        ClockLevel::Half => format!("đã dùng quá 50% thời gian, còn {left}, đến {local}"),
        ClockLevel::Most => format!("đã dùng quá 80% thời gian, còn {left}, đến {local}"),
        ClockLevel::Due if status == BasisStatus::Verified => {
            format!("quá thời hạn {local} theo {basis}")
        }
        ClockLevel::Due => format!("đã qua mốc {local}"),
    };
    let pause = if paused { " (đang tạm dừng)" } else { "" };
    let doubt = match (level, status) {
        (_, BasisStatus::Verified) => String::new(),
        (_, other) if basis.is_empty() => format!(" (căn cứ: {})", other.label()),
        (_, other) => format!(" (căn cứ: {basis}, {})", other.label()),
    };
    format!("{name}: {body}{pause}{doubt}")
}

/// A span of time in Vietnamese: "19 phút", "2 giờ 05 phút", "3 ngày 4 giờ".
#[must_use]
pub fn spoken(span: TimeDelta) -> String {
    let minutes = span.num_minutes().max(0);
    let (days, hours, minutes) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    match (days, hours) {
        (0, 0) => format!("{minutes} phút"),
        (0, h) => format!("{h} giờ {minutes:02} phút"),
        (d, h) => format!("{d} ngày {h} giờ"),
    }
}
