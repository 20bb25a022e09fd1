//! Words beside which a name stands: titles, offices, kin, speech, and what makes a place of it.

pub(super) const TITLES: [&str; 26] = [
    "mr", "mrs", "ms", "miss", "mx", "rev", "reverend", "pastor", "imam", "lady", "senora", "senor", "uncle",
    "auntie", "aunty", "aunt", "nan", "nana", "nanny", "granny", "gran", "grandma", "grandad", "grandpa",
    "mama", "cousin",
];
/// Titles that people write small as well: `nan Pat`, `mrs Patel`.
pub(super) const SMALL_TITLES: [&str; 16] = [
    "uncle", "auntie", "aunty", "aunt", "nan", "nana", "nanny", "granny", "gran", "grandma", "grandad",
    "grandpa", "cousin", "mr", "mrs", "ms",
];
pub(super) const OFFICES: [&str; 30] = [
    "pc",
    "dc",
    "ds",
    "di",
    "dci",
    "dr",
    "doctor",
    "sgt",
    "sergeant",
    "inspector",
    "insp",
    "constable",
    "pcso",
    "nurse",
    "midwife",
    "judge",
    "prof",
    "professor",
    "officer",
    "worker",
    "visitor",
    "chair",
    "iro",
    "idva",
    "isva",
    "headteacher",
    "lado",
    "paramedic",
    "councillor",
    "cllr",
];
/// Before a name, also one that is nothing but a word.
pub(super) const CALLED: [&str; 13] = [
    "called",
    "named",
    "call",
    "calls",
    "nicknamed",
    "aka",
    "known",
    "name",
    "surname",
    "alias",
    "himself",
    "herself",
    "nickname",
];
pub(super) const CHILDREN: [&str; 14] = [
    "friend",
    "friends",
    "classmate",
    "pupil",
    "boy",
    "girl",
    "lad",
    "brother",
    "sister",
    "son",
    "daughter",
    "boyfriend",
    "girlfriend",
    "twin",
];
pub(super) const ADULTS: [&str; 14] = [
    "mum",
    "mother",
    "dad",
    "father",
    "partner",
    "neighbour",
    "man",
    "woman",
    "husband",
    "wife",
    "parent",
    "carer",
    "landlord",
    "caretaker",
];
/// What people do; after a word with a capital it says that the word is a person.
pub(super) const SPEECH: [&str; 44] = [
    "said", "says", "told", "tells", "asked", "asks", "rang", "replied", "shouted", "cried", "laughed",
    "wants", "wanted", "thinks", "thought", "saw", "hit", "pushed", "ran", "came", "went", "threw", "took",
    "gave", "knows", "lives", "lived", "denied", "denies", "added", "wrote", "posted", "messaged", "texted",
    "kicked", "punched", "grabbed", "called", "did", "does", "has", "had", "is", "was",
];
/// The last of [`SPEECH`] may follow things as well.
pub(super) const SURELY: usize = 38;
/// Before somebody to whom something is done.
pub(super) const TOWARDS: [&str; 22] = [
    "with", "and", "by", "told", "asked", "saw", "hit", "pushed", "against", "near", "beside", "kicked",
    "to", "from", "for", "met", "hates", "likes", "loves", "blamed", "but", "that",
];
pub(super) const MONTHS: [&str; 4] = ["april", "may", "june", "august"];
/// After a name these make it a place.
pub(super) const PLACES: [&str; 17] = [
    "academy", "primary", "school", "college", "nursery", "centre", "hospital", "surgery", "church", "hotel",
    "station", "hall", "castle", "bridge", "police", "council", "juniors",
];
