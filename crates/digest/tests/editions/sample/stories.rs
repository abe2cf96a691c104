//! The stories of the ordinary day that carry flags.

use diembao_digest::{CaseView, StoryInput};
use diembao_news::{Severity, Stance};

use super::{article, falsehood, hour, incident, story};

/// A story of the ordinary day.
pub(crate) fn poisoning() -> StoryInput {
    let articles = vec![
        article(
            "Báo Ban Mai",
            -18,
            "30 học sinh nhập viện sau bữa trưa ở trường bán trú",
            "Trưa 20/11, 30 học sinh một trường tiểu học ở Đồng Nai có biểu hiện đau bụng, nôn sau bữa ăn bán trú.",
            "Các em được đưa đến trung tâm y tế để theo dõi.",
        ),
        article(
            "Báo Sông Xanh",
            2,
            "Số học sinh nhập viện sau bữa ăn bán trú tăng lên 47, hai em phải chuyển tuyến",
            "Đến tối 20/11, 47 học sinh một trường tiểu học ở Đồng Nai phải vào viện sau bữa ăn bán trú, trong đó 2 em được chuyển tuyến trên.",
            "Trung tâm y tế cho biết sức khỏe các em đã ổn định. Tuy nhiên, nguyên nhân chưa được xác định và mẫu thức ăn đang chờ kết quả kiểm nghiệm.",
        ),
        article(
            "Cổng thông tin Sở Y tế",
            5,
            "Thông tin về các học sinh nhập viện sau bữa ăn bán trú",
            "Sở Y tế cho biết 47 học sinh đang được điều trị, không em nào nguy kịch; mẫu thức ăn đã được gửi kiểm nghiệm.",
            "Sở đề nghị trường tạm dừng bếp ăn cho đến khi có kết luận.",
        ),
        article(
            "Báo tỉnh Miền Đông",
            3,
            "47 học sinh vào viện sau bữa ăn ở trường",
            "47 học sinh tiểu học phải vào viện trong chiều tối 20/11.",
            "",
        ),
    ];
    StoryInput {
        flags: vec![incident("Ngộ độc thực phẩm tập thể", Severity::Red)],
        case: Some(CaseView {
            number: 12,
            state: "đang xác minh".into(),
            owner: Some("Sở Y tế Đồng Nai".into()),
            deadline: Some(hour(17)),
        }),
        ..story("an-toan-thuc-pham", articles)
    }
}

/// A story of the ordinary day.
pub(crate) fn complaint() -> StoryInput {
    StoryInput {
        topics: vec![("kham-chua-benh".into(), 4.0), ("loai-du-luan".into(), 2.0)],
        flags: vec![incident("Sự cố trong khám bệnh, chữa bệnh", Severity::Orange)],
        ..story(
            "kham-chua-benh",
            vec![article(
                "Báo Ban Mai",
                6,
                "Gia đình sản phụ đề nghị bệnh viện giải thích quá trình cấp cứu",
                "Gia đình chị N.T.H. gửi đơn đề nghị Bệnh viện đa khoa khu vực Hồ Xanh giải thích quá trình cấp cứu con gái họ đêm 18/11.",
                "Bệnh viện cho biết đã lập hội đồng chuyên môn và sẽ trả lời gia đình trong tuần tới.",
            )],
        )
    }
}

/// A story of the ordinary day.
pub(crate) fn rumour() -> StoryInput {
    StoryInput {
        flags: vec![falsehood("Quảng cáo chữa khỏi bệnh", Stance::Claim)],
        ..story(
            "duoc-my-pham",
            vec![article(
                "Báo Phù Sa",
                1,
                "Rao bán \"trà thải độc gan\" cam kết khỏi bệnh sau bảy ngày",
                "Nhiều tài khoản mạng xã hội rao bán loại trà tự xưng là thuốc gia truyền, cam kết khỏi bệnh gan sau bảy ngày.",
                "Sản phẩm không ghi số công bố trên nhãn.",
            )],
        )
    }
}
