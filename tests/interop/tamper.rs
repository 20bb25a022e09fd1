//! One byte changed in each part: the stock tool that covers it refuses, and so do we.

use std::process::Command;

use kith_protocol::{
    bundle::{OpenRefused, VerifyRefused},
    envelope::SignedEnvelope,
    gate::SignedGate,
    seal::{OpenError, open_with, seal_to},
    sign::Namespace,
};
use kith_tests::{
    bundles::{POLICE, SCHOOL, World, now},
    tools,
};

use super::{Desk, document, words};

pub(super) fn flipped(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at] ^= 1;
    bytes
}

#[test]
fn a_changed_byte_of_the_sealed_file_is_refused_by_age_and_by_us() {
    let what = "changed sealed files with Debian's age";
    let Some(age) = tools::find("age", what) else { return };
    let mut world = World::classic();
    let draft = world.draft();
    let (sealed, file) = world.seal(draft);
    let desk = Desk::new(b"", &world.police.seal.secret_text(), &[]);
    let opens = |bytes: &[u8]| {
        tools::run(Command::new(&age).arg("-d").arg("-i").arg(desk.path("key.txt")), bytes).status.success()
    };
    assert!(opens(&file) && world.open(Some(sealed.envelope()), &file).is_ok());
    let mac = file.windows(4).position(|four| four == b"\n---").expect("a header ends") + 5;
    let nonce = mac + 43 + 1;
    for (part, at) in [
        ("version", 20),
        ("recipient's share", 40),
        ("wrapped key", mac - 10),
        ("header's seal", mac + 7),
        ("nonce", nonce + 3),
        ("first piece", nonce + 16 + 100),
        ("middle", file.len() / 2),
        ("last tag", file.len() - 1),
    ] {
        let bad = flipped(&file, at);
        assert!(!opens(&bad), "age took a changed {part}");
        for envelope in [None, Some(sealed.envelope())] {
            let refused = world.open(envelope, &bad);
            assert!(matches!(refused, Err(OpenRefused::Seal(_))), "we took a changed {part}: {refused:?}");
        }
    }
    for bad in [&file[..file.len() - 1], &[&file[..], b"\0"].concat()] {
        assert!(!opens(bad), "age took a file cut or longer");
        let refused = world.open(None, bad);
        assert!(matches!(refused, Err(OpenRefused::Seal(OpenError::Damaged(_)))), "{refused:?}");
    }
}

#[test]
fn a_changed_post_quantum_file_is_refused_by_the_javascript_package_and_by_us() {
    let what = "changed sealed files with npm age-encryption";
    let (Some(node), Some(folder)) = (tools::find("node", what), tools::npm_tools(what)) else { return };
    let mut world = World::hybrid();
    let draft = world.draft();
    let (_, file) = world.seal(draft);
    let desk = Desk::new(b"", &world.police.seal.secret_text(), &[]);
    let opens = |bytes: &[u8]| {
        let mut open = Command::new(&node);
        tools::run(open.arg(folder.join("open.mjs")).arg(desk.path("key.txt")), bytes).status.success()
    };
    let mac = file.windows(4).position(|four| four == b"\n---").expect("a header ends") + 5;
    for (part, at) in
        [("share", 300), ("wrapped key", mac - 10), ("header's seal", mac + 7), ("contents", file.len() / 2)]
    {
        let bad = flipped(&file, at);
        assert!(!opens(&bad), "the package took a changed {part}");
        assert!(matches!(world.open(None, &bad), Err(OpenRefused::Seal(_))), "we took a changed {part}");
    }
    assert!(opens(&file) && world.open(None, &file).is_ok());
}

/// Where each file of an archive begins and how long it is.
pub(super) fn members(plain: &[u8]) -> Vec<(String, usize, usize)> {
    let (mut found, mut at) = (Vec::new(), 0);
    while plain[at] != 0 {
        let text = |from: usize, len: usize| {
            let field = &plain[at + from..at + from + len];
            String::from_utf8_lossy(field.split(|&b| b == 0).next().unwrap_or_default()).into_owned()
        };
        let (name, size) = (text(0, 100), usize::from_str_radix(text(124, 11).trim(), 8).expect("a size"));
        let prefix = text(345, 155);
        found.push((if prefix.is_empty() { name } else { format!("{prefix}/{name}") }, at + 512, size));
        at += 512 + size.div_ceil(512) * 512;
    }
    found
}

/// An archive sealed to the police.
pub(super) fn sealed_again(world: &World, plain: &[u8]) -> Vec<u8> {
    let mut sealing = seal_to(&[world.police.seal.recipient()], Vec::new()).expect("sealing begins");
    std::io::Write::write_all(&mut sealing, plain).expect("memory takes it");
    sealing.finish().expect("memory takes it")
}

/// Whoever can open a bundle can seal it again. What they change inside, the list and its signature tell.
#[test]
fn a_changed_byte_inside_is_refused_by_the_tool_that_covers_it_and_by_us() {
    let what = "changed contents with stock tools";
    if ["tar", "sha256sum", "ssh-keygen"].iter().any(|name| tools::find(name, what).is_none()) {
        return;
    }
    let mut world = World::hybrid();
    let draft = world.draft();
    let (sealed, file) = world.seal(draft);
    let folder = document(&sealed).folder();
    let mut plain = Vec::new();
    let mut opened = open_with(std::slice::from_ref(&world.police.seal), &file[..]).expect("ours");
    std::io::copy(&mut opened, &mut plain).expect("whole");
    let judged = |plain: &[u8]| {
        let desk = Desk::new(b"", "", &[(SCHOOL, world.school.sign.public())]);
        let tar =
            tools::run(Command::new("tar").arg("-x").current_dir(desk.path("")), plain).status.success();
        let sums = desk.script(&format!("cd {folder}; sha256sum -c --strict SHA256SUMS"));
        let verify = format!(
            "cd {folder}; ssh-keygen -Y verify -f ../allowed_signers -I {SCHOOL} -n bundle@kith -s SHA256SUMS.sig < SHA256SUMS"
        );
        (tar, sums.status.success(), desk.script(&verify).status.success())
    };
    let ours = |plain: &[u8]| world.open(None, &sealed_again(&world, plain));
    assert_eq!(judged(&plain), (true, true, true));
    assert!(ours(&plain).is_ok());
    let members = members(&plain);
    assert_eq!(members.len(), 6);
    for (path, at, size) in &members {
        // Of two signatures in a set OpenSSH reads the first.
        let (expected, last) = match path.rsplit('/').next() {
            Some("SHA256SUMS") => ((true, false, false), size - 1),
            Some("SHA256SUMS.sig") => ((true, true, false), size / 2 - 3),
            _ => ((true, false, true), size - 1),
        };
        for place in [0, size / 6, size / 3, last] {
            let bad = flipped(&plain, at + place);
            assert_eq!(judged(&bad), expected, "{path} at {place}");
            let refused = ours(&bad);
            assert!(refused.is_err(), "we took {path} changed at {place}");
        }
        let bad = flipped(&plain, at - 512 + 110);
        assert!(!judged(&bad).0, "tar took a changed header of {path}");
        assert!(matches!(ours(&bad), Err(OpenRefused::Archive(_))), "we took a changed header of {path}");
    }
    // `ssh-keygen` reads the first signature only; the named person's stands second, and we read both.
    let (_, at, size) = members.iter().find(|(path, ..)| path.ends_with(".sig")).expect("signatures");
    let bad = flipped(&plain, at + size * 3 / 4);
    assert_eq!(judged(&bad), (true, true, true));
    let opened = ours(&bad).expect("the agency did sign it");
    let me = POLICE.parse().expect("an agency's id");
    let refused = opened.verify(&world.directory, &me, now());
    assert!(matches!(refused, Err(VerifyRefused::Person(_))), "{refused:?}");
}

#[test]
fn a_changed_envelope_or_gate_is_refused_by_ssh_keygen_and_by_us() {
    if tools::find("ssh-keygen", "changed envelopes with OpenSSH").is_none() {
        return;
    }
    let mut world = World::hybrid();
    let draft = world.draft();
    let (sealed, file) = world.seal(draft);
    let desk = Desk::new(b"", "", &[]);
    let key = world.school.sign.public();
    let (envelope, gate) = (sealed.envelope(), sealed.gate());
    // Every digit of the digest, the size, the hour: all that a forger would want to change.
    for from in ["\"ciphertext\":\"", "\"size\":", "\"at\":\"", "\"seal_id\":\"", "\"to\":\""] {
        let at = envelope.text.find(from).expect("a field") + from.len();
        let bad = String::from_utf8(flipped(envelope.text.as_bytes(), at)).expect("still text");
        assert!(!desk.ssh_keygen(&key, Namespace::Envelope, bad.as_bytes(), &envelope.signature), "{from}");
        let bad = SignedEnvelope::from_parts(bad, envelope.signature.clone());
        assert!(matches!(world.open(Some(&bad), &file), Err(OpenRefused::Envelope(_))), "{from}");
    }
    for from in ["\"id\":\"", "\"commitment\":\"", "\"valid_until\":\""] {
        let at = gate.text.find(from).expect("a field") + from.len();
        let bad = String::from_utf8(flipped(gate.text.as_bytes(), at)).expect("still text");
        assert!(!desk.ssh_keygen(&key, Namespace::Gate, bad.as_bytes(), &gate.signature), "{from}");
        let bad = SignedGate::from_parts(bad, gate.signature.clone());
        assert!(bad.verify(&world.directory).is_err(), "{from}");
    }
    let output = desk.script("test -s signature");
    assert!(output.status.success(), "{}", words(&output));
}
