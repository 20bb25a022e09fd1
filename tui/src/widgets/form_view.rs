//! How a form looks: label, answer, what is said beside it; the choices open under the field that has the keys.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::{Line, Span},
};
use unicode_width::UnicodeWidthStr as _;

use super::{
    form::{Choice, Field, Form, Kind},
    paint::{Columns, Look, below, inset, put, span, split_top},
    safe_text::{self, cut, wrap},
};

/// Choices shown at once.
const OPEN: usize = 7;

/// Draws the form with the current field in sight, and says how many fields have no room; gives the caret.
pub fn view(form: &Form, look: Look<'_>, area: Rect, buf: &mut Buffer) -> Position {
    let wide = label_width(form, area.width);
    let shown: Vec<(usize, &Field)> = form.fields.iter().enumerate().filter(|(_, f)| !f.hidden).collect();
    let heights: Vec<u16> = shown.iter().map(|(n, f)| height(f, *n == form.at, area.width, wide)).collect();
    let here = shown.iter().position(|(n, _)| *n == form.at).unwrap_or(0);
    let long = heights.iter().sum::<u16>() > area.height && area.height > 2;
    let (area, foot) = if long { split_top(area, area.height - 1) } else { (area, Rect::default()) };
    let mut first = 0;
    let through = |first: usize| heights.iter().take(here + 1).skip(first).sum::<u16>();
    while first < here && through(first) + u16::from(here + 1 < shown.len()) > area.height {
        first += 1;
    }
    let (mut left, mut whole) = (area, first);
    let mut caret = Position { x: area.x, y: area.y };
    for ((n, field), tall) in shown.iter().zip(&heights).skip(first) {
        if left.height == 0 {
            break;
        }
        whole += usize::from(left.height >= *tall);
        let (own, rest) = split_top(left, *tall);
        let place = FieldView { field, look, wide, focused: *n == form.at }.view(own, buf);
        if *n == form.at {
            caret = place;
        }
        left = rest;
    }
    if long {
        put(buf, foot, 0, &Line::styled(more(first, shown.len().saturating_sub(whole)), look.theme.quiet));
    }
    caret
}

/// How many fields there are beyond those in sight.
fn more(above: usize, below: usize) -> String {
    let fields = |n: usize| if n == 1 { "field" } else { "fields" };
    match (above, below) {
        (0, 0) => String::new(),
        (0, below) => format!("  {below} more {} below", fields(below)),
        (above, 0) => format!("  {above} more {} above", fields(above)),
        (above, below) => format!("  {above} more {} above, {below} below", fields(above)),
    }
}

/// Rows the form takes as it stands.
#[must_use]
pub fn tallest(form: &Form, width: u16) -> u16 {
    let wide = label_width(form, width);
    let shown = form.fields.iter().enumerate().filter(|(_, field)| !field.hidden);
    shown.map(|(n, field)| height(field, n == form.at, width, wide)).sum()
}

fn label_width(form: &Form, width: u16) -> u16 {
    let longest = form.fields.iter().map(|field| field.label.len()).max().unwrap_or(0);
    u16::try_from(longest).unwrap_or(16).min(if width < 70 { 15 } else { 24 })
}

/// Rows a field takes.
fn height(field: &Field, focused: bool, width: u16, wide: u16) -> u16 {
    let room = width.saturating_sub(wide + 4);
    let help = if focused { u16::try_from(help(field, room).len()).unwrap_or(0) } else { 0 };
    match field.kind {
        Kind::Line | Kind::Secret => 1 + help,
        Kind::Box(rows) => {
            let typed = field.editor.height(room.saturating_sub(1));
            help + if focused { typed.clamp(rows, rows.max(8)) } else { typed.clamp(1, rows) }
        }
        Kind::Choice(_) | Kind::Lookup { .. } if focused => {
            let many = field.narrowed().len();
            1 + help + u16::from(many > OPEN) + u16::try_from(many.min(OPEN)).unwrap_or(0)
        }
        Kind::Choice(_) | Kind::Lookup { .. } => 1,
    }
}

/// The help of a field; or all that is said of the highlighted choice, where its row has no room for it.
fn help(field: &Field, room: u16) -> Vec<String> {
    let rows = field.narrowed();
    let full = |choice: &&&Choice| choice.label.width() + choice.detail.width() + 6 > usize::from(room);
    let said = field.highlighted().and_then(|row| rows.get(row)).filter(full);
    let text = match said {
        // There is more of it than room beside the words.
        _ if field.says_nothing_matches() => field.error.as_str(),
        Some(choice) => choice.detail.as_str(),
        None => field.help,
    };
    if text.is_empty() { Vec::new() } else { wrap(text, usize::from(room)).into_iter().take(HELP).collect() }
}

/// Lines of help at most.
const HELP: usize = 4;

struct FieldView<'a> {
    field: &'a Field,
    look: Look<'a>,
    wide: u16,
    focused: bool,
}

impl FieldView<'_> {
    fn view(&self, area: Rect, buf: &mut Buffer) -> Position {
        let theme = self.look.theme;
        let sign = if self.focused { "> " } else { "  " };
        let label_style = if self.focused { theme.strong } else { theme.quiet };
        let label = Columns::new(self.look, usize::from(self.wide) + 2)
            .cell(self.field.label, usize::from(self.wide), label_style)
            .line();
        let mut line = Line::from(sign);
        line.spans.extend(label.spans);
        put(buf, area, 0, &line);
        let value = inset(area, self.wide + 4);
        let caret = match &self.field.kind {
            Kind::Box(_) => self.text_box(value, buf),
            Kind::Line => self.one_line(value, buf, false),
            Kind::Secret => self.one_line(value, buf, true),
            Kind::Choice(_) | Kind::Lookup { .. } => self.chosen(value, buf),
        };
        let lines = self.help(value.width);
        let high = u16::try_from(lines.len()).unwrap_or(0).min(area.height);
        let help = Rect { y: area.y + area.height - high, height: high, ..value };
        for (y, line) in (0..high).zip(&lines) {
            put(buf, help, y, &Line::from(span(&self.cut(line, help.width), theme.quiet)));
        }
        caret
    }

    fn help(&self, room: u16) -> Vec<String> {
        if self.focused { help(self.field, room) } else { Vec::new() }
    }

    fn cut(&self, text: &str, room: u16) -> String {
        cut(text, usize::from(room), self.look.glyphs.ellipsis)
    }

    /// What is said beside the value: what is wrong, or what it was understood as.
    fn beside(&self) -> Vec<Span<'static>> {
        let theme = self.look.theme;
        match (self.field.error.as_str(), self.field.note.as_str()) {
            ("", "") if self.field.required && !self.field.answered() => vec![span("required", theme.quiet)],
            ("", "") => Vec::new(),
            ("", note) => vec![span(note, theme.quiet)],
            (error, _) => vec![span(&format!("! {error}"), theme.warn)],
        }
    }

    fn one_line(&self, area: Rect, buf: &mut Buffer, hidden: bool) -> Position {
        let beside = self.beside();
        let said: usize = beside.iter().map(|s| s.content.width()).sum();
        let said = u16::try_from(said).unwrap_or(u16::MAX).min(area.width / 2);
        let style = self.look.theme.plain;
        let typed = self.field.editor.text();
        if !self.focused && !hidden {
            // From its beginning, and what is said of it right behind.
            let gap = if typed.is_empty() { 0 } else { 2 };
            let room =
                usize::from(area.width.saturating_sub(if said == 0 { 0 } else { said.saturating_add(gap) }));
            let line = Columns::new(self.look, usize::from(area.width));
            let line = line.text(&self.cut(typed, u16::try_from(room).unwrap_or(u16::MAX)), style);
            let words: String = beside.iter().map(|said| said.content.as_ref()).collect();
            put(buf, area, 0, &line.rest(&words, beside.first().map_or(style, |said| said.style)));
            return Position { x: area.x, y: area.y };
        }
        // The caret takes a column behind what is typed.
        let used = u16::try_from(safe_text::width(typed)).unwrap_or(u16::MAX).saturating_add(2);
        let most = if said == 0 { area.width } else { area.width.saturating_sub(said) };
        let width = if hidden || said == 0 { most } else { used.min(most) };
        let value = Rect { width, height: area.height.min(1), ..area };
        let caret = match hidden {
            true => self.field.editor.view_hidden(buf, value, style),
            false => self.field.editor.view(buf, value, style),
        };
        let text: String = beside.iter().map(|said| said.content.as_ref()).collect();
        let style = beside.first().map_or(style, |said| said.style);
        let beside = inset(area, value.width);
        put(buf, beside, 0, &Line::styled(self.cut(&text, beside.width), style));
        caret
    }

    fn text_box(&self, area: Rect, buf: &mut Buffer) -> Position {
        let help = u16::try_from(self.help(area.width).len()).unwrap_or(0);
        let typed = Rect { height: area.height.saturating_sub(help), ..area };
        if !self.field.answered() {
            let mut said = self.beside();
            if said.is_empty() && !self.focused {
                said.push(span("none", self.look.theme.quiet));
            }
            put(buf, inset(area, if self.focused { 2 } else { 0 }), 0, &Line::from(said));
        }
        if self.focused {
            for y in 0..typed.height {
                put(buf, typed, y, &Line::styled(self.look.glyphs.down, self.look.theme.quiet));
            }
        }
        let inner = if self.focused { inset(typed, 2) } else { typed };
        if !self.focused {
            // What does not fit is said, so that nothing looks shorter than it is.
            let lines = wrap(self.field.editor.text(), usize::from(inner.width.saturating_sub(1)));
            let hidden = lines.len().saturating_sub(usize::from(inner.height));
            for (y, line) in (0..inner.height).zip(&lines) {
                let last = y + 1 == inner.height && hidden > 0;
                let more = if last { format!(" {hidden} more lines") } else { String::new() };
                let text = self.cut(line, inner.width.saturating_sub(u16::try_from(more.len()).unwrap_or(0)));
                let theme = self.look.theme;
                put(buf, inner, y, &Line::from(vec![span(&text, theme.plain), span(&more, theme.quiet)]));
            }
            return Position { x: inner.x, y: inner.y };
        }
        self.field.editor.view(buf, inner, self.look.theme.plain)
    }

    fn chosen(&self, area: Rect, buf: &mut Buffer) -> Position {
        let theme = self.look.theme;
        let mut words = self.field.words();
        if let Kind::Lookup { waiting: Some(who), .. } = &self.field.kind {
            let before = if words.is_empty() { "" } else { "; " };
            words = format!("{words}{before}{}, who was:", who.label);
        }
        let typing =
            self.focused && (words.is_empty() || !self.field.editor.text().is_empty() || self.many());
        // What is wrong is said in any case; what was chosen before gives way to it.
        let wrong = !self.field.error.is_empty();
        let room = match (wrong, typing) {
            (true, _) => area.width / 4,
            (false, true) => area.width.saturating_sub(20),
            (false, false) => area.width,
        };
        let words = self.cut(&words, room);
        let gap = if words.is_empty() { 0 } else { words.width() + 2 };
        let typed = inset(Rect { height: area.height.min(1), ..area }, u16::try_from(gap).unwrap_or(0));
        let mut line = Line::from(span(&words, theme.strong));
        if !self.focused || !self.field.error.is_empty() {
            // Words that chose nothing stay in sight, and what is wrong with them stands after them.
            for said in [vec![span(self.field.editor.text(), theme.plain)], self.beside()] {
                let said: Vec<_> = said.into_iter().filter(|span| !span.content.is_empty()).collect();
                line.spans.extend((line.width() > 0 && !said.is_empty()).then(|| Span::raw("  ")));
                let left = usize::from(area.width).saturating_sub(line.width());
                let ellipsis = self.look.glyphs.ellipsis;
                line.spans.extend(
                    said.into_iter().map(|one| Span::styled(cut(&one.content, left, ellipsis), one.style)),
                );
            }
        } else if !self.field.note.is_empty() && self.field.editor.text().is_empty() {
            line.push_span(span(&format!("   {}", self.field.note), theme.quiet));
        }
        put(buf, area, 0, &line);
        if !self.focused {
            return Position { x: area.x, y: area.y };
        }
        let caret = self.field.editor.view(buf, typed, theme.plain);
        let help = u16::try_from(self.help(area.width).len()).unwrap_or(0);
        let open = below(Rect { height: area.height.saturating_sub(help), ..area }, 1);
        self.choices(open, buf);
        caret
    }

    const fn many(&self) -> bool {
        matches!(self.field.kind, Kind::Lookup { many: true, .. })
    }

    fn choices(&self, area: Rect, buf: &mut Buffer) {
        let rows = self.field.narrowed();
        let many = rows.len();
        let open = if many > usize::from(area.height) { area.height.saturating_sub(1) } else { area.height };
        let from = (self.field.row + 1).saturating_sub(usize::from(open)).min(many);
        for (y, (n, choice)) in (0..open).zip(rows.iter().enumerate().skip(from)) {
            put(buf, area, y, &self.choice(n, choice, area.width));
        }
        if open < area.height {
            let below = if from + usize::from(open) < many { ", more below" } else { "" };
            let said = format!("   {open} of {many}{below}; type a word to narrow");
            let said = self.cut(&said, area.width);
            put(buf, area, open, &Line::styled(said, self.look.theme.quiet));
        }
    }

    fn choice(&self, n: usize, choice: &Choice, width: u16) -> Line<'static> {
        let theme = self.look.theme;
        let here = self.field.highlighted() == Some(n);
        let sign = if here { ">" } else { " " };
        let number = if self.field.editor.text().is_empty() { format!("{}", n + 1) } else { " ".into() };
        let style = if here { theme.strong } else { theme.plain };
        Columns::new(self.look, usize::from(width))
            .text(&format!("{sign}{number}"), style)
            .text(&choice.label, style)
            .rest(&choice.detail, theme.quiet)
    }
}
