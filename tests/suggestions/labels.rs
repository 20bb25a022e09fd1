//! Narratives and their labels, as the text files have them: `[words|class who/recipients]`.

use std::ops::Range;

/// A narrative without its labels, and they.
#[derive(Debug)]
pub(super) struct Narrative {
    pub(super) number: String,
    pub(super) subject: String,
    /// Who takes part, and as what.
    pub(super) people: Vec<(String, String)>,
    pub(super) text: String,
    pub(super) labels: Vec<Label>,
}

/// A stretch, what it is, whom it tells of, and from whom it is to be withheld.
#[derive(Debug)]
pub(super) struct Label {
    pub(super) at: Range<usize>,
    pub(super) text: String,
    pub(super) class: String,
    pub(super) who: String,
    recipients: String,
}

/// Words of a label that name nobody.
const TITLES: [&str; 15] = [
    "Mr", "Mrs", "Ms", "Miss", "The", "Auntie", "Uncle", "Pastor", "Rev", "Rev.", "Mama", "Flat", "Unit",
    "Señora", "Nan",
];

impl Label {
    pub(super) fn withheld_from(&self, recipient: char) -> bool {
        self.class != "stay" && self.recipients.contains(recipient)
    }

    pub(super) fn is_direct(&self) -> bool {
        !matches!(self.class.as_str(), "relation" | "school" | "work" | "stay")
    }

    /// Does what is suggested take away what tells? Of a name every word but its title; of a number every digit.
    pub(super) fn covered(&self, text: &str, spans: &[Range<usize>]) -> bool {
        let mut end = self.at.start;
        let mut left = true;
        let words: Vec<&str> = text[self.at.clone()].split_inclusive(char::is_whitespace).collect();
        let last = words.len() - 1;
        for (place, word) in words.iter().enumerate() {
            let start = end;
            end += word.len();
            let word = word.trim();
            let digits = word.chars().any(|c| c.is_ascii_digit());
            let capital = word.chars().any(char::is_uppercase);
            let tells = match self.class.as_str() {
                "relation" => place == last,
                "ref" => digits,
                _ => {
                    let lower = self.text.chars().all(|c| !c.is_uppercase() && !c.is_ascii_digit());
                    (digits || capital || lower) && !TITLES.contains(&word)
                }
            };
            let whole = word
                .char_indices()
                .filter(|(_, c)| c.is_alphanumeric())
                .all(|(at, _)| spans.iter().any(|span| span.contains(&(start + at))));
            // `'s` and what follows it may stand.
            let stem = word.split(['\'', '’']).next().unwrap_or_default();
            let stem_covered =
                (0..stem.len()).all(|at| spans.iter().any(|span| span.contains(&(start + at))));
            let owns = word.ends_with("'s") || word.ends_with("’s");
            left &= !tells || whole || (owns && stem_covered);
        }
        left
    }
}

/// Every narrative of a file.
pub(super) fn narratives(file: &str) -> Vec<Narrative> {
    let lines: Vec<&str> = file.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    lines.chunks(2).map(|pair| narrative(pair[0], pair[1])).collect()
}

/// `= 01 kian; kian subject, reece instigator`, and the text.
fn narrative(head: &str, body: &str) -> Narrative {
    let (first, people) = head.trim_start_matches("= ").split_once("; ").expect("a `;` after the subject");
    let (number, subject) = first.split_once(' ').expect("a number and a subject");
    let people = people.split(", ").map(|one| one.split_once(' ').expect("somebody and their part"));
    let mut narrative = Narrative {
        number: number.to_owned(),
        subject: subject.to_owned(),
        people: people.map(|(who, role)| (who.to_owned(), role.to_owned())).collect(),
        text: String::new(),
        labels: Vec::new(),
    };
    let mut rest = body;
    while let Some((before, after)) = rest.split_once('[') {
        narrative.text.push_str(before);
        let (label, after) = after.split_once(']').expect("a label is closed");
        narrative.label(label);
        rest = after;
    }
    narrative.text.push_str(rest);
    narrative
}

impl Narrative {
    fn label(&mut self, label: &str) {
        let (text, about) = label.split_once('|').unwrap_or_else(|| panic!("{label}: no class"));
        let (class, about) = about.split_once(' ').unwrap_or_else(|| panic!("{label}: nobody"));
        let (who, recipients) = about.split_once('/').unwrap_or((about, "spc"));
        let start = self.text.len();
        self.text.push_str(text);
        self.labels.push(Label {
            at: start..self.text.len(),
            text: text.to_owned(),
            class: class.to_owned(),
            who: who.to_owned(),
            recipients: recipients.to_owned(),
        });
    }
}
