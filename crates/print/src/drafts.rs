//! Drafts of the duty desk: quick report, transfer slip, skeleton of an answer to the press.
//!
//! They hold what the press wrote and what the desk did, each with its source; whatever a person must say is "……".
//! Nothing is concluded and no number, name or deadline is made up.

use chrono::{DateTime, FixedOffset, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;
use diembao_desk::{Action, Case, CaseEvent, DeadlineStage};
use diembao_digest::phrases;

use crate::edition::heading;
use crate::{Block, Cell, Copy, Letterhead, Meta, Paper, Run};

/// A line to write on. It stands alone: beside words, justification would pull them apart.
const BLANK: &str = "……………………………………………………………………";
/// Sources listed; the rest are counted.
const MAX_SOURCES: usize = 20;

/// Which draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DraftKind {
    /// Báo cáo nhanh: to a superior.
    Report,
    /// Phiếu chuyển: to the unit that should answer.
    Transfer,
    /// Khung trả lời báo chí: to a newspaper.
    Answer,
}

impl DraftKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Report, Self::Transfer, Self::Answer];

    /// The name used in commands.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Transfer => "transfer",
            Self::Answer => "answer",
        }
    }

    /// Reads the name used in commands.
    #[must_use]
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.as_str() == s)
    }

    /// A Vietnamese file name, without its ending.
    #[must_use]
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Report => "Báo cáo nhanh",
            Self::Transfer => "Phiếu chuyển",
            Self::Answer => "Trả lời báo chí",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Report => "BÁO CÁO NHANH",
            Self::Transfer => "PHIẾU CHUYỂN",
            Self::Answer => "TRẢ LỜI BÁO CHÍ (DỰ THẢO)",
        }
    }
}

/// What the press wrote about a case.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DraftStory {
    /// Sentences quoted from the central article; may be empty.
    pub summary: String,
    /// Who should answer, as the registry proposes; none: a placeholder.
    pub unit: Option<String>,
    /// Who speaks, as the registry proposes; none: a placeholder.
    pub spokesperson: Option<String>,
    /// The articles, the first published first.
    pub sources: Vec<DraftSource>,
}

/// One article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftSource {
    /// Who published it.
    pub outlet: String,
    /// Its headline.
    pub title: String,
    /// When.
    pub published: DateTime<Utc>,
    /// Where.
    pub url: Option<String>,
}

/// The draft of a kind for a case with its events, as of a time.
#[must_use]
pub fn draft_paper(
    kind: DraftKind,
    (case, events): (&Case, &[CaseEvent]),
    story: &DraftStory,
    letterhead: &Letterhead,
    now: DateTime<Utc>,
) -> Paper {
    let about = format!("Về thông tin báo chí phản ánh: {}", phrases::capped(&case.title, 160));
    let blocks = match kind {
        DraftKind::Report => report(case, events, story, now),
        DraftKind::Transfer => transfer(case, events, story, letterhead),
        DraftKind::Answer => answer(case, story, letterhead),
    };
    let mut paper = Paper {
        meta: Meta {
            title: format!("{} – vụ việc số {}", kind.file_name(), case.id.as_i64()),
            author: letterhead.unit.clone(),
            subject: case.title.clone(),
            keywords: vec!["dự thảo".to_owned()],
            at: now,
        },
        head: Some(letterhead.undated(now)),
        title: kind.title().to_owned(),
        subtitle: crate::fonts::printable(&about),
        purpose: None,
        blocks,
        foot: Some(letterhead.foot(&Copy::default())),
    };
    paper.end();
    paper
}

fn report(case: &Case, events: &[CaseEvent], story: &DraftStory, now: DateTime<Utc>) -> Vec<Block> {
    let mut blocks = vec![addressed("……")];
    blocks.push(heading(1, "1. Thông tin báo chí phản ánh"));
    blocks.extend(press(case, story));
    blocks.push(heading(1, "2. Tình hình tiếp nhận và xử lý"));
    blocks.push(text(&format!(
        "Hệ thống ghi nhận lúc {}; tính đến {}, vụ việc ở bước “{}”{}.",
        when(case.opened_at),
        when(now),
        case.state.label(),
        case.handling.unit.as_ref().map(|u| format!(", đã chuyển {u}")).unwrap_or_default()
    )));
    blocks.push(Block::Table {
        widths: vec![24, 26, 50],
        head: ["Thời gian", "Người thực hiện", "Nội dung"].map(str::to_owned).to_vec(),
        rows: events.iter().filter_map(log_row).collect(),
    });
    for (name, hint) in [
        ("3. Kết quả xác minh ban đầu", "Thời gian, địa điểm, đối tượng (viết tắt tên người bệnh), mức độ:"),
        ("4. Biện pháp đã thực hiện", "Của cơ sở và của cơ quan quản lý:"),
        ("5. Đề xuất, kiến nghị", "Đơn vị trả lời, thời hạn, phát ngôn:"),
    ] {
        blocks.push(heading(1, name));
        blocks.extend([text(hint), text(BLANK)]);
    }
    blocks.push(text("Trên đây là báo cáo nhanh; kết quả xác minh sẽ được báo cáo tiếp"));
    blocks
}

fn transfer(case: &Case, events: &[CaseEvent], story: &DraftStory, letterhead: &Letterhead) -> Vec<Block> {
    let unit = case.handling.unit.as_deref().or(story.unit.as_deref()).unwrap_or("……");
    let mut blocks = vec![addressed(unit)];
    blocks.push(text(&format!("{} ghi nhận thông tin báo chí phản ánh như sau:", sender(letterhead))));
    blocks.extend(press(case, story));
    blocks.push(text(&format!(
        "{} chuyển thông tin nêu trên đến {unit} để kiểm tra, xác minh, xử lý theo thẩm quyền và thông tin lại kết quả {}.",
        sender(letterhead),
        deadline(events).map_or_else(|| "trước …… giờ, ngày …… tháng …… năm ……".to_owned(), |d| format!("trước {}", when(d)))
    )));
    blocks.push(text("Nội dung đề nghị làm rõ:"));
    blocks.push(Block::List { lines: vec![vec![Run::plain(BLANK)], vec![Run::plain(BLANK)]] });
    blocks.push(text("Đầu mối tiếp nhận: ……………………; điện thoại: ……………………; thư điện tử: ……………………"));
    blocks
}

fn answer(case: &Case, story: &DraftStory, letterhead: &Letterhead) -> Vec<Block> {
    let outlets = story.sources.first().map_or_else(|| "……".to_owned(), |s| s.outlet.clone());
    let mut blocks = vec![addressed(&outlets)];
    blocks.push(heading(1, "1. Nội dung báo chí nêu"));
    blocks.extend(press(case, story));
    blocks.push(heading(1, "2. Nội dung trả lời"));
    blocks.push(text(&format!("Về vấn đề trên, {} thông tin như sau:", sender(letterhead))));
    for hint in [
        "Thông tin đã được xác minh:",
        "Việc đã làm:",
        "Việc sẽ làm và thời gian dự kiến:",
        "Khuyến cáo đối với người dân:",
    ] {
        blocks.extend([text(hint), text(BLANK)]);
    }
    blocks.push(heading(1, "3. Người phát ngôn và đầu mối"));
    let spokesperson = story.spokesperson.as_ref().map_or_else(|| "……………………".to_owned(), |s| format!("{s} (đề xuất)"));
    blocks.push(text(&format!("Người phát ngôn: {spokesperson}")));
    blocks.push(text("Điện thoại: ……………………; thư điện tử: ……………………"));
    blocks.push(heading(1, "4. Tài liệu kèm theo"));
    blocks.push(text(BLANK));
    blocks
}

/// What the press wrote, each with where and when; said to be its word.
fn press(case: &Case, story: &DraftStory) -> Vec<Block> {
    let mut blocks = Vec::new();
    let first = story.sources.first();
    let lead = first.map_or_else(
        || format!("Tin “{}”, đăng lần đầu {}.", case.title, when(case.published)),
        |s| format!("{} đăng lúc {}: “{}”.", s.outlet, when(s.published), s.title),
    );
    blocks.push(text(&lead));
    if !story.summary.is_empty() {
        blocks.push(Block::Paragraph {
            runs: vec![Run::strong("Trích: "), Run::plain(&format!("“{}”", story.summary))],
        });
    }
    blocks.push(text(&format!(
        "Đến nay có {} bài của {} báo. Đây là phản ánh của báo chí, chưa có kết luận của cơ quan chức năng.",
        phrases::number(case.spread.n_articles as usize),
        phrases::number(case.spread.n_outlets as usize)
    )));
    if !story.sources.is_empty() {
        blocks.push(Block::Table {
            widths: vec![7, 20, 49, 24],
            head: ["TT", "Báo", "Bài đăng", "Thời gian"].map(str::to_owned).to_vec(),
            rows: story.sources.iter().take(MAX_SOURCES).enumerate().map(|(i, s)| source_row(s, i + 1)).collect(),
        });
        let rest = story.sources.len().saturating_sub(MAX_SOURCES);
        if rest > 0 {
            blocks.push(text(&format!("Và {} bài khác.", phrases::number(rest))));
        }
    }
    blocks
}

fn source_row(source: &DraftSource, place: usize) -> Vec<Cell> {
    let mut about = vec![vec![Run::plain(&source.title)]];
    about.extend(source.url.as_deref().map(|u| vec![Run::emphasis(u).to(Some(u))]));
    vec![
        vec![vec![Run::plain(&place.to_string())]],
        vec![vec![Run::plain(&source.outlet)]],
        about,
        vec![vec![Run::plain(&when(source.published))]],
    ]
}

/// What people did, as the log has it; counts of articles are in the text already.
fn log_row(event: &CaseEvent) -> Option<Vec<Cell>> {
    let what = match &event.action {
        Action::Evidence { .. } => return None,
        Action::Open { severity, .. } => format!("Ghi nhận, mức {} (mức của thông tin báo chí)", severity.label()),
        Action::Raise { severity } => format!("Nâng mức {}", severity.label()),
        Action::Lower { severity } => format!("Hạ mức {}", severity.label()),
        Action::Transfer { unit } => format!("Chuyển {unit}"),
        Action::Dismiss { reason } => format!("Bỏ qua: {}", reason.label()),
        Action::Escalate { to } => format!("Báo cáo {to}"),
        Action::Assign { to } => format!("Giao {to}"),
        Action::Occurred { at } => format!("Thời điểm xảy ra: {}", when(*at)),
        Action::SetDeadline { stage, due } => format!("Thời hạn {}: {}", stage.label(), when(*due)),
        // What the others are is in their names.
        other => phrases::capitalised(other.label()),
    };
    let mut cell = vec![vec![Run::plain(&what)]];
    if !event.note.is_empty() {
        cell.push(vec![Run::emphasis(&event.note)]);
    }
    Some(vec![vec![vec![Run::plain(&when(event.at))]], vec![vec![Run::plain(&event.actor)]], cell])
}

/// The deadline that is set last, the first report's before the last one's.
fn deadline(events: &[CaseEvent]) -> Option<DateTime<Utc>> {
    let of = |wanted: DeadlineStage| {
        events.iter().rev().find_map(|e| match e.action {
            Action::SetDeadline { stage, due } if stage == wanted => Some(due),
            _ => None,
        })
    };
    of(DeadlineStage::Interim).or_else(|| of(DeadlineStage::Final))
}

fn sender(letterhead: &Letterhead) -> &str {
    [letterhead.unit.as_str(), letterhead.agency.as_str()].into_iter().find(|s| !s.is_empty()).unwrap_or("……")
}

fn addressed(to: &str) -> Block {
    Block::Paragraph { runs: vec![Run::plain("Kính gửi: "), Run::strong(to)] }
}

fn text(text: &str) -> Block {
    Block::Paragraph { runs: vec![Run::plain(text)] }
}

/// "14:05 ngày 20/11/2026".
fn when(at: DateTime<Utc>) -> String {
    local(at).format("%H:%M ngày %d/%m/%Y").to_string()
}

/// A moment as clocks in Hà Nội show it.
pub(crate) fn local(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    at.with_timezone(&Ho_Chi_Minh).fixed_offset()
}

#[cfg(test)]
mod tests {
    use diembao_desk::{NewCase, Spread, apply, open};
    use diembao_news::{CaseId, FlagKind, Severity};

    use super::*;
    use crate::fixture::{input, letterhead, t};

    fn case() -> (Case, Vec<CaseEvent>) {
        let new = NewCase {
            story: input(1, 1, 0).stories[0].id,
            kind: FlagKind::Incident,
            severity: Severity::Orange,
            title: "30 học sinh nhập viện sau bữa trưa bán trú".to_owned(),
            published: t(-2),
            spread: Spread { n_articles: 5, n_outlets: 4 },
            opened_at: t(1),
            by: "diembao".to_owned(),
            note: String::new(),
        };
        let (mut case, first) = open(CaseId::new(12).unwrap(), &new);
        let mut events = vec![first];
        for (action, note) in [
            (Action::Acknowledge, ""),
            (Action::SetDeadline { stage: DeadlineStage::Interim, due: t(12) }, "Công văn của Văn phòng"),
        ] {
            let event = CaseEvent { at: t(2), actor: "Trực ban A".to_owned(), action, note: note.to_owned() };
            case = apply(&case, &event).unwrap();
            events.push(event);
        }
        (case, events)
    }

    fn story() -> DraftStory {
        let source = |outlet: &str, hour| DraftSource {
            outlet: outlet.to_owned(),
            title: "30 học sinh nhập viện".to_owned(),
            published: t(hour),
            url: Some(format!("https://bao.example/{hour}")),
        };
        DraftStory {
            sources: vec![source("Báo Bình Minh", -2), source("Báo Sông Hồng", 0)], ..DraftStory::default()
        }
    }

    /// All the words of a paper.
    fn words(paper: &Paper) -> String {
        format!("{:?} {:?}", paper.blocks, paper.head)
    }

    #[test]
    fn drafts_quote_their_sources_and_leave_blank_what_nobody_said() {
        let (case, events) = case();
        for kind in DraftKind::ALL {
            let paper = draft_paper(kind, (&case, &events), &story(), &letterhead(), t(3));
            let words = words(&paper);
            for said in ["Báo Bình Minh", "https://bao.example/-2", "22:00 ngày 20/11/2026", "chưa có kết luận"]
            {
                assert!(words.contains(said), "{kind:?}: {said}\n{words}");
            }
            assert!(words.contains("……") && words.contains("[SỐ KÝ HIỆU]"), "{kind:?}");
            assert!(words.contains("ngày …… tháng …… năm 2026"), "{kind:?}: the day is the signer's to set");
            assert_eq!(DraftKind::parse(kind.as_str()), Some(kind));
            assert!(!crate::docx(&paper).unwrap().is_empty());
        }
    }

    #[test]
    fn a_slip_names_the_deadline_that_was_set_and_no_other() {
        let (case, events) = case();
        let slip = |events: &[CaseEvent]| {
            words(&draft_paper(DraftKind::Transfer, (&case, events), &story(), &letterhead(), t(3)))
        };
        assert!(slip(&events).contains("trước 12:00 ngày 21/11/2026"));
        assert!(slip(&events[..1]).contains("trước …… giờ"));
    }

    #[test]
    fn a_case_without_its_story_is_still_a_draft() {
        let (case, events) = case();
        let paper = draft_paper(DraftKind::Answer, (&case, &events), &DraftStory::default(), &letterhead(), t(3));
        assert!(words(&paper).contains("30 học sinh nhập viện sau bữa trưa bán trú"));
    }
}
