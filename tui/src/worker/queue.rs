//! What waits to be done: in order, but for questions whose answers nobody waits for any more.

use std::{
    collections::VecDeque,
    sync::mpsc::{Receiver, TryRecvError},
};

use super::Work;
use crate::{
    flow::{Request, Ticket},
    run::Job,
};

/// The work that has come, the oldest first.
pub(super) struct Queue {
    from: Receiver<Work>,
    waiting: VecDeque<Work>,
}

impl Queue {
    pub(super) const fn new(from: Receiver<Work>) -> Self {
        Self { from, waiting: VecDeque::new() }
    }

    /// The next piece of work; waits for one. None once nobody can send any more and all is done.
    ///
    /// Keys typed quickly make more searches than a large casebook answers meanwhile: of those that wait, only the newest
    /// is answered.
    pub(super) fn next(&mut self) -> Option<Work> {
        loop {
            self.take_in();
            if let Some(work) = self.waiting.pop_front() {
                return Some(work);
            }
            let work = self.from.recv().ok()?;
            self.put(work);
        }
    }

    fn take_in(&mut self) {
        loop {
            match self.from.try_recv() {
                Ok(work) => self.put(work),
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => return,
            }
        }
    }

    fn put(&mut self, work: Work) {
        match work {
            Work::Job(job) => match *job {
                Job::GiveUp(ticket) => self.waiting.retain(|one| !asks(one, ticket)),
                job => self.waiting.push_back(Work::Job(Box::new(job))),
            },
            work => self.waiting.push_back(work),
        }
    }
}

/// Is it this question? What changes something is done, whoever waits for it.
fn asks(work: &Work, ticket: Ticket) -> bool {
    let Work::Job(job) = work else { return false };
    matches!(&**job, Job::Request(one, Request::Ask(_)) if *one == ticket)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;
    use crate::casework::query::Query;

    #[test]
    fn of_searches_that_wait_the_newest_alone_is_answered() {
        let (sender, from) = channel();
        let send = |job| sender.send(Work::Job(Box::new(job))).unwrap();
        let find = |text: &str| Request::Ask(Query::FindEntries { text: text.to_owned(), limit: 9 });
        let mut queue = Queue::new(from);
        send(Job::Request(Ticket(1), find("b")));
        assert!(queue.next().is_some(), "what is begun is answered");
        send(Job::GiveUp(Ticket(1)));
        for (n, text) in (2..).zip(["br", "bru", "brui"]) {
            send(Job::Request(Ticket(n), find(text)));
            send(Job::GiveUp(Ticket(n)));
        }
        send(Job::Request(Ticket(7), Request::Exchange));
        send(Job::GiveUp(Ticket(7)));
        send(Job::Request(Ticket(8), find("bruise")));
        sender.send(Work::End).unwrap();
        drop(sender);
        let mut left = Vec::new();
        while let Some(work) = queue.next() {
            match work {
                Work::Job(job) => match *job {
                    Job::Request(ticket, _) => left.push(ticket.0),
                    other => panic!("{other:?}"),
                },
                _ => left.push(0),
            }
        }
        assert_eq!(left, [7, 8, 0], "what does something is done all the same");
    }
}
