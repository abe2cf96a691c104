//! Rendered mail to an SMTP server or a folder.
//!
//! In goes a finished message, out comes what became of it: sent, deferred, bounced or in doubt.
//! Writes correct MIME, keeps secrets out of every log, and knows nothing of editions but how to
//! name their mails.

mod dkim;
mod error;
mod folder;
pub mod https;
mod id;
mod message;
mod seal;
pub mod sink;
mod smtp;
mod transport;
pub mod webhook;

pub use dkim::Dkim;
pub use error::{MailError, MessageError};
pub use id::message_id;
pub use message::{Attachment, Message, render};
pub use seal::{new_key, seal, unseal};
pub use transport::{Mailer, Secret, SendOutcome, Smtp, Tls, Transport};
