//! The text of a DOCX: paragraphs and tables that name their styles.

use std::io;

use crate::docx::xml::Xml;
use crate::{Block, Cell, Chart, Foot, Head, Note, Paper, Run, RunStyle};

const DOCUMENT: &[(&str, &str)] = &[
    ("xmlns:w", "http://schemas.openxmlformats.org/wordprocessingml/2006/main"),
    ("xmlns:r", "http://schemas.openxmlformats.org/officeDocument/2006/relationships"),
];
/// Twentieths of a point in a millimetre, times ten.
const TWIPS_PER_CM: u32 = 567;
/// Between the margins: 210 − 30 − 18 mm.
const WIDTH: u32 = 9184;

/// The id of the nth link.
pub(super) fn link_id(n: usize) -> String {
    format!("rIdLink{}", n + 1)
}

/// `word/document.xml`, and where its links lead, in order.
pub(super) fn write(paper: &Paper) -> io::Result<(Vec<u8>, Vec<String>)> {
    let mut out = Text { xml: Xml::new()?, links: Vec::new() };
    out.xml.open("w:document", DOCUMENT)?;
    out.xml.open("w:body", &[])?;
    if let Some(head) = &paper.head {
        out.head(head)?;
    }
    out.line("Title", &paper.title)?;
    if !paper.subtitle.is_empty() {
        out.line("Subtitle", &paper.subtitle)?;
    }
    out.line("RuleTitle", "")?;
    if let Some(purpose) = &paper.purpose {
        out.line("Purpose", &format!("({purpose})"))?;
    }
    for block in &paper.blocks {
        out.block(block)?;
    }
    if let Some(foot) = &paper.foot {
        out.foot(foot)?;
    }
    out.page()?;
    out.xml.close("w:body")?;
    out.xml.close("w:document")?;
    Ok((out.xml.finish(), out.links))
}

/// How the lines of a table are drawn.
#[derive(Clone, Copy)]
enum Grid {
    Drawn,
    Hidden,
}

struct Text {
    xml: Xml,
    links: Vec<String>,
}

impl Text {
    fn block(&mut self, block: &Block) -> io::Result<()> {
        match block {
            Block::Heading { level, runs } => self.paragraph(&format!("Heading{level}"), runs),
            Block::Paragraph { runs } => self.paragraph("BodyText", runs),
            Block::Detail { runs } => self.paragraph("Detail", runs),
            Block::List { lines } => lines.iter().try_for_each(|runs| self.paragraph("ListBullet", runs)),
            Block::Note { note, runs } => {
                let style = match note {
                    Note::Warning => "NoteWarning",
                    Note::Clear => "NoteClear",
                    Note::Plain => "NotePlain",
                };
                self.paragraph(style, runs)
            }
            Block::Table { widths, head, rows } => self.table(widths, head, rows),
            Block::Charts { charts } => self.charts(charts),
        }
    }

    fn paragraph(&mut self, style: &str, runs: &[Run]) -> io::Result<()> {
        self.xml.open("w:p", &[])?;
        self.xml.open("w:pPr", &[])?;
        self.xml.empty("w:pStyle", &[("w:val", style)])?;
        self.xml.close("w:pPr")?;
        runs.iter().try_for_each(|run| self.run(run))?;
        self.xml.close("w:p")
    }

    fn line(&mut self, style: &str, text: &str) -> io::Result<()> {
        if text.is_empty() { self.paragraph(style, &[]) } else { self.paragraph(style, &[Run::plain(text)]) }
    }

    fn run(&mut self, run: &Run) -> io::Result<()> {
        if let Some(url) = &run.link {
            let id = link_id(self.links.len());
            self.links.push(url.clone());
            self.xml.open("w:hyperlink", &[("r:id", &id), ("w:history", "1")])?;
        }
        self.xml.open("w:r", &[])?;
        if let Some(style) = style_of(run) {
            self.xml.open("w:rPr", &[])?;
            self.xml.empty("w:rStyle", &[("w:val", style)])?;
            self.xml.close("w:rPr")?;
        }
        self.xml.leaf("w:t", &[("xml:space", "preserve")], &run.text)?;
        self.xml.close("w:r")?;
        if run.link.is_some() {
            self.xml.close("w:hyperlink")?;
        }
        Ok(())
    }

    fn head(&mut self, head: &Head) -> io::Result<()> {
        let left = WIDTH * 2 / 5;
        self.open_table(Grid::Hidden, &[left, WIDTH - left])?;
        self.xml.open("w:tr", &[])?;
        self.open_cell(left)?;
        if !head.above.is_empty() {
            self.line("HeadAbove", &head.above)?;
        }
        self.line("HeadAgency", &head.agency)?;
        self.line("RuleAgency", "")?;
        self.line("HeadNumber", &head.number)?;
        self.xml.close("w:tc")?;
        self.open_cell(WIDTH - left)?;
        self.line("HeadNation", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")?;
        self.line("HeadMotto", "Độc lập - Tự do - Hạnh phúc")?;
        self.line("RuleMotto", "")?;
        self.line("HeadDate", &head.date)?;
        self.xml.close("w:tc")?;
        self.xml.close("w:tr")?;
        self.xml.close("w:tbl")
    }

    fn foot(&mut self, foot: &Foot) -> io::Result<()> {
        self.line("Gap", "")?;
        self.open_table(Grid::Hidden, &[WIDTH / 2, WIDTH / 2])?;
        self.xml.open("w:tr", &[])?;
        self.xml.open("w:trPr", &[])?;
        self.xml.empty("w:cantSplit", &[])?;
        self.xml.close("w:trPr")?;
        self.open_cell(WIDTH / 2)?;
        self.line("RecipientsHead", "Nơi nhận:")?;
        foot.recipients.iter().try_for_each(|line| self.line("Recipients", line))?;
        self.xml.close("w:tc")?;
        self.open_cell(WIDTH / 2)?;
        self.line("Office", &foot.office)?;
        self.line("Signer", &foot.name)?;
        self.xml.close("w:tc")?;
        self.xml.close("w:tr")?;
        self.xml.close("w:tbl")
    }

    fn table(&mut self, widths: &[u32], head: &[String], rows: &[Vec<Cell>]) -> io::Result<()> {
        let parts: u32 = widths.iter().sum::<u32>().max(1);
        let widths: Vec<u32> = widths.iter().map(|w| WIDTH * w / parts).collect();
        self.open_table(Grid::Drawn, &widths)?;
        self.xml.open("w:tr", &[])?;
        self.xml.open("w:trPr", &[])?;
        self.xml.empty("w:tblHeader", &[])?;
        self.xml.close("w:trPr")?;
        for (name, width) in head.iter().zip(&widths) {
            self.open_cell(*width)?;
            self.line("TableHead", name)?;
            self.xml.close("w:tc")?;
        }
        self.xml.close("w:tr")?;
        for row in rows {
            self.xml.open("w:tr", &[])?;
            for (cell, width) in row.iter().zip(&widths) {
                self.open_cell(*width)?;
                cell.iter().try_for_each(|runs| self.paragraph("TableText", runs))?;
                if cell.is_empty() {
                    self.line("TableText", "")?;
                }
                self.xml.close("w:tc")?;
            }
            self.xml.close("w:tr")?;
        }
        self.xml.close("w:tbl")?;
        self.line("Gap", "")
    }

    /// Charts as a table of their numbers, which an editor can change.
    fn charts(&mut self, charts: &[Chart]) -> io::Result<()> {
        let n_rows = charts.iter().map(|c| c.bars.len()).max().unwrap_or(0);
        let head: Vec<String> = charts.iter().flat_map(|c| [c.title.clone(), "Số".to_owned()]).collect();
        let cell = |text: &str| vec![vec![Run::plain(text)]];
        let of = |chart: &Chart, i: usize| match chart.bars.get(i) {
            Some(bar) if bar.marked > 0 => [cell(&bar.label), cell(&format!("{} ({})", bar.n, bar.marked))],
            Some(bar) => [cell(&bar.label), cell(&bar.n.to_string())],
            None => [Vec::new(), Vec::new()],
        };
        let rows: Vec<Vec<Cell>> = (0..n_rows).map(|i| charts.iter().flat_map(|c| of(c, i)).collect()).collect();
        // "100 (2)" needs more than "100".
        let parts = |chart: &Chart| if chart.bars.iter().any(|b| b.marked > 0) { [5, 3] } else { [6, 2] };
        let widths: Vec<u32> = charts.iter().flat_map(parts).collect();
        self.table(&widths, &head, &rows)
    }

    fn open_table(&mut self, grid: Grid, widths: &[u32]) -> io::Result<()> {
        let style = match grid {
            Grid::Drawn => "TableGrid",
            Grid::Hidden => "TableNormal",
        };
        self.xml.open("w:tbl", &[])?;
        self.xml.open("w:tblPr", &[])?;
        self.xml.empty("w:tblStyle", &[("w:val", style)])?;
        self.xml.empty("w:tblW", &[("w:w", &widths.iter().sum::<u32>().to_string()), ("w:type", "dxa")])?;
        self.xml.empty("w:tblLayout", &[("w:type", "fixed")])?;
        self.xml.close("w:tblPr")?;
        self.xml.open("w:tblGrid", &[])?;
        widths.iter().try_for_each(|w| self.xml.empty("w:gridCol", &[("w:w", &w.to_string())]))?;
        self.xml.close("w:tblGrid")
    }

    fn open_cell(&mut self, width: u32) -> io::Result<()> {
        self.xml.open("w:tc", &[])?;
        self.xml.open("w:tcPr", &[])?;
        self.xml.empty("w:tcW", &[("w:w", &width.to_string()), ("w:type", "dxa")])?;
        self.xml.close("w:tcPr")
    }

    /// A4 with the margins of the decree; the number stands on top from page two on.
    fn page(&mut self) -> io::Result<()> {
        let mm = |mm: u32| (mm * TWIPS_PER_CM / 10).to_string();
        // A table must not be the last thing of a body.
        self.line("Gap", "")?;
        self.xml.open("w:sectPr", &[])?;
        self.xml.empty("w:headerReference", &[("w:type", "default"), ("r:id", "rId4")])?;
        self.xml.empty("w:pgSz", &[("w:w", "11906"), ("w:h", "16838")])?;
        let margins = [
            ("w:top", mm(20)),
            ("w:right", mm(18)),
            ("w:bottom", mm(20)),
            ("w:left", mm(30)),
            ("w:header", mm(10)),
            ("w:footer", mm(10)),
            ("w:gutter", mm(0)),
        ];
        let margins: Vec<(&str, &str)> = margins.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.xml.empty("w:pgMar", &margins)?;
        self.xml.empty("w:titlePg", &[])?;
        self.xml.close("w:sectPr")
    }
}

fn style_of(run: &Run) -> Option<&'static str> {
    match run.style {
        RunStyle::Plain => run.link.is_some().then_some("Hyperlink"),
        RunStyle::Strong => Some("Strong"),
        RunStyle::Emphasis if run.link.is_some() => Some("Hyperlink"),
        RunStyle::Emphasis => Some("Emphasis"),
        RunStyle::Red => Some("SeverityRed"),
        RunStyle::Orange => Some("SeverityOrange"),
        RunStyle::Yellow => Some("SeverityYellow"),
        RunStyle::Green => Some("SeverityGreen"),
    }
}
