//! A record of this case from an earlier share, on which this one may rest too. It is taken as it stands; whether it
//! still holds, names this recipient and covers what is chosen is checked like anything else.

use kith_protocol::consent::{ConsentRecord, Decision};

use super::Share;
use crate::{
    casework::query::{ConsentOrNot, ConsentRow},
    screens::Cx,
    text,
    widgets::form::{Choice, Field, Form, Kind},
};

/// The choice that makes a record of the answers below it.
const NEW: &str = "new";
/// What is asked anew of every share.
pub(super) const ASKED: [&str; 2] = ["ask", "answer_by"];

fn new() -> Choice {
    Choice::new(NEW, "New, from the answers below", "")
}

/// The field that offers earlier records; hidden while there are none.
pub(super) fn field() -> Field {
    let field = Field::choice("record", "Record", vec![new()]).required().chosen(NEW);
    Field { hidden: true, ..field.help("A new one, or one that was made for this case before") }
}

/// Does the share rest on an earlier record, so that only what is [`ASKED`] is?
pub(super) fn chosen(form: &Form) -> bool {
    form.key_of("record").is_some_and(|key| key != NEW)
}

impl Share {
    /// Takes the records of the case and offers those that decided to share.
    pub(super) fn offer(&mut self, rows: Vec<ConsentRow>, cx: &Cx<'_>) {
        self.records = rows;
        let mut choices = vec![new()];
        choices.extend(self.records.iter().filter_map(|row| choice(row, cx)));
        if let Some(field) = self.why.field_mut("record") {
            field.hidden = choices.len() == 1;
            field.kind = Kind::Choice(choices);
        }
    }

    fn earlier_row(&self) -> Option<(&ConsentRecord, Option<&str>)> {
        let key = self.why.key_of("record").filter(|key| *key != NEW)?;
        let row = self.records.iter().find(|row| row.id.to_string() == key)?;
        match &row.what {
            ConsentOrNot::Record { record, withdrawn } => {
                Some((record, withdrawn.as_ref().map(|(_, why)| why.as_str())))
            }
            ConsentOrNot::NotShared { .. } => None,
        }
    }

    /// The earlier record that was chosen.
    pub(super) fn earlier(&self) -> Option<&ConsentRecord> {
        self.earlier_row().map(|(record, _)| record)
    }

    /// Why the earlier record that was chosen carries nothing any more.
    pub(super) fn why_not_earlier(&self) -> Option<String> {
        let (_, withdrawn) = self.earlier_row()?;
        withdrawn.map(|why| {
            format!("the record was withdrawn ({why}); step back and record on which basis this may go")
        })
    }
}

fn choice(row: &ConsentRow, cx: &Cx<'_>) -> Option<Choice> {
    let ConsentOrNot::Record { record, withdrawn } = &row.what else { return None };
    if record.decision != Decision::Share {
        return None;
    }
    let names: Vec<&str> = record.recipients.iter().map(|to| to.id.as_str()).collect();
    let made = text::short_moment(row.recorded, cx.now);
    let state = match withdrawn {
        Some(_) => "WITHDRAWN".to_owned(),
        None if record.validity.until <= cx.now.timestamp() => "EXPIRED".to_owned(),
        None => format!("until {}", text::moment(record.validity.until, cx.now.time_zone())),
    };
    Some(Choice::new(row.id, &format!("Of {made}, for {}", names.join(", ")), &state))
}
