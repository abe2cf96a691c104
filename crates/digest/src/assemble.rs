//! From input to view: which story stands where, and what is said of it.

use crate::{AppendixView, Counts, Cut, EditionInput, EditionView, Edits};

/// The edition as an audience reads it.
#[must_use]
pub fn assemble(input: &EditionInput, cut: &Cut) -> EditionView {
    assemble_edited(input, cut, &Edits::default())
}

/// The edition as an audience reads it, after the editors' changes.
#[must_use]
pub fn assemble_edited(input: &EditionInput, cut: &Cut, edits: &Edits) -> EditionView {
    EditionView {
        day: input.day,
        form: cut.form,
        subject: format!("[Điểm báo y tế {}]", input.day.format("%d/%m")),
        title: format!("Điểm báo y tế ngày {}", input.day.format("%d/%m/%Y")),
        agency: input.agency.clone(),
        unit: input.unit.clone(),
        coverage: format!(
            "{}/{} nguồn đọc được",
            input.coverage.n_read, input.coverage.n_outlets
        ),
        notices: Vec::new(),
        counts: Counts::default(),
        highlights: Vec::new(),
        sections: Vec::new(),
        trend: input.trend.clone(),
        trend_notes: Vec::new(),
        appendix: AppendixView {
            errata: edits.errata.clone(),
            ..AppendixView::default()
        },
    }
}
