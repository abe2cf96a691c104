//! What class names, ids and roles say of an element, whatever the site: generic vocabulary only.

use std::collections::HashMap;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use foldhash::fast::RandomState;
use memchr::memrchr;

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

    /// A word that states a property of the element where it begins a name.
    const MODIFIER: Self = Self(1 << 17);
    /// A word that only wraps where it ends a name.
    const WRAPPER: Self = Self(1 << 18);

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

/// The hints of words that stand alone.
struct Words {
    hints: HashMap<&'static [u8], Hints, RandomState>,
    /// Lengths of the words that begin with each letter, a bit each: most words of a page are told to be none
    /// of these by that alone.
    lengths: [u32; 26],
}

static WORD_HINTS: LazyLock<Words> = LazyLock::new(|| {
    let mut all = Words { hints: HashMap::default(), lengths: [0; 26] };
    let modifiers = MODIFIERS.iter().map(|word| (word, &Hints::MODIFIER));
    let wrappers = WRAPPERS.iter().map(|word| (word, &Hints::WRAPPER));
    for (word, hint) in WORDS.iter().map(|(word, hint)| (word, hint)).chain(modifiers).chain(wrappers) {
        let word = word.as_bytes();
        let known = all.hints.entry(word).or_default();
        *known = known.with(*hint);
        all.lengths[usize::from(word[0] - b'a')] |= 1 << word.len().min(31);
    }
    all
});

impl Words {
    /// The hints of a word in lower-case letters.
    fn hints_of(&self, word: &[u8]) -> Hints {
        if self.lengths[usize::from(word[0] - b'a')] & 1 << word.len().min(31) == 0 {
            return Hints::default();
        }
        self.hints.get(word).copied().unwrap_or_default()
    }
}

/// Finds [`PARTS`], and after them in number [`BODIES`], in one pass.
static PARTS_AND_BODIES: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let words = PARTS.iter().map(|(part, _)| part).chain(BODIES);
    AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).build(words).expect("the tables are small")
});

/// Names whose hints are known already, and room for taking the next one apart.
pub(crate) struct Seen<'a> {
    known: HashMap<&'a str, Hints, RandomState>,
    name: Name,
}

/// Names that most pages have less of.
const NAMES: usize = 800;

impl Default for Seen<'_> {
    fn default() -> Self {
        Self { known: HashMap::with_capacity_and_hasher(NAMES, RandomState::default()), name: Name::default() }
    }
}

/// The hints of a class attribute or an id.
pub(crate) fn hints_of<'a>(names: &'a str, seen: &mut Seen<'a>) -> Hints {
    if let Some(hints) = seen.known.get(names) {
        return *hints;
    }
    let hints = if names.bytes().any(|c| c.is_ascii_whitespace()) {
        let one = |name| *seen.known.entry(name).or_insert_with(|| hints_of_name(name, &mut seen.name));
        names.split_ascii_whitespace().take(24).map(one).fold(Hints::default(), Hints::with)
    } else {
        hints_of_name(names, &mut seen.name)
    };
    seen.known.insert(names, hints);
    hints
}

fn hints_of_name(name: &str, parted: &mut Name) -> Hints {
    if name.len() > 96 {
        return Hints::default();
    }
    parted.take_apart(without_hash(name));
    if HIDDEN.iter().any(|hidden| hidden.as_bytes() == parted.joined) {
        return Hints::HIDDEN;
    }
    let mut hints = Hints::default();
    // Where the name ends without the wrappers at its end.
    let mut core = 0;
    let mut start = 0;
    let words = &*WORD_HINTS;
    for &end in &parted.ends {
        let word = &parted.joined[start..end];
        let hint = words.hints_of(word);
        if start == 0 && hint.has(Hints::MODIFIER) && parted.ends.len() > 1 {
            return Hints::default();
        }
        if !hint.has(Hints::WRAPPER) {
            core = end;
        }
        if word == b"sidebar" && end == parted.joined.len() {
            hints = hints.with(Hints::RELATED);
        }
        hints = hints.with(hint.without(Hints::MODIFIER.with(Hints::WRAPPER)));
        start = end;
    }
    let mut is_body = false;
    // Few names hold any, and to tell that is cheaper than to list them.
    let holds_any = PARTS_AND_BODIES.is_match(&parted.joined);
    for found in holds_any.then(|| PARTS_AND_BODIES.find_overlapping_iter(&parted.joined)).into_iter().flatten() {
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
    let Some(at) = memrchr(b'_', name.as_bytes()) else { return name };
    let (head, tail) = (&name[..at], &name[at + 1..]);
    let is_hash = (5..=9).contains(&tail.len())
        && tail.bytes().all(|b| b.is_ascii_alphanumeric())
        && tail.bytes().any(|b| b.is_ascii_digit())
        && tail.bytes().any(|b| b.is_ascii_alphabetic());
    if is_hash { head } else { name }
}

/// A class name in lower case without its separators: `relatedNews__list-2` is `relatednewslist`.
#[derive(Default)]
struct Name {
    joined: Vec<u8>,
    /// Where each of its words ends: `related`, `news`, `list`.
    ends: Vec<usize>,
}

impl Name {
    fn take_apart(&mut self, name: &str) {
        self.joined.clear();
        self.ends.clear();
        let mut lower_before = false;
        for c in name.bytes() {
            if c.is_ascii_lowercase() {
                self.joined.push(c);
                lower_before = true;
                continue;
            }
            let is_upper = c.is_ascii_uppercase();
            if !is_upper || lower_before {
                self.end_word();
            }
            if is_upper {
                self.joined.push(c.to_ascii_lowercase());
            }
            lower_before = false;
        }
        self.end_word();
    }

    fn end_word(&mut self) {
        let end = self.joined.len();
        if end > self.ends.last().copied().unwrap_or(0) {
            self.ends.push(end);
        }
    }
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
