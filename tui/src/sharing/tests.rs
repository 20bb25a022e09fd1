//! Two agencies, a directory and a real node on loopback: what must hold between them.

#![cfg(feature = "demo")]

mod attached;
pub(crate) mod crash;
mod exchange;
mod files;
mod metadata;
mod one_log;
mod own_words;
mod persons;
mod properties;
mod refusals;
mod released;
mod rotation;
mod second;
mod seen_since;
pub(crate) mod story;
mod supplements;
mod unfiled;
mod withdrawn;
mod witness;
pub(crate) mod world;
mod years;
