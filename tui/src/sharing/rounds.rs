//! The exchange round: out with what waits, in with what arrived, answers both ways. It may stop after any step and
//! be begun again; nothing is then lost, sent twice or told wrongly.

mod inward;
mod logs;
mod outward;

use jiff::Zoned;
use kith_exchange::courier::{Courier, CourierError};
use kith_protocol::directory::KeptDirectories;
use tokio::try_join;

pub use super::blame::words;
use super::office::{Office, OfficeError};
use crate::casework::ids::ShareId;

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
    /// What somebody should know, in words that name no child.
    pub notes: Vec<String>,
}

/// Told how far a large transfer has come.
pub type Told<'a> = &'a (dyn Fn(Option<ShareId>, u64, u64) + Send + Sync);

impl Report {
    fn add(&mut self, other: Self) {
        let Self { changed, stored, received, behind, notes } = other;
        self.changed |= changed;
        self.behind |= behind;
        self.stored += stored;
        self.received += received;
        self.notes.extend(notes);
    }
}

/// One round with the agency's node. What it did so far stands in `report` whatever comes.
///
/// # Errors
/// The node cannot be reached, the casebook was locked or failed. What waits stays, and goes next time.
pub async fn round(
    desk: &impl Desk,
    courier: &Courier,
    told: Told<'_>,
    report: &mut Report,
) -> Result<(), RoundError> {
    outward::seal(desk, told, report).await?;
    // What leaves does not wait for a newer directory: the node judges it by its own.
    let mut fetched = Report::default();
    let both = try_join!(directory(desk, courier, &mut fetched), outward::send(desk, courier, told, report));
    report.add(fetched);
    let (directories, ()) = both?;
    inward::take_in(desk, courier, (directories.all(), told), report).await?;
    logs::witness(desk, courier, report).await
}

/// Every directory, the newest too; the first time it is judged by the keys that were pinned at enrolment.
async fn directory(
    desk: &impl Desk,
    courier: &Courier,
    report: &mut Report,
) -> Result<KeptDirectories, RoundError> {
    let asked = desk.with(|office, now| Ok::<_, OfficeError>((office.casebook.pinned()?, now.timestamp())));
    if let (Some(pinned), now) = asked.await?? {
        match courier.directory(&pinned, now).await {
            Ok(Some((signed, _))) => {
                desk.with(move |office, now| office.take_directory(&signed, now)).await??;
                report.changed = true;
            }
            Ok(None) => {}
            // An older directory still serves; that the newer one does not verify must be said.
            Err(CourierError::Lie(lie)) => {
                report.notes.push(format!("the node offers a directory that does not verify: {lie}"));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(desk.with(|office, _| office.kept_directories().cloned()).await??)
}
