//! How long a paper takes: the first one pays for the fonts and the typesetter's library. With a folder as argument
//! the papers are written there, to be looked at.

#![expect(clippy::unwrap_used, reason = "a bench says what is wrong by failing")]

#[path = "../tests/fixture/mod.rs"]
mod fixture;

use std::path::PathBuf;
use std::time::Instant;

use diembao_print::{docx, pdf};
use fixture::{Day, edition, papers};

fn main() {
    let folder = std::env::args().skip(1).find(|a| !a.starts_with('-')).map(PathBuf::from);
    for (name, day) in
        [("first", Day::Quiet), ("quiet", Day::Quiet), ("ordinary", Day::Ordinary), ("disaster", Day::Disaster)]
    {
        let view = edition(day);
        let started = Instant::now();
        let papers = papers(&view);
        let fit_ms = started.elapsed().as_millis();
        let started = Instant::now();
        let as_pdf = pdf(&papers.digest).unwrap();
        let annex = papers.annex.as_ref().map(|annex| pdf(annex).unwrap());
        let pdf_ms = started.elapsed().as_millis();
        let started = Instant::now();
        let as_docx = docx(&papers.digest).unwrap();
        let docx_ms = started.elapsed().as_millis();
        println!(
            "{name:<9} fitted {fit_ms:>5} ms   pdf {pdf_ms:>5} ms {:>7} bytes, annex {:>7}   docx {docx_ms:>4} ms {:>6} bytes",
            as_pdf.len(),
            annex.as_ref().map_or(0, Vec::len),
            as_docx.len()
        );
        if let Some(folder) = &folder {
            std::fs::write(folder.join(format!("{name}.pdf")), as_pdf).unwrap();
            if let Some(annex) = annex {
                std::fs::write(folder.join(format!("{name}-annex.pdf")), annex).unwrap();
            }
            std::fs::write(folder.join(format!("{name}.docx")), as_docx).unwrap();
        }
    }
}
