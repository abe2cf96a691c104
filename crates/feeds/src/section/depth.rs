//! How deep a page's elements are nested, before a tree is built of it.

const MAX_DEPTH: usize = 1500;
/// Elements that hold nothing, or that the next of their kind closes.
const FLAT: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "p", "li",
    "dt", "dd", "tr", "td", "th", "option", "thead", "tbody", "tfoot", "!doctype", "path", "circle", "rect", "use",
    "svg", "g",
];

/// The part of a page before its elements are nested deeper than any honest page's.
pub(super) fn sound_part(html: &str) -> &str {
    let (mut depth, mut from) = (0usize, 0);
    while let Some(found) = html[from..].find('<') {
        let at = from + found;
        from = at + 1;
        let tag = &html[from..];
        let closing = tag.starts_with('/');
        let name = tag.trim_start_matches('/');
        let end = name.bytes().take(20).position(|b| !b.is_ascii_alphanumeric() && b != b'!').unwrap_or(0);
        let Some(name) = name.get(..end).filter(|n| !n.is_empty()) else {
            continue;
        };
        if FLAT.iter().any(|flat| flat.eq_ignore_ascii_case(name)) {
            continue;
        }
        if !closing && ["script", "style"].iter().any(|raw| raw.eq_ignore_ascii_case(name)) {
            // What a script compares is no tag.
            from += tag.find("</").unwrap_or(tag.len());
        }
        depth = if closing { depth.saturating_sub(1) } else { depth + 1 };
        if depth > MAX_DEPTH {
            return &html[..at];
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_nesting_counts() {
        let flat = "<div><p>a<br><img src=x></div>".repeat(5000);
        assert_eq!(sound_part(&flat), flat);
        assert_eq!(sound_part(&"<b>".repeat(5000)).len(), MAX_DEPTH * 3);
    }
}
