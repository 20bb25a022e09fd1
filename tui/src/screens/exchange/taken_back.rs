//! Answering a withdrawal: deleted, or kept under which basis.

use kith_protocol::{consent::LawfulBasis, receipt::ReceiptKind};

use crate::{
    casework::query::ReceivedView,
    screens::{Flow, dialog::Dialog, push},
    sharing::withdrawn::Reaction,
    text,
    widgets::form::{Choice, Field, Form},
};

/// Grounds on which something may be kept though it was taken back; consent is none of them.
const BASES: [(&str, LawfulBasis); 4] = [
    ("duty", LawfulBasis::DutyToShare),
    ("task", LawfulBasis::PublicTask),
    ("interest", LawfulBasis::RecognisedLegitimateInterest),
    ("vital", LawfulBasis::VitalInterests),
];

pub(super) fn why_not(view: &ReceivedView) -> Option<String> {
    let answered = view.answers.last().map(|(kind, ..)| *kind);
    match (&view.asked, answered) {
        (None, _) => Some("its sender has not taken it back".to_owned()),
        (Some(_), Some(ReceiptKind::Deleted)) => Some("it was deleted already".to_owned()),
        _ => None,
    }
}

pub(super) fn ask(view: &ReceivedView) -> Vec<Flow> {
    let mut choices = vec![Choice::new("deleted", "Delete it now", "with every entry filed from it")];
    choices.extend(
        BASES
            .iter()
            .map(|(key, basis)| Choice::new(key, &format!("Keep it: {}", basis.words()), basis.statute())),
    );
    choices.push(Choice::new("law", "Keep it: another law or court order", "named in the reason"));
    let asked = view.asked.as_ref();
    let due = asked
        .and_then(|asked| asked.answer_by)
        .map_or(String::new(), |day| format!(" They ask for an answer by {}.", text::date(day)));
    let intro = format!(
        "{} took it back.{due} You sign the answer by name. Deleting destroys it here for good; what you keep \
         needs a basis other than consent.",
        view.received.from_name
    );
    let form = Form::new(vec![
        Field::choice("how", "Answer", choices).required(),
        Field::line("why", "Why").help("Needed to keep it. They read this"),
    ]);
    push(Dialog::new("It was taken back", &intro, form))
}

pub(super) fn read(form: &Form) -> Result<Reaction, String> {
    let said = form.text("why").to_owned();
    let basis = match form.key_of("how") {
        Some("deleted") => return Ok(Reaction::Deleted { note: said }),
        Some("law") => LawfulBasis::LegalObligation { which: said.clone() },
        key => {
            let found = BASES.into_iter().find(|(name, _)| Some(*name) == key);
            found.ok_or("choose an answer")?.1
        }
    };
    if said.is_empty() {
        return Err("say why it is kept: they read it, and it stands in the record".to_owned());
    }
    Ok(Reaction::Kept { basis, because: said })
}
