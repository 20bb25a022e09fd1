//! What must not leave, looked for in the words of attachments.

use std::io::{self, Read as _};

use kith_protocol::{
    bundle::{Attachment, AttachmentSource, Forbidden, SealRefused, forbidden_left_in},
    consent::Refusal,
};
use serde_json::{Map, Value};

use super::inside::{self, MAX_LOOKED_INTO};

/// What of it stands in the words of one attachment.
pub(super) fn left_in(name: &str, words: &str, forbidden: &[Forbidden]) -> Vec<Refusal> {
    if words.is_empty() {
        return Vec::new();
    }
    let file = Map::from_iter([(name.to_owned(), Value::from(words))]);
    forbidden_left_in(&Map::from_iter([("attachments".to_owned(), Value::from(file))]), forbidden)
}

/// Looks into attachments once more just as they go, for what never leaves.
///
/// # Errors
/// All that was found, with the attachment it stands in; or an attachment cannot be read.
pub(super) fn search(
    attachments: &[Attachment],
    source: &mut dyn AttachmentSource,
    never: &[Forbidden],
) -> Result<(), SealRefused> {
    let mut refusals = Vec::new();
    for one in attachments {
        if never.is_empty() || inside::unopened(&one.media_type, one.size).is_some() {
            continue;
        }
        let bytes =
            read(one, source).map_err(|source| SealRefused::Attachment { name: one.name.clone(), source })?;
        refusals.extend(left_in(&one.name, &inside::look(&one.media_type, &bytes).text, never));
    }
    if refusals.is_empty() { Ok(()) } else { Err(SealRefused::Refused(refusals)) }
}

fn read(attachment: &Attachment, source: &mut dyn AttachmentSource) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.open(attachment)?.take(MAX_LOOKED_INTO).read_to_end(&mut bytes)?;
    Ok(bytes)
}
