//! Attachments lose what they tell by the way: a copy goes, the original stays.

use kith_protocol::{bundle::Role, ids::Digest};

use super::{
    story::{Story, entry},
    world::{World, now},
};
use crate::{
    casework::{
        command::Command,
        ids::EntryId,
        query::{Answer, Query},
    },
    sharing::plan::Decision,
};

/// A photograph that tells where it was taken, and what is left of it.
fn photograph() -> (Vec<u8>, Vec<u8>) {
    let place = b"\xff\xe1\0\x11Exif\0\0GPS 53.5N".as_slice();
    let picture = b"\xff\xda\0\x04ab\x12\x34\xff\xd9".as_slice();
    ([b"\xff\xd8", place, picture].concat(), [b"\xff\xd8", picture].concat())
}

fn bytes_of(office: &crate::sharing::office::Office, digest: &Digest) -> Vec<u8> {
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
