use super::*;

fn written(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ArchiveWriter::new(Vec::new(), 1_795_338_847);
    files.iter().for_each(|(path, bytes)| archive.file(path, bytes).unwrap());
    archive.finish().unwrap()
}

fn read(bytes: &[u8]) -> Result<Vec<(String, Vec<u8>)>, ArchiveError> {
    let mut archive = ArchiveReader::new(bytes);
    let mut files = Vec::new();
    while let Some(entry) = archive.next_entry()? {
        let (mut content, mut piece) = (Vec::new(), [0; 100]);
        loop {
            let got = archive.read_some(&mut piece)?;
            if got == 0 {
                break;
            }
            content.extend_from_slice(&piece[..got]);
        }
        files.push((entry.path, content));
    }
    archive.finish()?;
    Ok(files)
}

#[test]
fn what_is_written_reads_back_whatever_the_size() {
    for size in [0, 1, 511, 512, 513, 10_000, 100_000] {
        let content = vec![7; size];
        let bytes = written(&[("top/a", &content), ("top/attachments/b.bin", b"b")]);
        assert_eq!(bytes.len() as u64, padded_archive([size as u64, 1]));
        let files = read(&bytes).unwrap();
        assert_eq!(files, [("top/a".into(), content), ("top/attachments/b.bin".into(), b"b".to_vec())]);
    }
}

#[test]
fn padding_is_padme() {
    // Values by hand from the paper's formula.
    for (len, expected) in [
        (0, SHORTEST),
        (16_384, 16_384),
        (16_385, 17_408),
        (65_537, 67_584),
        (1_000_000, 1_015_808),
        (100_000_000, 100_663_296),
    ] {
        assert_eq!(padded(len), expected, "{len}");
    }
    for len in (SHORTEST..10_000_000).step_by(4_999) {
        let padded = padded(len);
        assert!(padded >= len && padded.is_multiple_of(512) && padded - len <= len * 12 / 100, "{len}");
        assert_eq!(padded, super::padded(padded));
    }
}

/// An archive by the `tar` crate with one entry of a kind we do not write.
fn foreign(change: impl FnOnce(&mut tar::Header)) -> Vec<u8> {
    let mut header = tar::Header::new_ustar();
    header.set_entry_type(tar::EntryType::Regular);
    header.set_path("top/a").unwrap();
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(1);
    header.set_size(0);
    change(&mut header);
    header.set_cksum();
    let mut bytes = header.as_bytes().to_vec();
    bytes.resize(padded(0) as usize, 0);
    bytes
}

#[test]
fn only_the_one_form_of_a_plain_file_is_read() {
    use tar::EntryType as T;
    assert!(read(&foreign(|_| ())).is_ok());
    for kind in [
        T::Link,
        T::Symlink,
        T::Char,
        T::Block,
        T::Directory,
        T::Fifo,
        T::Continuous,
        T::GNULongName,
        T::GNULongLink,
        T::GNUSparse,
        T::XGlobalHeader,
        T::XHeader,
    ] {
        let told = read(&foreign(|header| header.set_entry_type(kind)));
        assert!(matches!(told, Err(ArchiveError::NotCanonical { at: 0 })), "{kind:?}: {told:?}");
    }
    let raw_name = |name: &[u8]| {
        foreign(|header| {
            let field = &mut header.as_ustar_mut().unwrap().name;
            field.fill(0);
            field[..name.len()].copy_from_slice(name);
        })
    };
    for name in [
        &b"/etc/passwd"[..],
        b"../a",
        b"top/../a",
        b"top/./a",
        b"top//a",
        b"top/",
        b"",
        b"t\xffp/a",
        b"t\x1bp/a",
        b"top\\a",
        b"C:/a",
        b"top/a\0hidden",
    ] {
        let told = read(&raw_name(name));
        assert!(matches!(told, Err(ArchiveError::NotCanonical { .. })), "{name:?}: {told:?}");
    }
    type Change = fn(&mut tar::Header);
    let changes: [Change; 7] = [
        |header| header.set_mode(0o4755),
        |header| header.set_uid(1000),
        |header| header.set_username("root").unwrap(),
        |header| header.set_link_name("elsewhere").unwrap(),
        |header| header.as_ustar_mut().unwrap().pad[3] = 1,
        |header| header.set_device_major(1).unwrap(),
        |header| header.as_ustar_mut().unwrap().version = *b"01",
    ];
    for (at, change) in changes.into_iter().enumerate() {
        let told = read(&foreign(change));
        assert!(matches!(told, Err(ArchiveError::NotCanonical { .. })), "{at}: {told:?}");
    }
}

#[test]
fn hidden_bytes_have_no_place() {
    let good = written(&[("top/a", b"content")]);
    assert!(read(&good).is_ok());
    // In the header, after the content in its block, in the end blocks, in the padding.
    for at in [500, 512 + 8, 1024, 1600, 2100, good.len() - 1] {
        let mut bytes = good.clone();
        bytes[at] = 1;
        assert!(read(&bytes).is_err(), "byte {at}");
    }
    for end in 0..good.len() / 64 {
        assert!(read(&good[..end * 64]).is_err(), "cut at {}", end * 64);
    }
    assert!(matches!(read(&[&good[..], &[0; 512]].concat()), Err(ArchiveError::Padding { .. })));
}

#[test]
fn a_huge_claim_costs_nothing() {
    let told = read(&foreign(|header| header.set_size(u64::MAX / 2)));
    assert!(matches!(told, Err(ArchiveError::Truncated { .. })), "{told:?}");
}
