//! One test binary for the whole of Kith.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that cannot go on stops its test"
)]

mod docs;
mod faults;
mod fields;

mod fuzz;
mod interop;
mod journeys;
mod screens;
mod suggestions;
mod tidy;
mod wire;
