//! What follows the verbs for a team: who opens the casebook, and what a second person checks.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{SectorArg, Shape};
use crate::casework::{case::LevelOfNeed, ids::ShareId};

#[derive(Debug, Args)]
pub struct Recover {
    /// Your own name; the one you had before, if you lost your passphrase.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Your role, such as "Designated Safeguarding Lead".
    #[arg(long)]
    pub role: Option<String>,
    /// Read the recovery card from this open file descriptor instead of asking.
    #[arg(long, value_name = "N")]
    pub card_fd: Option<u32>,
    /// Read the new passphrase from this open file descriptor instead of asking.
    #[arg(long, value_name = "N")]
    pub new_passphrase_fd: Option<u32>,
}

#[derive(Debug, Subcommand)]
pub enum Holder {
    /// Everybody who can open it.
    List {
        #[command(flatten)]
        shape: Shape,
    },
    /// Give somebody a passphrase of their own, and a key to sign with.
    Add {
        /// Their name; it stands on everything they sign.
        name: String,
        /// Their role, such as "Deputy Safeguarding Lead".
        #[arg(long)]
        role: String,
        /// Read their new passphrase from this open file descriptor instead of asking.
        #[arg(long, value_name = "N")]
        new_passphrase_fd: Option<u32>,
    },
    /// Every change of who can open it, with who made it and when.
    History {
        #[command(flatten)]
        shape: Shape,
    },
    /// Make a new recovery card; the one before opens nothing any more.
    Card {
        /// Write it to this new file instead of showing it once on the terminal.
        #[arg(long, value_name = "FILE")]
        recovery_file: Option<PathBuf>,
    },
    /// Take somebody's passphrase away; the casebook gets another key.
    Remove {
        /// Their whole name, as `kith holder list` shows it.
        name: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Their eight words, and those of keys that wait to be listed.
    Show {
        #[command(flatten)]
        shape: Shape,
    },
    /// Make others in their place, and the enrolment file for the admin of the node; in force once they are listed.
    Replace {
        /// Where to write it; AGENCY.new-keys.enrolment.json when not given.
        #[arg(long, value_name = "FILE")]
        enrolment: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub enum Check {
    /// Those that wait, oldest first.
    List {
        #[command(flatten)]
        shape: Shape,
    },
    /// One as its recipient will read it, with what was withheld and kept, and why.
    Show {
        /// The share, as `kith shares` lists it.
        share: ShareId,
        #[command(flatten)]
        shape: Shape,
    },
    /// Sign it as its second person; it is sent then. Whoever proposed it cannot.
    Approve {
        /// The share, as `kith check list` lists it.
        share: ShareId,
    },
    /// Send it back to who proposed it.
    Return {
        /// The share, as `kith shares` lists it.
        share: ShareId,
        /// Why, in a file or `-` for standard input.
        #[arg(long, value_name = "FILE")]
        why: PathBuf,
    },
    /// Which shares a second person must check: alone, what holds now; with options, what holds from now on.
    Policy {
        /// Those with agencies of this sector; can be given more than once.
        #[arg(long, value_enum)]
        sector: Vec<SectorArg>,
        /// Those from cases at this level of need; can be given more than once.
        #[arg(long, value_enum)]
        level: Vec<LevelArg>,
        /// None.
        #[arg(long, conflicts_with_all = ["sector", "level"])]
        off: bool,
        /// Why it changes, in a file or `-` for standard input.
        #[arg(long, value_name = "FILE")]
        why: Option<PathBuf>,
        #[command(flatten)]
        shape: Shape,
    },
}

/// The levels of need, as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LevelArg {
    Universal,
    EarlyHelp,
    ChildInNeed,
    ChildProtection,
}

impl From<LevelArg> for LevelOfNeed {
    fn from(level: LevelArg) -> Self {
        match level {
            LevelArg::Universal => Self::Universal,
            LevelArg::EarlyHelp => Self::EarlyHelp,
            LevelArg::ChildInNeed => Self::ChildInNeed,
            LevelArg::ChildProtection => Self::ChildProtection,
        }
    }
}
