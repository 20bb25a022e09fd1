//! Whoever is withheld is in no byte that leaves: not in the words, nor in what files are called, nor on the page.

use std::{cell::RefCell, fs, path::Path};

use kith_protocol::bundle::Role;
use proptest::prelude::*;

use super::{
    story::{Story, entry, pupil},
    world::{Agency, World, now},
};
use crate::{
    casework::{
        command::Command,
        ids::{EntryId, PersonId, ReceivedId},
    },
    sharing::plan::{Decision, ShareChoices},
};

/// Every file of a bundle as it was signed, and what each is called.
fn signed_files(care: &mut Agency, received: ReceivedId) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("signed");
    care.office().export(received, Some(&out), &now()).unwrap();
    let mut all = Vec::new();
    below(&out, &mut all);
    all
}

fn below(folder: &Path, all: &mut Vec<u8>) {
    for item in fs::read_dir(folder).unwrap() {
        let path = item.unwrap().path();
        all.extend(path.file_name().unwrap().as_encoded_bytes());
        if path.is_dir() { below(&path, all) } else { all.extend(fs::read(path).unwrap()) }
    }
}

fn holds(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word.as_bytes()))
}

/// One school for all draws, which knows more children with each.
fn sent(
    (world, story): &mut (World, Story),
    (given, family): (&str, &str),
    told: &str,
) -> (Vec<u8>, Vec<String>) {
    let other = PersonId(world.school.did(Command::AddPerson(pupil(given, family))));
    let mut entry = entry(&[(story.jamie, Role::Subject), (other, Role::Witness)], told);
    let book = world.school.office().casebook_mut();
    let text = format!("Written by {given} {family}.");
    entry.attachments = vec![
        book.attach(b"\xff\xd8\xff\xd9".as_slice(), &format!("{given} {family}.jpg"), "image/jpeg").unwrap(),
        book.attach(text.as_bytes(), &format!("{family}.txt"), "text/plain").unwrap(),
    ];
    let picture = entry.attachments[0].sha256;
    let files = entry.attachments.iter().map(|file| file.sha256).collect();
    let recorded = world.school.did(Command::RecordEntry { entry, case: Some(story.case) });
    let mut choices =
        ShareChoices { entries: vec![EntryId(recorded)], attachments: files, ..story.choices() };
    let suggested = world.school.office().suggest(story.case, &choices, &now()).unwrap();
    for one in suggested.0 {
        // The picture goes, under another name; all else that is suggested stays here.
        let fate = if one.id.field == "attachment/0" {
            Decision::Keep { reason: "shows the arm alone".into() }
        } else {
            Decision::Withhold(one.code)
        };
        choices.decisions.insert(one.id, fate);
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bundle.age");
    world.school.office().share_to_file(story.case, &choices, &path, &now()).unwrap();
    let received = world.care.office().receive_file(&path, None, &now()).unwrap();
    let bytes = signed_files(&mut world.care, received);
    assert!(holds(&bytes, &picture.to_string()), "the picture went");
    (bytes, vec![given.to_owned(), family.to_owned()])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1, ..ProptestConfig::default() })]

    #[test]
    fn no_name_that_is_withheld_is_in_any_byte_that_leaves(
        drawn in prop::collection::vec(
            ("[BDFGKLMNPRTVZ][aeiou][bdgklmnprtvz]{2}[aeiou][a-z]{1,4}",
             "[BDFGKLMNPRTVZ][aeiou][bdgklmnprtvz]{2}[aeiou][a-z]{1,4}", 0_usize..4),
            12,
        ),
    ) {
        let mut world = World::offline();
        let story = Story::tell(&mut world.school);
        let held = RefCell::new((world, story));
        for (given, family, form) in drawn {
            let told = match form {
                0 => format!("Jamie fell. {given} {family} said so, and {given}'s mother rang."),
                1 => format!("{given} saw it; {family}, {given} was told by Jamie."),
                2 => format!("\u{201c}{given} hit me\u{201d}, said Jamie. {} {family} denies it.", given.to_uppercase()),
                _ => format!("Jamie sat beside {given}. Later {given} {family} cried."),
            };
            let (bytes, words) = sent(&mut held.borrow_mut(), (&given, &family), &told);
            for word in words {
                prop_assert!(!holds(&bytes, &word), "{} left: {}", word, told);
            }
            prop_assert!(holds(&bytes, "Jamie"));
        }
    }
}
