//! Times in documents have one form: RFC 3339 in UTC with `Z`, a fraction only where it is not zero.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Deserializer, de::Error as _};

/// Reads a time, and refuses it in any form but the one that we write: two programs that read a time differently would
/// judge a document differently.
pub(crate) fn utc<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
    let text = String::deserialize(from)?;
    let at: Timestamp = text.parse().map_err(|_| D::Error::custom("not a time"))?;
    if at.to_string() == text { Ok(at) } else { Err(D::Error::custom("a time that is not in UTC with Z")) }
}

/// Reads a day or none; a day too has one form.
pub(crate) fn day<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Date>, D::Error> {
    let Some(text) = Option::<String>::deserialize(from)? else { return Ok(None) };
    let day: Date = text.parse().map_err(|_| D::Error::custom("not a day"))?;
    if day.to_string() == text {
        Ok(Some(day))
    } else {
        Err(D::Error::custom("a day that is not as 2026-11-23"))
    }
}

#[cfg(test)]
mod tests {
    #[derive(serde::Deserialize)]
    struct One(#[serde(deserialize_with = "super::utc")] jiff::Timestamp);

    #[test]
    fn a_time_has_one_form() {
        for good in ["2026-11-22T09:14:07Z", "2026-11-22T09:14:07.5Z"] {
            let One(at) = serde_json::from_str(&format!("\"{good}\"")).unwrap();
            assert_eq!(at.to_string(), good);
        }
        for bad in [
            "2026-11-22T09:14:07+00:00",
            "2026-11-22T10:14:07+01:00",
            "2026-11-22T09:14:07z",
            "2026-11-22 09:14:07Z",
            "2026-11-22T09:14:07.50Z",
            "2026-11-22T09:14:07.0Z",
            "2026-11-22T09:14Z",
            "2026-11-22",
        ] {
            assert!(serde_json::from_str::<One>(&format!("\"{bad}\"")).is_err(), "{bad}");
        }
    }
}
