//! The exchange's thread: rounds, then a long wait for news; a growing pause when the node cannot be reached.

use std::{
    cell::RefCell,
    collections::BTreeSet,
    future::ready,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::Sender,
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use jiff::Zoned;
use kith_exchange::courier::Courier;
use kith_protocol::{directory::NodeAddress, sign::VerifyingKey};
use tokio::sync::{Notify, oneshot, watch};

use super::Work;
use crate::{
    flow::{Event, ExchangeState},
    run::EventSender,
    sharing::{
        blame::words,
        office::Office,
        rounds::{Closed, Desk, Report, RoundError, Said, adopt_listed, keep_logs, post},
    },
};

/// The first pause after a round that failed, and the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// Transfers below this size are over before anybody reads how far they have come.
const WORTH_TELLING: u64 = 1024 * 1024;

/// The exchange of an open office.
#[derive(Debug)]
pub(super) struct Exchange {
    wake: Arc<Notify>,
    stop: watch::Sender<bool>,
    thread: JoinHandle<()>,
}

impl Exchange {
    /// Begins, if the office knows a node. The link key leaves the casebook's thread; the keys that sign do while a long
    /// bundle is sealed.
    pub(super) fn begin(office: &Office, steps: Sender<Work>, events: EventSender) -> Option<Self> {
        office.line().ok()??;
        let (stop, mut stopped) = watch::channel(false);
        let wake = Arc::new(Notify::new());
        let woken = Arc::clone(&wake);
        let thread = thread::spawn(move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
                let why = "this machine gives no more threads or files: close other programs".to_owned();
                events.send(Event::Exchange(ExchangeState::Waiting { why }));
                return;
            };
            let line = Line {
                desk: Elsewhere(steps),
                events,
                woken,
                percent: Arc::new(AtomicU64::new(0)),
                said: RefCell::default(),
            };
            runtime.block_on(async {
                tokio::select! {
                    // Also when the other end is gone.
                    _ = stopped.wait_for(|stop| *stop) => {}
                    () = line.keep_up() => {}
                }
            });
            // What still writes a file may end by itself; the next round begins where it was.
            runtime.shutdown_background();
        });
        Some(Self { wake, stop, thread })
    }

    /// There is something to do: no need to wait any longer.
    pub(super) fn wake(&self) {
        self.wake.notify_one();
    }

    /// Ends at the next wait.
    pub(super) fn end(self) {
        self.stop.send_replace(true);
        // A thread that panicked has nothing left to end.
        let _ = self.thread.join();
    }
}

/// The office, on the casebook's thread.
struct Elsewhere(Sender<Work>);

impl Desk for Elsewhere {
    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Office, &Zoned) -> T + Send + 'static,
    ) -> Result<T, Closed> {
        let (answer, answered) = oneshot::channel();
        let step = Box::new(move |office: &mut Office, now: &Zoned| {
            // Nobody waits for it any more if this fails.
            let _ = answer.send(work(office, now));
        });
        self.0.send(Work::Step(step)).map_err(|_| Closed)?;
        answered.await.map_err(|_| Closed)
    }
}

/// A courier, and what it was made for.
struct Calling {
    courier: Courier,
    node: NodeAddress,
    link: VerifyingKey,
}

struct Line {
    desk: Elsewhere,
    events: EventSender,
    woken: Arc<Notify>,
    /// How far the transfer under way was told to be.
    percent: Arc<AtomicU64>,
    /// What was said already; what goes on being so is said once.
    said: RefCell<BTreeSet<String>>,
}

impl Line {
    /// Round after round, until the casebook is locked.
    async fn keep_up(&self) {
        let mut courier: Option<Calling> = None;
        let mut pause = FIRST_PAUSE;
        loop {
            let mut report = Report::default();
            let ended = match self.calling(courier.take(), &mut report).await {
                Ok(calling) => {
                    let ended = self.round(&calling.courier, &mut report).await;
                    ended.map(|()| calling)
                }
                Err(error) => Err(error),
            };
            self.tell(&mut report);
            match ended {
                Ok(calling) => {
                    self.events.send(Event::Exchange(ExchangeState::Online));
                    let calling = &courier.insert(calling).courier;
                    match self.watch(calling, report.behind).await {
                        Ok(()) => {
                            pause = FIRST_PAUSE;
                            continue;
                        }
                        Err(RoundError::Closed(_)) => return,
                        Err(error) => self.waiting(why(&error)),
                    }
                }
                Err(RoundError::Closed(_)) => return,
                Err(error) => self.waiting(why(&error)),
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
                () = self.woken.notified() => {}
            }
        }
    }

    /// The courier with the keys in force, to the node the directory names: the one before, as long as both are the same.
    async fn calling(&self, before: Option<Calling>, report: &mut Report) -> Result<Calling, RoundError> {
        adopt_listed(&self.desk, report).await?;
        let Some((node, link)) = self.desk.with(|office, _| office.line()).await?? else {
            return Err(Closed.into());
        };
        match before.filter(|one| one.node == node && one.link == link.public()) {
            Some(same) => Ok(same),
            None => Ok(Calling { courier: Courier::new(node.clone(), &link)?, link: link.public(), node }),
        }
    }

    async fn round(&self, courier: &Courier, report: &mut Report) -> Result<(), RoundError> {
        let (events, percent) = (self.events.clone(), Arc::clone(&self.percent));
        let told = move |said| match said {
            Said::Moved { share, done, total } => {
                let now = done.saturating_mul(100) / total.max(1);
                if total >= WORTH_TELLING && percent.swap(now, Ordering::Relaxed) != now {
                    events.send(Event::Progress { share, done, total });
                }
            }
            // The screen need not wait for the rest of the round.
            Said::Stored(_) | Said::Received(_) | Said::Answered => {
                events.send(Event::Changed);
            }
        };
        loop {
            post(&self.desk, courier, &told, report).await?;
            // What somebody did meanwhile goes before what nobody waits for.
            let woken = tokio::select! {
                biased;
                () = self.woken.notified() => true,
                () = ready(()) => false,
            };
            if !woken {
                return keep_logs(&self.desk, courier, report).await;
            }
        }
    }

    /// Waits for news from the node or work from here. News that cannot be taken in yet is not waited for.
    async fn watch(&self, courier: &Courier, behind: bool) -> Result<(), RoundError> {
        if behind {
            tokio::select! {
                () = tokio::time::sleep(LONGEST_PAUSE) => {}
                () = self.woken.notified() => {}
            }
            return Ok(());
        }
        let asked = self.desk.with(|office, _| {
            Ok::<_, crate::sharing::office::OfficeError>((
                office.news_cursor()?,
                office.kept_directories()?.clone(),
            ))
        });
        let (after, directories) = asked.await??;
        tokio::select! {
            heard = courier.watch(after, &directories, &|_| None) => drop(heard?),
            () = self.woken.notified() => {}
        }
        Ok(())
    }

    fn tell(&self, report: &mut Report) {
        for message in report.notes.drain(..) {
            if self.said.borrow_mut().insert(message.clone()) {
                self.events.send(Event::Notice { message });
            }
        }
        if report.changed {
            self.events.send(Event::Changed);
        }
    }

    fn waiting(&self, why: String) {
        self.events.send(Event::Exchange(ExchangeState::Waiting { why }));
    }
}

fn why(error: &RoundError) -> String {
    match error {
        RoundError::Courier(error) => words(error),
        other => other.to_string(),
    }
}
