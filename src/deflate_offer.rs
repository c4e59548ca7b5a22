//! permessage-deflate: how it is agreed on (RFC 7692 7.1).
//!
//! Knows parameters, and nothing of compression. Its one idea: an offer or an answer that is not
//! exactly legal is no offer, or no handshake.

use crate::broadcast::Broadcast;
use crate::deflate::{Deflate, DeflateEncoder, Direction, WindowBits, compress_alone};
use crate::extension_header::{EntryWriter, ExtensionHeader};
use crate::extension_list::{ExtensionEntry, ExtensionList};
use crate::negotiate::{Answer, InvalidAnswer, Negotiate};
use crate::rsv::Rsv;

pub(crate) const NAME: &str = "permessage-deflate";
const SERVER_NO_TAKEOVER: &str = "server_no_context_takeover";
const CLIENT_NO_TAKEOVER: &str = "client_no_context_takeover";
const SERVER_WINDOW: &str = "server_max_window_bits";
const CLIENT_WINDOW: &str = "client_max_window_bits";

/// A proposal of permessage-deflate ([RFC 7692]): what a client offers, what a server accepts,
/// and how messages are compressed. What comes of it is `Option<Deflate>`.
///
/// By default everything is allowed and nothing asked for: windows of 32 KiB that span messages,
/// level 6, and messages below 128 bytes as they are.
///
/// ```
/// use wsproto::{DeflateOffer, WindowBits};
/// let small = DeflateOffer::default()
///     .server_no_context_takeover()
///     .client_no_context_takeover()
///     .server_max_window_bits(WindowBits::MIN);
/// ```
///
/// # Memory
///
/// A codec is made for the first message that needs it. On the heap, with zlib-rs 0.6:
///
/// | window bits | compressor | inflater |
/// |---|---|---|
/// | 8, 9 | 245 KiB | 47 KiB |
/// | 10 | 247 KiB | 47 KiB |
/// | 11 | 251 KiB | 47 KiB |
/// | 12 | 259 KiB | 47 KiB |
/// | 13 | 275 KiB | 47 KiB |
/// | 14 | 307 KiB | 47 KiB |
/// | 15 | 371 KiB | 47 KiB |
///
/// With context takeover that is for each connection and direction, as long as the connection
/// lasts. Without, it is for each [`Inbox`](crate::Inbox) and [`Outbox`](crate::Outbox), however
/// many connections they serve. A smaller window saves little: to save memory, do without
/// takeover.
///
/// [RFC 7692]: https://www.rfc-editor.org/rfc/rfc7692
#[derive(Clone, Debug)]
pub struct DeflateOffer {
    server: Wanted,
    client: Wanted,
    level: u8,
    threshold: u32,
}

/// What is asked of one direction.
#[derive(Clone, Copy, Debug)]
struct Wanted {
    window: WindowBits,
    takeover: bool,
}

impl Default for DeflateOffer {
    fn default() -> Self {
        let all = Wanted {
            window: WindowBits::MAX,
            takeover: true,
        };
        Self {
            server: all,
            client: all,
            level: 6,
            threshold: 128,
        }
    }
}

impl DeflateOffer {
    /// The server is not to refer to earlier messages: asked for by a client, promised by a
    /// server (RFC 7692 7.1.1.1).
    #[must_use]
    pub const fn server_no_context_takeover(mut self) -> Self {
        self.server.takeover = false;
        self
    }

    /// The client is not to refer to earlier messages: promised by a client, asked for by a
    /// server (RFC 7692 7.1.1.2).
    #[must_use]
    pub const fn client_no_context_takeover(mut self) -> Self {
        self.client.takeover = false;
        self
    }

    /// The server's window is to be at most this (RFC 7692 7.1.2.1).
    #[must_use]
    pub const fn server_max_window_bits(mut self, bits: WindowBits) -> Self {
        self.server.window = bits;
        self
    }

    /// The client's window is to be at most this (RFC 7692 7.1.2.2). A server can ask for it only
    /// where the client says that it can be asked; another client keeps its 32 KiB.
    #[must_use]
    pub const fn client_max_window_bits(mut self, bits: WindowBits) -> Self {
        self.client.window = bits;
        self
    }

    /// How hard to compress what we send: 0 (not at all) to 9 (as small as can be); more is 9.
    /// 6 by default.
    #[must_use]
    pub const fn level(mut self, level: u8) -> Self {
        self.level = if level > 9 { 9 } else { level };
        self
    }

    /// Messages of ours of fewer bytes than this go as they are. 128 by default. Messages in
    /// fragments are always compressed, as their length is not known when they begin.
    #[must_use]
    pub const fn threshold(mut self, bytes: u32) -> Self {
        self.threshold = bytes;
        self
    }

    fn agreed(&self, ours: Direction, theirs: Direction) -> Deflate {
        Deflate {
            ours,
            theirs,
            level: self.level,
            threshold: self.threshold,
        }
    }
}

/// The parameters of an offer or an answer, each at most once.
#[derive(Default)]
struct Params {
    server_no_takeover: bool,
    client_no_takeover: bool,
    server_window: Option<WindowBits>,
    /// `Some(None)` has no value.
    client_window: Option<Option<WindowBits>>,
}

impl Params {
    /// Nothing where a parameter is unknown, comes twice, or has a value that it cannot have.
    fn parse(entry: ExtensionEntry<'_>) -> Option<Self> {
        let mut params = Self::default();
        for (name, value) in entry.params() {
            let value = value.as_deref();
            let is_first = match name {
                SERVER_NO_TAKEOVER if value.is_none() => {
                    !core::mem::replace(&mut params.server_no_takeover, true)
                }
                CLIENT_NO_TAKEOVER if value.is_none() => {
                    !core::mem::replace(&mut params.client_no_takeover, true)
                }
                SERVER_WINDOW => params.server_window.replace(window_bits(value?)?).is_none(),
                CLIENT_WINDOW => {
                    let bits = match value {
                        Some(value) => Some(window_bits(value)?),
                        None => None,
                    };
                    params.client_window.replace(bits).is_none()
                }
                _ => false,
            };
            if !is_first {
                return None;
            }
        }
        Some(params)
    }
}

/// 8 to 15, without leading zeros (RFC 7692 7.1.2).
fn window_bits(value: &str) -> Option<WindowBits> {
    match value.as_bytes() {
        [digit @ b'8'..=b'9'] => WindowBits::new(digit - b'0'),
        [b'1', digit @ b'0'..=b'5'] => WindowBits::new(10 + digit - b'0'),
        _ => None,
    }
}

fn flag(entry: &mut EntryWriter<'_>, name: &str, is_set: bool) {
    if is_set {
        entry.flag(name);
    }
}

impl Negotiate for DeflateOffer {
    type Agreed = Option<Deflate>;

    fn offer(&self, offers: &mut ExtensionHeader) {
        let mut entry = offers.entry(NAME);
        flag(&mut entry, SERVER_NO_TAKEOVER, !self.server.takeover);
        flag(&mut entry, CLIENT_NO_TAKEOVER, !self.client.takeover);
        if self.server.window < WindowBits::MAX {
            entry.param(SERVER_WINDOW, self.server.window.get());
        }
        if self.client.window < WindowBits::MAX {
            entry.param(CLIENT_WINDOW, self.client.window.get());
        } else {
            entry.flag(CLIENT_WINDOW);
        }
    }

    fn confirm(self, answer: &mut Answer<'_>) -> Result<Option<Deflate>, InvalidAnswer> {
        let Some(entry) = answer.take(NAME) else {
            return Ok(None);
        };
        let params = Params::parse(entry).ok_or(InvalidAnswer)?;
        let server_window = params.server_window.unwrap_or(WindowBits::MAX);
        let client_window = match params.client_window {
            Some(bits) => bits.ok_or(InvalidAnswer)?,
            None => self.client.window,
        };
        if server_window > self.server.window
            || client_window > self.client.window
            || (!self.server.takeover && !params.server_no_takeover)
        {
            return Err(InvalidAnswer);
        }
        let theirs = Direction {
            window: server_window,
            takeover: !params.server_no_takeover,
        };
        let ours = Direction {
            window: client_window,
            takeover: self.client.takeover && !params.client_no_takeover,
        };
        Ok(Some(self.agreed(ours, theirs)))
    }

    fn answer(self, offers: ExtensionList<'_>, answer: &mut ExtensionHeader) -> Option<Deflate> {
        let offer = offers.named(NAME).find_map(Params::parse)?;
        let mut entry = answer.entry(NAME);

        let server_takeover = self.server.takeover && !offer.server_no_takeover;
        flag(&mut entry, SERVER_NO_TAKEOVER, !server_takeover);
        let client_takeover = self.client.takeover && !offer.client_no_takeover;
        flag(&mut entry, CLIENT_NO_TAKEOVER, !client_takeover);

        let server_window = self
            .server
            .window
            .min(offer.server_window.unwrap_or(WindowBits::MAX));
        if offer.server_window.is_some() || server_window < WindowBits::MAX {
            entry.param(SERVER_WINDOW, server_window.get());
        }
        // Only a client that says so can be told a window (RFC 7692 7.1.2.2).
        let client_window = match offer.client_window {
            Some(bits) => self.client.window.min(bits.unwrap_or(WindowBits::MAX)),
            None => WindowBits::MAX,
        };
        if client_window < WindowBits::MAX {
            entry.param(CLIENT_WINDOW, client_window.get());
        }
        let ours = Direction {
            window: server_window,
            takeover: server_takeover,
        };
        let theirs = Direction {
            window: client_window,
            takeover: client_takeover,
        };
        Some(self.agreed(ours, theirs))
    }
}

impl Broadcast {
    /// Adds the message compressed, once, for the connections that can take it: those that agreed
    /// to permessage-deflate with a server's window at least as large as `offer`'s, with context
    /// takeover or without. The others get the message as it is, as do all where that is smaller.
    #[cfg_attr(docsrs, doc(cfg(feature = "deflate")))]
    #[must_use]
    pub fn deflated(self, offer: &DeflateOffer) -> Self {
        let compressed = compress_alone(self.payload(), offer.level, offer.server.window);
        if compressed.len() >= self.payload().len() {
            return self;
        }
        let window = offer.server.window.get();
        self.with_encoded::<DeflateEncoder>(Rsv::RSV1, &compressed, window)
    }
}
