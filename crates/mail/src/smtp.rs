//! The conversation with an SMTP server (RFC 5321), step by step, so that it is always known how
//! far a mail had come when something broke.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::{Response, Severity};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use crate::message::address;
use crate::transport::{SendOutcome, Smtp, Tls};
use crate::{MailError, Message};

/// A connection left alone for longer is not used again: the server has most likely closed it.
const MAX_IDLE: Duration = Duration::from_secs(30);
/// So many connections are kept for later.
const MAX_KEPT: usize = 8;
/// After so many mails a connection is closed, as some servers ask.
const MAX_MAILS: usize = 100;
/// A server that does not answer a farewell is not waited for.
const FAREWELL: Duration = Duration::from_secs(2);
/// Of a long reply only so many characters are kept.
const MAX_REPLY: usize = 300;

/// Sends to one server.
pub(crate) struct Sender {
    smtp: Smtp,
    hello: ClientId,
    tls: Option<TlsParameters>,
    credentials: Option<Credentials>,
    kept: Mutex<Vec<Kept>>,
}

struct Kept {
    connection: AsyncSmtpConnection,
    n_mails: usize,
    since: Instant,
}

/// How a step can fail.
enum Failure {
    /// The server said no for now, or for good.
    Reply(u16, String),
    /// Nothing sensible came back.
    Network(String),
}

type Step<T> = Result<T, Failure>;

impl Sender {
    pub(crate) fn new(smtp: &Smtp) -> Result<Self, MailError> {
        if smtp.host.is_empty() || smtp.host.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(MailError::Setting { key: "host", reason: format!("{:?} is no host name", smtp.host) });
        }
        let hello = match &smtp.helo {
            Some(name) if name.is_empty() || !name.bytes().all(|b| b.is_ascii_graphic()) => {
                return Err(MailError::Setting { key: "helo", reason: format!("{name:?} is no host name") });
            }
            Some(name) => ClientId::Domain(name.clone()),
            None => ClientId::default(),
        };
        let tls = if smtp.tls == Tls::None { None } else { Some(tls_parameters(smtp)?) };
        let credentials =
            smtp.credentials.as_ref().map(|(user, secret)| Credentials::new(user.clone(), secret.reveal().to_owned()));
        Ok(Self { smtp: smtp.clone(), hello, tls, credentials, kept: Mutex::default() })
    }

    pub(crate) async fn send(&self, message: &Message, mail: &[u8]) -> SendOutcome {
        let (from, to) = match (address("from", &message.from), address("to", &message.to)) {
            (Ok(from), Ok(to)) => (from, to),
            (Err(error), _) | (_, Err(error)) => {
                return SendOutcome::Bounced { reply: error.to_string() };
            }
        };
        let envelope = (Mail::new(Some(from), vec![]), Rcpt::new(to, vec![]));
        if let Some(mut kept) = self.take() {
            match self.envelope(&mut kept.connection, &envelope).await {
                // The server closed it meanwhile; nothing is lost, a new one is made below.
                Err(Failure::Network(_) | Failure::Reply(421, _)) => {}
                step => return self.finish(kept, step, mail).await,
            }
        }
        match self.connect().await {
            Ok(connection) => {
                let mut fresh = Kept { connection, n_mails: 0, since: Instant::now() };
                let step = self.envelope(&mut fresh.connection, &envelope).await;
                self.finish(fresh, step, mail).await
            }
            // Whatever is wrong before this mail is named concerns the server, not the mail.
            Err(Failure::Reply(_, reply) | Failure::Network(reply)) => SendOutcome::Deferred { reply },
        }
    }

    pub(crate) async fn check(&self) -> Result<String, String> {
        match self.connect().await {
            Ok(mut connection) => {
                let name = connection.server_info().name().to_owned();
                let _ = self.within(connection.quit()).await;
                Ok(format!("{} answers as {name}", self.smtp.host))
            }
            Err(Failure::Reply(_, reply) | Failure::Network(reply)) => Err(reply),
        }
    }

    async fn finish(&self, mut kept: Kept, step: Step<()>, mail: &[u8]) -> SendOutcome {
        if let Err(failure) = step {
            return self.refused(kept, failure).await;
        }
        let answer = match timeout(self.smtp.timeout, kept.connection.message(mail)).await {
            Ok(Ok(reply)) if reply.code().severity == Severity::PositiveCompletion => Ok(words(&reply)),
            Ok(Ok(reply)) => Err(Failure::Network(format!("unexpected answer after the text: {}", words(&reply)))),
            Ok(Err(error)) => Err(failure_of(&error)),
            Err(_) => Err(Failure::Network(self.too_slow())),
        };
        match answer {
            Ok(reply) => {
                kept.n_mails += 1;
                self.keep(kept).await;
                SendOutcome::Sent { reply }
            }
            Err(Failure::Network(reply)) => SendOutcome::InDoubt { reply },
            Err(failure) => self.refused(kept, failure).await,
        }
    }

    /// The mail was refused, or the connection broke, while it was certain that it was not taken.
    async fn refused(&self, mut kept: Kept, failure: Failure) -> SendOutcome {
        match failure {
            Failure::Network(reply) => SendOutcome::Deferred { reply },
            Failure::Reply(code, reply) => {
                if code != 421 && self.step(kept.connection.command("RSET\r\n")).await.is_ok() {
                    self.keep(kept).await;
                }
                // 530 and 538 say that the session lacks login or encryption: no fault of this mail.
                if (500..600).contains(&code) && !matches!(code, 530 | 538) {
                    SendOutcome::Bounced { reply }
                } else {
                    SendOutcome::Deferred { reply }
                }
            }
        }
    }

    async fn envelope(&self, connection: &mut AsyncSmtpConnection, (mail, rcpt): &(Mail, Rcpt)) -> Step<()> {
        self.step(connection.command(mail)).await?;
        self.step(connection.command(rcpt)).await?;
        let reply = self.step(connection.command(Data)).await?;
        if reply.has_code(354) {
            Ok(())
        } else {
            Err(Failure::Network(format!("unexpected answer to DATA: {}", words(&reply))))
        }
    }

    async fn connect(&self) -> Step<AsyncSmtpConnection> {
        let mut connection = if self.smtp.tls == Tls::Implicit {
            let at = (self.host(), self.smtp.port);
            let (wait, tls) = (Some(self.smtp.timeout), self.tls.clone());
            self.step(AsyncSmtpConnection::connect_tokio1(at, wait, &self.hello, tls, None)).await?
        } else {
            let stream = Box::new(self.dial().await?);
            self.step(AsyncSmtpConnection::connect_with_transport(stream, &self.hello)).await?
        };
        if let (Tls::StartTls, Some(tls)) = (self.smtp.tls, &self.tls) {
            if !connection.can_starttls() {
                return Err(Failure::Network(format!("{} does not offer STARTTLS; nothing was sent", self.smtp.host)));
            }
            self.step(connection.starttls(tls.clone(), &self.hello)).await?;
        }
        if let Some(credentials) = &self.credentials {
            self.step(connection.auth(&[Mechanism::Plain, Mechanism::Login], credentials)).await?;
        }
        Ok(connection)
    }

    async fn dial(&self) -> Step<TcpStream> {
        let dialled = self.within(TcpStream::connect((self.host(), self.smtp.port))).await?;
        let network = |e: std::io::Error| {
            Failure::Network(format!("no connection to {}:{}: {e}", self.smtp.host, self.smtp.port))
        };
        let stream = dialled.map_err(network)?;
        // The text and its final dot go out as two writes: with Nagle's algorithm the dot would wait
        // for the server's delayed acknowledgement, 40 ms a mail.
        stream.set_nodelay(true).map_err(network)?;
        Ok(stream)
    }

    fn host(&self) -> &str {
        self.smtp.host.trim_matches(['[', ']'])
    }

    async fn step<T>(&self, work: impl Future<Output = Result<T, lettre::transport::smtp::Error>>) -> Step<T> {
        self.within(work).await?.map_err(|e| failure_of(&e))
    }

    async fn within<T>(&self, work: impl Future<Output = T>) -> Step<T> {
        timeout(self.smtp.timeout, work).await.map_err(|_| Failure::Network(self.too_slow()))
    }

    fn too_slow(&self) -> String {
        format!("{}:{} did not answer within {} s", self.smtp.host, self.smtp.port, self.smtp.timeout.as_secs_f32())
    }

    fn take(&self) -> Option<Kept> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|k| k.since.elapsed() < MAX_IDLE);
        kept.pop()
    }

    /// Keeps a connection for the next mail, or takes leave of it.
    async fn keep(&self, mut connection: Kept) {
        connection.since = Instant::now();
        if let Some(surplus) = self.put(connection) {
            self.leave(surplus).await;
        }
    }

    fn put(&self, connection: Kept) -> Option<Kept> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if connection.n_mails >= MAX_MAILS || kept.len() >= MAX_KEPT {
            return Some(connection);
        }
        kept.push(connection);
        None
    }

    async fn leave(&self, mut connection: Kept) {
        // Whether the farewell is heard changes nothing.
        let _ = timeout(FAREWELL, connection.connection.quit()).await;
    }

    pub(crate) async fn close(&self) {
        while let Some(connection) = self.take() {
            self.leave(connection).await;
        }
    }
}

fn tls_parameters(smtp: &Smtp) -> Result<TlsParameters, MailError> {
    let wrong = |key, error: lettre::transport::smtp::Error| MailError::Setting { key, reason: error.to_string() };
    let mut builder = TlsParameters::builder(smtp.host.trim_matches(['[', ']']).to_owned());
    if let Some(pem) = &smtp.ca_pem {
        builder = builder.add_root_certificate(Certificate::from_pem(pem).map_err(|e| wrong("ca", e))?);
    }
    builder.build().map_err(|e| wrong("tls", e))
}

fn failure_of(error: &lettre::transport::smtp::Error) -> Failure {
    let text = with_causes(error);
    match error.status() {
        Some(code) => {
            let code = code.to_string();
            Failure::Reply(code.parse().unwrap_or(400), tidy(&text))
        }
        None => Failure::Network(tidy(&text)),
    }
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(e) = cause {
        let next = e.to_string();
        if !text.contains(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        cause = e.source();
    }
    text
}

fn words(reply: &Response) -> String {
    let lines: Vec<&str> = reply.message().collect();
    tidy(&format!("{} {}", reply.code(), lines.join(" ")))
}

fn tidy(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_REPLY).collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}
