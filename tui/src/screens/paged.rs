//! The rows of a long list that are loaded so far, and what to ask for next.

use crate::casework::query::{Keyed, Page};

/// Rows from the end at which the next page is asked for.
const NEAR: usize = 20;

/// Some rows of a list, from its beginning on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Paged<R: Keyed> {
    pub(super) rows: Vec<R>,
    /// How many there are in all.
    pub(super) total: u64,
    /// Something was answered.
    pub(super) known: bool,
    /// The list read again from its beginning, until it is as long as the one on the screen.
    again: Vec<R>,
    /// The key that the next page was asked for by.
    asked: Option<R::Key>,
}

impl<R: Keyed> Default for Paged<R> {
    fn default() -> Self {
        Self { rows: Vec::new(), total: 0, known: false, again: Vec::new(), asked: None }
    }
}

impl<R: Keyed> Paged<R> {
    /// Takes a page. Gives the key by which the one after it is asked for, while a list is read again; none when there
    /// is something new to draw, or when nobody waits for that page any more.
    pub(super) fn heard(&mut self, page: Page<R>) -> Option<R::Key> {
        let Page { rows, total, after } = page;
        let ended = rows.is_empty();
        match after {
            None => (self.again, self.total) = (rows, total),
            Some(after) if self.asked == Some(after) && self.rows.last().map(R::key) == Some(after) => {
                (self.asked, self.total) = (None, total);
                self.rows.extend(rows);
                return None;
            }
            Some(after) if self.again.last().map(R::key) == Some(after) => self.again.extend(rows),
            Some(_) => return None,
        }
        let whole = self.again.len() >= self.rows.len() || self.again.len() as u64 >= self.total || ended;
        if !whole {
            return self.again.last().map(R::key);
        }
        (self.rows, self.asked, self.known) = (std::mem::take(&mut self.again), None, true);
        None
    }

    /// The key of the next page, when the row at `place` is near the end of those that are there; asked for once.
    pub(super) fn next(&mut self, place: usize) -> Option<R::Key> {
        if place + NEAR >= self.rows.len() { self.rest() } else { None }
    }

    /// The key of the next page, where there is one; asked for once.
    pub(super) fn rest(&mut self) -> Option<R::Key> {
        let key = self.rows.last().map(R::key).filter(|_| (self.rows.len() as u64) < self.total)?;
        (self.asked.replace(key) != Some(key)).then_some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    struct Row(u32);

    impl Keyed for Row {
        type Key = u32;

        fn key(&self) -> u32 {
            self.0
        }
    }

    fn page(rows: std::ops::Range<u32>, after: Option<u32>) -> Page<Row> {
        Page { rows: rows.map(Row).collect(), total: 500, after }
    }

    #[test]
    fn a_list_grows_page_by_page_and_is_read_again_as_far_as_it_was() {
        let mut list = Paged::default();
        assert_eq!(list.heard(page(0..200, None)), None);
        assert_eq!(list.next(100), None, "its end is far");
        assert_eq!(list.next(190), Some(199));
        assert_eq!(list.next(191), None, "it is asked for once");
        assert_eq!(list.heard(page(200..400, Some(199))), None);
        assert_eq!(list.rows.len(), 400);
        // Something was recorded: it is read again, and stays as it was until all of it is there.
        assert_eq!(list.heard(page(1..201, None)), Some(200));
        assert_eq!(list.rows.first(), Some(&Row(0)));
        assert_eq!(list.heard(page(201..401, Some(200))), None);
        assert_eq!((list.rows.first(), list.rows.len()), (Some(&Row(1)), 400));
    }

    #[test]
    fn a_page_that_nobody_waits_for_is_left() {
        let mut list = Paged::default();
        list.heard(page(0..200, None));
        assert_eq!(list.next(199), Some(199));
        list.heard(page(10..210, None));
        assert_eq!(list.heard(page(200..400, Some(199))), None);
        assert_eq!(list.rows.len(), 200, "rows that follow others do not stand here");
        assert_eq!(list.next(199), Some(209));
    }
}
