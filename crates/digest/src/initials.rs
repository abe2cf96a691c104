//! Names of patients and victims become initials, whatever the paper printed.
//!
//! A name is only recognised right after a word that says the person is one ("bệnh nhân", "sản
//! phụ", "cháu" …), so that officials and doctors keep theirs. "Chị", "anh", "ông" and "bà" say so
//! only with an age or a place of residence right after the name ("chị … (34 tuổi, ở …)").

use diembao_text::{Boundary, Kind, Syllables};

/// Words after which a name is a patient's or a victim's, as folded syllables' normal forms.
const PATIENTS: &[&[&str]] = &[
    &["bệnh", "nhân"],
    &["bệnh", "nhi"],
    &["sản", "phụ"],
    &["thai", "phụ"],
    &["nạn", "nhân"],
    &["người", "bệnh"],
    &["cháu", "bé"],
    &["bé", "gái"],
    &["bé", "trai"],
    &["cháu"],
    &["bé"],
    &["nữ", "sinh"],
    &["nam", "sinh"],
    &["học", "sinh"],
    &["con", "gái"],
    &["con", "trai"],
];
/// Family names that are borne by nearly all Vietnamese.
const FAMILIES: &[&str] = &[
    "nguyễn", "trần", "lê", "phạm", "huỳnh", "hoàng", "phan", "vũ", "võ", "đặng", "bùi", "đỗ", "hồ", "ngô", "dương",
    "lý", "đinh", "đoàn", "lương", "trịnh", "mai", "tô", "trương", "đào", "vương", "lâm", "phùng", "tạ", "thái", "cao",
    "hà", "giàng", "vàng", "thào", "sùng", "lò", "quách", "châu", "kiều", "tăng", "chu", "triệu", "la", "mạc", "nông",
];
/// What follows words for patients but is no name.
const PLACES: &[&str] =
    &["hà nội", "hà nam", "hà tĩnh", "hà giang", "cao bằng", "lâm đồng", "thái bình", "thái nguyên", "hồ chí"];
/// Forms of address that may stand before anybody's name.
const ADDRESSES: &[&str] = &["chị", "anh", "ông", "bà", "em"];
/// The longest name, in syllables.
const MAX_NAME: usize = 5;

/// The text with the names of patients and victims as initials: "bệnh nhân N.V.A.".
pub(crate) fn with_initials(text: &str) -> String {
    let syllables = Syllables::of(text);
    let mut out = String::with_capacity(text.len());
    let (mut copied, mut at) = (0, 0);
    while at < syllables.len() {
        let n = name_at(text, &syllables, at);
        if n == 0 {
            at += 1;
            continue;
        }
        let (first, last) = (syllables.get(at), syllables.get(at + n - 1));
        out.push_str(&text[copied..first.start]);
        for i in at..at + n {
            let syllable = syllables.get(i);
            out.extend(text[syllable.start..syllable.end].chars().next());
            out.push('.');
        }
        copied = last.end;
        if text[copied..].starts_with('.') {
            copied += 1;
        }
        at += n;
    }
    out.push_str(&text[copied..]);
    out
}

/// How many syllables of a patient's name begin at an index.
fn name_at(text: &str, syllables: &Syllables, at: usize) -> usize {
    let capital = |i: usize| {
        let s = syllables.get(i);
        s.kind == Kind::Word && text[s.start..].chars().next().is_some_and(char::is_uppercase)
    };
    if !capital(at) || syllables.get(at).boundary != Boundary::Space {
        return 0;
    }
    let follows = |words: &[&str]| {
        at >= words.len() && words.iter().rev().enumerate().all(|(k, w)| syllables.get(at - 1 - k).norm == *w)
    };
    let end = at.saturating_add(MAX_NAME).min(syllables.len());
    let n = 1 + (at + 1..end).take_while(|&i| capital(i) && syllables.get(i).boundary == Boundary::Space).count();
    if n < 2 || !FAMILIES.contains(&syllables.get(at).norm) {
        return 0;
    }
    let start = format!("{} {}", syllables.get(at).norm, syllables.get(at + 1).norm);
    if PLACES.contains(&start.as_str()) {
        return 0;
    }
    let is_patient = PATIENTS.iter().any(|words| follows(words));
    let is_addressed = ADDRESSES.iter().any(|word| follows(&[word]));
    if is_patient || (is_addressed && is_described(text, syllables, at + n)) { n } else { 0 }
}

/// "(34 tuổi", ", 34 tuổi", "(trú tại", "(SN 1990".
fn is_described(text: &str, syllables: &Syllables, at: usize) -> bool {
    if at + 1 >= syllables.len() || syllables.get(at).boundary != Boundary::Punct {
        return false;
    }
    let (next, after) = (syllables.get(at), syllables.get(at + 1));
    let gap = &text[syllables.get(at - 1).end..next.start];
    let is_age = next.kind == Kind::Number && after.norm == "tuổi";
    let is_home = matches!((next.norm, after.norm), ("trú", _) | ("ngụ", _) | ("sn", _) | ("sinh", "năm") | ("quê", _));
    gap.contains(['(', ',']) && (is_age || is_home)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patients_lose_their_names_and_nobody_else_does() {
        for (input, want) in [
            ("Bệnh nhân Trần Văn Mẫu nhập viện.", "Bệnh nhân T.V.M. nhập viện."),
            ("Cháu Lê Thị Thử đã tỉnh", "Cháu L.T.T. đã tỉnh"),
            ("chị Lý Thị Vân Dụ (34 tuổi, ở Huế) kể", "chị L.T.V.D. (34 tuổi, ở Huế) kể"),
            ("Ông Phan Văn Ví, 61 tuổi, ngã.", "Ông P.V.V., 61 tuổi, ngã."),
            ("Ông Phan Văn Ví, Giám đốc Sở Y tế, cho biết", "Ông Phan Văn Ví, Giám đốc Sở Y tế, cho biết"),
            ("Bác sĩ Phan Văn Ví mổ cho bệnh nhân N.T.H.", "Bác sĩ Phan Văn Ví mổ cho bệnh nhân N.T.H."),
            ("học sinh Trường tiểu học", "học sinh Trường tiểu học"),
            ("Người bệnh Hà Nội", "Người bệnh Hà Nội"),
            ("", ""),
        ] {
            assert_eq!(with_initials(input), want);
        }
    }
}
