//! `kith init`: a casebook, the agency's keys, its first person's, and what the admin of the node needs.

use std::{
    fs::{File, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use kith_protocol::{
    directory::Sector,
    enrolment::{Enrolment, SignedEnrolment},
    keys::{AgencySecrets, PersonKey},
    seal::{Passphrase, WorkFactor},
    words::eight_words,
};
use serde_json::json;

use super::{
    args::{Init, SectorArg},
    card::CardPlace,
    console::Console,
    desk::Desk,
    failure::Failure,
    passphrase, places,
};
pub use crate::sharing::persons::certified;
use crate::{
    casework::fact::Author,
    store::{Casebook, RecoverySecret, Setup},
};

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

pub(super) fn init(desk: &mut Desk, init: &Init) -> Result<(), Failure> {
    let (folder, because) = places::casebook(desk.common.casebook.as_deref())?;
    if Casebook::is_in(&folder) {
        return Err(crate::store::StoreError::Exists(folder).into());
    }
    let founding = founding(&mut desk.console, init)?;
    let enrolment =
        init.enrolment.clone().unwrap_or_else(|| format!("{}.enrolment.json", founding.setup.agency).into());
    let passphrase = passphrase::choose(&desk.console, desk.common.passphrase_fd, "--passphrase-fd");
    let passphrase = match (CardPlace::reachable(init.recovery_file.as_deref()), passphrase) {
        (Err(card), Err(also)) => {
            return Err(Failure::usage(format!("{}; and {}", card.message, also.message)));
        }
        (card, passphrase) => card.and(passphrase)?,
    };
    // Opened before anything is made: a casebook whose card could not be written would be lost with its passphrase.
    let card = CardPlace::open(init.recovery_file.as_deref())?;
    let enrolment_file = new_file(&enrolment, false)?;
    let made = found(&folder, &founding, &passphrase, desk.now.timestamp()).inspect_err(|_| {
        // Empty files would only stand in the way of the next try.
        card.give_up();
        let _ = std::fs::remove_file(&enrolment);
    })?;
    card.put(&mut desk.console, &made.recovery, &made.casebook.session()?)?;
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
pub(super) fn new_file(path: &Path, private: bool) -> Result<File, Failure> {
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

pub(super) fn write_whole(path: &Path, mut file: File, bytes: &[u8]) -> Result<(), Failure> {
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(Failure::file(path))
}
