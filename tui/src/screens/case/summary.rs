//! The summary of a case: where it stands, in words.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::Line,
};

use super::{CaseScreen, people};
use crate::{
    screens::Cx,
    text,
    widgets::{
        list::reading,
        paint::{Columns, labelled},
    },
};

pub(super) fn view(screen: &CaseScreen, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position {
    let area = Rect { x: area.x + 2.min(area.width), width: area.width.saturating_sub(3), ..area };
    reading(buf, cx.look, area, &lines(screen, cx, area.width), (screen.place(), true))
}

fn lines(screen: &CaseScreen, cx: &Cx<'_>, room: u16) -> Vec<Line<'static>> {
    let Some(case) = &screen.case else { return vec![Line::from("Asking the casebook.")] };
    let theme = cx.look.theme;
    let mut out = Vec::new();
    let mut say = |label: &str, words: &str| out.extend(labelled(cx.look, label, words, 16, room));
    let born = case.child.born.map(|born| format!(", born {}", text::date(born))).unwrap_or_default();
    say("Child", &format!("{}, {}{born}", case.child.name(), text::person_kind(&case.child.kind)));
    if !case.child.also_known_as.is_empty() {
        say("Also known as", &case.child.also_known_as.join(", "));
    }
    for other in screen.network.others() {
        say("Same person", &format!("as {}", text::other_record(other, cx.now.time_zone())));
    }
    for id in &case.child.identifiers {
        say(text::scheme(id.scheme), &id.value);
    }
    say("Level of need", &format!("{}, {}", text::level(case.case.level), text::level_help(case.case.level)));
    say("Lead", &case.case.lead);
    say("Opened", &text::moment(case.opened, cx.now.time_zone()));
    if let Some((at, outcome)) = &case.closed {
        say("CLOSED", &format!("{}: {outcome}", text::moment(*at, cx.now.time_zone())));
    }
    if case.protected_address {
        for words in people::protected(&screen.network) {
            say("Address", &words);
        }
    }
    say("Entries", &format!("{}, {} of them significant", case.entries, case.significant));
    let late =
        if case.actions_overdue > 0 { format!(", {} OVERDUE", case.actions_overdue) } else { String::new() };
    say("Actions", &format!("{} open{late}", case.actions_open));
    say("Shares", &text::count(case.shares, "share", "shares"));
    out.push(Line::default());
    out.push(Line::styled("Last significant", theme.strong));
    if case.last_significant.is_empty() {
        out.push(Line::styled("None is marked yet; * in the chronology marks an entry.", theme.quiet));
    }
    for row in &case.last_significant {
        let when = text::short_when(row.at, row.precision, cx.today());
        let line = Columns::new(cx.look, usize::from(room)).cell(&when, 15, theme.quiet);
        let line = line.cell(text::significance_sign(row.significance), 1, theme.plain);
        out.push(line.rest(&row.headline, theme.plain));
    }
    out
}
