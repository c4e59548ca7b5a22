//! A client that sends a message, prints the reply, and closes, on tokio.
//!
//! ```text
//! cargo run --features tokio --example tokio_echo_client -- ws://127.0.0.1:9001/ hello
//! ```

use tokio::net::TcpStream;
use wsproto::{CloseCode, CloseReason, Event, Inbox, Request, tokio::connect};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let uri = std::env::args().nth(1);
    let message = std::env::args().nth(2);
    let request = Request::from_uri(uri.as_deref().unwrap_or("ws://127.0.0.1:9001/"))?;
    let stream = TcpStream::connect((request.host(), request.port())).await?;
    let mut inbox = Inbox::new();
    let mut socket = connect(stream, &request, &mut inbox).await?.socket;
    socket
        .send_text(message.as_deref().unwrap_or("hello"))
        .await?;
    match socket.receive(&mut inbox).await? {
        Event::Text(text) => println!("{}", &*text),
        other => println!("{other:?}"),
    }
    let mut closing = socket.close(CloseCode::NORMAL, CloseReason::default());
    let close = closing.receive_close(&mut inbox).await?;
    closing.finish(close).end().await?;
    Ok(())
}
