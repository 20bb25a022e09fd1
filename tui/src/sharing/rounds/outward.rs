//! What goes out: sealed, taken back, deposited, answered.

use std::{collections::BTreeSet, io::Cursor};

use kith_exchange::courier::{Courier, CourierError};

use super::{
    super::{
        blame::{Blame, blame, words},
        elsewhere,
        outbox::Parcel,
        to_seal::Pass,
    },
    Desk, Report, RoundError, Said, Told,
};

/// Seals what waits; a long one beside the casebook, on its way already.
pub(super) async fn seal(
    desk: &impl Desk,
    courier: &Courier,
    told: Told<'_>,
    report: &mut Report,
) -> Result<(), RoundError> {
    let mut pass = Pass::default();
    loop {
        let short = desk.with(move |office, now| {
            let long = office.seal_short(&mut pass, now);
            (pass, long)
        });
        let (so_far, long) = short.await?;
        pass = so_far;
        report.changed |= pass.changed;
        let Some(long) = long? else { return Ok(()) };
        let (long, sealed) = elsewhere::seal(desk, courier, long, told).await?;
        let noted = desk.with(move |office, now| {
            let noted = office.sealed(&long, sealed, &mut pass, now);
            (pass, noted)
        });
        let (so_far, noted) = noted.await?;
        pass = so_far;
        noted?;
    }
}

/// Whatever may leave.
pub(super) async fn send(
    desk: &impl Desk,
    courier: &Courier,
    told: Told<'_>,
    report: &mut Report,
) -> Result<(), RoundError> {
    take_back(desk, courier).await?;
    deposit(desk, courier, told, report).await?;
    // What turned out not to be allowed to leave may have left before a crash.
    take_back(desk, courier).await?;
    reply(desk, courier, told, report).await
}

/// Tells the node of gates that were taken back, before anything is deposited. What went ahead of its deposit waits for it.
async fn take_back(desk: &impl Desk, courier: &Courier) -> Result<(), RoundError> {
    while let Some((mark, withdrawal)) = desk.with(|office, _| office.next_withdrawal()).await?? {
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
        let Some(Parcel { share, path, body, envelope, gate }) = next else { return Ok(()) };
        let progress = move |done, total| told(Said::Moved { share: Some(share), done, total });
        let sent = match body {
            Some(body) => courier.deposit(&envelope, &gate, Cursor::new(body), &progress).await,
            None => match tokio::fs::File::open(&path).await {
                Ok(file) => courier.deposit(&envelope, &gate, file, &progress).await,
                Err(error) => Err(error.into()),
            },
        };
        match sent {
            Ok(receipt) => {
                desk.with(move |office, now| office.stored(share, &receipt, now)).await??;
                report.stored += 1;
                report.changed = true;
                told(Said::Stored(share));
            }
            Err(error) => {
                report.failed_here |= matches!(error, CourierError::Here(_));
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
pub(super) async fn reply(
    desk: &impl Desk,
    courier: &Courier,
    told: Told<'_>,
    report: &mut Report,
) -> Result<(), RoundError> {
    while let Some(reply) = desk.with(|office, now| office.next_reply(now)).await?? {
        if let Some((bundle, sealed)) = reply.to {
            match courier.answer(bundle, sealed).await {
                Ok(()) => told(Said::Answered),
                Err(error) if blame(&error) == Blame::Link => return Err(error.into()),
                // It will never be passed on; the person's word stays in the casebook.
                Err(error) => report.notes.push(format!("an answer was not passed on: {}", words(&error))),
            }
        }
        desk.with(move |office, _| office.replied(reply.mark)).await??;
    }
    Ok(())
}
