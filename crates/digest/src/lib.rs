//! The daily edition: from stories to subject, HTML and text.
