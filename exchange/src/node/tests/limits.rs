//! What a node will hold, and what it says when that is full.

use kith_protocol::wire::{BytesFault, MAX_ANSWER, OurFault, Policy, WireError};

use super::*;

#[tokio::test]
async fn a_bundle_an_agency_and_the_disk_have_their_limits() {
    let limits = Limits { bundle: 1_000_000, agency: 1_500_000, ..Limits::default() };
    let world = World::with(limits).await;
    let refused = world.send(&world.letter(1, bytes(1_000_001))).await;
    let limit = 1_000_000;
    assert!(
        matches!(&refused, Err(CourierError::Refused(WireError::Policy(rule))) if *rule == Policy::BundleTooLarge { limit }),
        "{refused:?}"
    );
    world.send(&world.letter(2, bytes(1_000_000))).await.unwrap();
    for size in [600_000, 500_001] {
        let refused = world.send(&world.letter(3, bytes(size))).await;
        let limit = 1_500_000;
        assert!(
            matches!(&refused, Err(CourierError::Refused(WireError::Policy(rule))) if *rule == Policy::QuotaFull { limit }),
            "{refused:?}"
        );
    }
    world.courier(&world.school).withdraw(&world.withdrawal(&[2])).await.unwrap();
    world.send(&world.letter(3, bytes(600_000))).await.unwrap();
}

#[tokio::test]
async fn a_full_disk_is_the_nodes_fault_and_leaves_nothing_behind() {
    let world = World::with(Limits { node: 700_000, ..Limits::default() }).await;
    world.send(&world.letter(1, bytes(500_000))).await.unwrap();
    for size in [200_001, 60_000_000] {
        let full = world.send(&world.letter(2, bytes(size))).await.unwrap_err();
        assert!(matches!(full, CourierError::Later { fault: OurFault::DiskFull, .. }), "{full:?}");
        assert!(full.try_later().is_some());
    }
    assert_eq!(files(&world.folder.path().join("partial")), Vec::<String>::new());
    assert_eq!(world.waiting().await.len(), 1);
    let small = world.letter(2, bytes(200_000));
    world.send(&small).await.unwrap();
}

#[tokio::test]
async fn an_agency_has_so_many_links_and_no_more() {
    let world = World::with(Limits { links_each: 2, ..Limits::default() }).await;
    let couriers: Vec<_> = (0..3).map(|_| world.courier(&world.school)).collect();
    couriers[0].status().await.unwrap();
    couriers[1].status().await.unwrap();
    let third = couriers[2].status().await.unwrap_err();
    assert!(matches!(third, CourierError::Lost) && third.try_later().is_some(), "{third:?}");
    world.courier(&world.police).status().await.unwrap();
}

#[tokio::test]
async fn answers_are_bounded() {
    let world = World::with(Limits { answers: 2, ..Limits::default() }).await;
    world.send(&world.letter(1, bytes(10))).await.unwrap();
    let arrival = world.waiting().await.remove(0);
    let police = world.courier(&world.police);
    let early = police.answer(arrival.id(), vec![0]).await;
    assert!(matches!(early, Err(CourierError::Refused(WireError::Peer(_)))), "before it was collected");
    let delivered = arrival.delivered(&world.police.link, world.now());
    police.collect(&arrival, &delivered, &mut Vec::new(), &quiet).await.unwrap();
    let long = police.answer(arrival.id(), vec![0; MAX_ANSWER + 1]).await;
    assert!(matches!(long, Err(CourierError::Refused(WireError::Bytes(BytesFault::TooLong)))));
    for n in [1, 2, 2] {
        police.answer(arrival.id(), vec![n; MAX_ANSWER]).await.unwrap();
    }
    let more = police.answer(arrival.id(), vec![3]).await;
    assert!(
        matches!(more, Err(CourierError::Refused(WireError::Policy(Policy::TooManyAnswers { limit: 2 })))),
        "{more:?}"
    );
}

#[tokio::test]
async fn long_lists_come_in_pages() {
    let world = World::new().await;
    for n in 0..70 {
        world.send(&world.letter(n, bytes(usize::from(n)))).await.unwrap();
    }
    let (police, directory) = (world.courier(&world.police), world.directory());
    let first = police.list(0, &directory).await.unwrap();
    assert!(first.more && first.arrivals.len() == 64, "{}", first.arrivals.len());
    let rest = police.list(first.cursor, &directory).await.unwrap();
    assert!(!rest.more && rest.arrivals.len() == 6);
    let news = police.news(0, &directory, &|_| None).await.unwrap();
    assert!(news.more && news.items.len() == 64);
    assert_eq!(police.news(news.cursor, &directory, &|_| None).await.unwrap().items.len(), 6);
    assert!(police.list(rest.cursor, &directory).await.unwrap().arrivals.is_empty());
}

#[test]
fn what_is_kept_is_over_on_the_last_day() {
    let keep = SignedDuration::from_hours(48);
    let since = at(START);
    assert!(!super::super::expired(at(START + 48 * 3_600 - 1), since, keep));
    assert!(super::super::expired(at(START + 48 * 3_600), since, keep));
}
