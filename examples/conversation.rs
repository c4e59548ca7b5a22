//! A client and a server talk over loopback TCP, and every byte is shown: from the handshake to
//! the close.

use std::error::Error;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use bytes::Buf;
use wsproto::{
    Acceptance, Client, ClientProgress, CloseCode, CloseReason, ControlPayload, Event, Handshaking,
    Inbox, Limits, Outbox, Request, Server, ServerProgress,
};

fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut client = End::new("client", TcpStream::connect(listener.local_addr()?)?);
    let mut server = End::new("server", listener.accept()?.0);

    println!("1. The client asks for a WebSocket.");
    let request = Request::new("example.com", "/chat")?.subprotocols(&["chat"])?;
    let limits = Limits::default();
    let handshaking = Handshaking::<Client>::start(&request, limits, &mut client.outbox)?;
    client.send_to(&mut server)?;

    println!("2. The server looks at the request, and accepts.");
    let waiting = Handshaking::<Server>::new(limits);
    let ServerProgress::Requested(requested) = waiting.receive(&mut server.inbox)? else {
        return Err("the request is not whole".into());
    };
    println!(
        "   It is for {} at {}.",
        requested.target(),
        requested.host()
    );
    let acceptance = Acceptance::default().subprotocol(requested.choose_subprotocol(&["chat"]));
    let mut serving = requested.accept(acceptance, &mut server.outbox);
    server.send_to(&mut client)?;

    println!("3. The client checks the answer: the connection is open.");
    let ClientProgress::Open(accepted) = handshaking.receive(&mut client.inbox)? else {
        return Err("the answer is not whole, or a refusal".into());
    };
    let mut open = accepted.open;
    println!(
        "   The subprotocol is {:?}.",
        accepted.response.subprotocol()
    );

    println!("4. The client sends a text message, masked with a fresh key.");
    open.send_text("Hello, server", &mut client.outbox);
    client.send_to(&mut server)?;

    println!(
        "5. The server answers while it holds the message, in two fragments with a ping between."
    );
    let Some(Event::Text(text)) = serving.receive(&mut server.inbox, &mut server.outbox)? else {
        return Err("the server hears no text".into());
    };
    println!("   It heard {:?}.", &*text);
    let mut streaming = serving.start_text();
    streaming.write("You said: ", &mut server.outbox);
    streaming.ping(ControlPayload::literal(b"still there?"), &mut server.outbox);
    let mut serving = streaming.finish(&text, &mut server.outbox);
    server.send_to(&mut client)?;

    println!("6. The client hears the ping, which is answered for it, and then the message.");
    while let Some(event) = open.receive(&mut client.inbox, &mut client.outbox)? {
        match event {
            Event::Text(text) => println!("   It heard the text {:?}.", &*text),
            Event::Ping(payload) => println!(
                "   It heard a ping, {:?}.",
                payload.escape_ascii().to_string()
            ),
            other => return Err(format!("the client hears {other:?}").into()),
        }
    }
    client.send_to(&mut server)?;

    println!("7. The client says goodbye. From here on it has no method that sends.");
    let reason = CloseReason::from_static("that was all");
    let mut closing = open.close(CloseCode::NORMAL, reason, &mut client.outbox);
    client.send_to(&mut server)?;

    println!("8. The server hears the pong and the goodbye, and answers that.");
    let closed = loop {
        match serving.receive(&mut server.inbox, &mut server.outbox)? {
            Some(Event::Close(close)) => {
                println!("   It heard {} {:?}.", close.code(), close.reason());
                break serving.acknowledge(close, &mut server.outbox);
            }
            Some(event) => println!("   It heard {event:?}."),
            None => return Err("the server hears no goodbye".into()),
        }
    };
    server.send_to(&mut client)?;
    println!(
        "   Clean: {}. For the transport: {:?}.",
        closed.is_clean(),
        closed.shutdown()
    );

    println!("9. The client hears the answer: both ends are closed.");
    let heard = closing.receive(&mut client.inbox, &mut client.outbox)?;
    let Some(Event::Close(close)) = heard else {
        return Err("the client hears no goodbye".into());
    };
    let closed = closing.finish(close);
    println!(
        "   Clean: {}. For the transport: {:?}.",
        closed.is_clean(),
        closed.shutdown()
    );
    Ok(())
}

/// One end: a name, a transport, and the two buffers.
struct End {
    name: &'static str,
    stream: TcpStream,
    inbox: Inbox,
    outbox: Outbox,
}

impl End {
    fn new(name: &'static str, stream: TcpStream) -> Self {
        Self {
            name,
            stream,
            inbox: Inbox::new(),
            outbox: Outbox::new(),
        }
    }

    /// Writes what is pending to the transport, and lets the other end read all of it.
    fn send_to(&mut self, other: &mut Self) -> Result<(), Box<dyn Error>> {
        let mut left = self.outbox.remaining();
        while self.outbox.has_remaining() {
            let sent = self.stream.write(self.outbox.chunk())?;
            show(self.name, other.name, &self.outbox.chunk()[..sent]);
            self.outbox.advance(sent);
        }
        while left > 0 {
            let read = other.stream.read(other.inbox.space(4096))?;
            if read == 0 {
                return Err("the transport ended".into());
            }
            other.inbox.filled(read);
            left -= read;
        }
        Ok(())
    }
}

/// Shows bytes on the wire: a head as its lines, frames in hexadecimal with what is readable.
fn show(from: &str, to: &str, bytes: &[u8]) {
    if bytes.ends_with(b"\r\n\r\n") {
        for line in String::from_utf8_lossy(bytes)
            .lines()
            .filter(|line| !line.is_empty())
        {
            println!("   {from} -> {to}  {line}");
        }
        return;
    }
    for row in bytes.chunks(16) {
        let hex: String = row.iter().map(|byte| format!("{byte:02x} ")).collect();
        let readable: String = row
            .iter()
            .map(|byte| {
                if byte.is_ascii_graphic() || *byte == b' ' {
                    *byte as char
                } else {
                    '.'
                }
            })
            .collect();
        println!("   {from} -> {to}  {hex:<48} {readable}");
    }
}
