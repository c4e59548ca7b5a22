//! `Sec-WebSocket-Extensions` (RFC 6455 9.1), as it is written.
//!
//! Knows no extension. Its one idea: an extension gives names and values, and never text.

use alloc::string::String;
use core::fmt::{self, Write};

use crate::extension_list::ExtensionList;
use crate::token;

/// What an extension says of itself in `Sec-WebSocket-Extensions`, being written.
///
/// ```
/// # use wsproto::ExtensionHeader;
/// # let mut header = ExtensionHeader::default();
/// header.entry("permessage-deflate").param("server_max_window_bits", 10);
/// header.entry("permessage-deflate").flag("client_max_window_bits");
/// assert_eq!(
///     header.as_str(),
///     "permessage-deflate; server_max_window_bits=10, \
///      permessage-deflate; client_max_window_bits"
/// );
/// ```
///
/// # Panics
///
/// Names and values are tokens: anything else is an error of the extension's code, and panics.
/// What was parsed from a peer's header is a token, so no peer can bring that about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExtensionHeader {
    text: String,
}

impl ExtensionHeader {
    /// Starts the next entry, of the extension `name`.
    ///
    /// # Panics
    ///
    /// If the name is not a token.
    pub fn entry(&mut self, name: &str) -> EntryWriter<'_> {
        if !self.text.is_empty() {
            self.text.push_str(", ");
        }
        self.push(name);
        EntryWriter { header: self }
    }

    /// The value of the header; empty where there is nothing to say.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn push(&mut self, token: impl fmt::Display) {
        let start = self.text.len();
        // Writing to a string fails only where the value's own code does.
        let written = write!(self.text, "{token}");
        assert!(
            written.is_ok() && token::is_token(&self.text.as_bytes()[start..]),
            "the names and values of an extension are tokens (RFC 6455 9.1)"
        );
    }
}

/// What was read, as it would be written.
impl From<ExtensionList<'_>> for ExtensionHeader {
    fn from(list: ExtensionList<'_>) -> Self {
        let mut header = Self::default();
        for entry in list {
            let mut written = header.entry(entry.name());
            for (name, value) in entry.params() {
                match value {
                    Some(value) => written.param(name, value),
                    None => written.flag(name),
                };
            }
        }
        header
    }
}

/// An entry of an [`ExtensionHeader`], being written.
#[derive(Debug)]
pub struct EntryWriter<'w> {
    header: &'w mut ExtensionHeader,
}

impl EntryWriter<'_> {
    /// Adds a parameter without a value.
    ///
    /// # Panics
    ///
    /// If the name is not a token.
    pub fn flag(&mut self, name: &str) -> &mut Self {
        self.header.text.push_str("; ");
        self.header.push(name);
        self
    }

    /// Adds a parameter with a value.
    ///
    /// # Panics
    ///
    /// If the name or the value is not a token.
    pub fn param(&mut self, name: &str, value: impl fmt::Display) -> &mut Self {
        self.flag(name);
        self.header.text.push('=');
        self.header.push(value);
        self
    }
}
