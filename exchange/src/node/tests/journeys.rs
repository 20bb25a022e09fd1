//! The way of a bundle, there and back.

use std::{io::Cursor, sync::atomic::AtomicU64};

use kith_protocol::{
    envelope::Envelope,
    ids::BundleId,
    receipt::{BundleState, SignedReceipt, fold},
    wire::{Happening, News, Policy, Reach, WireError},
};

use super::*;

async fn collect(world: &World, arrival: &Arrival) -> Result<(Vec<u8>, SignedReceipt), CourierError> {
    let mut body = Vec::new();
    let delivered = arrival.delivered(&world.police.link, world.now());
    let courier = world.courier(&world.police);
    let collected = courier.collect(arrival, &delivered, &mut body, &quiet).await?;
    Ok((body, collected.delivered))
}

async fn news(world: &World, who: &AgencySecrets) -> Vec<News> {
    world.courier(who).news(0, &world.directory(), &|_| None).await.unwrap().items
}

fn state(world: &World, (id, envelope): (BundleId, &Envelope), receipts: &[SignedReceipt]) -> BundleState {
    let standing = fold((id, envelope), receipts, &world.directory(), world.now());
    assert!(standing.refused.is_empty(), "{:?}", standing.refused);
    standing.state
}

#[tokio::test]
async fn a_bundle_goes_there_and_its_receipts_come_back() {
    let world = World::new().await;
    for (n, size) in [(1, 0), (2, 20_000), (3, 200_000), (4, 3_000_000)] {
        let letter = world.letter(n, bytes(size));
        let id = letter.id(&world.school.sign);
        let stored = world.send(&letter).await.unwrap();
        assert_eq!(state(&world, (id, &letter.envelope), std::slice::from_ref(&stored)), BundleState::Stored);

        let arrivals = world.waiting().await;
        let arrival = arrivals.iter().find(|arrival| arrival.id() == id).unwrap();
        assert_eq!((arrival.envelope(), arrival.gate()), (&letter.envelope, &letter.gate));
        let (body, delivered) = collect(&world, arrival).await.unwrap();
        assert!(body == letter.body, "{size} bytes came as {}", body.len());

        world.courier(&world.police).answer(id, vec![n; 100]).await.unwrap();
        world.courier(&world.police).answer(id, vec![n; 100]).await.unwrap();
        let told: Vec<_> =
            news(&world, &world.school).await.into_iter().filter(|item| item.bundle == id).collect();
        let [first, second] = told.as_slice() else { panic!("{told:?}") };
        assert_eq!(first.what, Happening::Delivered { receipt: delivered.clone() });
        assert_eq!(second.what, Happening::Answered { sealed: vec![n; 100] });
        assert_eq!(state(&world, (id, &letter.envelope), &[delivered, stored]), BundleState::Delivered);

        world.courier(&world.police).acknowledge(id).await.unwrap();
        assert!(world.waiting().await.is_empty());
    }
    assert_eq!(files(&world.folder.path().join("blobs")), Vec::<String>::new());
    assert_eq!(world.courier(&world.school).status().await.unwrap().held, 0);
}

#[tokio::test]
async fn the_same_bundle_twice_is_one_bundle_with_one_receipt() {
    let world = World::new().await;
    for (n, size) in [(1, 1_000), (2, 300_000)] {
        let letter = world.letter(n, bytes(size));
        let first = world.send(&letter).await.unwrap();
        world.pass(SignedDuration::from_hours(61 * 24));
        let again = world.send(&letter).await.unwrap();
        assert_eq!(first, again, "also after the gate has shut");
        world.clock.store(START, Ordering::SeqCst);
    }
    assert_eq!(world.waiting().await.len(), 2);
}

#[tokio::test]
async fn a_watch_hears_at_once_and_a_restart_forgets_nothing() {
    let mut world = World::new().await;
    let directory = world.directory();
    let police = world.courier(&world.police);
    let watching = police.watch(0, &directory, &|_| None);
    let letter = world.letter(1, bytes(500));
    let (heard, stored) = tokio::join!(watching, world.send(&letter));
    let heard = heard.unwrap();
    assert_eq!(heard.items.first().unwrap().what, Happening::Arrived);
    let large = world.letter(2, bytes(400_000));
    world.send(&large).await.unwrap();

    world.restart().await;
    assert_eq!(world.send(&letter).await.unwrap(), stored.unwrap());
    let arrivals = world.waiting().await;
    let bodies = [&letter.body, &large.body];
    assert_eq!(arrivals.len(), 2);
    for (arrival, body) in arrivals.iter().zip(bodies) {
        assert!(collect(&world, arrival).await.unwrap().0 == *body);
    }
}

#[tokio::test]
async fn a_second_collection_keeps_the_first_delivered() {
    let world = World::new().await;
    world.send(&world.letter(1, bytes(500))).await.unwrap();
    let arrival = world.waiting().await.remove(0);
    let (_, first) = collect(&world, &arrival).await.unwrap();
    world.pass(SignedDuration::from_mins(1));
    let (_, again) = collect(&world, &arrival).await.unwrap();
    assert_eq!(first, again);
    assert_eq!(world.waiting().await.remove(0).delivered(&world.police.link, world.now()), first);
}

#[tokio::test]
async fn a_collection_goes_on_from_a_part_file() {
    let world = World::new().await;
    let letter = world.letter(1, bytes(900_000));
    world.send(&letter).await.unwrap();
    let arrival = world.waiting().await.remove(0);
    let delivered = arrival.delivered(&world.police.link, world.now());
    let path = world.folder.path().join("in.age");
    std::fs::write(world.folder.path().join("in.age.part"), &letter.body[..700_000]).unwrap();
    let least = AtomicU64::new(u64::MAX);
    let note = |come: u64, _: u64| {
        least.fetch_min(come, Ordering::SeqCst);
    };
    world
        .courier(&world.police)
        .collect_to_file(&arrival, &delivered, (&path, crate::courier::growing().0), &note)
        .await
        .unwrap();
    assert!(std::fs::read(&path).unwrap() == letter.body);
    assert!(least.into_inner() > 700_000, "it began again");

    std::fs::remove_file(&path).unwrap();
    std::fs::write(world.folder.path().join("in.age.part"), bytes(10).repeat(100)).unwrap();
    let spoiled = world
        .courier(&world.police)
        .collect_to_file(&arrival, &delivered, (&path, crate::courier::growing().0), &quiet)
        .await;
    assert!(matches!(spoiled, Err(CourierError::Lie(crate::courier::Lie::Bytes))), "{spoiled:?}");
    assert!(!world.folder.path().join("in.age.part").exists(), "the next call begins afresh");
}

#[tokio::test]
async fn a_file_that_is_there_is_not_asked_for_unless_its_bytes_are_spoiled() {
    let world = World::new().await;
    let letter = world.letter(1, bytes(900_000));
    world.send(&letter).await.unwrap();
    let arrival = world.waiting().await.remove(0);
    let delivered = arrival.delivered(&world.police.link, world.now());
    let path = world.folder.path().join("in.age");
    let come = AtomicU64::new(0);
    let note = |now: u64, _: u64| {
        come.fetch_max(now, Ordering::SeqCst);
    };
    let police = world.courier(&world.police);
    std::fs::write(&path, &letter.body).unwrap();
    let there = police
        .collect_to_file(&arrival, &delivered, (&path, crate::courier::growing().0), &note)
        .await
        .unwrap();
    assert_eq!((there.size, come.load(Ordering::SeqCst)), (900_000, 0));
    // As a power cut leaves it: the length is right, the bytes are not.
    std::fs::write(&path, vec![0; letter.body.len()]).unwrap();
    police.collect_to_file(&arrival, &delivered, (&path, crate::courier::growing().0), &note).await.unwrap();
    assert!(std::fs::read(&path).unwrap() == letter.body);
    assert_eq!(come.into_inner(), 900_000);
}

#[tokio::test]
async fn what_is_withdrawn_stops_or_is_told() {
    let world = World::new().await;
    let (police, school) = (world.courier(&world.police), world.courier(&world.school));
    let (kept, gone) = (world.letter(1, bytes(500)), world.letter(2, bytes(300_000)));
    world.send(&kept).await.unwrap();
    world.send(&gone).await.unwrap();
    let arrivals = world.waiting().await;
    collect(&world, &arrivals[0]).await.unwrap();

    let withdrawal = world.withdrawal(&[1, 2, 3]);
    for _ in 0..2 {
        let outcomes = school.withdraw(&withdrawal).await.unwrap();
        let reach: Vec<_> = outcomes.into_iter().map(|outcome| outcome.reach).collect();
        let (kept, gone) = (kept.id(&world.school.sign), gone.id(&world.school.sign));
        assert_eq!(
            reach,
            [
                Reach::Collected { bundle: kept, by: "police".parse().unwrap() },
                Reach::Stopped { bundle: gone },
                Reach::Unused
            ]
        );
    }
    let refused = collect(&world, &arrivals[1]).await;
    assert!(
        matches!(refused, Err(CourierError::Refused(WireError::Policy(Policy::Withdrawn)))),
        "{refused:?}"
    );
    let unused = world.send(&world.letter(3, bytes(5))).await;
    assert!(
        matches!(unused, Err(CourierError::Refused(WireError::Policy(Policy::GateWithdrawn)))),
        "{unused:?}"
    );
    let known =
        |id| [&kept, &gone].into_iter().find(|l| l.id(&world.school.sign) == id).map(|l| l.envelope.clone());
    let told = police.news(0, &world.directory(), &known).await.unwrap().items;
    let told = told.iter().filter(|item| matches!(item.what, Happening::Withdrawn { .. })).count();
    assert_eq!(told, 2, "once for each bundle");
    let unknown = police.news(0, &world.directory(), &|_| None).await.unwrap();
    assert!(unknown.unknown.len() == 2 && unknown.refused.is_empty(), "whose they are nobody here knows yet");
    // Somebody else's withdrawal, or of another gate, is not this bundle's.
    let takes = |withdrawal: &SignedWithdrawal| {
        crate::courier::takes_back(withdrawal, &kept.envelope, &world.directory())
    };
    takes(&withdrawal).unwrap();
    let lie = Err(crate::courier::Lie::Withdrawal);
    assert_eq!(takes(&world.withdrawal(&[2])), lie);
    let body = Withdrawal { from: "health".parse().unwrap(), ..withdrawal.claims().unwrap() };
    assert_eq!(takes(&SignedWithdrawal::new(&body, &world.health.sign)), lie);
    let other = |id| known(id).map(|envelope| Envelope { gate: GateId::from_bytes([9; 16]), ..envelope });
    let refused = police.news(0, &world.directory(), &other).await.unwrap().refused;
    assert!(refused.len() == 2 && refused.iter().all(|(_, lie)| *lie == crate::courier::Lie::Withdrawal));
    assert_eq!(files(&world.folder.path().join("blobs")), Vec::<String>::new());
}

#[tokio::test]
async fn nobody_collects_in_time() {
    let world = World::with(Limits { keep_days: 5, ..Limits::default() }).await;
    let letter = world.letter(1, bytes(300_000));
    world.send(&letter).await.unwrap();
    let arrival = world.waiting().await.remove(0);
    world.pass(SignedDuration::from_hours(5 * 24 - 1));
    world.node().sweep().await.unwrap();
    assert_eq!(world.waiting().await.len(), 1);
    world.pass(SignedDuration::from_hours(1));
    world.node().sweep().await.unwrap();
    assert!(world.waiting().await.is_empty());
    let told = news(&world, &world.school).await;
    assert_eq!(told.first().unwrap().what, Happening::NotDelivered { since: START });
    let late = collect(&world, &arrival).await;
    assert!(matches!(late, Err(CourierError::Refused(WireError::Policy(Policy::Expired)))), "{late:?}");
}

#[tokio::test]
async fn an_upload_that_was_cut_goes_on_where_it_was() {
    let mut world = World::new().await;
    let letter = world.letter(1, bytes(2_000_000));
    let (envelope, gate) = letter.signed(&world.school.sign);
    // The source fails half-way: the upload breaks off, and nothing was acknowledged.
    let half = Cursor::new(&letter.body[..1_000_000]);
    let courier = world.courier(&world.school);
    let cut = courier.deposit(&envelope, &gate, half, &quiet).await;
    assert!(matches!(cut, Err(CourierError::Refused(WireError::Bytes(_)))), "{cut:?}");
    assert!(world.waiting().await.is_empty());

    world.restart().await;
    let least = AtomicU64::new(u64::MAX);
    let note = |sent: u64, _: u64| {
        least.fetch_min(sent, Ordering::SeqCst);
    };
    let courier = world.courier(&world.school);
    courier.deposit(&envelope, &gate, Cursor::new(&letter.body), &note).await.unwrap();
    assert!(least.into_inner() > 1_000_000, "it began again");
    assert!(collect(&world, &world.waiting().await[0]).await.unwrap().0 == letter.body);
}

#[tokio::test]
async fn a_file_that_never_came_into_the_books_is_gone_on_with() {
    let mut world = World::new().await;
    let letter = world.letter(1, bytes(2_000_000));
    let (envelope, gate) = letter.signed(&world.school.sign);
    let half = Cursor::new(&letter.body[..1_000_000]);
    world.courier(&world.school).deposit(&envelope, &gate, half, &quiet).await.unwrap_err();
    // As after a crash between the file's rename and the books' commit.
    world.node.take().unwrap().stop().await;
    let name = envelope.id().to_string();
    let folder = world.folder.path();
    std::fs::remove_file(folder.join("partial").join(&name)).unwrap();
    std::fs::write(folder.join("blobs").join(&name), &letter.body).unwrap();
    std::fs::write(folder.join("blobs").join("0".repeat(64)), b"nobody's").unwrap();
    world.start().await;
    assert_eq!(files(&world.folder.path().join("blobs")), Vec::<String>::new());
    world.courier(&world.school).deposit(&envelope, &gate, Cursor::new(&letter.body), &quiet).await.unwrap();
    assert_eq!(files(&world.folder.path().join("blobs")), [name]);
}
