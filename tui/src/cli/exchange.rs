//! `kith exchange`: one round with the node.

use std::sync::atomic::{AtomicU64, Ordering};

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
    let quarters = AtomicU64::new(0);
    let told = |said| {
        if let Said::Moved { share, done, total } = said {
            tell(&quarters, share, (done, total));
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

/// Quarters of a large transfer, on standard error; nothing is redrawn.
fn tell(quarters: &AtomicU64, share: Option<ShareId>, (done, total): (u64, u64)) {
    let quarter = (done.saturating_mul(4)).checked_div(total).unwrap_or(4);
    if total < LARGE || quarters.swap(quarter, Ordering::Relaxed) == quarter {
        return;
    }
    use std::io::Write as _;
    let what = share.map_or_else(|| "collecting".to_owned(), |share| format!("sending {share}"));
    // A courtesy: the transfer goes on without a reader.
    let _ = writeln!(std::io::stderr(), "{what}: {} percent of {}", quarter * 25, text::size(total));
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
