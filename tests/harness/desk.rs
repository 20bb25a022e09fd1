//! One agency's screen and office: keys as text go in, the screen comes out as text, and every request is carried out
//! at once by the real worker's function on the real casebook.

use std::path::PathBuf;

use jiff::SignedDuration;
use kith_protocol::seal::Passphrase;
use kith_tui::{
    app::{App, Effect, Input, Settings},
    flow::{Event, ExchangeState},
    sharing::{
        by_turns::one_round,
        office::Office,
        rounds::{Report, RoundError},
    },
    store::Casebook,
    theme::{Glyphs, Theme},
    worker::serve,
};
use ratatui::{
    buffer::Buffer,
    crossterm::event::{KeyCode, KeyEvent, KeyModifiers},
    layout::{Position, Rect},
};

use crate::world::{Clock, zone};

/// How long one key takes to type.
const A_KEY: SignedDuration = SignedDuration::from_millis(100);

/// A person at a screen.
pub struct Desk {
    pub app: App,
    /// None while the casebook is locked.
    pub office: Option<Office>,
    pub quit: bool,
    folder: PathBuf,
    clock: Clock,
    size: (u16, u16),
}

impl Desk {
    /// The program as it starts: locked, on a screen of `size` columns and rows.
    #[must_use]
    pub fn new(folder: PathBuf, clock: Clock, size: (u16, u16)) -> Self {
        let app = app(size, &clock);
        Self { app, office: None, quit: false, folder, clock, size }
    }

    /// The program stops dead: nothing it had not handed over is kept. A new one starts, locked.
    pub fn crash(&mut self) {
        self.office = None;
        self.app = app(self.size, &self.clock);
    }

    /// Changes the size of the screen.
    pub fn resize(&mut self, columns: u16, rows: u16) -> &mut Self {
        self.size = (columns, rows);
        self.input(Input::Resize(columns, rows));
        self
    }

    /// Types, a tenth of a second a key: letters as they are, other keys by name: `<Enter>`, `<C-s>`, `<F7>`, `<lt>` for `<`.
    ///
    /// # Panics
    /// When a key has no such name.
    pub fn keys(&mut self, text: &str) -> &mut Self {
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let (key, used) = match rest.find('>').filter(|_| c == '<') {
                Some(end) => (named(&rest[1..end]), end + 1),
                None => (KeyEvent::from(KeyCode::Char(c)), c.len_utf8()),
            };
            self.clock.pass(A_KEY);
            self.input(Input::Key(key));
            rest = &rest[used..];
        }
        self
    }

    /// Pastes.
    pub fn paste(&mut self, text: &str) -> &mut Self {
        self.input(Input::Paste(text.to_owned()));
        self
    }

    /// Lets time pass at this desk; whatever the program wanted to be woken for happens on its moment.
    pub fn wait(&mut self, time: SignedDuration) -> &mut Self {
        let until = self.clock.now() + time;
        while let Some(next) = self.app.deadline().filter(|next| *next <= until) {
            let before = self.clock.now();
            self.clock.pass(next.duration_since(before).max(SignedDuration::ZERO));
            self.input(Input::Tick);
        }
        self.clock.pass(until.duration_since(self.clock.now()));
        self
    }

    /// One round with the node, told to the screen as the worker tells it.
    ///
    /// # Errors
    /// As the round.
    ///
    /// # Panics
    /// When the casebook is locked.
    pub fn round(&mut self) -> Result<Report, RoundError> {
        let office = self.office.as_mut().expect("the casebook is open");
        let clock = self.clock.clone();
        let mut report = Report::default();
        let ended = one_round(office, &move || clock.local(), &|_| {}, &mut report);
        let state = match &ended {
            Ok(()) => ExchangeState::Online,
            Err(RoundError::Courier(error)) => {
                ExchangeState::Waiting { why: kith_tui::sharing::rounds::words(error) }
            }
            Err(error) => ExchangeState::Waiting { why: error.to_string() },
        };
        for message in report.notes.clone() {
            self.input(Input::Event(Event::Notice { message }));
        }
        if report.changed {
            self.input(Input::Event(Event::Changed));
        }
        self.input(Input::Event(Event::Exchange(state)));
        ended.map(|()| report)
    }

    /// One round, which must come to its end.
    ///
    /// # Panics
    /// When it does not.
    pub fn exchange(&mut self) -> Report {
        self.round().unwrap_or_else(|error| panic!("the round failed: {error}"))
    }

    /// One input and everything that follows from it.
    pub fn input(&mut self, input: Input) {
        for effect in self.app.on(input, self.clock.now()) {
            match effect {
                Effect::Request(ticket, request) => {
                    let Some(office) = &mut self.office else { continue };
                    for event in serve(office, ticket, request, &self.clock.local()) {
                        self.input(Input::Event(event));
                    }
                }
                // It was answered at once.
                Effect::GiveUp(_) => {}
                Effect::Unlock(passphrase) => self.unlock(&passphrase),
                Effect::Lock => self.office = None,
                Effect::Quit => self.quit = true,
            }
        }
    }

    fn unlock(&mut self, passphrase: &str) {
        let opened = Casebook::unlock(&self.folder, &Passphrase::from(passphrase));
        let event = match opened {
            Ok(casebook) => {
                let office = Office::open(casebook, &self.folder, &self.clock.local()).expect("an office");
                let session = office.session().clone();
                self.office = Some(office);
                Event::Unlocked(session)
            }
            Err(error) => Event::UnlockRefused { message: error.to_string() },
        };
        self.input(Input::Event(event));
    }

    /// The screen's cells and where the cursor stands.
    #[must_use]
    pub fn drawn(&self) -> (Buffer, Position) {
        let area = Rect::new(0, 0, self.size.0, self.size.1);
        let mut buffer = Buffer::empty(area);
        let cursor = self.app.view(area, &mut buffer);
        (buffer, cursor)
    }

    /// The screen as text.
    #[must_use]
    pub fn screen(&self) -> String {
        let (buffer, _) = self.drawn();
        text(&buffer)
    }

    /// The line of the screen that the cursor is on.
    #[must_use]
    pub fn cursor_line(&self) -> String {
        let (buffer, cursor) = self.drawn();
        text(&buffer).lines().nth(usize::from(cursor.y)).unwrap_or_default().to_owned()
    }

    /// Holds that `wanted` stands on the screen, on one line.
    ///
    /// # Panics
    /// When it does not; shows the screen then.
    pub fn sees(&mut self, wanted: &str) -> &mut Self {
        let screen = self.screen();
        assert!(screen.contains(wanted), "`{wanted}` is not on the screen:\n{screen}");
        self
    }

    /// Holds that `text` does not stand on the screen.
    ///
    /// # Panics
    /// When it does; shows the screen then.
    pub fn sees_no(&mut self, text: &str) -> &mut Self {
        let screen = self.screen();
        assert!(!screen.contains(text), "`{text}` is on the screen:\n{screen}");
        self
    }
}

fn app(size: (u16, u16), clock: &Clock) -> App {
    let settings =
        Settings { theme: Theme::terminal(), glyphs: Glyphs::UNICODE, zone: zone(), ..Settings::default() };
    App::new(settings, size, clock.now())
}

fn text(buffer: &Buffer) -> String {
    let area = buffer.area;
    let line = |y| {
        let cells = (0..area.width).map(|x| buffer[(x, y)].symbol());
        cells.collect::<String>().trim_end().to_owned()
    };
    (0..area.height).map(line).collect::<Vec<_>>().join("\n")
}

fn named(name: &str) -> KeyEvent {
    let code = match name {
        "Enter" => KeyCode::Enter,
        "Esc" => KeyCode::Esc,
        "Tab" => KeyCode::Tab,
        "BackTab" => KeyCode::BackTab,
        "Down" => KeyCode::Down,
        "Up" => KeyCode::Up,
        "Left" => KeyCode::Left,
        "Right" => KeyCode::Right,
        "Home" => KeyCode::Home,
        "End" => KeyCode::End,
        "BS" => KeyCode::Backspace,
        "PgDn" => KeyCode::PageDown,
        "PgUp" => KeyCode::PageUp,
        "lt" => KeyCode::Char('<'),
        other => return chord(other),
    };
    KeyEvent::from(code)
}

fn chord(name: &str) -> KeyEvent {
    if let Some(c) = name.strip_prefix("C-").and_then(|rest| rest.chars().next()) {
        return KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL);
    }
    let number = name.strip_prefix('F').and_then(|rest| rest.parse().ok());
    KeyEvent::from(KeyCode::F(number.unwrap_or_else(|| panic!("there is no key <{name}>"))))
}
