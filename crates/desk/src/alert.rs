//! Who has to be told of a case now. A new case and each raise of its severity sounds an alarm;
//! the alarm climbs a ladder until a person does something about the case. Quiet hours put an
//! alarm off, but never a red one.

use chrono::{DateTime, Days, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;
use diembao_news::{CaseId, Severity};

use crate::{Action, Case, CaseEvent, ClockReading, Registry, spoken};

/// One step of the ladder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rung {
    /// How long after the alarm, when nobody has taken the case.
    pub after: TimeDelta,
    /// Who is told: a mail address, `roster:ID` or `webhook:NAME`.
    pub to: Vec<String>,
}

/// Hours in which nobody is woken for less than red, in `Asia/Ho_Chi_Minh`; they may span midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    /// Their beginning.
    pub from: NaiveTime,
    /// Their end, no longer quiet itself.
    pub to: NaiveTime,
}

/// Who is told that a clock has run so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WarningPolicy {
    /// 50, 80 or 100 per cent of the time.
    pub percent: u8,
    /// Who is told: as on a rung, or `owner`.
    pub to: Vec<String>,
}

/// Who is told of which severity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertPolicy {
    /// This severity exactly.
    pub severity: Severity,
    /// The ladder, the first rung first.
    pub rungs: Vec<Rung>,
    /// When it is put off; not heeded for red.
    pub quiet: Option<QuietHours>,
}

/// Why a message is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlertCause {
    /// The case is new, or graver than before.
    Alarm,
    /// A clock has used so much of its time.
    Clock {
        /// The clock, the per cent and the time it is due: `phan-hoi-dau-tien/80/1795219200`.
        mark: String,
        /// What to say, in neutral Vietnamese.
        wording: String,
    },
}

/// One message to one receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// The case.
    pub case: CaseId,
    /// The version of the case that sounded the alarm.
    pub version: i64,
    /// The rung, from 0.
    pub rung: usize,
    /// Who is told: a mail address or `webhook:NAME`.
    pub to: String,
    /// Since when it is due.
    pub due: DateTime<Utc>,
    /// Why.
    pub cause: AlertCause,
}

impl Alert {
    /// The same for the same message at every try: `12/3/0/truc@example.vn`.
    #[must_use]
    pub fn key(&self) -> String {
        match &self.cause {
            AlertCause::Alarm => format!("{}/{}/{}/{}", self.case, self.version, self.rung, self.to),
            AlertCause::Clock { mark, .. } => format!("{}/{mark}/{}", self.case, self.to),
        }
    }
}

/// The messages of the alarm that stands, by the time they are due: those of later rungs too, and
/// those sent before; tell them apart by [`Alert::key`]. None once a person has acted since the
/// alarm, or the case ended. Who a roster stands for is read at the time the rung is due.
#[must_use]
pub fn ladder(case: &Case, events: &[CaseEvent], registry: &Registry) -> Vec<Alert> {
    let Some((alarm_at, version)) = alarm(case, events) else {
        return Vec::new();
    };
    let mut due: Vec<Alert> = registry
        .alerts
        .iter()
        .filter(|policy| policy.severity == case.severity)
        .flat_map(|policy| policy.rungs.iter().enumerate().map(move |(n, rung)| (policy, n, rung)))
        .filter_map(|(policy, n, rung)| {
            let quiet = policy.quiet.filter(|_| policy.severity != Severity::Red);
            // What is told in the morning climbs from the morning on: who is on duty has the time to take it.
            let at = put_off(put_off(alarm_at, quiet).checked_add_signed(rung.after)?, quiet);
            Some((n, rung, at))
        })
        .flat_map(|(n, rung, at)| {
            let to = rung.to.iter().flat_map(move |to| registry.receivers(to, at));
            to.map(move |to| Alert { case: case.id, version, rung: n, to, due: at, cause: AlertCause::Alarm })
        })
        .collect();
    due.sort_by_key(|alert| (alert.due, alert.rung));
    due
}

/// The messages of [`ladder`] that are due by now.
#[must_use]
pub fn alerts_due(case: &Case, events: &[CaseEvent], registry: &Registry, now: DateTime<Utc>) -> Vec<Alert> {
    let mut due = ladder(case, events, registry);
    due.retain(|alert| alert.due <= now);
    due
}

/// The messages about clocks that have used half, four fifths or all of their time. Those sent
/// before are among them. In quiet hours they wait, but never for a red case.
#[must_use]
pub fn clock_alerts(case: &Case, readings: &[ClockReading], registry: &Registry, now: DateTime<Utc>) -> Vec<Alert> {
    let quiet = registry.alerts.iter().find(|p| p.severity == case.severity).and_then(|p| p.quiet);
    let at = if case.severity == Severity::Red { now } else { put_off(now, quiet) };
    let reached = readings.iter().filter(|r| !r.paused).filter_map(|r| Some((r, r.level.percent()?, r.due?)));
    reached
        .flat_map(|(reading, percent, due)| {
            let policies = registry.warnings.iter().filter(move |w| w.percent == percent);
            let to = policies.flat_map(|w| &w.to).flat_map(move |to| match to.as_str() {
                "owner" => registry.owner_mail(case.owner.as_deref()).into_iter().collect(),
                _ => registry.receivers(to, at),
            });
            let mark = format!("{}/{percent}/{}", reading.rule, due.timestamp());
            to.map(move |to| Alert {
                case: case.id,
                version: case.version,
                rung: 0,
                to,
                due: at,
                cause: AlertCause::Clock { mark: mark.clone(), wording: reading.wording.clone() },
            })
        })
        .collect()
}

/// The last event that sounded the alarm and its version, when no person has acted since.
fn alarm(case: &Case, events: &[CaseEvent]) -> Option<(DateTime<Utc>, i64)> {
    if !case.state.is_open() {
        return None;
    }
    for (before, event) in events.iter().enumerate().rev() {
        match event.action {
            Action::Open { .. } | Action::Raise { .. } => {
                return Some((event.at, i64::try_from(before).ok()?.saturating_add(1)));
            }
            _ if event.action.is_automatic() => {}
            _ => return None,
        }
    }
    None
}

/// The moment itself, or the end of the quiet hours it falls into.
fn put_off(at: DateTime<Utc>, quiet: Option<QuietHours>) -> DateTime<Utc> {
    let Some(QuietHours { from, to }) = quiet else {
        return at;
    };
    let local = at.with_timezone(&Ho_Chi_Minh);
    let (time, today) = (local.time(), local.date_naive());
    let day = match from <= to {
        true if from <= time && time < to => Some(today),
        false if time < to => Some(today),
        false if from <= time => today.checked_add_days(Days::new(1)),
        _ => return at,
    };
    let end = day.and_then(|day| Ho_Chi_Minh.from_local_datetime(&day.and_time(to)).earliest());
    end.map_or(at, |end| end.with_timezone(&Utc))
}

/// What an alert says, in neutral Vietnamese: the subject line and the text. `link` is where the
/// receiver says that the case is taken.
#[must_use]
pub fn alert_text(case: &Case, alert: &Alert, link: Option<&str>) -> (String, String) {
    let local = |at: DateTime<Utc>| at.with_timezone(&Ho_Chi_Minh).format("%H:%M %d/%m/%Y").to_string();
    let (mark, first) = match &alert.cause {
        AlertCause::Alarm => {
            let again = if alert.version > 1 { " – mức mới" } else { "" };
            let rung = if alert.rung > 0 { format!(" – nhắc lần {}", alert.rung) } else { String::new() };
            (format!("{again}{rung}"), String::new())
        }
        AlertCause::Clock { wording, .. } => (" – thời hạn".to_owned(), format!("{wording}\n\n")),
    };
    let subject = format!("[{}{mark}] Vụ việc #{}: {}", case.severity.label(), case.id, case.title);
    let lost = spoken(case.lost_before_detection());
    let unit = case.handling.unit.as_ref().map(|u| format!("Đơn vị: {u}.\n"));
    let unit = unit.or_else(|| case.handling.proposed.as_ref().map(|u| format!("Đề xuất chuyển: {u}.\n")));
    let link = link.map(|link| format!("Nhận vụ việc: {link}\n")).unwrap_or_default();
    let text = format!(
        "{first}Theo báo chí phản ánh, chưa có kết luận.\n\
         {}\n\
         Báo đầu tiên đăng: {}; phát hiện: {} (sau {lost}).\n\
         Số bài: {}; số báo: {}. Trạng thái: {}.\n\
         {}{link}Nhận bằng lệnh: diembao desk ack {}\n",
        case.title,
        local(case.published),
        local(case.opened_at),
        case.spread.n_articles,
        case.spread.n_outlets,
        case.state.label(),
        unit.unwrap_or_default(),
        case.id,
    );
    (subject, text)
}
