//! Keys with one job each: an agency's, and those of the persons who sign for it.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use base64ct::{Base64, Encoding as _};
use jiff::Timestamp;
use rand::RngCore as _;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{
    document::{BadDocument, Kind, is_plain_name},
    ids::AgencyId,
    seal::{Identity, Recipient},
    sign::{Namespace, SignatureError, SignatureSet, SigningKey, VerifyingKey},
};

/// Longest name or role in a certificate, in characters.
pub const MAX_NAME: usize = 120;

const CERTIFICATE: Kind = Kind { name: "certificate", version: 1, limit: 4 * 1024 };
const SECRETS: Kind = Kind { name: "agency-secrets", version: 1, limit: 4 * 1024 };
const PERSON: Kind = Kind { name: "person-secrets", version: 1, limit: 16 * 1024 };

/// An agency's public keys, as the directory lists them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgencyKeys {
    /// Signs the agency's documents and its persons' certificates.
    pub sign: VerifyingKey,
    /// Signs checkpoints of the agency's own logs; works while the casebook is locked.
    pub log: VerifyingKey,
    /// Cosigns the checkpoints of others, as their witness; works while the casebook is locked.
    pub cosign: VerifyingKey,
    /// Speaks on the wire, and signs that something was delivered; works while the casebook is locked.
    pub link: VerifyingKey,
    /// Bundles for the agency are sealed to it.
    pub seal: Recipient,
}

impl AgencyKeys {
    /// The four keys that sign.
    #[must_use]
    pub const fn signing(&self) -> [VerifyingKey; 4] {
        [self.sign, self.log, self.cosign, self.link]
    }

    /// Whether no key has two jobs.
    #[must_use]
    pub fn one_job_each(&self) -> bool {
        BTreeSet::from(self.signing()).len() == self.signing().len()
    }
}

/// An agency's secret keys. They are kept only inside an encrypted store; wiped when dropped, never printed.
#[derive(Debug, Clone)]
pub struct AgencySecrets {
    pub sign: SigningKey,
    pub log: SigningKey,
    pub cosign: SigningKey,
    pub link: SigningKey,
    pub seal: Identity,
}

impl AgencySecrets {
    /// New keys from the system's randomness; the sealing key is post-quantum.
    #[must_use]
    pub fn generate() -> Self {
        Self {
            sign: generate_signing(),
            log: generate_signing(),
            cosign: generate_signing(),
            link: generate_signing(),
            seal: Identity::generate_hybrid(),
        }
    }

    /// The public halves.
    #[must_use]
    pub fn public(&self) -> AgencyKeys {
        AgencyKeys {
            sign: self.sign.public(),
            log: self.log.public(),
            cosign: self.cosign.public(),
            link: self.link.public(),
            seal: self.seal.recipient(),
        }
    }

    /// The secret text for an encrypted store: `{"kith":"agency-secrets/1",…}`, seeds in base64.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        let [sign, log, cosign, link] = [&self.sign, &self.log, &self.cosign, &self.link].map(seed_text);
        let seal = self.seal.secret_text();
        let text = SecretsText { sign: &sign, log: &log, cosign: &cosign, link: &link, seal: &seal };
        Zeroizing::new(SECRETS.write(&text))
    }

    /// Reads what [`Self::to_text`] wrote.
    ///
    /// # Errors
    /// Says that the text is of another kind or damaged, never what stands in it.
    pub fn from_text(text: &str) -> Result<Self, BadDocument> {
        let fields = SECRETS.fields(text)?;
        let SecretsText { sign, log, cosign, link, seal } = SECRETS.parse(&fields)?;
        let key = |text| read_seed(text).ok_or(SECRETS.refused("a signing key is damaged"));
        let seal = seal.parse().map_err(|_| SECRETS.refused("the sealing key is damaged"))?;
        Ok(Self { sign: key(sign)?, log: key(log)?, cosign: key(cosign)?, link: key(link)?, seal })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SecretsText<'a> {
    sign: &'a str,
    log: &'a str,
    cosign: &'a str,
    link: &'a str,
    seal: &'a str,
}

/// What an agency says of a person who signs for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// The agency the person signs for.
    pub agency: AgencyId,
    /// The person's name, as colleagues know it.
    pub name: String,
    /// What the person is there, such as "Designated Safeguarding Lead".
    pub role: String,
    /// The person's own key.
    pub key: VerifyingKey,
    /// Signatures count from here,
    #[serde(deserialize_with = "crate::moment::utc")]
    pub from: Timestamp,
    /// and no longer from here on.
    #[serde(deserialize_with = "crate::moment::utc")]
    pub until: Timestamp,
}

impl Certificate {
    /// Whether two certificates can be of one person: the same key, or a name that differs in capitals and blanks alone.
    #[must_use]
    pub fn is_same_person(&self, other: &Self) -> bool {
        let plain = |name: &str| name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        self.key == other.key || plain(&self.name) == plain(&other.name)
    }

    /// Signs the certificate with the agency's `sign` key.
    #[must_use]
    pub fn sign(&self, agency: &SigningKey) -> SignedCertificate {
        let text = CERTIFICATE.write(self);
        let signature = agency.sign(Namespace::Certificate, text.as_bytes());
        SignedCertificate { text, signature }
    }

    fn check(&self, keys: &AgencyKeys) -> Result<(), BadDocument> {
        if !is_plain_name(&self.name, MAX_NAME) || !is_plain_name(&self.role, MAX_NAME) {
            return Err(
                CERTIFICATE.refused("a name or role is empty, too long or has characters that hide text")
            );
        }
        if keys.signing().contains(&self.key) {
            return Err(CERTIFICATE.refused("the person's key is one of the agency's"));
        }
        if self.from >= self.until {
            return Err(CERTIFICATE.refused("it ends before it begins"));
        }
        Ok(())
    }
}

/// A certificate and the agency's signature over its exact text. Unknown fields are refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedCertificate {
    pub text: String,
    pub signature: SignatureSet,
}

impl SignedCertificate {
    /// The certificate, if `agency` with these `keys` made it and it holds at `at`: the moment of the signature that
    /// is judged by it, or now.
    ///
    /// # Errors
    /// Says whether another signed it, it names another agency, is out of date, or is not acceptable.
    pub fn verify(
        &self,
        agency: &AgencyId,
        keys: &AgencyKeys,
        at: Timestamp,
    ) -> Result<Certificate, CertificateError> {
        CERTIFICATE.check_length(&self.text)?;
        keys.sign.verify(Namespace::Certificate, self.text.as_bytes(), &self.signature)?;
        let certificate: Certificate = CERTIFICATE.read(&self.text)?;
        certificate.check(keys)?;
        if certificate.agency != *agency {
            return Err(CertificateError::OtherAgency { named: certificate.agency });
        }
        if at < certificate.from {
            return Err(CertificateError::NotYet { from: certificate.from });
        }
        if at >= certificate.until {
            return Err(CertificateError::Expired { until: certificate.until });
        }
        Ok(certificate)
    }
}

/// Why a certificate was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    #[error("the agency did not sign this certificate: {0}")]
    Signature(#[from] SignatureError),
    #[error("this certificate is for {named}, another agency")]
    OtherAgency { named: AgencyId },
    #[error("this certificate counts only from {from}")]
    NotYet { from: Timestamp },
    #[error("this certificate ran out on {}; the agency must issue a new one", crate::page::moment(*.until))]
    Expired { until: Timestamp },
    #[error(transparent)]
    Document(#[from] BadDocument),
}

/// A person's signing key with the certificate that says whose it is.
#[derive(Debug, Clone)]
pub struct PersonKey {
    pub key: SigningKey,
    pub certificate: SignedCertificate,
}

impl PersonKey {
    /// The secret text for an encrypted store: `{"kith":"person-secrets/1",…}`.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        let key = seed_text(&self.key);
        Zeroizing::new(PERSON.write(&PersonText { key: &key, certificate: self.certificate.clone() }))
    }

    /// Reads what [`Self::to_text`] wrote.
    ///
    /// # Errors
    /// Says that the text is of another kind or damaged, never what stands in it.
    pub fn from_text(text: &str) -> Result<Self, BadDocument> {
        let fields = PERSON.fields(text)?;
        let PersonText { key, certificate } = PERSON.parse(&fields)?;
        let key = read_seed(key).ok_or(PERSON.refused("the signing key is damaged"))?;
        Ok(Self { key, certificate })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PersonText<'a> {
    key: &'a str,
    certificate: SignedCertificate,
}

/// A new signing key from the system's randomness.
#[must_use]
pub fn generate_signing() -> SigningKey {
    let mut seed = Zeroizing::new([0; 32]);
    rand::rngs::OsRng.fill_bytes(seed.as_mut());
    SigningKey::from_seed(&seed)
}

fn seed_text(key: &SigningKey) -> Zeroizing<String> {
    Zeroizing::new(Base64::encode_string(key.seed().as_slice()))
}

fn read_seed(text: &str) -> Option<SigningKey> {
    let mut seed = Zeroizing::new([0; 32]);
    let read = Base64::decode(text, seed.as_mut_slice()).is_ok_and(|bytes| bytes.len() == 32);
    read.then(|| SigningKey::from_seed(&seed))
}
