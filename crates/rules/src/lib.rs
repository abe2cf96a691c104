//! Keyword rules: topics, incidents and misinformation, with evidence.
