//! A sealed file opened by hand: verified, shown, and on request laid out as the files its sender signed. Nothing of it
//! enters the casebook.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
};

use jiff::Zoned;
use kith_protocol::{
    bundle::{Attachment, AttachmentSink, Check, KeepNothing, Measured, OpenRefused, Proven, Verified, open},
    envelope::SignedEnvelope,
    ids::AgencyId,
    page,
};

use super::{
    office::{Office, OfficeError, checks},
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
    /// What a supplement released, each line of it in its place.
    pub released: Vec<String>,
    /// The document as plain lines, and byte for byte.
    pub lines: Vec<String>,
    pub document: String,
}

impl Office {
    /// Opens and verifies a sealed file. With `out` its files are laid out in that folder, which must not exist yet; it
    /// appears only when everything was verified. `with` is a supplement, whose words are put where they belong.
    ///
    /// # Errors
    /// Refuses what does not open or verify, and says why; `out` is not made then.
    pub fn unpack(
        &self,
        path: &Path,
        envelope: Option<&SignedEnvelope>,
        (out, with): (Option<&Path>, Option<&Path>),
        now: &Zoned,
    ) -> Result<Unpacked, OfficeError> {
        let Some(out) = out else {
            let verified = self.verified(path, envelope, &mut KeepNothing, now)?;
            return self.unpacked(&verified, with, now);
        };
        if out.exists() {
            return Err(OfficeError::refused(format!(
                "{} is there already: name a new folder",
                out.display()
            )));
        }
        let failed = || OfficeError::file("folder for the files");
        let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // Made private, and given its name when all is well; dropped before that it takes everything with it.
        let beside = tempfile::Builder::new().prefix(".kith-").tempdir_in(parent).map_err(failed())?;
        let mut sink = Folder { folder: beside.path().to_owned(), open: None };
        let verified = self.verified(path, envelope, &mut sink, now)?;
        let unpacked = self.unpacked(&verified, with, now)?;
        lay_out(beside.path(), &verified).map_err(failed())?;
        fs::rename(beside.path(), out).map_err(failed())?;
        // It went away under its old name.
        let _ = beside.keep();
        Ok(unpacked)
    }

    fn unpacked(
        &self,
        verified: &Verified,
        with: Option<&Path>,
        now: &Zoned,
    ) -> Result<Unpacked, OfficeError> {
        let (bundle, signer) = (verified.bundle(), verified.signer());
        let goes_on = self.goes_on(&bundle.from.id, verified.document(), now)?;
        let fitted = with.map(|with| self.fitted(with, bundle, now)).transpose()?;
        Ok(Unpacked {
            from: bundle.from.id.clone(),
            from_name: bundle.from.name.clone(),
            signed_by: format!("{}, {}", signer.name, signer.role),
            checks: checks(verified, goes_on.as_ref()),
            results: verified.checks().iter().cloned().chain(goes_on).collect(),
            proven: verified.proven().cloned(),
            released: fitted.as_ref().map(view::released).unwrap_or_default(),
            lines: view::lines(bundle),
            document: verified.document().to_owned(),
        })
    }

    fn verified(
        &self,
        path: &Path,
        envelope: Option<&SignedEnvelope>,
        into: &mut dyn AttachmentSink,
        now: &Zoned,
    ) -> Result<Verified, OfficeError> {
        let enrolled = self.enrolled()?;
        let file = File::open(path).map_err(OfficeError::file("sealed file"))?;
        let identity = std::slice::from_ref(&enrolled.secrets.seal);
        let from = Measured::new(BufReader::new(file));
        let opened = open(identity, envelope, &enrolled.directory, from, into).map_err(not_opened)?;
        opened.verify(&enrolled.directory, &self.session.agency, now.timestamp()).map_err(refused)
    }
}

/// A disk that is full says nothing about the file.
fn not_opened(error: OpenRefused) -> OfficeError {
    match error {
        OpenRefused::Sink(source) => OfficeError::file("folder for the files")(source),
        other => refused(other),
    }
}

fn refused(error: impl std::error::Error) -> OfficeError {
    OfficeError::refused(error.to_string())
}

/// The files beside the attachments, as they stood in the archive.
fn lay_out(folder: &Path, verified: &Verified) -> io::Result<()> {
    let (sums, signatures) = verified.signed_sums();
    fs::write(folder.join("bundle.json"), verified.document())?;
    fs::write(folder.join("index.html"), page::render(verified.bundle()))?;
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
