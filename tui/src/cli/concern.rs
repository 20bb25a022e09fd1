//! `kith concern`: record one, by answering questions or as JSON, and list what waits for triage.

mod questions;
mod triage;

use std::path::PathBuf;

use kith_protocol::bundle::{ConcernCategory, Role};
use serde::Deserialize;
use serde_json::json;

use super::{
    args::{Concern, Shape},
    case::print_entry,
    desk::{Desk, Open, answer, whole},
    exit::Exit,
    failure::{Failure, open_file},
    forms, given,
};
use crate::{
    casework::{
        category::{self, Typed},
        command::Command,
        entry::{Danger, Entry, EntryKind, Involvement, Significance, Source, Statement},
        ids::{CaseId, EntryId, PersonId},
        query::{Answer, PAGE, PersonRow, Query},
        typed_time,
    },
    text,
    widgets::safe_text::wrap,
};

/// The form of a concern on standard input.
pub(super) const FORM: &str = r#"On standard input, when nobody is at the keyboard:
  {"people": [{"person": "1-42", "role": "subject"},
              {"find": "obrien", "role": "witness"}],
   "happened": "today 0905", "category": "neglect",
   "statements": [{"kind": "observed-fact", "text": "..."},
                  {"kind": "childs-words", "text": "..."},
                  {"kind": "third-party-report", "text": "..."},
                  {"kind": "professional-opinion", "text": "..."}],
   "danger": null, "told": "", "done": "", "effect": "",
   "source": {"name": "...", "role": "...", "agency": "..."}}

A person is named by reference, or by a search that must find exactly one.
`danger` is null, or what was done at once. Without `source` it is you.
With "case": "1-7" it goes into that case instead of to triage.
A category is also known by other words, such as "county lines" or "FGM"."#;

/// The form with every word that its fields take.
pub(super) fn form() -> String {
    let lists = [
        ("category", category::names()),
        ("role", given::names(&questions::ROLES)),
        ("kind", given::names(&questions::KINDS)),
    ];
    let list = |(field, words): &(&str, String)| {
        let lines = wrap(&format!("{field}: {words}"), 76);
        lines.iter().map(|line| format!("\n  {line}")).collect::<String>()
    };
    format!("{FORM}\n\nWords of the fields:{}", lists.iter().map(list).collect::<String>())
}

pub(super) fn run(desk: &mut Desk, verb: &Concern) -> Result<(), Failure> {
    match verb {
        Concern::Add { category, files, shape } => add(desk, *category, files, *shape),
        Concern::List { category, shape } => list(desk, *category, *shape),
        Concern::Show { entry, shape } => show(desk, *entry, *shape),
        Concern::Triage { .. } => triage::run(desk, verb),
    }
}

fn show(desk: &mut Desk, entry: EntryId, shape: Shape) -> Result<(), Failure> {
    let open = desk.open()?;
    let view = answer!(open.ask(&Query::Entry { entry })?, Answer::Entry(view) => view)?;
    if shape.json {
        return desk.console.json("entry/1", json!({ "entry": forms::entry_view(&view), "case": view.case }));
    }
    print_entry(desk, &view)?;
    match (&view.triage, view.case) {
        (Some(triage), _) => {
            desk.console.field("Triage", &format!("{}, by {}", triage.decision, triage.by.name))
        }
        (None, Some(case)) => desk.console.field("Case", &case.to_string()),
        (None, None) => desk.console.field("Triage", "it waits"),
    }
}

fn list(desk: &mut Desk, category: Option<Typed>, shape: Shape) -> Result<(), Failure> {
    let open = desk.open()?;
    let category = category.map(|Typed(category)| category);
    let rows = whole(
        |after| answer!(open.ask(&Query::Triage { category, window: after.into(), limit: PAGE })?, Answer::Triage(page) => page),
    )?;
    if shape.json {
        let concerns: Vec<_> = rows.iter().map(forms::entry).collect();
        return desk.console.json("concern-list/1", json!({ "concerns": concerns }));
    }
    for row in &rows {
        let danger = if row.in_danger { "IN DANGER  " } else { "" };
        let when = text::short_when(row.at, row.precision, open.today);
        desk.console.line(&format!(
            "{:8} {danger}{when}  {}  {}",
            row.id.to_string(),
            row.children,
            row.category.words()
        ))?;
        desk.console.text(9, &row.headline)?;
    }
    if rows.is_empty() {
        Err(Failure::new(Exit::NothingMatched, "no concern waits for triage"))
    } else {
        Ok(())
    }
}

/// A concern as it is given.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    people: Vec<GivenPerson>,
    happened: String,
    #[serde(default)]
    category: Option<Typed>,
    statements: Vec<Statement>,
    #[serde(default)]
    danger: Option<String>,
    #[serde(default)]
    told: String,
    #[serde(default)]
    done: String,
    #[serde(default)]
    effect: String,
    #[serde(default)]
    source: Option<Source>,
    #[serde(default)]
    case: Option<CaseId>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenPerson {
    #[serde(default)]
    person: Option<PersonId>,
    #[serde(default)]
    find: Option<String>,
    role: Role,
}

fn add(desk: &mut Desk, category: Option<Typed>, files: &[PathBuf], shape: Shape) -> Result<(), Failure> {
    let given = if desk.console.asks { None } else { Some(read(&desk.console.read_all()?)?) };
    // Before anybody answers eleven questions.
    for path in files {
        open_file(path)?;
    }
    let open = desk.open()?;
    let given = match given {
        Some(given) => given,
        None => questions::ask(desk, &open, category)?,
    };
    let case = given.case;
    let category = of_both(category, given.category)?;
    let mut entry = entry(given, category, desk, &open)?;
    let mut office = open.office(desk)?;
    for path in files {
        entry.attachments.push(office.attach(path)?);
    }
    let facts = office.execute(Command::RecordEntry { entry, case }, &desk.now)?;
    let entry = facts.first().map(|fact| EntryId(*fact)).ok_or_else(super::desk::off_topic)?;
    if shape.json {
        return desk
            .console
            .json("concern-add/1", json!({ "ref": entry, "case": case, "triage": case.is_none() }));
    }
    let place =
        case.map_or_else(|| "it waits for triage".to_owned(), |case| format!("it stands in case {case}"));
    desk.console.say(&format!("Recorded as {entry}; {place}."))
}

fn read(json: &str) -> Result<Given, Failure> {
    given::read(json, "standard input", "`kith concern add --help` shows the form")
}

/// The category that the argument or the form names; where both do, they must agree.
fn of_both(argument: Option<Typed>, form: Option<Typed>) -> Result<ConcernCategory, Failure> {
    match (argument, form) {
        (Some(one), Some(other)) if one != other => {
            Err(Failure::usage("--category says another category than the form: leave one of them out"))
        }
        (Some(Typed(category)), _) | (None, Some(Typed(category))) => Ok(category),
        (None, None) => Err(Failure::usage(
            "standard input: the field `category` is missing; give it, or --category; `kith concern add --help` shows the form",
        )),
    }
}

fn entry(given: Given, category: ConcernCategory, desk: &Desk, open: &Open) -> Result<Entry, Failure> {
    let happened = typed_time::happened(&given.happened, desk.now.datetime())
        .map_err(|error| Failure::new(Exit::Refused, format!("happened: {error}")))?;
    let people = given.people.into_iter().map(|one| involvement(one, open)).collect::<Result<_, _>>()?;
    let user = &open.session.user;
    let own = || Source {
        name: user.name.clone(),
        role: user.role.clone(),
        agency: open.session.agency_name.clone(),
    };
    Ok(Entry {
        kind: EntryKind::Concern,
        people,
        happened: happened.when,
        category,
        source: given.source.unwrap_or_else(own),
        statements: given.statements,
        danger: given.danger.map_or(Danger::No, |done| Danger::Yes { done }),
        told: given.told,
        done: given.done,
        effect: given.effect,
        significance: Significance::None,
        attachments: Vec::new(),
    })
}

fn involvement(given: GivenPerson, open: &Open) -> Result<Involvement, Failure> {
    let person = match (given.person, given.find) {
        (Some(person), None) => person,
        (None, Some(text)) => only(found(open, &text)?)?,
        _ => return Err(Failure::usage("each of `people` needs either `person` or `find`")),
    };
    Ok(Involvement { person, role: given.role })
}

fn found(open: &Open, text: &str) -> Result<Vec<PersonRow>, Failure> {
    let query = Query::FindPeople { text: text.to_owned(), pupils_only: false, limit: 9 };
    answer!(open.ask(&query)?, Answer::People(rows) => rows)
}

fn only(rows: Vec<PersonRow>) -> Result<PersonId, Failure> {
    match rows.as_slice() {
        [one] => Ok(one.id),
        [] => Err(Failure::new(
            Exit::NothingMatched,
            "`find` found nobody; use `kith people find`, then the reference",
        )),
        several => {
            let references: Vec<_> = several.iter().map(|row| row.id.to_string()).collect();
            Err(Failure::new(
                Exit::NothingMatched,
                format!(
                    "`find` found more than one ({}); give the reference as `person`",
                    references.join(", ")
                ),
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{questions::KINDS, *};

    #[test]
    fn the_form_in_the_help_reads() {
        let form = FORM.split_once('\n').unwrap().1;
        let json = form.split_once("\n\nA person").unwrap().0;
        let given = read(json).unwrap();
        assert_eq!(given.people.len(), 2);
        assert_eq!(given.statements.iter().map(|one| one.kind).collect::<Vec<_>>(), KINDS);
        assert_eq!(given.happened, "today 0905");
        assert_eq!(given.category, Some(Typed(ConcernCategory::Neglect)));
    }

    #[test]
    fn a_wrong_field_is_named_with_its_line() {
        let failure = read("{\n\"peeple\": []}").unwrap_err();
        assert_eq!(failure.exit, Exit::Usage);
        assert!(failure.message.contains("peeple") && failure.message.contains("line 2"), "{failure}");
    }
}
