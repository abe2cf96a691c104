//! Signatures as another verifier sees them, when Python's `dkim` (dkimpy) is on this machine.
//! `DIEMBAO_TEST_PYTHON` names the interpreter that has it.

use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{TimeZone, Utc};
use diembao_mail::{Dkim, Mailer, Message, SendOutcome, Transport};
use rcgen::{KeyPair, PKCS_ED25519};

const RSA_KEY: &str = r#"
import base64, sys
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives import serialization as s
key = rsa.generate_private_key(65537, 2048)
form = s.PrivateFormat.TraditionalOpenSSL if sys.argv[1] == "pkcs1" else s.PrivateFormat.PKCS8
print(base64.b64encode(key.public_key().public_bytes(s.Encoding.DER, s.PublicFormat.SubjectPublicKeyInfo)).decode())
print(key.private_bytes(s.Encoding.PEM, form, s.NoEncryption()).decode())
"#;

const VERIFY: &str = r#"
import dkim, sys
mail = open(sys.argv[1], "rb").read()
record = sys.argv[2].encode()
dns = lambda name, **kw: record if name == b"so1._domainkey.byt.example." else None
print(dkim.verify(mail, dnsfunc=dns), dkim.verify(mail.replace(b"Subject: ", b"Subject: x", 1), dnsfunc=dns), dkim.verify(mail.replace(b"From: ", b"From: x@y.example\r\nFrom: ", 1), dnsfunc=dns))
"#;

fn message() -> Message {
    Message {
        from: "Điểm báo <diembao@byt.example>".to_owned(),
        to: "lanhdao@byt.example".to_owned(),
        reply_to: None,
        message_id: "<2026-11-21.lanh-dao.0a1b@byt.example>".to_owned(),
        date: Utc.with_ymd_and_hms(2026, 11, 21, 0, 0, 0).unwrap(),
        subject: "[Điểm báo y tế 21/11] 2 sự cố · 1 tin giả · 34 tin trong ngày, xem chi tiết trong thư".to_owned(),
        html: "<p>Ngộ độc  tại xã Đồng Xuân. </p>\n\n".to_owned(),
        text: "Ngộ độc tại xã Đồng Xuân. \n\n\n".to_owned(),
        attachments: vec![],
        list_id: Some("diem-bao.byt.example".to_owned()),
        list_unsubscribe: None,
    }
}

#[tokio::test]
async fn another_verifier_believes_the_signature_and_no_forgery() {
    let key = KeyPair::generate_for(&PKCS_ED25519).unwrap();
    let dkim = Dkim::new("byt.example", "so1", key.serialize_pem().as_bytes()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let mailer = Mailer::new(&Transport::Folder(dir.path().to_owned())).unwrap().signing(dkim);
    assert!(matches!(mailer.send(&message()).await, SendOutcome::Sent { .. }));
    let file = dir.path().join("2026-11-21.lanh-dao.0a1b@byt.example.eml");
    let mail = std::fs::read_to_string(&file).unwrap();
    assert!(mail.starts_with("DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=byt.example; s=so1;\r\n"));
    assert!(mail.split("\r\n").all(|line| line.len() <= 100));
    let python = std::env::var("DIEMBAO_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let has = Command::new(&python).args(["-c", "import dkim, nacl"]).stderr(Stdio::null()).status();
    if !has.is_ok_and(|status| status.success()) {
        eprintln!("half skipped: {python} has no dkim");
        return;
    }
    let record = format!("v=DKIM1; k=ed25519; p={}", STANDARD.encode(key.public_key_raw()));
    let out = Command::new(&python).args(["-c", VERIFY]).arg(&file).arg(record).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&out.stdout).trim(), "True False False", "{out:?}");
}

#[tokio::test]
async fn rsa_keys_sign_in_both_their_forms() {
    let python = std::env::var("DIEMBAO_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let has = Command::new(&python).args(["-c", "import dkim, cryptography"]).stderr(Stdio::null()).status();
    if !has.is_ok_and(|status| status.success()) {
        eprintln!("skipped: {python} has no dkim and cryptography");
        return;
    }
    for form in ["pkcs1", "pkcs8"] {
        let out = Command::new(&python).args(["-c", RSA_KEY, form]).output().unwrap();
        let out = String::from_utf8(out.stdout).unwrap();
        let (public, private) = out.split_once('\n').unwrap();
        let dkim = Dkim::new("byt.example", "so1", private.as_bytes()).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let mailer = Mailer::new(&Transport::Folder(dir.path().to_owned())).unwrap().signing(dkim);
        mailer.send(&message()).await;
        let file = dir.path().join("2026-11-21.lanh-dao.0a1b@byt.example.eml");
        let record = format!("v=DKIM1; k=rsa; p={public}");
        let out = Command::new(&python).args(["-c", VERIFY]).arg(&file).arg(record).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&out.stdout).trim(), "True False False", "{form}: {out:?}");
    }
}
