//! The syllables of real spellings: kinds, boundaries, offsets.

use diembao_text::{Boundary, Kind, Syllables};

#[track_caller]
fn check(text: &str, expect: &[(&str, &str, Kind, Boundary)]) {
    let read = Syllables::of(text);
    let got: Vec<_> = read.iter().map(|y| (y.norm, y.folded, y.kind, y.boundary)).collect();
    assert_eq!(got, expect, "{text:?}");
}

#[track_caller]
fn kinds(text: &str, expect: &[(&str, Kind)]) {
    let read = Syllables::of(text);
    let got: Vec<_> = read.iter().map(|y| (y.norm, y.kind)).collect();
    assert_eq!(got, expect, "{text:?}");
}

use Boundary::{Paragraph, Punct, Sentence, Space};
use Kind::{Code, Number, Word};

#[test]
fn words_and_what_separates_them() {
    check(
        "Hoà Bình, TS. Lê. Rồi\nhết",
        &[
            ("hòa", "hoa", Word, Paragraph),
            ("bình", "binh", Word, Space),
            ("ts", "ts", Word, Punct),
            ("lê", "le", Word, Punct),
            ("rồi", "roi", Word, Sentence),
            ("hết", "het", Word, Paragraph),
        ],
    );
    check(
        "“Ai?” ông hỏi… rồi nói: “Tôi.” Bệnh_viện",
        &[
            ("ai", "ai", Word, Paragraph),
            ("ông", "ong", Word, Sentence),
            ("hỏi", "hoi", Word, Space),
            ("rồi", "roi", Word, Punct),
            ("nói", "noi", Word, Space),
            ("tôi", "toi", Word, Punct),
            ("bệnh", "benh", Word, Sentence),
            ("viện", "vien", Word, Space),
        ],
    );
}

#[test]
fn numbers_and_codes_stay_whole() {
    kinds("Covid-19 và H5N1", &[("covid-19", Code), ("và", Word), ("h5n1", Code)]);
    kinds("Thông tư 43/2018/TT-BYT.", &[("thông", Word), ("tư", Word), ("43/2018/tt-byt", Code)]);
    kinds("1234/QĐ-BYT", &[("1234/qđ-byt", Code)]);
    kinds(
        "25/2, 1.234,5 21.11.2026 10:30 2-3",
        &[("25/2", Number), ("1.234,5", Number), ("21.11.2026", Number), ("10:30", Number), ("2-3", Number)],
    );
    kinds("B.1.617.2 SARS-CoV-2", &[("b.1.617.2", Code), ("sars-cov-2", Code)]);
    kinds(
        "Ấn Độ-Pakistan kinh tế-xã hội",
        &[("ấn", Word), ("độ", Word), ("pakistan", Word), ("kinh", Word), ("tế", Word), ("xã", Word), ("hội", Word)],
    );
    kinds(
        "TP.HCM TT-BYT a-b-c",
        &[("tp", Word), ("hcm", Word), ("tt", Word), ("byt", Word), ("a", Word), ("b", Word), ("c", Word)],
    );
    kinds(
        "năm 2020.Bộ 50% 10kg 3 m²",
        &[("năm", Word), ("2020", Number), ("bộ", Word), ("50", Number), ("10kg", Code), ("3", Number), ("m²", Code)],
    );
}

#[test]
fn offsets_point_into_the_original() {
    let text = "A be\u{323}\u{302}nh\u{200b} vie\u{323}n\u{feff}, co\u{301}vid\u{200b}-19";
    let read = Syllables::of(text);
    let got: Vec<_> = read.iter().map(|y| (&text[y.start..y.end], y.norm)).collect();
    assert_eq!(
        got,
        [("A", "a"), ("be\u{323}\u{302}nh", "bệnh"), ("vie\u{323}n", "viẹn"), ("co\u{301}vid", "cóvid"), ("19", "19")]
    );
}

#[test]
fn buffers_are_used_again() {
    let mut read = Syllables::new();
    assert!(read.is_empty());
    for text in ["một hai", "", "ba"] {
        read.read(text);
        assert_eq!(read.len(), text.split_whitespace().count());
    }
    assert_eq!(read.get(0).norm, "ba");
}
