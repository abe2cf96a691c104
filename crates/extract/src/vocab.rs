//! What class names, ids and roles say of an element, whatever the site: generic vocabulary only.

/// A set of hints about an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Hints(pub(crate) u16);

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

    /// What is never part of a body.
    pub(crate) const JUNK: Self = Self(0b1_1111_1111 | 1 << 13 | 1 << 15);

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

/// Words that stand alone between separators.
const WORDS: &[(&str, Hints)] = &[
    ("ad", Hints::PROMOTION), ("ads", Hints::PROMOTION), ("adv", Hints::PROMOTION), ("adbox", Hints::PROMOTION),
    ("adslot", Hints::PROMOTION), ("adunit", Hints::PROMOTION), ("adsense", Hints::PROMOTION),
    ("advert", Hints::PROMOTION), ("adverts", Hints::PROMOTION), ("advertisement", Hints::PROMOTION),
    ("advertising", Hints::PROMOTION), ("advertorial", Hints::PROMOTION), ("anzeige", Hints::PROMOTION),
    ("banner", Hints::PROMOTION), ("promo", Hints::PROMOTION), ("promos", Hints::PROMOTION),
    ("promobox", Hints::PROMOTION), ("promotion", Hints::PROMOTION), ("promoted", Hints::PROMOTION),
    ("sponsor", Hints::PROMOTION), ("sponsored", Hints::PROMOTION), ("newsletter", Hints::PROMOTION),
    ("newsletters", Hints::PROMOTION), ("subscribe", Hints::PROMOTION), ("subscription", Hints::PROMOTION),
    ("signup", Hints::PROMOTION), ("cookie", Hints::PROMOTION), ("cookies", Hints::PROMOTION),
    ("consent", Hints::PROMOTION), ("gdpr", Hints::PROMOTION), ("affiliate", Hints::PROMOTION),
    ("outbrain", Hints::PROMOTION), ("taboola", Hints::PROMOTION), ("cta", Hints::PROMOTION),
    ("donate", Hints::PROMOTION), ("donation", Hints::PROMOTION), ("popup", Hints::PROMOTION),
    ("modal", Hints::PROMOTION), ("overlay", Hints::PROMOTION), ("lightbox", Hints::PROMOTION),
    ("optin", Hints::PROMOTION), ("login", Hints::PROMOTION),
    ("related", Hints::RELATED), ("relate", Hints::RELATED), ("recommend", Hints::RELATED),
    ("recommended", Hints::RELATED), ("recommendation", Hints::RELATED), ("recommendations", Hints::RELATED),
    ("teaser", Hints::RELATED), ("teasers", Hints::RELATED), ("trending", Hints::RELATED),
    ("popular", Hints::RELATED), ("readmore", Hints::RELATED), ("seealso", Hints::RELATED),
    ("mostread", Hints::RELATED), ("suggested", Hints::RELATED), ("suggestions", Hints::RELATED),
    ("moreon", Hints::RELATED), ("readnext", Hints::RELATED), ("upnext", Hints::RELATED), ("latest", Hints::RELATED),
    ("crosslinks", Hints::RELATED), ("interlink", Hints::RELATED),
    ("share", Hints::SOCIAL), ("sharing", Hints::SOCIAL), ("sharebar", Hints::SOCIAL), ("shares", Hints::SOCIAL),
    ("sharedaddy", Hints::SOCIAL), ("sharethis", Hints::SOCIAL), ("addthis", Hints::SOCIAL),
    ("addtoany", Hints::SOCIAL), ("social", Hints::SOCIAL), ("socials", Hints::SOCIAL), ("follow", Hints::SOCIAL),
    ("like", Hints::SOCIAL), ("facebook", Hints::SOCIAL), ("whatsapp", Hints::SOCIAL),
    ("comment", Hints::COMMENTS), ("comments", Hints::COMMENTS), ("commentlist", Hints::COMMENTS),
    ("disqus", Hints::COMMENTS), ("respond", Hints::COMMENTS), ("cmt", Hints::COMMENTS),
    ("nav", Hints::NAVIGATION), ("navbar", Hints::NAVIGATION), ("navigation", Hints::NAVIGATION),
    ("menu", Hints::NAVIGATION), ("breadcrumb", Hints::NAVIGATION), ("breadcrumbs", Hints::NAVIGATION),
    ("crumbs", Hints::NAVIGATION), ("footer", Hints::NAVIGATION), ("masthead", Hints::NAVIGATION),
    ("toolbar", Hints::NAVIGATION), ("tools", Hints::NAVIGATION), ("pagination", Hints::NAVIGATION),
    ("pager", Hints::NAVIGATION), ("sitemap", Hints::NAVIGATION), ("skip", Hints::NAVIGATION),
    ("copyright", Hints::NAVIGATION), ("toc", Hints::NAVIGATION), ("disclaimer", Hints::NAVIGATION),
    ("byline", Hints::ABOUT), ("author", Hints::ABOUT), ("authors", Hints::ABOUT), ("bio", Hints::ABOUT),
    ("writer", Hints::ABOUT), ("dateline", Hints::ABOUT), ("timestamp", Hints::ABOUT), ("pubdate", Hints::ABOUT),
    ("publishdate", Hints::ABOUT), ("datetime", Hints::ABOUT), ("postmeta", Hints::ABOUT), ("meta", Hints::ABOUT),
    ("metadata", Hints::ABOUT), ("kicker", Hints::ABOUT), ("datum", Hints::ABOUT), ("autor", Hints::ABOUT),
    ("readingtime", Hints::ABOUT), ("signature", Hints::ABOUT),
    ("tags", Hints::TAGS), ("taglist", Hints::TAGS), ("tagcloud", Hints::TAGS), ("keywords", Hints::TAGS),
    ("caption", Hints::CAPTION), ("captions", Hints::CAPTION), ("figcaption", Hints::CAPTION),
    ("credit", Hints::CAPTION), ("credits", Hints::CAPTION), ("photocredit", Hints::CAPTION),
    ("imagecaption", Hints::CAPTION), ("copyrightholder", Hints::CAPTION), ("bildunterschrift", Hints::CAPTION),
    ("hidden", Hints::HIDDEN), ("invisible", Hints::HIDDEN), ("visuallyhidden", Hints::HIDDEN),
    ("offscreen", Hints::HIDDEN), ("noprint", Hints::HIDDEN),
    ("poll", Hints::WIDGET), ("quiz", Hints::WIDGET), ("survey", Hints::WIDGET), ("player", Hints::WIDGET),
    ("carousel", Hints::WIDGET), ("slider", Hints::WIDGET), ("slideshow", Hints::WIDGET),
    ("widget", Hints::WIDGET), ("widgets", Hints::WIDGET), ("rating", Hints::WIDGET), ("vote", Hints::WIDGET),
    ("weather", Hints::WIDGET), ("ticker", Hints::WIDGET), ("feedback", Hints::WIDGET),
    ("paywall", Hints::PAYWALL), ("piano", Hints::PAYWALL), ("regwall", Hints::PAYWALL),
    ("sapo", Hints::LEAD), ("lead", Hints::LEAD), ("lede", Hints::LEAD), ("standfirst", Hints::LEAD),
    ("dek", Hints::LEAD), ("chapeau", Hints::LEAD), ("standfirsts", Hints::LEAD), ("leadtext", Hints::LEAD),
    ("leadin", Hints::LEAD), ("subheadline", Hints::LEAD), ("vorspann", Hints::LEAD),
    ("author", Hints::AUTHOR), ("authors", Hints::AUTHOR), ("byline", Hints::AUTHOR), ("writer", Hints::AUTHOR),
    ("date", Hints::DATE), ("time", Hints::DATE), ("datetime", Hints::DATE), ("timestamp", Hints::DATE),
    ("pubdate", Hints::DATE), ("published", Hints::DATE), ("dateline", Hints::DATE), ("publishdate", Hints::DATE),
    ("title", Hints::TITLE), ("headline", Hints::TITLE),
];

/// Parts of a whole class name or id, separators left out.
const PARTS: &[(&str, Hints)] = &[
    ("lienquan", Hints::RELATED), ("tinkhac", Hints::RELATED), ("docnhieu", Hints::RELATED),
    ("xemnhieu", Hints::RELATED), ("xemthem", Hints::RELATED), ("cungchuyenmuc", Hints::RELATED),
    ("tincungmuc", Hints::RELATED), ("tinmoi", Hints::RELATED), ("relatednews", Hints::RELATED),
    ("relatedpost", Hints::RELATED), ("relatedarticle", Hints::RELATED), ("relatedlink", Hints::RELATED),
    ("relatedstor", Hints::RELATED), ("relatedcontent", Hints::RELATED), ("relatedtopic", Hints::RELATED),
    ("readalso", Hints::RELATED), ("alsoread", Hints::RELATED), ("morestories", Hints::RELATED),
    ("morenews", Hints::RELATED), ("morefrom", Hints::RELATED), ("mostpopular", Hints::RELATED),
    ("youmaylike", Hints::RELATED), ("linkbox", Hints::RELATED), ("otherarticle", Hints::RELATED),
    ("readmore", Hints::RELATED), ("storypackage", Hints::RELATED), ("boxnews", Hints::RELATED),
    ("binhluan", Hints::COMMENTS), ("livecomment", Hints::COMMENTS), ("quangcao", Hints::PROMOTION),
    ("advertis", Hints::PROMOTION), ("googlead", Hints::PROMOTION), ("bannerad", Hints::PROMOTION),
    ("newsletter", Hints::PROMOTION), ("chiase", Hints::SOCIAL), ("socialshare", Hints::SOCIAL),
    ("sharebutton", Hints::SOCIAL), ("socialmedia", Hints::SOCIAL), ("tukhoa", Hints::TAGS),
    ("posttags", Hints::TAGS), ("tagsbox", Hints::TAGS), ("chuthich", Hints::CAPTION), ("phototext", Hints::CAPTION),
    ("imgcaption", Hints::CAPTION), ("imagecredit", Hints::CAPTION), ("photocaption", Hints::CAPTION),
    ("captiontext", Hints::CAPTION), ("tacgia", Hints::ABOUT), ("authorbio", Hints::ABOUT),
    ("authorinfo", Hints::ABOUT), ("authorbox", Hints::ABOUT), ("aboutauthor", Hints::ABOUT),
    ("screenreader", Hints::HIDDEN), ("sronly", Hints::HIDDEN), ("visuallyhidden", Hints::HIDDEN),
    ("detailsapo", Hints::LEAD), ("articlelead", Hints::LEAD), ("articlesummary", Hints::LEAD),
    ("articleintro", Hints::LEAD), ("singularsapo", Hints::LEAD), ("newssapo", Hints::LEAD),
    ("articledescription", Hints::LEAD), ("leadparagraph", Hints::LEAD), ("articledek", Hints::LEAD),
    ("articlestandfirst", Hints::LEAD), ("storyintro", Hints::LEAD), ("entrysummary", Hints::LEAD),
];

/// What a class name or id ends with when it names the element of the paragraphs.
const BODIES: &[&str] = &[
    "articlebody", "articlecontent", "articletext", "articlecopy", "entrycontent", "entrybody", "postcontent",
    "postbody", "posttext", "storybody", "storycontent", "storytext", "newsbody", "newscontent", "newstext",
    "detailcontent", "contentdetail", "detailbody", "fckdetail", "singularcontent", "bodytext", "bodycopy",
    "contentbody", "textbody", "articledetail", "noidung", "noidungbai", "cmsbody", "knccontent", "articlebodycontent",
    "bodycontent", "storycopy", "articlemain", "singlecontent", "blogcontent", "richtext", "afcbcontent",
];

/// Words that only wrap: stripped from the end of a name before it is compared with [`BODIES`].
const WRAPPERS: &[&str] = &["wrapper", "wrap", "container", "inner", "box", "area", "block", "section", "holder", "outer"];

/// Beginnings of names that state a property of the element, not what it is.
const MODIFIERS: &[&str] = &["has", "is", "with", "no", "show", "hide", "without", "js", "not", "can", "if", "u", "lazy"];

/// The hints of a class attribute or an id.
pub(crate) fn hints_of(names: &str) -> Hints {
    names.split_ascii_whitespace().take(24).fold(Hints::default(), |h, name| h.with(hints_of_name(name)))
}

fn hints_of_name(name: &str) -> Hints {
    if name.len() > 96 {
        return Hints::default();
    }
    let words = words_of(name);
    let words: Vec<&str> = words.split('-').filter(|w| !w.is_empty()).collect();
    let Some(first) = words.first() else { return Hints::default() };
    if words.len() > 1 && MODIFIERS.contains(first) {
        return Hints::default();
    }
    let mut hints = Hints::default();
    for word in &words {
        for (_, hint) in WORDS.iter().filter(|(w, _)| w == word) {
            hints = hints.with(*hint);
        }
    }
    if words.last() == Some(&"sidebar") || (*first == "sidebar" && words.len() == 1) {
        hints = hints.with(Hints::RELATED);
    }
    let joined = words.concat();
    for (_, hint) in PARTS.iter().filter(|(part, _)| joined.contains(part)) {
        hints = hints.with(*hint);
    }
    let n_kept = words.len() - words.iter().rev().take_while(|w| WRAPPERS.contains(w)).count();
    let core = words[..n_kept].concat();
    if BODIES.iter().any(|b| core.ends_with(b)) {
        hints = hints.without(Hints::JUNK).with(Hints::BODY);
    }
    hints
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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(names: &str, hint: Hints, expect: bool) {
        assert_eq!(hints_of(names).has(hint), expect, "{names}");
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
        check("detail-sapo", Hints::LEAD, true);
        check("leader download", Hints::LEAD, false);
    }
}
