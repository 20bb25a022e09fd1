//! Certificates of persons: renewed by themselves, in time; what cannot be renewed is told, and signs nothing.

use jiff::{SignedDuration, Timestamp, Zoned};
use kith_protocol::{
    keys::{AgencySecrets, Certificate, PersonKey},
    receipt::ReceiptKind,
    seal::{Passphrase, WorkFactor},
    sign::SigningKey,
};

use super::{
    story::Story,
    world::{Agency, World, care_id, now},
};
use crate::{
    casework::{
        fact::Author,
        holder::HolderChange,
        query::{Answer, Query, ShareState},
    },
    cli::keys::certified,
    sharing::{
        office::Office,
        persons::{CERTIFIED, RENEWED},
    },
    store::{Casebook, Setup},
};

const MONTH: SignedDuration = SignedDuration::from_hours(30 * 24);

fn later(by: SignedDuration) -> Zoned {
    now().checked_add(by).unwrap()
}

/// A casebook with keys and no directory yet, whose user's certificate begins now.
fn book(folder: &std::path::Path, name: &str) -> (Casebook, AgencySecrets, PersonKey) {
    let user = Author { name: name.into(), role: "DSL".into() };
    let agency = "elm-park".parse().unwrap();
    let secrets = AgencySecrets::generate();
    let key = certified(&secrets, &agency, &user, now().timestamp());
    let setup = Setup { agency, agency_name: "Elm Park".into(), user, demo: false };
    let made = Casebook::create(&folder.join("book"), &setup, &Passphrase::from("p"), WorkFactor::LEAST);
    let (mut book, _) = made.unwrap();
    book.set_agency_secrets(&secrets).unwrap();
    book.set_person_key(&key).unwrap();
    (book, secrets, key)
}

#[test]
fn a_certificate_that_ends_soon_is_renewed_when_the_casebook_opens_and_not_before() {
    let folder = tempfile::tempdir().unwrap();
    let (casebook, secrets, before) = book(folder.path(), "Amina Khan");
    let agency = casebook.session().unwrap().agency;
    let open = |casebook, at: &Zoned| Office::open(casebook, folder.path(), at).unwrap();
    let early = later(CERTIFIED - RENEWED - SignedDuration::from_hours(1));
    let office = open(casebook, &early);
    let kept = office.casebook().person_key().unwrap().unwrap();
    assert_eq!(kept.to_text(), before.to_text(), "it is good for long enough");
    drop(office);
    let unlock = || Casebook::unlock(&folder.path().join("book"), &Passphrase::from("p")).unwrap();
    // In time, and also long after it has ended.
    for (n, after) in [CERTIFIED - RENEWED + MONTH, CERTIFIED * 5].into_iter().enumerate() {
        let at = later(after);
        let office = open(unlock(), &at);
        assert_eq!(office.certificate_warning(), None);
        let key = office.casebook().person_key().unwrap().unwrap();
        assert_eq!(key.key.public(), before.key.public(), "the key stays");
        let held = key.certificate.verify(&agency, &secrets.public(), at.timestamp()).unwrap();
        assert_eq!(held.until.duration_since(at.timestamp()), CERTIFIED);
        let changes = office.casebook().holder_changes().unwrap();
        assert_eq!(changes.len(), n + 1);
        let Some((fact, HolderChange::Certified { certificate })) = changes.last() else { panic!() };
        assert_eq!((&fact.by.name[..], &certificate.text), ("Amina Khan", &key.certificate.text));
    }
}

#[test]
fn what_cannot_be_renewed_is_told_on_the_opening_screen() {
    let folder = tempfile::tempdir().unwrap();
    let (casebook, ..) = book(folder.path(), "Amina\u{202e}Khan");
    let office = Office::open(casebook, folder.path(), &now()).unwrap();
    let Answer::Today(today) = office.ask(&Query::Today { today: now().date() }, now().date()).unwrap()
    else {
        panic!()
    };
    let why = today.certificate.unwrap();
    assert!(why.contains("could not be renewed") && why.contains("name or role"), "{why}");
    assert!(office.casebook().holder_changes().unwrap().is_empty());
}

/// Gives the social worker another certificate, which ends then.
fn ends(care: &mut Agency, until: Timestamp) {
    let key = SigningKey::from_seed(&[77; 32]);
    let certificate = Certificate {
        agency: care_id(),
        name: "Julia Moss".into(),
        role: "Duty social worker".into(),
        key: key.public(),
        from: until - MONTH * 12,
        until,
    };
    let person = PersonKey { key, certificate: certificate.sign(&care.secrets.sign) };
    care.office().casebook_mut().set_person_key(&person).unwrap();
    care.office().reload(&now()).unwrap();
}

#[test]
fn an_ended_certificate_signs_nothing_and_says_what_to_do_until_a_round_renews_it() {
    let (mut world, _, share, received) = Story::delivered();
    ends(&mut world.care, now().timestamp() - SignedDuration::from_hours(24));
    let answer = |world: &mut World| {
        world.care.office().answer(received, ReceiptKind::Receipted, "We visit today.", &now())
    };
    let refused = answer(&mut world).unwrap_err().to_string();
    assert!(refused.contains("ran out") && refused.contains("Lock and unlock"), "{refused}");
    assert_eq!(world.care.inbox()[0].answered, None);

    world.care_round();
    answer(&mut world).unwrap();
    world.care_round();
    world.school_round();
    assert_eq!(
        world.school.share(share).state,
        ShareState::Receipted,
        "the sender takes the new certificate"
    );
}
