//! What is known of the selected file, or of what was destroyed.

use ratatui::text::Line;

use super::Selected;
use crate::{
    casework::{
        ids::FileId,
        query::RetentionRow,
        retention::{Disposed, Verdict},
    },
    screens::Cx,
    text,
    widgets::paint::labelled,
};

/// Rows it takes below the list.
pub(super) const ROWS: u16 = 9;
/// Columns of the labels.
const WIDE: usize = 10;

pub(super) fn lines(selected: Selected<'_>, cx: &Cx<'_>, room: u16) -> Vec<Line<'static>> {
    let fields = match selected {
        Selected::File(row) => file(row, cx),
        Selected::Destroyed(row) => destroyed(&row.id.to_string(), &row.disposed, cx),
    };
    fields.iter().flat_map(|(label, text)| labelled(cx.look, label, text, WIDE, room)).collect()
}

fn file(row: &RetentionRow, cx: &Cx<'_>) -> Vec<(&'static str, String)> {
    let mut fields = vec![("file", format!("{} ({})", row.name, row.file)), ("state", row.verdict.words())];
    fields.extend(row.remarks.iter().map(|remark| ("note", remark.clone())));
    if let Verdict::Due { rule, .. } = &row.verdict {
        fields.push(("source", rule.source().to_owned()));
        let would_go = match row.file {
            FileId::Bundle(_) => "the bundle, its files, and what was answered".to_owned(),
            FileId::Person(_) => {
                let cases = text::count(row.cases, "case", "cases");
                let entries = text::count(row.entries, "entry", "entries");
                format!("{cases}, {entries}, {} of the family", row.family)
            }
        };
        fields.push(("would go", would_go));
    }
    if !row.kept.is_empty() {
        let kept: Vec<String> = row.kept.iter().take(8).map(ToString::to_string).collect();
        let more = if row.kept.len() > kept.len() { " and more" } else { "" };
        fields.push(("stays", format!("{}{more}: about another child too", kept.join(", "))));
    }
    if let Some(one) = &row.proposal {
        let on = text::short_moment(one.at, cx.now);
        fields.push(("proposed", format!("by {}, {on}; another person approves", one.by.name)));
    }
    fields
}

fn destroyed(id: &str, disposed: &Disposed, cx: &Cx<'_>) -> Vec<(&'static str, String)> {
    let by = |author: &crate::casework::fact::Author, at| {
        format!("{}, {}", author.name, text::moment(at, cx.now.time_zone()))
    };
    let mut fields = vec![
        ("disposal", id.to_owned()),
        ("rule", disposed.rule.words().to_owned()),
        ("proposed", by(&disposed.proposed_by, disposed.proposed)),
        ("approved", by(&disposed.approved_by, disposed.approved)),
        ("facts", disposed.facts.to_string()),
    ];
    if disposed.replayed {
        fields.push(("again", "destroyed again after an older backup was put back".to_owned()));
    }
    fields
}
