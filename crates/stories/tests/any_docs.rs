//! Whatever arrives, in whatever order: one partition, and the last decision of a person holds.

use chrono::{DateTime, Duration, Utc};
use diembao_news::ArticleText;
use diembao_stories::{
    Background, Bond, Constraint, Decision, Doc, Event, Fresh, GroupSettings, Party, Profile, Recent, Where, group,
    profiles, reprints,
};
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
    fn what_is_remembered_does_not_depend_on_the_order_it_came_in(
        old in prop::collection::vec((text(), 0_i64..9000, 0_u64..5), 1..16),
        new in prop::collection::vec((text(), 0_i64..9000), 1..6),
        turn in 0_usize..16,
        bond in any::<bool>(),
    ) {
        let at = |minutes| Some(DateTime::<Utc>::UNIX_EPOCH + Duration::minutes(minutes));
        // What is known of an event, of some.
        let known = |(i, profile): (usize, Profile)| match i % 4 {
            0 => profile,
            at => profile.of_event(&Event {
                kinds: &[["ngo-doc", "bao-luc"][i % 2]],
                places: Where { happened: &["a", "b", "c"][at - 1..at], named: &["a"] },
                facilities: Where { happened: &["x", "y", "z"][at - 1..at], named: &["x"] },
            }),
        };
        let read = |texts: &[&ArticleText]| -> Vec<Profile> {
            profiles(texts, &Background::default()).into_iter().enumerate().map(known).collect()
        };
        let old_profiles: Vec<Profile> = read(&old.iter().map(|o| &o.0).collect::<Vec<_>>());
        let new_profiles: Vec<Profile> = read(&new.iter().map(|n| &n.0).collect::<Vec<_>>());
        let fresh: Vec<Fresh<'_>> = (100..)
            .zip(&new)
            .zip(&new_profiles)
            .map(|((key, n), profile)| Fresh { key, published: at(n.1), profile })
            .collect();
        let bond = if bond { Bond::Together } else { Bond::Apart };
        let said = [Decision { a: Party::Fresh(0), b: Party::Story(old[0].2), bond }];
        let mut in_order = Recent::new(GroupSettings::default());
        let mut turned = Recent::new(GroupSettings::default());
        let all: Vec<_> = old.iter().zip(&old_profiles).collect();
        for (o, profile) in &all {
            in_order.place(o.2, at(o.1), profile);
        }
        for (o, profile) in all.iter().cycle().skip(turn).take(all.len()) {
            turned.place(o.2 + 10, at(o.1), profile);
        }
        // A store gives stories back under their names, whatever was remembered in between.
        for story in 0..5 {
            turned.unite(story + 10, story);
            let members = old.iter().zip(&old_profiles).filter(|(o, _)| o.2 == story);
            turned.remove(story + 10);
            members.for_each(|(o, profile)| turned.place(story, at(o.1), profile));
        }
        let groups = in_order.group(&fresh, &said);
        prop_assert_eq!(&groups, &turned.group(&fresh, &said));
        let mut placed: Vec<usize> = groups.iter().flat_map(|g| g.fresh.clone()).collect();
        placed.sort_unstable();
        prop_assert_eq!(placed, (0..new.len()).collect::<Vec<_>>());
        let with_first = groups.iter().find(|g| g.fresh.contains(&0)).unwrap();
        prop_assert_eq!(with_first.stories.contains(&old[0].2), bond == Bond::Together);
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
