//! `kith exchange`: one round with the node.

use std::{
    io::{self, IsTerminal as _, Write as _},
    sync::{Mutex, PoisonError},
};

use jiff::Zoned;
use kith_exchange::courier::CourierError;
use serde_json::json;

use super::{args::Shape, desk::Desk, exit::Exit, failure::Failure};
use crate::{
    casework::ids::ShareId,
    sharing::{
        by_turns::one_round,
        rounds::{Report, RoundError, Said, words},
    },
    text,
};

/// A transfer of at least so many bytes tells how far it has come.
const LARGE: u64 = 1024 * 1024;

pub(super) fn run(desk: &mut Desk, shape: Shape) -> Result<(), Failure> {
    let open = desk.open()?;
    open.joined()?;
    let mut office = open.office(desk)?;
    let mut report = Report::default();
    let progress = Mutex::new(Progress::new(io::stderr().is_terminal()));
    let told = |said| {
        if let Said::Moved { share, done, total } = said {
            let said = progress.lock().unwrap_or_else(PoisonError::into_inner).told(share, (done, total));
            // A courtesy: the transfer goes on without a reader.
            let _ = said.map(|said| io::stderr().write_all(said.as_bytes()));
        }
    };
    let result = one_round(&mut office, &Zoned::now, &told, &mut report);
    for note in &report.notes {
        desk.console.say(note)?;
    }
    let queued = office.casebook().outbox()?.len();
    if shape.json {
        let fields = json!({
            "reached": result.is_ok(), "sent": report.stored, "received": report.received, "queued": queued,
            "failed_here": report.failed_here, "notes": report.notes,
        });
        desk.console.json("exchange/1", fields)?;
    } else {
        let (sent, received) = (u64::from(report.stored), u64::from(report.received));
        desk.console.say(&format!(
            "{} sent, {} received, {queued} queued.",
            text::count(sent, "bundle", "bundles"),
            text::count(received, "bundle", "bundles"),
        ))?;
    }
    result.map_err(failure)?;
    if report.failed_here {
        return Err(Failure::new(
            Exit::Failed,
            "something could not be read or written on this machine: free some space, check the disk, and run `kith exchange` again; nothing is lost, it waits here or at the node",
        ));
    }
    Ok(())
}

/// How far large transfers have come: one line that is drawn again for each percent on a terminal, a line for each quarter
/// elsewhere.
struct Progress {
    terminal: bool,
    /// Whose line is there, and the step it says.
    said: Option<(Option<ShareId>, u64)>,
}

impl Progress {
    const fn new(terminal: bool) -> Self {
        Self { terminal, said: None }
    }

    /// What is to be written of `done` bytes of `total`, if anything.
    fn told(&mut self, share: Option<ShareId>, (done, total): (u64, u64)) -> Option<String> {
        let percent =
            u64::try_from(u128::from(done) * 100 / u128::from(total.max(1))).unwrap_or(100).min(100);
        let step = if self.terminal { percent } else { percent - percent % 25 };
        let first = if self.terminal { None } else { Some((share, 0)) };
        if total < LARGE
            || self.said == Some((share, step))
            || self.said.is_none() && first == Some((share, step))
        {
            return None;
        }
        // A line that another transfer left is not written over.
        let before = match self.said {
            Some((of, at)) if self.terminal && (of != share || at > step) && at < 100 => "\n",
            _ => "",
        };
        self.said = Some((share, step));
        let what = share.map_or_else(|| "collecting".to_owned(), |share| format!("sending {share}"));
        let line = format!("{what}: {} of {}, {step} percent", text::size(done), text::size(total));
        Some(match (self.terminal, step) {
            (true, 100) => format!("{before}\r{line}\x1b[K\n"),
            (true, _) => format!("{before}\r{line}\x1b[K"),
            (false, _) => format!("{line}\n"),
        })
    }
}

fn failure(error: RoundError) -> Failure {
    match error {
        RoundError::Office(error) => error.into(),
        RoundError::Courier(error @ (CourierError::OtherKey | CourierError::Lie(_))) => {
            Failure::new(Exit::CheckFailed, words(&error))
        }
        RoundError::Courier(error @ CourierError::Refused(_)) => Failure::new(Exit::Refused, words(&error)),
        RoundError::Courier(error) => Failure::new(
            Exit::Unreachable,
            format!("{} (what is queued stays, and goes later)", words(&error)),
        ),
        RoundError::Closed(closed) => Failure::new(Exit::NotAllowed, closed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(terminal: bool, total: u64) -> String {
        let mut progress = Progress::new(terminal);
        (0..=200).filter_map(|n| progress.told(None, (total * n / 200, total))).collect()
    }

    #[test]
    fn a_large_transfer_is_told_in_quarters_and_on_a_terminal_by_the_percent_in_one_line() {
        let plain = said(false, 100_000_000);
        let lines: Vec<_> = plain.lines().collect();
        assert_eq!(lines.len(), 4, "{plain}");
        assert_eq!(lines.first(), Some(&"collecting: 25 MB of 100 MB, 25 percent"));
        assert!(!plain.contains(['\r', '\x1b']), "a file gets lines alone: {plain}");
        let drawn = said(true, 100_000_000);
        assert_eq!(drawn.matches('\r').count(), 101);
        assert!(drawn.ends_with("100 MB of 100 MB, 100 percent\x1b[K\n") && drawn.matches('\n').count() == 1);
        assert_eq!(said(true, LARGE - 1) + &said(false, LARGE - 1), "", "a small one just comes");
    }
}
