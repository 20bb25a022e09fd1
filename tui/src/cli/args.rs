//! What can be typed after `kith`. Names of children are never arguments: they would stay in the shell's history.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};
use kith_protocol::{directory::Sector, ids::AgencyId};

use super::exit::Exit;
use crate::casework::ids::{CaseId, EntryId, PersonId, ReceivedId};

const EXAMPLES: &str = "\
Examples:
  kith                      open the full-screen program on your casebook
  kith demo                 try everything with fictional people
  kith init --agency elm-park --agency-name 'Elm Park Primary' \\
      --sector school --name 'Amina Khan' --role 'Safeguarding Lead'
  kith case list --json | jq '.cases[] | select(.actions_overdue > 0)'
  kith chronology 1-204 --significant
  kith share 1-204 --to northshire-police --consent record.json --dry-run
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
        /// The admin has read these same eight words to you over the telephone.
        #[arg(long)]
        compared: bool,
    },
    /// Check that the passphrase opens the casebook; changes nothing.
    Unlock,
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
    /// What was shared, and how far each has come.
    Shares {
        /// Only of this case.
        #[arg(long, value_name = "REF")]
        case: Option<CaseId>,
        #[command(flatten)]
        shape: Shape,
    },
    /// Bundles that other agencies sent; alone: the list.
    Inbox {
        #[command(subcommand)]
        what: Option<Inbox>,
        #[command(flatten)]
        shape: Shape,
    },
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
        #[command(flatten)]
        shape: Shape,
    },
    /// Verify a sealed file and show what was checked, without its contents.
    Verify {
        file: PathBuf,
        #[arg(long, value_name = "FILE")]
        envelope: Option<PathBuf>,
        #[command(flatten)]
        shape: Shape,
    },
    /// Look after the casebook itself.
    #[command(subcommand)]
    Casebook(Book),
    /// Where things lie.
    Paths {
        #[command(flatten)]
        shape: Shape,
    },
    /// Write completions for a shell.
    Completions { shell: clap_complete::Shell },
    /// The whole story with fictional people and a node of its own; in a terminal you take part.
    #[cfg(feature = "demo")]
    Demo(Demo),
}

#[derive(Debug, Args)]
pub struct Init {
    /// Short name of your agency in the directory: a-z, 0-9 and -.
    #[arg(long, value_name = "ID")]
    pub agency: Option<AgencyId>,
    /// What people call it.
    #[arg(long, value_name = "NAME")]
    pub agency_name: Option<String>,
    #[arg(long, value_enum)]
    pub sector: Option<SectorArg>,
    /// Your own name; it stands on everything you sign.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Your role, such as "Designated Safeguarding Lead".
    #[arg(long)]
    pub role: Option<String>,
    /// The number partners ring.
    #[arg(long)]
    pub phone: Option<String>,
    /// The local authority of your area.
    #[arg(long)]
    pub authority: Option<String>,
    /// Write the recovery card to this new file (readable by you alone) instead of showing it once.
    #[arg(long, value_name = "FILE")]
    pub recovery_file: Option<PathBuf>,
    /// Where the enrolment file goes; it holds no secret.
    #[arg(long, value_name = "FILE")]
    pub enrolment: Option<PathBuf>,
    #[command(flatten)]
    pub shape: Shape,
}

/// The sectors, as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SectorArg {
    School,
    Police,
    SocialCare,
    Health,
    LocalAuthority,
    Other,
}

impl From<SectorArg> for Sector {
    fn from(sector: SectorArg) -> Self {
        match sector {
            SectorArg::School => Self::School,
            SectorArg::Police => Self::Police,
            SectorArg::SocialCare => Self::SocialCare,
            SectorArg::Health => Self::Health,
            SectorArg::LocalAuthority => Self::LocalAuthority,
            SectorArg::Other => Self::Other,
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum People {
    /// Take people in from a CSV file; nothing is taken in when any line is wrong.
    Import {
        file: PathBuf,
        #[command(flatten)]
        shape: Shape,
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
        person: PersonId,
        #[command(flatten)]
        shape: Shape,
    },
}

#[derive(Debug, Subcommand)]
pub enum Concern {
    /// Record a concern: answer the questions, or give JSON on standard input.
    #[command(after_help = super::concern::FORM)]
    Add {
        #[command(flatten)]
        shape: Shape,
    },
    /// Concerns that wait for triage.
    List {
        #[command(flatten)]
        shape: Shape,
    },
}

#[derive(Debug, Subcommand)]
pub enum Case {
    /// All open cases.
    List {
        /// Closed ones too.
        #[arg(long)]
        closed: bool,
        #[command(flatten)]
        shape: Shape,
    },
    /// One case: the child, the level of need, actions, last significant events.
    Show {
        case: CaseId,
        #[command(flatten)]
        shape: Shape,
    },
}

#[derive(Debug, Args)]
#[command(after_help = super::share::FORM)]
pub struct Share {
    /// The case, such as 1-204.
    pub case: CaseId,
    /// Short name of the agency, as in the directory.
    #[arg(long, value_name = "AGENCY")]
    pub to: AgencyId,
    /// The consent record as JSON, or `-` for standard input.
    #[arg(long, value_name = "FILE", required_unless_present = "template")]
    pub consent: Option<PathBuf>,
    /// Print a consent record to fill in, and do nothing else.
    #[arg(long, conflicts_with_all = ["consent", "decisions", "to_file", "dry_run"])]
    pub template: bool,
    /// Entries to share; all of the case when not given.
    #[arg(long, value_name = "REF", value_delimiter = ',')]
    pub entries: Vec<EntryId>,
    /// What the recipient is asked to do, in a file or `-`.
    #[arg(long, value_name = "FILE")]
    pub ask: Option<PathBuf>,
    /// By when an answer is wanted, such as 2026-12-04.
    #[arg(long, value_name = "DATE")]
    pub answer_by: Option<jiff::civil::Date>,
    /// Leave attachments out.
    #[arg(long)]
    pub no_attachments: bool,
    /// Decisions on suggested redactions, as JSON.
    #[arg(long, value_name = "FILE")]
    pub decisions: Option<PathBuf>,
    /// Write the sealed file and its envelope here instead of sending it through the node.
    #[arg(long, value_name = "OUT")]
    pub to_file: Option<PathBuf>,
    /// Check and show what would go; nothing is recorded.
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub shape: Shape,
}

#[derive(Debug, Subcommand)]
pub enum Inbox {
    /// Read a bundle; tells the sender, signed by you, that it was opened.
    Read {
        received: ReceivedId,
        #[command(flatten)]
        shape: Shape,
    },
    /// File a bundle: its records become entries of a case.
    File {
        received: ReceivedId,
        /// The case it belongs to.
        #[arg(long, value_name = "REF")]
        case: CaseId,
    },
    /// Answer the sender, signed by you.
    #[command(group(ArgGroup::new("answer").required(true).args(["receipted", "declined"])))]
    Answer {
        received: ReceivedId,
        /// We take it on.
        #[arg(long)]
        receipted: bool,
        /// We do not take it on; the note says why.
        #[arg(long)]
        declined: bool,
        /// The note, in a file or `-` for standard input.
        #[arg(long, value_name = "FILE")]
        note: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub enum Book {
    /// Check everything: pages, facts, tables, attachments.
    Check {
        #[command(flatten)]
        shape: Shape,
    },
    /// Compute all tables anew from the facts.
    Rebuild,
}

/// Who takes part in the demo.
#[cfg(feature = "demo")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum DemoAs {
    #[default]
    ElmPark,
    StJudes,
    Police,
    SocialCare,
}

#[cfg(feature = "demo")]
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct Demo {
    /// Whose desk you sit at. In a second terminal: joins the demo that runs in the first.
    #[arg(long = "as", value_enum, default_value_t)]
    pub who: DemoAs,
    /// Leave the folder there afterwards.
    #[arg(long)]
    pub keep: bool,
    /// Play the story by itself even in a terminal.
    #[arg(long)]
    pub play: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(line.split_whitespace())
    }

    #[test]
    fn the_table_of_verbs_is_sound_and_the_help_begins_with_examples() {
        Cli::command().debug_assert();
        let help = Cli::command().render_long_help().to_string();
        assert!(help.starts_with("Examples:"), "{help}");
        for code in ["130  interrupted", "6  refused by a rule"] {
            assert!(help.contains(code), "{code}");
        }
    }

    #[test]
    fn verbs_read_as_people_type_them() {
        for line in [
            "kith",
            "kith init --agency elm-park --sector school",
            "kith join invitation.json --compared",
            "kith unlock --passphrase-fd 3",
            "kith people find",
            "kith people find -",
            "kith people import pupils.csv --json",
            "kith concern add --json",
            "kith case show 1-42",
            "kith --casebook /tmp/x chronology 1-42 --significant",
            "kith share 1-42 --to northshire-police --consent - --entries 1-50,1-51 --dry-run",
            "kith share 1-42 --to northshire-police --template",
            "kith inbox",
            "kith inbox --json",
            "kith inbox answer 1-9 --declined --note -",
            "kith open b.age --envelope e.json --out d",
            "kith casebook check --json",
            "kith completions bash",
        ] {
            assert!(parse(line).is_ok(), "{line}: {}", parse(line).unwrap_err());
        }
    }

    #[test]
    fn wrong_usage_is_refused_and_no_argument_takes_a_passphrase() {
        for line in [
            "kith share 1-42 --consent c.json",
            "kith share 1-42 --to northshire-police",
            "kith share 1-42 --to Police! --consent c.json",
            "kith share nonsense --to northshire-police --consent c.json",
            "kith inbox answer 1-9",
            "kith inbox answer 1-9 --receipted --declined",
            "kith unlock --passphrase secret",
            "kith demo --as nobody",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
