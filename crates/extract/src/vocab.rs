//! What class names, ids and roles say of an element, whatever the site: generic vocabulary only.

use std::collections::HashMap;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use foldhash::fast::RandomState;

use crate::vocab_table::{BODIES, HIDDEN, MODIFIERS, PARTS, WORDS, WRAPPERS};

/// A set of hints about an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Hints(pub(crate) u32);

impl Hints {
    /// Related articles, recommendations, most read, teasers.
    pub(crate) const RELATED: Self = Self(1);
    /// Share bars, follow buttons.
    pub(crate) const SOCIAL: Self = Self(1 << 1);
    /// Readers' comments.
    pub(crate) const COMMENTS: Self = Self(1 << 2);
    /// Advertisements, sign-up boxes, cookie walls.
    pub(crate) const PROMOTION: Self = Self(1 << 3);
    /// Navigation, breadcrumbs, footers, toolbars.
    pub(crate) const NAVIGATION: Self = Self(1 << 4);
    /// Byline, date, section label, tags.
    pub(crate) const ABOUT: Self = Self(1 << 5);
    /// Captions and picture credits.
    pub(crate) const CAPTION: Self = Self(1 << 6);
    /// Not shown.
    pub(crate) const HIDDEN: Self = Self(1 << 7);
    /// Quizzes, polls, players, galleries.
    pub(crate) const WIDGET: Self = Self(1 << 8);
    /// The element that holds an article's paragraphs.
    pub(crate) const BODY: Self = Self(1 << 9);
    /// The lead (sapo, standfirst).
    pub(crate) const LEAD: Self = Self(1 << 10);
    /// The author.
    pub(crate) const AUTHOR: Self = Self(1 << 11);
    /// A date or time.
    pub(crate) const DATE: Self = Self(1 << 12);
    /// A paywall notice.
    pub(crate) const PAYWALL: Self = Self(1 << 13);
    /// The headline.
    pub(crate) const TITLE: Self = Self(1 << 14);
    /// Tags or keywords.
    pub(crate) const TAGS: Self = Self(1 << 15);

    /// Cookie walls and consent dialogues.
    pub(crate) const CONSENT: Self = Self(1 << 16);

    /// What is never part of a body.
    pub(crate) const JUNK: Self = Self(0b1_1111_1111 | 1 << 15 | 1 << 16);

    pub(crate) fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

static WORD_HINTS: LazyLock<HashMap<&str, Hints, RandomState>> = LazyLock::new(|| {
    let mut all: HashMap<&str, Hints, RandomState> = HashMap::default();
    for (word, hint) in WORDS {
        let known = all.entry(word).or_default();
        *known = known.with(*hint);
    }
    all
});

/// Finds [`PARTS`], and after them in number [`BODIES`], in one pass.
static PARTS_AND_BODIES: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let words = PARTS.iter().map(|(part, _)| part).chain(BODIES);
    AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).build(words).expect("the tables are small")
});

/// Names whose hints are known already.
pub(crate) type Seen<'a> = HashMap<&'a str, Hints, RandomState>;

/// The hints of a class attribute or an id.
pub(crate) fn hints_of<'a>(names: &'a str, seen: &mut Seen<'a>) -> Hints {
    if let Some(hints) = seen.get(names) {
        return *hints;
    }
    let mut all = Hints::default();
    for name in names.split_ascii_whitespace().take(24) {
        all = all.with(*seen.entry(name).or_insert_with(|| hints_of_name(name)));
    }
    seen.insert(names, all);
    all
}

fn hints_of_name(name: &str) -> Hints {
    if name.len() > 96 {
        return Hints::default();
    }
    let split = words_of(without_hash(name));
    let mut words: Vec<&str> = Vec::with_capacity(8);
    words.extend(split.split('-').filter(|w| !w.is_empty()));
    let Some(first) = words.first() else {
        return Hints::default();
    };
    let joined = words.concat();
    if HIDDEN.contains(&joined.as_str()) {
        return Hints::HIDDEN;
    }
    if words.len() > 1 && MODIFIERS.contains(first) {
        return Hints::default();
    }
    let mut hints = Hints::default();
    for hint in words.iter().filter_map(|word| WORD_HINTS.get(word)) {
        hints = hints.with(*hint);
    }
    if words.last() == Some(&"sidebar") {
        hints = hints.with(Hints::RELATED);
    }
    let wrappers = words.iter().rev().take_while(|w| WRAPPERS.contains(w));
    let core = joined.len() - wrappers.map(|w| w.len()).sum::<usize>();
    let mut is_body = false;
    for found in PARTS_AND_BODIES.find_overlapping_iter(&joined) {
        match PARTS.get(found.pattern().as_usize()) {
            Some((_, hint)) => hints = hints.with(*hint),
            None => is_body |= found.end() == core,
        }
    }
    if hints.has(Hints::LEAD) {
        hints = hints.without(Hints::RELATED.with(Hints::ABOUT));
    }
    if is_body {
        hints = hints.without(Hints::JUNK).with(Hints::BODY);
    }
    hints
}

/// Build tools append hashes to names: `body__17Yit` is `body`.
fn without_hash(name: &str) -> &str {
    let Some((head, tail)) = name.rsplit_once("__").or_else(|| name.rsplit_once('_')) else {
        return name;
    };
    let is_hash = (5..=9).contains(&tail.len())
        && tail.bytes().all(|b| b.is_ascii_alphanumeric())
        && tail.bytes().any(|b| b.is_ascii_digit())
        && tail.bytes().any(|b| b.is_ascii_alphabetic());
    if is_hash { head } else { name }
}

/// Lower-cased words joined with hyphens: `relatedNews__list-2` is `related-news-list-`.
fn words_of(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut lower_before = false;
    for c in name.chars() {
        if c.is_ascii_alphabetic() {
            if c.is_ascii_uppercase() && lower_before {
                out.push('-');
            }
            lower_before = c.is_ascii_lowercase();
            out.push(c.to_ascii_lowercase());
        } else {
            lower_before = false;
            if !out.ends_with('-') {
                out.push('-');
            }
        }
    }
    out
}

/// Whether an inline style hides its element.
pub(crate) fn hides(style: &str) -> bool {
    let mut rest = style;
    while let Some(at) = rest.find(':') {
        let property = rest[..at].rsplit(';').next().unwrap_or("").trim();
        let value = rest[at + 1..].trim_start();
        if (property.eq_ignore_ascii_case("display") && value.starts_with("none"))
            || (property.eq_ignore_ascii_case("visibility") && value.starts_with("hidden"))
        {
            return true;
        }
        rest = &rest[at + 1..];
    }
    false
}

/// The hints of an `itemprop`.
pub(crate) fn hints_of_property(content: &str) -> Hints {
    match content.trim() {
        "articleBody" | "reviewBody" => Hints::BODY,
        "author" => Hints::AUTHOR.with(Hints::ABOUT),
        "datePublished" | "dateModified" | "dateCreated" => Hints::DATE,
        "headline" => Hints::TITLE,
        "comment" => Hints::COMMENTS,
        "caption" => Hints::CAPTION,
        _ => Hints::default(),
    }
}

/// The hints of an ARIA role.
pub(crate) fn hints_of_role(content: &str) -> Hints {
    match content {
        "navigation" | "banner" | "contentinfo" | "menu" | "menubar" | "search" | "toolbar" | "tablist" => {
            Hints::NAVIGATION
        }
        "complementary" => Hints::RELATED,
        "dialog" | "alertdialog" => Hints::PROMOTION,
        _ => Hints::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(names: &str, hint: Hints, expect: bool) {
        assert_eq!(hints_of(names, &mut Seen::default()).has(hint), expect, "{names}");
    }

    #[test]
    fn styles_hide() {
        assert!(hides("color:red; display: none"));
        assert!(!hides("background:url(x);display:block"));
    }

    #[test]
    fn names_speak_whatever_their_style() {
        check("relatedNews__list", Hints::RELATED, true);
        check("box-tin-lien-quan", Hints::RELATED, true);
        check("has-sidebar", Hints::RELATED, false);
        check("shadow heading", Hints::PROMOTION, false);
        check("ads-300x250", Hints::PROMOTION, true);
        check("c-article-body__wrapper", Hints::BODY, true);
        check("article-body__related", Hints::BODY, false);
        check("article-body__related", Hints::RELATED, true);
        check("article-body__content__17Yit", Hints::BODY, true);
        check("detail-sapo", Hints::LEAD, true);
        check("newsCaption", Hints::CAPTION, true);
        check("leader download", Hints::LEAD, false);
    }
}
