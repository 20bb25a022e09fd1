//! Letters put together to words and lines by where they stand.

use std::{cmp::Ordering, rc::Rc};

use super::place::Spot;

/// From where on a gap is a blank, in ems.
const BLANK: f64 = 0.18;
/// How far letters of one line may stand above each other, in ems.
const LEVEL: f64 = 0.5;
/// How much letters may lie over each other, as a part of the narrower: kerning and slants do.
const OVER: f64 = 0.5;
/// Widest regular gap between the letters of spaced words, in ems.
const MAX_TRACK: f64 = 1.0;
/// From how many gaps on they may be regular.
const MIN_GAPS: usize = 4;
/// What stands further apart, in ems, is not put together again.
const APART: f64 = 1.0;
/// Most letters of one line.
const MAX_LINE: usize = 4096;
/// Most letters that are kept to put lines together that were drawn in pieces.
const MAX_KEPT: usize = 200_000;

#[derive(Debug, Clone)]
struct Letter {
    text: Rc<str>,
    /// Along the way of its line.
    from: f64,
    to: f64,
    em: f64,
    /// Which of the lines it was drawn in.
    line: usize,
}

/// Letters that were drawn one after the other on one line.
#[derive(Debug)]
struct Line {
    way: (f64, f64),
    /// How high above the page's zero.
    level: f64,
    last: Spot,
    letters: Vec<Letter>,
}

/// The text of what is drawn.
#[derive(Debug, Default)]
pub(super) struct Lines {
    text: String,
    line: Option<Line>,
    done: Vec<Line>,
    kept: usize,
}

impl Lines {
    pub(super) fn put(&mut self, text: Rc<str>, spot: Spot) {
        let goes_on = self.line.as_ref().is_some_and(|line| line.goes_on(spot));
        if !goes_on {
            self.end();
        }
        let at = self.done.len();
        let line = self.line.get_or_insert_with(|| Line::at(spot));
        line.put(text, spot, at);
    }

    fn end(&mut self) {
        let Some(line) = self.line.take() else { return };
        self.text.push_str(&line.text());
        self.text.push('\n');
        self.kept = self.kept.saturating_add(line.letters.len());
        if self.kept <= MAX_KEPT {
            self.done.push(line);
        }
    }

    /// In the order in which it was drawn, each line from one side to the other; then lines drawn in pieces, whole.
    pub(super) fn finish(mut self) -> String {
        self.end();
        let mut done = self.done;
        let facing = |line: &Line| [line.way.0, line.way.1].map(|part| (part * 8.0).round() + 0.0);
        let order = |one: &Line, other: &Line| {
            let [a, b] = [facing(one), facing(other)];
            let ways = a.iter().zip(&b).map(|(a, b)| a.total_cmp(b)).find(|order| order.is_ne());
            ways.unwrap_or(Ordering::Equal).then(one.level.total_cmp(&other.level))
        };
        done.sort_by(order);
        let level = |one: &Line, other: &Line| {
            facing(one) == facing(other)
                && (one.level - other.level).abs() <= LEVEL / 2.0 * one.last.em.min(other.last.em)
        };
        for pieces in done.chunk_by(level).filter(|pieces| pieces.len() > 1) {
            let letters = pieces.iter().flat_map(|line| line.letters.iter().cloned()).collect();
            for whole in put_together(letters) {
                self.text.push_str(&text(&whole));
                self.text.push('\n');
            }
        }
        self.text
    }
}

impl Line {
    const fn at(spot: Spot) -> Self {
        Self { way: spot.way, level: across(spot.from, spot.way), last: spot, letters: Vec::new() }
    }

    fn goes_on(&self, next: Spot) -> bool {
        let last = self.last;
        let moved = (next.from.0 - last.to.0, next.from.1 - last.to.1);
        let em = last.em.min(next.em);
        // What stands nowhere, as it is squeezed to nothing, goes on.
        let elsewhere = along(last.way, next.way) < 0.9 || across(moved, last.way).abs() > LEVEL * em;
        !elsewhere && self.letters.len() < MAX_LINE
    }

    fn put(&mut self, text: Rc<str>, spot: Spot, line: usize) {
        let (from, to) = (along(spot.from, self.way), along(spot.to, self.way));
        let again = self.letters.last().is_some_and(|last| {
            last.text == text && (last.from - from).abs() < 0.1 * spot.em && !text.trim().is_empty()
        });
        self.last = spot;
        if !again {
            self.letters.push(Letter { text, from, to, em: spot.em, line });
        }
    }

    /// Drawn out of order it is put in order, unless letters lie over each other.
    fn text(&self) -> String {
        let behind = |pair: &[Letter], by: f64| matches!(pair, [one, next] if next.from < by.mul_add(-one.em, one.from));
        let leftwards = self.letters.iter().any(|one| one.text.contains(is_leftwards));
        if leftwards || !self.letters.windows(2).any(|pair| behind(pair, 0.05)) {
            return text(&self.letters);
        }
        let mut sorted = self.letters.clone();
        sorted.sort_by(|one, other| one.from.total_cmp(&other.from));
        if !sorted.windows(2).any(lie_over) {
            return text(&sorted);
        }
        let runs = self.letters.chunk_by(|one, next| next.from >= 0.3_f64.mul_add(-one.em, one.from));
        runs.map(text).collect::<Vec<_>>().join("\n")
    }
}

/// Stretches of one line of which not all was drawn in one go, from the one side to the other.
fn put_together(mut letters: Vec<Letter>) -> Vec<Vec<Letter>> {
    letters.sort_by(|one, other| one.from.total_cmp(&other.from));
    let near = |one: &Letter, next: &Letter| next.from - one.to <= APART * one.em.min(next.em);
    let stretches = letters.chunk_by(near).filter(|stretch| {
        let pieces = stretch.windows(2).any(|pair| matches!(pair, [one, next] if one.line != next.line));
        pieces && !stretch.windows(2).any(lie_over)
    });
    stretches.map(<[Letter]>::to_vec).collect()
}

fn lie_over(pair: &[Letter]) -> bool {
    let [one, next] = pair else { return false };
    let narrower = (one.to - one.from).min(next.to - next.from);
    one.to - next.from > OVER * narrower + 0.05 * one.em
}

fn text(letters: &[Letter]) -> String {
    let track = track(letters);
    let mut text = String::new();
    let mut last: Option<&Letter> = None;
    for one in letters {
        let gap = last.is_some_and(|last| one.from - last.to > (BLANK + track) * last.em.min(one.em));
        if gap && !text.ends_with(char::is_whitespace) && !one.text.starts_with(char::is_whitespace) {
            text.push(' ');
        }
        text.push_str(&one.text);
        last = Some(one);
    }
    text
}

/// How far apart letters stand in words that are spaced, in ems; nothing where the gaps are not regular.
fn track(letters: &[Letter]) -> f64 {
    let is_blank = |one: &Letter| one.text.trim().is_empty();
    let gaps = letters.windows(2).filter_map(|pair| match pair {
        [one, next] if !is_blank(one) && !is_blank(next) => Some((next.from - one.to) / one.em.min(next.em)),
        _ => None,
    });
    let mut gaps: Vec<f64> = gaps.filter(|gap| gap.is_finite()).collect();
    gaps.sort_by(f64::total_cmp);
    let (Some(quarter), Some(half)) = (gaps.get(gaps.len() / 4), gaps.get(gaps.len() / 2)) else {
        return 0.0;
    };
    let regular = gaps.len() >= MIN_GAPS && half - quarter < 0.15 && *quarter <= MAX_TRACK;
    if regular { quarter.max(0.0) } else { 0.0 }
}

const fn along(at: (f64, f64), way: (f64, f64)) -> f64 {
    at.0 * way.0 + at.1 * way.1
}

const fn across(at: (f64, f64), way: (f64, f64)) -> f64 {
    at.1 * way.0 - at.0 * way.1
}

/// Of a script that is written from right to left.
const fn is_leftwards(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}')
}
