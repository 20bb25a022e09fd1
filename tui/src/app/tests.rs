//! Keys in; screen text and effects out, answered by a made-up casebook.

mod answers;
mod arrived;
mod checking;
mod inbox;
mod journeys;
mod letters;
mod lists;
mod look;
mod real;
mod retention;
mod rules;
pub(crate) mod world;
