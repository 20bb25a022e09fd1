//! From draft to filed, and every way it must stop.

use jiff::SignedDuration;

use super::{super::*, World, fixture::*};
use crate::{
    consent::{Category, LawfulBasis, Refusal, tests::at},
    envelope::SignedEnvelope,
    gate::SignedGate,
};

fn me() -> crate::ids::AgencyId {
    "northshire-police".parse().unwrap()
}

fn outcome(verified: &Verified, what: What) -> Outcome {
    verified.checks().iter().find(|check| check.what == what).unwrap().outcome
}

#[test]
fn what_was_sealed_is_opened_verified_and_read_back() {
    let mut world = World::new();
    let draft = world.draft();
    let (sealed, file) = world.seal(draft);
    let mut kept = Kept::default();
    let opened = world.open(Some(sealed.envelope()), &file, &mut kept).unwrap();
    assert!(kept.committed && !kept.discarded);
    assert_eq!(kept.files, [("arm, 19 November.jpg".to_owned(), b"not really a photograph".to_vec())]);
    let verified = opened.with_gate(sealed.gate().clone()).verify(&world.directory, &me(), at(NOW)).unwrap();
    let not_said = [What::Witnessed, What::NotProven];
    let mut rest = verified.checks().iter().filter(|check| !not_said.contains(&check.what));
    assert!(rest.all(|check| check.outcome == Outcome::Holds), "{verified:#?}");
    let proven = verified.proven().unwrap();
    assert_eq!((proven.size, &proven.facts[..], proven.since()), (7, &[2, 5][..], None));
    assert!(
        proven
            .to_string()
            .contains("recorded words, in their order, of facts 2, 5 of the log kith/elm-park/")
    );
    assert_eq!(verified.id(), Some(sealed.id()));
    assert_eq!(verified.signer().name, "Ruth Adeyemi");
    let bundle = verified.into_bundle();
    assert_eq!(bundle.records[0].statements[1].text[1], Span::Withheld(Reason::ThirdPartyChild));
    assert_eq!(serde_json::to_string_pretty(&bundle).unwrap() + "\n", sealed.document());
    let counts: Vec<_> = bundle.withheld.iter().map(|one| (one.reason.number(), one.count)).collect();
    assert_eq!(counts, [(1, 2), (2, 1), (3, 1), (4, 1), (9, 1)]);
}

#[test]
fn the_envelope_tells_size_and_hour_and_no_more() {
    let mut world = World::new();
    let draft = world.draft();
    let (sealed, file) = world.seal(draft);
    let envelope = sealed.envelope().verify(&world.directory).unwrap();
    assert_eq!(envelope.at, at("2026-11-22T09:00:00Z"));
    assert_eq!(envelope.size, file.len() as u64);
    assert_eq!(envelope.ciphertext, crate::ids::Digest::of(&file));
    let gate = sealed.gate().verify(&world.directory).unwrap();
    assert!(gate.admits(&envelope, at(NOW)).is_ok());
    assert_eq!(gate.valid_until, at("2026-12-06T09:00:00Z"));
}

#[test]
fn a_gate_does_not_outlive_its_record() {
    let mut world = World::new();
    let mut draft = world.draft();
    draft.consent.validity.until = at("2026-11-23T09:00:00Z");
    let (sealed, _) = world.seal(draft);
    assert_eq!(sealed.gate().verify(&world.directory).unwrap().valid_until, at("2026-11-23T09:00:00Z"));
}

#[test]
fn a_file_without_its_envelope_is_read_with_caution() {
    let mut world = World::new();
    let draft = world.draft();
    let (_, file) = world.seal(draft);
    let opened = world.open(None, &file, &mut Kept::default()).unwrap();
    let verified = opened.verify(&world.directory, &me(), at(NOW)).unwrap();
    assert_eq!(verified.id(), None);
    assert_eq!(outcome(&verified, What::Envelope), Outcome::Caution);
    assert_eq!(outcome(&verified, What::Gate), Outcome::NotChecked);
}

#[test]
fn an_envelope_that_differs_in_anything_is_refused_by_name() {
    let mut world = World::new();
    let draft = world.draft();
    let (sealed, file) = world.seal(draft);
    let right = sealed.envelope().verify(&world.directory).unwrap();
    let other = crate::ids::Digest::of(b"other");
    let (mut to, mut key, mut id, mut gate) = (right.clone(), right.clone(), right.clone(), right.clone());
    let (mut size, mut digest) = (right.clone(), right);
    to.to = "other-school".parse().unwrap();
    key.recipient_key = other;
    id.seal_id = crate::ids::SealId::from_bytes([1; 16]);
    gate.gate = crate::ids::GateId::from_bytes([1; 16]);
    size.size += 1;
    digest.ciphertext = other;
    for (wrong, named) in [
        (to, "recipient"),
        (key, "recipient's key"),
        (id, "seal id"),
        (gate, "gate"),
        (size, "size of the sealed file"),
        (digest, "digest of the sealed file"),
    ] {
        let envelope = SignedEnvelope::new(&wrong, &World::agency());
        let mut kept = Kept::default();
        let told = world.open(Some(&envelope), &file, &mut kept);
        assert!(matches!(told, Err(OpenRefused::Mismatch { field }) if field == named), "{named}: {told:?}");
        assert!(kept.discarded && !kept.committed && kept.files.is_empty());
    }
}

#[test]
fn another_agency_cannot_pass_it_off_as_its_own() {
    let mut world = World::new();
    let draft = world.draft();
    let (sealed, file) = world.seal(draft);
    let mut envelope = sealed.envelope().verify(&world.directory).unwrap();
    envelope.from = "other-school".parse().unwrap();
    let theirs = SignedEnvelope::new(&envelope, &crate::sign::SigningKey::from_seed(&[21; 32]));
    let told = world.open(Some(&theirs), &file, &mut Kept::default());
    assert!(matches!(told, Err(OpenRefused::Signature(_))), "{told:?}");
}

#[test]
fn others_cannot_open_it_and_do_not_file_it() {
    let mut world = World::new();
    let draft = world.draft();
    let (sealed, file) = world.seal(draft);
    let theirs = std::slice::from_ref(&world.other);
    let told =
        open(theirs, Some(sealed.envelope()), &world.directory, Measured::new(&file[..]), &mut KeepNothing);
    assert!(matches!(told, Err(OpenRefused::Seal(crate::seal::OpenError::WrongKey))), "{told:?}");
    let opened = world.open(Some(sealed.envelope()), &file, &mut Kept::default()).unwrap();
    let told = opened.verify(&world.directory, &"other-school".parse().unwrap(), at(NOW));
    assert!(matches!(told, Err(VerifyRefused::ForAnother { .. })), "{told:?}");
}

#[test]
fn the_recipient_runs_the_senders_check_again() {
    let mut world = World::new();
    let mut draft = world.draft();
    // A sender whose program does not check.
    draft.records[0].category = ConcernCategory::OnlineSafety;
    let narrow = std::mem::replace(&mut draft.consent.categories, Category::ALL.into());
    let mut cleared = world.clear(draft).unwrap();
    cleared.content.consent.categories = narrow;
    let sealed = seal_unchecked(&world, &cleared);
    let opened = world.open(None, &sealed, &mut Kept::default()).unwrap();
    let told = opened.verify(&world.directory, &me(), at(NOW));
    let expected = vec![Refusal::CategoryOutOfScope { category: Category::Online }];
    assert_eq!(told.unwrap_err(), VerifyRefused::OutOfScope(expected));
}

/// Seals with the scope check taken out, as a faulty or hostile sender would.
fn seal_unchecked(world: &World, cleared: &Cleared) -> Vec<u8> {
    let agency = World::agency();
    let bundle = cleared.bundle(&world.sealing(&agency)).unwrap();
    super::hostile::seal_bundle(world, &bundle)
}

#[test]
fn a_record_that_ended_on_the_way_is_said_and_filed() {
    let mut world = World::new();
    let draft = world.draft();
    let (sealed, file) = world.seal(draft);
    let opened = world.open(Some(sealed.envelope()), &file, &mut Kept::default()).unwrap();
    let verified = opened.verify(&world.directory, &me(), at("2027-03-01T00:00:00Z")).unwrap();
    assert_eq!(outcome(&verified, What::StillValid), Outcome::Caution);
    let opened = world.open(Some(sealed.envelope()), &file, &mut Kept::default()).unwrap();
    let told = opened.verify(&world.directory, &me(), at("2026-11-22T09:00:00Z"));
    assert!(matches!(told, Err(VerifyRefused::FromTheFuture { .. })), "{told:?}");
}

#[test]
fn a_gate_of_another_record_is_refused() {
    let mut world = World::new();
    let draft = world.draft();
    let (sealed, file) = world.seal(draft);
    let mut gate = sealed.gate().verify(&world.directory).unwrap();
    gate.commitment = crate::ids::Digest::of(b"another record");
    let opened = world.open(Some(sealed.envelope()), &file, &mut Kept::default()).unwrap();
    let told =
        opened.with_gate(SignedGate::new(&gate, &World::agency())).verify(&world.directory, &me(), at(NOW));
    assert_eq!(told.unwrap_err(), VerifyRefused::OtherGate);
}

#[test]
fn what_waited_too_long_does_not_leave() {
    let mut world = World::new();
    let draft = world.draft();
    let cleared = world.clear(draft).unwrap();
    let agency = World::agency();
    let with = Sealing { now: at("2027-02-20T00:00:00Z"), ..world.sealing(&agency) };
    let mut out = Vec::new();
    let told = cleared.seal(&with, &mut NoAttachments, Measured::new(&mut out), &mut |_, _| {});
    let expected = vec![Refusal::Expired { on: at("2027-02-20T00:00:00Z") }];
    assert!(matches!(told, Err(SealRefused::Refused(why)) if why == expected));
    assert!(out.is_empty());
}

#[test]
fn only_the_listed_key_and_a_current_certificate_sign() {
    let mut world = World::new();
    let draft = world.draft();
    let cleared = world.clear(draft).unwrap();
    let stranger = crate::sign::SigningKey::from_seed(&[50; 32]);
    let seal = |with: &Sealing<'_>| {
        let mut files = Files(world.files.clone());
        cleared.seal(with, &mut files, Measured::new(Vec::new()), &mut |_, _| {}).map(|_| ())
    };
    assert!(matches!(seal(&world.sealing(&stranger)), Err(SealRefused::OtherKey(_))));
    let agency = World::agency();
    let mut person = world.person.clone();
    person.key = stranger;
    assert!(matches!(
        seal(&Sealing { person: &person, ..world.sealing(&agency) }),
        Err(SealRefused::OtherKey(_))
    ));
    let early = Sealing { now: at("2026-08-01T00:00:00Z"), ..world.sealing(&agency) };
    assert!(matches!(seal(&early), Err(SealRefused::Refused(_))));
}

#[test]
fn an_attachment_that_changed_since_it_was_approved_stops_the_sealing() {
    let mut world = World::new();
    let draft = world.draft();
    let digest = draft.attachments[0].sha256;
    let cleared = world.clear(draft).unwrap();
    let agency = World::agency();
    for bytes in [&b"not really a photogrAph"[..], b"not really a photograph, longer", b"short", b""] {
        let mut files = Files([(digest, bytes.to_vec())].into());
        let told =
            cleared.seal(&world.sealing(&agency), &mut files, Measured::new(Vec::new()), &mut |_, _| {});
        assert!(matches!(told, Err(SealRefused::AttachmentChanged { .. })), "{told:?}");
    }
    let told =
        cleared.seal(&world.sealing(&agency), &mut NoAttachments, Measured::new(Vec::new()), &mut |_, _| {});
    assert!(matches!(told, Err(SealRefused::Attachment { .. })), "{told:?}");
}

#[test]
fn progress_is_told_to_the_end() {
    let mut world = World::new();
    let mut draft = world.draft();
    let big = world.attach("film.mp4", &vec![7; 3 << 20]);
    draft.attachments.push(big);
    let cleared = world.clear(draft).unwrap();
    let (agency, mut seen) = (World::agency(), Vec::new());
    let mut files = Files(world.files.clone());
    let mut out = Vec::new();
    cleared
        .seal(&world.sealing(&agency), &mut files, Measured::new(&mut out), &mut |done, total| {
            seen.push((done, total));
        })
        .unwrap();
    let total = seen[0].1;
    assert!(seen.iter().all(|&(done, all)| done <= all && all == total));
    assert!(seen.windows(2).all(|pair| pair[0].0 <= pair[1].0));
    assert_eq!(seen.last(), Some(&(total, total)));
}

#[test]
fn a_draft_with_something_open_is_not_cleared() {
    let world = World::new();
    let refused = |change: &dyn Fn(&mut Draft)| {
        let mut draft = draft();
        change(&mut draft);
        world.clear(draft).unwrap_err()
    };
    let told = refused(&|draft| {
        let undecided = DraftSpan::Undecided {
            text: "Bea".into(),
            suggested: Reason::ThirdPartyChild,
            because: "another pupil".into(),
        };
        draft.records[1].effect = vec![undecided.clone(), DraftSpan::Text(" ".into()), undecided];
    });
    assert_eq!(told, [Refusal::Undecided { count: 2, place: "record 2, effect on the child".into() }]);
    let told = refused(&|draft| draft.letter.why.clear());
    assert_eq!(told, [Refusal::FieldMissing { field: "why it is sent" }]);
    let told = refused(&|draft| draft.consent.lawful_basis = Some(LawfulBasis::Consent));
    assert!(matches!(told.as_slice(), [Refusal::ConsentNotGiven { .. }]));
    let told = refused(&|draft| draft.to.id = "other-school".parse().unwrap());
    assert!(matches!(told.as_slice(), [Refusal::Contradiction { .. }]));
    let told = refused(&|draft| draft.records[0].attachments.push(Some(crate::ids::Digest::of(b"?"))));
    assert!(matches!(told.as_slice(), [Refusal::Contradiction { .. }]));
    let told = refused(&|draft| draft.records[0].id = draft.records[1].id.clone());
    assert!(matches!(told.as_slice(), [Refusal::Contradiction { .. }]));
}

#[test]
fn attachments_are_held_to_their_limits() {
    let mut world = World::new();
    let photo = world.attach("a.jpg", b"a");
    let told = |attachments: Vec<Attachment>| world.clear(Draft { attachments, ..draft() }).unwrap_err();
    let many: Vec<_> = (0..=MAX_ATTACHMENTS)
        .map(|n| Attachment { sha256: crate::ids::Digest::of(&n.to_le_bytes()), ..photo.clone() })
        .collect();
    assert_eq!(told(many), [Refusal::TooMuch { what: "attachments", limit: MAX_ATTACHMENTS as u64 }]);
    let one = |change: &dyn Fn(&mut Attachment)| {
        let mut photo = photo.clone();
        change(&mut photo);
        told(vec![photo])
    };
    assert!(matches!(one(&|a| a.size = MAX_ATTACHMENT + 1)[..], [Refusal::TooMuch { .. }]));
    assert!(matches!(one(&|a| a.name = "x".repeat(MAX_NAME + 1))[..], [Refusal::BadName { .. }]));
    assert!(matches!(one(&|a| a.media_type = "text/html\nX: y".into())[..], [Refusal::BadName { .. }]));
    assert!(matches!(one(&|a| a.checked.clear())[..], [Refusal::Undecided { .. }]));
    assert!(matches!(told(vec![photo.clone(), photo.clone()])[..], [Refusal::Contradiction { .. }]));
}

#[test]
fn a_gate_is_never_shut_before_it_opens() {
    let mut world = World::new();
    let draft = world.draft();
    let cleared = world.clear(draft).unwrap();
    let agency = World::agency();
    let with = Sealing { gate_open: SignedDuration::from_secs(1), ..world.sealing(&agency) };
    let mut files = Files(world.files.clone());
    let sealed = cleared.seal(&with, &mut files, Measured::new(Vec::new()), &mut |_, _| {}).unwrap();
    let gate = sealed.gate().verify(&world.directory).unwrap();
    assert!(gate.valid_from < gate.valid_until);
}
