//! The category of an entry as people type it: by its name, its words, or another word for it.

use std::fmt;

use kith_protocol::bundle::ConcernCategory;
use serde::{
    Deserialize, Deserializer,
    de::{self, Visitor},
};

/// Other words for a category, the best known first.
#[must_use]
pub const fn also(category: ConcernCategory) -> &'static [&'static str] {
    use ConcernCategory as C;
    match category {
        C::Neglect => &["hungry", "left alone", "not fed", "medical neglect", "supervision"],
        C::PhysicalAbuse => &["bruise", "injury", "hit", "hurt", "shaking"],
        C::EmotionalAbuse => &["psychological abuse", "scapegoating", "belittling", "frightened"],
        C::SexualAbuse => &["csa", "grooming", "touching", "rape"],
        C::DomesticAbuse => {
            &["domestic violence", "operation encompass", "coercive control", "violence at home"]
        }
        C::ChildOnChildAbuse => &["peer on peer", "peer abuse", "hazing", "teenage relationship abuse"],
        C::HarmfulSexualBehaviour => &["hsb", "nudes", "sexual harassment", "upskirting", "sexting"],
        C::Bullying => &["cyberbullying", "name calling", "picked on"],
        C::ChildSexualExploitation => &["cse", "sextortion", "older boyfriend", "gifts"],
        C::ChildCriminalExploitation => &["cce", "county lines", "drug running", "cuckooing", "debt bondage"],
        C::SeriousViolence => &["weapon", "knife crime", "gang", "youth violence"],
        C::Trafficking => &["human trafficking", "forced labour", "nrm"],
        C::Radicalisation => &["prevent", "extremism", "channel", "terrorism"],
        C::FemaleGenitalMutilation => &["fgm", "cutting"],
        C::HonourBasedAbuse => &["hba", "honour based violence", "forced marriage", "faith-based abuse"],
        C::OnlineSafety => &["internet", "e-safety", "gaming", "social media", "deepfake"],
        C::SelfHarm => &["suicide", "suicidal", "cutting herself", "cutting himself", "overdose"],
        C::MentalHealth => &["anxiety", "low mood", "eating disorder", "depression", "camhs"],
        C::SubstanceUse => &["substance use", "substance misuse", "cannabis", "smoking", "drunk"],
        C::Health => &["medical", "medication", "illness", "doctor"],
        C::FabricatedIllness => &["fii", "munchausen", "perplexing presentations"],
        C::MissingEducation => &["cme", "children missing education", "off roll", "elective home education"],
        C::Attendance => &["absence", "lateness", "truancy", "not collected", "school refusal"],
        C::Missing => &["runaway", "missing child", "absconding"],
        C::Behaviour => &["fighting", "aggression", "outburst", "suspension"],
        C::Discrimination => &["racist", "homophobic", "hate crime", "prejudice", "sexism"],
        C::FamilyCircumstances => {
            &["young carer", "bereavement", "separation", "housing", "private fostering", "parent in prison"]
        }
        C::ParentalHealth => &["parental mental health", "parental substance use", "parent drunk"],
        C::Appearance => &["attire", "dirty", "smell", "lice", "uniform", "no coat"],
        C::Welfare => &["wellbeing", "worry", "tired", "upset", "cause for concern"],
        C::Education => &["send", "sen", "progress", "learning"],
        C::AdultConduct => &["allegation against staff", "low-level concern", "lado", "volunteer"],
        C::ContactDetails => &["address", "phone number", "moved house"],
        C::Plans => &["conference", "core group", "strategy discussion", "mash", "referral", "review"],
        C::Other => &["other"],
    }
}

/// Its name, as scripts and files write it.
#[must_use]
pub fn name(category: ConcernCategory) -> String {
    serde_json::to_value(category).ok().and_then(|it| it.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The category that a whole word or name means; capitals, hyphens and spaces around do not matter.
#[must_use]
pub fn typed(text: &str) -> Option<ConcernCategory> {
    let wanted = plain(text);
    ConcernCategory::ALL.into_iter().find(|one| said(*one).any(|word| plain(&word) == wanted))
}

/// Every way to say a category.
fn said(category: ConcernCategory) -> impl Iterator<Item = String> {
    let own = [name(category), category.words().to_owned()];
    own.into_iter().chain(also(category).iter().map(|word| (*word).to_owned()))
}

fn plain(text: &str) -> String {
    text.replace('-', " ").split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// A category as it is typed: its name, its words, or another word for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Typed(pub ConcernCategory);

/// Words that mean no category, and the one that was probably meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is no category{}", meant(.given))]
pub struct NoCategory {
    given: String,
}

impl std::str::FromStr for Typed {
    type Err = NoCategory;

    fn from_str(text: &str) -> Result<Self, NoCategory> {
        typed(text).map(Self).ok_or_else(|| NoCategory { given: text.chars().take(SHOWN).collect() })
    }
}

/// Most characters of what was given that a message repeats.
const SHOWN: usize = 40;

fn meant(given: &str) -> String {
    let all: Vec<String> = ConcernCategory::ALL.into_iter().flat_map(said).collect();
    let near = super::nearest::nearest(&plain(given), all.iter().map(String::as_str));
    let near = near.and_then(typed);
    near.map(|one| format!(", did you mean `{}`?", name(one))).unwrap_or_default()
}

/// All names.
#[must_use]
pub fn names() -> String {
    ConcernCategory::ALL.map(name).join(", ")
}

impl<'de> Deserialize<'de> for Typed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Word;
        impl Visitor<'_> for Word {
            type Value = Typed;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a category, as text")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Typed, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Word)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_category_is_found_by_each_of_its_words_and_by_no_other_categorys() {
        let mut seen = BTreeMap::new();
        for one in ConcernCategory::ALL {
            for word in said(one) {
                let before = seen.insert(plain(&word), one);
                assert!(before.is_none_or(|before| before == one), "`{word}` is {before:?} and {one:?}");
                assert_eq!(typed(&word), Some(one), "{word}");
                assert_eq!(
                    typed(&format!("  {} ", word.to_uppercase().replace(' ', "-"))),
                    Some(one),
                    "{word}"
                );
            }
        }
        assert_eq!(typed("county lines"), Some(ConcernCategory::ChildCriminalExploitation));
        assert_eq!(typed("FGM"), Some(ConcernCategory::FemaleGenitalMutilation));
        assert_eq!(typed(""), None);
    }

    #[test]
    fn what_is_none_says_what_was_meant() {
        let said = "conty lines".parse::<Typed>().unwrap_err().to_string();
        assert!(said.contains("did you mean `child-criminal-exploitation`?"), "{said}");
        assert!("zzz".parse::<Typed>().unwrap_err().to_string().starts_with("`zzz` is no category"));
    }
}
