//! Links: QUIC with TLS 1.3 between two keys that know each other. The module that names quinn and rustls.
//!
//! Both ends show a raw public key (RFC 7250) and nothing else: no certificate, host name or clock. A client's
//! handshake can succeed before the node has judged its key, so only the first reply proves that it was accepted.

mod frames;
mod pins;

use std::{
    io,
    net::{SocketAddr, UdpSocket},
    sync::Arc,
    time::Duration,
};

use aws_lc_rs::hmac;
use kith_protocol::{
    ids::Digest,
    sign::{SigningKey, VerifyingKey},
};
use quinn::{
    EndpointConfig, IdleTimeout, MtuDiscoveryConfig, ServerConfig, TokioRuntime, TransportConfig,
    congestion::CubicConfig,
    crypto::rustls::{QuicClientConfig, QuicServerConfig},
    udp::{UdpSockRef, UdpSocketState},
};
use quinn_proto::HashedConnectionIdGenerator;
use rustls::{
    client::{AlwaysResolvesClientRawPublicKeys, Resumption},
    crypto::CryptoProvider,
    server::AlwaysResolvesServerRawPublicKeys,
};
use zeroize::Zeroizing;

pub(crate) use frames::{Stream, StreamError, is_refusal};
use pins::Pins;
#[cfg(test)]
pub(crate) use quinn::ConnectionError;
#[cfg(feature = "node")]
pub(crate) use quinn::Incoming;
/// What the courier and the node hold of a link.
pub use quinn::{ClientConfig, Connection, Endpoint, VarInt};

/// What is spoken on a link.
pub const ALPN: &[u8] = b"kith/1";
/// Requests a peer may have open at once. quinn keeps a slot for each, so more costs memory on every idle link.
pub const STREAMS: u32 = 16;
/// Bytes a peer may have on their way to us on one stream, and on one link.
const STREAM_WINDOW: u32 = 4 * 1024 * 1024;
const LINK_WINDOW: u32 = 8 * 1024 * 1024;
/// Bytes that may leave before the first word of how the path is: a usual bundle in one go. Others have long begun with
/// as much (32 packets of 1200 bytes).
const FIRST_FLIGHT: u64 = 32 * 1200;
/// Longest packet that is looked for on a path. quinn hands the system ten at a time, together at most 65,507 bytes.
const LONGEST_PACKET: u16 = 6_500;
/// Room that is asked of the system for packets on their way in or out; it may give less.
const SOCKET_BYTES: usize = 4 * 1024 * 1024;
/// A link without a sign of life ends after this; the client gives one when it waits.
const IDLE: VarInt = VarInt::from_u32(60_000);
const KEEP_ALIVE: Duration = Duration::from_secs(20);
/// Handshakes that may wait to be answered, and bytes kept for each and for all.
const MAX_INCOMING: usize = 1024;
const INCOMING_BYTES: u64 = 16 * 1024;

/// Whom an end lets in, by link key. Asked once in each handshake.
pub type Admits = Arc<dyn Fn(&VerifyingKey) -> bool + Send + Sync>;

/// Why a link could not be set up. Peers' faults show later, on the link.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    #[error("the link's key or settings were not taken: {0}")]
    Setup(#[from] rustls::Error),
    #[error("the socket could not be used: {0}")]
    Socket(#[from] io::Error),
}

/// The end that waits for links on `socket`.
///
/// # Errors
/// The key or socket was not taken.
pub fn listen(socket: UdpSocket, key: &SigningKey, admits: Admits) -> Result<Endpoint, LinkError> {
    let crypto = QuicServerConfig::try_from(answering(key, admits)?).map_err(|_| no_initial_suite())?;
    let mut config = ServerConfig::with_crypto(Arc::new(crypto));
    config
        .transport_config(Arc::new(transport(STREAMS, None)))
        .max_incoming(MAX_INCOMING)
        .incoming_buffer_size(INCOMING_BYTES)
        .incoming_buffer_size_total(INCOMING_BYTES * 512);
    Ok(endpoint(remembering(key), Some(config), socket)?)
}

fn answering(key: &SigningKey, admits: Admits) -> Result<rustls::ServerConfig, rustls::Error> {
    let provider = provider();
    let resolver = Arc::new(AlwaysResolvesServerRawPublicKeys::new(pins::certified(&provider, key)?));
    let mut tls = rustls::ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_client_cert_verifier(Arc::new(Pins::new(provider, admits)))
        .with_cert_resolver(resolver);
    tls.alpn_protocols = vec![ALPN.to_vec()];
    tls.max_early_data_size = 0;
    tls.send_tls13_tickets = 0;
    Ok(tls)
}

/// The end that calls, from an address like `local`.
pub(crate) fn client(local: SocketAddr) -> io::Result<Endpoint> {
    endpoint(EndpointConfig::default(), None, UdpSocket::bind(local)?)
}

fn endpoint(
    mut config: EndpointConfig,
    server: Option<ServerConfig>,
    socket: UdpSocket,
) -> io::Result<Endpoint> {
    config.max_udp_payload_size(LONGEST_PACKET).map_err(io::Error::other)?;
    let sized = UdpSocketState::new(UdpSockRef::from(&socket))?;
    // With less room packets are lost and sent again: slower, not wrong.
    let _ = sized.set_recv_buffer_size(UdpSockRef::from(&socket), SOCKET_BYTES);
    let _ = sized.set_send_buffer_size(UdpSockRef::from(&socket), SOCKET_BYTES);
    Endpoint::new(config, server, socket, Arc::new(TokioRuntime))
}

/// Settings that are the same after a crash, so that peers of links from before it are told at once that those are
/// gone (RFC 9000, 10.3), and do not wait until they time out.
fn remembering(key: &SigningKey) -> EndpointConfig {
    let grow = |label: &[u8]| Digest::of(&Zeroizing::new([label, key.seed().as_slice()].concat()));
    let reset = hmac::Key::new(hmac::HMAC_SHA256, grow(b"kith/stateless-reset/1\0").as_bytes());
    let mut config = EndpointConfig::new(Arc::new(reset));
    let names = grow(b"kith/connection-ids/1\0");
    let names = names.as_bytes().iter().take(8).fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
    config.cid_generator(move || Box::new(HashedConnectionIdGenerator::from_key(names)));
    config
}

/// How to call a node whose link key is `node`.
///
/// # Errors
/// The key was not taken.
pub fn dialling(key: &SigningKey, node: VerifyingKey) -> Result<ClientConfig, LinkError> {
    let crypto = QuicClientConfig::try_from(asking(key, node)?).map_err(|_| no_initial_suite())?;
    let mut config = ClientConfig::new(Arc::new(crypto));
    config.transport_config(Arc::new(transport(0, Some(KEEP_ALIVE))));
    Ok(config)
}

fn asking(key: &SigningKey, node: VerifyingKey) -> Result<rustls::ClientConfig, rustls::Error> {
    let provider = provider();
    let resolver = Arc::new(AlwaysResolvesClientRawPublicKeys::new(pins::certified(&provider, key)?));
    let pin: Admits = Arc::new(move |key| *key == node);
    let mut tls = rustls::ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Pins::new(provider, pin)))
        .with_client_cert_resolver(resolver);
    tls.alpn_protocols = vec![ALPN.to_vec()];
    tls.enable_sni = false;
    tls.resumption = Resumption::disabled();
    tls.enable_early_data = false;
    Ok(tls)
}

/// The link key of whoever is at the other end.
#[must_use]
pub fn peer(connection: &Connection) -> Option<VerifyingKey> {
    let shown = connection.peer_identity()?;
    let shown = shown.downcast::<Vec<rustls::pki_types::CertificateDer<'static>>>().ok()?;
    pins::key_in(shown.first()?)
}

/// aws-lc-rs; with its post-quantum preference X25519MLKEM768 is offered and chosen first.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

fn no_initial_suite() -> rustls::Error {
    rustls::Error::General("no cipher suite for QUIC's first packets".into())
}

fn transport(streams: u32, keep_alive: Option<Duration>) -> TransportConfig {
    let (mut transport, mut pace, mut packets) =
        (TransportConfig::default(), CubicConfig::default(), MtuDiscoveryConfig::default());
    pace.initial_window(FIRST_FLIGHT);
    packets.upper_bound(LONGEST_PACKET);
    transport
        .congestion_controller_factory(Arc::new(pace))
        .mtu_discovery_config(Some(packets))
        .max_concurrent_bidi_streams(streams.into())
        .max_concurrent_uni_streams(0_u32.into())
        .datagram_receive_buffer_size(None)
        .stream_receive_window(STREAM_WINDOW.into())
        .receive_window(LINK_WINDOW.into())
        .send_window(LINK_WINDOW.into())
        .max_idle_timeout(Some(IdleTimeout::from(IDLE)))
        .keep_alive_interval(keep_alive);
    transport
}

#[cfg(test)]
mod tests;
