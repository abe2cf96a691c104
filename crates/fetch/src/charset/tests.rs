//! Every charset by mark, header, declaration and reading; and what no charset explains.

use proptest::prelude::*;

use super::tables::{TCVN3, VISCII, VNI_PAIRS, VNI_SINGLES};
use super::*;

/// Fictional.
const TEXT: &str = "Bệnh viện Đa khoa huyện Sông Lam cho biết đã tiếp nhận 12 người bị ngộ độc thực phẩm sau bữa cỗ cưới; \
    hiện sức khỏe các bệnh nhân ổn định, Sở Y tế đang phối hợp điều tra nguyên nhân và lấy mẫu xét nghiệm.";

fn to_table(text: &str, high: &[char; 128]) -> Vec<u8> {
    let code = |c: char| high.iter().position(|h| *h == c).map_or(b'?', |i| u8::try_from(i + 128).unwrap());
    text.chars().map(|c| if c.is_ascii() { u8::try_from(c).unwrap() } else { code(c) }).collect()
}

/// Without accented capitals, which TCVN3 writes in another font.
fn to_tcvn3(text: &str) -> Vec<u8> {
    to_table(text, &TCVN3)
}

fn to_vni(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for c in text.chars() {
        if let Some((first, mark, _)) = VNI_PAIRS.iter().find(|p| p.2 == c) {
            bytes.extend([*first, *mark]);
        } else if let Some((byte, _)) = VNI_SINGLES.iter().find(|s| s.1 == c) {
            bytes.push(*byte);
        } else {
            bytes.push(u8::try_from(c).unwrap());
        }
    }
    bytes
}

fn to_1258(text: &str) -> Vec<u8> {
    // windows-1258 keeps â, ê, ô, ă, ơ, ư and đ whole and writes tones apart.
    let mut bytes = Vec::new();
    for c in text.chars() {
        let whole = WINDOWS_1258.encode(&c.to_string()).0.into_owned();
        if !whole.starts_with(b"&#") {
            bytes.extend(whole);
            continue;
        }
        let parts: Vec<char> = c.to_string().nfd().collect();
        let tone = *parts.iter().find(|p| "\u{300}\u{301}\u{303}\u{309}\u{323}".contains(**p)).unwrap();
        let base: String = parts.iter().copied().filter(|p| *p != tone).nfc().collect();
        bytes.extend(WINDOWS_1258.encode(&base).0.iter());
        bytes.extend(WINDOWS_1258.encode(&tone.to_string()).0.iter());
    }
    bytes
}

#[track_caller]
fn check(bytes: &[u8], content_type: Option<&str>, charset: &str, text: &str) {
    let decoded = decode(bytes, content_type);
    assert_eq!((decoded.charset, decoded.text.as_str()), (charset, text), "{:?}", decoded.problems);
}

#[test]
fn utf8_is_utf8_whatever_is_declared() {
    check(TEXT.as_bytes(), None, "utf-8", TEXT);
    check(TEXT.as_bytes(), Some("text/html; charset=utf-8"), "utf-8", TEXT);
    check(TEXT.as_bytes(), Some("text/html; charset=ISO-8859-1"), "utf-8", TEXT);
    assert!(decode(TEXT.as_bytes(), Some("text/html; charset=utf-8")).problems.is_empty());
    assert_eq!(
        decode(TEXT.as_bytes(), Some("text/html;charset='ISO-8859-1'")).problems,
        ["declared as iso-8859-1, but it is utf-8"]
    );
    check(b"", None, "utf-8", "");
    check(b"plain", Some("text/html; charset=windows-1258"), "utf-8", "plain");
}

#[test]
fn marks_win() {
    check(
        &[b"\xef\xbb\xbf".as_slice(), TEXT.as_bytes()].concat(),
        Some("text/html; charset=windows-1252"),
        "utf-8",
        TEXT,
    );
    let wide = |swap: bool| -> Vec<u8> {
        TEXT.encode_utf16().flat_map(|u| if swap { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
    };
    check(&[b"\xff\xfe".as_slice(), &wide(false)].concat(), None, "UTF-16LE", TEXT);
    check(&[b"\xfe\xff".as_slice(), &wide(true)].concat(), None, "UTF-16BE", TEXT);
}

#[test]
fn utf16_markup_without_a_mark_is_seen() {
    let page = "<rss>Bệnh viện</rss>";
    let bytes: Vec<u8> = page.encode_utf16().flat_map(u16::to_le_bytes).collect();
    check(&bytes, Some("text/xml; charset=utf-8"), "UTF-16LE", page);
}

#[test]
fn old_vietnamese_charsets_are_recognised_whatever_is_declared() {
    for declared in [
        None,
        Some("text/html"),
        Some("text/html; charset=iso-8859-1"),
        Some("text/html; charset=utf-8"),
        Some("text/html; charset=windows-1252"),
    ] {
        check(&to_1258(TEXT), declared, "windows-1258", TEXT);
        let lower = TEXT.to_lowercase();
        check(&to_tcvn3(&lower), declared, "tcvn3", &lower);
        check(&to_vni(TEXT), declared, "vni", TEXT);
        check(&to_table(&lower, &VISCII), declared, "viscii", &lower);
    }
}

#[test]
fn old_vietnamese_charsets_are_recognised_by_a_few_words() {
    let title = "bệnh viện huyện tiếp nhận người bị ngộ độc";
    check(&to_1258(title), None, "windows-1258", title);
    check(&to_tcvn3(title), None, "tcvn3", title);
    check(&to_vni(title), None, "vni", title);
}

#[test]
fn declarations_are_read_where_they_stand() {
    let with = |head: &str| [head.as_bytes(), &to_1258("Huyện Sông Lam")].concat();
    for head in [
        "<?xml version='1.0' encoding='windows-1258'?>",
        "<meta charset=windows-1258>",
        "<META http-equiv=Content-Type content=\"text/html; charset=Windows-1258\">",
    ] {
        assert_eq!(decode(&with(head), None).charset, "windows-1258", "{head}");
        assert!(decode(&with(head), None).text.ends_with("Huyện Sông Lam"), "{head}");
    }
    let viscii = to_table("Ở đây", &VISCII);
    check(&viscii, Some("text/plain; charset=viscii"), "viscii", "Ở đây");
    assert_eq!(
        decode(b"x", Some("text/html; charset=klingon")).problems,
        ["the declared charset \"klingon\" is unknown"]
    );
}

#[test]
fn other_languages_are_left_alone() {
    let french = b"L'h\xf4pital a re\xe7u douze malades apr\xe8s un repas, a d\xe9clar\xe9 la pr\xe9fecture.";
    assert_eq!(decode(french, Some("text/html; charset=iso-8859-1")).charset, "windows-1252");
    assert_eq!(decode(french, None).text, "L'hôpital a reçu douze malades après un repas, a déclaré la préfecture.");
    let (japanese, _, _) = encoding_rs::SHIFT_JIS.encode("病院は患者を受け入れた");
    assert_eq!(decode(&japanese, Some("text/html; charset=shift_jis")).text, "病院は患者を受け入れた");
}

#[test]
fn a_few_broken_bytes_do_not_change_the_charset() {
    let mut bytes = TEXT.as_bytes().to_vec();
    bytes.splice(20..20, [0xff, 0xc3]);
    let decoded = decode(&bytes, Some("text/html"));
    assert_eq!(decoded.charset, "utf-8");
    assert_eq!(decoded.problems, ["some bytes are not utf-8"]);
    assert!(decoded.text.contains("ngộ độc thực phẩm"));
    let cut = &TEXT.as_bytes()[..TEXT.find('ệ').unwrap() + 1];
    assert_eq!(decode(cut, None).charset, "utf-8");
}

#[test]
fn utf8_encoded_twice_is_mended() {
    let twice = WINDOWS_1252.decode_without_bom_handling(TEXT.as_bytes()).0.into_owned();
    let decoded = decode(twice.as_bytes(), None);
    assert_eq!(decoded.text, TEXT);
    assert_eq!(decoded.problems, ["the text was encoded as UTF-8 twice"]);
}

#[test]
fn nul_characters_go() {
    let decoded = decode(b"a\0b\0", None);
    assert_eq!(decoded.text, "ab");
    assert_eq!(decoded.problems, ["NUL characters were removed"]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn decoding_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400), label in "[a-z0-9=;\" -]{0,30}") {
        let decoded = decode(&bytes, Some(&format!("text/html; charset={label}")));
        prop_assert!(!decoded.text.contains('\0'));
    }

    #[test]
    fn mutated_markup_never_panics(cut in 0usize..300, at in 0usize..300, byte in any::<u8>()) {
        let mut page = [b"<html><meta charset=tcvn><body>".as_slice(), &to_tcvn3(TEXT)].concat();
        let at = at % page.len();
        page[at] = byte;
        page.truncate(page.len().saturating_sub(cut));
        let _ = decode(&page, None);
    }
}
