//! A server that echoes, on tokio: a task for each connection.
//!
//! ```text
//! cargo run --features tokio --example tokio_echo_server -- 127.0.0.1:9001
//! ```

use tokio::net::{TcpListener, TcpStream};
use wsproto::{Error, Event, Inbox, tokio::accept};

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1);
    let listener = TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:9001")).await?;
    println!("listening on ws://{}", listener.local_addr()?);
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                eprintln!("cannot accept: {error}");
                // Out of file descriptors, most likely: wait for connections to end.
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                continue;
            }
        };
        tokio::spawn(async move {
            if let Err(error) = echo(stream).await {
                eprintln!("{peer}: {error}");
            }
        });
    }
}

async fn echo(stream: TcpStream) -> Result<(), Error> {
    stream.set_nodelay(true)?;
    let mut inbox = Inbox::new();
    let mut socket = accept(stream, &mut inbox).await?;
    let mut closed = loop {
        match socket.receive(&mut inbox).await? {
            Event::Text(text) => socket.feed_text(&text).await?,
            Event::Binary(data) => socket.feed_binary(&data).await?,
            Event::Ping(_) | Event::Pong(_) => {} // a ping has been answered already
            Event::Close(close) => break socket.acknowledge(close),
        }
    };
    closed.end().await?;
    Ok(())
}
