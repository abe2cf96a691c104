//! What can be wrong before anything is sent.

use std::io;
use std::path::PathBuf;

/// A mailer that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The folder for mails cannot be made or written to.
    #[error("the mail folder {path} cannot be written to")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Unencrypted mail would leave this machine.
    #[error("mail to {host} would not be encrypted; set StartTls or Implicit (None is for loopback only)")]
    Unencrypted {
        /// The server.
        host: String,
    },
    /// A setting has no possible meaning.
    #[error("the mail setting {key} is not valid: {reason}")]
    Setting {
        /// Which.
        key: &'static str,
        /// Why not.
        reason: String,
    },
}

/// A message that cannot be written as mail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// An address that is none.
    #[error("{field} is not a mail address: {value:?}")]
    Address {
        /// "from" or "to".
        field: &'static str,
        /// What stood there.
        value: String,
    },
    /// A field holds a line break or another control character, which could smuggle in headers.
    #[error("{field} holds a control character")]
    Control {
        /// Which field.
        field: &'static str,
    },
    /// A field that must have a certain form has another.
    #[error("{field} is not valid: {value:?}")]
    Form {
        /// Which field.
        field: &'static str,
        /// What stood there.
        value: String,
    },
}
