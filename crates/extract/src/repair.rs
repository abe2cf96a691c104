//! Reading JSON that pages print wrongly: bare line ends in strings, trailing commas,
//! comment or CDATA marks around it, unknown escapes, quotation marks left unescaped.

use serde_json::Value;

/// Parses JSON, as it stands or repaired; the flag tells whether it stood.
pub(crate) fn parse(text: &str) -> Option<(Value, bool)> {
    let text = text.trim();
    if let Ok(value) = serde_json::from_str(text) {
        return Some((value, true));
    }
    let inner = inside_cdata(text);
    let start = inner.find(['{', '['])?;
    let end = inner.rfind(['}', ']'])?;
    let inner = inner.get(start..=end)?;
    let mut stream = serde_json::Deserializer::from_str(inner).into_iter::<Value>();
    if let Some(Ok(value)) = stream.next() {
        return Some((value, false));
    }
    serde_json::from_str(&repaired(inner)).ok().map(|value| (value, false))
}

/// CDATA marks hold brackets of their own.
fn inside_cdata(text: &str) -> &str {
    let text = text.split_once("<![CDATA[").map_or(text, |(_, rest)| rest);
    text.rsplit_once("]]>").map_or(text, |(rest, _)| rest)
}

fn repaired(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut chars = text.char_indices().peekable();
    let mut in_string = false;
    while let Some((at, c)) = chars.next() {
        if !in_string {
            match c {
                '"' => in_string = true,
                ',' if closes(&text[at + 1..]) => continue,
                _ => {}
            }
            out.push(c);
            continue;
        }
        match c {
            '"' if ends_string(&text[at + 1..]) => {
                in_string = false;
                out.push('"');
            }
            '"' => out.push_str("\\\""),
            '\\' => match chars.peek().map(|&(_, next)| next) {
                Some(next) if "\"\\/bfnrtu".contains(next) => {
                    out.push('\\');
                    out.push(next);
                    chars.next();
                }
                _ => {}
            },
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

fn closes(rest: &str) -> bool {
    rest.trim_start().starts_with(['}', ']'])
}

/// A quotation mark ends a string when what follows can only stand after a string.
fn ends_string(rest: &str) -> bool {
    let mut chars = rest.trim_start().chars();
    match chars.next() {
        None | Some(':' | '}' | ']') => true,
        Some(',') => matches!(
            chars.as_str().trim_start().chars().next(),
            None | Some('"' | '{' | '[' | '}' | ']' | '0'..='9' | 't' | 'f' | 'n' | '-')
        ),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, key: &str, expect: &str) {
        let (value, _) = parse(text).unwrap();
        assert_eq!(value[key], expect, "{text}");
    }

    #[test]
    fn harmless_breaks_are_mended() {
        check("{\"a\": \"một\nhai\"}", "a", "một hai");
        check("{\"a\": \"x\", }", "a", "x");
        check("//<![CDATA[\n{\"a\": \"x\", \"b\": [1]}\n//]]>", "a", "x");
        check("<!-- {\"a\": \"x\"} -->", "a", "x");
        check(r#"{"a": "bác sĩ "giỏi" nói", "b": 1}"#, "a", "bác sĩ \"giỏi\" nói");
        check(r#"{"a": "it\'s"}"#, "a", "it's");
        check(r#"{"a": "x"};"#, "a", "x");
        check(r#"{"a": "x"}{"b": "y"}"#, "a", "x");
        assert!(parse("{\"a\": }").is_none());
    }
}
