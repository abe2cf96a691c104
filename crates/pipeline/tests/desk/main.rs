//! The duty desk inside the running daemon: how soon an alarm is handed over, and that a dead process
//! neither loses nor doubles one.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod telling;
