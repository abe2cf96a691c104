//! Lines that HTML and text share.

use diembao_news::Severity;

use crate::wording::{capitalised, capped, list, number};
use crate::{AlsoView, EditionView, HighlightView, ItemView, SectionView};

/// Names in a list of outlets of the appendix.
const MAX_NAMES: usize = 150;
/// Late headlines in the appendix.
const MAX_LATE: usize = 12;
/// Corrections printed.
const MAX_ERRATA: usize = 12;
/// The longest correction, in characters.
const MAX_ERRATUM: usize = 400;
/// Other outlets named with an item.
pub(crate) const MAX_ALSO: usize = 5;

/// "Mức Cam".
pub fn pill(severity: Severity) -> String {
    format!("Mức {}", severity.label())
}

/// "(Tuổi Trẻ, 14:05 20/11) · Dược, Mỹ phẩm · 7 báo đưa tin".
pub fn source(item: &ItemView, heading: Option<&str>) -> String {
    let mut parts = vec![format!("({}, {})", item.outlet, item.time)];
    parts.extend(item.field.clone().filter(|f| Some(f.as_str()) != heading));
    if item.n_outlets > 1 && item.also.is_empty() {
        parts.push(format!("{} báo đưa tin", number(item.n_outlets)));
    }
    parts.join(" · ")
}

/// "tại Đồng Nai · đầu tiên: Báo A, 14:05 20/11 · 7 báo · vụ việc số 3: đang xác minh".
pub fn about(highlight: &HighlightView) -> String {
    let mut parts = Vec::new();
    parts.extend(highlight.place.clone());
    parts.push(format!("đầu tiên: {}", highlight.first));
    if highlight.n_outlets > 1 {
        parts.push(format!("{} báo đưa tin", number(highlight.n_outlets)));
    }
    parts.extend(highlight.facts.iter().cloned());
    parts.join(" · ")
}

/// A list of facts as a sentence.
pub fn facts(item: &ItemView) -> String {
    let joined = item.facts.join("; ");
    if joined.is_empty() { joined } else { format!("{}.", capitalised(&joined)) }
}

/// The outlets named with an item, and how many more there are.
pub fn also(item: &ItemView) -> (&[AlsoView], String) {
    let shown = &item.also[..item.also.len().min(MAX_ALSO)];
    let rest = item.also.len() - shown.len();
    (shown, if rest == 0 { String::new() } else { format!(" và {} báo khác", number(rest)) })
}

/// "II. Thông tin cần lưu ý".
pub fn section_title(section: &SectionView) -> String {
    format!("{}. {}", section.section.number(), section.section.title())
}

/// What is said of items that are not told in full.
pub(crate) fn overflow(view: &EditionView, (in_appendix, in_archive): (usize, usize)) -> Option<String> {
    let elsewhere = if view.has_file { "tệp đính kèm" } else { "lưu trữ" };
    match (in_appendix, in_archive) {
        (0, 0) => None,
        (a, 0) => Some(format!("Còn {} tin của mục này ở Phụ lục.", number(a))),
        (0, b) => Some(format!("Còn {} tin của mục này trong {elsewhere}.", number(b))),
        (a, b) => Some(format!("Còn {} tin của mục này ở Phụ lục và {} tin trong {elsewhere}.", number(a), number(b))),
    }
}

/// The corrections printed.
pub fn errata(view: &EditionView) -> Vec<String> {
    view.appendix.errata.iter().take(MAX_ERRATA).map(|e| capped(e, MAX_ERRATUM)).collect()
}

/// The appendix as names and texts; empty rows are left out.
pub fn appendix(view: &EditionView) -> Vec<(&'static str, String)> {
    let a = &view.appendix;
    let mut rows = Vec::new();
    if !a.silent.is_empty() {
        rows.push(("Nguồn im lặng (đăng ít hơn hẳn thường lệ)", list(&a.silent, MAX_NAMES, "nguồn")));
    }
    if !a.unreachable.is_empty() {
        rows.push(("Nguồn không đọc được", list(&a.unreachable, MAX_NAMES, "nguồn")));
    }
    if !a.late.is_empty() {
        let late: Vec<String> = a.late.iter().take(MAX_LATE).cloned().collect();
        let rest = a.late.len() - late.len();
        let more = if rest == 0 { String::new() } else { format!("; và {} tin khác", number(rest)) };
        rows.push(("Tin đến muộn, chuyển từ kỳ trước", format!("{}{more}", late.join("; "))));
    }
    rows
}

/// The last line.
pub fn closing(view: &EditionView) -> String {
    let by = if view.unit.is_empty() { String::new() } else { format!("{} thực hiện. ", view.unit) };
    format!(
        "{by}Tóm tắt là câu trích nguyên văn từ bài báo, tên người bệnh viết tắt; mức độ là mức của thông tin báo chí, không phải kết luận chuyên môn."
    )
}

/// "7 ngày".
pub fn trend_days(view: &EditionView) -> String {
    format!("{} ngày", view.trend.len().clamp(1, MAX_TREND).max(7))
}

/// Days of the trend shown.
pub const MAX_TREND: usize = 7;
