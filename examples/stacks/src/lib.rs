//! What the examples share: an echo over whatever reads and writes.

pub mod h2_stream;

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use wsproto::{Event, Inbox, Open, Outbox, Server};

/// Echoes text and binary messages until the client says Close or leaves, and ends the transport.
/// What has been read of it already is in the inbox.
///
/// # Errors
///
/// If the transport fails.
pub async fn echo<T>(mut open: Open<Server>, mut inbox: Inbox, mut transport: T) -> io::Result<()>
where
    T: AsyncRead + AsyncWrite + Unpin,
{
    let mut outbox = Outbox::new();
    let closed = loop {
        match open.receive(&mut inbox, &mut outbox) {
            Ok(Some(Event::Text(text))) => open.send_text(&text, &mut outbox),
            Ok(Some(Event::Binary(data))) => open.send_binary(&data, &mut outbox),
            Ok(Some(Event::Ping(_) | Event::Pong(_))) => {} // a ping has been answered already
            Ok(Some(Event::Close(close))) => break open.acknowledge(close, &mut outbox),
            Ok(None) => {
                transport.write_all_buf(&mut outbox).await?;
                transport.flush().await?;
                match transport.read(inbox.space(16 << 10)).await? {
                    0 => break open.eof(),
                    read => inbox.filled(read),
                }
            }
            Err(violation) => break open.fail(violation, &mut outbox), // tells the client why
        }
    };
    println!(
        "closed with {}, cleanly: {}",
        closed.code(),
        closed.is_clean()
    );
    // What `closed.shutdown()` says, for a server: to close with input unread would be a reset.
    transport.write_all_buf(&mut outbox).await?;
    transport.shutdown().await?;
    let mut nobody_reads_this = tokio::io::sink();
    let discard = tokio::io::copy(&mut transport, &mut nobody_reads_this);
    let _ = tokio::time::timeout(Duration::from_secs(1), discard).await;
    Ok(())
}
