//! The frame around every screen: the bar, the title and the notice.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::{Line, Span},
};
use unicode_width::UnicodeWidthStr as _;

use super::{App, POPUP_AFTER};
use crate::{
    flow::ExchangeState,
    keymap::{Context, TABLE},
    screens::{Place, cover},
    text,
    widgets::{
        paint::{Columns, Look, home, inset, put, put_all, span, split_top, window},
        safe_text::{self, cut, suspect, wrap},
    },
};

/// Below this a sentence is shown instead.
const LEAST: (u16, u16) = (60, 20);

impl App {
    /// Draws everything and gives where the cursor belongs.
    #[must_use]
    pub fn view(&self, area: Rect, buf: &mut Buffer) -> Position {
        buf.set_style(area, self.settings.theme.plain);
        let look = self.cx().look;
        if let Some(since) = &self.covered {
            return cover::view(look, since, area, buf);
        }
        if area.width < LEAST.0 || area.height < LEAST.1 {
            let text = "This window is smaller than 60 columns by 20 rows. Make it larger.";
            let lines: Vec<_> = wrap(text, usize::from(area.width)).into_iter().map(Line::from).collect();
            put_all(buf, area, &lines);
            return home(area);
        }
        let (top, rest) = split_top(area, 2);
        let (body, foot) = split_top(rest, rest.height - 2);
        self.bar(look, top, buf);
        let first = self.layers.iter().rposition(|layer| !layer.screen.face().is_box()).unwrap_or(0);
        let mut cursor = home(body);
        for layer in self.layers.iter().skip(first) {
            cursor = layer.screen.face().view(&self.cx(), body, buf);
        }
        self.notice(look, foot, buf);
        self.footer(look, foot, buf);
        if self.prefix.is_some_and(|at| at + POPUP_AFTER <= self.now) {
            self.popup(look, body, buf);
        }
        Self::net(buf);
        cursor
    }

    /// The last net: whatever a screen may have missed, no cell steers the terminal.
    fn net(buf: &mut Buffer) {
        for cell in &mut buf.content {
            let bad = |c: char| suspect(c) && !matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe0f}');
            if cell.symbol().chars().any(bad) {
                cell.set_symbol("?");
            }
        }
    }

    fn bar(&self, look: Look<'_>, area: Rect, buf: &mut Buffer) {
        let theme = look.theme;
        let room = usize::from(area.width);
        let Some(session) = &self.session else {
            put(buf, area, 0, &Columns::new(look, room).text(" Kith", theme.accent).line());
            return;
        };
        let here = self.layers.first().and_then(|layer| layer.screen.face().place());
        let places = [
            (Place::Today, "1 Today"),
            (Place::Concerns, "2 Concerns"),
            (Place::Cases, "3 Cases"),
            (Place::Actions, "4 Actions"),
            (Place::Exchange, "5 Exchange"),
        ];
        // Whose desk it is stays, and above all that it is a demo: the names go before it, and then those of the other places.
        let tabs = |whole: bool| {
            let name = |(place, name): (Place, &str)| match here == Some(place) {
                true => format!("[{name}]"),
                false if whole => format!(" {name} "),
                false => format!(" {} ", name.get(..1).unwrap_or_default()),
            };
            places.map(|place| (here == Some(place.0), name(place)))
        };
        let demo = if session.demo { "DEMO  " } else { "" };
        let (agency, user) = (&session.agency_name, &session.user.name);
        let whole = format!("{demo}{agency}  {user}");
        let ways = [
            (true, whole.clone()),
            (true, format!("{demo}{agency}")),
            (true, format!("{demo}{}", session.agency)),
            (false, whole),
            (false, format!("{demo}{agency}")),
            (false, format!("{demo}{}", session.agency)),
        ];
        let wide = |whole: bool| tabs(whole).iter().map(|(_, name)| name.width()).sum::<usize>() + 3;
        let found = ways.iter().find(|(whole, who)| wide(*whole) + safe_text::width(who) <= room);
        let (whole, who) = found.cloned().unwrap_or_else(|| (false, format!("{demo}{}", session.agency)));
        let mut line = Line::from(" ");
        for (here, name) in tabs(whole) {
            line.push_span(Span::styled(name, if here { theme.accent } else { theme.quiet }));
        }
        let left = room.saturating_sub(line.width() + 1);
        let who = cut(&who, left, look.glyphs.ellipsis);
        line.push_span(Span::raw(" ".repeat(left.saturating_sub(who.width()))));
        line.push_span(span(&who, theme.quiet));
        put(buf, area, 0, &line);
        self.title_line(look, area, buf);
    }

    fn title_line(&self, look: Look<'_>, area: Rect, buf: &mut Buffer) {
        let full = self.layers.iter().rev().find(|layer| !layer.screen.face().is_box());
        let Some((left, right)) = full.map(|layer| layer.screen.face().title(&self.cx())) else { return };
        let exchange = match &self.exchange {
            ExchangeState::Waiting { .. } => "EXCHANGE NOT REACHED  ",
            ExchangeState::Off | ExchangeState::Online => "",
        };
        let room = usize::from(area.width).saturating_sub(2);
        let collected = self.progress.as_ref().filter(|progress| progress.share.is_none());
        let collecting =
            collected.map_or(String::new(), |progress| format!("COLLECTING {}  ", text::progress(progress)));
        let right = format!("{exchange}{collecting}{right}");
        let right = right.trim_end();
        let kept = cut(&left, room.saturating_sub(right.width() + 2).max(room * 2 / 5), look.glyphs.ellipsis);
        let line = Columns::new(look, room).text(&kept, look.theme.strong).right(right, look.theme.plain);
        put(buf, inset(area, 1), 1, &line);
    }

    /// The rule above the footer carries the last message.
    fn notice(&self, look: Look<'_>, area: Rect, buf: &mut Buffer) {
        let theme = look.theme;
        let rule = look.glyphs.across;
        let room = usize::from(area.width);
        if self.notice.is_empty() {
            put(buf, area, 0, &Line::styled(rule.repeat(room), theme.quiet));
            return;
        }
        let more = "  g m: more";
        let whole = safe_text::width(&self.notice) + 4 <= room;
        let keep = if whole { room.saturating_sub(4) } else { room.saturating_sub(4 + more.len()) };
        let text = cut(&self.notice, keep, look.glyphs.ellipsis);
        let tail = if whole { "" } else { more };
        let fill = room.saturating_sub(text.width() + tail.len() + 3);
        let bad = ["Not ", "The draft could not"].iter().any(|start| self.notice.starts_with(start));
        let style = if bad { theme.warn } else { theme.strong };
        let line = Line::from(vec![
            Span::styled(format!("{rule} "), theme.quiet),
            Span::styled(text, style),
            Span::styled(tail, theme.quiet),
            Span::styled(format!(" {}", rule.repeat(fill)), theme.quiet),
        ]);
        put(buf, area, 0, &line);
    }

    /// What may follow `g`.
    fn popup(&self, look: Look<'_>, area: Rect, buf: &mut Buffer) {
        let rows: Vec<_> = TABLE.iter().filter(|binding| binding.context == Context::Go).collect();
        let high = u16::try_from(rows.len()).unwrap_or(8) + 2;
        let inner = window(buf, look, area, (34, high), "g: go to");
        for (y, binding) in (0..inner.height).zip(rows) {
            let keys: Vec<String> = binding.keys.iter().map(ToString::to_string).collect();
            let line = Columns::new(look, usize::from(inner.width))
                .cell(&keys.join(" "), 3, look.theme.accent)
                .rest(binding.label, look.theme.plain);
            put(buf, inner, y, &line);
        }
    }
}
