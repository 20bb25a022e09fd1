//! The fields of the form, always in the same order, and what is checked beside them.

use jiff::Zoned;
use kith_protocol::bundle::{ConcernCategory, Role, StatementKind};

use crate::{
    casework::{
        category,
        entry::{Attachment, Danger, Entry},
        query::EntryView,
        typed_time,
    },
    screens::entry_form::reading,
    text,
    widgets::form::{Choice, Field, Form, Picked},
};

/// The four boxes: id of the field, kind of statement, label, help.
pub(super) const BOXES: [(&str, StatementKind, &str, &str); 4] = [
    ("fact", StatementKind::ObservedFact, "Facts", "What was seen or heard, in order, without judging it"),
    ("words", StatementKind::ChildsWords, "Child's words", "Exactly as said, also where it is wrong or rude"),
    (
        "report",
        StatementKind::ThirdPartyReport,
        "Others say",
        "What somebody else reported; say who in People",
    ),
    (
        "opinion",
        StatementKind::ProfessionalOpinion,
        "Opinion",
        "What you make of it; kept apart from the facts",
    ),
];

/// The part somebody can have, beside the child it is about.
pub(super) const ROLES: [Role; 7] = [
    Role::AllegedVictim,
    Role::AllegedInstigator,
    Role::Witness,
    Role::Reporter,
    Role::Family,
    Role::Professional,
    Role::Mentioned,
];

/// Where the parts of the form begin.
const PARTS: [&str; 4] = ["child", "fact", "people", "told"];

pub(super) fn concern() -> Form {
    let mut form = all();
    for id in ["kind", "why", "significance"] {
        hide(&mut form, id);
    }
    form.go("child");
    form
}

pub(super) fn entry(child: Choice) -> Form {
    let mut form = all();
    hide(&mut form, "why");
    if let Some(field) = form.field_mut("child") {
        field.picked = vec![Picked { choice: child, part: None }];
    }
    if let Some(field) = form.field_mut("told") {
        field.required = false;
    }
    form.go("kind");
    form
}

pub(super) fn amendment(view: &EntryView) -> Form {
    let mut form = all();
    hide(&mut form, "kind");
    fill(&mut form, &view.entry, &view.names);
    form.go("why");
    form
}

fn hide(form: &mut Form, id: &str) {
    if let Some(field) = form.field_mut(id) {
        field.hidden = true;
    }
}

fn all() -> Form {
    let kinds = text::ENTRY_KINDS.map(|kind| Choice::new(text::entry_kind(kind), text::entry_kind(kind), ""));
    let roles = ROLES.map(|role| Choice::new(role.words(), role.words(), "")).to_vec();
    let categories = categories();
    let danger = vec![
        Choice::new("no", "No", "nobody is in danger now"),
        Choice::new("yes", "Yes", "ring 999 or children's social care first, then write"),
    ];
    let significance = text::SIGNIFICANCES
        .map(|it| Choice::new(text::significance(it), text::significance(it), ""))
        .to_vec();
    let [fact, words, report, opinion] =
        BOXES.map(|(id, _, label, help)| Field::area(id, label, 3).help(help));
    let why = Field::line("why", "Why amended").required().help("It stands in the record beside the change");
    Form::new(vec![
        why,
        Field::lookup("child", "Child", true, Vec::new())
            .required()
            .help("Type part of a name or number; several may be added"),
        Field::choice("kind", "Kind", kinds.to_vec())
            .chosen(text::entry_kind(crate::casework::entry::EntryKind::Note)),
        Field::line("when", "When seen")
            .required()
            .help("today 0905, yest 15:40, -2d, 14/3, about 3 march; F5 is now"),
        Field::line("source", "Seen by").required().help("Name, role; and agency if another. F5 puts you"),
        Field::choice("category", "Category", categories)
            .required()
            .help("Type any word for it: county lines, FGM, young carer"),
        fact,
        words,
        report,
        opinion,
        Field::lookup("people", "People", true, roles)
            .help("Anyone else, each with the part they had; Tab goes on"),
        Field::choice("danger", "In danger now?", danger).required(),
        Field {
            hidden: true,
            ..Field::line("danger_done", "Done at once")
                .required()
                .help("999, social care: when, and what they said")
        },
        Field::area("told", "Who was told?", 1)
            .required()
            .help("Who, when, by whom; also whether the family knows"),
        Field::area("done", "What was done", 1),
        Field::area("effect", "Effect on child", 1).help("As seen; it makes a chronology worth reading"),
        Field::choice("significance", "Significance", significance)
            .chosen(text::significance(crate::casework::entry::Significance::None)),
        Field::line("attach", "Attach a file")
            .help("Type its path, then Enter; it is kept inside the casebook"),
    ])
}

/// Every category, each with other words that find it.
pub(in crate::screens) fn categories() -> Vec<Choice> {
    let choice = |one: ConcernCategory| {
        let also = category::also(one);
        let some = also.iter().take(2).copied().collect::<Vec<_>>().join(", ");
        Choice::new(category::name(one), one.words(), &some).also(also)
    };
    ConcernCategory::ALL.map(choice).to_vec()
}

fn fill(form: &mut Form, entry: &Entry, names: &[String]) {
    let subjects = |wanted: bool| {
        entry.people.iter().zip(names).filter(move |(person, _)| (person.role == Role::Subject) == wanted)
    };
    let pick = |choice, part| Picked { choice, part };
    let children: Vec<_> =
        subjects(true).map(|(p, name)| pick(Choice::new(p.person, name, ""), None)).collect();
    let others: Vec<_> = subjects(false)
        .map(|(p, name)| {
            let part = Choice::new(p.role.words(), p.role.words(), "");
            pick(Choice::new(p.person, name, ""), Some(part))
        })
        .collect();
    let source = [&entry.source.name, &entry.source.role, &entry.source.agency];
    let source: Vec<&str> = source.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    set(form, "when", &reading::typed(entry.happened));
    set(form, "source", &source.join(", "));
    set(form, "told", &entry.told);
    set(form, "done", &entry.done);
    set(form, "effect", &entry.effect);
    for (id, kind, ..) in BOXES {
        let texts: Vec<&str> =
            entry.statements.iter().filter(|s| s.kind == kind).map(|s| s.text.as_str()).collect();
        set(form, id, &texts.join("\n\n"));
    }
    choose(form, "category", &category::name(entry.category));
    choose(form, "significance", text::significance(entry.significance));
    choose(form, "danger", if entry.danger == Danger::No { "no" } else { "yes" });
    if let Danger::Yes { done } = &entry.danger {
        set(form, "danger_done", done);
        form.field_mut("danger_done").into_iter().for_each(|field| field.hidden = false);
    }
    form.field_mut("child").into_iter().for_each(|field| field.picked.clone_from(&children));
    form.field_mut("people").into_iter().for_each(|field| field.picked.clone_from(&others));
    if let Some(field) = form.field_mut("attach") {
        field.note = attached(&entry.attachments);
    }
}

fn set(form: &mut Form, id: &str, text: &str) {
    if let Some(field) = form.field_mut(id) {
        *field = field.clone().with(text);
    }
}

fn choose(form: &mut Form, id: &str, key: &str) {
    if let Some(field) = form.field_mut(id) {
        *field = field.clone().chosen(key);
    }
}

/// What is attached, beside the field.
pub(super) fn attached(attachments: &[Attachment]) -> String {
    let names: Vec<&str> = attachments.iter().map(|file| file.name.as_str()).collect();
    if names.is_empty() { String::new() } else { format!("attached: {}", names.join(", ")) }
}

/// Says the date in full beside what was typed.
pub(super) fn note_when(form: &mut Form, now: Option<&Zoned>) {
    let typed = form.text("when").to_owned();
    let Some(field) = form.field_mut("when") else { return };
    field.note.clear();
    if let (false, Some(now)) = (typed.is_empty(), now) {
        field.note = match reading::when(&typed, now) {
            Ok(when) => format!("= {}", typed_time::in_words(&when)),
            Err(_) => "not understood yet".to_owned(),
        };
    }
}

/// Marks what is wrong, beside the field.
pub(super) fn check(form: &mut Form, now: &Zoned) {
    form.fields.iter_mut().for_each(|field| field.error.clear());
    let said = BOXES.iter().take(3).any(|(id, ..)| !form.text(id).is_empty());
    let typed = form.text("when").to_owned();
    if let (false, Err(why), Some(field)) =
        (typed.is_empty(), reading::when(&typed, now), form.field_mut("when"))
    {
        field.error = why;
    }
    if let (false, Some(field)) = (said, form.field_mut("fact")) {
        field.error = "facts, the child's words or a report: one of them is needed".to_owned();
    }
}

/// Puts the keys on the beginning of the next part, or of this or the one before.
pub(super) fn next_part(form: &mut Form, forward: bool) {
    let starts: Vec<usize> =
        PARTS.iter().filter_map(|id| form.fields.iter().position(|field| field.id == *id)).collect();
    let next = if forward {
        starts.iter().find(|start| **start > form.at).or(starts.first())
    } else {
        starts.iter().rfind(|start| **start < form.at).or(starts.last())
    };
    form.at = next.copied().unwrap_or(form.at);
}
