//! Editions from the store to the reader: editors, times, mail, in a home of their own.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

mod delivering;
mod editing;
mod home;
mod times;
