//! DOCX (ECMA-376) for editors: every look is a style, so that one change of a style changes the paper.
//!
//! The parts that never change are files of `templates/docx`; the text is written element by element.

mod document;
mod xml;

use std::io::{Cursor, Write};

use chrono::SecondsFormat;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::docx::xml::Xml;
use crate::{Meta, Paper, PrintError};

const FIXED: [(&str, &str); 6] = [
    ("[Content_Types].xml", include_str!("../../templates/docx/content_types.xml")),
    ("_rels/.rels", include_str!("../../templates/docx/rels.xml")),
    ("word/styles.xml", include_str!("../../templates/docx/styles.xml")),
    ("word/numbering.xml", include_str!("../../templates/docx/numbering.xml")),
    ("word/settings.xml", include_str!("../../templates/docx/settings.xml")),
    ("word/header1.xml", include_str!("../../templates/docx/header.xml")),
];
const CORE: &[(&str, &str)] = &[
    ("xmlns:cp", "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"),
    ("xmlns:dc", "http://purl.org/dc/elements/1.1/"),
    ("xmlns:dcterms", "http://purl.org/dc/terms/"),
    ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
];
const RELATIONSHIPS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
/// The relationships every document has; links are numbered after them.
const OWN: [(&str, &str); 4] =
    [("styles", "styles.xml"), ("numbering", "numbering.xml"), ("settings", "settings.xml"), ("header", "header1.xml")];

/// The paper as DOCX.
///
/// # Errors
/// When the container cannot be packed, which memory alone can cause.
pub fn docx(paper: &Paper) -> Result<Vec<u8>, PrintError> {
    let (document, links) = document::write(paper)?;
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    // The time of the parts is fixed, so that the same paper gives the same bytes.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default());
    let mut part = |name: &str, bytes: &[u8]| -> Result<(), PrintError> {
        zip.start_file(name, options)?;
        Ok(zip.write_all(bytes)?)
    };
    for (name, text) in FIXED {
        part(name, text.as_bytes())?;
    }
    part("docProps/core.xml", &core(&paper.meta)?)?;
    part("word/document.xml", &document)?;
    part("word/_rels/document.xml.rels", &relationships(&links)?)?;
    Ok(zip.finish()?.into_inner())
}

fn core(meta: &Meta) -> Result<Vec<u8>, PrintError> {
    let mut xml = Xml::new()?;
    xml.open("cp:coreProperties", CORE)?;
    for (name, text) in [
        ("dc:title", &meta.title),
        ("dc:subject", &meta.subject),
        ("dc:creator", &meta.author),
        ("cp:lastModifiedBy", &meta.author),
    ] {
        xml.leaf(name, &[], text)?;
    }
    xml.leaf("cp:keywords", &[], &meta.keywords.join(", "))?;
    xml.leaf("dc:language", &[], "vi-VN")?;
    let at = meta.at.to_rfc3339_opts(SecondsFormat::Secs, true);
    for name in ["dcterms:created", "dcterms:modified"] {
        xml.leaf(name, &[("xsi:type", "dcterms:W3CDTF")], &at)?;
    }
    xml.close("cp:coreProperties")?;
    Ok(xml.finish())
}

fn relationships(links: &[String]) -> Result<Vec<u8>, PrintError> {
    let kind = |name: &str| format!("http://schemas.openxmlformats.org/officeDocument/2006/relationships/{name}");
    let mut xml = Xml::new()?;
    xml.open("Relationships", &[("xmlns", RELATIONSHIPS)])?;
    for (i, (name, target)) in OWN.iter().enumerate() {
        xml.empty("Relationship", &[("Id", &format!("rId{}", i + 1)), ("Type", &kind(name)), ("Target", target)])?;
    }
    for (i, url) in links.iter().enumerate() {
        let id = document::link_id(i);
        let attributes =
            [("Id", id.as_str()), ("Type", &kind("hyperlink")), ("Target", url), ("TargetMode", "External")];
        xml.empty("Relationship", &attributes)?;
    }
    xml.close("Relationships")?;
    Ok(xml.finish())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::io::Read;

    use quick_xml::Reader;
    use quick_xml::events::Event;
    use zip::ZipArchive;

    use super::*;
    use crate::fixture::{Day, edition, input, papers};

    fn part(bytes: &[u8], name: &str) -> String {
        let mut text = String::new();
        ZipArchive::new(Cursor::new(bytes)).unwrap().by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    /// The texts and the values of an attribute of elements, as a reader sees them.
    fn read(xml: &str, attribute: &str) -> (String, Vec<String>) {
        let (mut text, mut values) = (String::new(), Vec::new());
        let mut reader = Reader::from_str(xml);
        loop {
            match reader.read_event().unwrap() {
                Event::Text(t) => text.push_str(&t),
                Event::GeneralRef(r) => {
                    text.push_str(match &*r {
                        "lt" => "<",
                        "gt" => ">",
                        "amp" => "&",
                        "quot" => "\"",
                        "apos" => "'",
                        other => panic!("{other}"),
                    });
                }
                Event::Start(e) | Event::Empty(e) => {
                    for a in e.attributes() {
                        let a = a.unwrap();
                        if a.key.as_ref() == attribute {
                            values.push(a.value.into_owned());
                        }
                    }
                }
                Event::Eof => return (text, values),
                _ => {}
            }
        }
    }

    #[test]
    fn every_look_is_a_style_that_exists() {
        let bytes = docx(&papers(&edition(Day::Ordinary)).digest).unwrap();
        let document = part(&bytes, "word/document.xml");
        let (_, known) = read(&part(&bytes, "word/styles.xml"), "w:styleId");
        let (text, used) = read(&document, "w:val");
        let unknown: BTreeSet<&String> = used.iter().filter(|u| !known.contains(u)).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
        for direct in ["<w:b/>", "<w:i/>", "<w:sz ", "<w:jc ", "<w:spacing ", "<w:color "] {
            assert!(!document.contains(direct), "{direct}");
        }
        assert!(used.iter().any(|u| u == "Heading1") && used.iter().any(|u| u == "Heading3"));
        assert!(text.contains("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM") && text.contains("Nơi nhận:"));
    }

    #[test]
    fn every_link_has_its_target_and_the_bytes_are_the_same_again() {
        let paper = papers(&edition(Day::Ordinary)).digest;
        let bytes = docx(&paper).unwrap();
        assert_eq!(bytes, docx(&paper).unwrap());
        let (_, used) = read(&part(&bytes, "word/document.xml"), "r:id");
        let relationships = part(&bytes, "word/_rels/document.xml.rels");
        let (_, ids) = read(&relationships, "Id");
        assert!(used.len() > 34 && used.iter().all(|u| ids.contains(u)));
        assert!(relationships.contains("https://bao-"));
        let core = part(&bytes, "docProps/core.xml");
        assert!(core.contains("2026-11-20T17:00:00Z") && core.contains("Điểm báo y tế"), "{core}");
        for name in ["[Content_Types].xml", "_rels/.rels", "word/styles.xml", "word/numbering.xml", "word/header1.xml"]
        {
            read(&part(&bytes, name), "");
        }
    }

    #[test]
    fn a_hostile_title_is_text() {
        let hostile = "</w:t></w:r><w:p> & \"x\" <!-- ]]> {{7*7}}";
        let mut input = input(2, 1, 0);
        for story in &mut input.stories {
            story.articles.truncate(1);
            story.articles[0].text.title = hostile.to_owned();
            story.articles[0].url = Some("https://xau.example/a?b=\"><w:x/>&c='".to_owned());
        }
        let view = diembao_digest::assemble(&input, &diembao_digest::Cut::default());
        let bytes = docx(&papers(&view).digest).unwrap();
        let (text, _) = read(&part(&bytes, "word/document.xml"), "");
        assert!(text.contains(hostile), "{text}");
        read(&part(&bytes, "word/_rels/document.xml.rels"), "");
    }
}
