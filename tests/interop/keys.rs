//! Keys and passphrases of either side, files sealed by either side: each opens with the other's program.

use std::{io::Read as _, process::Command, time::Duration};

use kith_protocol::seal::{
    Identity, OpenError, Passphrase, Recipient, WorkFactor, lock_with_passphrase, open_with, seal_to,
    unlock_with_passphrase,
};
use kith_tests::{pty::Terminal, tools};

use super::{Desk, words};

const PATIENCE: Duration = Duration::from_secs(60);

/// Around the ends of age's pieces of 64 KiB, where programs go wrong.
const LENGTHS: [usize; 5] = [0, 1, 65_535, 65_536, 200_000];

fn plain(len: usize) -> Vec<u8> {
    (0..len).map(|n| (n * 31 % 251) as u8).collect()
}

fn ours_seals(to: &Recipient, plain: &[u8]) -> Vec<u8> {
    let mut sealing = seal_to(std::slice::from_ref(to), Vec::new()).expect("sealing begins");
    std::io::Write::write_all(&mut sealing, plain).expect("memory takes it");
    sealing.finish().expect("memory takes it")
}

fn ours_opens(with: &Identity, sealed: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    open_with(std::slice::from_ref(with), sealed).expect("it opens").read_to_end(&mut plain).expect("whole");
    plain
}

/// The recipient and secret key that a key generator printed.
fn printed_key(text: &str) -> (Recipient, Identity) {
    let line = |start: &str| text.lines().find(|line| line.starts_with(start)).map(str::to_owned);
    let secret = line("AGE-SECRET-KEY-").expect("a secret key");
    let public = text.split_whitespace().find(|word| word.starts_with("age1")).expect("a public key");
    (public.parse().expect("a recipient"), secret.parse().expect("an identity"))
}

#[test]
fn debians_age_and_ours_read_each_other_with_keys_of_either() {
    let what = "Debian's age in both directions";
    let (Some(age), Some(keygen)) = (tools::find("age", what), tools::find("age-keygen", what)) else {
        return;
    };
    let output = tools::run(&mut Command::new(&keygen), b"");
    let (public, theirs) = printed_key(&words(&output));
    assert_eq!(theirs.recipient(), public, "we derive the public key they print");
    let ours = Identity::generate_classic();
    let output = tools::run(Command::new(&keygen).arg("-y"), ours.secret_text().as_bytes());
    assert_eq!(words(&output).trim(), ours.recipient().to_string(), "they derive the public key we print");
    for key in [&theirs, &ours] {
        let desk = Desk::new(b"", &key.secret_text(), &[]);
        for len in LENGTHS {
            let plain = plain(len);
            let mut seal = Command::new(&age);
            let sealed = tools::run(seal.args(["-r", &key.recipient().to_string()]), &plain);
            assert!(sealed.status.success() && ours_opens(key, &sealed.stdout) == plain, "{len} from theirs");
            let mut open = Command::new(&age);
            let opened = tools::run(
                open.arg("-d").arg("-i").arg(desk.path("key.txt")),
                &ours_seals(&key.recipient(), &plain),
            );
            assert!(opened.status.success() && opened.stdout == plain, "{len} from ours");
        }
    }
}

#[test]
fn the_javascript_package_and_ours_read_each_other_with_post_quantum_keys_of_either() {
    let what = "npm age-encryption in both directions";
    let (Some(node), Some(folder)) = (tools::find("node", what), tools::npm_tools(what)) else { return };
    let output = tools::run(Command::new(&node).arg(folder.join("keys.mjs")), b"");
    let (public, theirs) = printed_key(&words(&output));
    assert_eq!(theirs.recipient(), public, "we derive the public key they print");
    assert!(public.to_string().starts_with("age1pq1"));
    let ours = Identity::generate_hybrid();
    for key in [&theirs, &ours] {
        let desk = Desk::new(b"", &key.secret_text(), &[]);
        for len in LENGTHS {
            let plain = plain(len);
            let mut seal = Command::new(&node);
            let sealed =
                tools::run(seal.arg(folder.join("seal.mjs")).arg(key.recipient().to_string()), &plain);
            assert!(sealed.status.success(), "{}", words(&sealed));
            assert!(ours_opens(key, &sealed.stdout) == plain, "{len} from theirs");
            let mut open = Command::new(&node);
            let opened = tools::run(
                open.arg(folder.join("open.mjs")).arg(desk.path("key.txt")),
                &ours_seals(&key.recipient(), &plain),
            );
            assert!(opened.status.success() && opened.stdout == plain, "{len} from ours: {}", words(&opened));
        }
    }
}

#[test]
fn a_key_slot_opens_with_debians_age_and_one_of_theirs_with_ours() {
    let what = "key slots with Debian's age";
    let Some(age) = tools::find("age", what) else { return };
    let age = age.to_str().expect("a path in UTF-8");
    let passphrase = Passphrase::from("seven herons over the weir");
    let secret = b"the secret in a slot";
    let work = WorkFactor::new(12).expect("a work factor");
    let desk = Desk::new(&lock_with_passphrase(&passphrase, secret, work).expect("a slot"), "", &[]);
    let (slot, out) = (desk.path("bundle.age"), desk.path("opened"));
    let [slot, out] = [&slot, &out].map(|path| path.to_str().expect("a path in UTF-8"));
    let mut terminal = Terminal::start(age, &["-d", "-o", out, slot], &[], (24, 100));
    terminal.wait_for("passphrase", None, PATIENCE);
    terminal.keys("seven herons over the weir\r");
    assert_eq!(terminal.wait_end(PATIENCE), 0, "{}", terminal.text());
    assert_eq!(desk.read("opened").as_bytes(), secret);

    desk.write("plain", secret);
    let (plain, theirs) = (desk.path("plain"), desk.path("theirs"));
    let [plain, theirs] = [&plain, &theirs].map(|path| path.to_str().expect("a path in UTF-8"));
    let mut terminal = Terminal::start(age, &["-p", "-o", theirs, plain], &[], (24, 100));
    terminal.wait_for("Enter passphrase", None, PATIENCE);
    terminal.keys("seven herons over the weir\r");
    terminal.wait_for("Confirm", None, PATIENCE);
    terminal.keys("seven herons over the weir\r");
    assert_eq!(terminal.wait_end(PATIENCE), 0, "{}", terminal.text());
    let slot = std::fs::read(desk.path("theirs")).expect("their file");
    assert_eq!(unlock_with_passphrase(&passphrase, &slot).expect("it opens").as_slice(), secret);
    let wrong = unlock_with_passphrase(&Passphrase::from("seven herons"), &slot);
    assert!(matches!(wrong, Err(OpenError::WrongPassphrase)));
}
