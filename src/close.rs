//! What may stand in a control frame: close codes, reasons, payloads.
//!
//! Knows nothing of frames or connections. Its one idea: what is illegal on the wire cannot be
//! built, so nothing that sends has anything to check.

use alloc::borrow::{Cow, ToOwned};
use alloc::string::String;
use core::fmt;

/// A status code that may stand in a Close frame ([RFC 6455 7.4]).
///
/// It holds 1000–1003, 1007–1014 and 3000–4999, and nothing else: 1004, 1005, 1006 and 1015 are
/// reserved, the rest is unassigned. What an observer is told, the reserved codes included, is a
/// [`CloseStatus`].
///
/// A code known at compile time fails the build when it is illegal:
///
/// ```
/// use wsproto::CloseCode;
/// let code = CloseCode::literal::<4001>();
/// ```
/// ```compile_fail,E0080
/// use wsproto::CloseCode;
/// let code = CloseCode::literal::<1005>();
/// ```
///
/// [RFC 6455 7.4]: https://www.rfc-editor.org/rfc/rfc6455#section-7.4
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CloseCode(u16);

impl CloseCode {
    /// 1000: the purpose of the connection has been fulfilled.
    pub const NORMAL: Self = Self(1000);
    /// 1001: a server is going down, or a browser has left the page.
    pub const GOING_AWAY: Self = Self(1001);
    /// 1002: the peer broke the protocol.
    pub const PROTOCOL_ERROR: Self = Self(1002);
    /// 1003: a kind of data that this endpoint does not accept.
    pub const UNSUPPORTED_DATA: Self = Self(1003);
    /// 1007: data that is not what its message's kind promises, such as text that is not UTF-8.
    pub const INVALID_PAYLOAD: Self = Self(1007);
    /// 1008: a message against this endpoint's policy.
    pub const POLICY_VIOLATION: Self = Self(1008);
    /// 1009: a message that is too big to process.
    pub const MESSAGE_TOO_BIG: Self = Self(1009);
    /// 1010: the client expected an extension that the server did not agree to. For clients.
    pub const MANDATORY_EXTENSION: Self = Self(1010);
    /// 1011: the server met a condition that it did not expect. For servers.
    pub const INTERNAL_ERROR: Self = Self(1011);
    /// 1012: the service restarts (IANA registry).
    pub const SERVICE_RESTART: Self = Self(1012);
    /// 1013: try again later (IANA registry).
    pub const TRY_AGAIN_LATER: Self = Self(1013);
    /// 1014: a gateway got an invalid response from its upstream (IANA registry).
    pub const BAD_GATEWAY: Self = Self(1014);

    /// The code `code`, if it may stand in a Close frame.
    #[must_use]
    pub const fn new(code: u16) -> Option<Self> {
        match code {
            1000..=1003 | 1007..=1014 | 3000..=4999 => Some(Self(code)),
            _ => None,
        }
    }

    /// The code `CODE`; one that may not stand in a Close frame fails the build.
    ///
    /// In a constant `CloseCode::new(4001).unwrap()` does so too, and the compiler points to it.
    #[must_use]
    pub const fn literal<const CODE: u16>() -> Self {
        const { Self::new(CODE).expect("this close code may not be sent (RFC 6455 7.4)") }
    }

    /// The code as a number.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl TryFrom<u16> for CloseCode {
    type Error = ReservedCode;

    fn try_from(code: u16) -> Result<Self, ReservedCode> {
        Self::new(code).ok_or(ReservedCode(code))
    }
}

impl From<CloseCode> for u16 {
    fn from(code: CloseCode) -> Self {
        code.0
    }
}

impl fmt::Debug for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CloseCode({})", self.0)
    }
}

impl fmt::Display for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A number that may not stand in a Close frame (RFC 6455 7.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReservedCode(pub u16);

impl fmt::Display for ReservedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} may not stand in a Close frame", self.0)
    }
}

impl core::error::Error for ReservedCode {}

/// How a connection ended, as an observer is told ([RFC 6455 7.1.5]).
///
/// A code from the wire, or one of the two that never stand there: [`NONE`](Self::NONE) (1005)
/// and [`ABNORMAL`](Self::ABNORMAL) (1006).
///
/// [RFC 6455 7.1.5]: https://www.rfc-editor.org/rfc/rfc6455#section-7.1.5
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CloseStatus(u16);

impl CloseStatus {
    /// 1005: a Close frame without a code.
    pub const NONE: Self = Self(1005);
    /// 1006: the connection ended without a Close frame.
    pub const ABNORMAL: Self = Self(1006);

    /// 1015: the TLS handshake failed. Nothing here says so; it is for whoever does TLS.
    pub const TLS_HANDSHAKE_FAILED: Self = Self(1015);

    /// The code as a number, 1005 and 1006 included.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }

    /// The code that stood in the Close frame, if one did.
    #[must_use]
    pub const fn code(self) -> Option<CloseCode> {
        CloseCode::new(self.0)
    }
}

/// The codes by the names that Python's wsproto has for them.
impl CloseStatus {
    /// 1000, [`CloseCode::NORMAL`].
    pub const NORMAL_CLOSURE: Self = Self(1000);
    /// 1001, [`CloseCode::GOING_AWAY`].
    pub const GOING_AWAY: Self = Self(1001);
    /// 1002, [`CloseCode::PROTOCOL_ERROR`].
    pub const PROTOCOL_ERROR: Self = Self(1002);
    /// 1003, [`CloseCode::UNSUPPORTED_DATA`].
    pub const UNSUPPORTED_DATA: Self = Self(1003);
    /// 1005, [`CloseStatus::NONE`].
    pub const NO_STATUS_RCVD: Self = Self::NONE;
    /// 1006, [`CloseStatus::ABNORMAL`].
    pub const ABNORMAL_CLOSURE: Self = Self::ABNORMAL;
    /// 1007, [`CloseCode::INVALID_PAYLOAD`].
    pub const INVALID_FRAME_PAYLOAD_DATA: Self = Self(1007);
    /// 1008, [`CloseCode::POLICY_VIOLATION`].
    pub const POLICY_VIOLATION: Self = Self(1008);
    /// 1009, [`CloseCode::MESSAGE_TOO_BIG`].
    pub const MESSAGE_TOO_BIG: Self = Self(1009);
    /// 1010, [`CloseCode::MANDATORY_EXTENSION`].
    pub const MANDATORY_EXT: Self = Self(1010);
    /// 1011, [`CloseCode::INTERNAL_ERROR`].
    pub const INTERNAL_ERROR: Self = Self(1011);
    /// 1012, [`CloseCode::SERVICE_RESTART`].
    pub const SERVICE_RESTART: Self = Self(1012);
    /// 1013, [`CloseCode::TRY_AGAIN_LATER`].
    pub const TRY_AGAIN_LATER: Self = Self(1013);
}

impl From<CloseCode> for CloseStatus {
    fn from(code: CloseCode) -> Self {
        Self(code.0)
    }
}

impl PartialEq<CloseCode> for CloseStatus {
    fn eq(&self, code: &CloseCode) -> bool {
        self.0 == code.0
    }
}

impl PartialEq<CloseStatus> for CloseCode {
    fn eq(&self, status: &CloseStatus) -> bool {
        self.0 == status.0
    }
}

impl fmt::Debug for CloseStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CloseStatus({})", self.0)
    }
}

impl fmt::Display for CloseStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The text of a Close frame: UTF-8, at most 123 bytes ([RFC 6455 5.5.1]). Empty by default.
///
/// ```
/// use wsproto::CloseReason;
/// const BYE: CloseReason = CloseReason::from_static("going to bed");
/// let late = CloseReason::try_from("it is late")?;
/// assert!(CloseReason::try_from("x".repeat(124).as_str()).is_err());
/// # Ok::<(), wsproto::TooLong>(())
/// ```
///
/// [RFC 6455 5.5.1]: https://www.rfc-editor.org/rfc/rfc6455#section-5.5.1
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct CloseReason(
    /// At most [`CloseReason::MAX`] bytes.
    Cow<'static, str>,
);

impl CloseReason {
    /// The most bytes that a reason can hold: 125 of a control frame, less the code.
    pub const MAX: usize = 123;

    /// A reason known at compile time, without an allocation.
    ///
    /// # Panics
    ///
    /// If it is longer than 123 bytes. In a `const` that is an error of the build.
    #[must_use]
    #[track_caller]
    pub const fn from_static(reason: &'static str) -> Self {
        fits(reason.len(), Self::MAX)
            .expect("a close reason holds at most 123 bytes (RFC 6455 5.5)");
        Self(Cow::Borrowed(reason))
    }

    /// As much of `reason` as fits, cut between characters: for text that comes from elsewhere,
    /// such as an error's.
    #[must_use]
    pub fn truncated(reason: &str) -> Self {
        let mut end = reason.len().min(Self::MAX);
        while !reason.is_char_boundary(end) {
            end -= 1;
        }
        Self(Cow::Owned(reason[..end].to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, owned.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0.into_owned()
    }
}

impl TryFrom<&str> for CloseReason {
    type Error = TooLong;

    fn try_from(reason: &str) -> Result<Self, TooLong> {
        TooLong::check(reason.len(), Self::MAX)?;
        if reason.is_empty() {
            Ok(Self::default())
        } else {
            Ok(Self(Cow::Owned(reason.to_owned())))
        }
    }
}

impl core::ops::Deref for CloseReason {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for CloseReason {
    /// The length; what is said is nobody's business.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CloseReason({} bytes)", self.0.len())
    }
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The payload of a Ping or Pong: at most 125 bytes ([RFC 6455 5.5]). Empty by default.
///
/// A payload known at compile time fails the build when it is too long:
///
/// ```
/// use wsproto::ControlPayload;
/// let payload = ControlPayload::literal(b"are you there?");
/// ```
/// ```compile_fail,E0080
/// use wsproto::ControlPayload;
/// let payload = ControlPayload::literal(&[0; 126]);
/// ```
///
/// [RFC 6455 5.5]: https://www.rfc-editor.org/rfc/rfc6455#section-5.5
#[derive(Clone, Copy)]
pub struct ControlPayload {
    bytes: [u8; Self::MAX],
    /// At most [`ControlPayload::MAX`].
    len: u8,
}

impl ControlPayload {
    /// The most bytes that the payload of a control frame can hold.
    pub const MAX: usize = 125;

    /// The payload `payload`; one of more than 125 bytes fails the build.
    #[must_use]
    pub const fn literal<const N: usize>(payload: &[u8; N]) -> Self {
        const { fits(N, Self::MAX).expect("a control payload holds at most 125 bytes (RFC 6455 5.5)") }
        let mut bytes = [0; Self::MAX];
        let mut i = 0;
        while i < N {
            bytes[i] = payload[i];
            i += 1;
        }
        Self {
            bytes,
            len: N as u8,
        }
    }

    /// The payload.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

impl Default for ControlPayload {
    fn default() -> Self {
        Self {
            bytes: [0; Self::MAX],
            len: 0,
        }
    }
}

impl TryFrom<&[u8]> for ControlPayload {
    type Error = TooLong;

    fn try_from(payload: &[u8]) -> Result<Self, TooLong> {
        TooLong::check(payload.len(), Self::MAX)?;
        let mut bytes = [0; Self::MAX];
        bytes[..payload.len()].copy_from_slice(payload);
        Ok(Self {
            bytes,
            len: payload.len() as u8,
        })
    }
}

impl<const N: usize> TryFrom<&[u8; N]> for ControlPayload {
    type Error = TooLong;

    fn try_from(payload: &[u8; N]) -> Result<Self, TooLong> {
        payload[..].try_into()
    }
}

impl TryFrom<&str> for ControlPayload {
    type Error = TooLong;

    fn try_from(payload: &str) -> Result<Self, TooLong> {
        payload.as_bytes().try_into()
    }
}

impl core::ops::Deref for ControlPayload {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl PartialEq for ControlPayload {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for ControlPayload {}

impl fmt::Debug for ControlPayload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ControlPayload({} bytes)", self.len)
    }
}

/// In constants an `Option` that is expected gives shorter errors than an assertion.
const fn fits(len: usize, max: usize) -> Option<()> {
    if len <= max { Some(()) } else { None }
}

/// A payload or a reason with more bytes than a control frame holds (RFC 6455 5.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong {
    len: usize,
    max: usize,
}

impl TooLong {
    pub(crate) fn check(len: usize, max: usize) -> Result<(), Self> {
        if len <= max {
            Ok(())
        } else {
            Err(Self { len, max })
        }
    }
}

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} bytes, where a control frame holds at most {}",
            self.len, self.max
        )
    }
}

impl core::error::Error for TooLong {}

/// The peer's Close frame, heard: the witness that [`Open::acknowledge`] and
/// [`Closing::finish`] take.
///
/// It cannot be built or cloned. It owns its reason, so that it can be kept while a message of
/// ours is finished, and can be dropped: [`Open::close`] and [`Open::eof`] end cleanly all the
/// same. It is not tied to its connection: one that came from another connection is the
/// caller's error, and ends unclean.
///
/// [`Open::acknowledge`]: crate::Open::acknowledge
/// [`Open::close`]: crate::Open::close
/// [`Open::eof`]: crate::Open::eof
/// [`Closing::finish`]: crate::Closing::finish
#[derive(Debug, PartialEq, Eq)]
#[must_use = "the peer waits for our answer: `acknowledge` it, or `finish` the closing handshake"]
pub struct PeerClose {
    pub(crate) status: CloseStatus,
    pub(crate) reason: CloseReason,
}

impl PeerClose {
    /// The peer's code; 1005 where its Close frame had none.
    #[must_use]
    pub fn code(&self) -> CloseStatus {
        self.status
    }

    /// The peer's reason; empty where it gave none.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}
