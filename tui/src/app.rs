//! The layers of screens and what an event does to them.
