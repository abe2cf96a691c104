//! Escaping for XML, HTML and JSON.

/// Text for XML or HTML, inside elements and quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

/// A JSON string, quotes included, safe inside a `<script>`.
pub(crate) fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace("</", "<\\/")
}

/// Non-ASCII letters as numeric entities, as old editors wrote them.
pub(crate) fn numeric(text: &str) -> String {
    escape(text).chars().map(|c| if c.is_ascii() { c.to_string() } else { format!("&#{};", c as u32) }).collect()
}
