//! Building blocks of screens.

pub mod safe_text;
