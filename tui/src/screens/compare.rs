//! Comparing an agency's eight words: they read theirs over the telephone or across a table, and somebody here records
//! that they are those of the directory.

use super::{Doing, Flow, dialog::Dialog, push};
use crate::{
    casework::{
        command::Command,
        contact::{Compared, Comparison},
    },
    flow::MemberRow,
    widgets::form::{Choice, Field, Form},
};

pub(super) fn ask(member: &MemberRow) -> Vec<Flow> {
    let intro = format!(
        "Ring {} on a number you held before, not one that came with a message. They read you the eight words of their \
         keys. These must be the same, in this order: {}. If they are not: Esc, share nothing, tell the admin of the node.",
        member.name,
        member.words.join(" ")
    );
    let form = Form::new(vec![
        Field::choice(
            "how",
            "How",
            vec![
                Choice::new("telephone", "by telephone", "on a number you held before"),
                Choice::new("in-person", "in person", "they read them to you across a table"),
            ],
        )
        .required(),
        Field::line("number", "Number").when("how", &["telephone"]).required().help("The one you rang"),
        Field::line("heard", "Last word").required().help("The last of the words they read to you"),
    ]);
    push(Dialog::new("Verify their keys", &intro, form))
}

pub(super) fn answered(member: &MemberRow, form: &Form) -> Vec<Flow> {
    match read(member, form) {
        Ok(heard) => vec![Flow::Do(Box::new(Doing {
            command: Command::CompareContact(heard),
            said: format!(
                "VERIFIED: you compared the eight words of {}; it stands in the record.",
                member.name
            ),
            undo: None,
        }))],
        Err(why) => vec![Flow::Say(format!("Not done: {why}"))],
    }
}

fn read(member: &MemberRow, form: &Form) -> Result<Comparison, String> {
    let how = match form.key_of("how") {
        Some("telephone") => Compared::Telephone { number: form.text("number").trim().to_owned() },
        Some(_) => Compared::InPerson,
        None => return Err("say how you compared them".to_owned()),
    };
    let typed = form.text("heard").trim().to_lowercase();
    if member.words.last().is_none_or(|last| typed != *last) {
        return Err(format!(
            "that is not the last of the eight words of {}: listen again; if theirs differ, share nothing and tell the \
             admin of the node",
            member.name
        ));
    }
    Ok(Comparison { agency: member.id.clone(), words: member.words.join(" "), how })
}
