//! What tells of a PDF who made it, when and with what, beside its Info and XMP.

use super::{MADE, reader::Value, unpack::only};

/// Wherever they stand: properties, what programs note for themselves, dates, small pictures of what pages once showed.
const ANYWHERE: [&str; 9] = [
    "Metadata",
    "PieceInfo",
    "LastModified",
    "SourceModified",
    "CreationDate",
    "ModDate",
    "CreatorInfo",
    "SpiderInfo",
    "Thumb",
];
/// Objects that hold what goes: properties, and the tables and packages of an earlier file.
const WHOLE: [&str; 3] = ["Metadata", "ObjStm", "XRef"];

/// Does an entry of this dictionary tell that? Whoever writes a comment signs it; the names of form fields stay.
pub(super) fn in_entry(dict: &Value, key: &str) -> bool {
    let comment = || dict.get("Rect").is_some() && dict.get("Subtype").is_some();
    match key {
        "NM" | "M" => comment(),
        "T" => comment() && dict.name("Subtype") != Some("Widget"),
        // The same as its contents, with the name of a program.
        "RC" => comment() && dict.get("Contents").is_some(),
        _ => ANYWHERE.contains(&key) || MADE.contains(&key),
    }
}

/// Does a whole object?
pub(super) fn in_object(value: &Value) -> bool {
    value.name("Type").is_some_and(|kind| WHOLE.contains(&kind))
}

/// A digital signature, which holds for the bytes of its file alone (ISO 32000-1, 12.8).
pub(super) fn is_signature(dict: &Value) -> bool {
    dict.get("ByteRange").is_some() || matches!(dict.name("Type"), Some("Sig" | "DocTimeStamp"))
}

/// A picture within whose packing there may be properties that are not taken out: JPEG packed once more, JPEG 2000.
pub(super) fn is_wrapped(picture: &Value) -> bool {
    match only(picture.get("Filter")) {
        Some(Value::Array(all)) => all.iter().any(is_a_format),
        Some(one) => *one == Value::Name("JPXDecode".to_owned()),
        None => false,
    }
}

fn is_a_format(filter: &Value) -> bool {
    matches!(filter, Value::Name(name) if ["DCTDecode", "DCT", "JPXDecode"].contains(&name.as_str()))
}
