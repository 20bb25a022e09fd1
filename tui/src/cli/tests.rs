//! Verbs from argument to exit code, on real casebooks.

mod consent;
mod contacts;
mod reading;
mod retention;
mod scripts;
mod sharing;
mod stranger;

use std::{
    fs::{self, File},
    io::Write as _,
    os::fd::AsRawFd as _,
    path::{Path, PathBuf},
};

use clap::Parser as _;
use jiff::{SignedDuration, Timestamp, Zoned};
use kith_protocol::{
    directory::{Directory, NodeAddress, Pinned, Sector},
    keys::generate_signing,
    seal::{Passphrase, WorkFactor},
    sign::SigningKey,
};
use serde_json::Value;
use tempfile::TempDir;

use super::{
    args::Cli,
    console::tests::console,
    desk::Desk,
    exit::Exit,
    keys::{Founding, found},
    run,
};
use crate::{
    casework::fact::Author,
    store::{Casebook, Setup},
};

const SECRET: &str = "correct horse battery";

fn now() -> Zoned {
    "2026-11-20T12:00:00+00:00[Europe/London]".parse().unwrap()
}

/// What a verb did.
struct Ran {
    exit: Exit,
    out: String,
    err: String,
}

impl Ran {
    /// The JSON document, which must be of this form.
    fn json(&self, kith: &str) -> Value {
        assert_eq!(self.exit, Exit::Done, "{}", self.err);
        self.document(kith)
    }

    fn document(&self, kith: &str) -> Value {
        assert_eq!(self.out.lines().count(), 1, "one line: {}", self.out);
        let value: Value = serde_json::from_str(&self.out).unwrap();
        assert_eq!(value["kith"], kith);
        value
    }
}

/// Two agencies that know each other, without a node that runs.
struct World {
    folder: TempDir,
    passphrase: File,
    /// The partnership's key, and the directory it signed.
    partnership: SigningKey,
    directory: Directory,
}

impl World {
    fn new() -> Self {
        Self::with(&[])
    }

    /// With agencies that are neither sender nor recipient.
    fn with(others: &[(&'static str, &'static str, Sector)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("passphrase");
        fs::write(&path, format!("{SECRET}\n")).unwrap();
        let passphrase = File::open(path).unwrap();
        let since = now().timestamp() - SignedDuration::from_hours(24);
        let all = [
            ("elm-park", "Elm Park Primary", Sector::School),
            ("northshire-police", "Northshire Police PPU", Sector::Police),
        ];
        let all = all.iter().chain(others).copied();
        let mut made: Vec<_> = all
            .map(|(id, name, sector)| (id, agency(&folder.path().join(id), id, (name, sector), since)))
            .collect();
        let node = NodeAddress {
            name: "northshire".into(),
            addr: "127.0.0.1:1".into(),
            link: generate_signing().public(),
            sign: generate_signing().public(),
            log: generate_signing().public(),
            cosign: generate_signing().public(),
        };
        let key = generate_signing();
        let directory = Directory {
            partnership: "Northshire".into(),
            version: 1,
            issued: since,
            expires: since + SignedDuration::from_hours(300 * 24),
            threshold: 1,
            keys: vec![key.public()],
            members: made.iter().map(|(_, (_, enrolment))| enrolment.clone().member(node.clone())).collect(),
        };
        let signed = directory.sign(&[&key]).unwrap();
        let pinned = Pinned::enrol("Northshire".into(), directory.keys.clone(), 1);
        for (_, (casebook, _)) in &mut made {
            casebook.set_directory(&signed, &directory, &pinned.follow(&signed).unwrap()).unwrap();
            casebook.set_node(&node).unwrap();
        }
        Self { passphrase, folder, partnership: key, directory }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        File::create(&path).unwrap().write_all(text.as_bytes()).unwrap();
        path
    }

    /// Elm Park runs `kith` with these words.
    fn kith(&self, words: &str, input: &str) -> Ran {
        self.kith_of("elm-park", words, input)
    }

    fn kith_of(&self, agency: &str, words: &str, input: &str) -> Ran {
        kith(&self.path(agency), self.passphrase.as_raw_fd(), words, input)
    }
}

fn agency(
    folder: &Path,
    id: &str,
    (name, sector): (&str, Sector),
    since: Timestamp,
) -> (Casebook, kith_protocol::enrolment::Enrolment) {
    let user = Author { name: "Amina Khan".into(), role: "Designated Safeguarding Lead".into() };
    let setup = Setup { agency: id.parse().unwrap(), agency_name: name.into(), user, demo: false };
    let phone = Some("01632 960101".to_owned());
    let founding = Founding { setup, sector, phone, authority: None, work: WorkFactor::LEAST };
    let made = found(folder, &founding, &Passphrase::from(SECRET), since).unwrap();
    (made.casebook, made.enrolment.verify().unwrap())
}

/// `@` in `words` stands for a blank within one argument.
fn kith(casebook: &Path, fd: i32, words: &str, input: &str) -> Ran {
    kith_at(casebook, fd, (words, input), &now())
}

fn kith_at(casebook: &Path, fd: i32, (words, input): (&str, &str), now: &Zoned) -> Ran {
    let words = words.split_whitespace().map(|word| word.replace('@', " "));
    let common = [
        "--casebook".to_owned(),
        casebook.display().to_string(),
        "--passphrase-fd".to_owned(),
        fd.max(0).to_string(),
    ];
    let cli = Cli::try_parse_from(["kith".to_owned()].into_iter().chain(words).chain(common)).unwrap();
    let (console, out, err) = console(input);
    let mut desk = Desk { console, common: cli.common, now: now.clone() };
    let done = run(&mut desk, cli.verb).and_then(|()| desk.console.flush());
    let (exit, message) =
        done.map_or_else(|failure| (failure.exit, failure.message), |()| (Exit::Done, String::new()));
    Ran { exit, out: out.text(), err: format!("{}{message}", err.text()) }
}

/// Three pupils and their references, oldest first.
fn pupils(world: &World) -> Vec<String> {
    let csv = "given,family,born,upn,year,class\n\
        Niamh,O'Brien-Nguyễn,2018-01-26,,4,Elder\nFinn,O'Brien-Nguyễn,2021-02-17,,1,Beech\nHaroon,Siddiqui,2021-04-21,,1,Beech\n";
    let path = world.write("pupils.csv", csv);
    let ran = world.kith(&format!("people import {} --json", path.display()), "");
    assert_eq!(ran.json("people-import/1")["people"], 3);
    ["niamh", "finn", "haroon"].map(|name| reference(world, name)).into()
}

fn reference(world: &World, name: &str) -> String {
    let found = world.kith("people find - --json", name).json("people/1");
    found["people"][0]["ref"].as_str().unwrap().to_owned()
}
