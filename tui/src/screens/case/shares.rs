//! Shares of a case: the ladder of receipts, who said each and when; consent records and decisions not to share.

use jiff::Timestamp;
use kith_protocol::{
    consent::{ConsentRecord, Decision},
    receipt::ReceiptKind,
};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::{Line, Span},
};
use unicode_width::UnicodeWidthStr as _;

use super::CaseScreen;
use crate::{
    casework::query::{ConsentOrNot, ConsentRow, ShareRow, ShareState},
    screens::Cx,
    text,
    widgets::{
        list::Rows,
        paint::{Columns, Look, span},
        safe_text::wrap,
    },
};

pub(super) fn view(screen: &CaseScreen, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position {
    let room = usize::from(area.width.saturating_sub(2));
    let shares = screen.shares.rows.iter().map(|row| lines(row, cx, room));
    let consents = screen.consents.iter().map(|row| consent_lines(row, cx, room));
    let rows: Vec<_> = shares.chain(consents).collect();
    let empty =
        "Nothing was shared from this case. S begins a share; a decision not to share is recorded too.";
    Rows { look: cx.look, place: screen.place(), focused: true, empty }.view(buf, area, &rows)
}

/// A share: its state, then each receipt.
pub(in crate::screens) fn lines(row: &ShareRow, cx: &Cx<'_>, room: usize) -> Vec<Line<'static>> {
    let theme = cx.look.theme;
    let (word, meaning) = text::share_state(&row.state);
    let style = match row.state {
        ShareState::Receipted | ShareState::Deleted => theme.good,
        ShareState::Declined | ShareState::Ended(_) => theme.danger,
        _ => theme.warn,
    };
    let mut head = Columns::new(cx.look, room);
    head = match cx.sending(row.id) {
        Some(come) => head.text(&format!("SENDING {come}"), theme.warn),
        None => head.cell(word, 13, style),
    };
    let head = head.text(&row.to_name, theme.strong);
    let mut out = vec![head.rest(&format!("{}: {}", row.child_name, row.share.purpose), theme.plain)];
    out.push(step(cx.look, room, ("decided", row.decided), &row.by.name, meaning, cx));
    if let Some((at, by)) = &row.checked {
        out.push(step(cx.look, room, ("checked", *at), &by.name, "approved it", cx));
    }
    if let ShareState::Ended(end) = &row.state
        && let Some(why) = end.why()
    {
        for line in wrap(why, room.saturating_sub(STEP)) {
            out.push(Line::from(vec![Span::raw(" ".repeat(STEP)), span(&line, theme.plain)]));
        }
    }
    if let Some(asked) = &row.asked {
        let due = asked.answer_by.map_or(String::new(), |day| format!("answer by {}: ", text::date(day)));
        let words = format!("{due}{}", asked.why);
        out.push(step(cx.look, room, ("taken back", asked.at), &row.by.name, "", cx));
        for line in wrap(&words, room.saturating_sub(STEP)) {
            out.push(Line::from(vec![Span::raw(" ".repeat(STEP)), span(&line, theme.plain)]));
        }
    }
    for one in &row.released {
        let words = format!("of entry {}: {}", one.entry, one.order);
        out.push(step(cx.look, room, ("released", one.at), &one.by.name, "", cx));
        for line in wrap(&words, room.saturating_sub(STEP)) {
            out.push(Line::from(vec![Span::raw(" ".repeat(STEP)), span(&line, theme.plain)]));
        }
    }
    for (kind, at, by, note) in &row.receipts {
        // A person's word is not cut: where it does not fit beside the name it stands below.
        let fits = note.is_empty() || STEP + by.width() + 2 + note.width() <= room;
        let beside = if fits { note.as_str() } else { "" };
        out.push(step(cx.look, room, (text::receipt(*kind), *at), by, beside, cx));
        for line in wrap(note, room.saturating_sub(STEP)).iter().filter(|_| !fits) {
            out.push(Line::from(vec![Span::raw(" ".repeat(STEP)), span(line, theme.plain)]));
        }
    }
    out.push(Line::default());
    out
}

/// Columns before the name of who said it.
const STEP: usize = 35;

fn step(
    look: Look<'_>,
    room: usize,
    (word, at): (&str, Timestamp),
    by: &str,
    note: &str,
    cx: &Cx<'_>,
) -> Line<'static> {
    let line = Columns::new(look, room).cell("", 2, look.theme.quiet).cell(word, 11, look.theme.quiet);
    let line = line.cell(&text::short_moment(at, cx.now), 16, look.theme.quiet);
    line.text(by, look.theme.plain).rest(note, look.theme.quiet)
}

fn consent_lines(row: &ConsentRow, cx: &Cx<'_>, room: usize) -> Vec<Line<'static>> {
    let theme = cx.look.theme;
    let when = text::short_moment(row.recorded, cx.now);
    let line =
        |word: &str, style| Columns::new(cx.look, room).cell(word, 13, style).cell(&when, 16, theme.quiet);
    match &row.what {
        ConsentOrNot::NotShared { with, because, .. } => vec![
            line("NOT SHARED", theme.warn)
                .text(with.as_str(), theme.strong)
                .rest(&format!("because {because}"), theme.plain),
            Line::default(),
        ],
        ConsentOrNot::Record { record, withdrawn } => {
            let basis = match (&record.decision, &record.lawful_basis) {
                (Decision::DoNotShare { because }, _) => format!("decided not to share: {because}"),
                (Decision::Share, Some(basis)) => basis.words().to_owned(),
                (Decision::Share, None) => "no basis named".to_owned(),
            };
            let (word, style) = match withdrawn {
                Some(_) => ("WITHDRAWN", theme.danger),
                None => ("RECORD", theme.quiet),
            };
            let names: Vec<&str> = record.recipients.iter().map(|to| to.name.as_str()).collect();
            let mut out =
                vec![line(word, style).text(&names.join(", "), theme.strong).rest(&basis, theme.plain)];
            let until = text::moment(record.validity.until, cx.now.time_zone());
            let more = Columns::new(cx.look, room).cell("", 13, theme.quiet);
            out.push(more.rest(
                &format!(
                    "consent {}; holds until {until}; decided by {}",
                    record.state(cx.now.timestamp()).words(),
                    row.by.name
                ),
                theme.quiet,
            ));
            out.extend(life(record, cx, room));
            if let Some((at, why)) = withdrawn {
                let more = Columns::new(cx.look, room).cell("", 13, theme.quiet);
                out.push(
                    more.rest(&format!("withdrawn {}: {why}", text::short_moment(*at, cx.now)), theme.warn),
                );
            }
            out.push(Line::default());
            out
        }
    }
}

/// What they were told, who answers for the child, and what happened to the consent since.
fn life(record: &ConsentRecord, cx: &Cx<'_>, room: usize) -> Vec<Line<'static>> {
    let theme = cx.look.theme;
    let mut out = Vec::new();
    let more = &record.safeguarding;
    let holders = more
        .parental_responsibility
        .iter()
        .map(|holder| format!("{}, {} ({})", holder.name, holder.relation, holder.evidence));
    let holders = holders.collect::<Vec<_>>().join("; ");
    let capacity = more.capacity.clone().unwrap_or_default();
    let told = format!("{} ({})", record.notice.privacy_notice, record.notice.language);
    for (label, words) in [
        ("child's view", &more.childs_view),
        ("understands", &capacity),
        ("responsible", &holders),
        ("told", &told),
    ] {
        if !words.trim().is_empty() {
            let line = Columns::new(cx.look, room).cell("", 13, theme.quiet).cell(label, 13, theme.quiet);
            out.push(line.rest(words, theme.plain));
        }
    }
    for event in &record.events {
        let words = format!(
            "{} {}: {}, {}",
            text::short_moment(event.event_time, cx.now),
            event.event_state.words(),
            event.entity,
            event.event_type
        );
        out.push(Columns::new(cx.look, room).cell("", 13, theme.quiet).rest(&words, theme.plain));
    }
    out
}

/// Has it reached them? Then withdrawing can only ask.
pub(in crate::screens) fn reached(row: &ShareRow) -> bool {
    row.receipts.iter().any(|(kind, ..)| *kind != ReceiptKind::Stored)
}

pub(in crate::screens) fn why_not_withdraw(row: &ShareRow) -> Option<String> {
    match row.state {
        ShareState::Ended(_) => Some("it has ended already".to_owned()),
        ShareState::Asked => Some("it was taken back already; their answer is awaited".to_owned()),
        ShareState::Kept | ShareState::Deleted => {
            Some("it was taken back, and they have answered".to_owned())
        }
        _ => None,
    }
}

/// A record is withdrawn once, and only a decision to share can be.
pub(super) fn why_not_withdraw_consent(row: &ConsentRow) -> Option<String> {
    match &row.what {
        ConsentOrNot::Record { withdrawn: Some(_), .. } => Some("it was withdrawn already".to_owned()),
        ConsentOrNot::Record { record, .. } if record.decision == Decision::Share => None,
        _ => Some("nothing was shared under it".to_owned()),
    }
}

/// Only of a decision to share can there be a consent, and of one that was withdrawn no more.
pub(super) fn why_not_consent_event(row: Option<&ConsentRow>) -> Option<String> {
    match row.map(|row| &row.what) {
        None => Some("no record is selected: they stand below the shares".to_owned()),
        Some(ConsentOrNot::Record { withdrawn: Some(_), .. }) => Some("it was withdrawn".to_owned()),
        Some(ConsentOrNot::Record { record, .. }) if record.decision == Decision::Share => None,
        Some(_) => Some("it was decided not to share".to_owned()),
    }
}
