//! A share that was left: kept with every choice, and there again when the wizard is opened.

use std::collections::{BTreeMap, BTreeSet};

use kith_protocol::ids::{AgencyId, Digest};
use serde::{Deserialize, Serialize};

use super::{Share, why};
use crate::{
    casework::{ids::EntryId, query::Draft},
    screens::{Cx, Flow},
    sharing::plan::{Decision, SpanId, draft_key},
    text,
    widgets::form::Saved,
};

#[derive(Serialize, Deserialize)]
struct Kept {
    to: Option<AgencyId>,
    why: Saved,
    chosen: BTreeSet<EntryId>,
    files: BTreeSet<Digest>,
    decisions: BTreeMap<SpanId, Decision>,
    #[serde(default)]
    versions: BTreeMap<EntryId, u32>,
}

impl Share {
    pub(super) fn draft_key(&self) -> String {
        draft_key(self.case)
    }

    pub(super) fn keep(&mut self, cx: &Cx<'_>) -> Option<Draft> {
        if !self.dirty || self.going {
            return None;
        }
        self.dirty = false;
        let kept = Kept {
            to: self.to.as_ref().map(|to| to.id.clone()),
            why: self.why.saved(),
            chosen: self.chosen.clone(),
            files: self.files.clone(),
            decisions: self.decisions.clone(),
            versions: self.versions.clone(),
        };
        Some(Draft {
            key: self.draft_key(),
            title: format!("Share of {}", self.name),
            saved: cx.now.timestamp(),
            body: serde_json::to_string(&kept).ok()?,
        })
    }

    /// Takes up what was left, unless something was chosen already.
    pub(super) fn restore(&mut self, drafts: &[Draft], cx: &Cx<'_>) -> Vec<Flow> {
        let first = !std::mem::replace(&mut self.restored, true);
        let key = self.draft_key();
        let Some(draft) = drafts.iter().find(|draft| draft.key == key).filter(|_| first && !self.dirty)
        else {
            return Vec::new();
        };
        let Ok(kept) = serde_json::from_str::<Kept>(&draft.body) else {
            return vec![Flow::Say(
                "Not readable: the share that was left was kept by another version.".to_owned(),
            )];
        };
        self.why.restore(&kept.why);
        why::show(&mut self.why, cx);
        (self.chosen, self.files) = (kept.chosen, kept.files);
        (self.decisions, self.versions) = (kept.decisions, kept.versions);
        // They are read anew, and what was decided is held against what they say now.
        self.views.clear();
        if let Some(at) = self.members.iter().position(|row| Some(&row.id) == kept.to.as_ref()) {
            self.places.iter_mut().take(1).for_each(|place| place.0 = at);
            self.to = self.members.get(at).cloned();
        }
        let mut flows: Vec<Flow> = self.missing().into_iter().collect();
        let when = text::moment(draft.saved, cx.now.time_zone());
        if draft.title.starts_with("Sent back") {
            flows.push(Flow::Say(format!("{}. Go through its steps.", draft.title)));
            return flows;
        }
        flows.push(Flow::Say(format!("The share you left on {when} is back; go through its steps.")));
        flows
    }
}
