//! Withdraw: a gate that is taken back lets nothing pass, and who has its bundle already is told.

use std::sync::Arc;

use jiff::Timestamp;
use kith_protocol::{
    gate::SignedWithdrawal,
    ids::{AgencyId, BundleId, GateId},
    wire::{Happening, Outcome, Reach, Response},
};
use rusqlite::Connection;

use super::{Reply, by, document};
use crate::node::{
    Node,
    ledger::{self, State},
    store::StoreError,
};

pub(super) async fn withdraw(node: &Arc<Node>, caller: AgencyId, signed: SignedWithdrawal) -> Reply {
    by(&caller, signed.claims().as_ref().map(|withdrawal| &withdrawal.from))?;
    let withdrawal = signed.verify(&node.roster().directory).map_err(|error| document(&error))?;
    let now = node.clock.now();
    let change = move |db: &Connection| {
        let mut done = Done { outcomes: Vec::new(), stopped: Vec::new(), told: Vec::new() };
        withdrawal
            .gates
            .iter()
            .try_for_each(|gate| take_back(db, &caller, *gate, &signed, now, &mut done))?;
        Ok(done)
    };
    let done = node.store.write(change).await?;
    for id in done.stopped {
        node.blobs.remove(id)?;
        tracing::info!(bundle = %id, "withdrawn");
    }
    done.told.iter().for_each(|agency| node.bells.ring(agency));
    Ok(Some(Response::Withdrawn { outcomes: done.outcomes }))
}

struct Done {
    outcomes: Vec<Outcome>,
    stopped: Vec<BundleId>,
    told: Vec<AgencyId>,
}

fn take_back(
    db: &Connection,
    sender: &AgencyId,
    gate: GateId,
    signed: &SignedWithdrawal,
    now: Timestamp,
    done: &mut Done,
) -> Result<(), StoreError> {
    ledger::shut(db, sender, gate, now)?;
    let found = ledger::by_gate(db, sender, gate)?;
    let held = found.map(|id| ledger::find(db, id)).transpose()?.flatten();
    let (Some(bundle), Some(held)) = (found, held) else {
        done.outcomes.push(Outcome { gate, reach: Reach::Unused });
        return Ok(());
    };
    let reach = match held.state {
        State::Waiting => {
            ledger::set_state(db, bundle, &held, State::Withdrawn, now)?;
            done.stopped.push(bundle);
            Reach::Stopped { bundle }
        }
        State::Withdrawn => Reach::Stopped { bundle },
        State::Expired | State::Lost => Reach::Expired { bundle },
        State::Delivered | State::Acknowledged => Reach::Collected { bundle, by: held.recipient.clone() },
    };
    done.outcomes.push(Outcome { gate, reach });
    let happened = Happening::Withdrawn { withdrawal: signed.clone() };
    ledger::tell(db, &held.recipient, bundle, &happened, now)?;
    done.told.push(held.recipient);
    Ok(())
}
