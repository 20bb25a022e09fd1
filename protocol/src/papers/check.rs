//! The papers of a share are judged: the list, then each paper, then that they belong together.

use jiff::Timestamp;

use super::{
    Course, ENVELOPE, Files, GATE, InNodeLog, LOGGED, MAX_PAPER, MAX_PAPERS, MAX_RECEIPTS, PapersRefused,
    README, SIGNATURES, SIGNERS, SUMS, WITHDRAWAL, keys::Signers, list, receipt_name,
};
use crate::{
    directory::Directories,
    envelope::{Envelope, SignedEnvelope},
    gate::{Gate, SignedGate, SignedWithdrawal, Withdrawal},
    ids::{AgencyId, Digest},
    log::{Logged, leaf_hash},
    receipt::{Receipt, ReceiptKind, SignedReceipt, Signer, Standing, fold},
    sign::{Namespace, SignatureSet, VerifyingKey},
    signed::{Document, Signed},
};

const KINDS: [ReceiptKind; 7] = [
    ReceiptKind::Stored,
    ReceiptKind::Delivered,
    ReceiptKind::Opened,
    ReceiptKind::Receipted,
    ReceiptKind::Declined,
    ReceiptKind::Kept,
    ReceiptKind::Deleted,
];

/// Judges the files of such a folder: the sender signed the list of them, nothing was changed, left out or put there
/// since, each paper is signed by whom it speaks for with the keys in force then, and all are about one bundle.
///
/// # Errors
/// See [`PapersRefused`].
pub fn verify(files: &Files, directories: Directories<'_>, now: Timestamp) -> Result<Course, PapersRefused> {
    as_listed(files)?;
    let signed: SignedEnvelope = read(files, ENVELOPE, "envelope")?;
    let claimed = signed.claims().map_err(|why| refused("envelope", ENVELOPE, why))?;
    let exporter = exporter(files, &claimed.from, directories)?;
    let envelope = signed.verify(directories).map_err(|why| refused("envelope", ENVELOPE, why))?;
    let id = signed.id();
    let (signed_gate, gate) = gate(files, &envelope, directories)?;
    let withdrawal = withdrawal(files, &envelope, directories)?;
    let receipts = receipts(files)?;
    let standing = fold((id, &envelope), &receipts, directories, now);
    in_order(&receipts, &standing)?;
    answers(&standing, withdrawal.as_ref().map(|(signed, _)| signed.digest()))?;
    let logged = logged(files, receipts.first().zip(standing.proven.first()), directories)?;
    let taken_back = withdrawal.as_ref().map(|(signed, _)| signed);
    let each: Vec<_> = receipts.iter().collect();
    let papers =
        Signers { exporter, envelope: &signed, gate: &signed_gate, withdrawal: taken_back, receipts: &each };
    let allowed = papers.allowed(directories).map_err(|why| refused("signers", SIGNERS, why))?;
    if files.get(SIGNERS) != Some(&allowed) {
        return Err(refused(
            "signers",
            SIGNERS,
            "it names other keys, or other names, than those that signed",
        ));
    }
    only_papers(files, receipts.iter().zip(&standing.proven).map(|(_, (_, receipt))| receipt.kind))?;
    let withdrawal = withdrawal.map(|(_, withdrawal)| withdrawal);
    Ok(Course { id, envelope, gate, withdrawal, standing, logged })
}

fn refused(what: &'static str, paper: &str, why: impl ToString) -> PapersRefused {
    PapersRefused::Paper { what, paper: paper.to_owned(), why: why.to_string() }
}

fn text<'a>(files: &'a Files, name: &str) -> Result<&'a str, PapersRefused> {
    files.get(name).map(String::as_str).ok_or_else(|| PapersRefused::Missing(name.to_owned()))
}

/// What lies there is what the list says, and nothing else. That the list is the sender's is looked at after.
fn as_listed(files: &Files) -> Result<(), PapersRefused> {
    if files.len() > MAX_PAPERS || files.values().any(|text| text.len() > MAX_PAPER) {
        return Err(refused("files", SUMS, "there are more papers, or longer ones, than a share has"));
    }
    let (sums, _) = (text(files, SUMS)?, text(files, SIGNATURES)?);
    let made = list(files);
    if made == sums {
        return Ok(());
    }
    let named = |line: &str| line.split_once("  ").map(|(_, name)| name.to_owned());
    let names = |text: &str| -> Vec<String> { text.lines().filter_map(named).collect() };
    let (listed, there) = (names(sums), names(&made));
    if let Some(name) = listed.iter().find(|name| !there.contains(name)) {
        return Err(PapersRefused::Missing(name.clone()));
    }
    if let Some(name) = there.iter().find(|name| !listed.contains(name)) {
        return Err(PapersRefused::Unlisted(name.clone()));
    }
    let other = made.lines().zip(sums.lines()).find(|(one, other)| one != other);
    let name = other.and_then(|(line, _)| named(line)).unwrap_or_else(|| SUMS.to_owned());
    Err(PapersRefused::Altered(name))
}

/// The key of the sender that signed the list: one that any directory at hand lists, since it was made later than all of it.
fn exporter(
    files: &Files,
    from: &AgencyId,
    directories: Directories<'_>,
) -> Result<VerifyingKey, PapersRefused> {
    let mut keys = directories.each().filter_map(|directory| directory.member(from)).peekable();
    if keys.peek().is_none() {
        return Err(PapersRefused::Unknown(from.clone()));
    }
    let changed = || PapersRefused::List(from.clone());
    let set = SignatureSet::from_text(text(files, SIGNATURES)?).map_err(|_| changed())?;
    let sums = text(files, SUMS)?.as_bytes();
    let mut keys = keys.map(|member| member.keys.sign);
    keys.find(|key| key.verify(Namespace::Papers, sums, &set).is_ok()).ok_or_else(changed)
}

fn read<T: Document>(files: &Files, name: &str, what: &'static str) -> Result<Signed<T>, PapersRefused> {
    let beside = format!("{name}.sig");
    let set = SignatureSet::from_text(text(files, &beside)?).map_err(|why| refused(what, &beside, why))?;
    Ok(Signed::from_parts(text(files, name)?.to_owned(), set))
}

fn gate(
    files: &Files,
    envelope: &Envelope,
    directories: Directories<'_>,
) -> Result<(SignedGate, Gate), PapersRefused> {
    let signed: SignedGate = read(files, GATE, "gate")?;
    let gate = signed.verify(directories).map_err(|why| refused("gate", GATE, why))?;
    if (gate.id, &gate.from, &gate.to) == (envelope.gate, &envelope.from, &envelope.to) {
        Ok((signed, gate))
    } else {
        Err(refused("gate", GATE, "it was made for another bundle"))
    }
}

fn withdrawal(
    files: &Files,
    envelope: &Envelope,
    directories: Directories<'_>,
) -> Result<Option<(SignedWithdrawal, Withdrawal)>, PapersRefused> {
    if !files.contains_key(WITHDRAWAL) {
        return Ok(None);
    }
    let signed: SignedWithdrawal = read(files, WITHDRAWAL, "withdrawal")?;
    let withdrawal = signed.verify(directories).map_err(|why| refused("withdrawal", WITHDRAWAL, why))?;
    if withdrawal.from == envelope.from && withdrawal.gates.contains(&envelope.gate) {
        Ok(Some((signed, withdrawal)))
    } else {
        Err(refused("withdrawal", WITHDRAWAL, "it takes back another bundle"))
    }
}

/// As they are numbered, each under the name of what it says.
fn receipts(files: &Files) -> Result<Vec<SignedReceipt>, PapersRefused> {
    let mut receipts = Vec::new();
    while receipts.len() < MAX_RECEIPTS {
        let mut names = KINDS.iter().map(|kind| (*kind, receipt_name(receipts.len(), *kind)));
        let Some((kind, name)) = names.find(|(_, name)| files.contains_key(name)) else { break };
        let signed: SignedReceipt = read(files, &name, "receipts")?;
        match signed.claims() {
            Ok(receipt) if receipt.kind == kind => receipts.push(signed),
            Ok(_) => return Err(refused("receipts", &name, "it says something else than its name")),
            Err(why) => return Err(refused("receipts", &name, why)),
        }
    }
    Ok(receipts)
}

/// Each counts, none stands there twice, and their numbers are their order.
fn in_order(receipts: &[SignedReceipt], standing: &Standing) -> Result<(), PapersRefused> {
    let name = |place: usize| {
        let kind = receipts.get(place).and_then(|signed| signed.claims().ok()).map(|receipt| receipt.kind);
        kind.map_or_else(|| "the receipts".to_owned(), |kind| receipt_name(place, kind))
    };
    if let Some((digest, why)) = standing.refused.first() {
        let place = receipts.iter().position(|signed| signed.digest() == *digest).unwrap_or_default();
        return Err(refused("receipts", &name(place), why));
    }
    let theirs = standing.proven.iter().map(|(digest, _)| *digest);
    if let Some(place) = receipts.iter().zip(theirs).position(|(signed, digest)| signed.digest() != digest) {
        return Err(refused("receipts", &name(place), "it does not stand in its place among the others"));
    }
    if receipts.len() == standing.proven.len() {
        return Ok(());
    }
    Err(refused("receipts", &name(standing.proven.len()), "it is there twice"))
}

/// What answers a withdrawal answers the one that is here.
fn answers(standing: &Standing, withdrawal: Option<Digest>) -> Result<(), PapersRefused> {
    for (place, (_, receipt)) in standing.proven.iter().enumerate() {
        if receipt.kind.answers_withdrawal() && receipt.withdrawal != withdrawal {
            let why = "it answers another withdrawal than the one that is here";
            return Err(refused("receipts", &receipt_name(place, receipt.kind), why));
        }
    }
    Ok(())
}

fn logged(
    files: &Files,
    stored: Option<(&SignedReceipt, &(Digest, Receipt))>,
    directories: Directories<'_>,
) -> Result<Option<InNodeLog>, PapersRefused> {
    let Some(proof) = files.get(LOGGED) else { return Ok(None) };
    let wrong = |why: &dyn ToString| refused("log", LOGGED, why.to_string());
    let Some((signed, (_, receipt))) = stored else {
        return Err(wrong(&"there is no STORED that it could be about"));
    };
    let logged: Logged = proof.parse().map_err(|why| wrong(&why))?;
    let at = logged.holds(leaf_hash(signed.text.as_bytes())).map_err(|why| wrong(&why))?;
    let (Signer::Node { name }, Some(leaf)) = (&receipt.signer, &receipt.leaf) else {
        return Err(wrong(&"there is no STORED that it could be about"));
    };
    let mut nodes = directories.each().flat_map(|directory| &directory.members).map(|member| &member.node);
    let its_own = nodes.any(|node| {
        let known = node.name == *name && at.origin.is_of_node(&node.cosign);
        known && logged.checkpoint.verify(&at.origin, &node.log).is_ok()
    });
    if !its_own {
        return Err(wrong(
            &"its checkpoint is not of a log of the node that stored the bundle, or not signed by it",
        ));
    }
    let as_signed = at.origin == leaf.log;
    if as_signed && logged.index != leaf.index {
        return Err(wrong(&"STORED stands elsewhere in the node's log than the node signed"));
    }
    Ok(Some(InNodeLog { origin: at.origin, size: at.size, index: logged.index, as_signed }))
}

/// The sender listed nothing that is no paper of this share.
fn only_papers(files: &Files, kinds: impl Iterator<Item = ReceiptKind>) -> Result<(), PapersRefused> {
    let mut known: Vec<String> = [ENVELOPE, GATE, WITHDRAWAL].map(str::to_owned).into();
    known.extend(kinds.enumerate().map(|(place, kind)| receipt_name(place, kind)));
    let beside: Vec<String> = known.iter().map(|name| format!("{name}.sig")).collect();
    let alone = [SUMS, SIGNATURES, SIGNERS, README, LOGGED];
    let of_it =
        |name: &String| known.contains(name) || beside.contains(name) || alone.contains(&name.as_str());
    match files.keys().find(|name| !of_it(name)) {
        Some(name) => Err(refused("files", name, "it is no paper of this share")),
        None => Ok(()),
    }
}
