//! Kith for safeguarding leads: casework kept locally and encrypted, shared with proof.
//!
//! Data goes one way. A key becomes an [`action::Action`], a screen turns it into a [`screens::Flow`], the worker carries
//! requests out and answers with events; a screen shows a change only after the commit.

pub mod action;
pub mod app;
pub mod casework;
pub mod cli;
#[cfg(feature = "demo")]
pub mod demo;
pub mod exports;
pub mod flow;
pub mod insight;
pub mod keymap;
pub mod pipe;
pub mod run;
pub mod screens;
pub mod sharing;
pub mod store;
pub mod text;
pub mod theme;
pub mod widgets;
pub mod worker;

pub use cli::main;
