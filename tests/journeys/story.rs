//! The story of one child, by keys alone: raised, triaged, kept as a case, shared with the police through a real node,
//! taken on there, and answered. Each step is a function, so that the story reads as it happens.

use jiff::SignedDuration;
use kith_tests::{
    desk::Desk,
    world::{PASSPHRASE, World},
};
use kith_tui::casework::{
    command::Command,
    person::{Person, PersonKind},
};

/// What a list of pupils brings in before the story begins.
pub(crate) fn enrol_pupils(desk: &mut Desk, world: &World) {
    for (given, family) in [("Jonah", "O'Brien-Nguyễn"), ("Lena", "Marsh"), ("Ada", "Quill")] {
        let office = desk.office.as_mut().expect("the casebook is open");
        office.execute(Command::AddPerson(pupil(given, family)), &world.clock.local()).expect("a pupil");
    }
    desk.keys("<C-r>");
}

pub(crate) fn pupil(given: &str, family: &str) -> Person {
    Person {
        kind: PersonKind::Pupil { year: "5".into(), class: "Oak".into() },
        given: given.into(),
        family: family.into(),
        preferred: None,
        also_known_as: Vec::new(),
        born: "2017-03-08".parse().ok(),
        identifiers: Vec::new(),
        phones: Vec::new(),
        emails: Vec::new(),
    }
}

/// Goes down the list until the cursor is on a line that holds `text`.
fn down_to(desk: &mut Desk, text: &str) {
    for _ in 0..40 {
        if desk.cursor_line().contains(text) {
            return;
        }
        desk.keys("<Down>");
    }
    panic!("no line with `{text}`:\n{}", desk.screen());
}

/// A concern with every kind of statement and somebody else in it.
fn raise(desk: &mut Desk) {
    desk.keys("<C-n>obrein").sees("Jonah O'Brien-Nguyễn");
    desk.keys("<Enter><Enter>today 0905").sees("= Friday 20 November 2026, 09:05");
    desk.keys("<Enter><F5>").sees("Amina Khan, Designated Safeguarding Lead");
    desk.keys("<Enter>welfare<Enter>");
    desk.keys("Bruise on the left upper arm, about 3 cm.<Tab>Rob did it when I spilled it.");
    desk.keys("<Tab>Lena Marsh said that her mother heard shouting.<Tab>Jonah was frightened.<Tab>");
    desk.keys("lena<Enter>witness<Enter>").sees("Lena Marsh (witness)");
    desk.keys("<Tab>2Rang 999 at 0910, ref 4471<Enter>Head teacher at 0912, by A. Khan");
}

#[test]
fn a_concern_is_found_by_a_misspelt_name_and_typed_in_kinds() {
    let world = World::new();
    let mut desk = world.desk("elm-park");
    enrol_pupils(&mut desk, &world);
    raise(&mut desk);
    desk.keys("<C-s>").sees("check the answers").sees("Rob did it when I spilled it.");
    desk.keys("<C-s>").sees("Concern recorded").sees("1 to triage").sees("Jonah O'Brien-Nguyễn");
    desk.keys("2").sees("Bruise on the left upper arm, about 3 cm.").sees("Lena Marsh, witness");
}

#[test]
fn a_draft_outlives_esc_a_lock_and_a_crash() {
    let world = World::new();
    let mut desk = world.desk("elm-park");
    enrol_pupils(&mut desk, &world);
    raise(&mut desk);
    desk.keys("<Esc>").sees("TODAY");
    desk.keys("<C-n>").sees("1 draft kept: Ctrl+R brings it back");
    desk.keys("<C-r>").sees("Rob did it when I spilled it.").sees("Lena Marsh (witness)");
    // A lock, as when somebody walks in.
    desk.keys("<F7> He was quiet.<F9><F9>");
    assert!(desk.app.is_locked() && desk.office.is_none());
    desk.sees_no("Rob").keys(PASSPHRASE).keys("<Enter><C-n><C-r>").sees("He was quiet.");
    // Two seconds after the last key it is kept, whatever happens then.
    desk.keys("<F7> Then he cried.").sees("draft not kept yet");
    desk.wait(SignedDuration::from_secs(3)).sees("draft kept");
    desk.crash();
    desk.keys(PASSPHRASE).keys("<Enter><C-n>").sees("1 draft kept").keys("<C-r>").sees("Then he cried.");
    desk.keys("<C-s>").sees("check the answers").keys("<C-s>").sees("Concern recorded");
    desk.keys("<C-n>").sees_no("draft kept");
}

/// Presses these keys one after the other; gives how many there were. The letters of a reason are not counted.
fn press(desk: &mut Desk, keys: &[&str]) -> usize {
    for key in keys {
        desk.keys(key);
    }
    keys.iter().filter(|key| key.len() == 1 || key.starts_with('<')).count()
}

#[test]
fn a_concern_is_cleared_in_at_most_six_keys_each_way() {
    let world = World::new();
    let mut desk = world.desk("elm-park");
    enrol_pupils(&mut desk, &world);
    for _ in 0..3 {
        raise(&mut desk);
        desk.keys("<C-s><C-s>");
    }
    desk.keys("2").sees("3 to triage");
    let open = press(&mut desk, &["t", "3", "4", "<Enter>", "<Enter>"]);
    desk.sees("case opened for Jonah O'Brien-Nguyễn").sees("2 to triage");
    let add = press(&mut desk, &["t", "2", "4", "1", "<Enter>"]);
    desk.sees("added to the case of Jonah O'Brien-Nguyễn").sees("1 to triage");
    desk.sees_no("stays at").sees_no("raised to");
    let none = press(&mut desk, &["t", "1", "1", "The same event, seen twice", "<Enter>"]);
    desk.sees("no further action for Jonah O'Brien-Nguyễn").sees("No concern waits");
    assert!(open.max(add).max(none) <= 6, "{open}, {add}, {none} keys");
}

#[test]
fn a_concern_that_needs_more_than_its_case_raises_the_case_and_says_so() {
    let world = World::new();
    let mut desk = world.desk("elm-park");
    enrol_pupils(&mut desk, &world);
    for _ in 0..3 {
        raise(&mut desk);
        desk.keys("<C-s><C-s>");
    }
    desk.keys("2t33<Enter><Enter>").sees("case opened").keys("t221<Enter>");
    desk.sees(", which stays at Child in need.");
    desk.keys("3<Enter>").sees("CHILD IN NEED").keys("2t241<Enter>");
    desk.sees(", raised to Child protection.");
    desk.keys("3<Enter>").sees("CHILD PROTECTION").sees_no("CHILD IN NEED");
}

/// Jonah's case: a concern from today, entries from September and October, someone else's name and a home nobody may
/// learn of.
pub(crate) fn case(desk: &mut Desk) {
    raise(desk);
    desk.keys("<C-s><C-s>2t34<Enter><Enter>").sees("case opened");
    desk.keys("3<Enter>").sees("Bruise on the left upper arm");
    for (when, text) in [
        ("14/9", "Absent, no reason given."),
        ("2/10", "Absent again. Mother said: we are at 9 Mill Lane now."),
    ] {
        desk.keys("a<Enter>").keys(when).keys("<Enter><F5><Enter>welfare<Enter>").keys(text);
        desk.keys("<Tab><Tab><Tab><Tab><Tab>1<C-s><C-s>").sees("Entry recorded");
    }
}

#[test]
fn a_case_is_read_amended_and_kept_from_the_keyboard() {
    let world = World::new();
    let mut desk = world.desk("elm-park");
    enrol_pupils(&mut desk, &world);
    case(&mut desk);
    // Months are jumped between; what is significant is told from the rest.
    desk.keys("gg{");
    assert!(desk.cursor_line().contains("Absent again"), "{}", desk.screen());
    desk.keys("{");
    assert!(desk.cursor_line().contains("Absent, no reason"), "{}", desk.screen());
    desk.keys("}}");
    assert!(desk.cursor_line().contains("Bruise"), "{}", desk.screen());
    desk.keys("*4<Enter>").sees("Significance is high").keys("r").sees_no("Absent").sees("Bruise");
    desk.keys("r").sees("Absent again");
    // An amendment leaves what stood there before.
    desk.keys("gge").sees("AMEND").keys("The colour was left out<F6>Nobody we know<C-s>");
    desk.sees("Nobody we know  ! nothing matches");
    desk.keys(&"<BS>".repeat(14)).keys("<F6> Yellow at the edge.<C-s><C-s>");
    desk.sees("Amended")
        .sees("Yellow at the edge.")
        .keys("h")
        .sees("replaced because: The colour was left out");
    desk.keys("<Esc>");
    // Actions with owner and date.
    desk.keys("]aRing the police<Enter><Enter>+2d<Enter>").sees("Action added").sees("Ring the police");
    // People: the mother, her partner who must not learn the address, a child of the same class.
    desk.keys("]aDana<Enter>Nguyễn<Enter><Enter>07700 900123<Enter>mother<Enter>111<Enter>");
    desk.sees("Dana Nguyễn").sees("parental responsibility").sees("same household");
    desk.keys("aRob<Enter>Crane<Enter><Enter><Enter>partner<Enter>223<Enter>").sees("NO CONTACT");
    desk.keys("d9 Mill Lane<Enter>NP4 2AB<Enter>jonah<Enter><Tab>1Rob Crane, by court order<Enter>");
    desk.sees("PROTECTED ADDRESS, do not disclose to Rob Crane, by court order");
    desk.keys("[[[").sees("PROTECTED ADDRESS");
}

/// Answers the wizard's questions why, on the basis of a duty, until the list of entries shows.
const WHY: &str = "Protect Jonah from further harm<Enter>duty<Enter>safeguarding<Enter>2His mother's partner is alleged<Enter>\
                   Wants it to stop<Enter>They need the injury and who was there<Enter>Hold a strategy discussion today<Enter>\
                   +1d<Enter><C-s>";

/// To the people tab and back, so that the case knows the mother, her partner and the protected home.
pub(crate) fn people(desk: &mut Desk) {
    desk.keys("]]aDana<Enter>Nguyễn<Enter><Enter>07700 900123<Enter>mother<Enter>111<Enter>")
        .sees("Dana Nguyễn");
    desk.keys("aRob<Enter>Crane<Enter><Enter><Enter>partner<Enter>223<Enter>").sees("Rob Crane");
    desk.keys("d9 Mill Lane<Enter>NP4 2AB<Enter>jonah<Enter><Tab>1Rob Crane, by court order<Enter>");
    desk.sees("PROTECTED ADDRESS").keys("[[");
}

/// Opens the wizard for the police.
fn to_police(desk: &mut Desk) {
    desk.keys("S").sees("[1 Who]");
    down_to(desk, "Northshire Police PPU");
    desk.sees("VERIFIED (telephone").keys("<Enter>");
}

/// Everything in the case goes to the police, with what is suggested withheld; it is queued.
pub(crate) fn share_with_the_police(desk: &mut Desk) {
    to_police(desk);
    desk.keys(WHY).sees("[3 What]").keys("a<C-s>");
    decide(desk);
    desk.keys("<C-s>").keys("northshire-police<Enter>").sees("QUEUED");
}

/// Withholds what is suggested and sees what they will see.
fn decide(desk: &mut Desk) {
    desk.sees("[4 Redact]").sees("3 UNDECIDED, so step 5 is closed");
    desk.keys("<C-s>").sees("Not now: 3 passages are undecided");
    down_to(desk, "9 Mill Lane");
    desk.keys("d").sees("Not now: it may not be kept: protected address or no-contact rule");
    desk.keys("r").sees("4  a contact detail or address  (Enter)").keys("1");
    desk.sees("where it looked like a contact detail or address");
    desk.keys("gg");
    down_to(desk, "9 Mill Lane");
    desk.keys("r<Enter>").sees("[4: a contact detail or address]");
    desk.keys("gg");
    desk.keys("R").sees("Withhold 2 passages because").keys("1").sees("3 redacted, 0 kept");
    desk.keys("<C-s>").sees("This is what Northshire Police PPU will see");
}

#[test]
fn it_is_shared_taken_on_and_every_step_comes_back_signed() {
    let mut world = World::new();
    let mut desk = world.desk("elm-park");
    enrol_pupils(&mut desk, &world);
    case(&mut desk);
    people(&mut desk);
    to_police(&mut desk);
    desk.keys("<C-s>").sees("Not ready").sees("! needs an answer");
    desk.keys(WHY).sees("[3 What]").sees("Rob did it when I spilled it.");
    desk.keys("<C-s>").sees("Not now: choose at least one entry");
    desk.keys("a<C-s>");
    decide(&mut desk);
    let preview = desk.screen();
    desk.keys("<C-s>").keys("northshire<Enter>");
    desk.sees("Not now: type their short name, northshire-police, exactly");
    // The node is down: it waits, and goes by itself.
    world.stop_node();
    desk.keys("-police<Enter>").sees("QUEUED. It goes by itself");
    assert!(desk.round().is_err());
    desk.sees("EXCHANGE NOT REACHED").keys("]]]").sees("QUEUED");
    world.start_node();
    assert_eq!(desk.exchange().stored, 1);
    desk.sees_no("NOT REACHED").sees("the node holds it; not collected yet").sees("node northshire");
    let mut police = world.desk("northshire-police");
    police_take_it_on(&mut police, &preview);
    desk.exchange();
    for signed in [
        "STORED       09:1",
        "node northshire",
        "DELIVERED    09:1",
        "OPENED       09:1",
        "RECEIPTED    09:1",
        "Marcus Hale, Detective Constable, Northshire Police PPU",
        "Visit today at 14:00",
    ] {
        desk.sees(signed);
    }
    // It stands in the child's chronology, with every receipt.
    desk.resize(240, 60).keys("[[[gg").sees("[Chronology 4]");
    assert!(desk.cursor_line().contains("RECEIPTED: shared with"), "{}", desk.screen());
    desk.sees("Protect Jonah from further harm").sees("passages withheld");
    for signed in ["STORED", "DELIVERED", "OPENED", "RECEIPTED"] {
        desk.sees(&format!("{signed:14}  09:1"));
    }
    desk.sees("Marcus Hale, Detective Constable").sees("Visit today");
    desk.resize(100, 30);
    desk.keys("5]").sees("RECEIPTED");
    it_is_declined(&mut desk, &mut police);
}

/// The police see what was checked, in words; file it as a child new to them; sign for it by name.
fn police_take_it_on(police: &mut Desk, preview: &str) {
    assert_eq!(police.exchange().received, 1);
    police.resize(140, 60).keys("5").sees("NEW").sees("signed by Amina Khan,").sees("hold");
    police.sees_no("ok: Elm Park Primary").keys("i");
    for check in [
        "ok: Elm Park Primary (elm-park) signed it.",
        "ok: Amina Khan, Designated Safeguarding Lead, signed it as a",
        "ok: It was sealed to us, Northshire Police PPU",
        "ok: Every file is exactly as it was signed",
    ] {
        police.sees(check);
    }
    police.keys("i").sees("NOT FILED").sees("no child of ours matches");
    // What stood in the preview is what came; what was withheld did not.
    let heading = "2. Absent again. Mother said: we are at […] now.";
    assert!(preview.contains(heading), "{preview}");
    police.sees("Enter opens it").sees_no(heading).keys("R").sees("Not now: Enter opens it first");
    police.keys("<Enter>").sees("Asked").sees("Ring").sees("What they sent");
    let mut pages = 0;
    while !police.screen().contains(heading) {
        pages += 1;
        assert!(pages < 6, "{heading} is nowhere");
        police.keys("<PgDn>").sees_no("Lena").sees_no("Mill Lane");
    }
    police.keys("G").sees_no("Lena").sees_no("Mill Lane").keys("<Esc>");
    police.keys("c3").sees("2017-03-08").keys("<Tab><Tab><Tab>").keys("4<C-s>");
    police.sees("in case").sees("FILED");
    police.keys("R").sees("You sign, by name").keys("Visit today at 14:00<Enter>").sees("RECEIPTED");
    police.exchange();
    police.keys("3").sees("Jonah O'Brien-Nguyễn").keys("<Enter>").sees("Absent, no reason given.");
    police.sees("Bruise on the left upper arm").sees_no("Lena Marsh");
    police.keys("gg").sees("RECEIPTED: received from Elm").sees("Visit today");
}

/// A second share, on the record of the first, goes the other way: it is declined with a reason.
fn it_is_declined(desk: &mut Desk, police: &mut Desk) {
    desk.keys("3<Enter>");
    to_police(desk);
    desk.keys("<BackTab>2").sees("What you ask").sees_no("Lawful basis");
    desk.keys("Tell us who is on duty<Enter><Enter>").sees("[3 What]");
    down_to(desk, "Absent, no reason");
    desk.keys(" <C-s><C-s>").sees("This is what Northshire Police PPU will see");
    desk.keys("<C-s>northshire-police<Enter>").sees("QUEUED");
    desk.exchange();
    police.exchange();
    police.keys("5gg!Not a matter for us: ring 101<Enter>").sees("DECLINED");
    police.exchange();
    desk.exchange();
    desk.keys("]]]").sees("DECLINED").sees("Not a matter for us: ring 101");
}

#[test]
fn each_refusal_is_said_and_nothing_leaves() {
    let world = World::new();
    let mut desk = world.desk("elm-park");
    enrol_pupils(&mut desk, &world);
    case(&mut desk);
    people(&mut desk);
    // Consent that was asked for and not given carries nothing.
    to_police(&mut desk);
    desk.keys("Early help<Enter>consent<Enter>").sees("Consent is");
    desk.keys(
        "refused<Enter>Dana Nguyễn, by phone<Enter>safeguarding<Enter>1She said no<Enter>Unsure<Enter>",
    );
    desk.keys("To plan help<Enter>Ring us<Enter><Enter><Enter><C-s>").sees("[3 What]");
    down_to(&mut desk, "Absent, no reason");
    desk.keys(" <C-s>").sees("Not now: ").sees("consent");
    // The same with a duty goes on, but a protected address in the letter does not.
    desk.keys("<Esc><C-x>").sees("Decide not to share").keys("<Esc><Esc><Esc><Esc>").sees("CASE");
    desk.keys("S")
        .sees("is back")
        .keys("<Enter><Tab><BS>duty<Enter><Tab><Tab><Tab><Tab><Tab> at 9 Mill Lane<C-s>");
    desk.sees("[3 What]").keys("<C-s>").sees("Nothing was found").keys("<C-s>");
    desk.sees("NOT YET:").sees("protected address").keys("<C-s>").sees("Not now:").sees("[5 Preview]");
    desk.keys("<Esc><Esc><Esc>").keys(&"<BS>".repeat(15)).keys("<C-s><C-s><C-s><C-s>");
    desk.sees("[6 Send]").keys("northshire-police<Enter>").sees("QUEUED");
    // What went on a record before does not name another agency, nor cover another category.
    desk.keys(
        "a<Enter>3/11<Enter><F5><Enter>attendance<Enter>Late twice.<Tab><Tab><Tab><Tab><Tab>1<C-s><C-s>",
    );
    desk.sees("Entry recorded");
    on_the_earlier_record(&mut desk, "Children's Social", "Absent, no reason");
    desk.keys("<C-s>").sees("Not now:").sees("northshire-csc").keys("<Esc><Esc><Esc>");
    on_the_earlier_record(&mut desk, "Northshire Police", "Late twice");
    desk.keys("<C-s>").sees("Not now:").sees("attendance").keys("<Esc><Esc><Esc>");
    // It runs out.
    world.clock.pass(SignedDuration::from_hours(24 * 95));
    desk.keys("x");
    assert!(desk.app.is_locked(), "nobody was there for weeks");
    desk.keys(PASSPHRASE).keys("<Enter>3<Enter>");
    on_the_earlier_record(&mut desk, "Northshire Police", "Absent, no reason");
    desk.keys("<C-s>").sees("Not now:").sees("expired").keys("<Esc><Esc><Esc>");
    // It is withdrawn: what waits does not leave, and nothing more rests on it.
    desk.keys("]]]").sees("QUEUED").keys("<Down>w").sees("Nothing leaves under this record");
    desk.keys("Dana Nguyễn, mother<Enter>She no longer agrees<Enter>").sees("WITHDRAWN");
    desk.exchange();
    desk.sees("did not leave");
    desk.keys("[[[");
    on_the_earlier_record(&mut desk, "Northshire Police", "Absent, no reason");
    desk.keys("<C-s>").sees("Not now: the record was withdrawn");
    let mut police = world.desk("northshire-police");
    assert_eq!(police.exchange().received, 0);
}

/// Opens the wizard for an agency and chooses one entry, on the record of the share before.
fn on_the_earlier_record(desk: &mut Desk, agency: &str, entry: &str) {
    desk.keys("S").sees("[1 Who]").keys("gg");
    down_to(desk, agency);
    desk.keys("<Enter><BackTab><BS>2");
    if desk.cursor_line().contains("required") {
        desk.keys("Ring us");
    }
    desk.keys("<C-s>").sees("[3 What]").keys("gg");
    down_to(desk, entry);
    if desk.cursor_line().contains("[ ]") {
        desk.keys(" ");
    }
}
