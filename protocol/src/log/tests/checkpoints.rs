use super::*;

fn signed(size: u64) -> SignedCheckpoint {
    head(&Memory::counting(size), size).sign(&log_key()).unwrap()
}

fn verify(text: &str) -> Result<Checkpoint, CheckpointError> {
    text.parse::<SignedCheckpoint>()?.verify(&origin(), &log_key().public())
}

/// A text of three or other lines, well signed as the log's.
fn signed_text(text: &str) -> String {
    let name = NoteKey::new(origin().to_string(), NoteKind::Ed25519, log_key().public()).unwrap();
    note::Note::sign(text.to_owned(), &name, &log_key()).to_string()
}

#[test]
fn a_checkpoint_is_three_lines_and_holds_for_its_log() {
    let checkpoint = signed(5);
    let text = checkpoint.to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[..2], ["kith/elm-park/07070707070707070707070707070707", "5"]);
    assert!(lines[4].starts_with("\u{2014} kith/elm-park/07070707070707070707070707070707 "));
    assert_eq!(verify(&text), Ok(head(&Memory::counting(5), 5)));
    assert_eq!(text.parse(), Ok(checkpoint));
    assert!(verify(&signed(0).to_string()).is_ok());
}

#[test]
fn another_logs_checkpoint_or_key_does_not_count() {
    let agency = "oak-hill".parse().unwrap();
    let other = Origin::of_agency(&agency, crate::ids::LogId::from_bytes([7; 16]));
    assert_eq!(other.agency(), Some(agency));
    let posing = Checkpoint { origin: other.clone(), ..head(&Memory::counting(3), 3) };
    let verdict = verify(&posing.sign(&log_key()).unwrap().to_string());
    assert_eq!(verdict, Err(CheckpointError::OtherLog { named: other.clone() }));
    let by_other_key = head(&Memory::counting(3), 3).sign(&key(9)).unwrap();
    assert!(matches!(verify(&by_other_key.to_string()), Err(CheckpointError::Note(NoteError::NotSigned(_)))));
    // The log's own name and key under a text that names another log.
    let text = signed_text(
        "kith/oak-hill/07070707070707070707070707070707\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
    );
    assert_eq!(verify(&text), Err(CheckpointError::OtherLog { named: other }));
}

#[test]
fn any_flipped_bit_is_seen() {
    let good = signed(5).to_string();
    let truth = verify(&good).unwrap();
    for at in 0..good.len() {
        for bit in 0..8 {
            let mut bytes = good.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            let Ok(text) = String::from_utf8(bytes) else { continue };
            assert!(verify(&text).is_err(), "bit {bit} of byte {at}: {text}");
        }
    }
    assert_eq!(verify(&good), Ok(truth));
}

#[test]
fn a_good_signature_does_not_excuse_a_bad_text() {
    let root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let origin = origin();
    assert!(verify(&signed_text(&format!("{origin}\n7\n{root}\n"))).is_ok());
    for bad in [
        format!("{origin}\n7\n"),
        format!("{origin}\n7\n{root}\nan extension\n"),
        format!("{origin}\n07\n{root}\n"),
        format!("{origin}\n+7\n{root}\n"),
        format!("{origin}\n-7\n{root}\n"),
        format!("{origin}\n0x7\n{root}\n"),
        format!("{origin}\n9223372036854775808\n{root}\n"),
        format!("{origin}\n18446744073709551616\n{root}\n"),
        format!("{origin}\n7\n{}\n", &root[..40]),
        format!("{origin}\n7\nQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBCg==\n"),
        format!("{origin}\n0\nTszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=\n"),
        format!("\n7\n{root}\n"),
        format!("elm-park\n7\n{root}\n"),
    ] {
        assert!(matches!(verify(&signed_text(&bad)), Err(CheckpointError::Text(_))), "{bad}");
    }
}

#[test]
fn names_of_logs_tell_the_owner_and_no_more() {
    let node = Origin::of_node(&key(5).public(), crate::ids::LogId::from_bytes([1; 16]));
    assert_eq!((node.to_string().parse(), node.agency()), (Ok(node.clone()), None));
    assert!(node.as_str().starts_with("kith-node/"));
    assert!(node.is_of_node(&key(5).public()) && !node.is_of_node(&key(6).public()));
    assert!(!origin().is_of_node(&key(5).public()));
    for bad in [
        "",
        "kith/elm-park",
        "kith/elm-park/7",
        "kith/Elm/07070707070707070707070707070707",
        "kith/elm-park/amira/07070707070707070707070707070707",
        "kith-node/short/07070707070707070707070707070707",
        "example.com/log",
    ] {
        assert!(bad.parse::<Origin>().is_err(), "{bad}");
    }
}

#[test]
fn two_checkpoints_of_one_size_prove_a_fork() {
    let (log, origin) = (log_key().public(), origin());
    let mut memory = Memory::counting(4);
    memory.append(numbered(99));
    let (one, other) = (signed(5), head(&memory, 5).sign(&log_key()).unwrap());
    let fork = Fork { one: one.clone(), other };
    assert_eq!(fork.is_proven(&origin, &log), Ok(true));
    let grown = Fork { one: one.clone(), other: signed(6) };
    assert_eq!(grown.is_proven(&origin, &log), Ok(false));
    assert_eq!(Fork { one: one.clone(), other: one.clone() }.is_proven(&origin, &log), Ok(false));
    // Nobody can be accused with a checkpoint that is not theirs.
    let forged = Fork { one, other: head(&memory, 5).sign(&key(9)).unwrap() };
    assert!(forged.is_proven(&origin, &log).is_err());
}
