//! The signed files of a bundle in a folder, each exactly as it was signed: what anybody can check.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use jiff::Zoned;
use kith_protocol::{
    bundle::{
        Bundle, Found, KeepNothing, OpenRefused, SignedFiles, Verified, VerifyRefused, open_files,
        page_digest, parts,
    },
    directory::Directories,
    ids::Digest,
    log::SignedCheckpoint,
};

use super::{
    given::Given,
    office::{Office, OfficeError, not_opened, not_verified},
    release, supplements,
    unpack::{Unpacked, new_folder},
};
use crate::casework::{
    command::{Fault, Refusal},
    fact::SignedText,
    ids::ReceivedId,
    query::{Answer, Query},
};

/// The one folder a bundle has below its own.
const ATTACHMENTS: &str = "attachments";

/// Verifies files that lie open, as anybody can who has the directories. `with` are opened supplements, and notes of who
/// signed the sender's log since.
///
/// # Errors
/// Refuses what does not hold, and says whose fault that is.
pub fn verify_laid_out(
    folder: &Path,
    with: &[PathBuf],
    directories: Directories<'_>,
    now: &Zoned,
) -> Result<Unpacked, OfficeError> {
    let given = Given::sorted(with)?;
    let verified = verified(folder, &given, directories, now)?;
    let fitted = release::fit(&given.supplements, &[], (verified.bundle(), directories), now)?;
    Ok(Unpacked::new(&verified, &fitted))
}

fn verified(
    folder: &Path,
    given: &Given,
    directories: Directories<'_>,
    now: &Zoned,
) -> Result<Verified, OfficeError> {
    let opened =
        open_files(LaidOut::new(folder), directories, &mut KeepNothing).map_err(LaidOut::not_opened)?;
    given.beside(opened)?.verify_as_stranger(directories, now.timestamp()).map_err(LaidOut::not_verified)
}

/// What was written out of a received bundle.
#[derive(Debug)]
pub struct Exported {
    pub folder: PathBuf,
    /// What was released of it since, oldest first.
    pub supplements: Vec<PathBuf>,
    /// What others signed of the sender's log since, if any of it is known here.
    pub witnesses: Option<PathBuf>,
    pub unpacked: Unpacked,
}

/// A folder as the files are read from it. Links are not followed.
struct LaidOut {
    folder: PathBuf,
    open: Option<io::Take<File>>,
    read: BTreeSet<String>,
}

impl LaidOut {
    fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), open: None, read: BTreeSet::new() }
    }

    /// As [`not_opened`]. In a seal only its sender can leave a file out, add one or sign wrongly; what lies open can be
    /// changed by whoever has it, up to the signature.
    fn not_opened(error: OpenRefused) -> OfficeError {
        let (why, what) = match &error {
            OpenRefused::Signature(why) => (
                format!(
                    "the signature does not hold: {why}. It was changed since it was signed, or signed by nobody in the directory"
                ),
                "sender",
            ),
            OpenRefused::Missing { what } => {
                (format!("{what} is missing from the folder, or is no plain file there"), "files")
            }
            OpenRefused::Unlisted { path } => {
                let why = format!(
                    "the folder holds {path}, which was not signed: only the files that its list names may lie in it"
                );
                return OfficeError::Refused(Refusal::Bundle { why, fault: Fault::PutThere, what: "files" });
            }
            OpenRefused::Altered { .. } | OpenRefused::TooLong { .. } => (error.to_string(), "files"),
            _ => return not_opened(error),
        };
        OfficeError::Refused(Refusal::Bundle { why, fault: Fault::Holder, what })
    }

    /// As [`not_verified`]. The agency's signature covers all but the signatures beside it.
    fn not_verified(error: VerifyRefused) -> OfficeError {
        match error {
            VerifyRefused::Person(_) => OfficeError::Refused(Refusal::Bundle {
                why: format!("{error}, or their signature was changed since"),
                fault: Fault::Holder,
                what: "person",
            }),
            error => not_verified(error),
        }
    }

    fn left_over(&self, below: &str) -> Result<(), OpenRefused> {
        for entry in fs::read_dir(self.folder.join(below)).map_err(OpenRefused::Read)? {
            let entry = entry.map_err(OpenRefused::Read)?;
            let name = format!("{below}{}", entry.file_name().to_string_lossy());
            let inner = entry.file_type().map_err(OpenRefused::Read)?.is_dir();
            let listed = || self.read.iter().any(|name| name.starts_with(ATTACHMENTS));
            if inner && name == ATTACHMENTS && listed() {
                self.left_over(&format!("{ATTACHMENTS}/"))?;
            } else if !self.read.contains(&name) {
                return Err(OpenRefused::Unlisted { path: name });
            }
        }
        Ok(())
    }
}

impl SignedFiles for LaidOut {
    fn next_file(&mut self, name: &str) -> Result<Option<Found>, OpenRefused> {
        let path = self.folder.join(name);
        match fs::symlink_metadata(&path) {
            Ok(about) if about.is_file() => {
                let file = File::open(&path).map_err(OpenRefused::Read)?;
                self.open = Some(file.take(about.len()));
                self.read.insert(name.to_owned());
                Ok(Some(Found { name: name.to_owned(), size: about.len(), placed: None }))
            }
            Ok(_) => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(OpenRefused::Read(error)),
        }
    }

    fn read_some(&mut self, into: &mut [u8]) -> Result<usize, OpenRefused> {
        self.open.as_mut().map_or(Ok(0), |file| file.read(into)).map_err(OpenRefused::Read)
    }

    fn finish(self) -> Result<(), OpenRefused> {
        self.left_over("")
    }
}

impl Office {
    /// Lays out the signed files of a received bundle, byte for byte as they came, in a folder that must not be there
    /// yet; without one, in the folder of the bundle's own name. It appears only when all of it verifies. What was released
    /// of it since lies opened in a folder beside it, as it was signed: in its own nobody else's file may lie.
    ///
    /// # Errors
    /// It was destroyed, or the folder cannot be written.
    pub fn export(
        &self,
        received: ReceivedId,
        out: Option<&Path>,
        now: &Zoned,
    ) -> Result<Exported, OfficeError> {
        let Answer::Received(view) = self.casebook().ask(&Query::Received { received }, now.date())? else {
            return Err(OfficeError::refused("the casebook's answer does not fit the question"));
        };
        if view.gone.is_some() {
            return Err(OfficeError::refused("its sender took it back and it was destroyed here"));
        }
        let kept = &view.received;
        let bad = || OfficeError::refused("what is kept of it does not read: run `kith casebook check`");
        let bundle: Bundle = serde_json::from_str(&kept.document).map_err(|_| bad())?;
        let (sums, signatures) = parts(&kept.document_signature).ok_or_else(bad)?;
        let page = page_digest(sums).ok_or_else(bad)?;
        let out = out.map_or_else(|| PathBuf::from(bundle.folder()), Path::to_owned);
        let beside = new_folder(&out)?;
        let folder = beside.path();
        let put = |name: &str, text: &str| {
            fs::write(folder.join(name), text).map_err(OfficeError::file("folder for the files"))
        };
        put("SHA256SUMS", sums)?;
        put("SHA256SUMS.sig", signatures)?;
        put("bundle.json", &kept.document)?;
        self.write_out(&page, &folder.join("index.html"))?;
        for attachment in &bundle.attachments {
            self.write_out(&attachment.sha256, &folder.join(attachment.path()))?;
        }
        let unpacked = Unpacked::new(&verified(folder, &Given::default(), self.directories()?, now)?, &[]);
        let supplements = self.export_supplements(&view.supplements, (&bundle, &out), now)?;
        let witnesses = self.export_witnesses(&kept.document, &out)?;
        fs::rename(folder, &out).map_err(OfficeError::file("folder for the files"))?;
        // It went away under its old name.
        let _ = beside.keep();
        Ok(Exported { folder: out, supplements, witnesses, unpacked })
    }

    /// What is known of who signed the sender's log, as a signed note beside `out`.
    fn export_witnesses(&self, document: &str, out: &Path) -> Result<Option<PathBuf>, OfficeError> {
        let Some(note) = self.signed_since(document)? else { return Ok(None) };
        let mut name = out.as_os_str().to_owned();
        name.push("-witnesses.txt");
        let path = PathBuf::from(name);
        let failed = || OfficeError::file("file of witnesses");
        // What was known earlier of the same is replaced; anything else of that name stays.
        let earlier = fs::read_to_string(&path).ok().and_then(|text| text.parse::<SignedCheckpoint>().ok());
        if earlier.is_some_and(|earlier| earlier.claims() == note.claims()) {
            fs::remove_file(&path).map_err(failed())?;
        }
        let mut file = File::create_new(&path).map_err(failed())?;
        io::Write::write_all(&mut file, note.to_string().as_bytes()).map_err(failed())?;
        Ok(Some(path))
    }

    /// The supplements to a bundle, to be verified in their order beside `out`.
    fn export_supplements(
        &self,
        all: &[SignedText],
        (bundle, out): (&Bundle, &Path),
        now: &Zoned,
    ) -> Result<Vec<PathBuf>, OfficeError> {
        if all.is_empty() {
            return Ok(Vec::new());
        }
        let failed = || OfficeError::file("folder for the supplements");
        let folder = supplements::folder_beside(out);
        let beside = new_folder(&folder)?;
        supplements::write_out(beside.path(), all).map_err(failed())?;
        let files: Vec<_> = supplements::names(beside.path()).take(all.len()).collect();
        release::fit(&files, &[], (bundle, self.directories()?), now)?;
        fs::rename(beside.path(), &folder).map_err(failed())?;
        let _ = beside.keep();
        Ok(supplements::names(&folder).take(all.len()).collect())
    }

    fn write_out(&self, file: &Digest, to: &Path) -> Result<(), OfficeError> {
        let failed = || OfficeError::file("folder for the files");
        let mut bytes = self.casebook().read_attachment(file)?;
        to.parent().map_or(Ok(()), fs::create_dir_all).map_err(failed())?;
        let mut out = File::create_new(to).map_err(failed())?;
        io::copy(&mut bytes, &mut out).map_err(failed()).map(drop)
    }
}
