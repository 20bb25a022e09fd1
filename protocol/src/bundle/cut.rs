//! A text cut at its marks: what stays, what is withheld, what is still to be decided.

use std::{collections::BTreeSet, ops::Range};

use super::{DraftSpan, Passage, Reason};

/// What becomes of a stretch of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    Withhold(Reason),
    /// Somebody must decide; until then it stays out.
    Undecided {
        suggested: Reason,
        because: String,
    },
}

/// Marks on one text, by bytes.
pub type Marks = Vec<(Range<usize>, Mark)>;

/// The text in spans. Of overlapping marks the one that lets less through counts.
pub(super) fn cut(text: &str, marks: &[(Range<usize>, Mark)]) -> Passage<DraftSpan> {
    let ends = marks.iter().flat_map(|(at, _)| [at.start, at.end]);
    let points: BTreeSet<usize> =
        ends.chain([0, text.len()]).filter(|at| text.is_char_boundary(*at)).collect();
    let points: Vec<usize> = points.into_iter().collect();
    let mut spans = Passage::new();
    let mut last = None;
    for pair in points.windows(2) {
        let [from, to] = pair else { continue };
        let covers = |(at, _): &&(Range<usize>, Mark)| at.start <= *from && *to <= at.end;
        let strongest = marks.iter().filter(covers).map(|(_, mark)| mark).min_by_key(|mark| weight(mark));
        push(&mut spans, text.get(*from..*to).unwrap_or_default(), strongest, last == Some(strongest));
        last = Some(strongest);
    }
    spans
}

const fn weight(mark: &Mark) -> u8 {
    match mark {
        Mark::Withhold(_) => 0,
        Mark::Undecided { .. } => 1,
    }
}

fn push(spans: &mut Passage<DraftSpan>, text: &str, mark: Option<&Mark>, goes_on: bool) {
    match (mark, spans.last_mut().filter(|_| goes_on)) {
        (_, Some(DraftSpan::Text(before) | DraftSpan::Undecided { text: before, .. })) => {
            before.push_str(text);
        }
        (_, Some(DraftSpan::Withheld(_))) => {}
        (None, None) => spans.push(DraftSpan::Text(text.to_owned())),
        (Some(Mark::Withhold(reason)), None) => spans.push(DraftSpan::Withheld(reason.clone())),
        (Some(Mark::Undecided { suggested, because }), None) => spans.push(DraftSpan::Undecided {
            text: text.to_owned(),
            suggested: suggested.clone(),
            because: because.clone(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> DraftSpan {
        DraftSpan::Text(text.into())
    }

    #[test]
    fn the_stricter_of_two_overlapping_marks_counts() {
        let undecided = |suggested| Mark::Undecided { suggested, because: "it is a name".into() };
        let marks =
            [(4..14, undecided(Reason::ThirdPartyChild)), (4..8, Mark::Withhold(Reason::NotRelevant))];
        let spans = cut("saw Ryan Field run", &marks);
        assert_eq!(spans[0], text("saw "));
        assert_eq!(spans[1], DraftSpan::Withheld(Reason::NotRelevant));
        assert!(matches!(&spans[2], DraftSpan::Undecided { text, .. } if text == " Field"));
        assert_eq!(spans[3], text(" run"));
        assert_eq!(cut("", &[]), []);
    }

    #[test]
    fn neighbours_with_the_same_reason_are_one_gap() {
        let marks =
            [(0..2, Mark::Withhold(Reason::NotRelevant)), (2..4, Mark::Withhold(Reason::NotRelevant))];
        assert_eq!(cut("abcde", &marks), [DraftSpan::Withheld(Reason::NotRelevant), text("e")]);
    }
}
