//! Leaving, legal holds, and the two people it takes to destroy a file.

use jiff::civil::Date;
use kith_protocol::disposal::Agreed;

use super::{Context, ProposalState, Touched, limits};
use crate::casework::{
    command::{Command, Refusal},
    fact::{Author, Fact},
    retention::{Disposed, Leaving, Rule, Standing, Verdict},
};

pub(super) fn decide(command: Command, touched: &Touched, at: &Context) -> Result<Vec<Fact>, Refusal> {
    Ok(vec![match (command, touched) {
        (Command::RecordLeaving { person, leaving }, Touched::Born(born)) => {
            left(&leaving, *born, at)?;
            Fact::LeavingRecorded { person, leaving }
        }
        (Command::RecordReturn { person, on }, Touched::Leaving(leaving)) => {
            returned(on, leaving.as_ref(), at)?;
            Fact::ReturnRecorded { person, on }
        }
        (Command::PlaceHold { file, why, until }, Touched::Known) => {
            limits::reason(&why)?;
            if until.is_some_and(|until| until < at.local.date()) {
                return Err(Refusal::Over { what: "time of this hold" });
            }
            Fact::HoldPlaced { file, why, until }
        }
        (Command::LiftHold { hold, why }, Touched::Hold { lifted }) => {
            limits::reason(&why)?;
            if *lifted {
                return Err(Refusal::Over { what: "hold" });
            }
            Fact::HoldLifted { hold, why }
        }
        (Command::ProposeDisposal { file, rule, signed }, Touched::Retention { standing, proposed }) => {
            due(standing, rule, at)?;
            if *proposed {
                return Err(Refusal::NotDue { why: "it is proposed already: another person decides".into() });
            }
            Fact::DisposalProposed { file, rule, signed }
        }
        (Command::SendBackDisposal { proposal, why }, Touched::Proposal(state)) => {
            limits::reason(&why)?;
            still_open(state)?;
            Fact::DisposalSentBack { proposal, why }
        }
        (Command::ApproveDisposal { proposal, agreed }, Touched::Proposal(state)) => {
            still_open(state)?;
            another(&state.by, &state.approver)?;
            due(&state.standing, state.rule, at)?;
            both_signed(state, agreed.as_deref())?;
            let disposed = Fact::Disposed(Box::new(Disposed { agreed, ..tombstone(state, at) }));
            return Ok(vec![Fact::DisposalApproved { proposal }, disposed]);
        }
        _ => return Err(Refusal::Changed),
    }])
}

fn left(leaving: &Leaving, born: Option<Date>, at: &Context) -> Result<(), Refusal> {
    limits::line("the next school", &leaving.to)?;
    let today = at.local.date();
    if leaving.on.year() < limits::EARLIEST_YEAR {
        return Err(Refusal::TooLongAgo { earliest: limits::EARLIEST_YEAR });
    }
    if born.is_some_and(|born| leaving.on <= born) {
        return Err(Refusal::NotLeft { why: "that is before they were born: check the year".into() });
    }
    if leaving.on > today || leaving.receipt.is_some_and(|receipt| receipt > today) {
        return Err(Refusal::InTheFuture);
    }
    if leaving.receipt.is_some_and(|receipt| receipt < leaving.on) {
        return Err(Refusal::ReceiptTooEarly);
    }
    if leaving.receipt.is_some() {
        limits::needed("the next school", &leaving.to, "say who confirmed that they have the file")?;
    }
    Ok(())
}

fn returned(on: Date, leaving: Option<&Leaving>, at: &Context) -> Result<(), Refusal> {
    let Some(leaving) = leaving else {
        return Err(Refusal::NotLeft {
            why: "nobody recorded that they left, or they are back already".into(),
        });
    };
    if on > at.local.date() {
        return Err(Refusal::InTheFuture);
    }
    if on < leaving.on {
        return Err(Refusal::NotLeft { why: format!("they left on {}, after that day", leaving.on) });
    }
    Ok(())
}

/// It must be due, and under the very rule that was named.
fn due(standing: &Standing, rule: Rule, at: &Context) -> Result<(), Refusal> {
    match standing.judge(at.local.date()) {
        Verdict::Due { rule: found, .. } if found == rule => Ok(()),
        verdict => Err(Refusal::NotDue { why: standing.words(&verdict) }),
    }
}

const fn still_open(state: &ProposalState) -> Result<(), Refusal> {
    if state.open { Ok(()) } else { Err(Refusal::Over { what: "proposal" }) }
}

/// The same name in another role is the same person.
fn another(proposer: &Author, approver: &Author) -> Result<(), Refusal> {
    let plain = |author: &Author| author.name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    if plain(proposer) == plain(approver) {
        return Err(Refusal::SamePerson { name: proposer.name.clone() });
    }
    Ok(())
}

/// What the first signed is what the second signed, and what would go now.
fn both_signed(state: &ProposalState, agreed: Option<&Agreed>) -> Result<(), Refusal> {
    let changed = |why: &str| Err(Refusal::NotDue { why: why.to_owned() });
    let (first, both) = match (&state.signed, agreed) {
        (None, None) => return Ok(()),
        (Some(first), Some(both)) => (first, both),
        _ => return changed("both people must sign, with keys of their own"),
    };
    let says = both.agreement.claims().map_err(|_| Refusal::Changed)?;
    if first.agreement.text != both.agreement.text || says.rule != state.rule.code() {
        return changed("what was approved is not what was proposed");
    }
    if says.facts != state.content {
        return changed("the file was added to since it was proposed: send it back, and propose it again");
    }
    Ok(())
}

fn tombstone(state: &ProposalState, at: &Context) -> Disposed {
    Disposed {
        rule: state.rule,
        proposed_by: state.by.clone(),
        proposed: state.at,
        approved_by: state.approver.clone(),
        approved: at.now,
        facts: state.scope.facts.iter().copied().collect(),
        kept: state.scope.kept.iter().map(|entry| entry.0).collect(),
        attachments: u32::try_from(state.scope.orphans().count()).unwrap_or(u32::MAX),
        replayed: false,
        agreed: None,
        absent: Vec::new(),
    }
}
