//! What follows each verb.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use kith_protocol::{directory::Sector, ids::AgencyId};

use super::{Shape, team::LevelArg};
use crate::{
    casework::category::Typed,
    casework::ids::{CaseId, EntryId, FactId, HoldId, PersonId, ProposalId, ReceivedId, ShareId},
    sharing::plan::SpanId,
};

#[derive(Debug, Args)]
pub struct Init {
    /// Short name of your agency in the directory: a-z, 0-9 and -.
    #[arg(long, value_name = "ID")]
    pub agency: Option<AgencyId>,
    /// What people call it.
    #[arg(long, value_name = "NAME")]
    pub agency_name: Option<String>,
    /// What sort of agency it is.
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
pub enum Concern {
    /// Record a concern: answer the questions, or give JSON on standard input.
    #[command(after_help = crate::cli::concern::form())]
    Add {
        /// What it is about, by any word for it, such as `county lines`.
        #[arg(long, value_name = "WORD")]
        category: Option<Typed>,
        /// Attach a file, such as a photograph of a note; may be given several times.
        #[arg(long = "attach", value_name = "FILE")]
        files: Vec<PathBuf>,
        #[command(flatten)]
        shape: Shape,
    },
    /// Concerns that wait for triage.
    List {
        /// Only those of this category.
        #[arg(long, value_name = "WORD")]
        category: Option<Typed>,
        #[command(flatten)]
        shape: Shape,
    },
    /// One concern, or any other entry, in full.
    Show {
        /// The concern, such as 1-50.
        entry: EntryId,
        #[command(flatten)]
        shape: Shape,
    },
    /// Decide about a concern that waits for triage.
    #[command(group(ArgGroup::new("decision").required(true).args(["no_further_action", "case", "open"])))]
    Triage {
        /// The concern, such as 1-50.
        concern: EntryId,
        /// The level of need that you see.
        #[arg(long, value_enum)]
        level: LevelArg,
        /// No further action; why stands in this file or `-`.
        #[arg(long, value_name = "FILE")]
        no_further_action: Option<PathBuf>,
        /// Add it to this case.
        #[arg(long, value_name = "REF")]
        case: Option<CaseId>,
        /// Open a case for its child; the title stands in this file or `-`.
        #[arg(long, value_name = "FILE")]
        open: Option<PathBuf>,
        /// Who leads the case that is opened; you, when not given.
        #[arg(long, value_name = "NAME", conflicts_with_all = ["case", "no_further_action"])]
        lead: Option<String>,
        #[command(flatten)]
        shape: Shape,
    },
}

#[derive(Debug, Subcommand)]
pub enum Contacts {
    /// Everybody in the directory, with the eight words of their keys and whether somebody here compared them.
    List {
        #[command(flatten)]
        shape: Shape,
    },
    /// Record that an agency read you its eight words, and that they are those of the directory.
    #[command(group(ArgGroup::new("way").required(true).args(["number", "in_person"])))]
    Verify {
        /// Short name of the agency, as in the directory.
        agency: AgencyId,
        /// The number you rang, which you held before.
        #[arg(long, value_name = "NUMBER")]
        number: Option<String>,
        /// They read them to you across a table.
        #[arg(long)]
        in_person: bool,
        /// The eight words as they were read to you; asked for the last one when not given.
        #[arg(long, value_name = "WORDS")]
        words: Option<String>,
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
        /// The case, such as 1-204.
        case: CaseId,
        #[command(flatten)]
        shape: Shape,
    },
    /// Open a case for a child.
    Open {
        /// The child, such as 1-42.
        child: PersonId,
        /// The level of need.
        #[arg(long, value_enum)]
        level: LevelArg,
        /// What it is about, in one line, in this file or `-`.
        #[arg(long, value_name = "FILE")]
        title: PathBuf,
        /// Who leads it; you, when not given.
        #[arg(long, value_name = "NAME")]
        lead: Option<String>,
        #[command(flatten)]
        shape: Shape,
    },
}

#[derive(Debug, Args)]
pub struct Disclose {
    /// The share that withheld it, such as 1-310.
    pub share: ShareId,
    /// One stretch as the share withheld it: entry:field:start:end, in bytes of the text as it was then. Without it, what
    /// the share withheld is listed.
    #[arg(long, value_name = "SPAN", requires = "release", requires = "out")]
    #[arg(value_parser = |text: &str| SpanId::try_from(text.to_owned()))]
    pub span: Option<SpanId>,
    /// On which order, or for which reason; it stands in the supplement.
    #[arg(long, value_name = "TEXT", group = "release", requires = "span")]
    pub order: Option<String>,
    /// Write the supplement out once more of a stretch that was released already; nothing new is recorded.
    #[arg(long, group = "release", requires = "span")]
    pub again: bool,
    /// Where the sealed supplement is written, for example supplement.age.
    #[arg(long, value_name = "FILE", requires = "span")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub shape: Shape,
}

#[derive(Debug, Args)]
#[command(after_help = crate::cli::share::FORM)]
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
    pub answer_by: Option<Date>,
    /// Leave attachments out.
    #[arg(long)]
    pub no_attachments: bool,
    /// Decisions on suggested redactions, as JSON.
    #[arg(long, value_name = "FILE")]
    pub decisions: Option<PathBuf>,
    /// Also write the sealed file and its envelope here, to be handed over. It is queued for the node all the same: they
    /// get it once, whichever comes first, and only through the node do you learn that they have it.
    #[arg(long, value_name = "OUT")]
    pub to_file: Option<PathBuf>,
    /// Check and show what would go; nothing is recorded.
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub shape: Shape,
}

#[derive(Debug, Subcommand)]
pub enum Shares {
    /// Write the papers of a share: envelope, gate, every signed answer, a withdrawal, the node's proof. Anybody can check
    /// them; what was shared is not among them.
    Export {
        /// The share, as `kith shares` lists it.
        share: ShareId,
        /// The new folder.
        #[arg(long, value_name = "FOLDER")]
        out: PathBuf,
        #[command(flatten)]
        shape: Shape,
    },
}

/// Bases on which something may be kept though it was taken back, as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KeepArg {
    DutyToShare,
    PublicTask,
    VitalInterests,
    RecognisedLegitimateInterest,
    LegalObligation,
}

#[derive(Debug, Subcommand)]
pub enum Inbox {
    /// Read a bundle; tells the sender, signed by you, that it was opened.
    Read {
        /// The bundle, as `kith inbox` lists it.
        received: ReceivedId,
        #[command(flatten)]
        shape: Shape,
    },
    /// File a bundle: its records become entries of a case.
    File {
        /// The bundle, as `kith inbox` lists it.
        received: ReceivedId,
        /// The case it belongs to.
        #[arg(long, value_name = "REF")]
        case: CaseId,
    },
    /// Take in a sealed bundle that came by hand, with its envelope `FILE.envelope.json` if that lies beside it.
    Import {
        /// The sealed file.
        file: PathBuf,
        #[command(flatten)]
        shape: Shape,
    },
    /// Take in words that a bundle withheld and its sender released later: they stand in the record from then on.
    Supplement {
        /// The bundle, as `kith inbox` lists it.
        received: ReceivedId,
        /// The sealed supplement.
        file: PathBuf,
        #[command(flatten)]
        shape: Shape,
    },
    /// Take a bundle that could not be opened out of the inbox. It is kept, and comes in if it can be opened later.
    Dismiss {
        /// The bundle, by its id or the beginning of it as the inbox shows it.
        bundle: String,
        /// Why, in a file or `-` for standard input.
        #[arg(long, value_name = "FILE")]
        why: PathBuf,
    },
    /// Put a dismissed bundle into the inbox again.
    BringBack {
        /// The whole id.
        bundle: String,
    },
    /// Write the files of a bundle exactly as they were signed: what anybody can check.
    Export {
        /// The bundle, by the reference the inbox shows.
        received: ReceivedId,
        /// The new folder; else one of the bundle's own name, here.
        #[arg(long, value_name = "FOLDER")]
        out: Option<PathBuf>,
        #[command(flatten)]
        shape: Shape,
    },
    /// Answer the sender, signed by you.
    #[command(group(ArgGroup::new("answer").required(true).args(["receipted", "declined", "deleted", "kept"])))]
    Answer {
        /// The bundle, as `kith inbox` lists it.
        received: ReceivedId,
        /// We take it on.
        #[arg(long)]
        receipted: bool,
        /// We do not take it on; the note says why.
        #[arg(long)]
        declined: bool,
        /// It was taken back: destroy it here, with every entry filed from it.
        #[arg(long)]
        deleted: bool,
        /// It was taken back, and we keep it on this basis; the note says why.
        #[arg(long, value_name = "BASIS", value_enum)]
        kept: Option<KeepArg>,
        /// The note, in a file or `-` for standard input.
        #[arg(long, value_name = "FILE")]
        note: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub enum DirectoryVerb {
    /// Every version that was accepted here, the newest first.
    List {
        #[command(flatten)]
        shape: Shape,
    },
    /// Write one as it was signed: with it a stranger verifies a bundle.
    Export {
        /// The version; else the newest.
        #[arg(long, value_name = "N")]
        version: Option<u64>,
        /// The file, which must not be there yet.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
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
    /// Say that this casebook was restored from a backup: its log begins anew and names the one that is left.
    Restored {
        /// What happened; it stands in the record with your name.
        #[arg(long)]
        why: String,
    },
    /// Mark what did not hold of a log as dealt with; it stays in the record with your name and the reason.
    Settle {
        /// The first 8 or more digits of its name, as `kith casebook check` shows it.
        finding: String,
        /// What was found out, in a file or `-` for standard input.
        #[arg(long, value_name = "FILE", default_value = "-")]
        why: PathBuf,
    },
    /// Files that the rules of retention ask a person to look at, and what was destroyed.
    Retention {
        #[command(flatten)]
        shape: Shape,
    },
    /// Record that somebody left, and where their file goes; or that they came back.
    Left {
        /// Whose file, such as 1-42.
        person: PersonId,
        /// On which day.
        #[arg(long, value_name = "DATE", required_unless_present = "returned")]
        on: Option<Date>,
        /// The next school, when the file goes there.
        #[arg(long, value_name = "NAME")]
        to: Option<String>,
        /// When the next school confirmed that it has the file.
        #[arg(long, value_name = "DATE", requires = "to")]
        receipt: Option<Date>,
        /// They came back on this day: their leaving counts no more.
        #[arg(long, value_name = "DATE", conflicts_with_all = ["on", "to", "receipt"])]
        returned: Option<Date>,
    },
    /// Print who signed this casebook's log as it stood at so many facts, for whoever has a bundle that shows it; where more
    /// have signed a later one, that one, with proof that it goes on from there.
    Witnesses {
        /// How many facts, as `kith verify` says of the bundle.
        size: u64,
    },
    /// Place a legal hold on a file, or lift one: nothing of a held file can be destroyed.
    #[command(group(ArgGroup::new("held").required(true).args(["person", "bundle", "lift"])))]
    Hold {
        #[command(flatten)]
        file: OneFile,
        /// Lift this hold instead.
        #[arg(long, value_name = "REF")]
        lift: Option<HoldId>,
        /// Why, in a file or `-` for standard input.
        #[arg(long, value_name = "FILE")]
        why: PathBuf,
        /// Until when; without end when not given.
        #[arg(long, value_name = "DATE", conflicts_with = "lift")]
        until: Option<Date>,
    },
    /// Destroy a file that is due: one person proposes it, another approves it.
    #[command(group(ArgGroup::new("step").required(true).args(["person", "bundle", "approve", "send_back", "certificate"])))]
    Dispose {
        #[command(flatten)]
        file: OneFile,
        /// Approve this proposal, as another person than the one who made it. There is no way back.
        #[arg(long, value_name = "REF")]
        approve: Option<ProposalId>,
        /// Do not approve it; --why says why.
        #[arg(long, value_name = "REF", requires = "why")]
        send_back: Option<ProposalId>,
        /// Why, in a file or `-` for standard input.
        #[arg(long, value_name = "FILE")]
        why: Option<PathBuf>,
        /// Write the signed certificate of this disposal.
        #[arg(long, value_name = "REF")]
        certificate: Option<FactId>,
        /// The folder that gets the certificate.
        #[arg(long, value_name = "DIR", default_value = ".")]
        out: PathBuf,
    },
}

/// A file that the rules of retention judge.
#[derive(Debug, Clone, Copy, Args)]
pub struct OneFile {
    /// The file of this person.
    pub person: Option<PersonId>,
    /// A received bundle instead, which was filed in nobody's file.
    #[arg(long, value_name = "REF")]
    pub bundle: Option<ReceivedId>,
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
