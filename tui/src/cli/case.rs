//! `kith case`, `kith chronology` and `kith shares`: reading.

use jiff::Timestamp;
use kith_protocol::receipt::ReceiptKind;
use serde_json::json;

use super::{
    args::{Case, Shape},
    desk::{Desk, Open, answer, whole},
    exit::Exit,
    failure::Failure,
    forms,
    share::read_line,
};
use crate::{
    casework::{
        case::{Case as CaseFile, LevelOfNeed},
        command::Command,
        entry::Danger,
        ids::{CaseId, EntryId, PersonId},
        query::{
            ActionFilter, Answer, CaseFilter, CaseRow, CaseView, EntryRow, EntryView, Event, FiledRow, PAGE,
            Query, ReleasedRow, ShareRow, Window,
        },
    },
    text,
};

pub(super) fn run(desk: &mut Desk, verb: &Case) -> Result<(), Failure> {
    match verb {
        Case::List { closed, shape } => list(desk, *closed, *shape),
        Case::Show { case, shape } => show(desk, *case, *shape),
        Case::Open { child, level, title, lead, shape } => {
            let title = read_line(desk, title, "the title")?;
            begin(desk, *child, ((*level).into(), title, lead.as_deref()), *shape)
        }
    }
}

fn begin(
    desk: &mut Desk,
    child: PersonId,
    (level, title, lead): (LevelOfNeed, String, Option<&str>),
    shape: Shape,
) -> Result<(), Failure> {
    let mut open = desk.open()?;
    let lead = lead.unwrap_or(&open.session.user.name).to_owned();
    let command = Command::OpenCase(CaseFile { child, title, level, lead });
    let facts = open.casebook.execute(command, &open.session.user, &desk.now)?;
    let case = facts.first().map(|fact| CaseId(*fact)).ok_or_else(super::desk::off_topic)?;
    if shape.json {
        return desk.console.json("case-open/1", json!({ "ref": case, "child": child }));
    }
    desk.console.say(&format!("Case {case} is open."))
}

fn list(desk: &mut Desk, include_closed: bool, shape: Shape) -> Result<(), Failure> {
    let open = desk.open()?;
    let rows = all_cases(&open, include_closed)?;
    if shape.json {
        let cases: Vec<_> = rows.iter().map(forms::case).collect();
        return desk.console.json("case-list/1", json!({ "cases": cases }));
    }
    for row in &rows {
        let state = if row.open { "" } else { "  CLOSED" };
        let overdue = if row.actions_overdue == 0 {
            String::new()
        } else {
            format!("  {} OVERDUE", row.actions_overdue)
        };
        desk.console.line(&format!(
            "{:8} {}, {}  {}{state}",
            row.id.to_string(),
            row.child_name,
            row.year,
            row.title
        ))?;
        desk.console.line(&format!(
            "         {}, lead {}, {}, {} open{overdue}",
            text::level(row.level),
            row.lead,
            text::count(row.entries, "entry", "entries"),
            text::count(row.actions_open, "action", "actions"),
        ))?;
    }
    if rows.is_empty() { Err(Failure::new(Exit::NothingMatched, "no cases")) } else { Ok(()) }
}

fn all_cases(open: &Open, include_closed: bool) -> Result<Vec<CaseRow>, Failure> {
    whole(|after| {
        let filter = CaseFilter { text: String::new(), include_closed };
        let query = Query::Cases { filter, window: after.into(), limit: PAGE };
        answer!(open.ask(&query)?, Answer::Cases(page) => page)
    })
}

fn show(desk: &mut Desk, case: CaseId, shape: Shape) -> Result<(), Failure> {
    let open = desk.open()?;
    let view = answer!(open.ask(&Query::Case { case })?, Answer::Case(view) => view)?;
    let filter = ActionFilter { case: Some(case), owner: None, include_finished: true };
    let actions = whole(|after| {
        let query = Query::Actions { filter: filter.clone(), window: after.into(), limit: PAGE };
        answer!(open.ask(&query)?, Answer::Actions(page) => page)
    })?;
    let console = &mut desk.console;
    if shape.json {
        return console.json(
            "case/1",
            json!({
                "ref": view.id, "child": view.case.child, "child_name": view.child.name(),
                "person": forms::person(&view.child), "title": view.case.title,
                "level": forms::level(view.case.level), "lead": view.case.lead, "opened": view.opened,
                "closed": view.closed.as_ref().map(|(at, outcome)| json!({ "at": at, "outcome": outcome })),
                "entries": view.entries, "significant": view.significant, "shares": view.shares,
                "protected_address": view.protected_address,
                "actions": actions.iter().map(|row| forms::action(row, open.today)).collect::<Vec<_>>(),
                "last_significant": view.last_significant.iter().map(forms::entry).collect::<Vec<_>>(),
            }),
        );
    }
    console.line(&format!("{}  {}", view.id, view.case.title))?;
    console.field("Child", &format!("{} ({})", view.child.name(), view.case.child))?;
    console.field("Level", text::level(view.case.level))?;
    console.field("Lead", &view.case.lead)?;
    console.field("Opened", &text::moment(view.opened, desk.now.time_zone()))?;
    if let Some((at, outcome)) = &view.closed {
        console.field("Closed", &format!("{}: {outcome}", text::moment(*at, desk.now.time_zone())))?;
    }
    if view.protected_address {
        console.field("Address", "PROTECTED ADDRESS: it must not leave")?;
    }
    let entries = text::count(view.entries, "entry", "entries");
    console.field(
        "Record",
        &format!("{entries}, {} significant, shared {} times", view.significant, view.shares),
    )?;
    for row in &actions {
        let state = row
            .finished
            .as_ref()
            .map_or_else(|| text::due(row.item.due, open.today), |done| format!("done: {done}"));
        console.field("Action", &format!("{} {} ({}): {state}", row.id, row.item.what, row.item.owner))?;
    }
    for row in &view.last_significant {
        console.field("Significant", &entry_line(row, &open))?;
    }
    Ok(())
}

fn entry_line(row: &EntryRow, open: &Open) -> String {
    format!("{} {}  {}", row.id, text::short_when(row.at, row.precision, open.today), row.headline)
}

pub(super) fn chronology(
    desk: &mut Desk,
    case: CaseId,
    significant_only: bool,
    shape: Shape,
) -> Result<(), Failure> {
    let open = desk.open()?;
    // Says that the case is not there, where a chronology would only be empty.
    let view = answer!(open.ask(&Query::Case { case })?, Answer::Case(view) => view)?;
    let events = paged(|after| {
        let window = after.map_or(Window::First, |event: &Event| Window::After(event.key()));
        let query = Query::Chronology { category: None, case, significant_only, window, limit: PAGE };
        answer!(open.ask(&query)?, Answer::Chronology { rows, .. } => rows)
    })?;
    if shape.json {
        return chronology_json(desk, &open, &view, &events);
    }
    desk.console.line(&format!("{}  {}: {}", view.id, view.child.name(), view.case.title))?;
    let mut before = None;
    for event in &events {
        let day = event.key().at.date();
        if let Some(gap) = before.and_then(|before| text::gap(before, day)) {
            desk.console.heading(&format!("      {gap}"))?;
        }
        before = Some(day);
        match event {
            Event::Entry(row) => print_entry(desk, &*entry(&open, row.id)?)?,
            Event::Share(row) => print_share(desk, row)?,
            Event::Filed(row) => print_filed(desk, row)?,
            Event::Released(row) => print_released(desk, row)?,
        }
    }
    Ok(())
}

fn entry(open: &Open, entry: EntryId) -> Result<Box<EntryView>, Failure> {
    answer!(open.ask(&Query::Entry { entry })?, Answer::Entry(view) => view)
}

fn print_released(desk: &mut Desk, row: &ReleasedRow) -> Result<(), Failure> {
    let at = row.at.strftime("%a %-d %b %Y, %H:%M");
    let ReleasedRow { id, agency, by, record, order, .. } = row;
    let way = if row.by_us { "to" } else { "by" };
    desk.console.line(&format!("{:8} RELEASED {way} {agency}: {order}", id.to_string()))?;
    desk.console.text(9, &format!("Words of entry {record} that were withheld; {at}, by {by}"))
}

/// Entries, shares, filed bundles and releases, each oldest first.
fn chronology_json(desk: &mut Desk, open: &Open, case: &CaseView, events: &[Event]) -> Result<(), Failure> {
    let (mut entries, mut shares) = (Vec::new(), Vec::new());
    let (mut filed, mut released) = (Vec::new(), Vec::new());
    for event in events {
        match event {
            Event::Entry(row) => entries.push(forms::entry_view(&*entry(open, row.id)?)),
            Event::Share(row) => shares.push(forms::share(row)),
            Event::Filed(row) => filed.push(forms::filed(row)),
            Event::Released(row) => released.push(forms::released(row)),
        }
    }
    desk.console.json(
        "chronology/1",
        json!({ "case": case.id, "child_name": case.child.name(), "title": case.case.title, "entries": entries,
            "shares": shares, "received": filed, "released": released }),
    )
}

/// All entries of a case, oldest first.
pub(super) fn entries_of(
    open: &Open,
    case: CaseId,
    significant_only: bool,
) -> Result<Vec<EntryRow>, Failure> {
    paged(|after| {
        let window = after.map_or(Window::First, |row: &EntryRow| Window::After(row.key()));
        let query = Query::EntriesOf { case, significant_only, window, limit: PAGE };
        answer!(open.ask(&query)?, Answer::EntriesOf { rows, .. } => rows)
    })
}

/// One page after the other, until one is empty.
fn paged<T>(page: impl Fn(Option<&T>) -> Result<Vec<T>, Failure>) -> Result<Vec<T>, Failure> {
    let mut all: Vec<T> = Vec::new();
    loop {
        let rows = page(all.last())?;
        if rows.is_empty() {
            return Ok(all);
        }
        all.extend(rows);
    }
}

pub(super) fn print_entry(desk: &mut Desk, view: &EntryView) -> Result<(), Failure> {
    let (entry, console) = (&view.entry, &mut desk.console);
    console.heading(&format!(
        "{}  {}  {}, {}",
        view.id,
        text::when(entry.happened),
        text::entry_kind(entry.kind),
        entry.category.words()
    ))?;
    let source = [&entry.source.name, &entry.source.role, &entry.source.agency];
    let source: Vec<_> = source.into_iter().filter(|part| !part.is_empty()).map(String::as_str).collect();
    console.field("Source", &source.join(", "))?;
    let people =
        entry.people.iter().zip(&view.names).map(|(one, name)| format!("{name} ({})", one.role.words()));
    console.field("People", &people.collect::<Vec<_>>().join(", "))?;
    for statement in &entry.statements {
        console.field("", "")?;
        console.text(2, &format!("{}: {}", statement.kind.words(), statement.text))?;
    }
    if let Some(sent) = &view.sent {
        console.field("Sent by", &sent.agency)?;
        console.field("Sent as", sent.kind.words())?;
        console.field(
            "Recorded",
            &format!(
                "{}, {}, there, {}",
                sent.recorder,
                sent.recorder_role,
                text::moment(sent.recorded, desk.now.time_zone())
            ),
        )?;
        for one in &sent.people {
            console.field("They name", &text::named_person(one))?;
        }
    }
    if let Danger::Yes { done } = &entry.danger {
        console.field("IN DANGER", done)?;
    }
    console.field("Told", &entry.told)?;
    console.field("Done", &entry.done)?;
    console.field("Effect", &entry.effect)?;
    console.field("Significance", text::significance(entry.significance))?;
    for file in &entry.attachments {
        console.field(
            "Attachment",
            &format!("{} ({}, {})", file.name, file.media_type, text::size(file.size)),
        )?;
    }
    if !view.earlier.is_empty() {
        let versions = text::count(view.earlier.len() as u64, "earlier version", "earlier versions");
        console.field("Amended", &format!("{versions} kept"))?;
    }
    Ok(())
}

pub(super) fn shares(desk: &mut Desk, case: Option<CaseId>, shape: Shape) -> Result<(), Failure> {
    let open = desk.open()?;
    let rows = whole(
        |after| answer!(open.ask(&Query::Shares { case, window: after.into(), limit: PAGE })?, Answer::Shares(page) => page),
    )?;
    if shape.json {
        let shares: Vec<_> = rows.iter().map(forms::share).collect();
        return desk.console.json("share-list/1", json!({ "shares": shares }));
    }
    rows.iter().try_for_each(|row| print_share(desk, row))?;
    if rows.is_empty() { Err(Failure::new(Exit::NothingMatched, "nothing was shared")) } else { Ok(()) }
}

fn print_share(desk: &mut Desk, row: &ShareRow) -> Result<(), Failure> {
    let (word, meaning) = text::share_state(&row.state);
    let zone = desk.now.time_zone();
    desk.console.line(&format!(
        "{:8} {word}: {} about {}",
        row.id.to_string(),
        row.to_name,
        row.child_name
    ))?;
    desk.console.text(9, &format!("{} ({meaning})", row.share.purpose))?;
    desk.console.text(9, &format!("Decided {} by {}", text::moment(row.decided, zone), row.by.name))?;
    for one in &row.released {
        let (at, by) = (text::moment(one.at, zone), &one.by.name);
        desk.console.text(9, &format!("Released {at} by {by}, of entry {}: {}", one.entry, one.order))?;
    }
    print_steps(desk, &row.receipts)?;
    row.answered_twice().try_for_each(|(kind, by)| {
        let word = text::receipt(kind);
        desk.console.text(
            9,
            &format!("TWO ANSWERS: {by} signed {word} twice, and not the same; the first counts. Ring them."),
        )
    })
}

fn print_filed(desk: &mut Desk, row: &FiledRow) -> Result<(), Failure> {
    let received = &row.received;
    let zone = desk.now.time_zone();
    desk.console.line(&format!("{:8} FILED: from {}", received.id.to_string(), received.from_name))?;
    desk.console.text(9, &received.purpose)?;
    desk.console.text(9, &format!("Signed by {}", received.signed_by))?;
    desk.console.text(9, &format!("Arrived {}", text::moment(received.received, zone)))?;
    print_steps(desk, &row.answers)
}

/// What was signed for a bundle, each with when, by whom and what they said.
fn print_steps(desk: &mut Desk, steps: &[(ReceiptKind, Timestamp, String, String)]) -> Result<(), Failure> {
    for (kind, at, by, note) in steps {
        let note = if note.is_empty() { String::new() } else { format!(": {note}") };
        let at = text::moment(*at, desk.now.time_zone());
        desk.console.text(9, &format!("{} {at} by {by}{note}", text::receipt(*kind)))?;
    }
    Ok(())
}
