//! Bar charts over time as SVG and PNG, lettered in Vietnamese.

mod png;
mod svg;

/// A chart ready to be drawn.
#[derive(Debug, Clone)]
pub(crate) struct Chart {
    /// What is counted.
    pub(crate) title: String,
    /// Of which time, and how much in all.
    pub(crate) subtitle: String,
    /// In order of time.
    pub(crate) bars: Vec<Bar>,
}

/// One stretch of time.
#[derive(Debug, Clone)]
pub(crate) struct Bar {
    /// What stands under it.
    pub(crate) label: String,
    pub(crate) n: u64,
}
