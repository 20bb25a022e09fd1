//! How far each letter of a font goes on (ISO 32000-1, 9.2.4), in ems.

use std::collections::BTreeMap;

use unicode_normalization::char::is_combining_mark;

use super::{objects::Objects, reader::Value, standard};

/// Most entries of one font.
const MAX_ENTRIES: usize = 70_000;
/// Widest letter, in thousandths of an em.
const MAX_WIDTH: f64 = 10_000.0;

/// The widths that a font says, and what stands in for those it does not.
#[derive(Debug)]
pub(super) struct Widths {
    /// From a code to another.
    said: BTreeMap<u32, (u32, f64)>,
    /// Of codes that are not listed.
    usual: f64,
    /// Of one unit, in ems.
    unit: f64,
    face: fn(char) -> f64,
    /// How many entries were looked at.
    pub(super) looked: usize,
}

impl Default for Widths {
    fn default() -> Self {
        Self { said: BTreeMap::new(), usual: 0.0, unit: 0.001, face: standard::face(""), looked: 0 }
    }
}

impl Widths {
    /// What a simple font says in `/Widths`.
    pub(super) fn simple(objects: &Objects, font: &Value) -> Self {
        let of = |value: &Value, key| value.get(key).and_then(|value| objects.resolve(value)).and_then(real);
        let descriptor = font.get("FontDescriptor").and_then(|value| objects.resolve(value));
        let usual = descriptor.and_then(|value| of(value, "MissingWidth")).unwrap_or_default();
        let mut widths = Self { usual, ..Self::named(font) };
        if font.name("Subtype") == Some("Type3")
            && let Some(Value::Array(matrix)) =
                font.get("FontMatrix").and_then(|value| objects.resolve(value))
        {
            widths.unit = matrix.first().and_then(real).unwrap_or(widths.unit).abs();
        }
        let first = font.get("FirstChar").and_then(|value| objects.resolve(value)).and_then(Value::whole);
        if let Some(Value::Array(all)) = font.get("Widths").and_then(|value| objects.resolve(value)) {
            widths.list(objects, code(first.unwrap_or_default()), all);
        }
        widths
    }

    /// What the descendant of a font of many letters says in `/W`, where its codes are its numbers.
    pub(super) fn wide(objects: &Objects, font: &Value) -> Self {
        let identity = font.name("Encoding").is_some_and(|name| name.starts_with("Identity"));
        let descendant = match font.get("DescendantFonts").and_then(|value| objects.resolve(value)) {
            Some(Value::Array(all)) => all.first().and_then(|value| objects.resolve(value)),
            _ => None,
        };
        let Some(descendant) = descendant.filter(|_| identity) else { return Self::named(font) };
        let usual = descendant.get("DW").and_then(|value| objects.resolve(value));
        let mut widths = Self { usual: usual.and_then(real).unwrap_or(1000.0), ..Self::named(font) };
        let Some(Value::Array(all)) = descendant.get("W").and_then(|value| objects.resolve(value)) else {
            return widths;
        };
        let mut rest = all.as_slice();
        while let [from, after @ ..] = rest
            && widths.looked < MAX_ENTRIES
        {
            widths.looked += 1;
            let Some(from) = objects.resolve(from).and_then(Value::whole).map(code) else { break };
            rest = match after {
                [next, after @ ..] => match (objects.resolve(next), after) {
                    (Some(Value::Array(all)), after) => {
                        widths.list(objects, from, all);
                        after
                    }
                    (Some(to), [width, after @ ..]) => {
                        let (to, width) = (to.whole().map(code), objects.resolve(width).and_then(real));
                        if let (Some(to), Some(width)) = (to, width) {
                            widths.put(from, to, width);
                        }
                        after
                    }
                    _ => break,
                },
                [] => break,
            };
        }
        widths
    }

    fn named(font: &Value) -> Self {
        Self { face: standard::face(font.name("BaseFont").unwrap_or_default()), ..Self::default() }
    }

    fn list(&mut self, objects: &Objects, first: u32, all: &[Value]) {
        for (code, value) in (first..).zip(all.iter().take(MAX_ENTRIES.saturating_sub(self.looked))) {
            self.looked += 1;
            if let Some(width) = objects.resolve(value).and_then(real) {
                self.put(code, code, width);
            }
        }
    }

    fn put(&mut self, from: u32, to: u32, width: f64) {
        self.said.insert(from, (to, width));
    }

    /// How wide a letter is. Few have no width: where the file says so of others, it is not known.
    pub(super) fn of(&self, code: u32, text: &str) -> f64 {
        let said = self.said.range(..=code).next_back().filter(|(_, (to, _))| code <= *to);
        let width = said.map_or(self.usual, |(_, (_, width))| *width);
        match text.chars().next() {
            Some(first) if width <= 0.0 && !first.is_control() && !is_combining_mark(first) => {
                (self.face)(first) / 1000.0
            }
            _ => width * self.unit,
        }
    }
}

fn real(value: &Value) -> Option<f64> {
    let Value::Number(number) = *value else { return None };
    (number.abs() <= MAX_WIDTH).then_some(number)
}

fn code(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
