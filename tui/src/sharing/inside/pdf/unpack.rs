//! Streams unpacked, and what it may cost to read one file.

use std::io::Read as _;

use flate2::read::ZlibDecoder;

use super::reader::{Reader, Value};

/// Most objects of one file.
pub(super) const MAX_OBJECTS: usize = 200_000;
/// Most bytes that all streams together may unpack to.
const MAX_UNPACKED: usize = 64 << 20;
/// Most values of all objects together.
const MAX_VALUES: usize = 4 << 20;
/// Most bytes in which values are looked for, also again and again.
const MAX_READ: usize = 160 << 20;

/// What may still be spent on a file. What is asked of it gives none when it is too much.
#[derive(Debug)]
pub(super) struct Budget {
    unpacked: usize,
    values: usize,
    read: usize,
}

/// The bytes of a stream.
#[derive(Debug)]
pub(super) struct Unpacked {
    pub(super) bytes: Vec<u8>,
    /// Nothing in it was damaged.
    pub(super) whole: bool,
}

impl Default for Budget {
    fn default() -> Self {
        Self { unpacked: MAX_UNPACKED, values: MAX_VALUES, read: MAX_READ }
    }
}

impl Budget {
    /// The next value, if it reads.
    pub(super) fn value(&mut self, reader: &mut Reader<'_>) -> Option<Option<Value>> {
        let start = reader.at;
        reader.left = self.values;
        let value = reader.value(0);
        self.values = reader.left;
        self.spend(reader.at.saturating_sub(start))?;
        (self.values > 0).then_some(value)
    }

    /// Bytes were read that are not read for nothing again and again.
    pub(super) fn spend(&mut self, bytes: usize) -> Option<()> {
        self.read = self.read.checked_sub(bytes)?;
        Some(())
    }

    /// A stream unpacked, if it is packed in a way that is known: not at all, or by Flate with or without the filters of
    /// PNG (ISO 32000-1, 7.4.4). What was unpacked before damage counts.
    pub(super) fn unpack(&mut self, value: &Value, raw: &[u8]) -> Option<Option<Unpacked>> {
        let unpacked = match only(value.get("Filter")) {
            None => Unpacked { bytes: raw.to_vec(), whole: true },
            Some(Value::Name(name)) if name == "FlateDecode" || name == "Fl" => {
                let mut bytes = Vec::new();
                let most = self.unpacked as u64 + 1;
                let whole = ZlibDecoder::new(raw).take(most).read_to_end(&mut bytes).is_ok();
                if bytes.len() > self.unpacked {
                    return None;
                }
                match predicted(only(value.get("DecodeParms")), &bytes) {
                    Some(None) => Unpacked { bytes, whole },
                    Some(Some(bytes)) => Unpacked { bytes, whole },
                    None => return Some(None),
                }
            }
            Some(_) => return Some(None),
        };
        self.unpacked = self.unpacked.checked_sub(unpacked.bytes.len())?;
        Some(Some(unpacked))
    }

    /// Where the objects within an object stream stand, with their numbers (ISO 32000-1, 7.5.7).
    pub(super) fn within(&mut self, value: &Value, unpacked: &[u8]) -> Option<Vec<(u32, usize)>> {
        let (Some(count), Some(first)) = (value.number("N"), value.number("First")) else {
            return Some(Vec::new());
        };
        let mut head = Reader::file(unpacked, 0);
        let mut places = Vec::new();
        for _ in 0..count {
            let (Some(number), Some(offset)) = (head.whole(), head.whole()) else { break };
            places.push((number, first.saturating_add(offset as usize)));
            self.values = self.values.checked_sub(1)?;
        }
        Some(places)
    }
}

/// One filter may stand alone or in a list of one.
pub(super) fn only(value: Option<&Value>) -> Option<&Value> {
    match value {
        Some(Value::Array(all)) if all.len() <= 1 => only(all.first()),
        Some(Value::Word(word)) if word == b"null" => None,
        other => other,
    }
}

/// The bytes before they were filtered, where they were; none when that is of an unknown kind.
fn predicted(parms: Option<&Value>, bytes: &[u8]) -> Option<Option<Vec<u8>>> {
    let Some(parms) = parms else { return Some(None) };
    if !matches!(parms, Value::Dict(_)) {
        return None;
    }
    let number = |key, usual| if parms.get(key).is_some() { parms.number(key) } else { Some(usual) };
    match number("Predictor", 1)? {
        1 => return Some(None),
        10..=15 => {}
        _ => return None,
    }
    let pixel = number("Colors", 1)?.checked_mul(number("BitsPerComponent", 8)?)?;
    let row = pixel.checked_mul(number("Columns", 1)?)?.div_ceil(8);
    (1..=bytes.len().max(1)).contains(&row).then(|| unfiltered(bytes, row, pixel.div_ceil(8)))?.map(Some)
}

/// Rows of PNG, each after the number of its filter (ISO/IEC 15948, 9).
fn unfiltered(bytes: &[u8], row: usize, pixel: usize) -> Option<Vec<u8>> {
    let mut out: Vec<u8> = Vec::with_capacity(bytes.len());
    for (y, line) in bytes.chunks(row + 1).enumerate() {
        let (filter, line) = line.split_first()?;
        for (x, byte) in line.iter().enumerate() {
            let at = out.len();
            let from = |back: usize, there: bool| {
                there
                    .then(|| at.checked_sub(back))
                    .flatten()
                    .and_then(|at| out.get(at))
                    .map_or(0, |b| u16::from(*b))
            };
            let left = from(pixel, x >= pixel);
            let above = from(row, y > 0);
            let corner = from(row + pixel, y > 0 && x >= pixel);
            let guess = match filter {
                0 => 0,
                1 => left,
                2 => above,
                3 => (left + above) / 2,
                4 => {
                    let (a, b) = (above.abs_diff(corner), left.abs_diff(corner));
                    let c = (left + above).abs_diff(2 * corner);
                    if a <= b && a <= c {
                        left
                    } else if b <= c {
                        above
                    } else {
                        corner
                    }
                }
                _ => return None,
            };
            out.push(byte.wrapping_add(u8::try_from(guess).ok()?));
        }
    }
    Some(out)
}
