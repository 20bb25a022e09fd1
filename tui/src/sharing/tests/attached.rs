//! What must not leave is looked for in the words of attachments, too: when a share is cleared, and as it is sealed.

use std::io::{self, Read};

use kith_protocol::{
    bundle::{Attachment, AttachmentSource, Role, SealRefused},
    consent::Refusal,
};

use super::{
    story::{Story, decide_all, entry},
    world::{World, now},
};
use crate::{
    casework::{command::Command, ids::EntryId},
    sharing::{
        plan::{Decision, ShareChoices},
        to_seal::Pass,
    },
};

/// The choices that send one text file, in an entry of its own, and the entry that names Ryan.
fn with_file(world: &mut World, words: impl AsRef<[u8]>) -> (Story, ShareChoices) {
    let story = Story::tell(&mut world.school);
    story.address(&mut world.school, true);
    let book = world.school.office().casebook_mut();
    let file = book.attach(words.as_ref(), "note.txt", "text/plain").unwrap();
    let mut told = entry(&[(story.jamie, Role::Subject)], "See the note.");
    told.attachments = vec![file.clone()];
    let with = EntryId(world.school.did(Command::RecordEntry { entry: told, case: Some(story.case) }));
    let entries = vec![story.entry, with];
    let choices = ShareChoices { entries, attachments: vec![file.sha256], ..story.choices() };
    (story, choices)
}

fn keep_file(choices: &mut ShareChoices) {
    let file = choices.decisions.keys().find(|id| id.field.starts_with("attachment/")).unwrap().clone();
    choices.decisions.insert(file, Decision::Keep { reason: "they asked for it".into() });
}

#[test]
fn a_protected_address_in_a_file_stops_the_share_however_it_is_written() {
    let mut world = World::new();
    // No suggestion knows it: every letter stands by itself.
    let (story, choices) = with_file(&mut world, "They are at 1.4 H.a.r.b.o.u.r R.o.a.d now.");
    let choices = decide_all(&mut world.school, story.case, choices);
    let told = world.school.office().preview(story.case, &choices, &now()).unwrap().refusals.join(" ");
    assert!(told.contains("still in attachments, note.txt: protected address: Darren Pike"), "{told}");
    assert!(told.contains("Leave that attachment out") && !told.contains("Harbour"), "{told}");
    assert!(world.school.office().send(story.case, &choices, &now()).is_err());
    let without = ShareChoices { attachments: Vec::new(), ..choices };
    world.school.office().send(story.case, &without, &now()).unwrap();
}

#[test]
fn a_withheld_name_goes_in_a_file_only_when_somebody_decided_so_and_was_told() {
    let mut world = World::new();
    let (story, choices) = with_file(&mut world, "Seen by R.y.a.n F.i.e.l.d today.");
    let choices = decide_all(&mut world.school, story.case, choices);
    let told = world.school.office().preview(story.case, &choices, &now()).unwrap().refusals.join(" ");
    assert!(told.contains("still in attachments, note.txt: something that is withheld elsewhere"), "{told}");

    let mut world = World::new();
    let (story, choices) = with_file(&mut world, "Seen by Ryan Field today.");
    let mut choices = decide_all(&mut world.school, story.case, choices);
    keep_file(&mut choices);
    let preview = world.school.office().preview(story.case, &choices, &now()).unwrap();
    assert_eq!(preview.refusals, Vec::<String>::new());
    let said = preview.cautions.join("\n");
    assert!(said.contains("“note.txt” goes whole and says “Ryan Field”"), "{said}");
}

/// Gives other bytes than were cleared.
struct Others(&'static [u8]);

impl AttachmentSource for Others {
    fn open(&mut self, _: &Attachment) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(self.0))
    }
}

#[test]
fn what_is_sealed_is_searched_once_more() {
    let mut world = World::new();
    // Of no encoding that is read, so that a person says that it goes.
    let (story, choices) = with_file(&mut world, vec![0xff; 2 << 20]);
    let mut choices = decide_all(&mut world.school, story.case, choices);
    keep_file(&mut choices);
    world.school.office().send(story.case, &choices, &now()).unwrap();
    let mut pass = Pass::default();
    let next = world.school.office().seal_short(&mut pass, &now()).unwrap().expect("a long one");
    let refused = next.seal(&mut Others(b"They live at 14 Harbour Road."), None).unwrap_err();
    let SealRefused::Refused(told) = &refused else { panic!("{refused:?}") };
    assert!(
        matches!(&told[..], [Refusal::ForbiddenLeftIn { place, .. }] if place == "attachments, note.txt"),
        "{told:?}"
    );
}
