//! Two people: one proposes, another checks; nothing else leaves.

use kith_protocol::{
    bundle::{Bundle, Role},
    directory::Sector,
    seal::{Passphrase, WorkFactor},
};

use super::{
    story::{Story, decide_all, entry, pupil},
    world::{PASSPHRASE, World, now},
};
use crate::{
    casework::{
        case::{Case, LevelOfNeed},
        command::{Command, Refusal},
        fact::{Author, ShareEnd},
        ids::{CaseId, EntryId, PersonId, ShareId},
        query::{Answer, Draft, Query, ShareState, Window},
        second::SharingPolicy,
    },
    cli::keys::certified,
    sharing::{
        office::Office,
        papers,
        plan::{Decision, Marked, ShareChoices, draft_key},
    },
    store::{Casebook, OutboxState},
};

const DEPUTYS: &str = "nine quiet otters";

fn deputy() -> Author {
    Author { name: "Ben Lowe".into(), role: "Deputy Safeguarding Lead".into() }
}

/// A school with a deputy, where everything to social care is checked by a second person.
fn careful() -> (World, Story) {
    let mut world = World::new();
    let story = Story::tell(&mut world.school);
    let person = certified(&world.school.secrets, &super::world::school_id(), &deputy(), now().timestamp());
    let book = world.school.office().casebook_mut();
    let passphrase = Passphrase::from(DEPUTYS);
    let at = now().timestamp();
    book.add_holder(&deputy(), Some(&person), (&passphrase, WorkFactor::LEAST), at).unwrap();
    let policy = SharingPolicy { sectors: [Sector::SocialCare].into(), levels: [].into() };
    world.school.did(Command::SetSharingPolicy { policy, why: "agreed by the governors".into() });
    (world, story)
}

fn become_(world: &mut World, passphrase: &str) {
    world.school.office = None;
    let book = Casebook::unlock(&world.school.book(), &Passphrase::from(passphrase)).unwrap();
    world.school.office = Some(Office::open(book, &world.school.sealed(), &now()).unwrap());
}

fn propose(world: &mut World, story: &Story) -> ShareId {
    let choices = story.decided(&mut world.school);
    let preview = world.school.office().preview(story.case, &choices, &now()).unwrap();
    assert!(preview.to_check && preview.refusals.is_empty(), "{:?}", preview.refusals);
    let share = world.school.office().send(story.case, &choices, &now()).unwrap();
    assert_eq!(world.school.share(share).state, ShareState::ToCheck);
    share
}

#[test]
fn what_one_proposed_goes_only_once_another_has_signed_exactly_that() {
    let (mut world, story) = careful();
    let share = propose(&mut world, &story);
    assert_eq!((world.school_round().stored, world.school.files("outbox")), (0, 0), "it waits");
    let alone = world.school.office().approve(share, &now()).unwrap_err();
    assert!(alone.to_string().contains("same person"), "{alone}");

    become_(&mut world, DEPUTYS);
    let shown = world.school.office().checking(share, &now()).unwrap();
    assert_eq!((shown.row.by.name.as_str(), shown.withheld.len()), ("Amira Khan", 2));
    assert!(shown.withheld.iter().any(|one| one.text == "Ryan Field" && one.reason == "another child"));
    let read = shown.lines.join("\n");
    assert!(read.contains("bruise on the left arm") && !read.contains("Ryan"), "{read}");
    world.school.office().approve(share, &now()).unwrap();
    let again = world.school.office().approve(share, &now()).unwrap_err();
    assert!(again.to_string().contains("Ben Lowe on 9 March 2026 approved it"), "{again}");

    // Whoever has it open then sends it; both names are in the record, here and there.
    become_(&mut world, PASSPHRASE);
    assert_eq!(world.school_round().stored, 1);
    let row = world.school.share(share);
    assert_eq!((row.state, row.by.name.as_str()), (ShareState::Stored, "Amira Khan"));
    assert_eq!(row.checked.unwrap().1, deputy());
    assert_eq!(world.care_round().received, 1);
    let received = world.care.only_received();
    let Answer::Received(view) = world.care.asked(&Query::Received { received }) else { panic!() };
    let second = view.received.checks.iter().find(|check| check.contains("Both signed")).unwrap();
    assert!(
        second.starts_with("ok: ") && second.contains("Amira Khan") && second.contains("Ben Lowe"),
        "{second}"
    );
    let bundle: Bundle = serde_json::from_str(&view.received.document).unwrap();
    let page = kith_protocol::page::render(&bundle);
    assert!(page.contains("Ben Lowe, Deputy Safeguarding Lead, after Amira Khan proposed it"));
    assert!(world.school.office().casebook_mut().check(&mut |_, _| {}).unwrap().is_whole());
}

#[test]
fn what_is_sent_back_returns_with_the_reason_and_leaves_nothing_behind() {
    let (mut world, story) = careful();
    let share = propose(&mut world, &story);
    let key = draft_key(story.case);
    let draft = Draft { key, title: "Share".into(), saved: now().timestamp(), body: "{}".into() };
    world.school.office().save_draft(&draft).unwrap();
    become_(&mut world, DEPUTYS);
    let silent = world.school.office().send_back(share, "  ", &now());
    assert!(silent.is_err(), "a reason is needed");
    world.school.office().send_back(share, "say less of the father", &now()).unwrap();
    let row = world.school.share(share);
    let why = ShareEnd::SentBack { why: "say less of the father".into() };
    assert_eq!((row.state, row.checked), (ShareState::Ended(why), None));
    let Answer::Drafts(drafts) = world.school.asked(&Query::Drafts) else { panic!() };
    assert_eq!(drafts[0].title, "Sent back by Ben Lowe: say less of the father");
    for late in [
        world.school.office().approve(share, &now()),
        world.school.office().checking(share, &now()).map(|_| ()),
    ] {
        let late = late.unwrap_err().to_string();
        assert!(
            late.contains(
                "waits for no check any more: Ben Lowe on 9 March 2026 sent it back: say less of the father"
            ),
            "{late}"
        );
    }
    assert_eq!(world.school_round().stored, 0);
    let share = propose(&mut world, &story);
    assert_ne!(share, row.id, "it is proposed anew, as another");
}

#[test]
fn what_changed_after_it_was_proposed_goes_back_instead_of_out() {
    let (mut world, story) = careful();
    let share = propose(&mut world, &story);
    let Answer::Entry(view) = world.school.asked(&Query::Entry { entry: story.entry }) else { panic!() };
    let people: Vec<_> = view.entry.people.iter().map(|one| (one.person, one.role)).collect();
    let changed = entry(&people, "Jamie had a bruise on the right arm.");
    world.school.did(Command::AmendEntry { entry: story.entry, now: changed, why: "the other arm".into() });
    become_(&mut world, DEPUTYS);
    let refused = world.school.office().approve(share, &now()).unwrap_err().to_string();
    assert!(refused.contains("changed after it was proposed") && refused.contains("Amira Khan"), "{refused}");
    let state = world.school.share(share).state;
    assert!(matches!(state, ShareState::Ended(ShareEnd::SentBack { .. })), "{state:?}");
    assert_eq!((world.school_round().stored, world.school.files("outbox")), (0, 0));
}

#[test]
fn a_draft_that_was_altered_after_it_was_checked_is_not_sealed() {
    let (mut world, story) = careful();
    let share = propose(&mut world, &story);
    become_(&mut world, DEPUTYS);
    world.school.office().approve(share, &now()).unwrap();
    world.school.office().casebook_mut().alter_outbox(share, "left arm", "left leg");
    assert_eq!((world.school_round().stored, world.school.files("outbox")), (0, 0));
    let ShareState::Ended(ShareEnd::Withdrawn { why }) = world.school.share(share).state else { panic!() };
    assert!(why.contains("what was checked is not what would leave"), "{why}");
}

#[test]
fn only_what_the_school_asks_for_is_checked_and_only_a_person_changes_that() {
    let (mut world, story) = careful();
    let silent = SharingPolicy::default();
    let unsaid = Command::SetSharingPolicy { policy: silent.clone(), why: " ".into() };
    let refused = world.school.office().execute(unsaid, &now());
    assert!(matches!(refused, Err(crate::sharing::office::OfficeError::Refused(Refusal::NoReason))));
    world.school.did(Command::SetSharingPolicy { policy: silent, why: "a trial".into() });
    let choices = story.decided(&mut world.school);
    assert!(!world.school.office().preview(story.case, &choices, &now()).unwrap().to_check);
    let Answer::Case(view) = world.school.asked(&Query::Case { case: story.case }) else { panic!() };
    let policy = SharingPolicy { sectors: [].into(), levels: [view.case.level].into() };
    assert_ne!(view.case.level, LevelOfNeed::Universal);
    world.school.did(Command::SetSharingPolicy { policy, why: "by level".into() });
    assert!(world.school.office().preview(story.case, &choices, &now()).unwrap().to_check);
}

#[test]
fn what_was_agreed_to_once_is_not_taken_in_twice() {
    let (mut world, story) = careful();
    let share = propose(&mut world, &story);
    become_(&mut world, DEPUTYS);
    world.school.office().approve(share, &now()).unwrap();
    let before = world.school.copy_book();
    become_(&mut world, PASSPHRASE);
    assert_eq!((world.school_round().stored, world.care_round().received), (1, 1));
    // With the casebook as it was after both had signed, the same is sealed once more: another file, another envelope.
    world.school.put_back_book(&before);
    become_(&mut world, PASSPHRASE);
    world.school.office().seal_waiting(&now()).unwrap();
    let item = world.school.office().casebook().outbox().unwrap().remove(0);
    let OutboxState::Sealed { file, envelope, .. } = item.state else { panic!("{item:?}") };
    let again = world.school.sealed().join("outbox").join(file);
    let envelope = papers::read(&envelope).unwrap();
    let refused = world.care.office().receive_file(&again, Some(envelope), &now()).unwrap_err();
    assert_eq!(refused.to_string(), "this bundle is in the casebook already");
    assert_eq!(world.care.inbox().len(), 1);
}

/// Who checked it and why it was asked back stand side by side.
#[test]
fn what_two_agreed_to_and_took_back_stands_in_every_list_with_both() {
    let (mut world, story) = careful();
    let share = propose(&mut world, &story);
    become_(&mut world, DEPUTYS);
    world.school.office().approve(share, &now()).unwrap();
    world.school_round();
    world.care_round();
    let received = world.care.only_received();
    world.care.office().opened(received, &now()).unwrap();
    world.care_round();
    world.school_round();
    world.school.office().withdraw(share, "sent to the wrong team", None, &now()).unwrap();
    world.school_round();
    world.care_round();
    let row = world.school.share(share);
    assert_eq!((row.state, row.checked.unwrap().1), (ShareState::Asked, deputy()));
    assert_eq!(row.asked.unwrap().why, "sent to the wrong team");
    let Answer::Today(today) = world.school.asked(&Query::Today { today: now().date() }) else { panic!() };
    assert_eq!(today.shares.len(), 1);
    let case = story.case;
    let (significant_only, category, window) = (false, None, Window::First);
    let all = Query::Chronology { case, significant_only, category, window, limit: 9 };
    assert!(matches!(world.school.asked(&all), Answer::Chronology { .. }));
}

/// What makes a case serious goes with the entry, whichever of the child's cases the share begins in.
#[test]
fn the_level_of_the_case_that_an_entry_is_taken_from_counts() {
    let (mut world, story) = careful();
    let policy = SharingPolicy { sectors: [].into(), levels: [LevelOfNeed::ChildInNeed].into() };
    world.school.did(Command::SetSharingPolicy { policy, why: "for the serious ones".into() });
    let other = PersonId(world.school.did(Command::AddPerson(pupil("Jamie", "Oakes"))));
    let same = Command::MarkSame { one: story.jamie, other, why: "recorded twice".into() };
    world.school.did(same);
    let case = Case {
        child: other,
        title: "Lunches".into(),
        level: LevelOfNeed::Universal,
        lead: "Amira Khan".into(),
    };
    let low = CaseId(world.school.did(Command::OpenCase(case)));
    let choices = decide_all(&mut world.school, low, story.choices());
    let preview = world.school.office().preview(low, &choices, &now()).unwrap();
    assert!(preview.to_check && preview.refusals.is_empty(), "{:?}", preview.refusals);
    let share = world.school.office().send(low, &choices, &now()).unwrap();
    assert_eq!(world.school.share(share).state, ShareState::ToCheck);
}

/// Why a file goes in spite of a question, and that another was left out, is for both to see.
#[test]
fn who_checks_sees_what_was_decided_about_files() {
    let (mut world, story) = careful();
    let book = world.school.office().casebook_mut();
    let film = |book: &mut Casebook, name: &str| book.attach(name.as_bytes(), name, "video/mp4").unwrap();
    let files = [film(book, "gate.mp4"), film(book, "yard.mp4")];
    let mut told = entry(&[(story.jamie, Role::Subject)], "See the films.");
    told.attachments = files.to_vec();
    let entry = EntryId(world.school.did(Command::RecordEntry { entry: told, case: Some(story.case) }));
    let attachments = files.iter().map(|file| file.sha256).collect();
    let choices = ShareChoices { entries: vec![entry], attachments, ..story.choices() };
    let mut choices = decide_all(&mut world.school, story.case, choices);
    let keep = Decision::Keep { reason: "shows Jamie alone".into() };
    let gate = choices.decisions.iter_mut().find(|(id, _)| id.field == "attachment/0").unwrap();
    *gate.1 = keep;
    let share = world.school.office().send(story.case, &choices, &now()).unwrap();
    become_(&mut world, DEPUTYS);
    let shown = world.school.office().checking(share, &now()).unwrap();
    let of = |marked: &[Marked]| -> Vec<_> {
        let files = marked.iter().filter(|one| one.place.starts_with("file"));
        files.map(|one| (one.text.clone(), one.reason.clone())).collect()
    };
    assert_eq!(of(&shown.kept), [("gate.mp4".to_owned(), "shows Jamie alone".to_owned())]);
    assert!(of(&shown.withheld).iter().any(|(name, _)| name == "yard.mp4"), "{:?}", shown.withheld);
}
