//! What the flagged articles of a story say, as phrases of the digest: where, how many, until when, who is quoted.
//!
//! Read by the rules from the text at the time of rendering. Nothing is concluded: each phrase is what a paper prints. Where and
//! how many are taken from titles and leads alone: bodies tell of other places and of earlier events too.

use std::collections::BTreeSet;

use diembao_news::ArticleText;
use diembao_rules::{Fact, Facts, RuleSet};
use diembao_store::StoredArticle;
use diembao_text::fold;

/// Flagged articles that are read, and phrases of one kind that are told.
const MAX_READ: usize = 8;
const MAX_TOLD: usize = 2;

/// The phrases; none for a story without a flag.
pub(crate) fn reported(rules: &RuleSet, articles: &[StoredArticle]) -> Vec<String> {
    let flagged = articles.iter().filter(|a| a.classification.as_ref().is_some_and(|c| !c.flags.is_empty()));
    let texts: Vec<&ArticleText> = flagged.take(MAX_READ).map(|a| &a.article.text).collect();
    let heads: Vec<Facts> = texts.iter().map(|text| rules.facts(&head(text))).collect();
    let read: Vec<Facts> = texts.iter().map(|text| rules.facts(text)).collect();
    let told = [("nơi được nêu", places(&heads)), ("số người theo báo", counts(&heads))].into_iter();
    let more = [("hạn nêu trong bài", deadlines(&read)), ("dẫn lời", speakers(&read))];
    let all = told.chain(more).filter(|(_, words)| !words.is_empty());
    all.map(|(what, words)| format!("{what}: {}", words.join(", "))).collect()
}

/// The title and the lead: what the article itself is about.
pub(crate) fn head(text: &ArticleText) -> ArticleText {
    ArticleText { title: text.title.clone(), lead: text.lead.clone(), body: String::new() }
}

/// Facilities by their official names, and provinces; an old name stands beside today's.
fn places(read: &[Facts]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    // An office answers for an event; it is not where it happened.
    let facilities = read.iter().flat_map(|f| &f.facilities).map(|f| f.value.clone()).filter(|f| !f.starts_with("Sở "));
    let mut out: Vec<String> = facilities.filter(|name| seen.insert(name.clone())).take(MAX_TOLD).collect();
    let provinces = read.iter().flat_map(|f| &f.provinces).filter(|p| seen.insert(p.value.clone()));
    out.extend(provinces.take(MAX_TOLD).map(|p| province(p, read)));
    out
}

fn province(named: &Fact, read: &[Facts]) -> String {
    let by_facility = read.iter().flat_map(|f| &f.facilities).any(|f| f.text == named.text);
    let (said, today) = (fold(&named.text), fold(&named.value));
    if by_facility || said.contains(&today) {
        named.value.clone()
    } else if named.text.contains('.') {
        // An abbreviation such as TP.HCM is no old name.
        named.text.clone()
    } else {
        format!("{} (nay là {})", named.text, named.value)
    }
}

/// The greatest numbers that any of them prints.
fn counts(read: &[Facts]) -> Vec<String> {
    let most =
        |of: fn(&Facts) -> Option<&Fact>| read.iter().filter_map(of).filter_map(|f| f.value.parse::<u32>().ok()).max();
    let dead = most(|f| f.dead.as_ref()).map(|n| format!("{n} tử vong"));
    let ill = most(|f| f.ill.as_ref()).map(|n| format!("{n} mắc hoặc nhập viện"));
    dead.into_iter().chain(ill).collect()
}

/// Each day and hour once, in the fullest words.
fn deadlines(read: &[Facts]) -> Vec<String> {
    let mut by_time: Vec<(Vec<u32>, &str)> = Vec::new();
    for text in read.iter().flat_map(|f| &f.deadlines).map(|f| f.text.as_str()) {
        let time = hour_and_day(text);
        match by_time.iter_mut().find(|(known, _)| *known == time) {
            Some((_, words)) if words.len() < text.len() => *words = text,
            Some(_) => {}
            None => by_time.push((time, text)),
        }
    }
    by_time.into_iter().map(|(_, words)| words.to_owned()).take(MAX_TOLD).collect()
}

/// The numbers of a deadline without its year: "trước 12 giờ ngày 15/4/2025" is 12, 15, 4.
fn hour_and_day(text: &str) -> Vec<u32> {
    let numbers = text.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok());
    numbers.filter(|n| *n < 1000).collect()
}

/// Who holds an office and is quoted; relatives and patients stay unnamed.
fn speakers(read: &[Facts]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let named = read.iter().flat_map(|f| &f.speakers).map(|f| f.text.clone()).filter(|text| is_official(text));
    named.filter(|text| seen.insert(text.to_lowercase())).take(MAX_TOLD).collect()
}

fn is_official(speaker: &str) -> bool {
    let lower = speaker.to_lowercase();
    !["ông ", "bà ", "anh ", "chị "].iter().any(|word| lower.starts_with(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(title: &str, lead: &str) -> Facts {
        let text = ArticleText { title: title.into(), lead: lead.into(), body: String::new() };
        crate::home::default_rules().facts(&text)
    }

    #[test]
    fn places_have_both_names_and_numbers_are_the_greatest() {
        let read = [
            said("Hai bệnh nhân tử vong tại bệnh viện Bạch Mai", "12 người nhập viện ở Bắc Giang."),
            said("3 bệnh nhân tử vong", "Bác sĩ Trần Văn Tám cho biết vụ việc đang được làm rõ."),
        ];
        assert_eq!(places(&read), ["Bệnh viện Bạch Mai", "Bắc Giang (nay là Bắc Ninh)", "Hà Nội"]);
        assert_eq!(counts(&read), ["3 tử vong", "12 mắc hoặc nhập viện"]);
        assert_eq!(speakers(&read), ["Bác sĩ Trần Văn Tám"]);
    }

    #[test]
    fn bodies_name_other_places_and_earlier_events() {
        let text = ArticleText {
            title: "Một người tử vong sau mổ ruột thừa ở Thanh Hoá".into(),
            lead: "Sở Y tế TP.HCM cử chuyên gia.".into(),
            body: "Năm ngoái, 31 người tử vong và 112 người nhập viện ở Hà Nội vì ngộ độc rượu.".into(),
        };
        let heads = [crate::home::default_rules().facts(&head(&text))];
        assert_eq!(places(&heads), ["Thanh Hoá", "TP.HCM"]);
        assert_eq!(counts(&heads), ["1 tử vong"]);
    }

    #[test]
    fn relatives_are_not_quoted_by_name_and_deadlines_are_told() {
        let read = [said(
            "Sản phụ tử vong, gia đình tố bệnh viện",
            "Ông Nguyễn Văn A. cho biết đã gửi đơn. Sở Y tế phải báo cáo trước ngày 31/5.",
        )];
        assert!(speakers(&read).is_empty());
        assert_eq!(deadlines(&read).len(), 1);
    }

    #[test]
    fn one_deadline_is_told_once() {
        let read = [
            said("Sở Y tế phải báo cáo trước 12 giờ ngày 22/11", ""),
            said("Yêu cầu trả lời trước 12 giờ ngày 22/11/2026", "Báo cáo trước ngày 25/11."),
        ];
        let told = deadlines(&read);
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].contains("trước 12 giờ ngày 22/11") && told[1].ends_with("25/11"), "{told:?}");
    }
}
