//! The hand-over: what is pressing comes first, and silence is signed for.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use chrono::{DateTime, TimeDelta, Utc};
use diembao_desk::{
    Action, BasisStatus, Case, CaseEvent, ClockRule, ClockStart, ClockStop, NewCase, Spread, apply, handover, open,
};
use diembao_news::{ArticleId, CanonicalUrl, CaseId, FlagKind, Severity, StoryId};

fn at(hours: i64) -> DateTime<Utc> {
    "2026-11-21T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::hours(hours)
}

fn case(n: i64, severity: Severity, opened: i64, actions: &[(i64, Action)]) -> (Case, Vec<CaseEvent>) {
    let new = NewCase {
        story: StoryId::beginning_with(ArticleId::of_url(&CanonicalUrl::parse(&format!("https://a.vn/{n}")).unwrap())),
        kind: FlagKind::Incident,
        severity,
        title: format!("Vụ việc {n}"),
        published: at(opened),
        spread: Spread::default(),
        opened_at: at(opened),
        by: diembao_desk::PROGRAM.to_owned(),
        note: String::new(),
    };
    let (mut case, first) = open(CaseId::new(n).unwrap(), &new);
    let mut events = vec![first];
    for (hour, action) in actions {
        let event =
            CaseEvent { at: at(*hour), actor: "Lan".to_owned(), action: action.clone(), note: "đã gọi".to_owned() };
        case = apply(&case, &event).unwrap();
        events.push(event);
    }
    (case, events)
}

#[test]
fn what_is_pressing_comes_first() {
    let rule = ClockRule {
        id: "r".to_owned(),
        name: "Phản hồi đầu tiên".to_owned(),
        span: TimeDelta::hours(24),
        starts_from: ClockStart::Detected,
        stops_at: ClockStop::Answered,
        basis: "Quy chế A".to_owned(),
        status: BasisStatus::Unverified,
        valid_from: None,
        valid_to: None,
        scope: diembao_desk::ClockScope::default(),
    };
    let to = "Chánh Văn phòng".to_owned();
    let cases = [
        case(1, Severity::Red, 9, &[]),
        case(2, Severity::Yellow, -14, &[(2, Action::Acknowledge), (3, Action::Escalate { to })]),
        case(3, Severity::Red, 1, &[(2, Action::Acknowledge), (5, Action::Close)]),
        case(4, Severity::Orange, 9, &[(9, Action::Acknowledge)]),
    ];
    let drawn = handover(&cases, &[rule], (at(0), at(10)), "61/98 nguồn đọc được; im lặng: Báo Sông Lam");
    let order: Vec<i64> = drawn.open.iter().map(|c| c.case.id.as_i64()).collect();
    assert_eq!((order.as_slice(), drawn.n_ended), ([2, 1, 4].as_slice(), 1));
    assert_eq!(
        drawn.text(),
        "BÀN GIAO CA TRỰC 07:00 21/11/2026 – 17:00 21/11/2026\n\
         Nguồn tin: 61/98 nguồn đọc được; im lặng: Báo Sông Lam\n\
         Đang mở 3 vụ việc (2 mới trong ca, 1 chưa ai nhận); kết thúc 1 vụ việc.\n\
         \n\
         #2 [Vàng] Vụ việc 2 – đã nhận – Lan\n  \
         • Phản hồi đầu tiên: đã qua mốc 17:00 21/11/2026 (căn cứ: Quy chế A, chưa kiểm chứng)\n  \
         • Đã báo Chánh Văn phòng, chưa có phản hồi\n  \
         • 10:00 21/11 Lan – báo cáo cấp trên: đã gọi\n\
         \n\
         #1 [Đỏ] Vụ việc 1 – phát hiện – chưa có người nhận\n  \
         • Phản hồi đầu tiên: còn 23 giờ 00 phút, đến 16:00 22/11/2026 (căn cứ: Quy chế A, chưa kiểm chứng)\n\
         \n\
         #4 [Cam] Vụ việc 4 – đã nhận – Lan\n  \
         • Phản hồi đầu tiên: còn 23 giờ 00 phút, đến 16:00 22/11/2026 (căn cứ: Quy chế A, chưa kiểm chứng)\n  \
         • 16:00 21/11 Lan – tiếp nhận: đã gọi\n"
    );
}

#[test]
fn silence_is_signed_for_beside_the_coverage() {
    let drawn = handover(&[], &[], (at(0), at(10)), "98/98 nguồn đọc được");
    assert!(drawn.is_empty());
    assert!(drawn.text().ends_with("Nguồn tin: 98/98 nguồn đọc được\nTrong ca: không phát sinh.\n"));
}
