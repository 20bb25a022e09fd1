//! Who signs by name: persons' keys, the agency's certificates for them, and their renewal before they end.

use jiff::{SignedDuration, Timestamp, Zoned};
use kith_protocol::{
    ids::AgencyId,
    keys::{AgencySecrets, Certificate, CertificateError, PersonKey, SignedCertificate, generate_signing},
    sign::VerifyingKey,
};

use super::office::{Office, OfficeError};
use crate::{casework::fact::Author, store::Casebook, text};

/// How long a person's certificate is good for.
pub const CERTIFIED: SignedDuration = SignedDuration::from_hours(366 * 24);
/// With less left than this it is renewed.
pub const RENEWED: SignedDuration = SignedDuration::from_hours(60 * 24);

/// A new signing key for a person, certified by the agency for a year.
#[must_use]
pub fn certified(secrets: &AgencySecrets, agency: &AgencyId, user: &Author, now: Timestamp) -> PersonKey {
    let key = generate_signing();
    let certificate = certificate(secrets, (agency, user), key.public(), now);
    PersonKey { key, certificate }
}

fn certificate(
    secrets: &AgencySecrets,
    (agency, user): (&AgencyId, &Author),
    key: VerifyingKey,
    now: Timestamp,
) -> SignedCertificate {
    let certificate = Certificate {
        agency: agency.clone(),
        name: user.name.clone(),
        role: user.role.clone(),
        key,
        from: begun(now),
        until: now.saturating_add(CERTIFIED).unwrap_or(Timestamp::MAX),
    };
    certificate.sign(&secrets.sign)
}

/// The second that `now` lies in: bundles are dated to the second, and what begins within it must hold for them.
#[must_use]
pub fn begun(now: Timestamp) -> Timestamp {
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

/// Certifies the signing key of the person who opened the casebook anew, when the certificate does not hold or soon will
/// not. The key stays; the new certificate is a fact. Gives what a person must be told when that could not be done.
pub fn renew(book: &mut Casebook, now: &Zoned) -> Option<String> {
    let at = now.timestamp();
    let failed = |ends: &str, why: &dyn std::fmt::Display| {
        format!(
            "your certificate {ends} and could not be renewed: {why}. Without it nothing is signed in your name"
        )
    };
    let (secrets, person, session) = match (book.agency_secrets(), book.person_key(), book.session()) {
        (Ok(Some(secrets)), Ok(Some(person)), Ok(session)) => (secrets, person, session),
        // Before the agency has keys there is nothing to renew.
        (Ok(_), Ok(_), Ok(_)) => return None,
        (Err(error), ..) | (_, Err(error), _) | (.., Err(error)) => {
            return Some(failed("was not looked at", &error));
        }
    };
    let keys = secrets.public();
    let day = |at: Timestamp| text::date(at.to_zoned(now.time_zone().clone()).date());
    let ends = match person.certificate.verify(&session.agency, &keys, at) {
        Ok(held) if held.until.duration_since(at) >= RENEWED => return None,
        Ok(held) => format!("ends on {}", day(held.until)),
        Err(CertificateError::Expired { until }) => format!("ended on {}", day(until)),
        Err(_) => "does not hold".to_owned(),
    };
    let anew = certificate(&secrets, (&session.agency, &session.user), person.key.public(), at);
    if let Err(why) = anew.verify(&session.agency, &keys, at) {
        return Some(failed(&ends, &why));
    }
    let person = PersonKey { certificate: anew, ..person };
    book.certify_anew(&person, at).err().map(|why| failed(&ends, &why))
}

impl Office {
    /// Renews the certificate of the person at the keyboard, if it is time. Gives what there is to say, the first time; it
    /// stays on the opening screen.
    ///
    /// # Errors
    /// When the casebook cannot be read.
    pub fn renew_certificate(&mut self, now: &Zoned) -> Result<Option<String>, OfficeError> {
        let before = std::mem::replace(&mut self.certificate_warning, renew(&mut self.casebook, now));
        if self.enrolled().is_ok() && self.signs(now.timestamp()).is_err() {
            self.reload(now)?;
        }
        Ok(self.certificate_warning.clone().filter(|_| before != self.certificate_warning))
    }

    /// What there is to say of the certificate of the person at the keyboard.
    #[must_use]
    pub fn certificate_warning(&self) -> Option<&str> {
        self.certificate_warning.as_deref()
    }

    /// The person at the keyboard, to sign now.
    ///
    /// # Errors
    /// Refuses when their certificate does not hold, and says what to do.
    pub(in crate::sharing) fn signs(&self, now: Timestamp) -> Result<&PersonKey, OfficeError> {
        let enrolled = self.enrolled()?;
        let held = enrolled.person.certificate.verify(&self.session.agency, &enrolled.me.keys, now);
        match held {
            Ok(_) => Ok(&enrolled.person),
            Err(why) => Err(OfficeError::refused(format!(
                "nothing can be signed in your name: {why}. Lock and unlock the casebook, which renews it; `kith unlock` says why if it cannot"
            ))),
        }
    }
}
