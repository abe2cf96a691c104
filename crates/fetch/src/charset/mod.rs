//! From bytes to text, whatever their charset: by byte order mark, then as UTF-8 if they are, then
//! by what header and page declare, and where that reads as nonsense, by what reads as Vietnamese.

mod tables;
mod vietnamese;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, WINDOWS_1258};
use unicode_normalization::UnicodeNormalization;

use vietnamese::{Legacy, score};

/// A declaration further inside is not looked for.
const DECLARED_WITHIN: usize = 4096;
/// Charsets are told apart by the first so many bytes that hold anything but ASCII.
const SAMPLE: usize = 16 << 10;

/// A body as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The text, without byte order mark and NUL characters. What was in an old Vietnamese charset
    /// comes out composed (NFC); UTF-8 is left as it was.
    pub text: String,
    /// The charset it was read in: "utf-8", "windows-1258", "tcvn3", "vni", "viscii" …
    pub charset: &'static str,
    /// What was wrong, in words.
    pub problems: Vec<String>,
}

/// A way to read bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Charset {
    Standard(&'static Encoding),
    Vietnamese(Legacy),
}

/// Reads a body as text. `content_type` is the header of that name. Never fails; what cannot be
/// read becomes U+FFFD and is named in the problems.
#[must_use]
pub fn decode(bytes: &[u8], content_type: Option<&str>) -> Decoded {
    let mut problems = Vec::new();
    let (charset, bytes) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => (Charset::Standard(encoding), &bytes[length..]),
        None => (choose(bytes, content_type, &mut problems), bytes),
    };
    let mut text = read(charset, bytes, &mut problems);
    if charset == Charset::Standard(UTF_8)
        && let Some(once) = encoded_twice(&text)
    {
        problems.push("the text was encoded as UTF-8 twice".to_owned());
        text = once;
    }
    if text.contains('\0') {
        problems.push("NUL characters were removed".to_owned());
        text.retain(|c| c != '\0');
    }
    Decoded { text, charset: name(charset), problems }
}

fn name(charset: Charset) -> &'static str {
    match charset {
        Charset::Standard(encoding) if encoding == UTF_8 => "utf-8",
        Charset::Standard(encoding) => encoding.name(),
        Charset::Vietnamese(legacy) => legacy.name(),
    }
}

fn read(charset: Charset, bytes: &[u8], problems: &mut Vec<String>) -> String {
    match charset {
        Charset::Standard(encoding) => {
            let (text, malformed) = encoding.decode_without_bom_handling(bytes);
            if malformed {
                problems.push(format!("some bytes are not {}", name(charset)));
            }
            if encoding == WINDOWS_1258 { text.nfc().collect() } else { text.into_owned() }
        }
        Charset::Vietnamese(legacy) => legacy.decode(bytes),
    }
}

fn choose(bytes: &[u8], content_type: Option<&str>, problems: &mut Vec<String>) -> Charset {
    if let Some(wide) = without_mark(bytes) {
        problems.push("UTF-16 without a byte order mark".to_owned());
        return Charset::Standard(wide);
    }
    let declared = header_label(content_type).or_else(|| inner_label(bytes));
    let declared_charset = declared.as_deref().and_then(by_label);
    if let (Some(label), None) = (&declared, declared_charset) {
        problems.push(format!("the declared charset {label:?} is unknown"));
    }
    if is_utf8(bytes) {
        if let (Some(label), Some(charset)) = (&declared, declared_charset)
            && charset != Charset::Standard(UTF_8)
            && !bytes.is_ascii()
        {
            problems.push(format!("declared as {label}, but it is utf-8"));
        }
        return Charset::Standard(UTF_8);
    }
    let chosen = by_reading(bytes, declared_charset);
    if let (Some(label), Some(charset)) = (&declared, declared_charset)
        && charset != chosen
    {
        problems.push(format!("declared as {label}, but it reads as {}", name(chosen)));
    }
    chosen
}

/// UTF-8, but for a character cut at the very end.
fn is_utf8(bytes: &[u8]) -> bool {
    match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(e) => e.error_len().is_none() && e.valid_up_to() > 0,
    }
}

/// Markup in UTF-16 shows by the NUL beside its first angle bracket.
fn without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [b'<', 0, c, 0, ..] if *c != 0 => Some(UTF_16LE),
        [0, b'<', 0, c, ..] if *c != 0 => Some(UTF_16BE),
        _ => None,
    }
}

fn header_label(content_type: Option<&str>) -> Option<String> {
    let lower = content_type?.to_ascii_lowercase();
    label_after(&lower, "charset")
}

/// `<?xml encoding="…"`, `<meta charset="…"` or `<meta http-equiv content="…; charset=…"`.
fn inner_label(bytes: &[u8]) -> Option<String> {
    let head: String = bytes.iter().take(DECLARED_WITHIN).map(|b| char::from(b.to_ascii_lowercase())).collect();
    if let Some(xml) = head.trim_start().strip_prefix("<?xml") {
        let declaration = xml.split("?>").next().unwrap_or(xml);
        if let Some(label) = label_after(declaration, "encoding") {
            return Some(label);
        }
    }
    head.split("<meta").skip(1).find_map(|tag| label_after(tag.split('>').next().unwrap_or(tag), "charset"))
}

fn label_after(text: &str, key: &str) -> Option<String> {
    let rest = text.split_once(key)?.1.trim_start().strip_prefix('=')?;
    let rest = rest.trim_start().trim_start_matches(['"', '\'']);
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "-_:.+".contains(c))).unwrap_or(rest.len());
    (end > 0 && end <= 40).then(|| rest[..end].to_owned())
}

fn by_label(label: &str) -> Option<Charset> {
    Legacy::by_label(label)
        .map(Charset::Vietnamese)
        .or_else(|| Encoding::for_label(label.as_bytes()).map(Charset::Standard))
}

/// Chooses among what was declared, what is common in Vietnam and what the bytes look like.
fn by_reading(bytes: &[u8], declared: Option<Charset>) -> Charset {
    if mostly_utf8(bytes) {
        return Charset::Standard(UTF_8);
    }
    let sample = sample(bytes);
    let guess = guess(bytes);
    // A declaration of a charset of another script is believed.
    if let Some(Charset::Standard(encoding)) = declared
        && !encoding.is_single_byte()
        && encoding != UTF_8
    {
        return Charset::Standard(encoding);
    }
    let candidates = [
        Charset::Standard(WINDOWS_1258),
        Charset::Vietnamese(Legacy::Tcvn3),
        Charset::Vietnamese(Legacy::Vni),
        Charset::Vietnamese(Legacy::Viscii),
    ];
    let believed = declared.filter(|d| *d != Charset::Standard(UTF_8)).unwrap_or(guess);
    let mut best = (believed, rate(believed, sample).max(0));
    for candidate in candidates {
        let rating = rate(candidate, sample);
        if rating > best.1 {
            best = (candidate, rating);
        }
    }
    best.0
}

fn rate(charset: Charset, sample: &[u8]) -> i64 {
    score(&read(charset, sample, &mut Vec::new()))
}

fn guess(bytes: &[u8]) -> Charset {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample(bytes), true);
    let found = detector.guess(Some(b"vn"), Utf8Detection::Deny);
    Charset::Standard(if found == UTF_8 { WINDOWS_1252 } else { found })
}

/// From shortly before the first byte that is not ASCII.
fn sample(bytes: &[u8]) -> &[u8] {
    let first = bytes.iter().position(|b| !b.is_ascii()).unwrap_or(0);
    let start = first.saturating_sub(64);
    &bytes[start..bytes.len().min(start + SAMPLE)]
}

/// Whether at least nine of ten characters beyond ASCII are sound UTF-8.
fn mostly_utf8(bytes: &[u8]) -> bool {
    let (mut sound, mut broken, mut rest) = (0usize, 0usize, sample(bytes));
    while !rest.is_empty() {
        let (valid, after) = match std::str::from_utf8(rest) {
            Ok(text) => (text, &rest[rest.len()..]),
            Err(e) => {
                let (valid, after) = rest.split_at(e.valid_up_to());
                broken += 1;
                let skip = e.error_len().unwrap_or(after.len());
                (std::str::from_utf8(valid).unwrap_or_default(), &after[skip..])
            }
        };
        sound += valid.chars().filter(|c| !c.is_ascii()).count();
        rest = after;
    }
    sound > 0 && sound >= 9 * broken.saturating_sub(1)
}

/// Undoes UTF-8 that was taken for windows-1252 and encoded again, if that leaves nothing over.
fn encoded_twice(text: &str) -> Option<String> {
    let marks =
        text.matches("á»").take(3).count() + text.matches("áº").take(3).count() + text.matches("Ä‘").take(3).count();
    if marks < 3 {
        return None;
    }
    let (bytes, _, lost) = WINDOWS_1252.encode(text);
    if lost { None } else { String::from_utf8(bytes.into_owned()).ok() }
}

#[cfg(test)]
mod tests;
