//! The grammar of `Sec-WebSocket-Extensions` (RFC 6455 9.1), as it is read.
//!
//! Knows no extension. Its one idea: a list is checked once, in one pass, and from then on it is
//! a view of the header that yields parsed entries and allocates nothing.

use alloc::borrow::Cow;
use core::{fmt, str};

use crate::headers::{HeaderIter, Headers};
use crate::token;

const NAME: &str = "Sec-WebSocket-Extensions";

/// A header that is not by the grammar.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// The extensions that a client offers, or that a server answers with, in their order.
///
/// Several header lines are one list. Empty elements of it (`a,, b`) are skipped, as RFC 9110
/// 5.6.1.2 asks; a list of nothing else is refused. Names are compared as they are spelt.
#[derive(Clone, Copy)]
pub struct ExtensionList<'h> {
    /// Those of the name are by the grammar.
    headers: Headers<'h>,
}

impl<'h> ExtensionList<'h> {
    /// The list in `headers`, whose lines of the name passed [`ListCheck`].
    pub(crate) fn parsed(headers: Headers<'h>) -> Self {
        Self { headers }
    }

    /// Each entry, the most preferred first.
    #[must_use]
    pub fn iter(self) -> ExtensionEntries<'h> {
        ExtensionEntries {
            headers: self.headers.iter(),
            line: Cursor { text: "" },
        }
    }

    /// The entries of the extension `name`, the most preferred first.
    pub fn named<'n>(
        self,
        name: &'n str,
    ) -> impl Iterator<Item = ExtensionEntry<'h>> + use<'h, 'n> {
        self.iter().filter(move |entry| entry.name == name)
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.iter().next().is_none()
    }
}

/// Whether header lines are a list by the grammar.
#[derive(Default)]
pub(crate) enum ListCheck {
    #[default]
    NoLine,
    NoEntry,
    Entries,
    Malformed,
}

impl ListCheck {
    /// One more line of the list.
    pub(crate) fn add(&mut self, line: &[u8]) {
        match (&self, entries(line)) {
            (Self::Malformed, _) | (_, Err(Malformed)) => *self = Self::Malformed,
            (_, Ok(true)) => *self = Self::Entries,
            (Self::NoLine, Ok(false)) => *self = Self::NoEntry,
            (_, Ok(false)) => {}
        }
    }

    /// The list in `headers`, whose lines of the name these were.
    pub(crate) fn list<'h>(&self, headers: Headers<'h>) -> ExtensionList<'h> {
        ExtensionList::parsed(match self {
            // There is nothing to look for.
            Self::NoLine => Headers::of(&[]),
            _ => headers,
        })
    }

    /// All lines were there. To have none is fine.
    pub(crate) fn finish(&self) -> Result<(), Malformed> {
        match self {
            Self::NoLine | Self::Entries => Ok(()),
            Self::NoEntry | Self::Malformed => Err(Malformed),
        }
    }
}

/// Whether a line, all of it by the grammar, has an entry.
fn entries(line: &[u8]) -> Result<bool, Malformed> {
    let mut found = false;
    let mut cursor = Cursor::new(line)?;
    while cursor.next_entry()?.is_some() {
        found = true;
    }
    Ok(found)
}

impl<'h> IntoIterator for ExtensionList<'h> {
    type Item = ExtensionEntry<'h>;
    type IntoIter = ExtensionEntries<'h>;

    fn into_iter(self) -> ExtensionEntries<'h> {
        self.iter()
    }
}

impl fmt::Debug for ExtensionList<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}

/// The entries of an [`ExtensionList`].
#[derive(Clone)]
pub struct ExtensionEntries<'h> {
    headers: HeaderIter<'h>,
    /// By the grammar.
    line: Cursor<'h>,
}

impl<'h> Iterator for ExtensionEntries<'h> {
    type Item = ExtensionEntry<'h>;

    fn next(&mut self) -> Option<ExtensionEntry<'h>> {
        loop {
            if let Ok(Some(entry)) = self.line.next_entry() {
                return Some(entry);
            }
            let (_, line) = self
                .headers
                .find(|(name, _)| name.eq_ignore_ascii_case(NAME))?;
            self.line = Cursor::new(line).ok()?;
        }
    }
}

impl fmt::Debug for ExtensionEntries<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

/// One entry of an [`ExtensionList`]: an extension's name and its parameters.
#[derive(Clone, Copy)]
pub struct ExtensionEntry<'h> {
    name: &'h str,
    /// Parameters by the grammar, each after a semicolon.
    params: &'h str,
}

impl<'h> ExtensionEntry<'h> {
    /// The extension's name.
    #[must_use]
    pub fn name(self) -> &'h str {
        self.name
    }

    /// The parameters, in their order. One name may come more than once.
    #[must_use]
    pub fn params(self) -> ExtensionParams<'h> {
        ExtensionParams {
            cursor: Cursor { text: self.params },
        }
    }
}

impl fmt::Debug for ExtensionEntry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple(self.name).field(&self.params()).finish()
    }
}

/// The parameters of an [`ExtensionEntry`]: name, and value where there is one.
///
/// A value is a token; one that was quoted is given without its quotes and escapes, so that only
/// an escape costs an allocation.
#[derive(Clone)]
pub struct ExtensionParams<'h> {
    /// By the grammar.
    cursor: Cursor<'h>,
}

impl<'h> Iterator for ExtensionParams<'h> {
    type Item = (&'h str, Option<Cow<'h, str>>);

    fn next(&mut self) -> Option<Self::Item> {
        let (name, value) = self.cursor.next_param().ok()??;
        Some((name, value.map(Value::unquoted)))
    }
}

impl fmt::Debug for ExtensionParams<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

/// A parameter's value as it stands in the header.
enum Value<'h> {
    Token(&'h str),
    /// What is between the quotes.
    Quoted(&'h str),
}

impl<'h> Value<'h> {
    fn unquoted(self) -> Cow<'h, str> {
        match self {
            Self::Quoted(inner) if inner.contains('\\') => {
                // A backslash is no token byte, so an escaped one was refused.
                Cow::Owned(inner.chars().filter(|char| *char != '\\').collect())
            }
            Self::Token(text) | Self::Quoted(text) => Cow::Borrowed(text),
        }
    }
}

/// The rest of a header line.
#[derive(Clone)]
struct Cursor<'h> {
    text: &'h str,
}

impl<'h> Cursor<'h> {
    fn new(line: &'h [u8]) -> Result<Self, Malformed> {
        let text = str::from_utf8(line).map_err(|_| Malformed)?;
        Ok(Self { text })
    }

    /// `token *( ";" param )`, between commas.
    fn next_entry(&mut self) -> Result<Option<ExtensionEntry<'h>>, Malformed> {
        while self.eat(b',') {}
        if self.text.is_empty() {
            return Ok(None);
        }
        let name = self.token()?;
        let params = self.text;
        while self.next_param()?.is_some() {}
        let params = &params[..params.len() - self.text.len()];
        if self.text.is_empty() || self.text.starts_with(',') {
            Ok(Some(ExtensionEntry { name, params }))
        } else {
            Err(Malformed)
        }
    }

    /// `";" token [ "=" ( token | quoted-string ) ]`
    fn next_param(&mut self) -> Result<Option<(&'h str, Option<Value<'h>>)>, Malformed> {
        if !self.eat(b';') {
            return Ok(None);
        }
        self.skip_space();
        let name = self.token()?;
        if !self.eat(b'=') {
            return Ok(Some((name, None)));
        }
        let value = if self.eat(b'"') {
            Value::Quoted(self.quoted()?)
        } else {
            Value::Token(self.token()?)
        };
        Ok(Some((name, Some(value))))
    }

    fn token(&mut self) -> Result<&'h str, Malformed> {
        match token::token_len(self.text.as_bytes()) {
            0 => Err(Malformed),
            len => {
                let (token, rest) = self.text.split_at(len);
                self.text = rest;
                Ok(token)
            }
        }
    }

    /// The rest of a quoted string, which unescaped must be a token (RFC 6455 9.1).
    fn quoted(&mut self) -> Result<&'h str, Malformed> {
        let bytes = self.text.as_bytes();
        let mut at = 0;
        loop {
            at += token::token_len(&bytes[at..]);
            match bytes.get(at) {
                Some(b'"') if at > 0 => break,
                Some(b'\\') if token::token_len(bytes.get(at + 1..at + 2).unwrap_or(&[])) == 1 => {
                    at += 2;
                }
                _ => return Err(Malformed),
            }
        }
        let (inner, rest) = self.text.split_at(at);
        self.text = &rest[1..];
        Ok(inner)
    }

    /// Takes white space, and `delimiter` if it is next.
    fn eat(&mut self, delimiter: u8) -> bool {
        self.skip_space();
        let is_next = self.text.as_bytes().first() == Some(&delimiter);
        if is_next {
            self.text = &self.text[1..];
        }
        is_next
    }

    fn skip_space(&mut self) {
        let bytes = self.text.as_bytes().iter();
        let spaces = bytes.take_while(|byte| matches!(byte, b' ' | b'\t'));
        self.text = &self.text[spaces.count()..];
    }
}

#[cfg(test)]
mod tests {
    use alloc::borrow::Cow;
    use alloc::string::{String, ToString};
    use alloc::vec::Vec;
    use alloc::{format, vec};

    use super::{ExtensionList, ListCheck, Malformed, NAME};
    use crate::headers::Headers;

    type Parsed = Vec<(String, Vec<(String, Option<String>)>)>;

    fn parse(lines: &[&str]) -> Result<Parsed, Malformed> {
        let lines: String = lines
            .iter()
            .map(|line| format!("sec-websocket-EXTENSIONS:{line}\r\nOther: x\r\n"))
            .collect();
        let headers = Headers::of(lines.as_bytes());
        let mut check = ListCheck::default();
        headers.all(NAME).for_each(|line| check.add(line));
        check.finish()?;
        let list = ExtensionList::parsed(headers);
        let owned = |text: &str| text.to_string();
        Ok(list
            .iter()
            .map(|entry| {
                let params = entry.params();
                let params = params.map(|(name, value)| (owned(name), value.map(Into::into)));
                (owned(entry.name()), params.collect())
            })
            .collect())
    }

    #[test]
    fn lists_by_the_grammar_of_rfc_6455_9_1_are_parsed() {
        let entry = |name: &str, params: &[(&str, Option<&str>)]| {
            let params = params.iter();
            let params = params.map(|(name, value)| (name.to_string(), value.map(Into::into)));
            (name.to_string(), params.collect::<Vec<_>>())
        };
        let rows = [
            (vec![], vec![]),
            (vec![" foo"], vec![entry("foo", &[])]),
            (
                vec![" foo", " bar; baz=2"],
                vec![entry("foo", &[]), entry("bar", &[("baz", Some("2"))])],
            ),
            (
                vec![" foo, bar; baz=2"],
                vec![entry("foo", &[]), entry("bar", &[("baz", Some("2"))])],
            ),
            // Nothing in the list is no element (RFC 9110 5.6.1.2).
            (
                vec![" ,, foo ,\t,", "", " bar"],
                vec![entry("foo", &[]), entry("bar", &[])],
            ),
            (
                vec!["a\t;\tb = 1 ;c= \"2\" ; d"],
                vec![entry(
                    "a",
                    &[("b", Some("1")), ("c", Some("2")), ("d", None)],
                )],
            ),
            (
                vec![r#"a;b="1\0";b="\x\y""#],
                vec![entry("a", &[("b", Some("10")), ("b", Some("xy"))])],
            ),
            (
                vec!["a;b, a, A"],
                vec![entry("a", &[("b", None)]), entry("a", &[]), entry("A", &[])],
            ),
        ];
        for (lines, expected) in rows {
            assert_eq!(parse(&lines), Ok(expected), "{lines:?}");
        }
    }

    #[test]
    fn lists_against_the_grammar_are_refused() {
        for line in [
            "",
            ",",
            " , ,",
            ";",
            "=",
            "a;",
            "a;;b",
            "a;,b",
            "a;=1",
            "a;b=",
            "a;b==1",
            "a;b=1=2",
            "a b",
            "a;b c",
            "a=1",
            "\"a\"",
            "a;\"b\"",
            "a;b=\"",
            "a;b=\"1",
            "a;b=\"\"",
            "a;b=\"1 2\"",
            "a;b=\" 1\"",
            "a;b=\"1 \"",
            "a;b=\"1,2\"",
            "a;b=\"1\\\"\"",
            "a;b=\"\\",
            "a;b=\"\\\\\"",
            "a;b=\"1\"2",
            "a;b=\"1\"\"2\"",
            "a;b=é",
            "é",
            "a;b=(1)",
            "a/b",
        ] {
            assert_eq!(parse(&[line]), Err(Malformed), "{line:?}");
            let line = format!("good, {line}");
            if parse(&[&line]).is_ok() {
                assert!(line.trim_end_matches([' ', ',']) == "good", "{line:?}");
            }
        }
        assert_eq!(parse(&["good", "bad;"]), Err(Malformed));
    }

    #[test]
    fn long_lists_of_nothing_are_one_pass() {
        // CVE-2020-7662: each of these took quadratic time or worse elsewhere. Here a quadratic
        // pass over 4 MiB would take hours.
        let size = 4 << 20;
        assert_eq!(parse(&[&",".repeat(size)]), Err(Malformed));
        assert_eq!(parse(&[&format!("a{}b", " ".repeat(size))]), Err(Malformed));
        assert_eq!(
            parse(&[&format!("a;b=\"{}", "\\c".repeat(size))]),
            Err(Malformed)
        );
        let list = parse(&[&"a;b=\"\\1\",".repeat(size / 64)]);
        assert_eq!(list.map(|list| list.len()), Ok(size / 64));
    }
    #[test]
    fn a_list_is_empty_where_nothing_is_in_it() {
        let list = |lines: &'static str| ExtensionList::parsed(Headers::of(lines.as_bytes()));
        assert!(list("").is_empty());
        assert!(list("Other: x\r\n").is_empty());
        assert!(!list("Sec-WebSocket-Extensions: foo\r\n").is_empty());
    }

    #[test]
    fn only_an_escape_costs_an_allocation() {
        let line = "Sec-WebSocket-Extensions: a; b=1; c=\"1\"; d=\"\\1\"\r\n";
        let list = ExtensionList::parsed(Headers::of(line.as_bytes()));
        let values = list.iter().flat_map(|entry| entry.params());
        let owned: Vec<_> = values
            .map(|(name, value)| (name, matches!(value, Some(Cow::Owned(_)))))
            .collect();
        assert_eq!(owned, [("b", false), ("c", false), ("d", true)]);
    }
}
