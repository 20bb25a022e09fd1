//! Every place of the program where bytes or text become something that it knows, and the door through which the smoke run
//! goes there. A place that nobody listed fails here, so that no decoder is without its door.

use std::collections::BTreeMap;

use super::decoders::DECODERS;
use crate::tidy::sources;

/// What a place of reading looks like.
const READS: [&str; 20] = [
    "serde_json::from_",
    "serde_json::Deserializer",
    "decode_from_slice",
    "Deserialize<'",
    "TryFrom<String> for",
    "TryFrom<&[u8]> for",
    "FromStr for",
    "fn from_text(",
    "fn from_bytes(",
    "fn parse(",
    "Body::parse(",
    "given::read(",
    "read_json",
    "get_json(",
    "ReaderBuilder",
    "ZipArchive::new",
    "Reader::from_str",
    "KIND.read(",
    "DIRECTORY.read",
    "CERTIFICATE.read",
];

/// How what is read in a file gets there.
#[derive(Clone, Copy)]
enum Comes {
    /// From outside, through these doors.
    Doors(&'static [&'static str]),
    /// From inside: why no hand of others is on it.
    Inside(&'static str),
}
use Comes::{Doors, Inside};

/// Pages of it are encrypted and authenticated with a key that only its holders have; what does not read is said to be
/// damaged.
const CASEBOOK: Comes = Inside("the casebook's own rows");

/// Each file, at how many places it reads, and what.
const PLACES: [(&str, usize, Comes); 86] = [
    ("exchange/src/courier/news.rs", 1, Doors(&["signed-directory"])),
    (
        "exchange/src/node/admin.rs",
        7,
        Doors(&["node-settings", "node-secrets", "partnership-key", "pins", "enrolment"]),
    ),
    (
        "exchange/src/node/admin/issue.rs",
        4,
        Doors(&["node-settings", "node-secrets", "partnership-key", "pins", "enrolment"]),
    ),
    ("exchange/src/node/ledger/mod.rs", 1, Doors(&["signed-text"])),
    ("protocol/src/answer.rs", 2, Doors(&["answer"])),
    ("protocol/src/approval.rs", 2, Doors(&["approval", "open"])),
    ("protocol/src/archive.rs", 1, Doors(&["archive"])),
    ("protocol/src/bundle/exact.rs", 2, Doors(&["bundle", "open"])),
    ("protocol/src/bundle/parts.rs", 1, Doors(&["bundle", "open"])),
    ("protocol/src/bundle/reading.rs", 1, Doors(&["bundle", "open"])),
    ("protocol/src/bundle/show.rs", 1, Doors(&["bundle", "open"])),
    ("protocol/src/bundle/types.rs", 1, Doors(&["bundle", "open"])),
    ("protocol/src/consent/record.rs", 2, Doors(&["consent", "receipt", "withdrawal-letter"])),
    ("protocol/src/directory/kept.rs", 1, Doors(&["directory", "signed-directory"])),
    ("protocol/src/disposal/tombstone.rs", 1, Doors(&["fact", "tombstone", "disposal"])),
    ("protocol/src/directory/check.rs", 1, Doors(&["signed-directory"])),
    ("protocol/src/evidence.rs", 2, Doors(&["proof", "disclosure"])),
    ("protocol/src/fact.rs", 2, Doors(&["fact"])),
    ("protocol/src/document.rs", 2, Doors(&["directory", "enrolment", "certificate", "gate"])),
    ("protocol/src/evidence/proof.rs", 2, Doors(&["proof", "disclosure"])),
    ("protocol/src/fact/field.rs", 1, Doors(&["fact"])),
    ("protocol/src/ids.rs", 6, Doors(&["envelope", "gate", "receipt", "pins"])),
    ("protocol/src/keys.rs", 3, Doors(&["certificate", "agency-secrets", "person-secrets"])),
    ("protocol/src/letter.rs", 2, Doors(&["withdrawal-letter"])),
    ("protocol/src/log/checkpoint.rs", 2, Doors(&["checkpoint"])),
    ("protocol/src/log/later.rs", 1, Doors(&["later"])),
    ("protocol/src/log/logged.rs", 1, Doors(&["logged", "papers"])),
    ("protocol/src/log/many.rs", 2, Doors(&["many"])),
    ("protocol/src/log/note.rs", 2, Doors(&["checkpoint"])),
    ("protocol/src/log/origin.rs", 2, Doors(&["log-names", "checkpoint"])),
    ("protocol/src/log/path.rs", 1, Doors(&["path", "growth"])),
    ("protocol/src/log/restored.rs", 2, Doors(&["log-restored"])),
    ("protocol/src/log/witness.rs", 1, Doors(&["request", "response"])),
    ("protocol/src/seal/hybrid.rs", 1, Doors(&["age"])),
    ("protocol/src/seal/key.rs", 3, Doors(&["keys", "recovery-card"])),
    ("protocol/src/sign.rs", 4, Doors(&["signatures", "keys"])),
    ("protocol/src/signed.rs", 1, Doors(&["directory", "enrolment", "certificate", "gate"])),
    ("protocol/src/wire.rs", 1, Doors(&["request", "response"])),
    ("tui/src/casework/category.rs", 2, Doors(&["concern-form", "references"])),
    ("tui/src/casework/decide/supplement.rs", 1, Doors(&["bundle"])),
    ("tui/src/casework/fact.rs", 1, Doors(&["bundle"])),
    ("tui/src/casework/ids.rs", 3, Doors(&["references"])),
    ("tui/src/casework/people_file.rs", 1, Doors(&["people-file"])),
    ("tui/src/casework/retention/scope.rs", 2, Doors(&["references", "casework-fact"])),
    ("tui/src/cli/concern.rs", 1, Doors(&["concern-form"])),
    ("tui/src/cli/consent.rs", 2, Doors(&["consent"])),
    ("tui/src/cli/directory.rs", 1, Doors(&["signed-directory"])),
    ("tui/src/cli/given.rs", 1, Doors(&["concern-form", "decisions", "person-amended"])),
    ("tui/src/cli/inbox.rs", 1, Doors(&["bundle"])),
    ("tui/src/cli/join.rs", 1, Doors(&["invitation"])),
    ("tui/src/cli/open.rs", 3, Doors(&["bundle", "signed-text"])),
    ("tui/src/cli/people.rs", 1, Doors(&["person-amended"])),
    ("tui/src/cli/share.rs", 4, Doors(&["decisions", "consent"])),
    ("tui/src/demo/play/post.rs", 1, Inside("the demo's own people and bundles")),
    ("tui/src/demo/play/stock.rs", 1, Inside("the demo's own people and bundles")),
    (
        "tui/src/demo/running.rs",
        1,
        Inside("written by a demo of the same user, in a folder that is theirs alone"),
    ),
    ("tui/src/demo/seed/read.rs", 1, Inside("the demo's own people and bundles")),
    ("tui/src/screens/entry_form.rs", 1, Doors(&["form-draft"])),
    ("tui/src/screens/exchange/filing.rs", 3, Doors(&["bundle"])),
    ("tui/src/screens/share/draft.rs", 1, Doors(&["form-draft"])),
    ("tui/src/sharing/inbox.rs", 1, Doors(&["bundle"])),
    ("tui/src/sharing/inside/office.rs", 1, Doors(&["office"])),
    ("tui/src/sharing/inside/words.rs", 1, Doors(&["office"])),
    ("tui/src/sharing/laid_out.rs", 1, Doors(&["bundle"])),
    ("tui/src/sharing/matching.rs", 1, Doors(&["bundle"])),
    ("tui/src/sharing/office/compose.rs", 1, Inside("what this process rehearsed a moment ago")),
    ("tui/src/sharing/office/receive.rs", 1, Doors(&["signed-text"])),
    ("tui/src/sharing/office/second.rs", 2, CASEBOOK),
    ("tui/src/sharing/plan.rs", 1, Doors(&["decisions", "references"])),
    ("tui/src/sharing/redact.rs", 1, Doors(&["fact", "casework-fact"])),
    ("tui/src/sharing/release.rs", 3, Doors(&["bundle", "fact", "supplement-file"])),
    ("tui/src/sharing/senders.rs", 1, Doors(&["bundle"])),
    ("tui/src/sharing/share_papers.rs", 1, Doors(&["bundle"])),
    ("tui/src/sharing/supplements.rs", 1, Doors(&["supplement-file"])),
    ("tui/src/sharing/to_seal.rs", 1, CASEBOOK),
    ("tui/src/sharing/view.rs", 1, Doors(&["bundle"])),
    ("tui/src/store/ask/sharing.rs", 1, Doors(&["bundle"])),
    ("tui/src/store/cells.rs", 1, CASEBOOK),
    ("tui/src/store/dispose/list.rs", 1, Doors(&["tombstone"])),
    ("tui/src/store/facts.rs", 3, Doors(&["fact", "casework-fact"])),
    ("tui/src/store/log/checkpoint.rs", 1, CASEBOOK),
    ("tui/src/store/post.rs", 1, CASEBOOK),
    ("tui/src/store/secrets.rs", 1, Doors(&["recovery-card"])),
    ("tui/src/store/settings.rs", 11, CASEBOOK),
    ("tui/src/store/slots/file.rs", 2, Doors(&["key-slots"])),
    ("tui/src/store/touch.rs", 1, Doors(&["bundle"])),
];

#[test]
fn every_place_that_reads_has_its_door() {
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    for source in sources(&["protocol/src", "exchange/src", "tui/src"]) {
        if source.path.contains("/tests") || source.path.contains("/vectors") {
            continue;
        }
        let reads = |line: &str| READS.iter().map(|one| line.matches(one).count()).sum::<usize>();
        let count = source.code().map(|(_, line)| reads(line)).sum();
        if count > 0 {
            found.insert(source.path, count);
        }
    }
    let listed: BTreeMap<String, usize> =
        PLACES.iter().map(|(path, count, _)| ((*path).to_owned(), *count)).collect();
    let other = |one: &(&String, &usize), among: &BTreeMap<String, usize>| among.get(one.0) != Some(one.1);
    let new: Vec<_> = found.iter().filter(|one| other(one, &listed)).collect();
    let gone: Vec<_> = listed.iter().filter(|one| other(one, &found)).collect();
    assert!(
        new.is_empty() && gone.is_empty(),
        "read at so many places: {new:#?}, and not: {gone:#?}; which door of tests/fuzz goes there?"
    );
    for (path, _, from) in PLACES {
        match from {
            Doors(doors) => {
                let unknown = doors.iter().find(|door| DECODERS.iter().all(|(name, _)| name != *door));
                assert!(!doors.is_empty() && unknown.is_none(), "{path}: there is no door {unknown:?}");
            }
            Inside(why) => assert!(!why.is_empty(), "{path}: why does nobody else's hand come there?"),
        }
    }
}
