//! The bundle for a person.
