//! `kith join`: the partnership's keys, compared by voice, and the node.

use std::{fs, path::Path};

use kith_protocol::enrolment::Invitation;

use super::{console::Console, desk::Desk, exit::Exit, failure::Failure};

/// Longest invitation that is read, in bytes.
const MAX_INVITATION: u64 = 64 * 1024;

pub(super) fn run(desk: &mut Desk, path: &Path, compared: bool) -> Result<(), Failure> {
    let invitation = invitation(path)?;
    let words = invitation.words();
    desk.console.say(&format!(
        "Partnership {}, node {} at {}.",
        invitation.pinned.partnership, invitation.node.name, invitation.node.addr
    ))?;
    desk.console.say(&format!("Its eight words: {}", words.join(" ")))?;
    let last = words.last().copied().unwrap_or_default();
    if !compared && !agreed(&mut desk.console, last)? {
        return Err(Failure::new(
            Exit::Refused,
            "not joined: ring the admin of the node on a number you held before and let them read you the eight words; when they are the same, run this again with --compared",
        ));
    }
    let mut open = desk.open()?;
    if let Some(pinned) = open.casebook.pinned()?.filter(|pinned| pinned.keys != invitation.pinned.keys) {
        return Err(Failure::new(
            Exit::Changed,
            format!(
                "this casebook is in the partnership {} already, under other keys; nothing was changed",
                pinned.partnership
            ),
        ));
    }
    if open.casebook.pinned()?.is_none() {
        open.casebook.set_pinned(&invitation.pinned)?;
    }
    open.casebook.set_node(&invitation.node)?;
    desk.console
        .say("Joined. `kith exchange` fetches the directory as soon as the admin has listed your agency.")
}

fn agreed(console: &mut Console, last: &str) -> Result<bool, Failure> {
    if !console.asks {
        return Ok(false);
    }
    let typed = console
        .ask("When the admin has read you the same eight words over the telephone, type the last one")?;
    Ok(typed.to_lowercase() == last)
}

fn invitation(path: &Path) -> Result<Invitation, Failure> {
    let size = fs::metadata(path).map_err(Failure::file(path))?.len();
    if size > MAX_INVITATION {
        return Err(Failure::usage(format!(
            "{} is too long for an invitation; ask the admin for a new one",
            path.display()
        )));
    }
    let text = fs::read(path).map_err(Failure::file(path))?;
    serde_json::from_slice(&text).map_err(|error| {
        Failure::new(
            Exit::CheckFailed,
            format!(
                "{}: not an invitation (line {}, column {}); ask the admin for a new one",
                path.display(),
                error.line(),
                error.column()
            ),
        )
    })
}
