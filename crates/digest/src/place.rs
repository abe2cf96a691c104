//! Where a story happens: the first province its text names.

/// Provinces and cities under the central government by the names papers use, those of before the
/// mergers of 2025 included; the new ones all carry one of these names.
const PROVINCES: &[&str] = &[
    "An Giang",
    "Bà Rịa - Vũng Tàu",
    "Bà Rịa-Vũng Tàu",
    "Bạc Liêu",
    "Bắc Giang",
    "Bắc Kạn",
    "Bắc Ninh",
    "Bến Tre",
    "Bình Dương",
    "Bình Định",
    "Bình Phước",
    "Bình Thuận",
    "Cà Mau",
    "Cao Bằng",
    "Cần Thơ",
    "Đà Nẵng",
    "Đắk Lắk",
    "Đắk Nông",
    "Điện Biên",
    "Đồng Nai",
    "Đồng Tháp",
    "Gia Lai",
    "Hà Giang",
    "Hà Nam",
    "Hà Nội",
    "Hà Tĩnh",
    "Hải Dương",
    "Hải Phòng",
    "Hậu Giang",
    "Hòa Bình",
    "Hưng Yên",
    "Khánh Hòa",
    "Kiên Giang",
    "Kon Tum",
    "Lai Châu",
    "Lạng Sơn",
    "Lào Cai",
    "Lâm Đồng",
    "Long An",
    "Nam Định",
    "Nghệ An",
    "Ninh Bình",
    "Ninh Thuận",
    "Phú Thọ",
    "Phú Yên",
    "Quảng Bình",
    "Quảng Nam",
    "Quảng Ngãi",
    "Quảng Ninh",
    "Quảng Trị",
    "Sóc Trăng",
    "Sơn La",
    "Tây Ninh",
    "Thái Bình",
    "Thái Nguyên",
    "Thanh Hóa",
    "Huế",
    "Tiền Giang",
    "TP HCM",
    "TP. HCM",
    "TP.HCM",
    "TPHCM",
    "Thành phố Hồ Chí Minh",
    "TP. Hồ Chí Minh",
    "TP Hồ Chí Minh",
    "Trà Vinh",
    "Tuyên Quang",
    "Vĩnh Long",
    "Vĩnh Phúc",
    "Yên Bái",
];

/// The Pacific, whose name holds those of two provinces.
const PACIFIC: &str = "Thái Bình Dương";

/// The first province named in the first of these texts that names one.
pub(crate) fn place(texts: &[&str]) -> Option<&'static str> {
    texts.iter().find_map(|text| {
        let text = diembao_text::normalize(text).replace(PACIFIC, "");
        PROVINCES
            .iter()
            .filter_map(|p| position(&text, p).map(|at| (at, std::cmp::Reverse(p.len()), *p)))
            .min()
            .map(|f| full_name(f.2))
    })
}

/// The name of a province as the edition writes it; none when it is the name of no province.
#[must_use]
pub fn province(name: &str) -> Option<&'static str> {
    let name = diembao_text::normalize(name.trim());
    PROVINCES.iter().find(|p| diembao_text::lower(p) == diembao_text::lower(&name)).map(|p| full_name(p))
}

/// Whether one of these texts names a province.
pub(crate) fn names(texts: &[&str], province: &str) -> bool {
    let spellings: Vec<&str> = PROVINCES.iter().copied().filter(|p| full_name(p) == province).collect();
    texts.iter().any(|text| {
        let text = diembao_text::normalize(text).replace(PACIFIC, "");
        spellings.iter().any(|name| position(&text, name).is_some())
    })
}

fn full_name(name: &'static str) -> &'static str {
    if name.contains("HCM") || name.contains("Hồ Chí Minh") { "TP. Hồ Chí Minh" } else { name }
}

/// Where a name stands as whole words.
fn position(text: &str, name: &str) -> Option<usize> {
    text.match_indices(name).map(|(at, _)| at).find(|&at| {
        let before = text[..at].chars().next_back();
        let after = &text[at + name.len()..];
        !before.is_some_and(char::is_alphanumeric) && !after.starts_with(char::is_alphanumeric)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_province_of_the_first_text_that_names_one() {
        for (texts, want) in [
            (vec!["35 học sinh ở Đồng Nai nhập viện, Hà Nội cảnh báo"], Some("Đồng Nai")),
            (vec!["Không nơi nào", "Sở Y tế TP.HCM nói"], Some("TP. Hồ Chí Minh")),
            (vec!["Vì hòa bình, ở Thái Bình Dương"], None),
            (vec!["Tỉnh Hoà Bình"], Some("Hòa Bình")),
            (vec![], None),
        ] {
            assert_eq!(place(&texts), want, "{texts:?}");
        }
    }

    #[test]
    fn a_province_is_found_by_any_of_its_names() {
        assert_eq!(province("tp.hcm"), Some("TP. Hồ Chí Minh"));
        assert_eq!(province(" Hoà Bình "), Some("Hòa Bình"));
        assert_eq!(province("Nước ngoài"), None);
        assert!(names(&["Không đâu", "Sở Y tế TPHCM nói"], "TP. Hồ Chí Minh"));
        assert!(names(&["Hà Nội và Đồng Nai"], "Đồng Nai"));
        assert!(!names(&["Thái Bình Dương"], "Bình Dương"));
    }
}
