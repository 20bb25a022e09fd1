//! `kith directory`: every directory that was accepted here, and one of them as a file for whoever checks a bundle.

use std::{fs::File, io::Write as _, path::Path};

use jiff::Timestamp;
use kith_protocol::directory::{CLOCK_SKEW, DirectoryError, KeptDirectories, SignedDirectory};
use serde_json::json;

use super::{
    args::{DirectoryVerb, Shape},
    desk::Desk,
    exit::Exit,
    failure::Failure,
};

/// Longest signed directory that is read, in bytes: 8 MiB of text, escaped, and its signatures.
const MAX_FILE: u64 = 20 << 20;

pub(super) fn run(desk: &mut Desk, what: &DirectoryVerb) -> Result<(), Failure> {
    match what {
        DirectoryVerb::List { shape } => list(desk, *shape),
        DirectoryVerb::Export { version, out } => export(desk, *version, out),
    }
}

fn list(desk: &mut Desk, shape: Shape) -> Result<(), Failure> {
    let open = desk.open()?;
    let signed = open.casebook.directories()?;
    let kept = KeptDirectories::follow(&signed).map_err(|error| none(&error))?;
    let rows: Vec<_> = kept.all().each().collect();
    if shape.json {
        let rows: Vec<_> = (rows.iter())
            .map(|one| {
                json!({
                    "version": one.version, "issued": one.issued, "expires": one.expires,
                    "members": one.members.len(), "words": one.words(),
                })
            })
            .collect();
        let fields = json!({ "partnership": kept.all().newest().partnership, "directories": rows });
        return desk.console.json("directories/1", fields);
    }
    for one in rows {
        let (issued, expires) = (one.issued.strftime("%-d %B %Y"), one.expires.strftime("%-d %B %Y"));
        desk.console.line(&format!(
            "version {}, in force from {issued}, runs out on {expires}, {} agencies",
            one.version,
            one.members.len()
        ))?;
        desk.console.text(4, &format!("eight words of {}: {}", one.partnership, one.words().join(" ")))?;
    }
    Ok(())
}

fn none(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(
        Exit::Configuration,
        format!("no directory was accepted here yet ({error}); run `kith exchange`"),
    )
}

fn export(desk: &mut Desk, version: Option<u64>, out: &Path) -> Result<(), Failure> {
    let open = desk.open()?;
    let signed = open.casebook.directories()?;
    let found = signed.iter().rev().find_map(|one| {
        let kept = KeptDirectories::follow(std::slice::from_ref(one)).ok()?;
        let directory = kept.all().newest().clone();
        version.is_none_or(|version| directory.version == version).then_some((one, directory))
    });
    let (signed, directory) = found.ok_or_else(|| {
        Failure::new(
            Exit::NothingMatched,
            "no such version was accepted here; `kith directory list` shows them",
        )
    })?;
    let text = serde_json::to_string(signed).map_err(|_| super::desk::off_topic())?;
    let mut file = File::create_new(out).map_err(Failure::file(out))?;
    file.write_all(text.as_bytes()).and_then(|()| file.write_all(b"\n")).map_err(Failure::file(out))?;
    desk.console.say(&format!(
        "Version {} of the directory of {} is in {}. Its eight words, for whoever rings: {}",
        directory.version,
        directory.partnership,
        out.display(),
        directory.words().join(" ")
    ))
}

/// Directories that a stranger was given, in files.
pub(super) fn read(paths: &[std::path::PathBuf], now: Timestamp) -> Result<KeptDirectories, Failure> {
    let refused = |path: &Path, why: &dyn std::fmt::Display| {
        Failure::new(
            Exit::CheckFailed,
            format!("{}: not a signed directory ({why}); ask for it again", path.display()),
        )
    };
    let mut signed: Vec<SignedDirectory> = Vec::new();
    for path in paths {
        let size = std::fs::metadata(path).map_err(Failure::file(path))?.len();
        if size > MAX_FILE {
            return Err(refused(path, &"it is too long"));
        }
        let text = std::fs::read(path).map_err(Failure::file(path))?;
        signed.push(serde_json::from_slice(&text).map_err(|error| refused(path, &error))?);
    }
    let last = paths.last().map_or(Path::new(""), |path| path);
    let kept = KeptDirectories::follow(&signed).map_err(|error| refused(last, &error))?;
    let issued = kept.all().newest().issued;
    if issued.duration_since(now) > CLOCK_SKEW {
        return Err(Failure::new(Exit::CheckFailed, DirectoryError::NotYetIssued { issued }.to_string()));
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_from_the_future_judges_nothing() {
        let case: serde_json::Value =
            serde_json::from_str(include_str!("../../../tests/vectors/signed/directory.json")).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("directory.json");
        std::fs::write(&file, case["document"].to_string()).unwrap();
        let at: Timestamp = serde_json::from_value(case["at"].clone()).unwrap();
        assert!(read(std::slice::from_ref(&file), at).is_ok());
        let early = at - jiff::SignedDuration::from_hours(24 * 400);
        let told = read(std::slice::from_ref(&file), early).unwrap_err();
        assert_eq!(told.exit, Exit::CheckFailed);
        assert!(told.message.contains("in the future; check the clock"), "{told}");
    }
}
