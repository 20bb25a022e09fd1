//! The demo with a terminal: one desk of the four, on real parts, until it is left.

use std::path::{Path, PathBuf};

use jiff::Zoned;
use kith_protocol::seal::Passphrase;

use super::{
    DemoError, Desk, Options,
    clock::DemoClock,
    history,
    running::{self, Found, Running},
    world::{Cast, PASSPHRASE, PASSPHRASES, World, casebook_in},
};
use crate::{
    app::Settings,
    cli::screens,
    sharing::office::Office,
    store::{Casebook, StoreError},
    worker::Places,
};

/// Joins the demo that runs, or begins one; ends when the person leaves.
pub(super) fn sit(options: &Options, told: &mut dyn FnMut(&str)) -> Result<(), DemoError> {
    let pointer = running::usual_pointer()?;
    match running::find(&pointer)? {
        Found::Running(folder) => return join(&folder, options.who, told),
        Found::Cleared(folder) => told(&format!(
            "An earlier demo ended without clearing up; what it left in {} has been removed. This is a new one.",
            folder.display()
        )),
        Found::Nothing => {}
    }
    begin(options, &pointer, told)
}

fn begin(options: &Options, pointer: &Path, told: &mut dyn FnMut(&str)) -> Result<(), DemoError> {
    told("Preparing four agencies, their people and a node on this machine ...");
    let clock = DemoClock::system();
    let mut world = World::make(clock)?;
    let running = Running::announce(world.folder(), pointer)?;
    world.end_on_signals(running.pointer(), true);
    history::tell(&mut world)?;
    world.clock.release();
    let cast = options.who.cast();
    told(&format!("Everything is in {}, readable by you alone.", world.folder().display()));
    if running.is_found() {
        told("A second terminal can join: kith demo --as police (or st-judes, social-care, elm-park).");
    }
    told(&format!(
        "You are {}, {}, {}. The passphrase is {PASSPHRASE:?}.",
        cast.person, cast.role, cast.name
    ));
    let office = world.office(cast)?;
    let shown = show(&world.casebook_of(cast), office);
    let folder = world.folder().to_owned();
    if options.keep {
        world.keep();
    }
    drop(running);
    drop(world);
    told(&ended(&folder, options.keep));
    shown
}

/// What is said when the demo is over.
pub(super) fn ended(folder: &Path, kept: bool) -> String {
    if kept {
        format!(
            "The demo's files are still in {}; every casebook there opens with {PASSPHRASE:?}.",
            folder.display()
        )
    } else {
        format!("The demo's files in {} have been removed.", folder.display())
    }
}

fn join(folder: &Path, who: Desk, told: &mut dyn FnMut(&str)) -> Result<(), DemoError> {
    let (cast, place) = (who.cast(), casebook_in(folder, who.cast()));
    let casebook = match Casebook::unlock(&place, &Passphrase::from(PASSPHRASE)) {
        Ok(casebook) => casebook,
        Err(StoreError::LockedByOther(_)) => return Err(taken(cast)),
        Err(error) => return Err(error.into()),
    };
    told(&format!("Joining the demo in {} as {}, {}.", folder.display(), cast.person, cast.name));
    let office = Office::open(casebook, &place, &Zoned::now())?;
    show(&place, office)
}

fn taken(cast: Cast) -> DemoError {
    DemoError::Failed(format!(
        "somebody sits at the desk of {} already, in the terminal where the demo runs; join it elsewhere: kith demo --as police, st-judes, social-care or elm-park",
        cast.name
    ))
}

fn show(folder: &Path, office: Office) -> Result<(), DemoError> {
    let folder: PathBuf = folder.to_owned();
    let places = Places { casebook: folder.clone(), sealed: folder };
    let settings = screens::settings(jiff::tz::TimeZone::system());
    Ok(screens::show(places, Some(office), Settings { demo_passphrase: Some(PASSPHRASES), ..settings })?)
}
