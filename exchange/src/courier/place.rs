//! How far one of the node's lists has been read.

use kith_protocol::{
    directory::Directories,
    ids::BundleId,
    wire::{Request, Response, place},
};

use super::{Courier, CourierError, Lie, off_topic};

/// Where to go on in a list: pass it back for the next page or the next watch. Keep [`Self::kept`] between rounds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place {
    read: u64,
    /// Before the first item that has to be read again.
    back: Option<u64>,
}

impl From<u64> for Place {
    /// What was kept; 0 is the beginning.
    fn from(read: u64) -> Self {
        Self { read, back: None }
    }
}

impl Place {
    /// What to keep and begin the next round with: not past what needs a newer directory than was at hand.
    #[must_use]
    pub const fn kept(self) -> u64 {
        match self.back {
            Some(back) => back,
            None => self.read,
        }
    }

    pub(super) const fn asked(self) -> u64 {
        self.read
    }

    /// Whether a page that begins with `first` is not what follows here: the node was set back, or has forgotten the
    /// place, and began its list anew.
    pub(super) fn begun_anew(self, first: Option<u64>) -> bool {
        first.is_some_and(|first| place(first) <= place(self.read))
    }
}

/// A page, item by item: where it ends, and where the first item stands that is to be read again.
pub(super) struct Page {
    place: Place,
    stuck: Option<u64>,
}

impl Page {
    pub(super) const fn new(place: Place) -> Self {
        Self { place, stuck: None }
    }

    /// Takes the next item.
    pub(super) fn read(&mut self, cursor: u64, result: Result<(), &Lie>) {
        if result.is_err_and(Lie::asks_for_a_directory) {
            self.stuck = self.stuck.or(Some(self.place.read));
        }
        self.place.read = cursor;
    }
}

impl Courier {
    /// Where the page ends, and whether some of it waits for a newer directory, which the node has.
    pub(super) async fn end_of(
        &self,
        page: Page,
        directories: Directories<'_>,
    ) -> Result<(Place, bool), CourierError> {
        let Page { mut place, stuck } = page;
        if stuck.is_none() {
            return Ok((place, false));
        }
        let request = Request::Directory { have_version: directories.newest().version };
        let Response::Directory { version, .. } = self.ask(&request).await? else { return off_topic() };
        // Where there is none, reading again would not help: the sender has left, or has other keys now.
        let outdated = version > directories.newest().version;
        if outdated {
            place.back = place.back.or(stuck);
        }
        Ok((place, outdated))
    }
}

/// What was refused, by bundle.
pub type Refused = Vec<(BundleId, Lie)>;
