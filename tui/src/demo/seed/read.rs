//! Reads the texts of a term: `== 63 09:20 concern welfare high`, then `key: text`, one thing a line.

use jiff::civil::Time;
use kith_protocol::bundle::{ConcernCategory, Role, StatementKind};
use serde::de::value::StrDeserializer;

use super::{ActionSeed, CaseSeed, Due, EntrySeed, Seed, SeedError, Triaged};
use crate::casework::{
    case::LevelOfNeed,
    entry::{EntryKind, Precision, Significance},
};

/// Takes one file into the seed.
pub(super) fn file(name: &'static str, text: &'static str, seed: &mut Seed) -> Result<(), SeedError> {
    let mut case = None;
    for (n, line) in text.lines().enumerate() {
        let wrong = |why: String| SeedError { file: name, line: n + 1, why };
        let read = if line.is_empty() || line.starts_with('#') {
            Ok(())
        } else if let Some(heading) = line.strip_prefix("== ") {
            entry(heading, case).map(|entry| {
                seed.entries.push(EntrySeed {
                    #[cfg(test)]
                    file: name,
                    #[cfg(test)]
                    line: n + 1,
                    ..entry
                });
            })
        } else {
            line.split_once(": ").ok_or_else(|| "not `key: text`".to_owned()).and_then(
                |(key, text)| match key {
                    "case" => case_line(text).map(|found| {
                        case = Some(found.child);
                        seed.cases.push(found);
                    }),
                    "close" => close(text, case, seed),
                    _ => {
                        let entry = seed.entries.last_mut().ok_or("no entry began yet")?;
                        field(entry, key, text)
                    }
                },
            )
        };
        read.map_err(wrong)?;
    }
    Ok(())
}

fn case_line(text: &'static str) -> Result<CaseSeed, String> {
    let [child, title, level, lead] = parts(text)?;
    Ok(CaseSeed { child, title, level: level_of(level)?, lead, closed: None })
}

fn close(text: &'static str, child: Option<&str>, seed: &mut Seed) -> Result<(), String> {
    let [day, outcome] = parts(text)?;
    let case = seed.cases.iter_mut().find(|case| Some(case.child) == child).ok_or("no case to close")?;
    case.closed = Some((number(day)?, outcome));
    Ok(())
}

/// `63 ~09:20 concern welfare high`: school days ago, time (`~` about), kind, category, significance.
fn entry(heading: &str, case: Option<&'static str>) -> Result<EntrySeed, String> {
    let words: Vec<&str> = heading.split_whitespace().collect();
    let [day, time, kind, category, significance] = words.as_slice() else {
        return Err("five words are needed after `==`".to_owned());
    };
    let (precision, time) =
        time.strip_prefix('~').map_or((Precision::Exact, *time), |time| (Precision::About, time));
    Ok(EntrySeed {
        #[cfg(test)]
        file: "",
        #[cfg(test)]
        line: 0,
        day: number(day)?,
        time: Time::strptime("%H:%M", time).map_err(|_| format!("`{time}` is no time"))?,
        precision,
        kind: match *kind {
            "concern" => EntryKind::Concern,
            "note" => EntryKind::Note,
            "call" => EntryKind::PhoneCall,
            "meeting" => EntryKind::Meeting,
            "visit" => EntryKind::Visit,
            "attendance" => EntryKind::Attendance,
            _ => return Err(format!("`{kind}` is no kind of entry")),
        },
        category: named::<ConcernCategory>(category)?,
        significance: match *significance {
            "none" => Significance::None,
            "positive" => Significance::Positive,
            "low" => Significance::Low,
            "medium" => Significance::Medium,
            "high" => Significance::High,
            _ => return Err(format!("`{significance}` is no significance")),
        },
        by: "",
        from: None,
        people: Vec::new(),
        statements: Vec::new(),
        told: String::new(),
        done: String::new(),
        effect: String::new(),
        danger: None,
        triage: Triaged::Not,
        level: None,
        case,
        actions: Vec::new(),
    })
}

fn field(entry: &mut EntrySeed, key: &str, text: &'static str) -> Result<(), String> {
    let mut say = |kind| entry.statements.push((kind, text.to_owned()));
    match key {
        "by" => entry.by = text,
        "from" => entry.from = Some(text),
        "about" => entry.people.push((text, Role::Subject)),
        "with" => entry.people.extend(with(text)?),
        "fact" => say(StatementKind::ObservedFact),
        "words" => say(StatementKind::ChildsWords),
        "report" => say(StatementKind::ThirdPartyReport),
        "opinion" => say(StatementKind::ProfessionalOpinion),
        "told" => entry.told = text.to_owned(),
        "done" => entry.done = text.to_owned(),
        "effect" => entry.effect = text.to_owned(),
        "danger" => entry.danger = Some(text.to_owned()),
        "level" => entry.level = Some(level_of(text)?),
        "triage" => entry.triage = triage(text)?,
        "action" => entry.actions.push(action(text)?),
        _ => return Err(format!("`{key}` is no field")),
    }
    Ok(())
}

/// `finn mentioned; haroon alleged-victim`.
fn with(text: &'static str) -> Result<Vec<(&'static str, Role)>, String> {
    let one = |part: &'static str| {
        let (person, role) = part.trim().split_once(' ').ok_or_else(|| format!("`{part}` has no role"))?;
        Ok((person, named::<Role>(role)?))
    };
    text.split(';').map(one).collect()
}

fn triage(text: &str) -> Result<Triaged, String> {
    match text {
        "wait" => Ok(Triaged::Waits),
        "open" => Ok(Triaged::OpensCase),
        "add" => Ok(Triaged::AddedToCase),
        _ => match text.strip_prefix("nfa ") {
            Some(reason) => Ok(Triaged::NoFurtherAction(reason.to_owned())),
            None => Err("triage is wait, open, add or `nfa` and the reason".to_owned()),
        },
    }
}

/// `khan | What | due 3` or `khan | What | done 5 | What came of it`.
fn action(text: &'static str) -> Result<ActionSeed, String> {
    let pieces: Vec<&'static str> = text.split(" | ").collect();
    let (owner, what, due) = match *pieces.as_slice() {
        [owner, what, when] => {
            let due = when.strip_prefix("due ").ok_or("`due` and a number of school days")?;
            (owner, what, Due::In(number(due)?))
        }
        [owner, what, when, outcome] => {
            let done = when.strip_prefix("done ").ok_or("`done` and a number of school days")?;
            (owner, what, Due::Done(number(done)?, outcome))
        }
        _ => {
            return Err("an action is `owner | what | due 3` or `owner | what | done 3 | outcome`".to_owned());
        }
    };
    Ok(ActionSeed { owner, what, due })
}

fn parts<const N: usize>(text: &'static str) -> Result<[&'static str; N], String> {
    let parts: Vec<&'static str> = text.split(" | ").collect();
    parts.try_into().map_err(|_| format!("{N} parts with ` | ` between them are needed"))
}

fn number(text: &str) -> Result<i64, String> {
    text.parse().map_err(|_| format!("`{text}` is no number"))
}

fn level_of(text: &str) -> Result<LevelOfNeed, String> {
    match text {
        "universal" => Ok(LevelOfNeed::Universal),
        "early-help" => Ok(LevelOfNeed::EarlyHelp),
        "child-in-need" => Ok(LevelOfNeed::ChildInNeed),
        "child-protection" => Ok(LevelOfNeed::ChildProtection),
        _ => Err(format!("`{text}` is no level of need")),
    }
}

/// A word as the protocol writes it.
fn named<'a, T: serde::Deserialize<'a>>(word: &'a str) -> Result<T, String> {
    let read: Result<T, serde::de::value::Error> = T::deserialize(StrDeserializer::new(word));
    read.map_err(|error| error.to_string())
}
