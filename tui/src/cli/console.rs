//! Where a verb reads and writes: data on standard output, talk on standard error, text from outside made safe.

use std::io::{self, BufRead, IsTerminal as _, Read as _, Write};

use serde_json::{Map, Value};

use super::failure::Failure;
use crate::widgets::safe_text::{safe, suspect, wrap};

/// Columns of running text.
const WIDTH: usize = 96;
/// Longest text that is read from standard input, in bytes.
pub const MAX_INPUT: u64 = 16 * 1024 * 1024;

/// A verb's ends of the line.
pub struct Console {
    out: Box<dyn Write>,
    err: Box<dyn Write>,
    input: Box<dyn BufRead>,
    /// Is somebody at the keyboard?
    pub asks: bool,
}

impl Console {
    /// The process's own; `no_input` forbids questions.
    #[must_use]
    pub fn of_process(no_input: bool) -> Self {
        Self {
            out: Box::new(io::BufWriter::new(io::stdout())),
            err: Box::new(io::stderr()),
            input: Box::new(io::BufReader::new(io::stdin())),
            asks: io::stdin().is_terminal() && !no_input,
        }
    }

    /// Any others, for tests and for programs that call verbs.
    #[must_use]
    pub fn new(out: Box<dyn Write>, err: Box<dyn Write>, input: Box<dyn BufRead>) -> Self {
        Self { out, err, input, asks: false }
    }

    /// One line of data.
    ///
    /// # Errors
    /// When it cannot be written, as with all that follow.
    pub fn line(&mut self, text: &str) -> Result<(), Failure> {
        Ok(writeln!(self.out, "{}", safe(text))?)
    }

    /// A heading over what follows, with an empty line before it.
    pub fn heading(&mut self, text: &str) -> Result<(), Failure> {
        Ok(writeln!(self.out, "\n{}", safe(text))?)
    }

    /// Running text, folded, each line indented by `indent`.
    pub fn text(&mut self, indent: usize, text: &str) -> Result<(), Failure> {
        let room = WIDTH.saturating_sub(indent).max(20);
        wrap(text, room).iter().try_for_each(|line| Ok(writeln!(self.out, "{:indent$}{line}", "")?))
    }

    /// `label` and running text beside it; nothing when the text is empty.
    pub fn field(&mut self, label: &str, text: &str) -> Result<(), Failure> {
        const LABEL: usize = 14;
        for (n, line) in wrap(text, WIDTH - LABEL).iter().enumerate().filter(|_| !text.is_empty()) {
            writeln!(self.out, "{:LABEL$}{line}", if n == 0 { label } else { "" })?;
        }
        Ok(())
    }

    /// Bytes as they are: only for text that our own program made whole (a completion script, a signed file).
    pub fn raw(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        Ok(self.out.write_all(bytes)?)
    }

    /// One JSON document of kind `kith` on one line. What could steer a terminal is escaped, which changes no value.
    pub fn json(&mut self, kith: &str, fields: Value) -> Result<(), Failure> {
        let mut document = Map::new();
        document.insert("kith".into(), kith.into());
        if let Value::Object(fields) = fields {
            document.extend(fields);
        }
        let text = Value::Object(document).to_string();
        Ok(writeln!(self.out, "{}", escape(&text))?)
    }

    /// Talk: progress, hints, what was done.
    pub fn say(&mut self, text: &str) -> Result<(), Failure> {
        self.out.flush()?;
        Ok(writeln!(self.err, "{}", safe(text))?)
    }

    /// Writes everything out.
    pub fn flush(&mut self) -> Result<(), Failure> {
        Ok(self.out.flush()?)
    }

    /// Asks for one line; trimmed. Only where [`Self::asks`].
    pub fn ask(&mut self, question: &str) -> Result<String, Failure> {
        write!(self.err, "{}: ", safe(question))?;
        self.err.flush()?;
        let mut line = String::new();
        let mut limited = io::Read::take(&mut self.input, 1024 * 1024);
        if limited.read_line(&mut line).map_err(unreadable)? == 0 {
            return Err(Failure::interrupted());
        }
        Ok(line.trim().to_owned())
    }

    /// All of standard input as text.
    pub fn read_all(&mut self) -> Result<String, Failure> {
        let mut bytes = Vec::new();
        io::Read::take(&mut self.input, MAX_INPUT + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 > MAX_INPUT {
            return Err(Failure::usage("standard input is longer than 16 MiB; give less at once"));
        }
        String::from_utf8(bytes)
            .map_err(|_| Failure::usage("standard input is not UTF-8 text; convert it first"))
    }
}

fn unreadable(error: io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::Interrupted => Failure::interrupted(),
        io::ErrorKind::InvalidData => Failure::usage("standard input is not UTF-8 text; convert it first"),
        _ => Failure::usage(format!("standard input cannot be read: {error}")),
    }
}

/// JSON text with every character that could steer a terminal as `\uXXXX`; such characters stand in strings only.
fn escape(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if suspect(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
pub(crate) mod tests {
    use std::{cell::RefCell, rc::Rc};

    use serde_json::json;

    use super::*;

    /// Output that a test can read afterwards.
    #[derive(Clone, Default)]
    pub(crate) struct Shared(Rc<RefCell<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Shared {
        pub(crate) fn text(&self) -> String {
            String::from_utf8(self.0.borrow().clone()).unwrap()
        }
    }

    /// A console with `input`, its output and its talk.
    pub(crate) fn console(input: &str) -> (Console, Shared, Shared) {
        let (out, err) = (Shared::default(), Shared::default());
        let input = io::Cursor::new(input.as_bytes().to_vec());
        (Console::new(Box::new(out.clone()), Box::new(err.clone()), Box::new(input)), out, err)
    }

    #[test]
    fn text_from_outside_cannot_steer_the_terminal() {
        let (mut console, out, _) = console("");
        console.line("a\u{1b}[2J\u{202e}b").unwrap();
        console.text(2, "one\u{9b}\ntwo").unwrap();
        console.field("Name", "x\u{200b}y").unwrap();
        assert_eq!(out.text(), "a<U+001B>[2J<U+202E>b\n  one<U+009B>\n  two\nName          x<U+200B>y\n");
    }

    #[test]
    fn json_keeps_every_value_and_escapes_what_steers() {
        let (mut console, out, _) = console("");
        let name = "O'Brien-Nguyễn\u{202e}\u{1b}\u{e0001}";
        console.json("people/1", json!({ "name": name })).unwrap();
        let text = out.text();
        assert!(
            text.starts_with(r#"{"kith":"people/1","name":"O'Brien-Nguyễn\u202e\u001b\udb40\udc01"}"#),
            "{text}"
        );
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["name"], name);
    }

    #[test]
    fn input_in_another_encoding_is_refused() {
        let (mut console, ..) = console("café");
        assert_eq!(console.read_all().unwrap(), "café");
        let bytes: Box<dyn BufRead> = Box::new(io::Cursor::new(vec![0xff, 0xfe]));
        let mut console = Console::new(Box::new(io::sink()), Box::new(io::sink()), bytes);
        assert!(console.read_all().unwrap_err().message.contains("UTF-8"));
    }
}
