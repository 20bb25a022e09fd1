//! An entry as text: what reading panes, versions and the inbox show.

use jiff::tz::TimeZone;
use kith_protocol::bundle::Role;
use ratatui::text::{Line, Span};

use crate::{
    casework::{
        entry::{AsSent, Danger, Entry},
        query::EntryView,
    },
    text,
    widgets::paint::{Look, labelled, paragraph, span},
};

/// Columns of the labels.
const LABEL: usize = 14;

/// An entry with everything about it, at `room` columns.
#[must_use]
pub(super) fn lines(view: &EntryView, look: Look<'_>, zone: &TimeZone, room: u16) -> Vec<Line<'static>> {
    let theme = look.theme;
    let mut out = body(&view.entry, &view.names, look, room);
    out.push(Line::default());
    if let Some(sent) = &view.sent {
        out.extend(as_sent(sent, look, zone, room));
    }
    let by = format!("{}, {}, {}", text::moment(view.recorded, zone), view.by.name, view.by.role);
    out.extend(labelled(look, "Recorded", &by, LABEL, room));
    if let Some(triage) = &view.triage {
        let words = format!("{}, {}, {}", triage.decision, text::level(triage.level), triage.by.name);
        out.extend(labelled(look, "Triage", &words, LABEL, room));
    }
    if !view.earlier.is_empty() {
        let times = view.earlier.len();
        let words = format!("amended {times}x; h shows the versions side by side");
        out.extend(labelled(look, "Versions", &words, LABEL, room));
    }
    out.push(Line::styled(format!("{:LABEL$}  {}", "Reference", view.id), theme.quiet));
    out
}

/// What else the sender recorded.
fn as_sent(sent: &AsSent, look: Look<'_>, zone: &TimeZone, room: u16) -> Vec<Line<'static>> {
    let mut out = labelled(look, "Sent by", &sent.agency, LABEL, room);
    out.extend(labelled(look, "Sent as", sent.kind.words(), LABEL, room));
    let recorded = [sent.recorder.as_str(), &sent.recorder_role, &text::moment(sent.recorded, zone)];
    let recorded = recorded.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    out.extend(labelled(look, "Recorded there", &recorded, LABEL, room));
    for one in &sent.people {
        out.extend(labelled(look, "They name", &text::named_person(one), LABEL, room));
    }
    out
}

/// The entry itself.
#[must_use]
pub(super) fn body(entry: &Entry, names: &[String], look: Look<'_>, room: u16) -> Vec<Line<'static>> {
    let theme = look.theme;
    let mut out = Vec::new();
    if let Danger::Yes { done } = &entry.danger {
        out.push(Line::from(span("DANGER NOW", theme.danger)));
        out.extend(paragraph(done, room, theme.plain));
        out.push(Line::default());
    }
    let mut label = |name: &str, text: &str| {
        if !text.trim().is_empty() {
            out.extend(labelled(look, name, text, LABEL, room));
        }
    };
    label("When", &text::when(entry.happened));
    let source = [&entry.source.name, &entry.source.role, &entry.source.agency];
    let source: Vec<&str> = source.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    label("Seen by", &source.join(", "));
    label("Category", entry.category.words());
    for (person, name) in entry.people.iter().zip(names) {
        let role = if person.role == Role::Subject { "Child" } else { "Also" };
        let words = if person.role == Role::Subject {
            name.clone()
        } else {
            format!("{name}, {}", person.role.words())
        };
        label(role, &words);
    }
    for statement in &entry.statements {
        out.push(Line::default());
        out.push(Line::from(Span::styled(statement.kind.words(), theme.strong)));
        out.extend(paragraph(&statement.text, room, theme.plain));
    }
    out.push(Line::default());
    let mut label = |name: &str, text: &str| {
        if !text.trim().is_empty() {
            out.extend(labelled(look, name, text, LABEL, room));
        }
    };
    label("Who was told", &entry.told);
    label("What was done", &entry.done);
    label("Effect", &entry.effect);
    label("Significance", text::significance(entry.significance));
    for file in &entry.attachments {
        label("Attached", &format!("{}, {}", file.name, text::size(file.size)));
    }
    out
}
