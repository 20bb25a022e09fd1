//! `kith share`: the same checks as the wizard. Nothing goes while a suggestion is undecided.

mod template;

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Read as _,
    path::Path,
};

use kith_protocol::{bundle::Reason, consent::ConsentRecord};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{
    args::Share,
    case::entries_of,
    console::MAX_INPUT,
    desk::{Desk, Open, answer},
    exit::Exit,
    failure::{Failure, open_file},
    given,
};
use crate::{
    casework::{
        ids::{CaseId, EntryId},
        query::{Answer, EntryView, Query},
    },
    sharing::{
        office::Office,
        plan::{Decision, Preview, ShareChoices, SpanId, Suggestion},
    },
    text,
};

/// The forms that `share` reads.
pub(super) const FORM: &str = r#"A share takes three steps:
  kith share 1-204 --to police --template > record.json     then fill it in
  kith share 1-204 --to police --consent record.json --ask ask.txt --dry-run
  kith share 1-204 --to police --consent record.json --ask ask.txt \
      --decisions decisions.json

Each suggested redaction is decided by you, by its id:
  {"kith": "decisions/1", "decisions": {
     "1-310:statement/0:10:24": {"withhold": "third-party-child"},
     "1-310:done:0:11": {"keep": "the officer in the case, known to them"}}}
Reasons to withhold: third-party-child, third-party-adult, informant,
contact-or-address, not-relevant, legal-privilege, serious-harm,
police-or-court, or {"other": "in your words"}.
While one is undecided the list of them is printed and the exit code is 6.
Where a second person must check it, it is recorded and waits: exit code 10."#;

pub(super) fn run(desk: &mut Desk, share: &Share) -> Result<(), Failure> {
    if share.template {
        return template::print(desk, share);
    }
    let consent: ConsentRecord = read_json(desk, share.consent.as_deref(), "the consent record")?;
    let ask = match share.ask.as_deref() {
        Some(path) => read_text(desk, path)?.trim().to_owned(),
        None => String::new(),
    };
    let decisions = match share.decisions.as_deref() {
        Some(path) => decisions(read_json(desk, Some(path), "the decisions")?)?,
        None => BTreeMap::new(),
    };
    let open = desk.open()?;
    let views = views(&open, share.case, &share.entries)?;
    let mut attachments: Vec<_> =
        views.iter().flat_map(|view| &view.entry.attachments).map(|file| file.sha256).collect();
    attachments.sort_unstable();
    attachments.dedup();
    if share.no_attachments {
        attachments.clear();
    }
    let choices = ShareChoices {
        to: Some(share.to.clone()),
        consent: Some(Box::new(consent)),
        ask,
        answer_by: share.answer_by,
        entries: views.iter().map(|view| view.id).collect(),
        attachments,
        decisions,
        versions: BTreeMap::new(),
    };
    let mut office = open.enrolled_office(desk)?;
    go(desk, share, &mut office, &choices)
}

/// Says what there is to say before it goes, and whether it may.
fn may_go(desk: &mut Desk, preview: &Preview) -> Result<(), Failure> {
    for caution in &preview.cautions {
        desk.console.say(&format!("caution: {caution}."))?;
    }
    for refusal in &preview.refusals {
        desk.console.say(&format!("refused: {refusal}"))?;
    }
    let refused = || Failure::new(Exit::Refused, "nothing was sent and nothing was recorded");
    if preview.refusals.is_empty() { Ok(()) } else { Err(refused()) }
}

fn go(desk: &mut Desk, share: &Share, office: &mut Office, choices: &ShareChoices) -> Result<(), Failure> {
    let suggestions = office.suggest(share.case, choices, &desk.now)?.0;
    let undecided: Vec<_> =
        suggestions.iter().filter(|one| !choices.decisions.contains_key(&one.id)).collect();
    if !undecided.is_empty() {
        return list_undecided(desk, share, &undecided);
    }
    let preview = office.preview(share.case, choices, &desk.now)?;
    may_go(desk, &preview)?;
    if share.dry_run {
        return show_preview(desk, share, &preview);
    }
    let made = match &share.to_file {
        Some(path) => {
            if path.exists() {
                return Err(Failure::file(path)(std::io::ErrorKind::AlreadyExists.into()));
            }
            if preview.to_check {
                return Err(Failure::new(
                    Exit::Refused,
                    "a second person must check this share first: propose it without --to-file; nothing was recorded",
                ));
            }
            office.share_to_file(share.case, choices, path, &desk.now)?
        }
        None => office.send(share.case, choices, &desk.now)?,
    };
    if preview.to_check {
        if share.shape.json {
            desk.console.json("share-to-check/1", json!({ "ref": made, "to": share.to }))?;
        }
        return Err(Failure::new(
            Exit::ToCheck,
            format!(
                "recorded as {made}; it waits for a second person: somebody else who can open this casebook reads it with `kith check show {made}` and approves it or sends it back"
            ),
        ));
    }
    if share.shape.json {
        return desk.console.json(
            "share/1",
            json!({ "ref": made, "to": share.to, "file": share.to_file, "queued": true, "size": preview.size }),
        );
    }
    desk.console.say(&match &share.to_file {
        Some(path) => {
            format!(
                "Recorded as {made}; the sealed file is {}, its envelope beside it. It is queued as well: `kith exchange` or an open kith sends it, and what is handed over before then counts once. Nothing by hand tells you that they have it.",
                path.display()
            )
        }
        None => {
            format!("Recorded as {made} and queued; `kith exchange` sends it now, an open kith by itself.")
        }
    })
}

fn list_undecided(desk: &mut Desk, share: &Share, undecided: &[&Suggestion]) -> Result<(), Failure> {
    if share.shape.json {
        let list: Vec<Value> = undecided.iter().map(|one| suggestion(one)).collect();
        desk.console
            .json("share-undecided/1", json!({ "case": share.case, "to": share.to, "suggestions": list }))?;
    } else {
        for one in undecided {
            let blocks = if one.blocks { "  MUST BE WITHHELD" } else { "" };
            desk.console.line(&format!("{}  {}{blocks}", one.id, one.code.words()))?;
            desk.console.text(4, &format!("{:?}: {}", one.text, one.why))?;
        }
    }
    let count = text::count(undecided.len() as u64, "suggested redaction is", "suggested redactions are");
    Err(Failure::new(
        Exit::Refused,
        format!(
            "{count} undecided: withhold each or keep it with a reason, in a file given with --decisions; nothing was sent"
        ),
    ))
}

fn suggestion(one: &Suggestion) -> Value {
    json!({ "span": one.id.to_string(), "text": one.text, "why": one.why, "suggested": one.code, "must_be_withheld": one.blocks })
}

fn show_preview(desk: &mut Desk, share: &Share, preview: &Preview) -> Result<(), Failure> {
    if share.shape.json {
        let fields = json!({ "case": share.case, "to": share.to, "size": preview.size, "lines": preview.lines, "html": preview.html });
        return desk.console.json("share-preview/1", fields);
    }
    preview.lines.iter().try_for_each(|line| desk.console.text(0, line))?;
    desk.console.say(&format!(
        "This is what would go, {}. Nothing was sent and nothing was recorded.",
        text::size(preview.size)
    ))
}

/// The chosen entries, or all of the case. Those of the child's other records go only where they are named.
fn views(open: &Open, case: CaseId, chosen: &[EntryId]) -> Result<Vec<EntryView>, Failure> {
    let all = entries_of(open, case, false)?;
    if let Some(other) = chosen.iter().find(|entry| all.iter().all(|row| row.id != **entry)) {
        let others: BTreeSet<CaseId> =
            all.iter().filter_map(|row| row.case).filter(|of| *of != case).collect();
        let nor = match others.is_empty() {
            true => String::new(),
            false => {
                let others: Vec<_> = others.iter().map(ToString::to_string).collect();
                format!(", nor in {} of the child's other records", others.join(", "))
            }
        };
        return Err(Failure::new(Exit::NothingMatched, format!("entry {other} is not in case {case}{nor}")));
    }
    let wanted = all.iter().filter(|row| match chosen {
        [] => row.case == Some(case),
        chosen => chosen.contains(&row.id),
    });
    wanted
        .map(|row| row.id)
        .map(|entry| answer!(open.ask(&Query::Entry { entry })?, Answer::Entry(view) => *view))
        .collect()
}

/// Decisions as they are written by hand.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decisions {
    kith: String,
    decisions: BTreeMap<SpanId, Written>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Written {
    Withhold(Reason),
    Keep(String),
}

fn decisions(written: Decisions) -> Result<BTreeMap<SpanId, Decision>, Failure> {
    if written.kith != "decisions/1" {
        return Err(Failure::usage(
            "the decisions are not of the form decisions/1; `kith share --help` shows it",
        ));
    }
    let decide = |(span, one)| match one {
        Written::Withhold(reason) => Ok((span, Decision::Withhold(reason))),
        Written::Keep(reason) if reason.trim().is_empty() => Err(Failure::new(
            Exit::Refused,
            format!("{span} is kept without a reason; the reason stands in the record"),
        )),
        Written::Keep(reason) => Ok((span, Decision::Keep { reason })),
    };
    written.decisions.into_iter().map(decide).collect()
}

pub(super) fn read_text(desk: &mut Desk, path: &Path) -> Result<String, Failure> {
    if path.as_os_str() == "-" {
        return desk.console.read_all();
    }
    let mut text = String::new();
    let file = open_file(path)?;
    file.take(MAX_INPUT).read_to_string(&mut text).map_err(Failure::file(path))?;
    Ok(text)
}

pub(super) fn read_json<T: DeserializeOwned>(
    desk: &mut Desk,
    path: Option<&Path>,
    what: &str,
) -> Result<T, Failure> {
    let path = path.ok_or_else(|| Failure::usage(format!("{what} is missing")))?;
    let text = read_text(desk, path)?;
    given::read(
        &text,
        &format!("{}, {what}", path.display()),
        "`kith share --help` shows where its form comes from",
    )
}

/// One line of text that must be there, from a file or `-`.
pub(super) fn read_line(desk: &mut Desk, path: &Path, what: &str) -> Result<String, Failure> {
    let text = read_text(desk, path)?.trim().to_owned();
    match text.lines().count() {
        1 => Ok(text),
        _ => Err(Failure::usage(format!("{}: {what} is one line of text", path.display()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_decisions_in_the_help_read() {
        let json = FORM.split_once("by its id:\n").unwrap().1.split_once("\nReasons to").unwrap().0;
        let read = decisions(serde_json::from_str(json).unwrap()).unwrap();
        let read: Vec<_> = read.into_iter().map(|(span, decision)| (span.to_string(), decision)).collect();
        assert_eq!(
            read,
            [
                (
                    "1-310:done:0:11".to_owned(),
                    Decision::Keep { reason: "the officer in the case, known to them".into() }
                ),
                ("1-310:statement/0:10:24".to_owned(), Decision::Withhold(Reason::ThirdPartyChild)),
            ]
        );
    }

    #[test]
    fn keeping_without_a_reason_and_other_forms_are_refused() {
        let read = |json: &str| decisions(serde_json::from_str(json).unwrap()).unwrap_err().exit;
        let kept = r#"{"kith":"decisions/1","decisions":{"1-1:done:0:4":{"keep":" "}}}"#;
        assert_eq!(read(kept), Exit::Refused);
        assert_eq!(read(r#"{"kith":"decisions/2","decisions":{}}"#), Exit::Usage);
        let wrong = r#"{"kith":"decisions/1","decisions":{"1-1:done:0":{"keep":"x"}}}"#;
        assert!(serde_json::from_str::<Decisions>(wrong).is_err(), "a span needs four parts");
    }
}
