//! What a person typed → a tree of conditions, and notes on what was not understood.
//!
//! Nothing is refused: what has no meaning as syntax is searched for as text.

use std::ops::Range;

use chrono::{DateTime, Utc};
use diembao_text::{Syllables, lower};

use crate::analysis::units;
use crate::lex::{Lexeme, Token, lex};
use crate::tree::{Attribute, Name, Node};
use crate::{dates, severity};

/// A parsed query.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Parsed {
    pub(crate) root: Node,
    pub(crate) notes: Vec<String>,
}

/// Bytes of a query that are read.
const MAX_BYTES: usize = 20_000;
/// Groups inside groups.
const MAX_DEPTH: usize = 16;
/// Conditions in all.
const MAX_NODES: usize = 256;
/// Notes in all.
const MAX_NOTES: usize = 10;
/// Farthest distance in a phrase.
const MAX_SLOP: u32 = 50;

/// Parses a query.
pub(crate) fn parse(text: &str, now: DateTime<Utc>) -> Parsed {
    let mut cut = text.len().min(MAX_BYTES);
    while !text.is_char_boundary(cut) {
        cut -= 1;
    }
    let mut parser =
        Parser { text, tokens: lex(&text[..cut]), at: 0, nodes: 0, now, notes: Vec::new(), buffers: Syllables::new() };
    if cut < text.len() {
        parser.note(cut, "câu hỏi quá dài; phần sau chỗ này bị bỏ qua");
    }
    let mut all = parser.group(0);
    while parser.at < parser.tokens.len() {
        let place = parser.tokens[parser.at].bytes.start;
        parser.note(place, "dấu ) không có dấu ( tương ứng; bỏ qua");
        parser.at += 1;
        all.extend(parser.group(0));
    }
    Parsed { root: Node::Group(all), notes: parser.notes }
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Lexeme>,
    at: usize,
    nodes: usize,
    now: DateTime<Utc>,
    notes: Vec<String>,
    buffers: Syllables,
}

impl Parser<'_> {
    fn note(&mut self, byte: usize, what: &str) {
        if self.notes.len() < MAX_NOTES {
            let place = self.text[..byte.min(self.text.len())].chars().count() + 1;
            self.notes.push(format!("ký tự {place}: {what}"));
        }
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|l| &l.token)
    }

    /// Conditions up to a closing bracket or the end; the bracket is left.
    fn group(&mut self, depth: usize) -> Vec<Node> {
        let mut out: Vec<Node> = Vec::new();
        let mut or_at: Option<usize> = None;
        while let Some(lexeme) = self.tokens.get(self.at).cloned() {
            if lexeme.token == Token::Close {
                break;
            }
            if lexeme.token == Token::Or {
                self.at += 1;
                or_at = Some(lexeme.bytes.start);
                continue;
            }
            let Some(node) = self.unit(depth) else { continue };
            match (or_at.take(), out.pop()) {
                (Some(_), Some(Node::Or(mut several))) => {
                    several.push(node);
                    out.push(Node::Or(several));
                }
                (Some(_), Some(before)) => out.push(Node::Or(vec![before, node])),
                (_, before) => {
                    out.extend(before);
                    out.push(node);
                }
            }
        }
        if let Some(place) = or_at {
            self.note(place, "OR thiếu vế sau; bỏ qua");
        }
        out
    }

    /// One condition; takes at least one token.
    fn unit(&mut self, depth: usize) -> Option<Node> {
        let lexeme = self.tokens.get(self.at).cloned()?;
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            self.note(lexeme.bytes.start, "quá nhiều điều kiện; phần sau chỗ này bị bỏ qua");
            self.at = self.tokens.len();
            return None;
        }
        self.at += 1;
        match lexeme.token {
            Token::Text => Some(self.words(lexeme.bytes)).filter(|n| !n.is_empty()),
            Token::Quoted { slop, ref bytes } => self.phrase(bytes.clone(), slop),
            Token::Prefix => self.prefix(lexeme.bytes),
            Token::Star => Some(Node::Everything),
            Token::Open => self.bracket(lexeme.bytes.start, depth),
            Token::Not => self.not(lexeme.bytes.start, depth),
            Token::Field(name) => self.field(name, lexeme.bytes.start, depth),
            Token::Unclosed => {
                self.note(lexeme.bytes.start, "dấu ngoặc kép không đóng; bỏ qua");
                None
            }
            Token::Or | Token::Close => None,
        }
    }

    /// This piece of text and those that follow it directly.
    fn words(&mut self, first: Range<usize>) -> Node {
        let mut end = first.end;
        while let Some(next) = self.tokens.get(self.at).filter(|l| l.token == Token::Text) {
            end = next.bytes.end;
            self.at += 1;
        }
        Node::Words(units(&self.text[first.start..end], &mut self.buffers))
    }

    fn phrase(&mut self, bytes: Range<usize>, slop: Option<u32>) -> Option<Node> {
        let words = units(&self.text[bytes], &mut self.buffers);
        match words.len() {
            0 => None,
            1 => Some(Node::Words(words)),
            _ => Some(Node::Phrase(words, slop.unwrap_or(0).min(MAX_SLOP))),
        }
    }

    fn prefix(&mut self, bytes: Range<usize>) -> Option<Node> {
        let place = bytes.start;
        let mut words = units(&self.text[bytes.start..bytes.end - 1], &mut self.buffers);
        words.retain(|u| !u.is_part);
        let last = words.pop()?;
        if last.folded.chars().count() < 2 {
            self.note(place, "cần ít nhất hai chữ trước dấu *");
            return None;
        }
        if words.is_empty() {
            return Some(Node::Prefix(last));
        }
        Some(Node::Group(vec![Node::Words(words), Node::Prefix(last)]))
    }

    fn bracket(&mut self, place: usize, depth: usize) -> Option<Node> {
        if depth >= MAX_DEPTH {
            self.note(place, "ngoặc lồng quá sâu; bỏ qua dấu ngoặc này");
            return None;
        }
        let inner = self.group(depth + 1);
        if self.peek() == Some(&Token::Close) {
            self.at += 1;
        } else {
            self.note(place, "thiếu dấu ngoặc đóng; coi như đóng ở cuối câu");
        }
        (!inner.is_empty()).then_some(Node::Group(inner))
    }

    fn not(&mut self, place: usize, depth: usize) -> Option<Node> {
        let inner = match self.tokens.get(self.at).cloned() {
            // Only the piece of text that touches the sign is excluded.
            Some(Lexeme { token: Token::Text, bytes }) => {
                self.at += 1;
                Some(Node::Words(units(&self.text[bytes], &mut self.buffers)))
            }
            Some(Lexeme { token: Token::Close | Token::Or | Token::Not, .. }) | None => {
                self.note(place, "dấu trừ không đứng trước từ nào; bỏ qua");
                return None;
            }
            Some(_) => self.unit(depth),
        };
        Some(Node::Not(Box::new(inner.filter(|n| !n.is_empty())?)))
    }

    fn field(&mut self, name: Name, place: usize, depth: usize) -> Option<Node> {
        let next = self.tokens.get(self.at).cloned()?;
        if let (Name::Text(field), Token::Open | Token::Quoted { .. } | Token::Prefix) = (name, &next.token) {
            let inner = self.unit(depth)?;
            return Some(Node::In(field, Box::new(inner)));
        }
        self.at += 1;
        let bytes = match next.token {
            Token::Text | Token::Prefix => next.bytes,
            Token::Quoted { bytes, .. } => bytes,
            _ => {
                self.at -= 1;
                self.note(place, "không có giá trị sau dấu hai chấm; bỏ qua");
                return None;
            }
        };
        let value = &self.text[bytes];
        let node = match name {
            Name::Text(field) => {
                let words = units(value, &mut self.buffers);
                return (!words.is_empty()).then(|| Node::In(field, Box::new(Node::Words(words))));
            }
            Name::Value(attribute) => values(attribute, value),
            Name::Severity => severity::range(value).map(|(from, to)| Node::Severity(from, to)),
            Name::Date => dates::range(value, self.now).map(|(from, to)| Node::Published(from, to)),
        };
        if node.is_none() {
            let what = match name {
                Name::Severity => "không hiểu mức độ này (xanh, vàng, cam, đỏ; >=cam); bỏ qua",
                Name::Date => "không hiểu ngày này (2026-11-21, 21/11/2026, >=2026-11-01, 7d, hôm-nay); bỏ qua",
                _ => "không hiểu giá trị này; bỏ qua",
            };
            self.note(place, what);
        }
        node
    }
}

fn values(attribute: Attribute, value: &str) -> Option<Node> {
    let each: Vec<String> = value
        .split(',')
        .map(str::trim)
        .filter(|v| !v.is_empty())
        .take(64)
        .map(|v| match attribute {
            // Names of places and sections are compared as they are written.
            Attribute::Section | Attribute::Province | Attribute::Facility => v.to_owned(),
            _ => lower(v),
        })
        .collect();
    (!each.is_empty()).then_some(Node::Is(attribute, each))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Unit;
    use proptest::prelude::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000, 0).unwrap()
    }

    fn show(node: &Node) -> String {
        let words = |w: &[Unit]| w.iter().filter(|u| !u.is_part).map(|u| u.norm.as_str()).collect::<Vec<_>>().join(" ");
        let list = |n: &[Node], sep: &str| n.iter().map(show).collect::<Vec<_>>().join(sep);
        match node {
            Node::Words(w) => words(w),
            Node::Phrase(w, slop) => format!("“{}”~{slop}", words(w)),
            Node::Prefix(u) => format!("{}*", u.norm),
            Node::Group(n) => format!("({})", list(n, " & ")),
            Node::Or(n) => format!("[{}]", list(n, " | ")),
            Node::Not(n) => format!("!{}", show(n)),
            Node::In(f, n) => format!("{}:{}", f.as_str(), show(n)),
            Node::Is(a, v) => format!("{a:?}={}", v.join(",")),
            Node::Severity(a, b) => format!("{}..{}", a.as_str(), b.as_str()),
            Node::Published(a, b) => format!("{}..{}", a.is_some(), b.is_some()),
            Node::Everything => "*".to_owned(),
        }
    }

    #[track_caller]
    fn check(query: &str, expect: &str, notes: usize) {
        let parsed = parse(query, now());
        assert_eq!(show(&parsed.root), expect, "{query}");
        assert_eq!(parsed.notes.len(), notes, "{query}: {:?}", parsed.notes);
    }

    #[test]
    fn what_people_type() {
        check("ngộ độc Bạch Mai", "(ngộ độc bạch mai)", 0);
        check("\"ngộ độc\" -rượu", "(“ngộ độc”~0 & !rượu)", 0);
        check("“tử vong thai phụ”~3", "(“tử vong thai phụ”~3)", 0);
        check("tiêm* title:sởi body:(sốt cao)", "(tiêm* & title:sởi & body:(sốt cao))", 0);
        check("bệnh viện OR trạm xá", "([bệnh viện | trạm xá])", 0);
        check("a (b OR c | d) e", "(a & ([b | c | d]) & e)", 0);
        check("outlet:tuoi-tre,vnexpress flag:incident", "(Outlet=tuoi-tre,vnexpress & Flag=incident)", 0);
        check("severity:>=cam date:>=2026-11-01", "(orange..red & true..false)", 0);
        check("*", "(*)", 0);
        check("", "()", 0);
    }

    #[test]
    fn syntax_that_is_none_is_text() {
        check("Nóng: cháy bệnh viện", "(nóng cháy bệnh viện)", 0);
        check("Nóng:cháy", "(nóng cháy)", 0);
        check("Covid-19 - ngày thứ 5", "(covid-19 ngày thứ 5)", 0);
        check("title: gì đó", "(title gì đó)", 0);
        check("Nga -Ukraine", "(nga & !ukraine)", 0);
        check("C++ *** :) :", "(c)", 1);
    }

    #[test]
    fn what_is_wrong_is_noted() {
        check("(a b", "((a b))", 1);
        check("a) b", "(a & b)", 1);
        check("\"a b", "(a b)", 1);
        check("a OR", "(a)", 1);
        check("date:mai severity:tím x", "(x)", 2);
        check("b*", "()", 1);
        assert_eq!(parse("ừ (a", now()).notes, ["ký tự 3: thiếu dấu ngoặc đóng; coi như đóng ở cuối câu"]);
    }

    #[test]
    fn a_hostile_query_stays_small() {
        let parsed = parse(&"(".repeat(100_000), now());
        assert!(parsed.notes.len() <= MAX_NOTES);
        let parsed = parse(&"-\"a b\" ".repeat(10_000), now());
        let Node::Group(nodes) = parsed.root else { panic!("a group") };
        assert!(nodes.len() <= MAX_NODES);
    }

    proptest! {
        #[test]
        fn parsing_never_panics(s in "\\PC{0,60}") {
            parse(&s, now());
        }

        #[test]
        fn parsing_syntax_never_panics(v in proptest::collection::vec("(\\(|\\)|\"|“|”|~[0-9]{0,12}|\\*|-|OR|NOT|\\||title:|date:|severity:|outlet:|>=|\\.\\.|[0-9/-]{1,10}|bệnh|a| )", 0..40)) {
            parse(&v.concat(), now());
        }
    }
}
