//! What feeds.toml may say, and what is said of its mistakes.

use super::*;

const SOUND: &str = r#"
# A comment.
[[outlet]]
id = "bao-mau"
name = "Báo Mẫu"
home = "https://baomau.example/"
tier = "central"
note = "ghi chú"

[outlet.extract]
title = ["h1.tieu-de"]
body = "div.noi-dung"
ignore_stated_zone = true

[[outlet.channel]]
name = "suc-khoe"
kind = "feed"
url = "https://baomau.example/rss/suc-khoe.rss"
section = "Sức khỏe"

[[outlet.channel]]
name = "thoi-su"
kind = "section"
url = "https://baomau.example/thoi-su"
links = "h3 a"
pattern = '-\d+\.html$'
enabled = false
"#;

#[test]
fn a_sound_file() {
    let outlets = parse_outlets(SOUND, "feeds.toml").unwrap();
    let [outlet] = &outlets[..] else { panic!("one outlet") };
    assert_eq!(outlet.name, "Báo Mẫu");
    assert_eq!(outlet.time_zone, "Asia/Ho_Chi_Minh");
    assert_eq!(outlet.extract.body, ["div.noi-dung"]);
    assert!(outlet.extract.ignore_stated_zone);
    let [feed, section] = &outlet.channels[..] else { panic!("two channels") };
    assert_eq!((feed.id.as_str(), feed.kind, feed.enabled), ("bao-mau/suc-khoe", ChannelKind::Feed, true));
    assert_eq!(section.rules.pattern.as_deref(), Some(r"-\d+\.html$"));
    assert!(!section.enabled);
}

#[test]
fn every_mistake_is_named_with_its_line() {
    let text = r#"[[outlet]]
id = "Bao Mau"
nane = "Báo Mẫu"
tier = "national"
time_zone = "Hanoi"
home = 5

[outlet.extract]
body = ["div[", "p"]

[[outlet.channel]]
name = "a/b"
kind = "rss"
url = "ftp://x.example/"
pattern = "("
enabled = "no"

[[outlet]]
id = "hai"
name = "Hai"
tier = "gov"
[[outlet.channel]]
name = "x"
kind = "feed"
url = "https://x.example/a"
links = "a"
[[outlet.channel]]
name = "x"
kind = "feed"
url = "http://www.x.example/a/"
"#;
    let problems = parse_outlets(text, "feeds.toml").unwrap_err();
    let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn broken_toml_is_named_too() {
    let problems = parse_outlets("[[outlet]]\nid = \nname = 'a\n", "f.toml").unwrap_err();
    assert!(problems.len() >= 2, "{problems:?}");
    assert_eq!(problems[0].line, 2);
}

#[test]
fn the_shipped_file_is_sound() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../feeds.toml");
    let text = std::fs::read_to_string(path).unwrap();
    let outlets = match parse_outlets(&text, "feeds.toml") {
        Ok(outlets) => outlets,
        Err(problems) => panic!("{}", problems.iter().map(|p| format!("{p}\n")).collect::<String>()),
    };
    let n_channels: usize = outlets.iter().map(|o| o.channels.iter().filter(|c| c.enabled).count()).sum();
    assert!(outlets.len() >= 90 && n_channels >= 100, "{} outlets, {n_channels} channels", outlets.len());
}
