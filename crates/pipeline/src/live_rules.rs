//! Rules that are edited while the daemon works: what checks takes effect, what does not is told once.

use std::path::Path;
use std::time::SystemTime;

use chrono::NaiveDate;
use chrono_tz::Asia::Ho_Chi_Minh;

use crate::home::{Home, HomeError, rule_files};
use crate::{Pipeline, RunReport};

const NOTICE: &str = "rules";
/// Mistakes a notice names; the rest are counted.
const MISTAKES_TOLD: usize = 5;

/// When which rule files were changed, and their sizes.
type Stamp = Vec<(std::path::PathBuf, Option<SystemTime>, u64)>;

/// Remembers which rules are in use.
#[derive(Debug)]
pub(crate) struct LiveRules {
    stamp: Stamp,
    day: NaiveDate,
}

impl LiveRules {
    /// Takes the rules of an open home for the present ones.
    pub(crate) fn of(p: &Pipeline) -> Self {
        Self { stamp: stamp(&p.home.root), day: day(p) }
    }

    /// Reads the rules again when a file of theirs or the day has changed. Those that check replace the old ones
    /// in `p`; otherwise the old ones stay and one notice stands until they are mended.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn refresh(&mut self, p: &mut Pipeline, report: &mut RunReport) -> anyhow::Result<()> {
        let (now, today) = (stamp(&p.home.root), day(p));
        if now == self.stamp && today == self.day {
            return Ok(());
        }
        (self.stamp, self.day) = (now, today);
        let root = p.home.root.clone();
        let read = tokio::task::spawn_blocking(move || Home::load_rules(&root)).await?;
        match read {
            Ok((rules, _)) => {
                let rules = rules.on(today);
                if rules.version() != p.home.rules.version() {
                    tracing::info!(version = rules.version(), "changed rules take effect");
                }
                p.take_in(Home { rules, ..Home::clone(&p.home) });
                if p.store.clear_notice(NOTICE, p.clock.now()).await? {
                    report.notices.push(format!("the rules are mended: version {} is in use", p.home.rules.version()));
                }
            }
            Err(e) => {
                let text = told(&e, p.home.rules.version());
                if p.store.raise_notice(NOTICE, &text, p.clock.now()).await? {
                    report.notices.push(text);
                }
            }
        }
        Ok(())
    }
}

fn day(p: &Pipeline) -> NaiveDate {
    p.clock.now().with_timezone(&Ho_Chi_Minh).date_naive()
}

fn stamp(root: &Path) -> Stamp {
    let files = rule_files(root).unwrap_or_default();
    let stamp = |path: std::path::PathBuf| {
        let meta = std::fs::metadata(&path).ok();
        let (time, size) = (meta.as_ref().and_then(|m| m.modified().ok()), meta.map_or(0, |m| m.len()));
        (path, time, size)
    };
    files.into_iter().map(stamp).collect()
}

fn told(error: &HomeError, version: &str) -> String {
    let mut mistakes = match error {
        HomeError::Mistakes(mistakes) => mistakes.clone(),
        other => vec![other.to_string()],
    };
    let more = mistakes.len().saturating_sub(MISTAKES_TOLD);
    mistakes.truncate(MISTAKES_TOLD);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    format!(
        "the changed rules have mistakes and are not used; version {version} stays: {}{more} (see `diembao rules check`)",
        mistakes.join("; ")
    )
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use chrono::DateTime;

    use super::*;
    use crate::schedule::{index_as_it_comes, serve_every};
    use crate::{Clock, ImportFormat, Progress, import};

    const RULE: &str = r#"
[[flag]]
id = "thu-nghiem"
name = "Thử nghiệm"
kind = "incident"
threshold = 1.0
[flag.groups.g]
weight = 1.0
phrases = ["chong chóng tre"]
[[flag.step]]
severity = "yellow"
all = ["title:g"]
"#;

    /// A home without sources, early in the morning: nothing is fetched or sent.
    async fn quiet(root: &Path) -> Pipeline {
        crate::init(root).unwrap();
        let home = Home { outlets: Vec::new(), ..Home::load(root).unwrap() };
        let now = DateTime::parse_from_rfc3339("2026-11-21T05:00:00+07:00").unwrap().to_utc();
        Pipeline::open(home, Clock::new(move || now), Progress::default()).await.unwrap()
    }

    async fn flags_of_a_new_article(p: &Pipeline, reference: &str) -> Vec<String> {
        let line = format!(
            r#"{{"id":"{reference}","outlet":"to-tin","title":"Bệnh viện phát chong chóng tre {reference}","published":"2026-11-21T04:00:00+07:00"}}"#
        );
        import(p, line.as_bytes(), ImportFormat::JsonLines).await.unwrap();
        loop {
            let stored = p.store.article_by_reference(reference).await.unwrap();
            if let Some(found) = stored.and_then(|s| s.classification) {
                return found.flags.into_iter().map(|f| f.rule).collect();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn until(mut holds: impl AsyncFnMut() -> bool) {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    #[tokio::test]
    async fn the_working_daemon_takes_rules_that_check_and_tells_once_of_others() {
        let dir = tempfile::tempdir().unwrap();
        let p = quiet(dir.path()).await;
        let file = dir.path().join("rules/zz.toml");
        let (stop, stopped) = tokio::sync::watch::channel(());
        let person = async {
            assert_eq!(flags_of_a_new_article(&p, "truoc").await, Vec::<String>::new());

            fs::write(&file, RULE.replace("yellow", "yelow")).unwrap();
            until(async || !p.store.notices().await.unwrap().is_empty()).await;
            let notices = p.store.notices().await.unwrap();
            assert_eq!(notices.len(), 1);
            assert!(
                notices[0].text.contains("zz.toml:11") && notices[0].text.contains("yellow"),
                "{}",
                notices[0].text
            );
            assert_eq!(flags_of_a_new_article(&p, "hong").await, Vec::<String>::new(), "the old rules stay");

            fs::write(&file, RULE).unwrap();
            until(async || p.store.notices().await.unwrap().is_empty()).await;
            assert_eq!(flags_of_a_new_article(&p, "sau").await, ["thu-nghiem"]);
            assert!(p.latest_home().rules.rules().any(|r| r.id == "thu-nghiem"), "the console shows it too");
            stop.send(()).unwrap();
        };
        tokio::join!(serve_every(Duration::from_millis(30), &p, stopped), person);
    }

    #[tokio::test]
    async fn what_is_indexed_as_it_comes_is_read_by_the_changed_rules() {
        let dir = tempfile::tempdir().unwrap();
        let p = quiet(dir.path()).await;
        let line = r#"{"id":"1","outlet":"to-tin","title":"Chòi thuốc Hoa Sen mở cửa","published":"2026-11-21T04:00:00+07:00"}"#;
        import(&p, line.as_bytes(), ImportFormat::JsonLines).await.unwrap();

        let file = dir.path().join("rules/facts.toml");
        let facts = fs::read_to_string(&file).unwrap();
        fs::write(&file, facts.replacen("facility = [", "facility = [\"chòi thuốc\", ", 1)).unwrap();
        let (mut live, mut changed) = (LiveRules::of(&p), p.clone());
        live.stamp.clear();
        live.refresh(&mut changed, &mut RunReport::default()).await.unwrap();
        let (stop, stopped) = tokio::sync::watch::channel(());
        let person = async {
            p.indexing.tell();
            let query = diembao_search::Query::new("facility:\"hoa sen\"", p.clock.now());
            until(async || crate::open_index(&p.home).and_then(|i| i.search(&query)).is_ok_and(|a| a.total == 1)).await;
            stop.send(()).unwrap();
        };
        let current = tokio::sync::Mutex::new(changed);
        let both = async { tokio::join!(index_as_it_comes(&p, &current, stopped), person) };
        tokio::time::timeout(Duration::from_secs(20), both).await.expect("the new name of a facility is found");
    }

    #[tokio::test]
    async fn a_rule_begins_to_speak_on_its_first_day_without_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let mut p = quiet(dir.path()).await;
        let dated = RULE.replace("[flag.groups.g]", "[flag.history]\nvalid_from = \"2026-11-22\"\n[flag.groups.g]");
        fs::write(dir.path().join("rules/zz.toml"), dated).unwrap();
        let mut live = LiveRules::of(&p);
        live.stamp.clear();
        let text = diembao_news::ArticleText { title: "Chong chóng tre".to_owned(), ..Default::default() };
        for (day, n_flags) in [(21, 0), (22, 1)] {
            let now = DateTime::parse_from_rfc3339(&format!("2026-11-{day}T05:00:00+07:00")).unwrap().to_utc();
            p.clock = Clock::new(move || now);
            live.refresh(&mut p, &mut RunReport::default()).await.unwrap();
            assert_eq!(p.home.rules.classify(&text, None).flags.len(), n_flags, "{day}");
        }
    }
}
