//! The last line: the keys that matter here, made from the key table, always ending in the way back and to all of them.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};
use unicode_width::UnicodeWidthStr as _;

use super::App;
use crate::{
    action::Action,
    keymap::{self, Binding, Context, Key},
    widgets::{
        paint::{Look, put},
        safe_text::{cut, safe},
    },
};

/// A blocked key is named up to this place in the footer.
const PRIMARY: u8 = 3;
/// A reason shorter than this says nothing.
const LEAST_REASON: usize = 12;

impl App {
    /// What works first, by rank; then what does not yet, dim, with its reason; then whatever else fits.
    pub(super) fn footer(&self, look: Look<'_>, area: Rect, buf: &mut Buffer) {
        let contexts = self.contexts();
        let typing = self.top().is_some_and(|screen| screen.face().typing());
        let (all, now) = (keymap::usable(&contexts), |binding: &&Binding| self.why_not(binding).is_none());
        let key = |binding: &Binding| binding.keys.iter().find(|key| !(typing && key.types())).copied();
        let mut ranked: Vec<_> =
            all.iter().copied().filter(|one| one.hint > 0 && self.fits_here(one)).collect();
        ranked.sort_by_key(|binding| binding.hint);
        let more = || all.iter().copied().filter(|one| one.hint == 0 && fills(one) && self.fits_here(one));

        let back =
            all.iter().copied().find(|one| one.keys.contains(&Key::Esc) && self.why_not(one).is_none());
        let mut ends = Vec::new();
        ends.extend(back.map(|binding| (Key::Esc.to_string(), binding.label)));
        ends.push((if typing { "F1" } else { "?" }.to_owned(), "all keys"));
        let kept: usize = ends.iter().map(|(key, label)| wide(key, label)).sum();
        let mut room = usize::from(area.width).saturating_sub(kept + 1);
        let mut line = Line::from(" ");
        let hint = |line: &mut Line<'static>, room: &mut usize, binding: &Binding| {
            let Some(key) = key(binding).filter(|key| *key != Key::Esc).map(|key| key.to_string()) else {
                return;
            };
            let wide = wide(&key, binding.label);
            if wide <= *room {
                *room -= wide;
                push(look, line, &key, binding.label);
            }
        };
        let own = |one: &&&Binding| one.context != Context::Global;
        ranked.iter().filter(own).filter(|one| now(one)).for_each(|one| hint(&mut line, &mut room, one));
        let aside = [Context::Global, Context::List, Context::Reading];
        for binding in ranked.iter().filter(|one| one.hint <= PRIMARY && !aside.contains(&one.context)) {
            if let (Some(why), Some(key)) = (self.why_not(binding), key(binding)) {
                blocked(look, &mut line, &mut room, &format!("{key} {}: ", binding.label), &why);
            }
        }
        let anywhere = ranked.iter().filter(|one| one.context == Context::Global);
        anywhere.filter(|one| now(one)).for_each(|one| hint(&mut line, &mut room, one));
        more().filter(now).for_each(|one| hint(&mut line, &mut room, one));
        for (key, label) in &ends {
            push(look, &mut line, key, label);
        }
        put(buf, area, 1, &line);
    }

    /// Has the key to do with what one is at? What begins something else is not offered in the middle of it.
    fn fits_here(&self, binding: &Binding) -> bool {
        if binding.context != Context::Global {
            return true;
        }
        let boxed = self.top().is_some_and(|screen| screen.face().is_box());
        let errand = self.contexts().iter().any(|context| context.is_errand());
        let elsewhere = matches!(binding.action, Action::NewConcern | Action::Find | Action::Palette);
        !(boxed || errand && elsewhere)
    }
}

/// Worth a place that is left: moving about is not, nor the places that the bar names.
fn fills(binding: &Binding) -> bool {
    match binding.context {
        Context::List | Context::Reading | Context::Menu | Context::Filter => false,
        Context::Global => {
            matches!(
                binding.action,
                Action::NextPane | Action::NextTab | Action::Zoom | Action::Undo | Action::Palette
            )
        }
        _ => !matches!(binding.action, Action::Up | Action::Down | Action::Back | Action::Help),
    }
}

fn wide(key: &str, label: &str) -> usize {
    key.len() + label.len() + 3
}

fn push(look: Look<'_>, line: &mut Line<'static>, key: &str, label: &str) {
    line.push_span(Span::styled(key.to_owned(), look.theme.strong));
    line.push_span(Span::styled(format!(" {label}  "), look.theme.quiet));
}

/// A key that does nothing yet, and why.
fn blocked(look: Look<'_>, line: &mut Line<'static>, room: &mut usize, key: &str, why: &str) {
    let why = safe(why);
    let fits = why.width().min(room.saturating_sub(key.len() + 2));
    if fits < why.width().min(LEAST_REASON) {
        return;
    }
    let text = format!("{key}{}  ", cut(&why, fits, look.glyphs.ellipsis));
    *room = room.saturating_sub(text.width());
    line.push_span(Span::styled(text, look.theme.quiet));
}
