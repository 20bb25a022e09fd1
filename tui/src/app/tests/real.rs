//! The same keys against a real casebook: nothing here is made up.

use crossterm::event::{KeyCode, KeyEvent};
use jiff::{Timestamp, Zoned, tz::TimeZone};
use kith_protocol::seal::{Passphrase, WorkFactor};
use ratatui::{buffer::Buffer, layout::Rect};
use tempfile::TempDir;

use super::world::{named, settings};
use crate::{
    app::{App, Effect, Input},
    casework::{
        command::Command,
        fact::Author,
        person::{Person, PersonKind},
    },
    flow::{Event, Request, Ticket},
    store::{Casebook, CommandError, Setup},
    theme::Glyphs,
};

struct Real {
    app: App,
    casebook: Casebook,
    now: Timestamp,
    _folder: TempDir,
}

impl Real {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let user = Author { name: "A. Khan".to_owned(), role: "DSL".to_owned() };
        let setup = Setup {
            agency: "elm-park".parse().unwrap(),
            agency_name: "Elm Park Primary".to_owned(),
            user: user.clone(),
            demo: false,
        };
        let passphrase = Passphrase::from("seven tired herons");
        let (mut casebook, _card) =
            Casebook::create(folder.path(), &setup, &passphrase, WorkFactor::LEAST).unwrap();
        let now: Timestamp = "2025-03-14T09:15:00Z".parse().unwrap();
        for (given, family) in [("Maya", "Holt"), ("Jonah", "Reed")] {
            let person = Person {
                kind: PersonKind::Pupil { year: "Y4".to_owned(), class: "Oak".to_owned() },
                given: given.to_owned(),
                family: family.to_owned(),
                preferred: None,
                also_known_as: Vec::new(),
                born: None,
                identifiers: Vec::new(),
                phones: Vec::new(),
                emails: Vec::new(),
            };
            casebook.execute(Command::AddPerson(person), &user, &zoned(now)).unwrap();
        }
        let app = App::new(settings(Glyphs::UNICODE), (80, 24), now);
        let mut real = Self { app, casebook, now, _folder: folder };
        let session = real.casebook.session().unwrap();
        real.input(Input::Event(Event::Unlocked(session)));
        real
    }

    fn input(&mut self, input: Input) {
        for effect in self.app.on(input, self.now) {
            if let Effect::Request(ticket, request) = effect {
                let event = self.carry_out(ticket, request);
                self.input(Input::Event(event));
            }
        }
    }

    fn carry_out(&mut self, ticket: Ticket, request: Request) -> Event {
        let now = zoned(self.now);
        let done = |facts| Event::Done { ticket, facts };
        match request {
            Request::Ask(query) => match self.casebook.ask(&query, now.date()) {
                Ok(answer) => Event::Answered { ticket, answer },
                Err(error) => Event::Failed { ticket, message: error.to_string() },
            },
            Request::Do(command) => {
                let author = self.casebook.session().unwrap().user;
                match self.casebook.execute(command, &author, &now) {
                    Ok(facts) => done(facts),
                    Err(CommandError::Refused(refusal)) => Event::Refused { ticket, refusal },
                    Err(error) => Event::Failed { ticket, message: error.to_string() },
                }
            }
            Request::SaveDraft(draft) => {
                self.casebook.save_draft(&draft).unwrap();
                done(Vec::new())
            }
            Request::DropDraft { key } => {
                self.casebook.drop_draft(&key).unwrap();
                done(Vec::new())
            }
            _ => Event::Failed { ticket, message: "not in this test".to_owned() },
        }
    }

    fn keys(&mut self, text: &str) -> &mut Self {
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let end = rest.find('>').filter(|_| c == '<');
            let (key, used) = match end {
                Some(end) => (named(&rest[1..end]), end + 1),
                None => (KeyEvent::from(KeyCode::Char(c)), c.len_utf8()),
            };
            self.input(Input::Key(key));
            rest = &rest[used..];
        }
        self
    }

    fn sees(&mut self, text: &str) -> &mut Self {
        let area = Rect::new(0, 0, 80, 24);
        let mut buf = Buffer::empty(area);
        let _ = self.app.view(area, &mut buf);
        let line = |y| (0..80).map(|x| buf[(x, y)].symbol()).collect::<String>();
        let screen = (0..24).map(line).collect::<Vec<_>>().join("\n");
        assert!(screen.contains(text), "{text:?} is not on the screen:\n{screen}");
        self
    }
}

fn zoned(at: Timestamp) -> Zoned {
    at.to_zoned(TimeZone::UTC)
}

#[test]
fn from_concern_to_case_to_action_and_back_again() {
    let mut real = Real::new();
    real.keys("<C-n>maya<Enter><Enter>today 0905<Enter><F5><Enter>welfare<Enter>Bruise on left forearm.");
    real.keys("<F7>It was the door<Tab><Tab><Tab>jonah<Enter>wit<Enter><Tab>1A. Khan at 0910<C-s><C-s>");
    real.sees("Concern recorded as 1-").sees("1 to triage");
    real.keys("2").sees("Bruise on left forearm.").sees("Jonah Reed, witness").keys("t33<Enter><Enter>");
    real.sees("case opened for Maya Holt").sees("No concern waits");
    real.keys("u").sees("Undone").sees("Maya Holt").keys("t34Neglect<Enter><Enter>");
    real.keys("3").sees("Child protection").keys("<Enter>").sees("Bruise on left forearm.");
    real.keys("*4<Enter>").sees("Significance is high");
    real.keys("aMother rang<Esc>").sees("CASE");
    real.keys("eColour added<F2><F2>")
        .sees("Amended")
        .keys("h")
        .sees("replaced because: Colour added")
        .keys("<Esc>");
    real.keys("]aRing MASH<Enter><Enter>+2d<Enter>").sees("Action added").sees("Ring MASH");
    real.keys("fdone, ref 12<Enter>").sees("DONE").keys("u").sees("Undone");
    real.keys("]aDana<Enter>Holt<Enter><Enter><Enter>mother<Enter>111").keys("<Enter>").sees("Dana Holt");
    real.sees("parental responsibility");
    real.keys("d9 Mill Lane<Enter>NT1 2AB<Enter>maya<Enter><Tab>1Rob Crane<Enter>")
        .sees("do not disclose to Rob Crane");
    real.keys("<C-f>bruise").sees("Maya Holt").keys("<Esc>1").sees("TODAY").sees("Ring MASH");
}
