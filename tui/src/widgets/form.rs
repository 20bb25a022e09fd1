//! Forms: fields in a fixed order, choices that narrow as one types, look-ups answered from outside.

mod field;

use std::collections::BTreeMap;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

pub use self::field::{Choice, Field, Kind, Picked};
use super::editor::Editor;
use crate::action::Action;

/// Beside a field whose words choose nothing: they must not be lost in silence.
const NOTHING_MATCHES: &str = "nothing matches: type another part of it";

/// Beside a field of few choices of which the words name none; the choices themselves follow.
const NO_SUCH_CHOICE: &str = "none of its choices";

/// Beside a field that must be answered.
const NEEDED: &str = "needs an answer";
/// Choices that one digit names.
const BY_DIGIT: usize = 9;

/// What a key did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Did {
    /// It is not the form's.
    Nothing,
    /// The focus or a highlight moved.
    Moved,
    /// An answer changed.
    Changed,
    /// Enter on the last field.
    Finished,
}

/// The answers, for a draft: by field, text and picks.
pub type Saved = BTreeMap<String, (String, Vec<Picked>)>;

/// Fields and the one that has the keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    pub fields: Vec<Field>,
    pub at: usize,
}

impl Form {
    /// A form with the keys on its first field.
    #[must_use]
    pub const fn new(fields: Vec<Field>) -> Self {
        Self { fields, at: 0 }
    }

    /// The field that has the keys.
    #[must_use]
    pub fn current(&self) -> Option<&Field> {
        self.fields.get(self.at)
    }

    /// A field by its id.
    #[must_use]
    pub fn field(&self, id: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.id == id)
    }

    /// A field by its id, to change it.
    pub fn field_mut(&mut self, id: &str) -> Option<&mut Field> {
        self.fields.iter_mut().find(|field| field.id == id)
    }

    /// The typed text of a field, trimmed only of surrounding space.
    #[must_use]
    pub fn text(&self, id: &str) -> &str {
        self.field(id).map_or("", |field| field.editor.text().trim())
    }

    /// The key of the first pick of a field.
    #[must_use]
    pub fn key_of(&self, id: &str) -> Option<&str> {
        self.field(id)?.picked.first().map(|picked| picked.choice.key.as_str())
    }

    /// How many of the required fields are answered, of how many.
    #[must_use]
    pub fn progress(&self) -> (usize, usize) {
        let required = || self.fields.iter().filter(|field| field.required && !field.hidden);
        (required().filter(|field| field.answered()).count(), required().count())
    }

    /// Marks required fields without an answer, and words that chose nothing; puts the keys on the first wrong one. Says whether all is well.
    pub fn check(&mut self) -> bool {
        for field in &mut self.fields {
            if field.required && !field.hidden && !field.answered() && field.error.is_empty() {
                NEEDED.clone_into(&mut field.error);
            }
            if field.error.is_empty() || field.error == NEEDED {
                field.mark_left_over();
            }
        }
        let wrong = self.fields.iter().position(|field| !field.hidden && !field.error.is_empty());
        self.at = wrong.unwrap_or(self.at);
        wrong.is_none()
    }

    /// Puts the keys on a field.
    pub fn go(&mut self, id: &str) {
        self.at = self.fields.iter().position(|field| field.id == id).unwrap_or(self.at);
    }

    /// Shows the fields that are wanted and hides the others; the keys leave a field that is hidden. A field that appears before the keys has been jumped over
    /// by the very answer that called for it: the keys go there.
    pub fn show(&mut self, wanted: impl Fn(&Field) -> bool) {
        let mut appeared = None;
        for (n, field) in self.fields.iter_mut().enumerate() {
            let hidden = !wanted(field);
            if std::mem::replace(&mut field.hidden, hidden) && !hidden && !field.answered() {
                appeared = appeared.or(Some(n));
            }
        }
        self.at = appeared.map_or(self.at, |n| n.min(self.at));
        // Nobody types into a field that is not there.
        if self.current().is_some_and(|field| field.hidden) && self.step(true) == Did::Nothing {
            self.step(false);
        }
    }

    /// Shows what the choices so far call for, and hides the rest of what waits for one.
    pub fn show_called_for(&mut self) {
        let chosen: BTreeMap<&str, String> = self
            .fields
            .iter()
            .filter_map(|field| Some((field.id, field.picked.first()?.choice.key.clone())))
            .collect();
        self.show(|field| match field.when {
            Some((of, keys)) => chosen.get(of).is_some_and(|key| keys.contains(&key.as_str())),
            None => !field.hidden,
        });
    }

    /// A movement or a choice.
    pub fn act(&mut self, action: Action) -> Did {
        match action {
            Action::NextField | Action::FinishField => self.leave(action == Action::FinishField),
            Action::PrevField => self.step(false),
            Action::Down | Action::Up => {
                let Some(field) = self.fields.get_mut(self.at) else { return Did::Nothing };
                let many = field.narrowed().len();
                if many == 0 {
                    return self.step(action == Action::Down);
                }
                field.row = match action {
                    Action::Down => field.highlighted().map_or(0, |row| (row + 1).min(many - 1)),
                    _ => field.highlighted().unwrap_or(0).saturating_sub(1),
                };
                field.moved = true;
                Did::Moved
            }
            Action::UndoTyping | Action::RedoTyping => {
                let Some(field) = self.fields.get_mut(self.at) else { return Did::Nothing };
                if action == Action::UndoTyping {
                    field.editor.undo();
                } else {
                    field.editor.redo();
                }
                Did::Changed
            }
            _ => Did::Nothing,
        }
    }

    /// Leaves the field forwards, taking the highlighted choice if one was narrowed down to.
    fn leave(&mut self, enter: bool) -> Did {
        let Some(field) = self.fields.get_mut(self.at) else { return Did::Nothing };
        let typed = !field.editor.text().trim().is_empty();
        let chooses = match &field.kind {
            Kind::Choice(_) => typed || enter && (!field.answered() || field.moved),
            Kind::Lookup { .. } => typed || field.asks_part() || enter && !field.answered(),
            _ => false,
        };
        if enter && chooses && field.highlighted().is_none() {
            NEEDED.clone_into(&mut field.error);
            return Did::Moved;
        }
        let took = chooses && field.pick();
        if typed && chooses && !took {
            // The words stay, marked. Enter asked for a choice and finds none; Tab asked to go on.
            field.mark_left_over();
            return if enter { Did::Moved } else { self.step(true) };
        }
        if took {
            field.error.clear();
            if field.asks_part() || matches!(field.kind, Kind::Lookup { many: true, .. }) {
                return Did::Changed;
            }
        } else if matches!(field.kind, Kind::Choice(_)) && field.required && !field.answered() {
            // Passed over, it is marked at once: what is typed next does not land here.
            NEEDED.clone_into(&mut field.error);
        }
        match (self.step(true), took) {
            (Did::Nothing, _) if enter => Did::Finished,
            (_, true) => Did::Changed,
            (did, false) => did,
        }
    }

    /// The next or previous field that is shown; `Nothing` at the end.
    fn step(&mut self, forward: bool) -> Did {
        let shown = |field: &&Field| !field.hidden;
        let next = if forward {
            self.fields.iter().enumerate().skip(self.at + 1).find(|(_, f)| shown(f)).map(|(n, _)| n)
        } else {
            self.fields.iter().enumerate().take(self.at).rfind(|(_, f)| shown(f)).map(|(n, _)| n)
        };
        next.map_or(Did::Nothing, |next| {
            // Whichever way it is left, what chose nothing is not lost in silence.
            self.fields.get_mut(self.at).into_iter().for_each(Field::mark_left_over);
            self.at = next;
            Did::Moved
        })
    }

    /// A typed key.
    pub fn key(&mut self, key: KeyEvent) -> Did {
        let Some(field) = self.fields.get_mut(self.at) else { return Did::Nothing };
        let choosing = matches!(field.kind, Kind::Choice(_) | Kind::Lookup { .. });
        if choosing && field.editor.text().is_empty() {
            match key.code {
                KeyCode::Char(c) if c.is_ascii_digit() && key.modifiers == KeyModifiers::NONE => {
                    if let Some(did) = self.digit(c) {
                        return did;
                    }
                }
                KeyCode::Backspace => {
                    if let Kind::Lookup { waiting, .. } = &mut field.kind
                        && waiting.take().is_some()
                    {
                        return Did::Moved;
                    }
                    return if field.picked.pop().is_some() { Did::Changed } else { Did::Nothing };
                }
                KeyCode::Char('u') if key.modifiers == KeyModifiers::CONTROL && !field.picked.is_empty() => {
                    field.picked.clear();
                    return Did::Changed;
                }
                KeyCode::Char(' ') => return Did::Moved,
                _ => {}
            }
        }
        let Some(field) = self.fields.get_mut(self.at) else { return Did::Nothing };
        let types = matches!(key.code, KeyCode::Char(_)) && key.modifiers.is_empty();
        if choosing && types && field.says_nothing_matches() {
            // What chose nothing is not added to: the next try takes its place.
            field.editor.set("");
        }
        let before = field.editor.text().len();
        if !field.editor.key(key) {
            return Did::Nothing;
        }
        field.row = 0;
        if before == field.editor.text().len() && matches!(key.code, KeyCode::Left | KeyCode::Right) {
            return Did::Moved;
        }
        field.error.clear();
        Did::Changed
    }

    /// A digit picks at once from the list as it stands, and goes on. From a list too long for one digit a second one
    /// may follow, so the keys stay: none of them lands in the next field.
    fn digit(&mut self, c: char) -> Option<Did> {
        let field = self.fields.get_mut(self.at)?;
        let digit = usize::try_from(c.to_digit(10)?).ok()?;
        let many = field.narrowed().len();
        let long = matches!(field.kind, Kind::Choice(_)) && many > BY_DIGIT;
        let chosen = field.narrowed().iter().position(|one| field.picked.iter().any(|it| it.choice == **one));
        let second = chosen.filter(|_| long).map(|nth| (nth + 1) * 10 + digit).filter(|nth| *nth <= many);
        let nth = second.unwrap_or(digit).checked_sub(1).filter(|nth| *nth < many)?;
        field.row = nth;
        field.pick();
        field.error.clear();
        if !long && !matches!(field.kind, Kind::Lookup { many: true, .. }) {
            self.step(true);
        }
        Some(Did::Changed)
    }

    /// Pasted text.
    pub fn paste(&mut self, text: &str) -> Did {
        let Some(field) = self.fields.get_mut(self.at) else { return Did::Nothing };
        field.editor.insert(text);
        field.error.clear();
        Did::Changed
    }

    /// The answers, for a draft.
    #[must_use]
    pub fn saved(&self) -> Saved {
        let open = |field: &&Field| !matches!(field.kind, Kind::Secret);
        let one =
            |field: &Field| (field.id.to_owned(), (field.editor.text().to_owned(), field.picked.clone()));
        self.fields.iter().filter(open).map(one).collect()
    }

    /// Fills in what a draft holds.
    pub fn restore(&mut self, saved: &Saved) {
        for field in &mut self.fields {
            if let Some((text, picked)) = saved.get(field.id) {
                field.editor = Editor::holding(text, field.editor.many_lines);
                field.picked.clone_from(picked);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> Form {
        let ways = vec![Choice::new("a", "Add to a case", ""), Choice::new("o", "Open a case", "")];
        Form::new(vec![
            Field::choice("way", "Way", ways).required(),
            Field::lookup("who", "Who", true, vec![Choice::new("w", "witness", "")]),
            Field::area("what", "What", 3).required(),
        ])
    }

    fn typed(form: &mut Form, text: &str) {
        for c in text.chars() {
            form.key(KeyEvent::from(KeyCode::Char(c)));
        }
    }

    #[test]
    fn a_digit_picks_and_goes_on_and_letters_narrow() {
        let mut one = form();
        typed(&mut one, "2");
        assert_eq!((one.key_of("way"), one.at), (Some("o"), 1));
        let mut two = form();
        typed(&mut two, "add");
        assert_eq!(two.current().map(|f| f.narrowed().len()), Some(1));
        assert_eq!(two.act(Action::NextField), Did::Changed);
        assert_eq!((two.key_of("way"), two.at), (Some("a"), 1));
    }

    #[test]
    fn a_required_choice_looks_chosen_only_when_it_is_and_is_marked_when_passed_over() {
        let mut form = form();
        assert_eq!(form.current().and_then(Field::highlighted), None);
        assert_eq!((form.act(Action::FinishField), form.at), (Did::Moved, 0), "Enter takes nothing unseen");
        assert_eq!(form.act(Action::NextField), Did::Moved);
        assert_eq!(form.field("way").map(|field| field.error.as_str()), Some(NEEDED));
        form.go("way");
        form.act(Action::Down);
        assert_eq!(form.current().and_then(Field::highlighted), Some(0));
        form.act(Action::FinishField);
        assert_eq!(form.key_of("way"), Some("a"));
    }

    #[test]
    fn no_digit_of_a_long_list_lands_in_the_next_field() {
        let many = (1..=15).map(|n| Choice::new(n, &format!("kind {n}"), "")).collect();
        let mut form =
            Form::new(vec![Field::choice("kind", "Kind", many).required(), Field::line("next", "Next")]);
        typed(&mut form, "12");
        assert_eq!((form.key_of("kind"), form.text("next")), (Some("12"), ""));
        form.act(Action::NextField);
        typed(&mut form, "0905");
        assert_eq!(form.text("next"), "0905");
    }

    #[test]
    fn ctrl_u_clears_and_what_chose_nothing_is_typed_over() {
        let ctrl = |c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL);
        let mut form = form();
        typed(&mut form, "zebra");
        form.act(Action::FinishField);
        typed(&mut form, "op");
        assert_eq!(form.current().map(|field| field.editor.text()), Some("op"));
        form.key(ctrl('u'));
        assert_eq!(form.current().map(|field| field.editor.text()), Some(""));
        typed(&mut form, "open a");
        form.key(ctrl('w'));
        assert_eq!(form.current().map(|field| field.editor.text()), Some("open "));
        form.act(Action::FinishField);
        form.go("way");
        assert_eq!(form.key(ctrl('u')), Did::Changed);
        assert_eq!(form.key_of("way"), None, "what was picked too");
        let mut text = Editor::holding("one\ntwo three", true);
        text.key(ctrl('u'));
        assert_eq!(text.text(), "one\n", "of a box the line");
    }

    #[test]
    fn words_that_choose_nothing_stay_marked_and_hold_nobody() {
        let mut form = form();
        typed(&mut form, "zebra");
        assert_eq!((form.act(Action::FinishField), form.at), (Did::Moved, 0), "Enter wanted a choice");
        assert_eq!((form.act(Action::NextField), form.at), (Did::Moved, 1), "Tab goes on");
        let left = form.field("way").map(|field| (field.editor.text(), field.error.as_str()));
        assert_eq!(left, Some(("zebra", "none of its choices: Add to a case; Open a case")));
        assert!(!form.check(), "and it is not recorded like that");
        assert_eq!(form.at, 0);
        // Also where something was chosen before, and whichever way it is left.
        let mut form = self::form();
        typed(&mut form, "1");
        form.go("what");
        form.paste("seen");
        form.go("way");
        typed(&mut form, "Act on it");
        form.go("who");
        typed(&mut form, "Ben");
        form.act(Action::PrevField);
        assert_eq!(form.field("who").map(|field| field.error.as_str()), Some(NOTHING_MATCHES));
        assert!(!form.check());
        let marked = form.fields.iter().filter(|field| field.says_nothing_matches()).count();
        assert_eq!((marked, form.at), (2, 0), "both, and the keys are on the first");
    }

    #[test]
    fn a_field_that_an_answer_calls_for_is_not_jumped_over() {
        let mut form = form();
        form.fields.insert(1, Field { hidden: true, ..Field::line("how", "How") });
        typed(&mut form, "1");
        assert_eq!(form.current().map(|field| field.id), Some("who"));
        form.show(|_| true);
        assert_eq!(form.current().map(|field| field.id), Some("how"));
        form.go("what");
        form.show(|_| true);
        assert_eq!(form.current().map(|field| field.id), Some("what"), "only what appears");
    }

    #[test]
    fn a_person_is_picked_with_their_part() {
        let mut form = form();
        typed(&mut form, "1ann");
        form.field_mut("who").unwrap().found(vec![Choice::new("1-1", "Anna Berg", "")]);
        assert_eq!(form.act(Action::FinishField), Did::Changed);
        assert_eq!(form.act(Action::FinishField), Did::Changed);
        assert_eq!(form.field("who").map(Field::words).as_deref(), Some("Anna Berg (witness)"));
        assert_eq!(form.at, 1, "more may be added");
        assert_eq!(form.act(Action::FinishField), Did::Moved);
    }

    #[test]
    fn answers_come_back_from_a_draft_and_missing_ones_are_named() {
        let mut one = form();
        typed(&mut one, "1");
        assert!(!one.check());
        assert_eq!(one.current().map(|f| (f.id, f.error.as_str())), Some(("what", "needs an answer")));
        one.paste("seen\rheard");
        let mut two = form();
        two.restore(&one.saved());
        assert_eq!((two.key_of("way"), two.text("what")), (Some("a"), "seen\nheard"));
        assert_eq!(two.progress(), (2, 2));
    }
}
