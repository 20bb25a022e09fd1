//! A consent record as JSON-LD: the fields of ISO/IEC TS 27560:2023 in the terms of the W3C Data Privacy Vocabulary, as the
//! guide `https://w3id.org/dpv/guides/consent-27560` has them. What safeguarding adds stands under `kith:`.

use jiff::Timestamp;
use kith_protocol::consent::{
    Category, ConsentEvent, ConsentRecord, ConsentState, Decision, LawfulBasis, Party,
};
use serde_json::{Value, json};

use super::urn;

/// The record as it stands at `now`, with its vocabularies written out; `withdrawn` is when it was itself withdrawn, on
/// whatever basis.
#[must_use]
pub fn consent(
    record: &ConsentRecord,
    agency: &str,
    (now, withdrawn): (Timestamp, Option<Timestamp>),
) -> Value {
    let subjects = record.pii_principal_id.iter().map(|child| {
        json!({ "@id": urn(agency, "child", child.as_str()), "@type": ["dpv:DataSubject", "dpv:Child"] })
    });
    let mut out = json!({
        "@context": {
            "dpv": "https://w3id.org/dpv#",
            "dct": "http://purl.org/dc/terms/",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
            "spdx": "http://spdx.org/rdf/terms#",
            "schema": "https://schema.org/",
            "kith": "urn:kith:terms:",
            // Ours and in our form: else a reader of JSON-LD would drop what has no term.
            "kith:safeguarding": { "@id": "urn:kith:terms:safeguarding", "@type": "@json" },
        },
        "@id": urn(agency, "consent", record.record_id.as_str()),
        "@type": "dpv:ConsentRecord",
        "dct:conformsTo": { "@id": "https://w3id.org/dpv/schema/dpv-27560#record" },
        "dct:identifier": record.record_id,
        "dpv:hasDataSubject": subjects.collect::<Vec<_>>(),
        "dpv:hasNotice": notice(record),
        "dpv:hasProcess": process(record),
        "dpv:hasDataController": record.pii_controllers.iter().map(party).collect::<Vec<_>>(),
        "dpv:hasConsentStatus": status(record, now),
        "dpv:hasRight": {
            "@type": "dpv:ActiveRight",
            "dct:title": "to withdraw consent",
            "dpv:isExercisedAt":
                { "@type": "dpv:RightExerciseNotice", "dct:description": record.withdrawal_method },
        },
        "kith:safeguarding": record.safeguarding,
    });
    if let (Decision::DoNotShare { because }, Some(fields)) = (&record.decision, out.as_object_mut()) {
        fields.insert("kith:decidedNotToShare".to_owned(), json!(because));
    }
    if let (Some(withdrawn), Some(fields)) = (withdrawn, out.as_object_mut()) {
        fields.insert("kith:withdrawn".to_owned(), at(withdrawn));
    }
    out
}

fn notice(record: &ConsentRecord) -> Value {
    let mut notice = json!({
        "@type": "dpv:PrivacyNotice",
        "dct:title": record.notice.privacy_notice,
        "dct:language": record.notice.language,
    });
    if let (Some(digest), Some(fields)) = (record.notice.sha256, notice.as_object_mut()) {
        let checksum = json!({
            "@type": "spdx:Checksum",
            "spdx:algorithm": { "@id": "spdx:checksumAlgorithm_sha256" },
            "spdx:checksumValue": digest,
        });
        fields.insert("spdx:checksum".to_owned(), checksum);
    }
    notice
}

fn process(record: &ConsentRecord) -> Value {
    let purposes =
        record.purposes.iter().map(|purpose| json!({ "@type": "dpv:Purpose", "dct:description": purpose }));
    let recipients = record.recipients.iter().map(|to| {
        json!({
            "@id": urn(to.id.as_str(), "agency", to.id.as_str()),
            "@type": "dpv:ThirdParty", "dpv:hasName": to.name,
        })
    });
    json!({
        "@type": "dpv:Process",
        "dpv:hasPurpose": purposes.collect::<Vec<_>>(),
        "dpv:hasLegalBasis": record.lawful_basis.as_ref().map(legal_basis),
        "dpv:hasProcessing": { "@id": "dpv:Share" },
        "dpv:hasPersonalData": record.categories.iter().copied().map(personal_data).collect::<Vec<_>>(),
        "dpv:hasRecipientThirdParty": recipients.collect::<Vec<_>>(),
        "dpv:hasStorageCondition": [
            { "@type": "dpv:StorageLocation", "dct:description": record.storage_location },
            { "@type": "dpv:StorageDuration", "dct:description": record.retention_period },
        ],
        "dpv:hasJurisdiction": { "@type": "dpv:Location", "dct:title": record.jurisdiction },
        "dpv:hasDuration": {
            "@type": "dpv:UntilTimeDuration",
            "schema:startTime": at(record.validity.from),
            "schema:endTime": at(record.validity.until),
        },
    })
}

/// The class of a basis in law; the statute stands beside it, since the classes are not those of one country.
fn legal_basis(basis: &LawfulBasis) -> Value {
    let class = match basis {
        LawfulBasis::DutyToShare | LawfulBasis::LegalObligation { .. } => "dpv:LegalObligation",
        LawfulBasis::PublicTask => "dpv:OfficialAuthorityOfController",
        LawfulBasis::VitalInterests => "dpv:VitalInterest",
        // Of the law of the United Kingdom alone, and another than legitimate interest.
        LawfulBasis::RecognisedLegitimateInterest => "kith:RecognisedLegitimateInterest",
        LawfulBasis::Consent => "dpv:Consent",
    };
    let which = match basis {
        LawfulBasis::LegalObligation { which } => format!("{}: {which}", basis.words()),
        _ => basis.words().to_owned(),
    };
    json!({ "@type": ["dpv:LegalBasis", class], "dct:description": which, "dct:source": basis.statute() })
}

fn personal_data(category: Category) -> Value {
    let class = if category.is_special() { "dpv:SpecialCategoryPersonalData" } else { "dpv:PersonalData" };
    json!({ "@type": class, "dct:title": category.words(), "dct:identifier": category })
}

fn party(party: &Party) -> Value {
    json!({
        "@id": urn(party.id.as_str(), "agency", party.id.as_str()),
        "@type": "dpv:DataController",
        "dpv:hasName": party.name,
        "dpv:hasAddress": party.address,
        "dpv:hasContact": [party.contact, party.phone],
    })
}

/// Every event, oldest first; where nobody was asked, or what was given has run out since, that stands last.
fn status(record: &ConsentRecord, now: Timestamp) -> Vec<Value> {
    let mut all: Vec<Value> = record.events.iter().map(one_status).collect();
    let state = record.state(now);
    if record.events.last().map(|event| event.event_state) != Some(state) {
        all.push(json!({ "@type": class(state), "dct:description": state.words() }));
    }
    all
}

fn one_status(event: &ConsentEvent) -> Value {
    json!({
        "@type": class(event.event_state),
        "dpv:isIndicatedAtTime": at(event.event_time),
        "dpv:isIndicatedBy": { "@type": "dpv:Entity", "dpv:hasName": event.entity },
        "dpv:hasIndicationMethod": event.event_type,
    })
}

const fn class(state: ConsentState) -> &'static str {
    match state {
        ConsentState::NotSought => "dpv:ConsentUnknown",
        ConsentState::Requested => "dpv:ConsentRequested",
        ConsentState::Given => "dpv:ConsentGiven",
        ConsentState::Refused => "dpv:ConsentRefused",
        ConsentState::Withdrawn => "dpv:ConsentWithdrawn",
        ConsentState::Expired => "dpv:ConsentExpired",
    }
}

fn at(time: Timestamp) -> Value {
    json!({ "@type": "xsd:dateTime", "@value": time })
}
