//! The front of the page: who to whom, what is asked and by when, whom to ring, which child, under which authority.

use super::{
    dates::{age, day, local, moment},
    html::Html,
};
use crate::{
    bundle::{Bundle, Child, ReceiptAsked},
    consent::{ConsentRecord, Decision, FamilyTold},
};

pub(super) fn write(html: &mut Html, bundle: &Bundle) {
    html.raw("<header>\n<p class=\"marking\">Confidential: safeguarding information about a child</p>\n<h1>");
    html.text(&bundle.letter.subject);
    html.raw("</h1>\n<table class=\"facts\"><caption>This bundle</caption>\n");
    html.row("From", &bundle.from.name);
    if let Some((name, role)) = bundle.signed_by_words() {
        html.row("Sent by", &format!("{name}, {role}"));
    }
    if let Some([(first, _), (name, role)]) = bundle.checked_by_words() {
        html.row("Checked by", &format!("{name}, {role}, after {first} proposed it"));
    }
    html.row("To", &bundle.to.name);
    html.row("Sealed", &moment(bundle.created));
    html.row_of("Reference", |html| {
        html.raw("<code>");
        html.text(&bundle.seal_id.to_string());
        html.raw("</code>");
    });
    html.raw("</table>\n</header>\n<main>\n");
    ask(html, bundle);
    children(html, bundle);
    authority(html, bundle.consent.get());
}

fn ask(html: &mut Html, bundle: &Bundle) {
    let letter = &bundle.letter;
    html.raw("<section id=\"ask\" class=\"ask\" aria-labelledby=\"ask-h\">\n<h2 id=\"ask-h\">What we ask of you</h2>\n<p class=\"asked\">");
    html.text(&letter.asked.what);
    html.raw("</p>\n<table class=\"facts\"><caption>Request</caption>\n");
    html.row_of("By when", |html| {
        html.raw("<strong>");
        let by = letter.asked.by.map(|by| local(by) + " (sender's local time)");
        html.text(by.as_deref().unwrap_or("No date set"));
        html.raw("</strong>");
    });
    html.row("How urgent", letter.asked.urgency.words());
    html.row_of("Whom to ring", |html| {
        html.raw("<strong>");
        html.text(&letter.ring.phone);
        html.raw("</strong> ");
        html.text(&format!("{}, {}", letter.ring.name, letter.ring.role));
        if let Some(phone) = &letter.ring.out_of_hours {
            html.raw("<br>Out of hours: ");
            html.text(phone);
        }
    });
    html.row("Why you receive this", &letter.why);
    html.row("What you may use it for", &letter.may_use_for);
    html.row("Passing it on", &bundle.consent.get().safeguarding.onward.words());
    if !letter.receipts.is_empty() {
        html.row_of("Receipts asked for", |html| {
            if letter.receipts.contains(&ReceiptAsked::Opened) {
                html.raw("That a named person has opened it. ");
            }
            if letter.receipts.contains(&ReceiptAsked::TakenOnOrDeclined) {
                html.raw("That you take it on, or decline and why. ");
            }
            html.raw("<a href=\"#receipt\">How to send a receipt</a>");
        });
    }
    html.raw("</table>\n</section>\n");
}

fn children(html: &mut Html, bundle: &Bundle) {
    html.raw("<section aria-labelledby=\"child-h\">\n<h2 id=\"child-h\">Whom it is about</h2>\n<table><caption>Children</caption>\n<thead><tr><th scope=\"col\">Name</th><th scope=\"col\">Date of birth</th><th scope=\"col\">Identifiers</th></tr></thead>\n<tbody>\n");
    for child in &bundle.children {
        html.raw("<tr><th scope=\"row\">");
        html.text(&child.name);
        if !child.also_known_as.is_empty() {
            html.raw("<br><small>also known as ");
            html.text(&child.also_known_as.join(", "));
            html.raw("</small>");
        }
        html.raw("</th>");
        html.cell(&born(child, bundle));
        let identifiers: Vec<_> =
            child.identifiers.iter().map(|one| format!("{}: {}", one.kind, one.value)).collect();
        html.cell(&identifiers.join("\n"));
        html.raw("</tr>\n");
    }
    html.raw("</tbody></table>\n</section>\n");
}

fn born(child: &Child, bundle: &Bundle) -> String {
    let Some(born) = child.born else { return "not known".to_owned() };
    let years = age(born, bundle.created).map(|years| format!(" (aged {years} when sent)"));
    day(born) + years.as_deref().unwrap_or_default()
}

fn authority(html: &mut Html, record: &ConsentRecord) {
    let more = &record.safeguarding;
    html.raw("<section aria-labelledby=\"law-h\">\n<h2 id=\"law-h\">Why this may be shared</h2>\n<table class=\"facts\"><caption>Sharing decision</caption>\n");
    html.row_of("Lawful basis", |html| match &record.lawful_basis {
        Some(basis) => {
            html.raw("<strong>");
            html.text(basis.words());
            html.raw("</strong><br><small>");
            html.text(basis.statute());
            html.raw("</small>");
            if let crate::consent::LawfulBasis::LegalObligation { which } = basis {
                html.raw("<br>");
                html.text(which);
            }
        }
        None => html.raw("None named"),
    });
    if let Some(condition) = record.special_condition {
        html.row_of("Special-category data", |html| {
            html.text(condition.words());
            html.raw("<br><small>");
            html.text(condition.statute());
            html.raw("</small>");
        });
    }
    if let Decision::DoNotShare { because } = &record.decision {
        html.row("Decided not to share", because);
    }
    html.row("Purposes", &record.purposes.join("\n"));
    html.row("Necessary because", &more.necessity);
    html.row("Consent", &consent_words(record));
    html.row("Family told", &family_words(&more.family_told));
    html.row("The child's view", &more.childs_view);
    if let Some(capacity) = &more.capacity {
        html.row("What the child understands", capacity);
    }
    if let Some(level) = &more.level_of_need {
        html.row("Level of need", level);
    }
    html.row_of("Decided by", |html| {
        html.text(&format!(
            "{}, {}, on {}",
            more.decided_by.name,
            more.decided_by.role,
            moment(more.decided_by.on)
        ));
    });
    if let Some(advice) = &more.advice {
        html.row("Advice taken", advice);
    }
    html.raw("</table>\n");
    rest(html, record);
    html.raw("</section>\n");
}

fn rest(html: &mut Html, record: &ConsentRecord) {
    let more = &record.safeguarding;
    html.raw("<h3>The rest of the record</h3>\n<table class=\"facts\"><caption>Record of the decision (field names of ISO/IEC TS 27560)</caption>\n");
    html.row("Record", record.record_id.as_str());
    let children: Vec<_> = record.pii_principal_id.iter().map(|id| id.as_str()).collect();
    html.row("Children, as the sender knows them", &children.join(", "));
    let names: Vec<_> = record.recipients.iter().map(|one| one.name.as_str()).collect();
    html.row("Named recipients", &names.join("\n"));
    let categories: Vec<_> = record.categories.iter().map(|one| one.words()).collect();
    html.row("Covers", &categories.join(", "));
    let holds = format!("{} until {}", moment(record.validity.from), moment(record.validity.until));
    html.row("Holds", &holds);
    if let Some(review) = record.validity.review {
        html.row("To be reviewed", &day(review));
    }
    for one in &record.pii_controllers {
        let words = format!("{}\n{}\n{}, {}", one.name, one.address, one.contact, one.phone);
        html.row("Responsible for the data", &words);
    }
    for one in &more.parental_responsibility {
        let words = format!("{}, {} ({})", one.name, one.relation, one.evidence);
        html.row("Parental responsibility", &words);
    }
    for one in &more.withheld_from {
        html.row_of("Must not reach", |html| {
            html.text(&format!("{}: {}. {}", one.from_whom, one.what, one.because));
        });
    }
    let digest = record.notice.sha256.map(|digest| format!(", SHA-256 {digest}")).unwrap_or_default();
    let notice = format!("{} ({}{digest})", record.notice.privacy_notice, record.notice.language);
    html.row("Privacy notice", &notice);
    html.row("Withdrawal", &record.withdrawal_method);
    html.row("Kept", &format!("{}\n{}", record.storage_location, record.retention_period));
    html.row("Jurisdiction", &record.jurisdiction);
    html.raw("</table>\n");
}

fn consent_words(record: &ConsentRecord) -> String {
    if record.events.is_empty() {
        return "Not sought. It is not needed on another basis.".to_owned();
    }
    let step = |event: &crate::consent::ConsentEvent| {
        let (at, state) = (moment(event.event_time), event.event_state.words());
        format!("{at}: {state}; {}, {}", event.entity, event.event_type)
    };
    record.events.iter().map(step).collect::<Vec<_>>().join("\n")
}

fn family_words(told: &FamilyTold) -> String {
    match told {
        FamilyTold::Yes { on, response } => format!("Yes, on {}. {response}", day(*on)),
        FamilyTold::NotYet { by, because } => format!("Not yet; to be told by {}. {because}", day(*by)),
        FamilyTold::NotSafe { because } => format!("No: it is not safe. {because}"),
    }
}
