//! Bytes to text: byte order mark, what header and prolog say, and what the bytes are.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, WINDOWS_1258};

/// Above this, bytes in another charset are read only so far: their text is a second copy.
const MAX_FOREIGN: usize = 12 << 20;

/// The text of the bytes, and what had to be repaired.
pub(crate) fn decode<'a>(bytes: &'a [u8], header: Option<&str>) -> (Cow<'a, str>, Vec<String>) {
    let mut problems = Vec::new();
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return (decode_as(encoding, &bytes[mark..], &mut problems), problems);
    }
    if let Some(wide) = wide_without_mark(bytes) {
        problems.push(format!("{} without a byte order mark", wide.name()));
        return (decode_as(wide, bytes, &mut problems), problems);
    }
    let declared = declared(bytes);
    let label = header.or(declared.as_deref());
    let named = label.and_then(|l| Encoding::for_label(l.trim().as_bytes()));
    if let (Some(label), None) = (label, named) {
        problems.push(format!("unknown charset {:?}", shorten(label)));
    }
    let named = named.or_else(|| declared.as_deref().and_then(|l| Encoding::for_label(l.trim().as_bytes())));
    let stateful = named.is_some_and(|e| !e.is_ascii_compatible());
    if !stateful && let Ok(text) = std::str::from_utf8(bytes) {
        if let Some(wrong) = named.filter(|e| *e != UTF_8 && !text.is_ascii()) {
            problems.push(format!("declared as {}, is UTF-8", wrong.name()));
        }
        return (Cow::Borrowed(text), problems);
    }
    match named {
        // Its prolog could not be read byte by byte if it really were UTF-16.
        Some(e) if (e == UTF_16LE || e == UTF_16BE) && bytes.contains(&b'<') => {
            problems.push(format!("declared as {}, is not", e.name()));
            (utf8_or_windows(bytes, &mut problems), problems)
        }
        Some(e) if e != UTF_8 => (decode_as(e, bytes, &mut problems), problems),
        _ => (utf8_or_windows(bytes, &mut problems), problems),
    }
}

/// UTF-8 with a few bad bytes stays UTF-8; text that is mostly not UTF-8 is Windows' Vietnamese charset
/// (which differs from the western one only where western text has rare letters).
fn utf8_or_windows<'a>(bytes: &'a [u8], problems: &mut Vec<String>) -> Cow<'a, str> {
    let (mut good, mut bad) = (0usize, 0usize);
    for chunk in bytes[..bytes.len().min(1 << 20)].utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    if good >= bad {
        problems.push("bytes that are not UTF-8 were replaced".to_owned());
        return String::from_utf8_lossy(bytes);
    }
    let encoding = if looks_vietnamese(bytes) { WINDOWS_1258 } else { WINDOWS_1252 };
    problems.push(format!("not UTF-8 and no charset named: read as {}", encoding.name()));
    decode_as(encoding, bytes, problems)
}

/// Tone marks stand as bytes of their own after a vowel in windows-1258, and đ and ơ, ư are frequent.
fn looks_vietnamese(bytes: &[u8]) -> bool {
    let sample = &bytes[..bytes.len().min(1 << 16)];
    let marks = sample.iter().filter(|b| matches!(b, 0xcc | 0xec | 0xde | 0xd2 | 0xf2)).count();
    let letters = sample.iter().filter(|b| matches!(b, 0xf0 | 0xf5 | 0xfd | 0xe3)).count();
    marks > 0 && letters > 0
}

fn decode_as<'a>(encoding: &'static Encoding, bytes: &'a [u8], problems: &mut Vec<String>) -> Cow<'a, str> {
    let cut = if encoding == UTF_8 { bytes.len() } else { bytes.len().min(MAX_FOREIGN) };
    if cut < bytes.len() {
        problems.push(format!("only the first {} MB of {} were read", MAX_FOREIGN >> 20, encoding.name()));
    }
    let (text, bad) = encoding.decode_without_bom_handling(&bytes[..cut]);
    if bad {
        problems.push(format!("bytes that are not {} were replaced", encoding.name()));
    }
    text
}

/// UTF-16 is told by the zeros beside the first ASCII signs.
fn wide_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [b'<' | b'{', 0, second, 0, ..] if *second != 0 => Some(UTF_16LE),
        [0, b'<' | b'{', 0, second, ..] if *second != 0 => Some(UTF_16BE),
        _ => None,
    }
}

/// The charset that an XML prolog or a `meta` element names.
fn declared(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(2048)]);
    let prolog = head.find("<?xml").map(|start| {
        let end = head[start..].find("?>").map_or(head.len(), |end| start + end);
        &head[start..end]
    });
    let value = match prolog {
        Some(prolog) => &prolog[prolog.find("encoding")? + "encoding".len()..],
        None => {
            let lower = head.to_ascii_lowercase();
            let meta = lower.find("<meta")?;
            let charset = meta + lower[meta..].find("charset")?;
            &head[charset + "charset".len()..]
        }
    };
    let value = value.trim_start().strip_prefix('=')?.trim_start().trim_start_matches(['"', '\'']);
    let end = value.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.:".contains(c))).unwrap_or(value.len());
    (end > 0).then(|| value[..end].to_owned())
}

fn shorten(label: &str) -> String {
    label.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], header: Option<&str>, expect: &str, problem: &str) {
        let (text, problems) = decode(bytes, header);
        assert_eq!(text, expect);
        assert_eq!(problems.join("; "), problem, "{expect}");
    }

    #[test]
    fn charsets() {
        check("bệnh".as_bytes(), None, "bệnh", "");
        check("\u{feff}bệnh".as_bytes(), Some("windows-1252"), "bệnh", "");
        check("bệnh".as_bytes(), Some("windows-1252"), "bệnh", "declared as windows-1252, is UTF-8");
        check(
            b"<?xml version='1.0' encoding='windows-1252'?>caf\xe9",
            None,
            "<?xml version='1.0' encoding='windows-1252'?>café",
            "",
        );
        check(b"<?xml encoding='x-nope'?>a", None, "<?xml encoding='x-nope'?>a", "unknown charset \"x-nope\"");
        check(b"<\0a\0>\0", None, "<a>", "UTF-16LE without a byte order mark");
        check("bệnh viện\u{0}".as_bytes(), None, "bệnh viện\u{0}", "");
        check(b"b\xe1\xbb\x87nh \xff", None, "bệnh \u{fffd}", "bytes that are not UTF-8 were replaced");
        check(b"\xf0\xfd\xf2c", None, "đư\u{323}c", "not UTF-8 and no charset named: read as windows-1258");
        check(b"caf\xe9", None, "café", "not UTF-8 and no charset named: read as windows-1252");
    }
}
