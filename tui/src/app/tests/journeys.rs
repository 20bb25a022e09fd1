//! The jobs of a lead, by keys alone.

use kith_protocol::{bundle::ConcernCategory, consent::LawfulBasis};

use super::world::{World, id, settings};
use crate::{
    app::{Effect, Input, Settings},
    casework::{
        case::TriageDecision,
        command::Command,
        contact::Compared,
        entry::{Danger, Precision, Significance},
        ids::{CaseId, EntryId, PersonId},
    },
    flow::{Event, Request},
    sharing::plan::Decision,
    theme::Glyphs,
};

pub(super) fn commands(world: &World) -> Vec<&Command> {
    world
        .sent
        .iter()
        .filter_map(|request| match request {
            Request::Do(command) => Some(command),
            _ => None,
        })
        .collect()
}

#[test]
fn the_passphrase_goes_to_the_worker_and_never_to_the_screen() {
    let mut world = World::locked((80, 24));
    world.keys("open sesame").sees("***********");
    assert!(!world.screen().contains("sesame"));
    world.keys("<Enter>");
    assert!(matches!(world.effects.last(), Some(Effect::Unlock(typed)) if typed.as_str() == "open sesame"));
    world.input(Input::Event(Event::UnlockRefused { message: "That is not the passphrase.".to_owned() }));
    world.sees("That is not the passphrase.");
    assert_eq!(world.app.title(), "terminal");
}

#[test]
fn the_demo_alone_says_its_passphrase() {
    World::locked((80, 24)).sees("Locked").sees("Passphrase");
    assert!(!World::locked((80, 24)).screen().contains("demo"));
    let demo = Settings { demo_passphrase: Some("four tired herons"), ..settings(Glyphs::UNICODE) };
    let mut world = World::with((60, 20), demo);
    world.sees("The demo's passphrase is: four tired herons");
    world.unlock();
    assert!(!world.screen().contains("herons"));
    world.keys("<F9><F9>").sees("four tired herons");
    world.input(Input::Event(Event::UnlockRefused { message: "That is not it.".to_owned() }));
    world.sees("That is not it.").sees("herons");
}

#[test]
fn a_concern_is_triaged_in_five_keys() {
    let mut world = World::open((80, 24));
    world.keys("2").sees("3 to triage");
    world.keys("t241<Enter>");
    let Some(Command::Triage { entry, decision, .. }) = commands(&world).last().copied() else {
        panic!("no triage")
    };
    assert_eq!(*entry, EntryId(id(11)));
    assert_eq!(*decision, TriageDecision::AddToCase { case: CaseId(id(5)) });
    world.sees("2 to triage").sees("Triaged: added to the case of Maya Holt.").sees("u undoes it");
    world.keys("u");
    assert!(matches!(commands(&world).last(), Some(Command::UndoTriage { .. })));
}

#[test]
fn a_contacts_keys_are_verified_on_its_list_and_in_the_first_step_of_a_share() {
    for there in ["5]]", "3<Enter>S"] {
        let mut world = World::open((110, 30));
        world.keys(there).sees("VOUCHED BY partnership").sees("v verify");
        world.keys("jv").sees("Northshire CSC").sees("rose canyon velvet otter lamp delta pine quiet");
        world.keys("101632 960310<Enter>quite<Enter>").sees("not the last of the eight words");
        assert!(commands(&world).is_empty(), "{there}: what was misheard is not recorded");
        world.keys("v101632 960310<Enter>Quiet<Enter>").sees("VERIFIED: you compared");
        let Some(Command::CompareContact(heard)) = commands(&world).last().copied() else {
            panic!("{there}: nothing recorded")
        };
        assert_eq!(heard.agency.as_str(), "northshire-csc");
        assert_eq!(heard.how, Compared::Telephone { number: "01632 960310".to_owned() });
        assert_eq!(heard.words, "rose canyon velvet otter lamp delta pine quiet");
    }
}

#[test]
fn what_is_recorded_of_a_person_is_amended_where_they_stand() {
    let mut world = World::open((110, 30));
    world.keys("3<Enter>]]").sees("e amend").keys("e").sees("Amend a person");
    world.keys("<Enter><Enter><Enter>").keys(&"<BS>".repeat(10));
    world.keys("2016-02-03<Enter><Enter>the register was wrong<Enter>");
    let Some(Command::AmendPerson { now, why, .. }) = commands(&world).last().copied() else {
        panic!("nothing amended: {}", world.screen())
    };
    assert_eq!((now.born, why.as_str()), (Some("2016-02-03".parse().unwrap()), "the register was wrong"));
    assert!(!now.given.is_empty(), "what was not touched stays");
}

#[test]
fn no_further_action_wants_a_reason() {
    let mut world = World::open((80, 24));
    world.keys("2t11<Enter>");
    assert!(commands(&world).is_empty());
    world.sees("! needs an answer").keys("Already known, plan in place<Enter>");
    assert!(
        matches!(commands(&world).last(), Some(Command::Triage { decision: TriageDecision::NoFurtherAction { reason }, .. })
        if reason == "Already known, plan in place")
    );
}

#[test]
fn a_concern_is_written_checked_and_recorded() {
    let mut world = World::open((80, 24));
    world.keys("<C-n>may<Enter><Enter>today 0905").sees("= Friday 14 March 2025, 09:05");
    world.keys(
        "<Enter><F5><Enter>county lin<Enter>Saw it.<Enter>Twice.<F7>It hurt<Tab><Tab><Tab>jon<Enter>3<Tab>1",
    );
    world.keys("A. Khan at once<C-s>").sees("check the answers").sees("Maya Holt (witness)");
    assert!(commands(&world).is_empty(), "nothing is recorded before the answers were checked");
    world.keys("<C-s>");
    let Some(Command::RecordEntry { entry, case: None }) = commands(&world).last().copied() else {
        panic!("no entry")
    };
    assert_eq!(entry.happened.precision, Precision::Exact);
    assert_eq!(entry.source.name, "A. Khan");
    assert_eq!(entry.category, ConcernCategory::ChildCriminalExploitation, "found by another word for it");
    let texts: Vec<&str> = entry.statements.iter().map(|statement| statement.text.as_str()).collect();
    assert_eq!(texts, ["Saw it.\nTwice.", "It hurt"]);
    assert_eq!((entry.people.len(), &entry.danger), (2, &Danger::No));
    world.sees("TODAY").sees("Concern recorded");
    assert!(world.drafts.is_empty(), "a recorded concern leaves no draft");
}

/// Types into a slow program; then its answers come.
fn slowly(world: &mut World, keys: &str) {
    world.held = Some(Vec::new());
    world.keys(keys);
    for event in world.held.take().unwrap() {
        world.input(Input::Event(event));
    }
}

#[test]
fn keys_wait_for_the_look_up_that_they_act_on() {
    for (before, keys) in [
        ("<C-n>", "may<Enter><Enter>today 0905<Tab><F5>"),
        ("<C-n>", "may<Tab>today 0905"),
        ("<C-n><F6><F6>", "jon<Enter>3<Tab>"),
        ("", "<C-f>may<Enter>"),
        ("", ":child may<Enter><Enter>"),
        ("2", "t241<Enter>"),
        ("3a", "may<Enter>2Neglect<Enter>"),
        ("3", "/may<Enter><Enter>"),
    ] {
        let (mut quick, mut slow) = (World::open((100, 30)), World::open((100, 30)));
        quick.keys(before).keys(keys);
        slow.keys(before);
        slowly(&mut slow, keys);
        assert_eq!(slow.screen(), quick.screen(), "{before}{keys}");
        assert!(!slow.screen().contains("nothing matches"), "{}", slow.screen());
    }
}

#[test]
fn whoever_leaves_waits_for_no_look_up() {
    let mut world = World::open((80, 24));
    world.keys("<C-n>");
    world.held = Some(Vec::new());
    world.keys("may<Enter><Esc>").sees("TODAY").keys("<C-n>may<Enter><F9>");
    assert_eq!(world.screen().split_whitespace().last(), Some("covered"));
    let held = world.held.take().unwrap();
    held.into_iter().for_each(|event| world.input(Input::Event(event)));
    world.keys("x").sees("NEW CONCERN").sees("> Child");
}

#[test]
fn what_is_missing_is_marked_beside_its_field() {
    let mut world = World::open((80, 24));
    world.keys("<C-n><C-s>").sees("Not ready: 7 to put right").sees("! needs an answer");
    assert!(world.cursor_line().contains("Child"), "{}", world.cursor_line());
}

#[test]
fn a_draft_is_kept_after_two_seconds_on_leaving_and_on_locking_and_comes_back() {
    let mut world = World::open((80, 24));
    world.keys("<C-n>").keys("<F7>It was the door").sees("draft not kept yet");
    world.wait(3);
    assert_eq!(world.drafts.len(), 1);
    world.sees("draft kept 09:15:02");
    world.keys(", he said<Esc>").sees("1 kept: Ctrl+R");
    assert!(world.drafts[0].body.contains("he said"));
    world.keys("<C-n>").sees("1 draft kept: Ctrl+R brings it back");
    world.keys("<C-r>").sees("It was the door, he said");
    world.keys("<F7>!<F9><F9>");
    assert!(world.app.is_locked());
    assert!(world.drafts[0].body.contains("!"), "locking keeps the draft");
    let lock = world.effects.iter().position(|effect| *effect == Effect::Lock).unwrap();
    assert!(
        matches!(world.effects[lock - 1], Effect::Request(_, Request::SaveDraft(_))),
        "before the keys go"
    );
}

#[test]
fn the_chronology_jumps_rates_amends_and_shows_versions() {
    let mut world = World::open((80, 24));
    world.keys("3<Enter>").sees("nothing in Jan 2025");
    world.keys("e").sees("it is no entry");
    world.keys("JJ");
    assert!(world.cursor_line().contains("Full week in school"));
    world.sees("84 days with nothing");
    world.keys("}");
    assert!(world.cursor_line().contains("Dentist missed again"));
    world.keys("*4<Enter>");
    assert!(matches!(commands(&world).last(),
        Some(Command::SetSignificance { significance: Significance::High, entry }) if *entry == EntryId(id(23))));
    world.keys("ggj").keys("h").sees("replaced because: who was told was");
    world.keys("<Esc>e").sees("AMEND 1-21").keys("Colour was missing<C-s><C-s>");
    assert!(
        matches!(commands(&world).last(), Some(Command::AmendEntry { why, .. }) if why == "Colour was missing")
    );
}

#[test]
fn actions_are_added_finished_and_moved() {
    let mut world = World::open((80, 24));
    world.keys("3<Enter>]").sees("OVERDUE 2d").keys("aRing the GP<Enter><Enter>soon<Enter>");
    assert!(commands(&world).is_empty());
    world
        .sees("is not understood")
        .keys("<BS><BS><BS><BS>+5d")
        .sees("= Wednesday 19 March 2025")
        .keys("<Enter>");
    assert!(
        matches!(commands(&world).last(), Some(Command::AddAction(item)) if item.what == "Ring the GP" && item.owner == "A. Khan")
    );
    world.keys("fdone by phone<Enter>");
    assert!(
        matches!(commands(&world).last(), Some(Command::FinishAction { outcome, .. }) if outcome == "done by phone")
    );
}

#[test]
fn a_person_is_added_and_then_tied_to_the_child() {
    let mut world = World::open((80, 24));
    world.keys("3<Enter>]]").sees("PROTECTED ADDRESS, do not disclose to Rob Crane").sees("NO CONTACT");
    world.keys("aTom<Enter>Holt<Enter><Enter><Enter>sib<Enter>211<Enter>");
    let [.., Command::AddPerson(person), Command::RecordRelation(tie)] = commands(&world)[..] else {
        panic!()
    };
    assert_eq!(person.name(), "Tom Holt");
    assert_eq!((tie.from, tie.to, tie.same_household), (PersonId(id(99)), PersonId(id(1)), true));
}

/// To the last step, with everything decided.
pub(super) fn to_what(world: &mut World) {
    world.keys("3<Enter>S").sees("[1 Who]").keys("<Enter>");
    world.keys("Keep Maya safe<Enter>duty").sees("Children Act 2004 s.16LA").keys("<Enter>1");
    world.keys("2tells father<Enter>Wants it to stop<Enter>Only what they need<Enter>Ring us<Enter>+3d<C-s>");
    world.sees("[3 What]");
}

pub(super) fn to_send(world: &mut World) {
    to_what(world);
    world.keys("<C-s>").sees("Not now: choose at least one entry");
    world.keys(" <C-s>").sees("[4 Redact]").sees("2 UNDECIDED, so step 5 is closed");
    world.keys("<C-s>").sees("Not now: 2 passages are undecided");
    world.keys("r1").sees("[1: another child]");
    world.keys("d").sees("Not now: it may not be kept").keys("r2").sees("2 redacted, 0 kept");
    world.keys("<C-s>").sees("This is what Northshire Police PPU will see").keys("<C-s>").sees("[6 Send]");
}

#[test]
fn the_step_at_hand_is_told_on_the_narrowest_screen_too() {
    let mut world = World::open((60, 20));
    world.keys(WHO_AND_WHY).keys(" <C-s>").sees("[4 Redact]").keys("r1r2<C-s>").sees("[5 Preview]");
    world.keys("<C-s>").sees("5 ok [6 Send]");
}

#[test]
fn a_share_leaves_only_when_its_recipient_is_typed() {
    let mut world = World::open((80, 24));
    to_send(&mut world);
    world.keys("northshire<Enter>").sees("Not now: type their short name, northshire-police, exactly");
    assert!(!world.sent.iter().any(|request| matches!(request, Request::Send { .. })));
    world.keys("-police<Enter>").sees("QUEUED. It goes by itself");
    // Once something of the exchange has changed, the row says how it stands, and nothing else does.
    let mut gone = world.app.clone();
    gone.on(Input::Event(Event::Changed), world.now);
    assert!(gone.notice.is_empty(), "{}", gone.notice);
    let sent = world.sent.iter().find_map(|request| match request {
        Request::Send { choices, .. } => Some(choices),
        _ => None,
    });
    let choices = sent.expect("it was sent");
    let record = choices.consent.as_deref().expect("with its record");
    assert_eq!(record.lawful_basis, Some(LawfulBasis::DutyToShare));
    // What stands behind every record was filled in, and who is responsible comes from the casebook.
    let more = &record.safeguarding;
    let holders: Vec<_> = more.parental_responsibility.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(holders, ["Dana Holt", "Rob Crane"]);
    assert_eq!(more.parental_responsibility[0].evidence, "as recorded in the casebook");
    assert_eq!((more.capacity.as_deref(), more.childs_view.as_str()), (None, "Wants it to stop"));
    for said in [&record.notice.privacy_notice, &record.storage_location, &record.retention_period] {
        assert!(!said.is_empty());
    }
    assert_eq!(choices.entries, [EntryId(id(21))]);
    assert!(choices.decisions.values().all(|decision| matches!(decision, Decision::Withhold(_))));
    assert!(choices.answer_by.is_some());
}

#[test]
fn every_part_of_the_record_can_be_seen_and_changed() {
    let mut world = World::open((80, 24));
    world.keys("3<Enter>S<Enter>Keep safe<Enter>duty<Enter>12no<Enter>view<Enter>why<Enter>ask<Enter><Enter><Enter><Enter>");
    world.sees("Dana Holt, mother, as recorded in the casebook").sees("Rob Crane, father");
    world.keys("; Ann Poe, guardian, court order of 3 May<Tab>Understands; A. Khan<Tab>MASH<Tab>");
    assert!(!world.screen().contains("Our privacy notice"), "what is as usual is folded");
    world.keys("2<Tab>");
    world
        .sees("Our privacy notice")
        .keys(" 2025<Tab><Tab><Tab><Tab>")
        .sees("As the child's safeguarding file");
    world.keys(", then 25 years<Tab>").sees("England and Wales").keys("<C-s> <C-s>").sees("[4 Redact]");
    let choices = world.sent.iter().rev().find_map(|request| match request {
        Request::Suggest { choices, .. } => choices.consent.clone(),
        _ => None,
    });
    let record = choices.expect("a record");
    assert_eq!(record.notice.privacy_notice, "Our privacy notice for children and families 2025");
    assert_eq!(record.retention_period, "As the child's safeguarding file, then 25 years");
    let more = &record.safeguarding;
    assert_eq!(more.parental_responsibility.len(), 3);
    assert_eq!(more.parental_responsibility[2].evidence, "court order of 3 May");
    assert_eq!(
        (more.capacity.as_deref(), more.advice.as_deref()),
        (Some("Understands; A. Khan"), Some("MASH"))
    );
}

#[test]
fn a_pasted_short_name_does_not_count() {
    let mut world = World::open((80, 24));
    to_send(&mut world);
    world.input(Input::Paste("northshire-police".to_owned()));
    world.keys("<Enter>").sees("Not now: type their short name");
}

#[test]
fn words_of_ones_own_are_marked_and_withheld_everywhere() {
    let mut world = World::open((120, 40));
    world.keys(
        "3<Enter>S<Enter>Keep safe<Enter>duty<Enter>12no<Enter>view<Enter>why<Enter>ask<Enter><C-s>a<C-s>",
    );
    world.keys("vjjw").sees("{bruise on}").keys("R1");
    world.sees("redacted");
    let own = world.screen().matches("[1: another child]").count();
    assert!(own >= 4, "the same words in every chosen entry:\n{}", world.screen());
}

/// The wizard's first two steps, shortly.
const WHO_AND_WHY: &str =
    "3<Enter>S<Enter>Keep safe<Enter>duty<Enter>12no<Enter>view<Enter>why<Enter>ask<Enter><C-s>";

#[test]
fn consent_can_carry_a_share_from_the_screen_once_the_notice_they_were_given_is_kept() {
    let mut world = World::open((100, 40));
    world.keys("3<Enter>S<Enter>Keep safe<Enter>consent<Enter>given<Enter>Dana Holt, by phone<Enter>");
    world.sees("Notice given").sees("Another one").keys("1Notice 2026<Enter><Enter>notice.txt<Enter>");
    world.keys("12no<Enter>view<Enter>why<Enter>ask<Enter><C-s>").sees("The notice is kept. Ctrl+S goes on.");
    let kept = world.sent.iter().find_map(|request| match request {
        Request::KeepNotice { path, name, language } => {
            Some((path.clone(), name.as_str(), language.as_str()))
        }
        _ => None,
    });
    assert_eq!(kept, Some(("notice.txt".into(), "Notice 2026", "en-GB")));
    world.keys("<C-s>").sees("[3 What]").keys(" <C-s>").sees("[4 Redact]");
    let record = world.sent.iter().rev().find_map(|request| match request {
        Request::Suggest { choices, .. } => choices.consent.clone(),
        _ => None,
    });
    let notice = record.unwrap().notice;
    assert_eq!((notice.privacy_notice.as_str(), notice.sha256.is_some()), ("Notice 2026", true));
}

fn chosen(world: &World) -> usize {
    let asked = world.sent.iter().rev().find_map(|request| match request {
        Request::Suggest { choices, .. } => Some(choices.entries.len()),
        _ => None,
    });
    asked.unwrap_or_default()
}

#[test]
fn a_long_chronology_is_chosen_from_page_by_page_all_at_once_and_by_date() {
    let mut world = World::open((80, 24));
    world.long = 450;
    world.keys(WHO_AND_WHY).sees("0 of 450 entries, 0 files chosen");
    // Going down asks for the next page before the end is reached, and each once.
    for _ in 0..205 {
        world.keys("j");
    }
    world.sees("Day 245").keys("G").sees("Day 1");
    world.keys(" ").sees("1 of 450").keys("gg ").sees("2 of 450").keys("<C-s>").sees("[4 Redact]");
    assert_eq!(chosen(&world), 2);
    let mut world = World::open((80, 24));
    world.long = 450;
    world.keys(WHO_AND_WHY).keys("a").sees("450 of 450").keys("<C-s>");
    assert_eq!(chosen(&world), 450);
    world.keys("<Esc>a").sees("0 of 450").keys("<C-s>").sees("Not now: choose at least one");
    world.keys("d").sees("Choose by date").keys("5/1/2024<Enter>");
    world.sees("= ").keys(&"<BS>".repeat(5)).keys("9/1/2024<Enter>").sees("5 of 450").keys("<C-s>");
    assert_eq!(chosen(&world), 5);
}

#[test]
fn an_entry_that_was_amended_is_decided_anew() {
    let mut world = World::open((80, 24));
    world.keys(WHO_AND_WHY).keys(" <C-s>r1r4<Esc>").sees("[3 What]");
    let versions = |world: &World| {
        world.sent.iter().rev().find_map(|request| match request {
            Request::Preview { choices, .. } => Some(choices.versions.clone()),
            _ => None,
        })
    };
    world.keys("<C-s>").sees("2 redacted").keys("<C-s>").sees("[5 Preview]");
    assert_eq!(
        versions(&world),
        Some([(EntryId(id(21)), 2)].into()),
        "what was decided about says which version"
    );
    // Left as a draft; somebody amends the entry; taken up again.
    world.keys("<Esc><Esc><Esc><Esc><Esc>").sees("CASE");
    world.amended = true;
    world.keys("S").sees("Entry 1-21 was amended since").keys("<Enter><C-s><C-s>").sees("2 UNDECIDED");
}

#[test]
fn a_suggestion_is_shown_with_the_words_around_it_wherever_it_stands() {
    for size in [(60, 20), (80, 24), (120, 40)] {
        let mut world = World::open(size);
        world.named = true;
        world.keys(WHO_AND_WHY).keys(" <C-s>").sees("[4 Redact]");
        // In the order of reading: people, source, what was seen, what was done about it.
        world.keys("gg").sees("person 2      {Jonah} Reed").keys("j").sees("source        {R. Patel}");
        world.keys("j").sees("and {Jonah Reed}").keys("j").sees("who was told  {A. Khan}, 09:20");
    }
}

#[test]
fn not_sharing_is_an_outcome_with_its_reason() {
    let mut world = World::open((80, 24));
    world.keys("3<Enter>S<C-x>").sees("Not now: choose first with whom");
    world.keys("<Enter><C-x>More harm than help<Enter>");
    assert!(
        matches!(commands(&world).last(), Some(Command::DeclineSharing { because, .. }) if because == "More harm than help")
    );
    world.sees("decided not to share with Northshire Police PPU");
}

#[test]
fn what_the_preview_calls_undecided_is_asked_for_when_one_steps_back() {
    let mut world = World::open((80, 24));
    let asked = |world: &World| {
        world.sent.iter().filter(|request| matches!(request, Request::Suggest { .. })).count()
    };
    world.keys(WHO_AND_WHY).keys(" <C-s>r1r4<C-s>").sees("[5 Preview]");
    let before = asked(&world);
    world.keys("<Esc>").sees("[4 Redact]");
    assert_eq!(asked(&world), before + 1);
}

#[test]
fn a_record_can_stand_in_the_case_while_nothing_goes_yet() {
    let mut world = World::open((80, 24));
    world.keys(WHO_AND_WHY).keys("<C-e>").sees("Not now: choose what it would cover first");
    world.keys(" <C-e>");
    assert!(matches!(commands(&world).last(), Some(Command::RecordConsent { .. })));
    world.sees("Recorded; nothing was sent");
}

#[test]
fn a_share_that_was_left_is_there_again() {
    let mut world = World::open((80, 24));
    world.keys("3<Enter>S<Enter>Keep Maya safe<Esc><Esc>");
    assert_eq!(world.drafts.len(), 1);
    world.keys("S").sees("is back").keys("<Enter>").sees("Keep Maya safe");
}

#[test]
fn a_form_longer_than_the_screen_says_how_much_is_out_of_sight() {
    let mut world = World::open((60, 20));
    world.keys("<C-n>").sees("more fields below");
    world.keys(&"<Tab>".repeat(20)).sees("more fields above");
    assert!(!world.screen().contains(" below"), "{}", world.screen());
    let mut roomy = World::open((200, 50));
    roomy.keys("<C-n>").sees("NEW CONCERN");
    assert!(!roomy.screen().contains("more field"), "{}", roomy.screen());
}

#[test]
fn a_certificate_that_could_not_be_renewed_is_the_first_thing_among_todays_numbers() {
    for size in [(80, 24), (120, 40)] {
        let mut world = World::open(size);
        assert!(!world.screen().contains("WARNING"));
        world.certificate = Some("your certificate ends on 3 May 2026 and could not be renewed".into());
        world.keys("<C-r>").sees("WARNING").sees("not certified: g m");
    }
}

#[test]
fn anything_is_found_and_opened() {
    let mut world = World::open((80, 24));
    world.keys("<C-f>may").sees("Maya Holt").keys("<Enter>").sees("CASE 1-5");
    world.keys(":case 1-5").sees("Open case 1-5").keys("<Enter>").sees("CASE 1-5");
    world.keys("]?filter").sees("not now").keys("<Esc>");
    world.keys("gm").sees("MESSAGES");
}

#[test]
fn a_share_that_reached_them_is_taken_back_with_a_day_to_answer_by() {
    let mut world = World::open((80, 24));
    world.keys("5]w").sees("Ask them to destroy it").keys("sent in error<Enter>2025-03-20<Enter>");
    let asked = world.sent.iter().rev().find_map(|request| match request {
        Request::WithdrawShare { why, answer_by, .. } => Some((why.clone(), *answer_by)),
        _ => None,
    });
    assert_eq!(asked, Some(("sent in error".to_owned(), Some(jiff::civil::date(2025, 3, 20)))));
    let mut world = World::open((80, 24));
    world.keys("5]wsent in error<Enter>soon<Enter>").sees("the day is not like 2026-12-04");
}

#[test]
fn another_record_of_the_child_is_marked_on_the_tab_of_people_and_unmarked() {
    let mut world = World::open((80, 24));
    world.keys("3<Enter>[[[").sees("[People");
    world.keys("j=").sees("The same person").sees("Both records stay as they are");
    world.keys("<Tab>jon<Enter>the school he came from<Enter>").sees("Both records");
    world.keys("1<Enter>").sees("they are one person");
    let Some(Command::MarkSame { one, other, why }) = commands(&world).last().copied().cloned() else {
        panic!("{:?}", commands(&world))
    };
    assert!(one != other && why == "the school he came from");
    world.keys("u");
    assert_eq!(commands(&world).last().copied(), Some(&Command::MarkNotSame { one, other, why }));
}

#[test]
fn ties_of_another_record_of_the_child_are_the_childs() {
    let mut world = World::open((120, 40));
    world.twice = true;
    world.keys("3<Enter>").sees("PROTECTED ADDRESS").keys("[[[").sees("[People");
    world.sees("NO CONTACT").sees("mother").sees("father").sees("parental responsibility");
    world.sees("the birth certificate; A. Khan").sees("same person as 1-8 Amaya Verity");
    world.keys("]]]").sees("as 1-8 Amaya Verity").keys("[[[");
    world.keys("S<Enter>").sees("Dana Holt, mother");
}

#[test]
fn two_records_are_named_with_their_birthdays_before_they_are_marked_as_one_person() {
    let mut world = World::open((120, 40));
    world.keys("3<Enter>[[[").sees("[People").keys("=").sees("Other record");
    world.keys("<Tab>ho<Tab>The birth certificate<C-s>").sees("Both records").sees("Maya Holt");
    world.sees("they are one person").sees("born 21 May 2016");
    assert!(!commands(&world).iter().any(|one| matches!(one, Command::MarkSame { .. })), "not yet");
    world.keys("2<C-s>").sees("Not recorded.");
    world.keys("=<Tab>ho<Tab>The birth certificate<C-s>1<C-s>").sees("they are one person");
    assert!(commands(&world).iter().any(|one| matches!(one, Command::MarkSame { .. })));
}
