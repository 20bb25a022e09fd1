//! The `kith-node` command line.

use std::{io::Write as _, path::PathBuf, process::ExitCode, time::Duration};

use clap::{Parser, Subcommand};
use jiff::Timestamp;
use kith_protocol::{
    directory::{NodeAddress, is_host_and_port},
    ids::AgencyId,
    wire::Status,
};
use serde_json::json;
use tokio::task::JoinSet;

use super::{
    AdminError, Clock, Founded, NodeError, NodeFolder, NodeHandle, StoreError,
    admin::{self, Form, enrol, found, relocate, remove, renew, restored},
};
use crate::courier::{Courier, CourierError};

const AFTER: &str = "\
Examples:
  kith-node init --folder /srv/kith --name northshire --addr kith.northshire.example:4433
  kith-node serve --folder /srv/kith
  kith-node enrol --folder /srv/kith --key /srv/kith/partnership.key elm-park.enrolment.json
  kith-node status --folder /srv/kith --json
  kith-node restored --folder /srv/kith --why 'disk failed, backup of Monday'

Exit codes:
  0 done             1 failed                2 wrong usage         5 a signature or key does not verify
  6 refused by rule  7 node not reachable    8 it was there first  9 configuration is wrong";

/// How often a running node looks whether `enrol` has written a new directory.
const LOOK: Duration = Duration::from_secs(2);

#[derive(Parser)]
#[command(name = "kith-node", version, about = "Runs a node of a Kith partnership.", after_help = AFTER)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a new node: its keys, the partnership's key, an empty directory and an invitation for agencies.
    Init {
        /// A folder that holds no node yet.
        #[arg(long)]
        folder: PathBuf,
        /// What people will call the node.
        #[arg(long)]
        name: String,
        /// Where agencies reach it, host:port.
        #[arg(long, value_parser = host_port)]
        addr: String,
        /// Where it listens, address:port.
        #[arg(long, default_value = "[::]:4433", value_parser = host_port)]
        listen: String,
        /// What people call the partnership; the node's name if not given.
        #[arg(long)]
        partnership: Option<String>,
    },
    /// Serve until interrupted.
    Serve {
        /// The node's folder, as `init` made it.
        #[arg(long)]
        folder: PathBuf,
    },
    /// List an agency in the directory, after it read its eight words to you and you compared them.
    Enrol {
        /// The node's folder, as `init` made it.
        #[arg(long)]
        folder: PathBuf,
        /// A partnership key file; once for each key that signs.
        #[arg(long = "key", required = true)]
        keys: Vec<PathBuf>,
        /// The agency has read these same eight words to you over the telephone.
        #[arg(long)]
        compared: bool,
        /// Replace the agency's present entry.
        #[arg(long)]
        replace: bool,
        /// The agency's enrolment file.
        enrolment: PathBuf,
    },
    /// Sign the directory anew, good for another year.
    Renew {
        /// The node's folder, as `init` made it.
        #[arg(long)]
        folder: PathBuf,
        /// A partnership key file; once for each key that signs.
        #[arg(long = "key", required = true)]
        keys: Vec<PathBuf>,
    },
    /// Take an agency out of the directory.
    Remove {
        /// The node's folder, as `init` made it.
        #[arg(long)]
        folder: PathBuf,
        /// A partnership key file; once for each key that signs.
        #[arg(long = "key", required = true)]
        keys: Vec<PathBuf>,
        /// The agency's id.
        agency: AgencyId,
    },
    /// List this node at another address, or with new keys, for all its members at once.
    Move {
        /// The node's folder, as `init` made it.
        #[arg(long)]
        folder: PathBuf,
        /// A partnership key file; once for each key that signs.
        #[arg(long = "key", required = true)]
        keys: Vec<PathBuf>,
        /// Where agencies reach it from now on, host:port.
        #[arg(long, required_unless_present = "new_keys", value_parser = host_port)]
        addr: Option<String>,
        /// Make new link and sign keys: when the present ones were lost or stolen.
        #[arg(long)]
        new_keys: bool,
    },
    /// Say that this node's database was restored from a backup: its log begins anew and names the one that is left.
    Restored {
        /// The node's folder, as `init` made it.
        #[arg(long)]
        folder: PathBuf,
        /// What happened, for agencies to read.
        #[arg(long)]
        why: String,
    },
    /// Show how the running node is.
    Status {
        /// The node's folder, as `init` made it.
        #[arg(long)]
        folder: PathBuf,
        /// For programs: one JSON object.
        #[arg(long)]
        json: bool,
    },
}

fn host_port(text: &str) -> Result<String, String> {
    if is_host_and_port(text) {
        Ok(text.to_owned())
    } else {
        Err("it is host:port, such as kith.example.org:4433".to_owned())
    }
}

/// Why a command did not do it, and the exit code for it.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Admin(#[from] AdminError),
    #[error("{0}")]
    NotCompared(String),
    #[error("{0}; start it with `kith-node serve`, or check `addr` in node.json")]
    Call(#[from] CourierError),
    #[error("the answer could not be written: {}", .0.kind())]
    Io(#[from] std::io::Error),
}

impl Failure {
    fn code(&self) -> u8 {
        match self {
            Self::Admin(error) => match error {
                AdminError::AlreadyThere(_) | AdminError::Member(_) => 8,
                AdminError::Enrolment(_) | AdminError::Directory(_) => 5,
                AdminError::Node(NodeError::Directory(_)) => 5,
                AdminError::Node(NodeError::Store(StoreError::Version(_))) => 9,
                AdminError::Format { form: Form::PartnershipKey | Form::Enrolment, .. } => 5,
                AdminError::Format { form: Form::Own, .. }
                | AdminError::NoNode(_)
                | AdminError::Listen { .. }
                | AdminError::Name(_)
                | AdminError::Address(_)
                | AdminError::NoKey => 9,
                AdminError::Node(NodeError::Folder(_) | NodeError::Link(_)) => 9,
                AdminError::NoMember(_) | AdminError::File { .. } | AdminError::Node(NodeError::Store(_)) => {
                    1
                }
            },
            Self::NotCompared(_) => 6,
            Self::Call(CourierError::OtherKey | CourierError::Lie(_)) => 5,
            Self::Call(error) if error.try_later().is_some() => 7,
            Self::Call(_) | Self::Io(_) => 1,
        }
    }
}

/// Runs the program with the arguments it was started with.
#[must_use]
pub fn run() -> ExitCode {
    let command = Cli::parse().command;
    let done = tokio::runtime::Runtime::new().map_err(Failure::from).and_then(|runtime| match command {
        Command::Init { folder, name, addr, listen, partnership } => {
            let partnership = partnership.unwrap_or_else(|| name.clone());
            init(&NodeFolder(folder), &Founded { name, partnership, listen, addr })
        }
        Command::Serve { folder } => runtime.block_on(serve(&NodeFolder(folder))),
        Command::Enrol { folder, keys, compared, replace, enrolment } => {
            list(&NodeFolder(folder), &enrolment, &keys, (compared, replace))
        }
        Command::Renew { folder, keys } => {
            let version = renew(&NodeFolder(folder), &keys, Timestamp::now())?;
            say(&format!("Directory version {version} is signed."))
        }
        Command::Remove { folder, keys, agency } => {
            let version = remove(&NodeFolder(folder), &agency, &keys, Timestamp::now())?;
            say(&format!("{agency} is not listed in directory version {version}."))
        }
        Command::Move { folder, keys, addr, new_keys } => {
            let folder = NodeFolder(folder);
            let version = relocate(&folder, addr.as_deref(), new_keys, &keys, Timestamp::now())?;
            say(&format!("Directory version {version} lists this node at {}.", folder.address()?.addr))?;
            if new_keys { say("Restart the node now: it has new keys.") } else { Ok(()) }
        }
        Command::Restored { folder, why } => begun_again(&NodeFolder(folder), &why),
        Command::Status { folder, json } => runtime.block_on(status(&NodeFolder(folder), json)),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Nobody is left to tell when standard error is closed.
            let _ = writeln!(std::io::stderr(), "kith-node: {failure}");
            ExitCode::from(failure.code())
        }
    }
}

fn say(text: &str) -> Result<(), Failure> {
    Ok(writeln!(std::io::stdout(), "{text}")?)
}

fn init(folder: &NodeFolder, new: &Founded) -> Result<(), Failure> {
    let invitation = found(folder, new, Timestamp::now())?;
    let shown = folder.0.display();
    say(&format!("A node was made in {shown}."))?;
    say(&format!("  name         {}", invitation.node.name))?;
    say(&format!("  address      {}", invitation.node.addr))?;
    say(&format!("  partnership  {}", invitation.pinned.partnership))?;
    say(&format!("  words        {}", invitation.words().join(" ")))?;
    say("")?;
    say(&format!(
        "Send {shown}/invitation.json to agencies. When they ring, read these eight words to them: they compare."
    ))?;
    say(&format!(
        "Move {shown}/partnership.key to a safe place off this machine: it decides who takes part."
    ))?;
    say(&format!("Next: kith-node serve --folder {shown}"))
}

fn begun_again(folder: &NodeFolder, why: &str) -> Result<(), Failure> {
    let (said, leaf) = restored(folder, why, Timestamp::now())?;
    say(&format!(
        "The log {} is left at {} receipts; {} begins.",
        said.left.origin, said.left.size, said.log
    ))?;
    say("Tell the agencies why: they are shown that the log was replaced, and which receipts it lost.")?;
    say("The first leaf of the new log is this line, which they may ask you for:")?;
    say(&leaf)
}

async fn serve(folder: &NodeFolder) -> Result<(), Failure> {
    // A subscriber that is set already keeps its place.
    let _ = tracing_subscriber::fmt()
        .json()
        .with_writer(std::io::stderr)
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("KITH_LOG").unwrap_or_else(|_| "info".into()),
        )
        .try_init();
    let handle = super::start(folder.config(Clock::system())?).await.map_err(AdminError::from)?;
    say(&format!("listening on {}", handle.addr()))?;
    let mut look = tokio::time::interval(LOOK);
    let mut written = modified(folder);
    let mut told = std::pin::pin!(told_to_stop());
    loop {
        tokio::select! {
            () = &mut told => break,
            _ = look.tick() => {
                let now = modified(folder);
                if now != written {
                    written = now;
                    reload(folder, &handle);
                }
            }
        }
    }
    handle.stop().await;
    Ok(())
}

fn modified(folder: &NodeFolder) -> Option<std::time::SystemTime> {
    std::fs::metadata(folder.directory_path()).and_then(|metadata| metadata.modified()).ok()
}

/// A directory that does not verify is logged, and the one in force stays.
fn reload(folder: &NodeFolder, handle: &NodeHandle) {
    let result = folder.directory().map(|(signed, _)| handle.set_directory(signed));
    match result {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(%error, "a new directory was not accepted"),
        Err(error) => tracing::error!(%error, "a new directory could not be read"),
    }
}

async fn told_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    // Without a signal to wait for, the node runs until it is ended from outside.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn list(
    folder: &NodeFolder,
    enrolment: &std::path::Path,
    keys: &[PathBuf],
    (compared, replace): (bool, bool),
) -> Result<(), Failure> {
    let admin::Asked { id, words, by_listed_key } = admin::asked(folder, enrolment)?;
    say(&format!("{id}: {}", words.join(" ")))?;
    match by_listed_key {
        Some(true) => say(&format!("{id} signed this with the key it is listed with, too."))?,
        Some(false) => say(&format!(
            "{id} did NOT sign this with the key it is listed with: it lost that key, or somebody else asks."
        ))?,
        None => {}
    }
    if !compared {
        return Err(Failure::NotCompared(format!(
            "nothing was changed: ring {id} on a number you held before, let them read you their eight words, and \
             when they are the same run this again with --compared"
        )));
    }
    let done = enrol(folder, enrolment, keys, replace, Timestamp::now())?;
    say(&format!("{} is listed in directory version {}.", done.id, done.version))
}

/// Asks the node where it listens on this machine and at its public address, all at once: the first reply counts.
async fn call(folder: &NodeFolder) -> Result<Status, Failure> {
    let (address, link) = (folder.address()?, folder.keys()?.link);
    let mut calls = JoinSet::new();
    for addr in at_home(&folder.settings()?.listen).into_iter().chain([address.addr.clone()]) {
        let courier = Courier::new(NodeAddress { addr, ..address.clone() }, &link)?;
        calls.spawn(async move {
            let status = courier.status().await?;
            courier.close().await;
            Ok(status)
        });
    }
    let mut failed = CourierError::NoAnswer;
    while let Some(called) = calls.join_next().await {
        match called {
            Ok(Ok(status)) => return Ok(status),
            Ok(Err(error)) if !matches!(error, CourierError::NoAnswer) => failed = error,
            _ => {}
        }
    }
    Err(failed.into())
}

/// Where a node that listens at `listen` is reached from its own machine.
fn at_home(listen: &str) -> Vec<String> {
    match listen.parse::<std::net::SocketAddr>() {
        Ok(addr) if !addr.ip().is_unspecified() => vec![addr.to_string()],
        Ok(addr) => ["[::1]", "127.0.0.1"].map(|host| format!("{host}:{}", addr.port())).into(),
        Err(_) => vec![listen.to_owned()],
    }
}

async fn status(folder: &NodeFolder, as_json: bool) -> Result<(), Failure> {
    let status = call(folder).await?;
    if as_json {
        let value = json!({
            "kith": "node-status/1", "running": true, "node": status.node, "program": status.program,
            "now": status.now, "directory": status.directory, "waiting": status.waiting,
            "held_bytes": status.held, "limit_bytes": status.quota, "cosigned": status.cosigned,
            "forks": status.forks,
        });
        return say(&value.to_string());
    }
    say(&format!("RUNNING    {} ({})", status.node, status.program))?;
    say(&format!("DIRECTORY  version {}", status.directory))?;
    say(&format!("WAITING    {} bundles", status.waiting))?;
    say(&format!("HELD       {} of {} bytes", status.held, status.quota))?;
    say(&format!("COSIGNED   {} logs of members", status.cosigned))?;
    match status.forks {
        0 => say("FORKS      none seen"),
        forks => say(&format!(
            "FORKS      {forks}: a member signed two different logs of one name. Ring them: was a backup put back? The program's log says who"
        )),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn every_command_and_every_argument_says_what_it_is() {
        let cli = Cli::command();
        for command in cli.get_subcommands() {
            assert!(command.get_about().is_some(), "{}", command.get_name());
            for argument in command.get_arguments() {
                assert!(argument.get_help().is_some(), "{} {}", command.get_name(), argument.get_id());
            }
        }
    }
}
