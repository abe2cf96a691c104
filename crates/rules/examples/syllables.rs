//! Prints each article of a JSON lines file as syllables by sentence, for `bench/rules/train_gate.py`:
//! what the trainer reads is what the engine reads. `syllables FILE.jsonl.gz`

use std::error::Error;
use std::io::{BufRead, BufReader, Write};

use diembao_text::{Boundary, Kind, Syllables};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: syllables FILE.jsonl.gz")?;
    let file = BufReader::new(flate2::read::GzDecoder::new(std::fs::File::open(path)?));
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in file.lines() {
        let mut row: Value = serde_json::from_str(&line?)?;
        for field in ["title", "lead", "body"] {
            let sentences = sentences(row[field].as_str().unwrap_or_default());
            row[field] = json!(sentences);
        }
        writeln!(out, "{row}")?;
    }
    Ok(())
}

fn sentences(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for s in Syllables::of(text).iter() {
        let word = if s.kind == Kind::Number { "#" } else { s.norm };
        match out.last_mut().filter(|_| s.boundary < Boundary::Sentence) {
            Some(sentence) => {
                sentence.push(' ');
                sentence.push_str(word);
            }
            None => out.push(word.to_owned()),
        }
    }
    out
}
