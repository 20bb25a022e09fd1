//! `kith concern triage`: what becomes of a concern, decided as on the screen.

use kith_protocol::bundle::Role;
use serde_json::json;

use crate::{
    casework::{
        case::{Case, TriageDecision},
        command::Command,
        query::{Answer, EntryView, Query},
    },
    cli::{
        args::Concern,
        desk::{Desk, answer},
        exit::Exit,
        failure::Failure,
        share::{read_line, read_text},
    },
};

pub(super) fn run(desk: &mut Desk, verb: &Concern) -> Result<(), Failure> {
    let Concern::Triage { concern: entry, level, no_further_action, case, open: title, lead, shape } = verb
    else {
        return Ok(());
    };
    let (entry, level) = (*entry, (*level).into());
    let reason = no_further_action.as_deref().map(|path| read_text(desk, path)).transpose()?;
    let title = title.as_deref().map(|path| read_line(desk, path, "the title")).transpose()?;
    let mut open = desk.open()?;
    let decision = match (reason, case, title) {
        (Some(reason), ..) => TriageDecision::NoFurtherAction { reason: reason.trim().to_owned() },
        (None, Some(case), _) => TriageDecision::AddToCase { case: *case },
        (None, None, title) => {
            let view = answer!(open.ask(&Query::Entry { entry })?, Answer::Entry(view) => view)?;
            let lead = lead.clone().unwrap_or_else(|| open.session.user.name.clone());
            let (title, child) = (title.unwrap_or_default(), subject(&view)?);
            TriageDecision::OpenCase(Case { child, title, level, lead })
        }
    };
    open.casebook.execute(Command::Triage { entry, decision, level }, &open.session.user, &desk.now)?;
    let view = answer!(open.ask(&Query::Entry { entry })?, Answer::Entry(view) => view)?;
    if shape.json {
        return desk.console.json("concern-triage/1", json!({ "ref": entry, "case": view.case }));
    }
    desk.console.say(&match view.case {
        Some(case) => format!("Triaged: {entry} stands in case {case}."),
        None => format!("Triaged: no further action on {entry}."),
    })
}

fn subject(view: &EntryView) -> Result<crate::casework::ids::PersonId, Failure> {
    let found = view.entry.people.iter().find(|one| one.role == Role::Subject).map(|one| one.person);
    found.ok_or_else(|| {
        Failure::new(Exit::Refused, "the concern names nobody as `subject`: amend it on the screen first")
    })
}
