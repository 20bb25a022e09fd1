use rustls::{
    NamedGroup, ProtocolVersion,
    quic::{ClientConnection, Connection, ServerConnection, Version},
};

use super::*;

/// Hands over what one end has to say.
fn speak(from: &mut Connection, to: &mut Connection) {
    let mut said = Vec::new();
    // New keys are for packets, and there are none here.
    let _ = from.write_hs(&mut said);
    to.read_hs(&said).unwrap();
}

#[test]
fn a_link_is_made_by_the_hybrid_key_exchange() {
    let (node, member) = (SigningKey::from_seed(&[1; 32]), SigningKey::from_seed(&[2; 32]));
    let (asks, answers) =
        (asking(&member, node.public()).unwrap(), answering(&node, Arc::new(|_| true)).unwrap());
    let name = "x.invalid".try_into().unwrap();
    let mut client: Connection =
        ClientConnection::new(Arc::new(asks), Version::V1, name, Vec::new()).unwrap().into();
    let mut server: Connection =
        ServerConnection::new(Arc::new(answers), Version::V1, Vec::new()).unwrap().into();
    while client.is_handshaking() || server.is_handshaking() {
        speak(&mut client, &mut server);
        speak(&mut server, &mut client);
    }
    for end in [client, server] {
        let group = end.negotiated_key_exchange_group().unwrap().name();
        assert_eq!(group, NamedGroup::X25519MLKEM768);
        assert_eq!(end.protocol_version(), Some(ProtocolVersion::TLSv1_3));
        assert_eq!(end.alpn_protocol(), Some(ALPN));
    }
}
