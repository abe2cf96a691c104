//! Names, for people, what was repaired in a channel's markup.

use crate::markup::Flaws;

/// Adds a problem for each kind of flaw.
pub(crate) fn report(flaws: &Flaws, cut_off: bool, problems: &mut Vec<String>) {
    let mut say = |n: usize, what: &str| {
        if n > 0 {
            problems.push(format!("{n} {what}"));
        }
    };
    say(flaws.n_ampersands, "ampersands that begin no entity: kept as text");
    say(flaws.n_html_entities, "entities of HTML that XML does not know: resolved");
    say(flaws.n_unknown_entities, "unknown entities: kept as text");
    say(flaws.n_unreadable, "places that are no markup: kept as text");
    if flaws.declares_entities {
        problems.push("the document type declares entities: not expanded".to_owned());
    }
    if flaws.given_up {
        problems.push("too much is unreadable: reading stopped in the middle".to_owned());
    } else if flaws.cut_off || cut_off {
        problems.push("the document is cut off: what is there was read".to_owned());
    }
}
