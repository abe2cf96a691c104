//! The second bulletin, "Thông tin bất cập": what needs an answer, from whom, by when.
//!
//! It is made of the same input as the edition. It is only sent when there is something in it, or
//! when a reader asks for proof that there is nothing.

use std::cmp::Reverse;

use chrono::{DateTime, TimeDelta, Utc};
use diembao_news::{FlagKind, Severity, Stance};

use crate::header;
use crate::item::{item_view, outlets, severity};
use crate::place::place;
use crate::placement::{field_of, is_opinion, is_wanted, placing_texts};
use crate::wording::{MAX_NAME, capitalised, capped, long_day, number, time};
use crate::{Cut, EditionInput, ItemView, Section, StoryEdit, StoryInput, order_score};

/// The second bulletin.
#[derive(Debug, Clone, PartialEq)]
pub struct BulletinView {
    /// The mail's subject.
    pub subject: String,
    /// "Thông tin bất cập – Thứ Bảy, ngày 21/11/2026".
    pub title: String,
    /// The day it is dated.
    pub day: chrono::NaiveDate,
    /// Who it is for.
    pub agency: String,
    /// The subject's findings as a first line.
    pub conclusion: String,
    /// What was read.
    pub coverage: String,
    /// Enough was read for emptiness to mean something.
    pub is_proven: bool,
    /// Said when there are no rows: "Không phát sinh …" with its proof, or that nothing can be said.
    pub empty_note: Option<String>,
    /// What needs an answer, gravest first.
    pub rows: Vec<BulletinRow>,
}

/// One story that needs an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct BulletinRow {
    /// The story as an item.
    pub item: ItemView,
    /// How grave.
    pub severity: Option<Severity>,
    /// Where, if the text names a province.
    pub place: Option<String>,
    /// Who should answer: the case's owner, else what the field and place suggest, marked as a suggestion.
    pub unit: String,
    /// By when: the desk's deadline, else a proposal by severity, marked as one.
    pub deadline: Option<String>,
    /// How long the press has been ahead: "báo đăng 14:05 20/11, cách đây 17 giờ".
    pub since: String,
}

/// The second bulletin of a window: flagged stories above Green, falsehoods without an answer, stories on the desk,
/// and what the public is concerned about.
#[must_use]
pub fn bulletin(input: &EditionInput, cut: &Cut) -> BulletinView {
    let mut stories: Vec<&StoryInput> =
        input.stories.iter().filter(|s| !s.articles.is_empty() && needs_answer(s) && is_wanted(s, cut)).collect();
    stories.sort_by_key(|s| {
        #[expect(clippy::cast_possible_truncation, reason = "scores are below a thousand")]
        let thousandths = (order_score(s, input.to).total() * 1000.0).round() as i64;
        (Reverse(severity(s)), Reverse(thousandths), s.id)
    });
    let rows: Vec<BulletinRow> = stories.iter().filter_map(|s| row(s, input)).collect();
    let found = if rows.is_empty() {
        header::nothing_found(&input.coverage).to_owned()
    } else {
        format!("{} thông tin cần xử lý", number(rows.len()))
    };
    BulletinView {
        subject: format!("[Thông tin bất cập {}] {found}", input.day.format("%d/%m")),
        day: input.day,
        agency: capped(&input.agency, MAX_NAME),
        conclusion: capitalised(&found),
        is_proven: header::trust(&input.coverage) == header::Trust::Full,
        title: format!("Thông tin bất cập – {}", long_day(input.day)),
        coverage: header::sources(input),
        empty_note: rows.is_empty().then(|| header::empty_note(Section::Attention, input, cut)),
        rows,
    }
}

fn needs_answer(story: &StoryInput) -> bool {
    let warned = story.flags.iter().any(|f| match f.kind {
        FlagKind::Incident => f.severity > Severity::Green,
        FlagKind::Misinformation => f.stance == Some(Stance::Claim),
    });
    warned || story.case.is_some() || is_opinion(story)
}

fn row(story: &StoryInput, input: &EditionInput) -> Option<BulletinRow> {
    let item = item_view(story, input, &StoryEdit::default(), order_score(story, input.to))?;
    let place = place(&placing_texts(story)).map(str::to_owned);
    let first = outlets(&story.articles).first().map(|a| a.published)?;
    let hours = (input.to - first).num_hours().max(0);
    let case = story.case.as_ref();
    Some(BulletinRow {
        severity: severity(story),
        unit: unit(story, input, place.as_deref()),
        deadline: case.and_then(|c| c.deadline).map(time).or_else(|| proposed(story, input.to)),
        since: format!("báo đăng đầu tiên {}, cách đây {hours} giờ", time(first)),
        place,
        item,
    })
}

/// When an answer is proposed for what the desk has set no deadline: sooner for what is graver.
fn proposed(story: &StoryInput, now: DateTime<Utc>) -> Option<String> {
    let hours = match severity(story)? {
        Severity::Red => 2,
        Severity::Orange => 8,
        Severity::Yellow | Severity::Green => 24,
    };
    Some(format!("{} (đề xuất)", time(now + TimeDelta::hours(hours))))
}

/// The case's owner; else a proposal from place or field, said to be one.
fn unit(story: &StoryInput, input: &EditionInput, place: Option<&str>) -> String {
    let owner = story.case.as_ref().and_then(|c| c.owner.as_deref()).map(|o| capped(o, MAX_NAME));
    if let Some(owner) = owner.filter(|o| !o.is_empty()) {
        return owner;
    }
    match (place, field_of(story, input)) {
        (Some(place), _) => format!("Sở Y tế {place} (đề xuất)"),
        (None, Some(field)) => format!("đơn vị phụ trách lĩnh vực {} (đề xuất)", capped(&field.name, MAX_NAME)),
        (None, None) => "chưa xác định".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{article, flag, rumour, story, t};
    use crate::{CaseView, Coverage};

    fn input(stories: Vec<StoryInput>, n_read: usize) -> EditionInput {
        let coverage = Coverage { n_outlets: 98, n_read, ..Coverage::default() };
        EditionInput { day: t(7).date_naive(), from: t(-17), to: t(7), coverage, stories, ..EditionInput::default() }
    }

    #[test]
    fn only_what_needs_an_answer_stands_in_it_gravest_first() {
        let with = |title: &str, flags| StoryInput { flags, ..story(vec![article("Báo A", title, 2)]) };
        let case =
            CaseView {
                number: 3, state: "đang xác minh".into(), owner: Some("Cục A".into()), deadline: Some(t(17))
            };
        let on_desk = StoryInput { case: Some(case), ..with("Chuyện trên bàn trực", vec![]) };
        let view = bulletin(
            &input(
                vec![
                    with("Ghép gan thành công", vec![]),
                    with("Bệnh viện xin lỗi", vec![flag("green")]),
                    with("Tin đồn đã bị bác bỏ", vec![rumour(Stance::Rebuttal)]),
                    with("Thần dược chữa bách bệnh", vec![rumour(Stance::Claim)]),
                    with("Sự cố ở Đồng Nai", vec![flag("orange")]),
                    on_desk,
                ],
                90,
            ),
            &Cut::default(),
        );
        let rows: Vec<(&str, &str)> = view.rows.iter().map(|r| (r.item.headline.as_str(), r.unit.as_str())).collect();
        assert_eq!(
            rows,
            [
                ("Sự cố ở Đồng Nai", "Sở Y tế Đồng Nai (đề xuất)"),
                ("Thần dược chữa bách bệnh", "chưa xác định"),
                ("Chuyện trên bàn trực", "Cục A"),
            ]
        );
        assert_eq!(view.rows[2].deadline.as_deref(), Some("17:00 21/11"));
        assert_eq!(view.rows[0].deadline.as_deref(), Some("15:00 21/11 (đề xuất)"));
        assert_eq!(view.rows[0].since, "báo đăng đầu tiên 02:00 21/11, cách đây 5 giờ");
        assert_eq!(view.subject, "[Thông tin bất cập 21/11] 3 thông tin cần xử lý");
    }

    #[test]
    fn an_empty_one_proves_itself_or_says_that_it_cannot() {
        for (n_read, subject) in [(90, "không phát sinh"), (20, "chưa ghi nhận"), (0, "không đọc được nguồn nào")]
        {
            let view = bulletin(&input(Vec::new(), n_read), &Cut::default());
            assert_eq!(view.subject, format!("[Thông tin bất cập 21/11] {subject}"));
            assert_eq!(view.is_proven, n_read == 90);
            assert!(view.empty_note.is_some());
        }
    }
}
