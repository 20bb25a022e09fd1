//! The tar inside a bundle.
