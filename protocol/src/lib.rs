//! What two agencies say to each other, and what must hold before either believes it.
//!
//! This crate knows no socket, file, clock, thread or database: time is a parameter, bytes come and go through
//! `Read` and `Write`. `seal` alone names age, `wire` alone names bincode.

pub mod answer;
pub mod approval;
pub mod archive;
pub mod bundle;
pub mod consent;
pub mod directory;
pub mod disposal;
pub mod document;
pub mod enrolment;
pub mod envelope;
pub mod evidence;
pub mod fact;
pub mod gate;
pub mod ids;
pub mod keys;
pub mod letter;
pub mod log;
mod moment;
pub mod page;
pub mod papers;
pub mod receipt;
pub mod seal;
pub mod sign;
pub mod signed;
pub mod supplement;
pub mod wire;
pub mod words;
