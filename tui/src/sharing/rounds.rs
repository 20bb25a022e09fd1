//! The exchange round: out with what waits, in with what arrived, answers both ways. It may stop after any step and
//! be begun again; nothing is then lost, sent twice or told wrongly.

use std::collections::BTreeSet;

use jiff::Zoned;
use kith_exchange::courier::{Arrival, Courier, CourierError, Place};
use kith_protocol::{directory::Directory, ids::BundleId};

pub use super::blame::words;
use super::{
    blame::{Blame, blame},
    inbox::{Fetch, Noted, Taken},
    office::{Office, OfficeError},
    outbox::Parcel,
};
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
    report.changed |= desk.with(|office, now| office.seal_waiting(now)).await??;
    let directory = directory(desk, courier, report).await?;
    take_back(desk, courier).await?;
    deposit(desk, courier, told, report).await?;
    // What turned out not to be allowed to leave may have left before a crash.
    take_back(desk, courier).await?;
    reply(desk, courier, report).await?;
    collect(desk, courier, (&directory, told), report).await?;
    news(desk, courier, &directory, report).await
}

/// The newest directory; the first time it is judged by the keys that were pinned at enrolment.
async fn directory(
    desk: &impl Desk,
    courier: &Courier,
    report: &mut Report,
) -> Result<Directory, RoundError> {
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
    Ok(desk.with(|office, _| office.enrolled().map(|one| one.directory.clone())).await??)
}

/// Tells the node of gates that were taken back, before anything else leaves.
async fn take_back(desk: &impl Desk, courier: &Courier) -> Result<(), RoundError> {
    while let Some((mark, withdrawal)) = desk.with(|office, now| office.next_withdrawal(now)).await?? {
        courier.withdraw(&withdrawal).await?;
        desk.with(move |office, _| office.withdrawn(mark)).await??;
    }
    Ok(())
}

async fn deposit(
    desk: &impl Desk,
    courier: &Courier,
    told: Told<'_>,
    report: &mut Report,
) -> Result<(), RoundError> {
    let mut skip = BTreeSet::new();
    loop {
        let known = skip.clone();
        let next = desk.with(move |office, now| office.next_parcel(&known, now)).await??;
        let Some(Parcel { share, path, envelope, gate }) = next else { return Ok(()) };
        let progress = move |done, total| told(Some(share), done, total);
        let sent = match tokio::fs::File::open(&path).await {
            Ok(file) => courier.deposit(&envelope, &gate, file, &progress).await,
            Err(error) => Err(error.into()),
        };
        match sent {
            Ok(receipt) => {
                desk.with(move |office, now| office.stored(share, &receipt, now)).await??;
                report.stored += 1;
                report.changed = true;
            }
            Err(error) => {
                let why = words(&error);
                match blame(&error) {
                    Blame::Bundle => {
                        desk.with(move |office, now| office.refused_by_node(share, &why, now)).await??;
                        report.changed = true;
                    }
                    Blame::Wait => {
                        desk.with(move |office, now| office.not_yet(share, &why, now)).await??;
                        skip.insert(share);
                    }
                    Blame::Link => {
                        desk.with(move |office, now| office.not_yet(share, &why, now)).await??;
                        return Err(error.into());
                    }
                }
            }
        }
    }
}

/// Answers of people here, to the senders.
async fn reply(desk: &impl Desk, courier: &Courier, report: &mut Report) -> Result<(), RoundError> {
    while let Some(reply) = desk.with(|office, now| office.next_reply(now)).await?? {
        if let Some((bundle, sealed)) = reply.to {
            match courier.answer(bundle, sealed).await {
                Ok(()) => {}
                Err(error) if blame(&error) == Blame::Link => return Err(error.into()),
                // It will never be passed on; the person's word stays in the casebook.
                Err(error) => report.notes.push(format!("an answer was not passed on: {}", words(&error))),
            }
        }
        desk.with(move |office, _| office.replied(reply.mark)).await??;
    }
    Ok(())
}

async fn collect(
    desk: &impl Desk,
    courier: &Courier,
    (directory, told): (&Directory, Told<'_>),
    report: &mut Report,
) -> Result<(), RoundError> {
    let mut after = Place::default();
    loop {
        let listed = courier.list(after, directory).await?;
        report
            .notes
            .extend(listed.refused.iter().map(|(bundle, lie)| format!("bundle {}: {lie}", short(*bundle))));
        for arrival in listed.arrivals {
            collect_one(desk, courier, (&arrival, told), report).await?;
        }
        if !listed.more {
            return Ok(());
        }
        after = listed.cursor;
    }
}

async fn collect_one(
    desk: &impl Desk,
    courier: &Courier,
    (arrival, told): (&Arrival, Told<'_>),
    report: &mut Report,
) -> Result<(), RoundError> {
    let bundle = arrival.id();
    let looked_at = arrival.clone();
    let delivered = match desk.with(move |office, now| office.fetch(&looked_at, now)).await?? {
        Fetch::Leave => return Ok(()),
        Fetch::Acknowledge => None,
        Fetch::Collect { delivered, path } => {
            let progress = move |done, total| told(None, done, total);
            match courier.collect_to_file(arrival, &delivered, &path, &progress).await {
                Ok(collected) => Some(collected.delivered),
                Err(error) if blame(&error) == Blame::Link => return Err(error.into()),
                Err(error) => {
                    report.notes.push(format!(
                        "bundle {} was not collected: {}",
                        short(bundle),
                        words(&error)
                    ));
                    return Ok(());
                }
            }
        }
    };
    if let Some(delivered) = delivered {
        let arrival = arrival.clone();
        match desk.with(move |office, now| office.take_in(&arrival, &delivered, now)).await?? {
            Taken::Kept(_) => {
                report.received += 1;
                report.changed = true;
            }
            Taken::Refused(why) => {
                report.notes.push(format!("bundle {} was set aside: {why}", short(bundle)));
                return Ok(());
            }
        }
    }
    courier.acknowledge(bundle).await?;
    desk.with(move |office, _| office.acknowledged(bundle)).await??;
    Ok(())
}

async fn news(
    desk: &impl Desk,
    courier: &Courier,
    directory: &Directory,
    report: &mut Report,
) -> Result<(), RoundError> {
    loop {
        let after = desk.with(|office, _| office.news_cursor()).await??;
        // Each is held against its bundle when it is noted.
        let heard = courier.news(after, directory, &|_| None).await?;
        report.notes.extend(
            heard.refused.iter().map(|(bundle, lie)| format!("news of bundle {}: {lie}", short(*bundle))),
        );
        let mut cursor = heard.cursor.kept();
        report.behind |= heard.outdated;
        for (bundle, withdrawal) in heard.unknown {
            let noted = desk.with(move |office, now| office.taken_back(bundle, &withdrawal, now)).await??;
            report.notes.extend(noted);
        }
        for item in heard.items {
            let (place, bundle) = (item.cursor, item.bundle);
            match desk.with(move |office, now| office.note(&item, now)).await?? {
                Noted::Changed => report.changed = true,
                Noted::Nothing => {}
                Noted::Refused(why) => {
                    report
                        .notes
                        .push(format!("a receipt for bundle {} does not count: {why}", short(bundle)));
                }
                Noted::Later => {
                    report.behind = true;
                    cursor = place.saturating_sub(1);
                    break;
                }
            }
        }
        if cursor != after {
            desk.with(move |office, _| office.set_news_cursor(cursor)).await??;
        }
        if !heard.more || cursor == after {
            return Ok(());
        }
    }
}

/// The beginning of a bundle's id, enough to tell two apart.
fn short(bundle: BundleId) -> String {
    bundle.to_string().chars().take(8).collect()
}
