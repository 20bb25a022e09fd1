//! A fictional school, a fictional police unit, and a child who does not exist.

use std::{collections::BTreeMap, io::Cursor};

use jiff::SignedDuration;

use super::{super::*, facts};
use crate::{
    consent::{
        Category,
        tests::{at, record},
    },
    directory::{Directory, Member, NodeAddress, Sector},
    ids::{Digest, GateId, SealId},
    keys::{AgencyKeys, Certificate, PersonKey},
    seal::Identity,
    sign::SigningKey,
};

pub(crate) const NOW: &str = "2026-11-22T09:14:07Z";

pub(crate) fn text(text: &str) -> Vec<DraftSpan> {
    vec![DraftSpan::Text(text.into())]
}

fn key(n: u8) -> SigningKey {
    SigningKey::from_seed(&[n; 32])
}

/// Everybody's keys and the directory that lists them.
pub(crate) struct World {
    pub(crate) directory: Directory,
    pub(crate) person: PersonKey,
    pub(crate) police: Identity,
    pub(crate) other: Identity,
    pub(crate) files: BTreeMap<Digest, Vec<u8>>,
}

impl World {
    pub(crate) fn new() -> Self {
        let (police, other) = (Identity::hybrid_from_seed(&[77; 32]), Identity::hybrid_from_seed(&[78; 32]));
        let member = |id: &str, name: &str, n: u8, seal: &Identity, sector| Member {
            id: id.parse().unwrap(),
            name: name.into(),
            sector,
            node: NodeAddress {
                name: "node".into(),
                addr: "node.example:443".into(),
                link: key(90).public(),
                sign: key(91).public(),
                log: key(92).public(),
                cosign: key(93).public(),
            },
            keys: AgencyKeys {
                sign: key(n).public(),
                log: key(n + 1).public(),
                cosign: key(n + 3).public(),
                link: key(n + 2).public(),
                seal: seal.recipient(),
            },
            phone: None,
            authority: None,
        };
        let school = Identity::hybrid_from_seed(&[79; 32]);
        let certificate = Certificate {
            agency: "elm-park".parse().unwrap(),
            name: "Ruth Adeyemi".into(),
            role: "Designated Safeguarding Lead".into(),
            key: key(60).public(),
            from: at("2026-09-01T00:00:00Z"),
            until: at("2027-09-01T00:00:00Z"),
        };
        Self {
            directory: Directory {
                partnership: "Northshire".into(),
                version: 1,
                issued: at("2026-09-01T00:00:00Z"),
                expires: at("2027-09-01T00:00:00Z"),
                threshold: 1,
                keys: vec![key(99).public()],
                members: vec![
                    member("elm-park", "Elm Park Primary School", 1, &school, Sector::School),
                    member("northshire-police", "Northshire Police", 11, &police, Sector::Police),
                    member("other-school", "Other School", 21, &other, Sector::School),
                ],
            },
            person: PersonKey { key: key(60), certificate: certificate.sign(&key(1)) },
            police,
            other,
            files: BTreeMap::new(),
        }
    }

    pub(crate) fn school(&self) -> &Member {
        self.directory.member(&"elm-park".parse().unwrap()).unwrap()
    }

    pub(crate) fn to(&self) -> &Member {
        self.directory.member(&"northshire-police".parse().unwrap()).unwrap()
    }

    pub(crate) fn agency() -> SigningKey {
        key(1)
    }

    /// Puts a file at hand and says how it is attached.
    pub(crate) fn attach(&mut self, name: &str, bytes: &[u8]) -> Attachment {
        let sha256 = Digest::of(bytes);
        self.files.insert(sha256, bytes.to_vec());
        Attachment {
            sha256,
            size: bytes.len() as u64,
            name: name.into(),
            media_type: "image/jpeg".into(),
            category: Category::Welfare,
            checked: "Ruth Adeyemi; location data removed; shows one bruise and no face".into(),
            copy_of: Default::default(),
        }
    }

    /// A draft with one photograph.
    pub(crate) fn draft(&mut self) -> Draft {
        let photo = self.attach("arm, 19 November.jpg", b"not really a photograph");
        let mut draft = draft();
        draft.records[0].attachments.push(Some(photo.sha256));
        draft.attachments.push(photo);
        draft
    }

    pub(crate) fn clear(&self, mut draft: Draft) -> Result<Cleared, Vec<crate::consent::Refusal>> {
        if draft.evidence.is_none() {
            facts::prove(&mut draft, &key(2), 3);
        }
        draft.clear(self.to(), at(NOW))
    }

    /// What is withheld of one text of a draft's record, as a supplement releases it.
    pub(crate) fn release(
        &self,
        draft: &Draft,
        nth: usize,
        place: Place,
    ) -> (crate::evidence::Proof, Vec<crate::supplement::Released>) {
        self.release_up_to(draft, (nth, place), 1)
    }

    /// The same of all from the first gap of the text to the end of this many.
    pub(crate) fn release_up_to(
        &self,
        draft: &Draft,
        (nth, place): (usize, Place),
        gaps: usize,
    ) -> (crate::evidence::Proof, Vec<crate::supplement::Released>) {
        self.release_of(draft, (nth, place), |marks| marks[0].0.start..marks[gaps - 1].0.end)
    }

    /// The same of a stretch of the text, which may depend on where its gaps are.
    pub(crate) fn release_of(
        &self,
        draft: &Draft,
        (nth, place): (usize, Place),
        stretch: impl FnOnce(&[(std::ops::Range<usize>, Mark)]) -> std::ops::Range<usize>,
    ) -> (crate::evidence::Proof, Vec<crate::supplement::Released>) {
        let mut fact = facts::Fact::default();
        let value = fact.value(&draft.records[nth]);
        let mut cut = |text: &str| fact.cuts.get(text).cloned().unwrap_or_default();
        let body = crate::fact::Body::of(&value, &mut cut).unwrap();
        let leaf = nth as u64 * 3 + 1;
        let seed = crate::evidence::Seed::from_bytes([leaf as u8; 32]);
        let stretch = stretch(fact.marks.get(&place).map_or(&[], |marks| marks.as_slice()));
        Logged { leaf, seed: &seed, body: &body }.release(place, &stretch).unwrap().into()
    }

    pub(crate) fn sealing<'a>(&'a self, agency: &'a SigningKey) -> Sealing<'a> {
        Sealing {
            from: self.school(),
            agency,
            person: &self.person,
            now: at(NOW),
            gate_open: SignedDuration::from_hours(14 * 24),
            fresh: Fresh {
                seal_id: SealId::from_bytes([0xa5; 16]),
                gate: GateId::from_bytes([0x6a; 16]),
                gate_salt: Digest::from_bytes([0x5a; 32]),
            },
        }
    }

    pub(crate) fn seal(&mut self, draft: Draft) -> (Sealed, Vec<u8>) {
        let cleared = self.clear(draft).unwrap();
        let (agency, mut out) = (Self::agency(), Vec::new());
        let mut files = Files(self.files.clone());
        let sealed = cleared
            .seal(&self.sealing(&agency), &mut files, Measured::new(&mut out), &mut |_, _| {})
            .unwrap();
        (sealed, out)
    }

    pub(crate) fn open(
        &self,
        envelope: Option<&crate::envelope::SignedEnvelope>,
        file: &[u8],
        into: &mut Kept,
    ) -> Result<Opened, OpenRefused> {
        let keys = std::slice::from_ref(&self.police);
        open(keys, envelope, &self.directory, Measured::new(file), into)
    }
}

pub(crate) struct Files(pub(crate) BTreeMap<Digest, Vec<u8>>);

impl AttachmentSource for Files {
    fn open(&mut self, attachment: &Attachment) -> std::io::Result<Box<dyn std::io::Read + '_>> {
        let bytes = self.0.get(&attachment.sha256).ok_or(std::io::ErrorKind::NotFound)?;
        Ok(Box::new(Cursor::new(bytes)))
    }
}

/// Remembers what it was told.
#[derive(Default)]
pub(crate) struct Kept {
    pub(crate) files: Vec<(String, Vec<u8>)>,
    pub(crate) committed: bool,
    pub(crate) discarded: bool,
}

impl AttachmentSink for Kept {
    fn begin(&mut self, attachment: &Attachment) -> std::io::Result<()> {
        self.files.push((attachment.name.clone(), Vec::new()));
        Ok(())
    }
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.files.last_mut().unwrap().1.extend_from_slice(bytes);
        Ok(())
    }
    fn commit(&mut self) -> std::io::Result<()> {
        self.committed = true;
        Ok(())
    }
    fn discard(&mut self) {
        self.files.clear();
        self.discarded = true;
    }
}

/// A referral with withheld passages and every kind of statement.
pub(crate) fn draft() -> Draft {
    let end = |id: &str, name: &str| End { id: id.parse().unwrap(), name: name.into() };
    Draft {
        from: end("elm-park", "Elm Park Primary School"),
        to: end("northshire-police", "Northshire Police, Public Protection Unit"),
        letter: Letter {
            subject: "Referral: Jamie Oakes, aged 9, unexplained bruising".into(),
            why: "Jamie has told a member of staff that an adult at home hurts him, and has a bruise that fits.".into(),
            asked: Asked {
                what: "Hold a strategy discussion with us before Jamie goes home on Monday at 15:15.".into(),
                by: Some("2026-11-23T15:15:00".parse().unwrap()),
                urgency: Urgency::ByDate,
            },
            may_use_for: "Protecting Jamie, and any criminal investigation that follows.".into(),
            ring: Contact {
                name: "Ruth Adeyemi".into(),
                role: "Designated Safeguarding Lead".into(),
                phone: "01632 960 002".into(),
                out_of_hours: Some("07700 900 461".into()),
            },
            receipts: [ReceiptAsked::Opened, ReceiptAsked::TakenOnOrDeclined].into(),
        },
        consent: record(),
        children: vec![Child {
            name: "Jamie Oakes".into(),
            also_known_as: vec!["Jay".into()],
            born: Some("2017-03-08".parse().unwrap()),
            identifiers: vec![Identifier { kind: "UPN".into(), value: "B801200005001".into() }],
        }],
        records: vec![disclosure(), call()],
        evidence: None,
        attachments: Vec::new(),
        second: Second::NotAsked,
        forbidden: vec![
            Forbidden { needle: "4 Heron Walk, NS3 7QT".into(), why: "the aunt's protected address".into(), always: true },
            Forbidden { needle: "Lena Marsh".into(), why: "the name of another child".into(), always: false },
        ],
    }
}

fn disclosure() -> Record<DraftSpan> {
    let person = |name, role, relation: &str| PersonRole { name, role, relation: text(relation) };
    Record {
        id: "desk-1.640".parse().unwrap(),
        kind: RecordKind::Concern,
        category: ConcernCategory::Welfare,
        happened: Happened { at: "2026-11-19T10:40:00".parse().unwrap(), precision: Precision::About },
        recorded: at("2026-11-19T11:05:31Z"),
        recorded_by: by("Tom Iqbal", "class teacher"),
        source: Source { name: text("Tom Iqbal"), role: text("class teacher"), agency: Vec::new() },
        people: vec![
            person(text("Jamie Oakes"), Role::Subject, "self"),
            person(text("Craig Dunn"), Role::AllegedInstigator, "mother's partner, lives in the household"),
            person(
                vec![DraftSpan::Withheld(Reason::ThirdPartyChild)],
                Role::Witness,
                "friend in the same class",
            ),
        ],
        statements: said(),
        in_danger: Some(text("Kept in school until the police had rung back.")),
        told: text("The Designated Safeguarding Lead at 10:55."),
        done: text("Body map completed."),
        effect: text("Frightened of going home."),
        significance: Significance::High,
        attachments: Vec::new(),
    }
}

fn by(name: &str, role: &str) -> RecordedBy<DraftSpan> {
    RecordedBy { name: text(name), role: text(role) }
}

/// One statement of each kind.
fn said() -> Vec<Statement<DraftSpan>> {
    let statement = |kind, text| Statement { kind, text };
    vec![
        statement(
            StatementKind::ObservedFact,
            text(
                "Round bruise, about 3 cm across, on the outside of the left upper arm; yellow at the edge.",
            ),
        ),
        statement(
            StatementKind::ChildsWords,
            vec![
                DraftSpan::Text("Craig grabbed me because I spilled it. ".into()),
                DraftSpan::Withheld(Reason::ThirdPartyChild),
                DraftSpan::Text(" saw. I don't want to go home when he's there.".into()),
            ],
        ),
        statement(StatementKind::ThirdPartyReport, vec![DraftSpan::Withheld(Reason::Informant)]),
        statement(
            StatementKind::ProfessionalOpinion,
            text("He seemed frightened rather than upset.\nHe is usually open and cheerful."),
        ),
    ]
}

fn call() -> Record<DraftSpan> {
    Record {
        id: "desk-1.655".parse().unwrap(),
        kind: RecordKind::PhoneCall,
        category: ConcernCategory::Health,
        happened: Happened { at: "2026-11-20T00:00:00".parse().unwrap(), precision: Precision::Day },
        recorded: at("2026-11-20T14:20:00Z"),
        recorded_by: by("Ruth Adeyemi", "Designated Safeguarding Lead"),
        source: Source {
            name: vec![DraftSpan::Withheld(Reason::ThirdPartyAdult)],
            role: text("aunt"),
            agency: Vec::new(),
        },
        people: Vec::new(),
        statements: vec![Statement {
            kind: StatementKind::ThirdPartyReport,
            text: vec![
                DraftSpan::Text("Jamie could stay with her at ".into()),
                DraftSpan::Withheld(Reason::ContactOrAddress),
                DraftSpan::Text(" at any time.".into()),
                DraftSpan::Withheld(Reason::Other("would tell the household of a plan".into())),
            ],
        }],
        in_danger: None,
        told: Vec::new(),
        done: text("Passed to MASH by telephone."),
        effect: Vec::new(),
        significance: Significance::None,
        attachments: vec![None],
    }
}
