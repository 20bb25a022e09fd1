//! `kith disclose`: releases words that a share had withheld.

use serde_json::json;

use super::{args::Disclose, desk::Desk, failure::Failure};

pub(super) fn run(desk: &mut Desk, choice: &Disclose) -> Result<(), Failure> {
    if choice.out.exists() {
        return Err(Failure::file(&choice.out)(std::io::ErrorKind::AlreadyExists.into()));
    }
    let open = desk.open()?;
    let mut office = open.enrolled_office(desk)?;
    let made = office.disclose(choice.share, &choice.span, &choice.order, &choice.out, &desk.now)?;
    if choice.shape.json {
        let fields = json!({ "ref": made, "share": choice.share, "span": choice.span, "file": choice.out });
        return desk.console.json("disclose/1", fields);
    }
    desk.console.say(&format!(
        "Recorded as {made}; the sealed supplement is {}. Give it to the recipient, who takes it in with `kith inbox supplement`, or reads it beside the bundle: kith verify BUNDLE --with SUPPLEMENT.",
        choice.out.display()
    ))
}
