//! Accounts and links: by their form, or because the text says that the word is one.

use std::ops::Range;

use super::{
    gazetteer::{is_ordinary, listed},
    numbers::Kind,
    traces::{Token, near},
};

/// Words near which letters and digits, or letters and dots, are an account.
const NETWORKS: [&str; 23] = [
    "account",
    "discord",
    "facebook",
    "gamertag",
    "handle",
    "insta",
    "instagram",
    "kik",
    "profile",
    "psn",
    "roblox",
    "snap",
    "snapchat",
    "telegram",
    "tiktok",
    "tok",
    "twitch",
    "twitter",
    "user",
    "username",
    "whatsapp",
    "xbox",
    "youtube",
];
/// Right after these stands what somebody is called there: `username stubbsyx`.
const NAMES: [&str; 2] = ["gamertag", "username"];
/// The same with a colon or `is` between; `handle` alone is rather what somebody does.
const NAMED: [&str; 4] = ["gamertag", "handle", "login", "username"];
/// Between a network and what somebody is called on it: `on insta as stubbsyx`.
const AS: [&str; 5] = ["as", "called", "name", "named", "under"];
/// What is done to an account: `follow stubbsyx on instagram`.
const VERBS: [&str; 8] = ["add", "added", "adding", "adds", "follow", "followed", "following", "follows"];
/// Words that stand where an account might, and are none. Sorted.
#[rustfmt::skip]
const WORDS: [&str; 123] = [
    "about", "account", "accounts", "adults", "after", "again", "all", "also", "and", "another", "any",
    "anybody", "anyone", "are", "because", "been", "before", "being", "both", "boys", "but", "celebrities",
    "changed", "chat", "children", "class", "comments", "each", "everybody", "everyone", "evidence", "far",
    "for", "friend", "friends", "from", "gamers", "girl", "girls", "group", "had", "has", "have", "her",
    "hers", "herself", "him", "himself", "his", "how", "influencers", "its", "kids", "long", "many", "men",
    "message", "messages", "much", "nobody", "none", "normal", "not", "older", "online", "only", "other",
    "others", "our", "page", "pages", "part", "people", "photo", "photos", "picture", "pictures", "post",
    "posts", "proof", "pupils", "random", "requested", "said", "she", "some", "somebody", "someone",
    "something", "soon", "stories", "story", "strangers", "students", "such", "teachers", "that", "the",
    "their", "them", "themselves", "then", "there", "they", "things", "this", "those", "though", "told",
    "unknown", "until", "usual", "video", "videos", "was", "well", "were", "when", "who", "women", "yet",
    "you", "your",
];
/// Shortest word that is taken for an account because of the words beside it.
const SHORTEST: usize = 4;

/// The account or link that the stretch at `at` is, if it is one.
pub(super) fn account(text: &str, tokens: &[Token<'_>], at: usize) -> Option<(Range<usize>, Kind)> {
    let token = tokens.get(at)?;
    let has = |test: fn(char) -> bool| token.text.chars().any(test);
    let letters = has(|c| c.is_ascii_alphabetic());
    let link = token.plain.contains("://")
        || token.plain.starts_with("www.")
        || token.plain.split_once(".com/").is_some_and(|(_, rest)| !rest.is_empty());
    let address = token.text.get(1..).is_some_and(|rest| rest.contains('@'));
    let called = token.text.starts_with('@') && token.text.len() > 3 && !address;
    let joined = letters && !address && token.text.trim_matches('_').contains('_');
    let odd = has(|c| c.is_ascii_digit()) || is_dotted(token);
    let mixed = letters
        && !address
        && odd
        && token.text.len() >= 5
        && !token.text.contains('/')
        && near(tokens, at, 2, &NETWORKS);
    let said = letters && !address && is_said(text, tokens, at);
    (link || called || joined || mixed || said).then(|| (token.at.clone(), Kind::Account))
}

/// `stubbsy.x`, but no `e.g` and no `example.org`.
fn is_dotted(token: &Token<'_>) -> bool {
    let small = token.text == token.plain;
    let parts: Vec<&str> = token.plain.split('.').collect();
    let site =
        parts.last().is_some_and(|last| matches!(*last, "com" | "co" | "uk" | "org" | "net" | "gg" | "tv"));
    let long = parts.iter().any(|part| part.chars().count() > 2);
    small && parts.len() > 1 && parts.iter().all(|part| !part.is_empty()) && long && !site
}

/// Do the words around it say that a plain word is what somebody is called somewhere?
fn is_said(text: &str, tokens: &[Token<'_>], at: usize) -> bool {
    let Some(token) = tokens.get(at) else { return false };
    let word = |at: Option<usize>| at.and_then(|at| tokens.get(at)).map_or("", |token| bare(&token.plain));
    let before = |back: usize| word(at.checked_sub(back));
    let plain = bare(&token.plain);
    let listed = listed(plain);
    let form = token.text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
    // A name is asked about as a name.
    let word_or_name = WORDS.binary_search(&plain).is_ok()
        || is_ordinary(plain)
        || is_network(plain)
        || (token.text.starts_with(char::is_uppercase) && listed.is_name());
    if !form || plain.chars().count() < SHORTEST || word_or_name {
        return false;
    }
    let gap = |at: usize| {
        let (one, next) = (tokens.get(at), tokens.get(at + 1));
        one.zip(next).and_then(|(one, next)| text.get(one.at.end..next.at.start)).unwrap_or_default()
    };
    let colon = at.checked_sub(1).map(gap).is_some_and(|gap| gap.contains([':', '=']));
    let alone = tokens.get(at + 1).is_none_or(|next| {
        gap(at).contains(|c: char| !c.is_whitespace()) || matches!(next.plain.as_str(), "on" | "and" | "or")
    });
    let on_network = word(Some(at + 1)) == "on" && is_network(word(Some(at + 2)));
    let called = (NAMES.contains(&before(1)) && alone)
        || (NAMED.contains(&before(1)) && colon)
        || (NAMED.contains(&before(2)) && matches!(before(1), "is" | "was") && alone);
    let as_which = is_network(before(2)) && AS.contains(&before(1));
    let after_colon = is_network(before(1)) && colon && alone;
    let followed = VERBS.contains(&before(1)) && on_network;
    called || as_which || after_colon || followed
}

pub(super) fn is_network(plain: &str) -> bool {
    NETWORKS.binary_search(&plain).is_ok()
}

pub(super) fn bare(plain: &str) -> &str {
    plain.trim_matches(|c: char| !c.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::{
        super::{traces::traces, words::words},
        *,
    };

    fn seen(text: &str) -> Vec<(&str, Kind)> {
        traces(text, &words(text)).into_iter().map(|one| (&text[one.at.clone()], one.kind)).collect()
    }

    #[test]
    fn the_lists_are_sorted_so_that_they_can_be_searched() {
        assert!(NETWORKS.is_sorted() && WORDS.is_sorted());
    }

    #[test]
    fn accounts_and_links() {
        for account in ["@zee.h", "jay_k1ng", "www.tiktok.com/@x/live", "https://discord.gg/x9Tq2"] {
            assert_eq!(seen(&format!("she wrote to {account}.")), [(account, Kind::Account)], "{account}");
        }
        assert_eq!(seen("on snap as kayden07"), [("kayden07", Kind::Account)]);
        assert_eq!(seen("at 8@home and a@example.org, class 6b2"), []);
    }

    #[test]
    fn a_word_beside_a_networks_name_is_an_account_where_the_text_says_so() {
        for (text, account) in [
            ("insta: stubbsy.x", "stubbsy.x"),
            ("Insta stubbsy.x", "stubbsy.x"),
            ("on insta as stubbsy.x now", "stubbsy.x"),
            ("username stubbsy.x on roblox", "stubbsy.x"),
            ("username: stubbsyx", "stubbsyx"),
            ("his username is stubbsyx.", "stubbsyx"),
            ("follow stubbsyx on instagram", "stubbsyx"),
            ("snap: stubbsyx", "stubbsyx"),
            ("on Snapchat as stubbsyx to her", "stubbsyx"),
        ] {
            assert_eq!(seen(text), [(account, Kind::Account)], "{text}");
        }
    }

    #[test]
    fn what_is_said_of_a_network_is_no_account() {
        for quiet in [
            "on Snapchat as well, and on TikTok as usual",
            "Instagram: messages were sent. Snapchat: she said no.",
            "He follows people on Instagram and added strangers on Snap.",
            "His username was changed on Monday. Instagram is banned at home.",
            "photos on WhatsApp at 8 p.m. from youtube.com; her account, e.g. this one",
            "a new account on Roblox; the profile picture shows a dog",
        ] {
            assert_eq!(seen(quiet), [], "{quiet}");
        }
    }
}
