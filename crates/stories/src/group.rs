//! The partition of documents into stories, when all are there at once.

use diembao_news::ArticleText;

use crate::{Background, Constraint, Decision, Doc, Fresh, GroupSettings, Party, Recent, profiles};

/// The story of each document: the index of the story's first document by (published, key),
/// documents without a time last.
///
/// Constraints that name an index outside `docs` are ignored.
#[must_use]
pub fn group(docs: &[Doc<'_>], constraints: &[Constraint], settings: &GroupSettings) -> Vec<usize> {
    let texts: Vec<&ArticleText> = docs.iter().map(|doc| doc.text).collect();
    let profiles = profiles(&texts, &Background::default());
    let fresh: Vec<Fresh<'_>> = docs
        .iter()
        .zip(&profiles)
        .map(|(doc, profile)| Fresh { key: doc.key, published: doc.published, profile })
        .collect();
    let decisions: Vec<Decision> =
        constraints.iter().map(|c| Decision { a: Party::Fresh(c.a), b: Party::Fresh(c.b), bond: c.bond }).collect();
    let mut story = vec![0; docs.len()];
    for group in Recent::new(*settings).group(&fresh, &decisions) {
        group.fresh.iter().for_each(|&i| story[i] = group.fresh[0]);
    }
    story
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Bond;
    use crate::fixture::{Piece, docs};

    /// Two events in one town, each told by three outlets in their own words.
    fn pieces() -> Vec<Piece> {
        vec![
            Piece::new(
                "A",
                8,
                "35 học sinh tiểu học nhập viện sau bữa ăn bán trú",
                "35 học sinh Trường tiểu học Đồi Thông đau bụng, nôn sau bữa trưa.",
                "Thực đơn có cơm gà và canh rau. Mẫu thức ăn đã được niêm phong.",
            ),
            Piece::new(
                "B",
                9,
                "Nghi ngộ độc thực phẩm ở Trường tiểu học Đồi Thông",
                "Sau bữa ăn bán trú, 35 học sinh được đưa vào bệnh viện huyện.",
                "Ngành chức năng lấy mẫu thức ăn, trong đó có cơm gà, để kiểm nghiệm.",
            ),
            Piece::new(
                "C",
                12,
                "Trường tiểu học Đồi Thông dừng bếp ăn bán trú",
                "Bếp ăn tạm dừng sau khi 35 học sinh nhập viện vì đau bụng, nôn.",
                "Mẫu cơm gà đang chờ kiểm nghiệm.",
            ),
            Piece::new(
                "A",
                10,
                "Khánh thành khoa nhi mới của bệnh viện huyện",
                "Khoa nhi 120 giường được đưa vào sử dụng sáng nay.",
                "Công trình có phòng chơi và phòng mổ riêng cho bệnh nhi.",
            ),
            Piece::new(
                "B",
                11,
                "Bệnh viện huyện có khoa nhi 120 giường",
                "Khoa nhi mới được khánh thành với 120 giường bệnh.",
                "Phòng mổ riêng cho bệnh nhi giúp giảm chuyển tuyến.",
            ),
        ]
    }

    #[test]
    fn events_are_told_apart_and_named_by_their_first_document() {
        let pieces = pieces();
        assert_eq!(group(&docs(&pieces), &[], &GroupSettings::default()), [0, 0, 0, 3, 3]);
    }

    #[test]
    fn the_order_of_arrival_changes_nothing() {
        let pieces = pieces();
        let in_order = docs(&pieces);
        for turn in 1..pieces.len() {
            let mut turned = in_order.clone();
            turned.rotate_left(turn);
            turned.swap(0, 2);
            let stories = group(&turned, &[], &GroupSettings::default());
            let first_keys: Vec<(u64, u64)> =
                stories.iter().zip(&turned).map(|(&s, d)| (d.key, turned[s].key)).collect();
            for (key, first) in first_keys {
                assert_eq!(first, if key < 3 { 0 } else { 3 }, "turned by {turn}");
            }
        }
    }

    #[test]
    fn people_win_and_the_later_of_two_decisions_stands() {
        let pieces = pieces();
        let docs = docs(&pieces);
        let decide = |constraints: &[(usize, usize, Bond)]| {
            let constraints: Vec<Constraint> =
                constraints.iter().map(|&(a, b, bond)| Constraint { a, b, bond }).collect();
            group(&docs, &constraints, &GroupSettings::default())
        };
        assert_eq!(decide(&[(0, 3, Bond::Together)]), [0, 0, 0, 0, 0]);
        let apart = decide(&[(0, 2, Bond::Apart)]);
        assert!(apart[0] != apart[2] && apart[3] == apart[4], "{apart:?}");
        let changed_mind = decide(&[(0, 2, Bond::Apart), (2, 0, Bond::Together)]);
        assert_eq!(changed_mind, [0, 0, 0, 3, 3]);
        let changed_back = decide(&[(3, 0, Bond::Together), (3, 0, Bond::Apart)]);
        assert_eq!(changed_back, [0, 0, 0, 3, 3]);
        assert_eq!(decide(&[(0, 99, Bond::Together), (7, 7, Bond::Apart)]), [0, 0, 0, 3, 3]);
    }

    #[test]
    fn names_alone_make_no_story() {
        let pieces = [
            Piece::new("A", 8, "Ông Trần Văn Mẫu dự lễ khai giảng", "Ông Trần Văn Mẫu đánh trống khai trường.", ""),
            Piece::new("B", 9, "Ông Trần Văn Mẫu thăm nhà máy nước", "Ông Trần Văn Mẫu xem dây chuyền lọc.", ""),
        ];
        assert_eq!(group(&docs(&pieces), &[], &GroupSettings::default()), [0, 1]);
    }

    #[test]
    fn a_like_event_weeks_later_needs_more_likeness() {
        let joins = |hour, hundredths: u8| {
            let mut pieces = pieces();
            pieces.truncate(1);
            pieces.push(Piece::new(
                "B",
                hour,
                "Học sinh tiểu học nhập viện sau bữa ăn bán trú",
                "12 học sinh Trường tiểu học Suối Mơ nôn sau bữa trưa.",
                "Thực đơn có cá kho và canh chua. Nhà trường báo cơ quan y tế.",
            ));
            let threshold = f32::from(hundredths) / 100.0;
            group(&docs(&pieces), &[], &GroupSettings { threshold, ..GroupSettings::default() }) == [0, 0]
        };
        let highest = |hour| u32::from((1..99).rev().find(|&h| joins(hour, h)).unwrap_or(0));
        let (next_day, weeks, months) = (highest(30), highest(8 + 24 * 20), highest(8 + 24 * 90));
        assert!(next_day > 9 && weeks > 0 && weeks * 10 <= next_day * 6, "{next_day} {weeks}");
        assert_eq!(months, 0);
    }

    #[test]
    fn a_story_that_fills_the_day_is_one_story() {
        let wire = pieces().swap_remove(0);
        let copies: Vec<Doc<'_>> = (0..400).map(|key| Doc { key, ..docs(std::slice::from_ref(&wire))[0] }).collect();
        let stories = group(&copies, &[], &GroupSettings::default());
        assert!(stories.iter().all(|&s| s == 0));
    }

    #[test]
    fn empty_and_broken_documents_stand_alone() {
        let pieces = [
            Piece::new("A", 100_000, "", "", ""),
            Piece::new("B", 100_000, "\u{0}\u{fffd}", "…", "___"),
            Piece::new("C", 100_000, "", "", ""),
        ];
        assert_eq!(group(&docs(&pieces), &[], &GroupSettings::default()), [0, 1, 2]);
        assert!(group(&[], &[], &GroupSettings::default()).is_empty());
    }
}
