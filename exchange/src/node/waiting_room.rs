//! Who waits for what: a link, news for an agency, the turn to send a bundle's bytes.

use std::{
    collections::HashMap,
    pin::pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use kith_protocol::{
    ids::{AgencyId, BundleId},
    sign::VerifyingKey,
};
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

/// Counts handshakes under way, and links by key.
#[derive(Default)]
pub(super) struct Doors {
    unanswered: AtomicUsize,
    inside: Mutex<HashMap<VerifyingKey, usize>>,
}

/// A handshake under way.
pub(super) struct Knock<'a>(&'a Doors);

/// A link's place, given up when dropped.
pub(super) struct Place<'a>(&'a Doors, VerifyingKey);

impl Doors {
    pub(super) fn unanswered(&self) -> usize {
        self.unanswered.load(Ordering::Relaxed)
    }

    pub(super) fn knock(&self) -> Knock<'_> {
        self.unanswered.fetch_add(1, Ordering::Relaxed);
        Knock(self)
    }

    /// A place for one more link with this key, if it has fewer than `most`.
    pub(super) fn enter(&self, key: VerifyingKey, most: usize) -> Option<Place<'_>> {
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        let count = inside.entry(key).or_default();
        let free = *count < most;
        *count += usize::from(free);
        free.then(|| Place(self, key))
    }
}

impl Drop for Knock<'_> {
    fn drop(&mut self) {
        self.0.unanswered.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut inside = self.0.inside.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = inside.get_mut(&self.1) {
            *count -= 1;
            if *count == 0 {
                inside.remove(&self.1);
            }
        }
    }
}
