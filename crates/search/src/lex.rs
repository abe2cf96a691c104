//! A query as typed → the signs and pieces of text in it.

use std::ops::Range;

use crate::tree::Name;

/// One sign or piece of text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Token {
    /// A piece of text without spaces.
    Text,
    /// Text in quotation marks, where it stands, and the distance after it.
    Quoted {
        bytes: Range<usize>,
        slop: Option<u32>,
    },
    /// A piece of text with `*` at its end.
    Prefix,
    /// `*` alone.
    Star,
    Open,
    Close,
    Or,
    Not,
    /// A known name and a colon, with its value directly behind.
    Field(Name),
    /// A quotation mark without its other half.
    Unclosed,
}

/// A token at its place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Lexeme {
    pub(crate) token: Token,
    pub(crate) bytes: Range<usize>,
}

/// Splits a query.
pub(crate) fn lex(text: &str) -> Vec<Lexeme> {
    let mut out = Vec::new();
    let mut at = 0;
    let mut no_more_quotes = false;
    while let Some(c) = text[at..].chars().next() {
        let next = at + c.len_utf8();
        if c.is_whitespace() {
            at = next;
            continue;
        }
        let (token, end) = match c {
            '(' => (Token::Open, next),
            ')' => (Token::Close, next),
            '|' => (Token::Or, next + text[next..].len() - text[next..].trim_start_matches('|').len()),
            c if is_quote(c) => match text[next..].find(is_quote).filter(|_| !no_more_quotes) {
                Some(len) => quoted(text, next..next + len),
                None => {
                    no_more_quotes = true;
                    (Token::Unclosed, next)
                }
            },
            '-' if begins_word(text, at, next) => (Token::Not, next),
            _ => piece(text, at),
        };
        out.push(Lexeme { token, bytes: at..end });
        at = end;
    }
    out
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„')
}

/// A sign directly before a word and directly after a space.
fn begins_word(text: &str, at: usize, next: usize) -> bool {
    let before = text[..at].chars().next_back();
    let after = text[next..].chars().next();
    before.is_none_or(|c| c.is_whitespace() || c == '(')
        && after.is_some_and(|c| c.is_alphanumeric() || c == '(' || is_quote(c))
}

fn quoted(text: &str, bytes: Range<usize>) -> (Token, usize) {
    let close = text[bytes.end..].chars().next().map_or(0, char::len_utf8);
    let mut end = bytes.end + close;
    let mut slop = None;
    if let Some(rest) = text[end..].strip_prefix('~') {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if digits > 0 {
            slop = Some(rest[..digits].parse().unwrap_or(u32::MAX));
            end += 1 + digits;
        }
    }
    (Token::Quoted { bytes, slop }, end)
}

/// A piece of text up to a space, bracket or quotation mark; or the field name it begins with.
fn piece(text: &str, at: usize) -> (Token, usize) {
    let rest = &text[at..];
    let len =
        rest.find(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '|') || is_quote(c)).unwrap_or(rest.len());
    let word = &rest[..len];
    if let Some(colon) = word.find(':')
        && let Some(name) = Name::parse(&word[..colon])
        && rest[colon + 1..].chars().next().is_some_and(|c| c == '(' || is_quote(c) || (!c.is_whitespace() && c != ')'))
    {
        return (Token::Field(name), at + colon + 1);
    }
    let token = match word {
        "OR" => Token::Or,
        "NOT" => Token::Not,
        "*" | "*:*" => Token::Star,
        w if w.len() > 1 && w.ends_with('*') && w.chars().any(char::is_alphanumeric) => Token::Prefix,
        _ => Token::Text,
    };
    (token, at + len)
}
