//! A disposal in signatures: the two people sign what goes, and the agency the certificate, made from the tombstone and
//! the leaves that stay.

use std::{
    fs,
    io::Read as _,
    path::{Path, PathBuf},
};

use jiff::{Timestamp, Zoned};
use kith_protocol::{
    consent::DecidedBy,
    directory::{Directories, Directory},
    disposal::{
        Agreement, Disposal, DisposalError, DisposedFact, InLog, Proposed, SignedDisposal, Tombstone,
    },
    ids::Digest,
    log::{Policy, Witnessed},
    sign::SignatureSet,
    signed::DocumentError,
};

use super::office::{Office, OfficeError};
use crate::{
    casework::{
        command::{Command, Fault, Refusal},
        fact::Author,
        ids::FactId,
    },
    store::{Casebook, StoreError},
};

/// What a certificate begins with.
const BEGINS: &[u8; 21] = b"{\"kith\":\"disposal/1\",";
/// Longest certificate and signature that are read, in bytes.
const MAX_CERTIFICATE: u64 = 64 << 20;
const MAX_SIGNATURE: u64 = 16 << 10;

/// The certificate of a disposal. It can be made again at any time, and says the same, by the log as it is then.
///
/// # Errors
/// When there is no such disposal, or the agency has no keys yet.
pub fn certificate(book: &mut Casebook, id: FactId) -> Result<SignedDisposal, OfficeError> {
    let Some(secrets) = book.agency_secrets()? else {
        return Err(OfficeError::refused(
            "this casebook has no keys, so it cannot sign: it was not made with `kith init`",
        ));
    };
    let session = book.session()?;
    let (disposed, tombstone, leaves) = book.disposal(id)?;
    let Some(agreed) = disposed.agreed else {
        return Err(OfficeError::refused(
            "the two people could not sign this disposal, since the casebook had no keys then: there is no certificate of it",
        ));
    };
    let facts: Vec<FactId> = std::iter::once(id).chain(leaves.iter().map(|(fact, _)| *fact)).collect();
    let kept = book.kept_fact(id)?;
    let body = String::from_utf8(kept.body).map_err(|_| StoreError::bad_fact(id))?;
    let seed = Digest::from_bytes(*kept.seed.as_bytes());
    let (checkpoint, places, inclusion) = book.log_holds(&facts, &secrets.log)?;
    let decided = |by: Author, on| DecidedBy { name: by.name, role: by.role, on };
    let fact = |(fact, leaf): (FactId, _)| DisposedFact { fact: fact.to_string(), leaf };
    let proposed = agreed.agreement.claims().map_or(disposed.proposed, |says| says.proposed);
    let certificate = Disposal {
        agency: session.agency,
        agency_name: session.agency_name,
        rule: disposed.rule.code().to_owned(),
        rule_words: disposed.rule.words().to_owned(),
        rule_source: disposed.rule.source().to_owned(),
        proposed_by: decided(disposed.proposed_by, proposed),
        approved_by: decided(disposed.approved_by, disposed.approved),
        agreed: *agreed,
        replayed: disposed.replayed,
        tombstone: Tombstone { fact: id.to_string(), leaf: tombstone, seed, body },
        log: InLog { checkpoint, places, inclusion },
        facts: leaves.into_iter().map(fact).collect(),
        absent: disposed.absent.into_iter().map(fact).collect(),
        attachments: disposed.attachments,
        kept: disposed.kept.iter().map(|entry| entry.to_string()).collect(),
    };
    Ok(SignedDisposal::new(&certificate, &secrets.sign))
}

/// A decision about a disposal, signed by the person who opened the casebook: whoever proposes signs what would go,
/// whoever approves signs the same words. Any other command as it is, and where the casebook has no keys at all.
///
/// # Errors
/// The person has no key of their own, or it is the same person; or the casebook cannot be read.
pub fn signed(book: &Casebook, command: Command, now: &Zoned) -> Result<Command, OfficeError> {
    if !matches!(command, Command::ProposeDisposal { .. } | Command::ApproveDisposal { .. }) {
        return Ok(command);
    }
    let (Some(secrets), agency) = (book.agency_secrets()?, book.session()?.agency) else {
        return Ok(command);
    };
    let person = book.person_key()?.ok_or_else(|| {
        OfficeError::refused(
            "you have no signing key of your own in this casebook: somebody else here runs `kith holder remove` and `kith holder add` for you",
        )
    })?;
    Ok(match command {
        Command::ProposeDisposal { file, rule, .. } => {
            let proposed = Timestamp::from_second(now.timestamp().as_second()).unwrap_or(now.timestamp());
            let facts = book.disposal_content(file)?;
            let agreement = Agreement { agency, rule: rule.code().to_owned(), proposed, facts };
            let signed = Some(Box::new(Proposed::new(&agreement, &person)));
            Command::ProposeDisposal { file, rule, signed }
        }
        Command::ApproveDisposal { proposal, .. } => {
            let Some(proposed) = book.disposal_proposed(proposal)? else {
                return Ok(Command::ApproveDisposal { proposal, agreed: None });
            };
            match proposed.approve(&person, (&agency, &secrets.public()), now.timestamp()) {
                Ok(agreed) => Command::ApproveDisposal { proposal, agreed: Some(Box::new(agreed)) },
                // Refused by name where it is decided.
                Err(DisposalError::SamePerson) => Command::ApproveDisposal { proposal, agreed: None },
                Err(error) => return Err(OfficeError::refused(error.to_string())),
            }
        }
        command => command,
    })
}

/// The certificate in a file, with the signature beside it; none where the file is something else.
///
/// # Errors
/// When one of them cannot be read.
pub fn read(file: &Path) -> Result<Option<SignedDisposal>, OfficeError> {
    let failed = || OfficeError::file("certificate");
    let mut opened = fs::File::open(file).map_err(failed())?;
    let mut begins = [0; BEGINS.len()];
    match opened.read_exact(&mut begins) {
        Ok(()) if begins == *BEGINS => {}
        _ => return Ok(None),
    }
    let text = read_text(file, MAX_CERTIFICATE)?;
    let mut beside = file.as_os_str().to_owned();
    beside.push(".sig");
    let signature = read_text(Path::new(&beside), MAX_SIGNATURE)?;
    let signature =
        SignatureSet::from_text(&signature).map_err(|error| OfficeError::refused(error.to_string()))?;
    Ok(Some(SignedDisposal::from_parts(text, signature)))
}

fn read_text(path: &Path, limit: u64) -> Result<String, OfficeError> {
    let file = fs::File::open(path).map_err(OfficeError::file("certificate or the signature beside it"))?;
    let mut text = String::new();
    file.take(limit).read_to_string(&mut text).map_err(OfficeError::file("certificate"))?;
    Ok(text)
}

impl Office {
    /// What a certificate says, once the agency's signature and those of both people hold, with the keys of the directory; and
    /// who else cosigned the log that it shows, as far as that directory knows witnesses.
    ///
    /// # Errors
    /// Says what does not hold, or that the agency is not known.
    pub fn verify_disposal(
        &self,
        signed: &SignedDisposal,
        now: &Zoned,
    ) -> Result<(Disposal, Option<Witnessed>), OfficeError> {
        let claimed = signed.claims().map_err(|error| not_held(&error.into()))?;
        let agency = &claimed.agency;
        let ours = match *agency == self.session().agency {
            true => self.casebook().agency_secrets()?.map(|secrets| secrets.public()),
            false => None,
        };
        let keys = match ours {
            Some(keys) => keys,
            None => self.member(agency)?.keys.clone(),
        };
        let disposal = signed.verify((agency, &keys)).map_err(|error| not_held(&error))?;
        let directory = self.enrolled().ok().map(|own| &own.directory);
        let witnessed = directory.map(|directory| witnessed(&disposal, directory, now)).transpose()?;
        Ok((disposal, witnessed.flatten()))
    }
}

/// As [`Office::verify_disposal`], by whoever has the directories.
///
/// # Errors
/// As there.
pub fn verify_as_stranger(
    signed: &SignedDisposal,
    directories: Directories<'_>,
    now: &Zoned,
) -> Result<(Disposal, Option<Witnessed>), OfficeError> {
    let claimed = signed.claims().map_err(|error| not_held(&error.into()))?;
    let agency = &claimed.agency;
    let disposal = directories.judge(claimed.approved_by.on, |directory| {
        let unknown = || DisposalError::Document(DocumentError::UnknownAgency(agency.clone()));
        signed.verify((agency, &directory.member(agency).ok_or_else(unknown)?.keys))
    });
    let disposal = disposal.map_err(|error| not_held(&error))?;
    let witnessed = witnessed(&disposal, directories.newest(), now)?;
    Ok((disposal, witnessed))
}

/// Who else cosigned the log that it shows.
fn witnessed(
    disposal: &Disposal,
    directory: &Directory,
    now: &Zoned,
) -> Result<Option<Witnessed>, OfficeError> {
    let policy = Policy::for_agency(directory, &disposal.agency);
    let judged = policy.map(|policy| policy.judge(&disposal.log.checkpoint, now.timestamp()));
    judged.transpose().map_err(|error| bad(&error, Fault::Sender))
}

fn bad(error: &dyn std::fmt::Display, fault: Fault) -> OfficeError {
    let why = format!("the certificate does not hold: {error}");
    OfficeError::Refused(Refusal::Bundle { why, fault, what: "disposal" })
}

fn not_held(error: &DisposalError) -> OfficeError {
    match error {
        DisposalError::Document(DocumentError::UnknownAgency(_)) => bad(error, Fault::OurDirectory),
        // Bytes that nobody signed came from somewhere else than from whoever could sign them.
        DisposalError::Document(DocumentError::Signature(_)) => {
            let altered =
                format!("it, or the signature beside it, was altered since it was signed ({error})");
            bad(&altered, Fault::OnTheWay)
        }
        _ => bad(error, Fault::Sender),
    }
}

/// Writes it and its signature into `folder`, which is made if it is missing, side by side, as `ssh-keygen -Y verify` takes them.
///
/// # Errors
/// As [`certificate`], and when the files are there already or cannot be written.
pub fn save(book: &mut Casebook, id: FactId, folder: &Path) -> Result<PathBuf, OfficeError> {
    let signed = certificate(book, id)?;
    fs::create_dir_all(folder).map_err(OfficeError::file("folder for the certificate"))?;
    let file = folder.join(format!("disposal-{id}.json"));
    let signature = folder.join(format!("disposal-{id}.json.sig"));
    for (path, text) in [(&file, signed.text.as_str()), (&signature, signed.signature.as_str())] {
        let made = fs::File::create_new(path)
            .and_then(|mut new| std::io::Write::write_all(&mut new, text.as_bytes()));
        made.map_err(OfficeError::file("certificate"))?;
    }
    Ok(file)
}
