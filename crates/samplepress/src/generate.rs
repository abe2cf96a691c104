//! Articles by the million: each is computed from the seed and its number when somebody asks for it.
//!
//! Three consecutive numbers tell one event: the same place, facility and figures in other words.
//! The sentences stand in `press/khuon.txt`:
//! ```text
//! = kind | health or other | topics | severity or - | stance or - | section
//! t one title        l one lead        p one paragraph
//! ```
//! and `press/chi-tiet.txt` holds details, a line each, that give an event a face of its own.

use std::sync::OnceLock;

use chrono::{DateTime, Utc};

use crate::{Labels, dates};

/// Today's 34 provinces: slug and name.
pub(crate) const PROVINCES: &[(&str, &str)] = &[
    ("ha-noi", "Hà Nội"),
    ("hue", "Huế"),
    ("lai-chau", "Lai Châu"),
    ("dien-bien", "Điện Biên"),
    ("son-la", "Sơn La"),
    ("lang-son", "Lạng Sơn"),
    ("quang-ninh", "Quảng Ninh"),
    ("thanh-hoa", "Thanh Hóa"),
    ("nghe-an", "Nghệ An"),
    ("ha-tinh", "Hà Tĩnh"),
    ("cao-bang", "Cao Bằng"),
    ("tuyen-quang", "Tuyên Quang"),
    ("lao-cai", "Lào Cai"),
    ("thai-nguyen", "Thái Nguyên"),
    ("phu-tho", "Phú Thọ"),
    ("bac-ninh", "Bắc Ninh"),
    ("hung-yen", "Hưng Yên"),
    ("hai-phong", "Hải Phòng"),
    ("ninh-binh", "Ninh Bình"),
    ("quang-tri", "Quảng Trị"),
    ("da-nang", "Đà Nẵng"),
    ("quang-ngai", "Quảng Ngãi"),
    ("gia-lai", "Gia Lai"),
    ("khanh-hoa", "Khánh Hòa"),
    ("lam-dong", "Lâm Đồng"),
    ("dak-lak", "Đắk Lắk"),
    ("tp-hcm", "TP.HCM"),
    ("dong-nai", "Đồng Nai"),
    ("tay-ninh", "Tây Ninh"),
    ("can-tho", "Cần Thơ"),
    ("vinh-long", "Vĩnh Long"),
    ("dong-thap", "Đồng Tháp"),
    ("ca-mau", "Cà Mau"),
    ("an-giang", "An Giang"),
];

/// Names are put together from these, so that events far apart seldom share one.
const NAME_FIRST: &[&str] = &[
    "Sông",
    "Hồng",
    "Tân",
    "Phú",
    "Lam",
    "Bình",
    "Mỹ",
    "Thạch",
    "Vạn",
    "Trường",
    "Đông",
    "Kim",
    "Lộc",
    "An",
    "Hải",
    "Thanh",
    "Minh",
    "Xuân",
    "Phước",
    "Vĩnh",
    "Yên",
    "Long",
    "Hưng",
    "Quảng",
    "Nam",
    "Cẩm",
    "Trà",
    "Đại",
    "Hòa",
    "Thiện",
];
const NAME_SECOND: &[&str] = &[
    "Trà",
    "Lĩnh",
    "Kiên",
    "Sơn",
    "Giang",
    "Nguyên",
    "Khê",
    "Xuân",
    "Hạ",
    "Thạnh",
    "Bình",
    "Cát",
    "Lưu",
    "Đức",
    "Trạch",
    "Lập",
    "Thượng",
    "Phước",
    "Định",
    "Lợi",
    "Thành",
    "Thịnh",
    "Thủy",
    "Hòa",
    "Điền",
    "Ngãi",
    "Bảo",
    "Vân",
    "Châu",
    "Phong",
];
const COMPANIES: &[&str] = &[
    "Ánh Dương",
    "Bách Việt",
    "Cánh Buồm",
    "Đất Lành",
    "Gió Mới",
    "Hoa Sữa",
    "Khởi Nguyên",
    "Lúa Vàng",
    "Mùa Thu",
    "Nắng Sớm",
    "Phù Sa",
    "Quê Hương",
    "Rạng Đông Mới",
    "Sao Khuê",
    "Thuận Buồm",
    "Ước Mơ Xanh",
    "Vân Du",
    "Xuân Phát",
];
const FAMILY: &[&str] = &[
    "Lê", "Nguyễn", "Trần", "Phạm", "Võ", "Đặng", "Bùi", "Hoàng", "Đỗ", "Huỳnh", "Mai", "Ngô", "Lý", "Tạ", "Cao",
    "Đinh",
];
const MIDDLE: &[&str] = &[
    "Quang", "Bá", "Hoài", "Duy", "Thanh", "Minh", "Gia", "Hữu", "Tấn", "Xuân", "Đức", "Thế", "Ngọc", "Văn", "Công",
    "Chí",
];
const GIVEN: &[&str] = &[
    "Thịnh", "Lộc", "Thương", "Khang", "Trúc", "Trí", "Ngân", "Phước", "Nghĩa", "Lực", "Hiền", "Tùng", "Khôi", "Sang",
    "Vinh", "Nhật", "Quý", "Bảo", "Hậu", "Lâm", "Thái", "Dũng", "Hòa", "Tiến",
];
const LETTERS: &[&str] = &["A", "B", "C", "D", "Đ", "G", "H", "K", "L", "M", "N", "P", "Q", "S", "T", "V", "X", "Y"];

struct Kind {
    labels: Labels,
    section: String,
    titles: Vec<String>,
    leads: Vec<String>,
    paragraphs: Vec<String>,
}

/// A generated article before it is given an outlet.
pub(crate) struct Generated {
    pub(crate) section: String,
    pub(crate) title: String,
    pub(crate) lead: String,
    pub(crate) body: Vec<String>,
    pub(crate) labels: Labels,
}

/// The `n`-th generated article of a press.
pub(crate) fn article(seed: u64, n: u64, published: DateTime<Utc>) -> Generated {
    let event = n / 3;
    let mut facts = Dice::new(seed, event.wrapping_mul(2));
    let kind = &kinds()[facts.below(kinds().len())];
    let slots = slots(&mut facts, published);
    let details = [&details()[facts.below(details().len())], &details()[facts.below(details().len())]];
    let mut words = Dice::new(seed, n.wrapping_mul(2).wrapping_add(1));
    let teller = usize::try_from(n % 3).unwrap_or(0);
    let pick = |from: &[String], words: &mut Dice| from[(words.below(from.len()) + teller) % from.len()].clone();
    let title = fill(&pick(&kind.titles, &mut words), &slots);
    let lead = fill(&pick(&kind.leads, &mut words), &slots);
    let mut order: Vec<usize> = (0..kind.paragraphs.len()).collect();
    for i in (1..order.len()).rev() {
        order.swap(i, words.below(i + 1));
    }
    order.truncate(3 + words.below(3));
    let mut body: Vec<String> = order.into_iter().map(|i| fill(&kind.paragraphs[i], &slots)).collect();
    // What only this event has: the same details in each telling, beside the kind's own sentences.
    for detail in details {
        body.insert(words.below(body.len() + 1), fill(detail, &slots));
    }
    let mut labels = kind.labels.clone();
    labels.event = format!("{}-{event}", labels.event);
    Generated { section: kind.section.clone(), title, lead, body, labels }
}

type Slots = Vec<(&'static str, String)>;

fn slots(dice: &mut Dice, published: DateTime<Utc>) -> Slots {
    let (_, province) = PROVINCES[dice.below(PROVINCES.len())];
    let (_, other) = PROVINCES[dice.below(PROVINCES.len())];
    let rank = ["Bệnh viện Đa khoa khu vực", "Bệnh viện Đa khoa", "Trung tâm Y tế khu vực"][dice.below(3)];
    let mut place = || format!("{} {}", dice.of(NAME_FIRST), dice.of(NAME_SECOND));
    let (facility, commune, hamlet) = (place(), place(), place());
    let official = format!("{} {} {}", dice.of(FAMILY), dice.of(MIDDLE), dice.of(GIVEN));
    let initials = format!("{}.{}.{}.", dice.of(LETTERS), dice.of(LETTERS), dice.of(LETTERS));
    vec![
        ("{tinh}", province.to_owned()),
        ("{tinh2}", other.to_owned()),
        ("{bv}", format!("{rank} {facility}")),
        ("{xa}", commune),
        ("{thon}", hamlet),
        ("{cty}", format!("{} {}", dice.of(COMPANIES), 1 + dice.below(90))),
        ("{ong}", official),
        ("{vt}", initials),
        ("{tuoi}", (19 + dice.below(60)).to_string()),
        ("{tre}", (18 + dice.below(16)).to_string()),
        ("{gia}", (63 + dice.below(30)).to_string()),
        ("{n}", (3 + dice.below(57)).to_string()),
        ("{m}", (101 + dice.below(880)).to_string()),
        ("{k}", (2 + dice.below(8)).to_string()),
        ("{ty}", format!("{},{}", 1 + dice.below(40), 1 + dice.below(9))),
        ("{gio}", (5 + dice.below(17)).to_string()),
        ("{ngay}", dates::day_month(published)),
    ]
}

fn fill(text: &str, slots: &Slots) -> String {
    slots.iter().fold(text.to_owned(), |text, (slot, value)| text.replace(slot, value))
}

fn kinds() -> &'static [Kind] {
    static KINDS: OnceLock<Vec<Kind>> = OnceLock::new();
    KINDS.get_or_init(|| parse(include_str!("../press/khuon.txt")))
}

/// Sentences that fit under any news.
fn details() -> &'static [String] {
    static DETAILS: OnceLock<Vec<String>> = OnceLock::new();
    DETAILS.get_or_init(|| {
        let lines = include_str!("../press/chi-tiet.txt").lines().map(str::trim);
        lines.filter(|l| !l.is_empty() && !l.starts_with('#')).map(str::to_owned).collect()
    })
}

fn parse(text: &str) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = Vec::new();
    for line in text.lines().map(str::trim) {
        let Some((mark, rest)) = line.split_once(' ') else {
            continue;
        };
        match (mark, kinds.last_mut()) {
            ("=", _) => kinds.push(head(rest)),
            ("t", Some(kind)) => kind.titles.push(rest.to_owned()),
            ("l", Some(kind)) => kind.leads.push(rest.to_owned()),
            ("p", Some(kind)) => kind.paragraphs.push(rest.to_owned()),
            _ => {}
        }
    }
    kinds
}

fn head(rest: &str) -> Kind {
    let cells: Vec<&str> = rest.split('|').map(str::trim).collect();
    let cell = |i: usize| cells.get(i).copied().unwrap_or("-");
    let stated = |i: usize| Some(cell(i).to_owned()).filter(|c| c != "-");
    Kind {
        labels: Labels {
            event: cell(0).to_owned(),
            health: cell(1) == "health",
            topics: cell(2).split(',').filter(|t| *t != "-").map(str::to_owned).collect(),
            severity: stated(3),
            stance: stated(4),
        },
        section: cell(5).to_owned(),
        titles: Vec::new(),
        leads: Vec::new(),
        paragraphs: Vec::new(),
    }
}

/// A small seeded generator (splitmix64), so that the same press needs no library's promise of stability.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut dice = Self(seed ^ stream.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        dice.next();
        dice
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// One of them.
    pub(crate) fn of(&mut self, from: &[&'static str]) -> &'static str {
        from.get(self.below(from.len())).copied().unwrap_or_default()
    }

    /// A number below `n`; zero when `n` is zero.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        let n = u64::try_from(n.max(1)).unwrap_or(1);
        usize::try_from(self.next() % n).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_enough_to_say_and_no_slot_is_left() {
        for kind in kinds() {
            let name = &kind.labels.event;
            assert!(kind.titles.len() >= 3 && kind.leads.len() >= 3 && kind.paragraphs.len() >= 6, "{name}");
            assert!(crate::outlets::section_name(&kind.section).is_some(), "{name}");
        }
        let now = DateTime::UNIX_EPOCH;
        for n in 0..600 {
            let made = article(7, n, now);
            let all = format!("{}{}{}", made.title, made.lead, made.body.join(""));
            assert!(!all.contains('{') && !all.contains('}'), "{all}");
        }
    }

    #[test]
    fn three_articles_tell_one_event_in_other_words() {
        let [a, b, c] = [0, 1, 2].map(|n| article(3, n, DateTime::UNIX_EPOCH));
        assert_eq!(a.labels.event, b.labels.event);
        assert_eq!(a.labels.event, c.labels.event);
        assert_ne!(a.body, b.body);
        assert_ne!(article(3, 3, DateTime::UNIX_EPOCH).labels.event, a.labels.event);
    }
}
