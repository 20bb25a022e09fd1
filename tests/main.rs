//! One test binary for the whole of Kith.

mod interop;
mod tidy;
mod wire;
