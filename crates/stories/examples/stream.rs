//! How grouping does article by article, as the press brings them: cost, memory, and B-cubed F1.
//!
//! In: a JSON-lines file with title, lead and body of many articles; optionally one of labelled
//! clusters. Out: one line a day with CPU and memory, then one line a collection. See bench/stories.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement that cannot be read has failed")]
#![expect(clippy::cast_precision_loss, reason = "figures for people")]

use std::collections::{BTreeMap, HashMap};
use std::fs;

use chrono::{DateTime, TimeDelta, Utc};
use diembao_news::ArticleText;
use diembao_stories::{Background, Fresh, GroupSettings, Profile, Recent, profiles};
use serde_json::Value;

const HELP: &str = "stream ARTICLES.jsonl [CLUSTERS.jsonl] [days] [articles a day]";
/// Articles of one round.
const ROUND: usize = 7;
/// Articles from which the background is counted, once a day.
const SAMPLE: usize = 2_000;
/// Days of history.
const HISTORY: i64 = 30;

struct Labelled {
    set: String,
    cluster: String,
    published: Option<DateTime<Utc>>,
    text: ArticleText,
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let corpus: Vec<ArticleText> = read(args.first().expect(HELP)).iter().map(text).collect();
    let number = |i: usize, default| args.get(i).map_or(default, |n| n.parse().unwrap());
    weeks(&corpus, number(2, 30), number(3, 10_000));
    if let Some(path) = args.get(1) {
        let rows: Vec<Labelled> = read(path).iter().map(labelled).collect();
        for n_distractors in [0, corpus.len()] {
            score(&rows, &corpus[..n_distractors]);
        }
    }
}

/// What a made-up article tells: whose sentences it takes, and which words are its own.
#[derive(Clone, Copy)]
struct Tale {
    of: [usize; 3],
    own: u64,
}

/// Days of made-up articles: each takes its sentences from a few real ones and changes a fifth of their words to ones
/// that only this event has; a third retells one of the last days.
fn weeks(corpus: &[ArticleText], days: usize, per_day: usize) {
    println!("day  articles  stories  cpu us/article: profile  group  place  start of day ms  rss MB");
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut recent = Recent::new(GroupSettings::default());
    let mut told: Vec<Tale> = Vec::new();
    let begin = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
    for day in 0..days {
        let mark = cpu_us();
        let sample: Vec<ArticleText> = told.iter().rev().take(SAMPLE).map(|&t| tell(corpus, t, &mut random)).collect();
        let background = Background::of(&sample);
        let start = begin + TimeDelta::days(i64::try_from(day).unwrap());
        recent.forget_before(start - TimeDelta::days(HISTORY));
        let morning = cpu_us() - mark;
        let mut spent = [0; 3];
        for round in 0..per_day / ROUND {
            let articles: Vec<ArticleText> = (0..ROUND)
                .map(|_| {
                    let again = random.below(3) == 0 && !told.is_empty();
                    let of = if again {
                        told[told.len() - 1 - random.below(told.len().min(per_day * 2))]
                    } else {
                        Tale { of: [0; 3].map(|_| random.below(corpus.len())), own: random.next() }
                    };
                    told.push(of);
                    tell(corpus, of, &mut random)
                })
                .collect();
            let at = start + TimeDelta::seconds(i64::try_from(round * 86_400 * ROUND / per_day).unwrap());
            let dated: Vec<_> = articles.iter().map(|text| (text, Some(at))).collect();
            take_in(&mut recent, &background, &dated, &mut Named::new(told.len()), &mut spent);
        }
        let each = |us: u64| us as f64 / per_day as f64;
        println!(
            "{:>3} {:>9} {:>8} {:>23.0} {:>6.0} {:>6.0} {:>16.0} {:>7.0}",
            day + 1,
            told.len(),
            recent.len(),
            each(spent[0]),
            each(spent[1]),
            each(spent[2]),
            morning as f64 / 1000.0,
            rss_kb() as f64 / 1024.0
        );
    }
}

/// Names for stories and articles of a measurement.
struct Named {
    next: u64,
    story_of: HashMap<u64, u64>,
}

impl Named {
    fn new(first: usize) -> Self {
        Self { next: first as u64, story_of: HashMap::new() }
    }
}

/// One round. A story is named after its first article.
fn take_in(
    recent: &mut Recent,
    background: &Background,
    articles: &[(&ArticleText, Option<DateTime<Utc>>)],
    named: &mut Named,
    spent: &mut [u64; 3],
) {
    let mark = cpu_us();
    let texts: Vec<&ArticleText> = articles.iter().map(|a| a.0).collect();
    let profiles: Vec<Profile> = profiles(&texts, background);
    spent[0] += cpu_us() - mark;
    let mark = cpu_us();
    let fresh: Vec<Fresh<'_>> = (named.next..)
        .zip(articles)
        .zip(&profiles)
        .map(|((key, a), profile)| Fresh { key, published: a.1, profile })
        .collect();
    let groups = recent.group(&fresh, &[]);
    spent[1] += cpu_us() - mark;
    let mark = cpu_us();
    for group in groups {
        let story = group.stories.first().copied().unwrap_or_else(|| fresh[group.fresh[0]].key);
        for other in group.stories.iter().skip(1) {
            recent.unite(*other, story);
            named.story_of.values_mut().filter(|s| *s == other).for_each(|s| *s = story);
        }
        for &i in &group.fresh {
            recent.place(story, fresh[i].published, fresh[i].profile);
            named.story_of.insert(fresh[i].key, story);
        }
    }
    named.next += articles.len() as u64;
    spent[2] += cpu_us() - mark;
}

/// A third of the sentences of each article told of, and the title and lead of one of them.
fn tell(corpus: &[ArticleText], tale: Tale, random: &mut Random) -> ArticleText {
    let head = &corpus[tale.of[random.below(3)]];
    let sentences = tale.of.iter().flat_map(|&i| corpus[i].body.split_inclusive(". "));
    let body: Vec<&str> = sentences.filter(|_| random.below(3) == 0).collect();
    let own = |text: &str| text.split_inclusive(' ').map(|word| own_word(word, tale.own)).collect::<String>();
    ArticleText { title: own(&head.title), lead: own(&head.lead), body: own(&body.concat()) }
}

/// The word, or in its place one of the event's own.
fn own_word(word: &str, own: u64) -> String {
    let hash = word.bytes().fold(own | 1, |hash, b| (hash ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    if hash >> 32 & 0xff > 50 {
        return word.to_owned();
    }
    let letters = (0..5).map(|i| char::from(b'a' + u8::try_from((hash >> (5 * i)) & 15).unwrap()));
    letters.chain([' ']).collect()
}

/// An article that goes by: its place among those of its moment, when, what it says, and its label.
type Passing<'a> = (u64, Option<DateTime<Utc>>, &'a ArticleText, Option<&'a str>);

/// Labelled articles as a stream, hidden among others that appear at random moments of the same time.
fn score(rows: &[Labelled], distractors: &[ArticleText]) {
    let mut sets: BTreeMap<&str, Vec<&Labelled>> = BTreeMap::new();
    rows.iter().for_each(|r| sets.entry(&r.set).or_default().push(r));
    for (set, rows) in sets {
        let mut random = Random(0x2545_f491_4f6c_dd1d);
        let dates: Vec<DateTime<Utc>> = rows.iter().filter_map(|r| r.published).collect();
        let span = dates.iter().min().zip(dates.iter().max());
        let mut stream: Vec<Passing<'_>> = Vec::new();
        stream.extend(rows.iter().map(|r| (random.next(), r.published, &r.text, Some(r.cluster.as_str()))));
        stream.extend(distractors.iter().map(|text| {
            let at = span.map(|(from, to)| *from + (*to - *from) * i32::try_from(random.below(1000)).unwrap() / 1000);
            (random.next(), at, text, None)
        }));
        stream.sort_by_key(|s| (s.1, s.0));
        let mut background = Background::default();
        let mut counted = 0;
        let mut recent = Recent::new(GroupSettings::default());
        let mut named = Named::new(0);
        for (round, n) in stream.chunks(ROUND).zip((0..).step_by(ROUND)) {
            if n > counted * 3 / 2 {
                let sample: Vec<ArticleText> = stream[..n].iter().rev().take(SAMPLE).map(|s| s.2.clone()).collect();
                background = Background::of(&sample);
                counted = n;
            }
            let dated: Vec<_> = round.iter().map(|s| (s.2, s.1)).collect();
            take_in(&mut recent, &background, &dated, &mut named, &mut [0; 3]);
        }
        let pairs: Vec<(&str, u64)> =
            (0..).zip(&stream).filter_map(|(key, s)| Some((s.3?, named.story_of[&key]))).collect();
        let (p, r) = b_cubed(&pairs);
        println!(
            "{set}: {} articles among {}: precision {p:.4} recall {r:.4} F1 {:.4}",
            rows.len(),
            distractors.len(),
            2.0 * p * r / (p + r)
        );
    }
}

/// Bagga and Baldwin's B-cubed precision and recall.
fn b_cubed(pairs: &[(&str, u64)]) -> (f64, f64) {
    let (mut gold, mut found, mut both) = (HashMap::new(), HashMap::new(), HashMap::new());
    for pair in pairs {
        *gold.entry(pair.0).or_insert(0.0_f64) += 1.0;
        *found.entry(pair.1).or_insert(0.0_f64) += 1.0;
        *both.entry(*pair).or_insert(0.0_f64) += 1.0;
    }
    let n = pairs.len() as f64;
    let precision: f64 = both.iter().map(|((_, f), n)| n * n / found[f]).sum();
    let recall: f64 = both.iter().map(|((g, _), n)| n * n / gold[g]).sum();
    (precision / n, recall / n)
}

fn read(path: &str) -> Vec<Value> {
    fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn text(v: &Value) -> ArticleText {
    let field = |key: &str| v[key].as_str().unwrap_or_default().to_owned();
    ArticleText { title: field("title"), lead: field("lead"), body: field("body") }
}

fn labelled(v: &Value) -> Labelled {
    let field = |key: &str| v[key].as_str().unwrap_or_default().to_owned();
    let published = DateTime::parse_from_rfc3339(&field("published")).ok().map(|d| d.to_utc());
    Labelled { set: field("set"), cluster: field("cluster"), published, text: text(v) }
}

/// Numbers that are the same on every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).unwrap()
    }
}

/// Microseconds of CPU this process has used, as the scheduler counts them.
fn cpu_us() -> u64 {
    let stat = fs::read_to_string("/proc/self/schedstat").unwrap();
    stat.split(' ').next().unwrap().parse::<u64>().unwrap() / 1000
}

fn rss_kb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
