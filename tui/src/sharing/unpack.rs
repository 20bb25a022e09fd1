//! A sealed file opened by hand: verified, shown, and on request laid out as the files its sender signed. Nothing of it
//! enters the casebook.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
};

use jiff::Zoned;
use kith_protocol::{
    bundle::{
        Attachment, AttachmentSink, Check, KeepNothing, Measured, Proven, Verified, WithheldSpan, open,
    },
    envelope::SignedEnvelope,
    ids::AgencyId,
    supplement::{Fitted, ReleasedWords},
};

use super::{
    given::Given,
    laid_out::verify_laid_out,
    office::{Office, OfficeError, checks, for_us, in_words, not_unsealed, not_verified, on_disk},
    supplements::another_kind,
    view,
};

/// What a sealed file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unpacked {
    pub from: AgencyId,
    pub from_name: String,
    /// Who signed, in words.
    pub signed_by: String,
    /// What was checked and what came of it.
    pub checks: Vec<String>,
    /// The same for programs, and what is proven.
    pub results: Vec<Check>,
    pub proven: Option<Proven>,
    /// What was withheld of it, span by span, as it was signed.
    pub withheld: Vec<WithheldSpan>,
    /// What supplements released: each line of it in its place, and for programs.
    pub released: Vec<String>,
    pub released_words: Vec<ReleasedWords>,
    /// The document as plain lines, and byte for byte.
    pub lines: Vec<String>,
    pub document: String,
}

impl Unpacked {
    pub(super) fn new(verified: &Verified, fitted: &[Fitted]) -> Self {
        let (bundle, signer) = (verified.bundle(), verified.signer());
        Self {
            from: bundle.from.id.clone(),
            from_name: bundle.from.name.clone(),
            signed_by: format!("{}, {}", signer.name, signer.role),
            checks: checks(verified, None),
            results: verified.checks().to_vec(),
            proven: verified.proven().cloned(),
            withheld: bundle.gaps(),
            released: fitted.iter().flat_map(view::released).collect(),
            released_words: fitted.iter().flat_map(|one| one.words(bundle)).collect(),
            lines: view::lines(bundle),
            document: verified.document().to_owned(),
        }
    }

    /// With what only a casebook can say: whether the sender's log goes on from what was seen of it.
    fn and(mut self, goes_on: Option<Check>) -> Self {
        self.checks.extend(goes_on.as_ref().map(in_words));
        self.results.extend(goes_on);
        self
    }
}

impl Office {
    /// Opens and verifies a sealed file, or verifies the files of one that were laid out in a folder. With `out` its
    /// files are laid out in that folder, which must not exist yet; it appears only when everything was verified.
    /// `with` are supplements, whose words are put where they belong, and notes of who signed the sender's log since.
    ///
    /// # Errors
    /// Refuses what does not open or verify, and says whose fault that is; `out` is not made then.
    pub fn unpack(
        &self,
        path: &Path,
        envelope: Option<&SignedEnvelope>,
        (out, with): (Option<&Path>, &[PathBuf]),
        now: &Zoned,
    ) -> Result<Unpacked, OfficeError> {
        let given = Given::sorted(with)?;
        let Some(out) = out else {
            if path.is_dir() {
                let laid_out = verify_laid_out(path, with, self.directories()?, now)?;
                let goes_on = self.goes_on(&laid_out.from, &laid_out.document, now)?;
                return Ok(laid_out.and(goes_on));
            }
            let verified = self.verified(path, envelope, (&given, &mut KeepNothing), now)?;
            return self.unpacked(&verified, &given.supplements, now);
        };
        let beside = new_folder(out)?;
        let mut sink = Folder { folder: beside.path().to_owned(), open: None };
        let verified = self.verified(path, envelope, (&given, &mut sink), now)?;
        let unpacked = self.unpacked(&verified, &given.supplements, now)?;
        let failed = || OfficeError::file("folder for the files");
        lay_out(beside.path(), &verified).map_err(failed())?;
        fs::rename(beside.path(), out).map_err(failed())?;
        // It went away under its old name.
        let _ = beside.keep();
        Ok(unpacked)
    }

    fn unpacked(&self, verified: &Verified, with: &[PathBuf], now: &Zoned) -> Result<Unpacked, OfficeError> {
        let bundle = verified.bundle();
        let goes_on = self.goes_on(&bundle.from.id, verified.document(), now)?;
        let fitted = self.fitted(with, bundle, now)?;
        Ok(Unpacked::new(verified, &fitted).and(goes_on))
    }

    fn verified(
        &self,
        path: &Path,
        envelope: Option<&SignedEnvelope>,
        (given, into): (&Given, &mut dyn AttachmentSink),
        now: &Zoned,
    ) -> Result<Verified, OfficeError> {
        let (enrolled, directories) = (self.enrolled()?, self.directories()?);
        for_us(envelope, directories, &self.session.agency)?;
        let file = File::open(path).map_err(OfficeError::file("sealed file"))?;
        let identity = &enrolled.seals;
        let from = Measured::new(BufReader::new(file));
        let opened = open(identity, envelope, directories, from, into).map_err(|error| {
            another_kind(path, identity).unwrap_or_else(|| not_unsealed(error, || on_disk(path), envelope))
        })?;
        let opened = given.beside(opened)?;
        opened.verify(directories, &self.session.agency, now.timestamp()).map_err(not_verified)
    }
}

/// A private folder beside `out`, to be given that name when all is well; dropped before that it takes everything with
/// it. `out` must not be there.
pub(super) fn new_folder(out: &Path) -> Result<tempfile::TempDir, OfficeError> {
    if out.exists() {
        return Err(OfficeError::refused(format!("{} is there already: name a new folder", out.display())));
    }
    let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let made = tempfile::Builder::new().prefix(".kith-").tempdir_in(parent);
    made.map_err(OfficeError::file("folder for the files"))
}

/// The files beside page and attachments, as they stood in the archive.
fn lay_out(folder: &Path, verified: &Verified) -> io::Result<()> {
    let (sums, signatures) = verified.signed_sums();
    fs::write(folder.join("bundle.json"), verified.document())?;
    fs::write(folder.join("SHA256SUMS"), sums)?;
    fs::write(folder.join("SHA256SUMS.sig"), signatures.as_str())
}

/// Attachments under the names that the signed list gives them.
struct Folder {
    folder: PathBuf,
    open: Option<BufWriter<File>>,
}

impl Folder {
    fn finish(&mut self) -> io::Result<()> {
        self.open.take().map_or(Ok(()), |mut file| file.flush())
    }
}

impl AttachmentSink for Folder {
    /// The page as it was signed, whatever this version would make of the document.
    fn page(&mut self, bytes: &[u8]) -> io::Result<()> {
        let path = self.folder.join("index.html");
        OpenOptions::new().append(true).create(true).open(path)?.write_all(bytes)
    }

    fn begin(&mut self, attachment: &Attachment) -> io::Result<()> {
        self.finish()?;
        // Made of a digest and a known ending: nothing of it is the sender's choice.
        let path = self.folder.join(attachment.path());
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        let file = OpenOptions::new().write(true).create_new(true).open(path)?;
        self.open = Some(BufWriter::new(file));
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.open
            .as_mut()
            .map_or_else(|| Err(io::ErrorKind::InvalidInput.into()), |file| file.write_all(bytes))
    }

    fn commit(&mut self) -> io::Result<()> {
        self.finish()
    }

    fn discard(&mut self) {
        self.open = None;
    }
}
