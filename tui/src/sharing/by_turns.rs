//! Rounds without a thread of their own: for the command line, where nothing else wants the office meanwhile.

use std::{cell::RefCell, future::ready};

use jiff::Zoned;
use kith_exchange::courier::Courier;
use kith_protocol::{
    directory::{NodeAddress, Pinned},
    keys::AgencySecrets,
};

use super::{
    office::{Office, OfficeError},
    rounds::{Closed, Desk, Report, RoundError, Told, adopt_listed, round},
};

/// An office at hand, and what it asks for the time.
struct AtHand<'a> {
    office: RefCell<&'a mut Office>,
    clock: &'a dyn Fn() -> Zoned,
}

impl Desk for AtHand<'_> {
    fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Office, &Zoned) -> T + Send + 'static,
    ) -> impl Future<Output = Result<T, Closed>> {
        ready(Ok(work(&mut self.office.borrow_mut(), &(self.clock)())))
    }
}

/// One round with the node, from beginning to end. The first time it fetches the directory.
///
/// # Errors
/// As [`round`]; what was done so far stands in `report`.
pub fn one_round(
    office: &mut Office,
    clock: &dyn Fn() -> Zoned,
    told: Told<'_>,
    report: &mut Report,
) -> Result<(), RoundError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(OfficeError::file("connection to the node"))?;
    runtime.block_on(async {
        if office.casebook().directory().map_err(OfficeError::from)?.is_none() {
            first_directory(office, &clock()).await?;
            report.changed = true;
        }
        let desk = AtHand { office: RefCell::new(&mut *office), clock };
        adopt_listed(&desk, report).await?;
        let enrolled = office.enrolled()?;
        let courier = Courier::new(enrolled.node.clone(), &enrolled.secrets.link)?;
        let desk = AtHand { office: RefCell::new(office), clock };
        let done = round(&desk, &courier, told, report).await;
        courier.close().await;
        done
    })
}

/// The directory, from the node that the invitation named, judged by the keys that were compared.
async fn first_directory(office: &mut Office, now: &Zoned) -> Result<(), RoundError> {
    let Some((node, pinned, secrets)) = joined(office)? else {
        return Err(OfficeError::refused(
            "no partnership was joined yet: run `kith join` with the invitation",
        )
        .into());
    };
    let courier = Courier::new(node, &secrets.link)?;
    let found = courier.directory(&pinned, now.timestamp()).await;
    courier.close().await;
    let Some((signed, _)) = found? else {
        return Err(OfficeError::refused("the node has no directory yet: ask its admin").into());
    };
    Ok(office.take_directory(&signed, now)?)
}

/// The node, the partnership's keys and our own, once they are all there.
fn joined(office: &Office) -> Result<Option<(NodeAddress, Pinned, AgencySecrets)>, OfficeError> {
    let book = office.casebook();
    Ok(match (book.node()?, book.pinned()?, book.agency_secrets()?) {
        (Some(node), Some(pinned), Some(secrets)) => Some((node, pinned, secrets)),
        _ => None,
    })
}
