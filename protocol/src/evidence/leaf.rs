//! The leaves of a fact: one for each field, one for each segment of a cut text, in the order of the fields.

use crate::fact::{Field, Kind};

/// What one leaf says.
#[derive(Debug, Clone, Copy)]
pub(super) enum Leaf<'a> {
    /// A field that is whole.
    Value { path: &'a str, kind: Kind, text: &'a str },
    /// The head of a cut text; its segments are the leaves that follow.
    Head { path: &'a str, segments: usize },
    /// A segment, and its place among those of its text.
    Segment { place: usize, text: &'a str },
}

/// All leaves of some fields.
pub(super) fn leaves<'a>(fields: &'a [Field<'_>]) -> Vec<Leaf<'a>> {
    let mut leaves = Vec::new();
    for field in fields {
        let path = field.path();
        match field.segment_count() {
            0 => leaves.push(Leaf::Value { path, kind: field.kind(), text: field.text() }),
            segments => {
                leaves.push(Leaf::Head { path, segments });
                let segments = field.segments().enumerate();
                leaves.extend(segments.map(|(place, text)| Leaf::Segment { place, text }));
            }
        }
    }
    leaves
}
