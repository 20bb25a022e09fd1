//! Exchange: what arrived, what was sent, whom we can write to.

mod bundle;
mod contacts;
mod filing;
mod inbox;
mod logs;
mod taken_back;

use kith_protocol::{ids::BundleId, receipt::ReceiptKind};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::{Line, Span},
};

use super::{
    Answered, Cx, Face, Flow, Heard, Place as Where, begin,
    case::{CaseScreen, share_lines, why_not_withdraw, withdraw_box, withdrawing},
    compare,
    dialog::Dialog,
    doing,
    paged::Paged,
    push, query,
};
use crate::{
    action::Action,
    casework::{
        command::Command,
        ids::{ReceivedId, ShareId},
        query::{Answer, LogsView, PAGE, Query, ReceivedRow, ReceivedView, SetAside, ShareRow, Window},
    },
    flow::{ExchangeState, MemberRow, Request},
    keymap::Context,
    text,
    widgets::{
        form::{Field, Form},
        list::{Place, Rows},
        paint::{below, put, split_top},
    },
};

/// The tabs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Tab {
    #[default]
    Inbox,
    Sent,
    Contacts,
}

/// What the open box is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asking {
    File(ReceivedId),
    Answer(ReceivedId, ReceiptKind),
    React(ReceivedId),
    Withdraw(ShareId),
    Dismiss(BundleId),
    Compare(usize),
}

/// What was answered, and where one is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Exchange {
    tab: Tab,
    /// What cannot be taken in; it stands above what was.
    aside: Vec<SetAside>,
    logs: LogsView,
    inbox: Paged<ReceivedRow>,
    unanswered: usize,
    view: Option<Box<ReceivedView>>,
    shares: Paged<ShareRow>,
    members: Vec<MemberRow>,
    places: [Place; 3],
    reading: bool,
    /// The bundle that was opened here by the person at the keyboard.
    opened: Option<ReceivedId>,
    scroll: Place,
    /// The pane that has the keys has the screen.
    alone: bool,
    /// Every check of the bundle is shown, not one line for all.
    checks: bool,
    asking: Option<Asking>,
    /// A bundle is being filed.
    filing: bool,
    known: bool,
}

/// Said until the round is over.
pub const TALKING: &str = "Talking to the node.";
const SIGNING: &str = "Signing the answer.";

impl Exchange {
    fn place(&self) -> Place {
        self.places.get(self.tab as usize).copied().unwrap_or_default()
    }

    /// How many bundles wait for an answer, as the beginning of the list tells or told.
    fn unanswered(&self) -> usize {
        let waits = |row: &&ReceivedRow| !is_final(row.answered) || row.owes_answer();
        if self.inbox.begins() { self.inbox.rows.iter().filter(waits).count() } else { self.unanswered }
    }

    fn row(&self) -> Option<&ReceivedRow> {
        let at = self.place().0.checked_sub(self.aside.len()).filter(|_| self.tab == Tab::Inbox)?;
        self.inbox.rows.get(at)
    }

    /// The bundle that is selected in the inbox, whichever tab is shown.
    fn of_inbox(&self) -> Option<&ReceivedRow> {
        let [place, ..] = self.places;
        self.inbox.rows.get(place.0.checked_sub(self.aside.len())?)
    }

    /// What comes in takes nobody off the bundle they are on. If that is gone, nobody is taken into another one.
    fn stay_on(&mut self, before: Option<ReceivedId>) {
        let at = self.inbox.rows.iter().position(|row| Some(row.id) == before);
        let [place, ..] = &mut self.places;
        match at {
            Some(at) => place.0 = self.aside.len() + at,
            None => place.clamp(self.aside.len() + self.inbox.rows.len()),
        }
        if before.is_some() && at.is_none() {
            self.reading = false;
        }
    }

    /// Nobody has opened the bundle that is shown: its words are not for the eyes of whoever passes its row.
    fn is_closed(&self, view: &ReceivedView) -> bool {
        inbox::is_closed(view) && self.opened != Some(view.id)
    }

    /// The selected bundle, if it is one that cannot be taken in.
    fn set_aside(&self) -> Option<&SetAside> {
        self.place().of(&self.aside).filter(|_| self.tab == Tab::Inbox)
    }

    /// The selected bundle, once it has been read from the casebook.
    fn shown(&self) -> Option<&ReceivedView> {
        self.view.as_deref().filter(|view| Some(view.id) == self.row().map(|row| row.id))
    }

    fn share(&self) -> Option<&ShareRow> {
        self.place().of(&self.shares.rows).filter(|_| self.tab == Tab::Sent)
    }

    fn read(&self) -> Vec<Flow> {
        let row = self.row();
        row.map(|row| Flow::Ask(query(Query::Received { received: row.id }))).into_iter().collect()
    }

    /// Opens the selected bundle to read, or goes back to the list. Its sender is told the first time.
    fn open(&mut self) -> Vec<Flow> {
        self.reading = !self.reading;
        self.scroll = Place::default();
        if !self.reading || self.shown().is_some_and(|view| !inbox::is_closed(view)) {
            return Vec::new();
        }
        self.opened = self.row().map(|row| row.id);
        self.opened.map(|received| Flow::Ask(Request::Open { received })).into_iter().collect()
    }

    /// Moves in the list of the tab, and asks for more of it where the selected row is near the edge of what is there.
    fn go(&mut self, action: Action, page: usize) -> Vec<Flow> {
        let (aside, len) = (self.aside.len(), self.len());
        let [inbox, sent, contacts] = &mut self.places;
        let asked = match self.tab {
            Tab::Inbox => {
                let mut at = Place(inbox.0.saturating_sub(aside));
                let window = self.inbox.go(action, &mut at, page);
                if !self.inbox.moves() {
                    inbox.act(action, len, page);
                }
                window.map(ask_inbox)
            }
            Tab::Sent => self.shares.go(action, sent, page).map(ask_shares),
            Tab::Contacts => {
                contacts.act(action, len, page);
                None
            }
        };
        asked.map(Flow::Ask).into_iter().collect()
    }

    fn len(&self) -> usize {
        match self.tab {
            Tab::Inbox => self.aside.len() + self.inbox.rows.len(),
            Tab::Sent => self.shares.rows.len(),
            Tab::Contacts => self.members.len(),
        }
    }

    fn turn(&mut self, forward: bool) {
        self.reading = false;
        self.tab = match (self.tab, forward) {
            (Tab::Inbox, true) | (Tab::Contacts, false) => Tab::Sent,
            (Tab::Sent, true) | (Tab::Inbox, false) => Tab::Contacts,
            (Tab::Contacts, true) | (Tab::Sent, false) => Tab::Inbox,
        };
    }

    fn tabs(&self, cx: &Cx<'_>) -> Line<'static> {
        let unanswered = self.unanswered() + self.aside.len();
        let names = [
            (Tab::Inbox, format!("Inbox {unanswered}")),
            (Tab::Sent, "Sent".to_owned()),
            (Tab::Contacts, "Contacts".to_owned()),
        ];
        let mut line = Line::from(" ");
        for (tab, name) in names {
            let here = tab == self.tab;
            let text = if here { format!("[{name}]") } else { format!(" {name} ") };
            line.push_span(Span::styled(text, if here { cx.look.theme.accent } else { cx.look.theme.plain }));
        }
        line
    }

    /// What becomes of an answer to the bundle one is on.
    fn way_back(&self) -> String {
        match self.shown() {
            Some(view) if view.received.receipts.is_empty() => {
                "it stays here: the bundle came by hand, so tell them.".to_owned()
            }
            Some(view) => format!("it goes to {} with the next exchange.", view.received.from_name),
            None => "it goes with the next exchange.".to_owned(),
        }
    }

    fn ask_file(&mut self, cx: &Cx<'_>) -> Vec<Flow> {
        let Some(view) = self.shown() else { return Vec::new() };
        let flows = push(Dialog::new(
            "File the bundle",
            "Its records become entries of the case.",
            filing::form(view, cx),
        ));
        self.asking = Some(Asking::File(view.id));
        flows
    }

    fn ask_dismiss(&mut self) -> Vec<Flow> {
        let Some(row) = self.set_aside() else { return Vec::new() };
        let form = Form::new(vec![
            Field::line("note", "Why").required().help("What was done: rang them, sent again. Name no child"),
        ]);
        self.asking = Some(Asking::Dismiss(row.bundle));
        push(Dialog::new(
            "Dismiss it",
            "It leaves the inbox; the reason stands in the record. Its sender is not told: ring them first.",
            form,
        ))
    }

    fn ask_answer(&mut self, kind: ReceiptKind) -> Vec<Flow> {
        let Some(view) = self.shown() else { return Vec::new() };
        let (title, intro, help) = if kind == ReceiptKind::Receipted {
            ("Sign for it", "You sign, by name: received and understood.", "What you will do, and by when")
        } else {
            (
                "Not for us",
                "They learn that you did not take it on. Say why, so that they can act. Two people can then destroy it: g r.",
                "Why, and who might be the right one",
            )
        };
        let form = Form::new(vec![Field::line("note", "Note").required().help(help)]);
        let asking = Asking::Answer(view.id, kind);
        self.asking = Some(asking);
        push(Dialog::new(title, intro, form))
    }
}

fn ask_inbox(window: Window<ReceivedId>) -> Request {
    query(Query::Inbox { window, limit: PAGE })
}

fn ask_shares(window: Window<ShareId>) -> Request {
    query(Query::Shares { case: None, window, limit: PAGE })
}

impl Face for Exchange {
    fn title(&self, cx: &Cx<'_>) -> (String, String) {
        let state = match cx.exchange {
            ExchangeState::Off => "no exchange is set up",
            ExchangeState::Online => "ONLINE",
            ExchangeState::Waiting { .. } => "what is queued goes by itself",
        };
        ("EXCHANGE".to_owned(), state.to_owned())
    }

    fn contexts(&self) -> Vec<Context> {
        let own = match self.tab {
            Tab::Inbox => Context::Inbox,
            Tab::Sent => Context::Sent,
            Tab::Contacts => Context::Contacts,
        };
        vec![own, if self.reading { Context::Reading } else { Context::List }]
    }

    fn place(&self) -> Option<Where> {
        Some(Where::Exchange)
    }

    fn ask(&self, _cx: &Cx<'_>) -> Vec<Request> {
        vec![
            query(Query::SetAside),
            ask_inbox(self.inbox.window()),
            ask_shares(self.shares.window()),
            query(Query::Logs),
            Request::Members,
        ]
    }

    fn hear(&mut self, heard: Heard, _cx: &Cx<'_>) -> Vec<Flow> {
        match heard {
            Heard::Answer(Answer::SetAside(rows)) => {
                let (on_one, before) = (self.row().is_some() && self.known, self.aside.len());
                self.aside = rows;
                if let Some(place) = self.places.first_mut().filter(|_| on_one) {
                    place.0 = (place.0 + self.aside.len()).saturating_sub(before);
                }
            }
            Heard::Answer(Answer::Inbox(page)) => {
                let before = self.of_inbox().map(|row| row.id);
                let [place, ..] = &mut self.places;
                let (aside, mut at) = (self.aside.len(), Place(place.0.saturating_sub(self.aside.len())));
                let moves = self.inbox.moves();
                if let Some(window) = self.inbox.heard(page, &mut at) {
                    return vec![Flow::Ask(ask_inbox(window))];
                }
                self.known = true;
                if moves && !self.inbox.moves() {
                    // The other end of the list has come; above its beginning stands what cannot be taken in.
                    place.0 = if at.0 == 0 { 0 } else { aside + at.0 };
                    return self.read();
                }
                self.unanswered = self.unanswered();
                self.stay_on(before);
                return self.read();
            }
            Heard::Answer(Answer::Shares(page)) => {
                let [_, place, _] = &mut self.places;
                let more = self.shares.heard(page, place);
                return more.map(|window| Flow::Ask(ask_shares(window))).into_iter().collect();
            }
            Heard::Answer(Answer::Logs(logs)) => self.logs = *logs,
            Heard::Answer(Answer::Received(view)) => {
                // Opening it changed how it stands in the list.
                if let Some(row) = self.inbox.rows.iter_mut().find(|row| row.id == view.id) {
                    row.answered = view.answers.last().map(|(kind, ..)| *kind).or(row.answered);
                }
                self.view = Some(view);
            }
            Heard::Members(rows) => self.members = rows,
            Heard::Done(made) if self.filing => {
                self.filing = false;
                let case = made.first().map(|case| format!(" in case {case}")).unwrap_or_default();
                return vec![Flow::Say(format!("Filed{case}."))];
            }
            Heard::Not(_) => self.filing = false,
            _ => {}
        }
        Vec::new()
    }

    fn answered(&mut self, answer: Answered, cx: &Cx<'_>) -> Vec<Flow> {
        let (Answered::Form(form), Some(asking)) = (answer, self.asking.take()) else { return Vec::new() };
        let note = form.text("note").to_owned();
        match asking {
            Asking::File(received) => {
                match filing::read(&form, self.view.as_deref().filter(|view| view.id == received)) {
                    Ok(into) => {
                        self.filing = true;
                        begin(Request::File { received, into }, "Filing.", String::new())
                    }
                    Err(why) => vec![Flow::Say(format!("Not done: {why}"))],
                }
            }
            Asking::Answer(received, kind) => {
                let done = format!("{}, signed as {}; {}", text::receipt(kind), cx.user(), self.way_back());
                begin(Request::AnswerBundle { received, kind, note }, SIGNING, done)
            }
            Asking::React(received) => match taken_back::read(&form) {
                Ok(reaction) => {
                    let done = format!("Answered, signed as {}; {}", cx.user(), self.way_back());
                    begin(Request::React { received, reaction }, SIGNING, done)
                }
                Err(why) => vec![Flow::Say(format!("Not done: {why}"))],
            },
            Asking::Dismiss(bundle) => doing(
                Command::DismissBundle { bundle, why: note },
                "Dismissed; the sealed file is kept.",
                Some(Command::BringBackBundle { bundle }),
            ),
            Asking::Compare(at) => {
                self.members.get(at).map(|member| compare::answered(member, &form)).unwrap_or_default()
            }
            Asking::Withdraw(share) => match withdrawing(share, &form) {
                Ok(flow) => vec![flow],
                Err(why) => vec![Flow::Say(format!("Not done: {why}"))],
            },
        }
    }

    fn why_not(&self, action: Action, cx: &Cx<'_>) -> Option<String> {
        let no = |why: &str| Some(why.to_owned());
        match action {
            Action::FileBundle | Action::Receipt | Action::Decline if self.set_aside().is_some() => {
                no("it could not be opened, so nothing can be filed or answered: ring the sender")
            }
            Action::FileBundle
            | Action::Receipt
            | Action::Decline
            | Action::AnswerWithdrawal
            | Action::Inspect
                if self.shown().is_none() =>
            {
                no("no bundle is selected")
            }
            Action::FileBundle
            | Action::Receipt
            | Action::Decline
            | Action::AnswerWithdrawal
            | Action::Inspect
            | Action::Open
                if self.row().is_some_and(|row| row.gone) =>
            {
                no("it was deleted: nothing of it is here")
            }
            Action::DismissBundle if self.set_aside().is_none() => {
                no("only what could not be opened is dismissed; this one is answered")
            }
            Action::AnswerWithdrawal => self.shown().and_then(taken_back::why_not),
            Action::FileBundle | Action::Receipt if self.shown().is_some_and(inbox::is_closed) => {
                no("Enter opens it first: what is signed for was read")
            }
            Action::NextPane | Action::PrevPane if self.shown().is_some_and(inbox::is_closed) => {
                no("Enter opens it; its sender is told that you did")
            }
            Action::FileBundle
                if self.row().is_some_and(|row| row.answered == Some(ReceiptKind::Declined)) =>
            {
                no("it was declined: nothing of it is taken on")
            }
            Action::FileBundle if self.shown().is_some_and(|view| view.case.is_some()) => {
                no("it is filed already")
            }
            Action::Receipt | Action::Decline if self.row().is_some_and(|row| is_final(row.answered)) => {
                no("it was answered already")
            }
            Action::Open if self.tab == Tab::Contacts => {
                no("there is nothing more to open here; v verifies their keys")
            }
            Action::CompareWords if self.members.is_empty() => no("the directory names nobody else yet"),
            Action::Open if self.len() == 0 => no("nothing is selected"),
            Action::Withdraw => match self.share() {
                None => no("no share is selected"),
                Some(share) => why_not_withdraw(share),
            },
            Action::ExchangeNow if *cx.exchange == ExchangeState::Off => no("no exchange is set up"),
            Action::Filter => no("Ctrl+F finds anything"),
            _ => None,
        }
    }

    fn inside(&self) -> bool {
        self.reading
    }

    fn has_tabs(&self) -> bool {
        true
    }

    fn has_panes(&self) -> bool {
        self.tab == Tab::Inbox
    }

    fn zooms(&self, cx: &Cx<'_>) -> bool {
        self.tab == Tab::Inbox && !cx.one_pane()
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Vec<Flow> {
        match action {
            Action::NextTab => self.turn(true),
            Action::PrevTab => self.turn(false),
            Action::Back | Action::CloseView if self.reading => self.reading = false,
            Action::Back | Action::CloseView => return vec![Flow::Pop],
            Action::NextPane | Action::PrevPane if self.tab == Tab::Inbox => self.reading = !self.reading,
            Action::Open => match self.tab {
                Tab::Inbox => return self.open(),
                Tab::Sent => {
                    return self
                        .share()
                        .map(|row| push(CaseScreen::shares(row.share.case)))
                        .unwrap_or_default();
                }
                Tab::Contacts => {}
            },
            Action::Zoom => self.alone = !self.alone,
            Action::Inspect => self.checks = !self.checks,
            Action::FileBundle => return self.ask_file(cx),
            Action::Receipt => return self.ask_answer(ReceiptKind::Receipted),
            Action::Decline => return self.ask_answer(ReceiptKind::Declined),
            Action::AnswerWithdrawal => {
                let Some(view) = self.shown() else { return Vec::new() };
                let flows = taken_back::ask(view);
                self.asking = Some(Asking::React(view.id));
                return flows;
            }
            Action::DismissBundle => return self.ask_dismiss(),
            Action::Withdraw => {
                let Some(share) = self.share() else { return Vec::new() };
                let flows = withdraw_box(share);
                self.asking = Some(Asking::Withdraw(share.id));
                return flows;
            }
            Action::CompareWords => return self.ask_compare(),
            Action::ExchangeNow => {
                return vec![Flow::Ask(Request::Exchange), Flow::Say(TALKING.to_owned())];
            }
            action if self.reading => drop(self.scroll.scroll(action, cx.look.shown.get())),
            action => {
                let before = self.place();
                let more = self.go(action, cx.page());
                if before != self.place() {
                    self.scroll = Place::default();
                    return self.read().into_iter().chain(more).collect();
                }
                return more;
            }
        }
        Vec::new()
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position {
        let (top, _) = split_top(area, 1);
        put(buf, top, 0, &self.tabs(cx));
        let area = logs::view(&self.logs, self.tab, cx, below(area, 1), buf);
        match self.tab {
            Tab::Inbox => inbox::view(self, cx, area, buf),
            Tab::Contacts => contacts::view(self, cx, area, buf),
            Tab::Sent => {
                let room = usize::from(area.width.saturating_sub(2));
                let rows: Vec<_> = self.shares.rows.iter().map(|row| share_lines(row, cx, room)).collect();
                let empty = "Nothing was sent yet. A share begins in a case with S.";
                Rows { look: cx.look, place: self.place(), focused: true, empty }.view(buf, area, &rows)
            }
        }
    }
}

/// Was it taken on or declined? Then it asks for nothing more.
const fn is_final(answered: Option<ReceiptKind>) -> bool {
    matches!(
        answered,
        Some(ReceiptKind::Receipted | ReceiptKind::Declined | ReceiptKind::Kept | ReceiptKind::Deleted)
    )
}

/// How long ago, for a list of what arrived.
fn arrived(row: &ReceivedRow, cx: &Cx<'_>) -> String {
    text::short_moment(row.received, cx.now)
}
