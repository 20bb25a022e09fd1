//! `kith keys`: the agency's keys, and others in their place.

use std::path::{Path, PathBuf};

use kith_protocol::words::eight_words;
use serde_json::json;

use super::{
    args::{Keys, Shape},
    desk::Desk,
    failure::Failure,
    keys::{new_file, write_whole},
};
use crate::{sharing::rotation::Replacement, text};

pub(super) fn run(desk: &mut Desk, verb: &Keys) -> Result<(), Failure> {
    match verb {
        Keys::Show { shape } => show(desk, *shape),
        Keys::Replace { enrolment } => replace(desk, enrolment.as_deref()),
    }
}

fn show(desk: &mut Desk, shape: Shape) -> Result<(), Failure> {
    let book = desk.open()?.casebook;
    let words = |secrets: Option<kith_protocol::keys::AgencySecrets>| {
        secrets.map(|one| eight_words(&one.public()).join(" "))
    };
    let (present, to_come) = (words(book.agency_secrets()?), words(book.secrets_to_come()?));
    if shape.json {
        return desk.console.json("keys/1", json!({ "words": present, "to_come": to_come }));
    }
    desk.console.field("In force", present.as_deref().unwrap_or("none yet"))?;
    to_come.map_or(Ok(()), |words| desk.console.field("To come", &format!("{words} (not listed yet)")))
}

fn replace(desk: &mut Desk, path: Option<&Path>) -> Result<(), Failure> {
    let open = desk.open()?;
    let default = || PathBuf::from(format!("{}.new-keys.enrolment.json", open.session.agency));
    let path = path.map_or_else(default, Path::to_owned);
    let mut office = open.office(desk)?;
    let file = new_file(&path, false)?;
    let made = office.replace_keys(&desk.now).map_err(Failure::from).and_then(|made| {
        let text = serde_json::to_string_pretty(&made.enrolment).map_err(|_| super::desk::off_topic())?;
        write_whole(&path, file, format!("{text}\n").as_bytes())?;
        Ok(made)
    });
    let made = made.inspect_err(|_| {
        // An empty file would only stand in the way of the next try.
        let _ = std::fs::remove_file(&path);
    })?;
    told(desk, &path, &made)
}

fn told(desk: &mut Desk, path: &Path, made: &Replacement) -> Result<(), Failure> {
    let console = &mut desk.console;
    console.say(&format!("Your agency's eight words will be: {}", made.words.join(" ")))?;
    console.say(&format!(
        "Next: run `kith exchange`, so that nothing waits here; give {} to the admin of the node, who runs `kith-node enrol --replace`, and read them the eight words over the telephone. From the exchange after that the new keys are in force by themselves; until then those before are.",
        path.display()
    ))?;
    if made.uncollected > 0 {
        let shares = text::count(made.uncollected as u64, "share is", "shares are");
        console.say(&format!(
            "{shares} stored and not collected: whoever collects after the change refuses them, since they are signed with the keys of before. Wait, or send them again."
        ))?;
    }
    console.say("Then make a backup: one from before has the old keys only. Whoever compared your words by telephone is asked to do so again.")
}
