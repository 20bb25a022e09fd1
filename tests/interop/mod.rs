//! Other people's programs as judges: a partner without Kith opens, checks and reads what we send.

mod agree;
mod attachments;
mod browser;
mod demo;
mod every_byte;
mod keys;
mod papers;
mod python;
mod records;
mod stock;
mod tamper;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use kith_protocol::{
    bundle::Bundle,
    sign::{Namespace, SignatureSet, VerifyingKey},
};
use kith_tests::tools;

/// A partner's folder: the sealed file, a key, and the sender's signing key as the directory lists it.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new(sealed: &[u8], key: &str, signers: &[(&str, VerifyingKey)]) -> Self {
        let desk = Self(tempfile::tempdir().expect("a folder"));
        desk.write("bundle.age", sealed);
        desk.write("key.txt", format!("# a key\n{key}\n"));
        let lines: Vec<_> = signers.iter().map(|(name, key)| format!("{name} {key}\n")).collect();
        desk.write("allowed_signers", lines.concat());
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).expect("a file is written");
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Runs a script that stops at the first command that fails, in a pipe too.
    fn script(&self, script: &str) -> Output {
        let mut shell = Command::new("bash");
        shell
            .args(["-e", "-o", "pipefail", "-c", script])
            .current_dir(self.0.path())
            .env("LC_ALL", "C.UTF-8");
        tools::run(&mut shell, b"")
    }

    /// Whether `ssh-keygen -Y verify` believes that `key` signed `bytes`.
    fn ssh_keygen(&self, key: &VerifyingKey, namespace: Namespace, bytes: &[u8], set: &SignatureSet) -> bool {
        self.write("signers", format!("somebody {key}\n"));
        self.write("signature", set.as_str());
        let mut verify = Command::new("ssh-keygen");
        verify.args(["-Y", "verify", "-f", "signers", "-I", "somebody", "-n", namespace.as_str()]);
        tools::run(verify.args(["-s", "signature"]).current_dir(self.0.path()), bytes).status.success()
    }
}

/// What a program said, on either output.
fn words(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

/// The commands that the page prints, as a person copies them from the screen.
fn printed_commands(page: &str) -> Vec<String> {
    let (_, from) = page.split_once("<pre>").expect("the page prints commands");
    let (block, _) = from.split_once("</pre>").expect("the block ends");
    let text = block.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    text.lines().map(str::to_owned).collect()
}

/// Every file below `folder`, by its path there, in order.
fn files_below(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(inside) = folders.pop() {
        for item in fs::read_dir(&inside).expect("a folder") {
            let path = item.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("below it").to_string_lossy().into_owned();
                found.push((name, fs::read(&path).expect("a file")));
            }
        }
    }
    found.sort();
    found
}

fn document(sealed: &kith_protocol::bundle::Sealed) -> Bundle {
    serde_json::from_str(sealed.document()).expect("what was sealed can be read")
}
