//! The WARC format (ISO 28500:2017, version 1.1): one answer a record, each record a gzip member of its own.
//!
//! Every member states its own length in the gzip extra field "sl" (WARC 1.0, annex D.2), so that a reader steps
//! from one to the next without unpacking, and a record torn by a crash or a power cut is known for what it is.
//! A record holds the body as it was after unpacking, under the headers that still hold for it.

use std::fmt::Write as _;
use std::io::{Read, Write};

use chrono::{DateTime, SecondsFormat, Utc};
use diembao_store::Page;
use flate2::read::GzDecoder;
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use sha2::{Digest, Sha256};

/// The fastest: pages are many, and their bytes are kept for a while only.
const LEVEL: Compression = Compression::fast();
/// gzip, deflate, extra field present, no time, unknown system.
const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255];
/// The extra field: twelve bytes, "sl", eight bytes of lengths.
const EXTRA: [u8; 6] = [12, 0, b's', b'l', 8, 0];
const PREFIX: usize = HEAD.len() + EXTRA.len() + 8;
/// No member is longer than this, whatever its header claims.
const MAX_MEMBER: usize = 256 << 20;

/// The record a file begins with.
pub(super) fn info(at: DateTime<Utc>, software: &str) -> Vec<u8> {
    let body = format!(
        "software: {software}\r\nformat: WARC File Format 1.1\r\n\
         description: bodies are stored without transfer and content encoding, headers are those that still hold\r\n"
    );
    let fields = [("WARC-Type", "warcinfo".to_owned()), ("Content-Type", "application/warc-fields".to_owned())];
    member(&fields, at, body.as_bytes(), &[])
}

/// The record of an answer.
pub(super) fn response(page: &Page) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {} {}\r\n", page.status, reason(page.status));
    if let Some(kind) = &page.content_type {
        let _ = write!(head, "Content-Type: {}\r\n", one_line(kind));
    }
    let _ = write!(head, "Content-Length: {}\r\n\r\n", page.body.len());
    let fields = [
        ("WARC-Type", "response".to_owned()),
        ("WARC-Target-URI", one_line(&page.url)),
        ("WARC-Payload-Digest", format!("sha256:{}", hex(&Sha256::digest(&page.body)))),
        ("Content-Type", "application/http; msgtype=response".to_owned()),
    ];
    member(&fields, page.fetched_at, head.as_bytes(), &page.body)
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        203 => "Non-Authoritative Information",
        206 => "Partial Content",
        _ => "Success",
    }
}

fn one_line(s: &str) -> String {
    s.replace(['\r', '\n'], " ")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// A record as a gzip member. Its block is in two parts, so that a large body is not copied.
fn member(fields: &[(&str, String)], at: DateTime<Utc>, head: &[u8], body: &[u8]) -> Vec<u8> {
    let mut text = "WARC/1.1\r\n".to_owned();
    for (name, value) in fields {
        let _ = write!(text, "{name}: {value}\r\n");
    }
    let date = at.to_rfc3339_opts(SecondsFormat::Micros, true);
    // The name follows from what the record says, the body by its digest: the same answer of the same moment is
    // the same record.
    let sum = Sha256::new().chain_update(&text).chain_update(&date).chain_update(head).finalize();
    let (a, b, c, d, e) = (&sum[0..4], &sum[4..6], &sum[6..8], &sum[8..10], &sum[10..16]);
    let id = format!(
        "{}-{}-{}-{}-{}",
        hex(a),
        hex(b),
        hex(&[c[0] & 0x0f | 0x80, c[1]]),
        hex(&[d[0] & 0x3f | 0x80, d[1]]),
        hex(e)
    );
    let n = head.len() + body.len();
    let _ = write!(text, "WARC-Record-ID: <urn:uuid:{id}>\r\nWARC-Date: {date}\r\nContent-Length: {n}\r\n\r\n");
    pack(&[text.as_bytes(), head, body, b"\r\n\r\n"])
}

fn pack(parts: &[&[u8]]) -> Vec<u8> {
    let mut crc = Crc::new();
    let mut packer = DeflateEncoder::new([&HEAD[..], &EXTRA, &[0; 8]].concat(), LEVEL);
    for part in parts {
        crc.update(part);
        packer.write_all(part).expect("a vector takes all bytes");
    }
    let mut out = packer.finish().expect("a vector takes all bytes");
    out.extend(crc.sum().to_le_bytes());
    out.extend(crc.amount().to_le_bytes());
    let length = u32::try_from(out.len()).unwrap_or(u32::MAX);
    out[PREFIX - 8..PREFIX - 4].copy_from_slice(&length.to_le_bytes());
    out[PREFIX - 4..PREFIX].copy_from_slice(&crc.amount().to_le_bytes());
    out
}

/// What stands at a place of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Member {
    /// A member of this length.
    Whole(usize),
    /// The beginning of one whose end is missing, or no member at all.
    Torn,
}

/// What the bytes from a place on begin with, of which `n_left` there are in all; `head` holds the first of them.
pub(super) fn member_at(head: &[u8], n_left: u64) -> Member {
    let sound = head.len() >= PREFIX && head[..HEAD.len()] == HEAD && head[HEAD.len()..PREFIX - 8] == EXTRA;
    if !sound {
        return Member::Torn;
    }
    let mut length = [0; 4];
    length.copy_from_slice(&head[PREFIX - 8..PREFIX - 4]);
    match usize::try_from(u32::from_le_bytes(length)) {
        Ok(n) if n > PREFIX && n <= MAX_MEMBER && n as u64 <= n_left => Member::Whole(n),
        _ => Member::Torn,
    }
}

/// How many bytes [`member_at`] looks at.
pub(super) const N_HEAD: usize = PREFIX;

/// The next place after the first byte where a member may begin.
pub(super) fn next_start(bytes: &[u8]) -> Option<usize> {
    bytes.windows(HEAD.len()).skip(1).position(|window| window == HEAD).map(|at| at + 1)
}

/// Reads a member; none when it is damaged or holds no answer.
pub(super) fn read_response(member: &[u8]) -> Option<Page> {
    let mut bytes = Vec::new();
    GzDecoder::new(member).take(MAX_MEMBER as u64).read_to_end(&mut bytes).ok()?;
    let (fields, block) = split_head(&bytes)?;
    let field = |name: &str| field(fields, name);
    if field("WARC-Type") != Some("response") {
        return None;
    }
    let length: usize = field("Content-Length")?.parse().ok()?;
    let (http, body) = split_head(block.get(..length)?)?;
    let status = http.split(' ').nth(1)?.parse().ok()?;
    Some(Page {
        url: field("WARC-Target-URI")?.to_owned(),
        fetched_at: DateTime::parse_from_rfc3339(field("WARC-Date")?).ok()?.to_utc(),
        status,
        content_type: self::field(http, "Content-Type").map(str::to_owned),
        body: body.to_vec(),
    })
}

/// Whether a member unpacks to the checksum it states.
pub(super) fn is_sound(member: &[u8]) -> bool {
    std::io::copy(&mut GzDecoder::new(member), &mut std::io::sink()).is_ok()
}

fn split_head(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let end = bytes.windows(4).position(|w| w == b"\r\n\r\n")?;
    Some((std::str::from_utf8(&bytes[..end]).ok()?, &bytes[end + 4..]))
}

fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = head.lines().filter_map(|line| line.split_once(':'));
    lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(body: &str) -> Page {
        Page {
            url: "https://bao.example.vn/tin-1.html".to_owned(),
            fetched_at: "2026-11-21T03:04:05.678Z".parse().unwrap(),
            status: 200,
            content_type: Some("text/html; charset=utf-8".to_owned()),
            body: body.as_bytes().to_vec(),
        }
    }

    #[test]
    fn a_record_is_read_back() {
        for body in ["", "Bệnh viện mở thêm khoa cấp cứu\r\n\r\n", &"sức khỏe ".repeat(10_000)] {
            let bytes = response(&page(body));
            assert_eq!(member_at(&bytes, bytes.len() as u64), Member::Whole(bytes.len()));
            assert_eq!(read_response(&bytes), Some(page(body)));
        }
    }

    #[test]
    fn any_gzip_reader_reads_the_members_one_after_the_other() {
        let file = [info(page("").fetched_at, "diembao/0"), response(&page("một")), response(&page("hai"))].concat();
        let mut text = String::new();
        flate2::read::MultiGzDecoder::new(&file[..]).read_to_string(&mut text).unwrap();
        assert_eq!(text.matches("WARC/1.1\r\n").count(), 3);
        assert!(text.contains("WARC-Target-URI: https://bao.example.vn/tin-1.html\r\n"), "{text}");
        assert!(text.ends_with("\r\n\r\nhai\r\n\r\n"), "{text}");
    }

    #[test]
    fn every_torn_or_changed_record_is_known_for_what_it_is() {
        let whole = response(&page("Sở Y tế cho biết đang xác minh vụ việc."));
        for end in 0..whole.len() {
            assert_eq!(member_at(&whole[..end], end as u64), Member::Torn, "{end}");
        }
        for at in PREFIX..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 0x55;
            assert!(!is_sound(&changed), "{at}");
        }
        assert!(is_sound(&whole));
    }
}
