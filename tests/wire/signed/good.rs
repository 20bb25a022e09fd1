//! A document as it must be, and what can be wrong with any signed document.

use kith_protocol::sign::{Namespace, SigningKey};
use kith_tests::bundles::now;
use serde_json::{Map, Value, json};

use super::{
    alone::{END, armoured},
    cases::{Cases, key},
};

/// A document as it must be, with what is needed to spoil it and sign it again.
pub(super) struct Good<'a> {
    pub(super) check: &'static str,
    pub(super) namespace: Namespace,
    /// Who sign, in their order.
    pub(super) keys: Vec<&'a SigningKey>,
    pub(super) text: String,
    /// What stands beside it.
    pub(super) beside: Map<String, Value>,
}

impl Good<'_> {
    pub(super) fn signed(&self, text: &str, namespace: Namespace) -> Value {
        let each = self.keys.iter().map(|key| key.sign(namespace, text.as_bytes()));
        let set = each.reduce(|set, one| set.and(&one)).expect("somebody signs");
        json!({ "text": text, "signature": set })
    }

    pub(super) fn case(&self, about: &str, expect: &str, document: Value) -> Value {
        let mut case = json!({ "check": self.check, "about": about, "expect": expect });
        let all = case.as_object_mut().expect("an object");
        all.extend(self.beside.clone());
        // An approval stands in a set of its own.
        match all.get_mut("approval") {
            Some(set) => set["approval"] = document,
            None => drop(all.insert("document".into(), document)),
        }
        case
    }

    /// With other words, signed as before.
    pub(super) fn saying(&self, about: &str, expect: &str, was: &str, is: &str) -> Value {
        assert!(self.text.contains(was), "{}: {was} is not in {}", self.check, self.text);
        self.case(about, expect, self.signed(&self.text.replacen(was, is, 1), self.namespace))
    }

    /// It, and every fault that any signed document can have.
    pub(super) fn enter(&self, name: &str, about: &str, cases: &mut Cases) {
        let text = self.text.as_str();
        let good = self.signed(text, self.namespace);
        let begin = format!(r#"{{"kith":"{}/1","#, self.check);
        let fields = text.strip_prefix(&begin).unwrap_or_else(|| panic!("{text} begins with its kind"));
        let first = fields.split_once(':').map_or("", |(name, _)| name);
        let value: Value = serde_json::from_str(text).expect("JSON");
        let again = &value[first.trim_matches('"')];
        let altered = format!("{} }}", &text[..text.len() - 1]);
        let altered = json!({ "text": altered, "signature": good["signature"] });
        let stranger = key(98);
        let other = Good { keys: vec![&stranger], text: String::new(), beside: Map::new(), ..*self };
        // The first signature's own 64 bytes, told as 65.
        let set = good["signature"].as_str().unwrap_or_default().to_owned();
        let (signature, rest) = set.split_once(END).expect("a set");
        let longer = |bytes: &mut Vec<u8>| {
            let at = bytes.len() - 64 - 1;
            bytes[at] = 65;
        };
        let armour = armoured(&format!("{signature}{END}"), 70, longer) + rest;
        let armour = json!({ "text": text, "signature": armour });
        let each = [
            ("", about, "ok", good),
            ("-armour", "a length inside the signature is another", "not signed", armour),
            ("-altered", "one byte more than was signed", "not signed", altered),
            ("-stranger", "signed by a key of nobody", "not signed", other.signed(text, self.namespace)),
            (
                "-namespace",
                "signed as another kind of document",
                "not signed",
                self.signed(text, self.elsewhere()),
            ),
            (
                "-field",
                "a field that nobody knows",
                "unreadable",
                self.signed(&format!("{begin}\"more\":1,{fields}"), self.namespace),
            ),
            (
                "-twice",
                "a field that stands twice",
                "unreadable",
                self.signed(&format!("{begin}{first}:{again},{fields}"), self.namespace),
            ),
            (
                "-version",
                "a version that nobody knows",
                "unreadable",
                self.signed(&text.replacen("/1\"", "/2\"", 1), self.namespace),
            ),
        ];
        for (end, about, expect, document) in each {
            cases.insert(format!("{name}{end}"), self.case(about, expect, document));
        }
    }

    fn elsewhere(&self) -> Namespace {
        if self.namespace == Namespace::Gate { Namespace::Envelope } else { Namespace::Gate }
    }
}

pub(super) fn good<'a>(
    check: &'static str,
    namespace: Namespace,
    keys: &[&'a SigningKey],
    text: &str,
) -> Good<'a> {
    Good { check, namespace, keys: keys.to_vec(), text: text.to_owned(), beside: at(now()) }
}

pub(super) fn at(at: jiff::Timestamp) -> Map<String, Value> {
    Map::from_iter([("at".to_owned(), json!(at))])
}
