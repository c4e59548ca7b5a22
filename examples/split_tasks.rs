//! A server on tokio in which everyone hears what anyone says: two tasks for each connection.
//!
//! One receives. The other sends: what is owed to the client, and what is said to all, framed once.

use std::{io, net::SocketAddr, time::Duration};

use clap::Parser;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy, sink};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{broadcast, mpsc};
use tokio::{select, time};
use wsproto::{
    Acceptance, Broadcast, Handshaking, Inbox, Limits, Open, Outbox, OwedPong, PeerClose, Received,
    Receiver, Sender, Server, ServerProgress, Violation,
};

/// Passes on what each client says to all of them
#[derive(Parser)]
struct Options {
    /// Where to listen; port 0 picks a free port
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
}

enum Todo {
    Pong(OwedPong),
    Close(PeerClose),
    Wrong(Violation),
    Eof,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let listener = TcpListener::bind(Options::parse().listen).await?;
    println!("listening on ws://{}", listener.local_addr()?);
    let (all, _) = broadcast::channel(64);
    loop {
        let (stream, peer) = listener.accept().await?;
        let serving = serve(stream, all.clone());
        tokio::spawn(async move {
            if let Err(error) = serving.await {
                eprintln!("split_tasks: {peer}: {error}");
            }
        });
    }
}

async fn serve(mut stream: TcpStream, all: broadcast::Sender<Broadcast>) -> io::Result<()> {
    let mut inbox = Inbox::new();
    let Some(open) = shake_hands(&mut stream, &mut inbox).await? else {
        return Ok(());
    };
    let (sender, receiver) = open.split();
    let (reading, writing) = stream.into_split();
    // Where it is full the client sends faster than it reads, and is not read from for a while.
    let (todo, to_do) = mpsc::channel(16);
    let sending = tokio::spawn(send(sender, to_do, all.subscribe(), writing));
    let mut reading = receive(receiver, reading, inbox, todo, all).await;
    sending.await??;
    // Closing at once could destroy our Close on its way (RFC 6455 7.1.1).
    let second = Duration::from_secs(1);
    let _ = time::timeout(second, copy(&mut reading, &mut sink())).await;
    Ok(())
}

async fn receive(
    mut receiver: Receiver<Server>,
    mut stream: OwnedReadHalf,
    mut inbox: Inbox,
    todo: mpsc::Sender<Todo>,
    all: broadcast::Sender<Broadcast>,
) -> OwnedReadHalf {
    loop {
        let next = match receiver.receive(&mut inbox) {
            Ok(Some(Received::Text(text))) => {
                let _ = all.send(Broadcast::text(&text));
                continue;
            }
            Ok(Some(Received::Binary(_) | Received::Pong(_))) => continue,
            Ok(Some(Received::Ping(owed))) => Todo::Pong(owed),
            Ok(Some(Received::Close(close))) => Todo::Close(close),
            Ok(None) => match stream.read(inbox.space(16 << 10)).await {
                Ok(read) if read > 0 => {
                    inbox.filled(read);
                    continue;
                }
                _ => Todo::Eof,
            },
            Err(violation) => Todo::Wrong(violation),
        };
        let is_last = !matches!(next, Todo::Pong(_));
        if todo.send(next).await.is_err() || is_last {
            return stream;
        }
    }
}

async fn send(
    mut sender: Sender<Server>,
    mut to_do: mpsc::Receiver<Todo>,
    mut news: broadcast::Receiver<Broadcast>,
    mut stream: OwnedWriteHalf,
) -> io::Result<()> {
    let mut outbox = Outbox::new();
    let _closed = loop {
        select! {
            todo = to_do.recv() => match todo {
                Some(Todo::Pong(owed)) => sender.answer(owed, &mut outbox),
                Some(Todo::Close(close)) => break sender.acknowledge(close, &mut outbox),
                Some(Todo::Wrong(violation)) => break sender.fail(violation, &mut outbox),
                Some(Todo::Eof) | None => break sender.eof(),
            },
            // Who reads too slowly misses what was said in between.
            said = news.recv() => if let Ok(said) = said {
                sender.send_broadcast(&said, &mut outbox);
            },
        }
        stream.write_all_buf(&mut outbox).await?;
    };
    stream.write_all_buf(&mut outbox).await?;
    stream.shutdown().await
}

/// Nothing where the client was refused or left.
async fn shake_hands(
    stream: &mut TcpStream,
    inbox: &mut Inbox,
) -> io::Result<Option<Open<Server>>> {
    let (mut server, mut outbox) = (Handshaking::<Server>::new(Limits::default()), Outbox::new());
    let open = loop {
        match stream.read(inbox.space(4 << 10)).await? {
            0 => return Ok(None),
            read => inbox.filled(read),
        }
        server = match server.receive(inbox) {
            Ok(ServerProgress::Handshaking(still)) => still,
            Ok(ServerProgress::Requested(it)) => {
                break Some(it.accept(Acceptance::default(), &mut outbox));
            }
            Err(error) => {
                error.respond(&mut outbox);
                break None;
            }
        };
    };
    stream.write_all_buf(&mut outbox).await?;
    Ok(open)
}
