//! The strip of months: how much was recorded when, and the longest gap in words.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use crate::{casework::query::Month, screens::Cx, widgets::paint::put};

const NAMES: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Draws the months that fit, the latest last, with their counts below; the month of the selected entry in brackets.
pub(super) fn view(months: &[Month], here: Option<(i16, i8)>, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
    let gap = longest_gap(months);
    let room = usize::from(area.width).saturating_sub(gap.len() + 4);
    let all = every_month(months);
    let shown = all.get(all.len().saturating_sub(room / 5)..).unwrap_or_default();
    let (mut names, mut counts) = (Line::from(" "), Line::from(" "));
    for (year, month, entries) in shown {
        let name = NAMES.get(usize::try_from(month - 1).unwrap_or(0)).copied().unwrap_or("");
        let chosen = here == Some((*year, *month));
        let name = if chosen { format!("[{name}]") } else { format!(" {name} ") };
        let style = if chosen { cx.look.theme.accent } else { cx.look.theme.quiet };
        names.push_span(Span::styled(name, style));
        let count = if *entries == 0 { "  -  ".to_owned() } else { format!("{entries:^5}") };
        counts.push_span(Span::styled(
            count,
            if *entries == 0 { cx.look.theme.warn } else { cx.look.theme.plain },
        ));
    }
    names.push_span(Span::styled(format!("  {gap}"), cx.look.theme.warn));
    put(buf, area, 0, &names);
    put(buf, area, 1, &counts);
}

/// Each month from the first to the last with events, those without any too.
fn every_month(months: &[Month]) -> Vec<(i16, i8, u32)> {
    let mut out: Vec<(i16, i8, u32)> = Vec::new();
    let mut sorted: Vec<&Month> = months.iter().collect();
    sorted.sort_unstable_by_key(|month| (month.year, month.month));
    for month in sorted {
        while let Some((year, before, _)) = out.last().copied() {
            let next = if before == 12 { (year.saturating_add(1), 1) } else { (year, before + 1) };
            // A gap of many years is named in words; the strip need not draw it month by month.
            if next >= (month.year, month.month) || out.len() > 600 {
                break;
            }
            out.push((next.0, next.1, 0));
        }
        out.push((month.year, month.month, month.events));
    }
    out
}

/// `nothing in Dec, Jan` when whole months are empty.
fn longest_gap(months: &[Month]) -> String {
    let all = every_month(months);
    let longest = all
        .chunk_by(|a, b| (a.2 == 0) == (b.2 == 0))
        .filter(|run| run.first().is_some_and(|m| m.2 == 0))
        .max_by_key(|run| run.len());
    let name = |(year, month, _): &(i16, i8, u32)| {
        format!("{} {year}", NAMES.get(usize::try_from(month - 1).unwrap_or(0)).copied().unwrap_or(""))
    };
    match longest {
        None => String::new(),
        Some([one]) => format!("nothing in {}", name(one)),
        Some(run) => match (run.first(), run.last()) {
            (Some(from), Some(to)) => format!("nothing from {} to {}", name(from), name(to)),
            _ => String::new(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::casework::{ids::FactId, query::EventKey};

    #[test]
    fn empty_months_stand_in_the_strip_and_the_longest_gap_is_named() {
        let month = |year, month, events| {
            let at = jiff::civil::date(year, month, 1).at(0, 0, 0, 0);
            let first = EventKey { at, id: FactId { device: 1, seq: 1 } };
            Month { year, month, events, significant: 0, first }
        };
        let months = [month(2024, 11, 2), month(2025, 2, 3), month(2025, 3, 1)];
        let strip: Vec<u32> = every_month(&months).into_iter().map(|(.., n)| n).collect();
        assert_eq!(strip, [2, 0, 0, 3, 1]);
        assert_eq!(longest_gap(&months), "nothing from Dec 2024 to Jan 2025");
        assert_eq!(longest_gap(&months[1..]), "");
    }
}
