//! The share: every refusal first, then the bundle as it will be read, then the decision.

use std::{fs, io::Write as _};

use jiff::{SignedDuration, Zoned};
use kith_protocol::{consent::RecordId, words::eight_words};

use super::{Story, pass};
use crate::{
    casework::{
        command::Command,
        ids::{CaseId, ConsentId, EntryId, ShareId},
        query::{Answer, CaseView, Query, ShareState},
    },
    demo::{
        DemoError,
        desk::{self, Told, Why, rows},
        world::{ELM_PARK, POLICE, World},
    },
    sharing::{
        office::Office,
        plan::{Decision, ShareChoices},
    },
};

/// What was sent.
pub(super) struct Sent {
    pub(super) share: ShareId,
    pub(super) case: CaseId,
    /// The digest of the recording that goes with it.
    pub(super) recording: kith_protocol::ids::Digest,
}

/// Twenty megabytes.
const RECORDING: usize = 20 * 1024 * 1024;
const FILE: &str = "lower-gate-camera.mp4";

pub(super) const WHY: Why = Why {
    purpose: "Breaches of the non-molestation order: what the school has seen and recorded",
    ask: "Please take this into the investigation and tell us today what you decide.",
    necessity: "A court must see the course of conduct and not a single morning. Other pupils are withheld.",
    childs_view: "Niamh wants the police to know about the car. She wants to be told before anybody asks her anything.",
    told: Told::NotSafe(
        "The father must not learn what is known. The mother was told by telephone and agrees.",
    ),
    keep: (
        &["Finn", "Nguyễn", "Thảo", "Declan", "O'Brien", "Adebayo", "Haddad", FILE],
        "the police know this person from their own record, and the account makes no sense without them",
    ),
};

pub(super) fn compose(story: &mut Story<'_>, world: &mut World, case: CaseId) -> Result<Sent, DemoError> {
    story.step("A share to the police: what may not go");
    let police = world.office(POLICE)?.enrolled()?.me().clone();
    let mut office = world.office(ELM_PARK)?;
    let now = world.clock.local();
    let members = office.members()?;
    let row = members.iter().find(|row| row.id == police.id).ok_or(DemoError::Seed)?;
    story.check(&format!("{}: {}", row.name, row.trust), row.trust.starts_with("VERIFIED"));
    let same = row.words == eight_words(&police.keys);
    story.check(&format!("the eight words are those the police see: {}", row.words.join(" ")), same);
    story.check("its key is post-quantum", row.post_quantum);
    let recording = attach(&mut office, world, case, &now)?;
    let view = rows!(office, &Query::Case { case }, now, Answer::Case(view) => view);
    let entries = recent(&office, case, &now)?;
    let mut choices = desk::choices(&office, &view, (&police.id, entries), &WHY, &now)?;
    choices.attachments = vec![recording];
    let (withheld, kept) = desk::decide(&office, case, &mut choices, &WHY, &now)?;
    refusals(story, &mut office, case, &choices, &now)?;
    protected(story, &mut office, (&view, &choices), &now)?;

    story.step("A share to the police: what goes");
    story.check(
        &format!("{withheld} passages withheld with a reason, {kept} kept with a reason"),
        withheld > 0 && kept > 0,
    );
    let preview = office.preview(case, &choices, &now)?;
    let shown = format!("{}\n{}", preview.lines.join("\n"), preview.html);
    story.check(
        "the preview is the recipient's own view, rendered from the document that will leave",
        preview.refusals.is_empty(),
    );
    let gone = ["Larkfield", "NX4 7QT", "Stubbs"].iter().all(|text| !shown.contains(text));
    story.check("neither the protected address nor another child's name is anywhere in it", gone);
    world.stop_node();
    pass(world, 3);
    let now = world.clock.local();
    let share = office.send(case, &choices, &now)?;
    let queued = desk::shares(&office, case, &now)?
        .iter()
        .any(|row| row.id == share && row.state == ShareState::Queued);
    story.check("decided, recorded, and queued in the same transaction", queued);
    Ok(Sent { share, case, recording })
}

/// Each reason why the same bundle may not go, tried for real.
fn refusals(
    story: &mut Story<'_>,
    office: &mut Office,
    case: CaseId,
    choices: &ShareChoices,
    now: &Zoned,
) -> Result<(), DemoError> {
    let changed = |change: &dyn Fn(&mut kith_protocol::consent::ConsentRecord)| {
        let mut choices = choices.clone();
        if let Some(consent) = choices.consent.as_deref_mut() {
            change(consent);
        }
        choices
    };
    let named = RecordId::try_from("withdrawn-before".to_owned()).map_err(|_| DemoError::Seed)?;
    let withdrawn = changed(&|record| record.record_id = named.clone());
    if let Some(record) = withdrawn.consent.clone() {
        let facts = office.execute(Command::RecordConsent { case, record }, now)?;
        let consent = ConsentId(*facts.first().ok_or(DemoError::Seed)?);
        let (by, why) = ("Thảo Nguyễn".to_owned(), "she wishes to speak to her solicitor first".to_owned());
        office.execute(Command::WithdrawConsent { consent, by, why }, now)?;
    }
    let mut undecided = choices.clone();
    undecided.decisions.pop_first();
    let hour = SignedDuration::from_hours(1);
    let tries = [
        ("no basis", changed(&|record| record.lawful_basis = None), "no lawful basis"),
        ("expired", changed(&|record| record.validity.until = now.timestamp() - hour), "expired"),
        ("withdrawn", withdrawn, "withdrawn"),
        ("recipient not named", changed(&|record| record.recipients.clear()), "does not name"),
        (
            "category out of scope",
            changed(&|record| {
                record.categories.pop_first();
            }),
            "does not cover",
        ),
        ("undecided suggestion", undecided, "undecided"),
    ];
    for (name, choices, words) in tries {
        let refused = office.preview(case, &choices, now)?.refusals;
        let said = refused.iter().find(|said| said.contains(words));
        let unsent = office.send(case, &choices, now).is_err();
        story.check(
            &format!("{name}: {}", said.map_or("not refused", String::as_str)),
            said.is_some() && unsent,
        );
    }
    Ok(())
}

/// The entry with the new address, with somebody wanting to keep it in.
fn protected(
    story: &mut Story<'_>,
    office: &mut Office,
    (case, choices): (&CaseView, &ShareChoices),
    now: &Zoned,
) -> Result<(), DemoError> {
    let all = desk::chronology(office, case.id, false, now)?;
    let card = all.iter().find(|row| row.headline.contains("Larkfield")).ok_or(DemoError::Seed)?;
    let to = choices.to.as_ref().ok_or(DemoError::Seed)?;
    let mut choices = desk::choices(office, case, (to, vec![card.id]), &WHY, now)?;
    desk::decide(office, case.id, &mut choices, &WHY, now)?;
    let suggested = office.suggest(case.id, &choices, now)?;
    for one in suggested.0.iter().filter(|one| one.blocks) {
        choices.decisions.insert(one.id.clone(), Decision::Keep { reason: "they asked for it".to_owned() });
    }
    let refused = office.preview(case.id, &choices, now)?.refusals;
    let said = refused.first().map_or("not refused", String::as_str);
    story.check(&format!("protected address left in: {said}"), !refused.is_empty());
    Ok(())
}

/// The significant entries of the last five weeks.
fn recent(office: &Office, case: CaseId, now: &Zoned) -> Result<Vec<EntryId>, DemoError> {
    let from = now.datetime().saturating_sub(SignedDuration::from_hours(5 * 7 * 24));
    let rows = desk::chronology(office, case, true, now)?;
    Ok(rows.iter().filter(|row| row.at >= from).map(|row| row.id).collect())
}

/// Puts a camera recording of twenty megabytes beside the newest entry.
fn attach(
    office: &mut Office,
    world: &World,
    case: CaseId,
    now: &Zoned,
) -> Result<kith_protocol::ids::Digest, DemoError> {
    let path = world.folder().join(FILE);
    let failed = |error: std::io::Error| DemoError::Failed(format!("a file could not be written: {error}"));
    let bytes: Vec<u8> =
        (0_u32..).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).take(RECORDING).collect();
    fs::File::create(&path).and_then(|mut file| file.write_all(&bytes)).map_err(failed)?;
    let attachment = office.attach(&path)?;
    fs::remove_file(&path).map_err(failed)?;
    let rows = desk::chronology(office, case, true, now)?;
    let entry = rows.last().ok_or(DemoError::Seed)?.id;
    let mut changed = rows!(office, &Query::Entry { entry }, now, Answer::Entry(view) => view.entry);
    let digest = attachment.sha256;
    changed.attachments.push(attachment);
    office.execute(
        Command::AmendEntry { entry, now: changed, why: "camera recording added".to_owned() },
        now,
    )?;
    Ok(digest)
}
