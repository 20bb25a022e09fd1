//! Records in the forms of others: consent records as ISO/IEC TS 27560 in W3C DPV, and as FHIR R4; opened bundles as FHIR
//! R4 documents. Pure: a record goes in, JSON comes out.

pub mod dpv;
pub mod fhir;
mod fhir_document;

pub use self::fhir_document::document;

/// The name of something of an agency's in other people's systems.
fn urn(agency: &str, kind: &str, id: &str) -> String {
    format!("urn:kith:{agency}:{kind}:{id}")
}

#[cfg(test)]
mod tests;
