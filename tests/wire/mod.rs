//! The formats as bytes: every vector, every way of cutting a stream, and what is malformed.

mod chunked;
mod consent;
mod forms;
mod gates;
mod golden;
mod links;
mod malformed;
mod opened;
pub(crate) mod papers;
mod pieces;
mod signed;
mod streams;
mod vectors;
