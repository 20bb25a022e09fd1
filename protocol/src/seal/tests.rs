//! What sealing promises, by behaviour.

use std::io::{self, Read, Write};

use super::{key::to_bech32, *};
use crate::ids::Digest;

fn seal(to: &[Recipient], contents: &[u8]) -> Vec<u8> {
    let mut writer = seal_to(to, Vec::new()).unwrap();
    writer.write_all(contents).unwrap();
    writer.finish().unwrap()
}

fn open(with: &[Identity], sealed: impl Read) -> Result<Vec<u8>, OpenError> {
    let mut contents = Vec::new();
    open_with(with, sealed)?.read_to_end(&mut contents)?;
    Ok(contents)
}

fn hybrid(n: u8) -> Identity {
    Identity::hybrid_from_seed(&[n; 32])
}

#[test]
fn each_recipient_opens_and_nobody_else() {
    for (a, b, other) in [
        (hybrid(1), hybrid(2), hybrid(3)),
        (Identity::generate_classic(), Identity::generate_classic(), Identity::generate_classic()),
    ] {
        let contents = vec![7; 200_000];
        let sealed = seal(&[a.recipient(), b.recipient()], &contents);
        assert_eq!(open(&[a], &*sealed).unwrap(), contents);
        assert_eq!(open(&[other.clone(), b], &*sealed).unwrap(), contents);
        assert!(matches!(open(&[other], &*sealed), Err(OpenError::WrongKey)));
        assert!(matches!(open(&[], &*sealed), Err(OpenError::WrongKey)));
    }
}

#[test]
fn strengths_are_never_mixed_and_lists_are_bounded() {
    let (strong, weak) = (hybrid(1).recipient(), Identity::generate_classic().recipient());
    assert!(strong.strength() > weak.strength());
    for mixed in [[strong.clone(), weak.clone()], [weak, strong.clone()]] {
        assert!(matches!(seal_to(&mixed, Vec::new()), Err(SealError::MixedStrength)));
    }
    assert!(matches!(seal_to(&[], Vec::new()), Err(SealError::NoRecipient)));
    let most = vec![strong.clone(); MAX_RECIPIENTS];
    assert!(matches!(open(&[hybrid(1)], &*seal(&most, b"x")).as_deref(), Ok(b"x")));
    let more = vec![strong; MAX_RECIPIENTS + 1];
    assert!(matches!(seal_to(&more, Vec::new()), Err(SealError::TooManyRecipients { asked: 33 })));
}

#[test]
fn key_texts_read_back_and_mistakes_are_told_apart() {
    for identity in [hybrid(9), Identity::generate_classic()] {
        let (secret, public) = (identity.secret_text(), identity.recipient().to_string());
        assert_eq!(secret.parse::<Identity>().unwrap().recipient(), identity.recipient());
        assert_eq!(public.parse::<Recipient>().unwrap(), identity.recipient());
        assert_eq!(identity.recipient().fingerprint(), Digest::of(public.as_bytes()));
        let json = serde_json::to_string(&identity.recipient()).unwrap();
        assert_eq!(serde_json::from_str::<Recipient>(&json).unwrap(), identity.recipient());
        assert_eq!(secret.parse::<Recipient>(), Err(BadKey::Secret));
        assert_eq!(public.parse::<Identity>().unwrap_err(), BadKey::Public);
        assert_eq!(public.to_uppercase().parse::<Recipient>().unwrap_err(), BadKey::OtherKind);
        assert_eq!(public[..public.len() - 1].parse::<Recipient>(), Err(BadKey::Damaged));
        assert!(!format!("{identity:?}").contains("SECRET"));
    }
    assert_eq!(hybrid(9).recipient().to_string().len(), 1959);
    assert_eq!("hello".parse::<Recipient>(), Err(BadKey::OtherKind));
    assert_eq!(to_bech32("age1yubikey", &[1; 33]).parse::<Recipient>(), Err(BadKey::OtherKind));
    assert_eq!(to_bech32("age1pq", &[1; 33]).parse::<Recipient>(), Err(BadKey::Damaged));
}

#[test]
fn keys_that_protect_nothing_are_refused() {
    // The X25519 point of order 4, and those of order 1 and 8 (RFC 7748; cr.yp.to/ecdh.html lists all).
    let order_8: [u8; 32] = [
        0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda,
        0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00,
    ];
    let mut one = [0; 32];
    one[0] = 1;
    let Recipient::Hybrid(good) = hybrid(1).recipient() else { panic!("not hybrid") };
    for point in [[0; 32], one, order_8] {
        assert_eq!(to_bech32("age", &point).parse::<Recipient>(), Err(BadKey::Unsafe));
        let mut key = good.as_bytes().to_vec();
        key[1184..].copy_from_slice(&point);
        assert_eq!(to_bech32("age1pq", &key).parse::<Recipient>(), Err(BadKey::Unsafe));
    }
    // An ML-KEM coefficient of 4095 is not below 3329 (FIPS 203, 7.2).
    let mut key = good.as_bytes().to_vec();
    key[..2].fill(0xff);
    assert_eq!(to_bech32("age1pq", &key).parse::<Recipient>(), Err(BadKey::Unsafe));
}

#[test]
fn damage_is_told_by_place() {
    let sealed = seal(&[hybrid(1).recipient()], &[7; 100_000]);
    let part = |bytes: &[u8]| match open(&[hybrid(1)], bytes) {
        Err(OpenError::Damaged(part)) => part,
        other => panic!("{other:?}"),
    };
    let mac = sealed.windows(4).position(|w| w == b"\n---").unwrap();
    for cut in [5, 21, 22, 100, mac, mac + 5, mac + 49, mac + 49 + 15] {
        assert_eq!(part(&sealed[..cut]), Part::Header, "cut at {cut}");
    }
    for cut in [mac + 49 + 16, mac + 49 + 17, 65_536 + 1700, sealed.len() - 1] {
        assert_eq!(part(&sealed[..cut]), Part::Contents, "cut at {cut}");
    }
    let mut more = sealed.clone();
    more.push(0);
    assert_eq!(part(&more), Part::Contents);
    let mut flipped = sealed.clone();
    *flipped.last_mut().unwrap() ^= 1;
    assert_eq!(part(&flipped), Part::Contents);
    let mut other_mac = sealed;
    other_mac[mac + 5] = if other_mac[mac + 5] == b'A' { b'B' } else { b'A' };
    assert_eq!(part(&other_mac), Part::HeaderSeal);
}

#[test]
fn no_byte_can_be_changed() {
    let classic = Identity::generate_classic();
    for (identity, step) in [(classic, 1), (hybrid(1), 31)] {
        let sealed = seal(&[identity.recipient()], b"contents");
        for at in (0..sealed.len()).step_by(step) {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(open(std::slice::from_ref(&identity), &*changed).is_err(), "byte {at} was changed");
        }
    }
}

#[test]
fn what_is_not_ours_is_named() {
    let name = |bytes: &[u8]| open(&[hybrid(1)], bytes).unwrap_err().to_string();
    assert!(name(b"").contains("not a sealed"));
    assert!(name(b"%PDF-1.7\n").contains("not a sealed"));
    assert!(name(b"-----BEGIN AGE ENCRYPTED FILE-----\n").contains("text form"));
    assert!(name(b"age-encryption.org/v2\n-> x\n").contains("newer"));
    let slot = lock_with_passphrase(&"p".into(), b"s", WorkFactor::LEAST).unwrap();
    assert!(matches!(open(&[hybrid(1)], &*slot), Err(OpenError::NeedsPassphrase)));
    let sealed = seal(&[hybrid(1).recipient()], b"x");
    assert!(matches!(unlock_with_passphrase(&"p".into(), &sealed), Err(OpenError::NeedsKey)));
}

/// Gives `head`, then `then` over and over, and counts what was taken.
struct Endless<'a> {
    head: &'a [u8],
    then: &'a [u8],
    taken: usize,
}

impl Read for Endless<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        for slot in buffer.iter_mut() {
            *slot = *self.head.get(self.taken).unwrap_or(&self.then[self.taken % self.then.len()]);
            self.taken += 1;
        }
        Ok(buffer.len())
    }
}

#[test]
fn a_header_without_end_is_given_up() {
    for then in [&b"a"[..], b"-> x\n\n", b"-> x\nAAAA\n"] {
        let mut input = Endless { head: b"age-encryption.org/v1\n", then, taken: 0 };
        assert!(matches!(open(&[hybrid(1)], &mut input), Err(OpenError::Damaged(Part::Header))));
        assert!(input.taken <= 2 * MAX_HEADER, "{} bytes were read", input.taken);
    }
}

/// Fails after some bytes, as a disk or a cable does.
struct Failing<'a>(&'a [u8]);

impl Read for Failing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the cable")),
            n => Ok(n),
        }
    }
}

impl Write for Failing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let (now, later) = self.0.split_at(bytes.len().min(self.0.len()));
        self.0 = later;
        // A write of nothing fits anywhere: the body of a header's grease may be empty.
        let full = now.is_empty() && !bytes.is_empty();
        if full { Err(io::Error::new(io::ErrorKind::StorageFull, "full")) } else { Ok(now.len()) }
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn the_inputs_own_errors_are_not_taken_for_damage() {
    let sealed = seal(&[hybrid(1).recipient()], &[7; 100_000]);
    for at in [0, 10, 500, 1700, 70_000, sealed.len()] {
        match open(&[hybrid(1)], Failing(&sealed[..at])) {
            Err(OpenError::Read(error)) => assert_eq!(error.to_string(), "the cable", "at {at}"),
            other => panic!("at {at}: {other:?}"),
        }
    }
}

#[test]
fn after_a_failed_write_nothing_is_finished() {
    let room = [0; 20_000];
    let mut writer = seal_to(&[hybrid(1).recipient()], Failing(&room)).unwrap();
    assert_eq!(writer.write_all(&[0; 200_000]).unwrap_err().kind(), io::ErrorKind::StorageFull);
    assert!(writer.write(b"x").is_err());
    assert!(writer.finish().is_err());
    assert!(matches!(seal_to(&[hybrid(1).recipient()], Failing(&room[..9])), Err(SealError::Write(_))));
}

#[test]
fn slots_open_with_their_passphrase_alone() {
    let slot = lock_with_passphrase(&"correct horse".into(), b"the database key", WorkFactor::LEAST).unwrap();
    assert_eq!(*unlock_with_passphrase(&"correct horse".into(), &slot).unwrap(), b"the database key");
    for wrong in ["", "correct horse ", "Correct horse"] {
        assert!(matches!(unlock_with_passphrase(&wrong.into(), &slot), Err(OpenError::WrongPassphrase)));
    }
    assert_eq!(format!("{:?}", Passphrase::from("correct horse")), "Passphrase(hidden)");
    assert_eq!((WorkFactor::new(9), WorkFactor::new(21)), (None, None));
    assert_eq!(WorkFactor::new(18), Some(WorkFactor::STANDARD));
}

#[test]
fn a_slot_cannot_ask_for_endless_work() {
    let slot = lock_with_passphrase(&"p".into(), b"s", WorkFactor::LEAST).unwrap();
    let text = String::from_utf8_lossy(&slot).into_owned();
    let args = text.lines().nth(1).unwrap();
    let greedy = args.strip_suffix("10").unwrap().to_owned() + "30";
    let start = text.find(args).unwrap();
    let slot = [&slot[..start], greedy.as_bytes(), &slot[start + args.len()..]].concat();
    assert!(matches!(
        unlock_with_passphrase(&"p".into(), &slot),
        Err(OpenError::TooMuchWork { asked: 30, limit: 20 })
    ));
}
