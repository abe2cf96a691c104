//! The chart as PNG, drawn from the SVG with the fonts of this machine.

use std::sync::Arc;

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

use super::Chart;
use super::svg::{HEIGHT, WIDTH};

/// Pixels for one unit of the SVG: sharp on paper and on good screens.
const SCALE: f32 = 2.0;
/// A letter that only fonts with Vietnamese have.
const LETTER: char = 'ế';

impl Chart {
    /// The chart as a file.
    ///
    /// # Errors
    /// When no font of this machine has Vietnamese letters.
    pub(crate) fn png(&self) -> anyhow::Result<Vec<u8>> {
        let mut fonts = fontdb::Database::new();
        fonts.load_system_fonts();
        let Some(family) = vietnamese(&fonts) else {
            anyhow::bail!(
                "no font of this machine has Vietnamese letters; install one (Debian: fonts-noto-core), or use --svg"
            );
        };
        fonts.set_sans_serif_family(family.clone());
        let options = Options { font_family: family, fontdb: Arc::new(fonts), ..Options::default() };
        let tree = Tree::from_str(&self.svg(), &options)?;
        let pixels = |units: f64| (units * f64::from(SCALE)).round();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "two constants of the chart")]
        let (width, height) = (pixels(WIDTH) as u32, pixels(HEIGHT) as u32);
        let mut pixmap = Pixmap::new(width, height).expect("the chart's size is neither zero nor huge");
        resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut pixmap.as_mut());
        Ok(pixmap.encode_png()?)
    }
}

/// A family for running text that has Vietnamese letters, the plainest first.
fn vietnamese(fonts: &fontdb::Database) -> Option<String> {
    let wanted = ["Be Vietnam Pro", "Noto Sans", "Liberation Sans", "DejaVu Sans", "Arial"];
    let place = |family: &str| wanted.iter().position(|w| *w == family).unwrap_or(wanted.len());
    let upright = fonts.faces().filter(|f| f.style == fontdb::Style::Normal && !f.monospaced);
    let mut families: Vec<(usize, &str, fontdb::ID)> =
        upright.filter_map(|f| f.families.first().map(|(name, _)| (place(name), name.as_str(), f.id))).collect();
    families.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
    families.into_iter().find(|&(_, _, id)| has_letter(fonts, id)).map(|(_, name, _)| name.to_owned())
}

fn has_letter(fonts: &fontdb::Database, id: fontdb::ID) -> bool {
    let has = |data: &[u8], index: u32| {
        ttf_parser::Face::parse(data, index).is_ok_and(|face| face.glyph_index(LETTER).is_some())
    };
    fonts.with_face_data(id, has).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::super::{Bar, Chart};

    #[test]
    fn letters_and_bars_leave_ink() {
        let chart = |title: &str, n: u64| Chart {
            title: title.to_owned(),
            subtitle: String::new(),
            bars: vec![Bar { label: String::new(), n }],
        };
        // Whether there is a font is the machine's matter; without one the words say so.
        let Ok(empty) = chart("", 0).png() else {
            let said = chart("", 0).png().unwrap_err().to_string();
            assert!(said.contains("Vietnamese"), "{said}");
            return;
        };
        let [titled, filled] = [chart("Thiếu vắc xin ở Đồng Nai", 0), chart("", 9)].map(|c| c.png().unwrap());
        assert!(empty.starts_with(b"\x89PNG") && titled.len() > empty.len() + 1_000, "{}", titled.len());
        assert_ne!(empty, filled);
    }
}
