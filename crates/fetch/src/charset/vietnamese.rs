//! The old Vietnamese charsets, and how Vietnamese a text reads.

use unicode_normalization::UnicodeNormalization;

use super::tables::{TCVN3, VISCII, VNI_PAIRS, VNI_SINGLES};

/// A charset that standard libraries do not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Legacy {
    /// TCVN 5712:1993 VN3, written with the "ABC" fonts (`.VnTime`).
    Tcvn3,
    /// VNI for Windows.
    Vni,
    /// RFC 1456.
    Viscii,
}

impl Legacy {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Tcvn3 => "tcvn3",
            Self::Vni => "vni",
            Self::Viscii => "viscii",
        }
    }

    pub(super) fn by_label(label: &str) -> Option<Self> {
        match label {
            "tcvn3" | "tcvn" | "tcvn-5712" | "tcvn5712" | "tcvn5712-1" | "x-viet-tcvn" | "x-viet-tcvn5712" => {
                Some(Self::Tcvn3)
            }
            "vni" | "x-viet-vni" => Some(Self::Vni),
            "viscii" | "x-viet-viscii" | "csviscii" | "viscii1.1-1" => Some(Self::Viscii),
            _ => None,
        }
    }

    pub(super) fn decode(self, bytes: &[u8]) -> String {
        match self {
            Self::Tcvn3 => by_table(bytes, &TCVN3),
            Self::Viscii => by_table(bytes, &VISCII),
            Self::Vni => vni(bytes),
        }
    }
}

fn by_table(bytes: &[u8], high: &[char; 128]) -> String {
    let letter = |b: &u8| b.checked_sub(0x80).map_or(char::from(*b), |i| high[usize::from(i)]);
    bytes.iter().map(letter).nfc().collect()
}

fn vni(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [first, tail @ ..] = rest {
        if let Some(letter) = tail.first().and_then(|mark| pair(*first, *mark)) {
            text.push(letter);
            rest = &tail[1..];
            continue;
        }
        text.push(single(*first));
        rest = tail;
    }
    text
}

/// A capital letter may carry a small mark and the other way round.
fn pair(first: u8, mark: u8) -> Option<char> {
    let find = |mark: u8| VNI_PAIRS.binary_search_by_key(&(first, mark), |p| (p.0, p.1)).ok().map(|i| VNI_PAIRS[i].2);
    if mark < 0xc0 {
        return None;
    }
    find(mark).or_else(|| find(mark ^ 0x20))
}

fn single(byte: u8) -> char {
    match VNI_SINGLES.binary_search_by_key(&byte, |s| s.0) {
        Ok(i) => VNI_SINGLES[i].1,
        // Everything else, punctuation above all, is windows-1252.
        Err(_) if byte.is_ascii() => char::from(byte),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(&[byte]).0.chars().next().unwrap_or('\u{fffd}'),
    }
}

/// Syllables so frequent that any Vietnamese text of some length has them.
const FREQUENT: &[&str] = &[
    "bác",
    "báo",
    "bằng",
    "bệnh",
    "biết",
    "bị",
    "bộ",
    "các",
    "cách",
    "có",
    "của",
    "cũng",
    "công",
    "cấp",
    "cứu",
    "dịch",
    "dụng",
    "đã",
    "đang",
    "đây",
    "đầu",
    "để",
    "đến",
    "đề",
    "đó",
    "đồng",
    "độ",
    "được",
    "đối",
    "đường",
    "điều",
    "giám",
    "giờ",
    "gồm",
    "hiện",
    "hóa",
    "học",
    "hội",
    "hợp",
    "hướng",
    "khám",
    "khỏe",
    "không",
    "khoẻ",
    "kết",
    "là",
    "lại",
    "làm",
    "lãnh",
    "lần",
    "lý",
    "lớn",
    "mắc",
    "mới",
    "một",
    "mức",
    "năm",
    "này",
    "ngành",
    "ngày",
    "người",
    "những",
    "nước",
    "nhiều",
    "như",
    "nhân",
    "nhất",
    "nhận",
    "phẩm",
    "phải",
    "phát",
    "phòng",
    "phường",
    "phố",
    "quả",
    "quận",
    "rất",
    "sẽ",
    "sống",
    "số",
    "sở",
    "sự",
    "sức",
    "sĩ",
    "tại",
    "tế",
    "tỉnh",
    "tình",
    "tiêm",
    "tới",
    "từ",
    "tử",
    "tự",
    "tổ",
    "thành",
    "tháng",
    "thể",
    "thế",
    "thì",
    "theo",
    "thông",
    "thời",
    "thuốc",
    "thực",
    "trạng",
    "trẻ",
    "trị",
    "trình",
    "triệu",
    "trước",
    "trường",
    "tuổi",
    "và",
    "vào",
    "vì",
    "việc",
    "viện",
    "việt",
    "với",
    "vụ",
    "về",
    "vẫn",
    "xã",
    "y",
    "yếu",
    "ở",
    "ông",
    "bà",
    "cần",
    "chất",
    "chị",
    "chỉ",
    "cho",
    "chức",
    "chủ",
    "chưa",
    "cơ",
    "dân",
    "dưới",
];
const VOWELS: &str = "aàảãáạăằẳẵắặâầẩẫấậeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵ";
const TONED: &str = "àảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ";

/// How Vietnamese the words beyond ASCII are: the greater the better, zero or less for not at all.
pub(super) fn score(text: &str) -> i64 {
    let words = text.split(|c: char| !c.is_alphabetic() && c != '\u{fffd}');
    let (mut total, mut n_frequent) = (0, 0);
    for word in words.filter(|w| !w.is_ascii()) {
        let lower: String = word.chars().flat_map(char::to_lowercase).collect();
        if FREQUENT.contains(&lower.as_str()) {
            n_frequent += 1;
            total += 4;
        } else {
            total += if is_syllable(&lower) { 1 } else { -2 };
        }
        // A small letter before a capital is the mark of the wrong table.
        if word.chars().zip(word.chars().skip(1)).any(|(a, b)| a.is_lowercase() && b.is_uppercase()) {
            total -= 2;
        }
    }
    if n_frequent == 0 { 0 } else { total }
}

/// Consonants, one run of vowels with at most one tone, consonants.
fn is_syllable(word: &str) -> bool {
    let is_vowel = |c: char| VOWELS.contains(c);
    let head = word.trim_start_matches(|c: char| c.is_ascii_alphabetic() && !is_vowel(c) || c == 'đ');
    let tail = head.trim_end_matches(|c: char| "cghmnpt".contains(c));
    let n_tones = tail.chars().filter(|c| TONED.contains(*c)).count();
    !tail.is_empty() && tail.chars().count() <= 3 && n_tones <= 1 && tail.chars().all(is_vowel)
}
