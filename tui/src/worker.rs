//! Carries requests out, off the screen thread: one thread for the casebook, one for the exchange while it is open.
//!
//! The casebook's thread owns the [`Office`] and does one piece of work at a time: what the screen asks, and the short
//! steps of the exchange between its waits. No wait for the network holds it. While the casebook is locked nothing is
//! exchanged, and the header says so.

mod exchange;
mod queue;
mod serve;

use std::{
    path::PathBuf,
    sync::{
        Arc,
        mpsc::{Receiver, Sender, channel},
    },
    thread::{self, JoinHandle},
};

use jiff::Zoned;
use kith_protocol::seal::Passphrase;

pub use self::serve::serve;
use self::{exchange::Exchange, queue::Queue};
use crate::{
    flow::{Event, ExchangeState, Request, Ticket},
    run::{EventSender, Job, WorkerEnd},
    sharing::office::Office,
    store::Casebook,
};

/// Where one agency's things lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The casebook's folder.
    pub casebook: PathBuf,
    /// Sealed files on their way; the same folder will do.
    pub sealed: PathBuf,
}

/// What the worker asks for the time.
pub type Clock = Arc<dyn Fn() -> Zoned + Send + Sync>;

/// Runs until the screen's end of the line is dropped.
#[derive(Debug)]
pub struct Worker {
    casebook: Option<JoinHandle<()>>,
    pump: Option<JoinHandle<()>>,
}

/// A piece of work for the casebook's thread.
enum Work {
    Job(Box<Job>),
    /// A step of the exchange; dropped unanswered while the casebook is locked.
    Step(Step),
    End,
}

type Step = Box<dyn FnOnce(&mut Office, &Zoned) + Send>;

impl Worker {
    /// Starts with the casebook locked, or with an office that is open already (the session is told at once).
    #[must_use]
    pub fn spawn(places: Places, office: Option<Office>, end: WorkerEnd, clock: Clock) -> Self {
        let (work, todo) = channel();
        let WorkerEnd { jobs, events } = end;
        let hall = Hall { places, clock, events, steps: work.clone(), exchange: None, office: None };
        let casebook = thread::spawn(move || hall.run(office, todo));
        let pump = thread::spawn(move || pump(&jobs, &work));
        Self { casebook: Some(casebook), pump: Some(pump) }
    }

    /// Waits until everything has ended. Drop the screen's end first.
    pub fn join(mut self) {
        // A thread that panicked has nothing left to end.
        for thread in [self.pump.take(), self.casebook.take()].into_iter().flatten() {
            let _ = thread.join();
        }
    }
}

/// Jobs of the screen go the same way as steps of the exchange, so that one thread waits for both.
fn pump(jobs: &Receiver<Job>, work: &Sender<Work>) {
    while let Ok(job) = jobs.recv() {
        if work.send(Work::Job(Box::new(job))).is_err() {
            return;
        }
    }
    // Nobody listens any more if this fails.
    let _ = work.send(Work::End);
}

/// The casebook's thread.
struct Hall {
    places: Places,
    clock: Clock,
    events: EventSender,
    steps: Sender<Work>,
    exchange: Option<Exchange>,
    office: Option<Office>,
}

impl Hall {
    fn run(mut self, office: Option<Office>, todo: Receiver<Work>) {
        if let Some(office) = office {
            self.open(office);
        }
        let mut todo = Queue::new(todo);
        while let Some(work) = todo.next() {
            match work {
                Work::Job(job) => self.job(*job),
                Work::Step(step) => {
                    if let Some(office) = &mut self.office {
                        step(office, &(self.clock)());
                    }
                }
                Work::End => break,
            }
        }
        self.close();
    }

    fn job(&mut self, job: Job) {
        match job {
            Job::Request(ticket, request) => self.request(ticket, request),
            // The queue has done that.
            Job::GiveUp(_) => {}
            Job::Unlock(passphrase) => self.unlock(&passphrase),
            Job::Lock => self.lock(),
        }
    }

    fn request(&mut self, ticket: Ticket, request: Request) {
        let Some(office) = &mut self.office else {
            let message = "the casebook is locked: unlock it, then do it again".to_owned();
            self.events.send(Event::Failed { ticket, message });
            return;
        };
        let wakes = serve::concerns_others(&request);
        for event in serve(office, ticket, request, &(self.clock)()) {
            self.events.send(event);
        }
        if let Some(exchange) = self.exchange.as_ref().filter(|_| wakes) {
            exchange.wake();
        }
    }

    fn unlock(&mut self, passphrase: &str) {
        if self.office.is_some() {
            return;
        }
        let now = (self.clock)();
        let opened = Casebook::unlock(&self.places.casebook, &Passphrase::from(passphrase))
            .map_err(|error| error.to_string())
            .and_then(|book| {
                Office::open(book, &self.places.sealed, &now).map_err(|error| error.to_string())
            });
        match opened {
            Ok(office) => self.open(office),
            Err(message) => drop(self.events.send(Event::UnlockRefused { message })),
        }
    }

    fn open(&mut self, office: Office) {
        self.events.send(Event::Unlocked(office.session().clone()));
        if let Some(message) = office.disposals().map(str::to_owned) {
            self.events.send(Event::Notice { message });
        }
        if let Some(why) = office.certificate_warning() {
            let message = format!("Look after this today: {why}.");
            self.events.send(Event::Notice { message });
        }
        self.exchange = Exchange::begin(&office, self.steps.clone(), self.events.clone());
        if self.exchange.is_none() {
            self.events.send(Event::Exchange(ExchangeState::Off));
        }
        self.office = Some(office);
    }

    fn lock(&mut self) {
        self.close();
        let why = "locked: nothing is sent or collected until somebody unlocks".to_owned();
        self.events.send(Event::Exchange(ExchangeState::Waiting { why }));
    }

    /// Ends the exchange, closes the casebook and forgets the keys.
    fn close(&mut self) {
        if let Some(exchange) = self.exchange.take() {
            exchange.end();
        }
        self.office = None;
    }
}

#[cfg(test)]
mod tests;
