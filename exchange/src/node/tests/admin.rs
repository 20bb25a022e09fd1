//! Setting up a node and enrolling agencies.

use kith_protocol::enrolment::{Enrolment, SignedEnrolment};

use super::*;
use crate::node::{AdminError, Founded, NodeFolder, enrol, found};

fn founded() -> Founded {
    let [name, partnership] = ["northshire", "Northshire"].map(str::to_owned);
    Founded { name, partnership, listen: "127.0.0.1:0".into(), addr: "127.0.0.1:4433".into() }
}

fn enrolment(secrets: &AgencySecrets, by: &SigningKey) -> SignedEnrolment {
    let asked = Enrolment {
        id: "elm-park".parse().unwrap(),
        name: "Elm Park Primary".into(),
        sector: Sector::School,
        phone: Some("01632 960000".into()),
        authority: None,
        keys: secrets.public(),
    };
    SignedEnrolment::new(&asked, by)
}

#[tokio::test]
async fn a_new_node_enrols_an_agency_that_can_then_call_it() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = NodeFolder(scratch.path().join("node"));
    let invitation = found(&folder, &founded(), at(START)).unwrap();
    assert!(matches!(found(&folder, &founded(), at(START)), Err(AdminError::AlreadyThere(_))));

    let school = AgencySecrets::generate();
    let file = scratch.path().join("elm-park.json");
    std::fs::write(&file, serde_json::to_vec(&enrolment(&school, &school.sign)).unwrap()).unwrap();
    let key = [folder.0.join("partnership.key")];
    let done = enrol(&folder, &file, &key, false, at(START + 1)).unwrap();
    assert_eq!((done.version, done.words), (2, kith_protocol::words::eight_words(&school.public())));
    let again = enrol(&folder, &file, &key, false, at(START + 2));
    assert!(matches!(again, Err(AdminError::Member(_))), "{again:?}");
    assert_eq!(enrol(&folder, &file, &key, true, at(START + 2)).unwrap().version, 3);

    let node = crate::node::start(folder.config(Clock::fixed(at(START + 3))).unwrap()).await.unwrap();
    let courier = Courier::new(node.address(), &school.link).unwrap();
    let (_, directory) = courier.directory(&invitation.pinned, at(START + 3)).await.unwrap().unwrap();
    assert_eq!(directory.members.len(), 1);
    assert_eq!(courier.status().await.unwrap().directory, 3);
    let admin = Courier::new(node.address(), &folder.keys().unwrap().link).unwrap();
    assert_eq!(admin.status().await.unwrap().waiting, 0);
    assert!(admin.list(0, &directory).await.is_err(), "the admin has no mailbox");
    node.stop().await;
}

#[test]
fn an_enrolment_by_other_keys_is_refused_and_changes_nothing() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = NodeFolder(scratch.path().join("node"));
    found(&folder, &founded(), at(START)).unwrap();
    let (school, other) = (AgencySecrets::generate(), AgencySecrets::generate());
    let file = scratch.path().join("elm-park.json");
    let key = [folder.0.join("partnership.key")];
    let before = std::fs::read(folder.0.join("directory.json")).unwrap();

    std::fs::write(&file, serde_json::to_vec(&enrolment(&school, &other.sign)).unwrap()).unwrap();
    let refused = enrol(&folder, &file, &key, false, at(START + 1));
    assert!(matches!(refused, Err(AdminError::Enrolment(_))), "{refused:?}");
    std::fs::write(&file, b"{\"text\":").unwrap();
    let refused = enrol(&folder, &file, &key, false, at(START + 1));
    assert!(matches!(&refused, Err(AdminError::Format { path, .. }) if *path == file), "{refused:?}");

    std::fs::write(&file, serde_json::to_vec(&enrolment(&school, &school.sign)).unwrap()).unwrap();
    let wrong = [scratch.path().join("wrong.key")];
    std::fs::write(&wrong[0], format!("\"{}\"", "07".repeat(32))).unwrap();
    let refused = enrol(&folder, &file, &wrong, false, at(START + 1));
    assert!(matches!(refused, Err(AdminError::Directory(_))), "{refused:?}");
    assert_eq!(std::fs::read(folder.0.join("directory.json")).unwrap(), before);
}

#[cfg(unix)]
#[test]
fn secrets_are_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let scratch = tempfile::tempdir().unwrap();
    let folder = NodeFolder(scratch.path().join("node"));
    found(&folder, &founded(), at(START)).unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder.0), 0o700);
    for name in ["secrets.json", "partnership.key"] {
        assert_eq!(mode(&folder.0.join(name)), 0o600, "{name}");
    }
}
