//! Severity in queries and in the index.

use diembao_news::Severity;
use diembao_text::fold;

const ALL: [Severity; 4] = [Severity::Green, Severity::Yellow, Severity::Orange, Severity::Red];

/// The number stored in the index: 1 green to 4 red.
pub(crate) fn rank(severity: Severity) -> u64 {
    match severity {
        Severity::Green => 1,
        Severity::Yellow => 2,
        Severity::Orange => 3,
        Severity::Red => 4,
    }
}

/// The severity of a stored number.
pub(crate) fn of_rank(rank: u64) -> Option<Severity> {
    ALL.into_iter().find(|&s| self::rank(s) == rank)
}

/// `orange`, `cam`, `>=cam`, `<đỏ` → from, to.
pub(crate) fn range(value: &str) -> Option<(Severity, Severity)> {
    let (op, name) = crate::dates::operator(value);
    let name = fold(name);
    let one = ALL.into_iter().find(|s| s.as_str() == name || fold(s.label()) == name)?;
    let near = |step: i64| {
        ALL.into_iter().find(|&s| i64::try_from(rank(s)).ok() == i64::try_from(rank(one)).ok().map(|r| r + step))
    };
    Some(match op {
        ">=" => (one, Severity::Red),
        "<=" => (Severity::Green, one),
        ">" => (near(1)?, Severity::Red),
        "<" => (Severity::Green, near(-1)?),
        _ => (one, one),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severities_are_read_in_two_languages() {
        for (input, expect) in [
            ("cam", Some((Severity::Orange, Severity::Orange))),
            (">=Cam", Some((Severity::Orange, Severity::Red))),
            ("<red", Some((Severity::Green, Severity::Orange))),
            ("do", Some((Severity::Red, Severity::Red))),
            (">đỏ", None),
            ("tím", None),
        ] {
            assert_eq!(range(input), expect, "{input}");
        }
    }
}
