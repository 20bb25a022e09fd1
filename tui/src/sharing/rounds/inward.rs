//! What comes in: bundles, and news of those that went out.

use kith_exchange::courier::{Arrival, Courier, Heard, Place};
use kith_protocol::{directory::Directories, ids::BundleId};
use tokio::try_join;

use super::{
    super::{
        blame::{Blame, blame, words},
        inbox::{Fetch, Noted, Taken},
    },
    Desk, Report, RoundError, Told,
};

/// Collects what waits, takes in the news, and lets the node forget what is here.
pub(super) async fn take_in(
    desk: &impl Desk,
    courier: &Courier,
    (directories, told): (Directories<'_>, Told<'_>),
    report: &mut Report,
) -> Result<(), RoundError> {
    let after = desk.with(|office, _| office.news_cursor()).await??;
    // Each piece of news is held against its bundle when it is noted.
    let (mut listed, heard) =
        try_join!(courier.list(Place::default(), directories), courier.news(after, directories, &|_| None))?;
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
        if !listed.more {
            let news = news(desk, courier, (directories, after, heard), report);
            return try_join!(let_go(desk, courier, here), news).map(drop);
        }
        let_go(desk, courier, here).await?;
        listed = courier.list(listed.cursor, directories).await?;
    }
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
    let delivered = match desk.with(move |office, now| office.fetch(&looked_at, now)).await?? {
        Fetch::Leave => return Ok(false),
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
                    return Ok(false);
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
                return Ok(false);
            }
        }
    }
    Ok(true)
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
                Noted::Nothing | Noted::Later => {}
            }
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
        after = cursor;
        heard = courier.news(after, directories, &|_| None).await?;
    }
}

/// The beginning of a bundle's id, enough to tell two apart.
fn short(bundle: BundleId) -> String {
    bundle.to_string().chars().take(8).collect()
}
