//! What else a page says of an article: picture, canonical address, language, section, tags.

use std::collections::HashSet;

use diembao_news::CanonicalUrl;
use html5ever::{LocalName, local_name};

use crate::body::Body;
use crate::plain::{self, squashed};
use crate::reading::Reading;
use crate::tag::Tag;
use crate::vocab::Hints;

/// The lesser fields.
pub(crate) struct About {
    pub(crate) image: Option<String>,
    pub(crate) image_caption: Option<String>,
    pub(crate) canonical: Option<CanonicalUrl>,
    pub(crate) lang: String,
    pub(crate) section: Option<String>,
    pub(crate) tags: Vec<String>,
}

const MAX_TAGS: usize = 30;

/// Decides the lesser fields.
pub(crate) fn about(reading: &mut Reading<'_>, body: &Body, text: &str) -> About {
    let image = image(reading, body);
    About {
        image_caption: caption(reading, body, image.as_deref()),
        image,
        canonical: canonical(reading),
        lang: lang(reading, text),
        section: section(reading),
        tags: tags(reading),
    }
}

fn image(reading: &Reading<'_>, body: &Body) -> Option<String> {
    let stated =
        reading.meta.raw(&["og:image", "og:image:url", "twitter:image", "twitter:image:src"]).map(str::to_owned);
    let json = reading.json.article.as_ref().and_then(|j| j.image.clone());
    let first = || {
        let element = &reading.outline.elements[body.element? as usize];
        let start = body.element? as usize;
        reading.outline.elements[start..element.end as usize].iter().find(|e| e.tag == Tag::Img).and_then(|e| {
            e.attr(&LocalName::from("data-src")).or_else(|| e.attr(&local_name!("src"))).map(str::to_owned)
        })
    };
    let link = stated.or(json).or_else(first)?;
    let link = plain::decoded(link.trim()).into_owned();
    reading.page.url.join(&link).ok().map(|url| url.as_str().to_owned())
}

/// The caption of the figure that holds the main picture, or else the first caption of the body.
fn caption(reading: &Reading<'_>, body: &Body, image: Option<&str>) -> Option<String> {
    let outline = reading.outline;
    let file = image.and_then(|i| i.split(['?', '#']).next()?.rsplit('/').next()).filter(|f| f.len() > 4);
    let near = body.element.map_or(0, |e| outline.elements[e as usize].parent) as usize;
    let mut seen_image = file.is_none();
    let end = outline.elements.get(near).map_or(0, |e| e.end as usize);
    let mut first = None;
    for at in near..end {
        let element = &outline.elements[at];
        if element.tag == Tag::Img {
            let shown = element
                .value
                .attrs()
                .any(|a| a.name.local.contains("src") && file.is_some_and(|f| a.value.contains(f)));
            seen_image |= shown;
        }
        if element.hints.has(Hints::CAPTION)
            && element.tag != Tag::Img
            && !element.blocks.is_empty()
            && element.blocks.len() <= 3
        {
            let text = plain::line(&outline.text_of(at as u32));
            if !text.is_empty() && text.chars().count() <= 600 {
                if seen_image {
                    return Some(text);
                }
                first = first.or(Some(text));
            }
        }
    }
    first
}

fn canonical(reading: &mut Reading<'_>) -> Option<CanonicalUrl> {
    let link = reading.meta.canonical.clone();
    let og = reading.meta.raw(&["og:url"]).map(str::to_owned);
    let json = reading.json.article.as_ref().and_then(|j| j.url.clone());
    let page = reading.page.url;
    for (from, link) in [("link", link), ("og:url", og), ("json-ld", json)] {
        let Some(link) = link else { continue };
        let Ok(url) = page.join(plain::decoded(link.trim()).as_ref()) else {
            continue;
        };
        if url.path() == "/" && page.path() != "/" {
            reading.note("canonical", from, "points to the home page");
            continue;
        }
        if site(url.host()) != site(page.host()) {
            reading.note("canonical", from, format!("{url}: another site"));
        }
        return Some(url);
    }
    None
}

/// The last two labels of a host, three under second-level suffixes such as `com.vn`.
fn site(host: &str) -> &str {
    let mut dots = host.rmatch_indices('.').map(|(i, _)| i);
    let (Some(_), Some(second)) = (dots.next(), dots.next()) else {
        return host;
    };
    let short = host[second + 1..].split('.').next().is_some_and(|l| l.len() <= 3);
    match (short, dots.next()) {
        (true, Some(third)) => &host[third + 1..],
        (true, None) => host,
        _ => &host[second + 1..],
    }
}

fn lang(reading: &mut Reading<'_>, text: &str) -> String {
    let stated = reading
        .json
        .article
        .as_ref()
        .and_then(|j| j.lang.clone())
        .or_else(|| reading.meta.lang.clone())
        .or_else(|| reading.meta.raw(&["og:locale", "content-language", "language"]).map(str::to_owned))
        .map(|l| l.trim().replace('_', "-").split('-').next().unwrap_or("").to_ascii_lowercase())
        .filter(|l| (2..=3).contains(&l.len()) && l.bytes().all(|b| b.is_ascii_lowercase()));
    let looks = looks_vietnamese(text);
    match (stated, looks) {
        (Some(lang), Some(false)) if lang == "vi" => {
            reading.note("lang", "vi", "stated, but the text is not Vietnamese");
            "und".to_owned()
        }
        (Some(_) | None, Some(true)) => "vi".to_owned(),
        (Some(lang), _) => lang,
        (None, Some(false)) => "und".to_owned(),
        (None, None) => "vi".to_owned(),
    }
}

/// Vietnamese has marked letters no other language has; a text long enough shows them or is not.
fn looks_vietnamese(text: &str) -> Option<bool> {
    let (mut n_letters, mut n_own) = (0_usize, 0_usize);
    for c in text.chars() {
        if c.is_ascii() {
            n_letters += usize::from(c.is_ascii_alphabetic());
        } else {
            let is_own = matches!(c, 'ơ' | 'ư' | 'ă' | 'đ' | 'Đ' | '\u{1ea0}'..='\u{1ef9}');
            n_own += usize::from(is_own);
            n_letters += usize::from(is_own || plain::is_letter(c));
        }
        if n_letters == 2000 {
            break;
        }
    }
    (n_letters >= 200).then_some(n_own * 20 >= n_letters)
}

fn section(reading: &Reading<'_>) -> Option<String> {
    let title = reading.json.article.as_ref().map(|j| squashed(&j.headline)).unwrap_or_default();
    let home = ["trang chủ", "home", "trang nhất", "startseite", "accueil"];
    let host = reading.page.url.host().to_owned();
    let trail: Vec<String> = reading
        .json
        .trail
        .iter()
        .filter(|n| {
            let n = squashed(n);
            !n.is_empty() && n != title && !home.contains(&n.as_str()) && n.replace(' ', "") != host.replace('.', "")
        })
        .filter(|n| !reading.json.publishers.iter().any(|p| squashed(p) == squashed(n)))
        .cloned()
        .collect();
    if !trail.is_empty() {
        return Some(trail.join(" › "));
    }
    let meta = reading.meta.text(&["article:section", "section", "parsely-section"]);
    if !meta.is_empty() {
        return Some(meta);
    }
    let json = reading.json.article.as_ref().map(|j| j.sections.clone()).unwrap_or_default();
    json.into_iter().find(|s| !s.is_empty()).or_else(|| crumbs(reading))
}

/// The links of a breadcrumb element.
fn crumbs(reading: &Reading<'_>) -> Option<String> {
    let outline = reading.outline;
    let at = outline.elements.iter().position(|e| {
        if !e.hints.has(Hints::NAVIGATION) {
            return false;
        }
        let names = [e.attr(&local_name!("class")), e.attr(&local_name!("id"))];
        !e.blocks.is_empty()
            && e.blocks.len() <= 8
            && names.into_iter().flatten().any(|n| n.to_ascii_lowercase().contains("breadcrumb"))
    })?;
    let end = outline.elements[at].end as usize;
    let home = ["trang chủ", "home", "trang nhất"];
    let names: Vec<String> = (at..end)
        .filter(|&i| outline.elements[i].tag == Tag::A)
        .map(|i| plain::line(&outline.elements[i].node.texts(usize::MAX).collect::<String>()))
        .filter(|n| !n.is_empty() && n.chars().count() < 40 && !home.contains(&squashed(n).as_str()))
        .take(4)
        .collect();
    (!names.is_empty()).then(|| names.join(" › "))
}

fn tags(reading: &Reading<'_>) -> Vec<String> {
    let mut raw: Vec<String> = reading.meta.all("article:tag").iter().map(|t| plain::line(t)).collect();
    if raw.is_empty() {
        raw = reading.json.article.as_ref().map(|j| j.tags.clone()).unwrap_or_default();
    }
    if raw.is_empty() {
        raw = reading.meta.text(&["news_keywords", "keywords"]).split([',', ';']).map(plain::line).collect();
    }
    let mut out: Vec<String> = Vec::new();
    let mut keys = HashSet::new();
    for tag in raw.iter().flat_map(|t| t.split(',')).map(str::trim) {
        if !tag.is_empty() && tag.chars().count() <= 80 && out.len() < MAX_TAGS && keys.insert(squashed(tag)) {
            out.push(tag.to_owned());
        }
    }
    out
}
