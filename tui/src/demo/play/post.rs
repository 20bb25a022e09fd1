//! The way: queued, sent, collected, opened, filed, answered, declined; and the ladder as the sender sees it.

use std::{
    fs,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use kith_protocol::{
    envelope::SignedEnvelope,
    ids::{Digest, Hasher},
    receipt::{ReceiptKind, SignedReceipt, fold},
};

use super::{
    Story, pass,
    sharing::{Sent, WHY},
};
use crate::{
    casework::{
        command::{Command, FileInto},
        fact::SignedText,
        ids::ConsentId,
        query::{Answer, Event, Query, ShareRow, ShareState, Window},
    },
    demo::{
        DemoError,
        desk::{self, rows},
        world::{ELM_PARK, POLICE, ST_JUDES, World},
    },
    sharing::{office::Office, rounds::Said},
};

/// How long the story waits for a node that does not run.
const SHORT: Duration = Duration::from_millis(1_500);

pub(super) fn travel(story: &mut Story<'_>, world: &mut World, sent: &Sent) -> Result<(), DemoError> {
    story.step("On its way");
    let mut office = world.office(ELM_PARK)?;
    let quiet = |_| {};
    let unreached = world.exchange_within(&mut office, SHORT, &quiet).is_err();
    let row = row(&office, world, sent)?;
    story.check(
        "the node is down: the bundle waits, QUEUED, and nothing is lost",
        unreached && row.state == ShareState::Queued,
    );
    world.start_node()?;
    let (steps, most) = (AtomicU64::new(0), AtomicU64::new(0));
    let told = |said| {
        let Said::Moved { done, total, .. } = said else { return };
        steps.fetch_add(1, Ordering::Relaxed);
        if done == total {
            most.store(total, Ordering::Relaxed);
        }
    };
    let report = world.exchange_within(&mut office, Duration::from_secs(60), &told)?;
    let size = most.load(Ordering::Relaxed);
    story.check(
        &format!(
            "the node is up: it goes, {} bytes with {} words of progress",
            size,
            steps.load(Ordering::Relaxed)
        ),
        report.stored >= 1 && size > 20 * 1024 * 1024,
    );
    let row = self::row(&office, world, sent)?;
    story.check("STORED: signed by the node over this bundle, and verified", row.state == ShareState::Stored);
    let blind = ["Niamh", "Larkfield", "hatchback"].iter().all(|word| !holds(world, word));
    story.check("the node's folder holds no word of it", blind);
    drop(office);
    receive(story, world, sent)?;
    ladder(story, world, sent)?;
    decline(story, world, sent)
}

fn receive(story: &mut Story<'_>, world: &World, sent: &Sent) -> Result<(), DemoError> {
    story.step("At the police");
    let mut police = world.office(POLICE)?;
    pass(world, 4);
    world.exchange(&mut police)?;
    let now = world.clock.local();
    let inbox = rows!(police, &Query::Inbox { window: Window::First, limit: 50 }, now, Answer::Inbox(page) => page.rows);
    let row = inbox.iter().find(|row| row.from_name == ELM_PARK.name).ok_or(DemoError::Seed)?;
    story.check(
        &format!("in the inbox, unanswered: {}", row.purpose),
        row.purpose.starts_with("Breaches") && row.answered.is_none(),
    );
    story.check(&format!("signed by {}", row.signed_by), row.signed_by.starts_with(ELM_PARK.person));
    let id = row.id;
    let view = rows!(police, &Query::Received { received: id }, now, Answer::Received(view) => view);
    for check in &view.received.checks {
        let (outcome, text) = check.split_once(": ").unwrap_or(("", check));
        if outcome == "ok" { story.check(text, true) } else { story.say(check) }
    }
    let arrived = police.casebook().read_attachment(&sent.recording).map(hash);
    story.check(
        "the recording arrived byte for byte",
        matches!(arrived, Ok(Some(digest)) if digest == sent.recording),
    );
    let silent = ["Larkfield", "NX4 7QT", "Stubbs"].iter().all(|word| !view.received.document.contains(word));
    story.check("what was withheld did not come, in any form", silent);
    pass(world, 3);
    let now = world.clock.local();
    story.check("opened and read: OPENED is signed by the person who reads", police.opened(id, &now)?);
    let case = desk::case_of(&police, "Niamh", &now)?;
    let before = case.entries;
    let filed = police.file(id, FileInto::Case(case.id), &now)?;
    let case = desk::case_of(&police, "Niamh", &now)?;
    story.check(
        &format!(
            "filed into the police's own case: {} entries more, each with its source",
            case.entries - before
        ),
        filed == case.id && case.entries > before,
    );
    let note = "Taken into the investigation. I will ring Amina Khan before 15:00.";
    police.answer(id, ReceiptKind::Receipted, note, &now)?;
    world.exchange(&mut police)?;
    let inbox = rows!(police, &Query::Inbox { window: Window::First, limit: 50 }, now, Answer::Inbox(page) => page.rows);
    let answered = inbox.iter().any(|row| row.id == id && row.answered == Some(ReceiptKind::Receipted));
    story.check(&format!("RECEIPTED by {}: {note}", POLICE.person), answered);
    let twice = police.answer(id, ReceiptKind::Declined, "changed our mind", &now);
    story.check("it cannot be declined afterwards", twice.is_err());
    Ok(())
}

fn ladder(story: &mut Story<'_>, world: &World, sent: &Sent) -> Result<(), DemoError> {
    story.step("Back at Elm Park");
    let mut office = world.office(ELM_PARK)?;
    pass(world, 1);
    world.exchange(&mut office)?;
    let row = row(&office, world, sent)?;
    let papers = office.casebook().papers(sent.share)?;
    let sealed = papers.sealed.ok_or(DemoError::Seed)?;
    let bad = |_| DemoError::Seed;
    let envelope: SignedEnvelope = read(&sealed.envelope)?;
    let envelope = envelope.claims().map_err(bad)?;
    let receipts: Vec<SignedReceipt> = papers.receipts.iter().map(read).collect::<Result<_, _>>()?;
    let directory = office.enrolled()?.directory();
    let proven = fold((sealed.bundle, &envelope), &receipts, directory, world.clock.now()).proven;
    for (kind, at, by, note) in &row.receipts {
        let holds = proven.iter().any(|(_, receipt)| receipt.kind == *kind);
        let note = if note.is_empty() { String::new() } else { format!(": {note}") };
        let at = at.to_zoned(world.clock.zone().clone()).strftime("%H:%M:%S").to_string();
        story.check(&format!("{} {at}, {by}{note}", word(*kind)), holds);
    }
    story.check(
        "four receipts, each over the one before it, every signature verified again",
        proven.len() == 4,
    );
    let mut forged = receipts;
    if let Some(last) = forged.last_mut() {
        last.text = last.text.replace("15:00", "17:00");
    }
    let fewer = fold((sealed.bundle, &envelope), &forged, directory, world.clock.now()).proven.len();
    story.check("one digit changed in a receipt, and it no longer counts", fewer == 3);
    let all = desk::events(&office, sent.case, &world.clock.local())?;
    let stands = all
        .iter()
        .any(|event| matches!(event, Event::Share(one) if one.id == sent.share && one.receipts.len() == 4));
    let ordered = all.is_sorted_by_key(Event::key);
    story.check(
        "the share and its receipts stand in Niamh's chronology",
        stands && ordered && row.state == ShareState::Receipted,
    );
    withdrawn_before_it_left(story, world, &mut office, sent)
}

/// A record that is withdrawn while the bundle still waits stops it.
fn withdrawn_before_it_left(
    story: &mut Story<'_>,
    world: &World,
    office: &mut Office,
    sent: &Sent,
) -> Result<(), DemoError> {
    pass(world, 1);
    let now = world.clock.local();
    let share = send_last(office, world, sent, POLICE)?;
    let consent: ConsentId = office.casebook().papers(share)?.share.consent;
    let by = "Thảo Nguyễn".to_owned();
    let why = "rang before it had gone: her solicitor is to see it first".to_owned();
    office.execute(Command::WithdrawConsent { consent, by, why }, &now)?;
    world.exchange(office)?;
    let all = desk::shares(office, sent.case, &now)?;
    let ended = all.iter().any(|row| row.id == share && matches!(row.state, ShareState::Ended(_)));
    story.check("withdrawn while it still waits: it does not leave, and says why", ended);
    Ok(())
}

fn decline(story: &mut Story<'_>, world: &World, sent: &Sent) -> Result<(), DemoError> {
    story.step("Declined");
    let mut office = world.office(ELM_PARK)?;
    pass(world, 2);
    let share = send_last(&mut office, world, sent, ST_JUDES)?;
    world.exchange(&mut office)?;
    drop(office);
    let mut school = world.office(ST_JUDES)?;
    world.exchange(&mut school)?;
    pass(world, 2);
    let now = world.clock.local();
    let inbox = rows!(school, &Query::Inbox { window: Window::First, limit: 50 }, now, Answer::Inbox(page) => page.rows);
    let id = inbox.iter().map(|row| row.id).max().ok_or(DemoError::Seed)?;
    school.opened(id, &now)?;
    let silent = school.answer(id, ReceiptKind::Declined, "", &now);
    story.check("declining without a reason is refused", silent.is_err());
    let note = "She is not a pupil of ours and has no place here. Nothing of it was filed; I read no further than the letter.";
    school.answer(id, ReceiptKind::Declined, note, &now)?;
    world.exchange(&mut school)?;
    drop(school);
    let mut office = world.office(ELM_PARK)?;
    world.exchange(&mut office)?;
    let all = desk::shares(&office, sent.case, &now)?;
    let row = all.iter().find(|row| row.id == share).ok_or(DemoError::Seed)?;
    let said = row.receipts.last().is_some_and(|(_, _, _, said)| said == note);
    story.check(
        &format!("DECLINED by {}: {note}", ST_JUDES.person),
        row.state == ShareState::Declined && said,
    );
    Ok(())
}

/// Shares the last significant entry of Niamh's case, without its recording.
fn send_last(
    office: &mut Office,
    world: &World,
    sent: &Sent,
    to: crate::demo::world::Cast,
) -> Result<crate::casework::ids::ShareId, DemoError> {
    let now = world.clock.local();
    let case = rows!(office, &Query::Case { case: sent.case }, now, Answer::Case(view) => view);
    let rows = desk::chronology(office, sent.case, true, &now)?;
    let entry = rows.last().ok_or(DemoError::Seed)?.id;
    let mut choices = desk::choices(office, &case, (&to.id()?, vec![entry]), &WHY, &now)?;
    desk::decide(office, sent.case, &mut choices, &WHY, &now)?;
    Ok(office.send(sent.case, &choices, &now)?)
}

fn row(office: &Office, world: &World, sent: &Sent) -> Result<ShareRow, DemoError> {
    let rows = desk::shares(office, sent.case, &world.clock.local())?;
    rows.into_iter().find(|row| row.id == sent.share).ok_or(DemoError::Seed)
}

fn read<T: serde::de::DeserializeOwned>(kept: &SignedText) -> Result<T, DemoError> {
    let both = serde_json::json!({ "text": kept.text, "signature": kept.signature });
    serde_json::from_value(both).map_err(|_| DemoError::Seed)
}

fn hash(mut reader: crate::store::AttachmentReader) -> Option<Digest> {
    use std::io::Read as _;
    let (mut hasher, mut piece) = (Hasher::default(), vec![0; 64 * 1024]);
    loop {
        match reader.read(&mut piece).ok()? {
            0 => return Some(hasher.finish()),
            n => hasher.update(piece.get(..n)?),
        }
    }
}

/// Does any file of the node hold this word?
fn holds(world: &World, word: &str) -> bool {
    let mut folders = vec![world.folder().join("node")];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if fs::read(&path)
                .is_ok_and(|bytes| bytes.windows(word.len()).any(|at| at == word.as_bytes()))
            {
                return true;
            }
        }
    }
    false
}

const fn word(kind: ReceiptKind) -> &'static str {
    match kind {
        ReceiptKind::Stored => "STORED",
        ReceiptKind::Delivered => "DELIVERED",
        ReceiptKind::Opened => "OPENED",
        ReceiptKind::Receipted => "RECEIPTED",
        ReceiptKind::Declined => "DECLINED",
        ReceiptKind::Kept => "KEPT",
        ReceiptKind::Deleted => "DELETED",
    }
}
