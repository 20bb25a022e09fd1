//! One test binary for the whole of Kith.

mod tidy;
