//! One case: summary, chronology, actions, people, shares.

mod chronology;
mod dialogs;
mod people;
mod shares;
mod summary;

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::{Line, Span},
};

use self::{chronology::Chronology, dialogs::Asking};
pub(super) use self::{
    dialogs::{withdraw_box, withdrawing},
    shares::{lines as share_lines, why_not_withdraw},
};
use super::{
    Answered, Cx, Face, Flow, Heard, actions, concerns::ask_category, entry_form::EntryForm, paged::Paged,
    push, query, share::Share, versions::Versions,
};
use crate::{
    action::Action,
    casework::{
        category,
        ids::{CaseId, ShareId},
        query::{
            ActionFilter, ActionKey, ActionRow, Answer, CaseView, ConsentRow, Network, PAGE, Query, ShareRow,
            Window,
        },
    },
    flow::Request,
    keymap::Context,
    text,
    widgets::{
        form::Choice,
        list::{Place, Rows},
        paint::{below, put, split_top},
    },
};

/// The tabs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tab {
    Summary,
    Chronology,
    Actions,
    People,
    Shares,
}

const TABS: [Tab; 5] = [Tab::Summary, Tab::Chronology, Tab::Actions, Tab::People, Tab::Shares];

/// The case and what was answered about it.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseScreen {
    id: CaseId,
    tab: Tab,
    case: Option<Box<CaseView>>,
    chronology: Chronology,
    actions: Paged<ActionRow>,
    network: Network,
    consents: Vec<ConsentRow>,
    shares: Paged<ShareRow>,
    /// The place in each tab but the chronology.
    places: [Place; 5],
    asking: Option<Asking>,
    /// A tie to record once the person it is for has been added.
    tie: Option<dialogs::Tie>,
}

impl CaseScreen {
    /// A case at its chronology.
    #[must_use]
    pub fn new(id: CaseId) -> Self {
        Self {
            id,
            tab: Tab::Chronology,
            case: None,
            chronology: Chronology::new(id),
            actions: Paged::default(),
            network: Network::default(),
            consents: Vec::new(),
            shares: Paged::default(),
            places: [Place::default(); 5],
            asking: None,
            tie: None,
        }
    }

    /// A case at its actions.
    #[must_use]
    pub fn actions(id: CaseId) -> Self {
        Self { tab: Tab::Actions, ..Self::new(id) }
    }

    /// A case at its shares.
    #[must_use]
    pub fn shares(id: CaseId) -> Self {
        Self { tab: Tab::Shares, ..Self::new(id) }
    }

    fn place(&self) -> Place {
        self.places.get(self.tab as usize).copied().unwrap_or_default()
    }

    fn action(&self) -> Option<&ActionRow> {
        self.place().of(&self.actions.rows).filter(|_| self.tab == Tab::Actions)
    }

    fn share(&self) -> Option<&ShareRow> {
        self.place().of(&self.shares.rows).filter(|_| self.tab == Tab::Shares)
    }

    fn consent(&self) -> Option<&ConsentRow> {
        let at = self.place().0.checked_sub(self.shares.rows.len())?;
        self.consents.get(at).filter(|_| self.tab == Tab::Shares)
    }

    fn ask_actions(&self, window: Window<ActionKey>) -> Request {
        let filter = ActionFilter { case: Some(self.id), owner: None, include_finished: true };
        query(Query::Actions { filter, window, limit: PAGE })
    }

    fn ask_shares(&self, window: Window<ShareId>) -> Request {
        query(Query::Shares { case: Some(self.id), window, limit: PAGE })
    }

    /// The next page of shares, where the selected row is near the end of those that are there.
    fn more(&mut self) -> Vec<Flow> {
        let at = self.place().0;
        let window = if self.tab == Tab::Shares { self.shares.next(at) } else { None };
        window.map(|window| Flow::Ask(self.ask_shares(window))).into_iter().collect()
    }

    fn closed(&self) -> bool {
        self.case.as_ref().is_some_and(|case| case.closed.is_some())
    }

    fn len(&self) -> usize {
        match self.tab {
            Tab::Actions => self.actions.rows.len(),
            Tab::People => people::len(&self.network),
            Tab::Shares => self.shares.rows.len() + self.consents.len(),
            Tab::Summary | Tab::Chronology => 400,
        }
    }

    fn turn(&mut self, forward: bool) {
        let by = if forward { 1 } else { TABS.len() - 1 };
        self.tab = TABS.get((self.tab as usize + by) % TABS.len()).copied().unwrap_or(Tab::Summary);
    }

    fn tabs(&self, cx: &Cx<'_>) -> Line<'static> {
        let counts =
            self.case.as_ref().map_or([0; 5], |case| [0, case.events, case.actions_open, 0, case.shares]);
        let names = ["Summary", "Chronology", "Actions", "People", "Shares"];
        let mut line = Line::from(" ");
        for ((tab, name), count) in TABS.iter().zip(names).zip(counts) {
            let name = if count > 0 { format!("{name} {count}") } else { name.to_owned() };
            let here = *tab == self.tab;
            let text = if here { format!("[{name}]") } else { format!(" {name} ") };
            line.push_span(Span::styled(text, if here { cx.look.theme.accent } else { cx.look.theme.plain }));
        }
        line
    }

    fn view_actions(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position {
        let room = usize::from(area.width.saturating_sub(2));
        let mut rows = actions::rows(&self.actions.rows, cx, room, true);
        rows.iter_mut()
            .zip(&self.actions.rows)
            .for_each(|(row, action)| strip_child(row, &action.child_name));
        let empty = "No action yet. a adds one with an owner and a date.";
        Rows { look: cx.look, place: self.place(), focused: true, empty }.view(buf, area, &rows)
    }

    fn on_entry(&mut self, action: Action, cx: &Cx<'_>) -> Option<Vec<Flow>> {
        if self.tab != Tab::Chronology {
            return None;
        }
        let shown = self.chronology.shown();
        Some(match action {
            Action::AddEntry => {
                let case = self.case.as_ref()?;
                push(EntryForm::entry(self.id, Choice::new(case.case.child, &case.child.name(), ""), cx))
            }
            Action::Amend => push(EntryForm::amend(shown?)),
            Action::Versions => push(Versions::new(shown?.clone())),
            Action::SetSignificance => {
                let row = self.chronology.row()?;
                self.asking = Some(Asking::Significance(row.id, row.significance));
                dialogs::significance(row)
            }
            Action::Filter => {
                self.asking = Some(Asking::Category);
                ask_category(self.chronology.category())
            }
            action => return self.chronology.act(action, cx),
        })
    }
}

/// In the case of one child its name need not stand in every row.
fn strip_child(row: &mut [Line<'static>], name: &str) {
    for line in row {
        line.spans.retain(|span| span.content != name);
    }
}

impl Face for CaseScreen {
    fn title(&self, cx: &Cx<'_>) -> (String, String) {
        let Some(case) = &self.case else { return (format!("CASE {}", self.id), String::new()) };
        let year = text::person_kind(&case.child.kind);
        let level = text::level(case.case.level).to_uppercase();
        let state = if case.closed.is_some() { "CLOSED  " } else { "" };
        let protected = if case.protected_address { "PROTECTED ADDRESS  " } else { "" };
        let lead = if !cx.two_panes() { String::new() } else { format!("  lead {}", case.case.lead) };
        let same = self.network.others().map(|(id, person, _)| format!("{id} {}", person.name()));
        let same = same.collect::<Vec<_>>().join(", ");
        let same = if same.is_empty() { String::new() } else { format!(" (same person as {same})") };
        let left = format!("CASE {}   {}, {year}{same}   {}", self.id, case.child.name(), case.case.title);
        (left, format!("{state}{protected}{level}{lead}"))
    }

    fn contexts(&self) -> Vec<Context> {
        match self.tab {
            Tab::Summary => vec![Context::Case, Context::Reading],
            Tab::Chronology => vec![Context::Chronology, Context::Case, Context::List],
            Tab::Actions => vec![Context::CaseActions, Context::Case, Context::List],
            Tab::People => vec![Context::People, Context::Case, Context::List],
            Tab::Shares => vec![Context::Shares, Context::Case, Context::List],
        }
    }

    fn ask(&self, _cx: &Cx<'_>) -> Vec<Request> {
        let case = self.id;
        let mut asked = vec![query(Query::Case { case })];
        asked.extend(self.chronology.ask());
        asked.push(self.ask_actions(self.actions.window()));
        asked.push(query(Query::Consents { case }));
        asked.push(self.ask_shares(self.shares.window()));
        asked
    }

    fn hear(&mut self, heard: Heard, _cx: &Cx<'_>) -> Vec<Flow> {
        let answer = match heard {
            Heard::Answer(answer) => answer,
            Heard::Done(facts) => return dialogs::tie_now(self.tie.take(), facts.first()),
            Heard::Not(_) => {
                self.tie = None;
                return Vec::new();
            }
            _ => return Vec::new(),
        };
        match answer {
            Answer::Case(case) => {
                let person = case.case.child;
                self.case = Some(case);
                return vec![Flow::Ask(query(Query::Network { person }))];
            }
            Answer::Actions(page) => {
                let [_, _, place, ..] = &mut self.places;
                let more = self.actions.heard(page, place);
                return more.map(|window| Flow::Ask(self.ask_actions(window))).into_iter().collect();
            }
            Answer::Network(network) => self.network = *network,
            Answer::Consents(rows) => self.consents = rows,
            Answer::Shares(page) => {
                // The place may be on a record below them.
                let more = self.shares.heard(page, &mut Place::default());
                return more.map(|window| Flow::Ask(self.ask_shares(window))).into_iter().collect();
            }
            answer => return self.chronology.hear(answer),
        }
        let len = self.len();
        self.places.iter_mut().skip(self.tab as usize).take(1).for_each(|place| place.clamp(len));
        Vec::new()
    }

    fn answered(&mut self, answer: Answered, cx: &Cx<'_>) -> Vec<Flow> {
        let (Answered::Form(form), Some(asking)) = (answer, self.asking.take()) else { return Vec::new() };
        if asking == Asking::Category {
            return self.chronology.choose(form.key_of("category").and_then(category::typed));
        }
        match dialogs::answer(self, asking, &form, cx) {
            Ok(flows) => flows,
            Err(why) => vec![Flow::Say(format!("Not done: {why}"))],
        }
    }

    fn why_not(&self, action: Action, _cx: &Cx<'_>) -> Option<String> {
        let no = |why: &str| Some(why.to_owned());
        match action {
            Action::AddEntry | Action::AddAction | Action::Share | Action::AmendCase if self.closed() => {
                no("the case is closed; x reopens it")
            }
            Action::Amend
            | Action::SetSignificance
            | Action::Versions
            | Action::MoreDetail
            | Action::LessDetail
                if self.tab == Tab::Chronology =>
            {
                self.chronology.why_not(action)
            }
            Action::FinishAction | Action::Reassign | Action::DueDate if self.action().is_none() => {
                no("no action is selected")
            }
            Action::Withdraw => match (self.share(), self.consent()) {
                (Some(share), _) => why_not_withdraw(share),
                (None, Some(consent)) => shares::why_not_withdraw_consent(consent),
                (None, None) => no("no share is selected"),
            },
            Action::ConsentEvent => shares::why_not_consent_event(self.consent()),
            Action::Open if self.tab != Tab::Chronology => no("there is nothing more to open here"),
            Action::Filter if self.tab != Tab::Chronology => no("Ctrl+F finds words in all entries"),
            Action::Share | Action::AmendCase | Action::CloseCase if self.case.is_none() => {
                no("the case is being read")
            }
            Action::AmendPerson | Action::SamePerson if self.person().is_none() => no("nobody is selected"),
            Action::AddPerson | Action::AddRelation | Action::AddAddress if self.case.is_none() => {
                no("the case is being read")
            }
            _ => None,
        }
    }

    fn has_tabs(&self) -> bool {
        true
    }

    fn has_panes(&self) -> bool {
        self.tab == Tab::Chronology
    }

    fn zooms(&self, cx: &Cx<'_>) -> bool {
        self.tab == Tab::Chronology && !cx.one_pane()
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Vec<Flow> {
        if let Some(flows) = self.on_entry(action, cx) {
            return flows;
        }
        match action {
            Action::Back | Action::CloseView => return vec![Flow::Pop],
            Action::NextTab => self.turn(true),
            Action::PrevTab => self.turn(false),
            Action::Share => {
                return self.case.as_ref().map(|case| push(Share::new(case))).unwrap_or_default();
            }
            Action::FinishAction => {
                let Some(row) = self.action().cloned() else { return Vec::new() };
                let (about, flows) = actions::finish(&row);
                self.asking = about.map(Asking::Action);
                return flows;
            }
            Action::Reassign | Action::DueDate => {
                let Some(row) = self.action().cloned() else { return Vec::new() };
                self.asking = Some(Asking::Action(actions::About::Amend(row.clone())));
                return actions::ask_amend(&row, action);
            }
            action if dialogs::asks(action) => {
                let (asking, flows) = dialogs::ask(self, action, cx);
                self.asking = asking;
                return flows;
            }
            action if self.tab == Tab::Actions => {
                let [_, _, place, ..] = &mut self.places;
                let more = self.actions.go(action, place, cx.page());
                return more.map(|window| Flow::Ask(self.ask_actions(window))).into_iter().collect();
            }
            action => {
                let len = self.len();
                if let Some(place) = self.places.get_mut(self.tab as usize) {
                    place.act(action, len, cx.page());
                }
                return self.more();
            }
        }
        Vec::new()
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position {
        let (top, _) = split_top(area, 1);
        put(buf, top, 0, &self.tabs(cx));
        let body = below(area, 2);
        match self.tab {
            Tab::Summary => summary::view(self, cx, body, buf),
            Tab::Chronology => self.chronology.view(cx, below(area, 1), buf),
            Tab::Actions => self.view_actions(cx, body, buf),
            Tab::People => people::view(self, cx, body, buf),
            Tab::Shares => shares::view(self, cx, body, buf),
        }
    }
}
