//! What may be filed: the sender's consent check run again, by the recipient, and every result in words.

use jiff::Timestamp;
use serde::Serialize;

use super::{
    Bundle, Measure, NOT_PROVEN, Opened, Proven, Unproven, clear::categories, clear::withheld, since::Since,
};
use crate::{
    approval::ApprovalError,
    consent::{Refusal, scope_refusals},
    directory::{CLOCK_SKEW, Directories, Directory},
    gate::{SignedGate, commit},
    ids::{AgencyId, BundleId},
    keys::{Certificate, CertificateError},
    log::{CheckpointError, NotLater, Policy, Witnessed},
    sign::{Namespace, SignatureError, SignatureSet},
    signed::DocumentError,
};

/// A bundle that may be filed.
#[derive(Debug)]
pub struct Verified {
    bundle: Bundle,
    id: Option<BundleId>,
    measure: Option<Measure>,
    signer: Certificate,
    checks: Vec<Check>,
    document: String,
    sums: String,
    signatures: SignatureSet,
    proven: Option<Proven>,
    replaced: Option<Timestamp>,
}

/// One thing that was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// A stable short name, for programs.
    pub what: What,
    pub outcome: Outcome,
    /// For people.
    pub explanation: String,
}

/// What was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    Sender,
    Person,
    SecondPerson,
    Recipient,
    Files,
    /// The words are the recorded words.
    Recorded,
    /// Somebody else has signed the log.
    Witnessed,
    /// By when each record was recorded, as others than the sender know it.
    NoLater,
    Withheld,
    NotProven,
    Envelope,
    Gate,
    Scope,
    StillValid,
    Page,
    Strength,
    /// The sender's log goes on from what was seen of it before.
    GoesOn,
    /// By which directory it was judged.
    Directory,
    /// What became of the sender in the directory since.
    Since,
    /// How new the newest directory is.
    Newest,
}

/// How it came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Holds,
    /// Read the explanation before relying on it.
    Caution,
    /// It could not be checked with what there is.
    NotChecked,
}

/// Why a bundle is not filed, though its sender did sign it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyRefused {
    #[error("it is for {to}, not for us: do not read on, and tell the sender")]
    ForAnother { to: AgencyId },
    #[error("the sender {from} is not in the directory; fetch the newest one")]
    UnknownSender { from: AgencyId },
    #[error("it is dated {created}, which is yet to come: one of the two clocks is wrong")]
    FromTheFuture { created: Timestamp },
    #[error("the certificate of the person who signed does not hold: {0}")]
    Certificate(#[from] CertificateError),
    #[error("the person named did not sign it: {0}")]
    Person(SignatureError),
    #[error("the second person's check that it carries does not hold: {0}")]
    Approval(#[from] ApprovalError),
    #[error("the gate it came through is not to be believed: {0}")]
    Gate(#[from] DocumentError),
    #[error("the gate it came through was made for something else")]
    OtherGate,
    #[error("{0}. It is the sender's to explain")]
    Unproven(#[from] Unproven),
    #[error("what others are said to have signed of its log since does not hold: {0}")]
    Witnesses(#[from] CheckpointError),
    #[error("the note of who signed its log since says nothing of this bundle: {0}")]
    Later(NotLater),
    #[error("{0}. It is the sender's to explain")]
    Forked(NotLater),
    #[error("its counts of what is withheld do not match its records")]
    Counts,
    #[error(
        "it goes beyond the sender's own record: {} Ring the sender before anything else.",
        .0.iter().map(Refusal::reason).collect::<Vec<_>>().join(" ")
    )]
    OutOfScope(Vec<Refusal>),
}

impl Opened {
    /// Runs the sender's check again, as of the moment of sealing and by the directory in force then, and says what else
    /// is known: what became of the sender since, and whether the newest directory has run out.
    ///
    /// # Errors
    /// It is not for `me`, no named person of the sender signed it, or it goes beyond its consent record.
    pub fn verify<'a>(
        self,
        directories: impl Into<Directories<'a>>,
        me: &AgencyId,
        now: Timestamp,
    ) -> Result<Verified, VerifyRefused> {
        self.judged(directories.into(), Some(me), now)
    }

    /// As [`Self::verify`], for whoever the files were given to: whom it was sealed to is not seen, all else is.
    ///
    /// # Errors
    /// As [`Self::verify`], but for [`VerifyRefused::ForAnother`].
    pub fn verify_as_stranger<'a>(
        self,
        directories: impl Into<Directories<'a>>,
        now: Timestamp,
    ) -> Result<Verified, VerifyRefused> {
        self.judged(directories.into(), None, now)
    }

    fn judged(
        self,
        directories: Directories<'_>,
        me: Option<&AgencyId>,
        now: Timestamp,
    ) -> Result<Verified, VerifyRefused> {
        let Bundle { from, to, created, consent, records, attachments, .. } = &self.bundle;
        if me.is_some_and(|me| to.id != *me) {
            return Err(VerifyRefused::ForAnother { to: to.id.clone() });
        }
        if created.duration_since(now) > CLOCK_SKEW {
            return Err(VerifyRefused::FromTheFuture { created: *created });
        }
        let directory = directories.listing(&from.id, &self.key, *created);
        let unknown = || VerifyRefused::UnknownSender { from: from.id.clone() };
        let directory = directory.ok_or_else(unknown)?;
        let signer = self.person(directory)?;
        let second = self.second_person(directory)?;
        let scope = scope_refusals(consent.get(), &to.id, &categories(records, attachments), *created);
        if !scope.is_empty() {
            return Err(VerifyRefused::OutOfScope(scope));
        }
        if withheld(records) != self.bundle.withheld {
            return Err(VerifyRefused::Counts);
        }
        let mut proven = self.proven.clone();
        if let Some(proven) = &mut proven {
            proven.witnessed = self.bundle.witnessed(directory, now)?;
            if let Some(policy) = Policy::for_agency(directory, &from.id) {
                proven.witnessed =
                    self.witnessed_since(proven.witnessed.take(), (&policy, directory), now)?;
            }
        }
        let mut checks = vec![
            check(What::Sender, format!("{} ({}) signed it.", from.name, from.id)),
            check(What::Person, format!("{}, {}, signed it as a named person.", signer.name, signer.role)),
            self.recipient(),
            check(What::Files, "Every file is exactly as it was signed, and there is no other.".to_owned()),
            self.envelope_check(),
            self.gate_check(directory)?,
            check(What::Scope, "All of it is within the sender's record of the decision.".to_owned()),
            self.still_valid(now),
            self.page_check(),
            self.strength(directory),
        ];
        if let Some(proven) = &proven {
            checks.extend([recorded(proven, &self.bundle), witnessed(proven)]);
            checks.extend(no_later(proven));
        }
        checks.extend([self.withheld_words(), not_proven()]);
        checks.extend(second);
        let since = Since::new(directories, directory, &from.id, &self.key);
        checks.extend(since.checks(*created, now));
        let replaced = since.replaced;
        let Self { bundle, envelope, measure, document, sums, signatures, .. } = self;
        let id = envelope.map(|(id, _)| id);
        Ok(Verified { bundle, id, measure, signer, checks, document, sums, signatures, proven, replaced })
    }

    /// With what is known since of who signed the log that it shows, or a later one that goes on from it.
    fn witnessed_since(
        &self,
        sealed: Option<Witnessed>,
        (policy, directory): (&Policy, &Directory),
        now: Timestamp,
    ) -> Result<Option<Witnessed>, VerifyRefused> {
        let Bundle { from, evidence, .. } = &self.bundle;
        let (Some(evidence), Some(sender)) = (evidence, directory.member(&from.id)) else {
            return Ok(sealed);
        };
        let mut found = sealed;
        let shown = evidence.log.checkpoint.claims()?;
        for later in &self.later {
            later.goes_on_from(&shown, &sender.keys.log).map_err(|why| match why {
                NotLater::Forked { .. } => VerifyRefused::Forked(why),
                _ => VerifyRefused::Later(why),
            })?;
            let more = policy.judge(&later.checkpoint, now)?;
            found = Some(match found {
                Some(found) => found.and(more),
                None => more,
            });
        }
        Ok(found)
    }

    fn person(&self, directory: &Directory) -> Result<Certificate, VerifyRefused> {
        let Bundle { from, signed_by, created, .. } = &self.bundle;
        let unknown = || VerifyRefused::UnknownSender { from: from.id.clone() };
        let sender = directory.member(&from.id).ok_or_else(unknown)?;
        let certificate = signed_by.verify(&from.id, &sender.keys, *created)?;
        (certificate.key.verify(Namespace::Bundle, self.sums.as_bytes(), &self.signatures))
            .map_err(VerifyRefused::Person)?;
        Ok(certificate)
    }

    fn second_person(&self, directory: &Directory) -> Result<Option<Check>, VerifyRefused> {
        let Bundle { from, to, created, approval, .. } = &self.bundle;
        let Some(signed) = approval else { return Ok(None) };
        let unknown = || VerifyRefused::UnknownSender { from: from.id.clone() };
        let sender = directory.member(&from.id).ok_or_else(unknown)?;
        let approved = signed.verify((&from.id, &sender.keys), *created)?;
        approved.fits(&to.id, &self.document)?;
        let (first, second) = (approved.proposed_by(), approved.checked_by());
        Ok(Some(check(
            What::SecondPerson,
            format!(
                "{}, {}, proposed exactly this; {}, {}, checked it. Both signed.",
                first.name, first.role, second.name, second.role
            ),
        )))
    }

    fn recipient(&self) -> Check {
        let to = &self.bundle.to;
        if self.measure.is_some() {
            return check(What::Recipient, format!("It was sealed to us, {}, and to nobody else.", to.name));
        }
        let explanation = format!(
            "It was made for {} ({}). The files lie open: who has seen them since is not known.",
            to.name, to.id
        );
        Check { what: What::Recipient, outcome: Outcome::NotChecked, explanation }
    }

    fn envelope_check(&self) -> Check {
        match &self.envelope {
            None if self.measure.is_none() => Check {
                what: What::Envelope,
                outcome: Outcome::NotChecked,
                explanation: "The sealed file and its envelope are not here.".to_owned(),
            },
            Some((id, _)) => check(What::Envelope, format!("Its signed envelope matches; bundle {id}.")),
            None => Check {
                what: What::Envelope,
                outcome: Outcome::Caution,
                explanation: "It came without its envelope, so it could have been re-sealed by somebody who had opened it. The content is as signed; who else has seen it is not known.".to_owned(),
            },
        }
    }

    fn gate_check(&self, directory: &Directory) -> Result<Check, VerifyRefused> {
        let Some(signed) = &self.gate else {
            let explanation = "The gate did not come with it, so its commitment was not compared.".to_owned();
            return Ok(Check { what: What::Gate, outcome: Outcome::NotChecked, explanation });
        };
        self.gate_is_ours(signed, directory)?;
        let words = "The gate it came through commits to exactly this record of the decision.";
        Ok(check(What::Gate, words.to_owned()))
    }

    fn gate_is_ours(&self, signed: &SignedGate, directory: &Directory) -> Result<(), VerifyRefused> {
        let gate = signed.verify(directory)?;
        let bundle = &self.bundle;
        let commitment = commit(bundle.gate_salt.as_bytes(), bundle.consent.text().as_bytes());
        let theirs = (&gate.id, &gate.from, &gate.to, &gate.commitment);
        if theirs == (&bundle.gate, &bundle.from.id, &bundle.to.id, &commitment) {
            Ok(())
        } else {
            Err(VerifyRefused::OtherGate)
        }
    }

    fn still_valid(&self, now: Timestamp) -> Check {
        let until = self.bundle.consent.get().validity.until;
        let day = until.strftime("%-d %B %Y");
        if now < until {
            return check(What::StillValid, format!("The sender's record holds until {day}."));
        }
        let explanation = format!(
            "The sender's record ended on {day}, after this was sent. Before using it further, record your own basis."
        );
        Check { what: What::StillValid, outcome: Outcome::Caution, explanation }
    }

    fn page_check(&self) -> Check {
        if self.page_is_ours {
            return check(What::Page, "index.html says exactly what bundle.json says.".to_owned());
        }
        let explanation = "index.html is as its sender signed it, and is not what this version makes of bundle.json: another version may have made it. Rely on bundle.json, which is what is shown here.".to_owned();
        Check { what: What::Page, outcome: Outcome::Caution, explanation }
    }

    fn withheld_words(&self) -> Check {
        let each = self.bundle.withheld.iter();
        let each: Vec<String> = each
            .map(|one| format!("{} as {} ({})", one.count, one.reason.number(), one.reason.words()))
            .collect();
        check(
            What::Withheld,
            match each.as_slice() {
                [] => "No passage is withheld from the records shown.".to_owned(),
                _ => format!("Passages withheld, each marked where it stood: {}.", each.join("; ")),
            },
        )
    }

    fn strength(&self, directory: &Directory) -> Check {
        if self.measure.is_none() {
            let explanation =
                "To which kind of key it was sealed cannot be seen from opened files.".to_owned();
            return Check { what: What::Strength, outcome: Outcome::NotChecked, explanation };
        }
        let to = directory.member(&self.bundle.to.id).map(|member| &member.keys.seal);
        let ours = to.filter(|key| key.fingerprint() == self.bundle.recipient_key);
        match ours.map(crate::seal::Recipient::strength) {
            Some(crate::seal::Strength::PostQuantum) => {
                check(What::Strength, "It was sealed with post-quantum keys.".to_owned())
            }
            Some(crate::seal::Strength::Classic) => Check {
                what: What::Strength,
                outcome: Outcome::Caution,
                explanation: "It was sealed to a classic key, which may not stay closed for a child's lifetime. List a post-quantum key.".to_owned(),
            },
            None => Check {
                what: What::Strength,
                outcome: Outcome::Caution,
                explanation: "It was sealed to a key of ours that the directory did not list then.".to_owned(),
            },
        }
    }
}

fn not_proven() -> Check {
    let explanation = format!("Not proven: {}.", NOT_PROVEN.map(|(_, words)| words).join("; "));
    Check { what: What::NotProven, outcome: Outcome::NotChecked, explanation }
}

fn recorded(proven: &Proven, bundle: &Bundle) -> Check {
    check(What::Recorded, format!("{proven} {} signed it.", bundle.from.name))
}

fn witnessed(proven: &Proven) -> Check {
    let outcome = if proven.since().is_some() { Outcome::Holds } else { Outcome::Caution };
    Check { what: What::Witnessed, outcome, explanation: proven.witnesses() }
}

fn no_later(proven: &Proven) -> Option<Check> {
    proven.no_later().map(|explanation| check(What::NoLater, explanation))
}

impl Verified {
    /// What is proven of its records; none when it has none.
    #[must_use]
    pub const fn proven(&self) -> Option<&Proven> {
        self.proven.as_ref()
    }

    /// What was sent.
    #[must_use]
    pub const fn bundle(&self) -> &Bundle {
        &self.bundle
    }

    /// What was checked, and how it came out.
    #[must_use]
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// The bundle's id; none when it came without its envelope.
    #[must_use]
    pub const fn id(&self) -> Option<BundleId> {
        self.id
    }

    /// Digest and size of the sealed file; none when the files lay open.
    #[must_use]
    pub const fn measure(&self) -> Option<Measure> {
        self.measure
    }

    /// The person who signed it.
    #[must_use]
    pub const fn signer(&self) -> &Certificate {
        &self.signer
    }

    /// The exact `bundle.json`, to be kept: the file list names its digest.
    #[must_use]
    pub fn document(&self) -> &str {
        &self.document
    }

    /// The exact `SHA256SUMS`, and the signatures over it.
    #[must_use]
    pub fn signed_sums(&self) -> (&str, &SignatureSet) {
        (&self.sums, &self.signatures)
    }

    /// When a directory first listed another signing key for the sender than the one that signed this, or the sender no
    /// more. Who has the old key could have made this since, and dated it back.
    #[must_use]
    pub const fn replaced(&self) -> Option<Timestamp> {
        self.replaced
    }

    /// What was sent, to be filed.
    #[must_use]
    pub fn into_bundle(self) -> Bundle {
        self.bundle
    }
}

pub(super) const fn check(what: What, explanation: String) -> Check {
    Check { what, outcome: Outcome::Holds, explanation }
}
