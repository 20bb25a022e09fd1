//! Texts as the recipient may read them, with a reason wherever something is left out.

use serde::{Deserialize, Serialize};

/// A text as the recipient may read it: spans, in order.
pub type Passage<S> = Vec<S>;

/// A stretch of text, or the place where one was left out. Its length is not told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Span {
    Text(String),
    Withheld(Reason),
}

/// Why something is withheld. The text codes are stable; the numbers are for print.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    ThirdPartyChild,
    ThirdPartyAdult,
    Informant,
    ContactOrAddress,
    NotRelevant,
    LegalPrivilege,
    SeriousHarm,
    PoliceOrCourt,
    /// Another reason, in the sender's words.
    Other(String),
}

impl Reason {
    /// Every code but `Other`, which carries words of its own.
    pub const CODED: [Self; 8] = [
        Self::ThirdPartyChild,
        Self::ThirdPartyAdult,
        Self::Informant,
        Self::ContactOrAddress,
        Self::NotRelevant,
        Self::LegalPrivilege,
        Self::SeriousHarm,
        Self::PoliceOrCourt,
    ];

    /// The code, 1 to 9.
    #[must_use]
    pub const fn number(&self) -> u8 {
        match self {
            Self::ThirdPartyChild => 1,
            Self::ThirdPartyAdult => 2,
            Self::Informant => 3,
            Self::ContactOrAddress => 4,
            Self::NotRelevant => 5,
            Self::LegalPrivilege => 6,
            Self::SeriousHarm => 7,
            Self::PoliceOrCourt => 8,
            Self::Other(_) => 9,
        }
    }

    /// The reason in words.
    #[must_use]
    pub fn words(&self) -> &str {
        match self {
            Self::ThirdPartyChild => "another child",
            Self::ThirdPartyAdult => "another adult",
            Self::Informant => "an informant or whistle-blower",
            Self::ContactOrAddress => "a contact detail or address",
            Self::NotRelevant => "not relevant to the purpose",
            Self::LegalPrivilege => "legal privilege",
            Self::SeriousHarm => "could cause serious harm",
            Self::PoliceOrCourt => "restricted by the police or a court",
            Self::Other(words) => words,
        }
    }
}

/// A passage as one text, with `gap` for what is left out. A gap takes the white space after it along; where words
/// follow, a blank stands between.
#[must_use]
pub fn in_words(passage: &[Span], gap: impl Fn(&Reason) -> String) -> String {
    let (mut words, mut after_gap) = (String::new(), false);
    for span in passage {
        match span {
            Span::Text(text) => {
                if after_gap && text.starts_with(char::is_alphanumeric) {
                    words.push(' ');
                }
                words.push_str(text);
            }
            Span::Withheld(reason) => words.push_str(&gap(reason)),
        }
        after_gap = matches!(span, Span::Withheld(_));
    }
    words
}

/// How many passages are withheld for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WithheldCount {
    pub reason: Reason,
    pub count: u64,
}
