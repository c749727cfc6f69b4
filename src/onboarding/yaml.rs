//! YAML text to a JSON value, with the line of every field.
//!
//! Only the part of YAML 1.2 an operator needs: one document, text keys, the core schema. What could surprise is refused
//! with its line instead of being guessed: merge keys, foreign tags, duplicate keys, control characters, alias bombs.
//!
//! Scalars without quotes: `null` and `~` are null, `true` and `false` are booleans, and a whole number is a number if it
//! reads back exactly as it was written. Everything else stays text, as it was written: `1152.00` keeps its two decimals
//! (an area is parsed from text, never from a float), `2026-11-01` is a date for whoever asks for one, `007` and
//! `+8613900000000` lose no digit.

use crate::kernel::FieldFault;
use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The largest file, in bytes.
pub const MOST_BYTES: usize = 1 << 20;
/// How often an alias (`*name`) may stand in a file.
pub const MOST_ALIASES: usize = 50;
/// How many values anchors and aliases may hold together: a bomb stops here, long before it fills the memory.
pub const MOST_COPIED: usize = 20_000;
/// How many values a file may hold. A community of 5,000 households takes about 30,000.
pub const MOST_VALUES: usize = 200_000;
/// How deep lists and objects may nest.
pub const MOST_DEPTH: usize = 32;

/// JSON pointer → line, counted from 1. A field stands on the line of its key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lines(BTreeMap<String, usize>);

impl Lines {
    /// The line of `pointer`, or of the nearest thing around it (a missing field stands in its object).
    pub fn of(&self, pointer: &str) -> Option<usize> {
        let mut pointer = pointer;
        loop {
            if let Some(line) = self.0.get(pointer) {
                return Some(*line);
            }
            pointer = pointer.rsplit_once('/')?.0;
        }
    }

    /// The faults with their lines, in the order of the file.
    pub fn place(&self, mut faults: Vec<FieldFault>) -> Vec<FieldFault> {
        for fault in &mut faults {
            fault.line = fault.line.or_else(|| self.of(&fault.pointer));
        }
        faults.sort_by_key(|fault| fault.line);
        faults
    }
}

/// What became of a text.
#[derive(Debug)]
pub struct Loaded {
    /// The document; `None` when a fault ended the reading. Beside harmless faults it is there, so that a reader can find
    /// its own faults in the same go. It may be used only when there are no faults.
    pub value: Option<Value>,
    /// Where its fields stand.
    pub lines: Lines,
    /// Every fault found, each with its line.
    pub faults: Vec<FieldFault>,
}

fn fault(pointer: &str, line: impl Into<Option<usize>>, code: &str, zh: impl Into<String>, en: impl Into<String>) -> FieldFault {
    FieldFault { line: line.into(), ..FieldFault::at(pointer, code, zh, en) }
}

fn line_at(bytes: &[u8]) -> usize {
    1 + bytes.iter().filter(|b| **b == b'\n').count()
}

/// Reads one YAML document.
pub fn load(bytes: &[u8]) -> Loaded {
    let mut faults = Vec::new();
    let text = match text_of(bytes, &mut faults) {
        Ok(text) => text,
        Err(last) => {
            faults.push(last);
            return Loaded { value: None, lines: Lines::default(), faults };
        }
    };
    let mut loader = Loader { faults, ..Loader::default() };
    let mut parser = Parser::new_from_str(text);
    let mut documents = 0;
    // Pulled event by event: a hostile file is left at its first fatal fault, unread.
    while let Some(next) = parser.next_event() {
        let (event, span) = match next {
            Ok(next) => next,
            Err(error) => {
                loader.faults.push(syntax(text, error.marker().line(), error.info()));
                loader.root = None;
                break;
            }
        };
        if matches!(event, Event::DocumentStart(_)) {
            documents += 1;
            if documents > 1 {
                let line = span.start.line();
                loader.faults.push(fault("", line, "several-documents", "一个文件只能有一份文档。", "A file holds one document only."));
                break;
            }
        }
        if let Err(last) = loader.event(event, span) {
            loader.faults.push(last);
            loader.root = None;
            break;
        }
    }
    if loader.root.is_none() && loader.faults.is_empty() {
        loader.faults.push(fault("", None, "empty-file", "文件是空的。", "The file is empty."));
    }
    Loaded { value: loader.root, lines: Lines(loader.lines), faults: loader.faults }
}

/// The bytes as text without a byte order mark; a fatal fault is the error.
fn text_of<'a>(bytes: &'a [u8], faults: &mut Vec<FieldFault>) -> Result<&'a str, FieldFault> {
    if bytes.len() > MOST_BYTES {
        return Err(fault("", None, "too-large", "文件不能超过 1 MiB。", "The file may not exceed 1 MiB."));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = line_at(bytes.get(..error.valid_up_to()).unwrap_or_default());
        fault("", line, "not-utf-8", "文件不是 UTF-8 编码。", "The file is not UTF-8.")
    })?;
    let text = match text.strip_prefix('\u{feff}') {
        Some(rest) => {
            faults.push(fault(
                "",
                1,
                "byte-order-mark",
                "文件开头有字节顺序标记，请存为无 BOM 的 UTF-8。",
                "The file starts with a byte order mark; save it as UTF-8 without one.",
            ));
            rest
        }
        None => text,
    };
    // The parser takes a NUL for the end of the file and would silently leave out the rest.
    match text.find(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        Some(at) => {
            let line = line_at(text.as_bytes().get(..at).unwrap_or_default());
            Err(fault("", line, "control-character", "文件含有控制字符。", "The file holds a control character."))
        }
        None => Ok(text),
    }
}

fn syntax(text: &str, line: usize, info: &str) -> FieldFault {
    // Where the text ends too soon the parser names the line after the last.
    let line = line.min(text.lines().count().max(1));
    // The parser looks ahead and has a limit of its own, above ours.
    if info.contains("recursion limit") {
        return too_deep("", line);
    }
    // The parser names the line with the tab or one beside it.
    let tab = [line, line + 1, line.saturating_sub(1)].into_iter().find(|n| {
        let found = n.checked_sub(1).and_then(|n| text.lines().nth(n));
        found.is_some_and(|found| found.chars().take_while(|c| c.is_whitespace()).any(|c| c == '\t'))
    });
    match tab {
        Some(line) => fault("", line, "tab-indentation", "缩进要用空格，不能用制表符。", "Indent with spaces, not with tabs."),
        None => fault("", line, "syntax", format!("YAML 写法有误：{info}。"), format!("This is not YAML: {info}.")),
    }
}

struct Key {
    name: String,
    line: usize,
    again: bool,
}

enum Open {
    List(Vec<Value>),
    Object(Map<String, Value>, Option<Key>),
}

/// A list or object that is still open.
struct Frame {
    open: Open,
    pointer: String,
    anchor: usize,
    nodes: usize,
    height: usize,
}

/// A finished value with its size.
#[derive(Clone)]
struct Built {
    value: Value,
    nodes: usize,
    height: usize,
}

#[derive(Default)]
struct Loader {
    stack: Vec<Frame>,
    lines: BTreeMap<String, usize>,
    anchors: BTreeMap<usize, Built>,
    aliases: usize,
    copied: usize,
    nodes: usize,
    faults: Vec<FieldFault>,
    root: Option<Value>,
}

impl Loader {
    fn event(&mut self, event: Event, span: Span) -> Result<(), FieldFault> {
        let line = span.start.line();
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                if self.wants_key() {
                    return self.key(&text, style, anchor, tag.as_deref(), line);
                }
                let pointer = self.stand(line)?;
                let value = self.scalar(&text, style, tag.as_deref(), &pointer, line);
                self.finish(Built { value, nodes: 1, height: 0 }, anchor, line)
            }
            Event::SequenceStart(anchor, tag) => self.open(Open::List(Vec::new()), anchor, tag.as_deref(), "seq", line),
            Event::MappingStart(anchor, tag) => self.open(Open::Object(Map::new(), None), anchor, tag.as_deref(), "map", line),
            Event::SequenceEnd | Event::MappingEnd => match self.stack.pop() {
                Some(frame) => {
                    let value = match frame.open {
                        Open::List(items) => Value::Array(items),
                        Open::Object(map, _) => Value::Object(map),
                    };
                    self.finish(Built { value, nodes: frame.nodes + 1, height: frame.height + 1 }, frame.anchor, line)
                }
                None => Ok(()),
            },
            Event::Alias(anchor) => self.alias(anchor, line),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => Ok(()),
        }
    }

    fn wants_key(&self) -> bool {
        matches!(self.stack.last(), Some(Frame { open: Open::Object(_, None), .. }))
    }

    /// Where the next value stands; notes its line.
    fn stand(&mut self, line: usize) -> Result<String, FieldFault> {
        let (pointer, line) = match self.stack.last() {
            None => (String::new(), line),
            Some(Frame { open: Open::List(items), pointer, .. }) => (format!("{pointer}/{}", items.len()), line),
            Some(Frame { open: Open::Object(_, Some(key)), pointer, .. }) => {
                (format!("{pointer}/{}", key.name.replace('~', "~0").replace('/', "~1")), key.line)
            }
            Some(Frame { pointer, .. }) => return Err(key_not_text(pointer, line)),
        };
        self.nodes += 1;
        if self.nodes > MOST_VALUES {
            return Err(fault(
                &pointer,
                line,
                "too-many-values",
                format!("文件中的值超过 {MOST_VALUES} 个。"),
                format!("The file holds more than {MOST_VALUES} values."),
            ));
        }
        self.lines.entry(pointer.clone()).or_insert(line);
        Ok(pointer)
    }

    fn key(&mut self, text: &str, style: ScalarStyle, anchor: usize, tag: Option<&Tag>, line: usize) -> Result<(), FieldFault> {
        let Some(Frame { open: Open::Object(map, key), pointer, .. }) = self.stack.last_mut() else { return Ok(()) };
        let at = format!("{pointer}/{}", text.replace('~', "~0").replace('/', "~1"));
        let first = self.lines.get(&at).copied();
        let again = map.contains_key(text);
        *key = Some(Key { name: text.to_owned(), line, again });
        let merge = text == "<<" && style == ScalarStyle::Plain;
        if merge {
            self.faults.push(fault(
                &at,
                line,
                "merge-key",
                "不支持合并键 <<，请把字段写全。",
                "Merge keys (<<) are not taken; write the fields out.",
            ));
        } else if again {
            let first = first.unwrap_or(line);
            self.faults.push(fault(
                &at,
                line,
                "duplicate-key",
                format!("字段重复，第 {first} 行已写过。"),
                format!("The field stands already on line {first}."),
            ));
        }
        if !self.scalar(text, style, tag, &at, line).is_string() {
            self.faults.push(key_not_text(&at, line));
        }
        if anchor > 0 {
            self.keep(Built { value: Value::String(text.to_owned()), nodes: 1, height: 0 }, anchor, line)?;
        }
        Ok(())
    }

    fn open(&mut self, open: Open, anchor: usize, tag: Option<&Tag>, expected: &str, line: usize) -> Result<(), FieldFault> {
        let pointer = self.stand(line)?;
        if let Some(tag) = tag.filter(|tag| !(tag.is_yaml_core_schema() && tag.suffix == expected)) {
            self.faults.push(wrong_tag(tag, &pointer, line));
        }
        if self.stack.len() >= MOST_DEPTH {
            return Err(too_deep(&pointer, line));
        }
        self.stack.push(Frame { open, pointer, anchor, nodes: 0, height: 0 });
        Ok(())
    }

    fn alias(&mut self, anchor: usize, line: usize) -> Result<(), FieldFault> {
        let pointer = self.stand(line)?;
        self.aliases += 1;
        // An anchor is known only once its value is complete, so a value inside itself is not found.
        let Some(built) = self.anchors.get(&anchor) else {
            return Err(fault(&pointer, line, "alias-of-itself", "别名引用了自身。", "The alias stands inside the value it names."));
        };
        if self.aliases > MOST_ALIASES || self.copied + built.nodes > MOST_COPIED {
            return Err(too_many_aliases(&pointer, line));
        }
        if self.stack.len() + built.height > MOST_DEPTH {
            return Err(too_deep(&pointer, line));
        }
        self.copied += built.nodes;
        let built = built.clone();
        self.finish(built, 0, line)
    }

    /// Keeps an anchored value for its aliases.
    fn keep(&mut self, built: Built, anchor: usize, line: usize) -> Result<(), FieldFault> {
        self.copied += built.nodes;
        if self.copied > MOST_COPIED {
            return Err(too_many_aliases(self.stack.last().map_or("", |frame| frame.pointer.as_str()), line));
        }
        self.anchors.insert(anchor, built);
        Ok(())
    }

    /// Puts a finished value where it belongs.
    fn finish(&mut self, built: Built, anchor: usize, line: usize) -> Result<(), FieldFault> {
        if anchor > 0 {
            self.keep(built.clone(), anchor, line)?;
        }
        let Built { value, nodes, height } = built;
        let Some(frame) = self.stack.last_mut() else {
            self.root = Some(value);
            return Ok(());
        };
        frame.nodes += nodes;
        frame.height = frame.height.max(height);
        match &mut frame.open {
            Open::List(items) => items.push(value),
            Open::Object(map, key) => match key.take() {
                Some(Key { name, again: false, .. }) => {
                    map.insert(name, value);
                }
                // Of two fields with one name the first stays; the fault is recorded.
                Some(_) => {}
                None => return Err(key_not_text(&frame.pointer, line)),
            },
        }
        Ok(())
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, tag: Option<&Tag>, pointer: &str, line: usize) -> Value {
        let Some(tag) = tag else {
            return if style == ScalarStyle::Plain { plain(text) } else { Value::String(text.to_owned()) };
        };
        let value = plain(text);
        let fits = tag.is_yaml_core_schema()
            && match tag.suffix.as_str() {
                "str" => return Value::String(text.to_owned()),
                "int" => value.is_number(),
                "bool" => value.is_boolean(),
                "null" => value.is_null(),
                // Kept as decimal text, like every number that is not whole.
                "float" => value.is_number() || text.parse::<f64>().is_ok(),
                _ => false,
            };
        if !fits {
            self.faults.push(wrong_tag(tag, pointer, line));
        }
        value
    }
}

fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => match text.parse::<i64>() {
            Ok(number) if number.to_string() == text => Value::from(number),
            _ => Value::String(text.to_owned()),
        },
    }
}

fn key_not_text(pointer: &str, line: usize) -> FieldFault {
    fault(pointer, line, "key-not-text", "字段名应为文字。", "A field name must be a text.")
}

fn wrong_tag(tag: &Tag, pointer: &str, line: usize) -> FieldFault {
    fault(pointer, line, "wrong-tag", format!("标签 {tag} 用不上或不相符。"), format!("The tag {tag} is unknown or does not fit."))
}

fn too_deep(pointer: &str, line: usize) -> FieldFault {
    fault(pointer, line, "too-deep", format!("嵌套超过 {MOST_DEPTH} 层。"), format!("Nested deeper than {MOST_DEPTH} levels."))
}

fn too_many_aliases(pointer: &str, line: usize) -> FieldFault {
    let zh = format!("别名过多：最多 {MOST_ALIASES} 处、共 {MOST_COPIED} 个值。");
    let en = format!("Too many aliases: at most {MOST_ALIASES}, and {MOST_COPIED} values through them.");
    fault(pointer, line, "too-many-aliases", zh, en)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn faults(bytes: impl AsRef<[u8]>) -> Vec<(Option<usize>, String)> {
        load(bytes.as_ref()).faults.into_iter().map(|f| (f.line, f.code)).collect()
    }
    fn one(bytes: impl AsRef<[u8]>, line: usize, code: &str) {
        assert_eq!(faults(bytes), [(Some(line), code.to_owned())], "{code}");
    }

    #[test]
    fn scalars_keep_what_was_written() {
        let text = "a: 1152.00\nb: 53\nc: 2026-11-01\nd: yes\ne: true\nf: ~\ng:\nh: \"53\"\ni: 007\nj: +8613900000000\nk: 0x10\nl: !!str 53\nm: 99999999999999999999\nn: -0\no: !!float 1.5\np: 08:30\n";
        let loaded = load(text.as_bytes());
        assert!(loaded.faults.is_empty(), "{:?}", loaded.faults);
        let expected = json!({
            "a": "1152.00", "b": 53, "c": "2026-11-01", "d": "yes", "e": true, "f": null, "g": null, "h": "53", "i": "007",
            "j": "+8613900000000", "k": "0x10", "l": "53", "m": "99999999999999999999", "n": "-0", "o": "1.5", "p": "08:30"
        });
        assert_eq!(loaded.value, Some(expected));
    }

    #[test]
    fn every_field_has_the_line_of_its_key() {
        let lines = load(
            "# head\nareas:\n  - code: a\n    names:\n      - x\n      - y\n  - {code: b, a/b: 1}\ntext: |\n  one\n  two\n".as_bytes(),
        )
        .lines;
        for (pointer, line) in [
            ("", 2),
            ("/areas", 2),
            ("/areas/0", 3),
            ("/areas/0/code", 3),
            ("/areas/0/names", 4),
            ("/areas/0/names/1", 6),
            ("/areas/1/a~1b", 7),
            ("/text", 8),
            ("/areas/0/missing", 3),
            ("/areas/0/names/9/x", 4),
            ("/nothing", 2),
        ] {
            assert_eq!(lines.of(pointer), Some(line), "{pointer}");
        }
        assert_eq!(load(b"a: 1\r\nb:\r\n  c: 2\r\n").lines.of("/b/c"), Some(3));
    }

    #[test]
    fn bad_files_are_refused_with_their_line() {
        one("\u{feff}a: 1\n", 1, "byte-order-mark");
        one(b"a: 1\nb: \xff\n", 2, "not-utf-8");
        one("a: 1\nb: \0\nc: 3\n", 2, "control-character");
        one("a: 1\nb: 2\na: 3\n", 3, "duplicate-key");
        one("a: 1\n---\nb: 2\n", 2, "several-documents");
        one("a:\n  b: 1\n\tc: 2\n", 3, "tab-indentation");
        one("a: [1, 2\nb: 3\n", 2, "syntax");
        one("a: 1\n<<: {b: 2}\n", 2, "merge-key");
        one("a: 1\n2: x\n", 2, "key-not-text");
        one("a: 1\n? [x]\n: y\n", 2, "key-not-text");
        one("a: 1\nb: !secret x\n", 2, "wrong-tag");
        one("a: 1\nb: !!int x\n", 2, "wrong-tag");
        one("a: &a\n  - *a\n", 2, "alias-of-itself");
        one("a: *b\n", 1, "syntax");
        assert_eq!(faults(""), [(None, "empty-file".to_owned())]);
        assert_eq!(faults(vec![b'#'; MOST_BYTES + 1]), [(None, "too-large".to_owned())]);
    }

    #[test]
    fn harmless_faults_are_all_found_in_one_go() {
        let found = faults("\u{feff}a: 1\na: 2\nb: !x y\nc: {d: 1, d: 2}\n3: 4\n");
        let expected = [(1, "byte-order-mark"), (2, "duplicate-key"), (3, "wrong-tag"), (4, "duplicate-key"), (5, "key-not-text")];
        assert_eq!(found, expected.map(|(line, code)| (Some(line), code.to_owned())));
        assert_eq!(load(b"a: 1\na: 2\n").value, Some(json!({"a": 1})), "the first stays");
    }

    #[test]
    fn depth_and_aliases_are_bounded() {
        let nested = |n: usize| format!("a: 1\nb: {}{}\n", "[".repeat(n), "]".repeat(n));
        assert!(faults(nested(MOST_DEPTH - 1)).is_empty());
        one(nested(MOST_DEPTH), 2, "too-deep");
        one(format!("a: 1\nb: {}\n", "[".repeat(200)), 2, "too-deep");
        one(format!("a: 1\nb: {}\n", "[".repeat(100_000)), 2, "too-deep");
        let used = |n: usize| format!("a: &a [1, 2]\nb: [{}]\n", vec!["*a"; n].join(", "));
        assert!(faults(used(MOST_ALIASES)).is_empty());
        one(used(MOST_ALIASES + 1), 2, "too-many-aliases");
        // Nine levels of nine: a billion values if it were believed.
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..9 {
            bomb += &format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 9].join(", "));
        }
        one(&bomb, 5, "too-many-aliases");
        let deep = format!("a: &a {}{}\nb: {}*a{}\n", "[".repeat(20), "]".repeat(20), "[".repeat(20), "]".repeat(20));
        one(deep, 2, "too-deep");
        one(format!("a: 1\nb: [{}]\n", "1,".repeat(MOST_VALUES)), 2, "too-many-values");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[-a:&*!<{}\\[\\],?|>\"'#%@ \t\n\r~0-9育\u{feff}]{0,80}") {
            let loaded = load(text.as_bytes());
            prop_assert!(loaded.value.is_some() || !loaded.faults.is_empty());
        }
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            load(&bytes);
        }
    }
}
