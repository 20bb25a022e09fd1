//! The directory, and how the node is.

use std::sync::Arc;

use bytes::Bytes;
use kith_protocol::{
    ids::AgencyId,
    wire::{Response, Status},
};

use super::Reply;
use crate::{
    link::Stream,
    node::{Node, ledger, store::StoreError, witness},
};

pub(super) async fn directory(node: &Arc<Node>, stream: &mut Stream, have_version: u64) -> Reply {
    let roster = node.roster();
    let version = roster.directory.version;
    if version <= have_version {
        return Ok(Some(Response::Directory { version, size: 0 }));
    }
    let text = serde_json::to_vec(&roster.signed).map_err(|_| StoreError::Damaged("the directory"))?;
    let size = text.len() as u64;
    stream.say(&Response::Directory { version, size }, Bytes::from(text)).await?;
    Ok(None)
}

pub(super) async fn status(node: &Arc<Node>, caller: Option<AgencyId>) -> Reply {
    let quota = if caller.is_some() { node.limits.agency } else { node.limits.node };
    let question = move |db: &rusqlite::Connection| {
        let (waiting, held) = match &caller {
            Some(agency) => (ledger::count_waiting(db, agency)?, ledger::used(db, agency)?),
            None => ledger::totals(db)?,
        };
        let (cosigned, forks) = witness::counts(db, caller.as_ref())?;
        Ok((waiting, held, cosigned, forks))
    };
    let (waiting, held, cosigned, forks) = node.store.read(question).await?;
    let status = Status {
        node: node.name.clone(),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        now: node.clock.now().as_second(),
        directory: node.roster().directory.version,
        waiting,
        held,
        quota,
        cosigned,
        forks,
    };
    Ok(Some(Response::Status { status }))
}
