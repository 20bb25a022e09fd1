//! `kith recover`, `kith passphrase`, `kith holder`: who can open the casebook, and by what.

use std::path::Path;

use kith_protocol::seal::WorkFactor;
use serde_json::json;

use super::{
    args::{Holder, Recover, Shape},
    card::CardPlace,
    desk::Desk,
    failure::Failure,
    keys, passphrase,
};
use crate::{casework::fact::Author, store::Casebook, text};

/// Names the descriptor of a new passphrase.
const NEW: &str = "--new-passphrase-fd";

/// A new passphrase by the recovery card, for somebody who lost theirs or never had one.
pub(super) fn recover(desk: &mut Desk, recover: &Recover) -> Result<(), Failure> {
    let folder = desk.folder()?;
    let card = passphrase::card(&desk.console, recover.card_fd)?;
    let mut text = |given: &Option<String>, question: &str, flag: &str| match given {
        Some(text) => Ok(text.clone()),
        None => keys::ask(&mut desk.console, question, flag),
    };
    let name = text(&recover.name, "Your own name, as it stood before if you had a passphrase", "--name")?;
    let role = text(&recover.role, "Your role", "--role")?;
    let user = Author { name, role };
    let fresh = passphrase::choose(&desk.console, recover.new_passphrase_fd, NEW)?;
    let passphrase = (&fresh, WorkFactor::STANDARD);
    let mut casebook = Casebook::recover(&folder, &card, &user, passphrase, desk.now.timestamp())?;
    if casebook.person_key()?.is_none()
        && let Some(person) = keys::for_holder(&casebook, &user, desk.now.timestamp())?
    {
        casebook.set_person_key(&person)?;
    }
    desk.console.say(&format!("{} opens the casebook with the new passphrase from now on.", user.name))?;
    desk.console.say("The card still opens it: lock it away again, or make another with `kith holder card`. `kith holder list` shows who else can.")
}

/// Another passphrase for whoever gives the present one.
pub(super) fn change(desk: &mut Desk, new_fd: Option<u32>) -> Result<(), Failure> {
    let mut open = desk.open()?;
    let fresh = passphrase::choose(&desk.console, new_fd, NEW)?;
    open.casebook.change_passphrase(&fresh, WorkFactor::STANDARD, desk.now.timestamp())?;
    desk.console.say("The passphrase is changed; the one before opens nothing any more.")
}

pub(super) fn run(desk: &mut Desk, verb: &Holder) -> Result<(), Failure> {
    match verb {
        Holder::List { shape } => list(desk, *shape),
        Holder::Add { name, role, new_passphrase_fd } => {
            let user = Author { name: name.clone(), role: role.clone() };
            add(desk, &user, *new_passphrase_fd)
        }
        Holder::History { shape } => history(desk, *shape),
        Holder::Card { recovery_file } => card(desk, recovery_file.as_deref()),
        Holder::Remove { name } => remove(desk, name),
    }
}

fn list(desk: &mut Desk, shape: Shape) -> Result<(), Failure> {
    let holders = desk.open()?.casebook.holders()?;
    if shape.json {
        let rows: Vec<_> = holders
            .iter()
            .map(|one| json!({ "name": one.who.name, "role": one.who.role, "here": one.here }))
            .collect();
        return desk.console.json("holders/1", json!({ "holders": rows }));
    }
    holders.iter().try_for_each(|one| {
        let here = if one.here { "  (you)" } else { "" };
        desk.console.line(&format!("{}, {}{here}", one.who.name, one.who.role))
    })
}

fn history(desk: &mut Desk, shape: Shape) -> Result<(), Failure> {
    let changes = desk.open()?.casebook.holder_changes()?;
    if shape.json {
        let rows: Vec<_> = changes
            .iter()
            .map(|(fact, change)| {
                json!({ "fact": fact.id, "recorded": fact.recorded, "by": fact.by, "what": change })
            })
            .collect();
        return desk.console.json("holder-history/1", json!({ "changes": rows }));
    }
    changes.iter().try_for_each(|(fact, change)| {
        let when = text::moment(fact.recorded, desk.now.time_zone());
        desk.console.line(&format!("{when}  {}: {}", fact.by.name, change.words()))
    })
}

fn add(desk: &mut Desk, user: &Author, new_fd: Option<u32>) -> Result<(), Failure> {
    let mut open = desk.open()?;
    let person = keys::for_holder(&open.casebook, user, desk.now.timestamp())?;
    if new_fd.is_none() {
        desk.console.say(&format!("Now {} types a passphrase of their own.", user.name))?;
    }
    let fresh = passphrase::choose(&desk.console, new_fd, NEW)?;
    open.casebook.add_holder(user, person.as_ref(), (&fresh, WorkFactor::STANDARD), desk.now.timestamp())?;
    desk.console
        .say(&format!("{} can open this casebook from now on, and signs in their own name.", user.name))
}

fn card(desk: &mut Desk, file: Option<&Path>) -> Result<(), Failure> {
    let mut open = desk.open()?;
    let place = CardPlace::open(file)?;
    let (console, session) = (&mut desk.console, &open.session);
    // On paper before it counts: no card goes before there is another.
    let made = open.casebook.replace_card(desk.now.timestamp(), |secret| place.put(console, secret, session));
    made.inspect_err(|_| {
        if let Some(path) = file {
            let _ = std::fs::remove_file(path);
        }
    })?;
    desk.console.say("This is the recovery card now; the one before opens nothing any more: destroy it. Backups and copies made before still open with the card they had.")
}

fn remove(desk: &mut Desk, name: &str) -> Result<(), Failure> {
    let mut open = desk.open()?;
    open.casebook.remove_holder(name, desk.now.timestamp())?;
    desk.console.say(&format!("{name} can no longer open this casebook: it has another key now."))?;
    desk.console.say("Backups and copies made before still open with the passphrase they had; the recovery card and everybody else's passphrase stay as they are.")?;
    if open.casebook.agency_secrets()?.is_none() {
        return Ok(());
    }
    desk.console.say(&format!("If {name} may have kept such a copy, they have the agency's keys: they could read what is sealed to it, sign in its name, and sign in their own until their certificate ends. Run `kith keys replace` to end that; to read what was sealed before then, nothing can."))
}
