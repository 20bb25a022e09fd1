//! Exit codes: one table for scripts, printed by `kith --help`.

use std::process::ExitCode;

/// How `kith` ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Done,
    Failed,
    Usage,
    NothingMatched,
    NotAllowed,
    CheckFailed,
    Refused,
    Unreachable,
    Changed,
    Configuration,
    ToCheck,
    Interrupted,
}

impl Exit {
    /// Every code with its meaning, in order.
    pub const TABLE: [(Self, &'static str); 12] = [
        (Self::Done, "done"),
        (Self::Failed, "failed, as by a full disk; standard error says what and what to do"),
        (Self::Usage, "wrong usage"),
        (Self::NothingMatched, "nothing matched"),
        (Self::NotAllowed, "locked: wrong passphrase, or open elsewhere"),
        (Self::CheckFailed, "a check failed: signature, key, seal or casebook does not verify"),
        (Self::Refused, "refused by a rule: undecided suggestion, no lawful basis, ..."),
        (Self::Unreachable, "the node was not reached; what is queued goes by itself later"),
        (Self::Changed, "somebody else changed it first, or it is there already"),
        (Self::Configuration, "not set up: no casebook, no keys, no directory, no terminal"),
        (Self::ToCheck, "recorded, and waits for a second person's check"),
        (Self::Interrupted, "interrupted"),
    ];

    /// The number that scripts see.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::NothingMatched => 3,
            Self::NotAllowed => 4,
            Self::CheckFailed => 5,
            Self::Refused => 6,
            Self::Unreachable => 7,
            Self::Changed => 8,
            Self::Configuration => 9,
            Self::ToCheck => 10,
            Self::Interrupted => 130,
        }
    }

    /// The table as `--help` prints it.
    #[must_use]
    pub fn help() -> String {
        let line = |(exit, meaning): &(Self, &str)| format!("\n  {:>3}  {meaning}", exit.number());
        format!("Exit codes:{}", Self::TABLE.iter().map(line).collect::<String>())
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_what_scripts_rely_on() {
        let numbers = Exit::TABLE.map(|(exit, _)| exit.number());
        assert_eq!(numbers, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 130]);
        assert!(
            Exit::help()
                .lines()
                .any(|line| line == "    6  refused by a rule: undecided suggestion, no lawful basis, ...")
        );
    }
}
