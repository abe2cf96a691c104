//! The duty desk: cases, events, clocks.
