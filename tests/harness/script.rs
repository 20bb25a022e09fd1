//! The real program in a script: arguments, standard input, a passphrase on a descriptor, what came out.

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

/// How a program ended and what it said.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// The one JSON document that was printed, which must be of this form; any exit code.
    ///
    /// # Panics
    /// When it is not.
    #[must_use]
    pub fn json(&self, kith: &str) -> serde_json::Value {
        let value: serde_json::Value = serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("{self:?}"));
        assert_eq!(value["kith"], kith, "{self:?}");
        value
    }

    /// Holds that it ended with this code.
    ///
    /// # Panics
    /// When it did not.
    pub fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        self
    }
}

/// Runs `program` with `args` in `folder`, on the casebook in `folder/book`; the passphrase comes by descriptor 3, from a
/// file of a private folder as a script would do it.
///
/// # Panics
/// When it cannot be started.
#[must_use]
pub fn run(program: &str, folder: &Path, passphrase: &str, args: &[&str], input: &str) -> Ran {
    let call = [&["--casebook", "book", "--passphrase-fd", "3"], args].concat();
    run_by("exec \"$@\" 3<passphrase", program, folder, passphrase, &call, input)
}

/// Runs `program` with `args` in `folder` by a line of shell, in which `"$@"` is the call and the file `passphrase` holds
/// the passphrase.
///
/// # Panics
/// When it cannot be started.
#[must_use]
pub fn run_by(
    shell: &str,
    program: &str,
    folder: &Path,
    passphrase: &str,
    args: &[&str],
    input: &str,
) -> Ran {
    std::fs::write(folder.join("passphrase"), format!("{passphrase}\n")).expect("a file");
    let mut child = Command::new("sh")
        .args(["-c", shell, "sh", program])
        .args(args)
        .current_dir(folder)
        .env("HOME", folder)
        .env_remove("KITH_CASEBOOK")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // A program that needs no more input may close the pipe.
    let _closed = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("it ends");
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}
