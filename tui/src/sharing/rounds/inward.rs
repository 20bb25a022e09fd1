//! What comes in: bundles, and news of those that went out.

use std::path::Path;

use jiff::Zoned;
use kith_exchange::courier::{Arrival, Courier, CourierError, Heard, Listed, Place, growing};
use kith_protocol::{
    bundle::Verified,
    directory::{Directories, KeptDirectories},
    ids::BundleId,
    page::shown,
    receipt::SignedReceipt,
};
use tokio::try_join;

use super::{
    super::{
        blame::{Blame, blame, words},
        elsewhere,
        inbox::{Fetch, Noted, Taken},
        office::{Office, OfficeError, Sink},
    },
    Desk, Report, RoundError, Said, Told, newer_directory, outward,
};

/// Collects what waits, takes in the news, and lets the node forget what is here.
pub(super) async fn take_in(
    desk: &impl Desk,
    courier: &Courier,
    told: Told<'_>,
    report: &mut Report,
) -> Result<(), RoundError> {
    let after = desk.with(|office, _| office.news_cursor()).await??;
    let (kept, mut listed, heard) = ask(desk, courier, after, report).await?;
    let directories = kept.all();
    loop {
        let mut here = Vec::new();
        report
            .notes
            .extend(listed.refused.iter().map(|(bundle, lie)| format!("bundle {}: {lie}", short(*bundle))));
        for arrival in listed.arrivals {
            if collect_one(desk, courier, (&arrival, told), report).await? {
                here.push(arrival.id());
            }
        }
        // Somebody may have read what came already.
        outward::reply(desk, courier, told, report).await?;
        if !listed.more {
            let news = news(desk, courier, (directories, after, heard), report);
            return try_join!(let_go(desk, courier, here), news).map(drop);
        }
        let_go(desk, courier, here).await?;
        listed = courier.list(listed.cursor, directories).await?;
    }
}

/// Every directory, the newest too, and what the node has for us by it. All is asked for at once, as directories seldom change.
async fn ask(
    desk: &impl Desk,
    courier: &Courier,
    after: u64,
    report: &mut Report,
) -> Result<(KeptDirectories, Listed, Heard), RoundError> {
    let at_hand = |office: &mut Office, _: &Zoned| {
        office.enrolled()?;
        office.kept_directories().cloned()
    };
    // Each piece of news is held against its bundle when it is noted.
    let by = async |kept: &KeptDirectories| {
        let list = courier.list(Place::default(), kept.all());
        let news = courier.news(after, kept.all(), &|_| None);
        try_join!(list, news).map_err(RoundError::from)
    };
    if let Ok(kept) = desk.with(at_hand).await? {
        let (newer, asked) = try_join!(newer_directory(desk, courier, report), by(&kept))?;
        if !newer {
            return Ok((kept, asked.0, asked.1));
        }
    } else {
        newer_directory(desk, courier, report).await?;
    }
    let kept = desk.with(at_hand).await??;
    let (listed, heard) = by(&kept).await?;
    Ok((kept, listed, heard))
}

/// The casebook holds these: the node need not, nor does anybody need the sealed files.
async fn let_go(desk: &impl Desk, courier: &Courier, here: Vec<BundleId>) -> Result<(), RoundError> {
    for bundle in here {
        courier.acknowledge(bundle).await?;
        desk.with(move |office, _| office.acknowledged(bundle)).await??;
    }
    Ok(())
}

/// Takes a bundle in; says whether it is in the casebook now.
async fn collect_one(
    desk: &impl Desk,
    courier: &Courier,
    (arrival, told): (&Arrival, Told<'_>),
    report: &mut Report,
) -> Result<bool, RoundError> {
    let bundle = arrival.id();
    let looked_at = arrival.clone();
    let collected = match desk.with(move |office, now| office.fetch(&looked_at, now)).await?? {
        Fetch::Leave => return Ok(false),
        Fetch::Acknowledge => return Ok(true),
        // What is here already is not read once more.
        Fetch::Deliver(delivered) => {
            courier.collect(arrival, &delivered, &mut tokio::io::sink(), &|_, _| {}).await.map(|_| None)
        }
        Fetch::Collect { delivered, path } => {
            let by = (&*delivered, path.as_deref());
            collect(desk, courier, (arrival, told), by).await?.map(Some)
        }
    };
    let came = match collected {
        Ok(came) => came,
        Err(error) if blame(&error) == Blame::Link => return Err(error.into()),
        Err(error) => {
            report.failed_here |= matches!(error, CourierError::Here(_));
            report.notes.push(format!("bundle {} was not collected: {}", short(bundle), words(&error)));
            return Ok(false);
        }
    };
    if let Some((delivered, came)) = came {
        match keep(desk, arrival.clone(), delivered, came).await? {
            Taken::Kept(received) => {
                report.received += 1;
                report.changed = true;
                told(Said::Received(received));
            }
            Taken::Refused(why) => {
                report.notes.push(format!("bundle {} was set aside: {why}", short(bundle)));
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// What came.
enum Came {
    /// A sealed bundle, to memory or to its file.
    Sealed(Option<Vec<u8>>),
    /// One that was opened while it came.
    Opened(Box<(Sink, Result<Verified, OfficeError>)>),
}

/// Collects a bundle with `delivered`; one that goes to a file is opened beside the casebook meanwhile. Gives the
/// DELIVERED that counts.
async fn collect(
    desk: &impl Desk,
    courier: &Courier,
    (arrival, told): (&Arrival, Told<'_>),
    (delivered, path): (&SignedReceipt, Option<&Path>),
) -> Result<Result<(SignedReceipt, Came), CourierError>, RoundError> {
    let progress = move |done, total| told(Said::Moved { share: None, done, total });
    let Some(path) = path else {
        let mut bytes = Vec::new();
        let collected = courier.collect(arrival, delivered, &mut bytes, &progress).await;
        return Ok(collected.map(|one| (one.delivered, Came::Sealed(Some(bytes)))));
    };
    let (grows, growing) = growing();
    let by = (arrival.clone(), delivered.clone());
    let next = desk.with(move |office, now| office.open_meanwhile(&by.0, &by.1, growing, now));
    let (next, arriving) = next.await??;
    let collecting =
        async { Ok(courier.collect_to_file(arrival, delivered, (path, grows), &progress).await) };
    let (collected, opened) = try_join!(collecting, elsewhere::open(desk, next, arriving))?;
    Ok(collected.map(|one| {
        // If the node had another DELIVERED of ours, it was opened by one that does not count.
        let same = one.delivered == *delivered;
        (one.delivered, if same { Came::Opened(Box::new(opened)) } else { Came::Sealed(None) })
    }))
}

/// Verifies and keeps what came.
async fn keep(
    desk: &impl Desk,
    arrival: Arrival,
    delivered: SignedReceipt,
    came: Came,
) -> Result<Taken, RoundError> {
    let keep = move |office: &mut Office, now: &Zoned| match came {
        Came::Sealed(bytes) => office.take_in(&arrival, &delivered, bytes, now),
        Came::Opened(opened) => {
            let (sink, verified) = *opened;
            office.take_in_opened((&arrival, &delivered), sink, verified, now)
        }
    };
    Ok(desk.with(keep).await??)
}

async fn news(
    desk: &impl Desk,
    courier: &Courier,
    (directories, mut after, mut heard): (Directories<'_>, u64, Heard),
    report: &mut Report,
) -> Result<(), RoundError> {
    loop {
        report.notes.extend(
            heard.refused.iter().map(|(bundle, lie)| format!("news of bundle {}: {lie}", short(*bundle))),
        );
        let mut cursor = heard.cursor.kept();
        report.behind |= heard.outdated;
        for (bundle, withdrawal) in heard.unknown {
            match desk.with(move |office, now| office.taken_back(bundle, &withdrawal, now)).await?? {
                Noted::Changed => {
                    report.changed = true;
                    report.notes.push(format!(
                        "bundle {} was taken back by its sender: delete it, or say on which basis it is kept",
                        short(bundle)
                    ));
                }
                Noted::Refused(why) => {
                    report
                        .notes
                        .push(format!("a withdrawal of bundle {} does not count: {why}", short(bundle)));
                }
                Noted::Nothing | Noted::Later | Noted::Twice(_) | Noted::Settled(_) => {}
            }
        }
        for item in heard.items {
            let (place, bundle) = (item.cursor, item.bundle);
            match desk.with(move |office, now| office.note(&item, now)).await?? {
                Noted::Changed => report.changed = true,
                Noted::Nothing => {}
                Noted::Settled(said) => report.news(shown(&said)),
                Noted::Twice(who) => report.news(format!(
                    "{} signed two different answers of one kind to bundle {}: both stand with the share, and the first counts; ring them",
                    shown(&who),
                    short(bundle)
                )),
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
        after = cursor;
        heard = courier.news(after, directories, &|_| None).await?;
    }
}

/// The beginning of a bundle's id, enough to tell two apart.
fn short(bundle: BundleId) -> String {
    bundle.to_string().chars().take(8).collect()
}
