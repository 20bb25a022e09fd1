use super::*;

#[test]
fn no_context_has_a_key_twice() {
    for (context, title) in Context::ALL {
        let mut seen = Vec::new();
        for binding in TABLE.iter().filter(|binding| binding.context == context) {
            for key in binding.keys {
                assert!(!seen.contains(key), "{title}: {key} means two things");
                seen.push(*key);
            }
        }
        assert!(!seen.is_empty(), "{title} binds nothing");
    }
    assert!(TABLE.iter().all(|binding| Context::ALL.iter().any(|(context, _)| *context == binding.context)));
}

#[test]
fn keys_that_terminals_or_other_programs_keep_are_left_alone() {
    // Reference: terminal limits. Control with these letters is Tab, Enter, Esc, Backspace and newline; F10 and F11
    // are the desktop's, `#` cannot be typed on every keyboard, Ctrl+C and Ctrl+V copy and paste.
    for binding in TABLE {
        for key in binding.keys {
            let forbidden = match key {
                Key::Ctrl(c) => "imhj[cvbagotk,=-0".contains(*c),
                Key::F(n) | Key::ShiftF(n) => *n >= 10,
                Key::Ch(c) => *c == '#' || !c.is_ascii(),
                _ => false,
            };
            assert!(!forbidden, "{key} for {:?}", binding.action);
        }
    }
}

#[test]
fn every_action_is_bound_or_left_unbound_on_purpose() {
    // Lock is two covers, or the palette.
    let unbound = [Action::Lock];
    for action in Action::all() {
        let bound = TABLE.iter().any(|binding| binding.action == action && !binding.keys.is_empty());
        assert!(bound != unbound.contains(&action), "{action:?}");
    }
}

#[test]
fn every_help_line_and_label_fits() {
    for binding in TABLE {
        assert!(binding.help.len() <= 60, "{:?}: {} columns", binding.action, binding.help.len());
        assert!(binding.help.is_ascii() && !binding.help.is_empty());
        assert!(binding.label.len() <= 22 && !binding.label.is_empty(), "{:?}", binding.action);
    }
}

#[test]
fn a_ctrl_key_is_never_the_only_way() {
    // Multiplexers take some of them: the palette is the second way for every action, so each must be in it.
    for binding in TABLE {
        let there = usable(&[binding.context, Context::Global]);
        assert!(there.iter().any(|other| other.action == binding.action), "{:?}", binding.action);
    }
}

#[test]
fn letters_are_text_while_typing() {
    let contexts = [Context::Form, Context::Global];
    assert!(find(&contexts, Key::Ch('q'), true).is_none());
    assert_eq!(find(&contexts, Key::Ctrl('l'), true).map(|b| b.action), Some(Action::Cover));
    assert_eq!(find(&contexts, Key::Ch('q'), false).map(|b| b.action), Some(Action::CloseView));
}

#[test]
fn the_manual_page_is_the_table() -> std::io::Result<()> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/keys.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs"))?;
        std::fs::write(path, manual())?;
    }
    assert_eq!(std::fs::read_to_string(path)?, manual(), "run UPDATE=1 cargo test -p kith-tui");
    Ok(())
}
