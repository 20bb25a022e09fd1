//! The golden vectors in `tests/vectors/log`: each file is one question and its answer, for readers in any language.

use std::{fs, path::PathBuf};

use serde::{Deserialize, Serialize};

use super::{super::note::Note, *};
use crate::{ids::AgencyId, sign::VerifyingKey};

/// A question, with all it takes to answer it. Hashes in hex, proofs in base64, keys as C2SP verifier keys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "check", rename_all = "kebab-case")]
enum Check {
    Inclusion {
        leaf: Digest,
        index: u64,
        size: u64,
        root: Digest,
        path: String,
    },
    Growth {
        old: u64,
        old_root: Digest,
        size: u64,
        root: Digest,
        growth: String,
    },
    Many {
        leaves: Vec<(u64, Digest)>,
        size: u64,
        root: Digest,
        hashes: String,
    },
    Checkpoint {
        log: String,
        note: String,
    },
    Fork {
        log: String,
        one: String,
        other: String,
    },
    /// What a witness says to a checkpoint, that saw so many leaves of it.
    Cosign {
        log: String,
        seen_size: u64,
        seen_root: Digest,
        note: String,
        growth: String,
    },
    Witnessed {
        witnesses: Vec<Known>,
        now: jiff::Timestamp,
        note: String,
    },
    /// Whether a later checkpoint, as text with its growth, goes on from one that is believed.
    Later {
        log: String,
        size: u64,
        root: Digest,
        later: String,
    },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Known {
    key: String,
    own: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Vector {
    about: String,
    #[serde(flatten)]
    check: Check,
    /// `ok`, or what is wrong.
    expect: String,
}

fn proof_word(error: PathError) -> &'static str {
    match error {
        PathError::Unreadable => "unreadable",
        PathError::OutOfRange => "out of range",
        PathError::Length(_) => "wrong length",
        PathError::OtherRoot => "other root",
        PathError::OtherBeginning => "other beginning",
    }
}

fn checkpoint_word(error: &CheckpointError) -> &'static str {
    match error {
        CheckpointError::Text(_) => "bad text",
        CheckpointError::OtherLog { .. } => "other log",
        CheckpointError::Note(NoteError::NotSigned(_)) => "not signed",
        CheckpointError::Note(NoteError::Mismatch(_)) => "bad signature",
        CheckpointError::Note(_) => "not a note",
        CheckpointError::Cosignature(_) => "bad cosignature",
        CheckpointError::Another(_) => "another checkpoint",
    }
}

#[expect(clippy::too_many_lines, reason = "one arm for each question")]
fn answer(check: &Check) -> Result<String, &'static str> {
    let log = |text: &str| -> Result<(Origin, VerifyingKey), &'static str> {
        let key: NoteKey = text.parse().map_err(|_| "bad key")?;
        Ok((key.name().parse().map_err(|_| "bad text")?, *key.key()))
    };
    let note = |text: &str| text.parse::<SignedCheckpoint>().map_err(|error| checkpoint_word(&error));
    let ok = |()| "ok".to_owned();
    match check.clone() {
        Check::Inclusion { leaf, index, size, root, path } => Path::try_from(path)
            .and_then(|path| path.verify(leaf, index, size, &root))
            .map(ok)
            .map_err(proof_word),
        Check::Growth { old, old_root, size, root, growth } => Growth::try_from(growth)
            .and_then(|growth| growth.verify(old, &old_root, size, &root))
            .map(ok)
            .map_err(proof_word),
        Check::Many { leaves, size, root, hashes } => Many::try_from(hashes)
            .and_then(|many| many.verify(&leaves.into_iter().collect(), size, &root))
            .map(ok)
            .map_err(proof_word),
        Check::Checkpoint { log: key, note: text } => {
            let note = note(&text)?;
            let (origin, key) = log(&key)?;
            note.verify(&origin, &key).map(|_| ok(())).map_err(|error| checkpoint_word(&error))
        }
        Check::Fork { log: key, one, other } => {
            let ((origin, key), fork) = (log(&key)?, Fork { one: note(&one)?, other: note(&other)? });
            let proven = fork.is_proven(&origin, &key).map_err(|error| checkpoint_word(&error))?;
            Ok(if proven { "forked" } else { "not forked" }.into())
        }
        Check::Cosign { log: key, seen_size, seen_root, note: text, growth } => {
            let (origin, key) = log(&key)?;
            let seen = Checkpoint { origin: origin.clone(), size: seen_size, root: seen_root };
            let (cosigner, growth) =
                (Cosigner::node(super::key(40)).unwrap(), Growth::try_from(growth).unwrap());
            let done = cosigner.cosign(&note(&text)?, (&origin, &key), Some(&seen), &growth, at(NOON));
            done.map(|_| ok(())).map_err(|refused| match refused {
                Refused::Checkpoint(error) => checkpoint_word(&error),
                Refused::Older { .. } => "older",
                Refused::Forked { .. } => "forked",
                Refused::NotGrown(error) => proof_word(error),
                Refused::Clock => "clock",
            })
        }
        Check::Later { log: key, size, root, later } => {
            let (origin, key) = log(&key)?;
            let later: Offer = later.parse().map_err(|error| checkpoint_word(&error))?;
            let earlier = Checkpoint { origin, size, root };
            later.goes_on_from(&earlier, &key).map(|_| ok(())).map_err(|why| match why {
                NotLater::Checkpoint(error) => checkpoint_word(&error),
                NotLater::OtherSize { .. } => "other size",
                NotLater::Forked { .. } => "forked",
                NotLater::NotGrown { why, .. } => proof_word(why),
            })
        }
        Check::Witnessed { witnesses, now, note: text } => {
            let known = witnesses.into_iter().map(|known| {
                let key: NoteKey = known.key.parse().unwrap();
                Witness::new(key.name().to_owned(), known.own, key).unwrap()
            });
            let policy = Policy::new(known.collect()).unwrap();
            let witnessed = policy.judge(&note(&text)?, now).map_err(|error| checkpoint_word(&error))?;
            Ok(match witnessed.standing() {
                Standing::Since(at) => format!("since {at}"),
                Standing::TooFew { .. } => "too few".into(),
                Standing::OnlyOwn => "only own".into(),
            })
        }
    }
}

const NOON: &str = "2026-11-22T12:00:00Z";

fn log_vkey() -> String {
    NoteKey::new(origin().to_string(), NoteKind::Ed25519, log_key().public()).unwrap().to_string()
}

fn signed(memory: &Memory, size: u64) -> SignedCheckpoint {
    head(memory, size).sign(&log_key()).unwrap()
}

/// The hashes of a proof in another order, or fewer of them.
fn changed(hashes: &[Digest], change: impl Fn(&mut Vec<Digest>)) -> String {
    let mut hashes = hashes.to_vec();
    change(&mut hashes);
    String::from(Path::new(hashes))
}

fn trees(memory: &Memory) -> Vec<(&'static str, &'static str, Check, &'static str)> {
    let (size, root) = (13, memory.root(13));
    let path = memory.at(size).inclusion(4).unwrap();
    let growth = memory.at(size).growth_from(6).unwrap();
    let many = memory.at(size).inclusion_of(&[2, 3, 11].into()).unwrap();
    let leaves = [2, 3, 11].map(|n| (n, numbered(n)));
    let moved = [(2, numbered(2)), (3, numbered(3)), (12, numbered(11))];
    let inclusion = |index, size, path| Check::Inclusion { leaf: numbered(4), index, size, root, path };
    let grown = |old, growth| Check::Growth { old, old_root: memory.root(6), size, root, growth };
    let of_many =
        |leaves: &[(u64, Digest)], size, hashes| Check::Many { leaves: leaves.to_vec(), size, root, hashes };
    let (h, g, m) = (path.hashes(), growth.hashes(), many.hashes());
    let same = |hashes| changed(hashes, |_| ());
    let cut = |hashes| changed(hashes, |hashes| hashes.truncate(hashes.len() - 1));
    let swapped = |hashes| changed(hashes, |hashes| hashes.swap(0, 1));
    let longer = |hashes| changed(hashes, |hashes| hashes.push(root));
    vec![
        ("inclusion", "Leaf 4 of 13.", inclusion(4, size, same(h)), "ok"),
        ("inclusion-truncated", "The last hash is missing.", inclusion(4, size, cut(h)), "wrong length"),
        ("inclusion-longer", "A hash too many.", inclusion(4, size, longer(h)), "wrong length"),
        ("inclusion-reordered", "Two hashes changed places.", inclusion(4, size, swapped(h)), "other root"),
        ("inclusion-wrong-index", "Told of leaf 5.", inclusion(5, size, same(h)), "other root"),
        ("inclusion-wrong-size", "Told of a log of 8.", inclusion(4, 8, same(h)), "wrong length"),
        ("inclusion-beyond", "Told of leaf 13.", inclusion(13, size, same(h)), "out of range"),
        ("inclusion-half-hash", "Not whole hashes.", inclusion(4, size, "AAAA".into()), "unreadable"),
        ("growth", "From 6 leaves to 13.", grown(6, same(g)), "ok"),
        ("growth-truncated", "The last hash is missing.", grown(6, cut(g)), "wrong length"),
        ("growth-reordered", "Two hashes changed places.", grown(6, swapped(g)), "other beginning"),
        ("growth-wrong-size", "Told of 7 leaves.", grown(7, same(g)), "wrong length"),
        ("growth-shrunk", "From more than there are.", grown(14, same(g)), "out of range"),
        ("growth-empty", "No proof at all.", grown(6, String::new()), "wrong length"),
        ("many", "Leaves 2, 3 and 11 of 13.", of_many(&leaves, size, same(m)), "ok"),
        ("many-truncated", "The last hash is missing.", of_many(&leaves, size, cut(m)), "wrong length"),
        ("many-reordered", "Two hashes changed places.", of_many(&leaves, size, swapped(m)), "other root"),
        ("many-moved", "Leaf 11 told as leaf 12.", of_many(&moved, size, same(m)), "wrong length"),
        ("many-beyond", "Of a log of 11.", of_many(&leaves, 11, same(m)), "out of range"),
    ]
}

fn checkpoints(memory: &Memory) -> Vec<(&'static str, &'static str, Check, &'static str)> {
    let good = signed(memory, 13).to_string();
    let check = |note: String| Check::Checkpoint { log: log_vkey(), note };
    let oak_hill: AgencyId = "oak-hill".parse().unwrap();
    let other = Origin::of_agency(&oak_hill, crate::ids::LogId::from_bytes([7; 16]));
    let other = Checkpoint { origin: other, ..head(memory, 13) }.sign(&log_key()).unwrap();
    let by_other = head(memory, 13).sign(&key(9)).unwrap().to_string();
    let mut forked = Memory::counting(12);
    forked.append(numbered(99));
    let fork = |one: String, other: String| Check::Fork { log: log_vkey(), one, other };
    let cosign = |note: &SignedCheckpoint, growth: Growth| Check::Cosign {
        log: log_vkey(),
        seen_size: 10,
        seen_root: memory.root(10),
        note: note.to_string(),
        growth: growth.into(),
    };
    let growth = |memory: &Memory| memory.at(13).growth_from(10).unwrap();
    let mut rewritten = Memory::default();
    (0..13).for_each(|n| rewritten.append(numbered(n + 50)));
    let empty = || Growth::new(Vec::new());
    vec![
        ("checkpoint", "A log of 13 leaves.", check(good.clone()), "ok"),
        ("checkpoint-cut", "Its last line feed is missing.", check(good.trim_end().into()), "not a note"),
        (
            "checkpoint-size",
            "The size was changed.",
            check(good.replace("\n13\n", "\n14\n")),
            "bad signature",
        ),
        (
            "checkpoint-zeros",
            "The size with a zero before it.",
            check(good.replace("\n13\n", "\n013\n")),
            "bad text",
        ),
        ("checkpoint-unsigned", "By another key.", check(by_other), "not signed"),
        ("checkpoint-other-log", "Of another log, by its key.", check(other.to_string()), "other log"),
        ("fork", "Two of one size.", fork(good.clone(), signed(&forked, 13).to_string()), "forked"),
        ("fork-grown", "One grew.", fork(signed(memory, 12).to_string(), good), "not forked"),
        ("cosign", "From 10 leaves to 13.", cosign(&signed(memory, 13), growth(memory)), "ok"),
        ("cosign-replayed", "An old one once more.", cosign(&signed(memory, 9), empty()), "older"),
        ("cosign-unproven", "No proof that it grew.", cosign(&signed(memory, 13), empty()), "wrong length"),
        ("cosign-forked", "Another of that size.", cosign(&signed(&rewritten, 10), empty()), "forked"),
        (
            "cosign-rewritten",
            "What was seen is not in it.",
            cosign(&signed(&rewritten, 13), growth(&rewritten)),
            "other beginning",
        ),
    ]
}

fn witnesses(memory: &Memory) -> Vec<(&'static str, &'static str, Check, &'static str)> {
    let own = Cosigner::node(key(40)).unwrap();
    let police = Cosigner::agency(&"northshire-police".parse().unwrap(), key(14)).unwrap();
    let name = |name: &str, n| NoteKey::new(name.into(), NoteKind::Cosignature, key(n).public()).unwrap();
    let own_key = name(&origin::node_name(&key(40).public()), 40);
    let us = Cosigner::agency(&"elm-park".parse().unwrap(), key(15)).unwrap();
    let known =
        [(own_key, true), (name("kith/northshire-police", 14), false), (name("kith/elm-park", 15), true)];
    let at_times = |by: &[(&Cosigner, usize, &str)]| {
        let mut note = signed(memory, 13);
        for (cosigner, place, time) in by {
            let empty = Growth::new(Vec::new());
            let log = (&origin(), &log_key().public());
            let (_, line) = cosigner.cosign(&note, log, None, &empty, at(time)).unwrap();
            let (key, own) = known[*place].clone();
            note.add(&line, &Witness::new(key.name().into(), own, key).unwrap()).unwrap();
        }
        note.to_string()
    };
    let check = |note: String| Check::Witnessed {
        witnesses: known.iter().map(|(key, own)| Known { key: key.to_string(), own: *own }).collect(),
        now: at(NOON),
        note,
    };
    let (nine, ten, future) = ("2026-11-22T09:00:00Z", "2026-11-22T10:00:00Z", "2026-11-22T13:00:00Z");
    let both = at_times(&[(&own, 0, nine), (&police, 1, ten)]);
    // The same lines under the checkpoint of another size.
    let lines = both.rsplit_once("\n\n").unwrap().1.lines().skip(1);
    let pasted = lines.fold(signed(memory, 12).to_string(), |note, line| format!("{note}{line}\n"));
    // A byte more than a cosignature has, in the last line.
    let last = both.lines().next_back().unwrap();
    let (name, line) = last.rsplit_once(' ').unwrap();
    let longer = {
        use base64ct::{Base64, Encoding as _};
        let bytes = [Base64::decode_vec(line).unwrap(), vec![0]].concat();
        both.replace(last, &format!("{name} {}", Base64::encode_string(&bytes)))
    };
    vec![
        ("witnessed-longer", "A byte too many.", check(longer), "bad cosignature"),
        ("witnessed", "Our node and the police.", check(both), "since 2026-11-22T10:00:00Z"),
        ("witnessed-too-few", "Only the police.", check(at_times(&[(&police, 1, ten)])), "too few"),
        (
            "witnessed-only-own",
            "Only our own side.",
            check(at_times(&[(&own, 0, nine), (&us, 2, ten)])),
            "only own",
        ),
        (
            "witnessed-future",
            "One of the two dated an hour ahead.",
            check(at_times(&[(&own, 0, nine), (&police, 1, future)])),
            "too few",
        ),
        ("witnessed-pasted", "Lines from another checkpoint.", check(pasted), "bad cosignature"),
    ]
}

/// Rules that none of the cases above needs: each is broken alone.
fn proofs_alone(memory: &Memory) -> Vec<(&'static str, &'static str, Check, &'static str)> {
    let (size, root) = (13, memory.root(13));
    let path = memory.at(size).inclusion(4).unwrap();
    let growth = memory.at(size).growth_from(6).unwrap();
    let inclusion = |path| Check::Inclusion { leaf: numbered(4), index: 4, size, root, path };
    let grown = |old, old_root, root, growth: &[Digest], more: usize| {
        let growth = changed(growth, |hashes| hashes.extend(vec![root; more]));
        Check::Growth { old, old_root, size, root, growth }
    };
    let bits = changed(path.hashes(), |_| ());
    let (six, wrong) = (memory.root(6), memory.root(12));
    let none = Check::Many { leaves: Vec::new(), size, root, hashes: changed(&[root], |_| ()) };
    vec![
        ("inclusion-bits", "Base64 with a bit that no byte has.", inclusion(unused_bit(&bits)), "unreadable"),
        ("inclusion-most", "65 hashes.", inclusion(changed(&[root; 65], |_| ())), "unreadable"),
        ("growth-root", "It led to another root.", grown(6, six, wrong, growth.hashes(), 0), "other root"),
        ("growth-longer", "A hash too many.", grown(6, six, root, growth.hashes(), 1), "wrong length"),
        (
            "growth-same",
            "It did not grow, and a hash says how.",
            grown(13, root, root, &[], 1),
            "wrong length",
        ),
        ("growth-same-root", "One size, two roots.", grown(13, wrong, root, &[], 0), "other beginning"),
        (
            "growth-nothing-root",
            "It was empty, with a root.",
            grown(0, root, root, &[], 0),
            "other beginning",
        ),
        ("many-none", "No leaf at all.", none, "out of range"),
    ]
}

fn later(memory: &Memory) -> Vec<(&'static str, &'static str, Check, &'static str)> {
    let check = |later: String| Check::Later { log: log_vkey(), size: 10, root: memory.root(10), later };
    let growth = |memory: &Memory| memory.at(13).growth_from(10).unwrap();
    let grown = || growth(memory);
    let offer = |checkpoint: SignedCheckpoint, since, growth| Offer { checkpoint, since, growth }.to_string();
    let good = offer(signed(memory, 13), 10, grown());
    let none = || Growth::new(Vec::new());
    let mut rewritten = Memory::default();
    (0..13).for_each(|n| rewritten.append(numbered(n + 50)));
    let by_other = head(memory, 13).sign(&key(9)).unwrap();
    let oak_hill: AgencyId = "oak-hill".parse().unwrap();
    let other = Origin::of_agency(&oak_hill, crate::ids::LogId::from_bytes([7; 16]));
    let other = Checkpoint { origin: other, ..head(memory, 13) }.sign(&log_key()).unwrap();
    let mut spoilt = grown().hashes().to_vec();
    spoilt[0] = numbered(99);
    let line = |line: &str| check(good.replacen("old 10\n", &format!("old 10\n{line}\n"), 1));
    vec![
        ("later", "From 10 facts to 13.", check(good.clone()), "ok"),
        ("later-same", "It did not grow.", check(offer(signed(memory, 10), 10, none())), "ok"),
        ("later-forked", "Another of 10.", check(offer(signed(&rewritten, 10), 10, none())), "forked"),
        (
            "later-rewritten",
            "Another log of 13, with its own growth from its own 10.",
            check(offer(signed(&rewritten, 13), 10, growth(&rewritten))),
            "other beginning",
        ),
        (
            "later-spoilt",
            "A hash of it was changed.",
            check(offer(signed(memory, 13), 10, Growth::new(spoilt))),
            "other beginning",
        ),
        ("later-unproven", "No proof.", check(offer(signed(memory, 13), 10, none())), "wrong length"),
        ("later-earlier", "One of 9.", check(offer(signed(memory, 9), 10, none())), "out of range"),
        (
            "later-other-size",
            "Growth from 9.",
            check(offer(signed(memory, 13), 9, memory.at(13).growth_from(9).unwrap())),
            "other size",
        ),
        ("later-unsigned", "By another key.", check(offer(by_other, 10, grown())), "not signed"),
        ("later-other-log", "Of another log.", check(offer(other, 10, grown())), "other log"),
        ("later-no-growth", "The later note alone.", check(signed(memory, 13).to_string()), "bad text"),
        (
            "later-zeros",
            "The size with a zero before it.",
            check(good.replacen("old 10", "old 010", 1)),
            "bad text",
        ),
        (
            "later-huge",
            "From 2^63 facts.",
            check(good.replacen("old 10", "old 9223372036854775808", 1)),
            "bad text",
        ),
        ("later-alone", "No note at all.", check("old 10".into()), "bad text"),
        ("later-short", "A line of 3 bytes.", line("AAAA"), "bad text"),
        ("later-most", "65 hashes.", line(&vec![good.lines().nth(1).unwrap(); 64].join("\n")), "bad text"),
    ]
}

/// The same bytes with one of the bits set that base64 leaves over.
fn unused_bit(text: &str) -> String {
    let last = text.trim_end_matches('=').chars().next_back().unwrap();
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let next = alphabet.chars().nth(alphabet.find(last).unwrap() + 1).unwrap();
    let at = text.rfind(last).unwrap();
    format!("{}{next}{}", &text[..at], &text[at + 1..])
}

fn notes_alone(memory: &Memory) -> Vec<(&'static str, &'static str, Check, &'static str)> {
    let key = NoteKey::new(origin().to_string(), NoteKind::Ed25519, log_key().public()).unwrap();
    let good = signed(memory, 13).to_string();
    let root = good.lines().nth(2).unwrap().to_owned();
    let check = |note: String| Check::Checkpoint { log: log_vkey(), note };
    // A text as our log would sign it.
    let text = |text: String| check(Note::sign(text, &key, &log_key()).to_string());
    let of_size = |size: &str, root: &str| text(format!("{}\n{size}\n{root}\n", origin()));
    // A line of somebody whom nobody asks.
    let line = |name: &str, bytes: &[u8]| {
        use base64ct::{Base64, Encoding as _};
        format!("\u{2014} {name} {}\n", Base64::encode_string(bytes))
    };
    let beside = |name: &str, bytes: &[u8]| check(good.clone() + &line(name, bytes));
    let capital =
        NoteKey::new(origin().as_str().replace("elm", "Elm"), NoteKind::Ed25519, log_key().public());
    let capital = capital.unwrap();
    let capital_text = format!("{}\n13\n{root}\n", capital.name());
    let capital_note = Note::sign(capital_text, &capital, &log_key()).to_string();
    let mut other_key = log_vkey();
    other_key.replace_range(origin().as_str().len() + 1..origin().as_str().len() + 9, "00000000");
    vec![
        ("checkpoint-beside", "A line of somebody else.", beside("elsewhere", &[7; 68]), "ok"),
        ("checkpoint-long", "More than 128 KiB.", beside("elsewhere", &[7; 98_400]), "not a note"),
        ("checkpoint-control", "A control character.", beside("else\u{1}where", &[7; 68]), "not a note"),
        (
            "checkpoint-lines",
            "101 lines.",
            check(good.clone() + &line("a", &[7; 5]).repeat(100)),
            "not a note",
        ),
        ("checkpoint-name", "A name of 256 bytes.", beside(&"a".repeat(256), &[7; 68]), "not a note"),
        ("checkpoint-key-id", "A line with no signature.", beside("elsewhere", &[7; 4]), "not a note"),
        (
            "checkpoint-line",
            "A line without its dash.",
            check(good.clone() + "elsewhere AAAAAAAA\n"),
            "not a note",
        ),
        ("checkpoint-no-text", "Signatures of nothing.", check(line("elsewhere", &[7; 68])), "not a note"),
        (
            "checkpoint-more",
            "A line of text too many.",
            text(format!("{}\n13\n{root}\nmore\n", origin())),
            "bad text",
        ),
        ("checkpoint-huge", "2^63 leaves.", of_size("9223372036854775808", &root), "bad text"),
        ("checkpoint-root", "A root of 31 bytes.", of_size("13", &changed_bytes(31)), "bad text"),
        ("checkpoint-empty", "No leaf, and a root of some.", of_size("0", &root), "bad text"),
        (
            "checkpoint-origin",
            "No name of a log.",
            Check::Checkpoint { log: capital.to_string(), note: capital_note },
            "bad text",
        ),
        (
            "checkpoint-key",
            "The key's id is another.",
            Check::Checkpoint { log: other_key, note: good.clone() },
            "bad key",
        ),
    ]
}

fn changed_bytes(count: usize) -> String {
    use base64ct::{Base64, Encoding as _};
    Base64::encode_string(&vec![7; count])
}

fn every(memory: &Memory) -> Vec<(&'static str, &'static str, Check, &'static str)> {
    let all = [trees, checkpoints, witnesses, proofs_alone, notes_alone, later];
    all.into_iter().flat_map(|some| some(memory)).collect()
}

#[test]
fn every_vector_of_the_log_is_answered_as_it_says() {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/log"));
    let memory = Memory::counting(13);
    let mut names = Vec::new();
    for (name, about, check, expect) in every(&memory) {
        let made = Vector { about: about.into(), check, expect: expect.into() };
        let (file, text) = (format!("{name}.json"), serde_json::to_string_pretty(&made).unwrap() + "\n");
        if std::env::var_os("UPDATE").is_some() {
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join(&file), &text).unwrap();
        }
        let kept = fs::read_to_string(folder.join(&file)).unwrap();
        assert!(kept == text, "{file} changed: if the format did, run with UPDATE=1");
        let read: Vector = serde_json::from_str(&kept).unwrap();
        let answer = answer(&read.check).unwrap_or_else(str::to_owned);
        assert_eq!(answer, read.expect, "{file}: {about}");
        names.push(file);
    }
    names.sort();
    let mut kept: Vec<String> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    kept.sort();
    assert_eq!(kept, names, "every vector is made here");
}
