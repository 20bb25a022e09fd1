//! Holds, two people, and the certificate, by the command line.

use super::*;
use crate::cli::keys;
use kith_protocol::{disposal::SignedDisposal, sign::SignatureSet};

/// A pupil who is 26, a colleague with a passphrase of her own, and their references.
fn ready(world: &World) -> (String, File) {
    let csv = "given,family,born,upn,year,class\nRobin,Quillfeather,2000-01-26,,13,Elder\n";
    let path = world.write("grown.csv", csv);
    world.kith(&format!("people import {} --json", path.display()), "").json("people-import/1");
    let colleague = colleague(world, "elm-park");
    (reference(world, "quillfeather"), colleague)
}

/// A second holder of this agency's casebook, and the file with her passphrase.
fn colleague(world: &World, agency: &str) -> File {
    let (folder, other) = (world.path(agency), "four tired herons");
    let mut book = Casebook::unlock(&folder, &Passphrase::from(SECRET)).unwrap();
    let colleague = Author { name: "Bea Osei".into(), role: "Deputy".into() };
    let key = keys::for_holder(&book, &colleague, now().timestamp()).unwrap();
    let passphrase = Passphrase::from(other);
    book.add_holder(&colleague, key.as_ref(), (&passphrase, WorkFactor::LEAST), Timestamp::now()).unwrap();
    drop(book);
    File::open(world.write("other", &format!("{other}\n"))).unwrap()
}

/// What is recorded in between was seen by nobody who signed.
#[test]
fn a_file_that_was_added_to_since_it_was_proposed_is_proposed_again() {
    let world = World::new();
    let (person, colleague) = ready(&world);
    let as_colleague =
        |words: &str, input: &str| kith(&world.path("elm-park"), colleague.as_raw_fd(), words, input);
    let proposed = world.kith(&format!("casebook dispose {person}"), "");
    let left = world.kith(&format!("casebook left {person} --on 2018-07-20"), "");
    assert_eq!(left.exit, Exit::Done, "{}", left.err);
    let refused = as_colleague(&format!("casebook dispose --approve {}", proposed.out.trim()), "");
    assert_eq!(refused.exit, Exit::Refused, "{}", refused.err);
    assert!(refused.err.contains("added to since it was proposed"), "{}", refused.err);
    assert_eq!(world.kith("people find - --json", "quillfeather").exit, Exit::Done);
}

#[test]
fn two_people_destroy_a_file_and_the_certificate_verifies() {
    let world = World::new();
    let (person, colleague) = ready(&world);
    let list = world.kith("casebook retention --json", "").json("casebook-retention/1");
    assert_eq!((&list["due"], &list["files"][0]["rule"]), (&1.into(), &"pupil-file".into()));
    assert_eq!(list["files"][0]["on"], "2025-01-26");
    assert!(world.kith("casebook retention", "").out.contains("DUE  Robin Quillfeather"));

    let hold = world.kith(&format!("casebook hold {person} --why -"), "inquiry\n");
    assert_eq!(hold.exit, Exit::Done, "{}", hold.err);
    let held = world.kith(&format!("casebook dispose {person}"), "");
    assert_eq!(held.exit, Exit::Refused);
    assert!(held.err.contains("legal hold by Amina Khan: inquiry"), "{}", held.err);
    let lifted = world.kith(&format!("casebook hold --lift {} --why -", hold.out.trim()), "over");
    assert_eq!(lifted.exit, Exit::Done, "{}", lifted.err);

    let proposed = world.kith(&format!("casebook dispose {person}"), "");
    let approve = format!("casebook dispose --approve {}", proposed.out.trim());
    let alone = world.kith(&approve, "");
    assert_eq!(alone.exit, Exit::Refused);
    assert!(alone.err.contains("another person must approve: Amina Khan proposed it"), "{}", alone.err);
    let done = kith(&world.path("elm-park"), colleague.as_raw_fd(), &approve, "");
    assert_eq!(done.exit, Exit::Done, "{}", done.err);
    assert_eq!(world.kith("people find - --json", "quillfeather").exit, Exit::NothingMatched);
    assert_eq!(world.kith("casebook check", "").exit, Exit::Done);

    let out = world.path("papers/of-2026");
    let no_folder = world.write("no-folder", "a file");
    let wrong = format!("casebook dispose --certificate {} --out {}", done.out.trim(), no_folder.display());
    assert_eq!(world.kith(&wrong, "").exit, Exit::Failed);
    let command = format!("casebook dispose --certificate {} --out {}", done.out.trim(), out.display());
    assert_eq!(world.kith(&command, "").exit, Exit::Done);
    assert_eq!(world.kith(&command, "").exit, Exit::Failed, "nothing is overwritten");
    let file = out.join(format!("disposal-{}.json", done.out.trim()));
    let text = fs::read_to_string(&file).unwrap();
    assert!(!text.to_lowercase().contains("quillfeather") && !text.contains("2000-01-26"), "{text}");
    let signature = fs::read_to_string(file.with_extension("json.sig")).unwrap();
    let signature = SignatureSet::from_text(&signature).unwrap();
    let book = Casebook::unlock(&world.path("elm-park"), &Passphrase::from(SECRET)).unwrap();
    let keys = book.agency_secrets().unwrap().unwrap().public();
    let agency = "elm-park".parse().unwrap();
    let certificate = SignedDisposal::from_parts(text.clone(), signature).verify((&agency, &keys)).unwrap();
    assert_eq!(certificate.approved_by.name, "Bea Osei");
    assert_eq!(certificate.facts.len(), 3, "the person, the hold and its lifting");

    drop(book);
    everybody_judges_it_alike(&world, &file, &text);
}

fn everybody_judges_it_alike(world: &World, file: &Path, text: &str) {
    // Whoever has the file sees that both signed; with a digit changed, that they did not sign this.
    let verify = format!("verify {}", file.display());
    let said = world.kith(&verify, "");
    assert_eq!(said.exit, Exit::Done, "{}", said.err);
    assert!(
        said.out.contains("Amina Khan") && said.out.contains("Bea Osei, Deputy, approved it"),
        "{}",
        said.out
    );
    assert!(
        said.out.contains("the agency's word alone") && said.out.contains("names just these"),
        "{}",
        said.out
    );
    let json = world.kith(&format!("{verify} --json"), "").json("verified-disposal/1");
    assert_eq!((&json["facts"], &json["cosigned"]), (&3.into(), &Value::Array(Vec::new())));
    // So does whoever has a directory and no casebook.
    let directory = world.path("directory.json");
    let export = format!("directory export --out {}", directory.display());
    assert_eq!(world.kith_of("northshire-police", &export, "").exit, Exit::Done);
    let stranger = |file: &Path, more: &str| {
        let words = format!("verify {} --directory {} {more}", file.display(), directory.display());
        kith(&world.path("no casebook here"), -1, &words, "")
    };
    let said = stranger(file, "");
    assert_eq!(said.exit, Exit::Done, "{}", said.err);
    assert!(said.out.starts_with("Partnership") && said.out.contains("Bea Osei, Deputy"), "{}", said.out);
    assert_eq!(stranger(file, "--json").json("verified-disposal/1")["facts"], 3);
    let nothing = stranger(&world.path("nothere"), "");
    assert!(nothing.err.contains("nothere: ") && nothing.err.contains("check the path"), "{}", nothing.err);
    fs::write(file, text.replacen("\"attachments\":0", "\"attachments\":1", 1)).unwrap();
    let refused = world.kith(&verify, "");
    assert_eq!((refused.exit, refused.out.as_str()), (Exit::CheckFailed, ""), "{}", refused.err);
    for refused in [refused, stranger(file, "")] {
        assert_eq!(refused.exit, Exit::CheckFailed, "{}", refused.err);
        assert!(
            refused.err.contains("was altered since it was signed")
                && !refused.err.contains("is the sender's"),
            "{}",
            refused.err
        );
    }
}

/// A leaving is taken back by a record of its own, which the review shows.
#[test]
fn a_child_who_came_back_keeps_the_file() {
    let world = World::new();
    let (person, _) = ready(&world);
    let left = format!("casebook left {person} --on 2018-07-20 --to Oak --receipt");
    let left = world.kith(&format!("{left} {}", now().date()), "");
    assert_eq!(left.exit, Exit::Done, "{}", left.err);
    let back = world.kith(&format!("casebook left {person} --returned {}", now().date()), "");
    assert_eq!(back.exit, Exit::Done, "{}", back.err);
    let list = world.kith("casebook retention --json", "").json("casebook-retention/1");
    assert_eq!(list["files"][0]["remarks"][0], format!("came back on {}", now().date()));
    let again = world.kith(&format!("casebook left {person} --returned {}", now().date()), "");
    assert!(again.exit == Exit::Refused && again.err.contains("back already"), "{}", again.err);
}

/// What was declined belongs to nobody's file, and is not kept for that.
#[test]
fn two_people_destroy_a_bundle_that_was_declined() {
    let one = sharing::released();
    let world = &one.world;
    let received = one.police(&format!("inbox import {} --json", one.file)).json("imported/1");
    let received = received["ref"].as_str().unwrap();
    let note = world.write("note", "not ours");
    let answer = format!("inbox answer {received} --declined --note {}", note.display());
    assert_eq!(one.police(&answer).exit, Exit::Done);
    let colleague = colleague(world, "northshire-police");
    let list = one.police("casebook retention --json").json("casebook-retention/1");
    let file = &list["files"][0];
    assert_eq!(
        (&file["bundle"], &file["person"], &file["rule"]),
        (&received.into(), &Value::Null, &"declined-bundle".into())
    );
    let proposed = one.police(&format!("casebook dispose --bundle {received}"));
    assert_eq!(proposed.exit, Exit::Done, "{}", proposed.err);
    let approve = format!("casebook dispose --approve {}", proposed.out.trim());
    assert_eq!(one.police(&approve).exit, Exit::Refused, "not alone");
    let police = world.path("northshire-police");
    let done = kith(&police, colleague.as_raw_fd(), &approve, "");
    assert_eq!(done.exit, Exit::Done, "{}", done.err);
    assert_eq!(one.police(&format!("inbox read {received}")).exit, Exit::NothingMatched);
    assert_eq!(one.police("casebook check").exit, Exit::Done);
    let out = world.path("papers");
    fs::create_dir(&out).unwrap();
    let disposal = done.out.trim();
    let certificate = format!("casebook dispose --certificate {disposal} --out {}", out.display());
    assert_eq!(one.police(&certificate).exit, Exit::Done);
    let said = one.police(&format!("verify {}", out.join(format!("disposal-{disposal}.json")).display()));
    assert!(said.exit == Exit::Done && said.out.contains("declined"), "{}{}", said.out, said.err);
}
