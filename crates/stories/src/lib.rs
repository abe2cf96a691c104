//! Articles about one event become one story.
