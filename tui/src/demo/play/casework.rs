//! First the casebooks themselves, then a concern on its way into a case.

use std::{fs, io::Read as _};

use kith_protocol::{
    bundle::{ConcernCategory, Role, StatementKind},
    seal::Passphrase,
};

use super::{Story, pass};
use crate::{
    casework::{
        case::{ActionItem, LevelOfNeed, TriageDecision},
        command::Command,
        entry::{Danger, Entry, EntryKind, Involvement, Significance, Source, Statement},
        ids::{CaseId, EntryId, PersonId},
        query::{Answer, Draft, Query, Window},
        typed_time,
    },
    demo::{
        DemoError,
        desk::{self, rows},
        world::{ALL, ELM_PARK, World},
    },
    sharing::office::Office,
    store::{Casebook, StoreError},
};

pub(super) fn set_up(story: &mut Story<'_>, world: &World) -> Result<(), DemoError> {
    let mut sealed = true;
    for cast in ALL {
        let mut head = [0; 16];
        let file = fs::File::open(world.casebook_of(cast).join("casebook.db"));
        let read = file.and_then(|mut file| file.read_exact(&mut head));
        sealed &= read.is_ok() && &head != b"SQLite format 3\0";
    }
    story.check("four casebooks, each encrypted: no file begins as a plain database does", sealed);
    let wrong = Casebook::unlock(&world.casebook_of(ELM_PARK), &Passphrase::from("demon"));
    story.check("a wrong passphrase opens nothing", matches!(wrong, Err(StoreError::WrongPassphrase)));
    let office = world.office(ELM_PARK)?;
    let directory = office.enrolled()?.directory();
    story.check(
        &format!(
            "directory of {}, version {}: signed by its partnership, {} members",
            directory.partnership,
            directory.version,
            directory.members.len()
        ),
        directory.members.len() == ALL.len(),
    );
    story.check("a node runs on this machine and answers to its own key", world.node_runs());
    let mut casebook = office;
    let report = casebook.casebook_mut().check(&mut |_, _| {})?;
    story.check(
        &format!("Elm Park's casebook is whole: {} facts, checked one by one", report.facts),
        report.is_whole(),
    );
    Ok(())
}

/// A concern about Niamh, from the form to her case; gives the case.
pub(super) fn raise_and_work(story: &mut Story<'_>, world: &World) -> Result<CaseId, DemoError> {
    story.step("A concern is raised");
    let mut office = world.office(ELM_PARK)?;
    let now = world.clock.local();
    let find = Query::FindPeople { text: "neve obrian nguyen".to_owned(), pupils_only: true, limit: 5 };
    let near = Query::FindPeople { text: "niam obrian".to_owned(), pupils_only: true, limit: 5 };
    let mut found = rows!(office, &find, now, Answer::People(rows) => rows);
    if found.is_empty() {
        found = rows!(office, &near, now, Answer::People(rows) => rows);
    }
    let child = found.first().ok_or(DemoError::Seed)?;
    story.check(
        &format!("the child is found by a name typed wrongly, \"niam obrian\": {}", child.name),
        child.name == "Niamh O'Brien-Nguyễn",
    );
    let child = child.id;
    let draft = Draft {
        key: "concern".to_owned(),
        title: "Concern".to_owned(),
        saved: now.timestamp(),
        body: "half written".to_owned(),
    };
    office.save_draft(&draft)?;
    drop(office);
    office = world.office(ELM_PARK)?;
    let drafts = rows!(office, &Query::Drafts, now, Answer::Drafts(rows) => rows);
    story.check("a form left half written is there when the casebook opens again", drafts.contains(&draft));
    office.casebook_mut().drop_draft("concern")?;
    let when = typed_time::happened("today 0905", now.datetime()).map(|typed| typed.when);
    let when = when.map_err(|error| DemoError::Failed(error.to_string()))?;
    story.check(
        &format!("the time is understood as typed, \"today 0905\": {}", when.at.strftime("%A %-d %B, %H:%M")),
        when.at.time() == jiff::civil::time(9, 5, 0, 0),
    );
    let facts = office.execute(Command::RecordEntry { entry: concern(child, when), case: None }, &now)?;
    let entry = EntryId(*facts.first().ok_or(DemoError::Seed)?);
    let queue = rows!(office, &Query::Triage { category: None, window: Window::First, limit: 50 }, now, Answer::Triage(page) => page.rows);
    story.check("it stands in the triage queue at once", queue.iter().any(|row| row.id == entry));
    triage(story, world, (&mut office, entry))
}

fn triage(
    story: &mut Story<'_>,
    world: &World,
    (office, entry): (&mut Office, EntryId),
) -> Result<CaseId, DemoError> {
    pass(world, 2);
    let now = world.clock.local();
    let case = desk::case_of(office, "Niamh", &now)?;
    let decision = TriageDecision::AddToCase { case: case.id };
    office.execute(Command::Triage { entry, decision, level: LevelOfNeed::ChildInNeed }, &now)?;
    let queue = rows!(office, &Query::Triage { category: None, window: Window::First, limit: 50 }, now, Answer::Triage(page) => page.rows);
    let all = desk::chronology(office, case.id, false, &now)?;
    let cleared = queue.iter().all(|row| row.id != entry) && all.iter().any(|row| row.id == entry);
    story.check("triaged into Niamh's case: out of the queue, into the chronology", cleared);
    let again = TriageDecision::NoFurtherAction { reason: "a second opinion".to_owned() };
    let twice =
        office.execute(Command::Triage { entry, decision: again, level: LevelOfNeed::Universal }, &now);
    story.check("nobody can triage it a second time", twice.is_err());

    story.step("The case");
    let significant = desk::chronology(office, case.id, true, &now)?;
    story.check(
        &format!("chronology: {} entries, {} of them significant", all.len(), significant.len()),
        significant.len() < all.len() && !significant.is_empty(),
    );
    let view = rows!(office, &Query::Entry { entry }, now, Answer::Entry(view) => view);
    let mut amended = view.entry.clone();
    if let Some(first) = amended.statements.first_mut() {
        first.text.push_str(" He had a lead in his hand and no dog.");
    }
    let why = "I remembered the lead when I told it again".to_owned();
    office.execute(Command::AmendEntry { entry, now: amended, why: why.clone() }, &now)?;
    let after = rows!(office, &Query::Entry { entry }, now, Answer::Entry(view) => view);
    let kept = after.earlier.first().is_some_and(|old| old.entry == view.entry && old.why == why);
    story.check("an amendment keeps what stood before, with who changed it and why", kept);
    let item = ActionItem {
        case: case.id,
        what: "Send the police the chronology and the camera recording".to_owned(),
        owner: office.session().user.name.clone(),
        due: now.date(),
    };
    let before = case.actions_open;
    office.execute(Command::AddAction(item), &now)?;
    let case = desk::case_of(office, "Niamh", &now)?;
    story.check("an action with an owner and a date is on the list", case.actions_open == before + 1);
    let child = case.case.child;
    let network = rows!(office, &Query::Network { person: child }, now, Answer::Network(network) => network);
    let responsible =
        network.relations.iter().filter(|(_, tie)| tie.to == child && tie.parental_responsibility);
    story.check(
        "two people hold parental responsibility; one of them may have no contact",
        responsible.count() == 2,
    );
    story.check("the family's address is marked as protected", case.protected_address);
    Ok(case.id)
}

fn concern(child: PersonId, when: crate::casework::entry::When) -> Entry {
    let says = |kind, text: &str| Statement { kind, text: text.to_owned() };
    Entry {
        kind: EntryKind::Concern,
        people: vec![Involvement { person: child, role: Role::Subject }],
        happened: when,
        category: ConcernCategory::FamilyCircumstances,
        source: Source {
            name: "Stephen Lomax".to_owned(),
            role: "Site manager".to_owned(),
            agency: ELM_PARK.name.to_owned(),
        },
        statements: vec![
            says(
                StatementKind::ObservedFact,
                "The grey hatchback with the dented rear door was by the lower gate again. The driver watched the line come in.",
            ),
            says(StatementKind::ChildsWords, "That's the car from swimming."),
            says(
                StatementKind::ThirdPartyReport,
                "The crossing warden had seen it there on Tuesday as well.",
            ),
            says(StatementKind::ProfessionalOpinion, "Twice is not by chance."),
        ],
        danger: Danger::Yes {
            done: "Children brought in, gate shut. 999 rung at 09:07; officers came at 09:15.".to_owned(),
        },
        told: "Amina Khan by radio, 09:06.".to_owned(),
        done: "Camera recording saved before it is written over.".to_owned(),
        effect: "She held her teacher's hand until register.".to_owned(),
        significance: Significance::High,
        attachments: Vec::new(),
    }
}
