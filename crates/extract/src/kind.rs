//! What a page is: article, list, video, paywall stub, challenge, or too short to tell.

use html5ever::local_name;

use crate::extraction::PageKind;
use crate::outline::Element;
use crate::plain;
use crate::reading::Reading;
use crate::tag::Tag;

const MIN_CHARS: usize = 200;

/// Texts of pages that check the browser instead of answering.
const CHALLENGES: &[&str] = &[
    "just a moment",
    "checking your browser",
    "enable javascript and cookies to continue",
    "verify you are human",
    "attention required",
    "ddos protection by",
    "please enable cookies",
    "access denied",
    "are you a robot",
    "pardon our interruption",
    "xác minh bạn là con người",
    "vui lòng bật javascript",
    "đang kiểm tra trình duyệt",
    "captcha",
    "request unsuccessful incapsula",
    "one more step",
    "bạn không phải là người máy",
];

/// Texts of notices that end the free part of an article.
const PAYWALLS: &[&str] = &[
    "subscribe to continue",
    "subscribe to read",
    "to continue reading",
    "already a subscriber",
    "for subscribers only",
    "this article is for subscribers",
    "đăng ký để đọc tiếp",
    "dành cho thuê bao",
    "nâng cấp tài khoản để đọc",
    "mua gói để đọc",
    "đăng nhập để đọc tiếp",
    "nội dung trả phí",
    "weiterlesen mit",
    "jetzt abonnieren und weiterlesen",
];

/// Decides the kind from what was extracted.
pub(crate) fn kind(reading: &mut Reading<'_>, body: &str, lead: &str, title: &str) -> PageKind {
    let n_chars = body.chars().count() + lead.chars().count();
    let (kind, why) = decide(reading, n_chars, body, title);
    reading.choose("kind", kind.as_str(), why);
    kind
}

fn decide(reading: &Reading<'_>, n_chars: usize, body: &str, title: &str) -> (PageKind, String) {
    if n_chars < 600 && is_challenge(reading, title) {
        return (PageKind::Challenge, "the page asks the browser to prove itself".to_owned());
    }
    if let Some(why) = listing(reading, n_chars, body) {
        return (PageKind::Listing, why);
    }
    let paywalled = reading.json.article.as_ref().is_some_and(|j| j.paywalled);
    if n_chars < 1500 && (paywalled && says_paywall(reading) || n_chars < 600 && says_paywall(reading)) {
        return (PageKind::Paywall, "a notice says that the rest must be paid for".to_owned());
    }
    let kind = reading.meta.text(&["og:type"]);
    if n_chars < 500 && (kind.starts_with("video") || reading.json.is_video || has_player(reading)) {
        return (PageKind::Video, format!("{n_chars} characters beside a player"));
    }
    if n_chars < MIN_CHARS {
        return (PageKind::TooShort, format!("{n_chars} characters of text"));
    }
    (PageKind::Article, format!("{n_chars} characters of text"))
}

fn is_challenge(reading: &Reading<'_>, title: &str) -> bool {
    let n_chars: u32 = reading.outline.blocks.iter().map(|b| b.n_chars).sum();
    if n_chars > 3000 {
        return false;
    }
    let mut text = plain::squashed(title);
    text.push(' ');
    text.push_str(&plain::squashed(&reading.meta.title));
    for block in reading.outline.blocks.iter().take(60) {
        text.push(' ');
        text.push_str(&plain::squashed(reading.outline.text(block)));
    }
    let scripts_only = n_chars < 40
        && reading.outline.elements.iter().filter(|e| e.tag == Tag::Script).count() > 0
        && reading.outline.elements.len() < 40
        && reading.meta.text(&["og:title", "og:description", "description"]).is_empty();
    scripts_only || CHALLENGES.iter().any(|c| text.contains(c))
}

fn says_paywall(reading: &Reading<'_>) -> bool {
    reading.outline.blocks.iter().any(|b| {
        b.n_chars < 400 && {
            let text = plain::squashed(reading.outline.text(b));
            PAYWALLS.iter().any(|p| text.contains(p))
        }
    })
}

fn has_player(reading: &Reading<'_>) -> bool {
    reading.outline.elements.iter().any(|e| e.tag == Tag::Media)
}

/// A list: the address is a section's or the home page's, or the text is a string of teasers.
fn listing(reading: &Reading<'_>, n_chars: usize, body: &str) -> Option<String> {
    let stated_article = reading.json.article.as_ref().is_some_and(|j| j.published.is_some() && !j.headline.is_empty())
        || reading.meta.text(&["og:type"]) == "article" && reading.meta.raw(&["article:published_time"]).is_some()
        || is_marked_article(reading);
    if reading.page.url.path() == "/" && !stated_article {
        return Some("the home page".to_owned());
    }
    if stated_article && n_chars >= MIN_CHARS {
        return None;
    }
    let headlines = linked_headlines(reading);
    let prose = reading.density.prose as usize;
    if headlines >= 12 && n_chars < 80 * headlines && reads_as_teasers(body) && !stated_article {
        return Some(format!("{headlines} linked headlines beside {prose} characters of prose"));
    }
    let lines = body.lines().count();
    if reading.json.is_list && !stated_article && lines > 0 && n_chars / lines < 200 {
        return Some("the page states a list".to_owned());
    }
    None
}

/// The page marks one article and no more, as microdata or as a feed-like entry; a list marks each of its teasers.
fn is_marked_article(reading: &Reading<'_>) -> bool {
    let is_marked = |element: &&Element<'_>| {
        let kind = element.attr(&local_name!("itemtype")).unwrap_or_default();
        let is_kind = ["NewsArticle", "/Article", "BlogPosting"].iter().any(|k| kind.ends_with(k));
        let classes = element.attr(&local_name!("class")).unwrap_or_default();
        is_kind || classes.contains("hentry") && classes.split_ascii_whitespace().any(|c| c == "hentry")
    };
    reading.outline.elements.iter().filter(is_marked).take(2).count() == 1
}

/// Headings or teaser-long lines that are links.
fn linked_headlines(reading: &Reading<'_>) -> usize {
    reading
        .outline
        .blocks
        .iter()
        .filter(|b| {
            b.link_density() > 0.8
                && b.n_chars >= 25
                && b.n_chars < 200
                && (matches!(b.tag, Tag::H(_)) || b.n_chars >= 35)
        })
        .count()
}

/// Short and in short lines.
fn reads_as_teasers(body: &str) -> bool {
    let n_chars = body.chars().count();
    n_chars < 3000 && n_chars < 220 * body.lines().count().max(3)
}
