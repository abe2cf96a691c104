//! How times, names, numbers and untrusted text are written.

use chrono::{DateTime, Datelike, NaiveDate, Utc, Weekday};
use chrono_tz::Asia::Ho_Chi_Minh;
use diembao_news::CanonicalUrl;

/// The longest headline shown, in characters.
pub const MAX_HEADLINE: usize = 180;
/// The longest name of an outlet, owner or rule shown, in characters.
pub(crate) const MAX_NAME: usize = 60;
/// The longest text a person may add to an item, in characters.
pub const MAX_NOTE: usize = 1200;

/// "14:05 20/11".
pub fn time(at: DateTime<Utc>) -> String {
    at.with_timezone(&Ho_Chi_Minh).format("%H:%M %d/%m").to_string()
}

/// "20/11".
pub fn short_day(day: NaiveDate) -> String {
    day.format("%d/%m").to_string()
}

/// "Thứ Bảy, ngày 21/11/2026".
pub fn long_day(day: NaiveDate) -> String {
    format!("{}, ngày {}", weekday(day), day.format("%d/%m/%Y"))
}

/// "Thứ Bảy".
pub(crate) fn weekday(day: NaiveDate) -> &'static str {
    match day.weekday() {
        Weekday::Mon => "Thứ Hai",
        Weekday::Tue => "Thứ Ba",
        Weekday::Wed => "Thứ Tư",
        Weekday::Thu => "Thứ Năm",
        Weekday::Fri => "Thứ Sáu",
        Weekday::Sat => "Thứ Bảy",
        Weekday::Sun => "Chủ nhật",
    }
}

/// "T7", "CN".
pub fn weekday_short(day: NaiveDate) -> &'static str {
    match day.weekday() {
        Weekday::Mon => "T2",
        Weekday::Tue => "T3",
        Weekday::Wed => "T4",
        Weekday::Thu => "T5",
        Weekday::Fri => "T6",
        Weekday::Sat => "T7",
        Weekday::Sun => "CN",
    }
}

/// A number with a full stop between thousands: "1.250".
pub fn number(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('.');
        }
        out.push(digit);
    }
    out
}

/// Untrusted text on one line: no control, invisible or direction-changing characters, spaces joined.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_whitespace() || c.is_control() {
            if !out.ends_with(' ') && !out.is_empty() {
                out.push(' ');
            }
        } else if !is_invisible(c) {
            out.push(c);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Plain text of at most `max` characters; what is cut off ends at a word and shows "…".
pub fn capped(text: &str, max: usize) -> String {
    let mut text = plain(text);
    let Some((end, _)) = text.char_indices().nth(max) else {
        return text;
    };
    let end = text[..end].rfind(' ').filter(|&at| at > end / 2).unwrap_or(end);
    text.truncate(end);
    text.truncate(text.trim_end_matches([' ', ',', ';', ':', '-', '–']).len());
    text.push('…');
    text
}

/// A phrase with a capital first letter.
pub fn capitalised(phrase: &str) -> String {
    let mut chars = phrase.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// The address if it is one a reader may follow: http or https, without credentials.
pub(crate) fn link(url: Option<&str>) -> Option<String> {
    CanonicalUrl::parse(url?).ok().map(|u| u.as_str().to_owned())
}

/// The host a link leads to, without "www.".
pub fn host(url: &str) -> String {
    let host = CanonicalUrl::parse(url).map(|u| u.host().to_owned()).unwrap_or_default();
    host.strip_prefix("www.").unwrap_or(&host).to_owned()
}

/// "A, B, C", or "A, B và 7 báo khác" when there are more than `max`.
pub(crate) fn list(names: &[String], max: usize, unit: &str) -> String {
    let shown: Vec<String> = names.iter().take(max).map(|n| capped(n, MAX_NAME)).collect();
    let rest = names.len().saturating_sub(max);
    let shown = shown.join(", ");
    if rest == 0 { shown } else { format!("{shown} và {} {unit} khác", number(rest)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_becomes_one_plain_line() {
        for (input, want) in [
            ("  a\r\nBcc: x@y.vn\t b ", "a Bcc: x@y.vn b"),
            ("giá\u{202e}txet\u{200b} \u{0} x", "giátxet x"),
            ("", ""),
            ("\u{a0}\u{2028}", ""),
        ] {
            assert_eq!(plain(input), want, "{input:?}");
        }
    }

    #[test]
    fn long_text_is_cut_between_words() {
        assert_eq!(capped("một hai ba bốn", 9), "một hai…");
        assert_eq!(capped("một hai", 9), "một hai");
        assert_eq!(capped(&"x".repeat(50), 10), format!("{}…", "x".repeat(10)));
        assert_eq!(capped("ế".repeat(300).as_str(), 10).chars().count(), 11);
    }

    #[test]
    fn only_web_addresses_are_links() {
        for bad in ["javascript:alert(1)", "data:text/html,x", "//a.vn", "https://tuoitre.vn@xau.example/", ""] {
            assert_eq!(link(Some(bad)), None, "{bad}");
        }
        assert_eq!(
            link(Some("https://www.bao.example/a b\"<")).as_deref(),
            Some("https://www.bao.example/a%20b%22%3C")
        );
        assert_eq!(host("https://www.bao.example/a"), "bao.example");
    }

    #[test]
    fn numbers_days_and_lists_are_written_the_vietnamese_way() {
        assert_eq!((number(7), number(1250), number(1_000_000)), ("7".into(), "1.250".into(), "1.000.000".into()));
        let day = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
        assert_eq!(long_day(day), "Thứ Bảy, ngày 21/11/2026");
        let at = day.and_hms_opt(18, 30, 0).unwrap().and_utc();
        assert_eq!(time(at), "01:30 22/11");
        let names: Vec<String> = ["A", "B", "C", "D"].map(String::from).to_vec();
        assert_eq!(list(&names, 2, "báo"), "A, B và 2 báo khác");
        assert_eq!(list(&names, 4, "báo"), "A, B, C, D");
    }
}
