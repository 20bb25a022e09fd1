//! What can be typed after `kith`. Names of children are never arguments: they would stay in the shell's history.

mod consent;
mod groups;
mod people;
mod team;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

#[cfg(feature = "demo")]
pub use self::groups::{Demo, DemoAs};
pub use self::{
    consent::{Consent, FormatArg},
    groups::{
        Book, Case, Concern, Contacts, DirectoryVerb, Disclose, Inbox, Init, KeepArg, OneFile, SectorArg,
        Share, Shares,
    },
    people::People,
    team::{Check, Holder, Keys, Recover},
};
use super::exit::Exit;
use crate::casework::ids::{CaseId, ShareId};

const EXAMPLES: &str = "\
Examples:
  kith                      open the full-screen program on your casebook
  kith demo                 try everything with fictional people
  kith init --agency elm-park --agency-name 'Elm Park Primary' \\
      --sector school --name 'Amina Khan' --role 'Safeguarding Lead'
  kith case list --json | jq '.cases[] | select(.actions_overdue > 0)'
  kith chronology 1-204 --significant
  kith share 1-204 --to northshire-police --consent record.json --dry-run
  kith holder add 'Ben Lowe' --role 'Deputy Safeguarding Lead'
  kith open bundle.age --envelope bundle.age.envelope.json --out folder

The casebook's folder is the one given with --casebook, else KITH_CASEBOOK,
else the usual place of your system. Passphrases are typed, or read from a
file descriptor (--passphrase-fd 3 3<file); never from an argument. Data goes
to standard output, everything else to standard error. --json is one line;
its form and version stand in the field `kith`.";

/// Casework for safeguarding leads, kept locally and encrypted, shared with proof.
#[derive(Debug, Parser)]
#[command(name = "kith", version, about, long_about = None, max_term_width = 110)]
#[command(before_help = EXAMPLES, after_help = Exit::help())]
pub struct Cli {
    #[command(flatten)]
    pub common: Common,
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

/// What every verb knows.
#[derive(Debug, Clone, Default, Args)]
pub struct Common {
    /// Folder of the casebook [env: KITH_CASEBOOK].
    #[arg(long, global = true, value_name = "PATH")]
    pub casebook: Option<PathBuf>,
    /// Read the passphrase from this open file descriptor instead of asking.
    #[arg(long, global = true, value_name = "N")]
    pub passphrase_fd: Option<u32>,
    /// Never ask; fail where a question would be needed.
    #[arg(long, global = true)]
    pub no_input: bool,
}

/// For programs instead of people.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct Shape {
    /// One line of JSON, its form and version named in the field `kith`.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Make a casebook, your agency's keys and your own, and the enrolment file for the admin of the node.
    Init(Init),
    /// Join a partnership with the invitation that the admin of the node gave you.
    Join {
        /// The invitation, for example invitation.json.
        file: PathBuf,
        /// The admin of the node has read these same eight words to you, and you compared them.
        #[arg(long)]
        compared: bool,
    },
    /// Check that the passphrase opens the casebook, and that you can sign.
    Unlock,
    /// Open the casebook with the recovery card, and choose a new passphrase.
    Recover(Recover),
    /// Change your passphrase.
    Passphrase {
        /// Read the new passphrase from this open file descriptor instead of asking.
        #[arg(long, value_name = "N")]
        new_passphrase_fd: Option<u32>,
    },
    /// Who can open the casebook, each with a passphrase of their own.
    #[command(subcommand)]
    Holder(Holder),
    /// Your agency's keys.
    #[command(subcommand)]
    Keys(Keys),
    /// People the casebook knows.
    #[command(subcommand)]
    People(People),
    /// Concerns: something seen, heard or said about a child.
    #[command(subcommand)]
    Concern(Concern),
    /// Cases.
    #[command(subcommand)]
    Case(Case),
    /// What happened in a case, in order.
    Chronology {
        /// The case, such as 1-204.
        case: CaseId,
        /// Significant events only.
        #[arg(long)]
        significant: bool,
        #[command(flatten)]
        shape: Shape,
    },
    /// Share from a case with one agency: check, preview, send.
    Share(Box<Share>),
    /// Shares that wait for a second person's check, and which shares need one.
    #[command(subcommand)]
    Check(Check),
    /// What was shared, and how far each has come; alone: the list.
    Shares {
        #[command(subcommand)]
        what: Option<Shares>,
        /// Only of this case.
        #[arg(long, value_name = "REF")]
        case: Option<CaseId>,
        #[command(flatten)]
        shape: Shape,
    },
    /// Take a share back: what nobody has collected stops; whoever has it is asked to delete it.
    Withdraw {
        /// The share, as `kith shares` lists it.
        share: ShareId,
        /// Why, in a file or `-`; whoever has it reads this, so name nobody.
        #[arg(long, value_name = "FILE")]
        why: PathBuf,
        /// By when they are asked to answer; a fortnight when not given.
        #[arg(long, value_name = "DATE")]
        answer_by: Option<jiff::civil::Date>,
    },
    /// Consent records: what was asked, given, refused and withdrawn; exports; notices.
    #[command(subcommand)]
    Consent(Consent),
    /// The agencies of the directory, and whether their keys were verified.
    #[command(subcommand)]
    Contacts(Contacts),
    /// Bundles that other agencies sent; alone: the list.
    Inbox {
        #[command(subcommand)]
        what: Option<Inbox>,
        #[command(flatten)]
        shape: Shape,
    },
    /// The partnership's directories that were accepted here; one of them as a file for whoever checks a bundle.
    #[command(subcommand)]
    Directory(DirectoryVerb),
    /// Talk to the node once: send what is queued, collect what waits, exchange receipts.
    Exchange {
        #[command(flatten)]
        shape: Shape,
    },
    /// Open a sealed file with your agency's key, verify it and show it.
    Open {
        /// The sealed file, for example bundle.age.
        file: PathBuf,
        /// Its signed envelope, when you have it: proves that nobody re-sealed it.
        #[arg(long, value_name = "FILE")]
        envelope: Option<PathBuf>,
        /// Extract everything into this new folder.
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        /// A supplement to it: what it releases is shown in its place. May be given several times.
        #[arg(long, value_name = "FILE")]
        with: Vec<PathBuf>,
        /// Print it as a FHIR R4 document (JSON) for a health system.
        #[arg(long, conflicts_with = "json")]
        fhir: bool,
        #[command(flatten)]
        shape: Shape,
    },
    /// Verify a sealed file, or the opened files in a folder, and say what is proven and what is not.
    Verify {
        /// The sealed file, or the folder with its opened files; also the papers of a share, or a decision not to share.
        file: PathBuf,
        /// Judge the opened files by this signed directory, without a casebook; several, when keys changed.
        #[arg(long, value_name = "FILE")]
        directory: Vec<PathBuf>,
        /// Its signed envelope, when you have it: proves that nobody re-sealed it.
        #[arg(long, value_name = "FILE")]
        envelope: Option<PathBuf>,
        /// A supplement to it, sealed or opened, whose words are shown in their place; or a note of who signed the log since.
        /// several times, in any order. To the papers of a share: the bundle that it sent, opened or sealed.
        #[arg(long, value_name = "FILE")]
        with: Vec<PathBuf>,
        #[command(flatten)]
        shape: Shape,
    },
    /// Release words that a share withheld, to its recipient, as a small file that fits the bundle.
    Disclose(Disclose),
    /// Look after the casebook itself.
    #[command(subcommand)]
    Casebook(Book),
    /// Where things lie.
    Paths {
        #[command(flatten)]
        shape: Shape,
    },
    /// Write completions for a shell.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
    /// The whole story with fictional people and a node of its own; in a terminal you take part.
    #[cfg(feature = "demo")]
    Demo(Demo),
}

#[cfg(test)]
mod tests;
