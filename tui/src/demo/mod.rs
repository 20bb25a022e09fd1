//! `kith demo`: the whole story, with fictional people and an embedded node.

mod calendar;
mod clock;
mod desk;
mod fill;
mod history;
mod seed;
mod world;

use crate::{
    cli::failure::Failure,
    sharing::{office::OfficeError, rounds::RoundError},
    store::{CommandError, StoreError},
};

/// Why the demo did not go on.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error("the demo's own texts do not fit together: this is a fault in kith, please report it")]
    Seed,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Command(#[from] CommandError),
    #[error(transparent)]
    Office(#[from] OfficeError),
    #[error(transparent)]
    Round(#[from] RoundError),
    #[error("{0}")]
    Failed(String),
}

impl From<seed::SeedError> for DemoError {
    fn from(error: seed::SeedError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<Failure> for DemoError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure.message)
    }
}
