//! `kith init`: a casebook, the agency's keys, its first person's, and what the admin of the node needs.

use std::{
    fs::{File, OpenOptions},
    io::{IsTerminal as _, Write as _},
    path::{Path, PathBuf},
};

use jiff::{SignedDuration, Timestamp};
use kith_protocol::{
    directory::Sector,
    enrolment::{Enrolment, SignedEnrolment},
    ids::AgencyId,
    keys::{AgencySecrets, Certificate, PersonKey, generate_signing},
    seal::{Passphrase, WorkFactor},
    words::eight_words,
};
use serde_json::json;

use super::{
    args::{Init, SectorArg},
    console::Console,
    desk::Desk,
    failure::Failure,
    passphrase, places,
};
use crate::{
    casework::fact::Author,
    store::{Casebook, RecoverySecret, Setup},
};

/// How long a person's certificate is good for.
const CERTIFIED: SignedDuration = SignedDuration::from_hours(366 * 24);

/// What a new casebook begins with.
#[derive(Debug, Clone)]
pub struct Founding {
    pub setup: Setup,
    pub sector: Sector,
    pub phone: Option<String>,
    pub authority: Option<String>,
    pub work: WorkFactor,
}

/// What was made.
pub struct Founded {
    pub casebook: Casebook,
    pub recovery: RecoverySecret,
    pub enrolment: SignedEnrolment,
    pub words: [&'static str; 8],
}

/// Makes a casebook in `folder`, with new keys of the agency and of its first person.
///
/// # Errors
/// When the folder holds one, cannot be written, or a name will not do.
pub fn found(
    folder: &Path,
    founding: &Founding,
    passphrase: &Passphrase,
    now: Timestamp,
) -> Result<Founded, Failure> {
    let Founding { setup, sector, phone, authority, work } = founding;
    let secrets = AgencySecrets::generate();
    let keys = secrets.public();
    let person = certified(&secrets, &setup.agency, &setup.user, now);
    person.certificate.verify(&setup.agency, &keys, now).map_err(|error| {
        Failure::usage(format!("your name or role cannot stand on a certificate: {error}"))
    })?;
    let enrolment = Enrolment {
        id: setup.agency.clone(),
        name: setup.agency_name.clone(),
        sector: *sector,
        phone: phone.clone(),
        authority: authority.clone(),
        keys: keys.clone(),
    };
    let enrolment = SignedEnrolment::new(&enrolment, &secrets.sign);
    let (mut casebook, recovery) = Casebook::create(folder, setup, passphrase, *work)?;
    casebook.set_agency_secrets(&secrets)?;
    casebook.set_person_key(&person)?;
    Ok(Founded { casebook, recovery, enrolment, words: eight_words(&keys) })
}

/// A new signing key for a person, certified by the agency for a year.
#[must_use]
pub fn certified(secrets: &AgencySecrets, agency: &AgencyId, user: &Author, now: Timestamp) -> PersonKey {
    let key = generate_signing();
    let certificate = Certificate {
        agency: agency.clone(),
        name: user.name.clone(),
        role: user.role.clone(),
        key: key.public(),
        from: begun(now),
        until: now.saturating_add(CERTIFIED).unwrap_or(Timestamp::MAX),
    };
    PersonKey { key, certificate: certificate.sign(&secrets.sign) }
}

/// The signing key for a person who now opens the casebook of an agency with keys.
pub(super) fn for_holder(
    casebook: &Casebook,
    user: &Author,
    now: Timestamp,
) -> Result<Option<PersonKey>, Failure> {
    let Some(secrets) = casebook.agency_secrets()? else { return Ok(None) };
    let agency = casebook.session()?.agency;
    let person = certified(&secrets, &agency, user, now);
    let held = person.certificate.verify(&agency, &secrets.public(), now);
    held.map_err(|error| {
        Failure::usage(format!("this name or role cannot stand on a certificate: {error}"))
    })?;
    Ok(Some(person))
}

/// The second that `now` lies in: bundles are dated to the second, and what begins within it must hold for them.
pub(super) fn begun(now: Timestamp) -> Timestamp {
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

pub(super) fn init(desk: &mut Desk, init: &Init) -> Result<(), Failure> {
    let (folder, because) = places::casebook(desk.common.casebook.as_deref())?;
    if Casebook::is_in(&folder) {
        return Err(crate::store::StoreError::Exists(folder).into());
    }
    let founding = founding(&mut desk.console, init)?;
    let enrolment =
        init.enrolment.clone().unwrap_or_else(|| format!("{}.enrolment.json", founding.setup.agency).into());
    let nowhere = init.recovery_file.is_none() && !std::io::stderr().is_terminal();
    let passphrase = passphrase::choose(&desk.console, desk.common.passphrase_fd, "--passphrase-fd");
    if nowhere {
        let why =
            "the recovery card is shown once on a terminal, and there is none; give --recovery-file FILE";
        let also = passphrase.err().map(|failure| format!("; and {}", failure.message)).unwrap_or_default();
        return Err(Failure::usage(format!("{why}{also}")));
    }
    let passphrase = passphrase?;
    // Opened before anything is made: a casebook whose card could not be written would be lost with its passphrase.
    let card_file =
        init.recovery_file.as_ref().map(|path| new_file(path, true).map(|file| (path, file))).transpose()?;
    let enrolment_file = new_file(&enrolment, false)?;
    let made = found(&folder, &founding, &passphrase, desk.now.timestamp()).inspect_err(|_| {
        // Empty files would only stand in the way of the next try.
        for path in init.recovery_file.iter().chain([&enrolment]) {
            let _ = std::fs::remove_file(path);
        }
    })?;
    if let Some((path, file)) = card_file {
        write_whole(path, file, card(&made.recovery, &founding.setup).as_bytes())?;
    }
    let text = serde_json::to_string_pretty(&made.enrolment).map_err(|_| super::desk::off_topic())?;
    write_whole(&enrolment, enrolment_file, format!("{text}\n").as_bytes())?;
    report(desk, init, &made, (&folder, because.words(), &enrolment))
}

fn report(
    desk: &mut Desk,
    init: &Init,
    made: &Founded,
    (folder, because, enrolment): (&PathBuf, &str, &PathBuf),
) -> Result<(), Failure> {
    let console = &mut desk.console;
    console.say(&format!("Made the casebook in {} ({because}).", folder.display()))?;
    match &init.recovery_file {
        Some(path) => console.say(&format!(
            "The recovery card is in {}. Print it, lock it away, delete the file: it opens the casebook without a passphrase.",
            path.display()
        ))?,
        None => show_card(console, &made.recovery)?,
    }
    console.say(&format!("Your agency's eight words: {}", made.words.join(" ")))?;
    console.say(&format!(
        "Next: give {} to the admin of the node; when they ring, read them your eight words; then run `kith join invitation.json` with what they give you.",
        enrolment.display()
    ))?;
    if init.shape.json {
        console.json(
            "init/1",
            json!({ "casebook": folder, "enrolment": enrolment, "recovery_file": init.recovery_file, "words": made.words }),
        )?;
    }
    Ok(())
}

fn show_card(console: &mut Console, recovery: &RecoverySecret) -> Result<(), Failure> {
    console.say("")?;
    console.say("RECOVERY CARD, shown this once. Write or print it and lock it away; it opens the casebook without a passphrase.")?;
    for line in groups(recovery.text()) {
        console.say(&format!("    {line}"))?;
    }
    console.say("")
}

fn card(recovery: &RecoverySecret, setup: &Setup) -> String {
    format!(
        "KITH RECOVERY CARD\n{} ({})\nOpens the casebook without a passphrase. Print, lock away, delete this file.\n\n{}\n",
        setup.agency_name,
        setup.agency,
        groups(recovery.text()).join("\n")
    )
}

/// Groups of six, five to a line: what people can copy by hand.
fn groups(secret: &str) -> Vec<String> {
    let letters: Vec<char> = secret.chars().collect();
    let groups: Vec<String> = letters.chunks(6).map(|group| group.iter().collect()).collect();
    groups.chunks(5).map(|line| line.join(" ")).collect()
}

fn founding(console: &mut Console, init: &Init) -> Result<Founding, Failure> {
    let agency = match &init.agency {
        Some(agency) => agency.clone(),
        None => ask(console, "Short name of your agency (a-z, 0-9, -)", "--agency")?
            .parse()
            .map_err(Failure::usage)?,
    };
    let mut text = |given: &Option<String>, question: &str, flag: &str| match given {
        Some(text) => Ok(text.clone()),
        None => ask(console, question, flag),
    };
    let agency_name = text(&init.agency_name, "Name of your agency", "--agency-name")?;
    let name = text(&init.name, "Your own name", "--name")?;
    let role = text(&init.role, "Your role", "--role")?;
    let sector = match init.sector {
        Some(sector) => sector,
        None => sector(&ask(
            console,
            "Sector: school, police, social-care, health, local-authority, other",
            "--sector",
        )?)?,
    };
    let setup = Setup { agency, agency_name, user: Author { name, role }, demo: false };
    Ok(Founding {
        setup,
        sector: sector.into(),
        phone: init.phone.clone(),
        authority: init.authority.clone(),
        work: WorkFactor::STANDARD,
    })
}

pub(super) fn ask(console: &mut Console, question: &str, flag: &str) -> Result<String, Failure> {
    if !console.asks {
        return Err(Failure::usage(format!("{flag} is needed where there is nobody to ask")));
    }
    let text = console.ask(question)?;
    if text.is_empty() { Err(Failure::usage(format!("{flag} must not be empty"))) } else { Ok(text) }
}

fn sector(typed: &str) -> Result<SectorArg, Failure> {
    clap::ValueEnum::from_str(typed, true).map_err(|_| Failure::usage(format!("`{typed}` is no sector")))
}

/// Makes a file that is not there yet; a private one is readable by its owner alone from the first byte.
fn new_file(path: &Path, private: bool) -> Result<File, Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(if private { 0o600 } else { 0o644 });
    }
    #[cfg(not(unix))]
    let _ = private;
    options.open(path).map_err(Failure::file(path))
}

fn write_whole(path: &Path, mut file: File, bytes: &[u8]) -> Result<(), Failure> {
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(Failure::file(path))
}
