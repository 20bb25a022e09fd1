//! The office: one agency's client while its casebook is open. What leaves and what arrives passes through here.

mod compose;
mod decisions;
mod fault;
mod members;
mod opening;
mod receive;
mod record;
mod second;

use std::{
    cell::OnceCell,
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use jiff::{Zoned, civil::Date};
use kith_protocol::{
    bundle::SealRefused,
    directory::{
        Directories, Directory, DirectoryError, Expired, KeptDirectories, Member, NodeAddress,
        SignedDirectory,
    },
    ids::{AgencyId, BundleId},
    keys::{AgencySecrets, PersonKey},
    seal::Identity,
    sign::SigningKey,
};

pub(crate) use self::members::sector_words;
pub use self::{
    decisions::Evidence,
    receive::{Papers, envelope_path},
};
pub(in crate::sharing) use self::{
    fault::{for_us, not_opened, not_unsealed, not_verified, on_disk},
    opening::ToOpen,
    receive::{Sink, checks, in_words},
};
use super::{matching, persons};
use crate::{
    casework::{
        command::{Command, Refusal},
        entry::Attachment,
        ids::FactId,
        query::{Answer, Draft, Query},
    },
    flow::Session,
    store::{Casebook, CommandError, StoreError},
    text,
};

/// Why something did not happen, by blame.
#[derive(Debug, thiserror::Error)]
pub enum OfficeError {
    /// A rule forbids it; the text says what to do.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A supplement that was named beside a bundle does not count.
    #[error("{}: {refusal}", .path.display())]
    Supplement { path: PathBuf, refusal: Refusal },
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file on this machine failed.
    #[error("the {what} could not be read or written ({}): check the disk and the folder's permissions", .source.kind())]
    File { what: &'static str, source: io::Error },
}

impl OfficeError {
    pub(crate) fn refused(why: impl Into<String>) -> Self {
        Self::Refused(Refusal::Sharing(why.into()))
    }

    pub(crate) fn file(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::File { what, source }
    }
}

impl From<CommandError> for OfficeError {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::Refused(refusal) => Self::Refused(refusal),
            CommandError::Store(error) => Self::Store(error),
        }
    }
}

impl From<SealRefused> for OfficeError {
    fn from(error: SealRefused) -> Self {
        match error {
            SealRefused::Write(source) => Self::File { what: "sealed file", source },
            other => Self::refused(other.to_string()),
        }
    }
}

/// What an agency has once it takes part in a partnership.
#[derive(Debug)]
pub struct Enrolled {
    pub(super) secrets: AgencySecrets,
    /// What opens what is for us: the sealing key in force, then those before.
    pub(super) seals: Vec<Identity>,
    /// The person who opened the casebook; they sign.
    pub(super) person: PersonKey,
    pub(super) directory: Directory,
    /// It ran out: good for reading, and for a while for urgent danger.
    pub(super) expired: Option<Expired>,
    pub(super) me: Member,
    pub(super) node: NodeAddress,
}

impl Enrolled {
    /// The node it talks to.
    #[must_use]
    pub const fn node(&self) -> &NodeAddress {
        &self.node
    }

    /// The directory as verified.
    #[must_use]
    pub const fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Ourselves, as the directory lists us.
    #[must_use]
    pub const fn me(&self) -> &Member {
        &self.me
    }
}

/// One agency's unlocked client. Dropping it closes the casebook and forgets the keys.
pub struct Office {
    pub(super) casebook: Casebook,
    pub(super) session: Session,
    /// Where sealed files wait: `outbox` and `inbox` in it.
    pub(super) folder: PathBuf,
    enrolled: Result<Box<Enrolled>, String>,
    /// Every directory that was accepted, once it was asked for.
    kept: OnceCell<KeptDirectories>,
    /// Bundles that were collected but cannot be taken in; tried again when the casebook opens next.
    pub(super) refused: BTreeSet<BundleId>,
    /// Our log was offered to the node since then.
    pub(super) log_offered: bool,
    /// What is to be said of disposals, if anything is.
    disposals: Option<String>,
    /// Why the certificate of the person at the keyboard could not be renewed, if it should have been.
    pub(super) certificate_warning: Option<String>,
}

impl Office {
    /// Takes over an open casebook. `folder` holds sealed files on their way; it is made if missing.
    /// Without keys or directory everything but the exchange works.
    ///
    /// # Errors
    /// When the casebook or the folder cannot be read.
    pub fn open(casebook: Casebook, folder: &Path, now: &Zoned) -> Result<Self, OfficeError> {
        let session = casebook.session()?;
        let mut office = Self {
            casebook,
            session,
            folder: folder.to_owned(),
            enrolled: Err(String::new()),
            kept: OnceCell::new(),
            refused: BTreeSet::new(),
            log_offered: false,
            disposals: None,
            certificate_warning: None,
        };
        office.disposals = text::disposals(office.casebook.finish_disposals(now));
        office.casebook.finish_holders(now.timestamp())?;
        for folder in [office.outbox_folder(), office.inbox_folder()] {
            make_private(&folder).map_err(OfficeError::file("folder for sealed files"))?;
        }
        office.adopt_listed(now)?;
        office.certificate_warning = persons::renew(&mut office.casebook, now);
        office.enrolled = office.enrol(now)?;
        office.tidy()?;
        office.tidy_inbox()?;
        // Again, should there have been a crash between a withdrawal and what follows from it.
        office.stop_withdrawn(now)?;
        office.note_run_out(now)?;
        Ok(office)
    }

    /// Reads keys and directory again, after enrolment or a new directory.
    ///
    /// # Errors
    /// When the casebook cannot be read.
    pub fn reload(&mut self, now: &Zoned) -> Result<(), OfficeError> {
        self.adopt_listed(now)?;
        self.enrolled = self.enrol(now)?;
        self.kept = OnceCell::new();
        Ok(())
    }

    fn enrol(&self, now: &Zoned) -> Result<Result<Box<Enrolled>, String>, OfficeError> {
        let book = &self.casebook;
        let (Some(secrets), Some(person)) = (book.agency_secrets()?, book.person_key()?) else {
            return Ok(Err("this casebook has no keys: it was not made with `kith init`".to_owned()));
        };
        let (Some(signed), Some(pinned)) = (book.directory()?, book.pinned()?) else {
            return Ok(Err("there is no directory yet: ask your partnership to enrol you".to_owned()));
        };
        let (directory, expired) = match signed.verify_for_urgent_use(&pinned, now.timestamp()) {
            Ok(found) => found,
            // Sending refuses; what came is read for ever.
            Err(DirectoryError::LongExpired(expired)) => {
                let directory = signed.verify_to_renew(&pinned);
                match directory {
                    Ok(directory) => (directory, Some(expired)),
                    Err(error) => return Ok(Err(format!("the directory cannot be used: {error}"))),
                }
            }
            Err(error) => return Ok(Err(format!("the directory cannot be used: {error}"))),
        };
        let Some(me) = directory.member(&self.session.agency).cloned() else {
            return Ok(Err("the directory does not list this agency: ask your partnership".to_owned()));
        };
        if me.keys != secrets.public() {
            return Ok(
                Err("the directory lists other keys for this agency: ask your partnership".to_owned()),
            );
        }
        let node = book.node()?.unwrap_or_else(|| me.node.clone());
        let seals = book.seals()?;
        Ok(Ok(Box::new(Enrolled { secrets, seals, person, directory, expired, me, node })))
    }

    /// What is to be said after it opened: disposals were carried out again, or could not be.
    #[must_use]
    pub fn disposals(&self) -> Option<&str> {
        self.disposals.as_deref()
    }

    /// Whose office it is.
    #[must_use]
    pub const fn session(&self) -> &Session {
        &self.session
    }

    /// What is needed to exchange, or why it cannot.
    ///
    /// # Errors
    /// Refuses with what to do.
    pub fn enrolled(&self) -> Result<&Enrolled, OfficeError> {
        self.enrolled.as_deref().map_err(|why| OfficeError::refused(why.clone()))
    }

    /// What is needed to send anything.
    ///
    /// # Errors
    /// As [`Self::enrolled`], and when the directory ran out too long ago.
    pub(super) fn sending(&self, now: &Zoned) -> Result<&Enrolled, OfficeError> {
        let enrolled = self.enrolled()?;
        match &enrolled.expired {
            Some(expired) if now.timestamp() >= expired.usable_until => Err(OfficeError::refused(format!(
                "the directory ran out {expired}, too long ago to send anything by it: keys may have changed and agencies left; fetch the newest one"
            ))),
            _ => Ok(enrolled),
        }
    }

    /// Every directory that was accepted here.
    ///
    /// # Errors
    /// There is none, or they cannot be read.
    pub fn directories(&self) -> Result<Directories<'_>, OfficeError> {
        Ok(self.kept_directories()?.all())
    }

    /// The same, to be cloned.
    ///
    /// # Errors
    /// As [`Self::directories`].
    pub fn kept_directories(&self) -> Result<&KeptDirectories, OfficeError> {
        let kept = match self.kept.get() {
            Some(kept) => kept,
            None => {
                let signed = self.casebook.directories()?;
                if signed.is_empty() {
                    return Err(OfficeError::refused(
                        "there is no directory here yet: run `kith exchange`, or name one with --directory",
                    ));
                }
                let kept = KeptDirectories::follow(&signed);
                let kept = kept.map_err(|error| {
                    OfficeError::refused(format!("the directories kept here cannot be used: {error}"))
                })?;
                self.kept.get_or_init(|| kept)
            }
        };
        Ok(kept)
    }

    /// The node we talk to and the key we speak with, as soon as they are known; the directory may still be to come.
    ///
    /// # Errors
    /// When the casebook cannot be read.
    pub fn line(&self) -> Result<Option<(NodeAddress, SigningKey)>, OfficeError> {
        if let Ok(enrolled) = &self.enrolled {
            return Ok(Some((enrolled.node.clone(), enrolled.secrets.link.clone())));
        }
        let book = &self.casebook;
        let (node, secrets, pinned) = (book.node()?, book.agency_secrets()?, book.pinned()?);
        Ok(node.zip(secrets).filter(|_| pinned.is_some()).map(|(node, secrets)| (node, secrets.link)))
    }

    /// The casebook, for what concerns nobody but us.
    #[must_use]
    pub const fn casebook(&self) -> &Casebook {
        &self.casebook
    }

    /// The casebook, to change what [`Self::execute`] has no command for, such as settings.
    pub const fn casebook_mut(&mut self) -> &mut Casebook {
        &mut self.casebook
    }

    /// Answers a query. Children for a received bundle come by [`matching`], best first.
    ///
    /// # Errors
    /// As the casebook's.
    pub fn ask(&self, query: &Query, today: Date) -> Result<Answer, OfficeError> {
        let mut answer = self.casebook.ask(query, today)?;
        if let Answer::Received(view) = &mut answer
            && view.gone.is_none()
        {
            let matches = self.matches_of(&view.received.document)?;
            view.meant = matching::meant(&matches);
            view.matches = matches.into_iter().map(|one| one.row).collect();
        }
        if let Answer::Today(view) = &mut answer {
            view.certificate.clone_from(&self.certificate_warning);
        }
        if let Answer::Logs(view) = &mut answer {
            view.standing = self.log_standing(today)?;
        }
        Ok(answer)
    }

    /// Carries out a command as the person at the keyboard. What rests on a consent record that is withdrawn by it and
    /// is on its way or has arrived is taken back. A decision not to share is signed, and one to destroy a file.
    ///
    /// # Errors
    /// The refusal, or what went wrong; nothing was written then.
    pub fn execute(&mut self, command: Command, now: &Zoned) -> Result<Vec<FactId>, OfficeError> {
        if let Command::CompareContact(heard) = &command {
            self.same_words(heard)?;
        }
        let author = self.session.user.clone();
        let withdraws = matches!(command, Command::WithdrawConsent { .. });
        let mut command = self.with_signature(command, now)?;
        if let Command::RecordConsent { case, record } = &mut command {
            **record = self.record_alone(*case, record, (&author, now.date()))?;
        }
        let facts = self.casebook.execute(command, &author, now)?;
        if withdraws {
            self.stop_withdrawn(now)?;
        }
        Ok(facts)
    }

    /// Keeps a draft.
    ///
    /// # Errors
    /// As the casebook's.
    pub fn save_draft(&mut self, draft: &Draft) -> Result<(), OfficeError> {
        Ok(self.casebook.save_draft(draft)?)
    }

    /// Reads a file and keeps it as an attachment.
    ///
    /// # Errors
    /// When it cannot be read or kept.
    pub fn attach(&mut self, path: &Path) -> Result<Attachment, OfficeError> {
        let file = fs::File::open(path).map_err(OfficeError::file("file to attach"))?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let ending =
            path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
        Ok(self.casebook.attach(io::BufReader::new(file), &name, media_type(&ending))?)
    }

    /// Takes a newer directory: verified against what is pinned, and pinned in its place.
    ///
    /// # Errors
    /// When it does not verify, or cannot be kept.
    pub fn take_directory(&mut self, signed: &SignedDirectory, now: &Zoned) -> Result<(), OfficeError> {
        let pinned = self
            .casebook
            .pinned()?
            .ok_or_else(|| OfficeError::refused("no partnership is pinned: enrol first"))?;
        let bad = |error: DirectoryError| OfficeError::refused(error.to_string());
        let directory = signed.verify(&pinned, now.timestamp()).map_err(bad)?;
        let pinned = pinned.follow(signed).map_err(bad)?;
        self.casebook.set_directory(signed, &directory, &pinned)?;
        self.reload(now)
    }

    pub(super) fn outbox_folder(&self) -> PathBuf {
        self.folder.join("outbox")
    }

    pub(super) fn inbox_folder(&self) -> PathBuf {
        self.folder.join("inbox")
    }

    /// Another agency, as the directory lists it.
    pub(super) fn member(&self, id: &AgencyId) -> Result<&Member, OfficeError> {
        let member = self.enrolled()?.directory.member(id);
        member.ok_or_else(|| {
            OfficeError::refused(format!("{id} is not in the directory: fetch the newest one"))
        })
    }

    fn matches_of(&self, document: &str) -> Result<Vec<matching::ChildMatch>, OfficeError> {
        matching::matches(&self.casebook, document)
    }
}

/// What a file is, by its ending; what it really holds is not looked at.
fn media_type(ending: &str) -> &'static str {
    match ending {
        "txt" | "md" => "text/plain",
        "csv" => "text/csv",
        "pdf" => "application/pdf",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "mp3" => "audio/mpeg",
        "m4a" => "audio/mp4",
        "mp4" => "video/mp4",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "pptx" => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "odt" => "application/vnd.oasis.opendocument.text",
        "ods" => "application/vnd.oasis.opendocument.spreadsheet",
        _ => "application/octet-stream",
    }
}

fn make_private(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}
