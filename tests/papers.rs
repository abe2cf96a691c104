//! Editions and cases as files: what readers get attached, what editors open, what officers complete.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test says what is wrong by failing")]

#[expect(dead_code, reason = "each test binary uses its own part")]
mod support;

use std::fs;

use mail_parser::{MessageParser, MimeHeaders};
use support::{Home, Press, json_of, stdout_of};

#[test]
fn an_edition_leaves_with_the_files_its_audience_asked_for_and_keeps_them() {
    let home = Home::new();
    let _press = Press::serve(&home, &[]);
    home.change("diembao.toml", "formats = [\"pdf\"]", "formats = [\"pdf\", \"docx\"]");
    stdout_of(&mut home.command(&["run"]), 0);

    let mails: Vec<Vec<u8>> = home.mails("mail").iter().map(|m| fs::read(m).unwrap()).collect();
    let mails: Vec<_> = mails.iter().map(|m| MessageParser::default().parse(m).unwrap()).collect();
    let attached = |to: &str| {
        let mail = mails.iter().find(|m| m.to().unwrap().first().unwrap().address().unwrap().starts_with(to)).unwrap();
        let files = mail.attachments().map(|a| (a.attachment_name().unwrap().to_owned(), a.contents().to_vec()));
        files.collect::<Vec<_>>()
    };
    let files = attached("lanh-dao");
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert!(names[0].starts_with("Điểm báo y tế ") && names[0].ends_with(".pdf"), "{names:?}");
    assert!(names[1].ends_with(".docx") && names.len() == 4, "{names:?}");
    // The press's day does not fit on four pages.
    assert!(names[2].ends_with(" - phụ lục.pdf") && names[3].ends_with(" - phụ lục.docx"), "{names:?}");
    assert!(files[0].1.starts_with(b"%PDF-1.7") && files[1].1.starts_with(b"PK"));
    assert!(attached("attp").is_empty(), "nothing was asked for");

    for (i, format) in ["pdf", "docx"].into_iter().enumerate() {
        let path = home.file(&format!("kept.{format}"));
        let name = path.to_str().unwrap();
        stdout_of(&mut home.command(&["digest", "preview", "--format", format, "--output", name]), 0);
        assert!(fs::read(&path).unwrap() == files[i].1, "the edition keeps the bytes that left as {format}");
        let annex = home.file(&format!("kept-phu-luc.{format}"));
        assert!(fs::read(&annex).unwrap() == files[i + 2].1, "and its annex beside it");
    }
    let view = json_of(&mut home.command(&["digest", "preview", "--format", "json"])).remove(0);
    assert!(view["counts"]["stories"].as_u64().unwrap() > 0);
    let never = ["digest", "preview", "--audience", "an-toan-thuc-pham", "--format", "pdf", "--output", "x.pdf"];
    stdout_of(&mut home.command(&never), 5);
}

#[test]
fn a_case_becomes_a_draft_of_each_kind() {
    let home = Home::new();
    let _press = Press::serve(&home, &[]);
    stdout_of(&mut home.command(&["run"]), 0);
    let number = json_of(&mut home.command(&["desk", "list", "--json"]))[0]["case"].to_string();
    for kind in ["report", "transfer", "answer"] {
        for (ending, begins) in [("docx", &b"PK"[..]), ("pdf", &b"%PDF-"[..])] {
            let path = home.file(&format!("{kind}.{ending}"));
            let arguments = ["desk", "draft", &number, "--kind", kind, "--output", path.to_str().unwrap()];
            stdout_of(&mut home.command(&arguments), 0);
            assert!(fs::read(&path).unwrap().starts_with(begins), "{kind}.{ending}");
        }
    }
    let path = home.file("x.docx");
    let name = path.to_str().unwrap();
    stdout_of(&mut home.command(&["desk", "draft", "999999", "--kind", "report", "--output", name]), 5);
    stdout_of(&mut home.command(&["desk", "draft", &number, "--kind", "report", "--output", "x.txt"]), 1);
    assert!(!path.exists());
}
