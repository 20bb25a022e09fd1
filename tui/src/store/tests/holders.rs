//! Who opens the casebook: each change stands in the log, and a card that was replaced opens nothing.

use std::fs;

use kith_protocol::keys::AgencySecrets;

use super::*;
use crate::{
    casework::{fact::Fact, holder::HolderChange},
    store::{StoreError, secrets::DatabaseKey, slots::Slots},
};

fn ben() -> Author {
    Author { name: "Ben Lowe".into(), role: "deputy".into() }
}

fn open(folder: &Path, passphrase: &str) -> Result<Casebook, StoreError> {
    Casebook::unlock(folder, &Passphrase::from(passphrase))
}

fn by_card(folder: &Path, card: &RecoverySecret) -> Result<Casebook, StoreError> {
    let fresh = Passphrase::from("by card");
    Casebook::recover(folder, card, &ben(), (&fresh, WorkFactor::LEAST), now().timestamp())
}

fn new_card(casebook: &mut Casebook) -> RecoverySecret {
    let mut made = None;
    let keep = |secret: &RecoverySecret| {
        made = Some(RecoverySecret::from_text(secret.text()));
        Ok::<_, StoreError>(())
    };
    casebook.replace_card(now().timestamp(), keep).unwrap();
    made.unwrap()
}

#[test]
fn every_change_of_who_opens_it_is_a_fact_by_name_and_holds_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let (mut casebook, card) = create(folder.path());
    let at = now().timestamp();
    let agency = AgencySecrets::generate();
    let key = crate::cli::keys::certified(&agency, &setup().agency, &author(), at);
    let add = (&Passphrase::from("nine quiet otters"), WorkFactor::LEAST);
    casebook.add_holder(&ben(), Some(&key), add, at).unwrap();
    casebook.certify_anew(&key, at).unwrap();
    drop(casebook);
    let mut casebook = open(folder.path(), "nine quiet otters").unwrap();
    casebook.change_passphrase(&Passphrase::from("two loud geese"), WorkFactor::LEAST, at).unwrap();
    drop(casebook);
    drop(by_card(folder.path(), &card).unwrap());
    let mut casebook = unlock(folder.path());
    let fresh = new_card(&mut casebook);
    casebook.remove_holder("Ben Lowe", at).unwrap();

    let changes = casebook.holder_changes().unwrap();
    let told: Vec<_> = changes.iter().map(|(fact, change)| (fact.by.name.as_str(), change.words())).collect();
    let expect = [
        ("A. Khan", "Ben Lowe, deputy, got a passphrase"),
        ("A. Khan", "their signing key was certified anew"),
        ("Ben Lowe", "changed their passphrase"),
        ("Ben Lowe", "the recovery card was used; Ben Lowe, deputy, got a passphrase by it"),
        ("A. Khan", "made a new recovery card; the casebook got another key"),
        ("A. Khan", "Ben Lowe, deputy, was removed; the casebook got another key"),
    ];
    assert_eq!(told, expect.map(|(by, words)| (by, words.to_owned())));
    let secrets = ["otters", "geese", "by card", card.text(), fresh.text(), &key.to_text()[20..60]];
    for (fact, _) in &changes {
        let body = String::from_utf8(casebook.kept_fact(fact.id).unwrap().body).unwrap();
        assert!(!secrets.iter().any(|secret| body.contains(secret)), "{body}");
    }
    assert!(casebook.check(&mut |_, _| {}).unwrap().is_whole());
    assert!(matches!(&changes[0].0.fact, Fact::HolderChanged(HolderChange::Added(who)) if *who == ben()));
}

#[test]
fn a_new_card_opens_and_the_one_before_opens_nothing_also_with_older_slot_files() {
    let folder = tempfile::tempdir().unwrap();
    let (mut casebook, card) = create(folder.path());
    let files = ["keys.json", "keys.copy.json"].map(|name| folder.path().join(name));
    let older = fs::read(&files[0]).unwrap();
    let lost = casebook.replace_card(now().timestamp(), |_| Err(StoreError::Full));
    assert!(matches!(lost, Err(StoreError::Full)) && casebook.holder_changes().unwrap().is_empty());
    let fresh = new_card(&mut casebook);
    casebook.add("Jonah", "O'Brien");
    drop(casebook);
    let newer = fs::read(&files[0]).unwrap();
    assert!(matches!(by_card(folder.path(), &card), Err(StoreError::WrongCard)));
    // The slots of before hold the key of before, which fits nothing any more.
    files.iter().for_each(|path| fs::write(path, &older).unwrap());
    assert!(matches!(by_card(folder.path(), &card), Err(StoreError::Damaged { .. })));
    files.iter().for_each(|path| fs::write(path, &newer).unwrap());
    assert_eq!(unlock(folder.path()).found("Jonah").len(), 1);
    drop(by_card(folder.path(), &fresh).unwrap());

    // A person who is removed later takes the new card's place with nobody.
    unlock(folder.path()).remove_holder("Ben Lowe", now().timestamp()).unwrap();
    assert!(matches!(by_card(folder.path(), &card), Err(StoreError::WrongCard)));
    assert_eq!(by_card(folder.path(), &fresh).unwrap().found("Jonah").len(), 1);
}

#[test]
fn a_crash_while_the_card_changes_revives_no_card_that_was_to_go() {
    for after in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let (casebook, card) = create(folder.path());
        let (fresh, mut slots) = (DatabaseKey::generate(), Slots::load(folder.path()).unwrap());
        let (next, recipient) = slots.add_card(&casebook.key).unwrap();
        super::super::settings::set_next_card(&casebook.db, &recipient).unwrap();
        let kept = casebook.holder_rows().unwrap().into_iter().map(|row| (row.0, row.2));
        let kept: Vec<_> = kept.chain([(slots.card().unwrap(), recipient)]).collect();
        slots.begin_change(&fresh, &kept).unwrap();
        slots.save(folder.path()).unwrap();
        if after {
            crate::store::schema::change_key(&casebook.db, &fresh).unwrap();
        }
        drop(casebook);
        let mut casebook = unlock(folder.path());
        casebook.finish_holders(now().timestamp()).unwrap();
        assert_eq!(casebook.holder_changes().unwrap().len(), usize::from(after));
        // The next change of keys must not bring the other card back.
        let add = (&Passphrase::from("x"), WorkFactor::LEAST);
        casebook.add_holder(&ben(), None, add, now().timestamp()).unwrap();
        casebook.remove_holder("Ben Lowe", now().timestamp()).unwrap();
        drop(casebook);
        let (lives, dead) = if after { (&next, &card) } else { (&card, &next) };
        assert!(matches!(by_card(folder.path(), dead), Err(StoreError::WrongCard)), "{after}");
        assert!(by_card(folder.path(), lives).is_ok(), "{after}");
    }
}
