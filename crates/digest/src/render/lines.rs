//! Plain text in lines of limited width.

/// The width of a line, in characters; only an address may be longer.
const WIDTH: usize = 72;

/// Lines under construction.
#[derive(Default)]
pub(super) struct Page(String);

impl Page {
    /// One line as it is.
    pub(super) fn line(&mut self, line: &str) {
        self.0.push_str(line.trim_end());
        self.0.push('\n');
    }

    /// An empty line, unless there is one.
    pub(super) fn blank(&mut self) {
        if !self.0.ends_with("\n\n") && !self.0.is_empty() {
            self.0.push('\n');
        }
    }

    /// A line of one mark.
    pub(super) fn rule(&mut self, mark: char) {
        self.line(&mark.to_string().repeat(WIDTH));
    }

    /// A heading in capitals, underlined.
    pub(super) fn heading(&mut self, text: &str) {
        self.blank();
        self.line(&text.to_uppercase());
        self.rule('-');
    }

    /// A text with every line indented by `indent` columns; nothing for an empty one.
    pub(super) fn paragraph(&mut self, text: &str, indent: usize) {
        let space = " ".repeat(indent);
        self.wrap(&space, &space, text);
    }

    /// A text whose first line begins with a mark that the others are indented by.
    pub(super) fn hanging(&mut self, mark: &str, text: &str) {
        self.wrap(mark, &" ".repeat(columns(mark)), text);
    }

    fn wrap(&mut self, first: &str, rest: &str, text: &str) {
        let mut line = String::new();
        let mut n_lines = 0;
        for word in text.split_whitespace() {
            let start = if n_lines == 0 { first } else { rest };
            if line.is_empty() {
                line = format!("{start}{word}");
            } else if columns(&line) + 1 + columns(word) <= WIDTH {
                line.push(' ');
                line.push_str(word);
            } else {
                self.line(&line);
                n_lines += 1;
                line = format!("{rest}{word}");
            }
        }
        if !line.is_empty() {
            self.line(&line);
        }
    }

    /// All lines.
    pub(super) fn finish(mut self) -> String {
        self.0.truncate(self.0.trim_end().len());
        self.0.push('\n');
        self.0
    }
}

/// How many columns a text takes: combining marks take none.
fn columns(text: &str) -> usize {
    text.chars().filter(|c| !matches!(c, '\u{300}'..='\u{36f}')).count()
}
