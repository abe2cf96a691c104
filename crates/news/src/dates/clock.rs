//! Reads a time of day and its distance from Greenwich among the tokens of a printed date.

use chrono::Duration;

use super::compose::{numeric_day, worded_day};
use super::scan::{Token, word};
use super::words;

/// Hour, minute and second that begin at a token, and the place after them:
/// `9:05`, `09:05:33.120`, `9h05`, `9h:05`, `9 giờ 05 phút`, `9h`.
pub(super) fn clock_at(tokens: &[Token], at: usize) -> Option<(u32, u32, u32, usize)> {
    let Some(Token::Number(hour @ 0..=24, 1 | 2, _)) = tokens.get(at) else {
        return None;
    };
    let mut next = at + 1;
    let worded = matches!(word(tokens, next), Some("h" | "gio" | "g"));
    let colon = |at: usize| matches!(tokens.get(at), Some(Token::Sign(':', _)));
    if worded {
        next += 1;
        if colon(next) {
            next += 1;
        }
    } else if colon(next) {
        next += 1;
    } else {
        return None;
    }
    let Some(Token::Number(minute @ 0..=59, 1 | 2, _)) = tokens.get(next) else {
        return worded.then_some((*hour, 0, 0, next));
    };
    if worded && !followed_as_minute(tokens, next) {
        return Some((*hour, 0, 0, next));
    }
    next += 1;
    let mut second = 0;
    if colon(next)
        && let Some(Token::Number(s @ 0..=60, 1 | 2, _)) = tokens.get(next + 1)
    {
        second = *s;
        next += 2;
        if matches!(tokens.get(next), Some(Token::Sign('.' | ',', false)))
            && matches!(tokens.get(next + 1), Some(Token::Number(_, _, false)))
        {
            next += 2;
        }
    }
    while matches!(tokens.get(next), Some(Token::Sign('\'' | '"', _)))
        || matches!(word(tokens, next), Some("phut" | "p"))
    {
        next += 1;
    }
    Some((*hour, *minute, second, next))
}

/// After "9h", the number of `20/05/2016` or `20 tháng 5` is a day, not a minute.
fn followed_as_minute(tokens: &[Token], at: usize) -> bool {
    numeric_day(&tokens[at..]).is_none() && worded_day(tokens, at).is_none()
}

/// The distance from Greenwich stated after a time: `Z`, `+07:00`, `+0700`, `+07`, `GMT+7`, `(GMT +7)`, `ICT`.
/// A bare `GMT` is Greenwich; `GMT+` without a number states nothing.
pub(super) fn offset(tokens: &[Token], at: usize) -> Option<Duration> {
    let at = if matches!(tokens.get(at), Some(Token::Sign('(' | '[', _))) { at + 1 } else { at };
    let minutes = match tokens.get(at)? {
        Token::Word(w) => {
            let base = words::zone_minutes(w)?;
            match tokens.get(at + 1) {
                Some(Token::Sign('+' | '-', _)) if base == 0 && w != "z" => match signed(tokens, at + 1) {
                    Some(minutes) => minutes,
                    None if matches!(tokens.get(at + 1), Some(Token::Sign('+', _))) => {
                        return None;
                    }
                    None => base,
                },
                _ => base,
            }
        }
        Token::Sign('+' | '-', _) => signed(tokens, at)?,
        _ => return None,
    };
    Some(Duration::minutes(i64::from(minutes)))
}

/// `+7`, `+07`, `+0700`, `+07:00`; not the dash before a day.
fn signed(tokens: &[Token], at: usize) -> Option<i32> {
    let Some(Token::Sign(sign, _)) = tokens.get(at) else {
        return None;
    };
    let Some(Token::Number(n, digits, false)) = tokens.get(at + 1) else {
        return None;
    };
    if numeric_day(&tokens[at + 1..]).is_some() || worded_day(tokens, at + 1).is_some() {
        return None;
    }
    let minutes = match (digits, tokens.get(at + 2), tokens.get(at + 3)) {
        (1 | 2, Some(Token::Sign(':', _)), Some(Token::Number(m @ 0..=59, 2, _))) => n * 60 + m,
        (1 | 2, _, _) => n * 60,
        (4, _, _) => n / 100 * 60 + n % 100,
        _ => return None,
    };
    let minutes = i32::try_from(minutes).ok().filter(|m| *m <= 14 * 60)?;
    Some(if *sign == '-' { -minutes } else { minutes })
}
