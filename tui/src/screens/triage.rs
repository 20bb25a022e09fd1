//! Triage: one decision in a few keys: what becomes of it, the level of need, and a reason or a case.

use std::{cmp::Ordering, collections::BTreeMap};

use crossterm::event::KeyEvent;
use kith_protocol::bundle::Role;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::{Cx, Doing, Face, Flow, Heard, lookup, query};
use crate::{
    action::Action,
    casework::{
        case::{Case, LevelOfNeed, TriageDecision},
        command::Command,
        ids::{CaseId, EntryId, PersonId},
        query::{Answer, CaseRow, EntryView, Query},
    },
    flow::Request,
    keymap::Context,
    text,
    widgets::{
        form::{Choice, Did, Field, Form},
        form_view,
        paint::{below, paragraph, put_all, window},
    },
};

/// The concern and what is decided so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Triage {
    entry: EntryId,
    child: Option<PersonId>,
    name: String,
    form: Form,
    /// The level of each case that was found.
    levels: BTreeMap<CaseId, LevelOfNeed>,
    asked: bool,
    going: bool,
}

impl Triage {
    /// Asks about a concern.
    #[must_use]
    pub fn new(view: &EntryView) -> Self {
        let subject =
            view.entry.people.iter().zip(&view.names).find(|(person, _)| person.role == Role::Subject);
        let name = subject.map_or("the child", |(_, name)| name.as_str()).to_owned();
        let ways = vec![
            Choice::new("none", "No further action", "it stays on record, with the reason"),
            Choice::new("add", "Add to a case", "it becomes an entry of the case"),
            Choice::new("open", "Open a case", "for this child"),
        ];
        let levels = text::LEVELS
            .map(|level| Choice::new(text::level(level), text::level(level), text::level_help(level)));
        let title = format!(
            "{}{}",
            view.entry.category.words().get(..1).unwrap_or("").to_uppercase(),
            view.entry.category.words().get(1..).unwrap_or("")
        );
        let hidden = |field: Field| Field { hidden: true, ..field };
        Self {
            entry: view.id,
            child: subject.map(|(person, _)| person.person),
            name,
            form: Form::new(vec![
                Field::choice("way", "Decision", ways).required(),
                Field::choice("level", "Level of need", levels.to_vec()).required(),
                hidden(
                    Field::line("reason", "Reason")
                        .required()
                        .help("Stands in the record; say what you weighed"),
                ),
                hidden(
                    Field::lookup("case", "Case", false, Vec::new())
                        .required()
                        .help("Open cases of this child, or type another name"),
                ),
                hidden(Field::line("title", "Title").required().with(&title)),
                hidden(Field::line("lead", "Lead").required()),
            ]),
            levels: BTreeMap::new(),
            asked: false,
            going: false,
        }
    }

    fn show_fields(&mut self, cx: &Cx<'_>) {
        let way = self.form.key_of("way").unwrap_or("").to_owned();
        for field in &mut self.form.fields {
            field.hidden = match field.id {
                "reason" => way != "none",
                "case" => way != "add",
                "title" | "lead" => way != "open",
                _ => false,
            };
            if field.id == "lead" && field.editor.text().is_empty() {
                field.editor.set(cx.user());
            }
        }
    }

    fn after(&mut self, did: Did, cx: &Cx<'_>) -> Vec<Flow> {
        self.show_fields(cx);
        match did {
            Did::Finished => self.decide(),
            Did::Changed => lookup::ask(&mut self.form).map(Flow::Ask).into_iter().collect(),
            Did::Nothing | Did::Moved => Vec::new(),
        }
    }

    /// What the concern's level does to the case's, as words after a comma.
    fn change(&self, case: CaseId, level: LevelOfNeed) -> Option<String> {
        let now = *self.levels.get(&case)?;
        match now.cmp(&level) {
            Ordering::Less => Some(format!(", raised to {}", text::level(level))),
            Ordering::Equal => None,
            Ordering::Greater => Some(format!(", which stays at {}", text::level(now))),
        }
    }

    fn note_levels<'a>(&mut self, rows: impl IntoIterator<Item = &'a CaseRow>) {
        self.levels.extend(rows.into_iter().map(|row| (row.id, row.level)));
    }

    fn level(&self) -> Option<LevelOfNeed> {
        text::LEVELS.into_iter().find(|level| Some(text::level(*level)) == self.form.key_of("level"))
    }

    fn case(&self) -> Option<CaseId> {
        self.form.key_of("case").and_then(|key| key.parse().ok())
    }

    fn decide(&mut self) -> Vec<Flow> {
        if !self.form.check() || self.going {
            return Vec::new();
        }
        let (level, case) = (self.level(), self.case());
        let words = |id: &str| self.form.text(id).to_owned();
        let decision = match (self.form.key_of("way"), case, self.child) {
            (Some("none"), ..) => TriageDecision::NoFurtherAction { reason: words("reason") },
            (Some("add"), Some(case), _) => TriageDecision::AddToCase { case },
            (Some("open"), _, Some(child)) => TriageDecision::OpenCase(Case {
                child,
                title: words("title"),
                level: level.unwrap_or(text::LEVELS[0]),
                lead: words("lead"),
            }),
            _ => return vec![Flow::Say("Not ready: the concern names no child; amend it first.".to_owned())],
        };
        let Some(level) = level else { return Vec::new() };
        self.going = true;
        let said = match &decision {
            TriageDecision::NoFurtherAction { .. } => {
                format!("Triaged: no further action for {}.", self.name)
            }
            TriageDecision::AddToCase { case } => {
                let level = self.change(*case, level).unwrap_or_default();
                format!("Triaged: added to the case of {}{level}.", self.name)
            }
            TriageDecision::OpenCase(_) => format!("Triaged: case opened for {}.", self.name),
        };
        let undo = Some(Command::UndoTriage { entry: self.entry });
        vec![Flow::Do(Box::new(Doing {
            command: Command::Triage { entry: self.entry, decision, level },
            said,
            undo,
        }))]
    }
}

impl Face for Triage {
    fn title(&self, _cx: &Cx<'_>) -> (String, String) {
        (String::new(), String::new())
    }

    fn contexts(&self) -> Vec<Context> {
        vec![Context::Dialog]
    }

    fn typing(&self) -> bool {
        true
    }

    fn is_box(&self) -> bool {
        true
    }

    fn ask(&self, _cx: &Cx<'_>) -> Vec<Request> {
        let child = self.child.filter(|_| !self.asked);
        child.map(|person| query(Query::Person { person })).into_iter().collect()
    }

    fn hear(&mut self, heard: Heard, _cx: &Cx<'_>) -> Vec<Flow> {
        match heard {
            Heard::Answer(Answer::Person(person)) => {
                self.asked = true;
                self.note_levels(&person.cases);
                if let Some(field) = self.form.field_mut("case") {
                    field.found(person.cases.iter().filter(|case| case.open).map(lookup::case).collect());
                }
            }
            Heard::Answer(answer) => {
                if let Answer::Cases(page) = &answer {
                    self.note_levels(&page.rows);
                }
                lookup::fill(&mut self.form, &answer);
            }
            Heard::Done(_) if self.going => return vec![Flow::Pop],
            Heard::Not(_) => self.going = false,
            _ => {}
        }
        Vec::new()
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Vec<Flow> {
        match action {
            Action::Back => vec![Flow::Pop],
            Action::Accept => {
                self.form.act(Action::NextField);
                self.decide()
            }
            action => {
                let did = self.form.act(action);
                self.after(did, cx)
            }
        }
    }

    fn key(&mut self, key: KeyEvent, cx: &Cx<'_>) -> Vec<Flow> {
        let did = self.form.key(key);
        self.after(did, cx)
    }

    fn paste(&mut self, text: &str, cx: &Cx<'_>) -> Vec<Flow> {
        let did = self.form.paste(text);
        self.after(did, cx)
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position {
        let wide = area.width.saturating_sub(4).min(84);
        let inner = window(buf, cx.look, area, (wide, 14), &format!("Triage: {}", self.name));
        let adds = self.form.key_of("way") == Some("add");
        let change = self.case().zip(self.level()).filter(|_| adds);
        let change = change.and_then(|(case, level)| self.change(case, level));
        let change = change.map_or(String::new(), |change| format!(" It goes to the case{change}."));
        let intro = format!("Type the number, or part of the word.{change}");
        put_all(buf, inner, &paragraph(&intro, inner.width, cx.look.theme.quiet));
        form_view::view(&self.form, cx.look, below(inner, 2), buf)
    }
}
