//! Projections: the tables that screens ask, brought up to date by one fact at a time. The same code builds them live
//! and again from the facts; nothing else writes to them.

mod cases;
mod consent;
pub(super) mod entries;
mod people;
mod received;
mod retention;
mod sharing;

use rusqlite::{Connection, params};

pub(super) use self::{entries::monday, sharing::state as share_state};
use super::error::StoreError;
use crate::casework::fact::{Fact, Recorded};

/// Numbers kept by the writer, so that no screen ever counts rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tally {
    People,
    Untriaged,
    InDanger,
    Cases,
    CasesOpen,
    Actions,
    ActionsOpen,
    SharesWaiting,
    InboxUnanswered,
}

impl Tally {
    const fn name(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Untriaged => "untriaged",
            Self::InDanger => "in danger",
            Self::Cases => "cases",
            Self::CasesOpen => "cases open",
            Self::Actions => "actions",
            Self::ActionsOpen => "actions open",
            Self::SharesWaiting => "shares waiting",
            Self::InboxUnanswered => "inbox unanswered",
        }
    }

    pub(super) fn add(self, db: &Connection, by: i64) -> Result<(), StoreError> {
        db.prepare_cached(
            "INSERT INTO tally (name, n) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET n = n + ?2",
        )?
        .execute(params![self.name(), by])?;
        Ok(())
    }

    pub(super) fn read(self, db: &Connection) -> Result<u64, StoreError> {
        let n: i64 = db
            .prepare_cached("SELECT coalesce(sum(n), 0) FROM tally WHERE name = ?")?
            .query_row([self.name()], |row| row.get(0))?;
        Ok(n.max(0).cast_unsigned())
    }
}

/// Brings every table up to date with one fact, which is in the log already.
pub(super) fn project(db: &Connection, recorded: &Recorded) -> Result<(), StoreError> {
    match &recorded.fact {
        // They are about the log and the keys, which are no projections.
        Fact::BackupRestored { .. } | Fact::HolderChanged(_) => Ok(()),
        Fact::FindingSettled { finding, .. } => {
            db.prepare_cached("INSERT OR REPLACE INTO finding_settled (finding, fact) VALUES (?, ?)")?
                .execute(rusqlite::params![finding.as_bytes(), recorded.id.key()])?;
            Ok(())
        }
        Fact::PersonAdded(_)
        | Fact::PersonAmended { .. }
        | Fact::AddressRecorded(_)
        | Fact::RelationRecorded(_)
        | Fact::SamePerson { .. }
        | Fact::NotSamePerson { .. } => people::project(db, recorded),
        Fact::EntryRecorded { .. }
        | Fact::EntryAmended { .. }
        | Fact::SignificanceSet { .. }
        | Fact::ConcernTriaged { .. }
        | Fact::TriageUndone { .. } => entries::project(db, recorded),
        Fact::CaseOpened(_)
        | Fact::CaseAmended { .. }
        | Fact::CaseClosed { .. }
        | Fact::CaseReopened { .. }
        | Fact::ActionAdded(_)
        | Fact::ActionAmended { .. }
        | Fact::ActionFinished { .. }
        | Fact::ActionReopened { .. } => cases::project(db, recorded),
        Fact::ConsentRecorded { .. }
        | Fact::ConsentWithdrawn { .. }
        | Fact::ConsentMoved { .. }
        | Fact::NoticeKept { .. }
        | Fact::SharingDeclined { .. } => consent::project(db, recorded),
        Fact::ShareDecided(_)
        | Fact::ShareProposed { .. }
        | Fact::ShareApproved { .. }
        | Fact::SharingPolicySet { .. }
        | Fact::ShareSealed { .. }
        | Fact::ReceiptKept { .. }
        | Fact::ShareEnded { .. }
        | Fact::WordsReleased(_)
        | Fact::WithdrawalSigned { .. }
        | Fact::ContactCompared(_) => sharing::project(db, recorded),
        Fact::BundleReceived(_)
        | Fact::BundleFiled { .. }
        | Fact::BundleAnswered { .. }
        | Fact::WithdrawalArrived { .. }
        | Fact::BundleDismissed { .. }
        | Fact::BundleBroughtBack { .. }
        | Fact::SupplementTaken(_)
        | Fact::BundleDestroyed(_) => received::project(db, recorded),
        Fact::LeavingRecorded { .. }
        | Fact::ReturnRecorded { .. }
        | Fact::HoldPlaced { .. }
        | Fact::HoldLifted { .. }
        | Fact::DisposalProposed { .. }
        | Fact::DisposalSentBack { .. }
        | Fact::DisposalApproved { .. }
        | Fact::Disposed(_) => retention::project(db, recorded),
    }
}
