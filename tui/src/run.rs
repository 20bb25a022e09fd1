//! The one loop: input in, [`App::on`], effects out, draw. It sleeps whenever nothing happens.

use std::{
    io::{self, Write as _},
    panic::{self, AssertUnwindSafe},
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread,
    time::Duration,
};

use crossterm::{
    cursor,
    event::{self, DisableBracketedPaste, EnableBracketedPaste},
    execute, queue,
    terminal::{
        EnterAlternateScreen, LeaveAlternateScreen, SetTitle, disable_raw_mode, enable_raw_mode, size,
    },
};
use jiff::Timestamp;
use ratatui::{Terminal, backend::CrosstermBackend};
use zeroize::Zeroizing;

use crate::{
    app::{App, Effect, Input},
    flow::{Event, Request, Ticket},
};

/// What the worker is asked to do, in order.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one at a time; a box would buy nothing")]
pub enum Job {
    Request(Ticket, Request),
    /// Not to be answered, where it has not been begun.
    GiveUp(Ticket),
    Unlock(Zeroizing<String>),
    /// Forget the keys; drafts that were sent before are kept first.
    Lock,
}

/// The loop's end of the line to the worker, and the channel that everything comes in by.
#[derive(Debug)]
pub struct Backend {
    pub requests: Sender<Job>,
    input: (Sender<Input>, Receiver<Input>),
}

/// The worker's end: jobs come in, events go back into the loop.
#[derive(Debug)]
pub struct WorkerEnd {
    pub jobs: Receiver<Job>,
    pub events: EventSender,
}

/// Sends events into the loop; may be cloned for the courier.
#[derive(Debug, Clone)]
pub struct EventSender(Sender<Input>);

impl EventSender {
    /// Sends an event; says whether the loop is still there.
    pub fn send(&self, event: Event) -> bool {
        self.0.send(Input::Event(event)).is_ok()
    }
}

impl Backend {
    /// Both ends of the line.
    #[must_use]
    pub fn pair() -> (Self, WorkerEnd) {
        let (requests, jobs) = channel();
        let input = channel();
        let events = EventSender(input.0.clone());
        (Self { requests, input }, WorkerEnd { jobs, events })
    }

    /// The next event, for a front that has no screen; none when nothing comes for that long.
    #[must_use]
    pub fn wait(&self, most: Duration) -> Option<Event> {
        loop {
            match self.input.1.recv_timeout(most).ok()? {
                Input::Event(event) => return Some(event),
                _ => continue,
            }
        }
    }
}

/// The terminal's size in columns and rows; 80 by 24 where it does not say.
#[must_use]
pub fn terminal_size() -> (u16, u16) {
    size().unwrap_or((80, 24))
}

/// Why the program stopped before it was quit.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    #[error("the terminal cannot be used: {0}")]
    Terminal(#[from] io::Error),
    #[error(
        "kith has stopped because of a fault of its own, at {at}. What was recorded is kept; a draft is kept as it was two seconds after the last key. Start kith again, and please report the place"
    )]
    Fault {
        /// Where in the program.
        at: String,
    },
}

/// Runs the program on this terminal until it is quit.
///
/// # Errors
/// When the terminal cannot be read or written, or any thread of the program panicked.
pub fn run(app: App, backend: Backend) -> Result<(), Stopped> {
    let Backend { requests, input: (sender, inputs) } = backend;
    judge(|| {
        let _guard = Guard::enter(sender.clone())?;
        read_keys(sender);
        show(app, &inputs, &requests)
    })
}

/// Runs `work`; a panic in it, or meanwhile in another thread, becomes a [`Stopped::Fault`].
fn judge(work: impl FnOnce() -> io::Result<()>) -> Result<(), Stopped> {
    let ended = panic::catch_unwind(AssertUnwindSafe(work));
    match (FAULT.get(), ended) {
        (None, Ok(ended)) => Ok(ended?),
        (at, _) => Err(Stopped::Fault { at: at.map_or("an unknown place", String::as_str).to_owned() }),
    }
}

fn show(mut app: App, inputs: &Receiver<Input>, requests: &Sender<Job>) -> io::Result<()> {
    let mut terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
    let mut title = "";
    while FAULT.get().is_none() {
        if title != app.title() {
            title = app.title();
            execute!(io::stdout(), SetTitle(title))?;
        }
        terminal.draw(|frame| {
            let place = app.view(frame.area(), frame.buffer_mut());
            frame.set_cursor_position(place);
        })?;
        if !turn(&mut app, inputs, requests) {
            break;
        }
    }
    Ok(())
}

/// Waits for one input, then takes every one that has come with it before the next draw. False ends the program.
fn turn(app: &mut App, inputs: &Receiver<Input>, requests: &Sender<Job>) -> bool {
    let Some(first) = next(app, inputs) else { return false };
    let mut input = Some(first);
    while let Some(one) = input {
        for effect in app.on(one, Timestamp::now()) {
            let sent = match effect {
                Effect::Request(ticket, request) => requests.send(Job::Request(ticket, request)),
                Effect::GiveUp(ticket) => requests.send(Job::GiveUp(ticket)),
                Effect::Unlock(passphrase) => requests.send(Job::Unlock(passphrase)),
                Effect::Lock => requests.send(Job::Lock),
                Effect::Quit => return false,
            };
            if sent.is_err() {
                return false;
            }
        }
        input = inputs.try_recv().ok();
    }
    true
}

fn next(app: &App, inputs: &Receiver<Input>) -> Option<Input> {
    let Some(deadline) = app.deadline() else { return inputs.recv().ok() };
    let wait = Duration::try_from(deadline.duration_since(Timestamp::now())).unwrap_or(Duration::ZERO);
    match inputs.recv_timeout(wait) {
        Ok(input) => Some(input),
        Err(RecvTimeoutError::Timeout) => Some(Input::Tick),
        Err(RecvTimeoutError::Disconnected) => None,
    }
}

/// The thread that reads the terminal; it ends with the program.
fn read_keys(sender: Sender<Input>) {
    thread::spawn(move || {
        while let Ok(event) = event::read() {
            let input = match event {
                event::Event::Key(key) if key.kind != event::KeyEventKind::Release => Input::Key(key),
                event::Event::Paste(text) => Input::Paste(text),
                event::Event::Resize(columns, rows) => Input::Resize(columns, rows),
                _ => continue,
            };
            if sender.send(input).is_err() {
                break;
            }
        }
    });
}

/// Where a thread panicked while the screen was shown; the first one counts.
static FAULT: OnceLock<String> = OnceLock::new();
static SHOWN: AtomicBool = AtomicBool::new(false);

/// Holds the terminal in our modes, and gives it back as it was: at the end, on an error and on a panic.
struct Guard;

impl Guard {
    /// A panic anywhere ends the loop that `wake` reaches. Of its message nothing is told: it may hold what somebody wrote.
    fn enter(wake: Sender<Input>) -> io::Result<Self> {
        let (before, own) = (panic::take_hook(), thread::current().id());
        panic::set_hook(Box::new(move |info| {
            if !SHOWN.load(Ordering::SeqCst) {
                return before(info);
            }
            // Another thread leaves it to the loop, which may be drawing.
            if thread::current().id() == own {
                leave();
            }
            let at = info.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
            // One of several, or nobody waits any more: the first was enough.
            let _ = FAULT.set(at);
            let _ = wake.send(Input::Tick);
        }));
        enable_raw_mode()?;
        let guard = Self;
        SHOWN.store(true, Ordering::SeqCst);
        execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste)?;
        Ok(guard)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        SHOWN.store(false, Ordering::SeqCst);
        leave();
    }
}

/// Gives the terminal back. Best effort: there is nobody left to tell.
pub(crate) fn leave() {
    let mut out = io::stdout();
    let _ = queue!(out, DisableBracketedPaste, LeaveAlternateScreen, cursor::Show, SetTitle(""));
    let _ = out.flush();
    let _ = disable_raw_mode();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Settings;

    #[test]
    fn keys_typed_ahead_all_count_before_one_draw() {
        let (backend, worker) = Backend::pair();
        let mut app = App::new(Settings::default(), (80, 24), Timestamp::UNIX_EPOCH);
        for c in "pass".chars() {
            let key = event::KeyEvent::from(event::KeyCode::Char(c));
            backend.input.0.send(Input::Key(key)).unwrap();
        }
        backend.input.0.send(Input::Key(event::KeyEvent::from(event::KeyCode::Enter))).unwrap();
        assert!(turn(&mut app, &backend.input.1, &backend.requests));
        let Ok(Job::Unlock(typed)) = worker.jobs.try_recv() else { panic!("no unlock was asked for") };
        assert_eq!(typed.as_str(), "pass");
    }

    #[test]
    fn a_panic_of_the_loop_ends_as_a_fault_and_tells_nothing_of_its_message() {
        let stopped = judge(|| panic!("Jamie said that")).unwrap_err();
        assert!(matches!(stopped, Stopped::Fault { .. }));
        let words = stopped.to_string();
        assert!(words.contains("What was recorded is kept") && !words.contains("Jamie"), "{words}");
        let broken = judge(|| Err(io::ErrorKind::BrokenPipe.into())).unwrap_err();
        assert!(matches!(broken, Stopped::Terminal(_)));
        assert!(judge(|| Ok(())).is_ok());
    }

    #[test]
    fn the_loop_ends_when_the_worker_is_gone() {
        let (backend, worker) = Backend::pair();
        drop(worker);
        let mut app = App::new(Settings::default(), (80, 24), Timestamp::UNIX_EPOCH);
        let key = |code| Input::Key(event::KeyEvent::from(code));
        backend.input.0.send(key(event::KeyCode::Char('x'))).unwrap();
        backend.input.0.send(key(event::KeyCode::Enter)).unwrap();
        assert!(!turn(&mut app, &backend.input.1, &backend.requests));
    }
}
