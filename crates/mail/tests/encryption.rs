//! Encryption: done when asked for, checked against the server's name and authority, and never
//! given up for the sake of delivery.

#![expect(clippy::unwrap_used, reason = "what cannot be set up is a failed test")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use chrono::{TimeZone, Utc};
use diembao_mail::sink::{Behaviour, Sink};
use diembao_mail::{Mailer, Message, Secret, SendOutcome, Smtp, Tls, Transport};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

fn message() -> Message {
    Message {
        from: "diembao@byt.example".to_owned(),
        to: "a@byt.example".to_owned(),
        reply_to: None,
        message_id: "<2026-11-21.lanh-dao.a@byt.example>".to_owned(),
        date: Utc.with_ymd_and_hms(2026, 11, 21, 0, 0, 0).unwrap(),
        subject: "Điểm báo".to_owned(),
        html: String::new(),
        text: "Không phát sinh.".to_owned(),
        attachments: vec![],
        list_id: None,
        list_unsubscribe: None,
    }
}

/// A server's certificate for this name, and the authority that signed it, as PEM.
fn certificate(name: &str) -> (TlsAcceptor, Vec<u8>) {
    let mut authority = CertificateParams::new(vec![]).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = KeyPair::generate().unwrap();
    let authority_pem = authority.self_signed(&authority_key).unwrap().pem().into_bytes();
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private)
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), authority_pem)
}

/// Stands before the sink and speaks encrypted.
async fn front(sink: SocketAddr, acceptor: TlsAcceptor, tls: Tls) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let _ = pass_on(stream, sink, acceptor, tls).await;
            });
        }
    });
    port
}

async fn pass_on(stream: TcpStream, sink: SocketAddr, acceptor: TlsAcceptor, tls: Tls) -> std::io::Result<()> {
    let mut behind = BufReader::new(TcpStream::connect(sink).await?);
    let stream = if tls == Tls::StartTls { ask_for_starttls(stream).await? } else { stream };
    let mut encrypted = acceptor.accept(stream).await?;
    if tls == Tls::StartTls {
        // The client has had its greeting.
        behind.read_line(&mut String::new()).await?;
    }
    copy_bidirectional(&mut encrypted, &mut behind).await?;
    Ok(())
}

async fn ask_for_starttls(stream: TcpStream) -> std::io::Result<TcpStream> {
    let mut stream = BufReader::new(stream);
    for reply in ["220 front ESMTP", "250-front\r\n250 STARTTLS", "220 go ahead"] {
        stream.get_mut().write_all(format!("{reply}\r\n").as_bytes()).await?;
        if !reply.starts_with("220 go") {
            stream.read_line(&mut String::new()).await?;
        }
    }
    Ok(stream.into_inner())
}

fn smtp(port: u16, tls: Tls, ca_pem: Option<Vec<u8>>) -> Smtp {
    let credentials = Some(("diembao".to_owned(), Secret::new("mat-khau".to_owned())));
    Smtp { timeout: Duration::from_secs(5), ca_pem, credentials, ..Smtp::new("localhost", port, tls) }
}

#[tokio::test]
async fn encrypted_mail_goes_out_to_who_can_prove_the_name() {
    let (acceptor, authority) = certificate("localhost");
    for tls in [Tls::StartTls, Tls::Implicit] {
        let dir = tempfile::tempdir().unwrap();
        let sink = Sink::start(dir.path(), Behaviour::Accept).unwrap();
        let port = front(sink.addr(), acceptor.clone(), tls).await;
        let mailer = Mailer::new(&Transport::Smtp(smtp(port, tls, Some(authority.clone())))).unwrap();
        for _ in 0..2 {
            let outcome = mailer.send(&message()).await;
            assert!(matches!(outcome, SendOutcome::Sent { .. }), "{tls:?}: {outcome:?}");
        }
        assert_eq!(sink.received(), 2);
        assert_eq!(sink.commands().iter().filter(|c| *c == "AUTH").count(), 1, "one login for two mails");
    }
}

#[tokio::test]
async fn a_server_that_cannot_prove_its_name_gets_nothing() {
    let (right, authority) = certificate("localhost");
    let (other_name, other_authority) = certificate("khac.example");
    for tls in [Tls::StartTls, Tls::Implicit] {
        let cases = [
            ("unknown authority", right.clone(), None),
            ("another authority", right.clone(), Some(other_authority.clone())),
            ("another name", other_name.clone(), Some(other_authority.clone())),
            ("another server's authority", other_name.clone(), Some(authority.clone())),
        ];
        for (why, acceptor, ca) in cases {
            let dir = tempfile::tempdir().unwrap();
            let sink = Sink::start(dir.path(), Behaviour::Accept).unwrap();
            let port = front(sink.addr(), acceptor, tls).await;
            let outcome = Mailer::new(&Transport::Smtp(smtp(port, tls, ca))).unwrap().send(&message()).await;
            assert!(
                matches!(&outcome, SendOutcome::Deferred { reply } if reply.contains("certificate")),
                "{why}: {outcome:?}"
            );
            assert!(sink.commands().is_empty(), "{why}: {:?}", sink.commands());
        }
    }
}
