//! The body of a fact: versioned JSON, a flat list of (path, type, exact text), readable without any program.
//!
//! Paths are JSON pointers (RFC 6901). A list is announced with its length, so an empty list is kept apart from none;
//! an object is announced only when it is empty. Fields stand in document order, and there is one way to write a
//! value: what does not read in that order, duplicates above all, is refused. Text says where it was cut into
//! segments when it was recorded, so that nobody ever has to find words in it again.

mod field;
#[cfg(test)]
mod tests;
mod value;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::field::{Field, Kind, MAX_SEGMENT};
use crate::evidence::MAX_LEAVES;

/// Longest body, in bytes: a received document of the largest size with every byte escaped.
pub const MAX_BODY: usize = 64 * 1024 * 1024;
/// Most fields of one body.
pub const MAX_FIELDS: usize = 262_144;
/// Deepest nesting.
pub const MAX_DEPTH: usize = 32;

/// Why a body was not written or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    #[error(
        "the body is larger than {MAX_BODY} bytes, {MAX_FIELDS} fields, {MAX_DEPTH} levels or {MAX_LEAVES} leaves"
    )]
    TooLarge,
    #[error("the body is not a list of fields of version fact/1")]
    NotABody,
    #[error("field {0} is there twice or out of place")]
    Misplaced(String),
    #[error("field {0} is missing")]
    Missing(String),
    #[error("field {0} does not hold what its type says")]
    BadValue(String),
    #[error("field {0} is cut where its text cannot be cut")]
    BadCut(String),
}

/// A fact's fields, within the limits and each cut as its text allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Body<'a> {
    kith: Version,
    #[serde(borrow)]
    fields: Vec<Field<'a>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Version {
    #[serde(rename = "fact/1")]
    One,
}

impl<'a> Body<'a> {
    /// The fields of `value`. `cutter` gives the lengths of a text's segments, in bytes; fewer than two leave it whole.
    ///
    /// # Errors
    /// Fractions are refused (no field of ours has one), what is larger than the limits, and a cut that does not fit.
    pub fn of(value: &'a Value, cutter: &mut dyn FnMut(&str) -> Vec<u8>) -> Result<Self, BodyError> {
        Self { kith: Version::One, fields: value::flatten(value, cutter)? }.checked()
    }

    /// Reads the fields of a body.
    ///
    /// # Errors
    /// Says which field is not cut as its text allows. Whether the fields make a value is told by [`Self::to_value`].
    pub fn parse(body: &'a [u8]) -> Result<Self, BodyError> {
        if body.len() > MAX_BODY {
            return Err(BodyError::TooLarge);
        }
        serde_json::from_slice::<Self>(body).map_err(|_| BodyError::NotABody)?.checked()
    }

    /// The one way to write it.
    ///
    /// # Errors
    /// When it is longer than [`MAX_BODY`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, BodyError> {
        let body = serde_json::to_vec(self).map_err(|_| BodyError::NotABody)?;
        if body.len() > MAX_BODY { Err(BodyError::TooLarge) } else { Ok(body) }
    }

    /// The value that the fields tell.
    ///
    /// # Errors
    /// Says which field is there twice, missing, or not of its type.
    pub fn to_value(&self) -> Result<Value, BodyError> {
        value::read(&self.fields)
    }

    /// The fields, in order; there is at least one.
    #[must_use]
    pub fn fields(&self) -> &[Field<'a>] {
        &self.fields
    }

    fn checked(self) -> Result<Self, BodyError> {
        if self.fields.is_empty() {
            return Err(BodyError::Missing(String::new()));
        }
        if let Some(bad) = self.fields.iter().find(|field| !field.is_well_cut()) {
            return Err(BodyError::BadCut(bad.path().to_owned()));
        }
        let leaves: usize = self.fields.iter().map(Field::leaves).sum();
        if self.fields.len() > MAX_FIELDS || leaves > MAX_LEAVES {
            return Err(BodyError::TooLarge);
        }
        Ok(self)
    }
}
