//! The two ends: it is sent, once the recipient's short name was typed; or it was decided not to.

use super::{Asking, Share, Step};
use crate::{
    casework::command::Command,
    flow::Request,
    screens::{Cx, Doing, Flow, dialog::Dialog, push},
    widgets::form::{Field, Form},
};

impl Share {
    pub(super) fn ask_decline(&mut self) -> Vec<Flow> {
        let Some(to) = &self.to else { return Vec::new() };
        let form = Form::new(vec![
            Field::line("because", "Because").required().help("It stands in the record like a share does"),
        ]);
        let intro = format!("Nothing is sent to {}. That you decided so, and why, is recorded.", to.name);
        self.asking = Some(Asking::Decline);
        push(Dialog::new("Decide not to share", &intro, form))
    }

    pub(super) fn decline(&mut self, because: &str) -> Vec<Flow> {
        let Some(to) = &self.to else { return Vec::new() };
        self.going = true;
        let command = Command::DeclineSharing {
            case: self.case,
            with: to.id.clone(),
            because: because.to_owned(),
            signed: None,
        };
        let said = format!("Recorded: decided not to share with {}.", to.name);
        vec![Flow::Do(Box::new(Doing { command, said, undo: None }))]
    }

    pub(super) fn why_not_record(&self) -> Option<String> {
        let why = match self.step {
            _ if self.going => "it is being recorded",
            Step::Who | Step::Why => "answer why, and choose what it would cover, first",
            Step::Send => "a step back; here it is sent",
            _ if self.chosen.is_empty() => "choose what it would cover first",
            _ if self.earlier().is_some() => "this record is in the case already",
            _ => return None,
        };
        Some(why.to_owned())
    }

    /// The record stands in the case, and nothing goes: consent is asked for, or was refused.
    pub(super) fn record_alone(&mut self, cx: &Cx<'_>) -> Vec<Flow> {
        let Some(record) = self.choices(cx).consent else { return Vec::new() };
        self.going = true;
        let command = Command::RecordConsent { case: self.case, record };
        let said = "Recorded; nothing was sent. What is answered is recorded under Shares, and a share may rest on it then.";
        vec![Flow::Do(Box::new(Doing { command, said: said.to_owned(), undo: None }))]
    }

    pub(super) fn send(&mut self, cx: &Cx<'_>) -> Vec<Flow> {
        if self.why_not_send().is_some() || self.going {
            return Vec::new();
        }
        let to_check = self.preview.as_ref().is_some_and(|preview| preview.to_check);
        let kept = if to_check {
            self.dirty = true;
            self.keep(cx)
        } else {
            None
        };
        self.going = true;
        let kept = kept.map(|draft| Flow::Ask(Request::SaveDraft(draft)));
        let send = Flow::Ask(Request::Send { case: self.case, choices: self.choices(cx) });
        kept.into_iter().chain([send]).collect()
    }

    pub(super) fn why_not_send(&self) -> Option<String> {
        let Some(to) = &self.to else { return Some("no recipient is chosen".to_owned()) };
        match &self.preview {
            _ if self.going => Some("it is on its way".to_owned()),
            None => Some("look at the preview first".to_owned()),
            Some(preview) => match preview.refusals.first() {
                Some(why) => Some(why.clone()),
                None if self.short_name.text("name") != to.id.as_str() => {
                    Some(format!("type their short name, {}, exactly", to.id))
                }
                None => None,
            },
        }
    }
}
