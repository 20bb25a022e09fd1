//! Whom we can share with, and how sure we are of their keys.

use kith_protocol::{
    directory::{Member, Sector},
    ids::AgencyId,
    seal::Strength,
    words::eight_words,
};

use super::{Office, OfficeError};
use crate::{casework::contact::Comparison, flow::MemberRow};

/// How sure we are that an agency's keys are the agency's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sharing) enum Trust {
    /// A person here compared the eight words.
    Verified(String),
    Vouched,
    /// Other keys than those a person compared.
    Changed,
}

impl Office {
    /// Everybody in the directory but us, by name.
    ///
    /// # Errors
    /// When we are not enrolled, or the casebook cannot be read.
    pub fn members(&self) -> Result<Vec<MemberRow>, OfficeError> {
        let enrolled = self.enrolled()?;
        let others = enrolled.directory.members.iter().filter(|member| member.id != self.session.agency);
        let rows = others.map(|member| {
            let trust = match self.trust(member)? {
                Trust::Verified(how) => format!("VERIFIED ({how})"),
                Trust::Vouched => format!("VOUCHED BY {}", enrolled.directory.partnership),
                Trust::Changed => "CHANGED KEY: let them read you their eight words".to_owned(),
            };
            Ok(MemberRow {
                id: member.id.clone(),
                name: member.name.clone(),
                sector: sector_words(member.sector).to_owned(),
                phone: member.phone.clone().unwrap_or_default(),
                trust,
                words: eight_words(&member.keys),
                post_quantum: member.keys.seal.strength() == Strength::PostQuantum,
            })
        });
        let mut rows = rows.collect::<Result<Vec<_>, OfficeError>>()?;
        rows.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(rows)
    }

    pub(in crate::sharing) fn trust(&self, member: &Member) -> Result<Trust, OfficeError> {
        let Some(verified) = self.casebook.verified(&member.id)? else { return Ok(Trust::Vouched) };
        if verified.comparison.words != eight_words(&member.keys).join(" ") {
            return Ok(Trust::Changed);
        }
        let day = verified.on.strftime("%-d %b");
        Ok(Trust::Verified(format!("{}, {day}, {}", verified.comparison.how.words(), verified.by.name)))
    }

    /// Refuses to record as compared what are not the words of that agency's keys in the directory.
    pub(in crate::sharing) fn same_words(&self, heard: &Comparison) -> Result<(), OfficeError> {
        let member = self.member(&heard.agency)?;
        if heard.agency == self.session.agency {
            return Err(OfficeError::refused("these are our own words: they are read to others"));
        }
        if heard.words == eight_words(&member.keys).join(" ") {
            return Ok(());
        }
        Err(OfficeError::refused(format!(
            "these are not the eight words of {} in the directory: nothing was recorded; listen to them again, and if \
             theirs differ share nothing and tell the admin of the node",
            member.name
        )))
    }

    /// Refuses an agency whose keys are not those that somebody here compared.
    pub(in crate::sharing) fn same_keys(&self, id: &AgencyId) -> Result<(), OfficeError> {
        let member = self.member(id)?;
        if self.trust(member)? == Trust::Changed {
            return Err(OfficeError::refused(format!(
                "the keys of {} have changed since they were verified: ring them on a number you held before, let them read \
                 you their eight words, and record it with v at their name, or `kith contacts verify {id}`",
                member.name
            )));
        }
        Ok(())
    }
}

pub(crate) const fn sector_words(sector: Sector) -> &'static str {
    match sector {
        Sector::School => "school",
        Sector::Police => "police",
        Sector::SocialCare => "children's social care",
        Sector::Health => "health",
        Sector::LocalAuthority => "local authority",
        Sector::Other => "other",
    }
}
