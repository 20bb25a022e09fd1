//! Consent, shares, the outbox, and bundles that arrive.

use std::collections::BTreeSet;

use jiff::ToSpan as _;
use kith_protocol::{
    approval::{Approval, Proposed},
    bundle::{
        self, Asked, Bundle, ConcernCategory, Contact, End, Exact, Happened, Letter, Reason, Record,
        RecordKind, Span, Urgency,
    },
    consent::{
        Category, ConsentRecord, ConsentVersion, DecidedBy, Decision, FamilyTold, LawfulBasis,
        NamedRecipient, Notice, OnwardLimit, Safeguarding, SpecialCondition, Validity,
    },
    ids::{AgencyId, BundleId, Digest, GateId, SealId},
    keys::{AgencySecrets, Certificate, SignedCertificate},
    receipt::ReceiptKind,
    sign::SigningKey,
};

use super::*;
use crate::casework::{
    command::{FileInto, Refusal},
    entry::{AsSent, NamedPerson},
    fact::{Received, Share, ShareEnd, SignedText},
    ids::{ConsentId, ReceivedId, ShareId},
    query::{ConsentOrNot, EntryView, Page, ShareState, Window},
};
use crate::store::{CommandError, OutboxState, SealedFile};

pub(super) fn police() -> AgencyId {
    "northshire-police".parse().unwrap()
}

pub(super) fn consent() -> ConsentRecord {
    let at = now().timestamp();
    ConsentRecord {
        kith: ConsentVersion::One,
        record_id: "1-7".parse().unwrap(),
        pii_principal_id: Vec::new(),
        decision: Decision::Share,
        notice: Notice { privacy_notice: "2024".into(), language: "en-GB".into(), sha256: None },
        purposes: vec!["strategy discussion".into()],
        lawful_basis: Some(LawfulBasis::PublicTask),
        special_condition: Some(SpecialCondition::Safeguarding),
        pii_controllers: Vec::new(),
        recipients: vec![NamedRecipient { id: police(), name: "Northshire Police".into() }],
        categories: BTreeSet::from([Category::Welfare]),
        validity: Validity { from: at - 1.hour(), until: at + 48.hours(), review: None },
        withdrawal_method: String::new(),
        storage_location: String::new(),
        retention_period: String::new(),
        jurisdiction: "England".into(),
        events: Vec::new(),
        safeguarding: Safeguarding {
            family_told: FamilyTold::NotSafe { because: "the allegation is against a parent".into() },
            childs_view: "wants help".into(),
            capacity: None,
            parental_responsibility: Vec::new(),
            level_of_need: None,
            necessity: "the police need the injury's history".into(),
            withheld_from: Vec::new(),
            decided_by: DecidedBy { name: "A. Khan".into(), role: "DSL".into(), on: at },
            advice: None,
            onward: OnwardLimit::AskFirst,
        },
    }
}

pub(super) fn signed(text: &str) -> SignedText {
    SignedText { text: text.into(), signature: String::new() }
}

/// A case with one entry and a consent record for the police.
fn ready(casebook: &mut Casebook) -> (CaseId, EntryId, ConsentId) {
    let child = casebook.add("Jamie", "Oakes");
    let case = CaseId(casebook.did(Command::OpenCase(case(child, "bruising"))));
    let entry = casebook.record(concern(child, "bruise"), Some(case));
    let record = Box::new(consent());
    (case, entry, ConsentId(casebook.did(Command::RecordConsent { case, record })))
}

fn share(case: CaseId, entry: EntryId, consent: ConsentId) -> Command {
    Command::Share { share: of(case, entry, consent), record: None, draft: b"the draft".to_vec() }
}

/// The same, for a second person to check.
pub(super) fn proposed(case: CaseId, entry: EntryId, consent: ConsentId) -> Command {
    let (agency, from) = (AgencySecrets::generate(), setup().agency);
    let person = crate::cli::keys::certified(&agency, &from, &author(), now().timestamp());
    let content = Digest::of(b"what is read");
    let approval = Approval {
        from,
        to: police(),
        seal_id: SealId::from_bytes([7; 16]),
        content,
        proposed: now().timestamp(),
    };
    Command::ProposeShare {
        share: of(case, entry, consent),
        record: None,
        draft: b"the draft".to_vec(),
        choices: b"the choices".to_vec(),
        proposal: Box::new(Proposed::new(&approval, &person)),
    }
}

pub(super) fn of(case: CaseId, entry: EntryId, consent: ConsentId) -> Share {
    Share {
        at: date(2025, 3, 14).at(10, 0, 0, 0),
        case,
        to: police(),
        consent,
        purpose: "strategy discussion".into(),
        ask: "attend".into(),
        entries: vec![entry],
        attachments: Vec::new(),
        withheld: Vec::new(),
        kept: Vec::new(),
        gaps: Vec::new(),
    }
}

fn state(casebook: &Casebook) -> (ShareState, usize) {
    match casebook.asked(&Query::Shares { case: None, window: Window::First, limit: 9 }) {
        Answer::Shares(Page { rows, .. }) => (rows[0].state.clone(), rows[0].receipts.len()),
        other => panic!("{other:?}"),
    }
}

fn waiting(casebook: &Casebook) -> u64 {
    match casebook.asked(&Query::Today { today: date(2025, 3, 14) }) {
        Answer::Today(today) => today.shares_waiting,
        other => panic!("{other:?}"),
    }
}

pub(super) fn sealed() -> SealedFile {
    SealedFile {
        bundle: BundleId(Digest::of(b"envelope")),
        ciphertext: Digest::of(b"cipher"),
        file: "1-5.age".into(),
        envelope: signed("envelope"),
        gate: signed("gate"),
    }
}

#[test]
fn a_new_record_and_the_share_that_rests_on_it_are_one_step() {
    let (_folder, mut casebook) = fresh();
    let (case, entry, earlier) = ready(&mut casebook);
    let resting = |draft: &[u8]| match share(case, entry, earlier) {
        Command::Share { share, .. } => {
            Command::Share { share, record: Some(Box::new(consent())), draft: draft.to_vec() }
        }
        other => panic!("{other:?}"),
    };
    let records = |casebook: &Casebook| match casebook.asked(&Query::Consents { case }) {
        Answer::Consents(rows) => rows.into_iter().map(|row| row.id).collect::<BTreeSet<_>>(),
        other => panic!("{other:?}"),
    };
    // Refused, it leaves no record behind; done, both are there, and the share names its own.
    casebook.execute(resting(b""), &author(), &now()).unwrap_err();
    assert_eq!(records(&casebook), BTreeSet::from([earlier]));
    let facts = casebook.execute(resting(b"the draft"), &author(), &now()).unwrap();
    let [record, decided] = facts[..] else { panic!("{facts:?}") };
    assert_eq!(records(&casebook), BTreeSet::from([earlier, ConsentId(record)]));
    assert_eq!(casebook.outbox().unwrap()[0].share, ShareId(decided));
    let Answer::Shares(Page { rows, .. }) =
        casebook.asked(&Query::Shares { case: None, window: Window::First, limit: 9 })
    else {
        panic!()
    };
    assert_eq!(rows[0].share.consent, ConsentId(record));
}

#[test]
fn a_share_goes_from_decision_to_receipt() {
    let (folder, mut casebook) = fresh();
    let (case, entry, consent) = ready(&mut casebook);
    let id = ShareId(casebook.did(share(case, entry, consent)));
    assert_eq!((state(&casebook), waiting(&casebook)), ((ShareState::Queued, 0), 1));
    assert_eq!(casebook.outbox().unwrap()[0].state, OutboxState::ToSeal { draft: b"the draft".to_vec() });

    // The machine stops here: the decision and its place in the outbox are both there.
    drop(casebook);
    let mut casebook = unlock(folder.path());
    casebook.set_tried(id, now().timestamp(), "unreachable").unwrap();
    casebook.set_sealed(id, &sealed(), &author(), &now()).unwrap();
    let again = casebook.set_sealed(id, &sealed(), &author(), &now());
    assert!(matches!(again, Err(CommandError::Refused(Refusal::ShareState { state: "sealed" }))));
    let item = casebook.outbox().unwrap().remove(0);
    assert_eq!((item.share, item.tries, item.last_error.as_deref()), (id, 1, Some("unreachable")));
    assert!(matches!(item.state, OutboxState::Sealed { ref file, .. } if file == "1-5.age"));
    assert_eq!(casebook.share_of_bundle(sealed().bundle).unwrap(), Some(id));

    let stored = Command::KeepReceipt { share: id, kind: ReceiptKind::Stored, receipt: signed("{}") };
    casebook.did(stored.clone());
    assert!(casebook.outbox().unwrap().is_empty());
    assert_eq!(
        casebook.execute(stored, &author(), &now()).unwrap(),
        [],
        "the same receipt again is no fault"
    );
    for kind in [ReceiptKind::Delivered, ReceiptKind::Opened, ReceiptKind::Receipted] {
        casebook.did(Command::KeepReceipt { share: id, kind, receipt: signed("{}") });
    }
    assert_eq!((state(&casebook), waiting(&casebook)), ((ShareState::Receipted, 4), 0));
    let end = Command::EndShare { share: id, end: ShareEnd::Withdrawn { why: "moved".into() } };
    assert!(matches!(
        casebook.execute(end, &author(), &now()),
        Err(CommandError::Refused(Refusal::ShareState { state: "delivered" }))
    ));
}

#[test]
fn nothing_is_shared_without_a_record_that_carries_it() {
    let (_folder, mut casebook) = fresh();
    let (case, entry, consent) = ready(&mut casebook);
    let elsewhere = casebook.record(concern(casebook_child(&casebook, case), "other"), None);
    let why = |casebook: &mut Casebook, command| match casebook.execute(command, &author(), &now()) {
        Err(CommandError::Refused(refusal)) => refusal.to_string(),
        other => panic!("{other:?}"),
    };
    assert!(why(&mut casebook, share(case, elsewhere, consent)).contains("another case"));
    let mut other = consent_for("health");
    other.categories.clear();
    let other = ConsentId(casebook.did(Command::RecordConsent { case, record: Box::new(other) }));
    assert!(why(&mut casebook, share(case, entry, other)).contains("northshire-police"));
    let by = "mother".to_owned();
    casebook.did(Command::WithdrawConsent { consent, by, why: "changed her mind".into() });
    assert!(why(&mut casebook, share(case, entry, consent)).contains("withdrawn"));
    let declined =
        Command::DeclineSharing { case, with: police(), because: "not needed".into(), signed: None };
    let declined = ConsentId(casebook.did(declined));
    assert!(why(&mut casebook, share(case, entry, declined)).contains("decided not to share"));
    assert!(casebook.outbox().unwrap().is_empty());
    let Answer::Consents(rows) = casebook.asked(&Query::Consents { case }) else { panic!() };
    assert!(matches!(rows[0].what, ConsentOrNot::NotShared { .. }));
    assert!(
        matches!(&rows[2].what, ConsentOrNot::Record { withdrawn: Some((_, why)), .. } if why.contains("mother"))
    );
}

fn consent_for(agency: &str) -> ConsentRecord {
    let named = NamedRecipient { id: agency.parse().unwrap(), name: agency.into() };
    ConsentRecord { recipients: vec![named], ..consent() }
}

fn casebook_child(casebook: &Casebook, case: CaseId) -> PersonId {
    match casebook.asked(&Query::Case { case }) {
        Answer::Case(view) => view.case.child,
        other => panic!("{other:?}"),
    }
}

pub(super) fn received(document: &str) -> Received {
    Received {
        bundle: Some(BundleId(Digest::of(document.as_bytes()))),
        from: police(),
        from_name: "Northshire Police".into(),
        signed_by: "J. Moss, PPU".into(),
        purpose: "strategy discussion".into(),
        child: "Jamie Oaks".into(),
        envelope: Some(signed("envelope")),
        gate: None,
        receipts: Vec::new(),
        document: document.into(),
        document_signature: "sig".into(),
        checks: vec!["signature ok".into()],
        attachments: Vec::new(),
    }
}

#[test]
fn a_bundle_is_received_once_and_answered_once() {
    let (_folder, mut casebook) = fresh();
    let id = ReceivedId(casebook.did(Command::Receive(received("{}"))));
    let twice = casebook.execute(Command::Receive(received("{}")), &author(), &now());
    assert!(matches!(twice, Err(CommandError::Refused(Refusal::AlreadyReceived))));
    let Answer::Received(view) = casebook.asked(&Query::Received { received: id }) else { panic!() };
    assert_eq!(view.received, received("{}"));
    let answer = |kind, note: &str| Command::AnswerBundle {
        received: id,
        kind,
        note: note.into(),
        receipt: signed("{}"),
    };
    casebook.did(answer(ReceiptKind::Opened, ""));
    let silent = casebook.execute(answer(ReceiptKind::Declined, ""), &author(), &now());
    assert!(matches!(silent, Err(CommandError::Refused(Refusal::NoReason))));
    casebook.did(answer(ReceiptKind::Receipted, "thank you"));
    let late = casebook.execute(answer(ReceiptKind::Declined, "no"), &author(), &now());
    assert!(matches!(late, Err(CommandError::Refused(Refusal::AlreadyAnswered { what: "receipted" }))));
    let Answer::Inbox(Page { rows, .. }) = casebook.asked(&Query::Inbox { window: Window::First, limit: 9 })
    else {
        panic!()
    };
    assert_eq!(rows[0].answered, Some(ReceiptKind::Receipted));
}

fn certificate() -> SignedCertificate {
    let at = now().timestamp();
    let (name, role) = ("J. Moss".into(), "PPU".into());
    let key = SigningKey::from_seed(&[1; 32]).public();
    Certificate { agency: police(), name, role, key, from: at, until: at + 24.hours() }
        .sign(&SigningKey::from_seed(&[2; 32]))
}

fn end(id: &str) -> End {
    End { id: id.parse().unwrap(), name: "Northshire Police".into() }
}

/// A bundle of one record, one name in it withheld.
pub(super) fn document() -> String {
    let text = |text: &str| vec![Span::Text(text.into())];
    let document = Bundle {
        kith: bundle::BundleVersion::One,
        from: end("northshire-police"),
        to: end("elm-park"),
        recipient_key: Digest::of(b"key"),
        seal_id: SealId::from_bytes([1; 16]),
        gate: GateId::from_bytes([2; 16]),
        gate_salt: Digest::of(b"salt"),
        created: now().timestamp(),
        approval: None,
        signed_by: certificate(),
        letter: Letter {
            subject: "Jamie Oakes".into(),
            why: "domestic incident".into(),
            asked: Asked { what: "watch".into(), by: None, urgency: Urgency::ForInformation },
            may_use_for: "safeguarding".into(),
            ring: Contact {
                name: "PPU".into(),
                role: "duty".into(),
                phone: "101".into(),
                out_of_hours: None,
            },
            receipts: BTreeSet::new(),
        },
        consent: Exact::new(consent()).unwrap(),
        children: Vec::new(),
        records: vec![Record {
            id: "p.1".parse().unwrap(),
            kind: RecordKind::Visit,
            category: ConcernCategory::Welfare,
            happened: Happened { at: date(2025, 3, 1).at(18, 0, 0, 0), precision: bundle::Precision::About },
            recorded: now().timestamp(),
            recorded_by: bundle::RecordedBy { name: text("PC Moss"), role: text("officer") },
            source: bundle::Source { name: text("PC Lee"), role: text("response"), agency: text("BTP") },
            people: vec![bundle::PersonRole {
                name: text("K. Oakes"),
                role: Role::Family,
                relation: text("father"),
            }],
            statements: vec![bundle::Statement {
                kind: StatementKind::ObservedFact,
                text: vec![Span::Text("argued with ".into()), Span::Withheld(Reason::Informant)],
            }],
            in_danger: Some(text("999 at 18:05")),
            told: text("the duty sergeant"),
            done: text("words of advice"),
            effect: text("frightened"),
            significance: bundle::Significance::High,
            attachments: Vec::new(),
        }],
        attachments: Vec::new(),
        withheld: Vec::new(),
        evidence: None,
    };
    serde_json::to_string(&document).unwrap()
}

/// Every field of a filed entry is what its sender recorded, and nothing else stands in it.
fn is_what_was_sent(view: &EntryView, sent: &Record<Span>) {
    let words = |passage: &[Span]| bundle::in_words(passage, |why| format!("[withheld: {}]", why.words()));
    let expected = Entry {
        kind: EntryKind::Received,
        people: vec![Involvement { person: view.entry.people[0].person, role: Role::Subject }],
        happened: When { at: sent.happened.at, precision: Precision::About },
        category: sent.category,
        source: Source {
            name: words(&sent.source.name),
            role: words(&sent.source.role),
            agency: words(&sent.source.agency),
        },
        statements: (sent.statements.iter())
            .map(|one| Statement { kind: one.kind, text: words(&one.text) })
            .collect(),
        danger: Danger::Yes { done: words(sent.in_danger.as_ref().unwrap()) },
        told: words(&sent.told),
        done: words(&sent.done),
        effect: words(&sent.effect),
        significance: Significance::High,
        attachments: Vec::new(),
    };
    assert_eq!(view.entry, expected);
    let others = sent.people.iter().filter(|one| one.role != Role::Subject);
    let people = others.map(|one| NamedPerson {
        name: words(&one.name),
        role: one.role,
        relation: words(&one.relation),
    });
    let expected = AsSent {
        agency: "Northshire Police".into(),
        kind: sent.kind,
        recorded: sent.recorded,
        recorder: words(&sent.recorded_by.name),
        recorder_role: words(&sent.recorded_by.role),
        people: people.collect(),
    };
    assert_eq!(view.sent.as_deref(), Some(&expected));
}

#[test]
fn a_bundle_is_filed_once_as_entries_of_a_new_childs_case() {
    let (_folder, mut casebook) = fresh();
    let id = ReceivedId(casebook.did(Command::Receive(received(&document()))));
    let into = FileInto::NewChild {
        person: pupil("Jamie", "Oakes"),
        title: "police contact".into(),
        level: LevelOfNeed::EarlyHelp,
        lead: "A. Khan".into(),
    };
    let file = Command::FileBundle { received: id, into };
    let facts = casebook.execute(file.clone(), &author(), &now()).unwrap();
    assert_eq!(facts.len(), 4, "child, case, filing, one entry");
    let Answer::Entry(view) = casebook.asked(&Query::Entry { entry: EntryId(facts[3]) }) else { panic!() };
    assert_eq!(view.case, Some(CaseId(facts[1])));
    assert_eq!(view.names, ["Jamie Oakes"]);
    let sent: Bundle = serde_json::from_str(&document()).unwrap();
    is_what_was_sent(&view, &sent.records[0]);
    assert_eq!(view.entry.statements[0].text, "argued with [withheld: an informant or whistle-blower]");
    assert_eq!(view.entry.danger, Danger::Yes { done: "999 at 18:05".into() });
    assert_eq!((view.entry.kind, view.entry.happened.precision), (EntryKind::Received, Precision::About));
    let Answer::EntriesOf { rows, .. } = casebook.asked(&Query::EntriesOf {
        case: CaseId(facts[1]),
        significant_only: true,
        window: Window::First,
        limit: 9,
    }) else {
        panic!()
    };
    assert!(rows[0].in_danger);
    assert_eq!(rows[0].source, "PC Lee, response, Northshire Police");
    let Answer::Entries(found) = casebook.asked(&Query::FindEntries { text: "oakes".into(), limit: 9 })
    else {
        panic!()
    };
    assert_eq!(found.len(), 1, "by a name that stands nowhere but among those they name");
    let again = casebook.execute(file, &author(), &now());
    assert!(matches!(again, Err(CommandError::Refused(Refusal::AlreadyAnswered { what: "filed" }))));
    assert!(casebook.check(&mut |_, _| {}).unwrap().is_whole());

    let odd = ReceivedId(casebook.did(Command::Receive(received("{}"))));
    let into = FileInto::Case(CaseId(facts[1]));
    let unreadable = casebook.execute(Command::FileBundle { received: odd, into }, &author(), &now());
    assert!(matches!(unreadable, Err(CommandError::Refused(Refusal::Unreadable { .. }))));
}
