//! Bodies there and back, and what is refused.

use proptest::prelude::*;
use serde_json::json;

use super::*;

/// Cuts after every blank, and before the end.
fn cutter(text: &str) -> Vec<u8> {
    let pieces = text.split_inclusive(' ').map(|piece| u8::try_from(piece.len()).ok().filter(|n| *n < 64));
    pieces.collect::<Option<_>>().unwrap_or_default()
}

fn write(value: &Value) -> Result<Vec<u8>, BodyError> {
    Body::of(value, &mut cutter)?.to_bytes()
}

fn read(body: &[u8]) -> Result<Value, BodyError> {
    Body::parse(body)?.to_value()
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec(("[a-z/~0-9]{0,4}|\\PC{0,3}", inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn every_value_reads_back(value in any_value()) {
        let body = write(&value).unwrap();
        let again = read(&body).unwrap();
        prop_assert_eq!(&again, &value);
        prop_assert_eq!(write(&again).unwrap(), body);
    }

    #[test]
    fn no_bytes_panic_and_what_reads_is_canonical(fields in prop::collection::vec(
        ("(/[ab0-2~]{0,2}){0,3}", prop_oneof![Just("text"), Just("list"), Just("object"), Just("integer")],
         "[0-3]?"), 0..8))
    {
        let body = serde_json::to_vec(&json!({"kith": "fact/1", "fields": fields})).unwrap();
        if let Ok(value) = read(&body) {
            prop_assert_eq!(write(&value).unwrap(), body);
        }
    }

    #[test]
    fn noise_is_refused_quietly(noise in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(read(&noise).is_err());
    }
}

#[test]
fn duplicates_strays_and_false_types_are_named() {
    let refused = |fields: Value| {
        read(&serde_json::to_vec(&json!({"kith": "fact/1", "fields": fields})).unwrap()).unwrap_err()
    };
    let twice = json!([["/a", "text", "1"], ["/a", "text", "2"]]);
    assert_eq!(refused(twice), BodyError::Misplaced("/a".into()));
    let split = json!([["/a/x", "text", ""], ["/b", "text", ""], ["/a/y", "text", ""]]);
    assert_eq!(refused(split), BodyError::Misplaced("/a".into()));
    assert_eq!(
        refused(json!([["/a", "list", "2"], ["/a/0", "null", ""]])),
        BodyError::Missing("/a/1".into())
    );
    assert_eq!(refused(json!([["/a", "integer", "01"]])), BodyError::BadValue("/a".into()));
    assert_eq!(refused(json!([["/a", "list", "-1"]])), BodyError::BadValue("/a".into()));
    assert_eq!(refused(json!([])), BodyError::Missing(String::new()));
    assert_eq!(write(&json!({"x": 0.5})), Err(BodyError::BadValue("/x".into())));
}

#[test]
fn lists_as_long_as_they_say_cost_nothing_before_they_are_read() {
    let body = br#"{"kith":"fact/1","fields":[["","list","18446744073709551615"]]}"#;
    assert_eq!(read(body), Err(BodyError::Missing("/0".into())));
}
