//! The entries of the case, newest first, a page at a time; chosen one by one, all at once or by date.

use jiff::civil::Date;

use super::{Asking, Share};
use crate::{
    casework::{
        ids::EntryId,
        query::{EntryRow, EventKey, PAGE, Query, Window},
        typed_time,
    },
    screens::{Cx, Flow, dialog::Dialog, push, query},
    widgets::form::{Field, Form},
};

/// The next page is asked for so many rows before the end of what is here.
const AHEAD: usize = 20;

/// Entries that are chosen as they are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gathering {
    from: Date,
    to: Date,
}

impl Share {
    /// The question for the newest page.
    pub(super) fn newest(&self) -> Query {
        self.page(Window::Last)
    }

    const fn page(&self, window: Window<EventKey>) -> Query {
        Query::EntriesOf { case: self.case, significant_only: false, window, limit: PAGE }
    }

    /// Is there more than is listed?
    pub(super) fn has_older(&self) -> bool {
        (self.rows.len() as u64) < self.total
    }

    pub(super) fn older(&mut self) -> Option<Flow> {
        let last = self.rows.last().map(EntryRow::key).filter(|_| self.has_older() && !self.turning)?;
        self.turning = true;
        Some(Flow::Ask(query(self.page(Window::Before(last)))))
    }

    /// The next page, once the place is near the end of what is listed.
    pub(super) fn older_if_near(&mut self) -> Option<Flow> {
        if self.place().0 + AHEAD < self.rows.len() { None } else { self.older() }
    }

    /// Takes a page: it says anew what stands between its first and last row, and the newest one what is newer.
    pub(super) fn listed(&mut self, rows: Vec<EntryRow>, total: u64) -> Vec<Flow> {
        let older = std::mem::take(&mut self.turning);
        let selected = self.place().of(&self.rows).map(|row| row.id);
        if let (Some(first), Some(last)) =
            (rows.iter().map(EntryRow::key).min(), rows.iter().map(EntryRow::key).max())
        {
            self.rows.retain(|row| row.key() < first || older && last < row.key());
        }
        self.total = total;
        // What was amended since is read again.
        for row in &rows {
            if self.views.get(&row.id).is_some_and(|view| view.versions() != row.versions) {
                self.views.remove(&row.id);
            }
        }
        self.rows.extend(rows);
        self.rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.key()));
        if let Some(at) = selected.and_then(|id| self.rows.iter().position(|row| row.id == id)) {
            self.place_mut().into_iter().for_each(|place| place.0 = at);
        }
        let mut flows: Vec<Flow> = self.gather().into_iter().collect();
        if self.to_end {
            let last = (self.rows.len() + self.offered().len()).saturating_sub(1);
            self.place_mut().into_iter().for_each(|place| place.0 = last);
            flows.extend(self.older());
            self.to_end = self.has_older();
        }
        flows.extend(self.missing());
        flows
    }

    /// Chooses what is wanted of what is listed, and asks for more while there may be more.
    fn gather(&mut self) -> Option<Flow> {
        let Gathering { from, to } = self.gathering?;
        let wanted = self.rows.iter().filter(|row| (from..=to).contains(&row.at.date())).map(|row| row.id);
        self.chosen.extend(wanted);
        self.touched();
        let enough = self.rows.last().is_none_or(|row| row.at.date() < from);
        let more = if enough { None } else { self.older() };
        if more.is_none() && !self.turning {
            self.gathering = None;
        }
        more
    }

    /// Chooses all entries of the case, or none when all are chosen.
    pub(super) fn choose_all(&mut self) -> Option<Flow> {
        if !self.has_older() && self.rows.iter().all(|row| self.chosen.contains(&row.id)) {
            self.chosen.clear();
            self.touched();
            return None;
        }
        self.gathering = Some(Gathering { from: Date::MIN, to: Date::MAX });
        self.gather()
    }

    pub(super) fn ask_dates(&mut self) -> Vec<Flow> {
        let form = Form::new(vec![
            Field::line("first", "From").required().help("14/3, -30d, 2/9/2025"),
            Field::line("last", "To").with("today").required(),
        ]);
        self.asking = Some(Asking::Dates);
        push(Dialog::new("Choose by date", "Every entry of these days is chosen, besides what is.", form))
    }

    pub(super) fn choose_between(&mut self, form: &Form, cx: &Cx<'_>) -> Vec<Flow> {
        let day =
            |id: &str| typed_time::happened(form.text(id), cx.now.datetime()).map(|it| it.when.at.date());
        match (day("first"), day("last")) {
            (Ok(from), Ok(to)) => {
                self.gathering = Some(Gathering { from, to });
                let mut flows: Vec<Flow> = self.gather().into_iter().collect();
                flows.extend(self.missing());
                flows
            }
            (Err(why), _) | (_, Err(why)) => vec![Flow::Say(format!("Not done: {why}"))],
        }
    }

    /// The chosen entries whose text is here, oldest first, as the recipient reads them.
    pub(super) fn chosen_in_order(&self) -> Vec<EntryId> {
        let mut chosen: Vec<_> = self
            .views
            .values()
            .filter(|view| self.chosen.contains(&view.id))
            .map(|view| EventKey { at: view.entry.happened.at, id: view.id.0 })
            .collect();
        chosen.sort_unstable();
        chosen.into_iter().map(|key| EntryId(key.id)).collect()
    }
}
