//! From a value to its fields, and back.

use std::borrow::Cow;

use serde_json::{Map, Number, Value};

use super::{BodyError, Field, Kind, MAX_DEPTH, MAX_FIELDS};

/// Gives the lengths of a text's segments.
pub(super) type Cutter<'c> = dyn FnMut(&str) -> Vec<u8> + 'c;

/// The fields of a value, in its order.
pub(super) fn flatten<'a>(value: &'a Value, cutter: &mut Cutter<'_>) -> Result<Vec<Field<'a>>, BodyError> {
    let mut writer = Writer { path: String::new(), fields: Vec::new(), cutter };
    writer.value(value, 0)?;
    Ok(writer.fields)
}

/// The value of some fields.
pub(super) fn read(fields: &[Field<'_>]) -> Result<Value, BodyError> {
    let mut reader = Reader { fields };
    let value = reader.value("", 0)?;
    match reader.fields.first() {
        None => Ok(value),
        Some(field) => Err(BodyError::Misplaced(field.path().to_owned())),
    }
}

struct Writer<'a, 'c, 'f> {
    path: String,
    fields: Vec<Field<'a>>,
    cutter: &'f mut Cutter<'c>,
}

impl<'a> Writer<'a, '_, '_> {
    fn value(&mut self, value: &'a Value, depth: usize) -> Result<(), BodyError> {
        if depth > MAX_DEPTH || self.fields.len() >= MAX_FIELDS {
            return Err(BodyError::TooLarge);
        }
        match value {
            Value::String(text) => {
                let cut = (self.cutter)(text);
                let field = Field::cut_text(self.path.clone(), text, &cut);
                self.fields.push(field.ok_or_else(|| BodyError::BadCut(self.path.clone()))?);
            }
            Value::Number(number) if number.is_f64() => return Err(BodyError::BadValue(self.path.clone())),
            Value::Number(number) => self.put(Kind::Integer, number.to_string()),
            Value::Bool(yes) => self.put(Kind::Bool, if *yes { "true" } else { "false" }),
            Value::Null => self.put(Kind::Null, ""),
            Value::Array(items) => {
                self.put(Kind::List, items.len().to_string());
                for (at, item) in items.iter().enumerate() {
                    self.under(&at.to_string(), |below| below.value(item, depth + 1))?;
                }
            }
            Value::Object(members) if members.is_empty() => self.put(Kind::Object, ""),
            Value::Object(members) => {
                for (name, member) in members {
                    self.under(&escape(name), |below| below.value(member, depth + 1))?;
                }
            }
        }
        Ok(())
    }

    fn put(&mut self, kind: Kind, text: impl Into<Cow<'a, str>>) {
        self.fields.push(Field::value(self.path.clone(), kind, text.into()));
    }

    /// Runs `then` with `/token` added to the path, and takes it off again.
    fn under<T>(&mut self, token: &str, then: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.path.len();
        self.path.push('/');
        self.path.push_str(token);
        let made = then(self);
        self.path.truncate(before);
        made
    }
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
        if field.path() != path {
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
        self.fields.first()?.path().strip_prefix(path)?.strip_prefix('/')?.split('/').next()
    }
}

/// What one field holds: a value, or the length of a list that follows.
fn leaf(field: &Field<'_>) -> Option<Result<Value, usize>> {
    Some(Ok(match (field.kind(), field.text()) {
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
