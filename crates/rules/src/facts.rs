//! Facts a reader of a flag wants beside it: where, how many, when, until when, who says so.

use std::collections::HashMap;

use diembao_news::ArticleText;

use crate::compiled::FactWords;
use crate::explain::{Fact, Facts};
use crate::hide::number_before;
use crate::judge::Judge;
use crate::phrases::GroupId;
use crate::scan::{Doc, Hidden, Hit, Sentence};

/// Facts of one kind that are kept.
const MOST: usize = 8;
/// Hits of one kind of word that are looked at.
const MOST_HITS: usize = 400;
/// Syllables a facility's name may have, and a speaker's.
const NAME: u32 = 12;
/// Syllables between a count and what became of the people.
const OUTCOME: u32 = 5;

/// Reads the facts.
pub(crate) fn facts(judge: Judge<'_>, doc: &Doc, text: &ArticleText) -> Facts {
    let Some(words) = &judge.rules.facts else {
        return Facts::default();
    };
    let mut found: HashMap<GroupId, Vec<&Hit>> = HashMap::new();
    for hit in &doc.hits {
        for &group in judge.book.groups(hit.form) {
            let hits = found.entry(group).or_default();
            if hits.len() < MOST_HITS {
                hits.push(hit);
            }
        }
    }
    let read = Reader { judge, doc, text, words, found };
    let facilities = read.facilities();
    Facts {
        provinces: read.provinces(&facilities),
        facilities,
        dead: read.count(words.dead),
        ill: read.count(words.ill),
        dates: read.dates(),
        deadlines: read.deadlines(),
        speakers: read.speakers(),
    }
}

struct Reader<'a> {
    judge: Judge<'a>,
    doc: &'a Doc,
    text: &'a ArticleText,
    words: &'a FactWords,
    found: HashMap<GroupId, Vec<&'a Hit>>,
}

impl<'a> Reader<'a> {
    fn of(&self, group: GroupId) -> impl Iterator<Item = &'a Hit> + use<'a, '_> {
        self.found.get(&group).into_iter().flatten().copied()
    }

    fn sentence(&self, hit: &Hit) -> Sentence {
        self.doc.sentences[hit.sentence as usize]
    }

    fn fact(&self, first: u32, last: u32, value: Option<String>) -> Fact {
        let (start, end) = self.doc.bytes(first, last);
        let field = self.doc.field(first);
        let text = self.text.field(field).get(start..end).unwrap_or_default().to_owned();
        Fact { value: value.unwrap_or_else(|| text.clone()), text, field, start, end }
    }

    fn word(&self, at: u32) -> &'a str {
        let (start, end) = self.doc.bytes(at, at + 1);
        self.text.field(self.doc.field(at)).get(start..end).unwrap_or_default()
    }

    fn is_name(&self, at: u32) -> bool {
        self.word(at).starts_with(|c: char| c.is_uppercase())
    }

    /// Names of the registry; else a word that opens a name, and the capitalised words that follow it.
    fn facilities(&self) -> Vec<Fact> {
        let mut out: Vec<Fact> = Vec::new();
        for hit in self.doc.hits.iter().filter(|h| self.is_name(h.last - 1)) {
            let canonical = self.judge.book.form(hit.form).canonical;
            if let Some(known) = self.judge.rules.facilities.get(&canonical) {
                push(&mut out, self.fact(hit.first, hit.last, Some(known.name.clone())));
            }
        }
        for hit in self.of(self.words.facility).filter(|h| self.is_name(h.first)) {
            let end = self.sentence(hit).last;
            let (mut at, mut last) = (hit.last, hit.last);
            while at < end && at < hit.first + NAME && !self.doc.punct_within(at, at + 1) {
                let named = self.is_name(at) || self.word(at).starts_with(|c: char| c.is_ascii_digit());
                let inner = self.of(self.words.inner).filter(|h| h.first == at).map(|h| h.last).max();
                at = match (named, inner) {
                    (false, None) => break,
                    (_, Some(end)) => end,
                    (true, None) => at + 1,
                };
                if named {
                    last = at;
                }
            }
            if last > hit.last {
                push(&mut out, self.fact(hit.first, last, None));
            }
        }
        keep_longest(&mut out);
        out
    }

    /// Provinces named; then those in which the registry has a facility that is named.
    fn provinces(&self, facilities: &[Fact]) -> Vec<Fact> {
        let mut out = Vec::new();
        for hit in &self.doc.hits {
            let canonical = self.judge.book.form(hit.form).canonical;
            let place = self.judge.rules.places.iter().find(|p| p.form == canonical);
            if let Some(place) = place.filter(|_| self.is_name(hit.first)) {
                push(&mut out, self.fact(hit.first, hit.last, Some(place.today.clone())));
            }
        }
        for facility in facilities {
            let known = self.judge.rules.facilities.values().find(|k| k.name == facility.value);
            let province = known.and_then(|k| k.province.clone());
            if let Some(value) = province.filter(|p| !out.iter().any(|f| f.value == *p)) {
                push(&mut out, Fact { value, ..facility.clone() });
            }
        }
        out
    }

    /// The greatest number of people of whom the outcome is said.
    fn count(&self, outcome: GroupId) -> Option<Fact> {
        let counted = self.of(self.words.unit).filter(|u| u.hidden == Hidden::No).filter_map(|unit| {
            let (first, n) = number_before(self.doc, unit, &self.judge.rules.numerals)?;
            let what = self.of(outcome).find(|o| {
                o.hidden == Hidden::No
                    && o.sentence == unit.sentence
                    && o.first >= unit.last
                    && o.first <= unit.last + OUTCOME
                    && !self.doc.punct_within(unit.last, o.first + 1)
            })?;
            Some((n, first, what.last))
        });
        counted.max_by_key(|c| c.0).map(|(n, first, last)| self.fact(first, last, Some(n.to_string())))
    }

    fn dates(&self) -> Vec<Fact> {
        let mut out = Vec::new();
        for s in &self.doc.sentences {
            for at in s.first..s.last {
                if is_date(self.word(at)) {
                    push(&mut out, self.fact(at, at + 1, None));
                }
            }
        }
        out
    }

    /// "trước ngày 31/5": the words of the deadline up to the date or hour.
    fn deadlines(&self) -> Vec<Fact> {
        let mut out = Vec::new();
        for hit in self.of(self.words.deadline) {
            let end = self.sentence(hit).last.min(hit.last + 6);
            let last = (hit.last..end).rev().find(|&at| is_date(self.word(at)));
            if let Some(last) = last {
                push(&mut out, self.fact(hit.first, last + 1, None));
            }
        }
        keep_longest(&mut out);
        out
    }

    /// A title and a name before a verb of saying; what stands between the name and the verb is not told.
    fn speakers(&self) -> Vec<Fact> {
        let mut out = Vec::new();
        for verb in self.of(self.words.says) {
            let from = self.sentence(verb).first.max(verb.first.saturating_sub(NAME));
            let title = self.of(self.words.speaker).filter(|t| t.first >= from && t.last < verb.first).find(|t| {
                !self.doc.punct_within(t.last, verb.first + 1) && (t.last..verb.first).any(|at| self.is_name(at))
            });
            if let Some(title) = title {
                push(&mut out, self.fact(title.first, self.end_of_name(title.last, verb.first), None));
            }
        }
        keep_longest(&mut out);
        out
    }

    /// One past the first name from a syllable on; words such as "khu vực" may stand inside it, and a capital
    /// alone is no name yet: "trưởng khoa Cấp cứu Lê Văn Chín".
    fn end_of_name(&self, from: u32, end: u32) -> u32 {
        let (mut at, mut last, mut n_capitals) = (from, None, 0);
        while at < end {
            let of_name = self.of(self.words.inner).chain(self.of(self.words.facility));
            let past = of_name.filter(|h| h.first == at).map(|h| h.last).max();
            at = match (self.is_name(at), past, last) {
                (true, ..) => {
                    n_capitals += 1;
                    last = Some(past.unwrap_or(at + 1));
                    past.unwrap_or(at + 1)
                }
                (false, Some(past), _) => past,
                (false, None, None) => at + 1,
                (false, None, Some(_)) if n_capitals == 1 && (at..end.min(at + 4)).any(|a| self.is_name(a)) => at + 1,
                (false, None, Some(_)) => break,
            };
        }
        last.unwrap_or(end)
    }
}

/// "20/11", "20-11-2026", "20.11.2026".
fn is_date(word: &str) -> bool {
    let parts: Vec<&str> = word.split(['/', '-', '.']).collect();
    let number = |s: &str, most: u32| s.len() <= 4 && s.parse::<u32>().is_ok_and(|n| (1..=most).contains(&n));
    let dotted = word.contains('.') && parts.len() < 3;
    !dotted
        && match parts.as_slice() {
            [d, m] => number(d, 31) && number(m, 12),
            [d, m, y] => number(d, 31) && number(m, 12) && number(y, 2999),
            _ => false,
        }
}

fn push(out: &mut Vec<Fact>, fact: Fact) {
    if out.len() < MOST && !out.iter().any(|f| f.text == fact.text) {
        out.push(fact);
    }
}

/// Drops what is part of another at the same place.
fn keep_longest(facts: &mut Vec<Fact>) {
    let all = facts.clone();
    facts.retain(|f| {
        !all.iter().any(|g| g.text.len() > f.text.len() && g.field == f.field && g.start <= f.start && g.end >= f.end)
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RuleSet;

    #[test]
    fn dates_are_told_from_other_numbers() {
        for (word, expect) in
            [("20/11", true), ("15/4/2025", true), ("5.5", false), ("1.200", false), ("43/2018/TT-BYT", false)]
        {
            assert_eq!(is_date(word), expect, "{word}");
        }
    }

    #[test]
    fn the_registry_names_facilities_and_their_provinces() {
        let text = include_str!("../../../registry/hospitals.toml");
        let (rules, _) = RuleSet::parse(&[crate::RuleFile { name: "hospitals.toml", text }]).unwrap();
        let read = |title: &str| {
            let facts = rules.facts(&ArticleText { title: title.into(), ..ArticleText::default() });
            let values = |f: &[Fact]| f.iter().map(|f| f.value.clone()).collect::<Vec<_>>();
            (values(&facts.facilities), values(&facts.provinces))
        };
        for (title, facility, provinces) in [
            ("Bệnh nhân được chuyển tới bệnh viện Việt Đức", "Bệnh viện Hữu nghị Việt Đức", vec!["Hà Nội"]),
            ("Sự cố tại bệnh viện K", "Bệnh viện K", vec!["Hà Nội"]),
            (
                "Sự cố ở Bệnh viện Chợ Rẫy, người bệnh từ Bắc Giang",
                "Bệnh viện Chợ Rẫy",
                vec!["Bắc Ninh", "Hồ Chí Minh"],
            ),
            ("Bệnh viện Hữu nghị Việt Tiệp nói gì", "Bệnh viện Hữu nghị Việt Tiệp", vec!["Hải Phòng"]),
            ("Bệnh viện Hữu nghị Đa khoa Sông Lam nói gì", "Bệnh viện Hữu nghị Đa khoa Sông Lam", vec![]),
        ] {
            assert_eq!(
                read(title),
                (vec![facility.to_owned()], provinces.into_iter().map(str::to_owned).collect()),
                "{title}"
            );
        }
    }

    #[test]
    fn the_facts_of_a_report_are_read() {
        let (rules, _) = RuleSet::parse(&[]).unwrap();
        let text = ArticleText {
            title: "Bốn bệnh nhân tử vong tại Bệnh viện đa khoa tỉnh Bắc Giang".into(),
            lead: "Bác sĩ Trần Văn Tám cho biết 12 người nhập viện ngày 3/4. Sở Y tế phải báo cáo trước 12 giờ ngày 15/4/2025.".into(),
            body: String::new(),
        };
        let facts = rules.facts(&text);
        let values = |f: &[Fact]| f.iter().map(|f| f.value.clone()).collect::<Vec<_>>();
        assert_eq!(values(&facts.facilities), ["Bệnh viện đa khoa tỉnh Bắc Giang"]);
        assert_eq!(facts.provinces[0].value, "Bắc Ninh");
        assert_eq!(facts.provinces[0].text, "Bắc Giang");
        assert_eq!(facts.dead.unwrap().value, "4");
        assert_eq!(facts.ill.unwrap().value, "12");
        assert_eq!(values(&facts.dates), ["3/4", "15/4/2025"]);
        assert!(values(&facts.deadlines)[0].ends_with("trước 12 giờ ngày 15/4/2025"));
        assert_eq!(values(&facts.speakers), ["Bác sĩ Trần Văn Tám"]);
    }

    #[test]
    fn patients_are_not_the_newly_ill_and_speakers_end_with_their_names() {
        let (rules, _) = RuleSet::parse(&[]).unwrap();
        let read = |title: &str| rules.facts(&ArticleText { title: title.into(), ..ArticleText::default() });
        let ill = |title: &str| read(title).ill.map(|f| f.value);
        assert_eq!(ill("Cháy bệnh viện, di chuyển 142 người bệnh ra ngoài an toàn"), None);
        assert_eq!(ill("142 người bệnh đang điều trị được đưa ra ngoài"), None);
        assert_eq!(ill("42 người bệnh nhập viện sau bữa tiệc"), Some("42".to_owned()));
        for (title, speaker) in [
            ("Bác sĩ tạo hình Vũ Văn Mười khuyên khách hàng và cảnh báo hậu quả", "Bác sĩ tạo hình Vũ Văn Mười"),
            ("Lãnh đạo Bệnh viện Đa khoa khu vực Sông Lam cho biết", "Lãnh đạo Bệnh viện Đa khoa khu vực Sông Lam"),
            ("Giám đốc bệnh viện Lê Văn Chín nói", "Giám đốc bệnh viện Lê Văn Chín"),
            ("Bác sĩ trưởng khoa Cấp cứu Lê Văn Chín nói", "Bác sĩ trưởng khoa Cấp cứu Lê Văn Chín"),
        ] {
            let found = read(title).speakers;
            assert_eq!(found.iter().map(|f| f.text.as_str()).collect::<Vec<_>>(), [speaker]);
        }
    }
}
