//! Alerts: at once for red, put off for quiet hours, up the ladder until somebody acts.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use diembao_desk::{
    Action, AlertPolicy, BasisStatus, Case, CaseEvent, ClockRule, ClockScope, ClockStart, ClockStop, NewCase,
    QuietHours, Registry, Rung, Spread, WarningPolicy, alert_text, alerts_due, apply, clock_alerts, clocks,
    next_warning, open,
};
use diembao_news::{ArticleId, CanonicalUrl, CaseId, FlagKind, Severity, StoryId};

/// A moment on 21 November 2026 in Việt Nam, "23:30"; minutes may be added.
fn at(clock: &str, minutes: i64) -> DateTime<Utc> {
    format!("2026-11-21T{clock}:00+07:00").parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minutes)
}

fn case(severity: Severity, opened: DateTime<Utc>, actions: &[(i64, Action)]) -> (Case, Vec<CaseEvent>) {
    let new = NewCase {
        story: StoryId::beginning_with(ArticleId::of_url(&CanonicalUrl::parse("https://a.vn/1").unwrap())),
        kind: FlagKind::Incident,
        severity,
        title: "Hai trẻ tử vong sau tiêm".to_owned(),
        published: opened - TimeDelta::minutes(40),
        spread: Spread { n_articles: 3, n_outlets: 2 },
        opened_at: opened,
        by: diembao_desk::PROGRAM.to_owned(),
        note: String::new(),
    };
    let (mut case, first) = open(CaseId::new(7).unwrap(), &new);
    let mut events = vec![first];
    for (minutes, action) in actions {
        let at = opened + TimeDelta::minutes(*minutes);
        let event = CaseEvent { at, actor: "lan".to_owned(), action: action.clone(), note: "đã gọi".to_owned() };
        case = apply(&case, &event).unwrap();
        events.push(event);
    }
    (case, events)
}

fn registry() -> Registry {
    let rung = |minutes, to: &str| Rung { after: TimeDelta::minutes(minutes), to: vec![to.to_owned()] };
    let clock = |h| NaiveTime::from_hms_opt(h, 0, 0).unwrap();
    let quiet = Some(QuietHours { from: clock(22), to: clock(6) });
    let alerts = [Severity::Red, Severity::Orange]
        .map(|severity| AlertPolicy {
            severity,
            rungs: vec![rung(0, "truc"), rung(15, "pho"), rung(30, "truong")],
            quiet,
        })
        .to_vec();
    let warning = |percent, to: &str| WarningPolicy { percent, to: vec![to.to_owned()] };
    let warnings = vec![warning(50, "owner"), warning(80, "truc"), warning(100, "truc"), warning(100, "pho")];
    Registry { alerts, warnings, ..Registry::default() }
}

#[track_caller]
fn check(severity: Severity, opened: &str, actions: &[(i64, Action)], after: i64, expected: &str) {
    let opened = at(opened, 0);
    let (case, events) = case(severity, opened, actions);
    let due = alerts_due(&case, &events, &registry(), opened + TimeDelta::minutes(after));
    let shown: Vec<String> = due.iter().map(|a| format!("{}@{}", a.to, (a.due - opened).num_minutes())).collect();
    assert_eq!(shown.join(" "), expected);
}

#[test]
fn alarms_climb_until_somebody_acts() {
    use Severity::{Green, Orange, Red};
    check(Red, "10:00", &[], 0, "truc@0");
    check(Red, "10:00", &[], 29, "truc@0 pho@15");
    check(Red, "10:00", &[], 300, "truc@0 pho@15 truong@30");
    check(Red, "10:00", &[(5, Action::Acknowledge)], 300, "");
    check(Red, "10:00", &[(5, Action::Evidence { n_articles: 9, n_outlets: 4 })], 20, "truc@0 pho@15");
    check(Green, "10:00", &[], 300, "");
    // A new severity sounds the alarm again, even on a case somebody has.
    check(Orange, "10:00", &[(5, Action::Acknowledge), (60, Action::Raise { severity: Red })], 76, "truc@60 pho@75");
    let raised = [(5, Action::Raise { severity: Red }), (6, Action::Acknowledge)];
    check(Orange, "10:00", &raised, 300, "");
}

#[test]
fn quiet_hours_never_silence_red() {
    use Severity::{Orange, Red};
    check(Red, "23:30", &[], 0, "truc@0");
    check(Orange, "23:30", &[], 389, "");
    check(Orange, "23:30", &[], 390, "truc@390");
    check(Orange, "23:30", &[], 500, "truc@390 pho@405 truong@420");
    check(Orange, "05:50", &[], 10, "truc@10");
    check(Orange, "05:50", &[], 25, "truc@10 pho@25");
    check(Orange, "06:00", &[], 0, "truc@0");
    check(Orange, "21:50", &[], 489, "truc@0");
    check(Orange, "21:50", &[], 490, "truc@0 pho@490 truong@490");
}

#[test]
fn what_an_alert_says_is_neutral_and_complete() {
    let (case, events) = case(Severity::Red, at("10:00", 0), &[]);
    let due = alerts_due(&case, &events, &registry(), at("10:15", 0));
    assert_eq!(due[1].key(), "7/1/1/pho");
    let (subject, text) = alert_text(&case, &due[1], Some("https://b.vn/nhan/x"));
    assert_eq!(subject, "[Đỏ – nhắc lần 1] Vụ việc #7: Hai trẻ tử vong sau tiêm");
    assert_eq!(
        text,
        "Theo báo chí phản ánh, chưa có kết luận.\n\
         Hai trẻ tử vong sau tiêm\n\
         Báo đầu tiên đăng: 09:20 21/11/2026; phát hiện: 10:00 21/11/2026 (sau 40 phút).\n\
         Số bài: 3; số báo: 2. Trạng thái: phát hiện.\n\
         Nhận vụ việc: https://b.vn/nhan/x\n\
         Nhận bằng lệnh: diembao desk ack 7\n"
    );
}

#[test]
fn clocks_warn_at_half_four_fifths_and_all_of_their_time() {
    let rule = ClockRule {
        id: "tra-loi".to_owned(),
        name: "Trả lời".to_owned(),
        span: TimeDelta::hours(10),
        starts_from: ClockStart::Detected,
        stops_at: ClockStop::Answered,
        basis: "Quy chế A".to_owned(),
        status: BasisStatus::Unverified,
        valid_from: None,
        valid_to: None,
        scope: ClockScope::default(),
    };
    let opened = at("08:00", 0);
    let (red, events) = case(Severity::Red, opened, &[(1, Action::Acknowledge)]);
    let look = |minutes: i64| {
        let now = opened + TimeDelta::minutes(minutes);
        let readings = clocks(&red, &events, std::slice::from_ref(&rule), now);
        let told: Vec<String> = clock_alerts(&red, &readings, &registry(), now).iter().map(|a| a.key()).collect();
        (told, next_warning(&readings, now).map(|at| (at - opened).num_minutes()))
    };
    let due = (opened + TimeDelta::hours(10)).timestamp();
    assert_eq!(look(10), (vec![], Some(300)));
    assert_eq!(look(300), (vec![], Some(480)), "the owner is in no registry");
    assert_eq!(look(480), (vec![format!("7/tra-loi/80/{due}/truc")], Some(600)));
    let last = ["truc", "pho"].map(|to| format!("7/tra-loi/100/{due}/{to}")).to_vec();
    assert_eq!(look(700), (last, None));
    // At night a warning waits for the morning, unless the case is red.
    let (orange, events) = case(Severity::Orange, at("14:00", 0), &[]);
    let now = at("22:30", 0);
    let readings = clocks(&orange, &events, std::slice::from_ref(&rule), now);
    let told = clock_alerts(&orange, &readings, &registry(), now);
    assert_eq!(told[0].due, at("06:00", 24 * 60));
    assert!(alert_text(&orange, &told[0], None).1.starts_with("Trả lời: đã dùng quá 80%"));
}
