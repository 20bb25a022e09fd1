//! `kith` with no verb: the full-screen program on a casebook.

use std::{
    env,
    io::{self, IsTerminal as _},
    sync::Arc,
};

use jiff::{Timestamp, Zoned, tz::TimeZone};

use super::{desk::Desk, exit::Exit, failure::Failure};
use crate::{
    app::{App, Settings},
    run::{Backend, Stopped, run, terminal_size},
    sharing::office::Office,
    theme::{Glyphs, Theme},
    worker::{Places, Worker},
};

pub(super) fn open(desk: &mut Desk) -> Result<(), Failure> {
    let folder = desk.folder()?;
    if !has_terminal() {
        return Err(Failure::new(
            Exit::Configuration,
            "the full-screen program needs a terminal; `kith --help` lists what works without one, `kith demo` plays by itself",
        ));
    }
    // With a descriptor the casebook is open at once; else the first screen asks.
    let office = match desk.common.passphrase_fd {
        Some(_) => Some(desk.open()?.office(desk)?),
        None => None,
    };
    let places = Places { casebook: folder.clone(), sealed: folder };
    show(places, office, settings(desk.now.time_zone().clone()))
}

/// Is somebody sitting at a terminal?
#[must_use]
pub fn has_terminal() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Runs the full-screen program until it is quit; locked at first, or with an office that is open already.
///
/// # Errors
/// When the terminal cannot be read or written, or the program had a fault.
pub fn show(places: Places, office: Option<Office>, settings: Settings) -> Result<(), Failure> {
    let (backend, end) = Backend::pair();
    let worker = Worker::spawn(places, office, end, Arc::new(Zoned::now));
    let app = App::new(settings, terminal_size(), Timestamp::now());
    let shown = run(app, backend);
    worker.join();
    shown.map_err(|stopped| {
        let exit = match stopped {
            Stopped::Terminal(_) => Exit::Configuration,
            Stopped::Fault { .. } => Exit::Failed,
        };
        Failure::new(exit, stopped)
    })
}

/// The program as this terminal and its language want it.
#[must_use]
pub fn settings(zone: TimeZone) -> Settings {
    let no_color = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| env::var(name).ok().filter(|it| !it.is_empty()));
    Settings {
        theme: if no_color { Theme::mono() } else { Theme::terminal() },
        glyphs: if speaks_unicode(locale.as_deref()) { Glyphs::UNICODE } else { Glyphs::ASCII },
        zone,
        ..Settings::default()
    }
}

/// Does the locale say UTF-8? On Windows, where there is none, old consoles do not draw lines well.
fn speaks_unicode(locale: Option<&str>) -> bool {
    locale.is_some_and(|name| {
        let name = name.to_ascii_lowercase();
        name.contains("utf-8") || name.contains("utf8")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn glyphs_follow_the_locale() {
        assert!(speaks_unicode(Some("en_GB.UTF-8")) && speaks_unicode(Some("C.utf8")));
        assert!(
            !speaks_unicode(Some("C")) && !speaks_unicode(Some("en_GB.ISO-8859-1")) && !speaks_unicode(None)
        );
    }
}
