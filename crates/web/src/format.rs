//! Times, spans and numbers as people in Vietnam read them.

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;
use diembao_news::{EditionId, EditionKind};

/// `14:05 20/11`, with the year when it is not this one.
pub(crate) fn moment(t: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let (local, today) = (t.with_timezone(&Ho_Chi_Minh), now.with_timezone(&Ho_Chi_Minh));
    let pattern = if local.year() == today.year() { "%H:%M %d/%m" } else { "%H:%M %d/%m/%Y" };
    local.format(pattern).to_string()
}

/// For a `datetime` attribute.
pub(crate) fn machine(t: DateTime<Utc>) -> String {
    t.with_timezone(&Ho_Chi_Minh).to_rfc3339_opts(chrono::SecondsFormat::Secs, false)
}

/// `Thứ Bảy, 21/11/2026`
pub(crate) fn long_day(t: DateTime<Utc>) -> String {
    const DAYS: [&str; 7] = ["Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật"];
    let local = t.with_timezone(&Ho_Chi_Minh);
    let day = DAYS[local.weekday().num_days_from_monday() as usize % DAYS.len()];
    format!("{day}, {}", local.format("%d/%m/%Y"))
}

/// `Điểm báo ngày 21/11/2026`, or what else an edition is called.
pub(crate) fn edition(id: &EditionId) -> String {
    let day = id.day().format("%d/%m/%Y");
    match id.kind() {
        EditionKind::Digest => format!("Điểm báo ngày {day}"),
        EditionKind::Bulletin => format!("Thông tin bất cập ngày {day}"),
        EditionKind::Correction => format!("Đính chính ngày {day}"),
    }
}

/// `3 ngày 4 giờ`, `2 giờ 5 phút`, `12 phút`, `dưới 1 phút`.
pub(crate) fn span(d: TimeDelta) -> String {
    let minutes = d.num_minutes().abs();
    let (days, hours, rest) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    match (days, hours, rest) {
        (0, 0, 0) => "dưới 1 phút".to_owned(),
        (0, 0, m) => format!("{m} phút"),
        (0, h, 0) => format!("{h} giờ"),
        (0, h, m) => format!("{h} giờ {m} phút"),
        (d, 0, _) => format!("{d} ngày"),
        (d, h, _) => format!("{d} ngày {h} giờ"),
    }
}

/// `12 phút trước`, `còn 2 giờ`.
pub(crate) fn distance(t: DateTime<Utc>, now: DateTime<Utc>) -> String {
    if t > now { format!("còn {}", span(t - now)) } else { format!("{} trước", span(now - t)) }
}

/// What a clock says: `còn 2 giờ`, `đã qua mốc 5 phút`. Whether anybody is late in law it does not say.
pub(crate) fn remaining(due: DateTime<Utc>, now: DateTime<Utc>) -> String {
    if due > now { distance(due, now) } else { format!("đã qua mốc {}", span(now - due)) }
}

/// `12.345`
pub(crate) fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('.');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_spans_read_well() {
        assert_eq!([number(0), number(999), number(1_000), number(1_234_567)].join(" "), "0 999 1.000 1.234.567");
        for (minutes, expected) in
            [(0, "dưới 1 phút"), (59, "59 phút"), (120, "2 giờ"), (125, "2 giờ 5 phút"), (1500, "1 ngày 1 giờ")]
        {
            assert_eq!(span(TimeDelta::minutes(minutes)), expected);
        }
    }

    #[test]
    fn editions_are_called_by_their_day() {
        let named = |s: &str| edition(&EditionId::parse(s).unwrap());
        assert_eq!(named("2026-11-22"), "Điểm báo ngày 22/11/2026");
        assert_eq!(named("2026-11-22-bat-cap"), "Thông tin bất cập ngày 22/11/2026");
        assert_eq!(named("2026-11-22-dinh-chinh-1"), "Đính chính ngày 22/11/2026");
    }

    #[test]
    fn moments_are_in_hanoi() {
        let t: DateTime<Utc> = "2026-11-21T00:30:00Z".parse().unwrap();
        assert_eq!(moment(t, t), "07:30 21/11");
        assert_eq!(long_day(t), "Thứ Bảy, 21/11/2026");
        assert_eq!(moment(t, t + TimeDelta::days(60)), "07:30 21/11/2026");
    }
}
