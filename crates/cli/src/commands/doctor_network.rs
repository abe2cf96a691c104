//! The part of `diembao doctor` that asks the outside: name resolution, connections, encryption, the clock.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use diembao_fetch::{FetchError, Fetched, Fetcher, Purpose, Request, Validators};
use diembao_news::{CanonicalUrl, Channel};
use diembao_pipeline::Pipeline;

/// Hosts asked at the most: enough to tell one outlet's trouble from our own.
const MAX_HOSTS: usize = 6;
/// A clock that is further off makes deadlines and dates wrong.
const MAX_SKEW: TimeDelta = TimeDelta::minutes(2);

type Answer = (CanonicalUrl, Result<Fetched, FetchError>);

/// Asks a few hosts of feeds.toml once each; a finding by the name of each check.
pub(crate) async fn checks(p: &Pipeline) -> Vec<(&'static str, Result<String, String>)> {
    let settings = diembao_pipeline::fetch_settings(&p.home.settings.collect);
    let fetcher = match Fetcher::new(&settings) {
        Ok(fetcher) => fetcher,
        Err(e) => return vec![("network", Err(e.to_string()))],
    };
    let channels = some_hosts(p);
    if channels.is_empty() {
        return vec![("network", Err("feeds.toml has no channel that is polled".to_owned()))];
    }
    let asked = channels.iter().map(|channel| async {
        let none = Validators::default();
        let request = Request { url: &channel.url, validators: &none, purpose: Purpose::Channel };
        (channel.url.clone(), fetcher.fetch(&request).await)
    });
    let answers: Vec<Answer> = futures::future::join_all(asked).await;
    vec![("dns", dns(&answers)), ("network", network(&answers)), ("tls", tls(&answers)), ("clock", clock(p, &answers))]
}

fn some_hosts(p: &Pipeline) -> Vec<&Channel> {
    let mut seen = BTreeSet::new();
    let polled = p.home.outlets.iter().flat_map(|o| &o.channels).filter(|c| c.enabled);
    polled.filter(|c| seen.insert(c.url.host())).take(MAX_HOSTS).collect()
}

fn failed<'a>(answers: &'a [Answer], kinds: &[&str]) -> Vec<&'a FetchError> {
    answers.iter().filter_map(|(_, a)| a.as_ref().err()).filter(|e| kinds.contains(&&*e.kind())).collect()
}

fn dns(answers: &[Answer]) -> Result<String, String> {
    match &failed(answers, &["dns"])[..] {
        [] => Ok("names are resolved".to_owned()),
        [one, ..] if answers.len() > 1 && failed(answers, &["dns"]).len() < answers.len() => {
            Ok(format!("names are resolved; not this one: {one}"))
        }
        [one, ..] => Err(format!("no name is resolved: {one}; look at /etc/resolv.conf")),
    }
}

fn network(answers: &[Answer]) -> Result<String, String> {
    let none = failed(answers, &["dns", "connect", "timeout", "interrupted"]);
    match none.first() {
        Some(one) if none.len() == answers.len() => Err(format!("no host is reached: {one}")),
        _ => Ok(format!("{} of {} hosts are reached", answers.len() - none.len(), answers.len())),
    }
}

fn tls(answers: &[Answer]) -> Result<String, String> {
    let n = answers.iter().filter(|(url, _)| url.as_str().starts_with("https:")).count();
    let bad = failed(answers, &["tls"]);
    match bad.first() {
        _ if n == 0 => Ok("no channel is encrypted; nothing to check".to_owned()),
        Some(one) if bad.len() == n => Err(format!("no certificate is trusted: {one}; install ca-certificates")),
        Some(one) => Ok(format!("{} of {n} certificates are trusted; not this one: {one}", n - bad.len())),
        None => Ok(format!("{n} hosts were asked over https")),
    }
}

/// The middle one of the servers' clocks against ours.
fn clock(p: &Pipeline, answers: &[Answer]) -> Result<String, String> {
    let now = p.clock.now();
    let dates = answers.iter().filter_map(|(_, a)| a.as_ref().ok()?.server_date);
    let mut skews: Vec<TimeDelta> = dates.map(|theirs| theirs - now).collect();
    skews.sort();
    let Some(middle) = skews.get(skews.len() / 2) else {
        return Ok("no server told the time".to_owned());
    };
    if middle.abs() > MAX_SKEW {
        let side = if *middle > TimeDelta::zero() { "behind" } else { "ahead of" };
        let minutes = middle.num_minutes().abs();
        return Err(format!("this machine is {minutes} minutes {side} the servers: check its time service"));
    }
    Ok(format!("within {} s of {} servers", middle.num_seconds().abs(), skews.len()))
}
