//! The form for a concern, another entry, or an amendment: fixed fields, typed statements in boxes of their own.

mod fields;
mod reading;

use crossterm::event::KeyEvent;
use jiff::Zoned;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};
use serde::{Deserialize, Serialize};

pub(super) use self::fields::categories;
use super::{Answered, Cx, Doing, Face, Flow, Heard, check::Check, dialog::Dialog, lookup, push, query};
use crate::{
    action::Action,
    casework::{
        command::Command,
        entry::{Attachment, EntryKind},
        ids::{CaseId, EntryId},
        query::{Answer, Draft, EntryView, Query},
    },
    flow::Request,
    keymap::Context,
    widgets::{
        form::{Choice, Did, Field, Form, Kind, Saved},
        form_view,
        paint::{Columns, below, put},
    },
};

/// What the form will record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum For {
    Concern,
    Case(CaseId),
    Amend(EntryId),
}

/// The form and what is kept of it.
#[derive(Debug, Clone, PartialEq)]
pub struct EntryForm {
    what: For,
    /// What is amended stays of its kind.
    kind: Option<EntryKind>,
    /// The draft's key: one a form.
    key: String,
    form: Form,
    attachments: Vec<Attachment>,
    /// Changed since it was last sent to be kept.
    dirty: bool,
    saved: Option<Zoned>,
    /// Drafts of the same kind, to be brought back.
    drafts: Vec<Draft>,
    recording: bool,
    discarding: bool,
}

/// How a draft is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    fields: Saved,
    attachments: Vec<Attachment>,
}

impl EntryForm {
    fn new(what: For, key: String, form: Form) -> Self {
        Self {
            what,
            kind: None,
            key,
            form,
            attachments: Vec::new(),
            dirty: false,
            saved: None,
            drafts: Vec::new(),
            recording: false,
            discarding: false,
        }
    }

    /// A new concern.
    #[must_use]
    pub fn concern(cx: &Cx<'_>) -> Self {
        let key = format!("concern/{}", cx.now.timestamp().as_millisecond());
        Self::new(For::Concern, key, fields::concern())
    }

    /// A new entry of a case; the child is known.
    #[must_use]
    pub fn entry(case: CaseId, child: Choice, cx: &Cx<'_>) -> Self {
        let key = format!("entry/{case}/{}", cx.now.timestamp().as_millisecond());
        Self::new(For::Case(case), key, fields::entry(child))
    }

    /// An amendment of what is recorded; the version before stays.
    #[must_use]
    pub fn amend(view: &EntryView) -> Self {
        let mut form = fields::amendment(view);
        fields::note_when(&mut form, None);
        let mut this = Self::new(For::Amend(view.id), format!("amend/{}", view.id), form);
        this.kind = Some(view.entry.kind);
        this.attachments.clone_from(&view.entry.attachments);
        this
    }

    /// The beginning of the key that drafts of this kind share.
    fn family(&self) -> String {
        match self.what {
            For::Concern => "concern/".to_owned(),
            For::Case(case) => format!("entry/{case}/"),
            For::Amend(entry) => format!("amend/{entry}"),
        }
    }

    fn after(&mut self, did: Did, cx: &Cx<'_>) -> Vec<Flow> {
        if did != Did::Changed {
            return Vec::new();
        }
        self.dirty = true;
        fields::note_when(&mut self.form, Some(cx.now));
        let danger = self.form.key_of("danger") == Some("yes");
        self.form.show(|field| if field.id == "danger_done" { danger } else { !field.hidden });
        lookup::ask(&mut self.form).map(Flow::Ask).into_iter().collect()
    }

    fn attach(&mut self) -> Option<Vec<Flow>> {
        let here = self.form.current().filter(|field| field.id == "attach" && field.answered())?;
        let path = here.editor.text().trim().trim_matches(['"', '\'']).into();
        Some(vec![Flow::Ask(Request::Attach { path })])
    }

    /// What the person at the keyboard would type here again and again.
    fn fill_now(&mut self, cx: &Cx<'_>) -> Vec<Flow> {
        let here = self.form.current().map_or("", |field| field.id);
        let (id, text) = match (here, cx.session) {
            ("source", Some(session)) => ("source", format!("{}, {}", session.user.name, session.user.role)),
            _ => ("when", cx.now.strftime("today %H%M").to_string()),
        };
        if let Some(field) = self.form.field_mut(id) {
            field.editor.set(&text);
            field.error.clear();
        }
        self.after(Did::Changed, cx)
    }

    fn check(&mut self, cx: &Cx<'_>) -> Vec<Flow> {
        self.form.act(Action::NextField);
        fields::check(&mut self.form, cx.now);
        if !self.form.check() {
            let wrong =
                self.form.fields.iter().filter(|field| !field.hidden && !field.error.is_empty()).count();
            return vec![Flow::Say(format!(
                "Not ready: {wrong} to put right, marked with ! beside the field."
            ))];
        }
        push(Check::new(self.heading(), &self.form, &self.attachments))
    }

    fn heading(&self) -> String {
        match self.what {
            For::Concern => "NEW CONCERN".to_owned(),
            For::Case(_) => "NEW ENTRY".to_owned(),
            For::Amend(id) => format!("AMEND {id}, the version before stays"),
        }
    }

    fn record(&mut self, cx: &Cx<'_>) -> Vec<Flow> {
        let Ok(mut entry) = reading::entry(&self.form, &self.attachments, cx) else {
            return vec![Flow::Say("Not ready: look at the marked fields.".to_owned())];
        };
        entry.kind = self.kind.unwrap_or(entry.kind);
        self.recording = true;
        let why = self.form.text("why").to_owned();
        let (command, said) = match self.what {
            For::Concern => {
                // What it was recorded as is said once it has its number.
                (Command::RecordEntry { entry, case: None }, "")
            }
            For::Case(case) => (Command::RecordEntry { entry, case: Some(case) }, "Entry recorded."),
            For::Amend(id) => {
                (Command::AmendEntry { entry: id, now: entry, why }, "Amended. The version before stays.")
            }
        };
        vec![Flow::Do(Box::new(Doing { command, said: said.to_owned(), undo: None }))]
    }

    fn draft_back(&mut self, cx: &Cx<'_>) -> Vec<Flow> {
        let Some(draft) = self.drafts.pop() else { return Vec::new() };
        let Ok(kept) = serde_json::from_str::<Kept>(&draft.body) else {
            return vec![Flow::Say("Not readable: this draft was kept by another version.".to_owned())];
        };
        self.form.restore(&kept.fields);
        self.attachments = kept.attachments;
        self.key = draft.key;
        // Words of a look-up that had not been answered yet are looked up again.
        let mut flows = self.after(Did::Changed, cx);
        self.dirty = false;
        let when = crate::text::moment(draft.saved, cx.now.time_zone());
        flows.push(Flow::Say(format!("Draft of {when} is back.")));
        flows
    }

    fn ask_discard(&mut self) -> Vec<Flow> {
        self.discarding = true;
        let choices =
            vec![Choice::new("no", "No, go on writing", ""), Choice::new("yes", "Yes, throw it away", "")];
        let form = Form::new(vec![Field::choice("sure", "Sure?", choices).required()]);
        push(Dialog::new(
            "Throw this draft away",
            "What is in the form was not recorded. It cannot be brought back.",
            form,
        ))
    }
}

impl Face for EntryForm {
    fn title(&self, cx: &Cx<'_>) -> (String, String) {
        let (done, of) = self.form.progress();
        let saved = match (&self.saved, self.dirty) {
            _ if self.recording => "   recording".to_owned(),
            (Some(at), false) => format!("   draft kept {}", at.strftime("%H:%M:%S")),
            (_, true) => "   draft not kept yet".to_owned(),
            (None, false) if self.drafts.is_empty() => String::new(),
            (None, false) => {
                let waiting = crate::text::count(self.drafts.len() as u64, "draft", "drafts");
                format!("   {waiting} kept: Ctrl+R brings it back")
            }
        };
        let _ = cx;
        (format!("{}{saved}", self.heading()), format!("{done} of {of} required answered"))
    }

    fn contexts(&self) -> Vec<Context> {
        vec![Context::EntryForm, Context::Form]
    }

    fn typing(&self) -> bool {
        true
    }

    fn ask(&self, _cx: &Cx<'_>) -> Vec<Request> {
        vec![query(Query::Drafts)]
    }

    fn hear(&mut self, heard: Heard, cx: &Cx<'_>) -> Vec<Flow> {
        match heard {
            Heard::Answer(Answer::Drafts(drafts)) => {
                let family = self.family();
                let own = matches!(self.what, For::Amend(_)) && self.saved.is_none() && !self.dirty;
                let ours = |draft: &Draft| match self.what {
                    For::Amend(_) => own && draft.key == self.key,
                    For::Concern | For::Case(_) => draft.key.starts_with(&family) && draft.key != self.key,
                };
                self.drafts = drafts.into_iter().filter(ours).collect();
            }
            Heard::Answer(answer) => drop(lookup::fill(&mut self.form, &answer)),
            Heard::DraftSaved => self.saved = Some(cx.now.clone()),
            Heard::Attached(attachment) => {
                self.attachments.push(attachment);
                self.dirty = true;
                if let Some(field) = self.form.field_mut("attach") {
                    field.editor.set("");
                    field.note = fields::attached(&self.attachments);
                }
            }
            Heard::Done(made) if self.recording => {
                self.dirty = false;
                let dropped = Flow::Ask(Request::DropDraft { key: self.key.clone() });
                return match (&self.what, made.first()) {
                    (For::Concern, Some(entry)) => vec![
                        Flow::Say(format!("Concern recorded as {entry}. It waits for triage.")),
                        dropped,
                        Flow::Answer(Box::new(Answered::Recorded(EntryId(*entry)))),
                    ],
                    _ => vec![dropped, Flow::Pop],
                };
            }
            Heard::Not(_) => self.recording = false,
            _ => {}
        }
        Vec::new()
    }

    fn answered(&mut self, answer: Answered, cx: &Cx<'_>) -> Vec<Flow> {
        match answer {
            Answered::Change(id) => self.form.go(id),
            Answered::Record if !self.recording => return self.record(cx),
            Answered::Form(form) if self.discarding && form.key_of("sure") == Some("yes") => {
                self.dirty = false;
                return vec![Flow::Ask(Request::DropDraft { key: self.key.clone() }), Flow::Pop];
            }
            _ => {}
        }
        self.discarding = false;
        Vec::new()
    }

    fn why_not(&self, action: Action, _cx: &Cx<'_>) -> Option<String> {
        match action {
            Action::DraftBack if self.drafts.is_empty() => {
                Some("no other draft of this kind is kept".to_owned())
            }
            Action::LookUp => {
                match self.form.current().map(|field| (&field.kind, field.editor.text().trim())) {
                    Some((Kind::Lookup { .. }, "")) => Some("type part of the name first".to_owned()),
                    Some((Kind::Lookup { .. }, _)) => None,
                    Some((Kind::Choice(_), _)) => Some("its choices stand below it".to_owned()),
                    _ => Some("this field has no choices: type into it".to_owned()),
                }
            }
            Action::ChildsWords if self.form.current().is_some_and(|field| field.id == "words") => {
                Some("this is the box for them".to_owned())
            }
            Action::CheckAnswers if self.recording => Some("it is being recorded".to_owned()),
            _ => None,
        }
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Vec<Flow> {
        match action {
            Action::Back => return vec![Flow::Pop],
            Action::CheckAnswers => return self.check(cx),
            Action::TimeNow => return self.fill_now(cx),
            Action::ChildsWords => self.form.go("words"),
            Action::LookUp => return lookup::ask(&mut self.form).map(Flow::Ask).into_iter().collect(),
            Action::PageDown | Action::PageUp => {
                fields::next_part(&mut self.form, action == Action::PageDown);
            }
            Action::DraftBack => return self.draft_back(cx),
            Action::DiscardDraft => return self.ask_discard(),
            Action::UndoTyping | Action::RedoTyping => {
                let at = self.form.at;
                if let Some(field) = self.form.fields.get_mut(at) {
                    if action == Action::UndoTyping { field.editor.undo() } else { field.editor.redo() }
                }
                return self.after(Did::Changed, cx);
            }
            Action::FinishField if self.form.current().is_some_and(|field| field.editor.many_lines) => {
                let did = self.form.key(KeyEvent::from(crossterm::event::KeyCode::Enter));
                return self.after(did, cx);
            }
            Action::Up | Action::Down if self.form.current().is_some_and(|field| field.editor.many_lines) => {
                let code = if action == Action::Up {
                    crossterm::event::KeyCode::Up
                } else {
                    crossterm::event::KeyCode::Down
                };
                self.form.key(KeyEvent::from(code));
            }
            Action::FinishField | Action::NextField => {
                if let Some(flows) = self.attach() {
                    return flows;
                }
                let did = self.form.act(action);
                return if did == Did::Finished { self.check(cx) } else { self.after(did, cx) };
            }
            action => {
                let did = self.form.act(action);
                return self.after(did, cx);
            }
        }
        Vec::new()
    }

    fn key(&mut self, key: KeyEvent, cx: &Cx<'_>) -> Vec<Flow> {
        let did = self.form.key(key);
        self.after(did, cx)
    }

    fn paste(&mut self, text: &str, cx: &Cx<'_>) -> Vec<Flow> {
        let did = self.form.paste(text);
        self.after(did, cx)
    }

    fn unsaved(&self) -> bool {
        self.dirty && !self.recording
    }

    fn save(&mut self, cx: &Cx<'_>) -> Option<Draft> {
        if !self.unsaved() {
            return None;
        }
        self.dirty = false;
        let child = self.form.field("child").map(Field::words).unwrap_or_default();
        let kept = Kept { fields: self.form.saved(), attachments: self.attachments.clone() };
        Some(Draft {
            key: self.key.clone(),
            title: format!("{} {child}", self.heading()).trim().to_owned(),
            saved: cx.now.timestamp(),
            body: serde_json::to_string(&kept).ok()?,
        })
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position {
        let line = Columns::new(cx.look, usize::from(area.width)).line();
        put(buf, area, 0, &line);
        form_view::view(&self.form, cx.look, below(area, 1), buf)
    }
}
