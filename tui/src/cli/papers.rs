//! `kith shares export`, and `kith verify` of what it writes; also of a decision not to share.

use std::path::{Path, PathBuf};

use kith_protocol::{
    bundle::Bundle,
    directory::{Directories, KeptDirectories},
    page::moment,
    papers::{Course, Files, InNodeLog, NOT_PROVEN},
};
use serde_json::{Value, json};

use super::{
    args::{Shape, Shares},
    desk::Desk,
    failure::{Failure, open_file},
    open::{Stopped, fail, rests_on},
};
use crate::{
    casework::ids::ShareId,
    sharing::{
        not_shared::{self, Decided},
        office::OfficeError,
        share_papers::{self, Beside, Said, beside, judge, named, said},
    },
    text,
};

pub(super) fn run(desk: &mut Desk, what: &Shares) -> Result<(), Failure> {
    let Shares::Export { share, out, shape } = what;
    export(desk, *share, out, *shape)
}

fn export(desk: &mut Desk, share: ShareId, out: &Path, shape: Shape) -> Result<(), Failure> {
    let open = desk.open()?;
    let office = open.enrolled_office(desk)?;
    let (course, left_out) = office.export_papers(share, out, &desk.now)?;
    if shape.json {
        let fields = json!({
            "ref": share, "folder": out, "bundle": course.id, "state": course.standing.state.to_string(),
            "answers": course.standing.proven.len(), "left_out": left_out, "in_node_log": course.logged.is_some(),
        });
        return desk.console.json("share-papers/1", fields);
    }
    desk.console.say(&format!(
        "The papers of {share} are in {}, each as it was signed; what was shared is not among them. `kith verify {} --directory FILE` checks them, so do sha256sum and ssh-keygen as README.txt there says; `kith directory export` writes that file.",
        out.display(),
        out.display()
    ))?;
    if course.logged.is_none() && !course.standing.proven.is_empty() {
        desk.console.say("The node has not shown yet that STORED stands in its log: `kith exchange`, then export again into another folder.")?;
    }
    if left_out > 0 {
        let left = text::count(left_out as u64, "receipt is", "receipts are");
        desk.console.say(&format!("{left} kept here that do not count, and are not among them."))?;
    }
    Ok(())
}

/// Whether a folder holds the papers of a share, or a decision not to share: then it is judged and told.
pub(super) fn verify(
    desk: &mut Desk,
    folder: &Path,
    (trusted, with): (Option<&KeptDirectories>, &[PathBuf]),
    shape: Shape,
) -> Result<bool, Failure> {
    if !folder.is_dir() {
        return Ok(false);
    }
    let found = share_papers::read(folder);
    let found = found.and_then(|papers| match papers {
        Some(files) => Ok(Some(Found::Papers(files))),
        None => Ok(not_shared::read(folder)?.map(Found::NotShared)),
    });
    let found = found.or_else(|error| fail(desk, folder, Stopped::Office(error), ("verified", shape)))?;
    let Some(found) = found else { return Ok(false) };
    for path in with.iter().filter(|path| !path.is_dir()) {
        open_file(path)?;
    }
    let told = match trusted {
        Some(kept) => {
            rests_on(desk, kept, shape)?;
            judged(&found, with, kept.all(), desk)
        }
        None => {
            let office = desk.open()?.office(desk)?;
            office.directories().and_then(|directories| judged(&found, with, directories, desk))
        }
    };
    let told = told.or_else(|error| fail(desk, folder, Stopped::Office(error), ("verified", shape)))?;
    if shape.json {
        let (kith, mut fields) = told.json;
        let partnership = trusted.map_or(Value::Null, |kept| {
            json!({ "name": kept.all().newest().partnership, "words": kept.words(), "compared": false })
        });
        if let Some(fields) = fields.as_object_mut() {
            fields.insert("partnership".to_owned(), partnership);
        }
        desk.console.json(kith, fields)?;
    } else {
        told.lines.iter().try_for_each(|(label, words)| desk.console.field(label, words))?;
    }
    Ok(true)
}

enum Found {
    Papers(Files),
    NotShared(Files),
}

/// What is said of what holds.
struct Told {
    lines: Vec<(&'static str, String)>,
    json: (&'static str, Value),
}

fn judged(
    found: &Found,
    with: &[PathBuf],
    directories: Directories<'_>,
    desk: &Desk,
) -> Result<Told, OfficeError> {
    match found {
        Found::Papers(files) => {
            let course = judge(files, directories, &desk.now)?;
            let beside = with.iter().map(|path| beside(&course, path, directories, &desk.now));
            Ok(of_papers(&course, &beside.collect::<Result<Vec<_>, _>>()?, directories))
        }
        Found::NotShared(files) => Ok(of_decision(&not_shared::verify(files, directories)?)),
    }
}

/// Papers that hold, and what lies beside them.
struct Judged<'a> {
    course: &'a Course,
    each: Vec<Said>,
    opened: Option<&'a Bundle>,
    sealed: bool,
    not_proven: Vec<(&'static str, &'static str)>,
}

fn of_papers(course: &Course, besides: &[Beside], directories: Directories<'_>) -> Told {
    let opened = besides.iter().find_map(|one| match one {
        Beside::Opened(bundle) => Some(&**bundle),
        Beside::Sealed => None,
    });
    let open = |code: &str| match code {
        "content" => opened.is_none(),
        "not-taken-back-since" => course.withdrawal.is_none(),
        _ => true,
    };
    let judged = Judged {
        course,
        each: said(course, directories),
        opened,
        sealed: besides.iter().any(|one| matches!(one, Beside::Sealed)),
        not_proven: NOT_PROVEN.into_iter().filter(|(code, _)| open(code)).collect(),
    };
    Told { lines: judged.lines(directories), json: ("verified-papers/1", judged.json()) }
}

impl Judged<'_> {
    fn lines(&self, directories: Directories<'_>) -> Vec<(&'static str, String)> {
        let (course, envelope) = (self.course, &self.course.envelope);
        let sealed_at = format!(
            "in the hour from {}; {} signed the envelope and the gate it went through",
            moment(envelope.at),
            envelope.from
        );
        let mut lines = vec![
            ("From", named(&envelope.from, directories)),
            ("To", named(&envelope.to, directories)),
            ("Bundle", course.id.to_string()),
            ("Sealed", sealed_at),
        ];
        lines.extend(self.each.iter().map(|one| ("Answer", answer(one))));
        if self.each.is_empty() {
            lines.push(("Answer", "none is among these papers".to_owned()));
        }
        lines.push(("Taken back", taken_back(course)));
        lines.push(("Node's log", in_log(course)));
        if let Some(bundle) = self.opened {
            let basis = bundle.consent.get().lawful_basis.as_ref();
            let basis = basis.map_or("no basis", |basis| basis.words());
            lines.push(("The bundle", format!(
                "the opened files hold and are of this very envelope; the gate commits to their record of consent, which says: {basis}. That just these files were in the sealed one is known to whoever opened it"
            )));
        }
        if self.sealed {
            lines.push(("The bundle", "the sealed file is the one that the envelope names".to_owned()));
        }
        lines.push((
            "Checked",
            "every paper is about this one bundle, and is signed with a key, and by a person under a certificate, that held when it was signed; nothing was changed, left out or put here since the sender wrote them out"
                .to_owned(),
        ));
        lines.extend(self.not_proven.iter().map(|(_, words)| ("Not proven", (*words).to_owned())));
        lines
    }

    fn json(&self) -> Value {
        let (course, envelope) = (self.course, &self.course.envelope);
        json!({
            "verified": true, "from": envelope.from, "to": envelope.to, "bundle": course.id,
            "sealed": envelope.at, "ciphertext": envelope.ciphertext, "state": course.standing.state.to_string(),
            "answers": self.each.iter().map(answer_json).collect::<Vec<_>>(),
            "withdrawn": course.withdrawal.as_ref().map(|one| one.at),
            "node_log": course.logged.as_ref().map(|one| json!({
                "log": one.origin, "size": one.size, "index": one.index, "as_signed": one.as_signed,
            })),
            "opened_bundle": self.opened.map(|bundle| json!({
                "same": true, "basis": bundle.consent.get().lawful_basis, "consent_committed": true,
            })),
            "sealed_file": self.sealed.then_some(true),
            "not_proven": self.not_proven.iter().map(|(code, words)| json!({ "code": code, "words": words })).collect::<Vec<_>>(),
        })
    }
}

fn answer(one: &Said) -> String {
    let receipt = &one.receipt;
    let mut words = format!("{} by {}, {}", text::receipt(receipt.kind), one.by, moment(receipt.at));
    if let Some(basis) = &receipt.basis {
        words.push_str(&format!("; on the basis: {}", basis.words()));
    }
    if let Some(note) = receipt.note.as_deref().filter(|note| !note.trim().is_empty()) {
        words.push_str(&format!("; “{note}”"));
    }
    words
}

fn answer_json(one: &Said) -> Value {
    let receipt = &one.receipt;
    json!({
        "kind": receipt.kind, "at": receipt.at, "by": one.by, "agency": one.agency, "note": receipt.note,
        "basis": receipt.basis, "digest": one.digest,
    })
}

fn taken_back(course: &Course) -> String {
    course.withdrawal.as_ref().map_or_else(
        || "no withdrawal is among these papers".to_owned(),
        |one| {
            let why = if one.letter.is_some() { "; why is sealed to its recipient" } else { "" };
            format!("{} took it back, {}{why}", one.from, moment(one.at))
        },
    )
}

fn in_log(course: &Course) -> String {
    match &course.logged {
        Some(InNodeLog { origin, size, index, as_signed: true }) => format!(
            "STORED stands where it says, as leaf {} of {size} of {origin}; the node signed that checkpoint",
            index + 1
        ),
        Some(InNodeLog { origin, size, index, as_signed: false }) => format!(
            "STORED stands as leaf {} of {size} of {origin}, which the node began in place of the log that STORED names; the node signed that checkpoint",
            index + 1
        ),
        None => "no proof is among these papers that STORED stands in the node's log".to_owned(),
    }
}

fn of_decision(decided: &Decided) -> Told {
    let Decided { decision, person, agency_name } = decided;
    let lines = vec![
        ("Not shared", format!("{agency_name} ({}) decided not to share", decision.agency)),
        ("With", format!("{} ({})", decision.with.name, decision.with.id)),
        ("Case", format!("{}, which is the agency's own reference", decision.case)),
        ("Because", decision.because.clone()),
        ("Decided", format!("{}, by {}, {}", moment(decision.at), person.name, person.role)),
        (
            "Checked",
            "the person signed it under a certificate that held then, and the agency with its key; nothing was changed since"
                .to_owned(),
        ),
        ("Not proven", "that the reason is true, or that nothing was shared later".to_owned()),
        ("Not proven", "that it was signed when it says: the time is by the clock of whoever signed it".to_owned()),
    ];
    let fields = json!({
        "verified": true, "agency": decision.agency, "agency_name": agency_name, "case": decision.case,
        "with": decision.with.id, "with_name": decision.with.name, "because": decision.because,
        "at": decision.at, "decided_by": { "name": person.name, "role": person.role },
        "not_proven": ["truth", "when"],
    });
    Told { lines, json: ("verified-not-shared/1", fields) }
}
