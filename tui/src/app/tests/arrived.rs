//! What came from another agency, as the made-up casebook tells it.

use kith_protocol::receipt::ReceiptKind;

use super::{
    answers::person_row,
    world::{NEWER, World, id},
};
use crate::casework::{
    fact::{Received, SignedText},
    ids::ReceivedId,
    query::{ReceivedRow, ReceivedView},
};

pub(super) fn inbox_row() -> ReceivedRow {
    ReceivedRow {
        id: ReceivedId(id(51)),
        from_name: "Northshire CSC".to_owned(),
        signed_by: "J. Moss, duty team".to_owned(),
        purpose: "Strategy meeting record".to_owned(),
        child: "Maya Holt".to_owned(),
        received: "2025-03-14T08:41:00Z".parse().unwrap(),
        case: None,
        answered: None,
        asked: None,
        gone: false,
    }
}

pub(super) fn received_view(received: ReceivedId, world: &World) -> ReceivedView {
    let delivered = SignedText { text: "DELIVERED".to_owned(), signature: String::new() };
    ReceivedView {
        id: received,
        received: Received {
            bundle: None,
            from: "northshire-csc".parse().unwrap(),
            from_name: "Northshire CSC".to_owned(),
            signed_by: "J. Moss, duty team".to_owned(),
            purpose: "Strategy meeting record".to_owned(),
            child: "Maya Holt".to_owned(),
            envelope: None,
            gate: None,
            receipts: (world.closed || received == NEWER).then_some(delivered).into_iter().collect(),
            document: include_str!("../../../../tests/vectors/bundle/bundle.json").to_owned(),
            document_signature: String::new(),
            checks: [
                "ok: signed by J. Moss",
                "ok: unaltered",
                "ok: addressed to us",
                "caution: the gate is not known",
                "not checked: Not proven: that nothing else is known; that nothing is older",
            ]
            .map(str::to_owned)
            .to_vec(),
            attachments: Vec::new(),
        },
        at: "2025-03-14T08:41:00Z".parse().unwrap(),
        case: None,
        answers: (world.opened && received != NEWER)
            .then(|| (ReceiptKind::Opened, world.now, String::new()))
            .into_iter()
            .collect(),
        asked: None,
        gone: None,
        matches: vec![person_row()],
        meant: (!world.unsure).then(|| person_row().id),
        supplements: Vec::new(),
    }
}
