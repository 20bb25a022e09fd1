//! Retention: the files that are due, held or unclear, and what it takes to destroy one: a rule, and two people.

mod boxes;
mod detail;

use std::path::PathBuf;

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::Line,
};

use self::boxes::Asking;
use super::{Answered, Cx, Face, Flow, Heard, begin, query};
use crate::{
    action::Action,
    casework::{
        ids::FactId,
        query::{Answer, DisposalRow, PAGE, Query, RetentionRow, RetentionView},
        retention::Verdict,
    },
    flow::Request,
    keymap::Context,
    text,
    widgets::{
        list::{Place, Rows},
        paint::{Columns, below, divider, put_all, split_left, split_top},
    },
};

/// The list, and what is being asked about a file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Retention {
    view: Option<Box<RetentionView>>,
    place: Place,
    asking: Option<Asking>,
}

/// What is selected.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Selected<'a> {
    File(&'a RetentionRow),
    Destroyed(&'a DisposalRow),
}

impl Retention {
    fn len(&self) -> usize {
        self.view.as_ref().map_or(0, |view| view.rows.len() + view.disposals.len())
    }

    fn selected(&self) -> Option<Selected<'_>> {
        let view = self.view.as_ref()?;
        let at = self.place.0;
        let file = view.rows.get(at).map(Selected::File);
        file.or_else(|| view.disposals.get(at.checked_sub(view.rows.len())?).map(Selected::Destroyed))
    }

    fn file(&self) -> Option<&RetentionRow> {
        match self.selected()? {
            Selected::File(row) => Some(row),
            Selected::Destroyed(_) => None,
        }
    }

    fn destroyed(&self) -> Option<FactId> {
        match self.selected()? {
            Selected::File(_) => None,
            Selected::Destroyed(row) => Some(row.id),
        }
    }

    fn rows(&self, cx: &Cx<'_>, room: usize) -> Vec<Vec<Line<'static>>> {
        let Some(view) = &self.view else { return Vec::new() };
        let theme = cx.look.theme;
        let file = |row: &RetentionRow| {
            let (word, style) = match (&row.proposal, &row.verdict) {
                (Some(_), _) => ("PROPOSED", theme.warn),
                (None, Verdict::Due { .. }) => (text::verdict(&row.verdict), theme.warn),
                (None, _) => (text::verdict(&row.verdict), theme.plain),
            };
            let line = Columns::new(cx.look, room).cell(word, 10, style);
            vec![line.text(&row.name, theme.strong).rest(&row.verdict.words(), theme.quiet)]
        };
        let gone = |row: &DisposalRow| {
            let line = Columns::new(cx.look, room).cell("DESTROYED", 10, theme.quiet);
            vec![line.rest(&text::disposed(&row.disposed), theme.quiet)]
        };
        view.rows.iter().map(file).chain(view.disposals.iter().map(gone)).collect()
    }
}

impl Face for Retention {
    fn title(&self, _cx: &Cx<'_>) -> (String, String) {
        let Some(view) = &self.view else { return ("RETENTION".to_owned(), String::new()) };
        let due = format!("{} due", text::count(view.due, "file", "files"));
        let more = text::shown_of(view.rows.len(), view.found).map(|more| format!("; {more}"));
        ("RETENTION".to_owned(), due + &more.unwrap_or_default())
    }

    fn contexts(&self) -> Vec<Context> {
        vec![Context::Retention, Context::List]
    }

    fn ask(&self, _cx: &Cx<'_>) -> Vec<Request> {
        vec![query(Query::Retention { limit: PAGE })]
    }

    fn hear(&mut self, heard: Heard, _cx: &Cx<'_>) -> Vec<Flow> {
        if let Heard::Answer(Answer::Retention(view)) = heard {
            self.view = Some(view);
            self.place.clamp(self.len());
        }
        Vec::new()
    }

    fn answered(&mut self, answered: Answered, _cx: &Cx<'_>) -> Vec<Flow> {
        match (answered, self.asking.take()) {
            (Answered::Form(form), Some(asking)) => boxes::answer(asking, &form),
            _ => Vec::new(),
        }
    }

    fn why_not(&self, action: Action, cx: &Cx<'_>) -> Option<String> {
        let no = |why: &str| Some(why.to_owned());
        let file = self.file();
        let proposal = file.and_then(|row| row.proposal.as_ref());
        match action {
            Action::ProposeDisposal => match file {
                None => no("no file is selected"),
                Some(row) if row.proposal.is_some() => no("it is proposed already: another person decides"),
                Some(row) => match &row.verdict {
                    Verdict::Due { .. } => None,
                    verdict => Some(verdict.words()),
                },
            },
            Action::ApproveDisposal | Action::SendBackDisposal if proposal.is_none() => {
                no("nothing is proposed here")
            }
            Action::ApproveDisposal if proposal.is_some_and(|one| one.by.name == cx.user()) => {
                no("you proposed it: another person unlocks and approves")
            }
            Action::SaveCertificate if self.destroyed().is_none() => {
                no("select something that was destroyed")
            }
            Action::Open => no("everything about it stands beside the list"),
            Action::Filter => no("Ctrl+F finds anything"),
            _ => None,
        }
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Vec<Flow> {
        match action {
            Action::Back | Action::CloseView => vec![Flow::Pop],
            Action::SaveCertificate => {
                let Some(id) = self.destroyed() else { return Vec::new() };
                self.asking = Some(Asking::Certificate(id));
                boxes::certificate()
            }
            Action::ProposeDisposal
            | Action::ApproveDisposal
            | Action::SendBackDisposal
            | Action::LegalHold
            | Action::RecordLeaving => {
                let (asking, flows) = boxes::ask(action, self.file());
                self.asking = asking;
                flows
            }
            action => {
                self.place.act(action, self.len(), cx.page());
                Vec::new()
            }
        }
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position {
        let area = below(area, 1);
        let (list, side) = if cx.two_panes() {
            let (list, side) = split_left(area, area.width * 3 / 5);
            (list, divider(buf, cx.look, side))
        } else {
            split_top(area, area.height.saturating_sub(detail::ROWS.min(area.height / 2)))
        };
        if let Some(selected) = self.selected() {
            put_all(buf, side, &detail::lines(selected, cx, side.width.saturating_sub(2)));
        }
        let empty = if self.view.is_some() {
            "No file is due, held or unclear. h places a hold, l records that somebody left."
        } else {
            "Asking the casebook."
        };
        let room = usize::from(list.width.saturating_sub(2));
        let rows = Rows { look: cx.look, place: self.place, focused: true, empty };
        rows.view(buf, list, &self.rows(cx, room))
    }
}

/// Asks for the certificate.
fn save(disposal: FactId, folder: &str) -> Vec<Flow> {
    let folder = PathBuf::from(folder.trim());
    let done = format!("The certificate is saved in {}.", folder.display());
    begin(Request::Certificate { disposal, folder }, "Writing the certificate.", done)
}
