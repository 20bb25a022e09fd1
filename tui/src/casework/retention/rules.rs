//! The rules as a table, and the judgement over it.

use std::iter;

use jiff::{ToSpan as _, civil::Date};
use serde::{Deserialize, Serialize};

use super::{FileKind, FileState, Hold, Leaving, Verdict};

/// A rule of retention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    PupilFile,
    SexualAbuse,
    TransferredCopy,
    StaffFile,
    StaffAllegation,
    DeclinedBundle,
    UnfiledBundle,
}

/// One line of the table.
struct Line {
    rule: Rule,
    code: &'static str,
    years: i16,
    words: &'static str,
    source: &'static str,
}

/// How long what is kept, and who says so. None of these periods is statute; each is counted in whole years.
const TABLE: [Line; 7] = [
    Line {
        rule: Rule::PupilFile,
        code: "pupil-file",
        years: 25,
        words: "date of birth and 25 years",
        source: "Information and Records Management Society, toolkit for schools: child protection files",
    },
    Line {
        rule: Rule::SexualAbuse,
        code: "sexual-abuse",
        years: 75,
        words: "75 years after the last entry, because it tells of sexual harm",
        source: "Independent Inquiry into Child Sexual Abuse, final report, on access to records",
    },
    Line {
        rule: Rule::TransferredCopy,
        code: "transferred-copy",
        years: 1,
        words: "1 year after the next school confirmed that it has the file, all of which was made before",
        source: "Keeping children safe in education, transfer of the file; South West child protection procedures",
    },
    Line {
        rule: Rule::StaffFile,
        code: "staff-file",
        years: 0,
        words: "until the member of staff leaves",
        source: "Keeping children safe in education, part 4: low-level concerns",
    },
    Line {
        rule: Rule::StaffAllegation,
        code: "staff-allegation",
        years: 10,
        words: "normal pension age, or 10 years after the allegation if that is later",
        source: "Keeping children safe in education, part 4: allegations against staff",
    },
    Line {
        rule: Rule::DeclinedBundle,
        code: "declined-bundle",
        years: 0,
        words: "a bundle that was declined, and filed in no record",
        source: "UK GDPR, article 5(1)(e): kept no longer than is necessary",
    },
    Line {
        rule: Rule::UnfiledBundle,
        code: "unfiled-bundle",
        years: 1,
        words: "1 year after it came or was last answered, filed in no record",
        source: "UK GDPR, article 5(1)(e): kept no longer than is necessary",
    },
];

/// The highest normal pension age in law, in years: whoever retires earlier is kept longer, never shorter.
const PENSION_AGE: i16 = 68;

impl Rule {
    /// Its name in files and on the command line.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.line().map_or("", |line| line.code)
    }

    /// What it says.
    #[must_use]
    pub fn words(self) -> &'static str {
        self.line().map_or("", |line| line.words)
    }

    /// Who says so.
    #[must_use]
    pub fn source(self) -> &'static str {
        self.line().map_or("", |line| line.source)
    }

    fn line(self) -> Option<&'static Line> {
        TABLE.iter().find(|line| line.rule == self)
    }

    /// The day on which the period that begins on `from` is over.
    pub(super) fn after(self, from: Date) -> Date {
        later(from, self.line().map_or(i16::MAX, |line| line.years))
    }

    /// The last day on which pupils must have been born to be due by their age.
    #[must_use]
    pub fn born_by(today: Date) -> Date {
        today.saturating_sub(Self::PupilFile.line().map_or(0, |line| line.years).years())
    }
}

/// A birthday on 29 February is kept on the 28th where there is no 29th.
fn later(from: Date, years: i16) -> Date {
    from.saturating_add(years.years())
}

/// The hold that beats every timer on `today`.
#[must_use]
pub fn holding(holds: &[Hold], today: Date) -> Option<&Hold> {
    holds.iter().find(|hold| hold.until.is_none_or(|until| today <= until))
}

/// How a file stands on `today`.
#[must_use]
pub fn judge(file: &FileState, today: Date) -> Verdict {
    if let Some(hold) = holding(&file.holds, today) {
        return Verdict::Held(hold.clone());
    }
    // Family and professionals are kept with the files they stand in, whatever else they are.
    let others = file.also.iter().filter(|(kind, _)| *kind != FileKind::Other);
    let others =
        others.map(|(kind, leaving)| FileState { kind: *kind, leaving: leaving.clone(), ..file.clone() });
    let all: Vec<FileState> = iter::once(file.clone()).chain(others).collect();
    let verdict = all.iter().map(|file| period(file, today)).reduce(longer).unwrap_or(Verdict::Keep);
    match (verdict, file.unfinished) {
        (Verdict::NotYet { on, .. }, Some(what)) if on <= today => Verdict::Unfinished(what),
        (Verdict::NotYet { on, rule }, None) if on <= today => Verdict::Due { on, rule },
        (kept @ (Verdict::NotYet { .. } | Verdict::Keep), _) => {
            all.iter().find_map(|file| awaits(file, today)).unwrap_or(kept)
        }
        (verdict, _) => verdict,
    }
}

/// How long a file of this kind is kept.
fn period(file: &FileState, today: Date) -> Verdict {
    match file.kind {
        FileKind::Pupil => pupil(file, today),
        FileKind::Staff => staff(file),
        FileKind::Other => Verdict::Keep,
    }
}

/// Of two records of one person none goes before the other may, or while it is not known when.
fn longer(one: Verdict, other: Verdict) -> Verdict {
    match (one, other) {
        (Verdict::NotYet { on, rule }, Verdict::NotYet { on: then, rule: by }) => {
            let (on, rule) = (on, rule).max((then, by));
            Verdict::NotYet { on, rule }
        }
        (Verdict::NotYet { .. }, kept) | (kept, _) => kept,
    }
}

/// The longest rule that applies; the copy of a file that went on is short-lived, unless it tells of sexual harm. It is
/// a copy only while the next school has all of it.
fn pupil(file: &FileState, today: Date) -> Verdict {
    let whole = |leaving: &&Leaving| leaving.receipt.is_some_and(|receipt| file.made_since(receipt) == 0);
    let copied = left(file, today).filter(whole);
    let receipt = copied.and_then(|leaving| leaving.receipt.map(|receipt| receipt.max(leaving.on)));
    let base = match (receipt, file.born) {
        (Some(receipt), _) => Some((Rule::TransferredCopy.after(receipt), Rule::TransferredCopy)),
        (None, Some(born)) => Some((Rule::PupilFile.after(born), Rule::PupilFile)),
        (None, None) => None,
    };
    let harm = file.last_entry.filter(|_| file.sexual_harm);
    let harm = harm.map(|last| (Rule::SexualAbuse.after(last), Rule::SexualAbuse));
    match base {
        None => Verdict::Undated,
        Some(base) => longest([Some(base), harm]),
    }
}

fn staff(file: &FileState) -> Verdict {
    let Some(leaving) = &file.leaving else { return Verdict::Keep };
    let left = (Rule::StaffFile.after(leaving.on), Rule::StaffFile);
    let Some(alleged) = file.alleged else { return longest([Some(left), None]) };
    let Some(born) = file.born else { return Verdict::Undated };
    let pension = (later(born, PENSION_AGE), Rule::StaffAllegation);
    longest([Some(left), Some(pension.max((Rule::StaffAllegation.after(alleged), Rule::StaffAllegation)))])
}

fn longest(rules: [Option<(Date, Rule)>; 2]) -> Verdict {
    let longest = rules.into_iter().flatten().max();
    longest.map_or(Verdict::Keep, |(on, rule)| Verdict::NotYet { on, rule })
}

/// Who is to leave is on roll until that day, whatever else is recorded of it.
fn left(file: &FileState, today: Date) -> Option<&Leaving> {
    file.leaving.as_ref().filter(|leaving| leaving.on <= today)
}

fn awaits(file: &FileState, today: Date) -> Option<Verdict> {
    let leaving = left(file, today).filter(|leaving| !leaving.to.trim().is_empty())?;
    leaving.receipt.is_none().then_some(Verdict::AwaitsReceipt { left: leaving.on })
}
