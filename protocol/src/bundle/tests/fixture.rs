//! A fictional school, a fictional police unit, and a child who does not exist.

use std::{collections::BTreeMap, io::Cursor};

use jiff::SignedDuration;

use super::super::*;
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
        }
    }

    /// A draft with one photograph.
    pub(crate) fn draft(&mut self) -> Draft {
        let photo = self.attach("arm, 19 November.jpg", b"not really a photograph");
        let mut draft = draft();
        draft.records[0].attachments.push(photo.sha256);
        draft.attachments.push(photo);
        draft
    }

    pub(crate) fn clear(&self, draft: Draft) -> Result<Cleared, Vec<crate::consent::Refusal>> {
        draft.clear(self.to(), at(NOW))
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
        attachments: Vec::new(),
        second: Second::NotAsked,
        forbidden: vec![
            Forbidden { needle: "4 Heron Walk, NS3 7QT".into(), why: "the aunt's protected address".into() },
            Forbidden { needle: "Lena Marsh".into(), why: "the name of another child".into() },
        ],
    }
}

fn disclosure() -> Record<DraftSpan> {
    let person = |name, role, relation: &str| PersonRole { name, role, relation: text(relation) };
    Record {
        id: "desk-1.640".parse().unwrap(),
        kind: RecordKind::Concern,
        category: Category::Welfare,
        headline: text("Bruise on upper arm; Jamie says who did it"),
        happened: Happened {
            at: "2026-11-19T10:40:00".parse().unwrap(),
            until: None,
            precision: Precision::AboutTime,
        },
        recorded: at("2026-11-19T11:05:31Z"),
        recorded_by: text("Tom Iqbal, class teacher"),
        source: text("Seen and heard by the writer during reading time"),
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
        action_taken: text("Told the Designated Safeguarding Lead at 10:55. Body map completed."),
        significance: text("First disclosure; second injury this term."),
        effect_on_child: text("Frightened of going home."),
        attachments: Vec::new(),
    }
}

/// One statement of each kind.
fn said() -> Vec<Statement<DraftSpan>> {
    let statement = |kind, by: &str, spans| Statement {
        kind,
        by: if by.is_empty() { Vec::new() } else { text(by) },
        text: spans,
    };
    vec![
        statement(
            StatementKind::ObservedFact,
            "",
            text(
                "Round bruise, about 3 cm across, on the outside of the left upper arm; yellow at the edge.",
            ),
        ),
        statement(
            StatementKind::ChildsWords,
            "Jamie Oakes",
            vec![
                DraftSpan::Text("Craig grabbed me because I spilled it. ".into()),
                DraftSpan::Withheld(Reason::ThirdPartyChild),
                DraftSpan::Text(" saw. I don't want to go home when he's there.".into()),
            ],
        ),
        statement(
            StatementKind::ThirdPartyReport,
            "a parent at the gate",
            vec![DraftSpan::Withheld(Reason::Informant)],
        ),
        statement(
            StatementKind::ProfessionalOpinion,
            "Tom Iqbal",
            text("He seemed frightened rather than upset.\nHe is usually open and cheerful."),
        ),
    ]
}

fn call() -> Record<DraftSpan> {
    Record {
        id: "desk-1.655".parse().unwrap(),
        kind: RecordKind::Call,
        category: Category::Health,
        headline: text("Aunt rings: Jamie has slept badly for weeks"),
        happened: Happened {
            at: "2026-11-20T00:00:00".parse().unwrap(),
            until: None,
            precision: Precision::Day,
        },
        recorded: at("2026-11-20T14:20:00Z"),
        recorded_by: text("Ruth Adeyemi, Designated Safeguarding Lead"),
        source: text("Telephone call from the aunt"),
        people: Vec::new(),
        statements: vec![Statement {
            kind: StatementKind::ThirdPartyReport,
            by: text("the aunt"),
            text: vec![
                DraftSpan::Text("Jamie could stay with her at ".into()),
                DraftSpan::Withheld(Reason::ContactOrAddress),
                DraftSpan::Text(" at any time.".into()),
                DraftSpan::Withheld(Reason::Other("would tell the household of a plan".into())),
            ],
        }],
        action_taken: text("Passed to MASH by telephone."),
        significance: Vec::new(),
        effect_on_child: Vec::new(),
        attachments: Vec::new(),
    }
}
