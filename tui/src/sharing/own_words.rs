//! What is written for one share alone: nothing can be withheld in it, so whom it names is said before it goes.

use kith_protocol::consent::{ConsentRecord, FamilyTold};

use super::{
    plan::ShareChoices,
    suggest::finder::{Finder, Rank},
};

/// Texts of a record and of its letter that a person wrote for this share, each under what its field is called.
pub(super) fn own_words(choices: &ShareChoices) -> Vec<(&'static str, &str)> {
    let mut words = vec![("What you ask", choices.ask.as_str())];
    words.extend(choices.consent.as_deref().into_iter().flat_map(of_record));
    words.retain(|(_, text)| !text.trim().is_empty());
    words
}

fn of_record(record: &ConsentRecord) -> Vec<(&'static str, &str)> {
    let more = &record.safeguarding;
    let family = match &more.family_told {
        FamilyTold::Yes { response, .. } => response,
        FamilyTold::NotYet { because, .. } | FamilyTold::NotSafe { because } => because,
    };
    let mut words: Vec<_> = record.purposes.iter().map(|text| ("What for", text.as_str())).collect();
    words.extend([
        ("They said, or why not", family.as_str()),
        ("Child's view", &more.childs_view),
        ("Why this much", &more.necessity),
    ]);
    words.extend(more.capacity.as_deref().map(|text| ("What the child understands", text)));
    words.extend(more.advice.as_deref().map(|text| ("Advice", text)));
    words
}

/// What of it would be withheld from this recipient if it stood in an entry.
pub(super) fn cautions(finder: &Finder<'_>, choices: &ShareChoices) -> Vec<String> {
    let mut said = Vec::new();
    for (field, text) in own_words(choices) {
        for hit in finder.hits(text, None) {
            let Some(withhold) = hit.withhold.filter(|_| hit.rank != Rank::Guessed) else { continue };
            let name = text.get(hit.at).unwrap_or_default();
            let caution = format!(
                "“{field}” says “{name}”, which an entry would not tell them ({}). It goes as you wrote it: step back \
                 and write it without, unless they must know",
                withhold.why
            );
            if !said.contains(&caution) {
                said.push(caution);
            }
        }
    }
    said
}
