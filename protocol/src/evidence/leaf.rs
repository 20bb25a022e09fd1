//! The leaves of a fact: one for each field. That of a cut text is the root of a tree over its segments.

use crate::fact::{Field, Kind};

/// What one field says.
#[derive(Debug, Clone)]
pub(super) enum Leaf<'a> {
    /// A field that is whole.
    Value { path: &'a str, kind: Kind, text: &'a str },
    /// A cut text.
    Text { path: &'a str, segments: Vec<&'a str> },
}

impl<'a> Leaf<'a> {
    pub(super) fn of(field: &'a Field<'_>) -> Self {
        let path = field.path();
        match field.segment_count() {
            0 => Self::Value { path, kind: field.kind(), text: field.text() },
            _ => Self::Text { path, segments: field.segments().collect() },
        }
    }
}

/// All leaves of some fields.
pub(super) fn leaves<'a>(fields: &'a [Field<'_>]) -> Vec<Leaf<'a>> {
    fields.iter().map(Leaf::of).collect()
}
