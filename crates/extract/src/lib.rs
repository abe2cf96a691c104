//! HTML page to article: title, lead, body, authors, times.
