//! The demo's clock: the system's, or one that stands where the story puts it.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use jiff::{Timestamp, Zoned, tz::TimeZone};

/// Asks the system.
const SYSTEM: i64 = i64::MIN;

/// A clock that several threads read.
#[derive(Debug, Clone)]
pub(super) struct DemoClock {
    /// Seconds since 1970, or [`SYSTEM`].
    stands_at: Arc<AtomicI64>,
    zone: TimeZone,
}

impl DemoClock {
    /// The school's zone on this machine, by the system's clock.
    pub(super) fn system() -> Self {
        Self { stands_at: Arc::new(AtomicI64::new(SYSTEM)), zone: TimeZone::system() }
    }

    /// Stops it at `at`, or moves it there.
    pub(super) fn set(&self, at: Timestamp) {
        self.stands_at.store(at.as_second(), Ordering::SeqCst);
    }

    /// Lets it follow the system again.
    pub(super) fn release(&self) {
        self.stands_at.store(SYSTEM, Ordering::SeqCst);
    }

    pub(super) fn now(&self) -> Timestamp {
        match self.stands_at.load(Ordering::SeqCst) {
            SYSTEM => Timestamp::now(),
            seconds => Timestamp::from_second(seconds).unwrap_or_default(),
        }
    }

    pub(super) fn local(&self) -> Zoned {
        self.now().to_zoned(self.zone.clone())
    }

    pub(super) const fn zone(&self) -> &TimeZone {
        &self.zone
    }
}
