//! Setting up a node and enrolling agencies.

use kith_protocol::enrolment::{Enrolment, SignedEnrolment};

use super::*;
use crate::node::{AdminError, Founded, NodeFolder, enrol, found, relocate, remove, renew};

fn founded() -> Founded {
    let [name, partnership] = ["northshire", "Northshire"].map(str::to_owned);
    Founded { name, partnership, listen: "127.0.0.1:0".into(), addr: "127.0.0.1:4433".into() }
}

fn enrolment(secrets: &AgencySecrets, by: &SigningKey) -> SignedEnrolment {
    enrolment_of("elm-park", secrets, by)
}

fn enrolment_of(id: &str, secrets: &AgencySecrets, by: &SigningKey) -> SignedEnrolment {
    let asked = Enrolment {
        id: id.parse().unwrap(),
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

/// A folder with two members, and the partnership's key.
fn with_two(scratch: &Path) -> (NodeFolder, [std::path::PathBuf; 1]) {
    let folder = NodeFolder(scratch.join("node"));
    found(&folder, &founded(), at(START)).unwrap();
    let key = [folder.0.join("partnership.key")];
    for id in ["elm-park", "police"] {
        let secrets = AgencySecrets::generate();
        let file = scratch.join(id);
        let signed = enrolment_of(id, &secrets, &secrets.sign);
        std::fs::write(&file, serde_json::to_vec(&signed).unwrap()).unwrap();
        enrol(&folder, &file, &key, false, at(START + 1)).unwrap();
    }
    (folder, key)
}

fn in_force(folder: &NodeFolder, now: Timestamp) -> Directory {
    let (signed, pinned) = folder.directory().unwrap();
    signed.verify(&pinned, now).unwrap()
}

#[test]
fn a_node_moves_for_all_its_members_at_once() {
    let scratch = tempfile::tempdir().unwrap();
    let (folder, key) = with_two(scratch.path());
    let before = folder.address().unwrap();
    let refused = relocate(&folder, Some("no port"), false, &key, at(START + 2));
    assert!(matches!(refused, Err(AdminError::Address(_))), "{refused:?}");
    assert_eq!(folder.address().unwrap(), before);
    let invited = || {
        let file = std::fs::read(folder.0.join("invitation.json")).unwrap();
        serde_json::from_slice::<kith_protocol::enrolment::Invitation>(&file).unwrap().node
    };
    assert_eq!(relocate(&folder, Some("new.example:443"), false, &key, at(START + 2)).unwrap(), 4);
    let moved = folder.address().unwrap();
    assert_eq!((moved.addr.as_str(), moved.link), ("new.example:443", before.link));
    assert_eq!(relocate(&folder, None, true, &key, at(START + 3)).unwrap(), 5);
    let renewed = folder.address().unwrap();
    assert!(renewed.addr == moved.addr && renewed.link != moved.link && renewed.sign != moved.sign);
    let listed = in_force(&folder, at(START + 3));
    assert!(listed.members.len() == 2 && listed.members.iter().all(|member| member.node == renewed));
    assert_eq!(invited(), renewed);
}

#[test]
fn a_member_that_leaves_is_taken_out() {
    let scratch = tempfile::tempdir().unwrap();
    let (folder, key) = with_two(scratch.path());
    let police = "police".parse().unwrap();
    assert_eq!(remove(&folder, &police, &key, at(START + 2)).unwrap(), 4);
    let left: Vec<_> = in_force(&folder, at(START + 2)).members.into_iter().map(|member| member.id).collect();
    assert_eq!(left, ["elm-park".parse().unwrap()]);
    let again = remove(&folder, &police, &key, at(START + 3));
    assert!(matches!(again, Err(AdminError::NoMember(_))), "{again:?}");
    assert_eq!(in_force(&folder, at(START + 3)).version, 4, "nothing was changed");
}

#[test]
fn whoever_holds_the_keys_renews_what_ran_out_long_ago() {
    let scratch = tempfile::tempdir().unwrap();
    let (folder, key) = with_two(scratch.path());
    let late = at(START + 500 * 86_400);
    let (signed, pinned) = folder.directory().unwrap();
    assert!(signed.verify_for_urgent_use(&pinned, late).is_err(), "of no use to anybody");
    assert_eq!(renew(&folder, &key, late).unwrap(), 4);
    assert_eq!(in_force(&folder, late).members.len(), 2);
}

#[test]
fn a_node_is_not_made_with_a_name_or_address_nobody_could_list() {
    let scratch = tempfile::tempdir().unwrap();
    for (name, addr) in
        [("", "x:1"), ("a\u{202e}b", "x:1"), ("n", "kith.example"), ("n", "x:0"), ("n", "x:99999")]
    {
        let folder = NodeFolder(scratch.path().join("node"));
        let refused =
            found(&folder, &Founded { name: name.into(), addr: addr.into(), ..founded() }, at(START));
        assert!(matches!(refused, Err(AdminError::Address(_))), "{name} {addr}: {refused:?}");
        assert!(!folder.0.exists(), "nothing was made");
    }
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

#[cfg(unix)]
#[tokio::test]
async fn books_and_bundles_are_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::new().await;
    world.send(&world.letter(1, bytes(10))).await.unwrap();
    let mode =
        |name: &str| std::fs::metadata(world.folder.path().join(name)).unwrap().permissions().mode() & 0o777;
    for (name, expected) in [("node.db", 0o600), ("node.db-wal", 0o600), ("blobs", 0o700), ("partial", 0o700)]
    {
        assert_eq!(mode(name), expected, "{name}");
    }
}
