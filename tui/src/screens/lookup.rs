//! Look-ups inside forms: what is typed becomes a query, its answer becomes choices.

use super::query;
use crate::{
    casework::query::{Answer, CaseFilter, CaseRow, Page, PersonRow, Query, Window},
    flow::Request,
    text,
    widgets::form::{Choice, Form, Kind},
};

/// Rows that are asked for.
const LIMIT: u32 = 8;

/// The question that the current field has, if it is a look-up with something typed. Fields named `case` find open
/// cases, `child` finds pupils, all others find people.
pub(super) fn ask(form: &mut Form) -> Option<Request> {
    let field = form.fields.get_mut(form.at)?;
    let Kind::Lookup { waiting: None, .. } = field.kind else { return None };
    let text = field.editor.text().trim().to_owned();
    if text.is_empty() {
        if field.id != "case" {
            field.found(Vec::new());
        }
        return None;
    }
    Some(query(match field.id {
        "case" => Query::Cases {
            filter: CaseFilter { text, include_closed: false },
            window: Window::First,
            limit: LIMIT,
        },
        id => Query::FindPeople { text, pupils_only: id == "child", limit: LIMIT },
    }))
}

/// Puts an answer under the field it is for; says whether it was one.
pub(super) fn fill(form: &mut Form, answer: &Answer) -> bool {
    let Some(field) = form.fields.get_mut(form.at) else { return false };
    if field.editor.text().trim().is_empty() {
        // What was asked for was deleted meanwhile.
        return false;
    }
    match (answer, field.id) {
        (Answer::Cases(Page { rows, .. }), "case") => field.found(rows.iter().map(case).collect()),
        (Answer::People(rows), id) if id != "case" => field.found(rows.iter().map(person).collect()),
        _ => return false,
    }
    true
}

/// A case as a choice.
pub(super) fn case(row: &CaseRow) -> Choice {
    let detail = format!("{}, {}, lead {}", row.title, text::level(row.level), row.lead);
    Choice::new(row.id, &row.child_name, &detail)
}

/// A person as a choice, told apart by date of birth.
pub(super) fn person(row: &PersonRow) -> Choice {
    let born = row.born.map(|date| format!("born {}", text::date(date)));
    let told = [Some(row.detail.clone()).filter(|detail| !detail.is_empty()), born];
    Choice::new(row.id, &row.name, &told.into_iter().flatten().collect::<Vec<_>>().join(", "))
}
