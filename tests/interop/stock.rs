//! The commands that the page prints, run as they stand; and every signature, judged by OpenSSH.

use std::process::Command;

use kith_protocol::{
    bundle::Sealed,
    keys::{Certificate, SignedCertificate},
    page,
    sign::{Namespace, SignatureSet, SigningKey},
};
use kith_tests::{
    bundles::{SCHOOL, WITHHELD, World},
    tools,
};

use super::{Desk, document, files_below, printed_commands, words};

/// Runs the page's own commands, `age -d` by `opener`, and looks at what they leave.
fn open_with_stock_tools(world: &World, sealed: &Sealed, file: &[u8], opener: Option<&str>) {
    let bundle = document(sealed);
    let page = page::render(&bundle);
    let commands = printed_commands(&page);
    let stock = "age -d -i YOUR-KEY-FILE bundle.age | tar -x";
    assert_eq!(commands.len(), 4, "{commands:?}");
    assert_eq!((commands[0].as_str(), commands[1].as_str()), (stock, &*format!("cd {}", bundle.folder())));
    let key = world.police.seal.secret_text();
    let desk = Desk::new(file, &key, &[(SCHOOL, world.school.sign.public())]);
    let mut script = commands.join("\n").replace("YOUR-KEY-FILE", "key.txt");
    if let Some(opener) = opener {
        script = script.replace("age -d -i key.txt bundle.age", opener);
    }
    let output = desk.script(&script);
    let said = words(&output);
    assert!(output.status.success(), "{script}\n{said}");
    assert_eq!(said.matches(": OK\n").count(), 2 + bundle.attachments.len(), "{said}");
    assert!(said.contains(&format!("Good \"bundle@kith\" signature for {SCHOOL}")), "{said}");

    let files = files_below(&desk.path(&bundle.folder()));
    let mut expected: Vec<String> = bundle.attachments.iter().map(|one| one.path()).collect();
    expected.extend(["SHA256SUMS", "SHA256SUMS.sig", "bundle.json", "index.html"].map(str::to_owned));
    expected.sort();
    assert_eq!(files.iter().map(|(name, _)| name).collect::<Vec<_>>(), expected.iter().collect::<Vec<_>>());
    assert_eq!(desk.read(&format!("{}/bundle.json", bundle.folder())), sealed.document());
    assert!(desk.read(&format!("{}/index.html", bundle.folder())) == page);
    for (name, bytes) in &files {
        let text = String::from_utf8_lossy(bytes).to_lowercase();
        for (needle, _) in WITHHELD {
            assert!(!text.contains(&needle.to_lowercase()), "{name} holds “{needle}”");
        }
    }
}

#[test]
fn a_partner_with_a_classic_key_opens_and_checks_it_with_the_commands_on_its_page() {
    let what = "opening a bundle with Debian's age";
    if ["age", "tar", "sha256sum", "ssh-keygen"].iter().any(|name| tools::find(name, what).is_none()) {
        return;
    }
    let mut world = World::classic();
    let draft = world.draft();
    let (sealed, file) = world.seal(draft);
    open_with_stock_tools(&world, &sealed, &file, None);
}

#[test]
fn a_partner_with_a_post_quantum_key_opens_it_with_the_stock_javascript_package() {
    let what = "opening a bundle with npm age-encryption";
    if ["node", "tar", "sha256sum", "ssh-keygen"].iter().any(|name| tools::find(name, what).is_none()) {
        return;
    }
    let Some(folder) = tools::npm_tools(what) else { return };
    let mut world = World::hybrid();
    let draft = world.draft();
    let (sealed, file) = world.seal(draft);
    let opener = format!("node '{}' key.txt < bundle.age", folder.join("open.mjs").display());
    open_with_stock_tools(&world, &sealed, &file, Some(&opener));
}

/// The armoured signatures of a set, one by one, as `awk` would cut them.
fn each(set: &str) -> Vec<SignatureSet> {
    const END: &str = "-----END SSH SIGNATURE-----\n";
    set.split_inclusive(END).map(|one| SignatureSet::from_text(one).expect("short enough")).collect()
}

#[test]
fn every_signature_holds_for_ssh_keygen_and_only_as_what_it_is() {
    let what = "judging signatures with OpenSSH";
    if tools::find("ssh-keygen", what).is_none() || tools::find("tar", what).is_none() {
        return;
    }
    let mut world = World::hybrid();
    let draft = world.draft();
    let (sealed, file) = world.seal(draft);
    let bundle = document(&sealed);
    let desk = Desk::new(&file, "", &[]);
    unpack(&world, &desk, &file);
    let sums = desk.read(&format!("{}/SHA256SUMS", bundle.folder()));
    let signatures = each(&desk.read(&format!("{}/SHA256SUMS.sig", bundle.folder())));
    let [agency, person] = signatures.as_slice() else { panic!("{} signatures", signatures.len()) };
    let SignedCertificate { text: certificate, signature: certified } = &bundle.signed_by;
    let fields: serde_json::Value = serde_json::from_str(certificate).expect("a certificate is JSON");
    assert_eq!(fields["kith"], "certificate/1");
    let named = fields["key"].as_str().and_then(|key| key.parse().ok()).expect("the person's key");
    let school = world.school.sign.public();
    let (envelope, gate) = (sealed.envelope(), sealed.gate());
    let directory = world.directory.sign(&[&SigningKey::from_seed(&[99; 32])]).expect("a directory");
    let signed = [
        ("the list of files, the agency", school, Namespace::Bundle, &sums, agency),
        ("the list of files, the person", named, Namespace::Bundle, &sums, person),
        ("the person's certificate", school, Namespace::Certificate, certificate, certified),
        ("the envelope", school, Namespace::Envelope, &envelope.text, &envelope.signature),
        ("the gate", school, Namespace::Gate, &gate.text, &gate.signature),
        (
            "the directory",
            world.directory.keys[0],
            Namespace::Directory,
            &directory.text,
            &directory.signature,
        ),
    ];
    let stranger = SigningKey::from_seed(&[50; 32]).public();
    for (what, key, namespace, text, set) in signed {
        assert!(desk.ssh_keygen(&key, namespace, text.as_bytes(), set), "{what}");
        assert!(
            !desk.ssh_keygen(&key, Namespace::Consent, text.as_bytes(), set),
            "{what}: as something else"
        );
        assert!(!desk.ssh_keygen(&stranger, namespace, text.as_bytes(), set), "{what}: by a stranger");
        let changed = [text.as_bytes(), b" "].concat();
        assert!(!desk.ssh_keygen(&key, namespace, &changed, set), "{what}: changed");
    }
}

/// Takes a bundle apart with our age and the real tar.
pub(super) fn unpack(world: &World, desk: &Desk, file: &[u8]) {
    let keys = std::slice::from_ref(&world.police.seal);
    let mut plain = Vec::new();
    let mut opened = kith_protocol::seal::open_with(keys, file).expect("ours");
    std::io::copy(&mut opened, &mut plain).expect("whole");
    let output = tools::run(Command::new("tar").arg("-x").current_dir(desk.path("")), &plain);
    assert!(output.status.success(), "{}", words(&output));
}

#[test]
fn ssh_keygen_signs_what_we_believe() {
    if tools::find("ssh-keygen", "judging OpenSSH's own signatures").is_none() {
        return;
    }
    let desk = Desk::new(b"", "", &[]);
    let output = desk.script(
        "ssh-keygen -q -t ed25519 -N '' -C '' -f theirs; printf hello > note; ssh-keygen -q -Y sign -f theirs -n gate@kith note",
    );
    assert!(output.status.success(), "{}", words(&output));
    let key: kith_protocol::sign::VerifyingKey =
        desk.read("theirs.pub").trim().parse().expect("a public key");
    let set = SignatureSet::from_text(&desk.read("note.sig")).expect("a signature");
    assert_eq!(key.verify(Namespace::Gate, b"hello", &set), Ok(()));
    assert!(key.verify(Namespace::Envelope, b"hello", &set).is_err());
    assert!(key.verify(Namespace::Gate, b"hullo", &set).is_err());
}

/// Keeps the type in view: what `ssh-keygen` verified above is what a certificate says.
#[test]
fn the_certificate_names_the_person_of_the_page() {
    let mut world = World::hybrid();
    let draft = world.draft();
    let (sealed, _) = world.seal(draft);
    let bundle = document(&sealed);
    let keys = world.school.public();
    let Certificate { name, .. } =
        bundle.signed_by.verify(&bundle.from.id, &keys, bundle.created).expect("it holds");
    assert!(page::render(&bundle).contains(&name));
}

/// The README's commands are the page's, but for names: what a partner learns there works here.
#[test]
fn the_readme_prints_the_commands_of_the_page() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the repository");
    let Ok(readme) = std::fs::read_to_string(root.join("README.md")) else { return };
    let mut world = World::hybrid();
    let draft = world.draft();
    let (sealed, _) = world.seal(draft);
    let page: Vec<_> =
        printed_commands(&page::render(&document(&sealed))).iter().map(|line| shape(line)).collect();
    for line in readme.lines().map(str::trim) {
        if ["age -d ", "sha256sum -c", "ssh-keygen -Y verify"].iter().any(|start| line.starts_with(start)) {
            assert!(page.contains(&shape(line)), "README.md: `{line}` is none of\n{}", page.join("\n"));
        }
    }
}

/// A command without the names that are the reader's own.
fn shape(command: &str) -> String {
    let mut words: Vec<&str> = command.split_whitespace().collect();
    for at in 1..words.len() {
        if ["-i", "-I"].contains(&words[at - 1]) || words[at].ends_with(".age") {
            words[at] = "NAME";
        }
    }
    words.join(" ")
}
