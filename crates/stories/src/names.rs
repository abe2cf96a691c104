//! What looks like the name of a person.

use diembao_text::{Boundary, Kind, Syllables};

/// Family names that are borne by nearly all Vietnamese, normalised and lower case.
const FAMILIES: &[&str] = &[
    "nguyễn", "trần", "lê", "phạm", "huỳnh", "hoàng", "phan", "vũ", "võ", "đặng", "bùi", "đỗ", "hồ", "ngô", "dương",
    "lý", "đinh", "đoàn", "lương", "trịnh", "mai", "tô", "trương", "đào", "vương", "lâm", "phùng", "tạ", "thái", "cao",
];
/// What stands before the name of a street, ward or hospital rather than of a person.
const PLACES: &[&str] =
    &["phố", "đường", "quận", "phường", "xã", "tp", "viện", "trường", "tỉnh", "huyện", "học", "thpt", "khu"];
/// The longest name, in syllables.
const MAX_NAME: usize = 5;

/// How many syllables of a personal name begin at an index; 0 when none does.
pub(crate) fn is_name(text: &str, syllables: &Syllables, at: usize) -> usize {
    let first = syllables.get(at);
    if first.kind != Kind::Word || !FAMILIES.contains(&first.norm) || !is_capital(text, first.start) {
        return 0;
    }
    let follows_place = at > 0 && first.boundary == Boundary::Space && PLACES.contains(&syllables.get(at - 1).norm);
    if follows_place {
        return 0;
    }
    let more = (at + 1..syllables.len().min(at + MAX_NAME)).take_while(|&i| {
        let next = syllables.get(i);
        next.kind == Kind::Word && next.boundary == Boundary::Space && is_capital(text, next.start)
    });
    let n = 1 + more.count();
    let whole: Vec<&str> = (at..at + n).map(|i| syllables.get(i).norm).collect();
    if n < 3 || whole == ["hồ", "chí", "minh"] { 0 } else { n }
}

fn is_capital(text: &str, at: usize) -> bool {
    text.get(at..).and_then(|t| t.chars().next()).is_some_and(char::is_uppercase)
}
