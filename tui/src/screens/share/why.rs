//! Why: the questions in the order of the guidance, and the consent record their answers make.

use std::collections::BTreeSet;

use jiff::{SignedDuration, civil::Date};
use kith_protocol::{
    bundle::{Role, StatementKind},
    consent::{
        Category, ConsentEvent, ConsentRecord, ConsentState, ConsentVersion, DecidedBy, Decision, FamilyTold,
        LawfulBasis, NamedRecipient, Notice, OnwardLimit, ParentalResponsibility, Party, RecordId,
        Safeguarding, SpecialCondition, Validity,
    },
};

use super::{Share, earlier};
use crate::{
    casework::query::{Network, NoticeRow},
    flow::{MemberRow, Request, Session},
    screens::{Cx, actions::read_due},
    sharing::plan::RECORDED,
    text,
    widgets::form::{Choice, Field, Form, Kind},
};

const CONDITIONS: [SpecialCondition; 5] = [
    SpecialCondition::Safeguarding,
    SpecialCondition::VitalInterests,
    SpecialCondition::LegalClaims,
    SpecialCondition::HealthOrSocialCare,
    SpecialCondition::ExplicitConsent,
];
const STATES: [ConsentState; 4] =
    [ConsentState::Requested, ConsentState::Given, ConsentState::Refused, ConsentState::Withdrawn];

fn bases() -> [LawfulBasis; 6] {
    [
        LawfulBasis::DutyToShare,
        LawfulBasis::PublicTask,
        LawfulBasis::VitalInterests,
        LawfulBasis::RecognisedLegitimateInterest,
        LawfulBasis::LegalObligation { which: String::new() },
        LawfulBasis::Consent,
    ]
}

pub(super) fn form() -> Form {
    let mut form = Form::new(decision());
    form.fields.extend(standing());
    form.fields.iter_mut().filter(|field| FOLDED.contains(&field.id)).for_each(|field| field.hidden = true);
    form.go("purpose");
    form
}

const KEPT_HELP: &str =
    "Consent rests on what they were told: a notice whose text was kept here before they consented";
/// A notice that is not kept yet.
const NEW: &str = "new";

fn new_notice() -> Choice {
    Choice::new(NEW, "Another one", "kept now from a file: for consent that is given from now on")
}

/// The notices that are kept, to choose from; one that was being kept is chosen.
pub(super) fn offer_notices(share: &mut Share, rows: Vec<NoticeRow>, cx: &Cx<'_>) {
    let kept = |row: &NoticeRow| {
        let detail = format!("{}, kept {}", row.language, text::moment(row.kept, cx.now.time_zone()));
        Choice::new(row.sha256, &row.name, &detail)
    };
    let named = (share.why.text("notice_name"), share.why.text("notice_language"));
    let just = rows.iter().find(|row| share.keeping && (row.name.as_str(), row.language.as_str()) == named);
    let just = just.map(|row| row.sha256.to_string());
    if let Some(field) = share.why.field_mut("kept") {
        field.kind = Kind::Choice(rows.iter().map(kept).chain([new_notice()]).collect());
        if let Some(key) = just {
            *field = field.clone().chosen(&key);
            share.keeping = false;
        }
    }
    share.notices = rows;
    show(&mut share.why, cx);
}

/// What keeps the notice that the answers name and that is not kept yet.
pub(super) fn keep_notice(form: &Form) -> Option<Request> {
    let asked = form.field("notice_file").filter(|field| !field.hidden)?;
    let path = asked.editor.text().trim().trim_matches(['"', '\'']).into();
    let words = |id: &str| form.text(id).to_owned();
    Some(Request::KeepNotice { path, name: words("notice_name"), language: words("notice_language") })
}

/// The notice they were given: one that is kept, where consent is the basis.
fn notice(share: &Share) -> Notice {
    let kept = share.why.field("kept").filter(|field| !field.hidden).and_then(|field| field.picked.first());
    let kept = kept.and_then(|one| share.notices.iter().find(|row| row.sha256.to_string() == one.choice.key));
    match kept {
        Some(row) => Notice {
            privacy_notice: row.name.clone(),
            language: row.language.clone(),
            sha256: Some(row.sha256),
        },
        None => Notice {
            privacy_notice: share.why.text("notice").to_owned(),
            language: share.why.text("language").to_owned(),
            sha256: None,
        },
    }
}

/// What most records say alike.
const FOLDED: [&str; 6] = ["notice", "language", "withdrawal", "storage", "retention", "jurisdiction"];
const SHOW: &str = "show";

/// What is decided anew for each share.
fn decision() -> Vec<Field> {
    let basis = bases().map(|basis| Choice::new(basis.words(), basis.words(), basis.statute())).to_vec();
    let mut condition = vec![Choice::new("none", "None", "nothing in it is special-category data")];
    condition.extend(CONDITIONS.map(|it| Choice::new(it.words(), it.words(), it.statute())));
    let states = STATES.map(|state| Choice::new(state.words(), state.words(), "")).to_vec();
    let told = vec![
        Choice::new("yes", "Yes", "say when and what they answered"),
        Choice::new("unsafe", "Not safe", "telling them could harm the child or an inquiry: say why"),
        Choice::new("later", "Not yet", "say why, and by when"),
    ];
    let onward = [OnwardLimit::AskFirst, OnwardLimit::AsDutiesRequire];
    let onward = onward.map(|it| Choice::new(it.words(), &it.words(), "")).to_vec();
    let hidden = |field: Field| Field { hidden: true, ..field };
    vec![
        earlier::field(),
        Field::line("purpose", "What for")
            .required()
            .help("One sentence: what the sharing is meant to do for the child"),
        Field::choice("basis", "Lawful basis", basis)
            .required()
            .help("A child at risk seldom needs consent; it never blocks"),
        hidden(Field::line("which", "Which duty").required().help("Name the law or the court's order")),
        hidden(Field::choice("state", "Consent is", states).required()),
        hidden(
            Field::line("asked", "Who, how")
                .required()
                .help("Who answered, how they were asked, what they were told"),
        ),
        hidden(Field::choice("kept", "Notice given", vec![new_notice()]).required().help(KEPT_HELP)),
        hidden(Field::line("notice_name", "Name of notice").required().help("Its name and version")),
        hidden(
            Field::line("notice_language", "Its language").required().with("en-GB").help("en-GB, cy, pl, ur"),
        ),
        hidden(
            Field::line("notice_file", "File of its text")
                .required()
                .help("Plain text on this machine, the words they were given; they are kept as they are"),
        ),
        Field::choice("special", "Special category", condition)
            .required()
            .help("Health, sexual harm, ethnicity, crime need a condition"),
        Field::choice("told", "Family told?", told).required(),
        Field::line("told_why", "They said, or why")
            .required()
            .help("What they said; or why it is not safe, or not yet"),
        hidden(Field::line("told_by", "Told by").required().help("21/3 or +5d")),
        Field::line("view", "Child's view")
            .required()
            .help("What the child wants and feels, or why they were not asked"),
        Field::line("necessity", "Why this much")
            .required()
            .help("Why this, and no more, is necessary and proportionate"),
        Field::line("ask", "What you ask").required().help("What they should do; they see it first"),
        Field::line("answer_by", "Answer by").help("21/3 or +5d; empty when there is no date"),
        Field::choice("onward", "Passing on", onward).required().chosen(&OnwardLimit::AskFirst.words()),
        Field::line("until", "Holds until")
            .required()
            .with("+90d")
            .help("From then on nothing leaves under this record"),
    ]
}

/// Who decides for the child, and what the child understands; then what most records say alike, filled in beforehand
/// and folded, to be looked at and changed.
fn standing() -> Vec<Field> {
    let rest = vec![
        Choice::new(
            "usual",
            "As usual",
            "privacy notice, how to withdraw, where and how long it is kept, jurisdiction",
        ),
        Choice::new(
            SHOW,
            "Show and change it",
            "privacy notice, how to withdraw, where and how long it is kept",
        ),
    ];
    vec![
        Field::area("responsible", "Parental responsibility", 2)
            .help("Name, tie, how you know; a semicolon before the next. They read it"),
        Field::line("capacity", "Understanding")
            .help("Gillick: what the child understands of it, and who judged so; may be empty"),
        Field::line("advice", "Advice from").help("Whose advice was taken; may be empty"),
        Field::choice("rest", "All the rest", rest).required().chosen("usual"),
        Field::line("notice", "Privacy notice")
            .required()
            .with("Our privacy notice for children and families")
            .help("Its name and version, as the family was given it"),
        Field::line("language", "Language of it").required().with("en-GB").help("en-GB, cy, pl, ur"),
        Field::line("withdrawal", "How to withdraw")
            .required()
            .with("Tell our safeguarding lead")
            .help("How consent is withdrawn or the sharing objected to"),
        Field::line("storage", "Kept where")
            .required()
            .with("Our casebook, encrypted, in the United Kingdom"),
        Field::line("retention", "Kept how long").required().with("As the child's safeguarding file"),
        Field::line("jurisdiction", "Jurisdiction").required().with("England and Wales"),
    ]
}

/// Shows the fields that the answers so far call for; says dates in full beside them.
pub(super) fn show(form: &mut Form, cx: &Cx<'_>) {
    let basis = form.key_of("basis").unwrap_or("").to_owned();
    let told = form.key_of("told").unwrap_or("").to_owned();
    let which = LawfulBasis::LegalObligation { which: String::new() };
    let earlier = earlier::chosen(form);
    let rest = form.key_of("rest") == Some(SHOW);
    let consent = basis == LawfulBasis::Consent.words();
    let given = form.key_of("state") == Some(ConsentState::Given.words());
    let new = form.key_of("kept") == Some(NEW);
    form.show(|field| match field.id {
        "record" => !field.hidden,
        id if earlier && !earlier::ASKED.contains(&id) => false,
        "which" => basis == which.words(),
        "state" | "asked" => basis == LawfulBasis::Consent.words(),
        "kept" => consent && given,
        "notice_name" | "notice_language" | "notice_file" => consent && given && new,
        // Those stand above then.
        "notice" | "language" if consent && given => false,
        "told_by" => told == "later",
        id if FOLDED.contains(&id) => rest,
        _ => true,
    });
    for id in ["told_by", "answer_by", "until"] {
        let said =
            date(form.text(id), cx).map(|date| format!("= {}", text::full_date(date))).unwrap_or_default();
        form.field_mut(id).into_iter().for_each(|field| field.note.clone_from(&said));
    }
}

/// A date in one of the fields.
pub(super) fn date(typed: &str, cx: &Cx<'_>) -> Result<Date, String> {
    read_due(typed, cx)
}

/// Marks what is wrong, beside the field.
pub(super) fn check(form: &mut Form, cx: &Cx<'_>) {
    show(form, cx);
    for field in &mut form.fields {
        field.error.clear();
        let typed = field.editor.text().trim();
        if ["told_by", "answer_by", "until"].contains(&field.id) && !field.hidden && !typed.is_empty() {
            field.error = date(typed, cx).err().unwrap_or_default();
        }
    }
}

/// The record that the answers make, or the earlier one that was chosen.
pub(super) fn record(share: &Share, to: &MemberRow, cx: &Cx<'_>) -> Result<ConsentRecord, String> {
    if let Some(record) = share.earlier() {
        return Ok(record.clone());
    }
    let form = &share.why;
    let session = cx.session.ok_or("locked")?;
    let words = |id: &str| form.text(id).to_owned();
    let now = cx.now.timestamp();
    let name = format!("share-{}.{}", share.case, now.as_millisecond());
    let record_id = RecordId::try_from(name).map_err(|error| error.to_string())?;
    let child = RecordId::try_from(share.child.to_string()).map_err(|error| error.to_string())?;
    let last = date(form.text("until"), cx)?;
    let until = last
        .tomorrow()
        .and_then(|day| day.to_zoned(cx.now.time_zone().clone()))
        .map_err(|error| error.to_string())?;
    Ok(ConsentRecord {
        kith: ConsentVersion::One,
        record_id,
        pii_principal_id: vec![child],
        decision: Decision::Share,
        notice: notice(share),
        purposes: vec![words("purpose")],
        lawful_basis: basis(form),
        special_condition: CONDITIONS.into_iter().find(|it| Some(it.words()) == form.key_of("special")),
        pii_controllers: vec![Party {
            id: session.agency.clone(),
            name: session.agency_name.clone(),
            address: String::new(),
            contact: session.user.name.clone(),
            phone: String::new(),
        }],
        recipients: vec![NamedRecipient { id: to.id.clone(), name: to.name.clone() }],
        categories: categories(share),
        // The record must hold at once, also where clocks differ a little.
        validity: Validity {
            from: now - SignedDuration::from_mins(5),
            until: until.timestamp(),
            review: Some(last),
        },
        withdrawal_method: words("withdrawal"),
        storage_location: words("storage"),
        retention_period: words("retention"),
        jurisdiction: words("jurisdiction"),
        events: events(form, now),
        safeguarding: safeguarding(share, session, cx),
    })
}

/// What safeguarding adds to the standard's record.
fn safeguarding(share: &Share, session: &Session, cx: &Cx<'_>) -> Safeguarding {
    let form = &share.why;
    let words = |id: &str| form.text(id).to_owned();
    let said = |id: &str| Some(words(id)).filter(|words| !words.is_empty());
    let now = cx.now.timestamp();
    Safeguarding {
        family_told: family(form, cx),
        childs_view: words("view"),
        capacity: said("capacity"),
        parental_responsibility: form.text("responsible").split(';').filter_map(holder).collect(),
        level_of_need: share.level.clone(),
        necessity: words("necessity"),
        withheld_from: Vec::new(),
        decided_by: DecidedBy { name: session.user.name.clone(), role: session.user.role.clone(), on: now },
        advice: said("advice"),
        onward: match form.key_of("onward") {
            Some(key) if key == OnwardLimit::AsDutiesRequire.words() => OnwardLimit::AsDutiesRequire,
            _ => OnwardLimit::AskFirst,
        },
    }
}

/// Who holds parental responsibility, as the casebook has it, until somebody says otherwise.
pub(super) fn offer_responsible(share: &mut Share, network: &Network) {
    let holders = network.responsible_for(share.child).map(|(person, tie)| {
        format!("{}, {}, {RECORDED}", person.name().replace([',', ';'], " "), text::relation(tie))
    });
    let holders: Vec<_> = holders.collect();
    let first = !std::mem::replace(&mut share.offered_responsible, true);
    if let Some(field) = share.why.field_mut("responsible").filter(|field| first && !field.answered()) {
        field.editor.set(&holders.join(";\n"));
    }
}

/// `name, tie, how it is known`.
fn holder(typed: &str) -> Option<ParentalResponsibility> {
    let mut parts = typed.splitn(3, ',').map(|part| part.trim().to_owned());
    let name = parts.next().filter(|name| !name.is_empty())?;
    let (relation, evidence) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    Some(ParentalResponsibility { name, relation, evidence })
}

fn basis(form: &Form) -> Option<LawfulBasis> {
    let found = bases().into_iter().find(|basis| Some(basis.words()) == form.key_of("basis"))?;
    Some(match found {
        LawfulBasis::LegalObligation { .. } => {
            LawfulBasis::LegalObligation { which: form.text("which").to_owned() }
        }
        basis => basis,
    })
}

/// Consent asked for and answered; none where another basis carries the share.
fn events(form: &Form, now: jiff::Timestamp) -> Vec<ConsentEvent> {
    let state = STATES.into_iter().find(|state| Some(state.words()) == form.key_of("state"));
    let state = state.filter(|_| form.key_of("basis") == Some(LawfulBasis::Consent.words()));
    let asked = form.text("asked").to_owned();
    let event = |event_state| ConsentEvent {
        event_time: now,
        event_state,
        entity: asked.clone(),
        event_type: asked.clone(),
    };
    state.map(event).into_iter().collect()
}

fn family(form: &Form, cx: &Cx<'_>) -> FamilyTold {
    let words = form.text("told_why").to_owned();
    match form.key_of("told") {
        Some("yes") => FamilyTold::Yes { on: cx.today(), response: words },
        Some("later") => {
            let by = date(form.text("told_by"), cx).unwrap_or_else(|_| cx.today());
            FamilyTold::NotYet { by, because: words }
        }
        _ => FamilyTold::NotSafe { because: words },
    }
}

/// What the chosen entries hold, and no more.
pub(super) fn categories(share: &Share) -> BTreeSet<Category> {
    let mut out = BTreeSet::from([Category::Identity]);
    for view in share.views.values().filter(|view| share.chosen.contains(&view.id)) {
        out.insert(view.entry.category.data());
        let words =
            view.entry.statements.iter().any(|statement| statement.kind == StatementKind::ChildsWords);
        out.extend(words.then_some(Category::ChildsVoice));
        let family = view.entry.people.iter().any(|person| person.role == Role::Family);
        out.extend(family.then_some(Category::Family));
    }
    out
}
