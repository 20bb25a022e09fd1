//! The fields of every document, held to `docs/protocol.md` both ways: what stands in the vectors is told there, and nothing is
//! told that no document has.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use serde_json::Value;

use super::tidy::{root, sources};

/// Names of fields, each with a document that has it.
type Fields = BTreeMap<String, String>;

/// Every document of the vectors that reads, by its kind: a text inside another document is a document too.
fn documents() -> Vec<(String, Value)> {
    let (mut found, vectors) = (Vec::new(), root().join("tests/vectors"));
    for folder in ["signed", "bundle"] {
        for entry in fs::read_dir(vectors.join(folder)).expect("the vectors are there") {
            let path = entry.expect("a folder entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            if !name.ends_with(".json") || name.starts_with("bad-") {
                continue;
            }
            let text = fs::read_to_string(&path).expect("a vector");
            let one: Value = serde_json::from_str(&text).expect("JSON");
            match one["expect"].as_str() {
                None => found.push((name, one)),
                // A field too many is what these are about.
                Some("unreadable") => {}
                Some(_) => {
                    for part in ["document", "approval", "plain"] {
                        found.push((format!("{name}: {part}"), one[part].clone()));
                    }
                }
            }
        }
    }
    found
}

fn fields(name: &str, value: &Value, into: &mut Fields) {
    match value {
        Value::Object(members) => {
            for (field, value) in members {
                into.entry(field.clone()).or_insert_with(|| name.to_owned());
                fields(name, value, into);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| fields(name, item, into)),
        Value::String(text) if text.starts_with('{') => {
            // What does not read is one of the faults that the vectors are about.
            if let Ok(inner) = serde_json::from_str(text) {
                fields(name, &inner, into);
            }
        }
        _ => {}
    }
}

/// Words of letters, digits, `_` and `-`.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-')).filter(|word| !word.is_empty())
}

#[test]
fn every_field_of_every_document_stands_in_the_protocol_and_no_other() {
    let document = fs::read_to_string(root().join("docs/protocol.md")).expect("the protocol");
    let quoted = document.split('`').skip(1).step_by(2);
    let examples = document.lines().filter(|line| line.trim_start().starts_with('{'));
    let told: BTreeSet<&str> = quoted.chain(examples).flat_map(words).collect();
    let mut known = Fields::new();
    for (name, one) in documents() {
        fields(&name, &one, &mut known);
    }
    assert!(known.len() > 100, "only {} fields were looked for", known.len());
    let mut problems: Vec<String> = (known.iter())
        .filter(|(field, _)| !told.contains(field.as_str()))
        .map(|(field, name)| format!("docs/protocol.md does not tell of `{field}`, in {name}"))
        .collect();

    // The other way round: the first column of each table of fields. A field that may say nothing is in the code.
    let mut code = BTreeSet::new();
    for file in sources(&["protocol/src"]) {
        for (_, line) in file.code() {
            let field = line.trim_start().strip_prefix("pub ").and_then(|rest| rest.split_once(':'));
            code.extend(field.map(|(field, _)| field.to_owned()));
        }
    }
    let mut table = false;
    for (n, line) in document.lines().enumerate() {
        table = line.starts_with("| field") || (table && line.starts_with('|'));
        let first = if table { line.split('|').nth(1).unwrap_or_default() } else { "" };
        for field in first.split('`').skip(1).step_by(2).filter(|field| !field.contains('/')) {
            if !known.contains_key(field) && !code.contains(field) {
                problems.push(format!("docs/protocol.md:{}: no document has a field `{field}`", n + 1));
            }
        }
    }
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}
