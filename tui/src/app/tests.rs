//! Keys in; screen text and effects out, answered by a made-up casebook.

mod journeys;
mod look;
mod rules;
pub(crate) mod world;
