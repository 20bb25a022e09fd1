//! Witnesses of each other, last in a round: the node's log is held to what it said, and ours is cosigned.

use kith_exchange::courier::{Audit, Breach, Courier, CourierError, Witnessed};

use super::{
    super::{
        blame::{Blame, blame, words},
        witness::Offered,
    },
    Desk, Report, RoundError,
};

/// Most checkpoints of ours that are offered in one round.
const MAX_OFFERS: usize = 16;

/// What has grown since is shown and cosigned, each way. Nothing else waits for it.
pub(super) async fn witness(
    desk: &impl Desk,
    courier: &Courier,
    report: &mut Report,
) -> Result<(), RoundError> {
    for done in [theirs(desk, courier, report).await, ours(desk, courier, report).await] {
        match done {
            Err(RoundError::Courier(error)) if blame(&error) != Blame::Link => {
                report.notes.push(words(&error));
            }
            done => done?,
        }
    }
    Ok(())
}

/// Asks for each receipt that was not shown yet, and in any case whether its log only grew; then whether it is the log that
/// others were shown.
async fn theirs(desk: &impl Desk, courier: &Courier, report: &mut Report) -> Result<(), RoundError> {
    let asked = desk.with(|office, _| office.node_log()).await??;
    let mut known = asked.known;
    let mut wanted = Vec::new();
    for (fact, receipt) in asked.receipts {
        let looked_at = receipt.clone();
        if desk.with(move |office, _| office.looked_for(fact, &looked_at)).await?? {
            wanted.push(Some((fact, receipt)));
        }
    }
    if wanted.is_empty() {
        wanted.push(None);
    }
    let mut ours = None;
    for shown in wanted {
        let receipt = shown.as_ref().map(|(_, receipt)| receipt);
        match courier.audit(receipt, known.as_ref()).await? {
            Audit::Holds(proven) => {
                known = Some(proven.checkpoint.clone());
                let fact = shown.map(|(fact, _)| fact);
                let cosigned = desk.with(move |office, now| office.node_shows(fact, &proven, now)).await??;
                ours = cosigned.or(ours);
            }
            Audit::Broken { breach, now: now_says } => {
                let told = desk.with(move |office, now| {
                    let shown = shown.as_ref().map(|(fact, receipt)| (*fact, receipt));
                    office.node_broke(breach, shown, &now_says, now)
                });
                report.notes.push(told.await??);
                report.changed = true;
                if breach != Breach::Missing {
                    return Ok(());
                }
            }
        }
    }
    if !one_for_all(desk, courier, report).await? {
        return Ok(());
    }
    if let Some((size, line)) = ours {
        courier.give_cosignature(size, line).await?;
    }
    Ok(())
}

/// Is what other agencies saw of the node's log the beginning of what it shows us?
async fn one_for_all(desk: &impl Desk, courier: &Courier, report: &mut Report) -> Result<bool, RoundError> {
    let mut one = true;
    for heard in desk.with(|office, _| office.not_compared()).await?? {
        match courier.audit(None, Some(&heard.claimed)).await? {
            Audit::Holds(_) => desk.with(move |office, _| office.same_log(&heard)).await??,
            Audit::Broken { breach, now: now_says } => {
                let told = desk.with(move |office, now| office.other_log(&heard, breach, &now_says, now));
                if let Some(told) = told.await?? {
                    report.notes.push(told);
                    report.changed = true;
                    one = false;
                }
            }
        }
    }
    Ok(one)
}

/// Offers our log: each checkpoint that went out in a bundle, then the newest. What the node saw last is news only if the
/// answer to an earlier offer was lost, or a backup restored.
async fn ours(desk: &impl Desk, courier: &Courier, report: &mut Report) -> Result<(), RoundError> {
    let mut told = false;
    for _ in 0..MAX_OFFERS {
        let offer = match desk.with(|office, _| office.offer_log()).await?? {
            Offered::Nothing => return Ok(()),
            Offered::Stopped(why) => {
                report.notes.push(why);
                return Ok(());
            }
            Offered::Offer(offer) => offer,
        };
        match courier.witness(&offer).await? {
            Witnessed::Cosigned(line) => {
                desk.with(move |office, _| office.log_cosigned(&offer, &line)).await??;
            }
            Witnessed::Seen(_) if told => return Err(RoundError::Courier(CourierError::Lost)),
            Witnessed::Seen(seen) => {
                told = true;
                let met = desk.with(move |office, now| office.log_met(&offer, seen.as_ref(), now));
                if let Some(why) = met.await?? {
                    report.notes.push(why);
                    report.changed = true;
                    return Ok(());
                }
            }
        }
    }
    Ok(())
}
