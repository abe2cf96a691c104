//! What must hold for any text at all.

use diembao_text::{Boundary, IdReader, Kind, Reading, Syllables, fold, lower, normalize, sentences};
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

/// Letters, marks, separators and the characters that hurt, in any order.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => "[a-zA-Z0-9]",
        4 => "[àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵĐÒÁÊ]",
        2 => "(hoà|quý|qúy|gìa|thuỷ|khoẻ|HOÀ|TP\\.HCM|covid-19|43/2018/TT-BYT|1\\.234,5|TS\\. )",
        2 => "[ \n\t.,:/_!?…“”\"'()-]",
        1 => "[\u{300}\u{301}\u{303}\u{309}\u{323}\u{302}\u{306}\u{31b}\u{200b}\u{200d}\u{ad}\u{feff}\u{a0}\u{3000}\u{2028}ðÐƉİKß文한²½ñÑḁå]",
        1 => any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|v| v.concat())
}

fn read(s: &str) -> Vec<(String, String, Kind)> {
    Syllables::of(s).iter().map(|y| (y.norm.to_owned(), y.folded.to_owned(), y.kind)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn forms_are_idempotent(s in hostile()) {
        let n = normalize(&s).into_owned();
        prop_assert_eq!(&normalize(&n), &n);
        let l = lower(&s);
        prop_assert_eq!(&lower(&l), &l);
        prop_assert_eq!(&lower(&n), &l);
        let f = fold(&s);
        prop_assert_eq!(&fold(&f), &f);
        prop_assert_eq!(&fold(&l), &f);
    }

    #[test]
    fn composed_and_decomposed_are_one(s in hostile()) {
        let nfc: String = s.nfc().collect();
        let nfd: String = s.nfd().collect();
        prop_assert_eq!(normalize(&nfc), normalize(&nfd));
        prop_assert_eq!(read(&nfc), read(&nfd));
    }

    #[test]
    fn forms_have_the_syllables_of_the_text(s in hostile()) {
        let own = read(&s);
        prop_assert_eq!(&read(&normalize(&s)), &own);
        prop_assert_eq!(&read(&lower(&s)), &own);
        for (norm, folded, _) in own {
            prop_assert_eq!(&lower(&norm), &norm);
            prop_assert_eq!(&fold(&norm), &folded);
        }
    }

    #[test]
    fn ids_stand_where_the_syllables_do(texts in proptest::collection::vec(hostile(), 1..4)) {
        let names = std::cell::RefCell::new(Vec::<String>::new());
        let id_of = |norm: &str| {
            let mut names = names.borrow_mut();
            let at = names.iter().position(|n| n == norm).unwrap_or_else(|| {
                names.push(norm.to_owned());
                names.len() - 1
            });
            u32::try_from(at).unwrap()
        };
        let (mut reader, mut read) = (IdReader::default(), Reading::default());
        // Long enough that words are looked up; the second time every spelling is known.
        let texts = texts.iter().map(|t| format!("{t} bệnh viện, {t}. Sở y tế {t}"));
        for text in texts.clone().chain(texts) {
            reader.read(&text, id_of, &mut read);
            let Reading { runs, marks } = &read;
            let got: Vec<_> = runs.iter().map(|r| (r.start as usize, r.end as usize, r.kind, r.boundary)).collect();
            let syllables = Syllables::of(&text);
            let want: Vec<_> = syllables.iter().map(|y| (y.start, y.end, y.kind, y.boundary)).collect();
            prop_assert_eq!(got, want, "{:?}", text);
            for (run, y) in runs.iter().zip(&syllables) {
                prop_assert_eq!(&names.borrow()[run.id as usize], y.norm);
            }
            let marked = |n: &u32| runs[*n as usize].boundary >= Boundary::Sentence || runs[*n as usize].kind != Kind::Word;
            let all: Vec<u32> = (0..u32::try_from(runs.len()).unwrap()).filter(marked).collect();
            prop_assert_eq!(marks, &all);
        }
    }

    #[test]
    fn offsets_are_boundaries_in_order(s in hostile()) {
        let mut before = 0;
        for y in &Syllables::of(&s) {
            prop_assert!(before <= y.start && y.start < y.end && y.end <= s.len());
            prop_assert!(s.is_char_boundary(y.start) && s.is_char_boundary(y.end));
            prop_assert!(!y.norm.is_empty());
            prop_assert_eq!(lower(&s[y.start..y.end]), y.norm);
            before = y.end;
        }
        let mut before = 0;
        for r in sentences(&s) {
            prop_assert!(before <= r.start && r.start < r.end);
            prop_assert!(s.is_char_boundary(r.start) && s.is_char_boundary(r.end));
            before = r.end;
        }
    }

    #[test]
    fn any_text_is_read(s in any::<String>()) {
        let mut buffers = Syllables::of("trước đó");
        buffers.read(&s);
        let again: Vec<_> = buffers.iter().map(|y| (y.norm.to_owned(), y.folded.to_owned(), y.kind)).collect();
        prop_assert_eq!(again, read(&s));
        let nfd: String = s.nfd().collect();
        prop_assert_eq!(normalize(&s), normalize(&nfd));
        let _ = sentences(&s);
    }
}
