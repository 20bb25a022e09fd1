//! One test binary for the whole of Kith.

mod docs;
mod tidy;
