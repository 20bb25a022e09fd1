//! age.
