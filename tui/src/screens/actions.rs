//! Actions: what somebody must do, by date, overdue first; mine or the team's.

use jiff::civil::Date;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::Line,
};

use super::{
    Answered, Cx, Doing, Face, Flow, Heard, Place as Where, case::CaseScreen, dialog::Dialog, paged::Paged,
    push, query,
};
use crate::{
    action::Action,
    casework::{
        case::ActionItem,
        command::Command,
        query::{ActionFilter, ActionKey, ActionRow, Answer, PAGE, Query, Window},
        typed_time,
    },
    flow::Request,
    keymap::Context,
    text,
    widgets::{
        form::{Field, Form},
        list::{Place, Rows},
        paint::{Columns, below},
    },
};

/// What is being asked about the selected action.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum About {
    Finish(ActionRow),
    Amend(ActionRow),
}

/// The board.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Actions {
    list: Paged<ActionRow>,
    place: Place,
    /// Everybody's, not only mine.
    team: bool,
    about: Option<About>,
}

impl Actions {
    fn query(&self, window: Window<ActionKey>, cx: &Cx<'_>) -> Request {
        let owner = (!self.team).then(|| cx.user().to_owned());
        let filter = ActionFilter { case: None, owner, include_finished: false };
        query(Query::Actions { filter, window, limit: PAGE })
    }
}

/// Rows of a list of actions; state and date first.
pub(super) fn rows(rows: &[ActionRow], cx: &Cx<'_>, room: usize, owner: bool) -> Vec<Vec<Line<'static>>> {
    let theme = cx.look.theme;
    let row = |row: &ActionRow| {
        let (word, style) = match &row.finished {
            Some(_) => ("DONE".to_owned(), theme.good),
            None if row.item.due < cx.today() => (text::due(row.item.due, cx.today()), theme.danger),
            None if row.item.due == cx.today() => (text::due(row.item.due, cx.today()), theme.warn),
            None => (text::due(row.item.due, cx.today()), theme.plain),
        };
        let line = Columns::new(cx.look, room).cell(&word, 11, style);
        let line = line.cell_if(owner, &row.item.owner, 14, theme.quiet);
        let what = match &row.finished {
            Some(outcome) => format!("{}: {outcome}", row.item.what),
            None => row.item.what.clone(),
        };
        vec![line.text(&row.child_name, theme.strong).rest(&what, theme.plain)]
    };
    rows.iter().map(row).collect()
}

/// The question that finishing an action asks.
pub(super) fn ask_finish(row: &ActionRow) -> Vec<Flow> {
    let form = Form::new(vec![
        Field::line("outcome", "Outcome").required().help("What came of it; it stands in the record"),
    ]);
    push(Dialog::new("Finish the action", &row.item.what, form))
}

/// The question that giving it to somebody else, or another date, asks.
pub(super) fn ask_amend(row: &ActionRow, action: Action) -> Vec<Flow> {
    let mut form = action_form(Some(&row.item));
    form.go(if action == Action::DueDate { "due" } else { "owner" });
    push(Dialog::new("Change the action", "", form))
}

/// What, who, until when.
pub(super) fn action_form(item: Option<&ActionItem>) -> Form {
    let with = |field: Field, text: Option<String>| text.map_or(field.clone(), |text| field.with(&text));
    Form::new(vec![
        with(Field::line("what", "What").required(), item.map(|item| item.what.clone())),
        with(Field::line("owner", "Owner").required(), item.map(|item| item.owner.clone())),
        with(
            Field::line("due", "Until").required().help("21/3, +5d, fri or tomorrow"),
            item.map(|item| item.due.strftime("%-d/%-m/%Y").to_string()),
        ),
    ])
}

/// A date to come, as people type it: `21/3`, `+5d`, `fri`.
pub(super) fn read_due(typed: &str, cx: &Cx<'_>) -> Result<Date, String> {
    typed_time::due(typed, cx.now.datetime()).map(|(date, _)| date).map_err(|error| error.to_string())
}

/// The command that an answered question makes.
pub(super) fn answer(about: About, form: &Form, cx: &Cx<'_>) -> Result<Doing, String> {
    match about {
        About::Finish(row) => Ok(Doing {
            command: Command::FinishAction { action: row.id, outcome: form.text("outcome").to_owned() },
            said: "Action finished.".to_owned(),
            undo: Some(Command::ReopenAction { action: row.id }),
        }),
        About::Amend(row) => {
            let now = item(form, row.item.case, cx)?;
            let undo = Some(Command::AmendAction { action: row.id, now: row.item });
            let said = format!("Action changed: {}, until {}.", now.owner, text::date(now.due));
            Ok(Doing { command: Command::AmendAction { action: row.id, now }, said, undo })
        }
    }
}

/// The action that a form describes.
pub(super) fn item(
    form: &Form,
    case: crate::casework::ids::CaseId,
    cx: &Cx<'_>,
) -> Result<ActionItem, String> {
    let due = read_due(form.text("due"), cx)?;
    Ok(ActionItem { case, what: form.text("what").to_owned(), owner: form.text("owner").to_owned(), due })
}

/// Reopens a finished action at once, asks for the outcome of an open one.
pub(super) fn finish(row: &ActionRow) -> (Option<About>, Vec<Flow>) {
    if row.finished.is_some() {
        let command = Command::ReopenAction { action: row.id };
        return (None, super::doing(command, "Action reopened.", None));
    }
    (Some(About::Finish(row.clone())), ask_finish(row))
}

impl Face for Actions {
    fn title(&self, cx: &Cx<'_>) -> (String, String) {
        let late = |row: &&ActionRow| row.finished.is_none() && row.item.due < cx.today();
        let (late, loaded) = (self.list.rows.iter().filter(late).count(), self.list.rows.len());
        // The oldest come first: behind a page of overdue ones there may be more, and above others too.
        let more = if late == loaded && (loaded as u64) < self.list.total { "more than " } else { "" };
        let late = if self.list.begins() { format!("{more}{late} overdue, ") } else { String::new() };
        let whose = if self.team { "the whole team's" } else { "mine" };
        (format!("ACTIONS   {whose}"), format!("{late}{} open", self.list.total))
    }

    fn contexts(&self) -> Vec<Context> {
        vec![Context::ActionBoard, Context::List]
    }

    fn place(&self) -> Option<Where> {
        Some(Where::Actions)
    }

    fn ask(&self, cx: &Cx<'_>) -> Vec<Request> {
        vec![self.query(self.list.window(), cx)]
    }

    fn hear(&mut self, heard: Heard, cx: &Cx<'_>) -> Vec<Flow> {
        let Heard::Answer(Answer::Actions(page)) = heard else { return Vec::new() };
        let more = self.list.heard(page, &mut self.place);
        more.map(|window| Flow::Ask(self.query(window, cx))).into_iter().collect()
    }

    fn answered(&mut self, answered: Answered, cx: &Cx<'_>) -> Vec<Flow> {
        match (answered, self.about.take()) {
            (Answered::Form(form), Some(about)) => match answer(about, &form, cx) {
                Ok(doing) => vec![Flow::Do(Box::new(doing))],
                Err(why) => vec![Flow::Say(format!("Not done: {why}"))],
            },
            _ => Vec::new(),
        }
    }

    fn why_not(&self, action: Action, _cx: &Cx<'_>) -> Option<String> {
        match action {
            Action::Open | Action::FinishAction | Action::Reassign | Action::DueDate
                if self.place.of(&self.list.rows).is_none() =>
            {
                Some("no action is selected".to_owned())
            }
            Action::Filter => {
                Some("m switches between mine and the team's; Ctrl+F finds anything".to_owned())
            }
            _ => None,
        }
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Vec<Flow> {
        let row = self.place.of(&self.list.rows).cloned();
        match (action, row) {
            (Action::Open, Some(row)) => push(CaseScreen::actions(row.item.case)),
            (Action::FinishAction, Some(row)) => {
                let (about, flows) = finish(&row);
                self.about = about;
                flows
            }
            (Action::Reassign | Action::DueDate, Some(row)) => {
                self.about = Some(About::Amend(row.clone()));
                ask_amend(&row, action)
            }
            (Action::MineOnly, _) => {
                self.team = !self.team;
                (self.list, self.place) = (Paged::default(), Place::default());
                self.ask(cx).into_iter().map(Flow::Ask).collect()
            }
            (Action::Back | Action::CloseView, _) => vec![Flow::Pop],
            (action, _) => {
                let more = self.list.go(action, &mut self.place, cx.page());
                more.map(|window| Flow::Ask(self.query(window, cx))).into_iter().collect()
            }
        }
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position {
        let empty = match (self.list.known, self.team) {
            (false, _) => "Asking the casebook.",
            (true, false) => "You have no open action. m shows the whole team's.",
            (true, true) => "No action is open. Actions are added in a case.",
        };
        let room = usize::from(area.width.saturating_sub(2));
        let list = Rows { look: cx.look, place: self.place, focused: true, empty };
        list.view(buf, below(area, 1), &rows(&self.list.rows, cx, room, true))
    }
}
