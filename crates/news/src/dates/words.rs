//! The words of dates: months, weekdays, parts of the day and zones, folded to plain ASCII.
//!
//! Tables only; what a word means beside others is decided in `compose`.

/// A letter without its Vietnamese marks, lower case; `None` for a combining mark, which vanishes.
pub(super) fn fold(c: char) -> Option<char> {
    const GROUPS: &[(char, &str)] = &[
        ('a', "àáảãạăằắẳẵặâầấẩẫậÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬ"),
        ('e', "èéẻẽẹêềếểễệÈÉẺẼẸÊỀẾỂỄỆ"),
        ('i', "ìíỉĩịÌÍỈĨỊ"),
        ('o', "òóỏõọôồốổỗộơờớởỡợÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢ"),
        ('u', "ùúủũụưừứửữựÙÚỦŨỤƯỪỨỬỮỰ"),
        ('y', "ỳýỷỹỵỲÝỶỸỴ"),
        ('d', "đĐðÐ"),
    ];
    if c.is_ascii() {
        return Some(c.to_ascii_lowercase());
    }
    if ('\u{300}'..='\u{36f}').contains(&c) || matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{ad}') {
        return None;
    }
    if c.is_whitespace() || c == '\u{2060}' {
        return Some(' ');
    }
    let base = GROUPS.iter().find(|(_, letters)| letters.contains(c)).map(|(base, _)| *base);
    Some(base.unwrap_or(match c {
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{2018}' | '\u{2019}' | '\u{2032}' => '\'',
        '\u{ff1a}' => ':',
        _ => c,
    }))
}

/// The month an English name or its abbreviation means.
pub(super) fn english_month(word: &str) -> Option<u32> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    if word.len() < 3 {
        return None;
    }
    let place = MONTHS.iter().position(|m| m.starts_with(word) || (word == "sept" && *m == "september"))?;
    u32::try_from(place + 1).ok()
}

/// The month that a Vietnamese numeral after "tháng" means; "mười một" comes as its two words.
pub(super) fn vietnamese_month(word: &str, next: Option<&str>) -> Option<(u32, usize)> {
    Some(match (word, next) {
        ("muoi", Some("mot")) => (11, 2),
        ("muoi", Some("hai")) => (12, 2),
        ("mot" | "gieng", _) => (1, 1),
        ("hai", _) => (2, 1),
        ("ba", _) => (3, 1),
        ("tu" | "bon", _) => (4, 1),
        ("nam", _) => (5, 1),
        ("sau", _) => (6, 1),
        ("bay", _) => (7, 1),
        ("tam", _) => (8, 1),
        ("chin", _) => (9, 1),
        ("muoi", _) => (10, 1),
        ("chap", _) => (12, 1),
        _ => return None,
    })
}

/// The weekday a Vietnamese word after "thứ" means, counted from Monday = 0.
pub(super) fn vietnamese_weekday(word: &str) -> Option<u32> {
    Some(match word {
        "hai" | "2" => 0,
        "ba" | "3" => 1,
        "tu" | "4" => 2,
        "nam" | "5" => 3,
        "sau" | "6" => 4,
        "bay" | "7" => 5,
        _ => return None,
    })
}

/// The weekday an English name or its abbreviation means, counted from Monday = 0.
pub(super) fn english_weekday(word: &str) -> Option<u32> {
    const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    if word.len() < 3 {
        return None;
    }
    u32::try_from(DAYS.iter().position(|d| d.starts_with(word))?).ok()
}

/// A part of the day that says which half an hour up to twelve means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Half {
    /// Before noon: AM, SA, sáng.
    Morning,
    /// Noon and just after: trưa.
    Noon,
    /// After noon: PM, CH, chiều, tối.
    Afternoon,
    /// Around midnight: đêm.
    Night,
}

/// The part of the day a word means.
pub(super) fn half(word: &str) -> Option<Half> {
    Some(match word {
        "am" | "sa" | "sang" => Half::Morning,
        "trua" => Half::Noon,
        "pm" | "ch" | "chieu" | "toi" => Half::Afternoon,
        "dem" | "khuya" => Half::Night,
        _ => return None,
    })
}

/// The 24-hour clock's hour; an hour above twelve is already on it, whatever the word says.
pub(super) fn hour24(hour: u32, half: Half) -> u32 {
    match (half, hour) {
        (_, 13..) => hour,
        (Half::Morning | Half::Night, 12) => 0,
        (Half::Noon, 1..=3) | (Half::Afternoon, 1..=11) | (Half::Night, 6..=11) => hour + 12,
        _ => hour,
    }
}

/// Minutes east of Greenwich of a zone's name.
pub(super) fn zone_minutes(word: &str) -> Option<i32> {
    Some(match word {
        "z" | "gmt" | "utc" | "ut" => 0,
        "ict" => 420,
        "est" => -300,
        "edt" | "ast" => -240,
        "cst" => -360,
        "cdt" => -300,
        "mst" => -420,
        "mdt" => -360,
        "pst" => -480,
        "pdt" => -420,
        "cet" | "bst" => 60,
        "cest" | "eet" => 120,
        "msk" => 180,
        "jst" | "kst" => 540,
        _ => return None,
    })
}
