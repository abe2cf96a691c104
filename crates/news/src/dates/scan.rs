//! Cuts a printed date into numbers, words and signs.

use super::words;

/// A piece of a printed date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// Digits: the value, how many there are, and whether a blank stands before them.
    Number(u32, usize, bool),
    /// Letters, folded.
    Word(String),
    /// Anything else but blanks, and whether a blank stands before it.
    Sign(char, bool),
}

const MAX_BYTES: usize = 200;
const MAX_TOKENS: usize = 60;

/// The tokens of the first 200 bytes.
pub(super) fn tokens(raw: &str) -> Vec<Token> {
    let mut end = raw.len().min(MAX_BYTES);
    while !raw.is_char_boundary(end) {
        end -= 1;
    }
    let folded: Vec<char> = raw[..end].chars().filter_map(words::fold).collect();
    let mut out = Vec::new();
    let mut at = 0;
    let mut spaced = true;
    while at < folded.len() && out.len() < MAX_TOKENS {
        let c = folded[at];
        if c.is_whitespace() {
            spaced = true;
            at += 1;
        } else if c.is_ascii_digit() {
            let run = folded[at..].iter().take_while(|c| c.is_ascii_digit()).count();
            let text: String = folded[at..at + run].iter().collect();
            out.push(Token::Number(text.parse().unwrap_or(u32::MAX), run, spaced));
            at += run;
            spaced = false;
        } else if c.is_alphabetic() {
            let run = folded[at..].iter().take_while(|c| c.is_alphabetic()).count();
            split_glued(&folded[at..at + run].iter().collect::<String>(), &mut out);
            at += run;
            spaced = false;
        } else {
            out.push(Token::Sign(c, spaced));
            at += 1;
            spaced = false;
        }
    }
    out
}

/// "amgmt" and "ictthu" are rare; the one glue seen in the field is a half of the day with what follows it.
fn split_glued(word: &str, out: &mut Vec<Token>) {
    for half in ["am", "pm"] {
        if let Some(rest) = word.strip_prefix(half).filter(|rest| words::zone_minutes(rest).is_some()) {
            out.push(Token::Word(half.to_owned()));
            out.push(Token::Word(rest.to_owned()));
            return;
        }
    }
    out.push(Token::Word(word.to_owned()));
}

/// The word at a place.
pub(super) fn word(tokens: &[Token], at: usize) -> Option<&str> {
    match tokens.get(at) {
        Some(Token::Word(w)) => Some(w),
        _ => None,
    }
}
