//! The questions a case asks in boxes, and the commands their answers make.

use jiff::civil::Date;
use kith_protocol::consent::{ConsentEvent, ConsentState};

use super::{CaseScreen, shares};
use crate::{
    action::Action,
    casework::{
        case::{Case, LevelOfNeed},
        command::Command,
        entry::Significance,
        ids::{ConsentId, EntryId, FactId, PersonId, ShareId},
        person::{Address, ContactRule, Person, PersonKind, Relation, RelationKind},
        query::{CaseView, EntryRow},
    },
    flow::Request,
    screens::{Cx, Doing, Flow, actions, dialog::Dialog, doing, push},
    text,
    widgets::form::{Choice, Field, Form},
};

/// What the open box is about.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Asking {
    Significance(EntryId, Significance),
    /// Which category the chronology shows.
    Category,
    Action(actions::About),
    AddAction,
    Amend,
    Close,
    Reopen,
    Person,
    Relation,
    Address,
    Withdraw(ShareId),
    WithdrawConsent(ConsentId),
    ConsentEvent(ConsentId),
    AmendPerson(PersonId, Box<Person>),
    Same(PersonId),
    /// Both are named, and it only has to be confirmed.
    SameSure {
        one: PersonId,
        other: PersonId,
        why: String,
        not: bool,
    },
}

/// A tie to the child that waits for its person's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tie {
    child: PersonId,
    kind: RelationKind,
    responsible: bool,
    household: bool,
    contact: ContactRule,
}

pub(super) const fn asks(action: Action) -> bool {
    matches!(
        action,
        Action::AddAction
            | Action::AmendCase
            | Action::CloseCase
            | Action::AddPerson
            | Action::AddRelation
            | Action::AddAddress
            | Action::Withdraw
            | Action::ConsentEvent
            | Action::AmendPerson
            | Action::SamePerson
    )
}

/// Opens the box for an action.
pub(super) fn ask(screen: &CaseScreen, action: Action, cx: &Cx<'_>) -> (Option<Asking>, Vec<Flow>) {
    let Some(case) = &screen.case else { return (None, Vec::new()) };
    let (asking, title, intro, form) = match action {
        Action::AddAction => {
            let mut form = actions::action_form(None);
            form.field_mut("owner").into_iter().for_each(|field| field.editor.set(cx.user()));
            (Asking::AddAction, "Add an action", "", form)
        }
        Action::AmendCase => {
            (Asking::Amend, "Amend the case", "The version before stays on record.", amend_form(case))
        }
        Action::CloseCase if case.closed.is_some() => {
            let why = Field::line("why", "Why").required();
            (Asking::Reopen, "Reopen the case", "", Form::new(vec![why]))
        }
        Action::CloseCase => {
            let outcome = Field::line("outcome", "Outcome")
                .required()
                .help("What changed for the child, and what is left");
            (
                Asking::Close,
                "Close the case",
                "It stays on record and can be reopened.",
                Form::new(vec![outcome]),
            )
        }
        Action::AddPerson => {
            (Asking::Person, "Add a person", "Somebody the casebook does not know yet.", person_form())
        }
        Action::AmendPerson => {
            let Some((id, person)) = screen.person() else { return (None, Vec::new()) };
            let intro = "What is recorded of them; the version before stays on record.";
            (
                Asking::AmendPerson(*id, Box::new(person.clone())),
                "Amend a person",
                intro,
                amend_person_form(person),
            )
        }
        Action::SamePerson => {
            let Some((id, person)) = screen.person() else { return (None, Vec::new()) };
            let intro = format!(
                "{} and who else? Both records stay as they are; either name finds the person, and their chronology shows both.",
                person.name()
            );
            return (Some(Asking::Same(*id)), push(Dialog::new("The same person", &intro, same_form())));
        }
        Action::AddRelation => (Asking::Relation, "Tie a person to the child", "", relation_form()),
        Action::AddAddress => (Asking::Address, "Record an address", "", address_form()),
        Action::ConsentEvent => {
            let Some(consent) = screen.consent() else { return (None, Vec::new()) };
            let intro = "What was asked and answered stands in the record, each with who, when and how.";
            (Asking::ConsentEvent(consent.id), "Consent", intro, consent_form())
        }
        _ => return ask_withdraw(screen),
    };
    (Some(asking), push(Dialog::new(title, intro, form)))
}

fn ask_withdraw(screen: &CaseScreen) -> (Option<Asking>, Vec<Flow>) {
    if let Some(share) = screen.share() {
        return (Some(Asking::Withdraw(share.id)), withdraw_box(share));
    }
    let Some(consent) = screen.consent() else { return (None, Vec::new()) };
    let form = Form::new(vec![
        Field::line("by", "Who withdrew it").required().help("Name, and what they are to the child"),
        Field::line("why", "Why").required().help("In their words, and how they told you"),
    ]);
    let intro = "Nothing leaves under this record any more; what waits is stopped. Whoever has it is asked to delete it.";
    (
        Some(Asking::WithdrawConsent(consent.id)),
        push(Dialog::new("Record that it was withdrawn", intro, form)),
    )
}

/// Asks why a share is withdrawn, and says honestly what that can do.
pub(in crate::screens) fn withdraw_box(share: &crate::casework::query::ShareRow) -> Vec<Flow> {
    let (title, intro) = if shares::reached(share) {
        (
            "Ask them to destroy it",
            "They have it already, and read your reason: name nobody. They answer, signed, that they deleted it or on \
             which basis they keep it; it proves nothing. Without a day they have a fortnight.",
        )
    } else {
        ("Withdraw the share", "It was not collected yet. The node will not hand it out any more.")
    };
    let mut fields = vec![Field::line("why", "Why").required()];
    if shares::reached(share) {
        fields.push(Field::line("by", "Answer by").help("Year-month-day, such as 2026-12-04"));
    }
    push(Dialog::new(title, intro, Form::new(fields)))
}

/// What an answered box asks for.
pub(in crate::screens) fn withdrawing(share: ShareId, form: &Form) -> Result<Flow, String> {
    let answer_by = match form.text("by") {
        "" => None,
        typed => Some(typed.parse().map_err(|_| "the day is not like 2026-12-04".to_owned())?),
    };
    let done = match answer_by {
        Some(day) => format!("Taken back; they are asked to answer by {}.", text::date(day)),
        None => "Taken back. What becomes of it stands with the share.".to_owned(),
    };
    let request = Request::WithdrawShare { share, why: form.text("why").to_owned(), answer_by };
    Ok(Flow::Begin { request, doing: "Taking it back.", done })
}

fn consent_form() -> Form {
    let states = STATES.map(|state| Choice::new(state.words(), state.words(), ""));
    Form::new(vec![
        Field::choice("state", "Consent was", states.to_vec()).required(),
        Field::line("who", "By whom").required().help("Name, and what they are to the child"),
        Field::line("how", "How").required().help("In person, by phone, in writing; what they were told"),
    ])
}

/// What a person may record; a withdrawal does more and has its own key, and records run out by themselves.
const STATES: [ConsentState; 3] = [ConsentState::Requested, ConsentState::Given, ConsentState::Refused];

pub(super) fn significance(row: &EntryRow) -> Vec<Flow> {
    let choices =
        text::SIGNIFICANCES.map(|it| Choice::new(text::significance(it), text::significance(it), ""));
    let field = Field::choice("how", "How much", choices.to_vec()).required();
    push(Dialog::new("How much does this entry matter?", &row.headline, Form::new(vec![field])))
}

fn amend_form(case: &CaseView) -> Form {
    Form::new(vec![
        Field::line("title", "Title").required().with(&case.case.title),
        Field::choice("level", "Level of need", levels(case.case.level))
            .required()
            .chosen(text::level(case.case.level)),
        Field::line("lead", "Lead").required().with(&case.case.lead),
        Field::line("why", "Why").required().help("It stands in the record beside the change"),
    ])
}

/// The levels, and what it is now where that is none of them.
fn levels(now: LevelOfNeed) -> Vec<Choice> {
    let none = (now == LevelOfNeed::NotAssessed).then_some(now);
    let choice = |level| Choice::new(text::level(level), text::level(level), text::level_help(level));
    none.into_iter().chain(text::LEVELS).map(choice).collect()
}

fn yes_no(id: &'static str, label: &'static str) -> Field {
    Field::choice(id, label, vec![Choice::new("yes", "Yes", ""), Choice::new("no", "No", "")]).required()
}

fn tie_fields() -> Vec<Field> {
    let ties = text::RELATIONS.map(|kind| Choice::new(text::relation(kind), text::relation(kind), ""));
    let rules = [ContactRule::Open, ContactRule::Supervised, ContactRule::None]
        .map(|rule| Choice::new(text::contact(rule), text::contact(rule), ""));
    vec![
        Field::choice("tie", "Is the child's", ties.to_vec()).required().help("Type a word to narrow"),
        yes_no("pr", "Has PR?").help("Parental responsibility, Children Act 1989 s.3"),
        yes_no("home", "Same household?"),
        Field::choice("contact", "Contact", rules.to_vec()).required(),
    ]
}

fn person_form() -> Form {
    let mut fields = vec![
        Field::line("given", "Given name").required(),
        Field::line("family", "Family name"),
        Field::line("born", "Born").help("Year-month-day, such as 1988-05-21; leave empty when not known"),
        Field::line("phone", "Phone"),
    ];
    fields.extend(tie_fields());
    Form::new(fields)
}

fn amend_person_form(person: &Person) -> Form {
    let born = person.born.map(|day| day.to_string()).unwrap_or_default();
    Form::new(vec![
        Field::line("given", "Given name").with(&person.given),
        Field::line("family", "Family name").with(&person.family),
        Field::line("preferred", "Preferred").with(person.preferred.as_deref().unwrap_or_default()),
        Field::line("born", "Born")
            .with(&born)
            .help("Year-month-day, such as 2018-01-26; empty when not known"),
        Field::line("phones", "Phones").with(&person.phones.join("; ")).help("Several are parted by ;"),
        Field::line("why", "Why").required().help("It stands in the record beside the change"),
    ])
}

fn relation_form() -> Form {
    let mut fields =
        vec![Field::lookup("person", "Person", false, Vec::new()).required().help("Type part of a name")];
    fields.extend(tie_fields());
    Form::new(fields)
}

fn address_form() -> Form {
    Form::new(vec![
        Field::line("lines", "Address").required(),
        Field::line("postcode", "Postcode").required(),
        Field::lookup("lives", "Who lives there", true, Vec::new())
            .required()
            .help("Type part of a name; Tab goes on"),
        yes_no("protected", "Protected?").help("A protected address never leaves by mistake"),
        Field::line("from", "From whom, why").help("Who must not learn it: shown wherever the address is"),
    ])
}

/// The command that an answered box makes.
pub(super) fn answer(
    screen: &mut CaseScreen,
    asking: Asking,
    form: &Form,
    cx: &Cx<'_>,
) -> Result<Vec<Flow>, String> {
    let case = screen.id;
    let view = screen.case.clone().ok_or("the case is being read")?;
    let words = |id: &str| form.text(id).to_owned();
    Ok(match asking {
        Asking::Significance(entry, before) => {
            let picked = text::SIGNIFICANCES
                .into_iter()
                .find(|it| Some(text::significance(*it)) == form.key_of("how"));
            let significance = picked.ok_or("nothing was chosen")?;
            let undo = Some(Command::SetSignificance { entry, significance: before });
            let said = format!("Significance is {}.", text::significance(significance));
            doing(Command::SetSignificance { entry, significance }, &said, undo)
        }
        Asking::Action(about) => vec![Flow::Do(Box::new(actions::answer(about, form, cx)?))],
        Asking::AddAction => {
            let item = actions::item(form, case, cx)?;
            let said = format!("Action added: {}, until {}.", item.owner, text::date(item.due));
            doing(Command::AddAction(item), &said, None)
        }
        Asking::Amend => doing(
            Command::AmendCase { case, now: amended(&view, form), why: words("why") },
            "Case amended.",
            None,
        ),
        Asking::Close => doing(Command::CloseCase { case, outcome: words("outcome") }, "Case closed.", None),
        Asking::Reopen => doing(Command::ReopenCase { case, why: words("why") }, "Case reopened.", None),
        Asking::Person => {
            screen.tie = Some(tie(view.case.child, form)?);
            doing(Command::AddPerson(person(form)?), "Person added.", None)
        }
        Asking::AmendPerson(id, before) => doing(
            Command::AmendPerson { person: id, now: amended_person(*before, form)?, why: words("why") },
            "Amended. The version before stays on record.",
            None,
        ),
        asking @ (Asking::Same(_) | Asking::SameSure { .. }) => answer_same(screen, asking, form)?,
        Asking::Relation => {
            let from = form.key_of("person").and_then(|key| key.parse().ok()).ok_or("nobody was chosen")?;
            doing(Command::RecordRelation(relation(tie(view.case.child, form)?, from)), "Tie recorded.", None)
        }
        Asking::Address => doing(Command::RecordAddress(address(form)), "Address recorded.", None),
        Asking::WithdrawConsent(consent) => doing(
            Command::WithdrawConsent { consent, by: words("by"), why: words("why") },
            "Recorded: withdrawn. Nothing leaves under it any more.",
            None,
        ),
        Asking::ConsentEvent(consent) => {
            let state = STATES.into_iter().find(|state| Some(state.words()) == form.key_of("state"));
            let event = ConsentEvent {
                event_time: cx.now.timestamp(),
                event_state: state.ok_or("nothing was chosen")?,
                entity: words("who"),
                event_type: words("how"),
            };
            doing(Command::MoveConsent { consent, event }, "Recorded beside the record.", None)
        }
        Asking::Withdraw(share) => vec![withdrawing(share, form)?],
        // The case has seen to it.
        Asking::Category => Vec::new(),
    })
}

fn answer_same(screen: &mut CaseScreen, asking: Asking, form: &Form) -> Result<Vec<Flow>, String> {
    Ok(match asking {
        Asking::Same(one) => {
            let (asking, flows) = same_sure(screen, one, form)?;
            screen.asking = Some(asking);
            flows
        }
        Asking::SameSure { one, other, why, not } if form.key_of("sure") == Some("yes") => {
            same(one, other, why, not)
        }
        _ => vec![Flow::Say("Not recorded.".to_owned())],
    })
}

/// Names both before it is recorded: a slip in a reference would mix two children's stories.
fn same_sure(screen: &CaseScreen, one: PersonId, form: &Form) -> Result<(Asking, Vec<Flow>), String> {
    let field = form.field("person").and_then(|field| field.picked.first()).ok_or("nobody was chosen")?;
    let other = field.choice.key.parse().map_err(|_| "nobody was chosen")?;
    let here = screen.network.people.iter().find(|(id, _)| *id == one).map(|(_, person)| person);
    let here = here.map_or_else(String::new, |here| format!("{}, {}", here.name(), text::born(here.born)));
    let not = form.key_of("way") == Some("not");
    let what = if not { "two people" } else { "one person" };
    let Choice { label, detail, .. } = &field.choice;
    let intro = format!("{here} ({one}); and {label}, {detail} ({other}): they are {what}.");
    let choices = vec![Choice::new("yes", "Yes, record it", ""), Choice::new("no", "No, not these two", "")];
    let sure = Form::new(vec![Field::choice("sure", "Are these the two?", choices).required()]);
    let why = form.text("why").to_owned();
    Ok((Asking::SameSure { one, other, why, not }, push(Dialog::new("Both records", &intro, sure))))
}

/// Says that two records are of one person, or that they are not.
fn same(one: PersonId, other: PersonId, why: String, not: bool) -> Vec<Flow> {
    let same = Command::MarkSame { one, other, why: why.clone() };
    let two = Command::MarkNotSame { one, other, why };
    match not {
        true => doing(two, "Recorded: they are two people.", Some(same)),
        false => doing(same, "Recorded: they are one person.", Some(two)),
    }
}

fn same_form() -> Form {
    let ways = vec![
        Choice::new("same", "They are the same person", "nothing is merged or lost"),
        Choice::new("not", "They are two people after all", "takes it back"),
    ];
    Form::new(vec![
        Field::choice("way", "What", ways).required().chosen("same"),
        Field::lookup("person", "Other record", false, Vec::new())
            .required()
            .help("Type part of the other name, or its reference, such as 1-42"),
        Field::line("why", "How you know").required().help("It stands in the record beside it"),
    ])
}

/// Records the tie of a person who has just been added.
pub(super) fn tie_now(tie: Option<Tie>, fact: Option<&FactId>) -> Vec<Flow> {
    let (Some(tie), Some(fact)) = (tie, fact) else { return Vec::new() };
    let command = Command::RecordRelation(relation(tie, PersonId(*fact)));
    vec![Flow::Do(Box::new(Doing {
        command,
        said: "Person added and tied to the child.".to_owned(),
        undo: None,
    }))]
}

fn amended(view: &CaseView, form: &Form) -> Case {
    let level = text::LEVELS.into_iter().find(|level| Some(text::level(*level)) == form.key_of("level"));
    Case {
        child: view.case.child,
        title: form.text("title").to_owned(),
        level: level.unwrap_or(view.case.level),
        lead: form.text("lead").to_owned(),
    }
}

fn tie(child: PersonId, form: &Form) -> Result<Tie, String> {
    let kind = text::RELATIONS.into_iter().find(|kind| Some(text::relation(*kind)) == form.key_of("tie"));
    let rules = [ContactRule::Open, ContactRule::Supervised, ContactRule::None];
    let contact = rules.into_iter().find(|rule| Some(text::contact(*rule)) == form.key_of("contact"));
    Ok(Tie {
        child,
        kind: kind.ok_or("no tie was chosen")?,
        responsible: form.key_of("pr") == Some("yes"),
        household: form.key_of("home") == Some("yes"),
        // What was not answered is treated as the most careful answer.
        contact: contact.unwrap_or(ContactRule::None),
    })
}

const fn relation(tie: Tie, from: PersonId) -> Relation {
    Relation {
        from,
        to: tie.child,
        kind: tie.kind,
        parental_responsibility: tie.responsible,
        same_household: tie.household,
        contact: tie.contact,
    }
}

fn born(form: &Form) -> Result<Option<Date>, String> {
    match form.text("born") {
        "" => Ok(None),
        typed => typed.parse().map(Some).map_err(|_| "the date of birth is not like 1988-05-21".to_owned()),
    }
}

fn amended_person(before: Person, form: &Form) -> Result<Person, String> {
    let phones = form.text("phones").split(';').map(str::trim).filter(|one| !one.is_empty());
    Ok(Person {
        given: form.text("given").to_owned(),
        family: form.text("family").to_owned(),
        preferred: Some(form.text("preferred").to_owned()).filter(|name| !name.is_empty()),
        born: born(form)?,
        phones: phones.map(str::to_owned).collect(),
        ..before
    })
}

fn person(form: &Form) -> Result<Person, String> {
    let born = born(form)?;
    let phone = form.text("phone");
    Ok(Person {
        kind: PersonKind::Family,
        given: form.text("given").to_owned(),
        family: form.text("family").to_owned(),
        preferred: None,
        also_known_as: Vec::new(),
        born,
        identifiers: Vec::new(),
        phones: if phone.is_empty() { Vec::new() } else { vec![phone.to_owned()] },
        emails: Vec::new(),
    })
}

fn address(form: &Form) -> Address {
    let people = form.field("lives").map(|field| field.picked.as_slice()).unwrap_or_default();
    Address {
        lines: form.text("lines").to_owned(),
        postcode: form.text("postcode").to_owned(),
        protected: form.key_of("protected") == Some("yes"),
        protected_from: form.text("from").to_owned(),
        people: people.iter().filter_map(|picked| picked.choice.key.parse().ok()).collect(),
    }
}
