//! The inbox: what arrived, and beside it the bundle one is on.

use kith_protocol::receipt::ReceiptKind;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::Line,
};

use super::{Exchange, arrived, bundle};
use crate::{
    casework::query::{ReceivedRow, ReceivedView, SetAside},
    screens::Cx,
    text,
    widgets::{
        list::{Rows, reading},
        paint::{Columns, below, divider, heading, labelled, split_left, split_top},
    },
};

pub(super) fn view(screen: &Exchange, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position {
    if cx.one_pane() || screen.alone {
        return if screen.reading { detail(screen, cx, area, buf) } else { list(screen, cx, area, buf) };
    }
    let (left, right) = if cx.two_panes() {
        let (left, right) = split_left(area, area.width * 9 / 20);
        (left, divider(buf, cx.look, right))
    } else {
        let rows = u16::try_from(screen.len()).unwrap_or(u16::MAX).saturating_add(2);
        split_top(area, rows.clamp(4, area.height / 3))
    };
    let (at_list, at_detail) = (list(screen, cx, left, buf), detail(screen, cx, right, buf));
    if screen.reading { at_detail } else { at_list }
}

fn list(screen: &Exchange, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position {
    let theme = cx.look.theme;
    let room = usize::from(area.width.saturating_sub(2));
    let row = |row: &ReceivedRow| -> Vec<Line<'static>> {
        let (word, style) = match (row.answered, row.case) {
            _ if row.gone => ("DELETED", theme.quiet),
            _ if row.owes_answer() => ("WITHDRAWN", theme.danger),
            (Some(ReceiptKind::Kept), _) => ("KEPT", theme.good),
            (Some(ReceiptKind::Receipted), _) => ("RECEIPTED", theme.good),
            (Some(ReceiptKind::Declined), _) => ("DECLINED", theme.quiet),
            (_, Some(_)) => ("FILED", theme.warn),
            (Some(ReceiptKind::Opened), None) => ("OPENED", theme.warn),
            _ => ("NEW", theme.warn),
        };
        let line = Columns::new(cx.look, room).cell(word, 9, style).cell(&arrived(row, cx), 12, theme.quiet);
        vec![line.text(&row.from_name, theme.strong).rest(&row.purpose, theme.plain)]
    };
    let aside = |row: &SetAside| -> Vec<Line<'static>> {
        let when = text::short_moment(row.since, cx.now);
        let line =
            Columns::new(cx.look, room).cell("SET ASIDE", 9, theme.danger).cell(&when, 12, theme.quiet);
        vec![line.text(&row.from_name, theme.strong).rest(&row.why, theme.plain)]
    };
    let rows: Vec<_> = screen.aside.iter().map(aside).chain(screen.inbox.rows.iter().map(row)).collect();
    heading(buf, cx.look, area, "Arrived", !screen.reading);
    let empty = if screen.known { "Nothing has arrived." } else { "Asking the casebook." };
    Rows { look: cx.look, place: screen.place(), focused: !screen.reading, empty }.view(
        buf,
        below(area, 1),
        &rows,
    )
}

fn detail(screen: &Exchange, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position {
    heading(buf, cx.look, area, "Bundle", screen.reading);
    let inner = below(area, 1);
    let inner = Rect { x: inner.x + 2.min(inner.width), width: inner.width.saturating_sub(3), ..inner };
    if let Some(row) = screen.set_aside() {
        return reading(buf, cx.look, inner, &wrong(row, cx, inner.width), (screen.scroll, screen.reading));
    }
    let closed = |view: &ReceivedView| screen.is_closed(view);
    let lines =
        screen.shown().map(|view| bundle::lines(view, cx, (closed(view), screen.checks), inner.width));
    reading(buf, cx.look, inner, &lines.unwrap_or_default(), (screen.scroll, screen.reading))
}

/// What is wrong with a bundle that cannot be taken in, whose doing it is, and what to do.
fn wrong(row: &SetAside, cx: &Cx<'_>, room: u16) -> Vec<Line<'static>> {
    let mut out = Vec::new();
    let mut say = |label: &str, words: &str| out.extend(labelled(cx.look, label, words, 10, room));
    let (whose, remedy) = text::fault(row.fault);
    say("From", &format!("{} ({})", row.from_name, row.from));
    say("Arrived", &text::moment(row.since, cx.now.time_zone()));
    say("Wrong", &row.why);
    say("Fault", whose);
    say("To do", remedy);
    if !row.phone.is_empty() {
        say("Ring", &row.phone);
    }
    say("", "");
    say("Kept", "The sealed file is here and at the node, and is tried again when the casebook is unlocked.");
    say("Answer", "None can be signed for what was not opened. d dismisses it, once it is looked after.");
    out
}

/// Has nobody here opened it yet? One that came by hand has nobody to tell, and lies open.
pub(super) fn is_closed(view: &ReceivedView) -> bool {
    view.answers.is_empty() && view.gone.is_none() && !view.received.receipts.is_empty()
}
