//! Writing HTML so that a text from outside cannot become anything but text.

use std::fmt::Write as _;

use crate::bundle::{Passage, Reason, Span};

/// A page being written. What is not a literal of this program goes through escaping.
#[derive(Default)]
pub(super) struct Html {
    page: String,
    /// How many gaps were written: each has a number to be spoken of.
    gaps: u32,
}

impl Html {
    /// Markup; literals only.
    pub(super) fn raw(&mut self, markup: &'static str) {
        self.page.push_str(markup);
    }

    /// A text; line breaks stay, what is invisible is marked.
    pub(super) fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '\n' => self.raw("<br>"),
                '\t' => self.raw(" "),
                // A carriage return before a line feed says nothing; both are white space here.
                '\r' => {}
                c if is_odd(c) => {
                    self.raw("<span class=\"odd\">");
                    self.page.push_str(&code_point(c));
                    self.raw("</span>");
                }
                c => self.character(c),
            }
        }
    }

    /// A text where no markup can stand, such as a title.
    pub(super) fn plain(&mut self, text: &str) {
        shown(text).chars().for_each(|c| self.character(c));
    }

    /// A passage, with a labelled block for each gap.
    pub(super) fn passage(&mut self, passage: &Passage<Span>) {
        for span in passage {
            match span {
                Span::Text(text) => self.text(text),
                Span::Withheld(reason) => self.withheld(reason),
            }
        }
    }

    fn withheld(&mut self, reason: &Reason) {
        self.gaps += 1;
        self.raw("<span class=\"withheld\">Gap ");
        self.text(&format!("{}, withheld: {} \u{2013} ", self.gaps, reason.number()));
        self.text(reason.words());
        self.raw("</span>");
    }

    /// A row of a table of names and values.
    pub(super) fn row(&mut self, name: &'static str, value: &str) {
        self.row_of(name, |html| html.text(value));
    }

    /// A row whose value is written by `value`.
    pub(super) fn row_of(&mut self, name: &'static str, value: impl FnOnce(&mut Self)) {
        self.raw("<tr><th scope=\"row\">");
        self.raw(name);
        self.raw("</th><td>");
        value(self);
        self.raw("</td></tr>\n");
    }

    /// A table cell.
    pub(super) fn cell(&mut self, value: &str) {
        self.raw("<td>");
        self.text(value);
        self.raw("</td>");
    }

    pub(super) fn into_text(self) -> String {
        self.page
    }

    fn character(&mut self, c: char) {
        match c {
            '&' => self.raw("&amp;"),
            '<' => self.raw("&lt;"),
            '>' => self.raw("&gt;"),
            '"' => self.raw("&quot;"),
            '\'' => self.raw("&#39;"),
            c => self.page.push(c),
        }
    }
}

/// Whether a character cannot be seen, moves others about, or steers a device: it is shown by its number instead.
#[must_use]
pub fn is_odd(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fdd0}'..='\u{fdef}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{ffff}' | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{10ffff}')
}

/// A text on one line with what is odd in it made visible, for places that know no markup.
#[must_use]
pub fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' | '\r' => out.push(' '),
            c if is_odd(c) => out.push_str(&code_point(c)),
            c => out.push(c),
        }
    }
    out
}

fn code_point(c: char) -> String {
    let mut out = String::new();
    // Writing to a String does not fail.
    let _ = write!(out, "[U+{:04X}]", u32::from(c));
    out
}
