//! `kith demo`: the whole story, with fictional people and an embedded node.

mod calendar;
mod clock;
mod desk;
mod fill;
mod history;
mod interactive;
mod play;
mod running;
mod seed;
mod world;

pub use self::play::Report;
use self::world::Cast;
use crate::{
    cli::failure::Failure,
    sharing::{office::OfficeError, rounds::RoundError},
    store::{CommandError, StoreError},
};

/// How the demo is run.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Whose desk to sit at.
    pub who: Desk,
    /// Leave the folder there afterwards.
    pub keep: bool,
}

/// A desk of the demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Desk {
    #[default]
    ElmPark,
    StJudes,
    Police,
    SocialCare,
}

impl Desk {
    const fn cast(self) -> Cast {
        match self {
            Self::ElmPark => world::ELM_PARK,
            Self::StJudes => world::ST_JUDES,
            Self::Police => world::POLICE,
            Self::SocialCare => world::SOCIAL_CARE,
        }
    }
}

/// Runs the demo on this terminal: joins the one that runs, or begins one. `told` gets a line at a time to show.
///
/// # Errors
/// When it cannot be set up, the desk is taken, or the terminal cannot be used.
pub fn sit(options: &Options, told: &mut dyn FnMut(&str)) -> Result<(), DemoError> {
    interactive::sit(options, told)
}

/// Plays the story by itself, telling a line at a time; says how many of its checks failed.
///
/// # Errors
/// When it cannot be set up.
pub fn play(options: &Options, told: &mut dyn FnMut(&str)) -> Result<Report, DemoError> {
    play::play(options.keep, told)
}

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
