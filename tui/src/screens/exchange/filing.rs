//! Filing a bundle: into a case, to a child without one, or as a child we did not know.

use kith_protocol::bundle::{self, Child};

use crate::{
    casework::{
        case::{Case, LevelOfNeed},
        command::FileInto,
        identifier::{check_nhs, check_upn},
        person::{Identifier, IdentifierScheme, Person, PersonKind},
        query::ReceivedView,
    },
    screens::{Cx, lookup},
    text,
    widgets::form::{Choice, Field, Form, Picked},
};

/// The ways that open a case.
const OPENED: &[&str] = &["child", "new"];

/// The fields; the child who is meant is chosen beforehand, and the best match is offered first.
pub(super) fn form(view: &ReceivedView, cx: &Cx<'_>) -> Form {
    let ways = vec![
        Choice::new("case", "Into an open case", "choose it below"),
        Choice::new("child", "To a child we know", "opens a case"),
        Choice::new("new", "A child new to us", "adds the child and opens a case"),
    ];
    let levels =
        LEVELS.map(|level| Choice::new(text::level(level), text::level(level), text::level_help(level)));
    let mut case = Field::lookup("case", "Case", false, Vec::new())
        .help("For an open case: type part of the child's name");
    // As anybody of whom a case can be opened: at the police a child is no pupil.
    let mut child = Field::lookup("person", "Child", false, Vec::new())
        .help("For a child we know: type part of the name");
    let offers = |row: &&crate::casework::query::PersonRow| row.case.is_some();
    let with_case = view.matches.iter().filter(offers).filter_map(|row| {
        let choice = lookup::person(row);
        row.case.map(|id| Choice::new(id, &choice.label, &choice.detail))
    });
    case.found(with_case.collect());
    child.found(view.matches.iter().map(lookup::person).collect());
    let (given, family) = view.received.child.rsplit_once(' ').unwrap_or((&view.received.child, ""));
    // What is likeliest is chosen beforehand; each way asks only for what it needs.
    // Where only part of it agrees, somebody must say.
    let meant = view.matches.iter().find(|row| Some(row.id) == view.meant);
    let likeliest = match meant {
        Some(row) if row.case.is_some() => "case",
        Some(_) => "child",
        None if view.matches.is_empty() => "new",
        None => "",
    };
    if let Some(row) = meant {
        let choice = lookup::person(row);
        let case_of = |id| picked(Choice::new(id, &choice.label, &choice.detail));
        case.picked = row.case.map(case_of).into_iter().collect();
        child.picked = vec![picked(choice.clone())];
    }
    let level = Field::choice("level", "Level of need", levels.to_vec())
        .chosen(text::level(as_sent(view)))
        .help("As they sent it; another level is yours to assess, and nobody need")
        .when("way", OPENED);
    Form::new(vec![
        Field::choice("way", "Where", ways).required().chosen(likeliest),
        case.required().when("way", &["case"]),
        child.required().when("way", &["child"]),
        Field::line("given", "Given name").required().with(given).when("way", &["new"]),
        Field::line("family", "Family name").with(family).when("way", &["new"]),
        Field::line("born", "Born")
            .with(&born(view))
            .help("Year-month-day, as they sent it")
            .when("way", &["new"]),
        Field::line("title", "Title").required().with(&view.received.purpose).when("way", OPENED),
        Field::line("lead", "Lead").required().with(cx.user()).when("way", OPENED),
        Field { note: said_level(view).map_or(String::new(), |said| format!("they said: {said}")), ..level },
    ])
}

const fn picked(choice: Choice) -> Picked {
    Picked { choice, part: None }
}

/// Every level, and none: an agency that files what another sent need not assess it.
const LEVELS: [LevelOfNeed; 5] = [
    LevelOfNeed::NotAssessed,
    LevelOfNeed::Universal,
    LevelOfNeed::EarlyHelp,
    LevelOfNeed::ChildInNeed,
    LevelOfNeed::ChildProtection,
];

/// The level of need, in the sender's words.
fn said_level(view: &ReceivedView) -> Option<String> {
    let document: serde_json::Value = serde_json::from_str(&view.received.document).ok()?;
    document.pointer("/consent/safeguarding/level_of_need")?.as_str().map(str::to_owned)
}

/// The level that the sender said, where it is one of ours. What it may mean otherwise is not guessed.
fn as_sent(view: &ReceivedView) -> LevelOfNeed {
    let said = said_level(view).unwrap_or_default();
    LEVELS.into_iter().find(|level| text::level(*level) == said).unwrap_or(LevelOfNeed::NotAssessed)
}

/// The child as the bundle has them.
fn sent(view: &ReceivedView) -> Option<Child> {
    let document: serde_json::Value = serde_json::from_str(&view.received.document).ok()?;
    serde_json::from_value(document.pointer("/children/0")?.clone()).ok()
}

/// The date of birth that came with the bundle.
fn born(view: &ReceivedView) -> String {
    sent(view).and_then(|child| child.born).map_or(String::new(), |born| born.to_string())
}

/// A number of theirs as ours; none where its check letter or digit does not fit, so that nobody is found by it.
fn number(one: &bundle::Identifier) -> Option<Identifier> {
    use IdentifierScheme::{LocalAuthorityChildId, Nhs, Other, PoliceReference, Upn};
    let known = [
        ("UPN", Upn),
        ("NHS number", Nhs),
        ("local authority child id", LocalAuthorityChildId),
        ("police reference", PoliceReference),
    ];
    let scheme = known.into_iter().find(|(kind, _)| *kind == one.kind).map_or(Other, |(_, scheme)| scheme);
    let value = match scheme {
        Upn => check_upn(&one.value).ok()?,
        Nhs => check_nhs(&one.value).ok()?,
        LocalAuthorityChildId | PoliceReference | Other => one.value.clone(),
    };
    Some(Identifier { scheme, value })
}

/// Where the answered form says it goes.
pub(super) fn read(form: &Form, view: Option<&ReceivedView>) -> Result<FileInto, String> {
    let sent = view.and_then(sent);
    let level = LEVELS.into_iter().find(|level| Some(text::level(*level)) == form.key_of("level"));
    let words = |id: &str| form.text(id).to_owned();
    let level = level.unwrap_or(LevelOfNeed::NotAssessed);
    match form.key_of("way") {
        Some("case") => {
            let case = form.key_of("case").and_then(|key| key.parse().ok()).ok_or("choose the case")?;
            Ok(FileInto::Case(case))
        }
        Some("child") => {
            let child = form.key_of("person").and_then(|key| key.parse().ok()).ok_or("choose the child")?;
            Ok(FileInto::Child {
                child,
                case: Case { child, title: words("title"), level, lead: words("lead") },
            })
        }
        _ => Ok(FileInto::NewChild {
            person: Person {
                kind: PersonKind::Pupil { year: String::new(), class: String::new() },
                given: words("given"),
                family: words("family"),
                preferred: None,
                also_known_as: sent.as_ref().map(|child| child.also_known_as.clone()).unwrap_or_default(),
                born: form.text("born").parse().ok(),
                identifiers: sent.iter().flat_map(|child| &child.identifiers).filter_map(number).collect(),
                phones: Vec::new(),
                emails: Vec::new(),
            },
            title: words("title"),
            level,
            lead: words("lead"),
        }),
    }
}
