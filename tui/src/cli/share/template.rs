//! A consent record with everything filled in that the casebook knows, and nothing that a person must decide.

use std::collections::BTreeSet;

use jiff::{SignedDuration, ToSpan as _};
use kith_protocol::{
    consent::{
        ConsentRecord, ConsentVersion, DecidedBy, Decision, FamilyTold, NamedRecipient, Notice, OnwardLimit,
        ParentalResponsibility, Party, RecordId, Safeguarding, Validity,
    },
    ids::AgencyId,
};

use super::views;
use crate::{
    casework::query::{Answer, CaseView, EntryView, Network, Query},
    cli::{
        args::Share,
        desk::{Desk, answer, off_topic},
        exit::Exit,
        failure::Failure,
    },
    flow::MemberRow,
    sharing::{office::Office, persons::begun, plan::RECORDED},
    text,
};

/// Prints it.
pub(super) fn print(desk: &mut Desk, share: &Share) -> Result<(), Failure> {
    let open = desk.open()?;
    let case = answer!(open.ask(&Query::Case { case: share.case })?, Answer::Case(view) => view)?;
    let views = views(&open, share.case, &share.entries)?;
    let asked = Query::Network { person: case.case.child };
    let network = answer!(open.ask(&asked)?, Answer::Network(network) => network)?;
    let office = open.enrolled_office(desk)?;
    let to = recipient(&office, &share.to)?;
    let record = blank(desk, &office, &to, (&case, &network), &views)?;
    let text = serde_json::to_string_pretty(&record).map_err(|_| off_topic())?;
    desk.console.raw(format!("{text}\n").as_bytes())?;
    desk.console.say("Fill in lawful_basis, purposes, necessity, childs_view and family_told; then --consent takes the file. Where the basis is consent, notice.privacy_notice is the name of a notice that was kept before it was given (`kith consent notice`), and events say who gave it, how and when.")
}

fn recipient(office: &Office, id: &AgencyId) -> Result<MemberRow, Failure> {
    let members = office.members()?;
    let known: Vec<_> = members.iter().map(|member| member.id.to_string()).collect();
    members.into_iter().find(|member| member.id == *id).ok_or_else(|| {
        Failure::new(
            Exit::NothingMatched,
            format!("{id} is not in the directory; it lists {}", known.join(", ")),
        )
    })
}

fn blank(
    desk: &Desk,
    office: &Office,
    to: &MemberRow,
    (case, network): (&CaseView, &Network),
    views: &[EntryView],
) -> Result<ConsentRecord, Failure> {
    let (now, session) = (desk.now.timestamp(), office.session());
    let (child, level) = (case.case.child.to_string(), text::level_told(case.case.level));
    let name = |text: String| RecordId::try_from(text).map_err(Failure::usage);
    let responsible = network.responsible_for(case.case.child).map(|(person, tie)| ParentalResponsibility {
        name: person.name(),
        relation: text::relation(tie).to_owned(),
        evidence: RECORDED.to_owned(),
    });
    let until = now.saturating_add(SignedDuration::from_hours(28 * 24)).unwrap_or(now);
    Ok(ConsentRecord {
        kith: ConsentVersion::One,
        record_id: name(format!("share-{child}.{}", now.as_millisecond()))?,
        pii_principal_id: vec![name(child)?],
        decision: Decision::Share,
        notice: Notice { privacy_notice: String::new(), language: "en-GB".to_owned(), sha256: None },
        purposes: vec![String::new()],
        lawful_basis: None,
        special_condition: None,
        pii_controllers: vec![Party {
            id: session.agency.clone(),
            name: session.agency_name.clone(),
            address: String::new(),
            contact: session.user.name.clone(),
            phone: String::new(),
        }],
        recipients: vec![NamedRecipient { id: to.id.clone(), name: to.name.clone() }],
        categories: views.iter().map(|view| view.entry.category.data()).collect::<BTreeSet<_>>(),
        validity: Validity {
            from: begun(now),
            until,
            review: Some(desk.now.date().saturating_add(28.days())),
        },
        withdrawal_method: "Tell the safeguarding lead.".to_owned(),
        storage_location: "The casebook, encrypted, in the United Kingdom.".to_owned(),
        retention_period: "As the child's safeguarding file.".to_owned(),
        jurisdiction: "England and Wales".to_owned(),
        events: Vec::new(),
        safeguarding: Safeguarding {
            family_told: FamilyTold::NotSafe { because: String::new() },
            childs_view: String::new(),
            capacity: None,
            parental_responsibility: responsible.collect(),
            level_of_need: level,
            necessity: String::new(),
            withheld_from: Vec::new(),
            decided_by: DecidedBy {
                name: session.user.name.clone(),
                role: session.user.role.clone(),
                on: now,
            },
            advice: None,
            onward: OnwardLimit::AskFirst,
        },
    })
}
