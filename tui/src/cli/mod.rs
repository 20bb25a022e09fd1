//! The command line: the same commands as the screens, for scripts and for whoever prefers lines.

mod agency_keys;
pub mod args;
mod card;
mod case;
mod casebook;
mod concern;
mod consent;
pub mod console;
mod contacts;
#[cfg(feature = "demo")]
mod demo;
pub mod desk;
mod directory;
mod disclose;
mod exchange;
pub mod exit;
pub mod failure;
mod forms;
pub mod given;
mod holder;
mod inbox;
mod join;
pub mod keys;
mod open;
mod papers;
mod passphrase;
mod people;
mod places;
mod retention;
pub mod screens;
mod second;
mod share;

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use clap::{CommandFactory as _, Parser as _};
use jiff::Zoned;

use self::{
    args::{Cli, Verb},
    console::Console,
    desk::Desk,
    exit::Exit,
    failure::Failure,
};

/// Runs `kith` with the arguments the process was started with.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return told(&error),
    };
    let console = Console::of_process(cli.common.no_input);
    let mut desk = Desk { console, common: cli.common, now: Zoned::now() };
    let done = run(&mut desk, cli.verb).and_then(|()| desk.console.flush());
    let exit = done.map_or_else(|failure| report(&failure), |()| Exit::Done);
    exit.into()
}

/// Help, version, or what is wrong with the arguments.
fn told(error: &clap::Error) -> ExitCode {
    // Nobody is left to tell when the stream is closed.
    let _ = error.print();
    let exit = if error.use_stderr() { Exit::Usage } else { Exit::Done };
    exit.into()
}

fn report(failure: &Failure) -> Exit {
    if !failure.message.is_empty() {
        // Nobody is left to tell when standard error is closed.
        let _ = writeln!(io::stderr(), "kith: {}", crate::widgets::safe_text::safe(&failure.message));
    }
    failure.exit
}

/// Carries out one verb.
///
/// # Errors
/// What went wrong, with its exit code.
pub fn run(desk: &mut Desk, verb: Option<Verb>) -> Result<(), Failure> {
    match verb {
        None => screens::open(desk),
        Some(Verb::Init(init)) => keys::init(desk, &init),
        Some(Verb::Join { file, compared }) => join::run(desk, &file, compared),
        Some(Verb::Unlock) => casebook::unlock(desk),
        Some(Verb::Recover(recover)) => holder::recover(desk, &recover),
        Some(Verb::Passphrase { new_passphrase_fd }) => holder::change(desk, new_passphrase_fd),
        Some(Verb::Holder(holder)) => holder::run(desk, &holder),
        Some(Verb::Keys(verb)) => agency_keys::run(desk, &verb),
        Some(Verb::People(people)) => people::run(desk, &people),
        Some(Verb::Concern(concern)) => concern::run(desk, &concern),
        Some(Verb::Case(case)) => case::run(desk, &case),
        Some(Verb::Chronology { case, significant, shape }) => {
            case::chronology(desk, case, significant, shape)
        }
        Some(Verb::Share(choice)) => share::run(desk, &choice),
        Some(Verb::Check(check)) => second::run(desk, &check),
        Some(Verb::Withdraw { share, why, answer_by }) => consent::take_back(desk, share, &why, answer_by),
        Some(Verb::Consent(what)) => consent::run(desk, &what),
        Some(Verb::Contacts(contacts)) => contacts::run(desk, &contacts),
        Some(Verb::Inbox { what, shape }) => inbox::run(desk, what.as_ref(), shape),
        Some(Verb::Shares { what: Some(what), .. }) => papers::run(desk, &what),
        Some(Verb::Shares { what: None, case, shape }) => case::shares(desk, case, shape),
        Some(Verb::Exchange { shape }) => exchange::run(desk, shape),
        Some(Verb::Open { file, envelope, fhir: true, .. }) => open::fhir(desk, &file, envelope.as_deref()),
        Some(Verb::Open { file, envelope, out, with, shape, .. }) => {
            open::open(desk, &file, envelope.as_deref(), (out.as_deref(), &with), shape)
        }
        Some(Verb::Verify { file, directory, envelope, with, shape }) => {
            open::verify(desk, (&file, &directory), (envelope.as_deref(), &with), shape)
        }
        Some(Verb::Directory(what)) => directory::run(desk, &what),
        Some(Verb::Disclose(choice)) => disclose::run(desk, &choice),
        Some(Verb::Casebook(book)) => casebook::run(desk, &book),
        Some(Verb::Paths { shape }) => casebook::paths(desk, shape),
        Some(Verb::Completions { shell }) => completions(desk, shell),
        #[cfg(feature = "demo")]
        Some(Verb::Demo(options)) => demo::run(desk, options),
    }
}

fn completions(desk: &mut Desk, shell: clap_complete::Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "kith", &mut script);
    desk.console.raw(&script)
}

#[cfg(test)]
mod tests;
