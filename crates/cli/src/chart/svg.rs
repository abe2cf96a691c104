//! The chart as SVG 1.1: text, lines and rectangles, no scripts and nothing from elsewhere.

use std::fmt::Write;

use super::Chart;

pub(super) const WIDTH: f64 = 960.0;
pub(super) const HEIGHT: f64 = 420.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 92.0;
const BOTTOM: f64 = 44.0;
/// Between two labels under the bars.
const LABEL_WIDTH: f64 = 58.0;
/// Letters of a headline that fit.
const TITLE_LETTERS: usize = 72;
const FONTS: &str = "Be Vietnam Pro, Noto Sans, Liberation Sans, DejaVu Sans, Arial, sans-serif";

impl Chart {
    /// The chart as a file.
    pub(crate) fn svg(&self) -> String {
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{HEIGHT}\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
             role=\"img\" lang=\"vi\" font-family=\"{FONTS}\">\n<title>{0}</title>\n<desc>{1}</desc>\n\
             <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>\n\
             <text x=\"{LEFT}\" y=\"40\" font-size=\"22\" font-weight=\"bold\" fill=\"#1c2430\">{2}</text>\n\
             <text x=\"{LEFT}\" y=\"66\" font-size=\"14\" fill=\"#5b6472\">{1}</text>\n",
            escaped(&self.title),
            escaped(&self.subtitle),
            escaped(&shortened(&self.title)),
        );
        let most = self.bars.iter().map(|b| b.n).max().unwrap_or(0);
        let step = step(most);
        let top = most.div_ceil(step).max(1) * step;
        self.grid(&mut out, step, top);
        self.draw_bars(&mut out, top);
        out.push_str("</svg>\n");
        out
    }

    fn grid(&self, out: &mut String, step: u64, top: u64) {
        for n in (0..=top / step).map(|i| i * step) {
            let (y, end) = (height_of(n, top), WIDTH - RIGHT);
            let colour = if n == 0 { "#8a93a0" } else { "#e4e7eb" };
            put(out, format_args!("<path d=\"M{LEFT} {y:.1}H{end}\" stroke=\"{colour}\" stroke-width=\"1\"/>\n"));
            let (x, y) = (LEFT - 8.0, y + 4.5);
            put(
                out,
                format_args!(
                    "<text x=\"{x}\" y=\"{y:.1}\" font-size=\"13\" fill=\"#5b6472\" text-anchor=\"end\">{n}</text>\n"
                ),
            );
        }
    }

    fn draw_bars(&self, out: &mut String, top: u64) {
        #[expect(clippy::cast_precision_loss, reason = "a place on paper")]
        let pitch = (WIDTH - LEFT - RIGHT) / self.bars.len().max(1) as f64;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small positive number")]
        let every = (LABEL_WIDTH / pitch).ceil().max(1.0) as usize;
        let width = (pitch * 0.78).min(56.0);
        for (i, bar) in self.bars.iter().enumerate() {
            #[expect(clippy::cast_precision_loss, reason = "a place on paper")]
            let middle = LEFT + pitch * (i as f64 + 0.5);
            let (x, y) = (middle - width / 2.0, height_of(bar.n, top));
            if bar.n > 0 {
                let height = height_of(0, top) - y;
                put(
                    out,
                    format_args!(
                        "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"#0b4f8a\"><title>{}: {}</title></rect>\n",
                        escaped(&bar.label),
                        bar.n
                    ),
                );
            }
            if i % every == 0 {
                let y = HEIGHT - BOTTOM + 22.0;
                put(
                    out,
                    format_args!(
                        "<text x=\"{middle:.1}\" y=\"{y}\" font-size=\"13\" fill=\"#5b6472\" text-anchor=\"middle\">{}</text>\n",
                        escaped(&bar.label)
                    ),
                );
            }
        }
    }
}

fn put(out: &mut String, what: std::fmt::Arguments<'_>) {
    out.write_fmt(what).expect("a string takes everything");
}

#[expect(clippy::cast_precision_loss, reason = "a place on paper")]
fn height_of(n: u64, top: u64) -> f64 {
    let height = HEIGHT - TOP - BOTTOM;
    HEIGHT - BOTTOM - height * n as f64 / top.max(1) as f64
}

/// Between two lines of the grid: 1, 2 or 5 times a power of ten, at most five lines.
fn step(most: u64) -> u64 {
    let mut ten = 1;
    loop {
        if let Some(step) = [1, 2, 5].into_iter().map(|n| n * ten).find(|step| most.div_ceil(*step) <= 5) {
            return step;
        }
        ten *= 10;
    }
}

fn shortened(title: &str) -> String {
    if title.chars().count() <= TITLE_LETTERS {
        return title.to_owned();
    }
    let mut short: String = title.chars().take(TITLE_LETTERS - 1).collect();
    short.push('…');
    short
}

/// Text between tags: no markup, none of the control characters that XML forbids.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::Bar;
    use super::*;

    fn chart(title: &str, counts: &[u64]) -> Chart {
        let bars = counts.iter().map(|&n| Bar { label: format!("{n:02}/11"), n }).collect();
        Chart { title: title.to_owned(), subtitle: "Số bài báo theo ngày".to_owned(), bars }
    }

    #[test]
    fn the_grid_has_round_numbers_and_few_lines() {
        for (most, expect) in [(0, 1), (1, 1), (5, 1), (6, 2), (11, 5), (26, 10), (499, 100), (501, 200)] {
            assert_eq!(step(most), expect, "{most}");
        }
    }

    #[test]
    fn every_count_has_its_bar_and_no_query_is_markup() {
        let svg = chart("<script>\u{1}&\"", &[3, 0, 7]).svg();
        assert_eq!(svg.matches("fill=\"#0b4f8a\"").count(), 2);
        assert!(svg.contains("&lt;script&gt; &amp;&quot;") && !svg.contains("<script"), "{svg}");
        assert!(chart("", &[]).svg().ends_with("</svg>\n"));
    }
}
