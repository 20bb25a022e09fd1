//! Words that a share had withheld, released later: a supplement to its bundle, made here and fitted there.

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use jiff::Zoned;
use kith_protocol::{
    bundle::{Bundle, Logged, Place, Second, forbidden_left_in},
    consent::DecidedBy,
    directory::Directories,
    envelope::SignedEnvelope,
    evidence::Proof,
    fact::Body,
    seal::{Identity, seal_to},
    supplement::{Fitted, Misfit, Released, ReleasedPart, SignedSupplement, Supplement, fit_all},
};

use tempfile::NamedTempFile;

use super::{
    office::{Office, OfficeError},
    papers, pieces,
    plan::{SpanId, Withheld},
    supplements,
};
use crate::{
    casework::{
        command::{Command, Refusal},
        fact::{Gap, Release, Share, SignedText},
        ids::{EntryId, FactId, ReceivedId, ShareId},
        query::{Answer, Query},
        supplied::Became,
    },
    store::KeptFact,
};

/// A file beside `path`, whole and on the disk, which goes when it is dropped.
fn beside(path: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    if path.exists() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".kith-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

impl Office {
    /// Releases a stretch that a share withheld, to the recipient of that share: records it, and puts the sealed
    /// supplement at `path`, which must not be there yet. What cannot be written is not recorded.
    ///
    /// # Errors
    /// The share is not sealed, was taken back or deleted, or withheld no such stretch; somebody may not have these words;
    /// a second person must look at them; no order is named, or the file cannot be written.
    pub fn disclose(
        &mut self,
        share: ShareId,
        stretch: &SpanId,
        order: &str,
        path: &Path,
        now: &Zoned,
    ) -> Result<FactId, OfficeError> {
        let signed = self.supplement(share, stretch, order, now)?;
        let written = self.sealed_beside(path, &signed)?;
        let release = Release {
            at: now.datetime(),
            share,
            entry: stretch.entry,
            order: order.to_owned(),
            supplement: papers::kept(&signed),
        };
        // Nor does what is not recorded go out: until then it has no name that anybody knows, and goes when it is dropped.
        let facts = self.execute(Command::ReleaseWords(release), now)?;
        let fact = facts.first().copied().ok_or_else(|| OfficeError::refused("nothing was recorded"))?;
        named(written, path, fact)
    }

    /// Puts the supplement with which a stretch was released at `path` once more. Nothing is recorded.
    ///
    /// # Errors
    /// It was not released, or today it would not be; or the file cannot be written.
    pub fn disclose_again(
        &mut self,
        share: ShareId,
        stretch: &SpanId,
        path: &Path,
        now: &Zoned,
    ) -> Result<FactId, OfficeError> {
        self.sending(now)?;
        let (_, words) = self.may_go(share, stretch, now)?;
        let (fact, release) = self.released_before(share, stretch.entry, &words)?.ok_or_else(|| {
            OfficeError::refused(format!("{stretch} was not released yet: say on which order, with --order"))
        })?;
        self.casebook.allows(Command::ReleaseWords(release.clone()), &self.session.user, now)?;
        let signed: SignedSupplement = papers::read(&release.supplement).map_err(refused)?;
        named(self.sealed_beside(path, &signed)?, path, fact)
    }

    /// The supplement, sealed to whom it is for, in a file beside `path`.
    fn sealed_beside(&self, path: &Path, signed: &SignedSupplement) -> Result<NamedTempFile, OfficeError> {
        let to = self.member(&signed.claims().map_err(refused)?.to)?.keys.seal.clone();
        let mut sealed = Vec::new();
        let mut out = seal_to(&[to], &mut sealed).map_err(refused)?;
        serde_json::to_writer(&mut out, signed).map_err(refused)?;
        out.flush().map_err(OfficeError::file("supplement"))?;
        out.finish().map_err(refused)?;
        beside(path, &sealed).map_err(OfficeError::file("supplement"))
    }

    /// The release of just these words with this share, if there was one.
    fn released_before(
        &self,
        share: ShareId,
        entry: EntryId,
        words: &[Released],
    ) -> Result<Option<(FactId, Release)>, OfficeError> {
        let same = |release: &Release| {
            let supplement = release.supplement.supplement();
            release.entry == entry && supplement.is_some_and(|one| one.words == words)
        };
        Ok(self.casebook.releases(share)?.into_iter().find(|(_, release)| same(release)))
    }

    /// What a share withheld: each stretch as [`Self::disclose`] takes it, with its words as they stood and whether they were
    /// released.
    ///
    /// # Errors
    /// There is no such share, nothing of it can be released any more, or the casebook cannot be read.
    pub fn withheld(&self, share: ShareId) -> Result<Vec<Withheld>, OfficeError> {
        self.casebook.may_release(share)?;
        let papers = self.casebook.papers(share)?;
        let words = |stretch: &SpanId| {
            let kept = self.kept_as_shared(share, stretch.entry)?;
            let body = Body::parse(&kept.body).map_err(refused)?;
            let (_, words) = released(&papers.share, &kept, &body, stretch)?;
            let parts = words.iter().flat_map(|one| &one.parts).filter_map(|part| match part {
                ReleasedPart::Text(text) => Some(text.as_str()),
                ReleasedPart::Withheld => None,
            });
            let said = parts.collect::<Vec<_>>().join(" ");
            let before = self.released_before(share, stretch.entry, &words)?;
            Ok::<_, OfficeError>((said, before.map(|(fact, release)| (release.at.date(), fact))))
        };
        let spans = papers.share.gaps.iter().cloned().map(|Gap { entry, field, start, end, code }| {
            let span = SpanId { entry, field, start, end };
            // One that cannot be released alone, as another stands in its word, is listed all the same.
            let (words, released) = words(&span).unwrap_or_default();
            Withheld { span, code, words, released }
        });
        Ok(spans.collect())
    }

    fn supplement(
        &self,
        share: ShareId,
        stretch: &SpanId,
        order: &str,
        now: &Zoned,
    ) -> Result<SignedSupplement, OfficeError> {
        let (enrolled, person) = (self.sending(now)?, self.signs(now.timestamp())?);
        let papers = self.casebook.papers(share)?;
        let sealed = papers.sealed.ok_or_else(|| OfficeError::refused("the share was never sealed"))?;
        let (proof, words) = self.may_go(share, stretch, now)?;
        if let Some((release, before)) = self.released_before(share, stretch.entry, &words)? {
            let on = before.at.date();
            self.casebook.allows(Command::ReleaseWords(before), &self.session.user, now)?;
            return Err(Refusal::AlreadyReleased { on, release }.into());
        }
        let envelope: SignedEnvelope = papers::read(&sealed.envelope).map_err(refused)?;
        let envelope = envelope.claims().map_err(refused)?;
        let user = &self.session.user;
        let supplement = Supplement {
            from: envelope.from,
            to: envelope.to,
            seal_id: envelope.seal_id,
            record: stretch.entry.to_string().parse().map_err(refused)?,
            order: order.trim().to_owned(),
            decided_by: DecidedBy { name: user.name.clone(), role: user.role.clone(), on: now.timestamp() },
            signed_by: person.certificate.clone(),
            proof,
            words,
        };
        Ok(SignedSupplement::release(&supplement, &enrolled.secrets.sign, person))
    }

    /// The words of one gap with their proof, if they may go to the share's recipient today.
    fn may_go(
        &self,
        share: ShareId,
        stretch: &SpanId,
        now: &Zoned,
    ) -> Result<(Proof, Vec<Released>), OfficeError> {
        let share_was = self.casebook.papers(share)?.share;
        let kept = self.kept_as_shared(share, stretch.entry)?;
        let body = Body::parse(&kept.body).map_err(refused)?;
        let (proof, words) = released(&share_was, &kept, &body, stretch)?;
        self.may_be_released(&share_was, stretch.entry, &words, now)?;
        Ok((proof, words))
    }

    /// The entry's fact as it stood when the share was decided.
    fn kept_as_shared(&self, share: ShareId, entry: EntryId) -> Result<KeptFact, OfficeError> {
        let fact = self.casebook.stood_at(entry, share.0).map_err(|_| {
            OfficeError::refused(format!("entry {entry} is not in that share: name one that is"))
        })?;
        Ok(self.casebook.kept_fact(fact)?)
    }

    /// What a share would be held to: protected addresses and no-contact rules, and a second person's check.
    fn may_be_released(
        &self,
        share: &Share,
        entry: EntryId,
        words: &[Released],
        now: &Zoned,
    ) -> Result<(), OfficeError> {
        let (forbidden, level) = self.blocked(share, entry, now)?;
        let parts: Vec<_> = words.iter().map(|one| &one.parts).collect();
        if let Some(left_in) = forbidden_left_in(&parts, &forbidden).first() {
            return Err(OfficeError::refused(format!(
                "these words may not be released: {} Where a court orders it, the rule itself is to be changed first",
                left_in.reason()
            )));
        }
        if matches!(self.second(self.member(&share.to)?.sector, level)?, Second::Asked) {
            return Err(OfficeError::refused(
                "a second person must check what goes to this agency, and a release is made by one: share the entry anew with these words, so that somebody else checks it",
            ));
        }
        Ok(())
    }

    /// Takes in words that a received bundle withheld, from the sealed supplement at `path`: they stand in the record
    /// from then on. Gives what became of them in the entry that it was filed as.
    ///
    /// # Errors
    /// It is not for us, not signed by the sender, does not fit the bundle, or is here already; nothing is kept then.
    pub fn take_supplement(
        &mut self,
        received: ReceivedId,
        path: &Path,
        now: &Zoned,
    ) -> Result<(Fitted, Became), OfficeError> {
        let Answer::Received(view) = self.casebook.ask(&Query::Received { received }, now.date())? else {
            return Err(Refusal::Changed.into());
        };
        if view.gone.is_some() {
            return Err(Refusal::AlreadyAnswered { what: "deleted" }.into());
        }
        let unreadable =
            || OfficeError::refused("what is kept of it does not read: run `kith casebook check`");
        let bundle: Bundle = serde_json::from_str(&view.received.document).map_err(|_| unreadable())?;
        let earlier: Option<Vec<Supplement>> = view.supplements.iter().map(SignedText::supplement).collect();
        let earlier = earlier.ok_or_else(unreadable)?;
        let signed = supplements::read(path, &self.enrolled()?.seals)?;
        if view.supplements.iter().any(|one| one.text == signed.text) {
            return Err(Refusal::AlreadySupplied.into());
        }
        let directories = self.directories()?;
        let fitted = signed.fit_after(&bundle, &earlier, directories, now.timestamp());
        let here = supplements::bundle_here(self.casebook(), &signed)?;
        let fitted = fitted
            .map_err(|error| supplements::does_not_fit(&error, &signed, (&bundle, directories), here))?;
        let supplement = papers::kept(&signed);
        let facts =
            self.execute(Command::TakeSupplement { received, number: fitted.number, supplement }, now)?;
        let taken = facts.first().copied().ok_or(Refusal::Changed)?;
        Ok((fitted, self.casebook.supplied(taken)?))
    }

    /// Opens supplements and puts their words into the bundle they belong to.
    ///
    /// # Errors
    /// One is not for us, not signed by the sender, or does not fit the bundle.
    pub(super) fn fitted(
        &self,
        paths: &[PathBuf],
        bundle: &Bundle,
        now: &Zoned,
    ) -> Result<Vec<Fitted>, OfficeError> {
        fit(paths, &self.enrolled()?.seals, (bundle, self.directories()?), now)
    }
}

/// As [`Office::fitted`], by whoever has the directories: a supplement that was opened reads without a key.
pub(super) fn fit(
    paths: &[PathBuf],
    keys: &[Identity],
    (bundle, directories): (&Bundle, Directories<'_>),
    now: &Zoned,
) -> Result<Vec<Fitted>, OfficeError> {
    let named = |path: &Path, error| match error {
        OfficeError::Refused(refusal) => OfficeError::Supplement { path: path.to_owned(), refusal },
        error => error,
    };
    let read = |path: &PathBuf| supplements::read(path, keys).map_err(|error| named(path, error));
    let signed: Vec<_> = paths.iter().map(read).collect::<Result<_, _>>()?;
    fit_all(bundle, &signed, directories, now.timestamp()).map_err(|(at, error)| {
        match (paths.get(at), signed.get(at), &error) {
            (Some(path), _, Misfit::Nothing) if paths.len() > 1 => named(path, supplements::released_twice()),
            (Some(path), Some(one), _) => {
                named(path, supplements::does_not_fit(&error, one, (bundle, directories), None))
            }
            _ => OfficeError::refused(error.to_string()),
        }
    })
}

/// Gives a file its name.
fn named(written: NamedTempFile, path: &Path, fact: FactId) -> Result<FactId, OfficeError> {
    match written.persist_noclobber(path) {
        Ok(_) => Ok(fact),
        Err(failed) => {
            let (_, left) =
                failed.file.keep().map_err(|failed| OfficeError::file("supplement")(failed.error))?;
            Err(OfficeError::refused(format!(
                "it is recorded as {fact}, and its file could not be given that name ({}): it lies whole in {}",
                failed.error.kind(),
                left.display()
            )))
        }
    }
}

/// One gap of a share, filled, with its proof.
fn released(
    share: &Share,
    kept: &KeptFact,
    body: &Body<'_>,
    stretch: &SpanId,
) -> Result<(Proof, Vec<Released>), OfficeError> {
    let SpanId { entry, field, start, end } = stretch;
    let Some(gap) = share.gaps.iter().find(|gap| stretch.is_of(gap)) else {
        return Err(OfficeError::refused(format!(
            "the share did not withhold {stretch}: name one stretch as it was withheld. Of entry {entry} that is {}",
            gaps_of(share, *entry)
        )));
    };
    let place = place_of(field).ok_or_else(|| no_such(*entry, field))?;
    let logged = Logged { leaf: 0, seed: &kept.seed, body };
    let at = |gap: &Gap| gap.start as usize..gap.end as usize;
    let others = share.gaps.iter().filter(|one| *one != gap && one.entry == *entry && one.field == *field);
    if others.into_iter().any(|other| logged.shares_a_word(place, &at(gap), &at(other))) {
        return Err(OfficeError::refused(
            "another stretch was withheld in the same word: neither goes without the other. Share the entry anew",
        ));
    }
    let at = *start as usize..*end as usize;
    Ok(logged.release(place, &at).map_err(|_| no_such(*entry, field))?.into())
}

fn gaps_of(share: &Share, entry: EntryId) -> String {
    let gaps = share.gaps.iter().filter(|gap| gap.entry == entry);
    let each = gaps.map(|Gap { entry, field, start, end, .. }| format!("{entry}:{field}:{start}:{end}"));
    let each = each.collect::<Vec<_>>().join(", ");
    if each.is_empty() { "nothing".to_owned() } else { each }
}

fn no_such(entry: EntryId, field: &str) -> OfficeError {
    OfficeError::refused(format!("entry {entry} had no such stretch in {}", pieces::name(field)))
}

fn refused(error: impl std::fmt::Display) -> OfficeError {
    OfficeError::refused(error.to_string())
}

/// The place that a field is.
fn place_of(field: &str) -> Option<Place> {
    let nth = |at: &str| at.parse().ok();
    let place = match field.split_once('/') {
        Some(("person", at)) => Place::Person(nth(at)?),
        Some(("statement", at)) => Place::Statement(nth(at)?),
        _ => [
            Place::ByName,
            Place::ByRole,
            Place::SourceName,
            Place::SourceRole,
            Place::SourceAgency,
            Place::Danger,
            Place::Told,
            Place::Done,
            Place::Effect,
        ]
        .into_iter()
        .find(|place| pieces::field(*place) == field)?,
    };
    Some(place)
}
