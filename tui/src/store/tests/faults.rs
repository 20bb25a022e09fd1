//! What goes wrong, and what is promised then.

use std::{fs, io::Read as _, path::PathBuf};

use jiff::ToSpan as _;
use kith_protocol::{ids::Digest, keys::AgencySecrets};

use super::*;
use crate::casework::{entry::Attachment, holder::HolderChange};
use crate::store::{CheckItem, CommandError, Holder, ImportError, Known, StoreError, facts};

fn recover(
    folder: &Path,
    card: &RecoverySecret,
    user: &Author,
    fresh: &Passphrase,
) -> Result<Casebook, StoreError> {
    Casebook::recover(folder, card, user, (fresh, WorkFactor::LEAST), now().timestamp())
}

/// Stands in texts and names, and nowhere in the files.
const MARKER: &str = "Quillfeatherstone";

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
    drop(recover(folder.path(), &card, &user, &fresh).unwrap());
    assert_eq!(Casebook::unlock(folder.path(), &fresh).unwrap().session().unwrap().user, user);
    assert_eq!(unlock(folder.path()).session().unwrap().user, author());
    let other = create(tempfile::tempdir().unwrap().path()).1;
    let refused = recover(folder.path(), &other, &user, &fresh);
    assert!(matches!(refused, Err(StoreError::WrongCard)));
    let empty = tempfile::tempdir().unwrap();
    let none = Casebook::unlock(empty.path(), &fresh);
    assert!(matches!(none, Err(StoreError::NotACasebook(_))));
}

#[test]
fn a_changed_passphrase_replaces_the_old_one_and_a_lost_slot_file_is_mended() {
    let (folder, mut casebook) = fresh();
    casebook.change_passphrase(&Passphrase::from("new"), WorkFactor::LEAST, now().timestamp()).unwrap();
    drop(casebook);
    for lost in ["keys.json", "keys.copy.json"] {
        fs::write(folder.path().join(lost), "{\"kith\":").unwrap();
        assert!(matches!(
            Casebook::unlock(folder.path(), &Passphrase::from(PASSPHRASE)),
            Err(StoreError::WrongPassphrase)
        ));
        assert_eq!(
            Casebook::unlock(folder.path(), &Passphrase::from("new")).unwrap().session().unwrap().user,
            author()
        );
    }
    for lost in ["keys.json", "keys.copy.json"] {
        fs::remove_file(folder.path().join(lost)).unwrap();
    }
    let none = Casebook::unlock(folder.path(), &Passphrase::from("new")).err().unwrap().to_string();
    assert!(
        none.contains("keys.json is not there; keys.copy.json is not there") && none.contains("put back"),
        "{none}"
    );
}

#[test]
fn slots_of_another_version_are_left_alone_and_not_called_damage() {
    let (folder, casebook) = fresh();
    drop(casebook);
    let [first, copy] = ["keys.json", "keys.copy.json"].map(|name| folder.path().join(name));
    let newer = fs::read_to_string(&first).unwrap().replace("keys/1", "keys/2");
    fs::write(&first, &newer).unwrap();
    let why = Casebook::unlock(folder.path(), &Passphrase::from(PASSPHRASE)).err().unwrap();
    let told = why.to_string();
    assert!(
        told.contains("keys.json was made by another version of Kith") && told.contains("update Kith"),
        "{told}"
    );
    assert!(!told.contains("damaged") && !told.contains("backup"), "{told}");
    assert_eq!(fs::read_to_string(&first).unwrap(), newer, "the older copy does not take its place");
    let seen = Casebook::from_outside(folder.path());
    assert_eq!(seen.0.iter().filter(|(_, fault)| fault.is_some()).count(), 1, "{seen:?}");
    fs::write(&first, "{\"kith\":\n").unwrap();
    fs::write(&copy, "[]").unwrap();
    let told = Casebook::unlock(folder.path(), &Passphrase::from(PASSPHRASE)).err().unwrap().to_string();
    assert!(
        told.contains("keys.json is damaged (line 2") && told.contains("the database itself was not touched"),
        "{told}"
    );
    fs::write(folder.path().join("casebook.db"), "short").unwrap();
    assert_eq!(
        Casebook::from_outside(folder.path()).0.iter().filter(|(_, fault)| fault.is_some()).count(),
        3
    );
}

#[test]
fn who_lost_a_passphrase_gets_their_own_place_back_by_the_card() {
    let folder = tempfile::tempdir().unwrap();
    let (mut casebook, card) = create(folder.path());
    let agency = AgencySecrets::generate();
    let key = crate::cli::keys::certified(&agency, &setup().agency, &author(), now().timestamp());
    casebook.set_person_key(&key).unwrap();
    drop(casebook);
    let again = Passphrase::from("new");
    let casebook = recover(folder.path(), &card, &author(), &again).unwrap();
    assert_eq!(casebook.holders().unwrap(), [Holder { who: author(), here: true }]);
    assert_eq!(casebook.person_key().unwrap().unwrap().to_text(), key.to_text());
    drop(casebook);
    let lost = Casebook::unlock(folder.path(), &Passphrase::from(PASSPHRASE));
    assert!(matches!(lost, Err(StoreError::WrongPassphrase)));
    assert!(Casebook::unlock(folder.path(), &again).is_ok());
}

/// Three people, and the slot files and the database as they were before one of them was removed.
fn three() -> (TempDir, Casebook, RecoverySecret) {
    let folder = tempfile::tempdir().unwrap();
    let (mut casebook, card) = create(folder.path());
    for name in ["Ben", "Cleo"] {
        let user = Author { name: name.into(), role: "deputy".into() };
        let passphrase = Passphrase::from(name);
        let mut add =
            || casebook.add_holder(&user, None, (&passphrase, WorkFactor::LEAST), now().timestamp());
        add().unwrap();
        let twice = add();
        assert!(matches!(twice, Err(StoreError::HolderExists)));
    }
    casebook.add("Jonah", MARKER);
    (folder, casebook, card)
}

#[test]
fn removing_a_person_gives_the_casebook_another_key_that_everybody_else_has() {
    let (folder, mut casebook, card) = three();
    let files = ["keys.json", "keys.copy.json"].map(|name| folder.path().join(name));
    let older = fs::read(&files[0]).unwrap();
    assert!(matches!(casebook.remove_holder("A. Khan", now().timestamp()), Err(StoreError::OwnSlot)));
    assert!(matches!(casebook.remove_holder("Nobody", now().timestamp()), Err(StoreError::NoSuchHolder)));
    casebook.remove_holder("Ben", now().timestamp()).unwrap();
    assert_eq!(casebook.found(MARKER).len(), 1, "it goes on under the new key");
    casebook.add("Ada", MARKER);
    assert!(casebook.check(&mut |_, _| {}).unwrap().is_whole());
    drop(casebook);
    let open = |text: &str| Casebook::unlock(folder.path(), &Passphrase::from(text));
    assert!(matches!(open("Ben"), Err(StoreError::WrongPassphrase)));
    for kept in [PASSPHRASE, "Cleo"] {
        assert_eq!(open(kept).unwrap().found(MARKER).len(), 2);
    }
    let user = Author { name: "Dee".into(), role: "head".into() };
    let by_card = recover(folder.path(), &card, &user, &Passphrase::from("d"));
    drop(by_card.unwrap());
    // The slot files of before hold the key of before, which fits nothing any more.
    files.iter().for_each(|path| fs::write(path, &older).unwrap());
    for before in ["Ben", PASSPHRASE] {
        assert!(matches!(open(before), Err(StoreError::Damaged { .. })), "{before}");
    }
}

#[test]
fn a_crash_while_the_key_changes_locks_nobody_out_and_lets_nobody_back_in() {
    use crate::store::{secrets::DatabaseKey, slots::Slots};

    for after in [false, true] {
        let (folder, mut casebook, _) = three();
        let rows = casebook.holder_rows().unwrap();
        let kept: Vec<_> =
            rows.into_iter().filter(|row| row.1.name != "Ben").map(|row| (row.0, row.2)).collect();
        let (fresh, mut slots) = (DatabaseKey::generate(), Slots::load(folder.path()).unwrap());
        let card = (slots.card().unwrap(), casebook.card().unwrap());
        slots.begin_change(&fresh, &[kept, vec![card]].concat()).unwrap();
        slots.save(folder.path()).unwrap();
        if after {
            crate::store::schema::change_key(&casebook.db, &fresh).unwrap();
        }
        drop(casebook);
        let open = |text: &str| Casebook::unlock(folder.path(), &Passphrase::from(text));
        if after {
            assert!(matches!(open("Ben"), Err(StoreError::WrongPassphrase)));
        }
        casebook = open("Cleo").unwrap();
        assert_eq!(casebook.holders().unwrap().len(), if after { 2 } else { 3 });
        casebook.finish_holders(now().timestamp()).unwrap();
        casebook.finish_holders(now().timestamp()).unwrap();
        let removed = |(_, change): &(_, HolderChange)| matches!(change, HolderChange::Removed(_));
        let removed = casebook.holder_changes().unwrap().iter().filter(|one| removed(one)).count();
        assert_eq!(removed, usize::from(after), "told once, when it happened");
        drop(casebook);
        assert_eq!(open(PASSPHRASE).unwrap().found(MARKER).len(), 1);
        assert_eq!(open("Ben").is_ok(), !after);
    }
}

#[test]
fn an_old_passphrase_opens_nothing_also_when_both_slot_files_are_put_back() {
    let (folder, mut casebook) = fresh();
    let agency = AgencySecrets::generate();
    let key = crate::cli::keys::certified(&agency, &setup().agency, &author(), now().timestamp());
    casebook.set_person_key(&key).unwrap();
    let files = ["keys.json", "keys.copy.json"].map(|name| folder.path().join(name));
    let older = files.each_ref().map(|path| fs::read(path).unwrap());
    casebook.change_passphrase(&Passphrase::from("new"), WorkFactor::LEAST, now().timestamp()).unwrap();
    let newer = files.each_ref().map(|path| fs::read(path).unwrap());
    drop(casebook);
    let put = |both: &[Vec<u8>; 2]| {
        for (path, bytes) in files.iter().zip(both) {
            fs::write(path, bytes).unwrap();
        }
    };
    put(&older);
    let revived = Casebook::unlock(folder.path(), &Passphrase::from(PASSPHRASE));
    assert!(matches!(revived, Err(StoreError::WrongPassphrase)));
    put(&newer);
    let casebook = Casebook::unlock(folder.path(), &Passphrase::from("new")).unwrap();
    assert_eq!(casebook.session().unwrap().user, author());
    assert_eq!(casebook.person_key().unwrap().unwrap().key.public(), key.key.public(), "and signs as before");
}

#[test]
fn nothing_is_readable_in_the_files() {
    let (folder, mut casebook) = fresh();
    let child = casebook.add(MARKER, MARKER);
    casebook.record(concern(child, &format!("{MARKER} ").repeat(200)), None);
    casebook.attach(MARKER.repeat(1000).as_bytes(), MARKER, "text/plain").unwrap();
    let files = || fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().path());
    let names: Vec<_> = files().filter_map(|path| path.file_name()?.to_str().map(str::to_owned)).collect();
    assert!(names.contains(&"casebook.db-wal".to_owned()), "{names:?}");
    for path in files() {
        let bytes = fs::read(&path).unwrap();
        let (word, half) = (MARKER.as_bytes(), &MARKER.as_bytes()[5..13]);
        assert!(!bytes.windows(word.len()).any(|part| part == word), "{}", path.display());
        assert!(!bytes.windows(half.len()).any(|part| part.eq_ignore_ascii_case(half)), "{}", path.display());
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(folder.path()).unwrap().permissions().mode() & 0o777, 0o700);
    }
}

#[test]
fn a_damaged_page_is_named_and_the_others_still_read() {
    let (folder, mut casebook) = fresh();
    let child = casebook.add("Jamie", "Oakes");
    let entries: Vec<EntryId> = (0..200)
        .map(|n| casebook.record(concern(child, &format!("entry {n} {}", "words ".repeat(300))), None))
        .collect();
    drop(casebook);
    let path = folder.path().join("casebook.db");
    let mut bytes = fs::read(&path).unwrap();
    let page = bytes.len() / 4096 / 2;
    bytes[page * 4096 + 100] ^= 1;
    fs::write(&path, bytes).unwrap();

    let mut casebook = unlock(folder.path());
    let read = |casebook: &Casebook, entry| casebook.ask(&Query::Entry { entry }, date(2025, 3, 14));
    let results: Vec<_> = entries.iter().map(|entry| read(&casebook, *entry)).collect();
    let good = results.iter().filter(|result| result.is_ok()).count();
    assert!(good > 150, "{good} of 200 still read");
    for result in results.iter().filter_map(|result| result.as_ref().err()) {
        assert!(matches!(result, StoreError::Damaged { .. }), "{result:?}");
    }
    let report = casebook.check(&mut |_, _| {}).unwrap();
    assert!(!report.is_whole());
    let (item, findings) = &report.results[0];
    assert_eq!(*item, CheckItem::Pages);
    assert!(findings[0].contains(&format!("page {}", page + 1)), "{findings:?}");
}

#[test]
fn a_full_disk_writes_nothing_and_works_again_after() {
    let (_folder, mut casebook) = fresh();
    let child = casebook.add("Jamie", "Oakes");
    let pages: i64 = casebook.db.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    let limit = |casebook: &Casebook, pages: i64| {
        casebook.db.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).unwrap();
    };
    limit(&casebook, pages + 4);
    let long = "words ".repeat(15_000);
    let mut done = 0;
    let full = loop {
        let command = Command::RecordEntry { entry: concern(child, &long), case: None };
        match casebook.execute(command, &author(), &now()) {
            Ok(_) => done += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(full, CommandError::Store(StoreError::Full)), "{full:?}");
    let attached = casebook.attach(long.as_bytes(), "a", "text/plain");
    assert!(matches!(attached, Err(StoreError::Full)), "{attached:?}");
    let untriaged = |casebook: &Casebook| match casebook.asked(&Query::Triage {
        category: None,
        window: crate::casework::query::Window::First,
        limit: 99,
    }) {
        Answer::Triage(crate::casework::query::Page { rows, total, .. }) => (rows.len(), total),
        other => panic!("{other:?}"),
    };
    assert_eq!(untriaged(&casebook), (done, done as u64));
    limit(&casebook, 1 << 30);
    casebook.record(concern(child, &long), None);
    assert_eq!(untriaged(&casebook), (done + 1, done as u64 + 1));
    assert!(casebook.check(&mut |_, _| {}).unwrap().is_whole());
}

#[test]
fn what_was_not_committed_is_gone_and_what_was_is_there() {
    let (folder, mut casebook) = fresh();
    let child = casebook.add("Jamie", "Oakes");
    let entry = casebook.record(concern(child, "committed"), None);
    // As if the process died here: the files as they lie on the disk, with a transaction begun and never ended.
    casebook.db.execute_batch("BEGIN IMMEDIATE; DELETE FROM fact; DELETE FROM entry;").unwrap();
    let after = tempfile::tempdir().unwrap();
    for file in fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        if !file.file_name().to_string_lossy().ends_with("-shm") {
            fs::copy(file.path(), after.path().join(file.file_name())).unwrap();
        }
    }
    let mut revived = unlock(after.path());
    let Answer::Entry(view) = revived.asked(&Query::Entry { entry }) else { panic!() };
    assert_eq!(view.entry.statements[0].text, "committed");
    assert!(revived.check(&mut |_, _| {}).unwrap().is_whole());
}

#[test]
fn a_clock_that_was_set_back_is_noted_and_the_order_stands() {
    let (_folder, mut casebook) = fresh();
    let child = casebook.add("Jamie", "Oakes");
    let earlier = now().checked_sub(1.hour()).unwrap();
    assert_eq!(casebook.clock_went_back(earlier.timestamp()).unwrap(), Some(now().timestamp()));
    assert_eq!(casebook.clock_went_back(now().timestamp()).unwrap(), None);
    let mut entry = concern(child, "x");
    entry.happened.at = date(2025, 3, 13).at(9, 0, 0, 0);
    let id = casebook.execute(Command::RecordEntry { entry, case: None }, &author(), &earlier).unwrap()[0];
    let Answer::Entry(view) = casebook.asked(&Query::Entry { entry: EntryId(id) }) else { panic!() };
    assert_eq!(view.recorded, earlier.timestamp(), "what the clock said");
    let report = casebook.check(&mut |_, _| {}).unwrap();
    assert!(report.is_whole());
    let found = |item| &report.results.iter().find(|(found, _)| *found == item).unwrap().1;
    assert_eq!(found(CheckItem::Clock).len(), 1);
}

#[test]
fn a_newer_format_is_not_touched() {
    let (folder, casebook) = fresh();
    casebook.db.pragma_update(None, "user_version", 99).unwrap();
    drop(casebook);
    let newer = Casebook::unlock(folder.path(), &Passphrase::from(PASSPHRASE));
    assert!(matches!(newer, Err(StoreError::TooNew { version: 99 })));
}

#[test]
fn attachments_stream_in_and_out_and_are_kept_once() {
    let (folder, mut casebook) = fresh();
    let bytes: Vec<u8> = (0..3_500_000_u32).map(|n| (n % 251) as u8).collect();
    let first = casebook.attach(bytes.as_slice(), "photo.jpg", "image/jpeg").unwrap();
    let again = casebook.attach(bytes.as_slice(), "copy.jpg", "image/jpeg").unwrap();
    let empty = casebook.attach(std::io::empty(), "empty", "text/plain").unwrap();
    assert_eq!((first.sha256, first.size, empty.size), (again.sha256, 3_500_000, 0));
    for (file, expected) in [(&first, bytes.as_slice()), (&empty, &[][..])] {
        let mut read = Vec::new();
        casebook.read_attachment(&file.sha256).unwrap().read_to_end(&mut read).unwrap();
        assert!(read == expected);
    }
    assert_eq!(beside(folder.path()).len(), 1, "the same bytes once, and what is short is in the database");
    let child = casebook.add("Jamie", "Oakes");
    let mut entry = concern(child, "photo");
    entry.attachments = vec![first, empty];
    casebook.record(entry.clone(), None);
    entry.attachments[0].sha256 = Digest::of(b"elsewhere");
    assert!(casebook.execute(Command::RecordEntry { entry, case: None }, &author(), &now()).is_err());
}

/// The files of long attachments.
fn beside(folder: &Path) -> Vec<PathBuf> {
    let Ok(files) = fs::read_dir(folder.join("attachments")) else { return Vec::new() };
    files.map(|file| file.unwrap().path()).collect()
}

fn long() -> Vec<u8> {
    (0..3_500_000_u32).map(|n| (n % 251) as u8).collect()
}

#[test]
fn what_arrives_bears_others_at_the_casebook_and_leaves_nothing_when_it_is_given_up() {
    let (folder, mut casebook) = fresh();
    let bytes = long();
    let mut arriving = casebook.arriving();
    arriving.begin().unwrap();
    for piece in bytes.chunks(1_200_000) {
        arriving.write(piece).unwrap();
        casebook.add("Jamie", "Oakes");
    }
    let kept = casebook.keep(arriving).unwrap();
    let [(digest, size)] = kept[..] else { panic!("{kept:?}") };
    let mut read = Vec::new();
    casebook.read_attachment(&digest).unwrap().read_to_end(&mut read).unwrap();
    assert!(read == bytes && size == 3_500_000);
    let named = beside(folder.path());
    // Given up, by an error or by the end of the program, it goes at once or when the casebook opens next.
    for crashes in [false, true] {
        let mut arriving = casebook.arriving();
        arriving.begin().unwrap();
        arriving.write(&bytes[1..]).unwrap();
        assert_eq!(beside(folder.path()).len(), 2);
        if crashes {
            std::mem::forget(arriving);
            drop(casebook);
            casebook = unlock(folder.path());
        } else {
            drop(arriving);
        }
        assert_eq!(beside(folder.path()), named);
    }
    assert!(casebook.check(&mut |_, _| {}).unwrap().is_whole());
}

#[test]
fn a_long_attachment_is_nobodys_without_its_row_and_goes_with_it() {
    let (folder, mut casebook) = fresh();
    // Undone with the step that named it.
    casebook.begin_together().unwrap();
    let photo = casebook.attach(long().as_slice(), "photo.jpg", "image/jpeg").unwrap();
    casebook.end_together(false).unwrap();
    assert!(casebook.read_attachment(&photo.sha256).is_err() && beside(folder.path()).is_empty());
    let photo = casebook.attach(long().as_slice(), "photo.jpg", "image/jpeg").unwrap();
    let child = casebook.add("Jamie", "Oakes");
    let mut seen = concern(child, "a photo");
    seen.attachments = vec![photo.clone()];
    let seen = casebook.did(Command::RecordEntry { entry: seen, case: None });
    let [file] = beside(folder.path()).try_into().unwrap();
    let sealed = fs::read(&file).unwrap();
    let begins: Vec<u8> = (0..16).collect();
    assert!(!sealed.windows(16).any(|at| at == begins), "nothing of it is to be read there");
    // A changed bit, a shorter file and a lost one are found, and told as damage.
    let mut bad = sealed.clone();
    *bad.last_mut().unwrap() ^= 1;
    for damaged in [Some(&bad[..]), Some(&sealed[..sealed.len() - 20]), Some(b""), None] {
        match damaged {
            Some(bytes) => fs::write(&file, bytes).unwrap(),
            None => fs::remove_file(&file).unwrap(),
        }
        let mut read = Vec::new();
        let whole = casebook.read_attachment(&photo.sha256).map(|mut one| one.read_to_end(&mut read));
        assert!(!matches!(whole, Ok(Ok(_))));
        let report = casebook.check(&mut |_, _| {}).unwrap();
        let found = report.results.iter().find(|(item, _)| *item == CheckItem::Attachments).unwrap();
        let what = match damaged {
            Some(_) => "its bytes are not those that were recorded".to_owned(),
            None => {
                format!("its file attachments/{} is missing", file.file_name().unwrap().to_str().unwrap())
            }
        };
        assert_eq!(found.1, [format!("photo.jpg of entry {seen}: {what}")]);
    }
    fs::write(&file, &sealed).unwrap();
    // One that nothing names stays, and is told with its bytes: that is no fault.
    let stray = file.with_file_name("0123");
    fs::write(&stray, b"whose?").unwrap();
    let report = casebook.check(&mut |_, _| {}).unwrap();
    let strays = report.results.iter().find(|(item, _)| *item == CheckItem::Strays).unwrap();
    assert_eq!(strays.1, ["attachments/0123, 6 bytes"]);
    assert!(report.is_whole(), "{report:?}");
    fs::remove_file(&stray).unwrap();
    // Its row goes, and a crash comes before the file does.
    casebook.db.execute("DELETE FROM attachment", []).unwrap();
    drop(casebook);
    assert_eq!(beside(folder.path()).len(), 1);
    unlock(folder.path());
    assert!(beside(folder.path()).is_empty());
}

#[test]
fn steps_that_are_one_are_all_there_or_not_at_all() {
    let (folder, mut casebook) = fresh();
    let count = |casebook: &Casebook| facts::count(&casebook.db).unwrap();
    for keep in [false, true] {
        let before = count(&casebook);
        casebook.begin_together().unwrap();
        let child = casebook.add("Jamie", "Oakes");
        let photo = casebook.attach(b"a photo".as_slice(), "photo.jpg", "image/jpeg").unwrap();
        let mut bad = concern(child, "photo");
        bad.attachments = vec![Attachment { sha256: Digest::of(b"elsewhere"), ..photo }];
        let refused = casebook.execute(Command::RecordEntry { entry: bad, case: None }, &author(), &now());
        assert!(refused.is_err(), "one that is refused undoes itself alone");
        casebook.end_together(keep).unwrap();
        assert_eq!(count(&casebook), before + u64::from(keep));
        assert_eq!(casebook.read_attachment(&Digest::of(b"a photo")).is_ok(), keep);
    }
    let before = count(&casebook);
    casebook.begin_together().unwrap();
    casebook.add("Ann", "Lee");
    drop(casebook);
    assert_eq!(count(&unlock(folder.path())), before);
}

#[test]
fn a_list_of_pupils_is_taken_whole_or_not_at_all() {
    let (_folder, mut casebook) = fresh();
    let good = "given,family,upn,year\nAnn,Lee,C820123424001,Y4\n=HYPERLINK(),Cox,P207000016049,Y4\n";
    let mut last = (0, 0);
    let mut watch = |done, total| last = (done, total);
    let (by, at) = (author(), now());
    let imported = casebook.import_people(good.as_bytes(), Known::HoldBack, (&by, &at), &mut watch).unwrap();
    assert_eq!((imported.people, last), (2, (2, 2)));
    assert_eq!(casebook.found("cox"), ["=HYPERLINK() Cox"], "data, not a formula");
    let known = "given,family,upn\nNew,Child,B801200005001\nAnn,Lee,C820123424001\n";
    match casebook.import_people(known.as_bytes(), Known::Again, (&by, &at), &mut |_, _| {}) {
        Err(ImportError::Problems(problems)) => {
            assert_eq!(problems.len(), 1);
            assert!(
                problems[0].to_string().starts_with("line 3: this UPN or NHS number belongs to person 1-1"),
                "{}",
                problems[0]
            );
        }
        other => panic!("{other:?}"),
    }
    assert!(casebook.found("child").is_empty());
}
