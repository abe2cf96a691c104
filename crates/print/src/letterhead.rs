//! Who issues a paper, to whom, and how decree 30/2020/NĐ-CP writes it.

use chrono::{DateTime, Datelike, NaiveDate, TimeZone, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;

use crate::fonts::printable;
use crate::{Foot, Head};

/// Numbers are given by the registry of documents, never by the program.
const NO_NUMBER: &str = "[SỐ KÝ HIỆU]";
const NO_OFFICE: &str = "[CHỨC VỤ CỦA NGƯỜI KÝ]";
const NO_NAME: &str = "[Họ và tên]";

/// What stands around the text of every paper of a ministry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Letterhead {
    /// The authority: "Bộ Y tế".
    pub agency: String,
    /// The unit that issues it: "Văn phòng Bộ".
    pub unit: String,
    /// Where it is issued: "Hà Nội".
    pub place: String,
    /// The office of who signs: "Chánh Văn phòng"; empty: a placeholder.
    pub office: String,
    /// The name of who signs; empty: a placeholder.
    pub signer: String,
    /// Further lines of "Nơi nhận".
    pub recipients: Vec<String>,
}

/// For whom one copy is printed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Copy {
    /// Who gets it: "Lãnh đạo Bộ"; empty: nobody is named.
    pub audience: String,
    /// What for, as in "Nơi nhận": "để b/c", "để th/hiện"; may be empty.
    pub purpose: String,
}

impl Copy {
    /// The label under the title: "Để báo cáo".
    pub(crate) fn label(&self) -> Option<String> {
        match self.purpose.as_str() {
            "" => None,
            "để b/c" => Some("Để báo cáo".to_owned()),
            "để th/hiện" => Some("Để thực hiện".to_owned()),
            "để ph/h" => Some("Để phối hợp".to_owned()),
            "để biết" => Some("Để biết".to_owned()),
            other => Some(printable(other)),
        }
    }
}

impl Letterhead {
    pub(crate) fn head(&self, day: NaiveDate) -> Head {
        let place = if self.place.is_empty() { "……" } else { self.place.as_str() };
        let date = format!("{place}, ngày {} tháng {} năm {}", padded(day.day()), month(day.month()), day.year());
        let (above, agency) =
            if self.unit.is_empty() { ("", &self.agency) } else { (self.agency.as_str(), &self.unit) };
        Head {
            above: printable(&above.to_uppercase()),
            agency: printable(&agency.to_uppercase()),
            number: format!("Số: {NO_NUMBER}"),
            date: printable(&date),
        }
    }

    /// The date line whose day is filled in by hand.
    pub(crate) fn undated(&self, at: DateTime<Utc>) -> Head {
        let head = self.head(at.with_timezone(&Ho_Chi_Minh).date_naive());
        let place = if self.place.is_empty() { "……" } else { self.place.as_str() };
        let year = at.with_timezone(&Ho_Chi_Minh).year();
        Head { date: printable(&format!("{place}, ngày …… tháng …… năm {year}")), ..head }
    }

    pub(crate) fn foot(&self, copy: &Copy) -> Foot {
        let mut lines = Vec::new();
        if !copy.audience.is_empty() {
            let purpose = if copy.purpose.is_empty() { String::new() } else { format!(" ({})", copy.purpose) };
            lines.push(format!("{}{purpose}", copy.audience));
        }
        lines.extend(self.recipients.iter().cloned());
        lines.push(if self.unit.is_empty() { "Lưu: VT".to_owned() } else { format!("Lưu: VT, {}", self.unit) });
        let last = lines.len() - 1;
        let recipients = lines
            .iter()
            .enumerate()
            .map(|(i, line)| printable(&format!("- {line}{}", if i == last { "." } else { ";" })))
            .collect();
        let or = |text: &str, placeholder: &str| printable(if text.is_empty() { placeholder } else { text });
        Foot { recipients, office: or(&self.office.to_uppercase(), NO_OFFICE), name: or(&self.signer, NO_NAME) }
    }
}

/// Days below 10 and the months 1 and 2 carry a zero (annex I, section II, point 4).
fn padded(day: u32) -> String {
    format!("{day:02}")
}

fn month(month: u32) -> String {
    if month < 3 { format!("{month:02}") } else { month.to_string() }
}

/// The first moment of a day in Hà Nội.
pub(crate) fn midnight(day: NaiveDate) -> DateTime<Utc> {
    let local = Ho_Chi_Minh.with_ymd_and_hms(day.year(), day.month(), day.day(), 0, 0, 0);
    local.earliest().map_or_else(DateTime::default, |t| t.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_months_are_written_as_the_decree_says() {
        let letterhead = Letterhead { place: "Hà Nội".into(), ..Letterhead::default() };
        for ((y, m, d), want) in [
            ((2026, 11, 21), "Hà Nội, ngày 21 tháng 11 năm 2026"),
            ((2027, 2, 3), "Hà Nội, ngày 03 tháng 02 năm 2027"),
            ((2027, 3, 10), "Hà Nội, ngày 10 tháng 3 năm 2027"),
        ] {
            assert_eq!(letterhead.head(NaiveDate::from_ymd_opt(y, m, d).unwrap()).date, want);
        }
    }

    #[test]
    fn recipients_end_with_the_file_and_nothing_is_invented() {
        let letterhead =
            Letterhead {
                unit: "Văn phòng Bộ".into(), recipients: vec!["Các Vụ, Cục".into()], ..Letterhead::default()
            };
        let copy = Copy { audience: "Lãnh đạo Bộ".into(), purpose: "để b/c".into() };
        let foot = letterhead.foot(&copy);
        assert_eq!(foot.recipients, ["- Lãnh đạo Bộ (để b/c);", "- Các Vụ, Cục;", "- Lưu: VT, Văn phòng Bộ."]);
        assert_eq!((foot.office.as_str(), foot.name.as_str()), (NO_OFFICE, NO_NAME));
        assert_eq!(copy.label().as_deref(), Some("Để báo cáo"));
        assert_eq!(letterhead.head(NaiveDate::default()).number, "Số: [SỐ KÝ HIỆU]");
    }
}
