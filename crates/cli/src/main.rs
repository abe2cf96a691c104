//! The diembao command.
fn main() {}
