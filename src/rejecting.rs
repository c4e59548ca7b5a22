//! The phase in which a server is writing the body of its refusal.

use crate::headers::ExtraHeaders;
use crate::outbox::Outbox;
use crate::refusal::{self, RejectStatus};
use crate::rejected::Rejected;
use crate::role::Server;

/// A refusal whose body is unfinished: it goes out in chunks (RFC 9112 7.1).
///
/// | exit | to |
/// |---|---|
/// | [`finish`](Self::finish) | [`Rejected`] |
///
/// ```
/// # use wsproto::{ExtraHeaders, Outbox, RejectStatus, Requested};
/// # fn reject(requested: Requested, outbox: &mut Outbox) {
/// let mut rejecting =
///     requested.start_reject(RejectStatus::FORBIDDEN, &ExtraHeaders::new(), outbox);
/// rejecting.write(b"not ", outbox);
/// rejecting.write(b"here", outbox);
/// let shutdown = rejecting.finish(outbox).shutdown();
/// # }
/// ```
#[derive(Debug)]
#[must_use = "the body is unfinished: `finish` it"]
pub struct Rejecting {
    status: RejectStatus,
}

impl Rejecting {
    pub(crate) fn start(status: RejectStatus, headers: &ExtraHeaders, outbox: &mut Outbox) -> Self {
        refusal::chunked(status.get(), headers.headers().lines(), outbox);
        Self { status }
    }

    /// Sends the next piece of the body.
    pub fn write(&mut self, data: &[u8], outbox: &mut Outbox) {
        refusal::chunk(data, outbox);
    }

    /// Ends the body.
    pub fn finish(self, outbox: &mut Outbox) -> Rejected<Server> {
        refusal::last_chunk(outbox);
        Rejected::with(self.status)
    }
}
