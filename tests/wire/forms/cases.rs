//! Facts, invitations and letters: each once as it must be, and once with each fault.

use kith_protocol::{
    directory::{NodeAddress, Pinned},
    enrolment::Invitation,
    letter::MAX_WHY,
};
use kith_tests::bundles::World;

use super::{Case, vectors};
use crate::wire::signed::{key, letter_of};

/// The words of the good invitation, as the admin reads them aloud.
pub(super) const ALOUD: &str = "pole critic note retire suffer pupil various sell";

/// One change, which must be one.
fn saying(good: &str, was: &str, is: &str) -> Vec<u8> {
    assert!(good.contains(was), "{was} is not in {good}");
    good.replacen(was, is, 1).into_bytes()
}

pub(super) fn facts() -> Vec<Case> {
    let good = std::fs::read_to_string(vectors().join("fact/entry-recorded.json")).expect("the vector");
    let saying = |was: &str, is: &str| saying(&good, was, is);
    let last = |field: &str| saying("]]}", &format!("],{field}]}}"));
    let deep = format!(r#"["{}","text","deep"]"#, "/a".repeat(33));
    vec![
        ("entry-recorded.json", good.clone().into_bytes()),
        ("bad-field.json", saying(r#""fields":"#, r#""more":1,"fields":"#)),
        ("bad-field-twice.json", saying(r#"{"kith":"fact/1","#, r#"{"kith":"fact/1","kith":"fact/1","#)),
        ("bad-version.json", saying("fact/1", "fact/2")),
        ("bad-trailing.json", [good.as_bytes(), b"x"].concat()),
        ("bad-none.json", br#"{"kith":"fact/1","fields":[]}"#.to_vec()),
        ("bad-path-twice.json", saying(r#"["/recorded","#, r#"["/id","#)),
        (
            "bad-order.json",
            saying(r#"["/by/role","text","DSL"],"#, r#"["/between","text",""],["/by/role","text","DSL"],"#),
        ),
        ("bad-order-list.json", saying("/people/0/person", "/people/1/person")),
        ("bad-list-longer.json", saying(r#"/entry/people","list","1""#, r#"/entry/people","list","2""#)),
        ("bad-list-shorter.json", saying(r#"/entry/people","list","1""#, r#"/entry/people","list","0""#)),
        ("bad-list-number.json", saying(r#"/entry/people","list","1""#, r#"/entry/people","list","01""#)),
        ("bad-list-huge.json", saying(r#"/names","list","1""#, r#"/names","list","18446744073709551615""#)),
        ("bad-kind.json", saying(r#"["/id","text""#, r#"["/id","date""#)),
        ("bad-integer.json", saying(r#"["/id","text","1-2""#, r#"["/id","integer","1-2""#)),
        ("bad-integer-form.json", saying(r#"["/id","text","1-2""#, r#"["/id","integer","+12""#)),
        ("bad-bool.json", saying(r#"["/id","text","1-2""#, r#"["/id","bool","True""#)),
        ("bad-null.json", saying(r#"case","null","""#, r#"case","null","null""#)),
        ("bad-number.json", saying(r#"["/id","text","1-2""#, r#"["/id","text",12"#)),
        ("bad-cut-short.json", saying("\"BCE\"", "\"BCD\"")),
        ("bad-cut-long.json", saying("\"BCE\"", "\"BCF\"")),
        ("bad-cut-one.json", saying("\"BCE\"", "\"H\"")),
        ("bad-cut-none.json", saying("\"BCE\"", "\"ABCE\"")),
        ("bad-cut-letter.json", saying("\"BCE\"", "\"BC+\"")),
        ("bad-cut-kind.json", saying(r#"["/id","text","1-2""#, r#"["/id","integer","12","BB""#)),
        ("bad-cut-within.json", saying("FGCFEC\"", "FGCFFB\"")),
        ("bad-five.json", saying("\"BCE\"", "\"BCE\",\"\"")),
        ("bad-path.json", saying(r#"["/id""#, r#"["id""#)),
        ("bad-path-escape.json", saying(r#"["/id""#, r#"["/i~d""#)),
        ("bad-deep.json", last(&deep)),
        ("bad-out-of-place.json", last(r#"["end","text",""]"#)),
        ("bad-list-negative.json", saying(r#"attachments","list","0""#, r#"attachments","list","-1""#)),
        (
            "bad-integer-huge.json",
            saying(r#"["/id","text","1-2""#, r#"["/id","integer","18446744073709551616""#),
        ),
    ]
}

pub(super) fn invitations() -> Vec<Case> {
    let (link, sign) = (key(90).public(), key(91).public());
    let node = NodeAddress {
        name: "Northshire node".into(),
        addr: "node.northshire.example:443".into(),
        link,
        sign,
        log: key(92).public(),
        cosign: key(93).public(),
    };
    let pinned = Pinned::enrol("Northshire".into(), vec![key(99).public()], 1);
    let invitation = Invitation { node, pinned };
    assert_eq!(invitation.words().join(" "), ALOUD);
    let good = serde_json::to_string(&invitation).expect("JSON");
    let saying = |was: &str, is: &str| saying(&good, was, is);
    vec![
        ("northshire.json", good.clone().into_bytes()),
        ("bad-altered-key.json", saying(&link.to_string(), &sign.to_string())),
        ("bad-altered-address.json", saying("example:443", "example:444")),
        ("bad-altered-name.json", saying("\"Northshire\"", "\"Southshire\"")),
        ("bad-altered-threshold.json", saying("\"threshold\":1", "\"threshold\":0")),
        ("bad-altered-version.json", saying("\"at_least_version\":0", "\"at_least_version\":1")),
        ("bad-field.json", saying("{\"node\"", "{\"more\":1,\"node\"")),
        ("bad-field-node.json", saying("{\"name\"", "{\"more\":1,\"name\"")),
        ("bad-field-pinned.json", saying("{\"partnership\"", "{\"more\":1,\"partnership\"")),
        ("bad-twice.json", saying("{\"name\":", "{\"name\":\"Northshire node\",\"name\":")),
        ("bad-missing.json", saying("\"threshold\":1,", "")),
        ("bad-key.json", saying(&link.to_string(), &link.to_string()[..60])),
        ("bad-negative.json", saying("\"threshold\":1", "\"threshold\":-1")),
        ("bad-trailing.json", [good.as_bytes(), b"{}"].concat()),
    ]
}

pub(super) fn letters() -> Vec<Case> {
    let good = letter_of(&World::hybrid()).to_text().expect("it fits");
    let text = good.trim_end();
    let padded = |text: Vec<u8>| {
        let mut text = text;
        text.resize(text.len().next_multiple_of(2048), b' ');
        text
    };
    let saying = |was: &str, is: &str| padded(saying(text, was, is));
    let why = letter_of(&World::hybrid()).why;
    vec![
        ("letter.txt", good.clone().into_bytes()),
        ("bad-bundle.txt", saying("\"bundle\":\"", "\"bundle\":\"00")),
        ("bad-other-bundle.txt", {
            let bundle = letter_of(&World::hybrid()).bundle.to_string();
            saying(&bundle, &"0".repeat(64))
        }),
        ("bad-field.txt", saying("\"why\"", "\"more\":1,\"why\"")),
        ("bad-twice.txt", saying("\"why\"", "\"why\":\"\",\"why\"")),
        ("bad-missing.txt", saying(&format!("\"why\":\"{why}\","), "")),
        ("bad-version.txt", saying("letter/1", "letter/2")),
        ("bad-kind.txt", saying("withdrawal-letter/1", "withdrawal/1")),
        ("bad-day.txt", saying("2026-12-05", "2026-12-32")),
        ("bad-long.txt", saying(&why, &"a".repeat(MAX_WHY + 1))),
        ("bad-day-form.txt", saying("2026-12-05", "20261205")),
        ("bad-padding-most.txt", [good.as_bytes(), &[b' '; 8 * 1024]].concat()),
        ("bad-padding-none.txt", text.as_bytes().to_vec()),
        ("bad-padding-short.txt", good.as_bytes()[..2047].to_vec()),
        ("bad-padding-long.txt", [good.as_bytes(), b" "].concat()),
        ("bad-padding-zeros.txt", good.replace("}  ", "}\0 ").into_bytes()),
        ("bad-padding-words.txt", good.replace("}  ", "} x").into_bytes()),
    ]
}
