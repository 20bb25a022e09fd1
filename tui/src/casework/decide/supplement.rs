//! Words that a received bundle withheld, released later: kept, and put into the entry that its record became.

use kith_protocol::{
    bundle::Bundle,
    supplement::{Supplement, with_released},
};

use super::{Context, Touched, received};
use crate::casework::{
    command::Refusal,
    entry::Entry,
    fact::{Fact, SignedText, Supplied},
    ids::ReceivedId,
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
    let (received, entry, earlier) = match touched {
        Touched::Supplied { received, entry, earlier } => (received, entry, earlier),
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
    let record = after.records.get(place).ok_or(Refusal::Changed)?;
    let filed = entry.as_ref().map(|(entry, _)| (*entry, received::as_sent(record, &after)));
    let taken = Supplied { received: id, at: at.local, filed, supplement };
    let mut facts = vec![Fact::SupplementTaken(taken)];
    if let Some((entry, ours)) = entry {
        let was = before.records.get(place).ok_or(Refusal::Changed)?;
        let read = |record| received::entry(record, &after, received, ours.people.clone());
        let now = merged(ours, &read(was), read(record));
        // Nothing was amended where all of it had been amended here before: the record alone has the words.
        if now != **ours || received::as_sent(was, &before) != received::as_sent(record, &after) {
            let why = format!("{} released words that it had withheld", received.from_name);
            facts.push(Fact::EntryAmended { entry: *entry, now, why, names: Vec::new() });
        }
    }
    Ok(facts)
}

/// Our entry with what changed in theirs. A text that somebody here amended stays as they left it.
fn merged(ours: &Entry, was: &Entry, is: Entry) -> Entry {
    let mut now = ours.clone();
    let text = |ours: &mut String, was: &str, is: String| {
        if ours == was {
            *ours = is;
        }
    };
    text(&mut now.source.name, &was.source.name, is.source.name);
    text(&mut now.source.role, &was.source.role, is.source.role);
    text(&mut now.source.agency, &was.source.agency, is.source.agency);
    for ((ours, was), is) in now.statements.iter_mut().zip(&was.statements).zip(is.statements) {
        text(&mut ours.text, &was.text, is.text);
    }
    if now.danger == was.danger {
        now.danger = is.danger;
    }
    text(&mut now.told, &was.told, is.told);
    text(&mut now.done, &was.done, is.done);
    text(&mut now.effect, &was.effect, is.effect);
    now
}
