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
