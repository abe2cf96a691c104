//! What can happen to a case.

use chrono::{DateTime, Utc};
use diembao_news::{ArticleId, CaseId, FlagKind, Severity};

use crate::DismissReason;

/// Whether a directive's deadline asks for a first or for the last word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeadlineStage {
    /// A first report.
    Interim,
    /// The final report.
    Final,
}

impl DeadlineStage {
    /// The name used in stores and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Interim => "interim",
            Self::Final => "final",
        }
    }

    /// Reads the name used in stores and JSON.
    #[must_use]
    pub fn parse(s: &str) -> Option<Self> {
        [Self::Interim, Self::Final].into_iter().find(|v| v.as_str() == s)
    }

    /// The name on screen, in Vietnamese.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Interim => "báo cáo bước đầu",
            Self::Final => "báo cáo cuối cùng",
        }
    }
}

/// What became of an article's page after it was first read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PageChange {
    /// It says something else.
    Changed,
    /// It was taken down.
    Gone,
    /// It had been taken down and is there again.
    Back,
}

impl PageChange {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Changed, Self::Gone, Self::Back];

    /// The name used in stores and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Gone => "gone",
            Self::Back => "back",
        }
    }

    /// Reads the name used in stores and JSON.
    #[must_use]
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.as_str() == s)
    }

    /// The name on screen, in Vietnamese.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Changed => "báo sửa bài",
            Self::Gone => "báo gỡ bài",
            Self::Back => "báo đăng lại bài",
        }
    }
}

/// One thing that happens to a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// The case is opened; always the first event, never a later one.
    Open {
        /// How grave the story is.
        severity: Severity,
        /// What it warns of.
        kind: FlagKind,
    },
    /// More was published: the story's totals now.
    Evidence {
        /// Articles in the story.
        n_articles: u32,
        /// Outlets that told it.
        n_outlets: u32,
    },
    /// The unit and person the registry proposes; the note gives the reasons.
    Route {
        /// The unit that should answer.
        unit: String,
        /// Who should speak for it.
        spokesperson: Option<String>,
    },
    /// An official's words on the matter, as an article prints them; they are the note.
    Quote {
        /// The article.
        article: ArticleId,
        /// Who is quoted.
        speaker: String,
    },
    /// The greatest numbers the articles give, of people dead and of people ill.
    Figures {
        /// Dead.
        dead: Option<u32>,
        /// Ill or hurt.
        ill: Option<u32>,
    },
    /// A paper changed, took down or put back an article of the case; its title is the note.
    Page {
        /// The article.
        article: ArticleId,
        /// What became of its page.
        change: PageChange,
    },
    /// The story became graver: alerts go out again, and a closed case is open again.
    Raise {
        /// The new severity, above the present one.
        severity: Severity,
    },
    /// A person finds the case less grave.
    Lower {
        /// The new severity, below the present one.
        severity: Severity,
    },
    /// An officer takes note of it and has it.
    Acknowledge,
    /// The facts are being checked.
    Verify,
    /// A unit is asked to handle it.
    Transfer {
        /// The unit's name.
        unit: String,
    },
    /// A meeting or a professional council is called.
    Convene,
    /// The official answer was given.
    Answer,
    /// Done.
    Close,
    /// Put aside.
    Dismiss {
        /// Why.
        reason: DismissReason,
    },
    /// Put aside because another case holds the same event: that one goes on.
    MergedInto {
        /// The case that goes on.
        case: CaseId,
    },
    /// Another case of the same event was added to this one; the totals of both.
    Merge {
        /// The case that was put aside.
        case: CaseId,
        /// Articles.
        n_articles: u32,
        /// Outlets.
        n_outlets: u32,
    },
    /// The press wrote more after the case was closed; the note is a headline.
    News {
        /// Articles.
        n_articles: u32,
    },
    /// A person looked at what was written since the case was closed, and leaves it closed.
    Seen,
    /// Taken up again.
    Reopen,
    /// Brought to a superior.
    Escalate {
        /// Who was told.
        to: String,
    },
    /// Given to a person.
    Assign {
        /// Who has it now.
        to: String,
    },
    /// A person states when the event happened.
    Occurred {
        /// When, as well as is known.
        at: DateTime<Utc>,
    },
    /// A directive sets a deadline.
    SetDeadline {
        /// A first or the last report.
        stage: DeadlineStage,
        /// When it is due.
        due: DateTime<Utc>,
    },
    /// The clocks stand still (the note says why).
    Pause,
    /// The clocks go on.
    Resume,
    /// A remark.
    Note,
}

impl Action {
    /// Whether the action follows from the press alone: nobody has taken care of the case by it.
    #[must_use]
    pub fn is_automatic(&self) -> bool {
        matches!(
            self,
            Self::Open { .. }
                | Self::Evidence { .. }
                | Self::Raise { .. }
                | Self::Route { .. }
                | Self::Quote { .. }
                | Self::Figures { .. }
                | Self::Page { .. }
                | Self::News { .. }
        )
    }

    /// The name used in stores, JSON and on the command line.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Open { .. } => "open",
            Self::Evidence { .. } => "evidence",
            Self::Route { .. } => "route",
            Self::Quote { .. } => "quote",
            Self::Figures { .. } => "figures",
            Self::Page { .. } => "page",
            Self::Raise { .. } => "raise",
            Self::Lower { .. } => "lower",
            Self::Acknowledge => "ack",
            Self::Verify => "verify",
            Self::Transfer { .. } => "transfer",
            Self::Convene => "convene",
            Self::Answer => "answer",
            Self::Close => "close",
            Self::Dismiss { .. } => "dismiss",
            Self::MergedInto { .. } => "merged",
            Self::Merge { .. } => "merge",
            Self::News { .. } => "news",
            Self::Seen => "seen",
            Self::Reopen => "reopen",
            Self::Escalate { .. } => "escalate",
            Self::Assign { .. } => "assign",
            Self::Occurred { .. } => "occurred",
            Self::SetDeadline { .. } => "deadline",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Note => "note",
        }
    }

    /// The name on screen, in Vietnamese.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Self::Open { .. } => "mở vụ việc",
            Self::Evidence { .. } => "có thêm tin",
            Self::Route { .. } => "đề xuất đơn vị",
            Self::Quote { .. } => "phát ngôn trên báo",
            Self::Figures { .. } => "số liệu báo nêu",
            Self::Page { change, .. } => change.label(),
            Self::Raise { .. } => "nâng mức",
            Self::Lower { .. } => "hạ mức",
            Self::Acknowledge => "tiếp nhận",
            Self::Verify => "xác minh",
            Self::Transfer { .. } => "chuyển đơn vị",
            Self::Convene => "họp/hội đồng",
            Self::Answer => "phát ngôn",
            Self::Close => "đóng",
            Self::Dismiss { .. } => "bỏ qua",
            Self::MergedInto { .. } => "nhập vào vụ việc khác",
            Self::Merge { .. } => "nhận vụ việc trùng",
            Self::News { .. } => "có tin mới sau khi đóng",
            Self::Seen => "đã xem tin mới",
            Self::Reopen => "mở lại",
            Self::Escalate { .. } => "báo cáo cấp trên",
            Self::Assign { .. } => "giao việc",
            Self::Occurred { .. } => "ghi thời điểm xảy ra",
            Self::SetDeadline { .. } => "đặt thời hạn",
            Self::Pause => "tạm dừng đồng hồ",
            Self::Resume => "chạy lại đồng hồ",
            Self::Note => "ghi chú",
        }
    }
}
