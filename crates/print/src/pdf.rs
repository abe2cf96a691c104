//! PDF/A-2a through typst: tagged, with bookmarks, links and the embedded face.

use chrono::{Datelike, Timelike};
use chrono_tz::Asia::Ho_Chi_Minh;
use serde::Serialize;
use typst::comemo;
use typst::diag::SourceDiagnostic;
use typst::foundations::{Datetime, Smart};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use crate::world::PaperWorld;
use crate::{Meta, Paper, PrintError};

/// Hanoi's offset from UTC, which has not changed since 1975.
const OFFSET_MINUTES: i32 = 7 * 60;

/// The paper as PDF/A-2a (ISO 19005-2), A4.
///
/// # Errors
/// When the typesetter refuses it, which a paper made by this crate does not cause.
pub fn pdf(paper: &Paper) -> Result<Vec<u8>, PrintError> {
    let made =
        set(paper).and_then(|document| typst_pdf::pdf(&document, &options(&paper.meta)?).map_err(|e| refused(&e)));
    // The typesetter remembers what it laid out; the next day shares none of it.
    comemo::evict(0);
    made
}

/// How many pages the paper has; of the last one, the part that is used.
pub(crate) fn n_pages(paper: &Paper) -> Result<f64, PrintError> {
    let document = set(paper)?;
    let Some((last, before)) = document.pages().split_last() else {
        return Ok(0.0);
    };
    let used = last.frame.items().map(|(at, _)| at.y / last.frame.height()).fold(0.0, f64::max);
    Ok(f64::from(u32::try_from(before.len()).unwrap_or(u32::MAX)) + used)
}

/// The pages.
fn set(paper: &Paper) -> Result<PagedDocument, PrintError> {
    let world = PaperWorld::new(serde_json::to_vec(&Data::of(paper))?);
    typst::compile(&world).output.map_err(|e| refused(&e))
}

fn refused(diagnostics: &[SourceDiagnostic]) -> PrintError {
    let messages: Vec<&str> = diagnostics.iter().map(|d| d.message.as_str()).collect();
    PrintError::Typeset(messages.join("; "))
}

fn options(meta: &Meta) -> Result<PdfOptions, PrintError> {
    let standards =
        PdfStandards::new(&[PdfStandard::A_2a]).map_err(|e| PrintError::Typeset(e.message().to_string()))?;
    Ok(PdfOptions {
        ident: Smart::Custom(format!("{} {}", meta.title, meta.at.timestamp())),
        creator: Smart::Custom(Some("diembao".to_owned())),
        timestamp: timestamp(meta),
        standards,
        ..PdfOptions::default()
    })
}

fn timestamp(meta: &Meta) -> Option<Timestamp> {
    let at = meta.at.with_timezone(&Ho_Chi_Minh);
    let small = |n: u32| u8::try_from(n).ok();
    let at = Datetime::from_ymd_hms(
        at.year(),
        small(at.month())?,
        small(at.day())?,
        small(at.hour())?,
        small(at.minute())?,
        small(at.second())?,
    )?;
    Timestamp::new_local(at, OFFSET_MINUTES)
}

/// The paper as the template reads it.
#[derive(Serialize)]
struct Data<'a> {
    meta: MetaData<'a>,
    #[serde(flatten)]
    paper: &'a Paper,
}

#[derive(Serialize)]
struct MetaData<'a> {
    title: &'a str,
    author: &'a str,
    subject: &'a str,
    keywords: &'a [String],
}

impl<'a> Data<'a> {
    fn of(paper: &'a Paper) -> Self {
        let Meta { title, author, subject, keywords, .. } = &paper.meta;
        Self { meta: MetaData { title, author, subject, keywords }, paper }
    }
}

#[cfg(test)]
mod tests {
    use diembao_digest::{Edits, StoryEdit};
    use typst::layout::{Frame, FrameItem};
    use typst::model::Destination;

    use super::*;
    use crate::fixture::{Day, copy, edition, input, letterhead, papers};
    use crate::{Copy, edition_papers};

    /// Words, faces and links of a frame.
    #[derive(Default)]
    struct Seen {
        text: String,
        faces: Vec<String>,
        links: Vec<String>,
        /// The right edge of the text that reaches furthest, in points.
        right: f64,
    }

    impl Seen {
        fn of(frames: &[&Frame]) -> Self {
            let mut seen = Self::default();
            frames.iter().for_each(|f| seen.add(f, 0.0));
            seen
        }

        fn add(&mut self, frame: &Frame, left: f64) {
            for (at, item) in frame.items() {
                let x = left + at.x.to_pt();
                match item {
                    FrameItem::Group(group) => self.add(&group.frame, x),
                    FrameItem::Text(text) => {
                        self.text.push_str(&text.text);
                        self.text.push(' ');
                        self.right = self.right.max(x + text.width().to_pt());
                        self.faces.extend(text.font.font().post_script_name());
                    }
                    FrameItem::Link(Destination::Url(url), _) => self.links.push(url.as_str().to_owned()),
                    _ => {}
                }
            }
        }
    }

    fn pages(paper: &Paper) -> Vec<Seen> {
        let document = set(paper).unwrap();
        document.pages().iter().map(|p| Seen::of(&[&p.frame])).collect()
    }

    fn paper(day: Day) -> Paper {
        papers(&edition(day)).digest
    }

    #[test]
    fn every_day_has_at_most_four_pages_and_the_first_says_what_must_be_known() {
        for (day, least, most) in [(Day::Quiet, 1, 4), (Day::Ordinary, 2, 4), (Day::Disaster, 2, 4)] {
            let paper = paper(day);
            let pages = pages(&paper);
            assert!((least..=most).contains(&pages.len()), "{day:?}: {} pages", pages.len());
            let first = &pages[0].text;
            for words in
                ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "ngày 21 tháng 11 năm 2026", "[SỐ KÝ HIỆU]", "ĐIỂM BÁO Y TẾ"]
            {
                assert!(first.contains(words), "{day:?}: {words}");
            }
            assert!(first.contains("91/98 nguồn"), "{first}");
            assert!(pages.last().unwrap().text.contains("Nơi nhận:"));
            // A4 is 595.3 pt wide; the right margin is 18 mm.
            assert!(pages.iter().all(|p| p.right <= 595.3 - 51.0 + 0.5), "{day:?}: text runs into the margin");
            let headlines = |p: &Seen| p.text.contains("nhập viện sau bữa trưa");
            assert!(matches!(day, Day::Quiet) || headlines(&pages[0]), "the incident stands on page one");
        }
    }

    #[test]
    fn every_story_of_a_disaster_stands_once_on_its_pages_or_in_the_annex() {
        let view = edition(Day::Disaster);
        let papers = papers(&view);
        let annex = papers.annex.unwrap();
        let items = || view.sections.iter().flat_map(|s| &s.groups).flat_map(|g| &g.items);
        let told = |paper: &Paper, headline: &str| {
            let is_it = |runs: &[crate::Run]| runs.iter().any(|r| r.text.trim_end() == headline);
            let of = |block: &crate::Block| match block {
                crate::Block::Heading { runs, .. } => usize::from(is_it(runs)),
                crate::Block::List { lines } => lines.iter().filter(|runs| is_it(runs)).count(),
                _ => 0,
            };
            paper.blocks.iter().map(of).sum::<usize>()
        };
        let mut n_annexed = 0;
        for item in items() {
            let same = items().filter(|other| other.headline == item.headline).count();
            let annexed = told(&annex, &item.headline);
            assert_eq!(told(&papers.digest, &item.headline) + annexed, same, "{}", item.headline);
            n_annexed += usize::from(annexed > 0);
        }
        let first = &pages(&papers.digest)[0].text;
        assert!(first.contains(&format!("{n_annexed} tin còn lại ở phụ lục kèm theo")), "{first}");
        let annex: String = pages(&annex).iter().map(|p| p.text.as_str()).collect();
        assert!(annex.contains("PHỤ LỤC") && annex.contains("Tin Cao Nguyên"), "{annex}");
    }

    #[test]
    fn the_fullest_day_has_four_pages() {
        let mut input = input(600, 400, 150);
        let long = "Một câu đính chính dài để lấp chỗ, nêu lại số liệu đúng của kỳ trước. ".repeat(6);
        input.coverage.silent = (0..150).map(|n| format!("Báo Miền Xa Số {n}")).collect();
        input.coverage.unreachable = input.coverage.silent.clone();
        let assessed = |id| (id, StoryEdit { assessment: Some(long.clone()), ..StoryEdit::default() });
        let edits =
            Edits { stories: input.stories.iter().map(|s| assessed(s.id)).collect(), errata: vec![long.clone(); 20] };
        let view = diembao_digest::assemble_edited(&input, &diembao_digest::Cut::default(), &edits);
        let pages = pages(&papers(&view).digest);
        assert!(pages.len() <= 4, "{} pages", pages.len());
        assert!(pages.last().unwrap().text.contains("Nơi nhận:"));
    }

    #[test]
    fn only_the_embedded_faces_are_used_and_links_lead_to_the_articles() {
        let seen = pages(&paper(Day::Ordinary));
        let faces = || seen.iter().flat_map(|s| &s.faces);
        assert!(faces().all(|f| f.starts_with("LiberationSerif")), "{:?}", faces().collect::<Vec<_>>());
        let links: Vec<&String> = seen.iter().flat_map(|s| &s.links).collect();
        assert!(links.len() >= 34, "{}", links.len());
        assert!(links.iter().all(|l| l.starts_with("https://bao-")));
    }

    #[test]
    fn the_same_paper_gives_the_same_archivable_bytes() {
        let paper = paper(Day::Quiet);
        let bytes = pdf(&paper).unwrap();
        assert_eq!(bytes, pdf(&paper).unwrap());
        let text = String::from_utf8_lossy(&bytes);
        for mark in [
            "%PDF-1.7",
            "<pdfaid:part>2</pdfaid:part>",
            "<pdfaid:conformance>A</pdfaid:conformance>",
            "Điểm báo y tế – Thứ Bảy, ngày 21/11/2026",
            "Bộ phận thường trực thông tin báo chí",
            "2026-11-21T00:00:00+07:00",
        ] {
            assert!(text.contains(mark), "{mark}");
        }
    }

    #[test]
    fn a_hostile_title_is_set_as_it_stands() {
        let hostile = "#panic(\"x\") *đậm* $x^2$ <nhãn> @ref \\ [](`) //chú #import \"@preview/a:1.0.0\" ${{7*7}} ]";
        let mut input = input(3, 1, 0);
        for story in &mut input.stories {
            story.articles[0].text.title = hostile.to_owned();
            story.articles.truncate(1);
            story.articles[0].outlet = "Báo #read(\"/etc/passwd\")".to_owned();
        }
        input.agency = "#set page(width: 1pt)".to_owned();
        let view = diembao_digest::assemble(&input, &diembao_digest::Cut::default());
        let head = crate::Letterhead { unit: "*đơn vị* #{1+1}".to_owned(), ..letterhead() };
        let copy = Copy { purpose: "#panic()".to_owned(), ..copy() };
        let seen = pages(&edition_papers(&view, &head, &copy).unwrap().digest);
        let text: String = seen.iter().map(|s| s.text.as_str()).collect();
        let solid = |s: &str| s.replace(' ', "");
        for words in [hostile, "Báo #read(\"/etc/passwd\")", "*ĐƠN VỊ* #{1+1}", "(#panic())"] {
            assert!(solid(&text).contains(&solid(words)), "{words}\n{text}");
        }
    }

    #[test]
    fn an_empty_day_and_an_empty_paper_are_papers() {
        let view = diembao_digest::assemble(&input(0, 0, 0), &diembao_digest::Cut::default());
        let bare = |view| edition_papers(view, &crate::Letterhead::default(), &Copy::default()).unwrap().digest;
        assert!(pages(&bare(&view))[0].text.contains("Không phát sinh"));
        let nothing = diembao_digest::EditionInput::default();
        let view = diembao_digest::assemble(&nothing, &diembao_digest::Cut::default());
        assert!(!pdf(&bare(&view)).unwrap().is_empty());
    }
}
