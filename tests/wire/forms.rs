//! Golden vectors of what is not signed by itself: facts, the archive, `SHA256SUMS`, the invitation, the letter of a withdrawal.
//! A file whose name begins with `bad-` has one fault; each is read whole, in pieces, cut off and written again here. No
//! node sees any of them unsealed.

mod archives;
mod cases;
mod sums;

use std::{collections::BTreeSet, fs, io::Read};

use kith_protocol::{
    enrolment::Invitation,
    fact::{Body, MAX_BODY},
    letter::Letter,
};
use kith_tests::bundles::World;

pub(super) use self::sums::PHOTOGRAPH;
use super::pieces::Pieces;
use super::signed::vectors;

/// A format, as the product reads it.
struct Form {
    folder: &'static str,
    /// What is written again of what was read; none when that is refused.
    again: fn(&mut dyn Read) -> Option<Vec<u8>>,
    cases: fn() -> Vec<Case>,
    /// More bytes than are read.
    too_long: usize,
}

/// A file by its name.
type Case = (&'static str, Vec<u8>);

const FORMS: [Form; 5] = [
    Form { folder: "fact", again: fact, cases: cases::facts, too_long: MAX_BODY + 1 },
    Form { folder: "archive", again: archives::again, cases: archives::archives, too_long: 1 << 20 },
    Form { folder: "sums", again: sums::again, cases: sums::sums, too_long: 1 << 20 },
    Form { folder: "invitation", again: invitation, cases: cases::invitations, too_long: 64 * 1024 + 1 },
    Form { folder: "letter", again: letter, cases: cases::letters, too_long: 10 * 1024 },
];

fn all(from: &mut dyn Read) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes).ok().map(|_| bytes)
}

fn fact(from: &mut dyn Read) -> Option<Vec<u8>> {
    let bytes = all(from)?;
    let body = Body::parse(&bytes).ok()?;
    body.to_value().ok()?;
    let again = body.to_bytes().ok()?;
    // The vector is a text file, which ends with a line.
    Some([again.as_slice(), if bytes.ends_with(b"\n") { b"\n" } else { b"" }].concat())
}

/// As whoever joins reads it, comparing the eight words that were read aloud.
fn invitation(from: &mut dyn Read) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(64 * 1024 + 1).read_to_end(&mut bytes).ok().filter(|read| *read <= 64 * 1024)?;
    let invitation: Invitation = serde_json::from_slice(&bytes).ok()?;
    (invitation.words().join(" ") == cases::ALOUD).then(|| serde_json::to_vec(&invitation).ok()).flatten()
}

/// As its recipient reads it of the bundle that the withdrawal reached it for.
fn letter(from: &mut dyn Read) -> Option<Vec<u8>> {
    let letter = Letter::from_text(&String::from_utf8(all(from)?).ok()?).ok()?;
    let bundle = super::signed::letter_of(&World::hybrid()).bundle;
    (letter.bundle == bundle).then(|| letter.to_text().ok().map(String::into_bytes)).flatten()
}

/// Whether a vector of one of these folders is judged as its name says.
pub(super) fn holds(folder: &str, name: &str, bytes: &[u8]) -> Option<()> {
    let form = FORMS.iter().find(|form| form.folder == folder)?;
    ((form.again)(&mut &bytes[..]).is_some() != name.starts_with("bad-")).then_some(())
}

#[test]
fn every_form_is_these_bytes_and_no_vector_is_nobodys() {
    for form in &FORMS {
        let folder = vectors().join(form.folder);
        let made = (form.cases)();
        if std::env::var_os("UPDATE").is_some() {
            fs::create_dir_all(&folder).expect("a folder");
            made.iter()
                .for_each(|(name, bytes)| fs::write(folder.join(name), bytes).expect("a vector is written"));
        }
        for (name, bytes) in &made {
            let there = fs::read(folder.join(name)).unwrap_or_default();
            assert!(there == *bytes, "{}/{name}: if the format changed, run with UPDATE=1", form.folder);
        }
        let there: BTreeSet<String> = fs::read_dir(&folder)
            .expect("the vectors")
            .map(|file| file.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        assert_eq!(there, made.iter().map(|(name, _)| (*name).to_owned()).collect(), "{}", form.folder);
        let distinct: BTreeSet<&Vec<u8>> = made.iter().map(|(_, bytes)| bytes).collect();
        assert_eq!(distinct.len(), made.len(), "{}: two are the same", form.folder);
    }
}

#[test]
fn whole_and_in_pieces_what_is_good_is_written_again_and_the_rest_refused() {
    for form in &FORMS {
        for (name, bytes) in (form.cases)() {
            let expected = (!name.starts_with("bad-")).then(|| bytes.clone());
            for length in [1, 7, 511, usize::MAX] {
                let read = (form.again)(&mut Pieces(&bytes, length));
                assert!(read == expected, "{}/{name} by {length}", form.folder);
            }
        }
    }
}

#[test]
fn cut_off_or_too_long_it_is_none() {
    for form in &FORMS {
        for (name, bytes) in (form.cases)().into_iter().filter(|(name, _)| !name.starts_with("bad-")) {
            for end in [0, 1, bytes.len() / 2, bytes.len() - 2] {
                assert!((form.again)(&mut &bytes[..end]).is_none(), "{}/{name} cut at {end}", form.folder);
            }
            let filler = if form.folder == "archive" { 0 } else { b' ' };
            let mut long = bytes;
            long.resize(form.too_long, filler);
            assert!((form.again)(&mut long.as_slice()).is_none(), "{}/{name} too long", form.folder);
        }
    }
}
