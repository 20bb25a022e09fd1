//! Certificates of disposals: who signed what, and what the log says.

use jiff::ToSpan as _;
use serde_json::{Value, json};

use super::*;
use crate::{
    evidence::{Seed, commit},
    fact::Body,
    ids::LogId,
    keys::{AgencySecrets, generate_signing},
    log::{Checkpoint, Node, Origin, Tree},
    sign::SigningKey,
};

fn agency() -> AgencySecrets {
    AgencySecrets { log: log_key(), ..AgencySecrets::generate() }
}

fn now() -> Timestamp {
    "2026-11-20T10:00:00Z".parse().unwrap()
}

fn person(secrets: &AgencySecrets, name: &str) -> PersonKey {
    let key = generate_signing();
    let certificate = Certificate {
        agency: "elm-park".parse().unwrap(),
        name: name.into(),
        role: "DSL".into(),
        key: key.public(),
        from: now(),
        until: now() + 24.hours(),
    };
    PersonKey { key, certificate: certificate.sign(&secrets.sign) }
}

fn facts() -> Vec<DisposedFact> {
    [("1-10", "ten"), ("1-4", "four")]
        .map(|(fact, leaf)| DisposedFact { fact: fact.into(), leaf: Digest::of(leaf.as_bytes()) })
        .into()
}

const SEED: [u8; 32] = [9; 32];

/// What a casebook writes of this disposal.
fn tombstone(of: &Disposal) -> Tombstone {
    let by = |one: &DecidedBy| json!({ "name": one.name, "role": one.role });
    let absent: Vec<_> = of.absent.iter().map(|one| json!([one.fact, one.leaf])).collect();
    let mut says = json!({ "id": "1-12", "recorded": of.approved_by.on, "by": by(&of.approved_by), "fact": { "Disposed": {
        "rule": "PupilFile", "proposed_by": by(&of.proposed_by), "proposed": of.proposed_by.on,
        "approved_by": by(&of.approved_by), "approved": of.approved_by.on,
        "facts": if of.replayed { "1-4" } else { "1-4,1-10" }, "kept": "1-5", "attachments": 1,
        "replayed": of.replayed, "agreed": of.agreed,
    } } });
    if of.replayed {
        says["fact"]["Disposed"]["absent"] = json!(absent);
    }
    shown(&says)
}

fn shown(says: &Value) -> Tombstone {
    let body = Body::of(says, &mut |_| Vec::new()).unwrap();
    let leaf = Digest::from_bytes(*commit(&Seed::from_bytes(SEED), &body).as_bytes());
    let body = String::from_utf8(body.to_bytes().unwrap()).unwrap();
    Tombstone { fact: "1-12".into(), leaf, seed: Digest::from_bytes(SEED), body }
}

fn log_key() -> SigningKey {
    SigningKey::from_seed(&[2; 32])
}

/// A log that has these, the first last, as a tombstone comes after what it tells of.
fn in_log(facts: &[Digest]) -> InLog {
    let places: Vec<u64> =
        (0..facts.len() as u64).map(|n| (n + facts.len() as u64 - 1) % facts.len() as u64).collect();
    let mut hashes = BTreeMap::new();
    for at in 0..facts.len() as u64 {
        let here = places.iter().position(|place| *place == at).unwrap();
        let made = {
            let tree = Tree::new(at, |node: Node| hashes.get(&node).copied().ok_or("missing")).unwrap();
            tree.append(leaf_hash(facts[here].as_bytes())).unwrap()
        };
        hashes.extend(made);
    }
    let size = facts.len() as u64;
    let tree = Tree::new(size, |node: Node| hashes.get(&node).copied().ok_or("missing")).unwrap();
    let origin = Origin::of_agency(&"elm-park".parse().unwrap(), LogId::from_bytes([7; 16]));
    let checkpoint = Checkpoint { origin, size, root: tree.root().unwrap() }.sign(&log_key()).unwrap();
    let inclusion = tree.inclusion_of(&places.iter().copied().collect()).unwrap();
    InLog { checkpoint, places, inclusion }
}

fn proposed(by: &PersonKey) -> Proposed {
    let agreement = Agreement {
        agency: "elm-park".parse().unwrap(),
        rule: "pupil-file".into(),
        proposed: now(),
        facts: digest(facts()),
    };
    Proposed::new(&agreement, by)
}

/// The log has a tombstone that says something else in one place.
fn shown_as(good: &Disposal, says: &str, is: &str) -> Disposal {
    let body = good.tombstone.body.replacen(&format!("\"{says}\""), &format!("\"{is}\""), 1);
    let body = Body::parse(body.as_bytes()).unwrap();
    let tombstone = shown(&body.to_value().unwrap());
    let leaves = [tombstone.leaf, good.facts[0].leaf, good.facts[1].leaf];
    Disposal { log: in_log(&leaves), tombstone, ..good.clone() }
}

/// With its tombstone, and a log that has it.
fn logged(disposal: Disposal) -> Disposal {
    let tombstone = tombstone(&disposal);
    let leaves: Vec<Digest> =
        std::iter::once(tombstone.leaf).chain(disposal.facts.iter().map(|one| one.leaf)).collect();
    Disposal { log: in_log(&leaves), tombstone, ..disposal }
}

fn certificate(agreed: Agreed) -> Disposal {
    let by = |name: &str, on| DecidedBy { name: name.into(), role: "DSL".into(), on };
    logged(Disposal {
        agency: "elm-park".parse().unwrap(),
        agency_name: "Elm Park Primary".into(),
        rule: "pupil-file".into(),
        rule_words: "date of birth and 25 years".into(),
        rule_source: "toolkit".into(),
        proposed_by: by("A. Khan", now()),
        approved_by: by("B. Osei", now() + 1.hours()),
        agreed,
        replayed: false,
        tombstone: shown(&json!({})),
        log: in_log(&[]),
        facts: facts(),
        absent: Vec::new(),
        attachments: 1,
        kept: vec!["1-5".into()],
    })
}

#[test]
fn a_certificate_is_believed_when_the_agency_and_both_people_signed_just_this() {
    let (secrets, from) = (agency(), "elm-park".parse().unwrap());
    let keys = secrets.public();
    let (first, second) = (person(&secrets, "A. Khan"), person(&secrets, "B. Osei"));
    let agreed = proposed(&first).approve(&second, (&from, &keys), now() + 1.hours()).unwrap();
    let good = certificate(agreed.clone());
    let judged = |one: &Disposal| SignedDisposal::new(one, &secrets.sign).verify((&from, &keys));
    assert_eq!(judged(&good), Ok(good.clone()));
    // An older backup held one of the two: the other was not there to be destroyed again.
    let again = logged(Disposal {
        replayed: true,
        facts: facts()[1..].into(),
        absent: facts()[..1].into(),
        ..good.clone()
    });
    assert_eq!(judged(&again), Ok(again.clone()));

    // The log must have the tombstone and each leaf, where it says and by its own key.
    let elsewhere = |change: &dyn Fn(&mut Disposal)| {
        let mut other = good.clone();
        change(&mut other);
        judged(&other)
    };
    for change in [
        &(|one: &mut Disposal| one.tombstone.leaf = Digest::of(b"another")) as &dyn Fn(&mut Disposal),
        &|one| one.log.places.swap(0, 1),
        &|one| one.log.places.truncate(2),
        &|one| one.log.places[2] = one.log.places[1],
        &|one| {
            let text = serde_json::to_string(&one.log.checkpoint).unwrap();
            one.log.checkpoint = serde_json::from_str(&text.replacen("\\n3\\n", "\\n4\\n", 1)).unwrap();
        },
        &|one| {
            let text = serde_json::to_string(&one.log.checkpoint).unwrap();
            one.log.checkpoint = serde_json::from_str(&text.replace("elm-park", "ash-park")).unwrap();
        },
    ] {
        assert!(matches!(elsewhere(change), Err(DisposalError::NotInLog(_))), "{:?}", elsewhere(change));
    }
    // Nor is any leaf of that log a tombstone, nor one that names something else.
    for (says, is) in [("1-4,1-10", "1-4,1-11"), ("1-5", "1-6"), ("false", "true"), ("1-12", "1-13")] {
        let other = shown_as(&good, says, is);
        assert_eq!(judged(&other), Err(DisposalError::OtherFacts), "{is}");
    }
    let body = good.tombstone.body.replace("PupilFile", "StaffFile");
    for other in [
        Tombstone { body, ..good.tombstone.clone() },
        Tombstone { seed: Digest::of(b"another"), ..good.tombstone.clone() },
        Tombstone { body: "{}".into(), ..good.tombstone.clone() },
    ] {
        let other = judged(&Disposal { tombstone: other, ..good.clone() });
        assert!(matches!(other, Err(DisposalError::Tombstone(_))), "{other:?}");
    }
    let fewer = Disposal { facts: facts()[1..].into(), ..good.clone() };
    assert_eq!(judged(&fewer), Err(DisposalError::OtherFacts));
    let other = Disposal { rule: "staff-file".into(), ..good.clone() };
    assert_eq!(judged(&other), Err(DisposalError::OtherFacts));
    let named = DecidedBy { name: "C. Other".into(), ..good.approved_by.clone() };
    assert_eq!(judged(&Disposal { approved_by: named, ..good.clone() }), Err(DisposalError::OtherPeople));
    let alone = Agreed { approved_by: first.certificate.clone(), ..agreed.clone() };
    assert_eq!(judged(&certificate(alone)), Err(DisposalError::SamePerson));
    let unsigned = Agreed { agreement: proposed(&first).agreement, ..agreed };
    assert!(matches!(judged(&certificate(unsigned)), Err(DisposalError::Document(_))));
    let stranger = SignedDisposal::new(&good, &generate_signing()).verify((&from, &keys));
    assert!(matches!(stranger, Err(DisposalError::Document(_))));
}

#[test]
fn one_person_alone_or_a_stranger_is_not_two() {
    let (secrets, from) = (AgencySecrets::generate(), "elm-park".parse().unwrap());
    let keys = secrets.public();
    let first = person(&secrets, "A. Khan");
    let waiting = proposed(&first);
    for same in [&first, &person(&secrets, "A. Khan")] {
        assert_eq!(waiting.approve(same, (&from, &keys), now()), Err(DisposalError::SamePerson));
    }
    let stranger = person(&AgencySecrets::generate(), "C. Other");
    let refused = waiting.approve(&stranger, (&from, &keys), now());
    assert!(matches!(refused, Err(DisposalError::Certificate(_))));
}
