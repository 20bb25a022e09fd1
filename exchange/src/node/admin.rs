//! A node's folder: making it, reading it, writing to it while the node may be running.

mod issue;
mod restored;

use std::{
    fs, io,
    net::UdpSocket,
    path::{Path, PathBuf},
};

use jiff::{SignedDuration, Timestamp};
use kith_protocol::{
    directory::{Directory, DirectoryError, NodeAddress, Pinned, SignedDirectory},
    enrolment::Invitation,
    ids::{AgencyId, BadId},
    keys::generate_signing,
    sign::SigningKey,
    signed::DocumentError,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

pub(super) use issue::{Asked, asked};
pub use issue::{Enrolled, enrol, relocate, remove, renew};
pub use restored::{begin_again, restored};

use super::{Clock, Config, Limits, NodeError, NodeKeys, blobs::sync_folder, make_private};

/// How long a directory is good for after each signing.
const LIFETIME: SignedDuration = SignedDuration::from_hours(365 * 24);
/// Longest file that is read here, in bytes.
const MAX_FILE: u64 = 16 * 1024 * 1024;

/// Why something could not be done with a node's folder. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    #[error("{} already holds a node; choose an empty folder, nothing was changed", .0.display())]
    AlreadyThere(PathBuf),
    #[error("{} holds no node: give its folder with --folder, or make one with `kith-node init`", .0.display())]
    NoNode(PathBuf),
    #[error("{}: {}; check the path and its permissions", path.display(), in_words(source))]
    File { path: PathBuf, source: io::Error },
    #[error("{}: {form} ({why})", path.display())]
    Format { path: PathBuf, form: Form, why: String },
    /// The port, not the folder.
    #[error("{addr} cannot be listened on: {}", listening(source))]
    Listen { addr: String, source: io::Error },
    #[error("the enrolment file does not verify: {0}; ask the agency for a new one")]
    Enrolment(DocumentError),
    #[error("{0} is a member already; add --replace if its keys have changed and you have spoken to them")]
    Member(AgencyId),
    #[error("{0} is not in the directory; nothing was changed")]
    NoMember(AgencyId),
    #[error("{0}; nothing was changed")]
    Address(&'static str),
    #[error("the directory does not verify: {0}; check that every --key is a key of this partnership")]
    Directory(#[from] DirectoryError),
    #[error("the directory was not signed: give the partnership's key files with --key")]
    NoKey,
    #[error(transparent)]
    Name(#[from] BadId),
    #[error(transparent)]
    Node(#[from] NodeError),
}

/// Which file was expected, and so what to do when another was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Form {
    #[error("a file of this node that does not read: restore it from a backup")]
    Own,
    #[error("no partnership key: give the file partnership.key that `kith-node init` made with --key")]
    PartnershipKey,
    #[error("no enrolment file: give the one that `kith init` made at the agency, or ask them for it again")]
    Enrolment,
}

/// An error of the system in its own words, without its number.
fn in_words(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}

fn listening(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            "this node, or another program, listens there already; stop it, or change `listen` in node.json".to_owned()
        }
        io::ErrorKind::AddrNotAvailable => "this machine has no such address; change `listen` in node.json".to_owned(),
        io::ErrorKind::PermissionDenied => {
            "ports below 1024 need a right that this user has not; see `docs/operations.md`, or change `listen`".to_owned()
        }
        _ => format!("{}; `listen` in node.json is address:port", in_words(error)),
    }
}

/// A node's folder on disk.
#[derive(Debug, Clone)]
pub struct NodeFolder(pub PathBuf);

/// What `node.json` holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    /// The node's name in the directory.
    pub(super) name: String,
    /// Where it listens, `address:port`.
    pub(super) listen: String,
    /// Where others reach it, `host:port`.
    pub(super) addr: String,
    #[serde(default)]
    pub(super) limits: Limits,
}

/// The seeds of its keys, in hex.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seeds {
    link: Zeroizing<String>,
    sign: Zeroizing<String>,
    log: Zeroizing<String>,
    cosign: Zeroizing<String>,
}

/// What a new node is to be.
#[derive(Debug, Clone)]
pub struct Founded {
    pub name: String,
    pub partnership: String,
    pub listen: String,
    pub addr: String,
}

/// Makes a node's folder: its keys, a partnership key, a directory without members, an invitation for agencies.
///
/// # Errors
/// The folder holds a node already, or cannot be written. Nothing is left half made that a second try would miss.
pub fn found(folder: &NodeFolder, new: &Founded, now: Timestamp) -> Result<Invitation, AdminError> {
    if folder.settings_path().exists() || folder.secrets_path().exists() {
        return Err(AdminError::AlreadyThere(folder.0.clone()));
    }
    let (keys, partnership) = (NodeKeys::generate(), generate_signing());
    let node = keys.address(new.name.clone(), new.addr.clone());
    node.check().map_err(AdminError::Address)?;
    make_private(&folder.0).map_err(|source| AdminError::File { path: folder.0.clone(), source })?;
    let directory = Directory {
        partnership: new.partnership.clone(),
        version: 1,
        issued: now,
        expires: now.saturating_add(LIFETIME).unwrap_or(now),
        threshold: 1,
        keys: vec![partnership.public()],
        members: Vec::new(),
    };
    let signed = directory.sign(&[&partnership]).ok_or(AdminError::NoKey)?;
    let enrol = Pinned::enrol(new.partnership.clone(), directory.keys, 1);
    let pinned = enrol.follow(&signed)?;
    let invitation = Invitation { node, pinned: enrol };
    let settings = Settings {
        name: new.name.clone(),
        listen: new.listen.clone(),
        addr: new.addr.clone(),
        limits: Limits::default(),
    };
    write_json(&folder.0.join("partnership.key"), &seed_text(&partnership).as_str())?;
    write_json(&folder.invitation_path(), &invitation)?;
    folder.put_directory(&signed, &pinned)?;
    folder.put_keys(&keys)?;
    write_json(&folder.settings_path(), &settings)?;
    Ok(invitation)
}

impl NodeFolder {
    /// Everything needed to start the node in this folder.
    ///
    /// # Errors
    /// A file is missing or wrong, or the address cannot be listened on.
    pub fn config(&self, clock: Clock) -> Result<Config, AdminError> {
        let settings = self.settings()?;
        let (directory, pinned) = self.directory()?;
        let socket = UdpSocket::bind(&settings.listen)
            .map_err(|source| AdminError::Listen { addr: settings.listen.clone(), source })?;
        Ok(Config {
            name: settings.name,
            folder: self.0.clone(),
            socket,
            keys: self.keys()?,
            directory,
            pinned,
            clock,
            limits: settings.limits,
        })
    }

    /// The signed directory in the folder, and what it is judged by.
    ///
    /// # Errors
    /// A file is missing or wrong.
    pub fn directory(&self) -> Result<(SignedDirectory, Pinned), AdminError> {
        self.there()?;
        let own = Form::Own;
        Ok((read_json(&self.directory_path(), own)?, read_json(&self.0.join("pinned.json"), own)?))
    }

    /// The node's keys.
    ///
    /// # Errors
    /// The file is missing or wrong.
    pub fn keys(&self) -> Result<NodeKeys, AdminError> {
        let path = self.secrets_path();
        let seeds: Seeds = read_json(&path, Form::Own)?;
        let key = |text: &str| key_from(text).ok_or_else(|| not_a_key(&path, Form::Own));
        Ok(NodeKeys {
            link: key(&seeds.link)?,
            sign: key(&seeds.sign)?,
            log: key(&seeds.log)?,
            cosign: key(&seeds.cosign)?,
        })
    }

    /// How others reach the node and what it shows them.
    ///
    /// # Errors
    /// A file is missing or wrong.
    pub fn address(&self) -> Result<NodeAddress, AdminError> {
        let settings = self.settings()?;
        Ok(self.keys()?.address(settings.name, settings.addr))
    }

    pub(super) fn settings(&self) -> Result<Settings, AdminError> {
        self.there()?;
        read_json(&self.settings_path(), Form::Own)
    }

    /// Says so when the folder is no node's, rather than which of its files is missing.
    fn there(&self) -> Result<(), AdminError> {
        let any = [self.settings_path(), self.secrets_path(), self.directory_path()];
        if any.iter().any(|path| path.exists()) { Ok(()) } else { Err(AdminError::NoNode(self.0.clone())) }
    }

    pub(super) fn directory_path(&self) -> PathBuf {
        self.0.join("directory.json")
    }

    fn settings_path(&self) -> PathBuf {
        self.0.join("node.json")
    }

    fn secrets_path(&self) -> PathBuf {
        self.0.join("secrets.json")
    }

    fn invitation_path(&self) -> PathBuf {
        self.0.join("invitation.json")
    }

    fn put_keys(&self, keys: &NodeKeys) -> Result<(), AdminError> {
        let [link, sign, log, cosign] = [&keys.link, &keys.sign, &keys.log, &keys.cosign].map(seed_text);
        let seeds = Seeds { link, sign, log, cosign };
        write_json(&self.secrets_path(), &seeds)
    }

    fn put_directory(&self, signed: &SignedDirectory, pinned: &Pinned) -> Result<(), AdminError> {
        // A crash in between leaves pins that still take the newer directory.
        write_json(&self.directory_path(), signed)?;
        write_json(&self.0.join("pinned.json"), pinned)
    }
}

fn read_seed_file(path: &Path) -> Result<SigningKey, AdminError> {
    let form = Form::PartnershipKey;
    let text: Zeroizing<String> = read_json(path, form)?;
    key_from(&text).ok_or_else(|| not_a_key(path, form))
}

fn not_a_key(path: &Path, form: Form) -> AdminError {
    AdminError::Format { path: path.to_owned(), form, why: "a key is 64 digits in hex".into() }
}

fn seed_text(key: &SigningKey) -> Zeroizing<String> {
    Zeroizing::new(kith_protocol::ids::Digest::from_bytes(*key.seed()).to_string())
}

fn key_from(text: &str) -> Option<SigningKey> {
    let seed: kith_protocol::ids::Digest = text.parse().ok()?;
    Some(SigningKey::from_seed(seed.as_bytes()))
}

fn read_json<T: DeserializeOwned>(path: &Path, form: Form) -> Result<T, AdminError> {
    let failed = |source| AdminError::File { path: path.to_owned(), source };
    if fs::metadata(path).map_err(failed)?.len() > MAX_FILE {
        let why = format!("longer than {MAX_FILE} bytes");
        return Err(AdminError::Format { path: path.to_owned(), form, why });
    }
    let text = Zeroizing::new(fs::read(path).map_err(failed)?);
    serde_json::from_slice(&text).map_err(|error| AdminError::Format {
        path: path.to_owned(),
        form,
        why: format!("line {}, column {}", error.line(), error.column()),
    })
}

/// Writes beside, makes durable, renames: the file is the old one or the new one. Only the owner reads it.
fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<(), AdminError> {
    let failed = |source| AdminError::File { path: path.to_owned(), source };
    let mut text = Zeroizing::new(serde_json::to_vec_pretty(value).map_err(|error| failed(error.into()))?);
    text.push(b'\n');
    let beside = path.with_extension("new");
    put(&beside, &text)
        .and_then(|()| fs::rename(&beside, path))
        .and_then(|()| path.parent().map_or(Ok(()), sync_folder))
        .map_err(failed)
}

fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    io::Write::write_all(&mut file, bytes)?;
    file.sync_all()
}
