use std::collections::BTreeMap;

use jiff::civil::date;
use kith_protocol::bundle::{ConcernCategory, Role, StatementKind};

use super::*;
use crate::casework::{
    entry::{Danger, Entry, EntryKind, Involvement, Precision, Significance, Source, Statement, When},
    fact::Author,
    ids::{AddressId, EntryId, FactId, PersonId, RelationId},
    person::{
        Address, ContactRule, Identifier, IdentifierScheme, Person, PersonKind, Relation, RelationKind,
    },
    query::{Network, Stands},
};
use crate::sharing::{plan::Decision, tests::story::person};

fn fact(seq: u64) -> FactId {
    FactId { device: 1, seq }
}

fn pupil(given: &str, family: &str) -> Person {
    person(PersonKind::Pupil { year: "5".into(), class: "5B".into() }, given, family)
}

const JAMIE: PersonId = PersonId(FactId { device: 1, seq: 1 });

/// Jamie Oakes, their mother, and whoever else is given; those are of the family or in the entry only if said so.
struct Scene {
    registry: Registry,
    involved: Vec<Involvement>,
    source: Source,
    sector: Sector,
}

impl Scene {
    fn new() -> Self {
        let mut scene = Self {
            registry: Registry { subject: Some(JAMIE), ..Registry::default() },
            involved: vec![Involvement { person: JAMIE, role: Role::Subject }],
            source: Source { name: "Ms Lee".into(), role: "teacher".into(), agency: "Elm Park".into() },
            sector: Sector::School,
        };
        let mut jamie = pupil("Jamie", "Oakes");
        jamie.identifiers.push(Identifier { scheme: IdentifierScheme::Nhs, value: "943 476 5870".into() });
        scene.registry.near.people.push((JAMIE, jamie));
        scene.relative(person(PersonKind::Family, "Dana", "Oakes"), RelationKind::Mother, ContactRule::Open);
        scene
    }

    fn next(&self) -> PersonId {
        PersonId(fact(10 + (self.registry.near.people.len() + self.registry.named.len()) as u64))
    }

    fn relative(&mut self, person: Person, kind: RelationKind, contact: ContactRule) -> PersonId {
        let id = self.next();
        self.registry.near.people.push((id, person));
        let relation = Relation {
            from: id,
            to: JAMIE,
            kind,
            parental_responsibility: false,
            same_household: false,
            contact,
        };
        self.registry.near.relations.push((RelationId(id.0), relation));
        id
    }

    fn involved(mut self, person: Person, role: Role) -> Self {
        let id = self.next();
        self.registry.near.people.push((id, person));
        self.involved.push(Involvement { person: id, role });
        self
    }

    fn known(mut self, person: Person) -> Self {
        self.registry.named.push((self.next(), person));
        self
    }

    fn address(mut self, lines: &str, postcode: &str, protected: bool) -> Self {
        let address = Address {
            lines: lines.into(),
            postcode: postcode.into(),
            protected,
            protected_from: if protected { "Darren Pike, by court order".into() } else { String::new() },
            people: vec![JAMIE],
        };
        self.registry.near.addresses.push((AddressId(fact(90)), address));
        self
    }

    fn view(&self, text: &str) -> EntryView {
        let name = |one: &Involvement| {
            self.registry.near.people.iter().find(|(id, _)| *id == one.person).unwrap().1.name()
        };
        EntryView {
            sent: None,
            id: EntryId(fact(50)),
            entry: Entry {
                kind: EntryKind::Note,
                people: self.involved.clone(),
                happened: When { at: date(2026, 3, 2).at(10, 0, 0, 0), precision: Precision::Exact },
                category: ConcernCategory::Welfare,
                source: self.source.clone(),
                statements: vec![Statement { kind: StatementKind::ObservedFact, text: text.into() }],
                danger: Danger::No,
                told: String::new(),
                done: String::new(),
                effect: String::new(),
                significance: Significance::Low,
                attachments: Vec::new(),
            },
            names: self.involved.iter().map(name).collect(),
            recorded: "2026-03-02T10:30:00Z".parse().unwrap(),
            by: Author { name: "Amira Khan".into(), role: "DSL".into() },
            stands: Stands {
                fact: fact(50),
                by: Author { name: "Amira Khan".into(), role: "DSL".into() },
                names: self.involved.iter().map(name).collect(),
            },
            case: None,
            triage: None,
            earlier: Vec::new(),
        }
    }

    fn all(&self, text: &str, decisions: BTreeMap<SpanId, Decision>) -> Vec<Suggestion> {
        let choices = ShareChoices { decisions, ..ShareChoices::default() };
        suggest(&self.registry, &[self.view(text)], &choices, (self.sector, date(2026, 3, 9))).0
    }

    /// The stretches of the narrative that are suggested.
    fn texts(&self, text: &str) -> Vec<String> {
        let spans = self.all(text, BTreeMap::new()).into_iter().filter(|one| one.id.field == "statement/0");
        spans.map(|one| one.text).collect()
    }
}

#[test]
fn other_children_are_suggested_and_the_child_is_not() {
    let scene = Scene::new().involved(pupil("Ryan", "Field"), Role::AllegedInstigator);
    let text = "Jamie Oakes said Ryan Field took it; RYAN laughed. Ryan’s bag, Jamie's coat. (R. Field)";
    assert_eq!(scene.texts(text), ["Ryan Field", "RYAN", "Ryan", "R. Field"]);
    let first = &scene.all(text, BTreeMap::new())[0];
    assert_eq!((first.id.field.as_str(), first.text.as_str()), ("person/1", "Ryan Field"));
    assert_eq!(first.code, Reason::ThirdPartyChild);
    assert!(!first.blocks && first.why.contains("another child"));
}

#[test]
fn names_with_apostrophes_accents_and_hyphens_in_every_spelling() {
    let scene = Scene::new()
        .involved(pupil("Zoë", "O'Neill"), Role::Witness)
        .involved(pupil("Anne-Marie", "Šimůnková"), Role::Witness);
    for text in [
        "Zoë O’Neill",
        "zoe oneill",
        "ZOE O NEILL",
        "Zoe\u{308} O'Neill",
        "Anne Marie Simunkova",
        "Anne-Marie",
        "O`Neill",
    ] {
        assert_eq!(scene.texts(&format!("saw {text}’s bag")), [text], "{text}");
    }
}

#[test]
fn the_longest_match_wins_and_spans_do_not_overlap() {
    let scene = Scene::new()
        .involved(pupil("Ann", "Bell"), Role::Witness)
        .known(pupil("Ann", "Bellamy"))
        .known(pupil("Bellamy", "Ann"));
    assert_eq!(scene.texts("then Ann Bellamy left"), ["Ann Bellamy"]);
    assert_eq!(scene.texts("planning to see Ann Bell"), ["Ann Bell"]);
}

#[test]
fn a_name_the_child_shares_stands_unless_the_other_child_is_in_the_entry() {
    let stranger = Scene::new().known(pupil("Jamie", "Reyes"));
    assert_eq!(stranger.texts("then Jamie left; Jamie Reyes stayed"), ["Jamie Reyes"]);
    let involved = Scene::new().involved(pupil("Jamie", "Reyes"), Role::Witness);
    assert_eq!(involved.texts("then Jamie left"), ["Jamie"]);
}

#[test]
fn words_that_are_also_names_need_to_be_written_as_names() {
    let scene = Scene::new().known(pupil("Will", "Grace")).known(pupil("Mark", "Asante"));
    for quiet in
        ["Will he come? He will.", "a mark on his arm. Mark the date: Will pay.", "may she say grace"]
    {
        assert_eq!(scene.texts(quiet), Vec::<String>::new(), "{quiet}");
    }
    assert_eq!(
        scene.texts("Will Grace hit him. Then Will ran, and Mark too."),
        ["Will Grace", "Will", "Mark"]
    );
    let involved = Scene::new().involved(pupil("Will", "Asante"), Role::AllegedInstigator);
    assert_eq!(involved.texts("Will hit him. He will again."), ["Will"]);
}

#[test]
fn names_of_one_letter_and_of_two_hundred() {
    let long = "Ab".repeat(100);
    let scene =
        Scene::new().involved(pupil("J", "Kale"), Role::Witness).involved(pupil(&long, "Li"), Role::Witness);
    assert_eq!(scene.texts("plan J was made; J Kale came"), ["J Kale"]);
    assert_eq!(scene.texts(&format!("with {long} Li")), [format!("{long} Li")]);
}

#[test]
fn family_names_alone_titles_and_other_names() {
    let mut dana = person(PersonKind::Other, "Marek", "Brzezinski");
    dana.also_known_as = vec!["Razor".into(), "Marko Nowak".into()];
    let scene = Scene::new().involved(dana, Role::Mentioned);
    let text = "Mr Brzezinski, known as Razor or Marko Nowak; the Brzezinski boy";
    assert_eq!(scene.texts(text), ["Mr Brzezinski", "Razor", "Marko Nowak", "Brzezinski"]);
    // The child's own family name by itself tells nothing.
    assert_eq!(Scene::new().texts("the Oakes family"), Vec::<String>::new());
}

#[test]
fn family_and_staff_by_recipient_and_role() {
    let mut scene = Scene::new();
    let text = "Dana Oakes rang; Mrs Oakes cried. Ms Lee saw it";
    assert_eq!(scene.texts(text), ["Dana Oakes", "Mrs Oakes"]);
    scene.sector = Sector::SocialCare;
    assert_eq!(scene.texts(text), Vec::<String>::new());
    let staff = || person(PersonKind::Staff { role: "TA".into() }, "Priya", "Patel");
    let witness = Scene::new().involved(staff(), Role::Witness);
    assert_eq!(witness.texts("Ms Patel saw it"), Vec::<String>::new());
    let informant = Scene::new().involved(staff(), Role::Reporter);
    assert_eq!(informant.texts("Ms Patel saw it"), ["Ms Patel"]);
}

#[test]
fn protected_addresses_block_in_all_their_parts() {
    let scene = Scene::new().address("Flat 2, 14 Harbour Road\nNorthport", "NP1 4QT", true);
    let found = scene.all("lives at 14, harbour rd, Northport NP14QT now (Harbour Road)", BTreeMap::new());
    let texts: Vec<_> = found.iter().map(|one| (one.text.as_str(), one.blocks)).collect();
    assert_eq!(texts, [("14, harbour rd, Northport NP14QT", true), ("Harbour Road", true)]);
    assert!(found[0].why.contains("court order"));
    let open = Scene::new().address("14 Harbour Road\nNorthport", "NP1 4QT", false);
    let found = open.all("lives at 14 Harbour Road NP1 4QT", BTreeMap::new());
    assert!(found.len() == 1 && found.iter().all(|one| !one.blocks && one.code == Reason::ContactOrAddress));
}

#[test]
fn an_address_is_one_stretch_from_the_flat_to_the_postcode() {
    let scene = Scene::new().address("Flat 2, 14 Larkfield Rise, Northshire", "NX4 7QT", true);
    let whole = "Flat 2, 14 Larkfield Rise, NX4 7QT";
    for text in [
        format!("They have their own flat: {whole}."),
        format!("They moved to {whole} in May. Flat 2 is cold."),
    ] {
        let found = scene.all(&text, BTreeMap::new());
        let texts: Vec<_> = found.iter().map(|one| (one.text.as_str(), one.blocks)).collect();
        assert_eq!(texts, [(whole, true)], "{text}");
    }
    let found =
        scene.all("at flat 2 14 Larkfield Rise,\nNorthshire,\nNX4 7QT. Postcode NX4 7QT", BTreeMap::new());
    let texts: Vec<_> = found.iter().map(|one| one.text.as_str()).collect();
    assert_eq!(texts, ["flat 2 14 Larkfield Rise,\nNorthshire,\nNX4 7QT", "NX4 7QT"]);
    // Two addresses are two, and what is no town stands.
    let found = scene.all("14 Larkfield Rise, then seen near NX4 7QT", BTreeMap::new());
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn contact_details_of_somebody_shielded_by_a_no_contact_rule_block() {
    let mut scene = Scene::new().address("3 Mill Lane", "NP2 2AA", false);
    let father =
        scene.relative(person(PersonKind::Family, "Darren", "Pike"), RelationKind::Father, ContactRule::None);
    let (_, jamie) = &mut scene.registry.near.people[0];
    jamie.phones.push("07700 900123".into());
    let found = scene.all("at 3 Mill Lane or +44 7700 900 123", BTreeMap::new());
    assert!(found.len() == 2 && found.iter().all(|one| one.blocks), "{found:?}");
    assert!(found[0].why.contains("Darren Pike must have no contact with Jamie Oakes"));
    // Where the other lives too, the address is no secret from them.
    scene.registry.near.addresses[0].1.people.push(father);
    assert!(scene.all("at 3 Mill Lane", BTreeMap::new()).iter().all(|one| !one.blocks));
}

#[test]
fn numbers_by_their_form_and_by_their_owner() {
    let mut other = pupil("Ryan", "Field");
    other.born = Some(date(2016, 4, 5));
    other
        .identifiers
        .push(Identifier { scheme: IdentifierScheme::LocalAuthorityChildId, value: "LA-77413".into() });
    let scene = Scene::new().involved(other, Role::Witness);
    let text = "NHS 943 476 5870, ring 01632 960123, a.b@example.org, B801200005001, born 5/4/2016, la-77413";
    assert_eq!(
        scene.texts(text),
        ["01632 960123", "a.b@example.org", "B801200005001", "5/4/2016", "la-77413"]
    );
}

#[test]
fn what_was_marked_once_is_asked_about_everywhere() {
    let scene = Scene::new();
    let text = "the caravan site; he hid at the Caravan Site again";
    let id = SpanId { entry: EntryId(fact(50)), field: "statement/0".into(), start: 4, end: 16 };
    let found = scene.all(text, BTreeMap::from([(id, Decision::Withhold(Reason::NotRelevant))]));
    let texts: Vec<_> = found.iter().map(|one| one.text.as_str()).collect();
    assert_eq!(texts, ["caravan site", "Caravan Site"]);
    assert!(found.iter().all(|one| one.code == Reason::NotRelevant));
}

#[test]
fn a_source_without_an_agency_may_be_an_informant() {
    let mut scene = Scene::new();
    scene.source = Source { name: "Mrs Field".into(), role: "neighbour".into(), agency: String::new() };
    let found = scene.all("noise at night", BTreeMap::new());
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].text.as_str(), found[0].code.clone()), ("Mrs Field", Reason::Informant));
}

proptest::proptest! {
    #[test]
    fn spans_are_in_order_apart_and_on_char_boundaries(text in "(Ryan|Field|O'N|é|ﬁ|will |Will |\\. |[ -~]|\\PC){0,40}") {
        let scene = Scene::new().involved(pupil("Ryan", "Field"), Role::Witness).known(pupil("Will", "ﬁé"));
        let mut end = 0;
        for one in scene.all(&text, BTreeMap::new()).into_iter().filter(|one| one.id.field == "statement/0") {
            let range = one.id.start as usize..one.id.end as usize;
            assert!(range.start >= end);
            assert_eq!(text.get(range.clone()), Some(one.text.as_str()));
            end = range.end;
        }
    }
}

#[test]
fn networks_start_empty() {
    let empty = Registry { near: Network::default(), ..Registry::default() };
    assert_eq!(
        suggest(&empty, &[], &ShareChoices::default(), (Sector::Police, date(2026, 1, 1))),
        Suggestions::default()
    );
}

#[test]
fn a_file_is_asked_about_for_what_its_attributes_say_and_for_nothing_of_its_program() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/attachments/");
    let scene = Scene::new().involved(pupil("Ryan", "Field"), Role::AllegedInstigator);
    for name in ["boiler.docx", "boiler.odt", "rooms.xlsx", "rooms.ods"] {
        let whole = std::fs::read(format!("{folder}{name}")).unwrap();
        let inside = crate::sharing::inside::look("application/octet-stream", &whole);
        assert!(inside.text.contains("Hall") || inside.text.contains("Room"), "{name}");
        assert_eq!((scene.texts(&inside.text), inside.unsearched.as_str()), (vec![], ""), "{name}");
        let copy = inside.cleaned.unwrap().bytes;
        assert_eq!(crate::sharing::inside::look("application/octet-stream", &copy).cleaned, None, "{name}");
    }
    let told = crate::sharing::inside::look(
        "application/octet-stream",
        &std::fs::read(format!("{folder}variable.docx")).unwrap(),
    );
    assert_eq!(scene.texts(&told.text), ["Kian Tranter", "07700 900123", "Ryan Field", "07700 900456"]);
}

/// What is suggested in the text of a file, and whether it may never leave.
fn in_file(scene: &Scene, text: &str) -> Vec<(String, bool)> {
    let mut registry = scene.registry.clone();
    registry.files.insert(Digest::of(b"file"), Inside::default());
    let choices = ShareChoices::default();
    let entries = [scene.view("")];
    let finder = Finder::new(&registry, &entries, &choices, (scene.sector, date(2026, 3, 9)));
    let hits = finder.hits_in_file(text).into_iter();
    hits.filter_map(|hit| Some((text[hit.at].to_owned(), hit.withhold?.blocks))).collect()
}

#[test]
fn spaced_letters_hide_nobody_whom_the_casebook_knows_in_a_file() {
    let mut alfie = pupil("Alfie", "Stubbs");
    alfie.phones.push("07700 900123".into());
    alfie.emails.push("al.fie@example.org".into());
    alfie.identifiers.push(Identifier { scheme: IdentifierScheme::Upn, value: "B801200005001".into() });
    let scene = Scene::new().known(alfie).address("Flat 2, 14 Larkfield Rise", "NX4 7QT", true);
    let downwards = "S\nt\nu\nb\nb\ns\n,\nA\nl\nf\ni\ne";
    for (text, found, blocks) in [
        ("at A l f i e S t u b b s now", "A l f i e S t u b b s", false),
        ("at A l f i e   S t u b b s\u{2019} bag", "A l f i e   S t u b b s", false),
        ("at Al fie St ubbs now", "Al fie St ubbs", false),
        (downwards, downwards, false),
        ("theAlfieStubbsthing", "AlfieStubbs", false),
        ("1 4 L a r k f i e l d R i s e", "1 4 L a r k f i e l d R i s e", true),
        ("L arkfield R ise", "L arkfield R ise", true),
        ("N X 4 7 Q T", "N X 4 7 Q T", true),
        ("0 7 7 0 0 9 0 0 1 2 3", "0 7 7 0 0 9 0 0 1 2 3", false),
        ("+ 4 4 7 7 0 0 9 0 0 1 2 3", "+ 4 4 7 7 0 0 9 0 0 1 2 3", false),
        ("a l . f i e @ e x a m p l e . o r g", "a l . f i e @ e x a m p l e . o r g", false),
        ("B 8 0 1 2 0 0 0 0 5 0 0 1", "B 8 0 1 2 0 0 0 0 5 0 0 1", false),
    ] {
        let hits = in_file(&scene, text);
        assert!(hits.contains(&(found.to_owned(), blocks)), "{text}: {hits:?}");
    }
}

#[test]
fn ordinary_words_make_no_names_without_their_blanks() {
    let scene = Scene::new()
        .known(pupil("Ann", "Lee"))
        .known(pupil("Dan", "King"))
        .known(pupil("Jo", "Li"))
        .known(pupil("Wil", "Lowe"));
    for text in [
        "the plan needed a jordanking map, so he ran. leeway",
        "joli flowers; j oli jo lifted it, will owen it",
        "hannahleered; he is as dank in grey as a meal",
        "she had to wil. lowed",
    ] {
        assert_eq!(in_file(&scene, text), [], "{text}");
    }
    assert_eq!(in_file(&scene, "saw Dan King").len(), 1, "once, however it is looked for");
}

#[test]
fn letters_by_themselves_may_make_names() {
    let words = blanks::spelt("saw A l f i e S t u b b s\nY N");
    assert!(["Alfie", "Stubbs"].iter().all(|name| words.split(' ').any(|word| word == *name)), "{words}");
    assert_eq!(blanks::spelt("nobody has A to D"), "");
    assert!(blanks::spelt(&"a b c d e f g h ".repeat(10_000)).len() < 100_000);
}
