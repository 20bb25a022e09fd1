//! Where things lie: the casebook's folder by argument, environment or the system's rules.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
};

use etcetera::base_strategy::{BaseStrategy, choose_base_strategy};

use super::{exit::Exit, failure::Failure};

/// Names the casebook's folder when no argument does.
pub(super) const VARIABLE: &str = "KITH_CASEBOOK";

/// Why the casebook is looked for where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Because {
    Argument,
    Environment,
    System,
}

impl Because {
    /// The reason in words.
    #[must_use]
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Argument => "given with --casebook",
            Self::Environment => "from KITH_CASEBOOK",
            Self::System => "the usual place on this system",
        }
    }
}

/// The casebook's folder, and why there.
///
/// # Errors
/// When no home folder is known.
pub(super) fn casebook(argument: Option<&Path>) -> Result<(PathBuf, Because), Failure> {
    choose(argument, env::var_os(VARIABLE), || {
        let strategy = choose_base_strategy().map_err(|_| {
            Failure::new(
                Exit::Configuration,
                "no home folder is known; name the casebook with --casebook FOLDER",
            )
        })?;
        Ok(data(&strategy).join("kith").join("casebook"))
    })
}

fn choose(
    argument: Option<&Path>,
    variable: Option<OsString>,
    usual: impl FnOnce() -> Result<PathBuf, Failure>,
) -> Result<(PathBuf, Because), Failure> {
    match (argument, variable.filter(|value| !value.is_empty())) {
        (Some(path), _) => Ok((path.to_owned(), Because::Argument)),
        (None, Some(path)) => Ok((path.into(), Because::Environment)),
        (None, None) => Ok((usual()?, Because::System)),
    }
}

/// On Windows `%LOCALAPPDATA%`, never the roaming profile: a casebook must not travel through it.
fn data(strategy: &impl BaseStrategy) -> PathBuf {
    if cfg!(windows) { strategy.cache_dir() } else { strategy.data_dir() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_argument_beats_the_environment_and_an_empty_variable_counts_as_none() {
        let usual = || Ok(PathBuf::from("/usual"));
        let at = |argument: Option<&str>, variable: Option<&str>| {
            choose(argument.map(Path::new), variable.map(OsString::from), usual).unwrap()
        };
        assert_eq!(at(Some("/a"), Some("/b")), ("/a".into(), Because::Argument));
        assert_eq!(at(None, Some("/b")), ("/b".into(), Because::Environment));
        assert_eq!(at(None, Some("")), ("/usual".into(), Because::System));
        assert_eq!(at(None, None), ("/usual".into(), Because::System));
    }
}
