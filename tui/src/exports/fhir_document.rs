//! An opened bundle as a FHIR R4 document: a `Bundle` whose first entry is its `Composition`. Only what was disclosed is in
//! it; what was withheld is named as such, with its reason. Attachments go by name and digest, not by their bytes.

use jiff::Timestamp;
use kith_protocol::{
    bundle::{Attachment, Bundle, Child, Identifier, Passage, Record, Span, in_words},
    ids::Digest,
};
use serde_json::{Value, json};

use super::fhir::{coded, consent, narrative, system};

/// Names of what is in one document, the same whenever it is made again.
struct Names(Digest);

impl Names {
    /// A UUID (RFC 9562, version 8) of one resource.
    fn uuid(&self, what: &str) -> String {
        let hex = Digest::of(format!("{}/{what}", self.0).as_bytes()).to_string();
        let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
        format!("{}-{}-8{}-9{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
    }

    fn url(&self, what: &str) -> String {
        format!("urn:uuid:{}", self.uuid(what))
    }

    fn entry(&self, what: &str, resource: &Value) -> Value {
        json!({ "fullUrl": self.url(what), "resource": resource })
    }

    fn reference(&self, what: &str) -> Value {
        json!({ "reference": self.url(what) })
    }
}

/// The document of a verified bundle. `text` is its `bundle.json`, byte for byte, which names everything in it.
#[must_use]
pub fn document(bundle: &Bundle, text: &str, now: Timestamp) -> Value {
    let names = Names(Digest::of(text.as_bytes()));
    let agency = bundle.from.id.as_str();
    let mut entries = vec![names.entry("composition", &composition(bundle, &names))];
    for (n, child) in bundle.children.iter().enumerate() {
        entries.push(names.entry(&format!("patient/{n}"), &patient(child)));
    }
    for (what, end) in [("from", &bundle.from), ("to", &bundle.to)] {
        let organization = json!({
            "resourceType": "Organization", "active": true, "name": end.name,
            "identifier": [{ "system": "urn:kith:agency", "value": end.id }],
        });
        entries.push(names.entry(what, &organization));
    }
    if let Some((name, role)) = bundle.signed_by_words() {
        let practitioner = json!({
            "resourceType": "Practitioner", "name": [{ "text": name }], "qualification": [{ "code": { "text": role } }],
        });
        entries.push(names.entry("author", &practitioner));
    }
    entries.push(names.entry("consent", &consent(bundle.consent.get(), agency, (now, None))));
    for (n, file) in bundle.attachments.iter().enumerate() {
        entries.push(names.entry(&format!("file/{n}"), &reference_to(file, bundle, &names)));
    }
    json!({
        "resourceType": "Bundle",
        "type": "document",
        "identifier": { "system": "urn:ietf:rfc:3986", "value": names.url("document") },
        "timestamp": bundle.created,
        "entry": entries,
    })
}

fn composition(bundle: &Bundle, names: &Names) -> Value {
    let letter = &bundle.letter;
    let by = letter.asked.by.map_or(String::new(), |by| format!(" By {}.", by.strftime("%-d %B %Y, %H:%M")));
    let why = [
        format!("Why: {}", letter.why),
        format!("Asked: {} ({}).{by}", letter.asked.what, letter.asked.urgency.words()),
        format!("May be used for: {}", letter.may_use_for),
        format!("Ring: {}, {}, {}", letter.ring.name, letter.ring.role, letter.ring.phone),
    ];
    let mut sections = vec![json!({ "title": "Why this is shared", "text": narrative(&why) })];
    sections.extend(bundle.records.iter().map(|record| section(record, bundle, names)));
    if !bundle.withheld.is_empty() {
        let counts =
            bundle.withheld.iter().map(|one| format!("{} withheld: {}", one.count, one.reason.words()));
        sections.push(json!({ "title": "Withheld", "text": narrative(&counts.collect::<Vec<_>>()) }));
    }
    let mut authors = vec![names.reference("from")];
    if bundle.signed_by_words().is_some() {
        authors.insert(0, names.reference("author"));
    }
    let mut out = json!({
        "resourceType": "Composition",
        "text": narrative(std::slice::from_ref(&letter.subject)),
        "status": "final",
        "type": { "text": "Safeguarding information shared between agencies" },
        "date": bundle.created,
        "author": authors,
        "title": letter.subject,
        "confidentiality": "R",
        "custodian": names.reference("from"),
        "section": sections,
    });
    if let (false, Some(fields)) = (bundle.children.is_empty(), out.as_object_mut()) {
        fields.insert("subject".to_owned(), names.reference("patient/0"));
    }
    out
}

fn section(record: &Record<Span>, bundle: &Bundle, names: &Names) -> Value {
    let mut said = vec![
        format!("{}, {}", record.happened.at.strftime("%-d %B %Y, %H:%M"), record.kind.words()),
        joined("Source", &[&record.source.name, &record.source.role, &record.source.agency]),
        joined("Recorded by", &[&record.recorded_by.name, &record.recorded_by.role]),
    ];
    for person in &record.people {
        said.push(format!("{}: {} ({})", person.role.words(), words(&person.name), words(&person.relation)));
    }
    for statement in &record.statements {
        said.push(format!("{}: {}", statement.kind.words(), words(&statement.text)));
    }
    if let Some(done) = &record.in_danger {
        said.push(format!("A child was in immediate danger. Done at once: {}", words(done)));
    }
    for (label, passage) in
        [("Told", &record.told), ("Done", &record.done), ("Effect on the child", &record.effect)]
    {
        said.push(joined(label, &[passage]));
    }
    said.extend(record.significance.words().map(|how| format!("Significance: {how}")));
    said.retain(|line| !line.is_empty());
    let files = bundle.attachments.iter().enumerate();
    let files = files.filter(|(_, file)| record.sent().any(|sent| file.stands_for(sent)));
    let files: Vec<Value> = files.map(|(n, _)| names.reference(&format!("file/{n}"))).collect();
    let mut out = json!({
        "title": record.headline(),
        "code": { "text": record.category.words() },
        "text": narrative(&said),
    });
    if let Some(fields) = out.as_object_mut() {
        // FHIR has no empty list.
        if !files.is_empty() {
            fields.insert("entry".to_owned(), json!(files));
        }
    }
    out
}

fn patient(child: &Child) -> Value {
    let mut out = json!({ "resourceType": "Patient" });
    let Some(fields) = out.as_object_mut() else { return out };
    let names =
        std::iter::once(&child.name).chain(&child.also_known_as).filter(|name| !name.trim().is_empty());
    let names: Vec<Value> = names.map(|name| json!({ "text": name })).collect();
    let identifiers: Vec<Value> = child.identifiers.iter().map(identifier).collect();
    for (name, list) in [("name", names), ("identifier", identifiers)] {
        if !list.is_empty() {
            fields.insert(name.to_owned(), json!(list));
        }
    }
    if let Some(born) = child.born {
        fields.insert("birthDate".to_owned(), json!(born));
    }
    out
}

/// NHS numbers have a system that health knows; the others say what they are.
fn identifier(one: &Identifier) -> Value {
    if one.kind == "NHS number" {
        let digits: String = one.value.chars().filter(char::is_ascii_digit).collect();
        return json!({ "system": "https://fhir.nhs.uk/Id/nhs-number", "value": digits });
    }
    json!({ "type": { "text": one.kind }, "value": one.value })
}

fn reference_to(file: &Attachment, bundle: &Bundle, names: &Names) -> Value {
    let mut attachment = json!({ "contentType": file.media_type, "title": file.name });
    // FHIR counts to 2^31 - 1 here.
    if let (Ok(size), Some(fields)) = (i32::try_from(file.size), attachment.as_object_mut()) {
        fields.insert("size".to_owned(), json!(size));
    }
    let category = coded(&system(bundle.from.id.as_str(), "category"), &kebab(file), file.category.words());
    json!({
        "resourceType": "DocumentReference",
        "status": "current",
        "identifier": [{ "system": "urn:kith:sha256", "value": file.sha256 }],
        "category": [category],
        "date": bundle.created,
        "author": [names.reference("from")],
        "content": [{ "attachment": attachment }],
    })
}

fn kebab(file: &Attachment) -> String {
    serde_json::to_value(file.category).ok().and_then(|it| it.as_str().map(str::to_owned)).unwrap_or_default()
}

fn joined(label: &str, passages: &[&Passage<Span>]) -> String {
    let mut said: Vec<String> = passages.iter().map(|passage| words(passage)).collect();
    said.retain(|words| !words.trim().is_empty());
    if said.is_empty() { String::new() } else { format!("{label}: {}", said.join(", ")) }
}

fn words(passage: &Passage<Span>) -> String {
    in_words(passage, |reason| format!("[withheld: {}]", reason.words()))
}
