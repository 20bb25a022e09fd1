//! Consent records.
