//! Consent records and their lives, notices, and decisions not to share.

use jiff::Timestamp;
use kith_protocol::consent::{ConsentEvent, ConsentRecord, ConsentState as Stage, History};

use super::{ConsentState, Context, Touched, limits};
use crate::casework::{
    command::{Command, Refusal},
    fact::Fact,
};

pub(super) fn decide(command: Command, touched: &Touched, at: &Context) -> Result<Vec<Fact>, Refusal> {
    Ok(vec![match (command, touched) {
        (Command::RecordConsent { case, record }, Touched::Case(_)) => {
            History::of(&record.events).map_err(|error| Refusal::Sharing(error.to_string()))?;
            if record.events.iter().any(|event| event.event_time > at.now) {
                return Err(Refusal::InTheFuture);
            }
            Fact::ConsentRecorded { case, record }
        }
        (Command::MoveConsent { consent, event }, Touched::Consent(state)) => {
            moved(state, &event, at)?;
            Fact::ConsentMoved { consent, event }
        }
        (Command::WithdrawConsent { consent, by, why }, Touched::Consent(state)) => {
            limits::needed("who withdrew it", &by, "name the person")?;
            limits::reason(&why)?;
            if state.withdrawn {
                return Err(Refusal::Sharing("the consent record was withdrawn already".to_owned()));
            }
            Fact::ConsentWithdrawn { consent, by, why }
        }
        (Command::KeepNotice { name, .. }, Touched::Notice { other_text: true }) => {
            return Err(Refusal::Sharing(format!(
                "a notice named {name} is kept in that language with another text, and families were told that one: give the new text a name and version of its own"
            )));
        }
        (Command::KeepNotice { name, language, text }, Touched::Notice { other_text: false }) => {
            limits::line("the name of the notice", &name)?;
            limits::line("its language", &language)?;
            limits::needed("the name of the notice", &name, "give its name and version")?;
            limits::needed("the notice", &text, "give the text that families are given")?;
            limits::text("the notice", &text)?;
            Fact::NoticeKept { name, language, text }
        }
        (Command::DeclineSharing { case, with, because, signed }, Touched::Case(_)) => {
            limits::reason(&because)?;
            Fact::SharingDeclined { case, with, because, signed }
        }
        _ => return Err(Refusal::Changed),
    }])
}

fn moved(state: &ConsentState, event: &ConsentEvent, at: &Context) -> Result<(), Refusal> {
    let no = |why: String| Err(Refusal::Sharing(why));
    if event.event_state == Stage::Withdrawn {
        return no(
            "a withdrawal stops what has not left and asks for what has: withdraw the record".to_owned()
        );
    }
    if state.withdrawn {
        return no("the record was withdrawn: record what was given anew in a record of its own".to_owned());
    }
    if event.event_time > at.now {
        return Err(Refusal::InTheFuture);
    }
    limits::line("who", &event.entity)?;
    limits::text("how", &event.event_type)?;
    let Some(record) = &state.record else { return no("it was decided not to share".to_owned()) };
    if event.event_state == Stage::Expired && !has_run_out(record, at.now) {
        return no("it has not run out yet: the record says until when it holds".to_owned());
    }
    let history = History::of(&record.events).and_then(|history| history.then(event.clone()));
    history.map(drop).map_err(|error| Refusal::Sharing(error.to_string()))
}

/// A consent runs out when its record does; a request, when nobody answered it until then.
fn has_run_out(record: &ConsentRecord, now: Timestamp) -> bool {
    now >= record.validity.until
}
