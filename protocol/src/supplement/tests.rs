//! What is released later stands in its place; anything else is refused.

use serde_json::json;

use super::*;
use crate::{
    bundle::{Place, Reason, tests::World},
    consent::tests::at,
    evidence::{Disclosure, Seed, disclose},
    fact::Body,
};

const ORDER: &str = "Order of the Family Court at Northshire, NS26C00412, 1 December 2026";
const LATER: &str = "2026-12-02T10:00:00Z";

/// The fixture's bundle, and a supplement of one withheld text of its first record.
fn released(place: Place) -> (World, Bundle, Supplement) {
    let mut world = World::new();
    let draft = world.draft();
    let made = world.release(&draft, 0, place);
    let (sealed, _) = world.seal(draft);
    let bundle: Bundle = serde_json::from_str(sealed.document()).unwrap();
    let (proof, words) = made;
    let supplement = Supplement {
        from: bundle.from.id.clone(),
        to: bundle.to.id.clone(),
        seal_id: bundle.seal_id,
        record: bundle.records[0].id.clone(),
        order: ORDER.into(),
        decided_by: DecidedBy {
            name: "Ruth Adeyemi".into(),
            role: "Designated Safeguarding Lead".into(),
            on: at(LATER),
        },
        signed_by: world.person.certificate.clone(),
        proof,
        words,
    };
    (world, bundle, supplement)
}

fn fit(world: &World, bundle: &Bundle, supplement: &Supplement) -> Result<Fitted, Misfit> {
    let signed = SignedSupplement::release(supplement, &World::agency(), &world.person);
    signed.fit(bundle, &world.directory, at(LATER))
}

#[test]
fn released_words_stand_where_the_gap_was() {
    let (world, bundle, supplement) = released(Place::Statement(1));
    let fitted = fit(&world, &bundle, &supplement).unwrap();
    assert_eq!(fitted.number, 1);
    let said = &fitted.record.statements[1].text;
    let [Span::Text(said)] = said.as_slice() else { panic!("{said:?}") };
    assert!(said.starts_with("Craig grabbed me because I spilled it. left out"), "{said}");
    assert!(said.ends_with(" saw. I don't want to go home when he's there."), "{said}");
    // Everything else is as it was.
    let mut record = fitted.record;
    record.statements[1].text = bundle.records[0].statements[1].text.clone();
    assert_eq!(record, bundle.records[0]);
}

#[test]
fn a_text_withheld_whole_is_released_whole() {
    let (world, bundle, supplement) = released(Place::Person(2));
    let fitted = fit(&world, &bundle, &supplement).unwrap();
    assert!(matches!(fitted.record.people[2].name.as_slice(), [Span::Text(_)]));
    let gaps = fitted.record.passages().flatten().filter(|span| matches!(span, Span::Withheld(_))).count();
    let before =
        bundle.records[0].passages().flatten().filter(|span| matches!(span, Span::Withheld(_))).count();
    assert_eq!(gaps + 1, before);
    assert!(!fitted.record.statements[1].text.iter().all(|span| matches!(span, Span::Text(_))));
    let reason = Span::Withheld(Reason::ThirdPartyChild);
    assert!(fitted.record.statements[1].text.contains(&reason), "the other gap stays, with its reason");
}

#[test]
fn a_supplement_of_anything_else_is_refused() {
    let (world, bundle, right) = released(Place::Statement(1));
    let told = |change: &dyn Fn(&mut Supplement)| {
        let mut supplement = right.clone();
        change(&mut supplement);
        fit(&world, &bundle, &supplement).unwrap_err()
    };
    let other = told(&|one| one.to = "other-school".parse().unwrap());
    assert_eq!(other, Misfit::Other { field: "recipient" });
    let other = told(&|one| one.seal_id = SealId::from_bytes([1; 16]));
    assert_eq!(other, Misfit::Other { field: "seal id" });
    let other = told(&|one| one.record = bundle.records[1].id.clone());
    assert_eq!(other, Misfit::Proof(ProofError::OtherFact));
    let other = told(&|one| one.record = "desk-9.9".parse().unwrap());
    assert!(matches!(other, Misfit::NoRecord(_)));
    let word = told(&|one| one.words[0].parts = vec![ReleasedPart::Text("Bea saw".into())]);
    assert!(matches!(word, Misfit::Proof(_)), "{word:?}");
    let path = told(&|one| one.words[0].path.push('1'));
    assert_eq!(path, Misfit::Proof(ProofError::OtherFact));
    // Words of another fact, with a good proof of their own.
    let value = json!({"id": "x", "text": "Lena saw it"});
    let body = Body::of(&value, &mut |_| Vec::new()).unwrap();
    let another = told(&|one| {
        let disclosure: Disclosure<'_> =
            disclose(&Seed::from_bytes([9; 32]), &body, |_, _| crate::evidence::Show::Whole);
        (one.proof, one.words) = disclosure.into();
    });
    assert_eq!(another, Misfit::Proof(ProofError::OtherFact));
}

#[test]
fn both_must_have_signed_it() {
    let (world, bundle, supplement) = released(Place::Statement(1));
    let alone = SignedSupplement::new(&supplement, &World::agency());
    let told = alone.fit(&bundle, &world.directory, at(LATER)).unwrap_err();
    assert!(matches!(told, Misfit::Document(DocumentError::Signature(_))), "{told:?}");
    let mut changed = SignedSupplement::release(&supplement, &World::agency(), &world.person);
    changed.text = changed.text.replace("NS26C00412", "NS26C00413");
    let told = changed.fit(&bundle, &world.directory, at(LATER)).unwrap_err();
    assert!(matches!(told, Misfit::Document(DocumentError::Signature(_))), "{told:?}");
    let early = SignedSupplement::release(&supplement, &World::agency(), &world.person);
    let told = early.fit(&bundle, &world.directory, at("2026-12-01T10:00:00Z")).unwrap_err();
    assert_eq!(told, Misfit::Document(DocumentError::FromTheFuture));
}

/// A supplement to `tests/vectors/bundle/bundle.json`; `UPDATE=1` writes it anew.
#[test]
fn the_supplement_is_the_golden_one() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/bundle");
    let (world, bundle, supplement) = released(Place::Statement(1));
    let signed = SignedSupplement::release(&supplement, &World::agency(), &world.person);
    let text = serde_json::to_string_pretty(&signed).unwrap() + "\n";
    let file = format!("{folder}/supplement.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    let golden = std::fs::read_to_string(&file).unwrap();
    assert!(golden == text, "the supplement changed: if the format did, run with UPDATE=1");
    let read: SignedSupplement = serde_json::from_str(&golden).unwrap();
    assert!(read.fit(&bundle, &world.directory, at(LATER)).is_ok());
}

/// A supplement of the first gaps of the second record's statement, as one made after others shows them again.
fn up_to(world: &World, bundle: &Bundle, draft: &crate::bundle::Draft, gaps: usize) -> SignedSupplement {
    let (proof, words) = world.release_up_to(draft, (1, Place::Statement(0)), gaps);
    let one = Supplement {
        from: bundle.from.id.clone(),
        to: bundle.to.id.clone(),
        seal_id: bundle.seal_id,
        record: bundle.records[1].id.clone(),
        order: format!("{ORDER}, {gaps}"),
        decided_by: DecidedBy { name: "Ruth Adeyemi".into(), role: "DSL".into(), on: at(LATER) },
        signed_by: world.person.certificate.clone(),
        proof,
        words,
    };
    SignedSupplement::release(&one, &World::agency(), &world.person)
}

#[test]
fn several_fit_in_whatever_order_they_are_named() {
    let mut world = World::new();
    let draft = world.draft();
    let sent = world.draft();
    let (sealed, _) = world.seal(sent);
    let bundle: Bundle = serde_json::from_str(sealed.document()).unwrap();
    let (first, both) = (up_to(&world, &bundle, &draft, 1), up_to(&world, &bundle, &draft, 2));
    let all = |signed: &[SignedSupplement]| fit_all(&bundle, signed, (&world.directory).into(), at(LATER));
    let orders = |fitted: &[Fitted]| -> Vec<String> {
        fitted.iter().map(|one| one.supplement.order.rsplit(' ').next().unwrap().to_owned()).collect()
    };
    for given in [[first.clone(), both.clone()], [both.clone(), first.clone()]] {
        let fitted = all(&given).unwrap();
        assert_eq!(orders(&fitted), ["1", "2"]);
        let [Span::Text(_)] = fitted[1].record.statements[0].text.as_slice() else { panic!("a gap is left") };
    }
    let twice = all(&[first.clone(), both, first.clone()]).unwrap_err();
    assert_eq!(twice.1, Misfit::Nothing);
    let mut changed = first.clone();
    changed.text = changed.text.replace("NS26C00412", "NS26C00413");
    assert!(matches!(all(&[first, changed]), Err((1, Misfit::Document(_)))));
}

#[test]
fn programs_are_told_where_the_gaps_are_and_where_the_released_words_stand() {
    let (world, bundle, supplement) = released(Place::Statement(1));
    let gaps = bundle.gaps();
    let told = |at: usize, field: &str| -> Vec<_> {
        let here = gaps.iter().filter(|gap| (gap.number, &*gap.field) == (at, field));
        here.map(|gap| (gap.reason.clone(), gap.words)).collect()
    };
    let counted: u64 = bundle.withheld.iter().map(|one| one.count).sum();
    assert_eq!(gaps.len() as u64, counted, "{gaps:?}");
    let fitted = fit(&world, &bundle, &supplement).unwrap();
    let words = fitted.words(&bundle);
    let [one] = words.as_slice() else { panic!("{words:?}") };
    assert_eq!((one.number, &*one.field, &*one.order), (1, "/statements/1/text", ORDER));
    let released = one.texts.concat();
    let here = told(1, "/statements/1/text");
    let [(reason, Some(length))] = here.as_slice() else { panic!("{gaps:?}") };
    assert_eq!(
        (reason, *length),
        (&Reason::ThirdPartyChild, released.split_whitespace().count()),
        "{released}"
    );
    let other = told(2, "/statements/0/text");
    let [(Reason::ContactOrAddress, Some(1..)), (Reason::Other(_), Some(1..))] = other[..] else {
        panic!("{other:?}")
    };
}
