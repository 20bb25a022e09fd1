//! Contacts: who is in the directory, how their key was verified, and the eight words to read aloud.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::{Line, Span},
};

use super::{Asking, Exchange};
use crate::{
    flow::MemberRow,
    screens::{Cx, Flow, compare},
    widgets::{
        list::Rows,
        paint::{Columns, below, paragraph, put_all, span, split_top},
    },
};

impl Exchange {
    /// Asks who read the eight words of the selected agency, and how.
    pub(super) fn ask_compare(&mut self) -> Vec<Flow> {
        let at = self.place().0;
        let Some(flows) = self.members.get(at).map(compare::ask) else { return Vec::new() };
        self.asking = Some(Asking::Compare(at));
        flows
    }
}

pub(super) fn view(screen: &Exchange, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position {
    let theme = cx.look.theme;
    let room = usize::from(area.width.saturating_sub(2));
    let row = |row: &MemberRow| -> Vec<Line<'static>> {
        let style = if row.trust.starts_with("VERIFIED") { theme.good } else { theme.warn };
        let head = Columns::new(cx.look, room).cell(&row.name, 26, theme.strong).text(&row.trust, style);
        let strength = if row.post_quantum { "" } else { "  WEAKER KEY: not post-quantum" };
        let second = format!("{}  {}  {}{strength}", row.id, row.sector, row.phone);
        vec![
            head.line(),
            Line::from(span(&format!("  {second}"), theme.quiet)),
            Line::from(vec![Span::raw("  "), Span::styled(row.words.join(" "), theme.plain)]),
            Line::default(),
        ]
    };
    let rows: Vec<_> = screen.members.iter().map(row).collect();
    let (top, rest) = split_top(area, 3);
    let how = "v verifies: ring them on a number you held before. Whoever is verified reads their own eight words; whoever \
               verifies them compares.";
    put_all(
        buf,
        Rect { x: top.x + 2.min(top.width), width: top.width.saturating_sub(4), ..top },
        &paragraph(how, top.width.saturating_sub(4), theme.quiet),
    );
    let list = Rows { look: cx.look, place: screen.place(), focused: true, empty: "The directory is empty." };
    list.view(buf, below(rest, 0), &rows)
}
