//! Copies of files that were made to break or to cost.

use super::{
    super::*,
    made::{SAID, body, hybrid, in_streams, objects, stream_of, text, versions, with_a_history},
};

#[test]
fn hostile_packing_costs_little_and_breaks_nothing() {
    let all = objects("");
    for whole in [in_streams(&all, SAID), hybrid(&all, SAID), with_a_history("")] {
        let mut broken = whole.clone();
        for at in 0..broken.len() {
            for bit in [0x01, 0x10, 0x2a] {
                broken[at] ^= bit;
                if let Some(copy) = afresh::written(&broken) {
                    assert!(afresh::written(&copy).is_some_and(|again| again == copy), "{at} {bit}");
                }
                broken[at] ^= bit;
            }
        }
        for end in 0..whole.len() {
            let _ = afresh::written(&whole[..end]);
        }
    }
}

/// Streams that are named again and again, in each other, or that unpack to too much.
#[test]
fn what_would_grow_without_end_gets_no_copy() {
    let itself = [(90, text("null")), (5, text("<<>>"))];
    let mut all = objects("/More 90 0 R");
    all.push((90, stream_of(&itself)));
    assert!(look(&versions(&[&all], SAID)).cleaned.is_some_and(|copy| !holds(&copy.bytes, b"ObjStm")));
    let bomb = vec![b' '; 65 << 20];
    all[10].1 = body("/Type /ObjStm /N 1 /First 5", "/Filter /FlateDecode", &bomb);
    assert!(look(&in_streams(&[(1, text("<< /A 2 0 R >>")), all[10].clone()], SAID)).cleaned.is_none());
    // One end that belongs to every object: a thousand times a megabyte would be read, or written.
    let long = "9".repeat(1 << 20);
    let comments = with_one_end(1000, &format!("\n%{long}\nnull endobj\n"), |_| "%".to_owned());
    assert!(afresh::written(&comments).is_none());
    for (count, goes) in [(8, true), (40, false)] {
        let whole = with_one_end(count, &format!("{long}endstream endobj\n"), |number| {
            let covered = (count - number) * 37 + long.len();
            format!("<</Length {covered:8}>>stream\n")
        });
        assert_eq!(afresh::written(&whole).is_some(), goes, "{count}");
    }
}

/// A file of which every object begins within the one before, and all end together.
fn with_one_end(count: usize, end: &str, begins: impl Fn(usize) -> String) -> Vec<u8> {
    let refs: String = (2..=count).map(|number| format!("{number} 0 R ")).collect();
    let mut file = format!("%PDF-1.4\n1 0 obj <</All [{refs}]>> endobj\n");
    let mut table = format!("xref\n1 {count}\n{:010} 00000 n \n", 9);
    for number in 2..=count {
        table.push_str(&format!("{:010} 00000 n \n", file.len()));
        file.push_str(&format!("{number:4} 0 obj{}", begins(number)));
    }
    file.push_str(end);
    format!("{file}{table}trailer << /Root 1 0 R >> startxref {} %%EOF", file.len()).into_bytes()
}
