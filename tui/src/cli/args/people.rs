//! What follows `kith people`.

use std::path::PathBuf;

use clap::Subcommand;

use super::Shape;
use crate::casework::ids::PersonId;

#[derive(Debug, Subcommand)]
pub enum People {
    /// Take people in from a CSV file; nothing is taken in when any line is wrong, or names somebody who is known.
    #[command(after_help = crate::cli::people::import_form())]
    Import {
        /// The file, in UTF-8; its first line names the columns.
        file: PathBuf,
        /// Amend those who are known already, by UPN, NHS number, or name and birth date.
        #[arg(long)]
        update: bool,
        /// Record also those of whom somebody of the same name and birth date is known: other people.
        #[arg(long, conflicts_with = "update")]
        again: bool,
        #[command(flatten)]
        shape: Shape,
    },
    /// Everybody the casebook knows, in the order they were recorded.
    List {
        /// Pupils only.
        #[arg(long)]
        pupils: bool,
        #[command(flatten)]
        shape: Shape,
    },
    /// Put right what is recorded of somebody, by JSON on standard input; the version before stays on record.
    #[command(after_help = crate::cli::people::AMENDMENT)]
    Amend {
        /// Whom, such as 1-42.
        person: PersonId,
    },
    /// Say that two records are of one person; both stay, either name finds them. Why stands on standard input.
    Same {
        /// One record, such as 1-42.
        one: PersonId,
        /// The other.
        other: PersonId,
        /// They are two people after all: takes it back.
        #[arg(long)]
        not: bool,
    },
    /// Find people by part of a name, also misspelt, or by UPN or NHS number.
    Find {
        /// A number or reference; `-` (the default) reads the name from standard input, where no history keeps it.
        #[arg(default_value = "-")]
        text: String,
        /// Pupils only.
        #[arg(long)]
        pupils: bool,
        #[command(flatten)]
        shape: Shape,
    },
    /// Everything known of one person.
    Show {
        /// Whom, such as 1-42.
        person: PersonId,
        #[command(flatten)]
        shape: Shape,
    },
}
