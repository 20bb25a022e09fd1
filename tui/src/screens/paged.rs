//! The rows of a long list that are loaded so far, and what to ask for next.

use crate::{
    action::Action,
    casework::query::{Keyed, Page, Window},
    widgets::list::Place,
};

/// Rows from the end at which the next page is asked for.
const NEAR: usize = 20;

/// Some rows of a list, on from its beginning or back from its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Paged<R: Keyed> {
    pub(super) rows: Vec<R>,
    /// How many there are in all.
    pub(super) total: u64,
    /// Something was answered.
    pub(super) known: bool,
    /// The rows are those at the end.
    at_end: bool,
    /// The next page that begins it is all of it, however long the list on the screen is.
    fresh: bool,
    /// Those at the end are wanted.
    to_end: bool,
    /// The list read again from where it is loaded from, until it is as long as the one on the screen.
    again: Vec<R>,
    /// The part of the list that was asked for to go on.
    asked: Option<Window<R::Key>>,
}

impl<R: Keyed> Default for Paged<R> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            total: 0,
            known: false,
            at_end: false,
            fresh: false,
            to_end: false,
            again: Vec::new(),
            asked: None,
        }
    }
}

impl<R: Keyed> Paged<R> {
    /// What to ask for, to read the list again or to come to its other end.
    pub(super) const fn window(&self) -> Window<R::Key> {
        if self.to_end { Window::Last } else { Window::First }
    }

    /// Another list takes its place, from the beginning: of this one, only what is drawn stays until it is there.
    pub(super) fn renew(&mut self) {
        (self.to_end, self.asked, self.again) = (false, None, Vec::new());
        self.fresh = true;
    }

    /// Do its rows begin with the first one?
    pub(super) fn begins(&self) -> bool {
        !self.at_end || self.is_whole()
    }

    /// Is another part of the list awaited than the one that is there?
    pub(super) const fn moves(&self) -> bool {
        self.fresh || self.at_end != self.to_end
    }

    pub(super) fn is_whole(&self) -> bool {
        self.rows.len() as u64 >= self.total
    }

    /// Takes a page, and keeps `place` on the row it is on. Gives what is asked for after it, while a list is read again;
    /// none when there is something new to draw, or when nobody waits for that page any more.
    pub(super) fn heard(&mut self, page: Page<R>, place: &mut Place) -> Option<Window<R::Key>> {
        let Page { rows, total, window } = page;
        let ended = rows.is_empty();
        if self.asked == Some(window) {
            (self.asked, self.total) = (None, total);
            if self.at_end {
                place.0 += rows.len();
            }
            join(&mut self.rows, rows, self.at_end);
            return None;
        }
        if window == self.window() {
            (self.again, self.total) = (rows, total);
        } else if window.bound().0.is_some() && self.beyond(&self.again) == Some(window) {
            join(&mut self.again, rows, self.to_end);
        } else {
            return None;
        }
        let moved = self.moves();
        let whole = self.again.len() >= self.rows.len() || self.again.len() as u64 >= self.total || ended;
        if !whole && !moved {
            return self.beyond(&self.again);
        }
        let (here, last) = (place.of(&self.rows).map(R::key), self.again.len().saturating_sub(1));
        let same = here.and_then(|key| self.again.iter().position(|row| row.key() == key));
        place.0 = match same {
            _ if moved => {
                if self.to_end {
                    last
                } else {
                    0
                }
            }
            Some(at) => at,
            // As far from the end it is loaded from as before.
            None if self.at_end => (place.0 + self.again.len()).saturating_sub(self.rows.len()).min(last),
            None => place.0.min(last),
        };
        self.rows = std::mem::take(&mut self.again);
        (self.at_end, self.fresh, self.asked, self.known) = (self.to_end, false, None, true);
        None
    }

    /// Moves `place` as `action` says. Gives what is to be asked for: the next page, when the row is near the edge of
    /// those that are there, or the other end of the list.
    pub(super) fn go(&mut self, action: Action, place: &mut Place, page: usize) -> Option<Window<R::Key>> {
        let end = match action {
            Action::Top => false,
            Action::Bottom => true,
            _ => {
                place.act(action, self.rows.len(), page);
                return self.next(place.0);
            }
        };
        if self.is_whole() || end == self.at_end {
            self.to_end = self.at_end;
            place.act(action, self.rows.len(), page);
            return None;
        }
        self.to_end = end;
        (self.asked, self.again) = (None, Vec::new());
        Some(self.window())
    }

    /// The next page, when the row at `place` is near the edge of those that are there; asked for once.
    pub(super) fn next(&mut self, place: usize) -> Option<Window<R::Key>> {
        let near = if self.at_end { place < NEAR } else { place + NEAR >= self.rows.len() };
        if near { self.rest() } else { None }
    }

    /// The next page, where there is one; asked for once, and not while the list is read again or left for its other end.
    pub(super) fn rest(&mut self) -> Option<Window<R::Key>> {
        if self.is_whole() || self.moves() || !self.again.is_empty() {
            return None;
        }
        let window = self.beyond(&self.rows)?;
        (self.asked.replace(window) != Some(window)).then_some(window)
    }

    /// The part of the list that lies beyond these rows.
    fn beyond(&self, rows: &[R]) -> Option<Window<R::Key>> {
        if self.to_end {
            rows.first().map(|row| Window::Before(row.key()))
        } else {
            rows.last().map(|row| Window::After(row.key()))
        }
    }
}

/// Puts a page behind the rows there are, or before them.
fn join<R>(rows: &mut Vec<R>, mut page: Vec<R>, before: bool) {
    if before {
        std::mem::swap(rows, &mut page);
    }
    rows.append(&mut page);
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

    fn page(rows: std::ops::Range<u32>, window: Window<u32>) -> Page<Row> {
        Page { rows: rows.map(Row).collect(), total: 500, window }
    }

    fn numbers(list: &Paged<Row>) -> (u32, u32) {
        (list.rows.first().unwrap().0, list.rows.last().unwrap().0)
    }

    #[test]
    fn a_list_grows_page_by_page_and_is_read_again_as_far_as_it_was() {
        let (mut list, mut place) = (Paged::default(), Place(0));
        assert_eq!(list.heard(page(0..200, Window::First), &mut place), None);
        assert_eq!(list.next(100), None, "its end is far");
        assert_eq!(list.next(190), Some(Window::After(199)));
        assert_eq!(list.next(191), None, "it is asked for once");
        place = Place(190);
        assert_eq!(list.heard(page(200..400, Window::After(199)), &mut place), None);
        assert_eq!(list.rows.len(), 400);
        // Something was recorded: it is read again, and stays as it was until all of it is there.
        assert_eq!(list.heard(page(1..201, Window::First), &mut place), Some(Window::After(200)));
        assert_eq!(list.next(399), None, "one thing is asked for at a time");
        assert_eq!(list.rows.first(), Some(&Row(0)));
        assert_eq!(list.heard(page(201..401, Window::After(200)), &mut place), None);
        assert_eq!((numbers(&list), place), ((1, 400), Place(189)), "the row one is on stays the same");
    }

    #[test]
    fn a_page_that_nobody_waits_for_is_left() {
        let (mut list, mut place) = (Paged::default(), Place(0));
        list.heard(page(0..200, Window::First), &mut place);
        assert_eq!(list.next(199), Some(Window::After(199)));
        list.heard(page(10..210, Window::First), &mut place);
        assert_eq!(list.heard(page(200..400, Window::After(199)), &mut place), None);
        assert_eq!(list.rows.len(), 200, "rows that follow others do not stand here");
        assert_eq!(list.next(199), Some(Window::After(209)));
    }

    #[test]
    fn the_bottom_is_the_last_row_there_is_and_grows_upwards_from_there() {
        let (mut list, mut place) = (Paged::default(), Place(7));
        list.heard(page(0..200, Window::First), &mut place);
        assert_eq!(list.go(Action::Bottom, &mut place, 10), Some(Window::Last));
        // The list is read again before the end of it is there: it still comes to the end, and asks for nothing else.
        assert_eq!((list.window(), list.next(199)), (Window::Last, None));
        assert_eq!(
            list.heard(page(0..200, Window::First), &mut place),
            None,
            "nobody waits for that any more"
        );
        assert_eq!(list.heard(page(300..500, Window::Last), &mut place), None);
        assert_eq!((numbers(&list), place, list.begins()), ((300, 499), Place(199), false));
        assert_eq!(list.go(Action::Up, &mut place, 10), None);
        assert_eq!(list.go(Action::PageUp, &mut place, 180), Some(Window::Before(300)));
        assert_eq!(place, Place(18));
        assert_eq!(list.heard(page(100..300, Window::Before(300)), &mut place), None);
        assert_eq!((numbers(&list), place), ((100, 499), Place(218)), "the same row");
        // Read again, with one more at its end and one gone before the place.
        assert_eq!(list.heard(page(302..502, Window::Last), &mut place), Some(Window::Before(302)));
        let rest = page(101..302, Window::Before(302));
        assert_eq!(list.heard(rest, &mut place), None);
        assert_eq!((numbers(&list), place), ((101, 501), Place(217)));
        assert_eq!(list.go(Action::Top, &mut place, 10), Some(Window::First));
        assert_eq!(list.go(Action::Bottom, &mut place, 10), None, "it is there already");
        assert_eq!(list.heard(page(0..200, Window::First), &mut place), None);
        assert_eq!((numbers(&list), place), ((101, 501), Place(400)));
        assert_eq!(list.go(Action::Top, &mut place, 10), Some(Window::First));
        assert_eq!(list.heard(page(0..200, Window::First), &mut place), None);
        assert_eq!((numbers(&list), place, list.begins()), ((0, 199), Place(0), true));
    }
}
