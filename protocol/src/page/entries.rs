//! The records, numbered like a court bundle: an index, then each entry with numbered statements.

use super::{
    dates::{happened, moment},
    html::Html,
};
use crate::bundle::{Bundle, Passage, PersonRole, Record, Span, Statement, StatementKind};

pub(super) fn write(html: &mut Html, bundle: &Bundle) {
    html.raw("<section aria-labelledby=\"index-h\">\n<h2 id=\"index-h\">Chronology</h2>\n");
    if bundle.records.is_empty() {
        html.raw("<p>No entries are disclosed.</p>\n</section>\n");
        return;
    }
    html.raw("<table><caption>Index of entries disclosed</caption>\n<thead><tr><th scope=\"col\">No.</th><th scope=\"col\">When</th><th scope=\"col\">Entry</th><th scope=\"col\">Kind</th></tr></thead>\n<tbody>\n");
    for (number, record) in (1..).zip(&bundle.records) {
        html.raw("<tr><td>");
        anchor(html, number);
        html.raw("</td>");
        html.cell(&happened(&record.happened));
        html.raw("<th scope=\"row\">");
        html.passage(&record.headline);
        html.raw("</th>");
        html.cell(record.kind.words());
        html.raw("</tr>\n");
    }
    html.raw("</tbody></table>\n</section>\n<section aria-labelledby=\"entries-h\">\n<h2 id=\"entries-h\">Entries</h2>\n");
    for (number, record) in (1..).zip(&bundle.records) {
        entry(html, number, record, bundle);
    }
    html.raw("</section>\n");
}

fn anchor(html: &mut Html, number: usize) {
    html.raw("<a href=\"#entry-");
    html.text(&number.to_string());
    html.raw("\">");
    html.text(&number.to_string());
    html.raw("</a>");
}

fn entry(html: &mut Html, number: usize, record: &Record<Span>, bundle: &Bundle) {
    html.raw("<article id=\"entry-");
    html.text(&number.to_string());
    html.raw("\">\n<h3><span class=\"no\">");
    html.text(&format!("{number}."));
    html.raw("</span> ");
    html.passage(&record.headline);
    html.raw("</h3>\n<table class=\"facts\"><caption>About this entry</caption>\n");
    html.row("Happened", &happened(&record.happened));
    html.row_of("Recorded", |html| {
        html.text(&format!("{} by ", moment(record.recorded)));
        html.passage(&record.recorded_by);
    });
    html.row_of("Source", |html| html.passage(&record.source));
    html.row("Kind", &format!("{}, about {}", record.kind.words(), record.category.words()));
    html.row("Sender's reference", record.id.as_str());
    html.raw("</table>\n");
    people(html, &record.people);
    statements(html, number, &record.statements);
    after(html, "What was done", &record.action_taken);
    after(html, "Why it matters", &record.significance);
    after(html, "Effect on the child", &record.effect_on_child);
    attached(html, record, bundle);
    html.raw("</article>\n");
}

fn people(html: &mut Html, people: &[PersonRole<Span>]) {
    if people.is_empty() {
        return;
    }
    html.raw("<table><caption>People in this entry</caption>\n<thead><tr><th scope=\"col\">Name</th><th scope=\"col\">Part in it</th><th scope=\"col\">To the child</th></tr></thead>\n<tbody>\n");
    for person in people {
        html.raw("<tr><th scope=\"row\">");
        html.passage(&person.name);
        html.raw("</th>");
        html.cell(person.role.words());
        html.raw("<td>");
        html.passage(&person.relation);
        html.raw("</td></tr>\n");
    }
    html.raw("</tbody></table>\n");
}

fn statements(html: &mut Html, number: usize, statements: &[Statement<Span>]) {
    for (at, statement) in (1..).zip(statements) {
        let kind = statement.kind;
        html.raw(if kind == StatementKind::ChildsWords {
            "<div class=\"statement said\"><p class=\"kind\"><span class=\"no\">"
        } else {
            "<div class=\"statement\"><p class=\"kind\"><span class=\"no\">"
        });
        html.text(&format!("{number}.{at}"));
        html.raw("</span> ");
        html.text(kind.words());
        if !statement.by.is_empty() {
            html.raw(": ");
            html.passage(&statement.by);
        }
        html.raw(if kind == StatementKind::ChildsWords { "</p><blockquote><p>" } else { "</p><p>" });
        html.passage(&statement.text);
        html.raw(if kind == StatementKind::ChildsWords {
            "</p></blockquote></div>\n"
        } else {
            "</p></div>\n"
        });
    }
}

fn after(html: &mut Html, title: &'static str, passage: &Passage<Span>) {
    if !passage.is_empty() {
        html.raw("<h4>");
        html.raw(title);
        html.raw("</h4>\n<p>");
        html.passage(passage);
        html.raw("</p>\n");
    }
}

fn attached(html: &mut Html, record: &Record<Span>, bundle: &Bundle) {
    if record.attachments.is_empty() {
        return;
    }
    html.raw("<h4>Attachments</h4>\n<ul>\n");
    for digest in &record.attachments {
        if let Some(attachment) = bundle.attachments.iter().find(|one| one.sha256 == *digest) {
            html.raw("<li>");
            super::annex::link(html, attachment);
            html.raw("</li>\n");
        }
    }
    html.raw("</ul>\n");
}
