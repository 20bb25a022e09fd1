//! What follows `kith consent`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use kith_protocol::{consent::ConsentState, ids::AgencyId};

use super::Shape;
use crate::casework::ids::{CaseId, ConsentId};

/// What `--said` holds, wherever it is read.
const SAID: &str = "The text begins with a line that says who, such as \"Dana Oakes, mother\"; how, and in which words, follows.";

#[derive(Debug, Subcommand)]
pub enum Consent {
    /// The records of a case, with their history, and decisions not to share.
    List {
        /// The case, such as 1-204.
        case: CaseId,
        #[command(flatten)]
        shape: Shape,
    },
    /// Put a record in the case on which nothing goes yet: consent is asked for first, or it was refused.
    Add {
        /// The case, such as 1-204.
        case: CaseId,
        /// The record, filled in as `kith share --template` prints it, or `-`.
        record: PathBuf,
        #[command(flatten)]
        shape: Shape,
    },
    /// Record that consent was asked for, given or refused.
    #[command(after_help = SAID)]
    Record {
        /// The record, such as 1-300.
        consent: ConsentId,
        /// What happened.
        #[arg(long, value_enum)]
        state: StateArg,
        /// Who, and how, in a file or `-`.
        #[arg(long, value_name = "FILE")]
        said: PathBuf,
    },
    /// Record that it was withdrawn: what waits stops, and whoever has it is asked to delete it.
    #[command(after_help = SAID)]
    Withdraw {
        /// The record, such as 1-300.
        consent: ConsentId,
        /// Who, and why, in a file or `-`.
        #[arg(long, value_name = "FILE")]
        said: PathBuf,
    },
    /// Record a decision not to share, signed by you and your agency.
    Decline {
        /// The case, such as 1-204.
        case: CaseId,
        /// With whom: short name of the agency, as in the directory.
        #[arg(long, value_name = "AGENCY")]
        with: AgencyId,
        /// Why, in a file or `-`.
        #[arg(long, value_name = "FILE")]
        because: PathBuf,
    },
    /// Print a record in a form of others.
    Export {
        /// The record, such as 1-300.
        consent: ConsentId,
        /// In which form.
        #[arg(long, value_enum)]
        format: FormatArg,
        /// For `signed`: a new folder for the text, its signatures and the keys to check them with.
        #[arg(long, value_name = "DIR", required_if_eq("format", "signed"))]
        out: Option<PathBuf>,
    },
    /// Keep the text of a privacy notice; new records name it by its digest.
    Notice {
        /// The text, exactly as families are given it; `-` for standard input.
        file: PathBuf,
        /// Its name and version, as records call it.
        #[arg(long, value_name = "NAME")]
        name: String,
        /// The language it is written in.
        #[arg(long, value_name = "TAG", default_value = "en-GB")]
        language: String,
    },
}

/// What can be recorded of a consent, as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StateArg {
    Requested,
    Given,
    Refused,
}

impl From<StateArg> for ConsentState {
    fn from(state: StateArg) -> Self {
        match state {
            StateArg::Requested => Self::Requested,
            StateArg::Given => Self::Given,
            StateArg::Refused => Self::Refused,
        }
    }
}

/// The forms of others, as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FormatArg {
    /// As it is, with what happened since: `kith share --consent` takes it.
    Record,
    /// ISO/IEC TS 27560 in W3C DPV, as JSON-LD.
    Dpv,
    /// A FHIR R4 Consent.
    Fhir,
    /// A decision not to share, with its OpenSSH signatures.
    Signed,
}
