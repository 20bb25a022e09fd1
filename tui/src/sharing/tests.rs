//! Two agencies, a directory and a real node on loopback: what must hold between them.

mod crash;
mod exchange;
mod files;
mod refusals;
mod world;
