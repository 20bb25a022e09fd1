//! Screens: they ask and draw, and do nothing themselves.

pub mod actions;
pub mod case;
pub mod cases;
pub mod check;
mod compare;
pub mod concerns;
pub mod cover;
pub mod dialog;
pub mod entry_form;
pub mod entry_text;
pub mod exchange;
pub mod find;
pub mod help;
mod lookup;
pub mod messages;
mod paged;
pub mod palette;
pub mod retention;
pub mod share;
pub mod to_check;
pub mod today;
pub mod triage;
pub mod unlock;
pub mod versions;

use crossterm::event::KeyEvent;
use jiff::Zoned;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};
use zeroize::Zeroizing;

use crate::{
    action::Action,
    casework::{
        command::Command,
        entry::Attachment,
        ids::{EntryId, FactId, ShareId},
        query::{Answer, Draft},
    },
    flow::{ExchangeState, MemberRow, Progress, Request, Session},
    keymap::Context,
    sharing::plan::{Checking, Preview, Suggestions},
    text,
    widgets::{form::Form, paint::Look},
};

/// What a screen may look at.
pub struct Cx<'a> {
    pub now: &'a Zoned,
    pub session: Option<&'a Session>,
    pub look: Look<'a>,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    pub exchange: &'a ExchangeState,
    /// The transfer under way.
    pub progress: Option<&'a Progress>,
    /// What was said in this session, oldest first.
    pub messages: &'a [(Zoned, String)],
}

impl Cx<'_> {
    /// The name of who is at the keyboard.
    #[must_use]
    pub fn user(&self) -> &str {
        self.session.map_or("", |session| &session.user.name)
    }

    /// Today's date, in the school's own time.
    #[must_use]
    pub fn today(&self) -> jiff::civil::Date {
        self.now.date()
    }

    /// How many rows a page key moves.
    #[must_use]
    pub fn page(&self) -> usize {
        self.look.shown.get().page()
    }

    /// How far a share on its way has come, such as `37 % of 21 MB`.
    #[must_use]
    pub fn sending(&self, share: ShareId) -> Option<String> {
        self.progress.filter(|progress| progress.share == Some(share)).map(text::progress)
    }

    /// Rows are few: one pane at a time.
    #[must_use]
    pub const fn one_pane(&self) -> bool {
        self.size.0 < 80
    }

    /// Room for list and detail side by side.
    #[must_use]
    pub const fn two_panes(&self) -> bool {
        self.size.0 >= 100
    }
}

/// What a screen wants to happen. Data, so that a test can compare it.
#[derive(Debug, Clone, PartialEq)]
pub enum Flow {
    Push(Box<Screen>),
    Replace(Box<Screen>),
    Pop,
    /// Closes this layer and hands the answer to the one below.
    Answer(Box<Answered>),
    Ask(Request),
    /// As `Ask`, with what is said while it is being done and, in its place, once it is; either may be empty.
    Begin {
        request: Request,
        doing: &'static str,
        done: String,
    },
    Do(Box<Doing>),
    Say(String),
    Perform(Action),
    Unlock(Zeroizing<String>),
}

/// A command, what is said once it is committed, and what would undo it.
#[derive(Debug, Clone, PartialEq)]
pub struct Doing {
    pub command: Command,
    pub said: String,
    pub undo: Option<Command>,
}

/// What a closed layer answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Answered {
    Form(Form),
    Run(Action),
    /// From the check page: change the answer to this field.
    Change(&'static str),
    /// From the check page: record it.
    Record,
    /// A concern was recorded.
    Recorded(EntryId),
}

/// What came back for a screen.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    Answer(Answer),
    Done(Vec<FactId>),
    DraftSaved,
    Attached(Attachment),
    Members(Vec<MemberRow>),
    Suggested(Box<Suggestions>),
    Checking(Box<Checking>),
    Previewed(Box<Preview>),
    /// Refused or failed; the words were said already.
    Not(String),
}

/// The places that the bar at the top names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Today,
    Concerns,
    Cases,
    Actions,
    Exchange,
}

/// What every screen can do. `act` gets actions, `key` and `paste` what is typed while `typing`.
pub trait Face {
    /// The line under the bar: left, and at the right edge.
    fn title(&self, cx: &Cx<'_>) -> (String, String);
    /// Where its keys are, the most specific first; the global ones are added.
    fn contexts(&self) -> Vec<Context>;
    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Vec<Flow>;
    /// Draws itself and gives where the cursor belongs: the focused row or the caret.
    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position;

    /// The questions that fill the screen; asked again whenever something changed.
    fn ask(&self, _cx: &Cx<'_>) -> Vec<Request> {
        Vec::new()
    }
    fn hear(&mut self, _heard: Heard, _cx: &Cx<'_>) -> Vec<Flow> {
        Vec::new()
    }
    fn answered(&mut self, _answer: Answered, _cx: &Cx<'_>) -> Vec<Flow> {
        Vec::new()
    }
    /// Does a text field have the keys?
    fn typing(&self) -> bool {
        false
    }
    fn key(&mut self, _key: KeyEvent, _cx: &Cx<'_>) -> Vec<Flow> {
        Vec::new()
    }
    fn paste(&mut self, _text: &str, _cx: &Cx<'_>) -> Vec<Flow> {
        Vec::new()
    }
    /// Why `action` cannot be done now; none when it can.
    fn why_not(&self, _action: Action, _cx: &Cx<'_>) -> Option<String> {
        None
    }
    /// Would a step back stay on this screen?
    fn inside(&self) -> bool {
        false
    }
    /// Has it panes that the keys go between?
    fn has_panes(&self) -> bool {
        false
    }
    /// Can one of its panes have the screen to itself?
    fn zooms(&self, _cx: &Cx<'_>) -> bool {
        false
    }
    /// Has it tabs or steps?
    fn has_tabs(&self) -> bool {
        false
    }
    /// Is there something typed that is not yet kept?
    fn unsaved(&self) -> bool {
        false
    }
    /// What is to be kept, if there is anything.
    fn save(&mut self, _cx: &Cx<'_>) -> Option<Draft> {
        None
    }
    /// Is it a box over what lies below?
    fn is_box(&self) -> bool {
        false
    }
    fn place(&self) -> Option<Place> {
        None
    }
}

macro_rules! screens {
    ($($name:ident($state:ty)),* $(,)?) => {
        /// Every screen there is.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Screen { $($name($state)),* }

        impl Screen {
            /// The screen, to ask.
            #[must_use]
            pub fn face(&self) -> &dyn Face {
                match self { $(Self::$name(state) => state),* }
            }
            /// The screen, to change.
            pub fn face_mut(&mut self) -> &mut dyn Face {
                match self { $(Self::$name(state) => state),* }
            }
        }
        $(impl From<$state> for Screen {
            fn from(state: $state) -> Self { Self::$name(state) }
        })*
    };
}

screens!(
    Unlock(unlock::Unlock),
    Today(today::TodayScreen),
    Concerns(concerns::Concerns),
    EntryForm(entry_form::EntryForm),
    Check(check::Check),
    Triage(triage::Triage),
    Versions(versions::Versions),
    Cases(cases::Cases),
    Case(case::CaseScreen),
    Actions(actions::Actions),
    Exchange(exchange::Exchange),
    ToCheck(to_check::ToCheck),
    Share(share::Share),
    Find(find::Find),
    Messages(messages::Messages),
    Retention(retention::Retention),
    Dialog(dialog::Dialog),
    Help(help::Help),
    Palette(palette::Palette),
);

/// Opens a screen on top.
#[must_use]
pub fn push(screen: impl Into<Screen>) -> Vec<Flow> {
    vec![Flow::Push(Box::new(screen.into()))]
}

/// Does a command, then says something.
#[must_use]
pub fn doing(command: Command, said: &str, undo: Option<Command>) -> Vec<Flow> {
    vec![Flow::Do(Box::new(Doing { command, said: said.to_owned(), undo }))]
}

/// Begins what takes a moment.
#[must_use]
pub fn begin(request: Request, doing: &'static str, done: String) -> Vec<Flow> {
    vec![Flow::Begin { request, doing, done }]
}

/// Asks the casebook.
#[must_use]
pub fn query(query: crate::casework::query::Query) -> Request {
    Request::Ask(query)
}
