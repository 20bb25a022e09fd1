//! What tests and benchmarks share: a terminal, other people's programs, and the two programs under test.

pub mod bundles;
pub mod pty;
pub mod tools;
