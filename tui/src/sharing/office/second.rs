//! Two people: what one proposes, another sees as the recipient will, and approves or sends back.

use std::collections::BTreeMap;

use jiff::Zoned;
use kith_protocol::{
    approval::{Approval, ApprovalError, Proposed},
    bundle::{Draft, Fresh, Second},
    directory::Sector,
};

use super::{
    Office, OfficeError,
    compose::{Prepared, read},
};
use crate::{
    casework::{
        case::LevelOfNeed,
        command::{Command, Refusal},
        fact::{Fact, ShareEnd},
        ids::ShareId,
        query::{Answer, PAGE, Query},
        second::needs_second,
    },
    sharing::{
        pieces,
        plan::{Checking, Decision, Marked, ShareChoices, draft_key},
    },
    store::{Proposal, StoreError},
};

impl Office {
    /// Does the school ask for a second person's check here?
    pub(in crate::sharing) fn second(
        &self,
        sector: Sector,
        level: LevelOfNeed,
    ) -> Result<Second, OfficeError> {
        let policy = self.casebook.sharing_policy()?;
        Ok(if needs_second(&policy, sector, level) { Second::Asked } else { Second::NotAsked })
    }

    /// Commits the decision with its proposer's signature; nothing is queued.
    pub(super) fn propose(
        &mut self,
        ready: Prepared,
        choices: &ShareChoices,
        now: &Zoned,
    ) -> Result<ShareId, OfficeError> {
        let Prepared { draft, share, record, copies, .. } = ready;
        let kept = written(&draft)?;
        let rehearsed = self
            .rehearse(draft, copies.clone(), now)?
            .map_err(|refusals| OfficeError::refused(refusals.join(" ")))?;
        let enrolled = self.enrolled()?;
        let approval = Approval {
            from: enrolled.me.id.clone(),
            to: share.to.clone(),
            seal_id: Fresh::system().seal_id,
            content: rehearsed.content,
            proposed: now.timestamp(),
        };
        let proposal = Box::new(Proposed::new(&approval, self.signs(now.timestamp())?));
        // The versions that were looked at: what is amended from now on is seen to be another.
        let looked_at = self.entries(share.case, &share.entries, now)?;
        let versions: BTreeMap<_, _> = looked_at.iter().map(|view| (view.id, view.versions())).collect();
        let choices = written(&ShareChoices { versions, ..choices.clone() })?;
        let command = Command::ProposeShare { share, record, draft: kept, choices, proposal };
        self.casebook.begin_together()?;
        let facts = self.keep_copies(&copies).and_then(|()| self.execute(command, now));
        self.casebook.end_together(facts.is_ok())?;
        facts?.last().copied().map(ShareId).ok_or_else(|| OfficeError::Refused(Refusal::Changed))
    }

    /// A share that waits for a check; where it does not any more, what became of it.
    fn proposal(&self, share: ShareId) -> Result<Proposal, OfficeError> {
        let unknown = match self.casebook.proposal(share) {
            Err(unknown @ StoreError::Unknown { .. }) => unknown,
            other => return Ok(other?),
        };
        let Some(done) = self.casebook.checked_already(share)? else { return Err(unknown.into()) };
        let did = match &done.fact {
            Fact::ShareApproved { .. } => "approved it".to_owned(),
            Fact::ShareEnded { end: ShareEnd::SentBack { why }, .. } => format!("sent it back: {why}"),
            Fact::ShareEnded { end, .. } => {
                end.why().map_or_else(|| "ended it".to_owned(), |why| format!("ended it: {why}"))
            }
            _ => {
                return Err(OfficeError::refused(format!(
                    "share {share} needed no check: nobody is asked about it"
                )));
            }
        };
        let on = done.recorded.strftime("%-d %B %Y");
        Err(OfficeError::refused(format!(
            "share {share} waits for no check any more: {} on {on} {did}",
            done.by.name
        )))
    }

    /// Everything about a share that waits for a check.
    ///
    /// # Errors
    /// When it does not wait for one, or the casebook cannot be read.
    pub fn checking(&self, share: ShareId, now: &Zoned) -> Result<Checking, OfficeError> {
        let proposal = self.proposal(share)?;
        let query = Query::ToCheck { limit: PAGE };
        let Answer::ToCheck(rows) = self.casebook.ask(&query, now.date())? else {
            return Err(OfficeError::Refused(Refusal::Changed));
        };
        let row = rows.into_iter().find(|row| row.id == share);
        let row = row.ok_or(OfficeError::Refused(Refusal::Changed))?;
        let draft = draft_of(&proposal)?;
        let basis =
            draft.consent.lawful_basis.as_ref().map_or("none named", |basis| basis.words()).to_owned();
        let rehearsed = self
            .rehearse(draft, Vec::new(), now)?
            .map_err(|refusals| OfficeError::refused(refusals.join(" ")))?;
        let (lines, _) = read(&rehearsed)?;
        let (withheld, kept) = self.marked(&proposal, now)?;
        Ok(Checking { row, basis, withheld, kept, lines })
    }

    /// Signs, as the second person, exactly what was proposed; it goes with the next round.
    ///
    /// # Errors
    /// Refuses whoever proposed it. What has changed since goes back to them, and the refusal says so.
    pub fn approve(&mut self, share: ShareId, now: &Zoned) -> Result<(), OfficeError> {
        let proposal = self.proposal(share)?;
        let enrolled = self.enrolled()?;
        let no = |error: ApprovalError| OfficeError::refused(error.to_string());
        let approved = proposal
            .signed
            .approve(self.signs(now.timestamp())?, (&enrolled.me.id, &enrolled.me.keys), now.timestamp())
            .map_err(no)?;
        if let Some(why) = self.changed_since(&proposal, now)? {
            let why = format!("It was changed after it was proposed: {why}");
            self.send_back(share, &why, now)?;
            return Err(OfficeError::refused(format!("{why} It went back to {}.", proposal.by.name)));
        }
        let rehearsed = self
            .rehearse(draft_of(&proposal)?, Vec::new(), now)?
            .map_err(|refusals| OfficeError::refused(refusals.join(" ")))?;
        approved.is_of(&proposal.share.to, rehearsed.content).map_err(no)?;
        let (by, approval) = (self.session.user.name.clone(), Box::new(approved.signed().clone()));
        self.execute(Command::ApproveShare { share, by, approval }, now)?;
        Ok(self.casebook.drop_draft(&draft_key(proposal.share.case))?)
    }

    /// Gives it back to whoever proposed it, with the reason. What they chose is kept as it was.
    ///
    /// # Errors
    /// When it does not wait for a check, or no reason is given.
    pub fn send_back(&mut self, share: ShareId, why: &str, now: &Zoned) -> Result<(), OfficeError> {
        let case = self.proposal(share)?.share.case;
        let end = ShareEnd::SentBack { why: why.trim().to_owned() };
        self.execute(Command::EndShare { share, end }, now)?;
        let Answer::Drafts(drafts) = self.casebook.ask(&Query::Drafts, now.date())? else { return Ok(()) };
        let key = draft_key(case);
        if let Some(mut draft) = drafts.into_iter().find(|draft| draft.key == key) {
            draft.title = format!("Sent back by {}: {}", self.session.user.name, why.trim());
            self.casebook.save_draft(&draft)?;
        }
        Ok(())
    }

    /// Why the same choices would not come to the same content today.
    fn changed_since(&mut self, proposal: &Proposal, now: &Zoned) -> Result<Option<String>, OfficeError> {
        let fresh = match self.prepare(proposal.share.case, &choices_of(proposal)?, &proposal.by, now) {
            Ok(fresh) => fresh.draft,
            Err(OfficeError::Refused(why)) => return Ok(Some(format!("{why}."))),
            Err(error) => return Err(error),
        };
        let kept = draft_of(proposal)?;
        let same = (&fresh.to, &fresh.consent, &fresh.children) == (&kept.to, &kept.consent, &kept.children)
            && fresh.records == kept.records
            && fresh.attachments == kept.attachments;
        Ok((!same).then(|| "an entry, a person or the directory says something else now.".to_owned()))
    }

    /// What was withheld and what was kept, with their texts.
    fn marked(&self, proposal: &Proposal, now: &Zoned) -> Result<(Vec<Marked>, Vec<Marked>), OfficeError> {
        let share = &proposal.share;
        let views = self.entries(share.case, &share.entries, now)?;
        let texts: BTreeMap<_, _> = views
            .iter()
            .flat_map(|view| pieces::pieces(view).into_iter().map(|one| ((view.id, one.field), one.text)))
            .collect();
        // A file is decided about whole, by its name.
        let files: BTreeMap<_, _> = views
            .iter()
            .flat_map(|view| {
                let files = view.entry.attachments.iter().enumerate();
                files.map(|(at, file)| ((view.id, pieces::attachment(at)), file.name.clone()))
            })
            .collect();
        let (mut withheld, mut kept) = (Vec::new(), Vec::new());
        for (id, decision) in &choices_of(proposal)?.decisions {
            let field = (id.entry, id.field.clone());
            let stretch = texts.get(&field).and_then(|text| text.get(id.start as usize..id.end as usize));
            let Some(text) = stretch.or(files.get(&field).map(String::as_str)) else { continue };
            let place = pieces::name(&id.field).to_string();
            let mark = |reason: String| Marked { entry: id.entry, place, text: text.to_string(), reason };
            match decision {
                Decision::Withhold(code) => withheld.push(mark(code.words().to_string())),
                Decision::Keep { reason } => kept.push(mark(reason.clone())),
            }
        }
        Ok((withheld, kept))
    }
}

fn written(what: &impl serde::Serialize) -> Result<Vec<u8>, OfficeError> {
    serde_json::to_vec(what)
        .map_err(|error| OfficeError::refused(format!("the share cannot be written: {error}")))
}

fn draft_of(proposal: &Proposal) -> Result<Draft, OfficeError> {
    serde_json::from_slice(&proposal.draft)
        .map_err(|_| OfficeError::refused("the proposed draft does not read"))
}

fn choices_of(proposal: &Proposal) -> Result<ShareChoices, OfficeError> {
    serde_json::from_slice(&proposal.choices)
        .map_err(|_| OfficeError::refused("the choices of the share do not read"))
}
