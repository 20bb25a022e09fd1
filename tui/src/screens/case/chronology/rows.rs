//! A row of the chronology, and a share or a filed bundle as text with every receipt: when, and by whom.

use jiff::Timestamp;
use kith_protocol::receipt::ReceiptKind;
use ratatui::{
    style::Style,
    text::{Line, Span},
};

use crate::{
    casework::{
        entry::{Precision, Significance},
        query::{EntryRow, Event, FiledRow, ReleasedRow, ShareRow, ShareState},
    },
    screens::Cx,
    text,
    widgets::{
        paint::{Columns, labelled},
        safe_text::wrap,
    },
};

/// Columns before the words of a row.
const INDENT: usize = 20;
/// Columns of the labels beside it.
const LABEL: usize = 14;

/// What sort of event, in a word or two.
pub(super) const fn kind(event: &Event) -> &'static str {
    match event {
        Event::Entry(row) => text::entry_kind(row.kind),
        Event::Share(_) => "Share",
        Event::Filed(_) => "Bundle filed",
        Event::Released(_) => "Words released",
    }
}

/// A row, with as much detail as is wanted (0 to 2).
pub(super) fn lines(event: &Event, detail: u8, cx: &Cx<'_>, room: usize) -> Vec<Line<'static>> {
    match event {
        Event::Entry(row) => entry(row, detail, cx, room),
        Event::Share(row) => {
            let (state, _) = text::share_state(&row.state);
            let what = format!("{state}: shared with {}", row.to_name);
            let last = row.receipts.last();
            between(event, (&what, &row.by.name, &row.share.purpose), last, (detail, cx, room))
        }
        Event::Filed(row) => {
            let received = &row.received;
            let state = received.answered.map_or("NOT ANSWERED", text::receipt);
            let what = format!("{state}: received from {}", received.from_name);
            let by = &received.signed_by;
            between(event, (&what, by, &received.purpose), row.answers.last(), (detail, cx, room))
        }
        Event::Released(row) => {
            let (what, whose) = which(row);
            between(
                event,
                (&format!("RELEASED {what}: {}", row.order), &row.by, &whose),
                None,
                (detail, cx, room),
            )
        }
    }
}

fn entry(row: &EntryRow, detail: u8, cx: &Cx<'_>, room: usize) -> Vec<Line<'static>> {
    let theme = cx.look.theme;
    let strong = match row.significance {
        Significance::High => theme.danger,
        Significance::Medium => theme.warn,
        Significance::Positive => theme.good,
        Significance::None | Significance::Low => theme.quiet,
    };
    let amended = if row.versions > 1 { format!(" [amended {}x]", row.versions - 1) } else { String::new() };
    let kind = text::entry_kind(row.kind);
    let when = text::short_when(row.at, row.precision, cx.today());
    let head = Columns::new(cx.look, room)
        .cell(&when, 15, theme.quiet)
        .cell(text::significance_sign(row.significance), 1, strong)
        .cell_if(room > 62, &row.source, 14, theme.quiet)
        .cell_if(room > 84, kind, 10, theme.quiet)
        .cell_if(room > 118, row.category.words(), 20, theme.quiet);
    let head = if row.in_danger { head.text("DANGER", theme.danger) } else { head };
    let mut lines = vec![head.rest(&format!("{}{amended}", row.headline), theme.plain)];
    if detail == 2 {
        lines.extend(more(&row.headline, room, theme.plain));
        lines.extend(more(&format!("{kind}, {}; {}", row.source, row.category.words()), room, theme.quiet));
    }
    if detail > 0 && !row.done.is_empty() {
        let done = format!("{} {}", cx.look.glyphs.arrow, row.done);
        let keep = if detail == 1 { 1 } else { usize::MAX };
        lines.extend(more(&done, room, theme.quiet).into_iter().take(keep));
    }
    lines
}

/// What passed between agencies: what, who, why, and what was signed last.
fn between(
    event: &Event,
    (what, by, why): (&str, &str, &str),
    last: Option<&Step>,
    (detail, cx, room): (u8, &Cx<'_>, usize),
) -> Vec<Line<'static>> {
    let theme = cx.look.theme;
    let when = text::short_when(event.key().at, Precision::Exact, cx.today());
    let head = Columns::new(cx.look, room)
        .cell(&when, 15, theme.quiet)
        .cell("*", 1, theme.accent)
        .cell_if(room > 62, by, 14, theme.quiet)
        .cell_if(room > 84, kind(event), 10, theme.quiet)
        .cell_if(room > 118, "", 20, theme.quiet);
    let mut lines = vec![head.rest(what, theme.strong)];
    if detail > 0 {
        let keep = if detail == 1 { 1 } else { usize::MAX };
        lines.extend(more(why, room, theme.quiet).into_iter().take(keep));
    }
    if let Some((kind, at, by, note)) = last.filter(|_| detail == 2) {
        let said = format!("{} {} {by} {note}", text::receipt(*kind), text::short_moment(*at, cx.now));
        lines.extend(more(said.trim_end(), room, theme.quiet));
    }
    lines
}

fn more(text: &str, room: usize, style: Style) -> Vec<Line<'static>> {
    let wrapped = wrap(text, room.saturating_sub(INDENT)).into_iter();
    wrapped.map(|line| Line::from(vec![Span::raw(" ".repeat(INDENT)), Span::styled(line, style)])).collect()
}

type Step = (ReceiptKind, Timestamp, String, String);

/// A share: to whom, why, how much was withheld, and each receipt.
pub(super) fn share(row: &ShareRow, cx: &Cx<'_>, room: u16) -> Vec<Line<'static>> {
    let (word, meaning) = text::share_state(&row.state);
    let zone = cx.now.time_zone();
    let decided = format!("{}, {}, {}", text::moment(row.decided, zone), row.by.name, row.by.role);
    let checked = row.checked.as_ref();
    let checked = checked.map(|(at, by)| format!("{}, {}, {}", text::moment(*at, zone), by.name, by.role));
    let entries = text::count(row.share.entries.len() as u64, "entry", "entries");
    let files = match row.share.attachments.len() as u64 {
        0 => String::new(),
        n => format!(", {}", text::count(n, "attachment", "attachments")),
    };
    let asked = row.asked.as_ref().map(|asked| format!("{}: {}", text::moment(asked.at, zone), asked.why));
    let end = match &row.state {
        ShareState::Ended(end) => end.why().unwrap_or_default(),
        _ => "",
    };
    let facts = [
        ("Shared with", row.to_name.clone()),
        ("Why", row.share.purpose.clone()),
        ("Asked of them", row.share.ask.clone()),
        ("What", format!("{entries}{files}; {}", withheld(row))),
        ("Decided", decided),
        ("Checked", checked.unwrap_or_default()),
        ("State", format!("{word}: {meaning}")),
        ("Because", end.to_owned()),
        ("Taken back", asked.unwrap_or_default()),
    ];
    let mut out = labels(&facts, cx, room);
    out.extend(steps(&row.receipts, cx, room));
    out.push(Line::styled(format!("{:LABEL$}  {}", "Reference", row.id), cx.look.theme.quiet));
    out
}

/// How much was withheld, in words.
fn withheld(row: &ShareRow) -> String {
    let spans = row.share.withheld.iter().map(|one| u64::from(one.spans)).sum();
    match spans {
        0 => "nothing withheld".to_owned(),
        n => format!("{} withheld", text::count(n, "passage", "passages")),
    }
}

/// A bundle that was filed here: from whom, why, and each answer.
pub(super) fn filed(row: &FiledRow, cx: &Cx<'_>, room: u16) -> Vec<Line<'static>> {
    let received = &row.received;
    let zone = cx.now.time_zone();
    let asked = received.asked.as_ref();
    let facts = [
        ("From", received.from_name.clone()),
        ("Signed by", received.signed_by.clone()),
        ("Why", received.purpose.clone()),
        ("Arrived", text::moment(received.received, zone)),
        ("Filed", row.at.strftime("%-d %B %Y, %H:%M").to_string()),
        (
            "Taken back",
            asked.map(|asked| format!("{}: {}", text::moment(asked.at, zone), asked.why)).unwrap_or_default(),
        ),
    ];
    let mut out = labels(&facts, cx, room);
    out.extend(steps(&row.answers, cx, room));
    out.push(Line::styled(format!("{:LABEL$}  {}", "Reference", received.id), cx.look.theme.quiet));
    out
}

/// Which way words were released, and of what.
fn which(row: &ReleasedRow) -> (String, String) {
    let ReleasedRow { agency, record, .. } = row;
    if row.by_us {
        (format!("to {agency}"), format!("words withheld from entry {record} of a share with {agency}"))
    } else {
        (format!("by {agency}"), format!("words of their record {record} that they had withheld"))
    }
}

/// Words released later: by whom, on which order, of what.
pub(super) fn released(row: &ReleasedRow, cx: &Cx<'_>, room: u16) -> Vec<Line<'static>> {
    let (to_or_by, what) = which(row);
    let facts = [
        ("Released", to_or_by),
        ("Order", row.order.clone()),
        ("What", what),
        ("Decided", format!("{}, {}", text::moment(row.on, cx.now.time_zone()), row.by)),
    ];
    let mut out = labels(&facts, cx, room);
    out.push(Line::styled(format!("{:LABEL$}  {}", "Reference", row.id), cx.look.theme.quiet));
    out
}

fn labels(facts: &[(&str, String)], cx: &Cx<'_>, room: u16) -> Vec<Line<'static>> {
    let there = facts.iter().filter(|(_, words)| !words.trim().is_empty());
    there.flat_map(|(label, words)| labelled(cx.look, label, words, LABEL, room)).collect()
}

/// What was signed, each with when, by whom and what they said.
fn steps(steps: &[Step], cx: &Cx<'_>, room: u16) -> Vec<Line<'static>> {
    let mut out = vec![Line::default()];
    for (kind, at, by, note) in steps {
        let at = text::short_moment(*at, cx.now);
        let said = [at.as_str(), by, note].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
        out.extend(labelled(cx.look, text::receipt(*kind), &said.join(", "), LABEL, room));
    }
    if steps.is_empty() {
        out.push(Line::styled("Nothing was signed for it yet.", cx.look.theme.quiet));
    }
    out
}
