//! One field: what it takes, what was answered, what can be chosen.

use serde::{Deserialize, Serialize};

use crate::widgets::editor::Editor;

/// Something that can be chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    pub key: String,
    pub label: String,
    /// Said beside the label, when there is room.
    pub detail: String,
    /// Other words that find it.
    #[serde(default)]
    pub also: Vec<String>,
}

impl Choice {
    /// A choice named by `key`.
    #[must_use]
    pub fn new(key: impl ToString, label: &str, detail: &str) -> Self {
        Self { key: key.to_string(), label: label.to_owned(), detail: detail.to_owned(), also: Vec::new() }
    }

    /// Found by these words too.
    #[must_use]
    pub fn also(mut self, words: &[&str]) -> Self {
        self.also = words.iter().map(|word| (*word).to_owned()).collect();
        self
    }
}

/// What was chosen; in a look-up that asks for a part, with that part.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picked {
    pub choice: Choice,
    pub part: Option<Choice>,
}

/// What a field takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    Line,
    Secret,
    /// Several lines; at least this many rows are shown.
    Box(u16),
    Choice(Vec<Choice>),
    /// Rows come from outside while one types; `parts`, when there are any, are asked for after each pick.
    Lookup {
        rows: Vec<Choice>,
        parts: Vec<Choice>,
        many: bool,
        waiting: Option<Choice>,
    },
}

/// One field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    pub id: &'static str,
    pub label: &'static str,
    pub help: &'static str,
    pub kind: Kind,
    pub editor: Editor,
    pub picked: Vec<Picked>,
    /// The highlighted row of its choices.
    pub row: usize,
    /// Somebody moved to that row.
    pub moved: bool,
    pub required: bool,
    /// The choice that calls for it: its field, and which answers.
    pub when: Option<(&'static str, &'static [&'static str])>,
    pub hidden: bool,
    /// Said beside the value, such as a date in full.
    pub note: String,
    pub error: String,
}

impl Field {
    fn new(id: &'static str, label: &'static str, kind: Kind) -> Self {
        let editor = Editor::holding("", matches!(kind, Kind::Box(_)));
        Self {
            id,
            label,
            kind,
            editor,
            help: "",
            picked: Vec::new(),
            row: 0,
            moved: false,
            required: false,
            when: None,
            hidden: false,
            note: String::new(),
            error: String::new(),
        }
    }

    /// One line of text.
    #[must_use]
    pub fn line(id: &'static str, label: &'static str) -> Self {
        Self::new(id, label, Kind::Line)
    }

    /// A line that is not shown.
    #[must_use]
    pub fn secret(id: &'static str, label: &'static str) -> Self {
        Self::new(id, label, Kind::Secret)
    }

    /// Text of several lines.
    #[must_use]
    pub fn area(id: &'static str, label: &'static str, rows: u16) -> Self {
        Self::new(id, label, Kind::Box(rows))
    }

    /// One of a short list.
    #[must_use]
    pub fn choice(id: &'static str, label: &'static str, choices: Vec<Choice>) -> Self {
        Self::new(id, label, Kind::Choice(choices))
    }

    /// Found by typing part of a name.
    #[must_use]
    pub fn lookup(id: &'static str, label: &'static str, many: bool, parts: Vec<Choice>) -> Self {
        Self::new(id, label, Kind::Lookup { rows: Vec::new(), parts, many, waiting: None })
    }

    /// It must be answered.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// It is asked only when the choice `of` is one of `keys`.
    #[must_use]
    pub const fn when(mut self, of: &'static str, keys: &'static [&'static str]) -> Self {
        self.when = Some((of, keys));
        self
    }

    /// A line of help, shown while the field has the keys.
    #[must_use]
    pub const fn help(mut self, help: &'static str) -> Self {
        self.help = help;
        self
    }

    /// Are there words in it that should have chosen something, and did not?
    #[must_use]
    pub fn left_over(&self) -> bool {
        let chooses = matches!(self.kind, Kind::Choice(_) | Kind::Lookup { .. });
        chooses && !self.hidden && !self.editor.text().trim().is_empty()
    }

    /// Marks words that chose nothing.
    pub(super) fn mark_left_over(&mut self) {
        if self.left_over() {
            self.error = match &self.kind {
                Kind::Choice(choices) => {
                    let labels: Vec<&str> = choices.iter().map(|choice| choice.label.as_str()).collect();
                    format!("{}: {}", super::NO_SUCH_CHOICE, labels.join("; "))
                }
                _ => super::NOTHING_MATCHES.to_owned(),
            };
        }
    }

    /// Is it marked for words that chose nothing?
    #[must_use]
    pub fn says_nothing_matches(&self) -> bool {
        self.error == super::NOTHING_MATCHES || self.error.starts_with(super::NO_SUCH_CHOICE)
    }

    /// Filled in beforehand.
    #[must_use]
    pub fn with(mut self, text: &str) -> Self {
        self.editor = Editor::holding(text, self.editor.many_lines);
        self
    }

    /// Chosen beforehand.
    #[must_use]
    pub fn chosen(mut self, key: &str) -> Self {
        if let Kind::Choice(choices) = &self.kind {
            let found = choices.iter().find(|choice| choice.key == key).cloned();
            self.picked = found.map(|choice| Picked { choice, part: None }).into_iter().collect();
        }
        self
    }

    /// Whether there is an answer.
    #[must_use]
    pub fn answered(&self) -> bool {
        match self.kind {
            Kind::Choice(_) | Kind::Lookup { .. } => !self.picked.is_empty(),
            _ => !self.editor.text().trim().is_empty(),
        }
    }

    /// The choices that what is typed leaves over; those that another word finds stand below those it names.
    #[must_use]
    pub fn narrowed(&self) -> Vec<&Choice> {
        let typed = self.editor.text().trim().to_lowercase();
        let named = |choice: &&Choice| choice.label.to_lowercase().contains(&typed);
        let found = |choice: &Choice| choice.also.iter().any(|word| word.contains(&typed));
        match &self.kind {
            Kind::Choice(choices) => {
                let (mut rows, rest): (Vec<_>, Vec<_>) = choices.iter().partition(named);
                rows.extend(rest.into_iter().filter(|choice| found(choice)));
                rows
            }
            Kind::Lookup { waiting: Some(_), parts, .. } => parts.iter().filter(named).collect(),
            Kind::Lookup { rows, .. } => rows.iter().collect(),
            _ => Vec::new(),
        }
    }

    /// The row that Enter would take. None where somebody must choose and has not yet begun to: nothing looks chosen.
    #[must_use]
    pub fn highlighted(&self) -> Option<usize> {
        let begun = self.moved || !self.editor.text().trim().is_empty();
        match (&self.kind, self.picked.first()) {
            (Kind::Choice(_), None) if self.required && !begun => None,
            (Kind::Choice(choices), Some(picked)) if !begun => {
                choices.iter().position(|choice| *choice == picked.choice)
            }
            _ => Some(self.row),
        }
    }

    /// The answer in words.
    #[must_use]
    pub fn words(&self) -> String {
        match self.kind {
            Kind::Choice(_) | Kind::Lookup { .. } => {
                let word = |picked: &Picked| match &picked.part {
                    Some(part) => format!("{} ({})", picked.choice.label, part.label),
                    None => picked.choice.label.clone(),
                };
                self.picked.iter().map(word).collect::<Vec<_>>().join("; ")
            }
            Kind::Secret => String::new(),
            Kind::Line | Kind::Box(_) => self.editor.text().trim().to_owned(),
        }
    }

    /// Takes the highlighted choice; says whether one was taken.
    pub(super) fn pick(&mut self) -> bool {
        let Some(choice) = self.narrowed().get(self.row).map(|choice| (*choice).clone()) else {
            return false;
        };
        match &mut self.kind {
            Kind::Lookup { parts, waiting, many, .. } => match waiting.take() {
                Some(person) => self.picked.push(Picked { choice: person, part: Some(choice) }),
                None if !parts.is_empty() => *waiting = Some(choice),
                None if *many => self.picked.push(Picked { choice, part: None }),
                None => self.picked = vec![Picked { choice, part: None }],
            },
            _ => self.picked = vec![Picked { choice, part: None }],
        }
        self.editor = Editor::default();
        (self.row, self.moved) = (0, false);
        if let Kind::Lookup { rows, .. } = &mut self.kind {
            rows.clear();
        }
        true
    }

    /// Puts what a look-up found under the field.
    pub fn found(&mut self, found: Vec<Choice>) {
        if let Kind::Lookup { rows, .. } = &mut self.kind {
            *rows = found;
            self.row = self.row.min(rows.len().saturating_sub(1));
            self.error.clear();
        }
    }

    pub(super) const fn asks_part(&self) -> bool {
        matches!(self.kind, Kind::Lookup { waiting: Some(_), .. })
    }
}
