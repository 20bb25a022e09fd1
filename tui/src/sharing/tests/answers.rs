//! Answers as a recipient with a program of its own might sign them.

use kith_protocol::{
    answer::Answer,
    receipt::{Receipt, ReceiptKind, SignedReceipt},
    wire::{Happening, News},
};

use super::{
    story::Story,
    world::{World, now},
};
use crate::{
    casework::{ids::ReceivedId, query::ShareState},
    sharing::{inbox::Noted, papers},
};

/// An answer of the social worker as their program would never sign it twice.
fn answered(world: &mut World, kind: ReceiptKind, note: &str, received: ReceivedId) -> News {
    let book = world.care.office().casebook();
    let (person, last) = (book.person_key().unwrap().unwrap(), book.answers_of(received).unwrap().pop().unwrap());
    let before: Receipt = papers::read::<Receipt>(&last).unwrap().claims().unwrap();
    let receipt = Receipt { kind, note: Some(note.into()), ..before };
    let receipt = SignedReceipt::new(&receipt, &person.key);
    let answer = Answer { receipt: receipt.clone(), cosigned: None, node: None };
    let sealed = answer.seal(&world.school.secrets.public().seal).unwrap();
    News { cursor: 1, bundle: receipt.claims().unwrap().bundle, what: Happening::Answered { sealed } }
}

#[test]
fn two_different_answers_of_one_person_are_both_kept_and_told() {
    let (mut world, _, share, received) = Story::delivered();
    world.care.office().answer(received, ReceiptKind::Receipted, "Visit on Friday.", &now()).unwrap();
    world.care_round();
    world.school_round();
    let ladder = |world: &mut World| world.school.share(share).receipts.len();
    assert_eq!(ladder(&mut world), 3);
    // The very same once more is nothing.
    let same = answered(&mut world, ReceiptKind::Receipted, "Visit on Friday.", received);
    assert_eq!(world.school.office().note(&same, &now()).unwrap(), Noted::Nothing);
    // Another is kept beside it, and is something to know; what they said first counts.
    let other = answered(&mut world, ReceiptKind::Receipted, "We know of nothing.", received);
    let noted = world.school.office().note(&other, &now()).unwrap();
    assert_eq!(noted, Noted::Twice("Julia Moss".into()));
    assert_eq!(world.school.office().note(&other, &now()).unwrap(), Noted::Nothing);
    let row = world.school.share(share);
    let twice: Vec<_> = row.answered_twice().collect();
    assert!(matches!(twice[..], [(ReceiptKind::Receipted, by)] if by.starts_with("Julia Moss")), "{twice:?}");
    assert_eq!((row.state.clone(), &row.receipts[2].3[..]), (ShareState::Receipted, "Visit on Friday."));
    assert_eq!(ladder(&mut world), 4);
    let report = world.school.office().casebook_mut().check(&mut |_, _| {}).unwrap();
    assert!(report.is_whole(), "{report:?}");
}
