//! JSON that a person or a script gives. What is wrong is said by its field, its value, what was probably meant and
//! what to do, in our words and not the parser's.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::error::Category;

use super::failure::Failure;
pub use super::{concern::Given as Concern, people::Amendment, share::Decisions};
use crate::casework::nearest::nearest;

/// Most characters of what was given that a message repeats.
const SHOWN: usize = 40;

/// Reads `text`, which came from `from`; `remedy` says where its form is shown.
///
/// # Errors
/// Says what is wrong, where, and what to do; never more of what was given than its first letters.
pub fn read<T: DeserializeOwned>(text: &str, from: &str, remedy: &str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| Failure::usage(told(&error, text, from, remedy)))
}

/// The names of all of `known`, as JSON has them, for a help text: from the table, so that none is forgotten.
pub(super) fn names<T: Serialize>(known: &[T]) -> String {
    let name = |one: &T| serde_json::to_value(one).ok().and_then(|name| name.as_str().map(str::to_owned));
    known.iter().filter_map(name).collect::<Vec<_>>().join(", ")
}

fn told(error: &serde_json::Error, text: &str, from: &str, remedy: &str) -> String {
    let line = error.line();
    let what = match error.classify() {
        Category::Eof if text.trim().is_empty() => "nothing was given".to_owned(),
        Category::Eof => format!("the JSON ends too early, in line {line}: a bracket or quote is not closed"),
        Category::Syntax | Category::Io => {
            format!(
                "not JSON, from line {line}, column {}: check commas, quotes and brackets",
                error.column()
            )
        }
        Category::Data => {
            format!("line {line}: {}", wrong(&error.to_string(), &path(text, line, error.column())))
        }
    };
    format!("{from}: {what}; {remedy}")
}

/// What the parser found wrong in the field at `path`.
fn wrong(said: &str, path: &[String]) -> String {
    let said = said.rsplit_once(" at line ").map_or(said, |(said, _)| said);
    let mut quoted = said.split('`').skip(1).step_by(2);
    let first = quoted.next().unwrap_or_default();
    let known: Vec<&str> = quoted.collect();
    let meant = nearest(first, known.iter().copied())
        .map_or_else(|| ".".to_owned(), |word| format!("; did you mean `{word}`?"));
    let (shown, known) = (cut(first), known.join(", "));
    let within =
        |path: &[String]| if path.is_empty() { String::new() } else { format!("in `{}`, ", path.join(".")) };
    match path {
        _ if said.starts_with("unknown variant") => {
            format!("`{}` is `{shown}`, which is none of its words{meant} They are {known}", path.join("."))
        }
        [outer @ .., _] if said.starts_with("unknown field") => {
            format!("{}there is no field `{shown}`{meant} There are {known}", within(outer))
        }
        _ if said.starts_with("missing field") => format!("{}the field `{shown}` is missing", within(path)),
        [outer @ .., _] if said.starts_with("duplicate field") => {
            format!("{}the field `{shown}` stands twice", within(outer))
        }
        _ if said.starts_with("data did not match") => {
            format!("`{}` has not the form it must have", path.join("."))
        }
        _ => match said.rsplit_once(", expected ") {
            Some((_, needed)) if path.is_empty() => format!("the whole must be {}", kind(needed)),
            Some((_, needed)) => format!("`{}` must be {}", path.join("."), kind(needed)),
            None => format!("`{}`: {}", path.join("."), cut(said)),
        },
    }
}

/// What the parser asks for, in the words of JSON.
fn kind(needed: &str) -> String {
    match needed {
        "a sequence" => "a list: [...]".to_owned(),
        "a map" => "an object: {...}".to_owned(),
        "a boolean" => "true or false".to_owned(),
        named if named.starts_with("struct ") => "an object: {...}".to_owned(),
        other => cut(other),
    }
}

fn cut(text: &str) -> String {
    let mut short: String = text.chars().take(SHOWN * 3).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// The fields that lead to the place in `text` where its parser stopped, such as `people`, `1`, `role`.
fn path(text: &str, line: usize, column: usize) -> Vec<String> {
    let before = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum::<usize>();
    let mut stack: Vec<(bool, String)> = Vec::new();
    let mut bytes = text.bytes().enumerate().take(before + column);
    // Between a `{` or `,` and a `:` a string is the name of a field.
    let mut names = false;
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'{' | b'[' => {
                names = byte == b'{';
                stack.push((names, if names { String::new() } else { "0".to_owned() }));
            }
            b'}' | b']' => drop(stack.pop()),
            b':' => names = false,
            b',' => {
                if let Some((object, place)) = stack.last_mut() {
                    names = *object;
                    if !names {
                        *place = place.parse::<usize>().map_or(0, |n| n + 1).to_string();
                    }
                }
            }
            b'"' => {
                let mut end = at;
                while let Some((at, byte)) = bytes.next() {
                    end = at;
                    match byte {
                        b'\\' => drop(bytes.next()),
                        b'"' => break,
                        _ => {}
                    }
                }
                if let Some((_, place)) = stack.last_mut().filter(|_| names) {
                    text.get(at + 1..end).unwrap_or_default().clone_into(place);
                }
            }
            _ => {}
        }
    }
    stack.into_iter().map(|(_, place)| cut(&place)).collect()
}

#[cfg(test)]
mod tests {
    use kith_protocol::bundle::Role;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Form {
        #[serde(rename = "people")]
        _people: Vec<One>,
        #[serde(rename = "category")]
        _category: crate::casework::category::Typed,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct One {
        #[serde(rename = "find")]
        _find: String,
        #[serde(rename = "role")]
        _role: Role,
    }

    fn said(text: &str) -> String {
        let failure = read::<Form>(text, "standard input", "see --help").unwrap_err().message;
        assert!(failure.starts_with("standard input: ") && failure.ends_with("; see --help"), "{failure}");
        assert!(
            !failure.contains("variant") && !failure.contains("expected") && !failure.contains("EOF"),
            "{failure}"
        );
        failure
    }

    #[test]
    fn what_is_wrong_is_named_by_field_and_value_with_what_was_meant() {
        let people = r#"{"people": [{"find": "a \"b\", {c}", "role": "subject"},"#;
        let category = said(&format!(
            "{people}\n{{\"find\": \"d\", \"role\": \"witness\"}}],\n\"category\": \"wellfare\"}}"
        ));
        assert!(category.contains("line 3: `category`: `wellfare` is no category"), "{category}");
        assert!(category.contains("did you mean `welfare`?"), "{category}");
        let role = said(&format!("{people} {{\"find\": \"d\", \"role\": \"witnes\"}}]"));
        assert!(role.contains("`people.1.role` is `witnes`") && role.contains("`witness`"), "{role}");
        let field = said(&format!("{people} {{\"fnd\": \"d\"}}]}}"));
        assert!(field.contains("in `people.1`, there is no field `fnd`; did you mean `find`?"), "{field}");
        let missing = said(&format!("{people} {{\"find\": \"d\"}}]}}"));
        assert!(
            missing.contains("the field `role` is missing") && missing.contains("in `people"),
            "{missing}"
        );
        for bare in ["3", "\"neglect\"", "true", "[]", "null"] {
            assert!(said(bare).contains("line 1: the whole must be an object: {...}; see --help"), "{bare}");
        }
        let one = said(r#"{"people": ["1-42"]}"#);
        assert!(one.contains("line 1: `people.0` must be an object: {...}"), "{one}");
        let kind = said(r#"{"people": 3}"#);
        assert!(kind.contains("`people` must be a list"), "{kind}");
    }

    #[test]
    fn text_that_is_no_json_or_ends_too_early_says_so_with_its_line() {
        assert!(said("{\n\"people\": [").contains("ends too early, in line 2"));
        assert!(said("{\n oops").contains("not JSON, from line 2"));
        assert!(said(" \n").contains("nothing was given"));
    }

    #[test]
    fn the_names_of_a_table_are_those_that_are_read() {
        let known = [Role::Subject, Role::AllegedVictim, Role::Mentioned];
        let all = names(&known);
        assert_eq!(all.split(", ").count(), known.len());
        for name in all.split(", ") {
            serde_json::from_value::<Role>(name.into()).unwrap();
        }
    }
}
