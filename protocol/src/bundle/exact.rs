//! A value together with the exact JSON it was read from or first written as, so that nobody need write it again.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};
use serde_json::value::RawValue;

/// A value inside a document, and its exact bytes there: what is committed to or signed is those bytes.
#[derive(Debug, Clone)]
pub struct Exact<T> {
    text: Box<RawValue>,
    value: T,
}

impl<T: Serialize> Exact<T> {
    /// Writes `value` once, as compact JSON.
    ///
    /// # Errors
    /// Only if `T` cannot be written as JSON.
    pub fn new(value: T) -> Result<Self, serde_json::Error> {
        Ok(Self { text: serde_json::value::to_raw_value(&value)?, value })
    }
}

impl<T> Exact<T> {
    /// The exact JSON.
    #[must_use]
    pub fn text(&self) -> &str {
        self.text.get()
    }

    /// What it says.
    #[must_use]
    pub const fn get(&self) -> &T {
        &self.value
    }
}

impl<T> Serialize for Exact<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.text.serialize(to)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Exact<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Box::<RawValue>::deserialize(from)?;
        let value = serde_json::from_str(text.get()).map_err(serde::de::Error::custom)?;
        Ok(Self { text, value })
    }
}
