//! Signed receipts.
