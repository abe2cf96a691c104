//! The order of stages, their settings and their report.

pub mod settings;
