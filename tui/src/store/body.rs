//! The body of a fact: versioned JSON, a flat list of (path, type, exact text), readable without any program.
//!
//! Paths are JSON pointers (RFC 6901). A list is announced with its length, so an empty list is kept apart from none;
//! an object is announced only when it is empty. Fields stand in document order, and there is one way to write a
//! value: what does not read in that order, duplicates above all, is refused.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};

/// Longest body, in bytes: a received document of the largest size with every byte escaped.
pub(super) const MAX_BODY: usize = 64 * 1024 * 1024;
/// Most fields of one body.
pub(super) const MAX_FIELDS: usize = 262_144;
/// Deepest nesting.
pub(super) const MAX_DEPTH: usize = 32;

/// Why a body was not written or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum BodyError {
    #[error("the body is larger than {MAX_BODY} bytes, {MAX_FIELDS} fields or {MAX_DEPTH} levels")]
    TooLarge,
    #[error("the body is not a list of fields of version fact/1")]
    NotABody,
    #[error("field {0} is there twice or out of place")]
    Misplaced(String),
    #[error("field {0} is missing")]
    Missing(String),
    #[error("field {0} does not hold what its type says")]
    BadValue(String),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body<'a> {
    kith: Version,
    #[serde(borrow)]
    fields: Vec<Field<'a>>,
}

#[derive(Serialize, Deserialize)]
enum Version {
    #[serde(rename = "fact/1")]
    One,
}

#[derive(Serialize, Deserialize)]
struct Field<'a>(#[serde(borrow)] Cow<'a, str>, Kind, #[serde(borrow)] Cow<'a, str>);

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Text,
    /// A whole number, in decimal.
    Integer,
    Bool,
    Null,
    /// Its text is the number of items.
    List,
    /// An object without members.
    Object,
}

/// Writes `value` as a body.
///
/// # Errors
/// Fractions are refused (no field of ours has one), and what is larger than the limits.
pub(super) fn write(value: &Value) -> Result<Vec<u8>, BodyError> {
    let mut fields = Vec::new();
    flatten(value, &mut String::new(), 0, &mut fields)?;
    let body = serde_json::to_vec(&Body { kith: Version::One, fields }).map_err(|_| BodyError::NotABody)?;
    if body.len() > MAX_BODY { Err(BodyError::TooLarge) } else { Ok(body) }
}

/// Reads a body that [`write`] made.
///
/// # Errors
/// Says which field is there twice, missing, or not of its type.
pub(super) fn read(body: &[u8]) -> Result<Value, BodyError> {
    if body.len() > MAX_BODY {
        return Err(BodyError::TooLarge);
    }
    let Body { fields, .. } = serde_json::from_slice(body).map_err(|_| BodyError::NotABody)?;
    if fields.len() > MAX_FIELDS {
        return Err(BodyError::TooLarge);
    }
    let mut reader = Reader { fields: &fields };
    let value = reader.value("", 0)?;
    match reader.fields.first() {
        None => Ok(value),
        Some(Field(path, ..)) => Err(BodyError::Misplaced(path.to_string())),
    }
}

fn flatten<'a>(
    value: &'a Value,
    path: &mut String,
    depth: usize,
    fields: &mut Vec<Field<'a>>,
) -> Result<(), BodyError> {
    if depth > MAX_DEPTH || fields.len() >= MAX_FIELDS {
        return Err(BodyError::TooLarge);
    }
    let mut put = |kind, text: Cow<'a, str>| fields.push(Field(Cow::Owned(path.clone()), kind, text));
    match value {
        Value::String(text) => put(Kind::Text, Cow::Borrowed(text)),
        Value::Number(number) if number.is_f64() => return Err(BodyError::BadValue(path.clone())),
        Value::Number(number) => put(Kind::Integer, number.to_string().into()),
        Value::Bool(yes) => put(Kind::Bool, Cow::Borrowed(if *yes { "true" } else { "false" })),
        Value::Null => put(Kind::Null, Cow::Borrowed("")),
        Value::Array(items) => {
            put(Kind::List, items.len().to_string().into());
            for (at, item) in items.iter().enumerate() {
                under(path, &at.to_string(), |path| flatten(item, path, depth + 1, fields))?;
            }
        }
        Value::Object(members) if members.is_empty() => put(Kind::Object, Cow::Borrowed("")),
        Value::Object(members) => {
            for (name, member) in members {
                under(path, &escape(name), |path| flatten(member, path, depth + 1, fields))?;
            }
        }
    }
    Ok(())
}

/// Runs `then` with `/token` added to `path`, and takes it off again.
fn under<T>(path: &mut String, token: &str, then: impl FnOnce(&mut String) -> T) -> T {
    let before = path.len();
    path.push('/');
    path.push_str(token);
    let made = then(path);
    path.truncate(before);
    made
}

struct Reader<'f, 'a> {
    /// What has not been read yet.
    fields: &'f [Field<'a>],
}

impl<'f, 'a> Reader<'f, 'a> {
    /// The value at `path`, from the fields that come next.
    fn value(&mut self, path: &str, depth: usize) -> Result<Value, BodyError> {
        let Some((field, rest)) = self.fields.split_first() else {
            return Err(BodyError::Missing(path.to_owned()));
        };
        if depth > MAX_DEPTH {
            return Err(BodyError::TooLarge);
        }
        if field.0 != path {
            return self.object(path, depth);
        }
        self.fields = rest;
        leaf(field).ok_or_else(|| BodyError::BadValue(path.to_owned()))?.map_or_else(
            |items| (0..items).map(|at| self.value(&format!("{path}/{at}"), depth + 1)).collect(),
            Ok,
        )
    }

    fn object(&mut self, path: &str, depth: usize) -> Result<Value, BodyError> {
        let mut members = Map::new();
        while let Some(token) = self.token_under(path) {
            let name = unescape(token).ok_or_else(|| BodyError::Misplaced(format!("{path}/{token}")))?;
            let below = format!("{path}/{token}");
            let value = self.value(&below, depth + 1)?;
            if members.insert(name, value).is_some() {
                return Err(BodyError::Misplaced(below));
            }
        }
        if members.is_empty() { Err(BodyError::Missing(path.to_owned())) } else { Ok(Value::Object(members)) }
    }

    /// The next token below `path`, if the next field lies there.
    fn token_under(&self, path: &str) -> Option<&'f str> {
        let Field(next, ..) = self.fields.first()?;
        next.strip_prefix(path)?.strip_prefix('/')?.split('/').next()
    }
}

/// What one field holds: a value, or the length of a list that follows.
fn leaf(Field(_, kind, text): &Field<'_>) -> Option<Result<Value, usize>> {
    Some(Ok(match (kind, text.as_ref()) {
        (Kind::Text, text) => Value::String(text.to_owned()),
        (Kind::Integer, text) => Value::Number(integer(text)?),
        (Kind::Bool, "true") => Value::Bool(true),
        (Kind::Bool, "false") => Value::Bool(false),
        (Kind::Null, "") => Value::Null,
        (Kind::Object, "") => Value::Object(Map::new()),
        (Kind::List, "0") => Value::Array(Vec::new()),
        (Kind::List, text) => return integer(text)?.as_u64()?.try_into().ok().map(Err),
        _ => return None,
    }))
}

/// A whole number in its one decimal form.
fn integer(text: &str) -> Option<Number> {
    let number =
        text.parse::<u64>().map(Number::from).or_else(|_| text.parse::<i64>().map(Number::from)).ok()?;
    (number.to_string() == text).then_some(number)
}

fn escape(token: &str) -> Cow<'_, str> {
    if token.contains(['~', '/']) { token.replace('~', "~0").replace('/', "~1").into() } else { token.into() }
}

/// The name behind a token of RFC 6901, if the token is well formed.
fn unescape(token: &str) -> Option<String> {
    let plain = token.replace("~1", "/").replace("~0", "~");
    (escape(&plain) == token).then_some(plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(5, 60, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec(("[a-z/~0-9]{0,4}|\\PC{0,3}", inner), 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_value_reads_back(value in any_value()) {
            let body = write(&value).unwrap();
            let again = read(&body).unwrap();
            prop_assert_eq!(&again, &value);
            prop_assert_eq!(write(&again).unwrap(), body);
        }

        #[test]
        fn no_bytes_panic_and_what_reads_is_canonical(fields in prop::collection::vec(
            ("(/[ab0-2~]{0,2}){0,3}", prop_oneof![Just("text"), Just("list"), Just("object"), Just("integer")],
             "[0-3]?"), 0..8))
        {
            let body = serde_json::to_vec(&json!({"kith": "fact/1", "fields": fields})).unwrap();
            if let Ok(value) = read(&body) {
                prop_assert_eq!(write(&value).unwrap(), body);
            }
        }

        #[test]
        fn noise_is_refused_quietly(noise in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(read(&noise).is_err());
        }
    }

    #[test]
    fn duplicates_strays_and_false_types_are_named() {
        let refused = |fields: Value| {
            read(&serde_json::to_vec(&json!({"kith": "fact/1", "fields": fields})).unwrap()).unwrap_err()
        };
        let twice = json!([["/a", "text", "1"], ["/a", "text", "2"]]);
        assert_eq!(refused(twice), BodyError::Misplaced("/a".into()));
        let split = json!([["/a/x", "text", ""], ["/b", "text", ""], ["/a/y", "text", ""]]);
        assert_eq!(refused(split), BodyError::Misplaced("/a".into()));
        assert_eq!(
            refused(json!([["/a", "list", "2"], ["/a/0", "null", ""]])),
            BodyError::Missing("/a/1".into())
        );
        assert_eq!(refused(json!([["/a", "integer", "01"]])), BodyError::BadValue("/a".into()));
        assert_eq!(refused(json!([["/a", "list", "-1"]])), BodyError::BadValue("/a".into()));
        assert_eq!(refused(json!([])), BodyError::Missing(String::new()));
        assert_eq!(write(&json!({"x": 0.5})), Err(BodyError::BadValue("/x".into())));
    }

    #[test]
    fn lists_as_long_as_they_say_cost_nothing_before_they_are_read() {
        let body = br#"{"kith":"fact/1","fields":[["","list","18446744073709551615"]]}"#;
        assert_eq!(read(body), Err(BodyError::Missing("/0".into())));
    }
}
