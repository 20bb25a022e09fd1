//! What is withheld or forbidden is in no byte that leaves.

use std::io::Read as _;

use proptest::prelude::*;

use super::{super::*, World, fixture::*};
use crate::{consent::Refusal, seal::open_with};

pub(super) fn opened_bytes(world: &World, file: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    open_with(std::slice::from_ref(&world.police), file).unwrap().read_to_end(&mut plain).unwrap();
    plain
}

pub(super) fn holds(bytes: &[u8], needle: &str) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle.as_bytes())
}

#[test]
fn forbidden_texts_are_found_wherever_they_stand() {
    let world = World::new();
    let address = "4, heron  walk NS37QT";
    type Put = (&'static str, fn(&mut Draft, &str));
    let places: [Put; 12] = [
        ("letter, why", |draft, text| draft.letter.why = text.into()),
        ("letter, subject", |draft, text| draft.letter.subject = text.into()),
        ("letter, asked, what", |draft, text| draft.letter.asked.what = text.into()),
        ("letter, ring, out of hours", |draft, text| draft.letter.ring.out_of_hours = Some(text.into())),
        ("consent, safeguarding, childs view", |draft, text| {
            draft.consent.safeguarding.childs_view = text.into();
        }),
        ("consent, pii controllers 1, address", |draft, text| {
            draft.consent.pii_controllers[0].address = text.into();
        }),
        ("children 1, also known as", |draft, text| draft.children[0].also_known_as = vec![text.into()]),
        ("records 1, source, role", |draft, t| draft.records[0].source.role = text(t)),
        ("records 1, people 2, relation", |draft, t| draft.records[0].people[1].relation = text(t)),
        ("records 2, statements 1, text", |draft, t| draft.records[1].statements[0].text = text(t)),
        ("records 2, told", |draft, t| draft.records[1].told = text(t)),
        ("to, name", |draft, text| draft.to.name = text.into()),
    ];
    for (place, put) in places {
        let mut draft = draft();
        put(&mut draft, &format!("please see {address} for this"));
        let told = world.clear(draft).unwrap_err();
        let why = "the aunt's protected address".to_owned();
        let [Refusal::ForbiddenLeftIn { place: said, why: reason }] = &told[..] else {
            panic!("{place}: {told:?}")
        };
        assert!(said.starts_with(place) && *reason == why, "{place}: {said}");
        let withheld = told[0].remedy().contains("Withhold it there");
        assert_eq!(withheld, place.starts_with("records"), "nothing else can be withheld: {}", told[0]);
    }
    let mut world = World::new();
    let mut draft = world.draft();
    draft.attachments[0].name = format!("{address}.jpg");
    assert!(matches!(world.clear(draft).unwrap_err()[..], [Refusal::ForbiddenLeftIn { .. }]));
}

#[test]
fn neither_needles_nor_undecided_texts_reach_the_file() {
    let mut world = World::new();
    let draft = world.draft();
    let (sealed, file) = world.seal(draft);
    let plain = opened_bytes(&world, &file);
    for needle in ["Heron", "NS3 7QT", "Lena", "Marsh", "protected address"] {
        assert!(!holds(&plain, needle) && !sealed.document().contains(needle), "{needle}");
    }
    assert!(holds(&plain, "Craig grabbed me because I spilled it."));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// However a narrative is cut: cleared and sealed, no forbidden text is in it; with one in it, it is not cleared.
    #[test]
    fn nothing_forbidden_ever_leaves(
        parts in prop::collection::vec((".{0,12}", 0..4_u8), 1..6),
        needle in "[A-Z][a-z]{3,9} [A-Z][a-z]{3,9}",
        spoken in any::<bool>(),
    ) {
        let mut world = World::new();
        let mut draft = world.draft();
        draft.forbidden = vec![Forbidden { needle: needle.clone(), why: "a name".into(), always: false }];
        let mut spans: Vec<_> = parts
            .into_iter()
            .map(|(text, kind)| match kind {
                0 => DraftSpan::Withheld(Reason::ThirdPartyAdult),
                1 if spoken => DraftSpan::Text(format!("{text} {needle} {text}")),
                _ => DraftSpan::Text(text),
            })
            .collect();
        spans.push(DraftSpan::Text(" ".into()));
        let left_in = spans.iter().any(|span| matches!(span, DraftSpan::Text(text) if text.contains(&needle)));
        draft.records[0].statements[0].text = spans;
        match world.clear(draft.clone()) {
            Ok(_) => {
                prop_assert!(!left_in);
                let (_, file) = world.seal(draft);
                prop_assert!(!holds(&opened_bytes(&world, &file), &needle));
                prop_assert!(world.open(None, &file, &mut Kept::default()).is_ok());
            }
            Err(told) => {
                let only = told.iter().all(|one| matches!(one, Refusal::ForbiddenLeftIn { .. }));
                prop_assert!(only, "{told:?}");
            }
        }
    }
}
