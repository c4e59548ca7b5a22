//! The end of a handshake that was refused (RFC 6455 4.1, 4.2.2), in both roles.

use core::fmt;

use crate::body::Body;
use crate::closed::Shutdown;
use crate::delivery::Delivery;
use crate::handshake_error::HandshakeError;
use crate::handshaking::sealed::Handshake;
use crate::headers::Headers;
use crate::inbox::Inbox;
use crate::refusal::RejectStatus;
use crate::response::Response;
use crate::role::{Client, Server};

/// A handshake that the server refused.
///
/// | exit | |
/// |---|---|
/// | none | send what is pending, then do what [`shutdown`](Self::shutdown) says |
///
/// A client finds here what the server says of it: `Rejected<Client>` has a status, headers, and a
/// body that arrives piece by piece, in memory that does not depend on its size.
///
/// ```
/// use wsproto::{Client, ClientProgress, Handshaking, Inbox, Limits, Outbox, Request};
///
/// let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
/// let request = Request::new("example.com", "/chat")?;
/// # let seed = [7; 32];
/// let client =
///     Handshaking::<Client>::start_with(&request, Limits::default(), seed, &mut outbox);
/// inbox.extend(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 8\r\n\r\nnot ");
/// let ClientProgress::Rejected(mut rejected) = client.receive(&mut inbox)? else { panic!() };
/// assert_eq!(rejected.status(), 403);
///
/// let mut body = Vec::new();
/// while let Some(piece) = rejected.receive_body(&mut inbox)? {
///     body.extend_from_slice(piece);
/// }
/// inbox.extend(b"here");
/// while let Some(piece) = rejected.receive_body(&mut inbox)? {
///     body.extend_from_slice(piece);
/// }
/// assert_eq!(body, b"not here");
/// assert!(rejected.is_finished());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "its `shutdown` says what to do with the transport"]
pub struct Rejected<R: Handshake = Client> {
    data: R::Rejected,
}

/// What a client keeps of a refusal.
#[derive(Debug)]
pub struct Refused {
    response: Response,
    body: Body,
}

impl Rejected<Client> {
    pub(crate) fn of_response(response: Response) -> Self {
        let body = Body::of(&response);
        Self {
            data: Refused { response, body },
        }
    }

    /// The HTTP status, which is not 101.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.data.response.status()
    }

    /// The reason phrase; empty where there is none, or one that is not ASCII.
    #[must_use]
    pub fn reason(&self) -> &str {
        self.data.response.reason()
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> Headers<'_> {
        self.data.response.headers()
    }

    /// The next piece of the body, not empty, if there is one in the inbox.
    ///
    /// Nothing says that more bytes are needed, or that the body
    /// [`is_finished`](Self::is_finished). The piece is of any length: it was not waited for.
    ///
    /// # Errors
    ///
    /// If the body is not by its framing. Final: it is given again each time.
    pub fn receive_body<'e, D: Delivery>(
        &mut self,
        inbox: &'e mut Inbox<D>,
    ) -> Result<Option<&'e [u8]>, HandshakeError> {
        self.data.body.receive(inbox)
    }

    /// Whether all of the body was received.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.data.body.is_finished()
    }

    /// The transport has ended, and what was in the inbox was received: that is the end of a body
    /// whose length was not announced.
    ///
    /// # Errors
    ///
    /// If more of the body was announced.
    pub fn eof(&mut self) -> Result<(), HandshakeError> {
        self.data.body.eof()
    }

    /// What to do with the transport, once the body has been received or is of no interest.
    #[must_use]
    pub fn shutdown(&self) -> Shutdown {
        Shutdown::AwaitEof
    }
}

impl Rejected<Server> {
    pub(crate) fn with(status: RejectStatus) -> Self {
        Self { data: status }
    }

    /// The HTTP status that was sent.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.data.get()
    }

    /// What to do with the transport, once what is pending has been sent.
    #[must_use]
    pub fn shutdown(&self) -> Shutdown {
        Shutdown::CloseNow
    }
}

impl fmt::Debug for Rejected<Client> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rejected")
            .field("response", &self.data.response)
            .field("is_finished", &self.is_finished())
            .finish()
    }
}

impl fmt::Debug for Rejected<Server> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rejected")
            .field("status", &self.status())
            .finish()
    }
}
