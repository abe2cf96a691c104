//! Recognises answers meant to keep programs out. They are reported as blind spots, never evaded.

use reqwest::header::HeaderMap;

/// More of a body is not looked at.
const LOOK_AT: usize = 64 << 10;
/// No challenge that is served as a success is larger; saved pages of newspapers are. In bytes.
const LARGEST: usize = 48 << 10;
/// What only pages written for readers and search engines carry.
const PAGE_MARKS: &[&str] = &["og:title", "application/ld+json", "rel=\"canonical\"", "<article"];
/// A page with more visible text than this is a page, whatever scripts it carries. In bytes.
const ENOUGH_TEXT: usize = 1500;

/// Marks of products that stand before a site, in the body's lower-cased head.
const WALLS: &[&str] = &[
    "/cdn-cgi/challenge-platform/",
    "cf-browser-verification",
    "cf_chl_opt",
    "_incapsula_resource",
    "sucuri_cloudproxy_js",
    "ddos-guard",
    "bm-verify",
    "px-captcha",
    "geo.captcha-delivery.com",
    "awswafintegration",
    "pardon our interruption",
    "checking your browser before",
    "please enable js and disable any ad blocker",
    "verify you are human",
    "xác minh bạn không phải là robot",
    "xác nhận bạn là con người",
];
const CAPTCHAS: &[&str] = &[
    "g-recaptcha",
    "h-captcha",
    "hcaptcha.com/1/api.js",
    "recaptcha/api.js",
    "cf-turnstile",
    "turnstile/v0/api.js",
    "captcha",
];
const RELOADS: &[&str] =
    &["location.reload", "location.href", "location.replace", "location=", "location =", "window.open("];

/// Names the challenge an answer is, if it is one: "js-cookie", "captcha", "bot-wall" or
/// "precondition-required".
#[must_use]
pub fn challenge(status: u16, headers: &HeaderMap, body: &[u8]) -> Option<&'static str> {
    if status == 428 {
        return Some("precondition-required");
    }
    if let Some(found) = in_headers(headers) {
        return Some(found);
    }
    let succeeded = (200..300).contains(&status);
    if succeeded && body.len() > LARGEST {
        return None;
    }
    let head = &body[..body.len().min(LOOK_AT)];
    let text = String::from_utf8_lossy(head).to_lowercase();
    if !looks_like_html(&text) || visible_text(&text) > ENOUGH_TEXT {
        return None;
    }
    if succeeded && PAGE_MARKS.iter().any(|mark| text.contains(mark)) {
        return None;
    }
    in_body(status, &text)
}

fn in_headers(headers: &HeaderMap) -> Option<&'static str> {
    let is = |name: &str, value: &str| {
        headers.get(name).is_some_and(|v| v.as_bytes().eq_ignore_ascii_case(value.as_bytes()))
    };
    if is("cf-mitigated", "challenge") || is("x-amzn-waf-action", "challenge") {
        return Some("bot-wall");
    }
    is("x-amzn-waf-action", "captcha").then_some("captcha")
}

fn in_body(status: u16, text: &str) -> Option<&'static str> {
    let has = |marks: &[&str]| marks.iter().any(|mark| text.contains(mark));
    let refused = matches!(status, 401 | 403 | 405 | 406 | 429 | 503);
    if text.contains("document.cookie") && has(RELOADS) {
        return Some("js-cookie");
    }
    if has(WALLS) {
        return Some("bot-wall");
    }
    if has(CAPTCHAS) && (refused || visible_text(text) < ENOUGH_TEXT / 3) {
        return Some("captcha");
    }
    None
}

fn looks_like_html(text: &str) -> bool {
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    !start.starts_with("<?xml")
        && ["<html", "<script", "<!doctype html", "<body", "<head"].iter().any(|tag| text.contains(tag))
}

/// How many bytes a reader would see: what is left without tags, scripts and styles.
fn visible_text(text: &str) -> usize {
    let (mut rest, mut seen) = (text, 0);
    while let Some(open) = rest.find('<') {
        seen += rest[..open].trim().len();
        rest = &rest[open..];
        let end = if rest.starts_with("<script") {
            "</script"
        } else if rest.starts_with("<style") {
            "</style"
        } else if rest.starts_with("<!--") {
            "-->"
        } else {
            ">"
        };
        match rest.find(end) {
            Some(at) => rest = &rest[at + end.len()..],
            None => return seen,
        }
    }
    seen + rest.trim().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(status: u16, body: &str, expect: Option<&str>) {
        assert_eq!(challenge(status, &HeaderMap::new(), body.as_bytes()), expect, "{body}");
    }

    fn with_header(name: &'static str, value: &str) -> Option<&'static str> {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        challenge(200, &headers, b"")
    }

    #[test]
    fn challenges_are_recognised() {
        check(428, "", Some("precondition-required"));
        assert_eq!(with_header("cf-mitigated", "challenge"), Some("bot-wall"));
        assert_eq!(with_header("x-amzn-waf-action", "captcha"), Some("captcha"));
        let cookie = "<html><head><script>function go(){document.cookie=\"D1N=1f2e;path=/\";window.location.reload(true);}</script></head><body onload=go()></body></html>";
        check(200, cookie, Some("js-cookie"));
        let aes = "<html><body><script src=/aes.js></script><script>document.cookie=\"__test=\"+toHex(slowAES.decrypt(c,2,a,b)); location.href=\"http://bao.example/?i=1\";</script></body></html>";
        check(200, aes, Some("js-cookie"));
        let wall = "<!DOCTYPE html><html><title>Just a moment...</title><script src=/cdn-cgi/challenge-platform/h/b/orchestrate></script></html>";
        check(403, wall, Some("bot-wall"));
        check(503, wall, Some("bot-wall"));
        check(403, "<html><body><div class=g-recaptcha></div></body></html>", Some("captcha"));
        check(200, "<html><body>Bạn là người? <div class=\"h-captcha\"></div></body></html>", Some("captcha"));
    }

    #[test]
    fn ordinary_answers_are_not() {
        check(404, "<html><body>Không tìm thấy trang</body></html>", None);
        check(403, "<html><body>Forbidden</body></html>", None);
        check(200, "", None);
        let page = format!(
            "<html><script>document.cookie='a=1'; if (x) location.href='/y'</script><body><p>{}</p><div class=g-recaptcha></div></body></html>",
            "Bệnh viện huyện Sông Lam mở khoa mới. ".repeat(60)
        );
        check(200, &page, None);
        check(
            200,
            "<?xml version='1.0'?><rss><channel><title>captcha document.cookie location.href</title></channel></rss>",
            None,
        );
        check(200, "{\"title\": \"captcha\"}", None);
    }

    #[test]
    fn broken_markup_ends() {
        for body in [
            "<",
            "<html",
            "<script",
            "<script>document.cookie",
            "<!--",
            "<html><!-- <script",
            "<style>",
            "<html>\u{130}<script>",
        ] {
            check(200, body, None);
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_makes_it_panic(status in 100u16..600, body in "\\PC{0,80}|(<(script|style|!--|p|/p|html)[ >]?|document.cookie|location.href|é|>){0,20}") {
            let _ = challenge(status, &HeaderMap::new(), body.as_bytes());
        }
    }
}
