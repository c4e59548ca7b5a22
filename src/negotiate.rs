//! How an extension is agreed on (RFC 6455 9.1).
//!
//! Knows no extension. Its one idea: what is proposed is one type and what was agreed is another,
//! and a proposal takes its own entries out of the peer's list, so that no extension knows of
//! another.

use core::fmt;

use crate::extension::Extension;
use crate::extension_header::ExtensionHeader;
use crate::extension_list::{ExtensionEntries, ExtensionEntry, ExtensionList};

/// A proposal: what a client offers, and what a server is willing to accept.
///
/// An implementation sees entries and parameters that are by the grammar, and never text. `()`
/// proposes nothing and agrees to nothing.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a proposal of extensions",
    label = "not a proposal",
    note = "`()` proposes nothing; what was agreed (such as `Deflate`) is not a proposal"
)]
pub trait Negotiate: Sized {
    /// What may come of it.
    type Agreed: Extension;

    /// As a client: writes what it offers, the most preferred first.
    fn offer(&self, offers: &mut ExtensionHeader);

    /// As a client: takes its own entry out of the server's answer, and looks whether that
    /// matches the offer. What no proposal has taken fails the handshake.
    ///
    /// # Errors
    ///
    /// If the server may not answer this.
    fn confirm(self, answer: &mut Answer<'_>) -> Result<Self::Agreed, InvalidAnswer>;

    /// As a server: looks for the first offer that it can accept, and writes the answer to that.
    /// An offer that it cannot accept is no error: it is passed over.
    fn answer(self, offers: ExtensionList<'_>, answer: &mut ExtensionHeader) -> Self::Agreed;
}

impl Negotiate for () {
    type Agreed = ();

    fn offer(&self, _: &mut ExtensionHeader) {}

    fn confirm(self, _: &mut Answer<'_>) -> Result<(), InvalidAnswer> {
        Ok(())
    }

    fn answer(self, _: ExtensionList<'_>, _: &mut ExtensionHeader) {}
}

/// Two proposals, in the order in which their extensions encode.
///
/// A server's answer that has them in the other order fails the handshake: it would be another
/// stack.
impl<A: Negotiate, B: Negotiate> Negotiate for (A, B) {
    type Agreed = (A::Agreed, B::Agreed);

    fn offer(&self, offers: &mut ExtensionHeader) {
        self.0.offer(offers);
        self.1.offer(offers);
    }

    fn confirm(self, answer: &mut Answer<'_>) -> Result<Self::Agreed, InvalidAnswer> {
        Ok((self.0.confirm(answer)?, self.1.confirm(answer)?))
    }

    fn answer(self, offers: ExtensionList<'_>, answer: &mut ExtensionHeader) -> Self::Agreed {
        (self.0.answer(offers, answer), self.1.answer(offers, answer))
    }
}

/// A server's answer that the offer does not allow: the handshake fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidAnswer;

impl fmt::Display for InvalidAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the answer does not match the extension's offer")
    }
}

impl core::error::Error for InvalidAnswer {}

/// The extensions that a server agreed to, each to be taken by the proposal that it answers.
///
/// They are taken in the order of the answer, which is the order in which they encode (RFC 6455
/// 9.1): an entry before one that was taken is not given out, and fails the handshake.
#[derive(Debug)]
pub struct Answer<'h> {
    rest: ExtensionEntries<'h>,
    /// An entry before one that was taken was not.
    skipped: bool,
}

impl<'h> Answer<'h> {
    pub(crate) fn new(list: ExtensionList<'h>) -> Self {
        Self {
            rest: list.iter(),
            skipped: false,
        }
    }

    /// Takes the next entry of the extension `name`. A second one, where there is one, is left:
    /// to take it as well, ask again; otherwise it fails the handshake.
    pub fn take(&mut self, name: &str) -> Option<ExtensionEntry<'h>> {
        let mut rest = self.rest.clone();
        let mut skipped = self.skipped;
        let entry = rest.find(|entry| {
            let found = entry.name() == name;
            skipped |= !found;
            found
        })?;
        (self.rest, self.skipped) = (rest, skipped);
        Some(entry)
    }

    /// The name of the next entry that was not taken.
    pub(crate) fn next_name(&self) -> Option<&'h str> {
        self.rest.clone().next().map(ExtensionEntry::name)
    }

    /// Whether an entry was not taken.
    pub(crate) fn is_left(&self) -> bool {
        self.skipped || self.rest.clone().next().is_some()
    }
}
