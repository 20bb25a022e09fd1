//! Links as the network sees them: what a crowd of callers is asked for.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use kith_exchange::link::{self, Endpoint};
use kith_tests::world::World;
use tokio::{net::UdpSocket, sync::Mutex, task::JoinHandle, time::timeout};

/// Far longer than anything here takes; only a failure waits for it.
const PATIENCE: Duration = Duration::from_secs(25);
/// More unanswered handshakes than a node takes on without asking back.
const CROWD: usize = 80;

fn calling() -> Endpoint {
    Endpoint::client("127.0.0.1:0".parse().expect("an address")).expect("a socket")
}

/// Stands between callers and a node, and sees what passes. A mute one brings nothing back.
struct Relay {
    addr: SocketAddr,
    asked_back: Arc<AtomicBool>,
    ways: [JoinHandle<()>; 2],
}

impl Relay {
    async fn before(node: SocketAddr, mute: bool) -> Self {
        let (front, back) = (UdpSocket::bind("127.0.0.1:0").await, UdpSocket::bind("127.0.0.1:0").await);
        let (front, back) = (Arc::new(front.expect("a port")), Arc::new(back.expect("a port")));
        back.connect(node).await.expect("it is there");
        let (addr, asked_back) = (front.local_addr().expect("its address"), Arc::new(AtomicBool::new(false)));
        let caller = Arc::new(Mutex::new(None));
        let there = tokio::spawn({
            let (front, back, caller) = (Arc::clone(&front), Arc::clone(&back), Arc::clone(&caller));
            async move {
                let mut datagram = [0; 2048];
                while let Ok((length, from)) = front.recv_from(&mut datagram).await {
                    *caller.lock().await = Some(from);
                    // What is lost is sent again.
                    let _ = back.send(&datagram[..length]).await;
                }
            }
        });
        let here = tokio::spawn({
            let asked_back = Arc::clone(&asked_back);
            async move {
                let mut datagram = [0; 2048];
                while let Ok(length) = back.recv(&mut datagram).await {
                    // A long header of type 3 is a Retry (RFC 9000, 17.2.5); the fixed bit may be anything.
                    asked_back.fetch_or(datagram[0] & 0b1011_0000 == 0b1011_0000, Ordering::SeqCst);
                    let to = *caller.lock().await;
                    if let Some(to) = to.filter(|_| !mute) {
                        let _ = front.send_to(&datagram[..length], to).await;
                    }
                }
            }
        });
        Self { addr, asked_back, ways: [there, here] }
    }

    fn asked_back(&self) -> bool {
        self.asked_back.load(Ordering::SeqCst)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.ways.iter().for_each(JoinHandle::abort);
    }
}

#[test]
fn of_a_crowd_that_never_answers_the_next_caller_is_asked_back_and_let_in() {
    let world = World::new();
    let (node, admin) = world.admin();
    let to: SocketAddr = node.addr.parse().expect("an address");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let config = link::dialling(&admin, node.link).expect("a key");
        let (caller, crowd) = (calling(), calling());
        let (seen, mute) = (Relay::before(to, false).await, Relay::before(to, true).await);
        let call = async || {
            let called = caller.connect_with(config.clone(), seen.addr, "x.invalid").expect("an address");
            let link = timeout(PATIENCE, called).await.expect("in time").expect("it is let in");
            link.close(0_u32.into(), b"");
        };
        call().await;
        assert!(!seen.asked_back(), "nobody is asked back while few call");
        let waiting: Vec<_> = (0..CROWD)
            .map(|_| crowd.connect_with(config.clone(), mute.addr, "x.invalid").expect("an address"))
            .collect();
        let until = async {
            while !seen.asked_back() {
                call().await;
            }
        };
        timeout(PATIENCE, until).await.expect("a caller is asked whether its address is its own");
        crowd.close(0_u32.into(), b"");
        drop(waiting);
        crowd.wait_idle().await;
    });
}
