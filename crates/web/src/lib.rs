//! The console of the duty desk.
