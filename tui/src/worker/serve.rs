//! One request, answered. A plain function, for the worker, the command line and tests alike.

use std::{fs::File, io::Read as _, path::Path};

use jiff::Zoned;

use crate::{
    casework::{
        command::{Command, Refusal},
        ids::FactId,
        query::Query,
    },
    flow::{Event, Request, Ticket},
    sharing::{
        certificate,
        office::{Office, OfficeError},
    },
};

/// Bytes of a notice that are read; the casebook keeps no more of one text.
const MAX_NOTICE: u64 = 1_000_000;

/// Does what is asked and says what came of it; the answer with the ticket comes first.
pub fn serve(office: &mut Office, ticket: Ticket, request: Request, now: &Zoned) -> Vec<Event> {
    match answer(office, ticket, request, now) {
        Ok(event) => vec![event],
        Err(OfficeError::Refused(refusal)) => vec![Event::Refused { ticket, refusal }],
        Err(error) => vec![Event::Failed { ticket, message: error.to_string() }],
    }
}

/// May it leave something for the exchange to do?
pub(super) const fn concerns_others(request: &Request) -> bool {
    matches!(
        request,
        Request::Send { .. }
            | Request::ApproveShare { .. }
            | Request::WithdrawShare { .. }
            | Request::AnswerBundle { .. }
            | Request::React { .. }
            | Request::Exchange
            | Request::Open { .. }
            | Request::Do(Command::WithdrawConsent { .. })
    )
}

fn answer(office: &mut Office, ticket: Ticket, request: Request, now: &Zoned) -> Result<Event, OfficeError> {
    let done = |facts: Vec<FactId>| Event::Done { ticket, facts };
    Ok(match request {
        Request::Ask(query) => Event::Answered { ticket, answer: office.ask(&query, now.date())? },
        Request::Open { received } => {
            office.opened(received, now)?;
            Event::Answered { ticket, answer: office.ask(&Query::Received { received }, now.date())? }
        }
        Request::Do(command) => {
            refuse_forged(&command)?;
            done(office.execute(command, now)?)
        }
        Request::SaveDraft(draft) => {
            office.save_draft(&draft)?;
            done(Vec::new())
        }
        Request::DropDraft { key } => {
            office.casebook_mut().drop_draft(&key)?;
            done(Vec::new())
        }
        Request::Attach { path } => Event::Attached { ticket, attachment: office.attach(&path)? },
        Request::Members => Event::Members { ticket, members: office.members()? },
        Request::Suggest { case, choices } => {
            Event::Suggested { ticket, suggestions: Box::new(office.suggest(case, &choices, now)?) }
        }
        Request::Preview { case, choices } => {
            Event::Previewed { ticket, preview: Box::new(office.preview(case, &choices, now)?) }
        }
        Request::Send { case, choices } => done(vec![office.send(case, &choices, now)?.0]),
        Request::Checking { share } => {
            Event::Checking { ticket, checking: Box::new(office.checking(share, now)?) }
        }
        Request::ApproveShare { share } => {
            office.approve(share, now)?;
            done(Vec::new())
        }
        Request::SendBackShare { share, why } => {
            office.send_back(share, &why, now)?;
            done(Vec::new())
        }
        Request::WithdrawShare { share, why, answer_by } => {
            office.withdraw(share, &why, answer_by, now)?;
            done(Vec::new())
        }
        Request::File { received, into } => done(vec![office.file(received, into, now)?.0]),
        Request::AnswerBundle { received, kind, note } => {
            office.answer(received, kind, &note, now)?;
            done(Vec::new())
        }
        Request::React { received, reaction } => {
            office.react(received, reaction, now)?;
            done(Vec::new())
        }
        Request::KeepNotice { path, name, language } => {
            done(office.execute(notice(&path, name, language)?, now)?)
        }
        Request::Exchange => done(Vec::new()),
        Request::Certificate { disposal, folder } => {
            done(certificate::save(office.casebook_mut(), disposal, &folder).map(|_| Vec::new())?)
        }
    })
}

/// Keeps the text of a notice as it stands in the file.
fn notice(path: &Path, name: String, language: String) -> Result<Command, OfficeError> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(OfficeError::file("file of the notice"))?;
    file.take(MAX_NOTICE + 1).read_to_end(&mut bytes).map_err(OfficeError::file("file of the notice"))?;
    if bytes.len() as u64 > MAX_NOTICE {
        return Err(OfficeError::refused(
            "the file of the notice is too large: it takes text of at most 1 MB",
        ));
    }
    let text = String::from_utf8(bytes).map_err(|_| {
        OfficeError::refused(
            "the file of the notice is no plain text: save its words as UTF-8, not as PDF or Word",
        )
    })?;
    Ok(Command::KeepNotice { name, language, text })
}

/// What only the exchange may record, after it has verified it, is not for anybody else to say.
fn refuse_forged(command: &Command) -> Result<(), Refusal> {
    match command {
        Command::Share { .. }
        | Command::ProposeShare { .. }
        | Command::ApproveShare { .. }
        | Command::NoteSealed { .. }
        | Command::KeepReceipt { .. }
        | Command::ReleaseWords(_)
        | Command::EndShare { .. }
        | Command::SignWithdrawal { .. }
        | Command::Receive(_)
        | Command::TakeWithdrawal { .. }
        | Command::AnswerBundle { .. } => {
            Err(Refusal::Sharing("this is recorded by the exchange alone, after it was verified".to_owned()))
        }
        _ => Ok(()),
    }
}
