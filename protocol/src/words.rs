//! Eight words.
