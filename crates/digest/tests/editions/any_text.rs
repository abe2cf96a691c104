//! Whatever papers print, an edition comes out, whole and within its bounds.

use diembao_digest::{
    Cut, Form, MAX_HTML, assemble, bulletin, render, render_bulletin, render_json, summarise, timeline,
};
use proptest::prelude::*;

use crate::sample;

fn prose() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("Bệnh nhân"),
        Just("Nguyễn Thị"),
        Just("Hoa"),
        Just("không"),
        Just("35"),
        Just("học sinh"),
        Just("Tuy nhiên,"),
        Just("nhập viện."),
        Just("“"),
        Just("(34 tuổi"),
        Just("\n"),
        Just("TP.HCM"),
        Just("1.250"),
        Just("ca!"),
        Just("<b>"),
    ];
    let words = prop::collection::vec(word, 0..60).prop_map(|w| w.join(" "));
    prop_oneof![3 => words, 1 => ".{0,120}".prop_map(|s: String| s)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn an_edition_comes_out(texts in prop::collection::vec((prose(), prose(), prose(), prose()), 0..6), hours in prop::collection::vec(-60_i64..30, 6)) {
        let mut input = sample::ordinary();
        for (i, ((title, lead, body, outlet), hour)) in texts.iter().zip(&hours).enumerate() {
            let mut article = sample::article("Báo Thử", *hour, "x", lead, body);
            article.text.title.clone_from(title);
            article.outlet.clone_from(outlet);
            article.url = Some(format!("https://thu.example/{i}/{title}"));
            let at = i % input.stories.len();
            input.stories[at].articles.push(article);
        }
        for form in [Form::Brief, Form::Full] {
            let view = assemble(&input, &Cut { form, ..Cut::default() });
            let rendered = render(&view);
            prop_assert!(rendered.html.len() <= MAX_HTML);
            prop_assert!(!rendered.subject.contains(['\r', '\n']));
            let json: serde_json::Value = serde_json::from_str(&render_json(&view)).unwrap();
            prop_assert!(json.is_object());
        }
        prop_assert!(render_bulletin(&bulletin(&input, &Cut::default())).html.len() <= MAX_HTML);
    }

    #[test]
    fn summaries_are_at_most_three_pieces_of_the_text(lead in prose(), body in prose(), max in 0_usize..80) {
        let article = sample::article("Báo Thử", 1, "Tít", &lead, &body);
        let summary = summarise(std::slice::from_ref(&article), max);
        prop_assert!(summary.split_whitespace().count() <= max);
        let squeeze = |s: &str| s.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
        let source = squeeze(&format!("{lead} {body}"));
        let mut rest = squeeze(&summary);
        let mut n_pieces = 0;
        while !rest.is_empty() {
            let ends: Vec<usize> = rest.char_indices().map(|(at, c)| at + c.len_utf8()).collect();
            let end = ends.into_iter().rev().find(|&end| source.contains(&rest[..end])).unwrap();
            rest.drain(..end);
            n_pieces += 1;
        }
        prop_assert!(n_pieces <= 3, "{summary}");
        prop_assert!(timeline(std::slice::from_ref(&article), 3).len() == 1);
    }
}
