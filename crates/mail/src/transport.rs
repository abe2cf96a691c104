//! Where mail goes, and what became of it.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::smtp::Sender;
use crate::{Dkim, MailError, Message, folder, render};

/// Where mail goes.
#[derive(Debug, Clone)]
pub enum Transport {
    /// Each mail becomes a file `*.eml` in this folder.
    Folder(PathBuf),
    /// Each mail goes to a server.
    Smtp(Smtp),
}

/// An SMTP server.
#[derive(Debug, Clone)]
pub struct Smtp {
    /// Its name, which its certificate must carry.
    pub host: String,
    /// Its port: usually 587 with `StartTls`, 465 with `Implicit`.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: Tls,
    /// User name and password; never sent unencrypted to another machine.
    pub credentials: Option<(String, Secret)>,
    /// How long one step may take: connecting, one command, one mail's text.
    pub timeout: Duration,
    /// The name to greet with; none: this machine's.
    pub helo: Option<String>,
    /// A certificate authority to trust beside the public ones, as PEM.
    pub ca_pem: Option<Vec<u8>>,
}

impl Smtp {
    /// A server with the usual waits, no credentials and this machine's name.
    #[must_use]
    pub fn new(host: &str, port: u16, tls: Tls) -> Self {
        Self {
            host: host.to_owned(),
            port,
            tls,
            credentials: None,
            timeout: Duration::from_secs(60),
            helo: None,
            ca_pem: None,
        }
    }
}

/// How a connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tls {
    /// Not at all: refused unless the server is this machine.
    None,
    /// Begun in clear, then encrypted before anything else is said (RFC 3207). Never falls back.
    StartTls,
    /// From the first byte (RFC 8314).
    Implicit,
}

/// A password. It is never shown, logged or compared.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Takes the password.
    #[must_use]
    pub fn new(value: String) -> Self {
        Self(value)
    }

    #[must_use]
    /// The password itself, for the one place that sends it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What became of one mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendOutcome {
    /// The server took it: not to be sent again.
    Sent {
        /// What the server said.
        reply: String,
    },
    /// The server did not take it, and it may later: any 4xx, no connection, no agreement on
    /// encryption or credentials.
    Deferred {
        /// What the server or the network said.
        reply: String,
    },
    /// The server refused this mail for good (5xx), or it is not a mail at all.
    Bounced {
        /// What the server said.
        reply: String,
    },
    /// The connection broke after the text went out and before the answer came: it may have been
    /// taken. To be sent again only with the same Message-ID.
    InDoubt {
        /// What the network said.
        reply: String,
    },
}

impl SendOutcome {
    /// What was said, whatever the outcome.
    #[must_use]
    pub fn reply(&self) -> &str {
        match self {
            Self::Sent { reply } | Self::Deferred { reply } | Self::Bounced { reply } | Self::InDoubt { reply } => {
                reply
            }
        }
    }
}

/// Sends mail. Connections are kept and used again; sends may run at the same time.
pub struct Mailer {
    backend: Backend,
    dkim: Option<Dkim>,
}

enum Backend {
    Folder(PathBuf),
    Smtp(Box<Sender>),
}

impl Mailer {
    /// Makes a mailer; connects to nothing yet.
    ///
    /// # Errors
    /// When the folder cannot be written to, encryption is missing, or a setting has no meaning.
    pub fn new(transport: &Transport) -> Result<Self, MailError> {
        let backend = match transport {
            Transport::Folder(path) => {
                folder::prepare(path)?;
                Backend::Folder(path.clone())
            }
            Transport::Smtp(smtp) => {
                if smtp.tls == Tls::None && !is_this_machine(&smtp.host) {
                    return Err(MailError::Unencrypted { host: smtp.host.clone() });
                }
                Backend::Smtp(Box::new(Sender::new(smtp)?))
            }
        };
        Ok(Self { backend, dkim: None })
    }

    /// The same mailer, which signs every mail.
    #[must_use]
    pub fn signing(self, dkim: Dkim) -> Self {
        Self { dkim: Some(dkim), ..self }
    }

    /// Sends one mail to its one recipient. Sending the same mail twice is safe in a folder, and
    /// leaves two copies with one Message-ID on a server.
    pub async fn send(&self, message: &Message) -> SendOutcome {
        let mail = match (render(message), &self.dkim) {
            (Ok(mail), Some(dkim)) => dkim.sign(mail, message.date.timestamp()),
            (Ok(mail), None) => mail,
            (Err(error), _) => {
                return SendOutcome::Bounced { reply: error.to_string() };
            }
        };
        let outcome = match &self.backend {
            Backend::Folder(path) => folder::write(path, &message.message_id, mail).await,
            Backend::Smtp(sender) => sender.send(message, &mail).await,
        };
        tracing::debug!(message_id = message.message_id, ?outcome, "mail handed over");
        outcome
    }

    /// Takes leave of the server, as is polite when no more mail is coming. A later send connects anew.
    pub async fn close(&self) {
        if let Backend::Smtp(sender) = &self.backend {
            sender.close().await;
        }
    }

    /// Asks the server whether it would talk: connects, encrypts, logs in, and leaves.
    ///
    /// # Errors
    /// What the server or the network said.
    pub async fn check(&self) -> Result<String, String> {
        match &self.backend {
            Backend::Folder(path) => Ok(format!("mails are written to {}", path.display())),
            Backend::Smtp(sender) => sender.check().await,
        }
    }
}

fn is_this_machine(host: &str) -> bool {
    let name = host.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || name.trim_matches(['[', ']']).parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unencrypted_mail_never_leaves_the_machine() {
        let make = |host: &str, tls| Mailer::new(&Transport::Smtp(Smtp::new(host, 25, tls)));
        assert!(matches!(make("mail.byt.example", Tls::None), Err(MailError::Unencrypted { .. })));
        assert!(matches!(make("127.0.0.1.evil.example", Tls::None), Err(MailError::Unencrypted { .. })));
        for (host, tls) in [
            ("127.0.0.1", Tls::None),
            ("localhost", Tls::None),
            ("::1", Tls::None),
            ("mail.byt.example", Tls::StartTls),
            ("mail.byt.example", Tls::Implicit),
        ] {
            assert!(make(host, tls).is_ok(), "{host}");
        }
    }

    #[test]
    fn the_password_is_never_shown() {
        let smtp = Smtp {
            credentials: Some(("u".to_owned(), Secret::new("mat-khau".to_owned()))),
            ..Smtp::new("h", 1, Tls::Implicit)
        };
        assert!(!format!("{:?}", Transport::Smtp(smtp)).contains("mat-khau"));
    }
}
