//! Fictional days: no outlet, place of care or person in them exists.

mod stories;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use diembao_digest::{ArticleInput, Coverage, DayCount, EditionInput, FlagView, StoryInput, TopicName};
use diembao_news::{ArticleId, ArticleText, CanonicalUrl, FlagKind, Severity, Stance, StoryId, Tier};

/// The edition's day.
pub(crate) fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 21).unwrap()
}

/// An hour of the edition's day in Vietnam; negative: the day before.
pub(crate) fn hour(hour: i64) -> DateTime<Utc> {
    day().and_hms_opt(0, 0, 0).unwrap().and_utc() + Duration::hours(hour - 7)
}

/// An article of an outlet: hour, title, lead, body.
pub(crate) fn article(outlet: &str, at: i64, title: &str, lead: &str, body: &str) -> ArticleInput {
    let slug = diembao_text::fold(outlet).replace([' ', '–'], "");
    let url = format!(
        "https://{slug}.example/{}-{}.html",
        diembao_text::fold(title).replace(' ', "-").replace(['"', '<', '>'], ""),
        100 + at
    );
    let url = CanonicalUrl::parse(&url).unwrap();
    let tier = if outlet.starts_with("Cổng") {
        Tier::Gov
    } else if outlet.contains("Sức khỏe") {
        Tier::Health
    } else if outlet.contains("tỉnh") {
        Tier::Local
    } else {
        Tier::Central
    };
    ArticleInput {
        id: ArticleId::of_url(&url),
        outlet: outlet.to_owned(),
        tier,
        url: Some(url.as_str().to_owned()),
        text: ArticleText { title: title.to_owned(), lead: lead.to_owned(), body: body.to_owned() },
        published: hour(at),
        is_reprint: false,
    }
}

/// A story with a topic.
pub(crate) fn story(topic: &str, articles: Vec<ArticleInput>) -> StoryInput {
    let first = articles.iter().min_by_key(|a| (a.published, a.id)).unwrap().id;
    StoryInput {
        id: StoryId::beginning_with(first),
        articles,
        topics: vec![(topic.to_owned(), 1.0)],
        flags: Vec::new(),
        reported: Vec::new(),
        case: None,
        is_late: false,
    }
}

/// A flag of the incident rules.
pub(crate) fn incident(name: &str, severity: Severity) -> FlagView {
    FlagView { rule: "su-co".into(), rule_name: name.into(), kind: FlagKind::Incident, severity, stance: None }
}

/// A flag of the misinformation rules.
pub(crate) fn falsehood(name: &str, stance: Stance) -> FlagView {
    FlagView {
        rule: "tin-gia".into(),
        rule_name: name.into(),
        kind: FlagKind::Misinformation,
        severity: Severity::Yellow,
        stance: Some(stance),
    }
}

/// The eleven fields and the topics of other sections.
pub(crate) fn topics() -> Vec<TopicName> {
    let fields = [
        ("dich-vu-cong", "Dịch vụ công trực tuyến"),
        ("kham-chua-benh", "Khám bệnh, chữa bệnh"),
        ("dan-so", "Dân số – KHHGĐ"),
        ("y-te-du-phong", "Y tế dự phòng"),
        ("duoc-my-pham", "Dược, Mỹ phẩm"),
        ("y-duoc-co-truyen", "Y dược cổ truyền"),
        ("an-toan-thuc-pham", "An toàn thực phẩm"),
        ("quan-ly-hanh-nghe", "Quản lý hành nghề"),
        ("to-chuc-dao-tao", "Tổ chức – đào tạo"),
        ("ke-hoach-tai-chinh", "Kế hoạch – Tài chính"),
        ("thanh-kiem-tra", "Thanh, kiểm tra"),
    ];
    let named = |id: &str, name: &str, field| TopicName { id: id.into(), name: name.into(), field };
    let mut topics: Vec<TopicName> = (1..).zip(fields).map(|(n, (id, name))| named(id, name, Some(n))).collect();
    topics.push(named("bao-tro-xa-hoi", "Bảo trợ xã hội", None));
    topics.push(named("loai-van-ban", "Văn bản, chính sách", None));
    topics.push(named("loai-chuong-trinh", "Chương trình, chiến dịch, gương tốt", None));
    topics
}

fn frame(stories: Vec<StoryInput>, coverage: Coverage, counts: [(usize, usize); 7]) -> EditionInput {
    EditionInput {
        day: day(),
        from: hour(-17),
        to: hour(7),
        agency: "Bộ Y tế".into(),
        unit: "Văn phòng Bộ".into(),
        coverage,
        stories,
        topics: topics(),
        trend: (0..)
            .zip(counts)
            .map(|(i, (n_health, n_incidents))| DayCount { day: day() - Duration::days(7 - i), n_health, n_incidents })
            .collect(),
        unattended: false,
    }
}

/// A day without incidents.
pub(crate) fn quiet() -> EditionInput {
    let stories = vec![
        story(
            "y-te-du-phong",
            vec![article(
                "Báo Ban Mai",
                5,
                "Tiêm bù vaccine sởi cho trẻ vùng cao trước mùa lạnh",
                "Các đội tiêm lưu động đã đến 14 xã vùng cao để tiêm bù vaccine sởi cho trẻ dưới 5 tuổi trong tuần này.",
                "Theo kế hoạch, chiến dịch kết thúc ngày 30/11. Trung tâm kiểm soát bệnh tật cho biết không ghi nhận phản ứng nặng sau tiêm.",
            )],
        ),
        story(
            "dich-vu-cong",
            vec![article(
                "Sức khỏe Ngày Mới",
                4,
                "Thêm 12 thủ tục hành nghề được giải quyết trực tuyến toàn trình",
                "Từ ngày 1/12, người hành nghề có thể nộp hồ sơ và nhận kết quả của 12 thủ tục mà không phải đến cơ quan.",
                "",
            )],
        ),
        story(
            "loai-van-ban",
            vec![article(
                "Cổng thông tin Bộ Y tế",
                -8,
                "Lấy ý kiến dự thảo thông tư về kê đơn thuốc điện tử",
                "Dự thảo quy định lộ trình liên thông đơn thuốc của các phòng khám tư trong năm 2027.",
                "Thời hạn góp ý là 60 ngày.",
            )],
        ),
    ];
    let coverage = Coverage {
        n_outlets: 98,
        n_read: 96,
        silent: vec!["Báo Phù Sa".into()],
        unreachable: vec!["Báo Biển Bạc".into()],
    };
    frame(stories, coverage, [(31, 1), (28, 0), (35, 2), (30, 0), (33, 1), (29, 0), (32, 0)])
}

/// A day on which no outlet could be read.
pub(crate) fn blind() -> EditionInput {
    let names = ["Báo Ban Mai", "Báo Phù Sa", "Sức khỏe Ngày Mới"].map(String::from).to_vec();
    let coverage = Coverage { n_outlets: 98, n_read: 0, silent: Vec::new(), unreachable: names };
    EditionInput {
        unattended: true,
        ..frame(Vec::new(), coverage, [(31, 1), (28, 0), (35, 2), (30, 0), (33, 1), (29, 0), (26, 1)])
    }
}

/// A day with incidents, a falsehood, policy and ordinary news.
pub(crate) fn ordinary() -> EditionInput {
    let mut stories = vec![stories::poisoning(), stories::complaint(), stories::rumour()];
    stories.push(story(
        "loai-van-ban",
        vec![
            article(
                "Cổng thông tin Chính phủ",
                -3,
                "Chính phủ ban hành nghị quyết về nhân lực y tế cơ sở",
                "Nghị quyết đặt mục tiêu đến năm 2030 mỗi trạm y tế xã có ít nhất bốn bác sĩ, ưu tiên vùng khó khăn.",
                "Bộ Y tế chủ trì hướng dẫn thực hiện trong quý I/2027.",
            ),
            article(
                "Báo Ban Mai",
                -2,
                "Mỗi trạm y tế xã sẽ có ít nhất bốn bác sĩ",
                "Đó là mục tiêu của nghị quyết mới ban hành.",
                "",
            ),
            article("Báo Sông Xanh", 0, "Nghị quyết mới về bác sĩ cho trạm y tế xã", "", ""),
        ],
    ));
    stories.push(story(
        "loai-chuong-trinh",
        vec![article(
            "Báo tỉnh Miền Tây",
            4,
            "Nữ hộ sinh 20 năm đi bộ đến từng bản",
            "Hai mươi năm qua, chị L.T.M. đã đỡ hơn 300 ca sinh ở vùng cao.",
            "",
        )],
    ));
    let plain = [
        (
            "kham-chua-benh",
            "Sức khỏe Ngày Mới",
            "Ghép gan thành công cho bệnh nhi 8 tháng tuổi",
            "Ca ghép kéo dài 11 giờ, bệnh nhi đã tự thở sau ba ngày.",
        ),
        (
            "kham-chua-benh",
            "Báo Sông Xanh",
            "Bệnh viện tuyến huyện làm chủ kỹ thuật chạy thận",
            "Người bệnh không còn phải đi 80 km mỗi tuần ba lần.",
        ),
        (
            "y-te-du-phong",
            "Báo Ban Mai",
            "Số ca sốt xuất huyết giảm tuần thứ ba liên tiếp",
            "Cả nước ghi nhận 1.912 ca trong tuần, giảm 14% so với tuần trước.",
        ),
        (
            "duoc-my-pham",
            "Báo Phù Sa",
            "Thu hồi một lô kem dưỡng da không đạt chất lượng",
            "Lô sản phẩm bị thu hồi trên toàn quốc do không đạt giới hạn vi sinh vật.",
        ),
        (
            "bao-tro-xa-hoi",
            "Báo Ban Mai",
            "Thêm 20 phòng công tác xã hội trong bệnh viện",
            "Các phòng mới hỗ trợ người bệnh khó khăn từ ngày 1/12.",
        ),
    ];
    stories.extend(
        plain.into_iter().map(|(topic, outlet, title, lead)| story(topic, vec![article(outlet, 3, title, lead, "")])),
    );
    let mut late = story(
        "thanh-kiem-tra",
        vec![article(
            "Báo tỉnh Miền Đông",
            -30,
            "Xử phạt ba phòng khám hoạt động quá phạm vi chuyên môn",
            "Tổng số tiền phạt là 214 triệu đồng; một phòng khám bị đình chỉ ba tháng.",
            "",
        )],
    );
    late.is_late = true;
    stories.push(late);
    let coverage = Coverage {
        n_outlets: 98,
        n_read: 91,
        silent: vec!["Báo Phù Sa".into(), "Đài tỉnh Miền Tây".into()],
        unreachable: vec!["Báo Biển Bạc".into()],
    };
    frame(stories, coverage, [(31, 1), (28, 0), (35, 2), (30, 0), (33, 1), (29, 0), (41, 2)])
}

/// Four hundred stories of a day of floods, each with up to twelve outlets.
pub(crate) fn disaster() -> EditionInput {
    let mut input = ordinary();
    let topics = topics();
    for n in 0..389_i64 {
        let topic = &topics[usize::try_from(n * 7 % 14).unwrap()].id;
        let title = format!(
            "Trạm y tế xã số {n} ngập sâu {} mét, chuyển {} người bệnh lên tuyến trên",
            1 + n % 3,
            2 + n * 13 % 40
        );
        let lead = format!(
            "Đến {} giờ sáng 21/11, nước lũ ở xã số {n} vẫn cao hơn mức báo động ba; ngành y tế tỉnh đã điều {} tổ cấp cứu lưu động.",
            1 + n % 6,
            1 + n % 5
        );
        let body = "Thuốc và hóa chất khử khuẩn đã được chuyển đến trong đêm. Chưa ghi nhận thương vong về người trong đội ngũ y tế.\nNgười dân được khuyến cáo không dùng nước chưa đun sôi.";
        let n_outlets = 1 + n * 5 % 12;
        let articles = (0..n_outlets)
            .map(|o| article(&format!("Báo Đồng Lúa số {o}"), (n + o) % 7, &title, &lead, body))
            .collect();
        let mut flooded = story(topic, articles);
        if n % 9 == 0 {
            flooded.flags.push(incident(
                "Gián đoạn cấp cứu do thiên tai",
                if n % 27 == 0 { Severity::Red } else { Severity::Orange },
            ));
        }
        input.stories.push(flooded);
    }
    input.coverage.n_read = 60;
    input.coverage.unreachable = (0..38).map(|n| format!("Đài truyền thanh vùng {n}")).collect();
    input.unattended = true;
    input
}
