//! The signed directory.
