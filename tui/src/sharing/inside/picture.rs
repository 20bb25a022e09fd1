//! Photographs: a copy without what tells when, where and with what they were taken. The picture itself is not touched.

use kith_protocol::ids::Digest;

use super::{Cleaned, Inside};

const LOOK: &str = "a picture";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
/// Chunks of a PNG that show, beside those that must be understood.
const SHOWN: [&[u8; 4]; 13] = [
    b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"pHYs", b"hIST", b"sPLT", b"acTL",
    b"fcTL", b"fdAT",
];

pub(super) fn jpeg(bytes: &[u8]) -> Inside {
    inside(bytes, jpeg_without_metadata(bytes))
}

pub(super) fn png(bytes: &[u8]) -> Inside {
    inside(bytes, png_without_metadata(bytes))
}

fn inside(bytes: &[u8], clean: Option<Vec<u8>>) -> Inside {
    let mut inside = Inside::unsearched(LOOK);
    match clean {
        Some(clean) if clean == bytes => {}
        Some(bytes) => {
            let taken =
                "what the camera or a program wrote into it: time, place, device, comments".to_owned();
            inside.cleaned = Some(Cleaned { sha256: Digest::of(&bytes), bytes, taken });
        }
        None => inside.hidden.push("what the camera wrote into it, such as time and place"),
    }
    inside
}

/// Segments that show, then the picture up to its end; what comes after the end is dropped.
pub(super) fn jpeg_without_metadata(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut rest = bytes.strip_prefix(b"\xff\xd8")?;
    let mut clean = b"\xff\xd8".to_vec();
    loop {
        let marker = *rest.get(1).filter(|_| rest.first() == Some(&0xff))?;
        if marker == 0xff {
            // Fill bytes.
            rest = rest.get(1..)?;
            continue;
        }
        if marker == 0xd9 {
            clean.extend(b"\xff\xd9");
            return Some(clean);
        }
        let length = usize::from(u16::from_be_bytes([*rest.get(2)?, *rest.get(3)?]));
        let segment = rest.get(..2 + length).filter(|_| length >= 2)?;
        let body = segment.get(4..).unwrap_or_default();
        if let (0xe1, Some(turned)) = (marker, turned(body)) {
            clean.extend(turned);
        }
        let kept = match marker {
            // JFIF without a small picture, colour profile, Adobe's note on colours.
            0xe0 => body.starts_with(b"JFIF\0") && body.len() == 14,
            0xe2 => body.starts_with(b"ICC_PROFILE\0"),
            0xee => body.starts_with(b"Adobe"),
            0xe1..=0xef | 0xfe => false,
            _ => true,
        };
        if kept {
            clean.extend(segment);
        }
        rest = rest.get(2 + length..)?;
        if marker == 0xda {
            let length = scan(rest);
            clean.extend(rest.get(..length)?);
            rest = rest.get(length..)?;
        }
    }
}

/// EXIF that says how the camera was held and nothing else, when `body` says that it was not upright: else the picture
/// would be shown lying on its side (EXIF 2.32, 4.6.4; TIFF 6.0).
fn turned(body: &[u8]) -> Option<[u8; 36]> {
    const ORIENTATION: u16 = 0x0112;
    let tiff = body.strip_prefix(b"Exif\0\0")?;
    let little = match tiff.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let two = |at: usize| {
        let bytes = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    };
    let bytes = tiff.get(4..8)?.try_into().ok()?;
    let first =
        usize::try_from(if little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) }).ok()?;
    let entries = (0..usize::from(two(first)?)).map(|entry| first.saturating_add(2 + 12 * entry));
    let found = entries.into_iter().find(|at| two(*at) == Some(ORIENTATION))?;
    let how = two(found.checked_add(8)?).filter(|how| (2..=8).contains(how))?;
    let mut segment = *b"\xff\xe1\0\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0";
    segment[29] = how.to_be_bytes()[1];
    Some(segment)
}

/// How long the compressed picture is that `bytes` begins with: up to the next marker that ends it.
fn scan(bytes: &[u8]) -> usize {
    let ends = |pair: &[u8]| matches!(pair, [0xff, next] if *next != 0 && !(0xd0..=0xd7).contains(next));
    bytes.windows(2).position(ends).unwrap_or(bytes.len())
}

fn png_without_metadata(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut rest = bytes.strip_prefix(PNG)?;
    let mut clean = PNG.to_vec();
    loop {
        let length = usize::try_from(u32::from_be_bytes(rest.get(..4)?.try_into().ok()?)).ok()?;
        let kind: &[u8; 4] = rest.get(4..8)?.try_into().ok()?;
        let whole = length.checked_add(12)?;
        let chunk = rest.get(..whole)?;
        let needed = kind.first().is_some_and(u8::is_ascii_uppercase);
        if needed || SHOWN.contains(&kind) {
            clean.extend(chunk);
        }
        if kind == b"IEND" {
            return Some(clean);
        }
        rest = rest.get(whole..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
        [&[0xff, marker], length.as_slice(), body].concat()
    }

    fn chunk(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
        [&u32::try_from(body.len()).unwrap().to_be_bytes(), kind.as_slice(), body, &[0; 4]].concat()
    }

    #[test]
    fn a_photograph_loses_what_was_written_into_it_and_nothing_of_its_picture() {
        let jfif = segment(0xe0, b"JFIF\0\x01\x02\0\0\x01\0\x01\0\0");
        let picture =
            [segment(0xdb, b"table"), segment(0xda, b"head"), b"\x12\xff\0\x34\xff\xd0\x56".to_vec()]
                .concat();
        let second = [segment(0xda, b"more"), b"\x77".to_vec()].concat();
        let plain =
            [b"\xff\xd8".to_vec(), jfif.clone(), picture.clone(), second.clone(), b"\xff\xd9".to_vec()]
                .concat();
        let told = [
            b"\xff\xd8".to_vec(),
            jfif,
            segment(0xe1, b"Exif\0\0GPS 53.5N 2.2W"),
            segment(0xed, b"Photoshop 3.0\0by-line"),
            segment(0xfe, b"a comment"),
            picture,
            second,
            b"\xff\xd9and a film after the end".to_vec(),
        ]
        .concat();
        assert_eq!(jpeg_without_metadata(&told), Some(plain.clone()));
        assert_eq!(jpeg(&plain).cleaned, None);
        assert!(jpeg(&plain).hidden.is_empty() && !jpeg(&plain).unsearched.is_empty());
        for end in 0..told.len() {
            assert!(jpeg(&told[..end]).text.is_empty());
        }
        assert_eq!(jpeg(b"no picture").hidden.len(), 1);
    }

    #[test]
    fn a_photograph_stays_upright() {
        let told: [&[u8]; 2] = [
            b"Exif\0\0II*\0\x08\0\0\0\x02\0\x0f\x01\x02\0\x04\0\0\0Cam\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0",
            b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06me\0\0\0\0",
        ];
        let picture =
            |exif: &[u8]| [b"\xff\xd8".to_vec(), segment(0xe1, exif), b"\xff\xd9".to_vec()].concat();
        let upright = told.map(|exif| jpeg(&picture(exif)).cleaned.unwrap().bytes);
        assert_eq!(upright[0], upright[1]);
        assert_eq!(
            upright[0],
            picture(b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0")
        );
        assert_eq!(jpeg(&upright[0]).cleaned, None);
        for end in 0..told[0].len() {
            let cut = picture(told[0].get(..end).unwrap());
            assert!(jpeg(&cut).cleaned.is_some_and(|copy| copy.bytes.len() <= cut.len() + 36));
        }
    }

    #[test]
    fn a_drawing_loses_its_texts() {
        let plain =
            [PNG.to_vec(), chunk(b"IHDR", b"size"), chunk(b"IDAT", b"data"), chunk(b"IEND", b"")].concat();
        let told = [
            PNG.to_vec(),
            chunk(b"IHDR", b"size"),
            chunk(b"tEXt", b"Author\0Ryan Field"),
            chunk(b"eXIf", b"GPS"),
            chunk(b"IDAT", b"data"),
            chunk(b"IEND", b""),
            b"more".to_vec(),
        ]
        .concat();
        assert_eq!(png_without_metadata(&told), Some(plain));
        let mut huge = told;
        huge[PNG.len()..PNG.len() + 4].fill(0xff);
        assert_eq!(png_without_metadata(&huge), None);
    }
}
