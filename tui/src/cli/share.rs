//! `kith share`.

/// The forms that `share` reads.
pub(super) const FORM: &str = "";
