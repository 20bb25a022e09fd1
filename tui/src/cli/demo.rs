//! `kith demo`: sits down at a desk of the demo, or plays the story where there is no terminal.

use super::{
    args::{Demo, DemoAs},
    desk::Desk,
    exit::Exit,
    failure::Failure,
    screens::has_terminal,
};
use crate::demo::{self, Options};

pub(super) fn run(desk: &mut Desk, arguments: Demo) -> Result<(), Failure> {
    let who = match arguments.who {
        DemoAs::ElmPark => demo::Desk::ElmPark,
        DemoAs::StJudes => demo::Desk::StJudes,
        DemoAs::Police => demo::Desk::Police,
        DemoAs::SocialCare => demo::Desk::SocialCare,
    };
    if desk.common.casebook.is_some() || desk.common.passphrase_fd.is_some() {
        return Err(Failure::usage(
            "the demo has casebooks and passphrases of its own: leave --casebook and --passphrase-fd out",
        ));
    }
    let options = Options { who, keep: arguments.keep };
    let console = &mut desk.console;
    let mut closed = None;
    if has_terminal() && !arguments.play {
        let sat = demo::sit(&options, &mut |line| closed = console.say(line).err());
        return sat.map_err(|error| Failure::new(Exit::Failed, error));
    }
    let mut told = |line: &str| {
        let written = console.line(line).and_then(|()| console.flush());
        closed = closed.take().or(written.err());
    };
    let report = demo::play(&options, &mut told).map_err(|error| Failure::new(Exit::Failed, error))?;
    // A check that failed is told by the exit code also when nobody reads any more.
    match (report.failed, closed) {
        (0, None) => Ok(()),
        (0, Some(failure)) => Err(failure),
        (failed, _) => Err(Failure::new(Exit::CheckFailed, format!("{failed} of the story's checks failed"))),
    }
}
