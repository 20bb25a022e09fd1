//! What tests and benchmarks share: a terminal, other people's programs, fixtures, and casebooks of any size.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a harness that cannot go on stops the test it serves"
)]

pub mod bundles;
pub mod desk;
pub mod narrative;
pub mod pty;
pub mod scale;
pub mod script;
pub mod tools;
pub mod world;
