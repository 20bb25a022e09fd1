//! A locked casebook: nothing is collected for it, and what it holds stays shut.

use std::{sync::Arc, time::Duration};

use kith_tests::world::{PASSPHRASE, World};
use kith_tui::{
    casework::query::{Answer, Page, Query, Window},
    flow::{Event, ExchangeState, Request, Ticket},
    run::{Backend, Job},
    worker::{Places, Worker},
};

use super::story::{self, case, enrol_pupils, people};

/// Far longer than anything here takes; only a failure waits for it.
const PATIENCE: Duration = Duration::from_secs(60);

/// The first event that fits; others are passed over.
fn until(front: &Backend, fits: impl Fn(&Event) -> bool) -> Event {
    loop {
        let event = front.wait(PATIENCE).expect("an event");
        if fits(&event) {
            return event;
        }
    }
}

fn tell(front: &Backend, job: Job) {
    front.requests.send(job).expect("the worker listens");
}

/// How many bundles stand in the inbox; none while it is locked.
fn inbox(front: &Backend, ticket: u64) -> Option<usize> {
    tell(front, Job::Request(Ticket(ticket), Request::Ask(Query::Inbox { window: Window::First, limit: 9 })));
    let told = until(front, |event| matches!(event, Event::Answered { .. } | Event::Failed { .. }));
    match told {
        Event::Answered { answer: Answer::Inbox(Page { rows, .. }), .. } => Some(rows.len()),
        _ => None,
    }
}

#[test]
fn while_it_is_locked_nothing_is_collected() {
    let world = World::new();
    let mut desk = world.desk("elm-park");
    enrol_pupils(&mut desk, &world);
    case(&mut desk);
    people(&mut desk);
    let (front, end) = Backend::pair();
    let (folder, clock) = (world.casebook("northshire-police"), world.clock.clone());
    let places = Places { casebook: folder.clone(), sealed: folder };
    let police = Worker::spawn(places, None, end, Arc::new(move || clock.local()));
    // Unlocked once and locked again: it knows the node and all keys were in memory.
    tell(&front, Job::Unlock(PASSPHRASE.to_owned().into()));
    until(&front, |event| matches!(event, Event::Exchange(ExchangeState::Online)));
    assert_eq!(inbox(&front, 1), Some(0));
    tell(&front, Job::Lock);
    let locked = |event: &Event| matches!(event, Event::Exchange(ExchangeState::Waiting { why }) if why.starts_with("locked"));
    until(&front, locked);

    story::share_with_the_police(&mut desk);
    assert_eq!(desk.exchange().stored, 1);
    assert_eq!(inbox(&front, 2), None, "it is locked");
    desk.exchange();
    desk.keys("]]]").sees("the node holds it; not collected yet").sees_no("DELIVERED");

    tell(&front, Job::Unlock(PASSPHRASE.to_owned().into()));
    until(&front, |event| matches!(event, Event::Unlocked(_)));
    for ticket in 3.. {
        if inbox(&front, ticket) == Some(1) {
            break;
        }
        until(&front, |event| matches!(event, Event::Changed));
    }
    desk.exchange();
    desk.sees("DELIVERED");
    drop(front);
    police.join();
}
