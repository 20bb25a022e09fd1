//! `kith case`, `kith chronology` and `kith shares`: reading.

use serde_json::json;

use super::{
    args::{Case, Shape},
    desk::{Desk, Open, answer},
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
        ids::{CaseId, PersonId},
        query::{
            ActionFilter, Answer, CaseFilter, CaseRow, EntryKey, EntryRow, EntryView, PAGE, Query, ShareRow,
            Window,
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
    let mut all: Vec<CaseRow> = Vec::new();
    loop {
        let filter = CaseFilter { text: String::new(), include_closed };
        let after = all.last().map(|row| row.id);
        let rows = answer!(open.ask(&Query::Cases { filter, after, limit: PAGE })?, Answer::Cases { rows, .. } => rows)?;
        if rows.is_empty() {
            return Ok(all);
        }
        all.extend(rows);
    }
}

fn show(desk: &mut Desk, case: CaseId, shape: Shape) -> Result<(), Failure> {
    let open = desk.open()?;
    let view = answer!(open.ask(&Query::Case { case })?, Answer::Case(view) => view)?;
    let filter = ActionFilter { case: Some(case), owner: None, include_finished: true };
    let actions =
        answer!(open.ask(&Query::Actions { filter, limit: PAGE })?, Answer::Actions { rows, .. } => rows)?;
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
        console.field("Address", "PROTECTED ADDRESS: it must not leave the school")?;
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
    let rows = entries_of(&open, case, significant_only)?;
    let views = rows
        .iter()
        .map(|row| answer!(open.ask(&Query::Entry { entry: row.id })?, Answer::Entry(view) => view));
    if shape.json {
        let entries =
            views.map(|view| Ok(forms::entry_view(&*view?))).collect::<Result<Vec<_>, Failure>>()?;
        return desk.console.json(
            "chronology/1",
            json!({ "case": case, "child_name": view.child.name(), "title": view.case.title, "entries": entries }),
        );
    }
    desk.console.line(&format!("{}  {}: {}", view.id, view.child.name(), view.case.title))?;
    let mut before = None;
    for view in views {
        let view = view?;
        let day = view.entry.happened.at.date();
        if let Some(gap) = before.and_then(|before| text::gap(before, day)) {
            desk.console.heading(&format!("      {gap}"))?;
        }
        before = Some(day);
        print_entry(desk, &view)?;
    }
    Ok(())
}

/// All entries of a case, oldest first.
pub(super) fn entries_of(
    open: &Open,
    case: CaseId,
    significant_only: bool,
) -> Result<Vec<EntryRow>, Failure> {
    let mut all: Vec<EntryRow> = Vec::new();
    loop {
        let window =
            all.last().map_or(Window::First, |row| Window::After(EntryKey { at: row.at, id: row.id }));
        let query = Query::Chronology { case, significant_only, window, limit: PAGE };
        let rows = answer!(open.ask(&query)?, Answer::Chronology { rows, .. } => rows)?;
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
    let rows = answer!(open.ask(&Query::Shares { case, limit: PAGE })?, Answer::Shares(rows) => rows)?;
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
    for (kind, at, by, note) in &row.receipts {
        let note = if note.is_empty() { String::new() } else { format!(": {note}") };
        desk.console
            .text(9, &format!("{} {} by {by}{note}", text::receipt(*kind), text::moment(*at, zone)))?;
    }
    Ok(())
}
