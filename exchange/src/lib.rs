//! How bundles travel: links between two keys, the courier that calls a node, and the node itself.

pub mod courier;
pub mod disk;
pub mod link;
#[cfg(feature = "node")]
pub mod node;
