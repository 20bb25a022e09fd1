//! What holds on every screen.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use proptest::prelude::*;
use ratatui::layout::Rect;

use super::{
    answers::session,
    world::{World, settings},
};
use crate::{
    action::Action,
    app::{App, Effect, Input},
    flow::{Event, Request, Session},
    keymap,
    theme::{Glyphs, Theme},
    widgets::safe_text::suspect,
};

/// Ways to every screen.
pub(super) const WAYS: [&str; 30] = [
    "",
    "2",
    "2<Tab>",
    "2t",
    "2t3",
    "2t11",
    "2jh",
    "3",
    "3/ma",
    "3<Enter>",
    "3<Enter>++",
    "3<Enter>[",
    "3<Enter>]",
    "3<Enter>]]",
    "3<Enter>]]]",
    "3<Enter>*",
    "4",
    "5",
    "5]",
    "5]]",
    "5c",
    "<C-n>",
    "<C-n><F7>words",
    "?",
    ":",
    "<C-f>may",
    "3<Enter>S<Enter>",
    "gr",
    "grjjj",
    "grjp",
];

const SIZES: [(u16, u16); 4] = [(60, 20), (80, 24), (100, 30), (120, 40)];

#[test]
fn the_cursor_is_where_the_focus_is_without_any_style() {
    for size in SIZES {
        for way in WAYS {
            let mut world = World::open(size);
            world.keys(way);
            let (_, cursor) = world.drawn();
            assert!(cursor.x < size.0 && cursor.y < size.1, "{way} at {size:?}");
            let line = world.cursor_line();
            let reads = ["2jh", "3<Enter>["].contains(&way) || way.contains("<Tab>");
            assert!(
                reads || line.contains('>') || line.contains('/') || line.contains('│'),
                "{way} at {size:?}: {line:?}\n{}",
                world.screen()
            );
        }
    }
}

#[test]
fn every_key_that_is_offered_does_something() {
    // At its end a list or a history has nowhere to go; everything else acts, or says why not.
    let moves = |action: Action| {
        App::is_movement(action)
            || matches!(
                action,
                Action::Top
                    | Action::Bottom
                    | Action::NextField
                    | Action::PrevField
                    | Action::UndoTyping
                    | Action::RedoTyping
                    // A screen that asks for nothing is always fresh.
                    | Action::Refresh
            )
    };
    let mut idle = Vec::new();
    for size in [(60, 20), (120, 40)] {
        for way in WAYS {
            let mut world = World::open(size);
            world.keys(way).drawn();
            for binding in keymap::usable(&world.app.contexts()) {
                if moves(binding.action) || world.app.why_not(binding).is_some() {
                    continue;
                }
                let mut app = world.app.clone();
                app.perform(binding.action);
                if format!("{app:?}") == format!("{:?}", world.app) {
                    idle.push(format!("{way:?} at {size:?}: {} ({:?})", binding.keys_text(), binding.action));
                }
            }
        }
    }
    assert!(idle.is_empty(), "offered, and nothing happens:\n{}", idle.join("\n"));
}

#[test]
fn the_desk_and_that_it_is_a_demo_are_in_sight_at_any_width() {
    for width in [60, 80, 99, 100, 110, 200] {
        for way in ["", "2", "5"] {
            let mut world = World::locked((width, 24));
            let demo = Session {
                demo: true,
                agency: "northshire-csc".parse().unwrap(),
                agency_name: "Northshire Children's Social Care".to_owned(),
                ..session()
            };
            world.input(Input::Event(Event::Unlocked(demo)));
            world.keys(way);
            let screen = world.screen();
            let bar = screen.lines().next().unwrap_or_default();
            let agency = bar.contains("Northshire Children's Social Care") || bar.contains("northshire-csc");
            assert!(bar.contains("DEMO") && agency, "{way} at {width}: {bar}");
        }
    }
}

#[test]
fn the_footer_has_the_way_back_and_says_why_a_key_waits() {
    let foot = |world: &World| world.screen().lines().last().unwrap_or_default().to_owned();
    let mut world = World::open((110, 34));
    assert!(!foot(&world).contains("Esc"), "nothing lies behind the first screen: {}", foot(&world));
    for way in ["3<Enter>", "<C-n>", "2t", "2<Tab>", "5<Tab>", "3/", "gr", "3<Enter>S<Enter>"] {
        let mut world = World::open((110, 34));
        world.keys(way);
        assert!(foot(&world).contains("  Esc "), "{way}: {}", foot(&world));
    }
    world.keys("<C-n>");
    assert!(!foot(&world).contains("new concern"), "{}", foot(&world));
    let mut world = World::open((110, 34));
    super::journeys::to_what(&mut world);
    assert!(foot(&world).contains("Ctrl+S next step: choose at least one entry"), "{}", foot(&world));
    world.keys(" ");
    assert!(foot(&world).contains("Ctrl+S next step  "), "{}", foot(&world));
    let mut world = World::open((110, 34));
    super::journeys::to_send(&mut world);
    assert!(foot(&world).contains("send: type their short name"), "{}", foot(&world));
}

#[test]
fn a_page_is_what_was_seen_less_one_row() {
    let mut world = World::open((110, 34));
    world.keys("5<Enter>");
    let line = |world: &World, nth: usize| world.screen().lines().nth(nth).unwrap_or_default()[..].to_owned();
    let right = |line: String| line.chars().skip(50).collect::<String>();
    let last = right(line(&world, 30));
    world.keys("<PgDn>");
    assert_eq!(right(line(&world, 4)), last, "the last line of one page is the first of the next");
    world.keys("<PgUp>").sees("strategy discussion");
    // From the end one line back is one line back.
    world.keys("G");
    let end = world.screen();
    world.keys("k");
    assert_ne!(world.screen(), end);
}

#[test]
fn ascii_glyphs_keep_every_byte_below_0x80() {
    for way in WAYS {
        let mut world = World::with((80, 24), settings(Glyphs::ASCII));
        world.unlock();
        world.keys(way);
        let screen = world.screen();
        assert!(screen.is_ascii(), "{way}:\n{screen}");
    }
}

#[test]
fn every_screen_fits_and_ends_in_the_way_to_all_keys() {
    for size in SIZES {
        for way in WAYS {
            let mut world = World::open(size);
            world.keys(way);
            let screen = world.screen();
            let footer = screen.lines().last().unwrap_or_default().to_owned();
            assert!(footer.ends_with("all keys"), "{way} at {size:?}: {footer}");
        }
    }
}

#[test]
fn a_small_window_says_so_in_a_sentence() {
    let mut world = World::open((80, 24));
    world.size = (50, 12);
    world.input(Input::Resize(50, 12));
    world.sees("smaller than 60 columns by 20 rows");
}

#[test]
fn colour_is_never_needed() {
    for theme in [Theme::mono(), Theme::high_contrast()] {
        for way in WAYS {
            let mut plain = World::open((80, 24));
            let mut other =
                World::with((80, 24), crate::app::Settings { theme, ..settings(Glyphs::UNICODE) });
            other.unlock();
            assert_eq!(plain.keys(way).screen(), other.keys(way).screen());
        }
    }
}

#[test]
fn the_cover_hides_everything_at_once_and_turns_into_a_lock() {
    for way in WAYS {
        let mut world = World::open((80, 24));
        world.keys(way).keys("<C-l>");
        let words: Vec<String> = world.screen().split_whitespace().map(str::to_owned).collect();
        assert_eq!(words, ["09:15", "covered"], "{way}");
        assert_eq!(world.app.title(), "terminal");
        world.keys("x");
        assert!(!world.app.is_locked());
        world.keys("<F9>").wait(61);
        assert!(world.app.is_locked(), "{way}");
        assert!(world.effects.contains(&Effect::Lock));
    }
}

#[test]
fn it_locks_when_nobody_types_and_sleeps_otherwise() {
    let mut world = World::open((80, 24));
    world.wait(4 * 60);
    assert!(!world.app.is_locked());
    world.wait(2 * 60);
    assert!(world.app.is_locked());
    assert_eq!(world.app.deadline(), None, "locked, nothing is waited for");
    assert!(!world.screen().contains("Maya"));
}

#[test]
fn late_answers_are_dropped() {
    let mut world = World::open((80, 24));
    world.held = Some(Vec::new());
    world.keys("<C-f>ma");
    let held = world.held.take().unwrap();
    assert_eq!(held.len(), 4, "two questions for each letter");
    world.keys("<Esc>");
    let before = world.screen();
    for event in held {
        world.input(Input::Event(event));
    }
    assert_eq!(world.screen(), before);
}

#[test]
fn the_popup_of_g_comes_late_and_swallows_nothing() {
    let mut world = World::open((80, 24));
    world.keys("g");
    assert!(!world.screen().contains("g: go to"));
    world.now += jiff::SignedDuration::from_millis(400);
    world.input(Input::Tick);
    world.sees("g: go to");
    world.keys("c").sees("CONCERNS");
    world.keys("g2").sees("CONCERNS");
}

#[test]
fn hostile_text_reaches_no_cell() {
    let mut world = World::open((80, 24));
    world.input(Input::Event(Event::Exchange(crate::flow::ExchangeState::Waiting {
        why: "\u{1b}]0;x\u{7}\u{202e}no".into(),
    })));
    world.keys("<C-n><F7>");
    world.input(Input::Paste("a\u{1b}[2J\u{202e}b\u{200b}".to_owned()));
    world.sees("<U+001B>").sees("<U+202E>");
    assert!(!world.screen().chars().any(|c| suspect(c) && c != '\n'));
}

fn key(n: u16) -> KeyEvent {
    let plain = [
        '1', '2', '3', '4', '5', 'j', 'k', 't', 'e', 'a', 'S', 'r', 'R', 'd', 'n', 'v', 'w', 'x', 'c', 'u',
        'z', ' ', '?', ':', '/', 'g', '*', 'J', 'h', '[', ']', '{', '}', '+', 'm', 'f', 'q', 'é', '\u{202e}',
    ];
    let ctrl = ['s', 'n', 'f', 'p', 'r', 'x', 'z', 'y', 'd', 'u'];
    let codes = [
        KeyCode::Enter,
        KeyCode::Tab,
        KeyCode::BackTab,
        KeyCode::Esc,
        KeyCode::Up,
        KeyCode::Down,
        KeyCode::Backspace,
        KeyCode::F(5),
        KeyCode::F(7),
        KeyCode::PageDown,
        KeyCode::End,
        KeyCode::Left,
    ];
    let n = usize::from(n);
    match n {
        0..39 => KeyEvent::from(KeyCode::Char(plain[n])),
        39..49 => KeyEvent::new(KeyCode::Char(ctrl[n - 39]), KeyModifiers::CONTROL),
        n => KeyEvent::from(codes[(n - 49) % codes.len()]),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn no_keys_break_it_and_none_send_without_the_typed_name(
        keys in proptest::collection::vec(0_u16..61, 0..120), start in 0_usize..WAYS.len(), near in any::<bool>()
    ) {
        let mut world = World::open((80, 24));
        if near {
            super::journeys::to_send(&mut world);
        } else {
            world.keys(WAYS[start]);
        }
        for (n, k) in keys.iter().enumerate() {
            world.key(key(*k));
            if n % 16 == 0 {
                let (_, cursor) = world.drawn();
                prop_assert!(Rect::new(0, 0, 80, 24).contains(cursor));
            }
        }
        // The short name holds letters that these keys cannot all type in order.
        let sent = world.sent.iter().any(|request| matches!(request, Request::Send { .. }));
        prop_assert!(!sent);
    }
}
