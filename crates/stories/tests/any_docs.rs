//! Whatever arrives, in whatever order: one partition, and the last decision of a person holds.

use chrono::{DateTime, Duration, Utc};
use diembao_news::ArticleText;
use diembao_stories::{Bond, Constraint, Doc, GroupSettings, group, reprints};
use proptest::prelude::*;

fn text() -> impl Strategy<Value = ArticleText> {
    let word = prop::sample::select(vec![
        "ngộ độc",
        "bếp ăn",
        "trường học",
        "bệnh viện",
        "khánh thành",
        "khoa nhi",
        "vaccine",
        "tiêm chủng",
        "35",
        "Nguyễn Văn A",
        "sốt xuất huyết",
        "thu hồi",
        "lô thuốc",
        ".",
        "và",
        "của",
    ]);
    let field = prop::collection::vec(word, 0..14).prop_map(|w| w.join(" "));
    (field.clone(), field.clone(), field).prop_map(|(title, lead, body)| ArticleText { title, lead, body })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn order_changes_nothing_and_people_win(
        texts in prop::collection::vec((text(), prop::option::of(0_i64..4000)), 2..24),
        turn in 0_usize..24,
        decisions in prop::collection::vec((0_usize..24, 0_usize..24, any::<bool>()), 0..6),
    ) {
        let at = |minutes| DateTime::<Utc>::UNIX_EPOCH + Duration::minutes(minutes);
        let docs: Vec<Doc<'_>> = (0..)
            .zip(&texts)
            .map(|(key, (text, minutes))| Doc { key, outlet: "Báo", published: minutes.map(at), text })
            .collect();
        let n = docs.len();
        let constraints: Vec<Constraint> = decisions
            .iter()
            .map(|&(a, b, together)| Constraint { a: a % n, b: b % n, bond: if together { Bond::Together } else { Bond::Apart } })
            .collect();
        let stories = group(&docs, &constraints, &GroupSettings::default());
        for (i, &story) in stories.iter().enumerate() {
            prop_assert_eq!(stories[story], story, "a story is named by a member");
            prop_assert!(i < n);
        }
        if let Some(last) = constraints.last().filter(|c| c.a != c.b) {
            prop_assert_eq!(stories[last.a] == stories[last.b], last.bond == Bond::Together);
        }
        let turn = turn % n;
        let mut turned = docs.clone();
        turned.rotate_left(turn);
        let moved: Vec<Constraint> =
            constraints.iter().map(|c| Constraint { a: (c.a + n - turn) % n, b: (c.b + n - turn) % n, bond: c.bond }).collect();
        let again = group(&turned, &moved, &GroupSettings::default());
        for i in 0..n {
            prop_assert_eq!(stories[i], (again[(i + n - turn) % n] + turn) % n);
        }
        let copies = reprints(&docs);
        for (i, copy) in copies.iter().enumerate() {
            prop_assert!(copy.is_none_or(|j| j != i && copies[j].is_none()));
        }
    }

    #[test]
    fn any_text_is_grouped(texts in prop::collection::vec(".{0,60}", 0..8)) {
        let texts: Vec<ArticleText> =
            texts.into_iter().map(|t| ArticleText { title: t.clone(), lead: t.clone(), body: t }).collect();
        let docs: Vec<Doc<'_>> = (0..).zip(&texts).map(|(key, text)| Doc { key, outlet: "", published: None, text }).collect();
        prop_assert_eq!(group(&docs, &[], &GroupSettings::default()).len(), docs.len());
        prop_assert_eq!(reprints(&docs).len(), docs.len());
    }
}
