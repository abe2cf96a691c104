//! Where a case stands, and why one is put aside.

/// Where a case stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CaseState {
    /// The program found it; nobody has looked.
    Detected,
    /// An officer has it.
    Acknowledged,
    /// The facts are being checked.
    Verifying,
    /// A unit was asked to handle it.
    Transferred,
    /// A meeting or professional council deals with it.
    Council,
    /// The official answer was given.
    Answered,
    /// Done.
    Closed,
    /// Put aside, with a reason.
    Dismissed,
}

impl CaseState {
    /// Every state, in the order of a case's life.
    pub const ALL: [Self; 8] = [
        Self::Detected,
        Self::Acknowledged,
        Self::Verifying,
        Self::Transferred,
        Self::Council,
        Self::Answered,
        Self::Closed,
        Self::Dismissed,
    ];

    /// The name used in stores and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Detected => "detected",
            Self::Acknowledged => "acknowledged",
            Self::Verifying => "verifying",
            Self::Transferred => "transferred",
            Self::Council => "council",
            Self::Answered => "answered",
            Self::Closed => "closed",
            Self::Dismissed => "dismissed",
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
            Self::Detected => "phát hiện",
            Self::Acknowledged => "đã nhận",
            Self::Verifying => "xác minh",
            Self::Transferred => "chuyển đơn vị",
            Self::Council => "họp/hội đồng",
            Self::Answered => "đã phát ngôn",
            Self::Closed => "đóng",
            Self::Dismissed => "bỏ qua",
        }
    }

    /// Whether somebody still has to do something.
    #[must_use]
    pub fn is_open(self) -> bool {
        !matches!(self, Self::Closed | Self::Dismissed)
    }
}

/// Why a case is put aside. The reasons feed the rules' regression cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DismissReason {
    /// No incident: the rule was wrong.
    NotIncident,
    /// Not about health.
    NotHealth,
    /// Another case holds the same event.
    Duplicate,
    /// An old event told again.
    OldCase,
    /// It happened abroad.
    Foreign,
    /// Checked, and without foundation.
    Unfounded,
    /// Something else, which the note says.
    Other,
}

impl DismissReason {
    /// Every reason, in the order of a list on screen.
    pub const ALL: [Self; 7] = [
        Self::NotIncident,
        Self::NotHealth,
        Self::Duplicate,
        Self::OldCase,
        Self::Foreign,
        Self::Unfounded,
        Self::Other,
    ];

    /// The name used in stores and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotIncident => "not-incident",
            Self::NotHealth => "not-health",
            Self::Duplicate => "duplicate",
            Self::OldCase => "old-case",
            Self::Foreign => "foreign",
            Self::Unfounded => "unfounded",
            Self::Other => "other",
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
            Self::NotIncident => "không phải sự cố",
            Self::NotHealth => "không thuộc lĩnh vực y tế",
            Self::Duplicate => "trùng với vụ việc khác",
            Self::OldCase => "vụ việc cũ đăng lại",
            Self::Foreign => "xảy ra ở nước ngoài",
            Self::Unfounded => "đã kiểm tra, không có cơ sở",
            Self::Other => "lý do khác",
        }
    }
}
