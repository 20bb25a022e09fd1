//! What was collected and is taken back: the task, the answers, and a deletion that leaves nothing.

use jiff::civil::date;
use kith_exchange::courier::Courier;
use kith_protocol::{
    consent::LawfulBasis,
    gate::{SignedGate, SignedWithdrawal, Withdrawal},
    receipt::ReceiptKind,
};

use super::{
    story::{Story, by_consent},
    world::{World, now, run, school_id},
};
use crate::{
    casework::{
        case::{Case, LevelOfNeed},
        command::{Command, FileInto},
        entry::Significance,
        ids::{CaseId, ConsentId, EntryId, PersonId, ReceivedId, ShareId},
        query::{Answer, ConsentOrNot, Query, ShareState, Window},
    },
    sharing::{papers, withdrawn::Reaction},
    store::{CheckReport, tests::raw_pages::everything},
};

/// A share that social care has opened, with an attachment.
pub(super) fn collected(world: &mut World) -> (Story, ShareId, ReceivedId) {
    let story = Story::tell(&mut world.school);
    let mut choices = story.decided(&mut world.school);
    choices.consent = Some(Box::new(by_consent(&mut world.school)));
    let share = world.school.office().send(story.case, &choices, &now()).unwrap();
    world.school_round();
    world.care_round();
    let received = world.care.only_received();
    world.care.office().opened(received, &now()).unwrap();
    world.care_round();
    world.school_round();
    (story, share, received)
}

pub(super) fn withdraw_consent(world: &mut World, story: &Story) {
    let Answer::Consents(rows) = world.school.asked(&Query::Consents { case: story.case }) else { panic!() };
    let (by, why) = ("Dana Oakes".to_owned(), "changed her mind after a row".to_owned());
    world.school.did(Command::WithdrawConsent { consent: rows[0].id, by, why });
}

pub(super) fn file(world: &mut World, received: ReceivedId) -> (CaseId, EntryId) {
    let child = PersonId(world.care.did(Command::AddPerson(super::story::pupil("Jamie", "Oakes"))));
    let case =
        Case { child, title: "Referral".into(), level: LevelOfNeed::ChildInNeed, lead: "Julia Moss".into() };
    let case = world.care.office().file(received, FileInto::Child { child, case }, &now()).unwrap();
    (case, entries(world, case)[0])
}

pub(super) fn entries(world: &mut World, case: CaseId) -> Vec<EntryId> {
    let all = Query::EntriesOf { case, significant_only: false, window: Window::First, limit: 10 };
    let Answer::EntriesOf { rows, .. } = world.care.asked(&all) else { panic!() };
    rows.into_iter().map(|row| row.id).collect()
}

pub(super) fn check(world: &mut World) -> CheckReport {
    world.care.office().casebook_mut().check(&mut |_, _| {}).unwrap()
}

#[test]
fn consent_withdrawn_after_collection_reaches_them_as_a_task_and_their_answer_comes_back() {
    let mut world = World::new();
    let (story, share, received) = collected(&mut world);
    assert!(world.care.office().react(received, deleted(), &now()).is_err(), "nobody has asked");
    withdraw_consent(&mut world, &story);
    let row = world.school.share(share);
    assert_eq!(row.state, ShareState::Asked);
    let asked = row.asked.unwrap();
    assert!(asked.why.contains("withdrawn on 9 March 2026") && asked.answer_by == Some(date(2026, 3, 23)));
    world.school_round();
    let report = world.care_round();
    assert!(report.changed && report.notes.iter().any(|note| note.contains("taken back")), "{report:?}");
    let row = world.care.inbox().remove(0);
    assert!(row.owes_answer());
    let asked = row.asked.unwrap();
    // Told when and by when; who withdrew it, and in which words, is not theirs to know.
    assert!(asked.why.contains("withdrawn on 9 March 2026") && !asked.why.contains("row"), "{}", asked.why);
    assert_eq!(asked.answer_by, Some(date(2026, 3, 23)));
    let Answer::Today(today) = world.care.asked(&Query::Today { today: now().date() }) else { panic!() };
    assert!(today.inbox[0].owes_answer() && today.inbox_unanswered == 1);

    // To be kept it needs a basis that is not consent, and a reason.
    let keep = |basis, because: &str| Reaction::Kept { basis, because: because.into() };
    let care = world.care.office();
    assert!(care.react(received, keep(LawfulBasis::Consent, "we like to"), &now()).is_err());
    assert!(care.react(received, keep(LawfulBasis::PublicTask, " "), &now()).is_err());
    care.react(received, keep(LawfulBasis::PublicTask, "a section 47 enquiry has begun"), &now()).unwrap();
    assert!(care.react(received, keep(LawfulBasis::PublicTask, "again"), &now()).is_err());
    assert!(!world.care.inbox()[0].owes_answer());
    world.care_round();
    world.school_round();
    let row = world.school.share(share);
    assert_eq!(row.state, ShareState::Kept);
    let last = row.receipts.last().unwrap();
    assert!(last.0 == ReceiptKind::Kept && last.2.contains("Julia Moss"));
    assert_eq!(last.3, format!("{}: a section 47 enquiry has begun", LawfulBasis::PublicTask.words()));

    // When that basis ends they delete it after all.
    world.care.office().react(received, deleted(), &now()).unwrap();
    world.care_round();
    world.school_round();
    assert_eq!(world.school.share(share).state, ShareState::Deleted);
    assert!(check(&mut world).is_whole(), "{:?}", check(&mut world));
    let school = world.school.office().casebook_mut().check(&mut |_, _| {}).unwrap();
    assert!(school.is_whole(), "{school:?}");
}

pub(super) fn deleted() -> Reaction {
    Reaction::Deleted { note: "nothing of it is left here".into() }
}

#[test]
fn deletion_at_the_recipient_leaves_no_word_and_the_log_whole() {
    let mut world = World::new();
    let (story, _, received) = collected(&mut world);
    let (case, entry) = file(&mut world, received);
    world.care.did(Command::SetSignificance { entry, significance: Significance::High });
    let Answer::Entry(view) = world.care.asked(&Query::Entry { entry }) else { panic!() };
    let mut amended = view.entry.clone();
    amended.done = "Zebrafinch rang the clinic".into();
    world.care.did(Command::AmendEntry { entry, now: amended, why: "more was done".into() });
    withdraw_consent(&mut world, &story);
    world.school_round();
    world.care_round();
    let leaves = world.care.office().casebook().leaves().unwrap();
    world.care.office().react(received, deleted(), &now()).unwrap();

    assert!(entries(&mut world, case).is_empty());
    for words in ["bruise", "Zebrafinch"] {
        let found = Query::FindEntries { text: words.into(), limit: 5 };
        let Answer::Entries(rows) = world.care.asked(&found) else { panic!() };
        assert!(rows.is_empty());
        assert!(!on_disk(&mut world, words), "{words} stands in a page");
    }
    let Answer::Received(view) = world.care.asked(&Query::Received { received }) else { panic!() };
    let (_, by) = view.gone.unwrap();
    assert!(by.name == "Julia Moss" && view.received.document.is_empty() && view.received.child.is_empty());
    // Every leaf stands where it stood.
    let after = world.care.office().casebook().leaves().unwrap();
    assert_eq!(after[..leaves.len()], leaves);
    let report = check(&mut world);
    assert!(report.is_whole(), "{report:?}");
    world.care.office().casebook_mut().rebuild(&mut |_, _| {}).unwrap();
    assert!(check(&mut world).is_whole());
    // It is answered, and neither said again nor undone.
    assert!(world.care.office().react(received, deleted(), &now()).is_err());
    assert!(world.care.office().answer(received, ReceiptKind::Receipted, "", &now()).is_err());
    assert!(!world.care.office().opened(received, &now()).unwrap());
}

/// Does any page on the disk of social care's casebook, decrypted, hold these words? Also what no table refers to.
pub(super) fn on_disk(world: &mut World, words: &str) -> bool {
    let (folder, keys) = (world.care.book(), world.care.office().casebook().raw_keys());
    let all = everything(&folder, &keys);
    all.windows(words.len()).any(|at| at.eq_ignore_ascii_case(words.as_bytes()))
}

#[test]
fn a_bundle_that_was_deleted_is_deleted_again_when_an_older_backup_is_put_back() {
    let mut world = World::new();
    let (story, share, received) = collected(&mut world);
    let (case, entry) = file(&mut world, received);
    // Only the casebook's own file is in the backup; the list beside it is not.
    let backup = world.care.copy_book();
    std::fs::remove_file(backup.path().join("disposals.db")).unwrap_or_default();
    world.care.open();
    withdraw_consent(&mut world, &story);
    world.school_round();
    world.care_round();
    world.care.office().react(received, deleted(), &now()).unwrap();
    world.care_round();
    world.school_round();
    assert_eq!(world.school.share(share).state, ShareState::Deleted);
    assert!(!on_disk(&mut world, "bruise"));

    drop(world.care.copy_book());
    let put_back = world.care.book().join("casebook.db");
    std::fs::copy(backup.path().join("casebook.db"), &put_back).unwrap();
    world.care.open();
    let said = world.care.office().disposals().unwrap().to_owned();
    assert!(said.contains("An older casebook was put back"), "{said}");
    assert!(!on_disk(&mut world, "bruise"), "the backup held it");
    assert!(entries(&mut world, case).is_empty());
    world.care.office().ask(&Query::Entry { entry }, now().date()).unwrap_err();
    let Answer::Received(view) = world.care.asked(&Query::Received { received }) else { panic!() };
    assert_eq!(view.gone.unwrap().1.name, "Julia Moss");
    assert!(check(&mut world).is_whole(), "{:?}", check(&mut world));
    // Once is enough, and it does not come in again.
    world.care.open();
    assert_eq!(world.care.office().disposals(), None);
    let report = world.care_round();
    assert!(report.received == 0 && !world.care.inbox().iter().any(|row| row.owes_answer()), "{report:?}");
}

#[test]
fn what_was_shared_on_is_not_deleted_behind_their_backs() {
    let mut world = World::new();
    let (story, _, received) = collected(&mut world);
    let (case, entry) = file(&mut world, received);
    let Answer::Case(view) = world.care.asked(&Query::Case { case }) else { panic!() };
    let mut on = story.back(view.case.child);
    on.entries = vec![entry];
    let on = super::story::decide_all(&mut world.care, case, on);
    world.care.office().send(case, &on, &now()).unwrap();
    withdraw_consent(&mut world, &story);
    world.school_round();
    world.care_round();
    let refused = world.care.office().react(received, deleted(), &now()).unwrap_err().to_string();
    assert!(refused.contains("was shared with elm-park"), "{refused}");
}

#[test]
fn a_recipient_who_is_away_gets_it_later_and_a_crash_between_tells_nobody_twice() {
    let mut world = World::new();
    let (story, share, received) = collected(&mut world);
    withdraw_consent(&mut world, &story);
    // The school's program stops right after the node was told, before it noted that.
    let node = world.node.clone();
    let (_, ended) = run(&world.runtime, &mut world.school, &node, Some(4), &now());
    assert!(ended.is_err());
    world.school.open();
    world.school_round();
    // Days later.
    world.care.open();
    world.care_round();
    let asked = world.care.inbox()[0].asked.clone().unwrap();
    let facts = world.care.office().casebook().leaves().unwrap().len();
    // The list is read again from its beginning: nothing new comes of it.
    world.care.office().set_news_cursor(0).unwrap();
    let report = world.care_round();
    assert!(!report.changed, "{report:?}");
    assert_eq!(world.care.office().casebook().leaves().unwrap().len(), facts);
    assert_eq!(world.care.inbox()[0].asked.clone().unwrap(), asked);
    world.care.office().react(received, deleted(), &now()).unwrap();
    world.care_round();
    world.school_round();
    assert_eq!(world.school.share(share).state, ShareState::Deleted);
    let again = world.school.office().withdraw(share, "once more", None, &now()).unwrap_err();
    assert!(again.to_string().contains("taken back already"), "{again}");
}

#[test]
fn a_forged_withdrawal_or_one_of_another_bundle_is_no_task() {
    let mut world = World::new();
    let (_, share, received) = collected(&mut world);
    let sealed = world.school.office().casebook().papers(share).unwrap().sealed.unwrap();
    let gate: SignedGate = papers::read(&sealed.gate).unwrap();
    let gate = gate.claims().unwrap().id;
    let body = Withdrawal { from: school_id(), gates: vec![gate], at: now().timestamp(), letter: None };
    let mut other_gate = body.clone();
    other_gate.gates = vec![kith_protocol::ids::GateId::from_bytes([9; 16])];
    let (ours, theirs) = (world.school.secrets.sign.clone(), world.care.secrets.sign.clone());
    for forged in [
        SignedWithdrawal::new(&body, &theirs),
        SignedWithdrawal::new(&other_gate, &ours),
        SignedWithdrawal::new(&Withdrawal { from: super::world::care_id(), ..body.clone() }, &theirs),
    ] {
        let noted = world.care.office().taken_back(sealed.bundle, &forged, &now()).unwrap();
        assert!(matches!(noted, crate::sharing::inbox::Noted::Refused(_)), "{noted:?}");
    }
    assert!(world.care.inbox()[0].asked.is_none());
    // A letter lifted from the withdrawal of another bundle does not open here.
    let letter = kith_protocol::letter::Letter {
        bundle: kith_protocol::ids::BundleId(kith_protocol::ids::Digest::of(b"another")),
        why: "not about this".into(),
        answer_by: None,
    };
    let letter = Some(letter.seal(&world.care.secrets.public().seal).unwrap());
    let lifted = SignedWithdrawal::new(&Withdrawal { letter, ..body }, &ours);
    let noted = world.care.office().taken_back(sealed.bundle, &lifted, &now()).unwrap();
    assert!(matches!(noted, crate::sharing::inbox::Noted::Refused(_)), "{noted:?}");
    assert!(world.care.office().react(received, deleted(), &now()).is_err());
}

#[test]
fn an_answer_to_a_withdrawal_that_was_never_made_does_not_count() {
    let mut world = World::new();
    let (story, share, received) = collected(&mut world);
    withdraw_consent(&mut world, &story);
    world.school_round();
    world.care_round();
    world.care.office().react(received, deleted(), &now()).unwrap();
    let (_, sealed) = world.care.office().next_reply(&now()).unwrap().unwrap().to.unwrap();
    // Another share of the school gets the same answer by mistake or malice: it names another bundle and withdrawal.
    let mut choices = story.decided(&mut world.school);
    choices.ask = "And this?".into();
    let other = world.school.office().send(story.case, &choices, &now()).unwrap();
    world.school_round();
    world.care_round();
    let bundle = world.school.share(other).bundle.unwrap();
    let link = world.care.secrets.link.clone();
    let node = world.node.clone();
    world.runtime.block_on(async {
        let courier = Courier::new(node, &link).unwrap();
        courier.answer(bundle, sealed).await.unwrap();
        courier.close().await;
    });
    let report = world.school_round();
    assert!(report.notes.iter().any(|note| note.contains("does not count")), "{report:?}");
    assert!(!matches!(world.school.share(other).state, ShareState::Deleted));
    assert_eq!(world.school.share(share).state, ShareState::Deleted);
}

#[test]
fn a_consent_lives_and_only_one_that_stands_carries_a_share() {
    use kith_protocol::consent::{ConsentEvent, ConsentState};

    let mut world = World::offline();
    let story = Story::tell(&mut world.school);
    let mut record = by_consent(&mut world.school);
    record.events.clear();
    let fact =
        world.school.did(Command::RecordConsent { case: story.case, record: Box::new(record.clone()) });
    let consent = ConsentId(fact);
    let event = |event_state| ConsentEvent {
        event_time: now().timestamp(),
        event_state,
        entity: "Dana Oakes, mother".into(),
        event_type: "by phone, with notice 2025".into(),
    };
    let stands = |world: &mut World| {
        let Answer::Consent { row, .. } = world.school.asked(&Query::Consent { consent }) else { panic!() };
        let ConsentOrNot::Record { record, .. } = row.what else { panic!() };
        record
    };
    let may = |world: &mut World, record: Box<kith_protocol::consent::ConsentRecord>| {
        let choices = story.decided(&mut world.school);
        let choices = crate::sharing::plan::ShareChoices { consent: Some(record), ..choices };
        world.school.office().preview(story.case, &choices, &now()).unwrap().refusals
    };
    let steps =
        [(ConsentState::Requested, false), (ConsentState::Refused, false), (ConsentState::Given, true)];
    for (state, carries) in steps {
        world.school.did(Command::MoveConsent { consent, event: event(state) });
        let record = stands(&mut world);
        assert_eq!(record.state(now().timestamp()), state);
        let refusals = may(&mut world, record);
        assert_eq!(refusals.is_empty(), carries, "{state:?}: {refusals:?}");
    }
    // An earlier state of the record carries nothing any more, nor can the history be gone back in.
    let refusals = may(&mut world, Box::new(record));
    assert!(refusals[0].contains("more was recorded"), "{refusals:?}");
    for bad in [ConsentState::Requested, ConsentState::Expired, ConsentState::Withdrawn] {
        let command = Command::MoveConsent { consent, event: event(bad) };
        assert!(world.school.office().execute(command, &now()).is_err(), "{bad:?}");
    }
    let (by, why) = ("Dana Oakes".to_owned(), "by letter".to_owned());
    world.school.did(Command::WithdrawConsent { consent, by, why });
    let record = stands(&mut world);
    assert_eq!(record.state(now().timestamp()), ConsentState::Withdrawn);
    assert_eq!(record.events.len(), 4);
    assert!(may(&mut world, record)[0].contains("withdrawn"));
}

#[test]
fn a_consent_that_ran_out_says_so_in_its_history_and_what_they_were_told_is_kept() {
    use jiff::ToSpan as _;
    use kith_protocol::{
        consent::{ConsentState, Notice},
        ids::Digest,
    };

    let mut world = World::offline();
    let story = Story::tell(&mut world.school);
    let text = "We share what keeps children safe, with whom we name.".to_owned();
    let notice = Command::KeepNotice { name: "2025".into(), language: "en-GB".into(), text: text.clone() };
    world.school.did(notice);
    let other =
        Command::KeepNotice { name: "2025".into(), language: "en-GB".into(), text: "Another.".into() };
    let refused = world.school.office().execute(other, &now()).unwrap_err().to_string();
    assert!(refused.contains("families were told that one"), "{refused}");
    let mut choices = story.decided(&mut world.school);
    // By its name it is found; what they were told under a name that is not kept nobody could show.
    let mut unknown = by_consent(&mut world.school);
    unknown.notice = Notice { privacy_notice: "2025".into(), sha256: None, ..unknown.notice };
    unknown.events[0].event_time -= 1.hour();
    let named = kith_protocol::consent::ConsentRecord {
        notice: Notice { privacy_notice: "2019".into(), ..unknown.notice.clone() },
        ..unknown.clone()
    };
    choices.consent = Some(Box::new(named));
    let refused = world.school.office().send(story.case, &choices, &now()).unwrap_err().to_string();
    assert!(refused.contains("what they were told by its digest"), "{refused}");
    // Consent was given before that text was kept: nothing shows that they were told just this.
    choices.consent = Some(Box::new(unknown.clone()));
    let refused = world.school.office().send(story.case, &choices, &now()).unwrap_err().to_string();
    assert!(refused.contains("nothing shows that this is what they were told"), "{refused}");
    let mut by_digest = unknown.clone();
    by_digest.notice.sha256 = Some(Digest::of(text.as_bytes()));
    choices.consent = Some(Box::new(by_digest));
    let refused = world.school.office().send(story.case, &choices, &now()).unwrap_err().to_string();
    assert!(refused.contains("nothing shows that this is what they were told"), "{refused}");
    unknown.events.iter_mut().for_each(|event| event.event_time = now().timestamp());
    choices.consent = Some(Box::new(unknown));
    world.school.office().send(story.case, &choices, &now()).unwrap();
    let Answer::Consents(rows) = world.school.asked(&Query::Consents { case: story.case }) else { panic!() };
    let ConsentOrNot::Record { record, .. } = &rows[0].what else { panic!() };
    assert_eq!(record.notice.sha256, Some(Digest::of(text.as_bytes())));
    let later = now().checked_add(jiff::Span::new().days(31)).unwrap();
    world.school.office().note_run_out(&later).unwrap();
    world.school.office().note_run_out(&later).unwrap();
    let Answer::Consents(rows) = world.school.asked(&Query::Consents { case: story.case }) else { panic!() };
    let ConsentOrNot::Record { record, .. } = &rows[0].what else { panic!() };
    assert_eq!(record.events.len(), 2);
    assert_eq!(record.state(later.timestamp()), ConsentState::Expired);
}

#[test]
fn what_was_taken_back_while_it_was_set_aside_is_a_task_once_it_is_opened() {
    let mut world = World::new();
    let story = Story::tell(&mut world.school);
    let mut choices = story.decided(&mut world.school);
    choices.consent = Some(Box::new(by_consent(&mut world.school)));
    world.school.office().send(story.case, &choices, &now()).unwrap();
    world.school_round();
    // Their clock is slow: to them it comes from the future.
    let slow = now().checked_sub(jiff::Span::new().hours(2)).unwrap();
    let node = world.node.clone();
    let slowly = |world: &mut World| run(&world.runtime, &mut world.care, &node, None, &slow).1.unwrap();
    slowly(&mut world);
    assert!(world.care.inbox().is_empty());
    world.school_round();
    withdraw_consent(&mut world, &story);
    world.school_round();
    slowly(&mut world);
    assert!(world.care.inbox().is_empty());
    // The clock is put right.
    world.care.open();
    assert_eq!(world.care_round().received, 1);
    let asked = world.care.inbox()[0].asked.clone().unwrap();
    assert!(asked.why.contains("withdrawn on 9 March 2026"), "{}", asked.why);
}
