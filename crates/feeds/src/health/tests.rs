//! What is said of channels, and when.

use super::*;

fn now() -> DateTime<Utc> {
    "2026-11-21T03:00:00Z".parse().unwrap()
}

fn well() -> ChannelFacts {
    ChannelFacts {
        enabled: true,
        last_poll: Some(now()),
        last_success: Some(now()),
        last_new_item: Some(now() - Duration::hours(1)),
        items: Yield { n_last_day: 24, per_day: 24.0, days: 27.0 },
        ..ChannelFacts::default()
    }
}

#[track_caller]
fn check(facts: &ChannelFacts, grade: Grade, what: &[&str]) {
    let diagnosis = diagnose(facts, now());
    let said: Vec<&str> = diagnosis.findings.iter().map(|f| f.what.as_str()).collect();
    assert_eq!((diagnosis.grade, said), (grade, what.to_vec()));
}

#[test]
fn grades() {
    check(&well(), Grade::Good, &[]);
    check(&ChannelFacts { enabled: false, failures: 9.0, ..well() }, Grade::Off, &[]);
    check(&ChannelFacts { last_poll: None, ..well() }, Grade::Unknown, &[]);
}

#[test]
fn failures_in_words() {
    let failing = ChannelFacts {
        failures: 0.25,
        last_error: Some("time-out after 20 s".to_owned()),
        last_success: Some(now() - Duration::hours(3)),
        ..well()
    };
    let words = ["failing; it last worked 3 hours ago: time-out after 20 s"];
    check(&failing, Grade::Doubtful, &words);
    check(&ChannelFacts { failures: 2.0, ..failing.clone() }, Grade::Broken, &words);
    let never = ChannelFacts { last_success: None, last_error: Some("404".to_owned()), ..failing };
    check(&never, Grade::Doubtful, &["it has never worked: 404"]);
}

#[test]
fn answers_that_are_none() {
    check(
        &ChannelFacts { answer: Answer::Challenge, ..well() },
        Grade::Broken,
        &["a bot challenge is served instead of the channel"],
    );
    check(&ChannelFacts { answer: Answer::Empty, n_empty: 2, ..well() }, Grade::Good, &[]);
    check(
        &ChannelFacts { answer: Answer::Empty, n_empty: 3, ..well() },
        Grade::Broken,
        &["the last 3 answers were well formed and held no items"],
    );
}

#[test]
fn silence_is_measured_by_the_channels_own_past() {
    let silent = |hours, per_day| ChannelFacts {
        last_new_item: Some(now() - Duration::hours(hours)),
        items: Yield { n_last_day: 0, per_day, days: 27.0 },
        ..well()
    };
    check(&silent(11, 48.0), Grade::Good, &[]);
    check(&silent(13, 48.0), Grade::Broken, &["nothing new for 13 hours; about 26 items should have come"]);
    check(&silent(24 * 14, 1.0 / 7.0), Grade::Good, &[]);
    check(&silent(24 * 50, 1.0 / 7.0), Grade::Broken, &["nothing new for 50 days; about 7 items should have come"]);
}

#[test]
fn oddities_leave_a_channel_in_use() {
    let odd = ChannelFacts {
        items: Yield { n_last_day: 2, per_day: 40.0, days: 20.0 },
        n_extraction_misses: 5,
        skew: Some(Duration::hours(-7)),
        ..well()
    };
    check(
        &odd,
        Grade::Doubtful,
        &[
            "no text could be read from its last 5 articles",
            "2 new items in a day; it used to bring 40",
            "its server's clock is 7 hours behind ours",
        ],
    );
}

#[test]
fn one_notice_when_it_breaks_and_one_when_it_is_mended() {
    assert_eq!(notice(Grade::Good, Grade::Broken), Some(Notice::Broke));
    assert_eq!(notice(Grade::Broken, Grade::Broken), None);
    assert_eq!(notice(Grade::Broken, Grade::Good), Some(Notice::Mended));
    assert_eq!(notice(Grade::Broken, Grade::Off), None);
}

#[test]
fn the_yield_is_per_day_since_the_first_poll() {
    let items = yield_of((98, 12), now() - Duration::days(11), now());
    assert_eq!(items.n_last_day, 12);
    assert!((items.per_day - 9.8).abs() < 0.01 && (items.days - 10.0).abs() < 0.01, "{items:?}");
    let old = yield_of((270, 3), now() - Duration::days(400), now());
    assert!((old.per_day - 10.0).abs() < 0.01 && (old.days - 27.0).abs() < 0.01, "{old:?}");
    assert_eq!(yield_of((0, 0), now(), now()), Yield::default());
}
