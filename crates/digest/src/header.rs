//! What the reader sees first: subject, coverage, notices, and what an empty section may claim.
//!
//! "Nothing happened" is only said beside proof of coverage, and never when too little was read.

use chrono::{DateTime, Utc};

use crate::wording::{MAX_NAME, capitalised, capped, list, long_day, number, short_day, time};
use crate::{Counts, Coverage, Cut, DayCount, EditionInput, Section, SubjectLanguage};

/// Names of silent or unreachable outlets shown before the appendix.
const NAMES_SHOWN: usize = 4;

/// How far the day's silence can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    /// Most outlets were read.
    Full,
    /// Fewer than seven in ten were.
    Partial,
    /// None was.
    None,
}

pub(crate) fn trust(coverage: &Coverage) -> Trust {
    if coverage.n_read == 0 {
        Trust::None
    } else if coverage.n_read * 10 < coverage.n_outlets * 7 {
        Trust::Partial
    } else {
        Trust::Full
    }
}

/// `[Điểm báo y tế 21/11] 2 sự cố · 1 tin giả · 34 tin`.
pub(crate) fn subject(input: &EditionInput, counts: &Counts, language: SubjectLanguage) -> String {
    match language {
        SubjectLanguage::Vietnamese => {
            format!("[Điểm báo y tế {}] {}", short_day(input.day), findings(input, counts))
        }
        SubjectLanguage::English => {
            format!("[Health press digest {}] {}", input.day.format("%-d %b"), english(input, counts))
        }
    }
}

/// The findings for a reader of English: the same facts, the same caution.
fn english(input: &EditionInput, counts: &Counts) -> String {
    let count = |n: usize, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
    let trust = trust(&input.coverage);
    let mut parts = Vec::new();
    if counts.incidents > 0 {
        parts.push(count(counts.incidents, "incident", "incidents"));
    }
    if counts.misinformation > 0 {
        parts.push(count(counts.misinformation, "false claim", "false claims"));
    }
    match trust {
        Trust::None => parts.push("no source could be read".to_owned()),
        Trust::Partial if parts.is_empty() => parts.push("no incident seen so far".to_owned()),
        Trust::Full if parts.is_empty() => parts.push("no incident".to_owned()),
        Trust::Partial | Trust::Full => {}
    }
    if counts.stories > 0 || trust == Trust::Full {
        parts.push(count(counts.stories, "story", "stories"));
    }
    if trust == Trust::Partial {
        parts.push(format!("{}/{} sources read", input.coverage.n_read, input.coverage.n_outlets));
    }
    parts.join(" · ")
}

/// The subject's findings as the first line of the edition.
pub(crate) fn conclusion(input: &EditionInput, counts: &Counts) -> String {
    capitalised(&findings(input, counts))
}

fn findings(input: &EditionInput, counts: &Counts) -> String {
    let trust = trust(&input.coverage);
    let mut parts = Vec::new();
    if counts.incidents > 0 {
        parts.push(format!("{} sự cố", number(counts.incidents)));
    }
    if counts.misinformation > 0 {
        parts.push(format!("{} tin giả", number(counts.misinformation)));
    }
    match trust {
        Trust::None => parts.push("không đọc được nguồn nào".to_owned()),
        Trust::Partial if parts.is_empty() => parts.push("chưa ghi nhận sự cố".to_owned()),
        Trust::Full if parts.is_empty() => parts.push("không phát sinh sự cố".to_owned()),
        Trust::Partial | Trust::Full => {}
    }
    if counts.stories > 0 || trust == Trust::Full {
        parts.push(format!("{} tin", number(counts.stories)));
    }
    if trust == Trust::Partial {
        parts.push(format!("mới đọc {} nguồn", read_of(&input.coverage)));
    }
    parts.join(" · ")
}

/// "61/98 nguồn đọc được; 34 tin; 2 sự cố; im lặng: …".
pub(crate) fn coverage_line(input: &EditionInput, counts: &Counts) -> String {
    let mut parts = vec![format!("{} nguồn đọc được", read_of(&input.coverage))];
    if trust(&input.coverage) == Trust::None && counts.stories == 0 {
        parts.push("không có dữ liệu để thống kê".to_owned());
    } else {
        parts.push(format!("{} tin từ {} bài", number(counts.stories), number(counts.articles)));
        parts.push(format!("{} sự cố", number(counts.incidents)));
        parts.push(format!("{} tin giả, quảng cáo sai", number(counts.misinformation)));
    }
    parts.extend(gaps(&input.coverage));
    parts.join("; ")
}

/// "61/98 nguồn đọc được từ …; im lặng: …".
pub(crate) fn sources(input: &EditionInput) -> String {
    let mut parts = vec![format!("{} nguồn đọc được, {}", read_of(&input.coverage), window(input.from, input.to))];
    parts.extend(gaps(&input.coverage));
    parts.join("; ")
}

/// What may be said when nothing was found.
pub(crate) fn nothing_found(coverage: &Coverage) -> &'static str {
    match trust(coverage) {
        Trust::None => "không đọc được nguồn nào",
        Trust::Partial => "chưa ghi nhận",
        Trust::Full => "không phát sinh",
    }
}

fn gaps(coverage: &Coverage) -> Vec<String> {
    let row = |what: &str, names: &[String]| format!("{what}: {}", list(names, NAMES_SHOWN, "nguồn"));
    [("im lặng", &coverage.silent), ("không đọc được", &coverage.unreachable)]
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(what, names)| row(what, names))
        .collect()
}

fn read_of(coverage: &Coverage) -> String {
    format!("{}/{}", number(coverage.n_read), number(coverage.n_outlets))
}

/// "từ 07:00 20/11 đến 07:00 21/11".
pub(crate) fn window(from: DateTime<Utc>, to: DateTime<Utc>) -> String {
    format!("từ {} đến {}", time(from), time(to))
}

/// What must be known before anything is read.
pub(crate) fn notices(input: &EditionInput, cut: &Cut) -> Vec<String> {
    let mut notices = Vec::new();
    match trust(&input.coverage) {
        Trust::None => notices.push(format!(
            "Không đọc được nguồn nào trong kỳ {}. Bản tin không có cơ sở để kết luận là không có sự cố.",
            window(input.from, input.to)
        )),
        Trust::Partial => notices.push(format!(
            "Chỉ đọc được {} nguồn. Danh sách nguồn chưa đọc được ở phần Phụ lục; tin của các nguồn này sẽ được chuyển sang kỳ sau.",
            read_of(&input.coverage)
        )),
        Trust::Full => {}
    }
    if input.unattended {
        notices.push("Bản tin phát hành tự động theo lịch, chưa qua biên tập viên duyệt.".to_owned());
    }
    if !cut.topics.is_empty() {
        let names = cut
            .topics
            .iter()
            .map(|id| input.topics.iter().find(|t| t.id == *id).map_or(id.as_str(), |t| t.name.as_str()).to_owned());
        notices.push(format!("Bản trích theo lĩnh vực: {}.", list(&names.collect::<Vec<_>>(), 6, "lĩnh vực")));
    }
    if !cut.provinces.is_empty() {
        notices.push(format!("Bản trích theo địa phương: {}.", list(&cut.provinces, 6, "địa phương")));
    }
    notices
}

/// What an empty section says; the two that matter most prove what was read.
pub(crate) fn empty_note(section: Section, input: &EditionInput, cut: &Cut) -> String {
    let what = match section {
        Section::Attention => "sự cố y khoa, phản ánh bất lợi",
        Section::Misinformation => "tin giả, quảng cáo sai sự thật về y tế",
        Section::Policy => "tin chỉ đạo điều hành, chính sách",
        Section::Fields => "tin theo lĩnh vực",
        Section::Examples => "tin gương tốt, chiến dịch",
    };
    let scope = if cut.is_partial() { " thuộc phạm vi của bản trích" } else { "" };
    let warned = matches!(section, Section::Attention | Section::Misinformation);
    match trust(&input.coverage) {
        Trust::None if warned => {
            format!("Không đọc được nguồn nào: chưa thể kết luận có hay không {what}.")
        }
        Trust::None => "Không có dữ liệu.".to_owned(),
        _ if !warned => format!("Không có {what}{scope}."),
        Trust::Partial => format!(
            "Chưa ghi nhận {what}{scope} trong {} nguồn đọc được ({}); số nguồn còn lại chưa kiểm tra được.",
            read_of(&input.coverage),
            window(input.from, input.to)
        ),
        Trust::Full => format!(
            "Không phát sinh {what}{scope}: đã rà {} nguồn, {}.",
            read_of(&input.coverage),
            window(input.from, input.to)
        ),
    }
}

/// "Lĩnh vực không có tin: …" for those of the eleven that no story of any section is about.
pub(crate) fn fields_without_news(with_news: &[&str], input: &EditionInput, cut: &Cut) -> Option<String> {
    let is_asked = |id: &String| cut.topics.is_empty() || cut.topics.contains(id);
    let mut silent: Vec<(u8, String)> = input
        .topics
        .iter()
        .filter(|t| is_asked(&t.id) && !with_news.contains(&t.id.as_str()))
        .filter_map(|t| Some((t.field?, capped(&t.name, MAX_NAME))))
        .collect();
    silent.sort();
    let names: Vec<String> = silent.into_iter().map(|(_, name)| name).collect();
    (!names.is_empty()).then(|| format!("Lĩnh vực không có tin: {}.", names.join("; ")))
}

/// The edition's title line.
pub(crate) fn title(input: &EditionInput) -> String {
    format!("Điểm báo y tế – {}", long_day(input.day))
}

/// What the week's counts say, compared with the days before; nothing when there is nothing to compare.
pub(crate) fn trend_notes(trend: &[DayCount], coverage: &Coverage) -> Vec<String> {
    let blind = (trust(coverage) == Trust::None && !trend.is_empty()).then(|| "Kỳ này không có dữ liệu.".to_owned());
    let Some((last, before)) = trend.split_last() else {
        return Vec::new();
    };
    // A day without any was before the first one that was read.
    let before: Vec<&DayCount> = before.iter().filter(|d| d.n_health > 0).collect();
    if before.is_empty() {
        return blind.into_iter().collect();
    }
    let mean = |n: usize| (n + before.len() / 2) / before.len();
    let health = mean(before.iter().map(|d| d.n_health).sum());
    let incidents: usize = before.iter().map(|d| d.n_incidents).sum();
    let week = format!(
        "Ngày {}: {} bài về y tế ({} trung bình {} ngày trước đó: {} bài/ngày); {} sự cố ({} ngày trước đó: {}).",
        short_day(last.day),
        number(last.n_health),
        compared(last.n_health, health),
        before.len(),
        number(health),
        number(last.n_incidents),
        before.len(),
        number(incidents)
    );
    blind.into_iter().chain([week]).collect()
}

fn compared(now: usize, mean: usize) -> &'static str {
    if now * 10 > mean * 13 {
        "cao hơn"
    } else if now * 13 < mean * 10 {
        "thấp hơn"
    } else {
        "tương đương"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::t;

    fn input(n_read: usize) -> EditionInput {
        let coverage = Coverage { n_outlets: 98, n_read, silent: vec!["Báo Im".into()], unreachable: Vec::new() };
        EditionInput { day: t(7).date_naive(), from: t(-17), to: t(7), coverage, ..EditionInput::default() }
    }

    #[test]
    fn the_subject_says_the_conclusion_and_no_more_than_is_known() {
        let busy = Counts { stories: 34, articles: 80, incidents: 2, misinformation: 1 };
        let quiet = Counts { stories: 12, articles: 20, ..Counts::default() };
        for (n_read, counts, want) in [
            (90, busy, "[Điểm báo y tế 21/11] 2 sự cố · 1 tin giả · 34 tin"),
            (90, quiet, "[Điểm báo y tế 21/11] không phát sinh sự cố · 12 tin"),
            (20, quiet, "[Điểm báo y tế 21/11] chưa ghi nhận sự cố · 12 tin · mới đọc 20/98 nguồn"),
            (0, Counts::default(), "[Điểm báo y tế 21/11] không đọc được nguồn nào"),
        ] {
            assert_eq!(subject(&input(n_read), &counts, SubjectLanguage::Vietnamese), want);
        }
        for (n_read, counts, want) in [
            (90, busy, "[Health press digest 21 Nov] 2 incidents · 1 false claim · 34 stories"),
            (20, quiet, "[Health press digest 21 Nov] no incident seen so far · 12 stories · 20/98 sources read"),
            (0, Counts::default(), "[Health press digest 21 Nov] no source could be read"),
        ] {
            assert_eq!(subject(&input(n_read), &counts, SubjectLanguage::English), want);
        }
    }

    #[test]
    fn nothing_is_only_claimed_beside_proof() {
        let cut = Cut::default();
        let full = empty_note(Section::Attention, &input(90), &cut);
        assert!(full.starts_with("Không phát sinh") && full.contains("90/98 nguồn"), "{full}");
        let partial = empty_note(Section::Attention, &input(20), &cut);
        assert!(!partial.contains("Không phát sinh"), "{partial}");
        let none = empty_note(Section::Attention, &input(0), &cut);
        assert!(none.contains("chưa thể kết luận"), "{none}");
    }

    #[test]
    fn coverage_names_the_silent() {
        let line = coverage_line(&input(61), &Counts { stories: 34, articles: 71, incidents: 2, misinformation: 0 });
        assert_eq!(line, "61/98 nguồn đọc được; 34 tin từ 71 bài; 2 sự cố; 0 tin giả, quảng cáo sai; im lặng: Báo Im");
    }

    #[test]
    fn a_trend_needs_days_to_compare() {
        let day = |d: i64, n_health| DayCount { day: t(24 * d).date_naive(), n_health, n_incidents: 1 };
        let read = input(90).coverage;
        assert!(trend_notes(&[], &read).is_empty());
        assert!(trend_notes(&[day(0, 5)], &read).is_empty());
        assert!(trend_notes(&[day(-1, 0), day(0, 5)], &read).is_empty());
        let notes = trend_notes(&[day(-3, 0), day(-2, 40), day(-1, 40), day(0, 80)], &read);
        assert_eq!(
            notes,
            [
                "Ngày 20/11: 80 bài về y tế (cao hơn trung bình 2 ngày trước đó: 40 bài/ngày); 1 sự cố (2 ngày trước đó: 2)."
            ]
        );
    }
}
