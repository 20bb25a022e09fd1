//! The stock tools as judges: what the page tells a partner without Kith to type works.

use std::{
    fs,
    io::{Read as _, Write as _},
    path::Path,
    process::{Command, Stdio},
};

use super::{World, fixture::NOW};
use crate::{consent::tests::at, seal::open_with};

fn run(folder: &Path, program: &str, arguments: &[&str], input: &[u8]) -> (bool, String) {
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program} must be installed to judge this: {error}"));
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

#[test]
fn tar_sha256sum_and_ssh_keygen_agree() {
    let mut world = World::new();
    let draft = world.draft();
    let (_, file) = world.seal(draft);
    let mut plain = Vec::new();
    open_with(std::slice::from_ref(&world.police), &file[..]).unwrap().read_to_end(&mut plain).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (good, said) = run(folder.path(), "tar", &["-x"], &plain);
    assert!(good, "{said}");
    let day = at(NOW).strftime("%Y-%m-%d").to_string();
    let top = folder.path().join(format!("kith-elm-park-{day}-a5a5a5a5"));
    let (good, said) = run(&top, "sha256sum", &["-c", "--strict", "SHA256SUMS"], b"");
    assert!(good && said.matches(": OK").count() == 3, "{said}");
    let sums = fs::read(top.join("SHA256SUMS")).unwrap();
    let verify = |signers: String, name: &str| {
        fs::write(top.join("allowed_signers"), signers).unwrap();
        let arguments = [
            "-Y",
            "verify",
            "-f",
            "allowed_signers",
            "-I",
            name,
            "-n",
            "bundle@kith",
            "-s",
            "SHA256SUMS.sig",
        ];
        run(&top, "ssh-keygen", &arguments, &sums)
    };
    let (good, said) = verify(format!("elm-park {}\n", World::agency().public()), "elm-park");
    assert!(good && said.starts_with("Good"), "{said}");
    let stranger = crate::sign::SigningKey::from_seed(&[50; 32]).public();
    assert!(!verify(format!("elm-park {stranger}\n"), "elm-park").0);
}
