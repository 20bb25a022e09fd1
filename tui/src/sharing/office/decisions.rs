//! Decisions that stand by themselves: not to share, signed by who decided and by the agency.

use jiff::{Timestamp, Zoned};
use kith_protocol::{
    consent::{NamedRecipient, NotShared, SignedNotShared},
    ids::AgencyId,
    signed::{Document as _, DocumentError},
};

use super::{Enrolled, Office, OfficeError};
use crate::{
    casework::{command::Command, fact::SignedText, ids::CaseId},
    sharing::{certificate, not_shared::allowed_signers, papers},
};

/// A signed decision in files that `ssh-keygen` reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Byte for byte what was signed.
    pub text: String,
    pub by_person: String,
    pub by_agency: String,
    /// Who may have signed, and with which keys.
    pub allowed_signers: String,
    /// The person, as `allowed_signers` calls them.
    pub person: String,
}

impl Office {
    /// The namespace of such signatures.
    pub const DECISIONS: &str = NotShared::NAMESPACE.as_str();

    /// A decision not to share, verified, for anybody to check.
    ///
    /// # Errors
    /// When it does not verify with the keys that were listed when it was made.
    pub fn not_shared(&self, signed: &SignedText) -> Result<Evidence, OfficeError> {
        let bad = |error: &dyn std::fmt::Display| OfficeError::refused(error.to_string());
        let signed: SignedNotShared = papers::read(signed).map_err(|error| bad(&error))?;
        let directories = self.directories()?;
        let decision = signed.verify(directories).map_err(|error| bad(&error))?;
        let (certificate, keys) = directories
            .judge(decision.at, |directory| {
                let unknown = || DocumentError::UnknownAgency(decision.agency.clone());
                let keys = &directory.member(&decision.agency).ok_or_else(unknown)?.keys;
                let certificate = decision.decided_by.verify(&decision.agency, keys, decision.at)?;
                Ok::<_, DocumentError>((certificate, keys))
            })
            .map_err(|error| bad(&error))?;
        let person = format!("person@{}", decision.agency);
        let mut each = signed.signature.each().map_err(|error| bad(&error))?.into_iter();
        Ok(Evidence {
            by_person: each.next().unwrap_or_default(),
            by_agency: each.next().unwrap_or_default(),
            allowed_signers: allowed_signers(&decision.agency, &certificate, keys),
            person,
            text: signed.text,
        })
    }

    /// A decision not to share gets its signatures, where there are keys to make them with; one to destroy a file gets
    /// that of the person at the keyboard.
    pub(super) fn with_signature(&self, command: Command, now: &Zoned) -> Result<Command, OfficeError> {
        let command = certificate::signed(&self.casebook, command, now)?;
        Ok(match (command, self.enrolled()) {
            (Command::DeclineSharing { case, with, because, .. }, Ok(enrolled)) => {
                self.signs(now.timestamp())?;
                let signed = not_shared(enrolled, case, (&with, &because), now);
                Command::DeclineSharing { case, with, because, signed }
            }
            (command, _) => command,
        })
    }
}

fn not_shared(
    enrolled: &Enrolled,
    case: CaseId,
    (with, because): (&AgencyId, &str),
    now: &Zoned,
) -> Option<SignedText> {
    let name = enrolled.directory.member(with).map_or_else(|| with.to_string(), |member| member.name.clone());
    let decision = NotShared {
        agency: enrolled.me.id.clone(),
        case: case.to_string().parse().ok()?,
        with: NamedRecipient { id: with.clone(), name },
        because: because.to_owned(),
        at: Timestamp::from_second(now.timestamp().as_second()).ok()?,
        decided_by: enrolled.person.certificate.clone(),
    };
    Some(papers::kept(&SignedNotShared::decided(&decision, &enrolled.person, &enrolled.secrets.sign)))
}
