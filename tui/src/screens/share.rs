//! The share wizard: who, why, what, redact, preview, send. Each step says why the next one is not open yet.

mod draft;
mod earlier;
mod items;
mod mark;
mod redact;
mod rows;
mod send;
mod steps;
mod what;
mod why;

use std::collections::{BTreeMap, BTreeSet};

use crossterm::event::KeyEvent;
use kith_protocol::ids::Digest;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::{Line, Span},
};

use self::{items::Item, mark::Mark, rows::Gathering};
use super::{Answered, Cx, Face, Flow, Heard, compare, query};
use crate::{
    action::Action,
    casework::{
        ids::{CaseId, EntryId, PersonId},
        query::{Answer, CaseView, ConsentRow, Draft, EntryRow, EntryView, NoticeRow, Query},
    },
    flow::{MemberRow, Request},
    keymap::Context,
    sharing::plan::{Decision, Preview, ShareChoices, SpanId},
    text,
    widgets::{
        form::{Did, Field, Form},
        form_view,
        list::{Place, reading},
        paint::{below, put, split_top},
    },
};

/// The steps, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Who,
    Why,
    What,
    Redact,
    Preview,
    Send,
}

const STEPS: [(Step, &str); 6] = [
    (Step::Who, "Who"),
    (Step::Why, "Why"),
    (Step::What, "What"),
    (Step::Redact, "Redact"),
    (Step::Preview, "Preview"),
    (Step::Send, "Send"),
];

/// What the open box or the next digit is about.
#[derive(Debug, Clone, PartialEq)]
enum Asking {
    /// A reason 1 to 9 for these passages.
    Reason(Vec<SpanId>),
    /// Reason 9, in words.
    Other(Vec<SpanId>),
    Keep(SpanId),
    /// From when until when entries are chosen.
    Dates,
    Decline,
    Compare(Box<MemberRow>),
}

/// Everything the wizard was told, and what it has been answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Share {
    case: CaseId,
    child: PersonId,
    name: String,
    level: Option<String>,
    step: Step,
    places: [Place; 6],
    members: Vec<MemberRow>,
    to: Option<MemberRow>,
    why: Form,
    /// Who holds parental responsibility was filled in from the casebook.
    offered_responsible: bool,
    /// The records that were made for this case before.
    records: Vec<ConsentRow>,
    /// Entries of the case, newest first, as far as they are listed, of how many.
    rows: Vec<EntryRow>,
    total: u64,
    /// An older page was asked for.
    turning: bool,
    /// The privacy notices whose text is kept, and whether another one is being kept.
    notices: Vec<NoticeRow>,
    keeping: bool,
    /// The child's other records, in words.
    same: Vec<String>,
    /// Go to the last row there is, once all are listed.
    to_end: bool,
    gathering: Option<Gathering>,
    chosen: BTreeSet<EntryId>,
    files: BTreeSet<Digest>,
    views: BTreeMap<EntryId, EntryView>,
    items: Vec<Item>,
    suggested: bool,
    decisions: BTreeMap<SpanId, Decision>,
    /// How many versions an entry had when something in it was decided.
    versions: BTreeMap<EntryId, u32>,
    mark: Option<Mark>,
    preview: Option<Box<Preview>>,
    short_name: Form,
    asking: Option<Asking>,
    dirty: bool,
    going: bool,
    restored: bool,
}

impl Share {
    /// A share from a case.
    #[must_use]
    pub fn new(case: &CaseView) -> Self {
        Self {
            case: case.id,
            child: case.case.child,
            name: case.child.name(),
            level: text::level_told(case.case.level),
            step: Step::Who,
            places: [Place::default(); 6],
            members: Vec::new(),
            to: None,
            why: why::form(),
            offered_responsible: false,
            records: Vec::new(),
            rows: Vec::new(),
            total: 0,
            turning: false,
            to_end: false,
            same: Vec::new(),
            notices: Vec::new(),
            keeping: false,
            gathering: None,
            chosen: BTreeSet::new(),
            files: BTreeSet::new(),
            views: BTreeMap::new(),
            items: Vec::new(),
            suggested: false,
            decisions: BTreeMap::new(),
            versions: BTreeMap::new(),
            mark: None,
            preview: None,
            short_name: Form::new(vec![Field::line("name", "Short name").required()]),
            asking: None,
            dirty: false,
            going: false,
            restored: false,
        }
    }

    fn place(&self) -> Place {
        self.places.get(self.step as usize).copied().unwrap_or_default()
    }

    fn place_mut(&mut self) -> Option<&mut Place> {
        self.places.get_mut(self.step as usize)
    }

    /// What is asked of the sharing part.
    fn choices(&self, cx: &Cx<'_>) -> Box<ShareChoices> {
        let consent = self.to.as_ref().and_then(|to| why::record(self, to, cx).ok());
        Box::new(ShareChoices {
            to: self.to.as_ref().map(|to| to.id.clone()),
            consent: consent.map(Box::new),
            ask: self.why.text("ask").to_owned(),
            answer_by: why::date(self.why.text("answer_by"), cx).ok(),
            entries: self.chosen.iter().copied().collect(),
            attachments: self.files.iter().copied().collect(),
            decisions: self.decisions.clone(),
            versions: self.versions.clone(),
        })
    }

    /// The next chosen entry whose text is not here yet.
    fn missing(&self) -> Option<Flow> {
        let selected = self.place().of(&self.rows).map(|row| row.id).filter(|_| self.step == Step::What);
        let wanted = self.chosen.iter().copied().chain(selected);
        let next = wanted.into_iter().find(|id| !self.views.contains_key(id))?;
        Some(Flow::Ask(query(Query::Entry { entry: next })))
    }

    /// What changed makes earlier answers stale.
    fn touched(&mut self) {
        self.dirty = true;
        self.preview = None;
    }

    /// The steps, and where this is among them; where there is no room, those behind are numbers alone.
    fn heading(&self, room: usize, cx: &Cx<'_>) -> Line<'static> {
        let line = |short: bool| {
            let step = |(n, (step, name)): (usize, &(Step, &str))| {
                let (text, style) = match () {
                    () if *step == self.step => (format!("[{} {name}]", n + 1), cx.look.theme.accent),
                    () if *step < self.step && short => (format!(" {} ok ", n + 1), cx.look.theme.good),
                    () if *step < self.step => (format!(" {} {name} ok ", n + 1), cx.look.theme.good),
                    () => (format!(" {} {name} ", n + 1), cx.look.theme.quiet),
                };
                Span::styled(text, style)
            };
            Line::from_iter([Span::raw(" ")].into_iter().chain(STEPS.iter().enumerate().map(step)))
        };
        let whole = line(false);
        if whole.width() <= room { whole } else { line(true) }
    }

    fn on_typed(&mut self, did: Did, cx: &Cx<'_>) -> Vec<Flow> {
        if did == Did::Changed && self.step == Step::Why {
            why::show(&mut self.why, cx);
            self.touched();
        }
        match (did, self.step) {
            (Did::Finished, Step::Send) => self.send(cx),
            (Did::Finished, _) => self.next(cx),
            _ => Vec::new(),
        }
    }

    fn form(&mut self) -> Option<&mut Form> {
        match self.step {
            Step::Why => Some(&mut self.why),
            Step::Send => Some(&mut self.short_name),
            _ => None,
        }
    }
}

/// Said once it is queued, until it has gone.
pub const QUEUED: &str = "QUEUED. It goes by itself; receipts will stand under Shares.";

impl Face for Share {
    fn title(&self, _cx: &Cx<'_>) -> (String, String) {
        let to = self.to.as_ref().map_or(String::new(), |to| format!(" to {}", to.name));
        // Who compared them, and how, stands at their name in the first step.
        let trust = self.to.as_ref().and_then(|to| to.trust.split(" (").next()).unwrap_or_default();
        (format!("SHARE {}{to}", self.name), trust.to_owned())
    }

    fn contexts(&self) -> Vec<Context> {
        match self.step {
            _ if matches!(self.asking, Some(Asking::Reason(_))) => vec![Context::ReasonCode],
            Step::Who => vec![Context::Who, Context::Wizard, Context::List],
            Step::Why => vec![Context::Wizard, Context::Form],
            Step::What => vec![Context::What, Context::Wizard, Context::List],
            Step::Redact => vec![Context::Redact, Context::Wizard, Context::List],
            Step::Preview => vec![Context::Reading, Context::Wizard],
            Step::Send => vec![Context::SendStep, Context::Wizard],
        }
    }

    fn typing(&self) -> bool {
        matches!(self.step, Step::Why | Step::Send)
    }

    fn ask(&self, _cx: &Cx<'_>) -> Vec<Request> {
        let consents = Query::Consents { case: self.case };
        let network = Query::Network { person: self.child };
        let mut asked = vec![Request::Members, query(self.newest()), query(consents), query(network)];
        asked.push(query(Query::Notices));
        asked.extend((!self.restored).then(|| query(Query::Drafts)));
        asked
    }

    fn hear(&mut self, heard: Heard, cx: &Cx<'_>) -> Vec<Flow> {
        match heard {
            Heard::Members(members) => {
                let to = self.to.as_ref().map(|to| to.id.clone());
                self.to = members.iter().find(|row| Some(&row.id) == to.as_ref()).cloned();
                self.members = members;
            }
            Heard::Answer(Answer::EntriesOf { rows, total }) => return self.listed(rows, total),
            Heard::Answer(Answer::Entry(view)) => {
                let mut flows = self.read(*view);
                flows.extend(self.missing());
                return flows;
            }
            Heard::Answer(Answer::Network(network)) => {
                let zone = cx.now.time_zone();
                self.same = network.others().map(|other| text::other_record(other, zone)).collect();
                why::offer_responsible(self, &network);
            }
            Heard::Answer(Answer::Notices(rows)) => why::offer_notices(self, rows, cx),
            Heard::Answer(Answer::Consents(rows)) => self.offer(rows, cx),
            Heard::Answer(Answer::Drafts(drafts)) => return self.restore(&drafts, cx),
            Heard::Suggested(suggestions) => self.suggested(suggestions.0),
            Heard::Previewed(preview) => self.preview = Some(preview),
            Heard::Done(_) if self.going => {
                self.dirty = false;
                let key = self.draft_key();
                if self.step == Step::Send && self.preview.as_ref().is_some_and(|one| one.to_check) {
                    // What was chosen stays kept until it is approved: it may come back.
                    let said =
                        "TO CHECK. Somebody else who can open the casebook decides; then it goes by itself.";
                    return vec![Flow::Say(said.to_owned()), Flow::Pop];
                }
                let said = match self.step {
                    Step::Send => QUEUED.to_owned(),
                    _ => String::new(),
                };
                return vec![Flow::Say(said), Flow::Ask(Request::DropDraft { key }), Flow::Pop];
            }
            Heard::Not(_) => (self.going, self.keeping) = (false, false),
            _ => {}
        }
        Vec::new()
    }

    fn answered(&mut self, answer: Answered, cx: &Cx<'_>) -> Vec<Flow> {
        let (Answered::Form(form), Some(asking)) = (answer, self.asking.take()) else { return Vec::new() };
        match asking {
            Asking::Decline => return self.decline(form.text("because")),
            Asking::Dates => return self.choose_between(&form, cx),
            Asking::Compare(member) => return compare::answered(&member, &form),
            Asking::Keep(span) => {
                let reason = form.text("reason").to_owned();
                self.decide(vec![span], &Decision::Keep { reason });
            }
            Asking::Other(spans) => {
                let reason = kith_protocol::bundle::Reason::Other(form.text("reason").to_owned());
                self.decide(spans, &Decision::Withhold(reason));
            }
            Asking::Reason(_) => {}
        }
        Vec::new()
    }

    fn why_not(&self, action: Action, cx: &Cx<'_>) -> Option<String> {
        let no = |why: &str| Some(why.to_owned());
        match (action, self.step) {
            (Action::Send, Step::Send) => self.why_not_send(),
            (Action::DeclineSharing, _) if self.to.is_none() => {
                no("choose first with whom it would have been shared")
            }
            (Action::DeclineSharing, _) if self.going => no("it is being recorded"),
            (Action::RecordOnly, _) => self.why_not_record(),
            (Action::NextStep, Step::Send) => no("type their short name, then Enter sends"),
            (Action::NextStep | Action::NextTab, _) => self.why_not_next(cx),
            (Action::Filter, _) => no("there is nothing to filter here"),
            (Action::CompareWords, _) => {
                self.place().of(&self.members).is_none().then(|| "nobody is selected".to_owned())
            }
            (Action::Open, Step::Redact) if !matches!(self.asking, Some(Asking::Reason(_))) => {
                no("r redacts this passage, d keeps it")
            }
            (Action::Open, Step::What) => no("Space chooses the entry"),
            (Action::Redact | Action::RedactEverywhere | Action::Keep | Action::Unmark, Step::Redact) => {
                self.why_not_redact(action)
            }
            (Action::WidenMark, Step::Redact) if self.mark.is_none() => {
                no("v begins a mark of your own first")
            }
            _ => None,
        }
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Vec<Flow> {
        if let (Some(Asking::Reason(spans)), Action::Reason(code)) = (&self.asking, action) {
            let spans = spans.clone();
            return self.with_code(spans, code);
        }
        if let (Some(Asking::Reason(spans)), Action::Open) = (&self.asking, action) {
            let spans = spans.clone();
            return match self.fitting(&spans) {
                Some(code) => self.with_code(spans, code),
                None => {
                    vec![Flow::Say("Nothing was suggested here: press the number of a reason.".to_owned())]
                }
            };
        }
        match action {
            Action::NextStep | Action::NextTab => return self.next(cx),
            Action::PrevStep | Action::PrevTab | Action::Back | Action::CloseView => return self.back(cx),
            Action::DeclineSharing => return self.ask_decline(),
            Action::RecordOnly => return self.record_alone(cx),
            Action::Send if self.step == Step::Send => return self.send(cx),
            action => {
                if let Some(form) = self.form() {
                    let did = form.act(action);
                    return self.on_typed(did, cx);
                }
            }
        }
        match self.step {
            Step::Who => self.act_who(action, cx),
            Step::What => self.act_what(action, cx),
            Step::Redact => self.act_redact(action, cx),
            Step::Preview => {
                if let Some(place) = self.place_mut() {
                    place.scroll(action, cx.look.shown.get());
                }
                Vec::new()
            }
            Step::Why | Step::Send => Vec::new(),
        }
    }

    fn key(&mut self, key: KeyEvent, cx: &Cx<'_>) -> Vec<Flow> {
        let did = self.form().map_or(Did::Nothing, |form| form.key(key));
        self.on_typed(did, cx)
    }

    fn paste(&mut self, text: &str, cx: &Cx<'_>) -> Vec<Flow> {
        // A short name that is pasted was not typed: danger wants a hand.
        let did = if self.step == Step::Why { self.why.paste(text) } else { Did::Nothing };
        self.on_typed(did, cx)
    }

    fn unsaved(&self) -> bool {
        self.dirty && !self.going
    }

    fn save(&mut self, cx: &Cx<'_>) -> Option<Draft> {
        self.keep(cx)
    }

    fn view(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position {
        let (top, _) = split_top(area, 1);
        put(buf, top, 0, &self.heading(top.width.into(), cx));
        let body = below(area, 2);
        match self.step {
            Step::Who => self.view_who(cx, body, buf),
            Step::Why => form_view::view(&self.why, cx.look, body, buf),
            Step::What => self.view_what(cx, body, buf),
            Step::Redact => self.view_redact(cx, body, buf),
            Step::Preview => {
                let inner =
                    Rect { x: body.x + 2.min(body.width), width: body.width.saturating_sub(3), ..body };
                reading(buf, cx.look, inner, &self.preview_lines(cx, inner.width), (self.place(), true))
            }
            Step::Send => self.view_send(cx, body, buf),
        }
    }
}
