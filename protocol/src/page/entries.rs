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
        html.text(&record.headline());
        html.raw("</th>");
        html.raw("<td class=\"word\">");
        html.text(record.kind.words());
        html.raw("</td></tr>\n");
    }
    html.raw("</tbody></table>\n</section>\n<section class=\"entries\" aria-labelledby=\"entries-h\">\n<h2 id=\"entries-h\">Entries</h2>\n");
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

/// Passages in one line, with a comma between those that are there.
fn joined<const N: usize>(html: &mut Html, passages: [&Passage<Span>; N]) {
    for (at, passage) in passages.into_iter().filter(|passage| !passage.is_empty()).enumerate() {
        if at > 0 {
            html.raw(", ");
        }
        html.passage(passage);
    }
}

fn entry(html: &mut Html, number: usize, record: &Record<Span>, bundle: &Bundle) {
    let proof = bundle.evidence.as_ref().and_then(|evidence| evidence.records.get(number - 1));
    html.raw("<article id=\"entry-");
    html.text(&number.to_string());
    html.raw("\">\n<h3><span class=\"no\">");
    html.text(&format!("{number}."));
    html.raw("</span> ");
    html.text(&record.headline());
    html.raw("</h3>\n<table class=\"facts\"><caption>About this entry</caption>\n");
    html.row("Happened", &happened(&record.happened));
    html.row_of("Recorded", |html| {
        html.text(&format!("{} by ", moment(record.recorded)));
        joined(html, [&record.recorded_by.name, &record.recorded_by.role]);
    });
    html.row_of("Source", |html| {
        joined(html, [&record.source.name, &record.source.role, &record.source.agency]);
    });
    html.row("Kind", &format!("{}, about {}", record.kind.words(), record.category.words()));
    html.row("Sender's reference", record.id.as_str());
    if let Some(words) = record.significance.words() {
        html.row("Significance", words);
    }
    if let Some(proof) = proof {
        let amended = if proof.amended { "; amends an earlier version" } else { "" };
        html.row("In the sender's log", &format!("fact {}{amended}", proof.leaf + 1));
    }
    html.raw("</table>\n");
    people(html, &record.people);
    statements(html, number, &record.statements);
    if let Some(done) = &record.in_danger {
        html.raw("<h4>A child was in immediate danger; done at once</h4>\n<p>");
        html.passage(done);
        html.raw("</p>\n");
    }
    after(html, "Who was told", &record.told);
    after(html, "What was done", &record.done);
    after(html, "Effect on the child", &record.effect);
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
        let Some(digest) = digest else {
            html.raw("<li>A file that was not sent</li>\n");
            continue;
        };
        if let Some(attachment) = bundle.attachments.iter().find(|one| one.stands_for(digest)) {
            html.raw("<li>");
            super::annex::link(html, attachment);
            html.raw("</li>\n");
        }
    }
    html.raw("</ul>\n");
}
