//! The worked example of docs/rules.md is a rule that checks and passes its own tests beside the shipped ones.

use std::path::Path;

use diembao_news::{ArticleText, Severity};
use diembao_rules::{RuleFile, RuleSet};

#[test]
fn the_worked_example_of_the_guide_works() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let guide = std::fs::read_to_string(root.join("docs/rules.md")).unwrap();
    let block = guide.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let shipped: Vec<(String, String)> = ["incidents.toml", "masks.toml", "health.toml"]
        .iter()
        .map(|name| ((*name).to_owned(), std::fs::read_to_string(root.join("rules").join(name)).unwrap()))
        .chain([("guide.toml".to_owned(), block.to_owned())])
        .collect();
    let files: Vec<RuleFile<'_>> = shipped.iter().map(|(name, text)| RuleFile { name, text }).collect();
    let (rules, _) = RuleSet::parse(&files).unwrap();
    let examples = rules.run_examples();
    assert_eq!(examples.iter().filter(|e| e.rule == "nhan-phong-bi").count(), 3);
    for e in examples.iter().filter(|e| e.rule == "nhan-phong-bi") {
        assert!(e.passed(), "{e:?}");
    }
    let text = ArticleText {
        title: "Bệnh nhân tố bác sĩ nhận phong bì mới mổ".into(), ..ArticleText::default()
    };
    let found = rules.classify(&text, None);
    let flag = found.flags.iter().find(|f| f.rule == "nhan-phong-bi").unwrap();
    assert_eq!(flag.severity, Severity::Yellow);
    let seen = rules.explain(&text, None);
    assert!(seen.rules.iter().any(|r| r.id == "nhan-phong-bi" && r.fired));
}
