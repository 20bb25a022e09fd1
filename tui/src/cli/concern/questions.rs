//! A concern asked for, one field a line; nothing is redrawn, so that a screen reader can follow.

use kith_protocol::bundle::{ConcernCategory, Role, StatementKind};

use super::{Given, GivenPerson, found};
use crate::{
    casework::{
        category::{self, Typed},
        entry::Statement,
        ids::PersonId,
        query::PersonRow,
        typed_time,
    },
    cli::{
        console::Console,
        desk::{Desk, Open},
        exit::Exit,
        failure::Failure,
        forms,
    },
};

/// All parts of a person in one incident, as they are offered.
pub(super) const ROLES: [Role; 8] = [
    Role::Subject,
    Role::AllegedVictim,
    Role::AllegedInstigator,
    Role::Witness,
    Role::Reporter,
    Role::Family,
    Role::Professional,
    Role::Mentioned,
];
pub(super) const KINDS: [StatementKind; 4] = [
    StatementKind::ObservedFact,
    StatementKind::ChildsWords,
    StatementKind::ThirdPartyReport,
    StatementKind::ProfessionalOpinion,
];

/// Asks for a concern, field by field, and whether to record it.
pub(super) fn ask(desk: &mut Desk, open: &Open, category: Option<Typed>) -> Result<Given, Failure> {
    let console = &mut desk.console;
    console.say("A new concern. Empty answers leave a field empty; Ctrl+C leaves without recording.")?;
    let mut people = Vec::new();
    loop {
        let ask = if people.is_empty() {
            "Which child? Part of the name"
        } else {
            "Anybody else? Part of the name, empty for no"
        };
        let text = console.ask(ask)?;
        if text.is_empty() && !people.is_empty() {
            break;
        }
        if let Some(person) = pick(console, &found(open, &text)?)? {
            let role = if people.is_empty() {
                Role::Subject
            } else {
                choose(console, "Their part", &ROLES, |one| one.words())?
            };
            people.push(GivenPerson { person: Some(person), find: None, role });
        }
    }
    let happened = loop {
        let typed =
            console.ask("When did it happen? Such as: today 0905, yest, -2d, 14/3 15:40, about 3 march")?;
        match typed_time::happened(&typed, desk.now.datetime()) {
            Ok(read) => {
                console.say(&format!("  {}", read.full))?;
                break typed;
            }
            Err(error) => console.say(&format!("  {error}"))?,
        }
    };
    let category = match category {
        Some(known) => known,
        None => category_of(console)?,
    };
    let statements = statements(console)?;
    let danger = yes(console, "Is a child in immediate danger?")?;
    let danger = if danger { Some(console.ask("What was done at once? Whom you rang, when")?) } else { None };
    let told = console.ask("Who was told, when?")?;
    let done = console.ask("What was done?")?;
    let effect = console.ask("Effect on the child, as seen?")?;
    if !yes(console, "Record it?")? {
        return Err(Failure::new(Exit::Interrupted, "nothing was recorded"));
    }
    let category = Some(category);
    Ok(Given { people, happened, category, statements, danger, told, done, effect, source: None, case: None })
}

fn statements(console: &mut Console) -> Result<Vec<Statement>, Failure> {
    let mut statements = Vec::new();
    loop {
        let kind = choose(console, "What kind of statement comes next?", &KINDS, |one| one.words())?;
        let text = console.ask("In one line, exactly as seen or said")?;
        if !text.is_empty() {
            statements.push(Statement { kind, text });
        }
        if !statements.is_empty() && !yes(console, "Another statement?")? {
            return Ok(statements);
        }
    }
}

fn pick(console: &mut Console, rows: &[PersonRow]) -> Result<Option<PersonId>, Failure> {
    if rows.is_empty() {
        console.say("  nobody found; try fewer letters")?;
        return Ok(None);
    }
    for (n, row) in rows.iter().enumerate() {
        console.say(&format!("  {} {}", n + 1, forms::person_line(row)))?;
    }
    let typed = console.ask("Number, empty for none of these")?;
    Ok(typed.parse::<usize>().ok().and_then(|n| rows.get(n.checked_sub(1)?)).map(|row| row.id))
}

fn choose<T: Copy>(
    console: &mut Console,
    question: &str,
    options: &[T],
    words: impl Fn(T) -> &'static str,
) -> Result<T, Failure> {
    console.say(question)?;
    for (n, option) in options.iter().enumerate() {
        console.say(&format!("  {} {}", n + 1, words(*option)))?;
    }
    loop {
        let typed = console.ask("Number")?;
        match typed.parse::<usize>().ok().and_then(|n| options.get(n.checked_sub(1)?)) {
            Some(option) => return Ok(*option),
            None => console.say(&format!("  type a number from 1 to {}", options.len()))?,
        }
    }
}

/// The category by any word for it; the list is long, so it is shown only to who asks.
fn category_of(console: &mut Console) -> Result<Typed, Failure> {
    loop {
        let typed = console.ask("What kind of concern? Any word for it, such as neglect; ? lists them")?;
        match typed.parse::<Typed>() {
            Ok(known) => {
                console.say(&format!("  {}", known.0.words()))?;
                return Ok(known);
            }
            Err(_) if typed == "?" => {
                for one in ConcernCategory::ALL {
                    let also = category::also(one).join(", ");
                    console.say(&format!("  {}: {} ({also})", category::name(one), one.words()))?;
                }
            }
            Err(error) => console.say(&format!("  {error}"))?,
        }
    }
}

fn yes(console: &mut Console, question: &str) -> Result<bool, Failure> {
    loop {
        match console.ask(&format!("{question} yes or no"))?.to_lowercase().as_str() {
            "yes" | "y" => return Ok(true),
            "no" | "n" => return Ok(false),
            _ => console.say("  type yes or no")?,
        }
    }
}
