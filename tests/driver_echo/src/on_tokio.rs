//! The tokio driver: a task for each connection.

use futures_util::{SinkExt, StreamExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::yield_now;
use tokio::time::timeout;
use wsproto::tokio::{
    Answer, Heard, Message, Narrowed, ReceiveHalf, SendHalf, Socket, receive_request,
};
use wsproto::{
    Acceptance, Client, Entropy, Error, Event, Extension, Handshaking, Inbox, Negotiate, Open,
    Outbox, Request, Role, Sender,
};

use crate::{Cases, Driver, Failure, Options, SILENCE, offer, say_where};

#[tokio::main(flavor = "current_thread")]
pub async fn listen(options: &Options) -> Result<(), Failure> {
    let listener = TcpListener::bind(options.listen.as_deref().unwrap_or_default()).await?;
    say_where(listener.local_addr()?)?;
    loop {
        let (stream, peer) = listener.accept().await?;
        let options = options.clone();
        tokio::spawn(async move {
            if let Err(error) = serve(stream, &options).await {
                eprintln!("{peer}: {error}");
            }
        });
    }
}

async fn serve(stream: TcpStream, options: &Options) -> Result<(), Failure> {
    stream.set_nodelay(true)?;
    let mut inbox = Inbox::new();
    let asked = receive_request(stream, options.limits(), &mut inbox);
    let requested = timeout(SILENCE, asked).await??;
    let acceptance = Acceptance::default();
    if !options.deflate {
        return echo(requested.accept(acceptance), inbox, options.driver).await;
    }
    match requested.accept_with(offer(), acceptance).narrow() {
        Narrowed::With(socket) => echo(socket, inbox, options.driver).await,
        Narrowed::Without(socket) => echo(socket, inbox, options.driver).await,
    }
}

#[tokio::main(flavor = "current_thread")]
pub async fn run_cases(cases: &Cases<'_>) -> Result<(), Failure> {
    let count = first_text(&cases.count()).await?.parse()?;
    for case in 1..=count {
        // What goes wrong in a case is for the server to judge.
        match timeout(SILENCE, run_case(&cases.case(case), cases.options)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => eprintln!("driver_echo: case {case}: {error}"),
            Err(late) => eprintln!("driver_echo: case {case}: {late}"),
        }
    }
    let mut inbox = Inbox::new();
    let socket = connect(&cases.reports(), (), cases.options, &mut inbox).await?;
    echo(socket, inbox, cases.options.driver).await
}

async fn run_case(uri: &str, options: &Options) -> Result<(), Failure> {
    let mut inbox = Inbox::new();
    if !options.deflate {
        let socket = connect(uri, (), options, &mut inbox).await?;
        return echo(socket, inbox, options.driver).await;
    }
    match connect(uri, offer(), options, &mut inbox).await?.narrow() {
        Narrowed::With(socket) => echo(socket, inbox, options.driver).await,
        Narrowed::Without(socket) => echo(socket, inbox, options.driver).await,
    }
}

async fn connect<N: Negotiate>(
    uri: &str,
    proposal: N,
    options: &Options,
    inbox: &mut Inbox,
) -> Result<Socket<Open<Client, N::Agreed>, TcpStream>, Failure> {
    let request = Request::from_uri(uri)?;
    let stream = TcpStream::connect((request.host(), request.port())).await?;
    stream.set_nodelay(true)?;
    let mut outbox = Outbox::new();
    let handshaking = Handshaking::propose(
        &request,
        proposal,
        options.limits(),
        Entropy::from_os()?,
        &mut outbox,
    );
    let socket = Socket::new(handshaking, outbox, stream);
    match socket.receive_answer(inbox).await? {
        Answer::Accepted(accepted) => Ok(accepted.socket),
        Answer::Rejected(rejected) => {
            Err(format!("refused with {}", rejected.phase().status()).into())
        }
    }
}

/// The first message, which has to be text.
async fn first_text(uri: &str) -> Result<String, Failure> {
    let request = Request::from_uri(uri)?;
    let stream = TcpStream::connect((request.host(), request.port())).await?;
    let mut inbox = Inbox::new();
    let mut socket = wsproto::tokio::connect(stream, &request, &mut inbox)
        .await?
        .socket;
    match socket.receive(&mut inbox).await? {
        Event::Text(text) => Ok(text.into_string()),
        event => Err(format!("no text, but {event:?}").into()),
    }
}

/// Echoes until the connection ends.
async fn echo<R: Role, X: Extension>(
    socket: Socket<Open<R, X>, TcpStream>,
    inbox: Inbox,
    driver: Driver,
) -> Result<(), Failure> {
    let ended = match driver {
        Driver::Messages => echo_messages(socket, inbox).await,
        Driver::Halves => echo_halves(socket, inbox).await,
        Driver::Tokio | Driver::Blocking => echo_events(socket, inbox).await,
    };
    match ended {
        // Many cases are about one. The peer was told.
        Ok(()) | Err(Error::Violation(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Text goes at once, and binary messages with what follows.
async fn echo_events<R: Role, X: Extension>(
    mut socket: Socket<Open<R, X>, TcpStream>,
    mut inbox: Inbox,
) -> Result<(), Error> {
    let mut closed = loop {
        match socket.receive(&mut inbox).await? {
            Event::Text(text) => socket.send_text(&text).await?,
            Event::Binary(data) => socket.feed_binary(&data).await?,
            Event::Ping(_) | Event::Pong(_) => {} // a ping has been answered already
            Event::Close(close) => break socket.acknowledge(close),
        }
    };
    closed.end().await?;
    Ok(())
}

async fn echo_messages<R: Role, X: Extension>(
    socket: Socket<Open<R, X>, TcpStream>,
    inbox: Inbox,
) -> Result<(), Error> {
    let mut messages = socket.messages(inbox);
    while let Some(message) = messages.next().await {
        messages.send(message?).await?;
    }
    Ok(())
}

async fn echo_halves<R: Role, X: Extension>(
    socket: Socket<Open<R, X>, TcpStream>,
    inbox: Inbox,
) -> Result<(), Error> {
    let (sender, receiver) = socket.split_with(TcpStream::into_split);
    let (messages, to_send) = mpsc::channel(16);
    let (received, sent) = tokio::join!(
        // What was heard last is answered before anything else is heard.
        biased;
        receive(receiver, inbox, messages),
        send(sender, to_send),
    );
    sent.and(received)
}

async fn receive<R: Role, X: Extension>(
    mut receiver: ReceiveHalf<R, OwnedReadHalf, X>,
    mut inbox: Inbox,
    messages: mpsc::Sender<Message>,
) -> Result<(), Error> {
    let ended = loop {
        let message = match receiver.receive(&mut inbox).await {
            Ok(Some(Event::Text(text))) => Message::Text(text.into_string()),
            Ok(Some(Event::Binary(data))) => Message::Binary(data.into_vec().into()),
            Ok(Some(Event::Ping(_))) => {
                // The other half answers the newest that it is told of: for case 2.10, which asks for
                // more than RFC 6455 5.5.3 does, it has its turn before there is another.
                yield_now().await;
                continue;
            }
            Ok(Some(_)) => continue,
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        };
        if messages.send(message).await.is_err() {
            // The other half has failed, and says why.
            break Ok(());
        }
    };
    receiver.end().await;
    ended
}

async fn send<R: Role, X: Extension>(
    mut sender: SendHalf<Sender<R, X>, OwnedWriteHalf>,
    mut messages: mpsc::Receiver<Message>,
) -> Result<(), Error> {
    let heard = loop {
        tokio::select! {
            // What came before the peer's Close is in the channel when that is heard.
            biased;
            Some(message) = messages.recv() => match message {
                Message::Text(text) => sender.send_text(&text).await?,
                Message::Binary(data) => sender.send_bytes(data).await?,
            },
            heard = sender.ended() => break heard?,
        }
    };
    let mut closed = match heard {
        Heard::Close(close) => sender.acknowledge(close),
        Heard::Violation(violation) => sender.fail(violation),
        Heard::Eof => sender.eof(),
    };
    closed.end().await?;
    Ok(())
}
