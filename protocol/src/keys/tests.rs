//! What certificates and stored secrets promise.

use super::*;

fn key(n: u8) -> SigningKey {
    SigningKey::from_seed(&[n; 32])
}

fn secrets(n: u8) -> AgencySecrets {
    let seal = Identity::hybrid_from_seed(&[n; 32]);
    AgencySecrets { sign: key(n), log: key(n + 1), cosign: key(n + 3), link: key(n + 2), seal }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn certificate() -> Certificate {
    Certificate {
        agency: "elm-park".parse().unwrap(),
        name: "Amara Okafor".into(),
        role: "Designated Safeguarding Lead".into(),
        key: key(50).public(),
        from: at("2026-09-01T00:00:00Z"),
        until: at("2027-09-01T00:00:00Z"),
    }
}

fn judge(signed: &SignedCertificate, moment: &str) -> Result<Certificate, CertificateError> {
    signed.verify(&"elm-park".parse().unwrap(), &secrets(10).public(), at(moment))
}

const NOW: &str = "2026-11-22T12:00:00Z";

#[test]
fn a_certificate_holds_for_its_agency_and_its_time() {
    let signed = certificate().sign(&key(10));
    assert!(signed.text.starts_with(r#"{"kith":"certificate/1","agency":"elm-park","#));
    for good in ["2026-09-01T00:00:00Z", NOW, "2027-08-31T23:59:59Z"] {
        assert_eq!(judge(&signed, good), Ok(certificate()), "{good}");
    }
    let (from, until) = (certificate().from, certificate().until);
    assert_eq!(judge(&signed, "2026-08-31T23:59:59Z"), Err(CertificateError::NotYet { from }));
    assert_eq!(judge(&signed, "2027-09-01T00:00:00Z"), Err(CertificateError::Expired { until }));
}

#[test]
fn another_agencys_word_does_not_count() {
    let other = certificate().sign(&key(20));
    assert_eq!(judge(&other, NOW), Err(CertificateError::Signature(SignatureError::OtherKey)));
    // Nor a key of ours with another job.
    let log = certificate().sign(&key(11));
    assert_eq!(judge(&log, NOW), Err(CertificateError::Signature(SignatureError::OtherKey)));
    let named: AgencyId = "oak-hill".parse().unwrap();
    let posing = Certificate { agency: named.clone(), ..certificate() }.sign(&key(10));
    assert_eq!(judge(&posing, NOW), Err(CertificateError::OtherAgency { named }));
}

#[test]
fn an_altered_or_borrowed_certificate_does_not_hold() {
    let signed = certificate().sign(&key(10));
    let altered = SignedCertificate { text: signed.text.replace("Amara", "Amira"), ..signed.clone() };
    assert_eq!(judge(&altered, NOW), Err(CertificateError::Signature(SignatureError::Mismatch)));
    let signature = key(10).sign(Namespace::Consent, signed.text.as_bytes());
    let borrowed = SignedCertificate { signature, ..signed };
    assert_eq!(judge(&borrowed, NOW), Err(CertificateError::Signature(SignatureError::OtherNamespace)));
    let long = SignedCertificate { text: " ".repeat(CERTIFICATE.limit + 1), ..borrowed };
    assert!(matches!(judge(&long, NOW), Err(CertificateError::Document(BadDocument::TooLong { .. }))));
}

#[test]
fn a_certificate_that_would_mislead_is_refused_though_signed() {
    let wrong = [
        Certificate { name: "Amara\u{202e}".into(), ..certificate() },
        Certificate { role: String::new(), ..certificate() },
        Certificate { key: key(12).public(), ..certificate() },
        Certificate { until: certificate().from, ..certificate() },
    ];
    for certificate in wrong {
        let verdict = judge(&certificate.sign(&key(10)), NOW);
        assert!(
            matches!(verdict, Err(CertificateError::Document(BadDocument::Refused { .. }))),
            "{verdict:?}"
        );
    }
}

#[test]
fn secrets_read_back_and_are_not_printed() {
    let agency = secrets(10);
    let text = agency.to_text();
    let again = AgencySecrets::from_text(&text).unwrap();
    assert_eq!(again.public(), agency.public());
    assert_eq!(*again.to_text(), *text);
    let person = PersonKey { key: key(50), certificate: certificate().sign(&agency.sign) };
    let again = PersonKey::from_text(&person.to_text()).unwrap();
    assert_eq!((again.key.public(), again.certificate), (key(50).public(), person.certificate.clone()));
    let shown = format!("{agency:?} {person:?}");
    let parts = text.split('"').filter(|part| part.len() > 40);
    assert!(parts.clone().count() == 5 && parts.clone().all(|secret| !shown.contains(secret)), "{shown}");
}

#[test]
fn damaged_secrets_are_refused_without_repeating_them() {
    let text = secrets(10).to_text();
    let sign = Base64::encode_string(&[10; 32]);
    for bad in [
        text.replace(&sign, &sign[..40]),
        text.replace(&sign, &"?".repeat(44)),
        text.replace("PQ-1", "PQ-1Q"),
        text.replace("agency-secrets/1", "agency-secrets/2"),
        text.replace("\"log\"", "\"lug\""),
    ] {
        let error = AgencySecrets::from_text(&bad).unwrap_err().to_string();
        assert!(!error.contains("CgoK") && !error.contains("SECRET"), "{error}");
    }
}

#[test]
fn new_keys_are_new_and_have_one_job_each() {
    let (a, b) = (AgencySecrets::generate().public(), AgencySecrets::generate().public());
    assert!(a.one_job_each() && a != b && a.seal != b.seal);
    assert!(!AgencyKeys { log: a.sign, ..a.clone() }.one_job_each());
    assert!(!AgencyKeys { cosign: a.log, ..a.clone() }.one_job_each());
    assert_eq!(serde_json::from_str::<AgencyKeys>(&serde_json::to_string(&a).unwrap()).unwrap(), a);
}
