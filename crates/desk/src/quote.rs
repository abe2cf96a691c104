//! What officials say of a case, as the press prints it.

use std::sync::LazyLock;

use regex::Regex;

const MAX_QUOTES: usize = 3;
const MAX_BODY: usize = 60_000;
const MAX_SENTENCE: usize = 600;

/// An official's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficialQuote {
    /// Who: office and name, or an authority.
    pub speaker: String,
    /// The sentence.
    pub text: String,
}

/// An office or an authority, the name after it, and a verb of saying.
static SAYS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        (?P<speaker>
          (?:(?:Bộ|Thứ)\s+trưởng|(?:Phó\s+)?(?:Cục|Vụ)\s+trưởng|(?:phó\s+|Phó\s+)?(?:giám|Giám)\s+đốc\s+Sở
            |(?:Phó\s+)?Chánh\s+Văn\s+phòng\s+Bộ|(?:Phó\s+)?Chủ\s+tịch\s+UBND
            |(?:[Đđ]ại\s+diện|[Ll]ãnh\s+đạo)\s+(?:Bộ|Sở|Cục|UBND)
            |Bộ\s+Y\s+tế|Sở\s+Y\s+tế|Cục\s+\p{Lu}[\p{L},\ ]{3,40}|UBND\s+(?:tỉnh|thành\s+phố))
          (?:\s+[\p{L}\p{N}.–-]+){0,9}?
        )
        \s+(?:cho\s+biết|cho\s+hay|khẳng\s+định|yêu\s+cầu|thông\s+tin|nhấn\s+mạnh|xác\s+nhận|bác\s+bỏ|khuyến\s+cáo
              |cảnh\s+báo|đề\s+nghị|kết\s+luận|thông\s+báo)\b",
    )
    .expect("the pattern is a constant")
});

/// The sentences of an article in which an authority of the sector speaks, at most three.
#[must_use]
pub fn official_quotes(lead: &str, body: &str) -> Vec<OfficialQuote> {
    let mut end = body.len().min(MAX_BODY);
    while !body.is_char_boundary(end) {
        end -= 1;
    }
    let lines = lead.lines().chain(body[..end].lines());
    let sentences =
        lines.flat_map(|line| diembao_text::sentences(line).into_iter().map(move |range| line[range].trim()));
    let mut quotes: Vec<OfficialQuote> = Vec::new();
    for sentence in sentences.filter(|s| s.len() <= MAX_SENTENCE) {
        let Some(found) = SAYS.captures(sentence) else { continue };
        if quotes.iter().all(|q| q.text != sentence) {
            quotes.push(OfficialQuote { speaker: found["speaker"].to_owned(), text: sentence.to_owned() });
        }
        if quotes.len() == MAX_QUOTES {
            break;
        }
    }
    quotes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, speakers: &[&str]) {
        let found: Vec<String> = official_quotes("", text).into_iter().map(|q| q.speaker).collect();
        assert_eq!(found, speakers, "{text}");
    }

    #[test]
    fn authorities_are_quoted_and_others_are_not() {
        check("Sở Y tế Thanh Hóa cho biết đã lập đoàn kiểm tra.", &["Sở Y tế Thanh Hóa"]);
        check("Thứ trưởng Nguyễn Văn Mẫu yêu cầu báo cáo trước ngày 15/4.", &["Thứ trưởng Nguyễn Văn Mẫu"]);
        check("Ông Lê A, phó giám đốc Sở Y tế tỉnh, cho biết sẽ làm rõ.", &[]);
        check("Phó giám đốc Sở Y tế Lê Văn Thí khẳng định kíp trực đủ người.", &["Phó giám đốc Sở Y tế Lê Văn Thí"]);
        check("Cục Quản lý Dược đề nghị thu hồi lô thuốc.", &["Cục Quản lý Dược"]);
        check("Chị H. cho biết con chị sốt cao. Bác sĩ Trần Văn Tám nói ca mổ khó.", &[]);
        check(
            "Sở Y tế A cho biết một. Sở Y tế B cho biết hai. Sở Y tế C cho biết ba. Sở Y tế D cho biết bốn.",
            &["Sở Y tế A", "Sở Y tế B", "Sở Y tế C"],
        );
    }
}
