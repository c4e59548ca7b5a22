//! What the peer did wrong in the opening handshake.
//!
//! Knows the rules by name and how HTTP answers each; it parses nothing. Its one idea: a server
//! that can say what was wrong can also say it to the client.

use core::fmt;

use crate::closed::Shutdown;
use crate::negotiate::InvalidAnswer;
use crate::outbox::Outbox;
use crate::refusal;

/// What the peer did wrong in the opening handshake: one rule each.
///
/// Final: the phase is gone, and no frame was sent. A server answers with
/// [`respond`](Self::respond); a client closes the transport (RFC 6455 4.1).
///
/// ```
/// use wsproto::{HandshakeError, Handshaking, Inbox, Limits, Outbox, Server};
///
/// let mut inbox = Inbox::new();
/// let mut outbox = Outbox::new();
/// inbox.extend(b"POST /chat HTTP/1.1\r\nHost: example.com\r\n\r\n");
/// let handshaking = Handshaking::<Server>::new(Limits::default());
/// let error = handshaking.receive(&mut inbox).unwrap_err();
/// assert_eq!(error, HandshakeError::MethodNotGet);
///
/// let shutdown = error.respond(&mut outbox);
/// assert!(outbox.bytes_to_send(None).starts_with(b"HTTP/1.1 405 Method Not Allowed\r\n"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HandshakeError {
    /// The transport ended before the head did, or before a refusal's body did.
    EarlyEof,
    /// A head above [`Limits::head_bytes`](crate::Limits::head_bytes).
    HeadTooLong,
    /// More headers than [`Limits::head_headers`](crate::Limits::head_headers).
    TooManyHeaders,
    /// A line that ends with LF alone (RFC 9112 2.2).
    BareLineFeed,
    /// A NUL, a CR that ends no line, or another control character (RFC 9110 5.5).
    ControlCharacter,
    /// A header that goes on in the next line (RFC 9112 5.2).
    FoldedHeader,
    /// A first line that is not one of HTTP/1 (RFC 9112 3, 4).
    MalformedStartLine,
    /// A header whose name is not a token right before a colon (RFC 9112 5.1).
    InvalidHeaderName,
    /// A version of HTTP other than 1.1 (RFC 6455 4.2.1); with extended CONNECT, other than 2
    /// and 3.
    HttpVersion,
    /// A method other than GET (RFC 6455 4.2.1).
    MethodNotGet,
    /// A method other than CONNECT (RFC 8441 4).
    MethodNotConnect,
    /// No `:protocol`: an ordinary CONNECT (RFC 8441 4).
    MissingProtocol,
    /// A `:protocol` other than `websocket` (RFC 8441 5, RFC 9220 3).
    UnsupportedProtocol,
    /// A `:scheme` other than `http` and `https` (RFC 8441 5).
    InvalidScheme,
    /// A header of the connection, such as `Upgrade`, which HTTP/2 and HTTP/3 do not have (RFC 9113
    /// 8.2.2, RFC 9114 4.2).
    ConnectionHeader,
    /// A target that is neither a path nor an absolute URI, or has a fragment (RFC 6455 3).
    InvalidTarget,
    /// No `Host` (RFC 6455 4.2.1); no `:authority` (RFC 8441 5).
    MissingHost,
    /// More than one `Host` (RFC 9112 3.2), or one that is not the `:authority` (RFC 9113 8.3.1).
    DuplicateHost,
    /// A `Host` that is not a host and an optional port (RFC 9112 3.2).
    InvalidHost,
    /// No `Upgrade` to `websocket`; in an answer, also one to something else (RFC 6455 4.1,
    /// 4.2.1).
    MissingUpgrade,
    /// No `Connection` with `upgrade` in it (RFC 6455 4.1, 4.2.1).
    MissingConnection,
    /// No `Sec-WebSocket-Version` (RFC 6455 4.2.1).
    MissingVersion,
    /// More than one `Sec-WebSocket-Version` (RFC 6455 11.3.5).
    DuplicateVersion,
    /// A `Sec-WebSocket-Version` that is not a number (RFC 6455 4.2.1).
    InvalidVersion,
    /// A version of the protocol other than 13 (RFC 6455 4.2.2).
    UnsupportedVersion,
    /// No `Sec-WebSocket-Key` (RFC 6455 4.2.1).
    MissingKey,
    /// More than one `Sec-WebSocket-Key` (RFC 6455 11.3.1).
    DuplicateKey,
    /// A `Sec-WebSocket-Key` that is not 16 bytes in base64 (RFC 6455 4.2.1).
    InvalidKey,
    /// A request that announces a body: what follows would be taken for frames by one, and for a
    /// body by another on the way.
    RequestBody,
    /// More than one `Origin`, or one that is not visible ASCII (RFC 6454 7.1).
    InvalidOrigin,
    /// A `Sec-WebSocket-Protocol` that is not a list of tokens, or names one twice (RFC 6455 4.1,
    /// 11.3.4).
    InvalidSubprotocols,
    /// A `Sec-WebSocket-Extensions` that is not by the grammar (RFC 6455 9.1).
    InvalidExtensions,
    /// More answers before the last (status 1xx) than anyone needs.
    TooManyInterimAnswers,
    /// No `Sec-WebSocket-Accept` (RFC 6455 4.1).
    MissingAccept,
    /// More than one `Sec-WebSocket-Accept` (RFC 6455 11.3.3).
    DuplicateAccept,
    /// A `Sec-WebSocket-Accept` that is not made of our key (RFC 6455 4.1).
    WrongAccept,
    /// A subprotocol that was not offered (RFC 6455 4.1).
    UnofferedSubprotocol,
    /// More than one subprotocol in the answer (RFC 6455 11.3.4).
    DuplicateSubprotocol,
    /// An extension that was not offered, comes twice, or in another order (RFC 6455 4.1).
    UnofferedExtension,
    /// Parameters of an extension that its offer does not allow (RFC 6455 9.1).
    InvalidExtensionAnswer,
    /// The server did without an extension that is required.
    ExtensionDeclined,
    /// The body of a refusal is not by its framing (RFC 9112 6, 7).
    InvalidBody,
    /// A status that opens no connection, where somebody else reads the response.
    Refused,
}

impl HandshakeError {
    /// The HTTP status that tells the client.
    ///
    /// For what a server did wrong it is 502, which a gateway would tell its own client.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::EarlyEof
            | Self::BareLineFeed
            | Self::ControlCharacter
            | Self::FoldedHeader
            | Self::MalformedStartLine
            | Self::InvalidHeaderName
            | Self::MissingProtocol
            | Self::InvalidScheme
            | Self::ConnectionHeader
            | Self::InvalidTarget
            | Self::MissingHost
            | Self::DuplicateHost
            | Self::InvalidHost
            | Self::MissingUpgrade
            | Self::MissingConnection
            | Self::MissingVersion
            | Self::DuplicateVersion
            | Self::InvalidVersion
            | Self::MissingKey
            | Self::DuplicateKey
            | Self::InvalidKey
            | Self::RequestBody
            | Self::InvalidOrigin
            | Self::InvalidSubprotocols
            | Self::InvalidExtensions => 400,
            Self::MethodNotGet | Self::MethodNotConnect => 405,
            Self::UnsupportedVersion => 426,
            Self::HeadTooLong | Self::TooManyHeaders => 431,
            Self::UnsupportedProtocol => 501,
            Self::HttpVersion => 505,
            Self::TooManyInterimAnswers
            | Self::MissingAccept
            | Self::DuplicateAccept
            | Self::WrongAccept
            | Self::UnofferedSubprotocol
            | Self::DuplicateSubprotocol
            | Self::UnofferedExtension
            | Self::InvalidExtensionAnswer
            | Self::ExtensionDeclined
            | Self::InvalidBody
            | Self::Refused => 502,
        }
    }

    /// As a server: refuses the request, with a body that names the rule. Gives what to do with
    /// the transport once that is sent.
    ///
    /// The response says `Connection: close`; nothing that follows the request may be read. It
    /// says which version of the protocol is spoken here, where the client's was none or another
    /// (RFC 6455 4.4).
    pub fn respond(self, outbox: &mut Outbox) -> Shutdown {
        refusal::whole(
            self.status(),
            self.lines(),
            self.as_str().as_bytes(),
            outbox,
        );
        Shutdown::CloseNow
    }

    /// The headers of the refusal that depend on the rule.
    pub(crate) const fn lines(self) -> &'static [u8] {
        match self {
            Self::MissingVersion | Self::DuplicateVersion | Self::InvalidVersion => {
                b"Content-Type: text/plain\r\nSec-WebSocket-Version: 13\r\n"
            }
            // A 426 names the protocol to upgrade to (RFC 9110 15.5.22), hop by hop.
            Self::UnsupportedVersion => {
                b"Content-Type: text/plain\r\nSec-WebSocket-Version: 13\r\n\
                  Connection: Upgrade\r\nUpgrade: websocket\r\n"
            }
            // RFC 9110 15.5.6.
            Self::MethodNotGet => b"Content-Type: text/plain\r\nAllow: GET\r\n",
            Self::MethodNotConnect => b"Content-Type: text/plain\r\nAllow: CONNECT\r\n",
            _ => b"Content-Type: text/plain\r\n",
        }
    }

    /// The rule in a few words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EarlyEof => "the transport ended early",
            Self::HeadTooLong => "head too long",
            Self::TooManyHeaders => "too many headers",
            Self::BareLineFeed => "line feed without a carriage return",
            Self::ControlCharacter => "control character in the head",
            Self::FoldedHeader => "header folded over two lines",
            Self::MalformedStartLine => "malformed first line",
            Self::InvalidHeaderName => "header without a name and a colon",
            Self::HttpVersion => "wrong version of HTTP",
            Self::MethodNotGet => "method is not GET",
            Self::MethodNotConnect => "method is not CONNECT",
            Self::MissingProtocol => "no :protocol",
            Self::UnsupportedProtocol => ":protocol is not websocket",
            Self::InvalidScheme => ":scheme is neither http nor https",
            Self::ConnectionHeader => "header of an HTTP/1 connection",
            Self::InvalidTarget => "invalid request target",
            Self::MissingHost => "no Host",
            Self::DuplicateHost => "more than one Host",
            Self::InvalidHost => "invalid Host",
            Self::MissingUpgrade => "no Upgrade to websocket",
            Self::MissingConnection => "no upgrade in Connection",
            Self::MissingVersion => "no Sec-WebSocket-Version",
            Self::DuplicateVersion => "more than one Sec-WebSocket-Version",
            Self::InvalidVersion => "Sec-WebSocket-Version is not a number",
            Self::UnsupportedVersion => "Sec-WebSocket-Version is not 13",
            Self::MissingKey => "no Sec-WebSocket-Key",
            Self::DuplicateKey => "more than one Sec-WebSocket-Key",
            Self::InvalidKey => "Sec-WebSocket-Key is not 16 bytes in base64",
            Self::RequestBody => "request with a body",
            Self::InvalidOrigin => "invalid Origin",
            Self::InvalidSubprotocols => "invalid Sec-WebSocket-Protocol",
            Self::InvalidExtensions => "invalid Sec-WebSocket-Extensions",
            Self::TooManyInterimAnswers => "too many interim answers",
            Self::MissingAccept => "no Sec-WebSocket-Accept",
            Self::DuplicateAccept => "more than one Sec-WebSocket-Accept",
            Self::WrongAccept => "Sec-WebSocket-Accept is not of our key",
            Self::UnofferedSubprotocol => "subprotocol that was not offered",
            Self::DuplicateSubprotocol => "more than one subprotocol",
            Self::UnofferedExtension => "extension that was not offered",
            Self::InvalidExtensionAnswer => "extension answered against its offer",
            Self::ExtensionDeclined => "required extension declined",
            Self::InvalidBody => "malformed body",
            Self::Refused => "refused",
        }
    }
}

impl fmt::Display for HandshakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl core::error::Error for HandshakeError {}

impl From<InvalidAnswer> for HandshakeError {
    fn from(InvalidAnswer: InvalidAnswer) -> Self {
        Self::InvalidExtensionAnswer
    }
}
