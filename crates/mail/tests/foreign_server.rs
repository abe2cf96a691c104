//! A mail through a server and a reader written by others, when they are on this machine: Python's
//! `aiosmtpd` and `email`. `DIEMBAO_TEST_PYTHON` names the interpreter that has them.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use chrono::{TimeZone, Utc};
use diembao_mail::{Attachment, Mailer, Message, SendOutcome, Smtp, Tls, Transport};

const SERVER: &str = r#"
import json, sys, hashlib, time
from email import message_from_bytes, policy
from aiosmtpd.controller import Controller

class Handler:
    async def handle_DATA(self, server, session, envelope):
        m = message_from_bytes(envelope.content, policy=policy.default)
        defects = [str(d) for p in m.walk() for d in p.defects]
        defects += [str(d) for v in m.values() for d in getattr(v, "defects", [])]
        print(json.dumps({
            "from": m["from"].addresses[0].display_name, "to": str(m["to"]), "subject": str(m["subject"]),
            "id": str(m["message-id"]), "date": m["date"].datetime.isoformat(), "auto": str(m["auto-submitted"]),
            "text": m.get_body(("plain",)).get_content(), "html": m.get_body(("html",)).get_content(),
            "files": [[a.get_filename(), a.get_content_type(), hashlib.sha256(a.get_content()).hexdigest()] for a in m.iter_attachments()],
            "longest": max(len(l) for l in envelope.content.split(b"\r\n")), "defects": defects,
        }), flush=True)
        return "250 taken"

c = Controller(Handler(), hostname="127.0.0.1", port=int(sys.argv[1]))
c.start()
print("{}", flush=True)
time.sleep(60)
"#;

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn a_foreign_server_takes_the_mail_and_a_foreign_reader_reads_it() {
    let python = std::env::var("DIEMBAO_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let has = Command::new(&python).args(["-c", "import aiosmtpd"]).stderr(Stdio::null()).status();
    if !has.is_ok_and(|status| status.success()) {
        eprintln!("skipped: {python} has no aiosmtpd");
        return;
    }
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let mut child =
        Command::new(&python).args(["-c", SERVER, &port.to_string()]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let _server = Server(child);
    let mut next = || -> serde_json::Value { serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap() };
    next();
    let mailer = Mailer::new(&Transport::Smtp(Smtp::new("127.0.0.1", port, Tls::None))).unwrap();
    let message = Message {
        from: "Phòng Truyền thông, Bộ Y tế <diembao@byt.example>".to_owned(),
        to: "Lãnh đạo <lanhdao@byt.example>".to_owned(),
        reply_to: None,
        message_id: "<2026-11-21.lanh-dao.0a1b@byt.example>".to_owned(),
        date: Utc.with_ymd_and_hms(2026, 11, 21, 0, 0, 0).unwrap(),
        subject: "[Điểm báo y tế 21/11] 2 sự cố · 1 tin giả · 34 tin — bệnh viện đa khoa huyện Sông Lam báo cáo Sở Y tế trước 17 giờ".to_owned(),
        html: "<p>Ngộ độc tại xã Đồng Xuân.</p>".to_owned(),
        text: "Ngộ độc tại xã Đồng Xuân.\n.\n..hai chấm\n".to_owned(),
        attachments: vec![Attachment {
            name: "Điểm báo ngày 21 tháng 11 năm 2026 (trình Lãnh đạo Bộ, bản đầy đủ có phụ lục).pdf".to_owned(),
            content_type: "application/pdf".to_owned(),
            bytes: (0..=255).collect(),
        }],
        list_id: Some("diem-bao.byt.example".to_owned()),
        list_unsubscribe: None,
    };
    let outcome = mailer.send(&message).await;
    assert_eq!(outcome, SendOutcome::Sent { reply: "250 taken".to_owned() });
    let read = next();
    assert_eq!(read["defects"], serde_json::json!([]));
    assert_eq!(read["from"], "Phòng Truyền thông, Bộ Y tế");
    assert_eq!(read["to"], "Lãnh đạo <lanhdao@byt.example>");
    assert_eq!(read["subject"], message.subject);
    assert_eq!(read["id"], message.message_id);
    assert_eq!(read["date"], "2026-11-21T00:00:00+00:00");
    assert_eq!(read["auto"], "auto-generated");
    assert_eq!(read["text"].as_str().unwrap().replace("\r\n", "\n").trim_end(), message.text.trim_end());
    assert_eq!(read["html"].as_str().unwrap().trim_end(), message.html);
    assert_eq!(read["files"][0][0], message.attachments[0].name);
    assert_eq!(read["files"][0][1], "application/pdf");
    assert_eq!(read["files"][0][2], "40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880");
    assert!(read["longest"].as_u64().unwrap() <= 78, "{}", read["longest"]);
}
