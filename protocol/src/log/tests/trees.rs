use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

/// The leaves and roots of the tests of Certificate Transparency (`transparency-dev/merkle`, `testonly`).
const LEAVES: [&[u8]; 8] = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
];
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn published() -> Memory {
    Memory::of(LEAVES)
}

fn digests(hex: &[&str]) -> Vec<Digest> {
    hex.iter().map(|hash| hash.parse().unwrap()).collect()
}

#[test]
fn the_published_roots_come_out() {
    let memory = published();
    for (size, root) in (0..).zip(ROOTS) {
        assert_eq!(memory.root(size).to_string(), root, "{size}");
    }
}

#[test]
fn the_published_proofs_of_a_leaf_come_out_and_hold() {
    let memory = published();
    let inclusion: [(u64, u64, &[&str]); 4] = [
        (0, 1, &[]),
        (2, 3, &["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
        (
            1,
            5,
            &[
                "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        ),
        (
            5,
            8,
            &[
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
    ];
    for (index, size, hashes) in inclusion {
        let path = memory.at(size).inclusion(index).unwrap();
        assert_eq!(path.hashes(), digests(hashes), "leaf {index} of {size}");
        let leaf = leaf_hash(LEAVES[usize::try_from(index).unwrap()]);
        assert_eq!(path.verify(leaf, index, size, &memory.root(size)), Ok(()));
    }
}

#[test]
fn the_published_proofs_of_growth_come_out_and_hold() {
    let memory = published();
    let consistency: [(u64, u64, &[&str]); 4] = [
        (1, 1, &[]),
        (
            1,
            8,
            &[
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            6,
            8,
            &[
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
        (
            2,
            5,
            &[
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        ),
    ];
    for (old, size, hashes) in consistency {
        let growth = memory.at(size).growth_from(old).unwrap();
        assert_eq!(growth.hashes(), digests(hashes), "{old} to {size}");
        assert_eq!(growth.verify(old, &memory.root(old), size, &memory.root(size)), Ok(()));
    }
}

#[test]
fn every_proof_of_every_small_log_holds_and_for_no_other_place() {
    let memory = Memory::counting(34);
    for size in 0..=memory.size {
        let (tree, root) = (memory.at(size), memory.root(size));
        for index in 0..size {
            let path = tree.inclusion(index).unwrap();
            for other in 0..=size {
                let holds = path.verify(numbered(index), other, size, &root).is_ok();
                assert_eq!(holds, other == index, "leaf {index} of {size} at {other}");
            }
        }
        for old in 0..=size {
            let growth = tree.growth_from(old).unwrap();
            for other in 0..=size {
                let holds = growth.verify(other, &memory.root(other), size, &root).is_ok();
                let told = other == old || (growth.hashes().is_empty() && (other == 0 || other == size));
                assert_eq!(holds, told, "{old} of {size} as {other}");
            }
        }
        assert_eq!(tree.inclusion(size), Err(OutOfRange { asked: size, size }.into()));
        assert!(tree.growth_from(size + 1).is_err());
    }
}

#[test]
fn a_large_log_is_appended_to_and_proven_with_a_few_reads() {
    // Only the hashes on the right edge of a million leaves are ever asked for.
    let size = 1_000_000;
    let reads = RefCell::new(Vec::new());
    let tree = Tree::new(size, |node: Node| {
        reads.borrow_mut().push(node);
        Ok::<_, Infallible>(numbered(node.index))
    })
    .unwrap();
    let count = |what: &dyn Fn()| {
        what();
        reads.take().len()
    };
    assert!(count(&|| _ = tree.append(numbered(0)).unwrap()) <= 20);
    assert!(count(&|| _ = tree.root().unwrap()) <= 20);
    for old in [1, 2, 999_999, 524_288, 524_287, 333_333] {
        assert!(count(&|| _ = tree.growth_from(old).unwrap()) <= 40, "{old}");
        assert!(count(&|| _ = tree.inclusion(old).unwrap()) <= 40, "{old}");
    }
}

#[test]
fn sizes_beyond_what_a_checkpoint_says_are_refused() {
    let nothing = |_: Node| Ok::<_, Infallible>(numbered(0));
    assert!(Tree::new(MAX_SIZE + 1, nothing).is_err());
    assert!(Tree::new(MAX_SIZE, nothing).unwrap().append(numbered(0)).is_err());
    assert!(Tree::new(MAX_SIZE, nothing).unwrap().inclusion(MAX_SIZE - 1).is_ok());
    let path = Path::new(vec![numbered(0); MAX_HASHES]);
    assert!(path.verify(numbered(0), u64::MAX - 1, u64::MAX, &numbered(0)).is_err());
    let growth = Growth::new(vec![numbered(0); MAX_HASHES]);
    assert!(growth.verify(u64::MAX - 1, &numbered(0), u64::MAX, &numbered(0)).is_err());
}

#[test]
fn proofs_read_back_from_their_text_and_nothing_else_does() {
    let path = published().at(8).inclusion(5).unwrap();
    let text = serde_json::to_string(&path).unwrap();
    assert_eq!(serde_json::from_str::<Path>(&text).unwrap(), path);
    for bad in ["\"AA==\"", "\"?\"", "\"A\"", "[]"] {
        assert!(serde_json::from_str::<Path>(bad).is_err(), "{bad}");
    }
    let long = String::from(Growth::new(vec![numbered(1); MAX_HASHES + 1]));
    assert_eq!(Path::try_from(long), Err(PathError::Unreadable));
}

#[test]
fn what_many_leaves_share_is_told_once() {
    let memory = Memory::counting(1000);
    let leaves: BTreeSet<u64> = (500..600).collect();
    let many = memory.at(1000).inclusion_of(&leaves).unwrap();
    assert!(many.hashes().len() <= 14, "{}", many.hashes().len());
    let all: BTreeSet<u64> = (0..1000).collect();
    assert!(memory.at(1000).inclusion_of(&all).unwrap().hashes().is_empty());
    let none = memory.at(1000).inclusion_of(&BTreeSet::new()).unwrap();
    assert_eq!(none.verify(&BTreeMap::new(), 1000, &memory.root(1000)), Err(PathError::OutOfRange));
    assert_eq!(Many::from_bytes(&many.to_bytes()), Ok(many));
    assert_eq!(Many::from_bytes(&[0; 33]), Err(PathError::Unreadable));
}

/// A log of up to 300 leaves and some of them.
fn log_and_leaves() -> impl Strategy<Value = (u64, BTreeSet<u64>)> {
    (1_u64..300).prop_flat_map(|size| (Just(size), prop::collection::btree_set(0..size, 1..20)))
}

/// One hash with one bit turned.
fn flipped(hashes: &[Digest], at: usize, bit: usize) -> Vec<Digest> {
    let mut bytes: Vec<[u8; 32]> = hashes.iter().map(|hash| *hash.as_bytes()).collect();
    let place = at % bytes.len();
    bytes[place][bit / 8] ^= 1 << (bit % 8);
    bytes.into_iter().map(Digest::from_bytes).collect()
}

proptest! {
    #[test]
    fn a_proof_of_many_holds_for_these_leaves_alone(
        (size, leaves) in log_and_leaves(), which in any::<prop::sample::Index>(), bit in 0_usize..256,
    ) {
        let memory = Memory::counting(size);
        let root = memory.root(size);
        let many = memory.at(size).inclusion_of(&leaves).unwrap();
        let proven: BTreeMap<u64, Digest> = leaves.iter().map(|n| (*n, numbered(*n))).collect();
        prop_assert_eq!(many.verify(&proven, size, &root), Ok(()));

        let one = *which.get(&leaves.iter().copied().collect::<Vec<_>>());
        let mut other = proven.clone();
        other.insert(one, numbered(size + 1));
        prop_assert_eq!(many.verify(&other, size, &root), Err(PathError::OtherRoot));
        let mut fewer = proven.clone();
        fewer.remove(&one);
        prop_assert!(many.verify(&fewer, size, &root).is_err());
        if let Some(place) = (0..size).find(|n| !leaves.contains(n)) {
            let mut moved = proven.clone();
            let leaf = moved.remove(&one).unwrap();
            moved.insert(place, leaf);
            prop_assert!(many.verify(&moved, size, &root).is_err());
        }
        if !many.hashes().is_empty() {
            let bent = Many::new(flipped(many.hashes(), which.index(many.hashes().len()), bit));
            prop_assert_eq!(bent.verify(&proven, size, &root), Err(PathError::OtherRoot));
            let cut = Many::new(many.hashes()[1..].to_vec());
            prop_assert!(cut.verify(&proven, size, &root).is_err());
        }
        let more = Many::new([many.hashes(), &[root]].concat());
        prop_assert_eq!(more.verify(&proven, size, &root), Err(PathError::Length(many.hashes().len() + 1)));
    }

    #[test]
    fn a_bent_or_cut_proof_does_not_hold(
        size in 2_u64..300, which in any::<prop::sample::Index>(), bit in 0_usize..256,
    ) {
        let memory = Memory::counting(size);
        let (index, root) = (which.index(usize::try_from(size).unwrap()) as u64, memory.root(size));
        let path = memory.at(size).inclusion(index).unwrap();
        prop_assert_eq!(path.verify(numbered(index), index, size, &root), Ok(()));
        let bent = Path::new(flipped(path.hashes(), which.index(64), bit));
        prop_assert_eq!(bent.verify(numbered(index), index, size, &root), Err(PathError::OtherRoot));
        let cut = Path::new(path.hashes()[1..].to_vec());
        prop_assert!(cut.verify(numbered(index), index, size, &root).is_err());
        prop_assert!(path.verify(numbered(index + 1), index, size, &root).is_err());

        let old = index.max(1);
        let growth = memory.at(size).growth_from(old).unwrap();
        prop_assert_eq!(growth.verify(old, &memory.root(old), size, &root), Ok(()));
        prop_assert!(growth.verify(old, &numbered(0), size, &numbered(1)).is_err());
        let bent = Growth::new(flipped(growth.hashes(), which.index(64), bit));
        prop_assert!(bent.verify(old, &memory.root(old), size, &root).is_err());
        let cut = Growth::new(growth.hashes()[1..].to_vec());
        prop_assert!(cut.verify(old, &memory.root(old), size, &root).is_err());
    }

    #[test]
    fn a_log_that_was_rewritten_does_not_show_growth(size in 2_u64..200, at in any::<prop::sample::Index>()) {
        let memory = Memory::counting(size);
        let changed = at.index(usize::try_from(size - 1).unwrap()) as u64;
        let mut rewritten = Memory::default();
        (0..size).for_each(|n| rewritten.append(numbered(if n == changed { size } else { n })));
        let old = size - 1;
        let growth = rewritten.at(size).growth_from(old).unwrap();
        let verdict = growth.verify(old, &memory.root(old), size, &rewritten.root(size));
        prop_assert!(verdict.is_err());
    }
}
