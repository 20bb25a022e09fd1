//! Without Kith: the sealed file judged by other people's programs, where they are installed.

use std::{
    fs,
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use kith_protocol::{bundle::Bundle, seal::open_with};

use super::{Story, pass, sharing::WHY};
use crate::{
    casework::{
        ids::CaseId,
        query::{Answer, Query},
    },
    demo::{
        DemoError,
        desk::{self, rows},
        world::{ELM_PARK, POLICE, World},
    },
};

pub(super) fn without_kith(story: &mut Story<'_>, world: &World, case: CaseId) -> Result<(), DemoError> {
    story.step("Without Kith: kith share --to-file, and other people's programs");
    pass(world, 2);
    let (mut office, now) = (world.office(ELM_PARK)?, world.clock.local());
    let view = rows!(office, &Query::Case { case }, now, Answer::Case(view) => view);
    let rows = desk::chronology(&office, case, true, &now)?;
    let entry = rows.last().ok_or(DemoError::Seed)?.id;
    let mut choices = desk::choices(&office, &view, (&POLICE.id()?, vec![entry]), &WHY, &now)?;
    desk::decide(&office, case, &mut choices, &WHY, &now)?;
    let file = world.folder().join("bundle.age");
    office.share_to_file(case, &choices, &file, &now)?;
    let sealed = fs::read(&file).map_err(|_| DemoError::Seed)?;
    story.check("the file is an age file", sealed.starts_with(b"age-encryption.org/v1"));
    own_age(story);
    let police = world.office(POLICE)?;
    witnessed(story, &police.verify_file(&file, None, &now)?);
    let secrets = police.casebook().agency_secrets()?.ok_or(DemoError::Seed)?;
    let mut plain = Vec::new();
    let opened = open_with(std::slice::from_ref(&secrets.seal), sealed.as_slice());
    let read = opened.ok().and_then(|mut reader| reader.read_to_end(&mut plain).ok());
    story.check("it opens with the recipient's key alone", read.is_some());
    let out = world.folder().join("out");
    fs::create_dir(&out).map_err(|_| DemoError::Seed)?;
    match run(&out, "tar", &["-x"], &plain) {
        Some((good, said)) => story.check(&tool("tar -x", &said), good),
        None => {
            missing(story, "tar");
            return Ok(());
        }
    }
    let top = only_folder(&out).ok_or(DemoError::Seed)?;
    match run(&top, "sha256sum", &["-c", "--strict", "SHA256SUMS"], b"") {
        Some((good, said)) => story.check(&tool("sha256sum -c SHA256SUMS", &said), good),
        None => missing(story, "sha256sum"),
    }
    let signers = format!("{} {}\n", ELM_PARK.id, office.enrolled()?.me().keys.sign);
    let sums = fs::read(top.join("SHA256SUMS")).map_err(|_| DemoError::Seed)?;
    // Beside the folder: in it lies nothing but what was signed.
    fs::write(out.join("allowed_signers"), signers).map_err(|_| DemoError::Seed)?;
    let verify = [
        "-Y",
        "verify",
        "-f",
        "../allowed_signers",
        "-I",
        ELM_PARK.id,
        "-n",
        "bundle@kith",
        "-s",
        "SHA256SUMS.sig",
    ];
    match run(&top, "ssh-keygen", &verify, &sums) {
        Some((good, said)) => {
            story.check(&tool("ssh-keygen -Y verify", &said), good);
            let other = run(&top, "ssh-keygen", &verify, b"other bytes\n");
            story.check("ssh-keygen refuses other bytes", other.is_some_and(|(good, _)| !good));
        }
        None => missing(story, "ssh-keygen"),
    }
    read_by_anyone(story, &top);
    Ok(())
}

/// What the recipient is told of the log that proves it.
fn witnessed(story: &mut Story<'_>, told: &[String]) {
    let line = told.iter().find(|line| line.contains("Witnessed since"));
    let holds = line.is_some_and(|line| line.contains("St Jude"));
    story.check("another agency has witnessed the log that proves it", holds);
}

fn own_age(story: &mut Story<'_>) {
    story.say(
        "Opened here by Kith's own age code: the key is post-quantum, and stock age knows those from 1.3 on.",
    );
}

/// The page and the document, as a browser and a program find them.
fn read_by_anyone(story: &mut Story<'_>, top: &Path) {
    let page = fs::read_to_string(top.join("index.html")).unwrap_or_default();
    let whole = page.contains("Niamh") && !page.contains("<script") && !page.contains("Larkfield");
    story.check("index.html reads in any browser: no script, nothing withheld in it", whole);
    let document = fs::read(top.join("bundle.json")).unwrap_or_default();
    story.check("bundle.json reads", serde_json::from_slice::<Bundle>(&document).is_ok());
}

fn tool(what: &str, said: &str) -> String {
    format!("{what}: {}", said.lines().next().unwrap_or("done"))
}

fn missing(story: &mut Story<'_>, program: &str) {
    story.say(&format!("{program} is not installed here, so this was NOT checked."));
}

/// Runs a program with `input`; none when it is not installed.
fn run(folder: &Path, program: &str, arguments: &[&str], input: &[u8]) -> Option<(bool, String)> {
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    // A program that has seen enough closes its end; what it says still counts.
    let _ = child.stdin.take()?.write_all(input);
    let output = child.wait_with_output().ok()?;
    let text = [output.stdout, output.stderr].concat();
    Some((output.status.success(), String::from_utf8_lossy(&text).into_owned()))
}

fn only_folder(place: &Path) -> Option<PathBuf> {
    fs::read_dir(place).ok()?.flatten().map(|entry| entry.path()).find(|path| path.is_dir())
}
