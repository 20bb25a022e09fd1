//! Words for what the screens show: states, dates, counts. States are words first; colour only repeats them.

use jiff::{
    Timestamp, Zoned,
    civil::{Date, DateTime, Time},
    tz::TimeZone,
};
use kith_protocol::receipt::ReceiptKind;

use crate::casework::{
    case::LevelOfNeed,
    command::Fault,
    entry::{EntryKind, NamedPerson, Precision, Significance, When},
    fact::ShareEnd,
    ids::PersonId,
    person::{ContactRule, IdentifierScheme, Person, PersonKind, RelationKind},
    query::{SameMark, ShareState},
    retention::{Disposed, Verdict},
};
use crate::flow::Progress;

/// A date in full: `Friday 14 March 2025`.
#[must_use]
pub fn full_date(date: Date) -> String {
    date.strftime("%A %-d %B %Y").to_string()
}

/// `14 March 2025`.
#[must_use]
pub fn date(date: Date) -> String {
    date.strftime("%-d %B %Y").to_string()
}

/// A date for a narrow column: `14 Mar`, with the year when it is another one.
#[must_use]
pub fn short_date(date: Date, today: Date) -> String {
    let form = if date.year() == today.year() { "%-d %b" } else { "%-d %b %y" };
    date.strftime(form).to_string()
}

/// A time for a narrow column: `09:12` today, `12 Mar 09:05` else; `(about)` and the bare day are said.
#[must_use]
pub fn short_when(at: DateTime, precision: Precision, today: Date) -> String {
    let day = short_date(at.date(), today);
    let clock = at.strftime("%H:%M");
    match precision {
        Precision::Exact => format!("{day} {clock}"),
        Precision::About if at.time() == Time::midnight() => format!("{day} (about)"),
        Precision::About => format!("{day} ~{clock}"),
        Precision::Day => day,
    }
}

/// A time in full: `Friday 14 March 2025, 09:05`.
#[must_use]
pub fn when(when: When) -> String {
    crate::casework::typed_time::in_words(&when)
}

/// A moment in the school's own time: `14 March 2025, 09:05`.
#[must_use]
pub fn moment(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%-d %B %Y, %H:%M").to_string()
}

/// A moment for a narrow column.
#[must_use]
pub fn short_moment(at: Timestamp, now: &Zoned) -> String {
    let at = at.to_zoned(now.time_zone().clone());
    if at.date() == now.date() {
        at.strftime("%H:%M").to_string()
    } else {
        format!("{} {}", short_date(at.date(), now.date()), at.strftime("%H:%M"))
    }
}

/// `OVERDUE 2d`, `TODAY`, `Tue`, `21 Mar`.
#[must_use]
pub fn due(due: Date, today: Date) -> String {
    let days = (due - today).get_days();
    match days {
        ..0 => format!("OVERDUE {}d", -days),
        0 => "TODAY".to_owned(),
        1 => "tomorrow".to_owned(),
        2..7 => due.strftime("%a").to_string(),
        _ => short_date(due, today),
    }
}

/// `1 entry`, `3 entries`: a count with the right word.
#[must_use]
pub fn count(n: u64, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

/// How a file stands under the rules of retention, in a word or two.
#[must_use]
pub const fn verdict(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Due { .. } => "DUE",
        Verdict::NotYet { .. } => "NOT YET",
        Verdict::Held(_) => "HELD",
        Verdict::Unfinished(_) => "UNFINISHED",
        Verdict::Undated => "UNDATED",
        Verdict::AwaitsReceipt { .. } => "NO RECEIPT",
        Verdict::Keep => "KEPT",
    }
}

/// A disposal in a line.
#[must_use]
pub fn disposed(disposed: &Disposed) -> String {
    let facts = count(disposed.facts.len() as u64, "fact", "facts");
    let (one, other) = (&disposed.proposed_by.name, &disposed.approved_by.name);
    let again = if disposed.replayed { ", again" } else { "" };
    format!("{facts}{again}, by {one} and {other}, {}", disposed.rule.words())
}

/// What is to be said when a casebook opens: disposals were carried out again on an older one, or could not be. A list
/// that cannot be read must not keep anybody from the records.
#[must_use]
pub fn disposals(replayed: Result<usize, impl std::fmt::Display>) -> Option<String> {
    match replayed {
        Ok(0) => None,
        Ok(n) => {
            let disposals = count(n as u64, "disposal", "disposals");
            Some(format!(
                "An older casebook was put back: {disposals} replayed. What they destroyed is gone again."
            ))
        }
        Err(error) => Some(format!("What was destroyed may be here again: {error}")),
    }
}

/// Bytes for people.
#[must_use]
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}

/// `37 % of 21 MB`.
#[must_use]
pub fn progress(progress: &Progress) -> String {
    let percent = progress.done.saturating_mul(100) / progress.total.max(1);
    format!("{percent} % of {}", size(progress.total))
}

/// The level of need, and its short form.
#[must_use]
pub const fn level(level: LevelOfNeed) -> &'static str {
    match level {
        LevelOfNeed::NotAssessed => "Not assessed",
        LevelOfNeed::Universal => "Universal",
        LevelOfNeed::EarlyHelp => "Early help",
        LevelOfNeed::ChildInNeed => "Child in need",
        LevelOfNeed::ChildProtection => "Child protection",
    }
}

/// The level as another agency is told it.
#[must_use]
pub fn level_told(assessed: LevelOfNeed) -> Option<String> {
    (assessed != LevelOfNeed::NotAssessed).then(|| level(assessed).to_owned())
}

/// All levels that somebody assesses, lowest first.
pub const LEVELS: [LevelOfNeed; 4] =
    [LevelOfNeed::Universal, LevelOfNeed::EarlyHelp, LevelOfNeed::ChildInNeed, LevelOfNeed::ChildProtection];

/// What each level means, beside it in lists.
#[must_use]
pub const fn level_help(level: LevelOfNeed) -> &'static str {
    match level {
        LevelOfNeed::NotAssessed => "by us; what they sent stands in the bundle",
        LevelOfNeed::Universal => "level 1: no more than every child gets",
        LevelOfNeed::EarlyHelp => "level 2: help early, with agreement",
        LevelOfNeed::ChildInNeed => "level 3: Children Act 1989 s.17",
        LevelOfNeed::ChildProtection => "level 4: Children Act 1989 s.47",
    }
}

/// The kind of an entry.
#[must_use]
pub const fn entry_kind(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Concern => "Concern",
        EntryKind::Note => "Note",
        EntryKind::PhoneCall => "Phone call",
        EntryKind::Meeting => "Meeting",
        EntryKind::Visit => "Visit",
        EntryKind::Attendance => "Attendance",
        EntryKind::Received => "Received",
    }
}

/// The kinds one can record, in the order they are offered.
pub const ENTRY_KINDS: [EntryKind; 5] =
    [EntryKind::Note, EntryKind::PhoneCall, EntryKind::Meeting, EntryKind::Visit, EntryKind::Attendance];

/// All significances, in the order they are offered.
pub const SIGNIFICANCES: [Significance; 5] =
    [Significance::None, Significance::Low, Significance::Medium, Significance::High, Significance::Positive];

/// Significance in words.
#[must_use]
pub const fn significance(significance: Significance) -> &'static str {
    match significance {
        Significance::None => "not rated",
        Significance::Positive => "positive",
        Significance::Low => "low",
        Significance::Medium => "medium",
        Significance::High => "high",
    }
}

/// The column of the chronology: 0 to 3, or `+`.
#[must_use]
pub const fn significance_sign(significance: Significance) -> &'static str {
    match significance {
        Significance::None => "0",
        Significance::Positive => "+",
        Significance::Low => "1",
        Significance::Medium => "2",
        Significance::High => "3",
    }
}

/// What somebody is, in words.
#[must_use]
pub fn person_kind(kind: &PersonKind) -> String {
    match kind {
        PersonKind::Pupil { year, class } => {
            [year.as_str(), class].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
        }
        PersonKind::Family => "family".to_owned(),
        PersonKind::Staff { role } => format!("staff, {role}"),
        PersonKind::Professional { role, agency } if agency.is_empty() || agency == role => role.clone(),
        PersonKind::Professional { role, agency } => format!("{role}, {agency}"),
        PersonKind::Other => "year not known".to_owned(),
    }
}

/// What the child is to somebody whose tie was recorded the other way round: `Mother` of them makes them her child.
#[must_use]
pub const fn relation_back(kind: RelationKind) -> &'static str {
    match kind {
        RelationKind::Mother | RelationKind::Father => "son or daughter",
        RelationKind::StepParent => "stepchild",
        RelationKind::ParentsPartner => "partner's child",
        RelationKind::Grandparent => "grandchild",
        RelationKind::AuntOrUncle => "niece or nephew",
        RelationKind::FosterCarer => "foster child",
        RelationKind::Guardian => "ward",
        RelationKind::SocialWorker => "client",
        RelationKind::Sibling
        | RelationKind::HalfSibling
        | RelationKind::FamilyFriend
        | RelationKind::Other => relation(kind),
    }
}

/// Somebody whom another agency's record names: `K. Oakes, family (father)`.
#[must_use]
pub fn named_person(one: &NamedPerson) -> String {
    let relation = if one.relation.is_empty() { String::new() } else { format!(" ({})", one.relation) };
    format!("{}, {}{relation}", one.name, one.role.words())
}

/// Another record of somebody, and what says that it is theirs: `1-39 Niamh O'Brien, born 26 January 2018 (the register;
/// A. Khan, 14 March 2025, 09:05)`.
#[must_use]
pub fn other_record((id, person, mark): (PersonId, &Person, Option<&SameMark>), zone: &TimeZone) -> String {
    let mark = mark.map(|mark| format!(" ({}; {}, {})", mark.why, mark.by.name, moment(mark.at, zone)));
    format!("{id} {}, {}{}", person.name(), born(person.born), mark.unwrap_or_default())
}

/// When somebody was born, or that it is not known.
#[must_use]
pub fn born(born: Option<Date>) -> String {
    born.map_or_else(|| "not known when born".to_owned(), |born| format!("born {}", date(born)))
}

/// A number's scheme.
#[must_use]
pub const fn scheme(scheme: IdentifierScheme) -> &'static str {
    match scheme {
        IdentifierScheme::Upn => "UPN",
        IdentifierScheme::Nhs => "NHS",
        IdentifierScheme::LocalAuthorityChildId => "LA child id",
        IdentifierScheme::PoliceReference => "police ref",
        IdentifierScheme::Other => "other number",
    }
}

/// All ties, in the order they are offered.
pub const RELATIONS: [RelationKind; 13] = [
    RelationKind::Mother,
    RelationKind::Father,
    RelationKind::StepParent,
    RelationKind::ParentsPartner,
    RelationKind::Sibling,
    RelationKind::HalfSibling,
    RelationKind::Grandparent,
    RelationKind::AuntOrUncle,
    RelationKind::FosterCarer,
    RelationKind::Guardian,
    RelationKind::SocialWorker,
    RelationKind::FamilyFriend,
    RelationKind::Other,
];

/// A year of school in four columns.
#[must_use]
pub fn year(year: &str) -> String {
    match year.strip_prefix("Year ") {
        Some(number) => format!("Y{number}"),
        None if year == "Reception" => "Rec".to_owned(),
        None if year == "Nursery" => "Nur".to_owned(),
        None => year.to_owned(),
    }
}

/// Whose doing it is that a bundle cannot be taken in, and what to do.
#[must_use]
pub const fn fault(fault: Fault) -> (&'static str, &'static str) {
    match fault {
        Fault::Sender => ("the sender's", "Ring them and say what is wrong; ask them to send it again."),
        Fault::OtherKey => (
            "of whoever handed it over, if it is for another agency; else the sender's, or ours if our keys are new",
            "Ask whom it is for, and pass it on if that is not us. If it is for us, ring the sender: they fetch the newest directory, then send it again.",
        ),
        Fault::OnTheWay => (
            "of somebody on the way, or of a fault there",
            "Ring them and ask what they sent; ask them to send it again.",
        ),
        Fault::Holder => (
            "of whoever held these files",
            "Compare the directory's words, or ask for a newer one; then get the files again, from somebody else or from the sender.",
        ),
        Fault::PutThere => (
            "of whoever put that file there",
            "Take it out of the folder, then verify again; nothing needs to be sent again.",
        ),
        Fault::WrongDesk => (
            "of whoever handed it over",
            "Pass it on to the agency it is for, unopened; it need not be sent again.",
        ),
        Fault::OurDirectory => (
            "ours, if our directory is old; else the sender's",
            "Exchange now fetches the newest one; lock and unlock to try again. Then ring them.",
        ),
        Fault::OurProgram => (
            "ours: this program or this machine",
            "Update kith, see that the disk is not full; lock and unlock to try again.",
        ),
        Fault::AClock => (
            "of a clock that is wrong, here or there",
            "Set this machine's clock; lock and unlock to try again. Else ring them.",
        ),
        Fault::WhatWasNamed => (
            "most likely of whoever named these two together",
            "Name the files, or the reference, that belong together; the sender need not be rung.",
        ),
    }
}

/// How much of a list is shown, where that is not all of it: what comes first is shown, the rest when these are done.
#[must_use]
pub fn shown_of(shown: usize, of: u64) -> Option<String> {
    ((shown as u64) < of).then(|| format!("{shown} of {of} shown; the others follow when these are done"))
}

/// A tie in words.
#[must_use]
pub const fn relation(kind: RelationKind) -> &'static str {
    match kind {
        RelationKind::Mother => "mother",
        RelationKind::Father => "father",
        RelationKind::StepParent => "step-parent",
        RelationKind::ParentsPartner => "parent's partner",
        RelationKind::Sibling => "sibling",
        RelationKind::HalfSibling => "half-sibling",
        RelationKind::Grandparent => "grandparent",
        RelationKind::AuntOrUncle => "aunt or uncle",
        RelationKind::FosterCarer => "foster carer",
        RelationKind::Guardian => "guardian",
        RelationKind::SocialWorker => "social worker",
        RelationKind::FamilyFriend => "family friend",
        RelationKind::Other => "other",
    }
}

/// A contact rule in words.
#[must_use]
pub const fn contact(rule: ContactRule) -> &'static str {
    match rule {
        ContactRule::Open => "contact allowed",
        ContactRule::Supervised => "SUPERVISED CONTACT ONLY",
        ContactRule::None => "NO CONTACT",
    }
}

/// The state of a share: one word, and what it means.
#[must_use]
pub const fn share_state(state: &ShareState) -> (&'static str, &'static str) {
    match state {
        ShareState::ToCheck => ("TO CHECK", "a second person must check it first"),
        ShareState::Queued => ("QUEUED", "on this machine, waiting to go"),
        ShareState::Stored => ("STORED", "the node holds it; not collected yet"),
        ShareState::Delivered => ("DELIVERED", "they have it; nobody has opened it yet"),
        ShareState::Opened => ("OPENED", "a named person opened it; no answer yet"),
        ShareState::Receipted => ("RECEIPTED", "a named person signed for it"),
        ShareState::Declined => ("DECLINED", "they did not take it on"),
        ShareState::Asked => ("TAKEN BACK", "they have it, and were asked to delete it; no answer yet"),
        ShareState::Kept => ("KEPT", "taken back; they keep it, and say on which basis"),
        ShareState::Deleted => ("DELETED", "taken back; they say that they deleted it"),
        ShareState::Ended(ShareEnd::Withdrawn { .. }) => {
            ("WITHDRAWN", "taken back; nobody is known to have it")
        }
        ShareState::Ended(ShareEnd::RefusedByNode { .. }) => ("REFUSED", "the node did not accept it"),
        ShareState::Ended(ShareEnd::SentBack { .. }) => {
            ("SENT BACK", "whoever checked it did not approve it")
        }
        ShareState::Ended(ShareEnd::NotCollected) => ("NOT COLLECTED", "nobody collected it in time"),
    }
}

/// A receipt's kind.
#[must_use]
pub const fn receipt(kind: ReceiptKind) -> &'static str {
    match kind {
        ReceiptKind::Stored => "STORED",
        ReceiptKind::Delivered => "DELIVERED",
        ReceiptKind::Opened => "OPENED",
        ReceiptKind::Receipted => "RECEIPTED",
        ReceiptKind::Declined => "DECLINED",
        ReceiptKind::Kept => "KEPT",
        ReceiptKind::Deleted => "DELETED",
    }
}

/// `20 days with nothing` between two dates, when it is a gap worth naming (over two weeks).
#[must_use]
pub fn gap(from: Date, to: Date) -> Option<String> {
    let days = from.until(to).ok()?.get_days().abs();
    (days > 14).then(|| format!("{days} days with nothing"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date as d;

    #[test]
    fn dates_read_as_people_say_them() {
        let today = d(2025, 3, 14);
        assert_eq!(full_date(today), "Friday 14 March 2025");
        assert_eq!(
            [d(2025, 3, 12), today, d(2025, 3, 15), d(2025, 3, 18), d(2025, 4, 1), d(2026, 1, 5)]
                .map(|x| due(x, today)),
            ["OVERDUE 2d", "TODAY", "tomorrow", "Tue", "1 Apr", "5 Jan 26"]
        );
        let at = today.at(9, 5, 0, 0);
        assert_eq!(when(When { at, precision: Precision::About }), "about Friday 14 March 2025, 09:05");
        assert_eq!(gap(d(2024, 12, 24), d(2025, 1, 13)).as_deref(), Some("20 days with nothing"));
        assert_eq!(gap(d(2025, 1, 10), d(2025, 1, 13)), None);
    }
}
