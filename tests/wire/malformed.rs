//! Documents that their owners did sign and that are malformed all the same: each is refused by a typed error.

use kith_protocol::{
    archive::ArchiveWriter,
    bundle::{Bundle, MAX_DOCUMENT, OpenRefused},
    directory::{DirectoryError, Pinned, SignedDirectory},
    document::BadDocument,
    envelope::{Envelope, SignedEnvelope},
    gate::SignedGate,
    ids::{Digest, LogId},
    log::Origin,
    receipt::{Leaf, SignedReceipt},
    seal::seal_to,
    sign::{Namespace, SigningKey},
    signed::DocumentError,
};
use kith_tests::bundles::{World, now};

/// How a bad text is to be refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum As {
    Malformed,
    OtherKind,
    TooLong,
}

fn refusal(error: BadDocument) -> As {
    match error {
        BadDocument::Malformed { .. } => As::Malformed,
        BadDocument::OtherKind { .. } => As::OtherKind,
        BadDocument::TooLong { .. } => As::TooLong,
        BadDocument::Refused { what, why } => panic!("{what}: {why}"),
    }
}

/// Ways to spoil the compact text of a document of `kind` that is read up to `limit` bytes.
fn spoilt(good: &str, kind: &str, limit: usize) -> Vec<(&'static str, String, As)> {
    let opening = format!(r#"{{"kith":"{kind}/1","#);
    let fields = good.strip_prefix(&opening).unwrap_or_else(|| panic!("{kind} begins with its kind"));
    let value: serde_json::Value = serde_json::from_str(good).expect("JSON");
    let (name, first) = value.as_object().and_then(|all| all.iter().nth(1)).expect("a field");
    let first = format!("\"{name}\":{first},");
    assert!(fields.starts_with(&first));
    let rest = &fields[first.len()..];
    let with = |fields: &str| format!("{opening}{fields}");
    vec![
        ("nothing", String::new(), As::OtherKind),
        ("an empty object", "{}".into(), As::OtherKind),
        ("cut after its kind", opening.clone(), As::Malformed),
        ("cut by one byte", good[..good.len() - 1].into(), As::Malformed),
        ("cut in the middle", good[..good.len() / 2].into(), As::Malformed),
        ("a field twice", with(&format!("{first}{fields}")), As::Malformed),
        ("a field left out", with(rest), As::Malformed),
        ("a field nobody knows", with(&format!("\"more\":1,{fields}")), As::Malformed),
        ("a field that nests deep", with(&format!("\"more\":{}", "[".repeat(500))), As::Malformed),
        ("its kind twice", with(&format!("\"kith\":\"{kind}/1\",{fields}")), As::Malformed),
        ("a field of another type", with(&format!("\"{name}\":[1],{rest}")), As::Malformed),
        ("more after it", format!("{good}{{}}"), As::Malformed),
        ("a newer version", good.replacen("/1\"", "/2\"", 1), As::OtherKind),
        ("another kind", good.replacen(kind, "another", 1), As::OtherKind),
        ("its kind not first", format!("{{{first}\"kith\":\"{kind}/1\",{rest}"), As::OtherKind),
        ("a space before it", format!(" {good}"), As::OtherKind),
        ("a byte order mark", format!("\u{feff}{good}"), As::OtherKind),
        ("too long", format!("{}{}}}", &good[..good.len() - 1], " ".repeat(limit)), As::TooLong),
    ]
}

/// Signs each spoilt text as its owner would, and asks for the refusal.
fn each(
    good: &str,
    kind: &str,
    limit: usize,
    sign: (&SigningKey, Namespace),
    verify: impl Fn(String, kith_protocol::sign::SignatureSet) -> Result<(), BadDocument>,
) {
    let (key, namespace) = sign;
    assert_eq!(verify(good.into(), key.sign(namespace, good.as_bytes())), Ok(()), "{kind}: the good one");
    for (what, text, expected) in spoilt(good, kind, limit) {
        let set = key.sign(namespace, text.as_bytes());
        let refused = verify(text, set).expect_err(what);
        assert_eq!(refusal(refused), expected, "{kind}, {what}: {refused}");
    }
}

fn text_error<T>(result: Result<T, DocumentError>) -> Result<(), BadDocument> {
    match result {
        Ok(_) => Ok(()),
        Err(DocumentError::Text(error)) => Err(error),
        Err(error) => panic!("refused for another reason: {error}"),
    }
}

#[test]
fn envelopes_gates_and_receipts() {
    let mut world = World::hybrid();
    let draft = world.draft();
    let (sealed, _) = world.seal(draft);
    let (directory, key) = (&world.directory, &world.school.sign);
    let envelope = sealed.envelope();
    each(&envelope.text, "envelope", 4 << 10, (key, Namespace::Envelope), |text, set| {
        text_error(SignedEnvelope::from_parts(text, set).verify(directory))
    });
    each(&sealed.gate().text, "gate", 4 << 10, (key, Namespace::Gate), |text, set| {
        text_error(SignedGate::from_parts(text, set).verify(directory))
    });
    let claims: Envelope = envelope.claims().expect("it reads");
    let node = SigningKey::from_seed(&[91; 32]);
    let log = Origin::of_node(&SigningKey::from_seed(&[93; 32]).public(), LogId::from_bytes([5; 16]));
    let leaf = Leaf { log, index: 0 };
    let receipt = SignedReceipt::stored((envelope.id(), &claims), ("Northshire node", &node), leaf, now());
    each(&receipt.text, "receipt", 32 << 10, (&node, Namespace::Receipt), |text, set| {
        text_error(SignedReceipt::from_parts(text, set).verify(directory, now()))
    });
}

#[test]
fn directories() {
    let world = World::hybrid();
    let key = SigningKey::from_seed(&[99; 32]);
    let good = world.directory.sign(&[&key]).expect("a key");
    let pinned = Pinned::enrol("Northshire Safeguarding Children Partnership".into(), vec![key.public()], 1);
    each(&good.text, "directory", 8 << 20, (&key, Namespace::Directory), |text, signature| {
        match (SignedDirectory { text, signature }).verify(&pinned, now()) {
            Ok(_) => Ok(()),
            Err(DirectoryError::Document(error)) => Err(error),
            Err(error) => panic!("refused for another reason: {error}"),
        }
    });
}

/// A bundle whose `bundle.json` is `document`, listed, signed and sealed as the sender would.
fn bundle_of(world: &World, like: &Bundle, document: &[u8]) -> Vec<u8> {
    let page = b"a page";
    let mut sums = format!("{}  bundle.json\n{}  index.html\n", Digest::of(document), Digest::of(page));
    for attachment in &like.attachments {
        sums.push_str(&format!("{}  {}\n", attachment.sha256, attachment.path()));
    }
    let sign = |key: &SigningKey| key.sign(Namespace::Bundle, sums.as_bytes());
    let signatures = sign(&world.school.sign).and(&sign(&world.person.key));
    let time = u64::try_from(like.created.as_second()).expect("after 1970");
    let sealing = seal_to(&[world.police.seal.recipient()], Vec::new()).expect("sealing begins");
    let mut archive = ArchiveWriter::new(sealing, time);
    let mut put = |name: &str, bytes: &[u8]| {
        archive.file(&format!("{}/{name}", like.folder()), bytes).expect("memory takes it");
    };
    put("SHA256SUMS", sums.as_bytes());
    put("SHA256SUMS.sig", signatures.as_str().as_bytes());
    put("bundle.json", document);
    put("index.html", page);
    let sealing = archive.finish().expect("memory takes it");
    sealing.finish().expect("memory takes it")
}

#[test]
fn bundle_documents() {
    let mut world = World::hybrid();
    let mut draft = world.draft();
    draft.attachments.clear();
    draft.records[0].attachments.clear();
    let (sealed, _) = world.seal(draft);
    let (good, bundle) =
        (sealed.document(), serde_json::from_str::<Bundle>(sealed.document()).expect("JSON"));
    let opens = |document: &str| world.open(None, &bundle_of(&world, &bundle, document.as_bytes()));
    assert!(opens(good).is_ok(), "the good one");
    let inside = |of: &str, more: &str| {
        let changed = good.replacen(of, &format!("{of}{more}"), 1);
        assert_ne!(changed, good, "{of}");
        changed
    };
    for (what, document) in [
        ("nothing", String::new()),
        ("cut by two bytes", good[..good.len() - 2].into()),
        ("cut in the middle", good[..good.len() / 2].into()),
        ("more after it", format!("{good}{{}}")),
        ("a newer version", good.replacen("bundle/1", "bundle/2", 1)),
        ("a field twice", inside("{", "\"kith\": \"bundle/1\",")),
        ("a field nobody knows", inside("{", "\"more\": 1,")),
        ("a field nobody knows in the letter", inside("\"letter\": {", "\"more\": 1,")),
        ("a field twice in the letter", inside("\"letter\": {", "\"subject\": \"x\",")),
        ("a field nobody knows in a record", inside("\"records\": [\n    {", "\"more\": 1,")),
        ("a field nobody knows in the consent record", inside("\"consent\": {", "\"more\":1,")),
        ("a newer consent record", good.replacen("consent/1", "consent/2", 1)),
        ("a span that is two things", inside("\"told\": [\n        {", "\"withheld\": \"informant\",")),
        ("a field that nests deep", inside("{", &format!("\"more\": {}", "[".repeat(500)))),
        ("a null for a list", good.replacen("\"children\": [", "\"children\": null, \"x\": [", 1)),
    ] {
        assert_ne!(document, good, "{what} changes it");
        let refused = opens(&document);
        assert!(matches!(refused, Err(OpenRefused::Unreadable(_))), "{what}: {refused:?}");
    }
    let long = format!("{good}{}", " ".repeat(usize::try_from(MAX_DOCUMENT).expect("it fits")));
    let refused = opens(&long);
    assert!(matches!(refused, Err(OpenRefused::TooLong { limit: MAX_DOCUMENT, .. })), "{refused:?}");
    let no_text = world.open(None, &bundle_of(&world, &bundle, b"\xff\xfe"));
    assert!(matches!(no_text, Err(OpenRefused::Unreadable(_))), "{no_text:?}");
}
