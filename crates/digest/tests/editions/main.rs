//! Whole fictional editions: snapshots, size, escaping, honesty, independence of order.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod any_text;
mod sample;

use diembao_digest::{
    Cut, EditionInput, EditionView, Edits, Form, MAX_HTML, Section, StoryEdit, assemble, assemble_edited, bulletin,
    render, render_bulletin, render_json,
};
use scraper::{Html, Selector};

fn view(input: &EditionInput) -> EditionView {
    assemble(input, &Cut::default())
}

/// Writes renderings to a folder when one is named, so that a person can look at them.
fn keep(name: &str, html: &str) {
    if let Ok(folder) = std::env::var("DIEMBAO_KEEP_RENDERED") {
        std::fs::write(format!("{folder}/{name}.html"), html).unwrap();
    }
}

#[track_caller]
fn check_rendering(name: &str, input: &EditionInput) {
    let rendered = render(&view(input));
    keep(name, &rendered.html);
    assert!(rendered.html.len() <= MAX_HTML, "{name}: {} bytes", rendered.html.len());
    for line in rendered.text.lines() {
        let is_address = line.trim_start().starts_with("http");
        assert!(line.chars().count() <= 72 || is_address, "{name}: {line}");
    }
    insta::assert_snapshot!(format!("{name}_text"), format!("Subject: {}\n\n{}", rendered.subject, rendered.text));
    insta::assert_snapshot!(format!("{name}_html"), rendered.html);
}

#[test]
fn a_quiet_day() {
    check_rendering("quiet", &sample::quiet());
}

#[test]
fn an_ordinary_day() {
    check_rendering("ordinary", &sample::ordinary());
}

#[test]
fn a_day_without_sources() {
    check_rendering("blind", &sample::blind());
}

#[test]
fn a_disaster_day() {
    let input = sample::disaster();
    assert_eq!(input.stories.len(), 400);
    let start = std::time::Instant::now();
    let view = view(&input);
    let assembled = start.elapsed();
    let rendered = render(&view);
    eprintln!("400 stories: assembled in {assembled:?}, rendered in {:?}", start.elapsed() - assembled);
    assert!(rendered.html.len() > MAX_HTML / 2, "the room is used: {}", rendered.html.len());
    assert!(rendered.html.contains("trong lưu trữ."), "what is left out is counted");
    let with_file = assemble(&input, &Cut { form: Form::Full, has_file: true, ..Cut::default() });
    assert!(render(&with_file).html.contains("trong tệp đính kèm."), "and said where it is");
    check_rendering("disaster", &input);
}

#[test]
fn every_story_stands_once_and_in_the_same_place_whatever_the_order() {
    let mut input = sample::ordinary();
    let first = view(&input);
    let mut ids: Vec<_> =
        first.sections.iter().flat_map(|s| &s.groups).flat_map(|g| &g.items).map(|i| i.story).collect();
    assert_eq!(ids.len(), input.stories.len());
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), input.stories.len());
    input.stories.reverse();
    input.stories.iter_mut().for_each(|s| s.articles.reverse());
    assert_eq!(view(&input), first);
}

#[test]
fn hostile_titles_stay_text() {
    let mut input = sample::ordinary();
    let hostile = "<script>alert(1)</script>\"'&{{ 7*7 }}{% raw %}\u{202e}\r\nBcc: a@b.vn";
    for story in &mut input.stories {
        for article in &mut story.articles {
            article.text.title = hostile.to_owned();
            article.outlet = format!("<img src=x onerror=alert(1)>{}", article.outlet);
            article.text.lead = format!("<a href=\"javascript:alert(1)\">{hostile}</a> là một câu dài hơn năm chữ.");
            article.url = Some("javascript:alert(1)".to_owned());
        }
        story.flags.iter_mut().for_each(|f| f.rule_name = hostile.to_owned());
    }
    input.agency = hostile.to_owned();
    input.unit = hostile.to_owned();
    input.coverage.silent = vec![hostile.to_owned(); 300];
    input.topics.iter_mut().for_each(|t| t.name = hostile.to_owned());
    let edits = Edits {
        stories: input
            .stories
            .iter()
            .map(|s| (s.id, StoryEdit { assessment: Some(hostile.repeat(99)), ..StoryEdit::default() }))
            .collect(),
        errata: vec![hostile.repeat(50); 99],
    };
    let rendered = render(&assemble_edited(&input, &Cut::default(), &edits));
    assert!(rendered.html.len() <= MAX_HTML, "{}", rendered.html.len());
    assert!(!rendered.subject.contains(['\r', '\n']) && !rendered.text.contains('\u{202e}'));
    let page = Html::parse_document(&rendered.html);
    let n = |css: &str| page.select(&Selector::parse(css).unwrap()).count();
    assert_eq!((n("script"), n("img"), n("a"), n("[onerror]"), n("link"), n("iframe")), (0, 0, 0, 0, 0, 0));
    assert!(rendered.html.contains("{{ 7*7 }}"));
}

#[test]
fn the_mail_loads_nothing_and_is_large_enough_to_read() {
    let html = render(&view(&sample::ordinary())).html;
    for remote in ["src=", "url(", "@import", "<script", "<link", "<img"] {
        assert!(!html.contains(remote), "{remote}");
    }
    for size in html.split("font-size:").skip(1) {
        let px: u32 = size.split("px").next().unwrap().parse().unwrap();
        assert!(px >= 16, "{px}px");
    }
}

#[test]
fn edits_win() {
    let input = sample::ordinary();
    let before = view(&input);
    let ids: Vec<_> = before.sections[3].groups.iter().flat_map(|g| &g.items).map(|i| i.story).collect();
    let mut edits =
        Edits { errata: vec!["Số ca nêu ngày 20/11 là 30, không phải 13.".into()], ..Edits::default() };
    edits.stories.insert(ids[0], StoryEdit { drop: true, ..StoryEdit::default() });
    edits.stories.insert(
        ids[1],
        StoryEdit {
            pin: true,
            section: Some(Section::Policy),
            place: Some(2),
            headline: Some("Tiêu đề biên tập".into()),
            summary: Some("Tóm tắt biên tập.".into()),
            assessment: Some("Cần theo dõi thêm.".into()),
            ..StoryEdit::default()
        },
    );
    let after = assemble_edited(&input, &Cut::default(), &edits);
    assert_eq!(after.counts.stories, before.counts.stories - 1);
    assert_eq!(after.highlights[0].headline, "Tiêu đề biên tập");
    let policy = &after.sections[2].groups[0].items;
    assert_eq!(policy[1].headline, "Tiêu đề biên tập");
    assert_eq!(policy[1].summary, "Tóm tắt biên tập.");
    let rendered = render(&after);
    for part in [&rendered.html, &rendered.text] {
        assert!(part.contains("Cần theo dõi thêm.") && part.contains("không phải 13."));
    }
}

#[test]
fn a_cut_holds_only_its_topics_and_a_brief_only_headlines_of_fields() {
    let input = sample::ordinary();
    let cut = Cut { topics: vec!["duoc-my-pham".into()], form: Form::Full, ..Cut::default() };
    let view = assemble(&input, &cut);
    assert_eq!((view.counts.stories, view.counts.incidents, view.counts.misinformation), (2, 0, 1));
    assert!(view.sections[0].empty_note.as_deref().unwrap().contains("thuộc phạm vi của bản trích"));
    let brief = assemble(&input, &Cut { form: Form::Brief, ..Cut::default() });
    keep("brief", &render(&brief).html);
    assert!(brief.sections[3].groups.iter().flat_map(|g| &g.items).all(|i| i.summary.is_empty()));
    assert!(!brief.sections[0].groups[0].items[0].summary.is_empty());
    assert_eq!(brief.counts, self::view(&input).counts);
}

#[test]
fn the_second_bulletin() {
    for (name, input) in [
        ("bulletin", sample::ordinary()),
        ("bulletin_quiet", sample::quiet()),
        ("bulletin_disaster", sample::disaster()),
    ] {
        let rendered = render_bulletin(&bulletin(&input, &Cut::default()));
        keep(name, &rendered.html);
        assert!(rendered.html.len() <= MAX_HTML);
        if name != "bulletin_disaster" {
            insta::assert_snapshot!(
                format!("{name}_text"),
                format!("Subject: {}\n\n{}", rendered.subject, rendered.text)
            );
        }
    }
}

#[test]
fn json_is_the_same_view() {
    let view = view(&sample::ordinary());
    let json: serde_json::Value = serde_json::from_str(&render_json(&view)).unwrap();
    assert_eq!(json["subject"], view.subject.as_str());
    assert_eq!(json["sections"].as_array().unwrap().len(), 5);
    assert_eq!(json["sections"][0]["items"][0]["severity"], "red");
    assert_eq!(json["highlights"][0]["outlets"], 4);
}
