//! The exchange round: out with what waits, in with what arrived, answers both ways. It may stop after any step and
//! be begun again; nothing is then lost, sent twice or told wrongly.

mod inward;
mod listed;
mod logs;
mod outward;

use jiff::Zoned;
use kith_exchange::courier::{Courier, CourierError};

pub use self::listed::adopt_listed;
pub use super::blame::words;
use super::office::{Office, OfficeError};
use crate::casework::ids::{ReceivedId, ShareId};

/// Where the office is: here, or on another thread.
pub trait Desk {
    /// Does a piece of work there, at its time. The link waits for it and for nothing else.
    fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Office, &Zoned) -> T + Send + 'static,
    ) -> impl Future<Output = Result<T, Closed>>;
}

/// The office is closed: the casebook was locked, or the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the casebook is locked")]
pub struct Closed;

/// Why a round ended before its end.
#[derive(Debug, thiserror::Error)]
pub enum RoundError {
    #[error(transparent)]
    Closed(#[from] Closed),
    #[error(transparent)]
    Office(#[from] OfficeError),
    #[error(transparent)]
    Courier(#[from] CourierError),
}

/// What a round did, also one that ended early.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The casebook changed.
    pub changed: bool,
    /// Shares the node has taken.
    pub stored: u32,
    /// Bundles that came.
    pub received: u32,
    /// There is news that cannot be taken in before something else has been.
    pub behind: bool,
    /// A file here could not be read or written: something did not go or was not taken in, and waits.
    pub failed_here: bool,
    /// What somebody should know, in words that name no child.
    pub notes: Vec<String>,
}

impl Report {
    /// The casebook changed, and somebody should know.
    fn news(&mut self, said: String) {
        self.changed = true;
        self.notes.push(said);
    }
}

/// What a round says while it is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// How far a large transfer has come: of which share (none when it comes in), how many bytes of how many.
    Moved { share: Option<ShareId>, done: u64, total: u64 },
    /// The node has a share: its STORED was verified, and is in the casebook.
    Stored(ShareId),
    /// A bundle came, was verified, and is in the casebook.
    Received(ReceivedId),
    /// The node has an answer of somebody here, for the bundle's sender.
    Answered,
}

/// Told what a round says.
pub type Told<'a> = &'a (dyn Fn(Said) + Send + Sync);

/// One round with the agency's node: [`post`], then [`keep_logs`].
///
/// # Errors
/// As theirs.
pub async fn round(
    desk: &impl Desk,
    courier: &Courier,
    told: Told<'_>,
    report: &mut Report,
) -> Result<(), RoundError> {
    post(desk, courier, told, report).await?;
    keep_logs(desk, courier, report).await
}

/// What people wait for: bundles and answers, out and in. What it did so far stands in `report` whatever comes.
///
/// # Errors
/// The node cannot be reached, the casebook was locked or failed. What waits stays, and goes next time.
pub async fn post(
    desk: &impl Desk,
    courier: &Courier,
    told: Told<'_>,
    report: &mut Report,
) -> Result<(), RoundError> {
    report.notes.extend(desk.with(|office, now| office.renew_certificate(now)).await??);
    outward::seal(desk, courier, told, report).await?;
    // What leaves does not wait for a newer directory: the node judges it by its own.
    outward::send(desk, courier, told, report).await?;
    inward::take_in(desk, courier, told, report).await
}

/// What nobody waits for: the node's log is held to what it said, and ours is cosigned.
///
/// # Errors
/// As [`post`].
pub async fn keep_logs(desk: &impl Desk, courier: &Courier, report: &mut Report) -> Result<(), RoundError> {
    logs::witness(desk, courier, report).await
}

/// Takes a newer directory, if the node has one, and says whether; the first one is judged by the keys that were pinned at
/// enrolment.
async fn newer_directory(
    desk: &impl Desk,
    courier: &Courier,
    report: &mut Report,
) -> Result<bool, RoundError> {
    let asked = desk.with(|office, now| Ok::<_, OfficeError>((office.casebook.pinned()?, now.timestamp())));
    if let (Some(pinned), now) = asked.await?? {
        match courier.directory(&pinned, now).await {
            Ok(Some((signed, _))) => {
                desk.with(move |office, now| office.take_directory(&signed, now)).await??;
                report.changed = true;
                return Ok(true);
            }
            Ok(None) => {}
            // An older directory still serves; that the newer one does not verify must be said.
            Err(CourierError::Lie(lie)) => {
                report.notes.push(format!("the node offers a directory that does not verify: {lie}"));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(false)
}
