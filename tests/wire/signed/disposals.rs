//! Certificates of disposals: as they must be, with what the log says of them, and with each fault.

use std::collections::BTreeMap;

use kith_protocol::{
    consent::DecidedBy,
    disposal::{self, Agreed, Agreement, Disposal, DisposedFact, InLog, SignedDisposal, Tombstone},
    evidence::{self, Seed},
    fact::Body,
    ids::{Digest, LogId},
    log::{Checkpoint, Cosigner, Growth, Node, Origin, Tree, Witness, leaf_hash},
    sign::Namespace,
};
use kith_tests::bundles::{POLICE, SCHOOL, World, now};
use serde_json::{Value, json};

use super::{
    cases::{Cases, person},
    good::{Good, good},
};

/// A log of these leaves, one after the other.
fn in_log(world: &World, leaves: &[Digest]) -> InLog {
    in_log_of(world, leaves, leaves.len() as u64)
}

/// As [`in_log`], and the first so many of them told where they stand.
fn in_log_of(world: &World, leaves: &[Digest], told: u64) -> InLog {
    let mut hashes = BTreeMap::new();
    for (at, one) in (0..).zip(leaves) {
        let made = {
            let tree = Tree::new(at, |node: Node| hashes.get(&node).copied().ok_or("missing"));
            tree.expect("it is whole").append(leaf_hash(one.as_bytes())).expect("it is whole")
        };
        hashes.extend(made);
    }
    let size = leaves.len() as u64;
    let tree =
        Tree::new(size, |node: Node| hashes.get(&node).copied().ok_or("missing")).expect("it is whole");
    let origin = Origin::of_agency(&SCHOOL.parse().expect("an id"), LogId::from_bytes([7; 16]));
    let root = tree.root().expect("it is whole");
    let checkpoint = Checkpoint { origin, size, root }.sign(&world.school.log).expect("a name");
    let places: Vec<u64> = (0..told).collect();
    let inclusion = tree.inclusion_of(&places.iter().copied().collect()).expect("they are in it");
    InLog { checkpoint, places, inclusion }
}

/// What a casebook writes of it.
fn tombstone_of(disposal: &Disposal) -> Value {
    let by = |one: &DecidedBy| json!({ "name": one.name, "role": one.role });
    let (first, second) = (&disposal.proposed_by, &disposal.approved_by);
    let absent: Vec<Value> = disposal.absent.iter().map(|one| json!([one.fact, one.leaf])).collect();
    json!({ "id": "1-9", "recorded": second.on, "by": by(second), "fact": { "Disposed": {
        "rule": "PupilFile", "proposed_by": by(first), "proposed": first.on, "approved_by": by(second),
        "approved": second.on, "facts": "1-4", "kept": "1-5", "attachments": disposal.attachments,
        "replayed": disposal.replayed, "agreed": disposal.agreed, "absent": absent,
    } } })
}

/// The certificate with a log that has this as the tombstone.
fn logged(world: &World, disposal: Disposal, says: &Value) -> Disposal {
    let seed = [9; 32];
    let body = Body::of(says, &mut |_| Vec::new()).expect("a body");
    let leaf = Digest::from_bytes(*evidence::commit(&Seed::from_bytes(seed), &body).as_bytes());
    let body = String::from_utf8(body.to_bytes().expect("a body")).expect("a text");
    let tombstone = Tombstone { fact: "1-9".into(), leaf, seed: Digest::from_bytes(seed), body };
    Disposal { log: in_log(world, &[leaf, disposal.facts[0].leaf]), tombstone, ..disposal }
}

/// The certificate, and what the first of the two signed.
fn disposed(world: &World) -> (Disposal, disposal::Proposed) {
    let second = person(SCHOOL, "Tom Iqbal", 62, &world.school.sign);
    let by = |name: &str, role: &str| DecidedBy { name: name.into(), role: role.into(), on: now() };
    let facts = vec![DisposedFact { fact: "1-4".into(), leaf: Digest::of(b"leaf") }];
    let nothing = Digest::from_bytes([0; 32]);
    let tombstone = Tombstone { fact: String::new(), leaf: nothing, seed: nothing, body: String::new() };
    let absent = vec![DisposedFact { fact: "1-6".into(), leaf: Digest::of(b"another") }];
    let agreement = Agreement {
        agency: SCHOOL.parse().expect("an id"),
        rule: "pupil-file".into(),
        proposed: now(),
        facts: disposal::digest(facts.iter().chain(&absent).cloned()),
    };
    let proposed = disposal::Proposed::new(&agreement, &world.person);
    let ends = (&SCHOOL.parse().expect("an id"), &world.school.public());
    let agreed = proposed.approve(&second, ends, now()).expect("two people");
    let disposal = Disposal {
        agency: SCHOOL.parse().expect("an id"),
        agency_name: "Elm Park Primary School".into(),
        rule: "pupil-file".into(),
        rule_words: "date of birth and 25 years".into(),
        rule_source: "toolkit".into(),
        proposed_by: by("Ruth Adeyemi", "Designated Safeguarding Lead"),
        approved_by: by("Tom Iqbal", "Sergeant"),
        agreed,
        replayed: true,
        log: in_log(world, &[nothing]),
        tombstone,
        facts,
        absent,
        attachments: 1,
        kept: vec!["1-5".into()],
    };
    let says = tombstone_of(&disposal);
    (logged(world, disposal, &says), proposed)
}

pub(super) fn disposals(world: &World, cases: &mut Cases) {
    let (disposal, proposed) = disposed(world);
    let text = SignedDisposal::new(&disposal, &world.school.sign).text;
    let one = good("disposal", Namespace::Disposal, &[&world.school.sign], &text);
    one.enter(
        "disposal",
        "two people destroyed a file, and it was destroyed again after a backup was put back",
        cases,
    );
    for (name, about, expect, was, is) in [
        ("fact", "another fact than the two agreed to", "other", "\"fact\":\"1-4\"", "\"fact\":\"1-5\""),
        (
            "rule",
            "another rule than the two agreed to",
            "other",
            "\"rule\":\"pupil-file\"",
            "\"rule\":\"staff-file\"",
        ),
        (
            "names",
            "it names somebody who did not sign",
            "other people",
            "\"name\":\"Tom Iqbal\"",
            "\"name\":\"Tim Iqbal\"",
        ),
        (
            "tombstone",
            "the log has another tombstone",
            "not in the log",
            &format!("\"leaf\":\"{}\",\"seed\"", disposal.tombstone.leaf),
            &format!("\"leaf\":\"{}\",\"seed\"", Digest::of(b"none")),
        ),
        ("seed", "the tombstone grows from another seed", "other words", "\"seed\":\"09", "\"seed\":\"08"),
        ("body", "the tombstone shown is not that of the log", "other words", "PupilFile", "StaffFile"),
        ("places", "the leaves stand elsewhere", "not in the log", "\"places\":[0,1]", "\"places\":[1,0]"),
        ("size", "the checkpoint has another size", "not in the log", "\\n2\\n", "\\n3\\n"),
    ] {
        cases.insert(format!("disposal-{name}"), one.saying(about, expect, was, is));
    }
    in_the_log(world, &disposal, &one, cases);
    disagreed(world, (&disposal, proposed), &one, cases);
}

/// What the log has, and who else cosigned it.
fn in_the_log(world: &World, disposal: &Disposal, one: &Good<'_>, cases: &mut Cases) {
    let mut put = |name: &str, about: &str, expect: &str, disposal: &Disposal| {
        let text = SignedDisposal::new(disposal, &world.school.sign).text;
        cases.insert(format!("disposal-{name}"), one.case(about, expect, one.signed(&text, one.namespace)));
    };
    let mut says = tombstone_of(disposal);
    says["fact"]["Disposed"]["facts"] = json!("1-3..4");
    let other = logged(world, disposal.clone(), &says);
    put("others", "the log has a tombstone that names other facts", "other", &other);
    let mut says = tombstone_of(disposal);
    says["fact"]["Disposed"]["absent"]
        .as_array_mut()
        .expect("a list")
        .push(json!(["1-7", Digest::of(b"third")]));
    let more = logged(world, disposal.clone(), &says);
    put("absent", "the tombstone names one more that was there no more", "other", &more);
    let mut once = disposal.clone();
    let leaves = [disposal.tombstone.leaf, disposal.facts[0].leaf];
    once.log = InLog { checkpoint: once.log.checkpoint, ..in_log_of(world, &leaves, 1) };
    put("once", "a leaf does not say where it stands", "not in the log", &once);
    let mut elsewhere = disposal.clone();
    let claims = elsewhere.log.checkpoint.claims().expect("a checkpoint");
    let origin = Origin::of_agency(&"ash-park".parse().expect("an id"), LogId::from_bytes([7; 16]));
    elsewhere.log.checkpoint = Checkpoint { origin, ..claims }.sign(&world.school.log).expect("a name");
    put("log", "the checkpoint is of another log", "not in the log", &elsewhere);
    let mut witnessed = disposal.clone();
    let note = &mut witnessed.log.checkpoint;
    let police =
        Cosigner::agency(&POLICE.parse().expect("an id"), world.police.cosign.clone()).expect("a name");
    let log = (&note.claims().expect("a checkpoint").origin, &world.school.log.public());
    let (_, line) = police.cosign(note, log, None, &Growth::new(Vec::new()), now()).expect("it is signed");
    let theirs = Witness::agency(world.member(POLICE), false).expect("a name");
    note.add(&line, &theirs).expect("it holds");
    put("cosigned", "the police cosigned the log that it shows", "cosigned", &witnessed);
}

/// What two people did not agree to as they must.
fn disagreed(
    world: &World,
    (disposal, proposed): (&Disposal, disposal::Proposed),
    one: &Good<'_>,
    cases: &mut Cases,
) {
    let agreed = disposal.agreed.clone();
    let mut put = |name: &str, about: &str, expect: &str, agreed: Agreed| {
        let disposal = Disposal { agreed, ..disposal.clone() };
        let text = SignedDisposal::new(&disposal, &world.school.sign).text;
        cases.insert(format!("disposal-{name}"), one.case(about, expect, one.signed(&text, one.namespace)));
    };
    let alone = Agreed { agreement: proposed.agreement, ..agreed.clone() };
    put("alone", "the second did not sign", "not signed", alone);
    let same = Agreed { approved_by: world.person.certificate.clone(), ..agreed.clone() };
    put("same", "the same person twice", "same person", same);
    let renamed = person(SCHOOL, "Ruth Adeyemi", 62, &world.school.sign);
    put(
        "name",
        "a second key of the same person",
        "same person",
        Agreed { approved_by: renamed.certificate, ..agreed.clone() },
    );
    let other = person(POLICE, "P Singh", 61, &world.police.sign);
    put(
        "certificate",
        "the second is of another agency",
        "certificate",
        Agreed { approved_by: other.certificate, ..agreed },
    );
}
