//! A received bundle as it is read: the letter first, one line for the checks, then what they sent.

use kith_protocol::bundle::{Bundle, Urgency};
use ratatui::{style::Style, text::Line};

use crate::{
    casework::query::ReceivedView,
    screens::{Cx, lookup},
    sharing::view,
    text,
    widgets::paint::{labelled, paragraph},
};

/// Columns of the labels.
const WIDE: usize = 10;

/// The whole of it. Of an `unopened` one only what stands on its outside; with `every` each check by itself.
pub(super) fn lines(
    view: &ReceivedView,
    cx: &Cx<'_>,
    (unopened, every): (bool, bool),
    room: u16,
) -> Vec<Line<'static>> {
    let theme = cx.look.theme;
    let mut page = Page { cx, room, lines: Vec::new() };
    taken_back(view, &mut page);
    if view.gone.is_some() {
        gone(view, &mut page);
        return page.lines;
    }
    let received = &view.received;
    let (bundle, released) = view::as_it_reads(&received.document, &view.supplements)
        .filter(|_| !unopened)
        .map_or_else(Default::default, |(bundle, released)| (Some(bundle), released));
    let signed = format!("{} ({}), signed by {}", received.from_name, received.from, received.signed_by);
    page.say("From", &signed);
    match &bundle {
        Some(bundle) => letter(bundle, &mut page),
        None => page.say("Why", &received.purpose),
    }
    page.say("About", &received.child);
    checks(&received.checks, every, &mut page);
    page.say("Arrived", &text::moment(view.at, cx.now.time_zone()));
    standing(view, &mut page);
    for said in &released {
        page.say("Released", said);
    }
    page.lines.push(Line::default());
    if unopened {
        let how = "Enter opens it. Its sender is told, by your signature, that you did.";
        page.lines.extend(paragraph(how, room, theme.accent));
    } else {
        content(view, bundle.as_ref(), &mut page);
    }
    page.lines
}

/// Lines so far, and how they are made.
struct Page<'a> {
    cx: &'a Cx<'a>,
    room: u16,
    lines: Vec<Line<'static>>,
}

impl Page<'_> {
    fn say(&mut self, label: &str, words: &str) {
        self.lines.extend(labelled(self.cx.look, label, words, WIDE, self.room));
    }

    fn loud(&mut self, label: &str, words: &str, style: Style) {
        let lines = labelled(self.cx.look, label, words, WIDE, self.room);
        self.lines.extend(lines.into_iter().map(|line| line.patch_style(style)));
    }
}

/// What the reader must know first, in the order of a letter.
fn letter(bundle: &Bundle, page: &mut Page<'_>) {
    let theme = page.cx.look.theme;
    let letter = &bundle.letter;
    if let Some([(first, _), (name, role)]) = bundle.checked_by_words() {
        page.say("Checked", &format!("by {name}, {role}, after {first} proposed it"));
    }
    page.say("Why", &letter.why);
    let how_soon = match letter.asked.urgency {
        Urgency::ByDate => String::new(),
        urgency => format!(" ({})", urgency.words()),
    };
    page.loud("Asked", &format!("{}{how_soon}", letter.asked.what), theme.strong);
    let by = letter.asked.by.map(|by| by.strftime("%A %-d %B %Y, %H:%M").to_string());
    page.loud("By", by.as_deref().unwrap_or("they name no day"), theme.strong);
    let danger = view::danger(bundle);
    for said in &danger {
        page.loud("DANGER", said, theme.danger);
    }
    if danger.is_empty() {
        page.say("Danger", "no entry says that somebody is in immediate danger");
    }
    let ring = &letter.ring;
    let late = ring.out_of_hours.as_ref().map_or(String::new(), |phone| format!("; out of hours {phone}"));
    page.say("Ring", &format!("{}, {}, {}{late}", ring.name, ring.role, ring.phone));
}

/// One line for all, and every caution; with `every` each in its own words.
fn checks(checks: &[String], every: bool, page: &mut Page<'_>) {
    let theme = page.cx.look.theme;
    let begins = |start: &'static str| checks.iter().filter(move |check| check.starts_with(start));
    let (cautions, unchecked) = (begins(CAUTION).count(), begins(NOT_CHECKED).count());
    let mut words = format!("All {} hold", checks.len().saturating_sub(cautions + unchecked));
    if cautions > 0 {
        words.push_str(&format!("; {}", text::count(cautions as u64, "caution", "cautions")));
    }
    if unchecked > 0 {
        words.push_str(&format!("; {unchecked} not checked"));
    }
    page.say("Checks", &format!("{words}. i {} them", if every { "folds" } else { "shows" }));
    for check in checks.iter().filter(|check| unproven(check).is_none()) {
        match check.strip_prefix(CAUTION) {
            Some(caution) => page.loud("Caution", caution, theme.warn),
            None if every => page.say("", check),
            None => {}
        }
    }
}

const CAUTION: &str = "caution: ";
const NOT_CHECKED: &str = "not checked: ";

/// Where it is filed, and what was answered.
fn standing(view: &ReceivedView, page: &mut Page<'_>) {
    match (&view.case, view.matches.first()) {
        (Some(case), _) => page.say("Filed", &format!("in case {case}")),
        (None, Some(best)) => {
            let choice = lookup::person(best);
            let is = if view.meant == Some(best.id) { "is" } else { "may be" };
            let told = [choice.label, choice.detail].join(", ");
            page.say("NOT FILED", &format!("{is} {}", told.trim_end_matches(", ")));
        }
        (None, None) => {
            page.say("NOT FILED", "no child of ours matches by any name, number or date of birth");
        }
    }
    answers(view, page);
}

fn answers(view: &ReceivedView, page: &mut Page<'_>) {
    for (kind, at, note) in &view.answers {
        let when = text::moment(*at, page.cx.now.time_zone());
        page.say(text::receipt(*kind), &if note.is_empty() { when } else { format!("{when}: {note}") });
    }
}

fn taken_back(view: &ReceivedView, page: &mut Page<'_>) {
    let Some(asked) = &view.asked else { return };
    let due = asked
        .answer_by
        .map_or(String::new(), |day| format!("; an answer is asked for by {}", text::date(day)));
    let when = text::moment(asked.at, page.cx.now.time_zone());
    page.say("WITHDRAWN", &format!("{when}: its sender took it back{due}"));
    page.say("Because", if asked.why.is_empty() { "they gave no reason: ring them" } else { &asked.why });
    page.say("To do", "w answers: delete it, or say on which basis it is kept");
}

/// What is left of one that was deleted.
fn gone(view: &ReceivedView, page: &mut Page<'_>) {
    let zone = page.cx.now.time_zone();
    if let Some((at, by)) = &view.gone {
        let what = "destroyed here with every entry filed from it";
        page.say("Deleted", &format!("{} by {}, {}: {what}", text::moment(*at, zone), by.name, by.role));
    }
    page.say("From", &format!("{} ({})", view.received.from_name, view.received.from));
    page.say("Arrived", &text::moment(view.at, zone));
    answers(view, page);
}

fn content(view: &ReceivedView, bundle: Option<&Bundle>, page: &mut Page<'_>) {
    let theme = page.cx.look.theme;
    for file in &view.received.attachments {
        page.say("Attached", &format!("{}, {}", file.name, text::size(file.size)));
    }
    page.lines.push(Line::styled("What they sent", theme.strong));
    let unreadable = "The document could not be shown here; file it, or open the bundle with a browser.";
    for line in bundle.map_or_else(|| vec![unreadable.to_owned()], view::body) {
        page.lines.extend(paragraph(&line, page.room, theme.plain));
    }
    for claims in view.received.checks.iter().filter_map(|check| unproven(check)) {
        page.lines.extend([Line::default(), Line::styled("Not proven", theme.strong)]);
        for claim in claims.split("; ") {
            page.lines.extend(paragraph(claim, page.room, theme.plain));
        }
    }
}

/// What a check says that nothing proves; it is long, and read after the bundle itself.
fn unproven(check: &str) -> Option<&str> {
    check.strip_prefix("not checked: Not proven: ")
}
