//! The `kith-node` program.
fn main() {}
