//! What the agencies had shared before today: each sealed, sent, collected and answered at its time, by the real parts.

use jiff::civil::Time;
use kith_protocol::receipt::ReceiptKind;

use super::{
    DemoError,
    calendar::Calendar,
    desk::{self, Told, Why, rows},
    fill::Filling,
    seed::{self, Files, Seed},
    world::{Cast, ELM_PARK, POLICE, SOCIAL_CARE, ST_JUDES, World},
};
use crate::{
    casework::{
        ids::ReceivedId,
        query::{Answer, Query, Window},
    },
    sharing::office::Office,
};

/// Something that was done, so many school days ago.
struct Deed {
    day: i64,
    time: Time,
    who: Cast,
    what: What,
}

enum What {
    /// Shares the significant entries of a child's case from so many school days ago on.
    Send {
        child: &'static str,
        from: i64,
        to: Cast,
        why: Why,
    },
    /// The same, but the node has not been reached yet.
    Queue {
        child: &'static str,
        from: i64,
        to: Cast,
        why: Why,
    },
    Collect,
    /// Opens the last bundle that came.
    Open,
    Answer(ReceiptKind, &'static str),
}

const fn deed(day: i64, hour: i8, minute: i8, who: Cast, what: What) -> Deed {
    Deed { day, time: Time::constant(hour, minute, 0, 0), who, what }
}

const STRATEGY: Why = Why {
    purpose: "Strategy discussion today about Kian and Lacey: what school has seen since September",
    ask: "Please bring this to the strategy discussion and tell us what is decided.",
    necessity: "The meeting cannot weigh the risk without the whole run of events. Nothing about the other pupils goes.",
    childs_view: "Kian was told that grown-ups would talk about how to help Mum. He asked that nobody shouts at her.",
    told: Told::Yes("Ms Tranter was rung first and said: “I thought you might.”"),
    keep: (
        &["Lacey", "Tranter", "Kelly", "Jayden", "Cole"],
        "the recipient works with this family, and the account makes no sense without them",
    ),
};
const CORE_GROUP: Why = Why {
    purpose: "What St Jude's knows about Jayden, for the plan about his brother and sister",
    ask: "Please invite us to the core group and tell us what is planned for Jayden.",
    necessity: "The plan rests on who is at home in the evening, and that is Jayden. Only what bears on that is sent.",
    childs_view: "Jayden knows that we talk to his social worker and wants to be told what she says.",
    told: Told::Yes("His grandmother was told by telephone and agrees. His mother could not be reached."),
    keep: (
        &["Tranter", "Kelly", "Kian", "Lacey"],
        "the recipient works with this family, and the account makes no sense without them",
    ),
};
const BROTHER: Why = Why {
    purpose: "What Kian has said about being in charge when his brother is out",
    ask: "Please tell us whether his brother has said anything at your school, and who his key person is.",
    necessity: "Two schools each know one half of these children's evenings.",
    childs_view: "Kian would like his brother's school to know that his brother is kind.",
    told: Told::Yes("Told at the core group; Ms Tranter agrees."),
    keep: (&["Tranter", "Kelly"], "his mother, who agreed"),
};
const REVIEW: Why = Why {
    purpose: "The man at the railings, and what has followed: for the review of Niamh's plan",
    ask: "Please bring the review forward. We ask for a decision on the journey to school by Friday.",
    necessity: "The plan was made before anyone came to the school. The review must know what has changed.",
    childs_view: "Niamh wants her social worker to know that she remembers the telephone number by heart.",
    told: Told::Yes("Ms Nguyễn read the record with us and asked that it be sent."),
    keep: (
        &["Finn", "Nguyễn", "Thảo", "O'Brien", "Declan"],
        "the recipient works with this family, and the account makes no sense without them",
    ),
};
const EXPLOITED: Why = Why {
    purpose: "A boy who is being used to carry parcels: what we have seen and what he has said",
    ask: "Please treat Jayden as a child who is exploited, and ring before anyone goes to his home.",
    necessity: "Dates, vans and his own words are needed to find the man. Names of other pupils are not.",
    childs_view: "Jayden asks who will fetch the little ones. He has not been asked about the police yet: he is afraid.",
    told: Told::NotSafe("It could put him in danger from the people to whom he is told that he owes money."),
    keep: (&["Smithy"], "the man the police are asked to find"),
};
const AUTHORITY: Why = Why {
    purpose: "Who may agree to trips and medicine while Kian and Lacey live with their grandmother",
    ask: "Please tell us in writing who may agree, and until when.",
    necessity: "Both children are due at the dentist on a school day. Only what shows the question is sent.",
    childs_view: "Kian would like Nana to sign, because she has a good pen.",
    told: Told::Yes("Mrs Sheila Tranter and Ms Kelly Tranter were both told by telephone."),
    keep: (
        &["Lacey", "Tranter", "Kelly", "Sheila"],
        "the recipient works with this family, and the account makes no sense without them",
    ),
};

/// In the order of time.
fn deeds() -> Vec<Deed> {
    use ReceiptKind::{Declined, Receipted};
    let send = |child, from, to, why| What::Send { child, from, to, why };
    vec![
        deed(32, 15, 5, ELM_PARK, send("Kian", 80, SOCIAL_CARE, STRATEGY)),
        deed(32, 15, 20, SOCIAL_CARE, What::Collect),
        deed(32, 15, 25, SOCIAL_CARE, What::Open),
        deed(32, 15, 50, SOCIAL_CARE, What::Answer(Receipted, "Taken on; read out at the discussion.")),
        deed(24, 15, 10, ST_JUDES, send("Jayden", 80, SOCIAL_CARE, CORE_GROUP)),
        deed(23, 9, 0, SOCIAL_CARE, What::Collect),
        deed(23, 9, 10, SOCIAL_CARE, What::Open),
        deed(
            23,
            9,
            30,
            SOCIAL_CARE,
            What::Answer(Receipted, "Thank you. You will be invited to each core group."),
        ),
        deed(13, 14, 0, ELM_PARK, send("Kian", 56, ST_JUDES, BROTHER)),
        deed(12, 8, 40, ST_JUDES, What::Collect),
        deed(12, 8, 45, ST_JUDES, What::Open),
        deed(
            12,
            9,
            5,
            ST_JUDES,
            What::Answer(
                Declined,
                "Jayden is withheld as another child all the way through, so we cannot tell what is about him. Please \
                decide again with him as the subject; keep nothing from this one.",
            ),
        ),
        deed(4, 11, 30, ELM_PARK, send("Niamh", 24, SOCIAL_CARE, REVIEW)),
        deed(3, 8, 50, SOCIAL_CARE, What::Collect),
        deed(3, 9, 15, SOCIAL_CARE, What::Open),
        deed(1, 11, 15, ST_JUDES, send("Jayden", 80, POLICE, EXPLOITED)),
        deed(0, 8, 20, POLICE, What::Collect),
        deed(0, 9, 40, ELM_PARK, What::Queue { child: "Kian", from: 10, to: SOCIAL_CARE, why: AUTHORITY }),
    ]
}

/// An agency whose records and post are told in step.
struct Place {
    cast: Cast,
    filling: Filling,
    office: Office,
}

/// Fills all four casebooks, with what passed between them. The node runs afterwards.
pub(super) fn tell(world: &mut World) -> Result<(), DemoError> {
    let now = world.clock.local();
    let calendar = Calendar::at(&now);
    world.clock.set(world.since);
    world.start_node()?;
    let seeds: [(Cast, &Files); 4] = [
        (ELM_PARK, &seed::ELM_PARK),
        (ST_JUDES, &seed::ST_JUDES),
        (POLICE, &seed::POLICE),
        (SOCIAL_CARE, &seed::SOCIAL_CARE),
    ];
    let mut places = Vec::new();
    for (cast, files) in seeds {
        let filling = Filling::new(Seed::load(files, &calendar)?, cast.name, &now);
        places.push(Place { cast, filling, office: world.office(cast)? });
    }
    for deed in deeds() {
        let at = calendar.time(deed.day, deed.time);
        let place = places.iter_mut().find(|place| place.cast == deed.who).ok_or(DemoError::Seed)?;
        place.filling.until(at, place.office.casebook_mut())?;
        let at = at.to_zoned(now.time_zone().clone()).map_err(|_| DemoError::Seed)?;
        world.clock.set(at.timestamp());
        place.act(&deed.what, world)?;
    }
    for mut place in places {
        place.filling.until(now.datetime(), place.office.casebook_mut())?;
        // What was answered meanwhile is news to whoever sent it; what waits at Elm Park goes when somebody sits there.
        if place.cast == ST_JUDES {
            world.exchange(&mut place.office)?;
        }
    }
    world.clock.set(now.timestamp());
    Ok(())
}

impl Place {
    fn act(&mut self, what: &What, world: &World) -> Result<(), DemoError> {
        let (office, now) = (&mut self.office, world.clock.local());
        match what {
            What::Send { child, from, to, why } => {
                share(office, child, (*from, *to), why, world)?;
                world.exchange(office)?;
            }
            What::Queue { child, from, to, why } => {
                // What others answered comes first; what is queued stays.
                world.exchange(office)?;
                share(office, child, (*from, *to), why, world)?;
            }
            What::Collect => {
                world.exchange(office)?;
            }
            What::Open => {
                office.opened(last(office, world)?, &now)?;
                world.exchange(office)?;
            }
            What::Answer(kind, note) => {
                office.answer(last(office, world)?, *kind, note, &now)?;
                world.exchange(office)?;
            }
        }
        Ok(())
    }
}

fn share(
    office: &mut Office,
    child: &str,
    (from, to): (i64, Cast),
    why: &Why,
    world: &World,
) -> Result<(), DemoError> {
    let now = world.clock.local();
    let case = desk::case_of(office, child, &now)?;
    let earliest = Calendar::at(&now).before(from).at(0, 0, 0, 0);
    let rows = desk::chronology(office, case.id, true, &now)?;
    let entries = rows.iter().filter(|row| row.at >= earliest).map(|row| row.id).collect();
    let mut choices = desk::choices(office, &case, (&to.id()?, entries), why, &now)?;
    desk::decide(office, case.id, &mut choices, why, &now)?;
    office.send(case.id, &choices, &now)?;
    Ok(())
}

/// The bundle that came last.
fn last(office: &Office, world: &World) -> Result<ReceivedId, DemoError> {
    let now = world.clock.local();
    let rows = rows!(office, &Query::Inbox { window: Window::First, limit: 50 }, now, Answer::Inbox(page) => page.rows);
    rows.into_iter().map(|row| row.id).max().ok_or(DemoError::Seed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        casework::query::{ShareState, Today},
        demo::{clock::DemoClock, world::ALL},
    };

    fn today(office: &Office, world: &World) -> Today {
        let today = world.clock.local().date();
        let Answer::Today(view) = office.ask(&Query::Today { today }, today).unwrap() else { panic!() };
        *view
    }

    #[test]
    fn what_was_shared_before_stands_in_every_record_at_its_time() {
        let clock = DemoClock::system();
        clock.set("2026-11-20T11:00:00Z".parse().unwrap());
        let mut world = World::make(clock).unwrap();
        tell(&mut world).unwrap();
        let office = world.office(ELM_PARK).unwrap();
        let date = world.clock.local().date();
        let shares = Query::Shares { case: None, window: Window::First, limit: 50 };
        let Answer::Shares(crate::casework::query::Page { mut rows, .. }) =
            office.ask(&shares, date).unwrap()
        else {
            panic!()
        };
        rows.sort_by_key(|row| row.decided);
        let states: Vec<_> = rows.into_iter().map(|row| row.state).collect();
        assert_eq!(
            states,
            [ShareState::Receipted, ShareState::Declined, ShareState::Opened, ShareState::Queued]
        );
        // One on its way, one read and not answered.
        assert_eq!(today(&office, &world).shares_waiting, 2);
        drop(office);
        assert_eq!(today(&world.office(POLICE).unwrap(), &world).inbox_unanswered, 1);
        for cast in ALL {
            let mut casebook = world.unlock(cast).unwrap();
            let report = casebook.check(&mut |_, _| {}).unwrap();
            assert!(
                report.results.iter().all(|(_, findings)| findings.is_empty()),
                "{}: {report:?}",
                cast.name
            );
        }
    }
}
