//! What the program with made-up answers is told.

use jiff::{SignedDuration, civil::date};
use kith_protocol::{
    bundle::{ConcernCategory, Reason, Role, StatementKind},
    receipt::ReceiptKind,
};

use super::{
    arrived::{inbox_row, received_view},
    world::{NEWER, World, id},
};
use crate::{
    casework::{
        case::{ActionItem, Case, LevelOfNeed},
        entry::{Danger, Entry, EntryKind, Involvement, Precision, Significance, Source, Statement, When},
        fact::{Author, Share},
        ids::{ActionId, AddressId, CaseId, ConsentId, EntryId, PersonId, RelationId, ShareId},
        person::{Address, ContactRule, Person, PersonKind, Relation, RelationKind},
        query::*,
    },
    flow::{MemberRow, Request, Session},
    sharing::plan::{Checking, Marked, SpanId, Suggestion, Suggestions},
};

pub(super) fn session() -> Session {
    Session {
        agency: "elm-park".parse().unwrap(),
        agency_name: "Elm Park Primary".to_owned(),
        user: author(),
        demo: false,
    }
}

pub(super) fn author() -> Author {
    Author { name: "A. Khan".to_owned(), role: "Designated Safeguarding Lead".to_owned() }
}

fn entry_row(seq: u64, at: &str, headline: &str, significance: Significance) -> EntryRow {
    EntryRow {
        id: EntryId(id(seq)),
        kind: EntryKind::Concern,
        at: at.parse().unwrap(),
        precision: Precision::Exact,
        recorded: format!("{at}Z").parse().unwrap(),
        category: ConcernCategory::Welfare,
        children: "Maya Holt".to_owned(),
        source: "R. Patel".to_owned(),
        headline: headline.to_owned(),
        done: "MASH told by phone".to_owned(),
        significance,
        in_danger: seq == 11,
        versions: if seq == 12 { 2 } else { 1 },
        attachments: 0,
        triaged: false,
        case: Some(CaseId(id(5))),
    }
}

fn triage_rows() -> Vec<EntryRow> {
    vec![
        entry_row(
            11,
            "2025-03-14T09:12:00",
            "Bruise on left forearm, says it was the door",
            Significance::None,
        ),
        entry_row(12, "2025-03-14T08:50:00", "Came without a coat again, very hungry", Significance::None),
        entry_row(13, "2025-03-13T15:05:00", "Asked not to be sent home", Significance::None),
    ]
}

fn chronology() -> Vec<EntryRow> {
    vec![
        entry_row(24, "2024-12-02T09:00:00", "Full week in school", Significance::Positive),
        entry_row(23, "2025-02-24T10:00:00", "Dentist missed again", Significance::Low),
        entry_row(22, "2025-03-10T15:40:00", "Mother cancelled the meeting", Significance::Low),
        entry_row(21, "2025-03-12T09:05:00", "Bruise on left forearm seen at PE", Significance::High),
    ]
}

fn entry_view(entry: EntryId) -> EntryView {
    let statement = |kind, text: &str| Statement { kind, text: text.to_owned() };
    let entry_body = Entry {
        kind: EntryKind::Concern,
        people: vec![
            Involvement { person: PersonId(id(1)), role: Role::Subject },
            Involvement { person: PersonId(id(2)), role: Role::Witness },
        ],
        happened: When { at: date(2025, 3, 12).at(9, 5, 0, 0), precision: Precision::Exact },
        category: ConcernCategory::Welfare,
        source: Source {
            name: "R. Patel".into(),
            role: "class teacher".into(),
            agency: "Elm Park Primary".into(),
        },
        statements: vec![
            statement(
                StatementKind::ObservedFact,
                "Saw a bruise on the left forearm while Maya and Jonah Reed changed for PE.",
            ),
            statement(StatementKind::ChildsWords, "It was the door. Don't tell mum."),
        ],
        danger: Danger::No,
        told: "A. Khan, 09:20, in person".to_owned(),
        done: "MASH told by phone".to_owned(),
        effect: "Hid her sleeve, quiet all morning".to_owned(),
        significance: Significance::High,
        attachments: Vec::new(),
    };
    let earlier = if entry == EntryId(id(12)) || entry == EntryId(id(21)) {
        let old = Entry { told: "nobody yet".to_owned(), ..entry_body.clone() };
        vec![EntryVersion {
            entry: old,
            recorded: "2025-03-12T09:20:00Z".parse().unwrap(),
            by: author(),
            why: "who was told was missing".to_owned(),
        }]
    } else {
        Vec::new()
    };
    EntryView {
        sent: None,
        id: entry,
        entry: entry_body,
        names: vec!["Maya Holt".to_owned(), "Jonah Reed".to_owned()],
        recorded: "2025-03-12T09:30:00Z".parse().unwrap(),
        by: author(),
        stands: Stands {
            fact: entry.0,
            by: author(),
            names: vec!["Maya Holt".to_owned(), "Jonah Reed".to_owned()],
        },
        case: Some(CaseId(id(5))),
        triage: None,
        earlier,
    }
}

fn person(given: &str, family: &str, kind: PersonKind) -> Person {
    Person {
        kind,
        given: given.to_owned(),
        family: family.to_owned(),
        preferred: None,
        also_known_as: Vec::new(),
        born: Some(date(2016, 5, 21)),
        identifiers: Vec::new(),
        phones: Vec::new(),
        emails: Vec::new(),
    }
}

fn maya() -> Person {
    person("Maya", "Holt", PersonKind::Pupil { year: "Y4".to_owned(), class: "Oak".to_owned() })
}

fn case_row() -> CaseRow {
    CaseRow {
        id: CaseId(id(5)),
        child: PersonId(id(1)),
        child_name: "Maya Holt".to_owned(),
        year: "Y4".to_owned(),
        title: "Neglect".to_owned(),
        level: LevelOfNeed::ChildProtection,
        lead: "A. Khan".to_owned(),
        open: true,
        entries: 4,
        last: Some(date(2025, 3, 12).at(9, 5, 0, 0)),
        actions_open: 2,
        actions_overdue: 1,
    }
}

fn actions() -> Vec<ActionRow> {
    let action = |seq, what: &str, due, finished: Option<&str>| ActionRow {
        id: ActionId(id(seq)),
        item: ActionItem { case: CaseId(id(5)), what: what.to_owned(), owner: "A. Khan".to_owned(), due },
        child_name: "Maya Holt".to_owned(),
        finished: finished.map(str::to_owned),
    };
    vec![
        action(31, "Call MASH back", date(2025, 3, 12), None),
        action(32, "Report to core group", date(2025, 3, 18), None),
        action(33, "Speak to class teacher", date(2025, 3, 10), Some("spoken, will watch")),
    ]
}

/// A case of so many days, with an entry each day.
fn long(world: &World, window: Window<EventKey>, limit: u32) -> (Vec<EntryRow>, u64) {
    let day = |key: EventKey| i64::try_from(key.id.seq).unwrap() - 1_001;
    let (first, last) = match window {
        Window::First => (0, i64::from(limit)),
        Window::After(key) => (day(key) + 1, day(key) + 1 + i64::from(limit)),
        Window::Before(key) => (day(key) - i64::from(limit), day(key)),
        Window::Last => (world.long - i64::from(limit), world.long),
    };
    let days = first.max(0)..last.min(world.long);
    let first = date(2024, 1, 1).at(9, 0, 0, 0);
    let rows = days.map(|day| EntryRow {
        versions: 1,
        at: first + SignedDuration::from_hours(24 * day),
        ..entry_row(
            1_001 + day as u64,
            "2024-01-01T09:00:00",
            &format!("Day {}", day + 1),
            Significance::None,
        )
    });
    (rows.collect(), world.long as u64)
}

fn proposed(own: bool) -> ShareRow {
    let deputy = Author { name: "B. Lowe".into(), role: "Deputy".into() };
    let by = if own { author() } else { deputy };
    ShareRow { id: ShareId(id(42)), by, state: ShareState::ToCheck, receipts: Vec::new(), ..share_row() }
}

pub(super) fn checking(own: bool) -> Checking {
    let mark = |text: &str, reason: &str| Marked {
        entry: EntryId(id(21)),
        place: "the first statement".into(),
        text: text.into(),
        reason: reason.into(),
    };
    Checking {
        row: proposed(own),
        basis: "Legal duty to share".into(),
        withheld: vec![mark("Callum Reed", "another child")],
        kept: vec![mark("PC Dale", "the officer in the case, known to them")],
        lines: vec!["Strategy discussion: Maya Holt".into(), "12 March: saw a bruise on [withheld 1]".into()],
    }
}

fn share_row() -> ShareRow {
    ShareRow {
        id: ShareId(id(41)),
        share: Share {
            at: date(2025, 3, 12).at(10, 0, 0, 0),
            case: CaseId(id(5)),
            to: "northshire-csc".parse().unwrap(),
            consent: ConsentId(id(40)),
            purpose: "Strategy discussion".to_owned(),
            ask: "Ring us today".to_owned(),
            entries: vec![EntryId(id(21))],
            attachments: Vec::new(),
            withheld: Vec::new(),
            kept: Vec::new(),
            gaps: Vec::new(),
        },
        child_name: "Maya Holt".to_owned(),
        to_name: "Northshire CSC".to_owned(),
        decided: "2025-03-12T10:00:00Z".parse().unwrap(),
        by: author(),
        checked: None,
        bundle: None,
        state: ShareState::Delivered,
        receipts: vec![
            (
                ReceiptKind::Stored,
                "2025-03-12T10:00:05Z".parse().unwrap(),
                "node of the partnership".into(),
                String::new(),
            ),
            (
                ReceiptKind::Delivered,
                "2025-03-12T10:02:00Z".parse().unwrap(),
                "Northshire CSC".into(),
                String::new(),
            ),
        ],
        asked: None,
        released: Vec::new(),
    }
}

pub(super) fn person_row() -> PersonRow {
    PersonRow {
        id: PersonId(id(1)),
        name: "Maya Holt".to_owned(),
        detail: "Y4, Oak".to_owned(),
        born: Some(date(2016, 5, 21)),
        case: Some(CaseId(id(5))),
    }
}

#[expect(clippy::too_many_lines, reason = "one arm for each question")]
pub(super) fn answer(query: Query, world: &World) -> Answer {
    match query {
        Query::Today { .. } => Answer::Today(Box::new(Today {
            to_check: if world.careful { vec![proposed(world.own_proposal)] } else { Vec::new() },
            untriaged: 3,
            in_danger: 1,
            open_cases: 11,
            actions_overdue: 1,
            actions_due_week: 2,
            inbox_unanswered: 1,
            shares_waiting: 1,
            concerns_by_week: [2, 3, 1, 5, 4, 2, 6, 4].into_iter().map(|n| (date(2025, 3, 10), n)).collect(),
            triage: triage_rows(),
            actions: actions().into_iter().take(2).collect(),
            shares: vec![share_row()],
            inbox: vec![inbox_row()],
            drafts: world.drafts.len() as u64,
            past_retention: 0,
            certificate: world.certificate.clone(),
            disposals_proposed: 0,
        })),
        Query::Triage { window, limit, .. } if world.queue > 0 => {
            let (first, last) = (1_001, 1_000 + world.queue);
            let most = u64::from(limit) - 1;
            let seqs = match window {
                Window::First => first..=(first + most).min(last),
                Window::Last => (last - most).max(first)..=last,
                Window::After(key) => key.1.0.seq + 1..=(key.1.0.seq + 1 + most).min(last),
                Window::Before(key) => (key.1.0.seq - 1 - most).max(first)..=key.1.0.seq - 1,
            };
            let row = |seq| {
                let headline = format!("Concern {}", seq - 1_000);
                entry_row(seq, "2025-03-14T08:50:00", &headline, Significance::None)
            };
            Answer::Triage(Page { rows: seqs.map(row).collect(), total: world.queue, window })
        }
        Query::Triage { .. } => {
            let mut rows = triage_rows();
            if world.triaged {
                rows.remove(0);
            }
            Answer::Triage(Page { total: rows.len() as u64, rows, window: Window::First })
        }
        Query::Cases { .. } => {
            Answer::Cases(Page { rows: vec![case_row()], total: 1, window: Window::First })
        }
        Query::Case { case } => Answer::Case(Box::new(CaseView {
            id: case,
            case: Case {
                child: PersonId(id(1)),
                title: "Neglect".to_owned(),
                level: LevelOfNeed::ChildProtection,
                lead: "A. Khan".to_owned(),
            },
            child: maya(),
            opened: "2025-01-10T10:00:00Z".parse().unwrap(),
            closed: None,
            entries: 4,
            significant: 2,
            events: 5,
            actions_open: 2,
            actions_overdue: 1,
            shares: 1,
            protected_address: true,
            last_significant: vec![chronology().remove(3)],
        })),
        Query::Chronology { window, limit, .. } if world.long > 0 => {
            let (rows, total) = long(world, window, limit);
            Answer::Chronology { rows: rows.into_iter().map(Event::Entry).collect(), total }
        }
        Query::EntriesOf { window, limit, .. } if world.long > 0 => {
            let (rows, total) = long(world, window, limit);
            Answer::EntriesOf { rows, total }
        }
        Query::Chronology { .. } => {
            let mut rows: Vec<Event> = chronology().into_iter().map(Event::Entry).collect();
            rows.push(Event::Share(share_row()));
            rows.sort_by_key(Event::key);
            Answer::Chronology { rows, total: 5 }
        }
        Query::EntriesOf { .. } => Answer::EntriesOf { rows: chronology(), total: 4 },
        Query::Months { .. } => Answer::Months(
            [(2024, 12, 1, 24), (2025, 2, 1, 23), (2025, 3, 2, 22)]
                .into_iter()
                .map(|(year, month, events, seq)| Month {
                    year,
                    month,
                    events,
                    significant: 1,
                    first: EventKey { at: date(year, month, 2).at(0, 0, 0, 0), id: id(seq) },
                })
                .collect(),
        ),
        Query::Entry { entry } => {
            let mut view = entry_view(entry);
            if world.amended {
                view.earlier.extend(view.earlier.first().cloned());
            }
            Answer::Entry(Box::new(view))
        }
        Query::Actions { .. } => Answer::Actions(Page { rows: actions(), total: 3, window: Window::First }),
        Query::FindPeople { .. } => Answer::People(vec![person_row()]),
        Query::FindEntries { .. } => Answer::Entries(vec![chronology().remove(3)]),
        Query::Person { person } => Answer::Person(Box::new(PersonView {
            same: Vec::new(),
            id: person,
            person: maya(),
            cases: vec![case_row()],
            entries: Vec::new(),
            versions: 1,
        })),
        Query::Network { .. } => Answer::Network(Box::new(network(world.twice))),
        Query::Consents { .. } => Answer::Consents(vec![ConsentRow {
            id: ConsentId(id(42)),
            recorded: "2025-03-01T10:00:00Z".parse().unwrap(),
            by: author(),
            what: ConsentOrNot::NotShared {
                with: "hillside-gp".parse().unwrap(),
                because: "nothing in it concerns health".to_owned(),
                signed: None,
            },
        }]),
        Query::ToCheck { .. } => Answer::ToCheck(vec![proposed(world.own_proposal)]),
        Query::SharingPolicy => Answer::SharingPolicy(Default::default()),
        Query::Consent { .. } => Answer::Notices(Vec::new()),
        Query::Notices => {
            let kept = |request: &Request| match request {
                Request::KeepNotice { name, language, .. } => Some(NoticeRow {
                    sha256: kith_protocol::ids::Digest::of(name.as_bytes()),
                    name: name.clone(),
                    language: language.clone(),
                    kept: world.now,
                    text: String::new(),
                }),
                _ => None,
            };
            Answer::Notices(world.sent.iter().filter_map(kept).collect())
        }
        Query::Shares { .. } => {
            Answer::Shares(Page { rows: vec![share_row()], total: 1, window: Window::First })
        }
        Query::Inbox { .. } => {
            let newer = world.arrived.then(|| ReceivedRow { id: NEWER, ..inbox_row() });
            let row = ReceivedRow { asked: asked(world), ..inbox_row() };
            let rows: Vec<_> = newer.into_iter().chain([row]).collect();
            Answer::Inbox(Page { total: rows.len() as u64, rows, window: Window::First })
        }
        Query::SetAside => Answer::SetAside(world.aside.clone()),
        Query::Logs => Answer::Logs(Box::default()),
        Query::Received { received } => {
            let view = received_view(received, world);
            Answer::Received(Box::new(ReceivedView { asked: asked(world), ..view }))
        }
        Query::Drafts => Answer::Drafts(world.drafts.clone()),
        Query::Retention { .. } => Answer::Retention(Box::new(super::retention::review())),
        Query::File { file } => {
            let rows = super::retention::review().rows.into_iter();
            let mut row = rows.take(1).next().unwrap();
            row.file = file;
            Answer::File(Box::new(row))
        }
    }
}

fn asked(world: &World) -> Option<Asked> {
    world.asked.then(|| Asked {
        at: "2025-03-14T09:00:00Z".parse().unwrap(),
        why: "the record it rested on was withdrawn".to_owned(),
        answer_by: Some(date(2025, 3, 28)),
    })
}

fn mark() -> SameMark {
    SameMark {
        one: PersonId(id(1)),
        other: PersonId(id(8)),
        why: "the birth certificate".to_owned(),
        by: author(),
        at: "2025-03-10T09:00:00Z".parse().unwrap(),
    }
}

fn network(twice: bool) -> Network {
    let child = PersonId(id(if twice { 8 } else { 1 }));
    let tie = |from, kind, home, contact| Relation {
        from: PersonId(id(from)),
        to: child,
        kind,
        parental_responsibility: true,
        same_household: home,
        contact,
    };
    let other = twice.then(|| (PersonId(id(8)), person("Amaya", "Verity", PersonKind::Other)));
    let mut network = Network {
        same: twice.then_some(child).into_iter().collect(),
        marks: twice.then(mark).into_iter().collect(),
        people: vec![
            (PersonId(id(1)), maya()),
            (PersonId(id(3)), person("Dana", "Holt", PersonKind::Family)),
            (PersonId(id(4)), person("Rob", "Crane", PersonKind::Family)),
        ],
        relations: vec![
            (RelationId(id(61)), tie(3, RelationKind::Mother, true, ContactRule::Open)),
            (RelationId(id(62)), tie(4, RelationKind::Father, false, ContactRule::None)),
        ],
        addresses: vec![(
            AddressId(id(63)),
            Address {
                lines: "9 Mill Lane\nNorthtown".to_owned(),
                postcode: "NT1 2AB".to_owned(),
                protected: true,
                protected_from: "Rob Crane, court order of 4 February".to_owned(),
                people: vec![PersonId(id(1)), PersonId(id(3))],
            },
        )],
    };
    network.people.extend(other);
    network
}

pub(super) fn members() -> Vec<MemberRow> {
    let member = |id: &str, name: &str, sector: &str, trust: &str| MemberRow {
        id: id.parse().unwrap(),
        name: name.to_owned(),
        sector: sector.to_owned(),
        phone: "01632 960123".to_owned(),
        trust: trust.to_owned(),
        words: ["rose", "canyon", "velvet", "otter", "lamp", "delta", "pine", "quiet"],
        post_quantum: true,
    };
    vec![
        member("northshire-police", "Northshire Police PPU", "police", "VERIFIED (phone, 2 Feb, A. Khan)"),
        member("northshire-csc", "Northshire CSC", "social care", "VOUCHED BY partnership"),
    ]
}

pub(super) fn suggestions(named: bool) -> Suggestions {
    let span = |start, end| SpanId { entry: EntryId(id(21)), field: "statement/0".to_owned(), start, end };
    let text = "Saw a bruise on the left forearm while Maya and Jonah Reed changed for PE.";
    let at = text.find("Jonah Reed").unwrap() as u32;
    let other = |field: &str, text: &str| Suggestion {
        id: SpanId { field: field.to_owned(), ..span(0, text.len() as u32) },
        text: text.to_owned(),
        why: "a name".to_owned(),
        code: Reason::ThirdPartyAdult,
        blocks: false,
        careful: false,
    };
    let others = [other("source/name", "R. Patel"), other("person/1", "Jonah")];
    let mut all = vec![
        Suggestion {
            id: span(at, at + 10),
            text: "Jonah Reed".to_owned(),
            why: "another child".to_owned(),
            code: Reason::ThirdPartyChild,
            blocks: false,
            careful: false,
        },
        Suggestion {
            id: SpanId { field: "told".to_owned(), ..span(0, 7) },
            text: "A. Khan".to_owned(),
            why: "a member of staff".to_owned(),
            code: Reason::ThirdPartyAdult,
            blocks: true,
            careful: false,
        },
    ];
    all.extend(others.into_iter().filter(|_| named));
    Suggestions(all)
}
