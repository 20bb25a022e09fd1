//! Attachments lose what they tell by the way: a copy goes, the original stays.

use jiff::Zoned;
use kith_protocol::{bundle::Role, ids::Digest};

use super::{
    story::{Story, by_consent, entry, pupil},
    world::{Agency, World, now},
};
use crate::{
    casework::{
        case::{Case, LevelOfNeed},
        command::{Command, FileInto},
        entry::Attachment,
        ids::{CaseId, EntryId, PersonId, ReceivedId},
        query::{Answer, Draft, Query, Window},
    },
    sharing::{
        office::Office,
        plan::{Decision, ShareChoices},
        withdrawn::Reaction,
    },
};

/// A photograph that tells where it was taken, and what is left of it.
fn photograph() -> (Vec<u8>, Vec<u8>) {
    let place = b"\xff\xe1\0\x11Exif\0\0GPS 53.5N".as_slice();
    let picture = b"\xff\xda\0\x04abZebrafinch\x12\x34\xff\xd9".as_slice();
    ([b"\xff\xd8", place, picture].concat(), [b"\xff\xd8", picture].concat())
}

fn bytes_of(office: &Office, digest: &Digest) -> Vec<u8> {
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut office.casebook().read_attachment(digest).unwrap(), &mut bytes).unwrap();
    bytes
}

#[test]
fn a_photograph_goes_without_what_tells_where_it_was_taken() {
    let (told, plain) = photograph();
    let mut world = World::offline();
    let story = Story::tell(&mut world.school);
    let office = world.school.office();
    let photo = office.casebook_mut().attach(told.as_slice(), "arm.jpg", "image/jpeg").unwrap();
    let mut entry = entry(&[(story.jamie, Role::Subject)], "See the photograph.");
    entry.attachments = vec![photo.clone()];
    let recorded = world.school.did(Command::RecordEntry { entry, case: Some(story.case) });
    let mut choices = story.choices();
    choices.entries = vec![EntryId(recorded)];
    choices.attachments = vec![photo.sha256];
    let suggested = world.school.office().suggest(story.case, &choices, &now()).unwrap().0;
    assert_eq!(suggested.len(), 1, "a person looks at every picture: {suggested:?}");
    let keep = Decision::Keep { reason: "shows the arm alone".into() };
    choices.decisions.insert(suggested[0].id.clone(), keep);
    let preview = world.school.office().preview(story.case, &choices, &now()).unwrap();
    assert_eq!(preview.refusals, Vec::<String>::new());
    assert!(preview.lines.iter().any(|line| line.contains("A copy without what the camera")), "{preview:?}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bundle.age");
    world.school.office().share_to_file(story.case, &choices, &path, &now()).unwrap();
    let received = world.care.office().receive_file(&path, None, &now()).unwrap();
    let Answer::Received(view) = world.care.asked(&Query::Received { received }) else { panic!() };
    let files: Vec<Digest> = view.received.attachments.iter().map(|file| file.sha256).collect();
    assert_eq!(files, [Digest::of(&plain)]);
    assert_eq!(bytes_of(world.care.office(), &files[0]), plain);
    assert_eq!(bytes_of(world.school.office(), &photo.sha256), told, "the original stays as it is");
}

/// Photographs in one entry of the school, and the choices that send them: each was looked through by a person.
fn with_photographs(school: &mut Agency, photos: &[(&[u8], &str)]) -> (Story, ShareChoices) {
    let story = Story::tell(school);
    let mut entry = entry(&[(story.jamie, Role::Subject)], "See the photographs.");
    let book = school.office().casebook_mut();
    entry.attachments =
        photos.iter().map(|(bytes, name)| book.attach(*bytes, name, "image/jpeg").unwrap()).collect();
    let files = entry.attachments.iter().map(|file| file.sha256).collect();
    let recorded = school.did(Command::RecordEntry { entry, case: Some(story.case) });
    let choices = ShareChoices { entries: vec![EntryId(recorded)], attachments: files, ..story.choices() };
    let choices = looked_through(school, story.case, choices);
    (story, choices)
}

fn looked_through(agency: &mut Agency, case: CaseId, mut choices: ShareChoices) -> ShareChoices {
    let keep = || Decision::Keep { reason: "shows the arm alone".into() };
    let suggested = agency.office().suggest(case, &choices, &now()).unwrap();
    choices.decisions.extend(suggested.0.into_iter().map(|one| (one.id, keep())));
    choices
}

/// Files the bundle into a new case of social care; gives its entries.
fn filed(care: &mut Agency, received: ReceivedId) -> (CaseId, Vec<EntryId>) {
    let child = PersonId(care.did(Command::AddPerson(pupil("Jamie", "Oakes"))));
    let case =
        Case { child, title: "Referral".into(), level: LevelOfNeed::ChildInNeed, lead: "Julia Moss".into() };
    let case = care.office().file(received, FileInto::Child { child, case }, &now()).unwrap();
    let all = Query::EntriesOf { case, significant_only: false, window: Window::First, limit: 10 };
    let Answer::EntriesOf { rows, .. } = care.asked(&all) else { panic!() };
    (case, rows.into_iter().map(|row| row.id).collect())
}

fn attached(agency: &mut Agency, entry: EntryId) -> Vec<Attachment> {
    let Answer::Entry(view) = agency.asked(&Query::Entry { entry }) else { panic!() };
    view.entry.attachments.clone()
}

fn checks(agency: &mut Agency) -> bool {
    agency.office().casebook_mut().check(&mut |_, _| {}).unwrap().is_whole()
}

#[test]
fn a_copy_is_filed_with_its_entry_and_goes_on_from_there() {
    let (told, plain) = photograph();
    let mut world = World::offline();
    // The second hides nothing, so that it goes as it is: after what the first hid was taken out they are one file.
    let (story, choices) = with_photographs(&mut world.school, &[(&told, "arm.jpg"), (&plain, "again.jpg")]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bundle.age");
    world.school.office().share_to_file(story.case, &choices, &path, &now()).unwrap();
    let received = world.care.office().receive_file(&path, None, &now()).unwrap();
    let (case, entries) = filed(&mut world.care, received);
    let files = attached(&mut world.care, entries[0]);
    let named: Vec<_> = files.iter().map(|file| (file.name.as_str(), file.sha256)).collect();
    assert_eq!(named, [("arm.jpg", Digest::of(&plain))]);
    assert_eq!(bytes_of(world.care.office(), &files[0].sha256), plain);
    let Answer::Received(view) = world.care.asked(&Query::Received { received }) else { panic!() };
    let document: kith_protocol::bundle::Bundle = serde_json::from_str(&view.received.document).unwrap();
    assert_eq!(document.records[0].sent().count(), 2, "neither is said not to have been sent");

    let Answer::Case(view) = world.care.asked(&Query::Case { case }) else { panic!() };
    let attachments = vec![files[0].sha256];
    let on = ShareChoices { entries, attachments, ..story.back(view.case.child) };
    let on = looked_through(&mut world.care, case, on);
    let path = folder.path().join("on.age");
    world.care.office().share_to_file(case, &on, &path, &now()).unwrap();
    let back = world.school.office().receive_file(&path, None, &now()).unwrap();
    let Answer::Received(view) = world.school.asked(&Query::Received { received: back }) else { panic!() };
    assert_eq!(view.received.attachments, files, "as it is: there is nothing to take out any more");
    assert!(checks(&mut world.care) && checks(&mut world.school));
}

/// A draft of the form for an entry, with a file in it.
fn half_written(office: &mut Office, file: &Attachment, now: &Zoned) {
    let body = serde_json::to_string(&[file]).unwrap();
    let draft = Draft { key: "entry".into(), title: "Entry".into(), saved: now.timestamp(), body };
    office.save_draft(&draft).unwrap();
}

#[test]
fn when_a_bundle_is_deleted_every_file_goes_that_nothing_names_any_more() {
    let (told, plain) = photograph();
    let mut world = World::new();
    let (story, mut choices) = with_photographs(&mut world.school, &[(&told, "arm.jpg")]);
    choices.consent = Some(Box::new(by_consent(&mut world.school)));
    world.school.office().send(story.case, &choices, &now()).unwrap();
    // A second bundle stays: its page must not go with the first.
    let stays = story.decided(&mut world.school);
    world.school.office().send(story.case, &stays, &now()).unwrap();
    world.school_round();
    world.care_round();
    let inbox = world.care.inbox();
    let (first, second) =
        (inbox.iter().map(|row| row.id).min().unwrap(), inbox.iter().map(|row| row.id).max());
    world.care.office().opened(first, &now()).unwrap();
    world.care_round();
    world.school_round();
    let (_, entries) = filed(&mut world.care, first);
    let file = attached(&mut world.care, entries[0]).remove(0);
    // Two files of forms: one that was given up, one that is half written.
    let book = world.care.office().casebook_mut();
    let given_up = book.attach(&b"Yellowhammer"[..], "notes.txt", "text/plain").unwrap();
    let half = book.attach(&b"Chiffchaff"[..], "half.txt", "text/plain").unwrap();
    half_written(world.care.office(), &half, &now());

    let Answer::Consents(rows) = world.school.asked(&Query::Consents { case: story.case }) else { panic!() };
    let by_consent = rows.iter().min_by_key(|row| row.id).unwrap().id;
    let why = "changed her mind".to_owned();
    world.school.did(Command::WithdrawConsent { consent: by_consent, by: "Dana Oakes".into(), why });
    world.school_round();
    world.care_round();
    let note = "nothing of it is left here".to_owned();
    assert!(super::withdrawn::on_disk(&mut world, "Zebrafinch"));
    world.care.office().react(first, Reaction::Deleted { note }, &now()).unwrap();
    let book = world.care.office().casebook();
    for gone in [&file, &given_up] {
        assert!(book.read_attachment(&gone.sha256).is_err(), "{}", gone.name);
    }
    assert_eq!(bytes_of(world.care.office(), &half.sha256), b"Chiffchaff");
    for (words, here) in [("Zebrafinch", false), ("Yellowhammer", false), ("Chiffchaff", true)] {
        assert_eq!(super::withdrawn::on_disk(&mut world, words), here, "{words}");
    }
    assert!(checks(&mut world.care));
    let out = tempfile::tempdir().unwrap();
    let out = out.path().join("signed");
    world.care.office().export(second.unwrap(), Some(&out), &now()).unwrap();
    assert!(out.join("index.html").is_file());
    // The sender's own are where they were.
    assert_eq!(bytes_of(world.school.office(), &Digest::of(&plain)), plain);
    assert_eq!(bytes_of(world.school.office(), &choices.attachments[0]), told);
}
