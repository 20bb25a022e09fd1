//! Names borne in Britain, their short forms, and words that are written like names and are none.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use super::common::is_common;

/// What a word may be, as far as lists tell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) given: bool,
    pub(super) family: bool,
    /// It is an ordinary word, a place or a month as well.
    pub(super) doubtful: bool,
}

impl Listed {
    pub(super) const fn is_name(self) -> bool {
        self.given || self.family
    }
}

static NAMES: LazyLock<HashMap<&'static str, Listed>> = LazyLock::new(|| {
    let mut names = HashMap::<&'static str, Listed>::new();
    let lists = [(include_str!("lists/given.txt"), true), (include_str!("lists/family.txt"), false)];
    for (list, given) in lists {
        for word in lines(list).flat_map(str::split_whitespace) {
            let plain = word.trim_end_matches('?');
            let listed = names.entry(plain).or_default();
            listed.given |= given;
            listed.family |= !given;
            listed.doubtful |= plain.len() < word.len() || is_common(plain) || is_ordinary(plain);
        }
    }
    for short in lines(include_str!("lists/nicknames.txt")).flat_map(str::split_whitespace) {
        names.entry(short).or_insert(Listed { given: true, family: false, doubtful: is_common(short) });
    }
    names
});

static ORDINARY: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| lines(include_str!("lists/ordinary.txt")).flat_map(str::split_whitespace).collect());

static NICKNAMES: LazyLock<HashMap<&'static str, Vec<&'static str>>> = LazyLock::new(|| {
    let mut forms = HashMap::<&'static str, Vec<&'static str>>::new();
    for line in lines(include_str!("lists/nicknames.txt")) {
        let all: Vec<&'static str> = line.split_whitespace().collect();
        if let [long, shorts @ ..] = all.as_slice() {
            forms.entry(long).or_default().extend(shorts);
            for short in shorts {
                forms.entry(short).or_default().push(long);
            }
        }
    }
    forms
});

/// What the lists say about a folded word.
pub(super) fn listed(plain: &str) -> Listed {
    NAMES.get(plain).copied().unwrap_or_default()
}

/// Is the folded word written with a capital, or first in its sentence, without being a name?
pub(in crate::sharing) fn is_ordinary(plain: &str) -> bool {
    ORDINARY.contains(plain)
}

/// Other forms of a given name: short ones of a long one, and the long ones of a short one.
pub(super) fn other_forms(plain: &str) -> &'static [&'static str] {
    NICKNAMES.get(plain).map(Vec::as_slice).unwrap_or_default()
}

fn lines(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.lines().filter(|line| !line.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_folded_and_tell_names_from_words() {
        for list in ["given", "family", "nicknames", "ordinary"] {
            let text = match list {
                "given" => include_str!("lists/given.txt"),
                "family" => include_str!("lists/family.txt"),
                "nicknames" => include_str!("lists/nicknames.txt"),
                _ => include_str!("lists/ordinary.txt"),
            };
            let odd = lines(text)
                .flat_map(str::split_whitespace)
                .find(|word| !word.trim_end_matches('?').bytes().all(|b| b.is_ascii_lowercase()));
            assert_eq!(odd, None, "{list}");
        }
        assert!(listed("tariq").given && !listed("tariq").doubtful);
        assert!(listed("grace").doubtful && listed("hill").family && listed("hill").doubtful);
        assert_eq!(listed("table"), Listed::default());
        assert!(other_forms("elizabeth").contains(&"liz") && other_forms("mo").contains(&"mohammed"));
        assert!(is_ordinary("monday") && !is_ordinary("tariq"));
    }
}
