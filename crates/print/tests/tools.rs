//! Papers as other programs read them: poppler, qpdf and an office program, each where it is installed.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test says what is wrong by failing")]

mod fixture;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use diembao_print::{Paper, docx, pdf};
use fixture::{Day, edition, papers};

/// What an ordinary day says, in the order it is read.
const IN_ORDER: [&str; 15] = [
    "ĐIỂM BÁO Y TẾ Thứ Bảy, ngày 21/11/2026 (Để báo cáo) 2 sự cố · 1 tin giả · 34 tin. 91/98 nguồn đọc được",
    "Bản tin phát hành tự động theo lịch, chưa qua biên tập viên duyệt.",
    "I. Tin nổi bật 1. [Mức Đỏ] 31 học sinh tại Đồng Nai nhập viện sau bữa trưa bán trú",
    "II. Thông tin cần lưu ý 1. [Mức Đỏ]",
    "Các em có biểu hiện đau bụng, nôn, được đưa đến trung tâm y tế trong chiều 20/11.",
    "Cùng đưa tin: ",
    "III. Tin giả, quảng cáo sai sự thật",
    "IV. Chỉ đạo điều hành, chính sách Không có tin chỉ đạo điều hành, chính sách.",
    "V. Tin theo lĩnh vực Dịch vụ công trực tuyến",
    "Thanh, kiểm tra",
    "VI. Gương tốt, chiến dịch",
    "VII. Dư luận và xu hướng 7 ngày",
    "Phụ lục Nguồn im lặng (đăng ít hơn hẳn thường lệ): Báo Sương Mai.",
    "không phải kết luận chuyên môn./.",
    "- Lãnh đạo Bộ (để b/c); - Lưu: VT, Bộ phận thường trực thông tin báo chí.",
];

fn paper(day: Day) -> Paper {
    papers(&edition(day)).digest
}

/// Runs a program; none, with a message, when it is not installed.
fn tool(name: &str, arguments: &[&str]) -> Option<Output> {
    match Command::new(name).args(arguments).output() {
        Ok(output) => {
            let errors = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{name}: {errors}");
            Some(output)
        }
        Err(_) => {
            eprintln!("skipped: {name} is not installed");
            None
        }
    }
}

fn path(dir: &Path, name: &str) -> String {
    dir.join(name).to_str().unwrap().to_owned()
}

#[test]
fn a_reader_finds_vietnamese_in_reading_order() {
    let dir = tempfile::tempdir().unwrap();
    let file = path(dir.path(), "tin.pdf");
    fs::write(&file, pdf(&paper(Day::Ordinary)).unwrap()).unwrap();
    let Some(output) = tool("pdftotext", &[&file, "-"]) else {
        return;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut at = 0;
    for words in IN_ORDER {
        let found = text[at..].find(words).unwrap_or_else(|| panic!("{words} does not follow {:?}", &text[..at]));
        at += found + words.len();
    }
    let Some(output) = tool("pdfinfo", &[&file]) else {
        return;
    };
    let info = String::from_utf8(output.stdout).unwrap();
    for line in ["Tagged:          yes", "A4", "Author:          Bộ phận thường trực", "PDF version:     1.7"]
    {
        assert!(info.contains(line), "{line}\n{info}");
    }
    let Some(output) = tool("pdffonts", &[&file]) else {
        return;
    };
    let fonts = String::from_utf8(output.stdout).unwrap();
    for face in fonts.lines().skip(2) {
        let columns: Vec<&str> = face.split_whitespace().collect();
        assert!(face.contains("LiberationSerif"), "{face}");
        // Embedded, a subset, with a map to Unicode.
        assert_eq!(&columns[columns.len() - 5..columns.len() - 2], ["yes", "yes", "yes"], "{face}");
    }
}

#[test]
fn a_checker_finds_no_fault() {
    let dir = tempfile::tempdir().unwrap();
    for (name, day) in [("quiet.pdf", Day::Quiet), ("disaster.pdf", Day::Disaster)] {
        let file = path(dir.path(), name);
        fs::write(&file, pdf(&paper(day)).unwrap()).unwrap();
        if let Some(output) = tool("qpdf", &["--check", &file]) {
            let report = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(report.contains("No syntax or stream encoding errors"), "{report}");
        }
    }
}

#[test]
fn a_viewer_finds_bookmarks_and_links() {
    let dir = tempfile::tempdir().unwrap();
    let file = path(dir.path(), "tin.pdf");
    fs::write(&file, pdf(&paper(Day::Ordinary)).unwrap()).unwrap();
    let Some(output) = tool("qpdf", &["--json", "--json-key=outlines", &file]) else {
        return;
    };
    let outlines: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let outlines = outlines["outlines"].as_array().unwrap();
    let titles: Vec<&str> = outlines.iter().map(|o| o["title"].as_str().unwrap()).collect();
    let sections = ["I. Tin nổi bật", "II. Thông tin cần lưu ý", "VII. Dư luận và xu hướng 7 ngày", "Phụ lục"];
    assert!(sections.iter().all(|s| titles.contains(s)), "{titles:?}");
    assert!(outlines.iter().all(|o| o["destpageposfrom1"].as_u64().is_some_and(|n| (1..=4).contains(&n))));
    // The stories of a section are below it.
    assert_eq!(outlines[1]["kids"].as_array().unwrap().len(), 2);
    let plain = path(dir.path(), "plain.pdf");
    tool("qpdf", &["--qdf", "--object-streams=disable", &file, &plain]);
    let plain = fs::read(plain).unwrap();
    let n_links = String::from_utf8_lossy(&plain).matches("/URI (https://bao-").count();
    assert!(n_links >= 34, "{n_links}");
}

/// Prints the style and the text of every paragraph of a DOCX, with nothing but Python's own zip and XML readers.
const READ_DOCX: &str = r#"
import sys, zipfile, xml.etree.ElementTree as tree
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
file = zipfile.ZipFile(sys.argv[1])
assert file.testzip() is None
parts = {name: tree.fromstring(file.read(name)) for name in file.namelist()}
for p in parts["word/document.xml"].iter(W + "p"):
    print(p.find(f"{W}pPr/{W}pStyle").get(W + "val"), "".join(t.text or "" for t in p.iter(W + "t")), sep="\t")
"#;

#[test]
fn another_reader_finds_the_docx_in_reading_order() {
    let dir = tempfile::tempdir().unwrap();
    let file = path(dir.path(), "tin.docx");
    fs::write(&file, docx(&paper(Day::Ordinary)).unwrap()).unwrap();
    let Some(output) = tool("python3", &["-X", "utf8", "-c", READ_DOCX, &file]) else {
        return;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    let paragraphs: Vec<(&str, &str)> = text.lines().filter_map(|line| line.split_once('\t')).collect();
    let mut at = 0;
    for (style, begins) in [
        ("HeadAbove", "BỘ Y TẾ"),
        ("Title", "ĐIỂM BÁO Y TẾ"),
        ("Heading1", "I. Tin nổi bật"),
        ("Heading1", "II. Thông tin cần lưu ý"),
        ("Heading3", "1. [Mức Đỏ] 31 học sinh tại Đồng Nai"),
        ("Detail", "Cùng đưa tin: "),
        ("Heading1", "V. Tin theo lĩnh vực"),
        ("ListBullet", ""),
        ("RecipientsHead", "Nơi nhận:"),
        ("Office", "[CHỨC VỤ"),
    ] {
        let found = paragraphs[at..].iter().position(|(s, text)| *s == style && text.starts_with(begins));
        at += found.unwrap_or_else(|| panic!("{style} {begins} does not follow\n{text}")) + 1;
    }
}

#[test]
fn an_office_program_opens_the_docx() {
    let dir = tempfile::tempdir().unwrap();
    let file = path(dir.path(), "tin.docx");
    fs::write(&file, docx(&paper(Day::Ordinary)).unwrap()).unwrap();
    let profile = format!("-env:UserInstallation=file://{}", path(dir.path(), "profile"));
    let out = path(dir.path(), "");
    let arguments = [profile.as_str(), "--headless", "--convert-to", "pdf", "--outdir", &out, &file];
    if tool("soffice", &arguments).is_none() {
        return;
    }
    let Some(output) = tool("pdftotext", &["-layout", &path(dir.path(), "tin.pdf"), "-"]) else {
        return;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    for words in ["Độc lập - Tự do - Hạnh phúc", "I. Tin nổi bật", "Cùng đưa tin:", "Nơi nhận:"] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    let n_pages = text.matches('\u{c}').count();
    assert!((2..=6).contains(&n_pages), "{n_pages} pages");
}
