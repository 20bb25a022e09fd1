//! Words that a received bundle withheld, released later: kept, and put into the entry that its record became.

use jiff::Timestamp;
use kith_protocol::{
    bundle::{Bundle, Record, Role, Span},
    supplement::{Supplement, with_released},
};

use super::{Context, Touched, received};
use crate::casework::{
    command::Refusal,
    entry::{Danger, Entry},
    fact::{Fact, SignedText, Supplied},
    ids::ReceivedId,
    supplied::{Became, Filed, Landed},
};

/// A document with what was released of it since in the gaps that were left for it.
pub(super) fn as_it_reads(document: &str, supplements: &[SignedText]) -> Result<Bundle, Refusal> {
    let unreadable = |why| Refusal::Unreadable { why };
    let mut bundle: Bundle = serde_json::from_str(document)
        .map_err(|_| unreadable("its document is of a form this kith does not know"))?;
    let supplements: Option<Vec<Supplement>> = supplements.iter().map(SignedText::supplement).collect();
    let supplements = supplements.ok_or_else(|| unreadable("a supplement to it does not read"))?;
    bundle.records = with_released(&bundle, &supplements)
        .map_err(|_| unreadable("a supplement to it does not fit any more"))?;
    Ok(bundle)
}

pub(super) fn taken(
    (id, number): (ReceivedId, usize),
    supplement: SignedText,
    touched: &Touched,
    at: &Context,
) -> Result<Vec<Fact>, Refusal> {
    let (received, filed, earlier) = match touched {
        Touched::Supplied { received, filed, earlier } => (received, filed, earlier),
        Touched::Gone => return Err(Refusal::AlreadyAnswered { what: "deleted" }),
        _ => return Err(Refusal::Changed),
    };
    if earlier.iter().any(|one| one.text == supplement.text) {
        return Err(Refusal::AlreadySupplied);
    }
    let before = as_it_reads(&received.document, earlier)?;
    let mut all = earlier.clone();
    all.push(supplement.clone());
    let after = as_it_reads(&received.document, &all)?;
    let place = number.checked_sub(1).ok_or(Refusal::Changed)?;
    let was = before.records.get(place).ok_or(Refusal::Changed)?;
    let is = after.records.get(place).ok_or(Refusal::Changed)?;
    let mut amended = None;
    let (filed, became) = match filed {
        Filed::NotYet => (None, Became::NotFiled),
        Filed::Destroyed => (None, Became::Destroyed),
        Filed::As { entry, versions } => {
            let entry_of = |record| received::entry(record, &after, received, Vec::new());
            let (now, mut fields) = merged(versions, &entry_of(was), &entry_of(is))?;
            fields.extend(beside(was, is));
            // Nothing was amended where all of it had been amended here before: the record alone has the words.
            if fields.iter().any(|field| field.amended.is_none()) {
                let why = format!("{} released words that it had withheld", received.from_name);
                amended = Some(Fact::EntryAmended { entry: *entry, now, why, names: Vec::new() });
            }
            (Some((*entry, received::as_sent(is, &after))), Became::Entry { entry: *entry, fields })
        }
    };
    let taken = Supplied { received: id, at: at.local, filed, became, supplement };
    Ok([Fact::SupplementTaken(taken)].into_iter().chain(amended).collect())
}

/// The entry with what changed in the record, and what became of each field that did. One that says something else here
/// stays as it is.
fn merged(versions: &[(Entry, Timestamp)], was: &Entry, is: &Entry) -> Result<(Entry, Vec<Landed>), Refusal> {
    let (ours, newest) = versions.last().ok_or(Refusal::Changed)?;
    let mut now = ours.clone();
    let mut texts_now = texts(&mut now);
    let mut landed = Vec::new();
    for ((field, was), (_, is)) in read(was).into_iter().zip(read(is)).filter(|(was, is)| was != is) {
        let here = texts_now.iter().position(|(name, text)| *name == field && **text == was);
        // Statements may have been put in another order.
        let here = here.or_else(|| {
            let statement = |name: &str| name.starts_with(STATEMENT) && field.starts_with(STATEMENT);
            texts_now.iter().position(|(name, text)| statement(name) && **text == was)
        });
        let amended = if let Some((_, text)) = here.and_then(|at| texts_now.get_mut(at)) {
            **text = is;
            None
        } else {
            Some(changed(versions, &field).unwrap_or(*newest))
        };
        landed.push(Landed { field, amended });
    }
    Ok((now, landed))
}

/// When a field was amended here last.
fn changed(versions: &[(Entry, Timestamp)], field: &str) -> Option<Timestamp> {
    let text = |entry| read(entry).into_iter().find(|(name, _)| name == field);
    let mut each = versions.iter().zip(versions.iter().skip(1));
    each.rfind(|((was, _), (is, _))| text(was) != text(is)).map(|(_, (_, at))| *at)
}

/// What is released beside the entry: who was there, and who recorded it. Nobody amends that here; the child's name is ours.
fn beside(was: &Record<Span>, is: &Record<Span>) -> Vec<Landed> {
    let people = was.people.iter().zip(&is.people).enumerate();
    let people = people.filter(|(_, (was, is))| is.role != Role::Subject && was.name != is.name);
    let people = people.map(|(at, _)| format!("person/{at}"));
    let (was, is) = (&was.recorded_by, &is.recorded_by);
    let by = [("by/name", was.name != is.name), ("by/role", was.role != is.role)];
    let by = by.into_iter().filter(|(_, differs)| *differs).map(|(field, _)| field.to_owned());
    people.chain(by).map(|field| Landed { field, amended: None }).collect()
}

const STATEMENT: &str = "statement/";

/// The texts of an entry that a record may withhold, under the names that gaps of a share have for theirs.
fn texts(entry: &mut Entry) -> Vec<(String, &mut String)> {
    let statements = entry.statements.iter_mut().enumerate();
    let danger = match &mut entry.danger {
        Danger::Yes { done } => Some(("danger", done)),
        Danger::No => None,
    };
    let source = &mut entry.source;
    let named = [
        ("source/name", &mut source.name),
        ("source/role", &mut source.role),
        ("source/agency", &mut source.agency),
        ("told", &mut entry.told),
        ("done", &mut entry.done),
        ("effect", &mut entry.effect),
    ];
    let named = named.into_iter().chain(danger).map(|(field, text)| (field.to_owned(), text));
    statements.map(|(at, one)| (format!("{STATEMENT}{at}"), &mut one.text)).chain(named).collect()
}

fn read(entry: &Entry) -> Vec<(String, String)> {
    texts(&mut entry.clone()).into_iter().map(|(field, text)| (field, text.clone())).collect()
}
