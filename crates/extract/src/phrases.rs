//! Lines that are part of the page, not of the article, in the languages the desk reads.

use crate::plain::squashed;

/// Beginnings of lines that point elsewhere; they count when the line is short or linked.
const POINTERS: &[&str] = &[
    "xem thêm",
    "tham khảo thêm",
    "đọc thêm",
    "xem tiếp",
    "mời quý độc giả",
    "mời độc giả",
    "mời bạn đọc",
    "tin liên quan",
    "bài liên quan",
    "có thể bạn quan tâm",
    "bạn đọc xem thêm",
    "video đang được xem",
    "video liên quan",
    "clip",
    "đọc tiếp",
    "read more",
    "read also",
    "also read",
    "see also",
    "see more",
    "more on",
    "related",
    "recommended",
    "watch",
    "listen",
    "lesen sie auch",
    "lesen sie hier",
    "mehr zum thema",
    "lesen sie mehr",
    "auch interessant",
    "lire aussi",
    "à lire aussi",
    "lea también",
    "leer más",
    "te puede interesar",
    "leggi anche",
    "lees ook",
    "läs också",
    "les også",
    "čtěte také",
    "czytaj też",
    "czytaj więcej",
    "don t miss",
    "read next",
    "czytaj także",
    "zobacz także",
    "leia também",
    "leia mais",
    "ler mais",
    "další zprávy",
];

/// Whole lines that are labels of the page.
const LABELS: &[&str] = &[
    "advertisement",
    "advert",
    "don t miss",
    "empfohlener redaktioneller inhalt",
    "recommended videos",
    "advertisements",
    "advertising",
    "anzeige",
    "werbung",
    "quảng cáo",
    "publicité",
    "publicidad",
    "pubblicità",
    "ad",
    "sponsored",
    "story continues below advertisement",
    "article continues below advertisement",
    "advertisement continue reading the main story",
    "continue reading the main story",
    "continue reading below advertisement",
    "scroll to continue",
    "story continues",
    "skip advertisement",
    "image",
    "image source",
    "image caption",
    "media caption",
    "share",
    "share this",
    "share this article",
    "share on facebook",
    "chia sẻ",
    "chia sẻ facebook",
    "bình luận",
    "gửi bình luận",
    "in bài",
    "lưu bài viết",
    "theo dõi",
    "thích",
    "tweet",
    "facebook",
    "twitter",
    "email",
    "print",
    "copy link",
    "sao chép",
    "comments",
    "comment",
    "loading",
    "đang tải",
    "nghe đọc bài",
    "nghe bài viết",
    "0 00",
    "play",
    "video",
    "ảnh minh họa",
    "minh họa",
    "externer inhalt",
    "empfohlener externer inhalt",
    "inhalt laden",
    "gehe zu",
    "reklama",
    "reklame",
    "annonce",
    "hirdetés",
    "close",
    "back to top",
    "sign up",
    "subscribe",
    "log in",
    "follow us",
    "editor s note",
    "bài viết đã được lưu",
    "trở lại",
    "về trang chủ",
    "read our comments policy",
    "view comments",
    "show comments",
    "xem thêm",
    "tham khảo thêm",
    "tags",
    "từ khóa",
    "chủ đề",
];

/// Beginnings of whole short lines that are notices of the page.
const NOTICES: &[&str] = &[
    "copyright",
    "published under",
    "filed under",
    "posted in",
    "czytaj dalej",
    "more great",
    "©",
    "all rights reserved",
    "bản quyền",
    "click here",
    "bấm vào đây",
    "nhấn vào đây",
    "tags",
    "từ khóa",
    "sign up for",
    "subscribe to",
    "follow us on",
    "theo dõi chúng tôi",
    "newsletter",
    "photo by",
    "photo credit",
    "image credit",
    "foto",
    "getty images",
    "this article was originally published",
    "download the",
    "tải ứng dụng",
    "mọi thông tin góp ý",
    "mọi ý kiến đóng góp",
    "join the conversation",
    "we use cookies",
    "this site uses cookies",
];

/// Headings after which nothing of the article follows.
const ENDS: &[&str] = &[
    "tin liên quan",
    "bài liên quan",
    "tin cùng chuyên mục",
    "cùng chuyên mục",
    "tin khác",
    "tin mới",
    "đọc nhiều",
    "tin đọc nhiều",
    "có thể bạn quan tâm",
    "bình luận",
    "ý kiến bạn đọc",
    "ý kiến",
    "bạn đọc bình luận",
    "tin mới hơn",
    "các tin khác",
    "tin tức liên quan",
    "bài đọc nhiều",
    "tin nổi bật",
    "xem nhiều",
    "chủ đề liên quan",
    "related articles",
    "related stories",
    "related",
    "related news",
    "related posts",
    "related content",
    "related topics",
    "related links",
    "more stories",
    "read more",
    "read next",
    "recommended",
    "recommended for you",
    "comments",
    "most read",
    "most popular",
    "you may also like",
    "you might also like",
    "more from",
    "more on this story",
    "about the author",
    "leave a reply",
    "leave a comment",
    "share this",
    "up next",
    "trending",
    "latest news",
    "mehr zum thema",
    "das könnte sie auch interessieren",
    "kommentare",
    "lesen sie auch",
    "weitere artikel",
    "sur le même sujet",
    "à lire aussi",
    "te puede interesar",
    "más noticias",
    "powiązane",
    "komentarze",
    "zobacz także",
];

/// Longer than any label or notice, marks and all.
const MAX_BYTES: usize = 160;

/// Whether a short line is a label, pointer or notice of the page.
pub(crate) fn is_label(text: &str, has_link: bool) -> bool {
    let is_pointer = |(head, _): (&str, &str)| head.len() < MAX_BYTES && POINTERS.contains(&squashed(head).as_str());
    if text.len() < MAX_BYTES || has_link {
        let line = squashed(text);
        if LABELS.contains(&line.as_str()) || NOTICES.iter().any(|n| starts_with_words(&line, n)) && line.len() < 90 {
            return true;
        }
        if has_link && POINTERS.iter().any(|p| starts_with_words(&line, p)) {
            return true;
        }
    }
    text.split_once([':', '>', '|']).is_some_and(is_pointer)
}

/// Whether a heading says that the article is over.
pub(crate) fn ends_article(text: &str) -> bool {
    ENDS.contains(&squashed(text).as_str())
}

/// Whether a last line is the author's name, a credit or a dateline.
pub(crate) fn is_byline(text: &str) -> bool {
    let text = text.trim().trim_matches(['(', ')', '*', ' ']);
    let lower = squashed(text);
    let credited = ["theo ", "nguồn ", "biên dịch ", "thực hiện ", "bài ảnh ", "bài và ảnh ", "tác giả ", "by "];
    let n_words = lower.split(' ').count();
    n_words <= 10 && credited.iter().any(|c| lower.starts_with(c)) && !crate::density::ends_sentence(text)
        || n_words <= 6 && is_name(text)
}

/// Whether every word of a line is capitalised, as in names: "Nguyễn An", "N.A - T. Bình", "Lê An và Trần B.".
pub(crate) fn is_name(text: &str) -> bool {
    let mut n = 0;
    let mut is_open = true;
    for word in text.split(|c: char| c.is_whitespace() || "-–/.,&".contains(c)).filter(|w| !w.is_empty()) {
        if !is_open && ["và", "and"].contains(&word) {
            is_open = true;
            continue;
        }
        let mut chars = word.chars();
        is_open = false;
        if !chars.next().is_some_and(char::is_uppercase) || chars.any(|c| !c.is_alphabetic()) {
            return false;
        }
        n += 1;
    }
    n >= 1 && !is_open && !text.ends_with(['!', '?', ':'])
}

fn starts_with_words(line: &str, start: &str) -> bool {
    line.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_page_are_known() {
        assert!(is_label("Xem thêm: Ba bệnh viện mở thêm phòng khám", true));
        assert!(is_label("ADVERTISEMENT", false));
        assert!(!is_label("Xem thêm nhiều ca bệnh, bác sĩ kết luận như vậy.", false));
        assert!(ends_article("Tin liên quan"));
        assert!(is_byline("Theo Báo Thử Nghiệm"));
        assert!(is_byline("Trần B."));
        assert!(is_byline("Lê An và Trần B."));
        assert!(!is_byline("Hà Nội và"));
        assert!(!is_byline("Theo bác sĩ, người bệnh đã ổn định."));
    }
}
