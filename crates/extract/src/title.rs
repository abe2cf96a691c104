//! The headline: chosen among what the page states, without the outlet's name.

use crate::plain::{self, squashed};
use crate::reading::Reading;
use crate::tag::Tag;
use crate::vocab::Hints;

/// Decides the title.
pub(crate) fn title(reading: &mut Reading<'_>) -> String {
    let rules = reading.page.rules.title.clone();
    if let Some(&at) = reading.selected("title", &rules).first() {
        let text = plain::line(&reading.outline.text_of(at));
        if !text.is_empty() {
            reading.choose("title", "selector", text.clone());
            return text;
        }
    }
    let candidates = candidates(reading);
    let chosen = judge(&candidates);
    for (i, (from, text)) in candidates.iter().enumerate() {
        if Some(i) == chosen {
            reading.choose("title", *from, text.clone());
        } else if !text.is_empty() {
            reading.note("title", *from, text.clone());
        }
    }
    chosen.map(|i| candidates[i].1.clone()).unwrap_or_default()
}

/// No headline is as long.
const MAX_BYTES: usize = 2000;

fn candidates(reading: &Reading<'_>) -> Vec<(&'static str, String)> {
    let names = outlet_names(reading);
    let strip = |text: &str| without_suffix(plain::head(text, MAX_BYTES), &names);
    let mut out = Vec::new();
    if let Some(json) = &reading.json.article {
        out.push(("json-ld", strip(&json.headline)));
    }
    out.push(("og:title", strip(&reading.meta.text(&["og:title", "twitter:title"]))));
    out.push(("h1", heading(reading, &out)));
    out.push(("title element", strip(&reading.meta.title)));
    out
}

/// The h1 that looks most like the other candidates, or else the first outside navigation.
fn heading(reading: &Reading<'_>, others: &[(&'static str, String)]) -> String {
    let mut best: Option<(f32, String)> = None;
    let h1s = reading
        .outline
        .elements
        .iter()
        .enumerate()
        .filter(|(_, e)| e.tag == Tag::H(1) || (e.property == Some("headline") && !matches!(e.tag, Tag::Meta)));
    for (at, element) in h1s.take(20) {
        let text = plain::line(&reading.outline.text_of(at as u32));
        if text.is_empty() || element.hints.has(Hints::NAVIGATION) {
            continue;
        }
        let alike = others.iter().map(|(_, o)| alike(o, &text)).fold(0.0_f32, f32::max);
        if best.as_ref().is_none_or(|(score, _)| alike > *score) {
            best = Some((alike, text));
        }
    }
    best.map(|(_, text)| text).unwrap_or_default()
}

/// The headline readers see wins when another place confirms it; otherwise what the page states.
fn judge(candidates: &[(&'static str, String)]) -> Option<usize> {
    if let Some(full) = with_kicker(candidates) {
        return Some(full);
    }
    let by = |name: &str| candidates.iter().position(|(from, text)| *from == name && !text.is_empty());
    let confirmed = by("h1").filter(|&h1| {
        let others = candidates.iter().enumerate().filter(|(i, _)| *i != h1);
        others.into_iter().any(|(_, (_, text))| alike(text, &candidates[h1].1) >= 0.5)
    });
    confirmed.or_else(|| by("json-ld")).or_else(|| by("og:title")).or_else(|| by("h1")).or_else(|| by("title element"))
}

/// The headline with its kicker, where the page sets the kicker apart from the h1 and two other places
/// state both together: "Cúm mùa: Ba tỉnh phía Bắc tăng ca bệnh".
fn with_kicker(candidates: &[(&'static str, String)]) -> Option<usize> {
    let texts: Vec<String> = candidates.iter().map(|(_, text)| squashed(text)).collect();
    let h1 = candidates.iter().position(|(from, _)| *from == "h1").map(|i| &texts[i])?;
    if h1.split(' ').count() < 3 {
        return None;
    }
    let holds = |at: &usize| {
        let text = &candidates[*at].1;
        text.match_indices(": ").any(|(i, colon)| squashed(&text[i + colon.len()..]) == *h1)
    };
    let full = (0..texts.len()).find(holds)?;
    (texts.iter().filter(|text| **text == texts[full]).count() >= 2).then_some(full)
}

/// Share of words two texts have in common, by the shorter one.
pub(crate) fn alike(a: &str, b: &str) -> f32 {
    share(&words(&squashed(a)), &words(&squashed(b)))
}

/// The words of a squashed text, each once, in order of the alphabet.
pub(crate) fn words(squashed: &str) -> Vec<&str> {
    let mut words: Vec<&str> = squashed.split(' ').filter(|w| !w.is_empty()).collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// [`alike`] of two texts whose [`words`] are known.
pub(crate) fn share(a: &[&str], b: &[&str]) -> f32 {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if short.is_empty() {
        return 0.0;
    }
    short.iter().filter(|word| long.binary_search(word).is_ok()).count() as f32 / short.len() as f32
}

/// Names the outlet goes by on this page, squashed.
pub(crate) fn outlet_names(reading: &Reading<'_>) -> Vec<String> {
    let mut names: Vec<String> = reading.json.publishers.iter().map(|n| squashed(n)).collect();
    names.push(squashed(&reading.meta.text(&["og:site_name", "application-name"])));
    let host = reading.page.url.host();
    let host = host.strip_prefix("www.").unwrap_or(host);
    names.push(squashed(host));
    names.push(host.split('.').next().unwrap_or("").to_owned());
    names.retain(|n| n.chars().count() >= 2);
    names
}

const SEPARATORS: &[&str] = &[" | ", " - ", " – ", " — ", " · ", " » ", " :: ", " • ", " / ", " |", "| ", " ► "];

const TIGHT: [char; 5] = ['|', '｜', 'ㅣ', '：', '_'];

fn last_part(text: &str) -> Option<(&str, &str)> {
    SEPARATORS.iter().filter_map(|s| text.rsplit_once(s)).max_by_key(|(head, _)| head.len())
}

/// Digits and signs, as in "30.01.2024".
fn is_date(part: &str) -> bool {
    let n_digits = part.bytes().filter(u8::is_ascii_digit).count();
    (6..=8).contains(&n_digits) && part.trim().chars().all(|c| c.is_ascii_digit() || "./-".contains(c))
}

/// Cuts "- Báo X" and "| Site" off a title's ends.
pub(crate) fn without_suffix(title: &str, names: &[String]) -> String {
    let mut text = title.trim();
    for _ in 0..3 {
        let Some((head, tail)) = last_part(text) else { break };
        let names_outlet = is_outlet(tail, names)
            || is_date(tail) && last_part(head).is_some_and(|(_, before)| is_outlet(before, names));
        if !names_outlet || head.trim().is_empty() {
            break;
        }
        text = head.trim();
    }
    // Written without spaces, a sign may belong to the headline: what follows must be the name itself.
    if let Some((head, tail)) = text.rsplit_once(TIGHT)
        && !head.trim().is_empty()
        && names.contains(&squashed(tail))
    {
        text = head.trim();
    }
    if let Some((head, tail)) = SEPARATORS.iter().filter_map(|s| text.split_once(s)).min_by_key(|(head, _)| head.len())
        && is_outlet(head, names)
        && tail.split_whitespace().count() >= 3
    {
        text = tail.trim();
    }
    text.to_owned()
}

pub(crate) fn is_outlet(part: &str, names: &[String]) -> bool {
    let stated = part.trim();
    let part = squashed(part);
    if part.is_empty() || part.split(' ').count() > 7 {
        return false;
    }
    let glued = part.replace(' ', "");
    names.iter().any(|name| {
        let name_glued = name.replace(' ', "");
        part == *name
            || glued == name_glued
            || (name_glued.len() >= 4 && glued.contains(&name_glued))
            || (glued.len() >= 4 && name_glued.contains(&glued))
    }) || stated
        .strip_prefix("Báo ")
        .is_some_and(|rest| rest.starts_with(char::is_uppercase) || rest.starts_with("điện tử"))
        || part.ends_with(" online")
        || part.ends_with(" com")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kicker_set_apart_belongs_to_the_headline() {
        let both = "Cúm mùa: Ba tỉnh tăng ca bệnh";
        let page = |og: &str| {
            [("json-ld", both.to_owned()), ("og:title", og.to_owned()), ("h1", both["Cúm mùa: ".len()..].to_owned())]
        };
        assert_eq!(judge(&page(both)), Some(0));
        assert_eq!(judge(&page("Ca bệnh tăng ở ba tỉnh")), Some(2));
    }

    #[track_caller]
    fn check(title: &str, expect: &str) {
        let names = ["báo thử nghiệm", "thunghiem vn"].map(str::to_owned);
        assert_eq!(without_suffix(title, &names), expect);
    }

    #[test]
    fn the_outlets_name_is_cut_off() {
        check("Mở thêm trạm y tế - Báo Thử Nghiệm", "Mở thêm trạm y tế");
        check("Mở thêm trạm y tế | Thử nghiệm", "Mở thêm trạm y tế");
        check("Mở thêm trạm y tế – Báo Thử Nghiệm – 30.01.2026", "Mở thêm trạm y tế");
        check("Mở thêm trạm y tế｜Báo Thử Nghiệm", "Mở thêm trạm y tế");
        check("Mở thêm trạm y tế|Hà Nội", "Mở thêm trạm y tế|Hà Nội");
        check("Covid-19 - những điều cần biết", "Covid-19 - những điều cần biết");
        check("Báo Thử Nghiệm | Mở thêm trạm y tế xã", "Mở thêm trạm y tế xã");
        check("Giá thuốc tăng - báo động", "Giá thuốc tăng - báo động");
    }
}
