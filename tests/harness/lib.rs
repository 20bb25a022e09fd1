//! What tests and benchmarks share: a terminal, other people's programs, fixtures, and casebooks of any size.

pub mod pty;
pub mod scale;
pub mod tools;
