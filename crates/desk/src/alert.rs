//! Who has to be told of a case now. A new case and each raise of its severity sounds an alarm;
//! the alarm climbs a ladder until a person does something about the case. Quiet hours put an
//! alarm off, but never a red one.

use chrono::{DateTime, Days, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;
use diembao_news::{CaseId, Severity};

use crate::{Action, Case, CaseEvent};

/// One step of the ladder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rung {
    /// How long after the alarm, when nobody has taken the case.
    pub after: TimeDelta,
    /// Who is told: mail addresses or names of webhooks.
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

/// One message to one receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// The case.
    pub case: CaseId,
    /// The version of the case that sounded the alarm.
    pub version: i64,
    /// The rung, from 0.
    pub rung: usize,
    /// Who is told.
    pub to: String,
    /// Since when it is due.
    pub due: DateTime<Utc>,
}

impl Alert {
    /// The same for the same message at every try: `12/3/0/truc@example.vn`.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}/{}/{}/{}", self.case, self.version, self.rung, self.to)
    }
}

/// The messages that are due by now, the oldest first. Those sent before are among them:
/// tell them apart by [`Alert::key`]. None once a person has acted since the alarm, or the case ended.
#[must_use]
pub fn alerts_due(case: &Case, events: &[CaseEvent], policies: &[AlertPolicy], now: DateTime<Utc>) -> Vec<Alert> {
    let Some((alarm_at, version)) = alarm(case, events) else {
        return Vec::new();
    };
    let mut due: Vec<Alert> = policies
        .iter()
        .filter(|policy| policy.severity == case.severity)
        .flat_map(|policy| policy.rungs.iter().enumerate().map(move |(n, rung)| (policy, n, rung)))
        .filter_map(|(policy, n, rung)| {
            let at = alarm_at.checked_add_signed(rung.after)?;
            let at = if policy.severity == Severity::Red { at } else { put_off(at, policy.quiet) };
            Some((n, rung, at))
        })
        .filter(|(_, _, at)| *at <= now)
        .flat_map(|(n, rung, at)| {
            rung.to.iter().map(move |to| Alert { case: case.id, version, rung: n, to: to.clone(), due: at })
        })
        .collect();
    due.sort_by_key(|alert| (alert.due, alert.rung));
    due
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
            Action::Evidence { .. } => {}
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

/// What an alert says, in neutral Vietnamese: the subject line and the text.
#[must_use]
pub fn alert_text(case: &Case, alert: &Alert) -> (String, String) {
    let local = |at: DateTime<Utc>| at.with_timezone(&Ho_Chi_Minh).format("%H:%M %d/%m/%Y").to_string();
    let again = if alert.version > 1 { " – mức mới" } else { "" };
    let rung = if alert.rung > 0 { format!(" – nhắc lần {}", alert.rung) } else { String::new() };
    let subject = format!("[{}{again}{rung}] Vụ việc #{}: {}", case.severity.label(), case.id, case.title);
    let lost = case.lost_before_detection().num_minutes();
    let text = format!(
        "Theo báo chí phản ánh, chưa có kết luận.\n\
         {}\n\
         Báo đầu tiên đăng: {}; phát hiện: {} (sau {lost} phút).\n\
         Số bài: {}; số báo: {}. Trạng thái: {}.\n\
         Nhận vụ việc: diembao desk ack {}\n",
        case.title,
        local(case.published),
        local(case.opened_at),
        case.spread.n_articles,
        case.spread.n_outlets,
        case.state.label(),
        case.id,
    );
    (subject, text)
}
