//! From a message's fields to the bytes of a mail: MIME (RFC 2045–2049), headers in ASCII
//! (RFC 2047, RFC 2231), lines that every server takes, and no way to smuggle in a header.

use std::fmt::{self, Write as _};
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use email_encoding::headers::writer::EmailWriter;
use email_encoding::headers::{quoted_string, rfc2047};
use lettre::Address;
use lettre::message::header::{ContentDisposition, ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, MultiPart, MultiPartKind, SinglePart};
use sha2::{Digest, Sha256};

use crate::MessageError;

/// A mail to one recipient.
#[derive(Debug, Clone)]
pub struct Message {
    /// The sender: an address, or `Tên <address>`.
    pub from: String,
    /// The recipient: an address, or `Tên <address>`.
    pub to: String,
    /// Where answers go, if not to the sender.
    pub reply_to: Option<String>,
    /// The Message-ID with its angle brackets, from [`message_id`](crate::message_id).
    pub message_id: String,
    /// The date of the mail.
    pub date: DateTime<Utc>,
    /// The subject; control characters become spaces.
    pub subject: String,
    /// The body as HTML; empty for plain text only.
    pub html: String,
    /// The body as plain text.
    pub text: String,
    /// Files, in order.
    pub attachments: Vec<Attachment>,
    /// The `List-Id` (RFC 2919), like `diem-bao.byt.example`, without angle brackets.
    pub list_id: Option<String>,
    /// The `List-Unsubscribe` (RFC 2369) address: `mailto:` or `https:`, without angle brackets.
    pub list_unsubscribe: Option<String>,
}

/// A file that goes with a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its name, in any script.
    pub name: String,
    /// Its media type: `application/pdf`.
    pub content_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// The mail as bytes, the same for the same message.
///
/// # Errors
/// When an address, the Message-ID, a list header or a media type does not have its form.
pub fn render(message: &Message) -> Result<Vec<u8>, MessageError> {
    let from = mailbox("from", &message.from)?;
    let to = mailbox("to", &message.to)?;
    let reply_to = message.reply_to.as_deref().map(|r| mailbox("reply-to", r)).transpose()?;
    let mut builder = lettre::Message::builder()
        .from(from.clone())
        .to(to.clone())
        .subject(one_line(&message.subject))
        .date(SystemTime::from(message.date))
        .message_id(Some(identifier(&message.message_id)?));
    for (name, value) in extra_headers(message)? {
        builder = builder.raw_header(HeaderValue::new(HeaderName::new_from_ascii_str(name), value));
    }
    let mail = match body(message)? {
        Content::Single(part) => builder.singlepart(part),
        Content::Multi(parts) => builder.multipart(parts),
    };
    let id = || message.message_id.clone();
    let mut mail = mail.map_err(|_| MessageError::Form { field: "message", value: id() })?;
    mail.headers_mut().insert_raw(written("From", &from));
    mail.headers_mut().insert_raw(written("To", &to));
    if let Some(reply_to) = &reply_to {
        mail.headers_mut().insert_raw(written("Reply-To", reply_to));
    }
    Ok(mail.formatted())
}

/// A person's header, folded so that no line with an encoded word is longer than RFC 2047 allows.
fn written(name: &'static str, mailbox: &Mailbox) -> HeaderValue {
    let mut line = String::new();
    write_mailbox(&mut EmailWriter::new(&mut line, name.len() + 2, 0, false), mailbox)
        .expect("writing to a string cannot fail");
    HeaderValue::dangerous_new_pre_encoded(HeaderName::new_from_ascii_str(name), mailbox.to_string(), line)
}

fn write_mailbox(writer: &mut EmailWriter<'_>, mailbox: &Mailbox) -> fmt::Result {
    let Some(person) = mailbox.name.as_deref() else {
        return writer.write_str(mailbox.email.as_ref());
    };
    if is_plain(person) {
        quoted_string::encode(person, writer)?;
    } else {
        rfc2047::encode(person, writer)?;
    }
    writer.space();
    writer.folding().write_str(&format!("<{}>", mailbox.email))
}

/// What may stand between quotation marks, without being taken for an encoded word.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| b == b' ' || b.is_ascii_graphic()) && !text.contains("=?") && text.len() <= 60
}

/// The bare address of a field.
pub(crate) fn address(field: &'static str, value: &str) -> Result<Address, MessageError> {
    mailbox(field, value).map(|m| m.email)
}

fn mailbox(field: &'static str, value: &str) -> Result<Mailbox, MessageError> {
    refuse_control(field, value)?;
    let wrong = || MessageError::Address { field, value: value.to_owned() };
    let (name, address) = match value.trim().strip_suffix('>') {
        Some(rest) => rest.rsplit_once('<').ok_or_else(wrong)?,
        None => ("", value.trim()),
    };
    // What SMTP itself cannot carry (RFC 5321, 4.5.3.1) or only with an extension few servers have.
    let ascii = address.is_ascii() && !address.contains(char::is_whitespace) && address.len() <= 254;
    let address: Address = address.parse().ok().filter(|_| ascii).ok_or_else(wrong)?;
    let name = name.trim().trim_matches('"').trim();
    Ok(Mailbox::new((!name.is_empty()).then(|| name.to_owned()), address))
}

fn identifier(id: &str) -> Result<String, MessageError> {
    let inner = id.strip_prefix('<').and_then(|id| id.strip_suffix('>'));
    let valid = inner.and_then(|id| id.split_once('@')).is_some_and(|(left, right)| is_atoms(left) && is_atoms(right));
    if valid && id.len() <= 250 {
        Ok(id.to_owned())
    } else {
        Err(MessageError::Form { field: "message-id", value: id.to_owned() })
    }
}

/// A dot-atom (RFC 5322, 3.2.3).
fn is_atoms(s: &str) -> bool {
    s.split('.').all(|atom| {
        !atom.is_empty() && atom.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
    })
}

fn extra_headers(message: &Message) -> Result<Vec<(&'static str, String)>, MessageError> {
    // RFC 3834: nobody's holiday answer comes back.
    let mut headers = vec![("Auto-Submitted", "auto-generated".to_owned())];
    if let Some(list) = &message.list_id {
        if !is_atoms(list) || list.len() > 250 {
            return Err(MessageError::Form { field: "list-id", value: list.clone() });
        }
        headers.push(("List-Id", format!("<{list}>")));
    }
    if let Some(address) = &message.list_unsubscribe {
        let scheme = address.starts_with("mailto:") || address.starts_with("https://");
        if !scheme || address.len() > 900 || !address.bytes().all(|b| b.is_ascii_graphic() && !b"<>,".contains(&b)) {
            return Err(MessageError::Form { field: "list-unsubscribe", value: address.clone() });
        }
        headers.push(("List-Unsubscribe", format!("<{address}>")));
    }
    Ok(headers)
}

enum Content {
    Single(SinglePart),
    Multi(MultiPart),
}

fn body(message: &Message) -> Result<Content, MessageError> {
    let text = part(ContentType::TEXT_PLAIN, &message.text);
    let readable = if message.html.is_empty() {
        Content::Single(text)
    } else {
        let both = multipart(MultiPartKind::Alternative, message).singlepart(text);
        Content::Multi(both.singlepart(part(ContentType::TEXT_HTML, &message.html)))
    };
    if message.attachments.is_empty() {
        return Ok(readable);
    }
    let mut mixed = multipart(MultiPartKind::Mixed, message);
    mixed = match readable {
        Content::Single(part) => mixed.singlepart(part),
        Content::Multi(parts) => mixed.multipart(parts),
    };
    for attachment in &message.attachments {
        mixed = mixed.singlepart(file(attachment)?);
    }
    Ok(Content::Multi(mixed))
}

fn multipart(kind: MultiPartKind, message: &Message) -> MultiPart {
    // Made from the Message-ID, not by chance: the same message gives the same bytes at every try.
    let place = if matches!(kind, MultiPartKind::Mixed) { "mixed" } else { "alternative" };
    let hash = Sha256::digest(format!("{place}\0{}", message.message_id).as_bytes());
    let boundary: String = hash.iter().take(16).map(|b| format!("{b:02x}")).collect();
    MultiPart::builder().kind(kind).boundary(format!("={boundary}=")).build()
}

fn part(content_type: ContentType, text: &str) -> SinglePart {
    // Control characters mean nothing in mail, and some servers refuse NUL.
    let text: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t')).collect();
    SinglePart::builder().header(content_type).body(text)
}

fn file(attachment: &Attachment) -> Result<SinglePart, MessageError> {
    let wrong =
        || MessageError::Form { field: "content type of an attachment", value: attachment.content_type.clone() };
    refuse_control("content type of an attachment", &attachment.content_type)?;
    let content_type = ContentType::parse(&attachment.content_type).map_err(|_| wrong())?;
    let body =
        Body::new_with_encoding(attachment.bytes.clone(), ContentTransferEncoding::Base64).map_err(|_| wrong())?;
    Ok(SinglePart::builder()
        .header(ContentDisposition::attachment(&file_name(&attachment.name)))
        .header(content_type)
        .body(body))
}

/// A name that stays where the reader puts it and shows what it is.
fn file_name(name: &str) -> String {
    let name: String = one_line(name).chars().map(|c| if "/\\:*?\"<>|".contains(c) { '_' } else { c }).collect();
    let name = name.trim_matches(['.', ' ']);
    let name: String = name.chars().rev().take(120).collect::<Vec<_>>().into_iter().rev().collect();
    if name.is_empty() { "tep-dinh-kem".to_owned() } else { name }
}

/// Without line breaks, other control characters, and marks that turn the direction of writing.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => {}
            c if c.is_control() || c == '\u{2028}' || c == '\u{2029}' => line.push(' '),
            c => line.push(c),
        }
    }
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn refuse_control(field: &'static str, value: &str) -> Result<(), MessageError> {
    if value.chars().any(char::is_control) { Err(MessageError::Control { field }) } else { Ok(()) }
}
