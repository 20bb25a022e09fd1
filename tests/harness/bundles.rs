//! Two fictional agencies, the directory that lists them, and a share between them with something of everything.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Cursor, Read},
    path::PathBuf,
};

use jiff::{SignedDuration, Timestamp};
use kith_protocol::{
    bundle::{
        Asked, Attachment, AttachmentSink, AttachmentSource, Child, Cleared, ConcernCategory, Contact, Draft,
        DraftSpan, End, Forbidden, Fresh, Happened, Identifier, KeepNothing, Letter, Measured, OpenRefused,
        Opened, PersonRole, Precision, Reason, ReceiptAsked, Record, RecordKind, RecordedBy, Role, Sealed,
        Sealing, Second, Significance, Source, Statement, StatementKind, Urgency, open,
    },
    consent::{
        Category, ConsentRecord, ConsentVersion, DecidedBy, Decision, FamilyTold, LawfulBasis,
        NamedRecipient, Notice, OnwardLimit, ParentalResponsibility, Party, Safeguarding, SpecialCondition,
        Validity, WithheldFrom,
    },
    directory::{Directory, Member, NodeAddress, Sector},
    envelope::SignedEnvelope,
    ids::Digest,
    keys::{AgencySecrets, Certificate, PersonKey},
    seal::Identity,
    sign::SigningKey,
};

use kith_protocol as kith;

#[expect(clippy::unwrap_used, reason = "shared with tests")]
#[path = "../../protocol/src/bundle/tests/facts.rs"]
mod facts;

/// The school's id.
pub const SCHOOL: &str = "elm-park";
/// The police unit's id.
pub const POLICE: &str = "northshire-police";

/// What the draft withholds: each stood in the school's words, none may stand in what leaves, in any form.
pub const WITHHELD: [(&str, Reason); 6] = [
    ("Lena Marsh", Reason::ThirdPartyChild),
    ("Mrs Okonjo-Bright from number 9", Reason::Informant),
    ("4 Heron Walk, NS3 7QT", Reason::ContactOrAddress),
    ("01632 960 745", Reason::ContactOrAddress),
    ("under treatment for a drinking problem", Reason::NotRelevant),
    ("Uncle Piotr Zielinski", Reason::ThirdPartyAdult),
];

/// A moment, from its text.
///
/// # Panics
/// When the text is none.
#[must_use]
pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// When everything here happens.
#[must_use]
pub fn now() -> Timestamp {
    at("2026-11-22T09:14:07Z")
}

fn key(n: u8) -> SigningKey {
    SigningKey::from_seed(&[n; 32])
}

fn secrets(n: u8, seal: Identity) -> AgencySecrets {
    AgencySecrets { sign: key(n), log: key(n + 1), cosign: key(n + 3), link: key(n + 2), seal }
}

/// Two agencies with all their keys, and what lies at hand to be attached.
pub struct World {
    pub directory: Directory,
    pub school: AgencySecrets,
    pub police: AgencySecrets,
    /// The school's safeguarding lead, who signs.
    pub person: PersonKey,
    pub files: Files,
}

impl World {
    /// The police receive with a post-quantum key.
    #[must_use]
    pub fn hybrid() -> Self {
        Self::new(Identity::hybrid_from_seed(&[77; 32]))
    }

    /// The police list a classic key, for tools that know no other.
    #[must_use]
    pub fn classic() -> Self {
        Self::new(Identity::generate_classic())
    }

    /// The police receive with `seal`.
    ///
    /// # Panics
    /// Never: every name here is well formed.
    #[must_use]
    pub fn new(seal: Identity) -> Self {
        let (school, police) = (secrets(1, Identity::hybrid_from_seed(&[79; 32])), secrets(11, seal));
        let member = |id: &str, name: &str, secrets: &AgencySecrets, sector| Member {
            id: id.parse().expect("an agency's id"),
            name: name.into(),
            sector,
            node: NodeAddress {
                name: "Northshire node".into(),
                addr: "node.northshire.example:443".into(),
                link: key(90).public(),
                sign: key(91).public(),
                log: key(92).public(),
                cosign: key(93).public(),
            },
            keys: secrets.public(),
            phone: Some("01632 960 000".into()),
            authority: Some("Northshire".into()),
        };
        let directory = Directory {
            partnership: "Northshire Safeguarding Children Partnership".into(),
            version: 4,
            issued: at("2026-09-01T00:00:00Z"),
            expires: at("2027-09-01T00:00:00Z"),
            threshold: 1,
            keys: vec![key(99).public()],
            members: vec![
                member(SCHOOL, "Elm Park Primary School", &school, Sector::School),
                member(POLICE, "Northshire Police, Public Protection Unit", &police, Sector::Police),
            ],
        };
        let certificate = Certificate {
            agency: SCHOOL.parse().expect("an agency's id"),
            name: "Ruth Adeyemi".into(),
            role: "Designated Safeguarding Lead".into(),
            key: key(60).public(),
            from: at("2026-09-01T00:00:00Z"),
            until: at("2027-09-01T00:00:00Z"),
        };
        let person = PersonKey { key: key(60), certificate: certificate.sign(&school.sign) };
        Self { directory, school, police, person, files: Files::default() }
    }

    /// The member `id` as the directory lists it.
    ///
    /// # Panics
    /// When it is not one of the two.
    #[must_use]
    pub fn member(&self, id: &str) -> &Member {
        let id = id.parse().expect("an agency's id");
        self.directory.member(&id).expect("one of the two agencies")
    }

    /// A referral with withheld passages, statements of every kind, a photograph and a scanned letter.
    pub fn draft(&mut self) -> Draft {
        let photo = self.files.attach("left arm, 19 November.jpg", "image/jpeg", PHOTO);
        let letter = self.files.attach("../../letter to the parents.txt", "text/plain", LETTER);
        let mut draft = draft();
        draft.records[0].attachments.push(Some(photo.sha256));
        draft.attachments.extend([photo, letter]);
        draft
    }

    /// Puts the draft's records into the school's log, every `apart`-th fact of it.
    pub fn prove(&self, draft: &mut Draft, apart: u64) {
        facts::prove(draft, &self.school.log, apart);
    }

    /// Clears a draft for the police.
    ///
    /// # Panics
    /// When it is refused.
    #[must_use]
    pub fn clear(&self, mut draft: Draft) -> Cleared {
        if draft.evidence.is_none() {
            self.prove(&mut draft, 3);
        }
        draft.clear(self.member(POLICE), now()).unwrap_or_else(|refusals| panic!("not cleared: {refusals:?}"))
    }

    /// Who seals, and when; the names are drawn afresh.
    #[must_use]
    pub fn sealing(&self) -> Sealing<'_> {
        Sealing {
            from: self.member(SCHOOL),
            agency: &self.school.sign,
            person: &self.person,
            now: now(),
            gate_open: SignedDuration::from_hours(14 * 24),
            fresh: Fresh::system(),
        }
    }

    /// Clears and seals a draft in memory.
    ///
    /// # Panics
    /// When it is refused.
    pub fn seal(&mut self, draft: Draft) -> (Sealed, Vec<u8>) {
        let (cleared, mut out) = (self.clear(draft), Vec::new());
        let mut files = self.files.clone();
        let sealed = cleared.seal(&self.sealing(), &mut files, Measured::new(&mut out), &mut |_, _| {});
        (sealed.unwrap_or_else(|error| panic!("not sealed: {error}")), out)
    }

    /// Opens a file as the police, keeping nothing.
    ///
    /// # Errors
    /// As [`open`].
    pub fn open(&self, envelope: Option<&SignedEnvelope>, file: &[u8]) -> Result<Opened, OpenRefused> {
        self.open_into(envelope, file, &mut KeepNothing)
    }

    /// Opens a file as the police from any reader.
    ///
    /// # Errors
    /// As [`open`].
    pub fn open_into(
        &self,
        envelope: Option<&SignedEnvelope>,
        file: impl Read,
        into: &mut dyn AttachmentSink,
    ) -> Result<Opened, OpenRefused> {
        let keys = std::slice::from_ref(&self.police.seal);
        open(keys, envelope, &self.directory, Measured::new(file), into)
    }
}

/// Attachments in memory or on disk, by digest.
#[derive(Debug, Clone, Default)]
pub struct Files {
    held: BTreeMap<Digest, Vec<u8>>,
    on_disk: BTreeMap<Digest, PathBuf>,
}

impl Files {
    /// Puts bytes at hand and says how they are attached.
    pub fn attach(&mut self, name: &str, media_type: &str, bytes: &[u8]) -> Attachment {
        let sha256 = Digest::of(bytes);
        self.held.insert(sha256, bytes.to_vec());
        attachment(sha256, bytes.len() as u64, name, media_type)
    }

    /// Says that the bytes of `attachment` stand in the file `path`.
    pub fn stand_at(&mut self, attachment: &Attachment, path: PathBuf) {
        self.on_disk.insert(attachment.sha256, path);
    }
}

impl AttachmentSource for Files {
    fn open(&mut self, attachment: &Attachment) -> io::Result<Box<dyn Read + '_>> {
        if let Some(path) = self.on_disk.get(&attachment.sha256) {
            return Ok(Box::new(File::open(path)?));
        }
        let bytes = self.held.get(&attachment.sha256).ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(Cursor::new(bytes)))
    }
}

/// An attachment that somebody looked through.
#[must_use]
pub fn attachment(sha256: Digest, size: u64, name: &str, media_type: &str) -> Attachment {
    Attachment {
        sha256,
        size,
        name: name.into(),
        media_type: media_type.into(),
        category: Category::Welfare,
        checked: "Ruth Adeyemi; location data removed; nobody else in it".into(),
        copy_of: Default::default(),
    }
}

const PHOTO: &[u8] = b"\xff\xd8\xff\xe0 not really a photograph \xff\xd9";
const LETTER: &[u8] = b"Dear Ms Oakes,\nplease ring me about Jamie's arm.\nRuth Adeyemi\n";

/// A text with everything of [`WITHHELD`] cut out.
fn redacted(text: &str) -> Vec<DraftSpan> {
    let first =
        WITHHELD.iter().filter_map(|(needle, reason)| Some((text.find(needle)?, needle, reason))).min();
    let Some((at, needle, reason)) = first else {
        return if text.is_empty() { Vec::new() } else { vec![DraftSpan::Text(text.into())] };
    };
    let mut spans = vec![DraftSpan::Text(text[..at].into()), DraftSpan::Withheld(reason.clone())];
    spans.extend(redacted(&text[at + needle.len()..]));
    spans
}

fn draft() -> Draft {
    let end = |id: &str, name: &str| End { id: id.parse().expect("an agency's id"), name: name.into() };
    let ring = Contact {
        name: "Ruth Adeyemi".into(),
        role: "Designated Safeguarding Lead".into(),
        phone: "01632 960 002".into(),
        out_of_hours: Some("07700 900 461".into()),
    };
    Draft {
        second: Second::NotAsked,
        from: end(SCHOOL, "Elm Park Primary School"),
        to: end(POLICE, "Northshire Police, Public Protection Unit"),
        letter: Letter {
            subject: "Referral: Jamie Oakes, aged 9, unexplained bruising".into(),
            why: "Jamie has told a member of staff that an adult at home hurts him, and has a bruise that fits.".into(),
            asked: Asked {
                what: "Hold a strategy discussion with us today, before Jamie goes home at 15:15.".into(),
                by: "2026-11-22T15:15:00".parse().ok(),
                urgency: Urgency::SameDay,
            },
            may_use_for: "Protecting Jamie, and any criminal investigation that follows.".into(),
            ring,
            receipts: [ReceiptAsked::Opened, ReceiptAsked::TakenOnOrDeclined].into(),
        },
        consent: consent(),
        children: vec![Child {
            name: "Jamie Oakes".into(),
            also_known_as: vec!["Jay".into()],
            born: "2017-03-08".parse().ok(),
            identifiers: vec![Identifier { kind: "UPN".into(), value: "B801200005001".into() }],
        }],
        records: vec![disclosure(), call(), meeting()],
        evidence: None,
        attachments: Vec::new(),
        forbidden: WITHHELD
            .iter()
            .map(|(needle, reason)| Forbidden { needle: (*needle).into(), why: reason.words().into(), always: false })
            .collect(),
    }
}

fn record(id: &str, kind: RecordKind, category: ConcernCategory, happened: Happened) -> Record<DraftSpan> {
    Record {
        id: id.parse().expect("a record's id"),
        kind,
        category,
        happened,
        recorded: at("2026-11-20T14:20:00Z"),
        recorded_by: by("Ruth Adeyemi", "Designated Safeguarding Lead"),
        source: source("Jamie's aunt", "by telephone"),
        people: Vec::new(),
        statements: Vec::new(),
        in_danger: None,
        told: Vec::new(),
        done: Vec::new(),
        effect: Vec::new(),
        significance: Significance::None,
        attachments: Vec::new(),
    }
}

fn when(text: &str, precision: Precision) -> Happened {
    Happened { at: text.parse().expect("a local time"), precision }
}

fn said(kind: StatementKind, text: &str) -> Statement<DraftSpan> {
    Statement { kind, text: redacted(text) }
}

fn by(name: &str, role: &str) -> RecordedBy<DraftSpan> {
    RecordedBy { name: redacted(name), role: redacted(role) }
}

fn source(name: &str, role: &str) -> Source<DraftSpan> {
    Source { name: redacted(name), role: redacted(role), agency: Vec::new() }
}

fn person(name: &str, role: Role, relation: &str) -> PersonRole<DraftSpan> {
    PersonRole { name: redacted(name), role, relation: redacted(relation) }
}

fn disclosure() -> Record<DraftSpan> {
    use StatementKind::{ChildsWords, ObservedFact, ProfessionalOpinion, ThirdPartyReport};
    let happened = when("2026-11-19T10:40:00", Precision::About);
    Record {
        recorded: at("2026-11-19T11:05:31Z"),
        recorded_by: by("Tom Iqbal", "class teacher"),
        source: source("Mrs Okonjo-Bright from number 9", "neighbour"),
        people: vec![
            person("Jamie Oakes", Role::Subject, "self"),
            person("Craig Dunn", Role::AllegedInstigator, "mother's partner, lives in the household"),
            person("Lena Marsh", Role::Witness, "friend in the same class"),
        ],
        statements: vec![
            said(
                ObservedFact,
                "Round bruise, about 3 cm across, on the outside of the left upper arm; yellow at the edge.",
            ),
            said(
                ChildsWords,
                "Craig grabbed me because I spilled it. Lena Marsh saw. I don't want to go home when he's there.",
            ),
            said(ThirdPartyReport, "Mrs Okonjo-Bright from number 9 heard shouting two nights running."),
            said(
                ProfessionalOpinion,
                "He seemed frightened rather than upset.\nHe is usually open and cheerful.",
            ),
        ],
        told: redacted("The Designated Safeguarding Lead at 10:55."),
        done: redacted("Body map completed."),
        effect: redacted("Frightened of going home."),
        significance: Significance::High,
        ..record("desk-1.640", RecordKind::Concern, ConcernCategory::Welfare, happened)
    }
}

fn call() -> Record<DraftSpan> {
    let told = "Jamie could stay with her at 4 Heron Walk, NS3 7QT at any time; ring 01632 960 745. His mother is under treatment for a drinking problem.";
    Record {
        statements: vec![said(StatementKind::ThirdPartyReport, told)],
        done: redacted("Passed to MASH by telephone."),
        ..record(
            "desk-1.655",
            RecordKind::PhoneCall,
            ConcernCategory::Health,
            when("2026-11-20T00:00:00", Precision::Day),
        )
    }
}

fn meeting() -> Record<DraftSpan> {
    let wish = "I would like to live with my aunt, or with Uncle Piotr Zielinski.";
    Record {
        statements: vec![said(StatementKind::ChildsWords, wish)],
        source: source("Jamie Oakes", "alone, in the library"),
        ..record(
            "desk-1.661",
            RecordKind::Meeting,
            ConcernCategory::Welfare,
            when("2026-11-20T09:05:00", Precision::Exact),
        )
    }
}

fn consent() -> ConsentRecord {
    let controller = Party {
        id: SCHOOL.parse().expect("an agency's id"),
        name: "Elm Park Primary School".into(),
        address: "Elm Park Lane, Northshire NS1 1AA".into(),
        contact: "Data protection officer".into(),
        phone: "01632 960 001".into(),
    };
    ConsentRecord {
        kith: ConsentVersion::One,
        record_id: "desk-1.812".parse().expect("a record's id"),
        pii_principal_id: vec!["desk-1.77".parse().expect("a record's id")],
        decision: Decision::Share,
        notice: Notice {
            privacy_notice: "Elm Park Primary privacy notice for pupils, version 7".into(),
            language: "en-GB".into(),
            sha256: None,
        },
        purposes: vec!["To let police and social care decide whether Jamie is at risk at home.".into()],
        lawful_basis: Some(LawfulBasis::DutyToShare),
        special_condition: Some(SpecialCondition::Safeguarding),
        pii_controllers: vec![controller],
        recipients: vec![NamedRecipient {
            id: POLICE.parse().expect("an agency's id"),
            name: "Northshire Police, Public Protection Unit".into(),
        }],
        categories: [Category::Identity, Category::Welfare, Category::ChildsVoice, Category::Health].into(),
        validity: Validity {
            from: at("2026-11-20T00:00:00Z"),
            until: at("2027-02-20T00:00:00Z"),
            review: "2027-01-15".parse().ok(),
        },
        withdrawal_method: "Ring or write to the school; what was shared lawfully stays shared.".into(),
        storage_location: "Encrypted casebook of Elm Park Primary School".into(),
        retention_period: "Date of birth + 25 years, then reviewed".into(),
        jurisdiction: "England".into(),
        events: Vec::new(),
        safeguarding: safeguarding(),
    }
}

fn safeguarding() -> Safeguarding {
    Safeguarding {
        family_told: FamilyTold::NotSafe {
            because: "The person alleged to have caused the injury lives in the household.".into(),
        },
        childs_view: "Jamie said: “I want someone to make it stop.”".into(),
        capacity: None,
        parental_responsibility: vec![ParentalResponsibility {
            name: "Dana Oakes".into(),
            relation: "mother".into(),
            evidence: "birth certificate seen at enrolment".into(),
        }],
        level_of_need: Some("Level 4 of the Northshire threshold document: acute need".into()),
        necessity: "Three entries of the last month; nothing older, nothing about siblings.".into(),
        withheld_from: vec![WithheldFrom {
            what: "Where Jamie's aunt lives".into(),
            from_whom: "everyone in the household".into(),
            because: "Jamie may have to stay there.".into(),
        }],
        decided_by: DecidedBy {
            name: "Ruth Adeyemi".into(),
            role: "Designated Safeguarding Lead".into(),
            on: at("2026-11-20T15:40:00Z"),
        },
        advice: Some("Northshire MASH, by telephone".into()),
        onward: OnwardLimit::AskFirst,
    }
}
