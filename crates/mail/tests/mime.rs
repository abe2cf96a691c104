//! Mails as another reader sees them: every header, part, name and byte comes back as it went in.

#![expect(clippy::unwrap_used, reason = "what cannot be read is a failed test")]

use chrono::{TimeZone, Utc};
use diembao_mail::{Attachment, Message, MessageError, render};
use mail_parser::{MessageParser, MimeHeaders};
use proptest::prelude::*;

fn message() -> Message {
    Message {
        from: "Phòng Truyền thông Bộ Y tế <diembao@byt.example>".to_owned(),
        to: "Nguyễn Văn A. <nva@byt.example>".to_owned(),
        reply_to: None,
        message_id: "<2026-11-21.lanh-dao.0a1b2c@byt.example>".to_owned(),
        date: Utc.with_ymd_and_hms(2026, 11, 21, 0, 0, 0).unwrap(),
        subject: "[Điểm báo y tế 21/11] 2 sự cố · 1 tin giả · 34 tin".to_owned(),
        html: "<html><body><p>Bệnh viện huyện Sông Lam tiếp nhận 12 người bị ngộ độc.</p></body></html>".to_owned(),
        text: "Bệnh viện huyện Sông Lam tiếp nhận 12 người bị ngộ độc.\n.\n..dấu chấm đầu dòng\nFrom đầu dòng\n"
            .to_owned(),
        attachments: vec![
            Attachment {
                name: "Điểm báo ngày 21-11-2026 (để báo cáo).pdf".to_owned(),
                content_type: "application/pdf".to_owned(),
                bytes: (0..=255).cycle().take(5000).collect(),
            },
            Attachment {
                name: "diem-bao.docx".to_owned(),
                content_type: "application/vnd.openxmlformats-officedocument.wordprocessingml.document".to_owned(),
                bytes: vec![0; 10],
            },
        ],
        list_id: Some("diem-bao.byt.example".to_owned()),
        list_unsubscribe: Some("mailto:diembao@byt.example?subject=thoi".to_owned()),
    }
}

#[track_caller]
fn check_lines(mail: &[u8]) {
    assert!(mail.is_ascii(), "a byte beyond ASCII");
    let text = std::str::from_utf8(mail).unwrap();
    assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "a bare CR or LF");
    for line in text.split("\r\n") {
        // One long word cannot be folded; 998 is what no line may pass.
        assert!(line.len() <= 78 || !line.trim().contains(' ') || line.starts_with("Content-Type: "), "{line}");
        assert!(line.len() <= 998, "{line}");
    }
}

#[test]
fn another_reader_reads_what_was_written() {
    let message = message();
    let mail = render(&message).unwrap();
    check_lines(&mail);
    let read = MessageParser::default().parse(&mail).unwrap();
    assert_eq!(read.subject(), Some(message.subject.as_str()));
    assert_eq!(read.message_id(), Some("2026-11-21.lanh-dao.0a1b2c@byt.example"));
    let from = read.from().unwrap().first().unwrap();
    assert_eq!((from.name(), from.address()), (Some("Phòng Truyền thông Bộ Y tế"), Some("diembao@byt.example")));
    let to = read.to().unwrap().first().unwrap();
    assert_eq!((to.name(), to.address()), (Some("Nguyễn Văn A."), Some("nva@byt.example")));
    assert_eq!(read.date().unwrap().to_timestamp(), message.date.timestamp());
    assert_eq!(read.header_raw("Auto-Submitted").unwrap().trim(), "auto-generated");
    assert_eq!(read.header_raw("List-Id").unwrap().trim(), "<diem-bao.byt.example>");
    assert_eq!(read.header_raw("List-Unsubscribe").unwrap().trim(), "<mailto:diembao@byt.example?subject=thoi>");
    assert_eq!(read.body_text(0).unwrap().replace("\r\n", "\n").trim_end(), message.text.trim_end());
    assert_eq!(read.body_html(0).unwrap().trim_end(), message.html);
    let attached: Vec<_> =
        read.attachments().map(|a| (a.attachment_name().unwrap().to_owned(), a.contents().to_vec())).collect();
    let expected: Vec<_> = message.attachments.iter().map(|a| (a.name.clone(), a.bytes.clone())).collect();
    assert_eq!(attached, expected);
}

#[test]
fn the_structure_is_mixed_around_alternative() {
    let mail = String::from_utf8(render(&message()).unwrap()).unwrap();
    let order = ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "application/pdf"];
    let places: Vec<usize> = order.iter().map(|t| mail.find(t).unwrap_or_else(|| panic!("{t} is missing"))).collect();
    assert!(places.is_sorted(), "{places:?}");
    let plain = Message { html: String::new(), attachments: vec![], ..message() };
    assert!(!String::from_utf8(render(&plain).unwrap()).unwrap().contains("multipart"));
}

#[test]
fn the_same_message_gives_the_same_bytes() {
    assert_eq!(render(&message()).unwrap(), render(&message()).unwrap());
}

#[test]
fn nothing_smuggles_in_a_header() {
    let evil = "a\r\nBcc: kẻ.xấu@example.com\r\n\r\nthân thư";
    let cases = [
        Message { from: format!("{evil} <a@b.example>"), ..message() },
        Message { to: "a@b.example\nBcc: c@d.example".to_owned(), ..message() },
        Message { to: "a@b.example> SIZE=1\r\nRCPT TO:<x@y.example".to_owned(), ..message() },
        Message { message_id: "<a@b>\r\nX: y".to_owned(), ..message() },
        Message { list_id: Some("a.b\r\nX: y".to_owned()), ..message() },
        Message { list_unsubscribe: Some("mailto:a@b>\r\nX: y".to_owned()), ..message() },
        Message { reply_to: Some("a@b.example\r\nX: y".to_owned()), ..message() },
        Message {
            attachments: vec![Attachment {
                name: "a".to_owned(),
                content_type: "text/plain\r\nX: y".to_owned(),
                bytes: vec![],
            }],
            ..message()
        },
    ];
    for case in cases {
        assert!(render(&case).is_err(), "{case:?}");
    }
    let neutralised = Message {
        subject: evil.to_owned(),
        attachments: vec![Attachment {
            name: format!("{evil}\".pdf"),
            content_type: "application/pdf".to_owned(),
            bytes: vec![],
        }],
        ..message()
    };
    let mail = render(&neutralised).unwrap();
    let read = MessageParser::default().parse(&mail).unwrap();
    assert!(read.bcc().is_none());
    assert_eq!(read.subject(), Some("a Bcc: kẻ.xấu@example.com thân thư"));
    assert_eq!(read.attachments().count(), 1);
}

#[test]
fn wrong_addresses_are_named() {
    for bad in [
        "",
        "a",
        "@b.example",
        "a@",
        "a b@c.example",
        "<a@b.example",
        "a@b.example, c@d.example",
        "Tên <>",
        "người@byt.example",
    ] {
        let error = render(&Message { to: bad.to_owned(), ..message() }).unwrap_err();
        assert_eq!(error, MessageError::Address { field: "to", value: bad.to_owned() });
    }
    for good in ["a@b.example", "<a@b.example>", "\"Ông B\" <a.b+c@d.example>", "Tên, có phẩy <a@b.example>"] {
        let mail = render(&Message { to: good.to_owned(), ..message() }).unwrap();
        let read = MessageParser::default().parse(&mail).unwrap();
        assert_eq!(read.to().unwrap().iter().count(), 1, "{good}");
    }
}

#[test]
fn file_names_cannot_lead_elsewhere() {
    for name in ["../../etc/passwd", "C:\\x.exe", "...", "", "\u{202e}fdp.exe", "a/b.pdf"] {
        let attachments =
            vec![Attachment { name: name.to_owned(), content_type: "application/pdf".to_owned(), bytes: vec![1] }];
        let mail = render(&Message { attachments, ..message() }).unwrap();
        let read = MessageParser::default().parse(&mail).unwrap();
        let got = read.attachments().next().unwrap().attachment_name().unwrap().to_owned();
        assert!(
            !got.contains(['/', '\\', '\u{202e}']) && !got.starts_with('.') && !got.is_empty(),
            "{name:?} → {got:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_subject_comes_back(subject in "[ -~àảãáạăâđêôơưỞỆ·“”–😀]{0,200}") {
        let mail = render(&Message { subject: subject.clone(), attachments: vec![], ..message() }).unwrap();
        check_lines(&mail);
        let read = MessageParser::default().parse(&mail).unwrap();
        let expected = subject.split_whitespace().collect::<Vec<_>>().join(" ");
        prop_assert_eq!(read.subject().unwrap_or_default(), expected);
    }

    #[test]
    fn any_file_name_comes_back(name in "[a-zA-Z0-9àảãáạđêôơưỞỆ'%;=()_-][ a-zA-Z0-9àảãáạđêôơưỞỆ'%;=()_-]{0,90}\\.pdf") {
        let attachments = vec![Attachment { name: name.clone(), content_type: "application/pdf".to_owned(), bytes: vec![1] }];
        let mail = render(&Message { attachments, ..message() }).unwrap();
        check_lines(&mail);
        let read = MessageParser::default().parse(&mail).unwrap();
        let got = read.attachments().next().unwrap().attachment_name().unwrap().to_owned();
        prop_assert_eq!(got, name.split_whitespace().collect::<Vec<_>>().join(" "));
    }

    #[test]
    fn any_body_comes_back(text in "([ -~àảãáạđêôơưỞỆ.\t]{0,300}\n){0,8}") {
        let mail = render(&Message { text: text.clone(), ..message() }).unwrap();
        check_lines(&mail);
        let read = MessageParser::default().parse(&mail).unwrap();
        let got = read.body_text(0).unwrap().replace("\r\n", "\n");
        prop_assert_eq!(got.trim_end_matches('\n'), text.trim_end_matches('\n'));
    }

    #[test]
    fn nothing_makes_it_panic(field in "\\PC{0,60}|[\\x00-\\x7f]{0,60}") {
        let message = Message {
            from: field.clone(), to: field.clone(), message_id: field.clone(), subject: field.clone(), html: field.clone(), text: field.clone(),
            list_id: Some(field.clone()), list_unsubscribe: Some(field.clone()),
            attachments: vec![Attachment { name: field.clone(), content_type: field, bytes: vec![] }], ..message()
        };
        let _ = render(&message);
        let _ = render(&Message { from: "a@b.example".to_owned(), to: "a@b.example".to_owned(), message_id: "<a@b>".to_owned(), list_id: None, list_unsubscribe: None, attachments: vec![], ..message });
    }
}
