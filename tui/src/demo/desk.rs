//! What people do at the demo's desks: choose, record the basis, decide each suggestion, send, exchange.

use std::{cell::RefCell, collections::BTreeSet, time::Duration};

use jiff::{SignedDuration, Zoned};
use kith_exchange::courier::Courier;
use kith_protocol::{
    consent::{
        Category, ConsentRecord, ConsentVersion, DecidedBy, Decision as ShareOrNot, FamilyTold, LawfulBasis,
        NamedRecipient, Notice, OnwardLimit, ParentalResponsibility, Party, RecordId, Safeguarding,
        SpecialCondition, Validity,
    },
    ids::AgencyId,
};
use tokio::runtime::Runtime;

use super::{DemoError, clock::DemoClock};
use crate::{
    casework::{
        ids::{CaseId, EntryId},
        query::{Answer, CaseView, EntryRow, EntryView, Event, Query, ShareRow, Window},
    },
    sharing::{
        office::Office,
        plan::{Decision, ShareChoices, Suggestion},
        rounds::{Closed, Desk, Report, RoundError, Told as Telling, round},
    },
    text,
};

/// A node that does not answer in this time does not run.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);
/// How long a record carries a share.
const HOLDS: SignedDuration = SignedDuration::from_hours(28 * 24);

/// Why something is shared, in the words of the person who decides.
#[derive(Debug, Clone, Copy)]
pub(super) struct Why {
    pub(super) purpose: &'static str,
    pub(super) ask: &'static str,
    pub(super) necessity: &'static str,
    pub(super) childs_view: &'static str,
    pub(super) told: Told,
    /// People whose names stay in, by a word of the name, and why they do.
    pub(super) keep: (&'static [&'static str], &'static str),
}

impl Why {
    /// The reason to keep what is suggested, if it names somebody who stays in.
    pub(super) fn keeps(&self, one: &Suggestion) -> Option<&'static str> {
        let (names, reason) = self.keep;
        names.iter().any(|name| one.text.contains(name)).then_some(reason)
    }
}

/// Whether the family knows.
#[derive(Debug, Clone, Copy)]
pub(super) enum Told {
    Yes(&'static str),
    NotSafe(&'static str),
}

/// The rows of a query that has them.
macro_rules! rows {
    ($office:expr, $query:expr, $now:expr, $answer:pat => $rows:expr) => {
        match $office.ask($query, $now.date())? {
            $answer => $rows,
            _ => return Err($crate::demo::DemoError::Seed),
        }
    };
}
pub(super) use rows;

/// The case of an office whose child has this given name.
pub(super) fn case_of(office: &Office, given: &str, now: &Zoned) -> Result<CaseView, DemoError> {
    let query = Query::Cases {
        filter: crate::casework::query::CaseFilter { text: given.to_owned(), include_closed: true },
        window: Window::First,
        limit: 50,
    };
    let cases = rows!(office, &query, now, Answer::Cases(page) => page.rows);
    for row in cases {
        let view = rows!(office, &Query::Case { case: row.id }, now, Answer::Case(view) => view);
        if view.child.given == given {
            return Ok(*view);
        }
    }
    Err(DemoError::Seed)
}

/// The entries of a case, oldest first.
pub(super) fn chronology(
    office: &Office,
    case: CaseId,
    significant_only: bool,
    now: &Zoned,
) -> Result<Vec<EntryRow>, DemoError> {
    let query = Query::EntriesOf { case, significant_only, window: Window::First, limit: 200 };
    let mut rows = rows!(office, &query, now, Answer::EntriesOf { rows, .. } => rows);
    rows.sort_by_key(|row| (row.at, row.id));
    Ok(rows)
}

/// Everything in the chronology of a case, oldest first.
pub(super) fn events(office: &Office, case: CaseId, now: &Zoned) -> Result<Vec<Event>, DemoError> {
    let query = Query::Chronology {
        category: None,
        case,
        significant_only: false,
        window: Window::First,
        limit: 200,
    };
    Ok(rows!(office, &query, now, Answer::Chronology { rows, .. } => rows))
}

pub(super) fn shares(office: &Office, case: CaseId, now: &Zoned) -> Result<Vec<ShareRow>, DemoError> {
    let query = Query::Shares { case: Some(case), window: Window::First, limit: 50 };
    Ok(rows!(office, &query, now, Answer::Shares(page) => page.rows))
}

/// What the wizard gathers: these entries to `to`, under a record of why on the duty to share.
pub(super) fn choices(
    office: &Office,
    case: &CaseView,
    (to, entries): (&AgencyId, Vec<EntryId>),
    why: &Why,
    now: &Zoned,
) -> Result<ShareChoices, DemoError> {
    let mut views = Vec::new();
    for entry in &entries {
        views.push(*rows!(office, &Query::Entry { entry: *entry }, now, Answer::Entry(view) => view));
    }
    let consent = Box::new(record(office, case, (to, &views), why, now)?);
    Ok(ShareChoices {
        to: Some(to.clone()),
        consent: Some(consent),
        ask: why.ask.to_owned(),
        answer_by: None,
        entries,
        attachments: Vec::new(),
        decisions: std::collections::BTreeMap::new(),
        versions: std::collections::BTreeMap::new(),
    })
}

/// Withholds what is suggested, but for whom `why` keeps in; says how many were withheld and kept.
pub(super) fn decide(
    office: &Office,
    case: CaseId,
    choices: &mut ShareChoices,
    why: &Why,
    now: &Zoned,
) -> Result<(usize, usize), DemoError> {
    let (mut withheld, mut kept) = (0, 0);
    // A decision may bring another occurrence of the same words to light.
    for _ in 0..5 {
        let suggestions = office.suggest(case, choices, now)?;
        let undecided: Vec<&Suggestion> =
            suggestions.0.iter().filter(|one| !choices.decisions.contains_key(&one.id)).collect();
        if undecided.is_empty() {
            break;
        }
        for one in undecided {
            let decision = match why.keeps(one).filter(|_| !one.blocks) {
                Some(reason) => {
                    kept += 1;
                    Decision::Keep { reason: reason.to_owned() }
                }
                None => {
                    withheld += 1;
                    Decision::Withhold(one.code.clone())
                }
            };
            choices.decisions.insert(one.id.clone(), decision);
        }
    }
    Ok((withheld, kept))
}

/// One exchange round of an office with the node, that ends after `patience`.
pub(super) fn exchange(
    (runtime, clock): (&Runtime, &DemoClock),
    office: &mut Office,
    patience: Duration,
    told: Telling<'_>,
) -> Result<Report, DemoError> {
    let node = office.enrolled()?.node().clone();
    let secrets = office.casebook().agency_secrets()?.ok_or(DemoError::Seed)?;
    let courier = Courier::new(node, &secrets.link).map_err(RoundError::from)?;
    let desk = Here { office: RefCell::new(office), clock };
    let mut report = Report::default();
    runtime.block_on(async {
        let ended = tokio::time::timeout(patience, round(&desk, &courier, told, &mut report)).await;
        courier.close().await;
        ended.unwrap_or(Err(RoundError::Courier(kith_exchange::courier::CourierError::NoAnswer)))
    })?;
    Ok(report)
}

/// The office, on this thread.
struct Here<'a> {
    office: RefCell<&'a mut Office>,
    clock: &'a DemoClock,
}

impl Desk for Here<'_> {
    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Office, &Zoned) -> T + Send + 'static,
    ) -> Result<T, Closed> {
        Ok(work(&mut self.office.borrow_mut(), &self.clock.local()))
    }
}

fn record(
    office: &Office,
    case: &CaseView,
    (to, views): (&AgencyId, &[EntryView]),
    why: &Why,
    now: &Zoned,
) -> Result<ConsentRecord, DemoError> {
    let (session, at) = (office.session(), now.timestamp());
    let enrolled = office.enrolled()?;
    let recipient = enrolled.directory().member(to).ok_or(DemoError::Seed)?;
    let me = enrolled.me();
    let child = RecordId::try_from(case.case.child.to_string()).map_err(|_| DemoError::Seed)?;
    let id = format!("share-{}.{}", case.case.child, at.as_second());
    let categories: BTreeSet<Category> = views.iter().map(|view| view.entry.category.data()).collect();
    Ok(ConsentRecord {
        kith: ConsentVersion::One,
        record_id: RecordId::try_from(id).map_err(|_| DemoError::Seed)?,
        pii_principal_id: vec![child],
        decision: ShareOrNot::Share,
        notice: Notice {
            privacy_notice: "How we share to keep children safe, edition of September".to_owned(),
            language: "en-GB".to_owned(),
            sha256: None,
        },
        purposes: vec![why.purpose.to_owned()],
        lawful_basis: Some(LawfulBasis::DutyToShare),
        special_condition: Some(SpecialCondition::Safeguarding),
        pii_controllers: vec![Party {
            id: me.id.clone(),
            name: me.name.clone(),
            address: String::new(),
            contact: format!("{}, {}", session.user.name, session.user.role),
            phone: me.phone.clone().unwrap_or_default(),
        }],
        recipients: vec![NamedRecipient { id: recipient.id.clone(), name: recipient.name.clone() }],
        categories,
        validity: Validity { from: at, until: at.saturating_add(HOLDS).unwrap_or(at), review: None },
        withdrawal_method: "Tell the safeguarding lead, by any means.".to_owned(),
        storage_location: "Each agency's own encrypted records, in the United Kingdom".to_owned(),
        retention_period: "As the child's safeguarding file".to_owned(),
        jurisdiction: "England and Wales".to_owned(),
        events: Vec::new(),
        safeguarding: safeguarding(office, case, why, now)?,
    })
}

fn safeguarding(office: &Office, case: &CaseView, why: &Why, now: &Zoned) -> Result<Safeguarding, DemoError> {
    let session = office.session();
    let network =
        rows!(office, &Query::Network { person: case.case.child }, now, Answer::Network(network) => network);
    let name = |id| network.people.iter().find(|(one, _)| *one == id).map(|(_, person)| person.name());
    let holds =
        network.relations.iter().filter(|(_, tie)| tie.parental_responsibility && tie.to == case.case.child);
    // Somebody who is withheld is not named in the record either.
    let named = |id| name(id).filter(|name| why.keep.0.iter().any(|kept| name.contains(kept)));
    let responsible = holds.filter_map(|(_, tie)| {
        Some(ParentalResponsibility {
            name: named(tie.from)?,
            relation: text::relation(tie.kind).to_owned(),
            evidence: "admission form and birth certificate".to_owned(),
        })
    });
    Ok(Safeguarding {
        family_told: match why.told {
            Told::Yes(response) => FamilyTold::Yes { on: now.date(), response: response.to_owned() },
            Told::NotSafe(because) => FamilyTold::NotSafe { because: because.to_owned() },
        },
        childs_view: why.childs_view.to_owned(),
        capacity: None,
        parental_responsibility: responsible.collect(),
        level_of_need: text::level_told(case.case.level),
        necessity: why.necessity.to_owned(),
        withheld_from: Vec::new(),
        decided_by: DecidedBy {
            name: session.user.name.clone(),
            role: session.user.role.clone(),
            on: now.timestamp(),
        },
        advice: None,
        onward: OnwardLimit::AskFirst,
    })
}
