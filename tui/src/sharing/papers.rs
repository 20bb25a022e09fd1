//! Signed documents as the casebook keeps them, and back.

use kith_protocol::{
    sign::{SignatureError, SignatureSet},
    signed::{Document, Signed},
};

use crate::casework::fact::SignedText;

pub(super) fn kept<T: Document>(signed: &Signed<T>) -> SignedText {
    SignedText { text: signed.text.clone(), signature: signed.signature.as_str().to_owned() }
}

pub(super) fn read<T: Document>(kept: &SignedText) -> Result<Signed<T>, SignatureError> {
    Ok(Signed::from_parts(kept.text.clone(), SignatureSet::from_text(&kept.signature)?))
}
