use super::{
    super::note::{Line, Note},
    *,
};

/// The example of C2SP `signed-note`, with its key.
const EXAMPLE: &str = "This is an example message.\n\n\u{2014} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
const EXAMPLE_KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";

/// Those of the tests of Go's `sumdb/note`.
const TEXT: &str =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const PETER_KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const PETER: &str = "\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
const ENOCH_KEY: &str = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
const ENOCH: &str = "\u{2014} EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n";
/// The secret half of Peter's key: the seed after the algorithm byte.
const PETER_SEED: &str = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";

/// The example of C2SP `tlog-cosignature`. Its keys are not published.
const COSIGNED: &str = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\u{2014} witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";

fn note(text: &str) -> Result<Note, NoteError> {
    text.parse()
}

fn note_key(text: &str) -> NoteKey {
    text.parse().unwrap()
}

#[test]
fn the_published_notes_verify_and_read_back() {
    for (text, keys) in [
        (EXAMPLE.to_owned(), vec![EXAMPLE_KEY]),
        (format!("{TEXT}\n{PETER}{ENOCH}"), vec![PETER_KEY, ENOCH_KEY]),
        (format!("{TEXT}\n{PETER}{PETER}{PETER}"), vec![PETER_KEY]),
    ] {
        let read = note(&text).unwrap();
        assert_eq!(read.to_string(), text);
        for key in keys {
            assert_eq!(note_key(key).to_string(), key);
            assert_eq!(read.verify(&note_key(key)), Ok(()), "{key}");
        }
    }
    let unknown = note(&format!("{TEXT}\n{ENOCH}")).unwrap().verify(&note_key(PETER_KEY));
    assert_eq!(unknown, Err(NoteError::NotSigned("PeterNeumann".into())));
}

#[test]
fn signing_gives_the_published_note() {
    use base64ct::{Base64, Encoding as _};
    let seed = Base64::decode_vec(PETER_SEED).unwrap();
    let peter = SigningKey::from_seed(seed[1..].try_into().unwrap());
    let signed = Note::sign(TEXT.into(), &note_key(PETER_KEY), &peter);
    assert_eq!(signed.to_string(), format!("{TEXT}\n{PETER}"));
}

#[test]
fn the_published_cosignature_is_framed_as_said() {
    let read = note(COSIGNED).unwrap();
    assert_eq!(read.to_string(), COSIGNED);
    let time: [u8; 8] = read.lines[1].signature[..8].try_into().unwrap();
    assert_eq!((u64::from_be_bytes(time), read.lines[1].signature.len()), (1_679_315_147, 72));
}

#[test]
fn a_bad_signature_by_a_known_key_spoils_the_note() {
    let bent = format!("{TEXT}\n{}ABCD{}", &PETER[..60], &PETER[60..]);
    let mismatch = Err(NoteError::Mismatch("PeterNeumann".into()));
    assert_eq!(note(&bent).unwrap().verify(&note_key(PETER_KEY)), mismatch);
    let both = format!("{TEXT}\n{PETER}{}", &bent[TEXT.len() + 1..]);
    assert_eq!(note(&both).unwrap().verify(&note_key(PETER_KEY)), mismatch);
    let other_text = format!("{}\n{PETER}", TEXT.replace("know", "knew"));
    assert_eq!(note(&other_text).unwrap().verify(&note_key(PETER_KEY)), mismatch);
}

#[test]
fn what_is_not_a_signed_note_is_refused() {
    let cut = &PETER[..PETER.len() - 1];
    let bad = [
        TEXT.to_owned(),
        format!("\n{TEXT}"),
        format!("{TEXT}\n"),
        format!("{TEXT}\n{cut}"),
        format!("{TEXT}\n{PETER}\n"),
        format!("\u{1}{TEXT}\n{PETER}"),
        format!("{}\n{PETER}", TEXT.replace('\n', "\r\n")),
        format!("{TEXT}\n\u{2014} Bad Name x08go/ZJkuBS\n"),
        format!("{TEXT}\n\u{2014} a+b x08go/ZJkuBS\n"),
        format!("{TEXT}\n\u{2014}  x08go/ZJkuBS\n"),
        format!("{TEXT}\n\u{2014} a x08gow==\n"),
        format!("{TEXT}\n\u{2014} a x08go/ZJkuBS9\n"),
        format!("{TEXT}\n- PeterNeumann x08go/ZJkuBS\n"),
    ];
    for bad in bad {
        assert!(matches!(note(&bad), Err(NoteError::Malformed(_))), "{bad:?}");
    }
    let many = |count| note(&format!("{TEXT}\n{}", PETER.repeat(count)));
    assert!(many(MAX_NOTE_SIGNATURES).is_ok());
    assert_eq!(many(MAX_NOTE_SIGNATURES + 1), Err(NoteError::TooMany(MAX_NOTE_SIGNATURES + 1)));
    let long = format!("{}\n\n{PETER}", "a".repeat(MAX_NOTE_BYTES));
    assert_eq!(note(&long), Err(NoteError::TooLong(long.len())));
}

#[test]
fn the_text_ends_at_the_last_empty_line() {
    let read = note(&format!("a\n\n\u{2014} not a signature\n\n{PETER}")).unwrap();
    assert_eq!(read.text, "a\n\n\u{2014} not a signature\n");
    assert_eq!(read.lines, [Line::read(PETER.trim_end()).unwrap()]);
}

#[test]
fn verifier_keys_that_contradict_themselves_are_refused() {
    for bad in [
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+AhpC2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2Q==",
    ] {
        assert!(bad.parse::<NoteKey>().is_err(), "{bad}");
    }
}
