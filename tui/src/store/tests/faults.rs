//! What goes wrong, and what is promised then.

use super::*;
use crate::store::StoreError;

#[test]
fn only_the_passphrase_or_the_card_opens_it() {
    let folder = tempfile::tempdir().unwrap();
    let (casebook, card) = create(folder.path());
    let twice = Casebook::unlock(folder.path(), &Passphrase::from(PASSPHRASE));
    assert!(matches!(twice, Err(StoreError::LockedByOther(Some(_)))));
    drop(casebook);
    let wrong = Casebook::unlock(folder.path(), &Passphrase::from("seven tired heron"));
    assert!(matches!(wrong, Err(StoreError::WrongPassphrase)));
    assert!(matches!(
        Casebook::create(folder.path(), &setup(), &Passphrase::from("x"), WorkFactor::LEAST),
        Err(StoreError::Exists(_))
    ));
    let card = RecoverySecret::from_text(&format!(" {}\n", card.text()));
    let (user, fresh) = (Author { name: "B. Lowe".into(), role: "deputy".into() }, Passphrase::from("new"));
    drop(Casebook::recover(folder.path(), &card, &user, &fresh, WorkFactor::LEAST).unwrap());
    assert_eq!(Casebook::unlock(folder.path(), &fresh).unwrap().session().unwrap().user, user);
    assert_eq!(unlock(folder.path()).session().unwrap().user, author());
    let other = create(tempfile::tempdir().unwrap().path()).1;
    let refused = Casebook::recover(folder.path(), &other, &user, &fresh, WorkFactor::LEAST);
    assert!(matches!(refused, Err(StoreError::WrongCard)));
    let empty = tempfile::tempdir().unwrap();
    let none = Casebook::unlock(empty.path(), &fresh);
    assert!(matches!(none, Err(StoreError::NotACasebook(_))));
}
