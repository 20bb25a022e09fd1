//! `kith demo`: the whole story, with fictional people and an embedded node.

mod calendar;
mod seed;
