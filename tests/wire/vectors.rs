//! Every file of `tests/vectors` is read here through the public door, so that none lies there unread. What each one
//! must give is held by the tests beside its format.

use std::fs;

use kith_protocol::{
    bundle::Bundle,
    evidence::{Commitment, Disclosure},
    ids::Digest,
    log::{Growth, Many, Path, SignedCheckpoint},
    page,
    seal::{Identity, Passphrase, open_with, unlock_with_passphrase},
    wire::{Message, Request, Response, decode, encode, length},
};

/// How many files each folder holds; a vector that vanishes must not pass.
const FOLDERS: [(&str, usize); 18] = [
    ("age", 91),
    ("archive", 27),
    ("attachments", 14),
    ("bundle", 61),
    ("consent", 30),
    ("dpv", 1),
    ("ed25519", 3),
    ("evidence", 32),
    ("fact", 33),
    ("invitation", 14),
    ("letter", 17),
    ("log", 76),
    ("opened", 36),
    ("papers", 36),
    ("sealed", 4),
    ("signed", 238),
    ("sums", 19),
    ("wire", 91),
];

#[test]
fn no_vector_lies_unread() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let mut counted: Vec<(String, usize)> = Vec::new();
    for folder in fs::read_dir(&root).expect("the vectors") {
        let folder = folder.expect("an entry").path();
        let kind = name_of(&folder);
        let mut files: Vec<_> = fs::read_dir(&folder)
            .unwrap_or_else(|error| panic!("{kind} is no folder: {error}"))
            .map(|file| file.expect("an entry").path())
            .filter(|path| !matches!(name_of(path).as_str(), "README.md" | ".gitattributes"))
            .collect();
        files.sort();
        for path in &files {
            let bytes = fs::read(path).expect("a vector");
            let read = match kind.as_str() {
                "age" => age(&bytes),
                // Files as people attach them; what is looked for in them is held elsewhere.
                "attachments" => (!bytes.is_empty()).then_some(()),
                "bundle" => bundle(&root, path),
                // A list of terms: consent records are held against it as JSON-LD.
                "consent" => super::consent::holds(&bytes),
                "opened" => super::opened::holds(&name_of(path), &bytes),
                "dpv" => bytes.starts_with(b"AILiteracy class\n").then_some(()),
                "ed25519" => serde_json::from_slice::<serde_json::Value>(&bytes).is_ok().then_some(()),
                "evidence" => evidence(&bytes),
                "archive" | "fact" | "invitation" | "letter" | "sums" => {
                    super::forms::holds(&kind, &name_of(path), &bytes)
                }
                "log" => log(&bytes),
                "papers" => serde_json::from_slice(&bytes).ok().filter(super::papers::holds).map(drop),
                // Opened, and sent through a node, in `golden`.
                "sealed" => (!bytes.is_empty()).then_some(()),
                "signed" => super::signed::holds(&bytes),
                "wire" => wire(&name_of(path), &bytes),
                _ => None,
            };
            assert!(read.is_some(), "{}: nothing here reads it as it must be", path.display());
        }
        counted.push((kind, files.len()));
    }
    counted.sort();
    assert_eq!(counted, FOLDERS.map(|(name, count)| (name.to_owned(), count)));
}

fn name_of(path: &std::path::Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Whether opening ends well exactly when the vector says so.
fn age(bytes: &[u8]) -> Option<()> {
    let end = bytes.windows(2).position(|two| two == b"\n\n")?;
    let (facts, sealed) = (std::str::from_utf8(&bytes[..end]).ok()?, &bytes[end + 2..]);
    let all = |key: &str| {
        let of =
            move |line: &str| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned()));
        facts
            .lines()
            .filter_map(of)
            .filter(|(name, _)| name == key)
            .map(|(_, value)| value)
            .collect::<Vec<_>>()
    };
    let identities: Vec<Identity> = all("identity").iter().filter_map(|key| key.parse().ok()).collect();
    let opened = match all("passphrase").first() {
        Some(passphrase) => unlock_with_passphrase(&Passphrase::from(passphrase.as_str()), sealed).is_ok(),
        None => open_with(&identities, sealed)
            .is_ok_and(|mut plain| std::io::copy(&mut plain, &mut std::io::sink()).is_ok()),
    };
    (opened == (all("expect") == ["success"])).then_some(())
}

/// The page beside the document is the page of that document.
fn bundle(root: &std::path::Path, path: &std::path::Path) -> Option<()> {
    let document = fs::read(root.join("bundle/bundle.json")).ok()?;
    let bundle: Bundle = serde_json::from_slice(&document).ok()?;
    let expected = match name_of(path).as_str() {
        "bundle.json" => serde_json::to_string_pretty(&bundle).ok()? + "\n",
        "index.html" => page::render(&bundle),
        "bundle-approved.json" => {
            let text = fs::read_to_string(path).ok()?;
            return super::signed::approved(&text).is_ok().then_some(());
        }
        "supplement.json" | "supplement-nothing.json" => return supplement(&fs::read(path).ok()?),
        // Differs from the good one; that each is refused is tested beside the proofs.
        bad if bad.starts_with("bad-") => {
            let other = fs::read(path).ok()?;
            return (serde_json::from_slice::<serde_json::Value>(&other).is_ok() && other != document)
                .then_some(());
        }
        _ => return None,
    };
    (fs::read_to_string(path).ok()? == expected).then_some(())
}

fn supplement(bytes: &[u8]) -> Option<()> {
    let signed: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    let text = |name: &str| signed.get(name)?.as_str();
    let kind = text("text")?.starts_with(r#"{"kith":"supplement/1","#);
    (kind && text("signature")?.starts_with("-----BEGIN SSH SIGNATURE-----")).then_some(())
}

/// A disclosure that holds, or one that is refused; never both.
fn evidence(bytes: &[u8]) -> Option<()> {
    let case: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    let commitment: Digest = case.get("commitment")?.as_str()?.parse().ok()?;
    let disclosure = case.get("disclosure")?.to_string();
    let read = serde_json::from_str::<Disclosure<'_>>(&disclosure);
    let held =
        read.as_ref().is_ok_and(|one| one.verify(&Commitment::from_bytes(*commitment.as_bytes())).is_ok());
    // What reads is written again as it was, also where it does not hold.
    let again = read.ok().map(|one| serde_json::to_value(&one).ok());
    let same = again.is_none_or(|again| again.as_ref() == case.get("disclosure"));
    (same && held == case.get("refused").is_none()).then_some(())
}

/// Every note and proof in it reads and is written again as it was, unless the vector says that it does not.
fn log(bytes: &[u8]) -> Option<()> {
    let vector: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    let text = |name: &str| vector.get(name).and_then(serde_json::Value::as_str).map(str::to_owned);
    let mut notes = ["note", "one", "other"].into_iter().filter_map(text);
    let reads = notes.all(|note| {
        let read = note.parse::<SignedCheckpoint>();
        read.is_ok_and(|read| read.to_string() == note)
    }) && text("path").is_none_or(again::<Path>)
        && text("growth").is_none_or(again::<Growth>)
        && text("hashes").is_none_or(again::<Many>);
    let unreadable = ["unreadable", "not a note"].map(String::from).contains(&text("expect")?);
    (text("check").is_some() && text("about").is_some() && reads != unreadable).then_some(())
}

/// Read, and written again as it was.
fn again<T: TryFrom<String> + Into<String>>(text: String) -> bool {
    T::try_from(text.clone()).is_ok_and(|read| read.into() == text)
}

fn wire(name: &str, text: &[u8]) -> Option<()> {
    let digits: Vec<u8> = text.iter().copied().filter(u8::is_ascii_hexdigit).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let frame: Vec<u8> = digits.chunks(2).map(byte).collect::<Option<_>>()?;
    // Beside the frames, each bad one is refused for its fault.
    let (name, bad) = name.strip_prefix("bad-").map_or((name, false), |rest| (rest, true));
    let read = match name.split_once('-')?.0 {
        "request" => same::<Request>(&frame),
        "response" => same::<Response>(&frame),
        _ => return None,
    };
    (read.is_none() == bad).then_some(())
}

fn same<M: Message>(frame: &[u8]) -> Option<()> {
    let (header, rest) = frame.split_first_chunk()?;
    let message: M = decode(rest.get(..length(*header).ok()?)?).ok()?;
    (encode(&message).ok()? == frame).then_some(())
}
