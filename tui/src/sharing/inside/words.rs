//! The words of one XML part, and what is hidden in it.

use quick_xml::{
    Reader,
    escape::resolve_predefined_entity,
    events::{BytesStart, Event},
};

/// Attributes that hold words or names.
const TELLING: [&str; 9] =
    ["author", "initials", "descr", "title", "tooltip", "display", "lastModifiedBy", "userName", "Target"];
/// Elements after which a new line begins.
const LINES: [&str; 9] = ["p", "br", "tr", "row", "si", "c", "h", "tab", "comment"];

/// What a part says.
#[derive(Debug, Default)]
pub(super) struct Words {
    pub(super) text: String,
    pub(super) hidden: Vec<&'static str>,
}

/// None when it does not read: another encoding, entities of its own, broken markup.
pub(super) fn read(part: &[u8]) -> Option<Words> {
    let text = str::from_utf8(part).ok()?;
    let mut reader = Reader::from_str(text);
    let mut words = Words::default();
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => words.tag(&tag)?,
            Event::Empty(tag) => {
                words.tag(&tag)?;
                words.end(tag.local_name().as_ref());
            }
            Event::End(tag) => words.end(tag.local_name().as_ref()),
            Event::Text(text) => words.text.push_str(&text),
            Event::CData(text) => words.text.push_str(&text),
            Event::Comment(text) => words.text.push_str(&text),
            Event::GeneralRef(entity) => match entity.resolve_char_ref().ok()? {
                Some(c) => words.text.push(c),
                None => words.text.push_str(resolve_predefined_entity(&entity)?),
            },
            // It may define entities, of which text could be made.
            Event::DocType(_) => return None,
            Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => return Some(words),
        }
    }
}

impl Words {
    fn tag(&mut self, tag: &BytesStart<'_>) -> Option<()> {
        match tag.local_name().as_ref() {
            "del" | "ins" | "tracked-changes" => self.hide("changes that were tracked"),
            "annotation" => self.hide("comments"),
            _ => {}
        }
        for attribute in tag.attributes() {
            let attribute = attribute.ok()?;
            let name = attribute.key.local_name();
            let value = &attribute.value;
            if name.as_ref() == "state" && (value.as_ref() == "hidden" || value.as_ref() == "veryHidden") {
                self.hide("hidden sheets");
            }
            let outside = name.as_ref() != "Target" || value.contains(':');
            if TELLING.contains(&name.as_ref()) && outside {
                self.text.push('\n');
                self.text.push_str(&quick_xml::escape::unescape(value).ok()?);
                self.text.push('\n');
            }
        }
        Some(())
    }

    fn end(&mut self, name: &str) {
        if LINES.contains(&name) {
            self.text.push('\n');
        }
    }

    fn hide(&mut self, what: &'static str) {
        if !self.hidden.contains(&what) {
            self.hidden.push(what);
        }
    }
}
