//! `kith disclose`: releases words that a share had withheld, or lists what it withheld.

use serde_json::{Value, json};

use super::{args::Disclose, desk::Desk, failure::Failure};
use crate::{
    sharing::{pieces, plan::Withheld},
    text,
};

pub(super) fn run(desk: &mut Desk, choice: &Disclose) -> Result<(), Failure> {
    let (Some(span), Some(out)) = (&choice.span, &choice.out) else {
        return list(desk, choice);
    };
    if out.exists() {
        return Err(Failure::file(out)(std::io::ErrorKind::AlreadyExists.into()));
    }
    let open = desk.open()?;
    let mut office = open.enrolled_office(desk)?;
    let made = match &choice.order {
        Some(order) => office.disclose(choice.share, span, order, out, &desk.now)?,
        None => office.disclose_again(choice.share, span, out, &desk.now)?,
    };
    if choice.shape.json {
        let fields = json!({ "ref": made, "share": choice.share, "span": span, "file": out });
        return desk.console.json("disclose/1", fields);
    }
    desk.console.say(&format!(
        "Recorded as {made}; the sealed supplement is {}. Give it to the recipient, who takes it in with `kith inbox supplement`, or reads it beside the bundle: kith verify BUNDLE --with SUPPLEMENT.",
        out.display()
    ))
}

fn list(desk: &mut Desk, choice: &Disclose) -> Result<(), Failure> {
    let open = desk.open()?;
    let withheld = open.enrolled_office(desk)?.withheld(choice.share)?;
    if choice.shape.json {
        let spans: Vec<_> = withheld.iter().map(span_form).collect();
        return desk.console.json("withheld/1", json!({ "share": choice.share, "withheld": spans }));
    }
    if withheld.is_empty() {
        return desk.console.say("The share withheld nothing.");
    }
    for Withheld { span, code, words, released } in withheld {
        let field = pieces::name(&span.field);
        let released = released
            .map_or_else(String::new, |(on, fact)| format!(" (released on {} with {fact})", text::date(on)));
        desk.console.line(&format!("{span}  {}  {field}: {words}{released}", code.number()))?;
    }
    desk.console.say("Release one with --span SPAN --order TEXT --out FILE.")
}

fn span_form(one: &Withheld) -> Value {
    let Withheld { span, code, words, released } = one;
    let released = released.map(|(on, fact)| json!({ "on": on, "ref": fact }));
    json!({ "span": span, "code": code, "words": words, "released": released })
}
