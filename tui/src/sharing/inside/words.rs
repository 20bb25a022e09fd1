//! The words of one XML part, and what is hidden in it.

use std::collections::BTreeSet;

use quick_xml::{
    Reader,
    escape::resolve_predefined_entity,
    events::{BytesDecl, BytesStart, Event},
};

/// How names begin that programs give: of formats, of one font. What follows is read like any other words.
const BEGINNINGS: [&str; 10] = [
    "http://schemas.openxmlformats.org/",
    "http://purl.oclc.org/ooxml/",
    "http://schemas.microsoft.com/",
    "http://purl.org/dc/",
    "http://www.w3.org/",
    "http://openoffice.org/",
    "http://docs.oasis-open.org/",
    "urn:oasis:names:tc:opendocument:xmlns:",
    "urn:schemas-microsoft-com:",
    "ＭＳ ",
];
/// How the name of a style for characters ends.
const CHARACTERS: &str = " Char";
/// How a space is written in names (the first: ECMA-376 part 1, 22.9.2.19) and links.
const SPACES: [&str; 4] = ["_x0020_", "_20_", "%20", "_"];
/// Attributes and elements that hold numbers of programs: colours, and what tells one part from another.
const COLOURS: [&str; 7] = ["color", "fill", "rgb", "lastClr", "srgbClr", "sysClr", "shd"];
const NUMBERS: [&str; 11] = [
    "id",
    "creationId",
    "modId",
    "paraId",
    "textId",
    "anchorId",
    "editId",
    "durableId",
    "nsid",
    "tmpl",
    "rsid",
];
/// Elements after which a new line begins.
const LINES: [&str; 9] = ["p", "br", "tr", "row", "si", "c", "h", "tab", "comment"];

/// What a part says.
#[derive(Debug, Default)]
pub(super) struct Words {
    pub(super) text: String,
    /// What stands beside the text: values of attributes, instructions. Apart, as it would cut words in two.
    pub(super) beside: BTreeSet<String>,
    pub(super) hidden: Vec<&'static str>,
    /// Does it hold bytes written as letters, such as a picture or a printer's settings?
    pub(super) coded: bool,
}

/// None when it does not read: another encoding, entities of its own, broken markup.
pub(super) fn read(part: &[u8]) -> Option<Words> {
    let text = str::from_utf8(part).ok()?;
    let mut reader = Reader::from_str(text);
    let mut words = Words::default();
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => {
                words.coded |= is_coded(&tag);
                words.tag(&tag)?;
            }
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
            // Read otherwise it would say something else.
            Event::Decl(decl) if !is_utf8(&decl) => return None,
            Event::Decl(decl) => words.beside(&decl),
            Event::PI(instruction) => words.beside(&instruction),
            Event::Eof => return Some(words),
        }
    }
}

fn is_utf8(decl: &BytesDecl<'_>) -> bool {
    let encoding = decl.encoding().transpose().ok();
    encoding.is_some_and(|encoding| encoding.is_none_or(|name| name.eq_ignore_ascii_case("utf-8")))
}

/// Are bytes written in it as letters? So do OpenDocument, Office Open XML and XML signatures.
fn is_coded(tag: &BytesStart<'_>) -> bool {
    let names = ["binary-data", "binData", "binaryData", "blob", "oblob", "X509Certificate"];
    names.contains(&tag.local_name().as_ref())
        || tag.attributes().flatten().any(|one| one.value.as_ref() == "base64Binary")
}

/// Is a value a number of the program's own, by where it stands and by its form? It may look like somebody's number.
fn is_number((element, attribute): (&str, &str), value: &str) -> bool {
    let stands = |names: &[&str]| names.contains(&attribute) || names.contains(&element);
    let hexadecimal = |digits: &str| digits.chars().all(|one| one.is_ascii_hexdigit());
    let length = value.len();
    let decimal = value.chars().all(|one| one.is_ascii_digit() || one == '-');
    let groups = value.trim_matches(['{', '}']).split('-');
    groups.clone().map(str::len).eq([8, 4, 4, 4, 12]) && groups.clone().all(hexadecimal)
        || value.strip_prefix('#').is_some_and(|colour| colour.len() == 6 && hexadecimal(colour))
        || stands(&COLOURS) && (length == 6 || length == 8) && hexadecimal(value)
        || (stands(&NUMBERS) || attribute.starts_with("rsid"))
            && (length == 8 && hexadecimal(value) || length <= 11 && decimal && !value.starts_with('0'))
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
            let value = quick_xml::escape::unescape(value).ok()?;
            if !is_number((tag.local_name().as_ref(), name.as_ref()), &value) {
                self.beside(&value);
            }
        }
        Some(())
    }

    pub(super) fn beside(&mut self, words: &str) {
        let words = BEGINNINGS.iter().find_map(|one| words.strip_prefix(one)).unwrap_or(words);
        let words = words.strip_suffix(CHARACTERS).unwrap_or(words);
        let words = SPACES.iter().fold(words.to_owned(), |words, space| words.replace(space, " "));
        self.beside.insert(words);
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
