//! Vietnamese text as a part of an address.

use unicode_normalization::UnicodeNormalization;

/// Lower-case ASCII words joined by hyphens, at most about 80 bytes.
pub(crate) fn slug(text: &str) -> String {
    let mut out = String::with_capacity(80);
    for c in text.nfd() {
        let c = match c {
            'đ' | 'Đ' => 'd',
            c => c.to_ascii_lowercase(),
        };
        if c.is_ascii_alphanumeric() {
            out.push(c);
        } else if ('\u{300}'..='\u{36f}').contains(&c) {
            continue;
        } else if !out.ends_with('-') && !out.is_empty() {
            if out.len() > 72 {
                break;
            }
            out.push('-');
        }
    }
    out.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn slugs_are_plain_words() {
        assert_eq!(slug("68 học sinh nhập viện: \"Đau bụng\""), "68-hoc-sinh-nhap-vien-dau-bung");
        assert_eq!(slug("…"), "");
    }
}
