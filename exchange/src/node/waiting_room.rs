//! Who waits for what: news for an agency, and the turn to send a bundle's bytes.

use std::{
    collections::HashMap,
    pin::pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use kith_protocol::ids::{AgencyId, BundleId};
use tokio::sync::{Notify, OwnedMutexGuard};

/// Rung when there is news for an agency.
#[derive(Default)]
pub(super) struct Bells(Mutex<HashMap<AgencyId, Arc<Notify>>>);

impl Bells {
    /// The bell of an agency in the directory.
    pub(super) fn of(&self, agency: &AgencyId) -> Arc<Notify> {
        let mut bells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(bells.entry(agency.clone()).or_default())
    }

    /// Wakes whoever waits. News is in the books by then.
    pub(super) fn ring(&self, agency: &AgencyId) {
        self.of(agency).notify_waiters();
    }
}

/// One upload of a bundle at a time; the newest wins, because the others' links may be dead without knowing.
#[derive(Default)]
pub(super) struct Turns(Mutex<HashMap<BundleId, Arc<Turn>>>);

#[derive(Default)]
struct Turn {
    lock: Arc<tokio::sync::Mutex<()>>,
    wanted: AtomicUsize,
    over: Notify,
}

/// The turn to send a bundle's bytes.
pub(super) struct MyTurn {
    turn: Arc<Turn>,
    _held: OwnedMutexGuard<()>,
}

impl Turns {
    /// Waits until whoever sends this bundle has let go; they are asked to.
    pub(super) async fn take(&self, id: BundleId) -> MyTurn {
        let turn = {
            let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            turns.retain(|_, turn| Arc::strong_count(turn) > 1);
            Arc::clone(turns.entry(id).or_default())
        };
        turn.wanted.fetch_add(1, Ordering::SeqCst);
        turn.over.notify_waiters();
        let held = Arc::clone(&turn.lock).lock_owned().await;
        turn.wanted.fetch_sub(1, Ordering::SeqCst);
        MyTurn { turn, _held: held }
    }
}

impl MyTurn {
    /// Waits until somebody else wants the turn.
    pub(super) async fn over(&self) {
        let mut told = pin!(self.turn.over.notified());
        told.as_mut().enable();
        if self.turn.wanted.load(Ordering::SeqCst) == 0 {
            told.await;
        }
    }
}
