//! The log: what was recorded, in one order that nobody can change unseen.
//!
//! A Merkle tree (RFC 6962), its checkpoints as signed notes (C2SP `signed-note`, `tlog-checkpoint`), and the
//! cosignatures of witnesses (`tlog-cosignature`). Only SHA-256 and Ed25519 are computed with, as those say.

mod checkpoint;
mod later;
mod logged;
mod many;
mod note;
mod offer;
mod origin;
mod path;
mod policy;
mod restored;
#[cfg(test)]
mod tests;
mod tree;
mod witness;

pub use self::{
    checkpoint::{Checkpoint, CheckpointError, Fork, SignedCheckpoint},
    later::NotLater,
    logged::{BadLogged, Logged},
    many::{MAX_LEAVES, Many},
    note::{MAX_NOTE_BYTES, MAX_NOTE_SIGNATURES, NoteError, NoteKey, NoteKind},
    offer::{Grown, MAX_GROWN, Offer, Shown},
    origin::Origin,
    path::{Growth, MAX_HASHES, Path, PathError},
    policy::{Cosigned, Policy, Standing, WITNESSES, Witnessed},
    restored::{BadRestored, MAX_RESTORED, Restored},
    tree::{MAX_SIZE, Node, OutOfRange, Tree, TreeError, leaf_hash, node_hash},
    witness::{Cosignature, Cosigner, Refused, Witness},
};
