//! What a stranger can check, with the files and a directory alone; and what is said when it does not hold.

use std::os::unix::fs::symlink;

use super::{
    sharing::{case, consent, decide, share},
    *,
};
use crate::sharing::office::{Office, Papers};

/// A bundle from Elm Park that the police took in, its sealed file, and the same as they export it.
struct Given {
    world: World,
    case: crate::casework::ids::CaseId,
    record: Value,
    sealed: PathBuf,
    folder: PathBuf,
    directory: PathBuf,
    received: String,
    sent: String,
    span: String,
}

impl Given {
    fn new() -> Self {
        Self::in_a(World::new())
    }

    fn in_a(world: World) -> Self {
        let (case, _) = case(&world);
        let record = consent(&world, case);
        let undecided = share(&world, case, &record, "--json");
        let suggestions = undecided.document("share-undecided/1")["suggestions"].clone();
        let name = suggestions.as_array().unwrap().iter();
        let name = name.clone().find(|one| one["text"].as_str().unwrap().contains("Haroon")).unwrap();
        let span = name["span"].as_str().unwrap().to_owned();
        let decisions = decide(&world, &undecided);
        let sealed = world.path("bundle.age");
        let words = format!("--decisions {decisions} --to-file {} --json", sealed.display());
        let sent = share(&world, case, &record, &words).json("share/1")["ref"].as_str().unwrap().to_owned();
        let received = taken_in(&world, &sealed);
        let (folder, directory) = (world.path("exported"), world.path("directory.json"));
        let given = Self { world, case, record, sealed, folder, directory, received, sent, span };
        let export = format!("inbox export {} --out {}", given.received, given.folder.display());
        assert_eq!(given.police(&export).exit, Exit::Done);
        let ran = given.police(&format!("directory export --out {}", given.directory.display()));
        assert_eq!(ran.exit, Exit::Done, "{}", ran.err);
        given
    }

    fn police(&self, words: &str) -> Ran {
        self.world.kith_of("northshire-police", words, "")
    }

    /// A withheld name, released to the police: the sealed supplement.
    fn release(&self) -> PathBuf {
        let sealed = self.world.path("supplement.age");
        let (sent, span) = (&self.sent, &self.span);
        let disclose = format!("disclose {sent} --span {span} --order NS26C00412 --out {}", sealed.display());
        assert_eq!(self.world.kith(&disclose, "").exit, Exit::Done);
        sealed
    }

    /// Another bundle of the same case at the police.
    fn another(&self) -> String {
        let undecided = share(&self.world, self.case, &self.record, "--json");
        let decisions = decide(&self.world, &undecided);
        let sealed = self.world.path("another.age");
        let words = format!("--decisions {decisions} --to-file {} --json", sealed.display());
        assert_eq!(share(&self.world, self.case, &self.record, &words).exit, Exit::Done);
        taken_in(&self.world, &sealed)
    }

    /// Somebody without casebook and passphrase.
    fn stranger(&self, more: &str) -> Ran {
        let nowhere = self.world.path("no casebook here");
        let words =
            format!("verify {} --directory {} {more}", self.folder.display(), self.directory.display());
        kith(&nowhere, -1, &words, "")
    }

    fn flip(&self, name: &str, at: usize) -> Vec<u8> {
        let path = self.folder.join(name);
        let whole = fs::read(&path).unwrap();
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        fs::write(path, bytes).unwrap();
        whole
    }
}

/// A sealed file, as the police take it in by hand.
fn taken_in(world: &World, sealed: &Path) -> String {
    let path = world.path("northshire-police");
    let book = Casebook::unlock(&path, &Passphrase::from(SECRET)).unwrap();
    let mut office = Office::open(book, &path, &now()).unwrap();
    let envelope = Papers::beside(sealed).unwrap().envelope;
    office.receive_file(sealed, envelope, &now()).unwrap().to_string()
}

fn fault(ran: &Ran) -> (String, String) {
    assert_eq!(ran.exit, Exit::CheckFailed, "{}", ran.err);
    let told = ran.document("verified/1");
    assert_eq!(told["verified"], false);
    assert!(!told["why"].as_str().unwrap().is_empty() && !told["remedy"].as_str().unwrap().is_empty());
    assert!(ran.err.contains("The fault is"), "{}", ran.err);
    (told["fault"].as_str().unwrap().to_owned(), told["what"].as_str().unwrap().to_owned())
}

#[test]
fn a_stranger_verifies_what_was_exported_by_a_directory_whose_words_come_first() {
    let given = Given::new();
    let ran = given.stranger("");
    assert_eq!(ran.exit, Exit::Done, "{}", ran.err);
    let words =
        given.police("directory list --json").json("directories/1")["directories"][0]["words"].clone();
    let words: Vec<_> = words.as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    let first: Vec<_> = ran.out.split_whitespace().collect();
    assert!(ran.out.starts_with("Partnership"), "{}", ran.out);
    let at = first.windows(8).position(|eight| eight == words).unwrap();
    let signed = first.windows(2).position(|two| two == ["Signed", "by"]).unwrap();
    assert!(at < signed && ran.out.contains("Compare them"), "{}", ran.out);
    let said = first.join(" ");
    assert!(said.contains("recorded words, in their order") && said.contains("The files lie open"), "{said}");
    let json = given.stranger("--json").json("verified/1");
    assert_eq!((&json["verified"], &json["partnership"]["compared"]), (&true.into(), &false.into()));
    // The sender, the recipient and anybody with a casebook check the same files by the directories they keep.
    for agency in ["elm-park", "northshire-police"] {
        let ran = given.world.kith_of(agency, &format!("verify {}", given.folder.display()), "");
        assert_eq!(ran.exit, Exit::Done, "{}", ran.err);
    }
    let sealed = format!("verify {} --directory {}", given.sealed.display(), given.directory.display());
    assert_eq!(given.police(&sealed).exit, Exit::Usage, "a sealed file needs keys");
}

#[test]
fn what_is_exported_is_what_was_sealed_byte_for_byte() {
    let given = Given::new();
    let out = given.world.path("opened");
    let ran = given.police(&format!("open {} --out {}", given.sealed.display(), out.display()));
    assert_eq!(ran.exit, Exit::Done, "{}", ran.err);
    for name in ["SHA256SUMS", "SHA256SUMS.sig", "bundle.json", "index.html"] {
        assert!(fs::read(out.join(name)).unwrap() == fs::read(given.folder.join(name)).unwrap(), "{name}");
    }
    let again = format!("inbox export {} --out {}", given.received, given.folder.display());
    assert_eq!(given.police(&again).exit, Exit::Refused, "an existing folder is left alone");
}

#[test]
fn a_stranger_is_told_of_each_byte_that_was_changed_and_each_file_too_many() {
    let given = Given::new();
    for (name, expected) in [
        ("SHA256SUMS", ("holder", "sender")),
        ("SHA256SUMS.sig", ("holder", "sender")),
        ("bundle.json", ("holder", "files")),
        ("index.html", ("holder", "files")),
    ] {
        let whole = given.flip(name, 100);
        let (fault, what) = fault(&given.stranger("--json"));
        assert_eq!((&*fault, &*what), expected, "{name}");
        fs::write(given.folder.join(name), whole).unwrap();
    }
    let extra = given.folder.join("allowed_signers");
    fs::write(&extra, "").unwrap();
    let ran = given.stranger("--json");
    assert_eq!(fault(&ran), ("put-there".into(), "files".into()));
    assert!(
        ran.err.contains("the folder holds allowed_signers") && ran.err.contains("Take it out"),
        "{}",
        ran.err
    );
    fs::remove_file(extra).unwrap();
    for empty in ["empty", "attachments"] {
        fs::create_dir(given.folder.join(empty)).unwrap();
        let ran = given.stranger("--json");
        assert!(fault(&ran).0 == "put-there" && ran.err.contains(empty), "{}", ran.err);
        fs::remove_dir(given.folder.join(empty)).unwrap();
    }
    // What a link points to is not in the folder.
    let page = given.folder.join("index.html");
    fs::rename(&page, given.world.path("index.html")).unwrap();
    symlink(given.world.path("index.html"), &page).unwrap();
    assert_eq!(fault(&given.stranger("--json")), ("holder".into(), "files".into()));
}

/// In a folder it takes no key to remove a file or to change a signature: that is no sender's doing.
#[test]
fn whoever_held_the_files_is_blamed_for_what_needs_no_key() {
    let given = Given::new();
    for name in ["SHA256SUMS", "SHA256SUMS.sig", "bundle.json", "index.html"] {
        let (here, away) = (given.folder.join(name), given.world.path("away"));
        fs::rename(&here, &away).unwrap();
        let ran = given.stranger("--json");
        assert_eq!(fault(&ran), ("holder".into(), "files".into()), "{name}");
        assert!(ran.err.contains(&format!("{name} is missing from the folder")), "{}", ran.err);
        let own = given.police(&format!("verify {} --json", given.folder.display()));
        assert_eq!(fault(&own).0, "holder", "{name}, with a casebook");
        fs::rename(away, here).unwrap();
    }
    // Each of the two signatures, at the end of its lines: its key is left as it was.
    let signatures = fs::read_to_string(given.folder.join("SHA256SUMS.sig")).unwrap();
    let ends: Vec<_> = signatures.match_indices("-----END").map(|(at, _)| at).collect();
    let mut told = Vec::new();
    for end in ends {
        let whole = other_letter(signatures.as_bytes(), end - 20);
        fs::write(given.folder.join("SHA256SUMS.sig"), whole).unwrap();
        let ran = given.stranger("--json");
        assert!(ran.err.contains("The fault is of whoever held these files"), "{}", ran.err);
        told.push(fault(&ran));
    }
    told.sort();
    let holder = |what: &str| ("holder".to_owned(), what.to_owned());
    assert_eq!(told, [holder("person"), holder("sender")]);
}

#[test]
fn a_directory_of_somebody_elses_making_has_other_words_and_a_changed_one_is_refused() {
    let given = Given::new();
    let mut other: Value = serde_json::from_str(&fs::read_to_string(&given.directory).unwrap()).unwrap();
    let text = other["text"].as_str().unwrap().replace("Northshire Police", "Northshire Politi");
    other["text"] = text.into();
    fs::write(&given.directory, other.to_string()).unwrap();
    let ran = given.stranger("");
    assert!(ran.exit == Exit::CheckFailed && ran.err.contains("not a signed directory"), "{}", ran.err);
}

#[test]
fn a_supplement_that_was_opened_is_verified_without_a_key() {
    let given = Given::new();
    let sealed = given.release();
    let book = Casebook::unlock(&given.world.path("northshire-police"), &Passphrase::from(SECRET)).unwrap();
    let key = book.agency_secrets().unwrap().unwrap().seal;
    drop(book);
    let mut text = String::new();
    let mut opened = kith_protocol::seal::open_with(&[key], File::open(&sealed).unwrap()).unwrap();
    std::io::Read::read_to_string(&mut opened, &mut text).unwrap();
    let opened = given.world.write("supplement.json", &text);
    let ran = given.stranger(&format!("--with {}", opened.display()));
    assert!(ran.exit == Exit::Done && ran.out.contains("Haroon"), "{}{}", ran.out, ran.err);
    let changed = given.world.write("changed.json", &text.replace("Haroon", "Harald"));
    let changed = given.stranger(&format!("--with {} --json", changed.display()));
    assert_eq!(fault(&changed), ("on-the-way".into(), "supplement".into()));
    assert!(changed.err.contains("changed.json: the supplement"), "it names the supplement: {}", changed.err);
    // Sealed it is nobody's fault but of the choice of file.
    let still = given.stranger(&format!("--with {} --json", sealed.display()));
    assert_eq!(fault(&still), ("what-was-named".into(), "supplement".into()));
    assert!(still.err.contains("supplement.age: ") && still.err.contains("inbox export"), "{}", still.err);
    let missing = given.stranger("--with nothere.json");
    assert!(missing.exit == Exit::Failed && missing.err.contains("nothere.json"), "{}", missing.err);
}

#[test]
fn what_was_released_is_exported_opened_and_proven_to_a_stranger() {
    let given = Given::new();
    let sealed = given.release();
    let again = given.world.path("again");
    let export = format!("inbox export {} --out {} --json", given.received, again.display());
    let none = given.police(&export).json("exported/1");
    assert_eq!(none["supplements"], serde_json::json!([]));
    fs::remove_dir_all(&again).unwrap();
    let taken = given.police(&format!("inbox supplement {} {}", given.received, sealed.display()));
    assert_eq!(taken.exit, Exit::Done, "{}", taken.err);
    let all = given.police(&export).json("exported/1");
    let file = given.world.path("again-supplements").join("supplement-1.json");
    assert_eq!(all["supplements"], serde_json::json!([file]));
    let with = format!("--with {}", file.display());
    let ran = given.stranger(&with);
    assert!(ran.exit == Exit::Done && ran.out.contains("Haroon"), "{}{}", ran.out, ran.err);
    // Byte for byte: what was signed, as stock tools take it.
    let whole = fs::read_to_string(&file).unwrap();
    assert!(whole.starts_with(r#"{"kith":"supplement/1","#));
    fs::write(&file, whole.replace("Haroon", "Harald")).unwrap();
    assert_eq!(fault(&given.stranger(&format!("{with} --json"))), ("on-the-way".into(), "supplement".into()));
    fs::write(&file, whole).unwrap();
    fs::remove_file(given.world.path("again-supplements").join("supplement-1.json.sig")).unwrap();
    let alone = given.stranger(&with);
    assert!(alone.exit != Exit::Done && alone.err.contains("signature"), "{}", alone.err);
}

#[test]
fn a_supplement_put_to_another_bundle_says_which_it_is_to_and_blames_no_sender() {
    let given = Given::new();
    let sealed = given.release();
    let other = given.another();
    let ran = given.police(&format!("inbox supplement {other} {}", sealed.display()));
    assert_eq!(ran.exit, Exit::CheckFailed, "{}", ran.err);
    assert!(ran.err.contains("supplement.age: ") && !ran.err.contains("the sender's"), "{}", ran.err);
    assert!(ran.err.contains(&format!("here {}", given.received)), "{}", ran.err);
    let taken = given.police(&format!("inbox supplement {} {}", given.received, sealed.display()));
    assert_eq!(taken.exit, Exit::Done, "{}", taken.err);
}

#[test]
fn whose_fault_it_is_is_told_to_programs_too() {
    let given = Given::new();
    let whole = fs::read(&given.sealed).unwrap();
    let verify =
        |envelope: &str| given.police(&format!("verify {} --json {envelope}", given.sealed.display()));
    let beside = given.world.path("bundle.age.envelope.json");
    // In the header, with the envelope at hand: not what was sent.
    let (header, middle) = (200, whole.len() / 2);
    for at in [header, middle] {
        fs::write(&given.sealed, other_letter(&whole, at)).unwrap();
        assert_eq!(fault(&verify("")), ("on-the-way".into(), "seal".into()), "byte {at}");
    }
    // Without it nothing tells a changed header from another's key.
    let kept = given.world.path("kept.envelope.json");
    fs::rename(&beside, &kept).unwrap();
    fs::write(&given.sealed, other_letter(&whole, header)).unwrap();
    let ran = verify("");
    assert_eq!(fault(&ran), ("other-key".into(), "seal".into()));
    assert!(ran.err.contains("its header was changed on the way"), "{}", ran.err);
    fs::write(&given.sealed, &whole).unwrap();
    let own = given.world.kith(&format!("verify {} --json", given.sealed.display()), "");
    assert_eq!(fault(&own).0, "other-key", "it is not sealed to its sender");
    // By its envelope that is no fault of keys: it is not for its sender.
    let own = format!("verify {} --envelope {} --json", given.sealed.display(), kept.display());
    let own = given.world.kith(&own, "");
    assert_eq!(fault(&own), ("wrong-desk".into(), "recipient".into()));
    assert!(
        own.err.contains("we sent it: only Northshire Police PPU (northshire-police) can"),
        "{}",
        own.err
    );
    // An envelope that somebody changed.
    let text = fs::read_to_string(&kept).unwrap().replacen("elm-park", "elm-perk", 1);
    let changed = given.world.write("changed.json", &text);
    assert_eq!(
        fault(&verify(&format!("--envelope {}", changed.display()))),
        ("on-the-way".into(), "envelope".into())
    );
    // A clock that stands before it was made.
    let before = now().checked_sub(SignedDuration::from_hours(12)).unwrap();
    let early = kith_at(&given.world, &before, &format!("verify {} --json", given.sealed.display()));
    assert_eq!(fault(&early), ("a-clock".into(), "created".into()));
    // A file that is none.
    fs::write(&given.sealed, "not sealed at all").unwrap();
    assert_eq!(fault(&verify("")), ("on-the-way".into(), "seal".into()));
}

/// An agency that is neither its sender nor its recipient gets hold of what was sent.
#[test]
fn what_is_for_another_agency_came_to_the_wrong_desk() {
    let third = ("northshire-csc", "Northshire Children's Social Care", Sector::SocialCare);
    let given = Given::in_a(World::with(&[third]));
    let care = |words: &str| given.world.kith_of("northshire-csc", words, "");
    let wrong_desk = ("wrong-desk".to_owned(), "recipient".to_owned());
    let verify = format!("verify {} --json", given.sealed.display());
    let out = given.world.path("laid out");
    for words in [
        verify.clone(),
        format!(
            "open {} --json --out {}",
            given.sealed.display(),
            out.display().to_string().replace(' ', "@")
        ),
    ] {
        let ran = care(&words);
        assert!(!ran.out.contains("Haroon") && !out.exists());
        assert!(
            ran.exit == Exit::CheckFailed
                && ran.err.contains("it is for Northshire Police PPU (northshire-police), not for us"),
            "{}",
            ran.err
        );
        if words == verify {
            assert_eq!(fault(&ran), wrong_desk);
        }
    }
    // A supplement has no envelope: sealed, nothing tells whom it is for; nor does a bundle without its own.
    let supplement = given.release();
    let opened = format!("verify {} --json --with {}", given.folder.display(), supplement.display());
    assert_eq!(fault(&care(&opened)), ("what-was-named".into(), "supplement".into()));
    fs::remove_file(given.world.path("bundle.age.envelope.json")).unwrap();
    assert_eq!(fault(&care(&verify)), ("other-key".into(), "seal".into()));
    // With it the recipient still reads both.
    let ran = given.police(&format!("verify {} --with {}", given.sealed.display(), supplement.display()));
    assert_eq!(ran.exit, Exit::Done, "{}", ran.err);
}

fn kith_at(world: &World, at: &Zoned, words: &str) -> Ran {
    super::kith_at(&world.path("northshire-police"), world.passphrase.as_raw_fd(), (words, ""), at)
}

/// Another letter in a place: a header that still reads as one.
fn other_letter(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
    bytes
}

#[test]
fn several_supplements_are_verified_together_in_any_order() {
    let given = Given::new();
    // A second stretch of the same share, released after the first.
    let listed = given.world.kith(&format!("disclose {} --json", given.sent), "");
    let spans = listed.json("withheld/1")["withheld"].clone();
    let other = spans.as_array().unwrap().iter().find(|one| one["span"] != given.span.as_str()).unwrap();
    let first = given.release();
    let second = given.world.path("second.age");
    let disclose = format!(
        "disclose {} --span {} --order NS26C00413 --out {}",
        given.sent,
        other["span"].as_str().unwrap(),
        second.display()
    );
    let ran = given.world.kith(&disclose, "");
    assert_eq!(ran.exit, Exit::Done, "{}", ran.err);
    let verify = |one: &Path, two: &Path, more: &str| {
        let sealed = given.sealed.display();
        given.police(&format!("verify {sealed} --with {} --with {} {more}", one.display(), two.display()))
    };
    for (one, two) in [(&first, &second), (&second, &first)] {
        let json = verify(one, two, "--json").json("verified/1");
        let words = json["released_words"].as_array().unwrap();
        let orders: std::collections::BTreeSet<_> =
            words.iter().map(|one| one["order"].as_str().unwrap()).collect();
        assert_eq!(orders.into_iter().collect::<Vec<_>>(), ["NS26C00412", "NS26C00413"], "{json}");
        assert!(words.iter().all(|one| one["record"].is_string() && one["field"].is_string()), "{json}");
    }
    // Of two of the same the second releases nothing: that is no sender's doing.
    let twice = verify(&first, &first, "--json");
    assert_eq!(fault(&twice), ("what-was-named".into(), "supplement".into()));
    // As they are exported, to somebody without a key.
    for sealed in [&first, &second] {
        let taken = given.police(&format!("inbox supplement {} {}", given.received, sealed.display()));
        assert_eq!(taken.exit, Exit::Done, "{}", taken.err);
    }
    let again = given.world.path("again");
    let export = format!("inbox export {} --out {} --json", given.received, again.display());
    let files = given.police(&export).json("exported/1")["supplements"].clone();
    let files: Vec<_> = files.as_array().unwrap().iter().map(|file| file.as_str().unwrap()).collect();
    let [one, two] = files.as_slice() else { panic!("{files:?}") };
    let ran = given.stranger(&format!("--with {two} --with {one}"));
    assert!(ran.exit == Exit::Done && ran.out.contains("NS26C00413"), "{}{}", ran.out, ran.err);
}

#[test]
fn programs_are_told_of_gaps_and_of_what_is_not_proven_by_code() {
    let given = Given::new();
    let json = given.stranger("--json").json("verified/1");
    let withheld = json["withheld"].as_array().unwrap();
    assert!(!withheld.is_empty());
    for one in withheld {
        assert!(one["record"].is_string() && one["number"] == 1, "{one}");
        assert!(one["field"].as_str().unwrap().starts_with('/') && one["reason"].is_string(), "{one}");
    }
    assert!(withheld.iter().any(|one| one["words"].is_u64()), "{json}");
    let codes: Vec<_> =
        json["not_proven"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert_eq!(codes, kith_protocol::bundle::NOT_PROVEN.map(|(code, _)| code));
    assert!(codes.contains(&"one-log") && json["released_words"] == serde_json::json!([]));
    // Of files that lie open nobody can say to which kind of key they were sealed.
    let ran = given.stranger("");
    assert!(!ran.out.contains("post-quantum"), "{}", ran.out);
    let sealed = given.police(&format!("verify {}", given.sealed.display()));
    assert!(sealed.out.contains("sealed with post-quantum keys"), "{}", sealed.out);
}

#[test]
fn a_file_of_another_kind_is_told_from_a_bad_one() {
    let given = Given::new();
    let supplement = given.release();
    let named = |ran: &Ran, kind: &str| {
        assert_eq!(fault(ran).0, "what-was-named", "{}", ran.err);
        assert!(ran.err.contains(&format!("of kind `{kind}`")), "{}", ran.err);
    };
    let (sealed, supplement) = (given.sealed.display(), supplement.display());
    named(&given.police(&format!("verify {sealed} --with {sealed} --json")), "bundle");
    named(&given.police(&format!("verify {supplement} --json")), "supplement");
    named(&given.police(&format!("verify {} --json", given.folder.join("bundle.json").display())), "bundle");
    named(&given.stranger(&format!("--with {} --json", given.directory.display())), "directory");
    let taken = given.police(&format!("inbox import {supplement}"));
    assert!(taken.exit == Exit::CheckFailed && taken.err.contains("of kind `supplement`"), "{}", taken.err);
    let taken = given.police(&format!("inbox supplement {} {sealed}", given.received));
    assert!(taken.exit == Exit::CheckFailed && taken.err.contains("of kind `bundle`"), "{}", taken.err);
}

#[test]
fn what_was_cut_off_was_cut_off_on_the_way() {
    let given = Given::new();
    let sealed = given.release();
    let taken = given.police(&format!("inbox supplement {} {}", given.received, sealed.display()));
    assert_eq!(taken.exit, Exit::Done, "{}", taken.err);
    let again = given.world.path("again");
    let export = format!("inbox export {} --out {}", given.received, again.display());
    assert_eq!(given.police(&export).exit, Exit::Done);
    let file = given.world.path("again-supplements").join("supplement-1.json");
    let whole = fs::read(&file).unwrap();
    for size in [whole.len() - 5, whole.len() / 2, 40] {
        fs::write(&file, &whole[..size]).unwrap();
        let ran = given.stranger(&format!("--with {} --json", file.display()));
        assert_eq!(fault(&ran), ("on-the-way".into(), "supplement".into()), "{size}: {}", ran.err);
    }
    fs::write(&file, &whole).unwrap();
    let signature = given.world.path("again-supplements").join("supplement-1.json.sig");
    let signed = fs::read_to_string(&signature).unwrap();
    fs::write(&signature, format!("{signed}words\n")).unwrap();
    let ran = given.stranger(&format!("--with {} --json", file.display()));
    assert_eq!(fault(&ran), ("on-the-way".into(), "supplement".into()));
}

#[test]
fn a_damaged_copy_of_what_is_here_already_is_said_to_be_one() {
    let given = Given::new();
    let import = || given.police(&format!("inbox import {}", given.sealed.display()));
    let whole = fs::read(&given.sealed).unwrap();
    let ran = import();
    assert!(ran.exit == Exit::Changed && !ran.err.contains("damaged"), "{}", ran.err);
    for copy in [whole[..whole.len() - 7].to_vec(), other_letter(&whole, whole.len() / 2)] {
        fs::write(&given.sealed, copy).unwrap();
        let ran = import();
        assert!(ran.exit == Exit::Changed && ran.err.contains("this copy of it is damaged"), "{}", ran.err);
    }
}
