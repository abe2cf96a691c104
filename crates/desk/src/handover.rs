//! The hand-over of a shift: what is open, what is pressing, what the next officer signs for.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;

use crate::{Action, Case, CaseEvent, CaseState, ClockLevel, ClockReading, ClockRule, clocks};

/// One open case at the end of a shift.
#[derive(Debug, Clone, PartialEq)]
pub struct HandoverCase {
    /// The case.
    pub case: Case,
    /// Its clocks, the most pressing first.
    pub clocks: Vec<ClockReading>,
    /// The last thing a person did or wrote.
    pub last: Option<CaseEvent>,
    /// Whether it was opened in this shift.
    pub opened_in_shift: bool,
    /// Whether a superior or person was called since its last change of state and nothing followed.
    pub unanswered_call: Option<String>,
}

/// What one shift hands to the next.
#[derive(Debug, Clone, PartialEq)]
pub struct Handover {
    /// When the shift began.
    pub from: DateTime<Utc>,
    /// When it ends.
    pub to: DateTime<Utc>,
    /// The open cases: those with the most pressing clock first, then the gravest.
    pub open: Vec<HandoverCase>,
    /// The closed cases that the press wrote more of and nobody has looked at since, the gravest first.
    pub news: Vec<Case>,
    /// How many cases ended in the shift.
    pub n_ended: usize,
    /// What was covered: "61/98 nguồn đọc được; im lặng: …".
    pub coverage: String,
}

/// Draws up the hand-over of the shift `from..to` from all cases that were open in it, and the closed ones with news.
#[must_use]
pub fn handover(
    cases: &[(Case, Vec<CaseEvent>)],
    rules: &[ClockRule],
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    coverage: &str,
) -> Handover {
    let mut open: Vec<HandoverCase> = cases
        .iter()
        .filter(|(case, _)| case.state.is_open())
        .map(|(case, events)| HandoverCase {
            case: case.clone(),
            clocks: clocks(case, events, rules, to),
            last: events.iter().rev().find(|e| is_by_person(e)).cloned(),
            opened_in_shift: from <= case.opened_at && case.opened_at < to,
            unanswered_call: unanswered_call(events),
        })
        .collect();
    let level = |c: &HandoverCase| c.clocks.first().map(|r| r.level);
    open.sort_by(|a, b| {
        level(b).cmp(&level(a)).then(b.case.severity.cmp(&a.case.severity)).then(a.case.id.cmp(&b.case.id))
    });
    let ended = |case: &Case| case.times.closed.is_some_and(|at| from <= at && at < to);
    let n_ended = cases.iter().filter(|(case, _)| ended(case)).count();
    let mut news: Vec<Case> = cases.iter().map(|(case, _)| case).filter(|c| c.times.news.is_some()).cloned().collect();
    news.sort_by_key(|c| (Reverse(c.severity), c.id));
    Handover { from, to, open, news, n_ended, coverage: coverage.to_owned() }
}

impl Handover {
    /// Whether there is nothing to hand over but the coverage.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.open.is_empty() && self.news.is_empty() && self.n_ended == 0
    }

    /// The hand-over as plain Vietnamese text, as the next officer signs it.
    #[must_use]
    pub fn text(&self) -> String {
        let local = |at: DateTime<Utc>| at.with_timezone(&Ho_Chi_Minh).format("%H:%M %d/%m/%Y").to_string();
        let mut out = format!("BÀN GIAO CA TRỰC {} – {}\n", local(self.from), local(self.to));
        out.push_str(&format!("Nguồn tin: {}\n", self.coverage));
        if self.is_empty() {
            out.push_str("Trong ca: không phát sinh.\n");
            return out;
        }
        let n_new = self.open.iter().filter(|c| c.opened_in_shift).count();
        let n_unseen = self.open.iter().filter(|c| c.case.state == CaseState::Detected).count();
        out.push_str(&format!(
            "Đang mở {} vụ việc ({n_new} mới trong ca, {n_unseen} chưa ai nhận); kết thúc {} vụ việc.\n",
            self.open.len(),
            self.n_ended
        ));
        for c in &self.open {
            self.write_case(c, &mut out);
        }
        if !self.news.is_empty() {
            out.push_str("\nCó tin mới sau khi đóng, chưa ai xem:\n");
        }
        for c in &self.news {
            let since = c.times.news.map(local).unwrap_or_default();
            out.push_str(&format!("#{} [{}] {} – có tin mới từ {since}\n", c.id, c.severity.label(), c.title));
        }
        out
    }

    fn write_case(&self, c: &HandoverCase, out: &mut String) {
        let case = &c.case;
        let owner = case.owner.as_deref().unwrap_or("chưa có người nhận");
        out.push_str(&format!(
            "\n#{} [{}] {} – {} – {owner}\n",
            case.id,
            case.severity.label(),
            case.title,
            case.state.label()
        ));
        for reading in c.clocks.iter().filter(|r| r.level >= ClockLevel::Running) {
            out.push_str(&format!("  • {}\n", reading.wording));
        }
        if let Some(to) = &c.unanswered_call {
            out.push_str(&format!("  • Đã báo {to}, chưa có phản hồi\n"));
        }
        if let Some(last) = &c.last {
            let at = last.at.with_timezone(&Ho_Chi_Minh).format("%H:%M %d/%m");
            let note = if last.note.is_empty() { String::new() } else { format!(": {}", last.note) };
            out.push_str(&format!("  • {at} {} – {}{note}\n", last.actor, last.action.label()));
        }
    }
}

fn is_by_person(event: &CaseEvent) -> bool {
    !event.action.is_automatic()
}

/// The superior last told, when nothing but automatic events followed.
fn unanswered_call(events: &[CaseEvent]) -> Option<String> {
    match &events.iter().rev().find(|e| is_by_person(e))?.action {
        Action::Escalate { to } => Some(to.clone()),
        _ => None,
    }
}
