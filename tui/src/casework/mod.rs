//! Casework: what is known of children, and what may be done. Pure: no screen, SQL, network or clock.

pub mod case;
pub mod category;
pub mod command;
pub mod contact;
pub mod decide;
pub mod entry;
pub mod event;
pub mod fact;
pub mod holder;
pub mod identifier;
pub mod ids;
pub mod nearest;
pub mod people_file;
pub mod person;
pub mod query;
pub mod retention;
pub mod second;
pub mod supplied;
pub mod typed_time;
