//! The text of signed documents: compact JSON whose first field says what it is, `{"kith":"directory/1",…}`.
//!
//! Sign the text, keep the text, verify the text; only then read it.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

/// Why a document was not read. Its own words are never repeated here: they are a stranger's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadDocument {
    #[error("the {what} has {bytes} bytes; at most {limit} are read")]
    TooLong { what: &'static str, bytes: usize, limit: usize },
    #[error("this is no {what} of a version this program knows")]
    OtherKind { what: &'static str },
    #[error("the {what} does not follow its format at byte {at}")]
    Malformed { what: &'static str, at: usize },
    #[error("the {what} is not acceptable: {why}")]
    Refused { what: &'static str, why: &'static str },
}

/// One kind of signed document: its name and version, and the longest that is read, in bytes.
pub struct Kind {
    pub(crate) name: &'static str,
    pub(crate) version: u32,
    pub(crate) limit: usize,
}

impl Kind {
    fn opening(&self) -> String {
        format!(r#"{{"kith":"{}/{}","#, self.name, self.version)
    }

    /// The text of `body`, which has at least one field. Within 16 KiB it is written in one place, no copy left behind.
    pub(crate) fn write<T: Serialize>(&self, body: &T) -> String {
        let mut json = Vec::with_capacity(self.limit.min(16 * 1024));
        // Plain data with text for keys always has a JSON form; were there none, the empty text says nothing.
        let written = serde_json::to_writer(&mut json, body).is_ok();
        let mut text = String::from_utf8(json).unwrap_or_default();
        if written && text.starts_with('{') {
            text.replace_range(..1, &self.opening());
            text
        } else {
            String::new()
        }
    }

    /// Reads a text that was verified. Unknown and repeated fields are refused where `T` refuses them.
    pub(crate) fn read<T: DeserializeOwned>(&self, text: &str) -> Result<T, BadDocument> {
        self.parse(&self.fields(text)?)
    }

    /// The fields after the kind, as JSON of their own; wiped when dropped, since they may be secret.
    pub(crate) fn fields(&self, text: &str) -> Result<Zeroizing<String>, BadDocument> {
        self.check_length(text)?;
        let fields = text.strip_prefix(&self.opening()).ok_or(BadDocument::OtherKind { what: self.name })?;
        Ok(Zeroizing::new(["{", fields].concat()))
    }

    /// Reads what [`Self::fields`] gave.
    pub(crate) fn parse<'a, T: Deserialize<'a>>(&self, fields: &'a str) -> Result<T, BadDocument> {
        serde_json::from_str(fields).map_err(|error| BadDocument::Malformed {
            what: self.name,
            at: (self.opening().len() + error.column()).saturating_sub(1),
        })
    }

    /// Refuses a text that is too long, before anything is done with it.
    pub(crate) const fn check_length(&self, text: &str) -> Result<(), BadDocument> {
        if text.len() > self.limit {
            Err(BadDocument::TooLong { what: self.name, bytes: text.len(), limit: self.limit })
        } else {
            Ok(())
        }
    }

    pub(crate) const fn refused(&self, why: &'static str) -> BadDocument {
        BadDocument::Refused { what: self.name, why }
    }
}

/// Whether a name can be shown as it stands: 1 to `most` characters on one line, nothing that hides or reorders text.
pub(crate) fn is_plain_name(text: &str, most: usize) -> bool {
    let hides = |c: char| {
        c.is_control()
            || matches!(c, '\u{ad}' | '\u{61c}' | '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
    };
    let length = text.chars().take(most + 1).count();
    (1..=most).contains(&length) && !text.chars().any(hides) && text.trim() == text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Note {
        words: String,
    }

    const NOTE: Kind = Kind { name: "note", version: 1, limit: 60 };

    #[test]
    fn the_kind_stands_first_and_the_rest_reads_back() {
        let note = Note { words: "a".into() };
        let text = NOTE.write(&note);
        assert_eq!(text, r#"{"kith":"note/1","words":"a"}"#);
        assert_eq!(NOTE.read::<Note>(&text), Ok(note));
    }

    #[test]
    fn other_kinds_unknown_fields_and_long_texts_are_refused() {
        let what = "note";
        for other in [r#"{"kith":"note/2","words":"a"}"#, r#"{"words":"a","kith":"note/1"}"#, "", "{}"] {
            assert_eq!(NOTE.read::<Note>(other), Err(BadDocument::OtherKind { what }), "{other}");
        }
        for bad in [
            r#"{"kith":"note/1","words":"a","more":1}"#,
            r#"{"kith":"note/1","words":"a","words":"b"}"#,
            r#"{"kith":"note/1","words":"a"}}"#,
            r#"{"kith":"note/1",}"#,
        ] {
            assert!(matches!(NOTE.read::<Note>(bad), Err(BadDocument::Malformed { .. })), "{bad}");
        }
        let long = NOTE.write(&Note { words: "a".repeat(60) });
        assert!(matches!(NOTE.read::<Note>(&long), Err(BadDocument::TooLong { limit: 60, .. })));
    }

    #[test]
    fn names_that_hide_or_reorder_are_not_plain() {
        for good in ["Elm Park Primary", "O’Neill-Šimůnek", "李老师"] {
            assert!(is_plain_name(good, 40), "{good}");
        }
        for bad in [
            "",
            " a",
            "a\n",
            "a\u{1b}[2J",
            "a\u{202e}b",
            "a\u{200b}b",
            "12345678901234567890123456789012345678901",
        ] {
            assert!(!is_plain_name(bad, 40), "{bad:?}");
        }
    }
}
