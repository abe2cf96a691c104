//! How a channel is doing, in words: what is wrong and what to do about it.
