//! Syllables that say nothing of what a text is about.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Function words of Vietnamese and the small change of news prose, normalised and lower case.
const SYLLABLES: &str = "và của là có được cho trong các những một này đó khi để với không người đã đang sẽ cũng \
    tại từ đến ra vào về trên dưới theo do bị bởi như thì mà nên rằng nhưng hay hoặc nếu vì sau trước giữa cùng \
    ông bà anh chị em cháu họ tôi chúng ta nó mình việc sự cuộc cái con chiếc bức điều vụ lúc ngày tháng năm giờ \
    phút sáng trưa chiều tối đêm hôm nay qua mai tuần qua nhiều ít rất hơn nhất cả mỗi mọi từng còn chỉ vẫn đều \
    lại mới ngay luôn thêm nữa rồi xong đi lên xuống tới gần xa ở nơi đây đấy kia ấy nào gì ai sao thế vậy \
    biết nói cho biết trả lời thông tin báo nguồn ảnh phóng viên hai ba bốn sáu bảy tám chín mười trăm nghìn triệu \
    làm thực hiện tiếp tục bắt đầu khoảng gồm thuộc bằng phải cần thể muốn";

static SET: LazyLock<HashSet<&'static str>> = LazyLock::new(|| SYLLABLES.split_whitespace().collect());

/// Whether a normalised syllable is one of them.
pub(crate) fn is_function_word(syllable: &str) -> bool {
    SET.contains(syllable)
}
