//! A stream of HTTP/2 as a transport: from the inbox's and the outbox's side.

use std::future::poll_fn;
use std::time::Duration;

use bytes::{Buf, Bytes};
use h2::{Error, Reason, RecvStream, SendStream};
use tokio::time::timeout;
use wsproto::{Inbox, Outbox};

/// Both directions of a stream.
pub struct Stream {
    send: SendStream<Bytes>,
    body: RecvStream,
}

impl Stream {
    pub fn new(send: SendStream<Bytes>, body: RecvStream) -> Self {
        Self { send, body }
    }

    /// Writes all of the outbox, as the other end's window allows.
    pub async fn write(&mut self, outbox: &mut Outbox) -> Result<(), Error> {
        while outbox.has_remaining() {
            self.send.reserve_capacity(outbox.remaining());
            let granted = poll_fn(|context| self.send.poll_capacity(context)).await;
            let granted = granted.unwrap_or(Err(Reason::STREAM_CLOSED.into()))?;
            let frames = outbox.bytes_to_send(Some(granted));
            self.send.send_data(frames, false)?;
        }
        Ok(())
    }

    /// Reads what comes next. False at END_STREAM, and at a reset: nothing comes behind either.
    pub async fn read(&mut self, inbox: &mut Inbox) -> Result<bool, Error> {
        match self.body.data().await {
            Some(Ok(data)) => {
                inbox.extend(&data);
                self.body.flow_control().release_capacity(data.len())?;
                Ok(true)
            }
            Some(Err(error)) if !error.is_reset() => Err(error),
            Some(Err(_)) | None => Ok(false),
        }
    }

    /// Writes END_STREAM and waits for the other end's, for a second at most: a stream that is
    /// dropped before that is reset. Whether it came.
    pub async fn end(mut self) -> Result<bool, Error> {
        self.send.send_data(Bytes::new(), true)?;
        let discard = async { while let Some(Ok(_)) = self.body.data().await {} };
        Ok(timeout(Duration::from_secs(1), discard).await.is_ok())
    }
}
