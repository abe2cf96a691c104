//! The one order in which documents are looked at, whatever order they arrive in.

use crate::Doc;

/// Indices by (published, key); those without a time last.
pub(crate) fn order(docs: &[Doc<'_>]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..docs.len()).collect();
    let key = |i: usize| {
        let d = &docs[i];
        (d.published.is_none(), d.published, d.key, d.outlet, &d.text.title, &d.text.lead, &d.text.body)
    };
    order.sort_by(|&a, &b| key(a).cmp(&key(b)));
    order
}
