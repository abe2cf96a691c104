//! Old and new names of provinces, as data the caller brings.

use std::collections::HashMap;

use diembao_text::fold;

/// What the provinces of today are called, and were called before.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// Folded name without spaces → today's name.
    today: HashMap<String, String>,
}

impl Places {
    /// Pairs of any name of a province and its name today.
    pub fn new<'a>(names: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self { today: names.into_iter().map(|(name, today)| (key(name), today.to_owned())).collect() }
    }

    /// Today's name of a province written with or without accents, spaces and its kind ("tỉnh …").
    /// Without any names brought everything is taken as typed.
    pub(crate) fn today<'a>(&'a self, typed: &'a str) -> Option<&'a str> {
        if self.today.is_empty() {
            return Some(typed);
        }
        let key = key(typed);
        let bare = ["tinh", "thanhpho", "tp"].into_iter().find_map(|kind| key.strip_prefix(kind));
        self.today.get(&key).or_else(|| self.today.get(bare?)).map(String::as_str)
    }
}

/// How names are compared.
fn key(name: &str) -> String {
    fold(name).chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_names_and_careless_ones_find_the_province_of_today() {
        let places = Places::new([("Đồng Nai", "Đồng Nai"), ("Bình Phước", "Đồng Nai"), ("TP.HCM", "TP. Hồ Chí Minh")]);
        for (typed, expect) in [
            ("Đồng Nai", Some("Đồng Nai")),
            ("dong-nai", Some("Đồng Nai")),
            ("tỉnh Bình Phước", Some("Đồng Nai")),
            ("binhphuoc", Some("Đồng Nai")),
            ("tp hcm", Some("TP. Hồ Chí Minh")),
            ("Atlantis", None),
        ] {
            assert_eq!(places.today(typed), expect, "{typed}");
        }
        assert_eq!(Places::default().today("Huế"), Some("Huế"));
    }
}
