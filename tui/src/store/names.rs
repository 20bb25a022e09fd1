//! Names as people search for them: any part, without accents, also misspelt; and numbers others know people by.
//!
//! The index holds each distinct word of a name once, with its pairs of letters, so that looking for misspellings
//! costs by the size of the vocabulary and not by the number of people.

use std::collections::{BTreeSet, HashMap};

use rusqlite::{Connection, params};
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

use super::error::StoreError;
use crate::casework::person::Person;

/// Longest word of a name that is indexed, in letters.
const MAX_WORD: usize = 64;
/// Most words of one person's names.
const MAX_WORDS: usize = 64;
/// Most words of what is searched for.
const MAX_TERMS: usize = 8;
/// Most words of the vocabulary that one typed beginning stands for.
const MAX_BEGINNINGS: i64 = 400;
/// Most words whose spelling is compared with one typed word.
const MAX_COMPARED: i64 = 1_000;
/// Most misspellings that one typed word stands for.
const MAX_MISSPELT: usize = 12;
/// How alike two words must be to be the same name misspelt, 0 to 1.
const ALIKE: f64 = 0.8;
/// How many letters, from and to, a word has in which a single slip counts as misspelt.
const SHORT: (usize, usize) = (3, 4);
/// Most people who bear a word as typed, or begin so, whose other names are compared; also how many bearers of a word are
/// ranked by how many of some words they bear.
const MAX_WHOLE: usize = 4_000;
const MAX_BEGUN: usize = 1_000;

/// Most pairs of words of a text that are looked for misspelt, and how many people each may stand for.
const MAX_PAIRS: usize = 200;
const FEW: usize = 3;
/// Most initials of a text that are looked for, and how many people each may stand for.
const MAX_INITIALS: usize = 20;
const MAX_ALIKE: usize = 20;

/// A letter's plain form: no accents, lower case, one form for letters that have several.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        match c {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ħ' => folded.push('h'),
            'ı' => folded.push('i'),
            c if !is_combining_mark(c) => folded.push(c),
            _ => {}
        }
    }
    folded
}

/// An identifier without blanks, dashes and case.
pub(super) fn plain_identifier(value: &str) -> String {
    value.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// The words of some names. An apostrophe joins (`obrien`), and what follows it counts by itself too (`brien`).
pub(super) fn words(text: &str) -> BTreeSet<String> {
    let folded = fold(text);
    let mut found = BTreeSet::new();
    for part in folded.split(|c: char| !c.is_alphanumeric() && !is_apostrophe(c)) {
        let joined: String = part.chars().filter(|c| !is_apostrophe(*c)).take(MAX_WORD).collect();
        if let Some((_, after)) = part.rsplit_once(is_apostrophe)
            && after.chars().count() > 1
        {
            found.insert(after.chars().take(MAX_WORD).collect());
        }
        if !joined.is_empty() {
            found.insert(joined);
        }
    }
    found
}

const fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}' | '\u{2bc}' | '\u{2bb}' | '`')
}

/// The pairs of letters of a word, its ends marked.
fn pairs(word: &str) -> BTreeSet<String> {
    let marked: Vec<char> = ['^'].into_iter().chain(word.chars()).chain(['$']).collect();
    marked.windows(2).map(|pair| pair.iter().collect()).collect()
}

/// Puts a person's names into the index, in place of those that were there.
pub(super) fn index(db: &Connection, id: i64, person: &Person, is_pupil: bool) -> Result<(), StoreError> {
    forget(db, id)?;
    let names = [&person.given, &person.family].into_iter().chain(&person.preferred);
    let all: BTreeSet<String> = names.chain(&person.also_known_as).flat_map(|name| words(name)).collect();
    let mut count = db.prepare_cached(
        "INSERT INTO name_word (word, people) VALUES (?, 1)
         ON CONFLICT (word) DO UPDATE SET people = people + 1 RETURNING id, people",
    )?;
    let mut part = db.prepare_cached("INSERT INTO name_part (word, other, person) VALUES (?, ?, ?)")?;
    let mut gram = db.prepare_cached("INSERT INTO name_gram (gram, letters, word) VALUES (?, ?, ?)")?;
    for word in all.iter().take(MAX_WORDS) {
        let (key, people): (i64, i64) = count.query_row([word], |row| Ok((row.get(0)?, row.get(1)?)))?;
        part.execute(params![key, !is_pupil, id])?;
        if people == 1 {
            for pair in pairs(word) {
                gram.execute(params![pair, word.chars().count(), key])?;
            }
        }
    }
    Ok(())
}

/// Takes a person's names out of the index, and words that nobody bears any more.
fn forget(db: &Connection, id: i64) -> Result<(), StoreError> {
    let old: Vec<i64> = db
        .prepare_cached("DELETE FROM name_part WHERE person = ? RETURNING word")?
        .query_map([id], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for word in old {
        let (text, people): (String, i64) = db
            .prepare_cached("UPDATE name_word SET people = people - 1 WHERE id = ? RETURNING word, people")?
            .query_row([word], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if people == 0 {
            db.prepare_cached("DELETE FROM name_word WHERE id = ?")?.execute([word])?;
            let mut delete =
                db.prepare_cached("DELETE FROM name_gram WHERE gram = ? AND letters = ? AND word = ?")?;
            for pair in pairs(&text) {
                delete.execute(params![pair, text.chars().count(), word])?;
            }
        }
    }
    Ok(())
}

/// People whose names have a word for each word of `text`, best first: whole words before beginnings before
/// misspellings, pupils before others.
pub(super) fn find(
    db: &Connection,
    text: &str,
    pupils_only: bool,
    limit: usize,
) -> Result<Vec<i64>, StoreError> {
    let terms: Vec<String> = fold(text)
        .split(|c: char| !c.is_alphanumeric() && !is_apostrophe(c))
        .map(|part| part.chars().filter(|c| !is_apostrophe(*c)).take(MAX_WORD).collect::<String>())
        .filter(|part| !part.is_empty())
        .take(MAX_TERMS)
        .collect();
    if terms.is_empty() {
        return Ok(Vec::new());
    }
    let mut terms = terms.into_iter().map(|word| Term::begin(db, word)).collect::<Result<Vec<_>, _>>()?;
    let found = candidates(db, &terms, pupils_only, limit)?;
    if found.len() >= limit {
        return Ok(found);
    }
    // Too few are spelt that way: look for those that are spelt nearly so.
    for term in &mut terms {
        term.add_misspelt(db)?;
    }
    candidates(db, &terms, pupils_only, limit)
}

/// People who bear any of these words, those who bear the most first.
pub(super) fn bearing(
    db: &Connection,
    words: &BTreeSet<String>,
    limit: usize,
) -> Result<Vec<i64>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT p.person FROM name_word w JOIN name_part p ON p.word = w.id WHERE w.word = ? LIMIT ?",
    )?;
    let mut borne: HashMap<i64, usize> = HashMap::new();
    for word in words {
        let mut rows = statement.query(params![word, MAX_WHOLE])?;
        while let Some(row) = rows.next()? {
            *borne.entry(row.get(0)?).or_default() += 1;
        }
    }
    let mut people: Vec<(i64, usize)> = borne.into_iter().collect();
    people.sort_by_key(|(person, words)| (std::cmp::Reverse(*words), *person));
    Ok(people.into_iter().take(limit).map(|(person, _)| person).collect())
}

/// People whose names are two of these words, both misspelt: of each pair of which neither is borne by anybody, the best
/// few. Whoever bears one of them as it is, is found by [`bearing`].
pub(super) fn nearly(
    db: &Connection,
    pairs: &BTreeSet<(String, String)>,
) -> Result<BTreeSet<i64>, StoreError> {
    let mut borne = db.prepare_cached("SELECT 1 FROM name_word WHERE word IN (?, ?)")?;
    let mut found = BTreeSet::new();
    for (one, two) in pairs.iter().take(MAX_PAIRS) {
        if !borne.exists([fold(one), fold(two)])? {
            found.extend(find(db, &format!("{one} {two}"), false, FEW)?);
        }
    }
    Ok(found)
}

/// People who have names that begin with both letters.
pub(super) fn with_initials(
    db: &Connection,
    initials: &BTreeSet<(char, char)>,
) -> Result<BTreeSet<i64>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT p.person FROM name_word w JOIN name_part p ON p.word = w.id
         WHERE w.word >= ?1 AND w.word < ?1 || char(0x10FFFF) AND EXISTS (
            SELECT 1 FROM name_part other JOIN name_word o ON o.id = other.word
            WHERE other.person = p.person AND o.id <> w.id AND o.word >= ?2 AND o.word < ?2 || char(0x10FFFF))
         LIMIT ?3",
    )?;
    let mut found = BTreeSet::new();
    for (one, two) in initials.iter().take(MAX_INITIALS) {
        let mut rows = statement.query(params![one.to_string(), two.to_string(), MAX_ALIKE])?;
        while let Some(row) = rows.next()? {
            found.insert(row.get(0)?);
        }
    }
    Ok(found)
}

/// One typed word and the words of the vocabulary it may stand for.
struct Term {
    typed: String,
    /// How well each word fits, and how many people bear it.
    fits: HashMap<i64, (f64, i64)>,
}

impl Term {
    /// Words that begin as typed.
    fn begin(db: &Connection, typed: String) -> Result<Self, StoreError> {
        let mut statement = db.prepare_cached(
            "SELECT id, word, people FROM name_word WHERE word >= ?1 AND word < ?1 || char(0x10FFFF)
             ORDER BY word LIMIT ?2",
        )?;
        let fits = statement
            .query_map(params![typed, MAX_BEGINNINGS], |row| {
                let word: String = row.get(1)?;
                Ok((row.get(0)?, (as_typed(&typed, &word).unwrap_or(0.0), row.get(2)?)))
            })?
            .collect::<Result<_, _>>()?;
        Ok(Self { typed, fits })
    }

    /// Words that share enough pairs of letters and are alike.
    fn add_misspelt(&mut self, db: &Connection) -> Result<(), StoreError> {
        let letters = self.typed.chars().count();
        if letters < 2 {
            return Ok(());
        }
        let pairs: Vec<String> = pairs(&self.typed).into_iter().collect();
        let marks = vec!["?"; pairs.len()].join(",");
        let sql = format!(
            "SELECT g.word, w.word, w.people FROM (
                SELECT word, count(*) AS shared FROM name_gram
                WHERE gram IN ({marks}) AND letters BETWEEN {} AND {}
                GROUP BY word ORDER BY shared DESC LIMIT {MAX_COMPARED}) g
             JOIN name_word w ON w.id = g.word",
            letters.saturating_sub(2),
            letters + 2,
        );
        let mut statement = db.prepare_cached(&sql)?;
        let mut rows = statement.query(rusqlite::params_from_iter(pairs))?;
        let mut alike: Vec<(f64, i64, i64)> = Vec::new();
        while let Some(row) = rows.next()? {
            let fit = likeness(&self.typed, row.get_ref(1)?.as_str().unwrap_or_default());
            if fit >= ALIKE {
                alike.push((fit, row.get(0)?, row.get(2)?));
            }
        }
        alike.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        for (fit, word, people) in alike.into_iter().take(MAX_MISSPELT) {
            self.fits.entry(word).or_insert((fit * MISSPELT, people));
        }
        Ok(())
    }

    fn people(&self) -> i64 {
        self.fits.values().map(|(_, people)| people).sum()
    }

    /// How well a person's word fits this term; beginnings beyond [`MAX_BEGINNINGS`] count as well.
    fn fit(&self, key: i64, word: &str) -> Option<f64> {
        as_typed(&self.typed, word).or_else(|| self.fits.get(&key).map(|(fit, _)| *fit))
    }
}

/// What a whole word, a beginning, and the closest misspelling weigh.
const WHOLE: f64 = 1.0;
const BEGINNING: f64 = 0.9;
const MISSPELT: f64 = 0.8;

/// How well `word` fits what was typed, if it is spelt so.
fn as_typed(typed: &str, word: &str) -> Option<f64> {
    let rest = word.strip_prefix(typed)?;
    Some(if rest.is_empty() { WHOLE } else { BEGINNING })
}

/// How alike two words are, 0 to 1: typing slips by Damerau and Levenshtein, names heard and written by Jaro and Winkler.
/// In a short word one slip after the first letter weighs much by either measure, and is common: it just counts.
fn likeness(typed: &str, word: &str) -> f64 {
    let slips = strsim::normalized_damerau_levenshtein(typed, word);
    let heard = strsim::jaro_winkler(typed, word);
    let fit = f64::midpoint(slips, heard).max(heard - 0.05);
    let short = (SHORT.0..=SHORT.1).contains(&typed.chars().count());
    if short && typed.chars().next() == word.chars().next() && strsim::damerau_levenshtein(typed, word) == 1 {
        fit.max(ALIKE)
    } else {
        fit
    }
}

/// The people who have a word for each term, ranked.
fn candidates(
    db: &Connection,
    terms: &[Term],
    pupils_only: bool,
    limit: usize,
) -> Result<Vec<i64>, StoreError> {
    let Some(rarest) = terms.iter().min_by_key(|term| term.people()) else { return Ok(Vec::new()) };
    let mut by_fit: Vec<(&i64, &(f64, i64))> = rarest.fits.iter().collect();
    by_fit.sort_by(|a, b| b.1.0.total_cmp(&a.1.0).then(a.0.cmp(b.0)));
    let mut people =
        db.prepare_cached("SELECT person, other FROM name_part WHERE word = ? AND other <= ? LIMIT ?")?;
    let (mut ranked, mut seen): (Vec<(f64, bool, i64)>, BTreeSet<i64>) = (Vec::new(), BTreeSet::new());
    for (word, (fit, _)) in by_fit {
        // People of later words rank lower by this term.
        let (room, enough) = match (terms.len(), *fit >= WHOLE) {
            (1, _) => (limit, limit),
            (_, true) => (MAX_WHOLE, usize::MAX),
            (_, false) => (MAX_BEGUN, 2 * limit),
        };
        let room = room.saturating_sub(seen.len());
        if room == 0 || ranked.len() >= enough {
            break;
        }
        let mut rows = people.query(params![word, !pupils_only, room])?;
        while let Some(row) = rows.next()? {
            let (person, other): (i64, bool) = (row.get(0)?, row.get(1)?);
            if seen.insert(person) {
                let fit = if terms.len() == 1 { Some(*fit) } else { fit_all(db, terms, person)? };
                ranked.extend(fit.map(|fit| (fit, other, person)));
            }
        }
    }
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
    Ok(ranked.into_iter().take(limit).map(|(.., person)| person).collect())
}

/// How well a person's names fit all terms, if there is a word for each.
fn fit_all(db: &Connection, terms: &[Term], person: i64) -> Result<Option<f64>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT w.id, w.word FROM name_part p JOIN name_word w ON w.id = p.word WHERE p.person = ?",
    )?;
    let mut best = vec![0.0_f64; terms.len()];
    let mut rows = statement.query([person])?;
    while let Some(row) = rows.next()? {
        let (key, word) = (row.get(0)?, row.get_ref(1)?.as_str().unwrap_or_default());
        for (term, slot) in terms.iter().zip(&mut best) {
            *slot = slot.max(term.fit(key, word).unwrap_or(0.0));
        }
    }
    Ok(best.iter().all(|fit| *fit > 0.0).then(|| best.iter().sum()))
}

/// People known by a number that begins so.
pub(super) fn find_identifier(db: &Connection, text: &str, limit: usize) -> Result<Vec<i64>, StoreError> {
    let plain = plain_identifier(text);
    if plain.len() < 3 || !plain.contains(|c: char| c.is_ascii_digit()) {
        return Ok(Vec::new());
    }
    let mut statement = db.prepare_cached(
        "SELECT DISTINCT person FROM person_identifier WHERE value >= ?1 AND value < ?1 || char(0x10FFFF) LIMIT ?2",
    )?;
    let found = statement.query_map(params![plain, limit], |row| row.get(0))?;
    Ok(found.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fold_to_what_is_typed() {
        assert_eq!(fold("Nguyễn ŁUKASZ Straße Þór ﬁ"), "nguyen lukasz strasse thor fi");
        let of = |text: &str| words(text).into_iter().collect::<Vec<_>>().join(" ");
        assert_eq!(of("O'Brien-Nguyễn"), "brien nguyen obrien");
        assert_eq!(of("  D\u{2019}Arcy   "), "arcy darcy");
        assert_eq!(of("'"), "");
        assert_eq!(words(&"a".repeat(200)).first().map(String::len), Some(MAX_WORD));
    }

    #[test]
    fn misspelt_names_are_alike_and_others_are_not() {
        for (typed, meant) in [
            ("mohamed", "mohammed"),
            ("muhammad", "mohammed"),
            ("smtih", "smith"),
            ("cathrine", "catherine"),
            ("katherine", "catherine"),
            ("siobahn", "siobhan"),
            ("nguyne", "nguyen"),
            ("jon", "john"),
            ("mai", "mia"),
            ("evie", "eve"),
            ("zaar", "zara"),
            ("leo", "lea"),
        ] {
            assert!(likeness(typed, meant) >= ALIKE, "{typed} {meant} {}", likeness(typed, meant));
        }
        for (typed, other) in
            [("smith", "jones"), ("amir", "zara"), ("taylor", "tudor"), ("ali", "eve"), ("mai", "lia")]
        {
            assert!(likeness(typed, other) < ALIKE, "{typed} {other} {}", likeness(typed, other));
        }
    }
}
