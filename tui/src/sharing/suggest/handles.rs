//! Accounts that are made of somebody's name: `kiantheking on TikTok`.

use super::{
    accounts::{bare, is_network},
    common::is_common,
    gazetteer::listed,
    numbers::{Found, Kind, plain},
    traces::{Token, tokens},
    words::Word,
};

/// Shortest name, and fewest further letters, of which an account is made.
const NAME: usize = 4;
const MORE: usize = 3;
/// Endings with which a word is a form of another rather than an account: `marketing`, `jackets`.
const ENDINGS: [&str; 8] = ["able", "ally", "ation", "ings", "ing", "ists", "ness", "ment"];

/// Words before `on` and a network's name, in which a name stands with something before or after it. `names` are folded
/// words of the names of those near the child.
pub(super) fn handles(text: &str, words: &[Word<'_>], names: &[String]) -> Vec<Found> {
    if !words.iter().any(|word| is_network(&word.plain)) {
        return Vec::new();
    }
    let tokens = tokens(text);
    let found =
        tokens.iter().enumerate().filter(|(at, token)| is_handle(token, names) && on_network(&tokens, *at));
    found
        .map(|(_, token)| Found { at: token.at.clone(), kind: Kind::Account, plain: plain(token.text) })
        .collect()
}

/// `stubbsy on Insta`, `on Insta (stubbsy`, `TikTok: stubbsy`.
fn on_network(tokens: &[Token<'_>], at: usize) -> bool {
    let network = |at: Option<usize>| {
        at.and_then(|at| tokens.get(at)).is_some_and(|token| is_network(bare(&token.plain)))
    };
    let on = tokens.get(at + 1).is_some_and(|on| on.plain == "on");
    (on && network(Some(at + 2))) || network(at.checked_sub(1))
}

fn is_handle(token: &Token<'_>, names: &[String]) -> bool {
    let letters = token.text.chars().count();
    let form = token.text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_'));
    let word = ENDINGS.iter().any(|ending| token.plain.ends_with(ending));
    if !form || letters < NAME + MORE || listed(&token.plain).is_name() {
        return false;
    }
    let known = || {
        names.iter().any(|name| {
            let part = (NAME..=letters - MORE).contains(&name.len()) && token.plain.contains(name.as_str());
            part && !is_common(name)
        })
    };
    // Of other names only what is no word as well, and only at the beginning.
    let other = || {
        (NAME..=letters - MORE).filter_map(|end| token.plain.get(..end)).any(|start| {
            let list = listed(start);
            list.given && !list.doubtful && !word
        })
    };
    known() || other()
}

#[cfg(test)]
mod tests {
    use super::{super::words::words, *};

    #[test]
    fn a_name_within_a_word_before_a_networks_name_is_an_account() {
        let names = ["kian".to_owned(), "oakes".to_owned(), "mark".to_owned()];
        let seen = |text: &str| -> Vec<String> {
            handles(text, &words(text), &names).into_iter().map(|one| text[one.at].to_owned()).collect()
        };
        for (text, handle) in [
            ("she wrote to kiantheking on TikTok.", "kiantheking"),
            ("he is XxOakesxX on Roblox", "XxOakesxX"),
            ("jaydenisbest on insta", "jaydenisbest"),
            ("Snapchat (realkianx)", "realkianx"),
        ] {
            assert_eq!(seen(text), [handle], "{text}");
        }
        for quiet in [
            "messages on TikTok, and Kian on Instagram",
            "kiantheking at home",
            "the Oakes on Facebook; marketing on YouTube",
            "Bullying on Snapchat. Kian's on Roblox, markets on Vinted",
        ] {
            assert_eq!(seen(quiet), Vec::<String>::new(), "{quiet}");
        }
    }
}
