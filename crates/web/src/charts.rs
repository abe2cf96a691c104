//! Charts as SVG: shapes with classes, colours from the style sheet, every number also as text.

use std::fmt::Write;

/// One bar: a number and the part of it that is marked.
pub(crate) struct Bar {
    pub(crate) name: String,
    pub(crate) n: u64,
    pub(crate) n_marked: u64,
}

const WIDTH: u64 = 420;
const HEIGHT: u64 = 96;
const FOOT: u64 = 18;
const HEAD: u64 = 16;

/// Upright bars with their numbers above and their names below.
pub(crate) fn bars(title: &str, bars: &[Bar]) -> String {
    let all = HEIGHT + FOOT + HEAD;
    let mut svg = format!(
        "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {all}\" role=\"img\" aria-label=\"{}\">",
        escaped(&spoken(title, bars))
    );
    let most = bars.iter().map(|b| b.n).max().unwrap_or(0).max(1);
    let step = WIDTH / (bars.len() as u64).max(1);
    let wide = (step * 3 / 5).clamp(2, 48);
    for (bar, i) in bars.iter().zip(0..) {
        let x = step * i + (step - wide) / 2;
        let (tall, marked) = (bar.n * HEIGHT / most, bar.n_marked.min(bar.n) * HEIGHT / most);
        let middle = x + wide / 2;
        let _ = write!(
            svg,
            "<rect class=\"bar\" x=\"{x}\" y=\"{}\" width=\"{wide}\" height=\"{tall}\" rx=\"2\"/>\
             <rect class=\"bar-marked\" x=\"{x}\" y=\"{}\" width=\"{wide}\" height=\"{marked}\" rx=\"2\"/>\
             <text class=\"bar-n\" x=\"{middle}\" y=\"{}\">{}</text><text class=\"bar-name\" x=\"{middle}\" y=\"{}\">{}</text>",
            HEAD + HEIGHT - tall,
            HEAD + HEIGHT - marked,
            HEAD + HEIGHT - tall - 4,
            bar.n,
            all - 4,
            escaped(&bar.name),
        );
    }
    svg.push_str("</svg>");
    svg
}

fn spoken(title: &str, bars: &[Bar]) -> String {
    let parts: Vec<String> = bars.iter().map(|b| format!("{}: {} ({})", b.name, b.n, b.n_marked)).collect();
    format!("{title}. {}", parts.join("; "))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_is_plain_svg_and_escapes_names() {
        let bar = |name: &str, n, n_marked| Bar { name: name.to_owned(), n, n_marked };
        let svg = bars("Tin \"mới\"", &[bar("<20/11>", 10, 2), bar("21/11", 0, 0)]);
        assert!(svg.contains("&lt;20/11&gt;: 10 (2)") && svg.contains("Tin &quot;mới&quot;"), "{svg}");
        assert!(!svg.contains("style="), "the policy allows no inline style");
        assert!(svg.contains("height=\"96\"") && svg.contains("height=\"19\""), "{svg}");
        assert!(bars("trống", &[]).ends_with("</svg>"));
    }
}
