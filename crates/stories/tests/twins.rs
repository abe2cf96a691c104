//! Incidents of one kind in different provinces, told in the same words, are different stories; one incident told in
//! other words stays one.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use chrono::{DateTime, Utc};
use diembao_news::ArticleText;
use diembao_stories::{Background, Event, Fresh, GroupSettings, Profile, Recent, Where, profiles};

const PROVINCES: [&str; 4] = ["Thanh Hóa", "Đồng Nai", "Quảng Ngãi", "Thái Nguyên"];
/// Syllables of the names of districts, and of the places in them.
const DISTRICTS: ([&str; 6], [&str; 6]) =
    (["Yên", "Long", "Bình", "Phú", "Tam", "Hòa"], ["Khê", "Điền", "Sơn", "Lương", "Thủy", "Hưng"]);
const NAMES: ([&str; 6], [&str; 6]) =
    (["Lam", "Tân", "Hương", "Sông", "Kim", "Mai"], ["Giang", "Đức", "Trà", "Cầu", "Mỹ", "Lĩnh"]);

/// What recognises each of the events.
const KINDS: [&str; 6] = ["nham-lan", "tu-vong", "ngo-doc", "bao-luc", "tu-vong", "dich-benh"];
/// What happened, each in the words of two or three outlets: title, lead, body.
const EVENTS: [&[(&str, &str, &str)]; 6] = [
    &[
        (
            "Bệnh viện Đa khoa {F} mổ nhầm chân bệnh nhân",
            "Kíp trực Bệnh viện Đa khoa {F} ({P}) mổ nhầm chân lành của người bệnh 45 tuổi.",
            "Sáng nay, lãnh đạo Bệnh viện Đa khoa {F} xác nhận kíp mổ đã mổ nhầm chân. Bệnh viện đình chỉ kíp trực và xin lỗi gia đình.",
        ),
        (
            "Vụ mổ nhầm chân ở {P}: đình chỉ kíp trực",
            "Sau khi người bệnh bị mổ nhầm chân, Bệnh viện Đa khoa {F} đình chỉ kíp trực.",
            "Sở Y tế {P} yêu cầu Bệnh viện Đa khoa {F} báo cáo vụ mổ nhầm chân trước 17 giờ. Gia đình người bệnh cho biết chân lành đã bị rạch da.",
        ),
    ],
    &[
        (
            "Sản phụ tử vong sau mổ bắt con tại {P}",
            "Sản phụ 28 tuổi tử vong ba giờ sau ca mổ bắt con tại Bệnh viện Đa khoa {F}.",
            "Theo gia đình, sản phụ vào viện chờ sinh tại Bệnh viện Đa khoa {F}, huyện {D}. Sau ca mổ, sản phụ khó thở, tím tái rồi tử vong. Cháu bé nặng 3,1 kg đang được theo dõi.",
        ),
        (
            "Niêm phong hồ sơ ca mổ khiến sản phụ tử vong ở Bệnh viện Đa khoa {F}",
            "Công an huyện {D} ({P}) niêm phong hồ sơ bệnh án của sản phụ 28 tuổi.",
            "Sản phụ nhập Bệnh viện Đa khoa {F} để sinh con và tử vong sau ca mổ bắt con. Sở Y tế {P} lập hội đồng chuyên môn.",
        ),
    ],
    &[
        (
            "Hàng chục học sinh nhập viện sau bữa ăn bán trú",
            "Học sinh Trường Tiểu học {F}, huyện {D}, tỉnh {P} đau bụng, nôn sau bữa trưa.",
            "Các em được đưa vào Trung tâm Y tế huyện {D}. Mẫu thức ăn gồm cơm gà và canh rau được niêm phong gửi kiểm nghiệm. Bếp ăn tạm dừng hoạt động.",
        ),
        (
            "{P}: nghi ngộ độc thực phẩm tại Trường Tiểu học {F}",
            "Ngành y tế {P} lấy mẫu bữa ăn bán trú sau khi hàng chục học sinh nôn, đau bụng.",
            "Trung tâm Y tế huyện {D} tiếp nhận học sinh Trường Tiểu học {F} với triệu chứng nôn, đau bụng sau bữa trưa có cơm gà. Đến tối, phần lớn các em đã ổn định.",
        ),
    ],
    &[
        (
            "Bác sĩ bị người nhà bệnh nhân hành hung ngay tại khoa cấp cứu",
            "Nam bác sĩ Bệnh viện Đa khoa {F} ({P}) bị đấm vào mặt khi đang cấp cứu người bệnh.",
            "Camera khoa cấp cứu Bệnh viện Đa khoa {F} ghi lại cảnh người nhà lao vào đánh bác sĩ. Công an huyện {D} đã đưa người này về trụ sở.",
        ),
        (
            "Công an {P} điều tra vụ hành hung bác sĩ",
            "Người đánh bác sĩ trực cấp cứu Bệnh viện Đa khoa {F} bị tạm giữ.",
            "Công an huyện {D} tạm giữ người nhà bệnh nhân đã hành hung nam bác sĩ tại khoa cấp cứu. Bác sĩ bị gãy xương mũi.",
        ),
    ],
    &[
        (
            "Trẻ tử vong sau tiêm vắc xin tại trạm y tế",
            "Bé hai tháng tuổi ở xã {F}, huyện {D}, tỉnh {P} tử vong sau tiêm vắc xin 5 trong 1.",
            "Bé được tiêm tại Trạm Y tế xã {F}. Đến tối bé sốt, tím tái và tử vong trên đường tới Bệnh viện Đa khoa {P}. Lô vắc xin được tạm dừng sử dụng.",
        ),
        (
            "{P} họp hội đồng vụ trẻ tử vong sau tiêm chủng",
            "Sở Y tế {P} họp hội đồng tư vấn về trường hợp bé hai tháng tuổi tử vong sau tiêm vắc xin.",
            "Bé được tiêm vắc xin 5 trong 1 tại Trạm Y tế xã {F}, huyện {D}. Hội đồng tạm dừng lô vắc xin, lấy mẫu gửi kiểm định.",
        ),
    ],
    &[
        (
            "Ổ dịch sốt xuất huyết mới với hàng chục ca mắc",
            "Trung tâm Kiểm soát bệnh tật {P} ghi nhận ổ dịch sốt xuất huyết tại xã {F}, huyện {D}.",
            "Chỉ số bọ gậy tại xã {F} vượt ngưỡng. Ngành y tế phun hóa chất diệt muỗi diện rộng, vận động người dân lật úp dụng cụ chứa nước.",
        ),
        (
            "Dịch sốt xuất huyết ở {P} tăng nhanh",
            "Huyện {D} có thêm ổ dịch sốt xuất huyết tại xã {F}.",
            "Trung tâm Kiểm soát bệnh tật {P} phun hóa chất diệt muỗi tại xã {F}, huyện {D} sau khi hàng chục người mắc sốt xuất huyết.",
        ),
    ],
];

struct Told {
    /// What happened, and where.
    event: (usize, usize),
    published: DateTime<Utc>,
    text: ArticleText,
}

fn name((first, second): ([&str; 6], [&str; 6]), what: usize, place: usize) -> String {
    format!("{} {}", first[what], second[(what + place) % second.len()])
}

/// All of it, in an order in which the same words about other places come first.
fn told() -> Vec<Told> {
    let mut all = Vec::new();
    for wording in 0..2 {
        for (what, wordings) in EVENTS.iter().enumerate() {
            for (place, province) in PROVINCES.iter().enumerate() {
                let (facility, district) = (name(NAMES, what, place), name(DISTRICTS, what, place));
                let fill = |s: &str| s.replace("{F}", &facility).replace("{D}", &district).replace("{P}", province);
                let (title, lead, body) = wordings[wording];
                let text = ArticleText { title: fill(title), lead: fill(lead), body: fill(body) };
                let published =
                    DateTime::from_timestamp(1_700_000_000 + 600 * i64::try_from(all.len()).unwrap(), 0).unwrap();
                all.push(Told { event: (what, place), published, text });
            }
        }
    }
    all
}

/// The stories of reports that arrive so many at a time: which began each, by index.
fn stories(told: &[Told], round: usize, event: fn(&Told, Profile) -> Profile) -> Vec<usize> {
    let texts: Vec<&ArticleText> = told.iter().map(|t| &t.text).collect();
    let profiles = profiles(&texts, &Background::default());
    let profiles: Vec<Profile> = told.iter().zip(profiles).map(|(t, profile)| event(t, profile)).collect();
    let mut recent = Recent::new(GroupSettings::default());
    let mut story = vec![0; told.len()];
    for first in (0..told.len()).step_by(round) {
        let of_round = first..told.len().min(first + round);
        let fresh: Vec<Fresh<'_>> = of_round
            .clone()
            .map(|i| Fresh { key: i as u64, published: Some(told[i].published), profile: &profiles[i] })
            .collect();
        for group in recent.group(&fresh, &[]) {
            let name = group.stories.first().copied().unwrap_or((first + group.fresh[0]) as u64);
            for other in group.stories.iter().skip(1) {
                recent.unite(*other, name);
                story.iter_mut().filter(|s| **s as u64 == *other).for_each(|s| *s = usize::try_from(name).unwrap());
            }
            for i in group.fresh {
                recent.place(name, fresh[i].published, fresh[i].profile);
                story[first + i] = usize::try_from(name).unwrap();
            }
        }
    }
    story
}

/// Pairs that are one story and should not be, and those that should and are not.
fn wrong_and_missed(told: &[Told], story: &[usize]) -> (usize, usize) {
    let pairs = || (0..told.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
    let is_one = |i: usize, j: usize| told[i].event == told[j].event;
    let is_joined = |i: usize, j: usize| story[i] == story[j];
    let wrong = pairs().filter(|&(i, j)| !is_one(i, j) && is_joined(i, j)).count();
    (wrong, pairs().filter(|&(i, j)| is_one(i, j) && !is_joined(i, j)).count())
}

#[test]
fn reports_from_two_provinces_are_never_one_story() {
    let told = told();
    let known = |t: &Told, profile: Profile| {
        let (what, place) = t.event;
        let facility = name(NAMES, what, place);
        let places = Where { happened: &[PROVINCES[place]], named: &["Hà Nội"] };
        let facilities = Where { happened: &[&facility], named: &["Bạch Mai"] };
        profile.of_event(&Event { kinds: &[KINDS[what]], places, facilities })
    };
    for round in [1, 7] {
        let (wrong, missed) = wrong_and_missed(&told, &stories(&told, round, known));
        assert_eq!((wrong, missed), (0, 0), "{round} at a time");
    }
    // Their words alone do not tell them apart.
    assert!(wrong_and_missed(&told, &stories(&told, 7, |_, profile| profile)).0 > 30);
}

#[test]
fn a_report_that_names_where_the_other_happened_may_be_of_the_same() {
    let told = told();
    let (near, far) = (&told[0], &told[1]);
    let of = |t: &Told, happened: &[&str], named: &[&str]| {
        let profile = profiles(&[&t.text], &Background::default()).remove(0);
        let event = Event { kinds: &["nham-lan"], places: Where { happened, named }, ..Event::default() };
        (t.published, profile.of_event(&event))
    };
    let is_one = |a: (DateTime<Utc>, Profile), b: (DateTime<Utc>, Profile)| {
        let fresh: Vec<Fresh<'_>> =
            (0..).zip([&a, &b]).map(|(key, (at, profile))| Fresh { key, published: Some(*at), profile }).collect();
        Recent::default().group(&fresh, &[]).len() == 1
    };
    let begun = || of(near, &["Thanh Hóa"], &["Hà Nội"]);
    assert!(!is_one(begun(), of(far, &["Đồng Nai"], &["Hà Nội"])));
    // The patient was brought to another province; the report says from where.
    assert!(is_one(begun(), of(far, &["Hà Nội"], &["Thanh Hóa"])));
    assert!(is_one(begun(), of(far, &[], &["Đồng Nai"])));
    assert!(is_one(begun(), of(far, &["Đồng Nai"], &["Thanh Hóa"])));
}
