//! Every colour. A style never says anything that a word or a sign beside it does not say too.

use ratatui::style::{Color, Modifier, Style};

/// The styles a screen may use, by meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    pub plain: Style,
    /// Names and what the eye should find first.
    pub strong: Style,
    /// What stands back: rules, times, hints.
    pub quiet: Style,
    /// Headings and the place one is in.
    pub accent: Style,
    /// Immediate danger, refusals.
    pub danger: Style,
    /// Late, undecided, unverified.
    pub warn: Style,
    /// Done, verified.
    pub good: Style,
    /// The selected row of the pane that has the keys.
    pub selected: Style,
    /// A stretch of text that is withheld or chosen.
    pub marked: Style,
}

impl Theme {
    /// The terminal's own sixteen colours on its own background.
    #[must_use]
    pub const fn terminal() -> Self {
        let plain = Style::new();
        Self {
            plain,
            strong: plain.add_modifier(Modifier::BOLD),
            quiet: plain.add_modifier(Modifier::DIM),
            accent: plain.fg(Color::Cyan).add_modifier(Modifier::BOLD),
            danger: plain.fg(Color::Red).add_modifier(Modifier::BOLD),
            warn: plain.fg(Color::Yellow),
            good: plain.fg(Color::Green),
            selected: plain.add_modifier(Modifier::REVERSED),
            marked: plain.add_modifier(Modifier::UNDERLINED.union(Modifier::BOLD)),
        }
    }

    /// No colour at all: weight and reverse only (`NO_COLOR`).
    #[must_use]
    pub const fn mono() -> Self {
        let plain = Style::new();
        let bold = plain.add_modifier(Modifier::BOLD);
        Self { accent: bold, danger: bold, warn: bold, good: plain, ..Self::terminal() }
    }

    /// White on black, nothing dimmed.
    #[must_use]
    pub const fn high_contrast() -> Self {
        let plain = Style::new().fg(Color::White).bg(Color::Black);
        let bold = plain.add_modifier(Modifier::BOLD);
        Self {
            plain,
            strong: bold,
            quiet: plain,
            accent: bold.add_modifier(Modifier::UNDERLINED),
            danger: bold.fg(Color::LightYellow),
            warn: plain.fg(Color::LightYellow),
            good: plain,
            selected: Style::new().fg(Color::Black).bg(Color::White).add_modifier(Modifier::BOLD),
            marked: bold.add_modifier(Modifier::UNDERLINED),
        }
    }
}

/// The signs that lines, gaps and cuts are drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glyphs {
    pub across: &'static str,
    pub down: &'static str,
    pub corners: [&'static str; 4],
    pub ellipsis: &'static str,
    pub arrow: &'static str,
    /// From empty to full.
    pub bars: [&'static str; 9],
}

impl Glyphs {
    /// Line drawing and blocks, for UTF-8 locales.
    pub const UNICODE: Self = Self {
        across: "─",
        down: "│",
        corners: ["╭", "╮", "╰", "╯"],
        ellipsis: "…",
        arrow: "→",
        bars: [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
    };
    /// Below 0x80 only.
    pub const ASCII: Self = Self {
        across: "-",
        down: "|",
        corners: ["+", "+", "+", "+"],
        ellipsis: "...",
        arrow: "->",
        bars: [" ", ".", ".", ":", ":", "+", "+", "#", "#"],
    };
}
