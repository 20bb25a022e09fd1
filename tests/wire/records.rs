//! Golden vectors of what is signed when a bundle is taken back, and of a decision not to share: whole documents, with the
//! keys that grow from known seeds.

use std::{fs, path::PathBuf};

use jiff::Timestamp;
use kith_protocol::{
    consent::{LawfulBasis, NamedRecipient, NotShared, SignedNotShared},
    gate::{SignedWithdrawal, Withdrawal},
    ids::{AgencyId, BundleId, Digest, GateId},
    keys::{Certificate, PersonKey},
    letter::Letter,
    receipt::{Receipt, ReceiptKind, SignedReceipt, Signer},
    seal::Identity,
    sign::SigningKey,
    signed::{Document, Signed},
};

fn key(n: u8) -> SigningKey {
    SigningKey::from_seed(&[n; 32])
}

fn at() -> Timestamp {
    Timestamp::from_second(1_790_000_000).expect("a moment")
}

fn agency(name: &str) -> AgencyId {
    name.parse().expect("an agency's id")
}

fn bundle() -> BundleId {
    BundleId(Digest::of(b"envelope"))
}

/// A person of an agency whose `sign` grows from seed 1 x 32; theirs from 30 x 32.
fn person(of: &str) -> PersonKey {
    let certificate = Certificate {
        agency: agency(of),
        name: "P Singh".into(),
        role: "Sergeant".into(),
        key: key(30).public(),
        from: at(),
        until: Timestamp::from_second(1_800_000_000).expect("a moment"),
    };
    PersonKey { key: key(30), certificate: certificate.sign(&key(1)) }
}

fn answer(kind: ReceiptKind) -> SignedReceipt {
    let singh = person("police");
    let kept = kind == ReceiptKind::Kept;
    let receipt = Receipt {
        kind,
        bundle: bundle(),
        ciphertext: Digest::of(b"sealed"),
        at: at(),
        signer: Signer::Person { agency: agency("police"), certificate: singh.certificate },
        previous: Some(Digest::of(b"delivered")),
        note: kept.then(|| "an enquiry has begun".into()),
        withdrawal: Some(Digest::of(b"withdrawal")),
        basis: kept.then_some(LawfulBasis::PublicTask),
    };
    SignedReceipt::new(&receipt, &singh.key)
}

fn not_shared() -> SignedNotShared {
    let lead = person("elm-park");
    let decision = NotShared {
        agency: agency("elm-park"),
        case: "1-204".parse().expect("a record id"),
        with: NamedRecipient { id: agency("police"), name: "Northshire Police".into() },
        because: "nobody is in danger, and the child asked us to wait".into(),
        at: at(),
        decided_by: lead.certificate.clone(),
    };
    SignedNotShared::decided(&decision, &lead, &key(1))
}

fn letter() -> Letter {
    let answer_by = Some(jiff::civil::date(2026, 10, 5));
    Letter { bundle: bundle(), why: "the record it rested on was withdrawn".into(), answer_by }
}

fn recipient() -> Identity {
    Identity::hybrid_from_seed(&[78; 32])
}

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors/records").join(name)
}

/// The file says exactly this; `UPDATE=1` writes it.
fn golden<T: Document>(name: &str, signed: &Signed<T>) {
    let text = format!("{}\n", serde_json::to_string(signed).expect("JSON"));
    if std::env::var_os("UPDATE").is_some() {
        fs::write(path(name), &text).expect("a vector is written");
    }
    assert_eq!(fs::read_to_string(path(name)).expect("the vector"), text, "{name}");
}

#[test]
fn answers_to_a_withdrawal_and_decisions_not_to_share_are_these_bytes() {
    golden("kept.json", &answer(ReceiptKind::Kept));
    golden("deleted.json", &answer(ReceiptKind::Deleted));
    golden("not-shared.json", &not_shared());
}

/// Sealing is never the same twice: the vector is read, and made anew only where there is none.
#[test]
fn the_letter_of_a_withdrawal_reads_from_these_bytes() {
    let file = path("withdrawal-with-letter.json");
    if std::env::var_os("UPDATE").is_some() && !file.exists() {
        let letter = letter().seal(&recipient().recipient()).expect("sealed");
        let gates = vec![GateId::from_bytes([2; 16])];
        let body = Withdrawal { from: agency("elm-park"), gates, at: at(), letter: Some(letter) };
        golden("withdrawal-with-letter.json", &SignedWithdrawal::new(&body, &key(1)));
    }
    let text = fs::read_to_string(&file).expect("the vector");
    let signed: SignedWithdrawal = serde_json::from_str(&text).expect("a signed document");
    let body = signed.verify_by(&key(1).public()).expect("signed by the school");
    let sealed = body.letter.expect("a letter");
    assert_eq!(sealed.open(&[recipient()], bundle()).expect("ours"), letter());
    assert!(sealed.open(&[recipient()], BundleId(Digest::of(b"another"))).is_err());
}

/// Whether a vector of this folder is a document as its name says.
pub(super) fn read(name: &str, bytes: &[u8]) -> Option<()> {
    let read = match name {
        "kept.json" | "deleted.json" => {
            serde_json::from_slice::<SignedReceipt>(bytes).ok()?.verify_by(&key(30).public()).is_ok()
        }
        "not-shared.json" => {
            let signed: SignedNotShared = serde_json::from_slice(bytes).ok()?;
            signed.verify_by(&key(30).public()).is_ok() && signed.verify_by(&key(1).public()).is_ok()
        }
        "withdrawal-with-letter.json" => {
            serde_json::from_slice::<SignedWithdrawal>(bytes).ok()?.verify_by(&key(1).public()).is_ok()
        }
        _ => false,
    };
    read.then_some(())
}
