//! What the node keeps, for how long, and what it says of what it lost.

use kith_protocol::wire::{Happening, OurFault, PeerFault, Policy, Reach, WireError, place};

use super::*;

async fn collect(world: &World, arrival: &Arrival) -> Result<Vec<u8>, CourierError> {
    let (mut body, delivered) = (Vec::new(), arrival.delivered(&world.police.link, world.now()));
    world.courier(&world.police).collect(arrival, &delivered, &mut body, &quiet).await?;
    Ok(body)
}

async fn told(world: &World, who: &AgencySecrets) -> Vec<Happening> {
    let heard = world.courier(who).news(0, &world.directory(), &|_| None).await.unwrap();
    heard.items.into_iter().map(|item| item.what).collect()
}

fn refusal<T: std::fmt::Debug>(result: Result<T, CourierError>) -> WireError {
    match result {
        Err(CourierError::Refused(error)) => error,
        Err(CourierError::Later { fault, retry_after }) => WireError::Ours { fault, retry_after },
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_node_that_was_set_back_begins_its_lists_anew() {
    let mut world = World::new().await;
    let backup = tempfile::tempdir().unwrap();
    for n in 1..=2 {
        world.send(&world.letter(n, bytes(10))).await.unwrap();
    }
    world.node.take().unwrap().stop().await;
    world.backup(backup.path());
    world.start().await;
    for n in 3..=4 {
        world.send(&world.letter(n, bytes(10))).await.unwrap();
    }
    let directory = world.directory();
    let police = world.courier(&world.police);
    let listed = police.list(0, &directory).await.unwrap();
    let heard = police.news(0, &directory, &|_| None).await.unwrap();
    assert_eq!((listed.arrivals.len(), heard.items.len()), (4, 4));

    world.node.take().unwrap().stop().await;
    for name in ["node.db", "node.db-wal", "node.db-shm"] {
        let (from, to) = (backup.path().join(name), world.folder.path().join(name));
        let _ = std::fs::remove_file(&to);
        let _ = std::fs::copy(from, to);
    }
    world.start().await;
    // As many as were lost: new ones stand at the very places the reader has passed.
    for n in 5..=6 {
        world.send(&world.letter(n, bytes(10))).await.unwrap();
    }
    let police = world.courier(&world.police);
    let again = police.list(listed.cursor.kept(), &directory).await.unwrap();
    assert!(again.begun_anew && again.arrivals.len() == 4, "{}", again.arrivals.len());
    assert_eq!(place(again.cursor.kept()), place(listed.cursor.kept()), "by number alone nobody could tell");
    let again = police.watch(heard.cursor.kept(), &directory, &|_| None).await.unwrap();
    assert!(again.begun_anew && again.items.len() == 4, "{}", again.items.len());
    let rest = police.list(listed.arrivals.first().unwrap().cursor(), &directory).await.unwrap();
    assert!(!rest.begun_anew && rest.arrivals.len() == 3, "what both lives share goes on");
}

#[tokio::test]
async fn lost_bytes_are_said_to_be_lost_and_nothing_is_delivered() {
    for while_running in [false, true] {
        let mut world = World::new().await;
        let letter = world.letter(1, bytes(300_000));
        let stored = world.send(&letter).await.unwrap();
        let arrival = world.waiting().await.remove(0);
        if !while_running {
            world.node.take().unwrap().stop().await;
        }
        let blob = world.folder.path().join("blobs").join(letter.id(&world.school.sign).to_string());
        std::fs::OpenOptions::new().write(true).open(&blob).unwrap().set_len(299_999).unwrap();
        if !while_running {
            world.start().await;
        }
        let lost = WireError::Ours { fault: OurFault::Lost, retry_after: 3600 };
        assert_eq!(refusal(collect(&world, &arrival).await), lost);
        assert!(world.waiting().await.is_empty());
        assert_eq!(told(&world, &world.school).await, [Happening::NotDelivered { since: START }]);
        assert_eq!(world.courier(&world.school).status().await.unwrap().held, 0);
        // The sender may send the same again, and has one receipt for it.
        world.pass(SignedDuration::from_mins(1));
        assert_eq!(world.send(&letter).await.unwrap(), stored);
        let again = world.waiting().await.remove(0);
        assert!(collect(&world, &again).await.unwrap() == letter.body);
    }
}

#[tokio::test]
async fn a_gates_end_is_the_end_of_waiting() {
    let world = World::new().await;
    let mut letters = [world.letter(1, bytes(10)), world.letter(2, bytes(300_000))];
    for letter in &mut letters {
        letter.gate.valid_until = at(START + 3_600);
        world.send(letter).await.unwrap();
    }
    let arrivals = world.waiting().await;
    collect(&world, &arrivals[1]).await.unwrap();
    world.pass(SignedDuration::from_hours(1));
    let expired = WireError::Policy(Policy::Expired);
    assert_eq!(refusal(collect(&world, &arrivals[0]).await), expired, "at once, not when somebody sweeps");
    assert_eq!(world.waiting().await.len(), 1, "what was begun in time may be finished");
    assert!(collect(&world, &arrivals[1]).await.unwrap() == letters[1].body);
    world.node().sweep().await.unwrap();
    assert!(told(&world, &world.school).await.contains(&Happening::NotDelivered { since: START }));
}

#[tokio::test]
async fn what_was_never_collected_is_not_answered() {
    let world = World::with(Limits { keep_days: 5, ..Limits::default() }).await;
    for n in 1..=3 {
        world.send(&world.letter(n, bytes(10))).await.unwrap();
    }
    let arrivals = world.waiting().await;
    let (police, school) = (world.courier(&world.police), world.courier(&world.school));
    collect(&world, &arrivals[2]).await.unwrap();
    school.withdraw(&world.withdrawal(&[1, 3])).await.unwrap();
    let answer = async |n: usize| police.answer(arrivals[n].id(), vec![1]).await;
    assert_eq!(refusal(answer(0).await), WireError::Policy(Policy::Withdrawn));
    assert_eq!(refusal(answer(1).await), WireError::Peer(PeerFault::NotForYou));
    answer(2).await.unwrap();
    world.pass(SignedDuration::from_hours(5 * 24));
    world.node().sweep().await.unwrap();
    assert_eq!(refusal(answer(1).await), WireError::Policy(Policy::Expired));
    answer(2).await.unwrap();
}

#[tokio::test]
async fn what_ended_long_ago_is_forgotten() {
    let world = World::with(Limits { remember_days: 100, ..Limits::default() }).await;
    for n in 1..=2 {
        world.send(&world.letter(n, bytes(10))).await.unwrap();
    }
    let school = world.courier(&world.school);
    let arrivals = world.waiting().await;
    collect(&world, &arrivals[0]).await.unwrap();
    world.courier(&world.police).acknowledge(arrivals[0].id()).await.unwrap();
    let reach = async || school.withdraw(&world.withdrawal(&[1])).await.unwrap().remove(0).reach;
    world.pass(SignedDuration::from_hours(99 * 24));
    world.node().sweep().await.unwrap();
    assert!(matches!(reach().await, Reach::Collected { .. }), "so long a withdrawal finds whom to tell");
    world.pass(SignedDuration::from_hours(24));
    world.node().sweep().await.unwrap();
    assert_eq!(reach().await, Reach::Unused);
    // A withdrawal and an end of waiting, each not yet so old.
    assert_eq!(told(&world, &world.school).await, [Happening::NotDelivered { since: START }]);
}
