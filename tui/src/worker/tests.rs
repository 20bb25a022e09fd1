//! The worker as the screen meets it: jobs in, events out.
#![cfg(feature = "demo")]

use std::{sync::Arc, time::Duration};

use kith_protocol::receipt::ReceiptKind;
use zeroize::Zeroizing;

use super::{Places, Worker, serve};
use crate::{
    casework::{
        command::{Command, Refusal},
        fact::ShareEnd,
        ids::{ReceivedId, ShareId},
        query::{Answer, CaseFilter, Page, Query, ShareState, Window},
    },
    flow::{Event, ExchangeState, Request, Ticket},
    run::{Backend, Job},
    sharing::{
        elsewhere::PIECE,
        tests::{
            crash::with_a_long_recording,
            story::Story,
            world::{Agency, PASSPHRASE, World, now},
        },
    },
};

/// Far longer than anything here takes; only a failure waits for it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A screen's side of one agency's worker.
struct Front {
    backend: Backend,
    worker: Worker,
    tickets: u64,
}

impl Front {
    /// Starts with the casebook locked, as after a crash.
    fn start(agency: &mut Agency) -> Self {
        agency.office = None;
        let (backend, end) = Backend::pair();
        let places = Places { casebook: agency.book(), sealed: agency.sealed() };
        let worker = Worker::spawn(places, None, end, Arc::new(now));
        Self { backend, worker, tickets: 0 }
    }

    fn unlocked(agency: &mut Agency) -> Self {
        let front = Self::start(agency);
        front.tell(Job::Unlock(Zeroizing::new(PASSPHRASE.to_owned())));
        front.until(|event| matches!(event, Event::Unlocked(_)));
        front
    }

    fn tell(&self, job: Job) {
        self.backend.requests.send(job).unwrap();
    }

    /// The first event that fits; others are passed over.
    fn until(&self, fits: impl Fn(&Event) -> bool) -> Event {
        loop {
            let event = self.backend.wait(PATIENCE).expect("an event");
            if fits(&event) {
                return event;
            }
        }
    }

    fn ask(&mut self, request: Request) -> Event {
        self.tickets += 1;
        let mine = Ticket(self.tickets);
        self.tell(Job::Request(mine, request));
        self.until(|event| match event {
            Event::Answered { ticket, .. }
            | Event::Done { ticket, .. }
            | Event::Refused { ticket, .. }
            | Event::Failed { ticket, .. }
            | Event::Previewed { ticket, .. } => *ticket == mine,
            _ => false,
        })
    }

    fn state(&mut self, share: ShareId) -> ShareState {
        match self.ask(Request::Ask(Query::Shares { case: None, window: Window::First, limit: 10 })) {
            Event::Answered { answer: Answer::Shares(Page { rows, .. }), .. } => {
                rows.into_iter().find(|row| row.id == share).unwrap().state
            }
            other => panic!("{other:?}"),
        }
    }

    /// Waits for the share to come so far; the screen is told whenever it moves.
    fn reaches(&mut self, share: ShareId, state: &ShareState) {
        while self.state(share) != *state {
            self.until(|event| matches!(event, Event::Changed));
        }
    }

    fn inbox(&mut self) -> Vec<ReceivedId> {
        match self.ask(Request::Ask(Query::Inbox { window: Window::First, limit: 10 })) {
            Event::Answered { answer: Answer::Inbox(Page { rows, .. }), .. } => {
                rows.into_iter().map(|row| row.id).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    fn end(self) {
        drop(self.backend);
        self.worker.join();
    }
}

#[test]
fn unlocking_and_locking() {
    let mut world = World::offline();
    let mut front = Front::start(&mut world.school);
    let cases =
        || Request::Ask(Query::Cases { filter: CaseFilter::default(), window: Window::First, limit: 5 });
    assert!(matches!(front.ask(cases()), Event::Failed { message, .. } if message.contains("locked")));
    front.tell(Job::Unlock(Zeroizing::new("wrong".to_owned())));
    let refused = front.until(|event| matches!(event, Event::UnlockRefused { .. }));
    assert!(matches!(refused, Event::UnlockRefused { message } if message.contains("passphrase is wrong")));
    front.tell(Job::Unlock(Zeroizing::new(PASSPHRASE.to_owned())));
    let Event::Unlocked(session) = front.until(|event| matches!(event, Event::Unlocked(_))) else { panic!() };
    assert_eq!(session.user.name, "Amira Khan");
    assert!(matches!(front.ask(cases()), Event::Answered { .. }));
    front.tell(Job::Lock);
    let locked = front.until(
        |event| matches!(event, Event::Exchange(ExchangeState::Waiting { why }) if why.starts_with("locked")),
    );
    assert!(matches!(locked, Event::Exchange(_)));
    assert!(matches!(front.ask(cases()), Event::Failed { .. }));
    front.end();
    // Nothing holds the casebook any more.
    world.school.open();
}

#[test]
fn receipts_arrive_by_themselves_at_both_ends() {
    let mut world = World::new();
    let story = Story::tell(&mut world.school);
    let choices = story.decided(&mut world.school);
    let mut school = Front::unlocked(&mut world.school);
    let mut care = Front::unlocked(&mut world.care);
    let sent = school.ask(Request::Send { case: story.case, choices: Box::new(choices) });
    let Event::Done { facts, .. } = sent else { panic!("{sent:?}") };
    let share = ShareId(facts[0]);
    while care.inbox().is_empty() {
        care.until(|event| matches!(event, Event::Changed));
    }
    school.reaches(share, &ShareState::Delivered);
    // To look at the list, and at who sent it, is not to have opened it.
    let received = care.inbox()[0];
    let seen = care.ask(Request::Ask(Query::Received { received }));
    let Event::Answered { answer: Answer::Received(view), .. } = seen else { panic!("{seen:?}") };
    assert!(view.answers.is_empty());
    let opened = care.ask(Request::Open { received });
    let Event::Answered { answer: Answer::Received(view), .. } = opened else { panic!("{opened:?}") };
    assert_eq!(view.answers.len(), 1);
    school.reaches(share, &ShareState::Opened);
    let answer = Request::AnswerBundle { received, kind: ReceiptKind::Receipted, note: "ours".into() };
    assert!(matches!(care.ask(answer), Event::Done { .. }));
    school.reaches(share, &ShareState::Receipted);
    school.end();
    care.end();
}

#[test]
fn a_long_bundle_says_how_far_its_sealing_is() {
    let mut world = World::new();
    let (story, choices) = with_a_long_recording(&mut world.school, 4);
    let long = 3 * PIECE as u64 + 7;
    let mut school = Front::unlocked(&mut world.school);
    let Event::Done { facts, .. } =
        school.ask(Request::Send { case: story.case, choices: Box::new(choices) })
    else {
        panic!()
    };
    let share = ShareId(facts[0]);
    let sealing = |event: &Event| {
        // What is sent later is longer: it is padded.
        matches!(event, Event::Progress { share: Some(one), total, .. } if *one == share && *total == long)
    };
    school.until(sealing);
    school.reaches(share, &ShareState::Stored);
    school.end();
}

#[test]
fn a_share_is_taken_back_from_the_screen() {
    let mut world = World::new();
    let story = Story::tell(&mut world.school);
    let choices = story.decided(&mut world.school);
    let mut school = Front::unlocked(&mut world.school);
    let Event::Done { facts, .. } =
        school.ask(Request::Send { case: story.case, choices: Box::new(choices) })
    else {
        panic!()
    };
    let share = ShareId(facts[0]);
    school.reaches(share, &ShareState::Stored);
    let withdrawn = school.ask(Request::WithdrawShare { share, why: "wrong child".into(), answer_by: None });
    assert!(matches!(withdrawn, Event::Done { .. }));
    assert!(matches!(school.state(share), ShareState::Ended(ShareEnd::Withdrawn { .. })));
    school.end();
}

#[test]
fn what_only_the_exchange_may_record_cannot_be_asked_for() {
    let mut world = World::offline();
    let story = Story::tell(&mut world.school);
    let forged = Command::EndShare { share: ShareId(story.case.0), end: ShareEnd::NotCollected };
    let events = serve(world.school.office(), Ticket(1), Request::Do(forged), &now());
    assert!(matches!(events.as_slice(), [Event::Refused { refusal: Refusal::Sharing(_), .. }]), "{events:?}");
}

#[test]
fn a_preview_says_why_it_may_not_go() {
    let mut world = World::offline();
    let story = Story::tell(&mut world.school);
    let request = Request::Preview { case: story.case, choices: Box::new(story.choices()) };
    let events = serve(world.school.office(), Ticket(7), request, &now());
    let [Event::Previewed { ticket: Ticket(7), preview }] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(preview.refusals.len(), 1);
}
