//! Polite and safe HTTP fetching.
