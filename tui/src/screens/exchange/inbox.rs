//! The inbox: who sent it, what was checked and what came of it, what they ask; then the text itself.

use kith_protocol::{bundle::Bundle, receipt::ReceiptKind};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::Line,
};

use super::{Exchange, arrived};
use crate::{
    casework::query::{ReceivedRow, ReceivedView, SetAside},
    screens::{Cx, lookup},
    text,
    widgets::{
        list::{Rows, reading},
        paint::{Columns, below, divider, heading, labelled, paragraph, split_left, split_top},
    },
};

pub(super) fn view(screen: &Exchange, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position {
    if cx.one_pane() {
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
    let rows: Vec<_> = screen.aside.iter().map(aside).chain(screen.inbox.iter().map(row)).collect();
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
        return reading(buf, cx.look, inner, &wrong(row, cx, inner.width), screen.scroll);
    }
    let lines = screen.shown().map(|view| {
        let mut lines = about(view, cx, inner.width);
        lines.push(Line::default());
        if view.gone.is_some() {
            return lines;
        }
        lines.extend(if is_closed(view) && !screen.reading {
            let how = "Enter opens it. Its sender is told, by your signature, that you did.";
            paragraph(how, inner.width, cx.look.theme.accent)
        } else {
            content(view, cx, inner.width)
        });
        lines
    });
    reading(buf, cx.look, inner, &lines.unwrap_or_default(), screen.scroll)
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

/// What is known of a bundle from outside.
fn about(view: &ReceivedView, cx: &Cx<'_>, room: u16) -> Vec<Line<'static>> {
    let received = &view.received;
    let mut out = Vec::new();
    let mut say = |label: &str, words: &str| out.extend(labelled(cx.look, label, words, 10, room));
    if let Some(asked) = &view.asked {
        let due = asked
            .answer_by
            .map_or(String::new(), |day| format!("; an answer is asked for by {}", text::date(day)));
        say(
            "WITHDRAWN",
            &format!("{}: its sender took it back{due}", text::moment(asked.at, cx.now.time_zone())),
        );
        say("Because", if asked.why.is_empty() { "they gave no reason: ring them" } else { &asked.why });
        say("To do", "w answers: delete it, or say on which basis it is kept");
    }
    if let Some((at, by)) = &view.gone {
        let what = "destroyed here with every entry filed from it";
        say(
            "Deleted",
            &format!("{} by {}, {}: {what}", text::moment(*at, cx.now.time_zone()), by.name, by.role),
        );
        say("From", &format!("{} ({})", received.from_name, received.from));
        say("Arrived", &text::moment(view.at, cx.now.time_zone()));
        for (kind, at, note) in &view.answers {
            say(text::receipt(*kind), &format!("{}: {note}", text::moment(*at, cx.now.time_zone())));
        }
        return out;
    }
    say("From", &format!("{} ({}), signed by {}", received.from_name, received.from, received.signed_by));
    say("Why", &received.purpose);
    say("About", &received.child);
    say("Arrived", &text::moment(view.at, cx.now.time_zone()));
    for (n, check) in received.checks.iter().filter(|check| unproven(check).is_none()).enumerate() {
        say(if n == 0 { "Checks" } else { "" }, check);
    }
    match (&view.case, view.matches.first()) {
        (Some(case), _) => say("Filed", &format!("in case {case}")),
        (None, Some(best)) => {
            let choice = lookup::person(best);
            say("NOT FILED", &format!("may be {}, {}", choice.label, choice.detail));
        }
        (None, None) => say("NOT FILED", "no child of ours matches by name and date of birth"),
    }
    for (kind, at, note) in &view.answers {
        let when = text::moment(*at, cx.now.time_zone());
        say(text::receipt(*kind), &if note.is_empty() { when } else { format!("{when}: {note}") });
    }
    out
}

fn content(view: &ReceivedView, cx: &Cx<'_>, room: u16) -> Vec<Line<'static>> {
    let theme = cx.look.theme;
    let mut out = Vec::new();
    for file in &view.received.attachments {
        let words = format!("{}, {}", file.name, text::size(file.size));
        out.extend(labelled(cx.look, "Attached", &words, 10, room));
    }
    out.push(Line::styled("What they sent", theme.strong));
    for line in document(&view.received.document) {
        out.extend(paragraph(&line, room, theme.plain));
    }
    for claims in view.received.checks.iter().filter_map(|check| unproven(check)) {
        out.extend([Line::default(), Line::styled("Not proven", theme.strong)]);
        for claim in claims.split("; ") {
            out.extend(paragraph(claim, room, theme.plain));
        }
    }
    out
}

/// What a check says that nothing proves; it is long, and read after the bundle itself.
fn unproven(check: &str) -> Option<&str> {
    check.strip_prefix("not checked: Not proven: ")
}

/// The text of a bundle as its sender saw it before it went.
fn document(json: &str) -> Vec<String> {
    serde_json::from_str::<Bundle>(json).map_or_else(
        |_| {
            vec![
                "The document could not be shown here; file it, or open the bundle with a browser."
                    .to_owned(),
            ]
        },
        |bundle| crate::sharing::view::lines(&bundle),
    )
}
