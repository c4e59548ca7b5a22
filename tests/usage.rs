//! The programs that people write around a connection, written as they would.

use std::collections::HashMap;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use bytes::Buf;
use wsproto::{
    Chunks, Client, CloseCode, CloseReason, Closed, ControlPayload, Established, Event, Inbox,
    Limits, Open, Outbox, Remainder, Server, Side,
};

fn server() -> Open<Server> {
    Open::<Server>::after_upgrade((), Limits::default())
}

fn client() -> Open<Client> {
    Open::<Client>::after_upgrade((), Limits::default(), [7; 32])
}

/// What `outbox` holds, as the other end reads it.
fn carry<D: wsproto::Delivery>(outbox: &mut Outbox, inbox: &mut Inbox<D>) {
    while outbox.has_remaining() {
        let piece = outbox.chunk();
        inbox.extend(piece);
        outbox.advance(piece.len());
    }
}

/// The next event, which has to be a text message.
fn text<R: wsproto::Role>(open: &mut Open<R>, inbox: &mut Inbox, outbox: &mut Outbox) -> String {
    match open.receive(inbox, outbox) {
        Ok(Some(Event::Text(text))) => text.into_string(),
        other => panic!("not a text message: {other:?}"),
    }
}

/// (b) A connection beside other fields, driven by callbacks.
mod callbacks {
    use super::*;

    struct Session {
        connection: Established<Server>,
        inbox: Inbox,
        outbox: Outbox,
        heard: usize,
    }

    impl Session {
        /// The event loop has read something.
        fn on_readable(&mut self, bytes: &[u8]) {
            self.inbox.extend(bytes);
            loop {
                match self.connection.receive(&mut self.inbox, &mut self.outbox) {
                    Ok(Some(Event::Text(text))) => {
                        self.heard += 1;
                        if let Established::Open(open) = &mut self.connection {
                            open.send_text(&text, &mut self.outbox);
                        }
                    }
                    Ok(Some(Event::Close(close))) => {
                        return self.connection.acknowledge(close, &mut self.outbox);
                    }
                    Ok(Some(_)) => {}
                    Ok(None) => return,
                    Err(violation) => return self.connection.fail(violation, &mut self.outbox),
                }
            }
        }
    }

    #[test]
    fn a_struct_holds_a_connection_and_is_driven_by_callbacks() {
        let mut session = Session {
            connection: server().into(),
            inbox: Inbox::new(),
            outbox: Outbox::new(),
            heard: 0,
        };
        let (mut peer, mut inbox, mut outbox) = (client(), Inbox::new(), Outbox::new());
        for round in ["one", "two"] {
            peer.send_text(round, &mut outbox);
            session.on_readable(&outbox.bytes_to_send(None));
            carry(&mut session.outbox, &mut inbox);
            assert_eq!(text(&mut peer, &mut inbox, &mut outbox), round);
        }
        assert_eq!(session.heard, 2);
        let closing = peer.close(CloseCode::NORMAL, CloseReason::default(), &mut outbox);
        session.on_readable(&outbox.bytes_to_send(None));
        assert!(session.connection.closed().is_some_and(Closed::is_clean));
        drop(closing);
    }
}

/// (c) Many connections in mixed phases on one thread, with one inbox and one outbox.
#[test]
fn a_thousand_connections_in_mixed_phases_share_an_inbox_and_an_outbox() {
    struct Peer {
        connection: Established<Server>,
        remainder: Option<Remainder>,
        wire: Vec<u8>,
    }

    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    let mut peers = HashMap::new();
    for id in 0..1000_u32 {
        let connection = match id % 4 {
            0 => server().start_text().into(),
            1 => server()
                .close(CloseCode::GOING_AWAY, CloseReason::default(), &mut outbox)
                .into(),
            2 => server().eof().into(),
            _ => server().into(),
        };
        // The peer's message comes in two fragments and a half-read Ping.
        let mut sent = Outbox::new();
        let mut streaming = client().start_text();
        streaming.write(&format!("from {id}"), &mut sent);
        let mut open = streaming.finish(" and to you", &mut sent);
        open.ping(ControlPayload::literal(b"alive?"), &mut sent);
        let wire = sent.bytes_to_send(None).to_vec();
        peers.insert(
            id,
            Peer {
                connection,
                remainder: None,
                wire,
            },
        );
    }
    outbox.advance(outbox.len());

    let mut heard = HashMap::new();
    let mut pongs = 0;
    // Seven bytes of each in turn, as an event loop would.
    while peers.values().any(|peer| !peer.wire.is_empty()) {
        for (id, peer) in &mut peers {
            if let Some(remainder) = peer.remainder.take() {
                inbox.attach(remainder);
            }
            let read = peer.wire.len().min(7);
            inbox.extend(&peer.wire[..read]);
            peer.wire.drain(..read);
            loop {
                match peer.connection.receive(&mut inbox, &mut outbox) {
                    Ok(Some(Event::Text(text))) => _ = heard.insert(*id, text.into_string()),
                    Ok(Some(_)) => {}
                    Ok(None) => break,
                    Err(violation) => panic!("{id}: {violation}"),
                }
            }
            if matches!(peer.connection, Established::Closed(_)) {
                // What a closed connection does not read belongs to nobody.
                _ = inbox.detach();
            }
            pongs += usize::from(!outbox.bytes_to_send(None).is_empty());
            peer.remainder = inbox.detach();
        }
    }
    assert_eq!(heard.len(), 750, "all but the closed ones hear");
    assert_eq!(pongs, 750, "and answer pings, also while they are closing");
    assert!(
        heard
            .iter()
            .all(|(id, text)| *text == format!("from {id} and to you"))
    );
}

/// (d) A proxy between two connections, which forwards messages and closes.
#[test]
fn a_proxy_forwards_messages_and_the_close_with_its_code_and_reason() {
    let (mut browser, mut browser_in, mut browser_out) = (client(), Inbox::new(), Outbox::new());
    let (mut front, mut front_in, mut front_out) = (server(), Inbox::new(), Outbox::new());
    let (mut back, mut back_in, mut back_out) = (client(), Inbox::new(), Outbox::new());
    let (mut origin, mut origin_in, mut origin_out) = (server(), Inbox::new(), Outbox::new());

    browser.send_text("hello", &mut browser_out);
    browser.send_binary(&[1, 2, 3], &mut browser_out);
    let reason = CloseReason::from_static("done");
    let mut browser = browser.close(CloseCode::literal::<4000>(), reason, &mut browser_out);
    carry(&mut browser_out, &mut front_in);

    // The proxy, in the direction from the front to the back.
    let close = loop {
        match front
            .receive(&mut front_in, &mut front_out)
            .unwrap()
            .unwrap()
        {
            Event::Text(text) => back.send_text(&text, &mut back_out),
            Event::Binary(data) => back.send_binary(&data, &mut back_out),
            Event::Ping(_) | Event::Pong(_) => {}
            Event::Close(close) => break close,
        }
    };
    let mut back = match close.code().code() {
        Some(code) => {
            let reason = CloseReason::try_from(close.reason()).unwrap();
            back.close(code, reason, &mut back_out)
        }
        None => back.close_without_code(&mut back_out),
    };
    carry(&mut back_out, &mut origin_in);

    assert_eq!(text(&mut origin, &mut origin_in, &mut origin_out), "hello");
    let event = origin.receive(&mut origin_in, &mut origin_out).unwrap();
    assert!(matches!(event, Some(Event::Binary(data)) if *data == [1, 2, 3]));
    let Ok(Some(Event::Close(heard))) = origin.receive(&mut origin_in, &mut origin_out) else {
        panic!("the close is forwarded");
    };
    assert_eq!((heard.code().get(), heard.reason()), (4000, "done"));
    let origin = origin.acknowledge(heard, &mut origin_out);
    carry(&mut origin_out, &mut back_in);

    // The answer takes the same way back.
    let Ok(Some(Event::Close(answer))) = back.receive(&mut back_in, &mut back_out) else {
        panic!("the origin answers");
    };
    let back = back.finish(answer);
    let front = front.acknowledge(close, &mut front_out);
    carry(&mut front_out, &mut browser_in);
    let Ok(Some(Event::Close(answer))) = browser.receive(&mut browser_in, &mut browser_out) else {
        panic!("the proxy answers");
    };
    let browser = browser.finish(answer);
    assert!(browser.is_clean() && front.is_clean() && back.is_clean() && origin.is_clean());
    assert_eq!(browser.initiator(), Some(Side::Us));
    assert_eq!(browser.code().get(), 4000);
}

/// (e) A message of 1 GiB in both directions of memory: none of it is kept.
#[test]
fn a_gibibyte_goes_through_in_constant_memory_while_pings_are_answered() {
    const PIECE: usize = 64 << 10;
    const PIECES: usize = (1 << 30) / PIECE;
    let limits = Limits::default().message_payload(1 << 30);
    let mut receiver = Open::<Client>::after_upgrade((), limits, [7; 32]);
    let (mut inbox, mut outbox): (Inbox<Chunks>, _) = (Inbox::chunks(), Outbox::new());
    let mut sender = server().start_binary();
    let (mut sender_in, mut sender_out) = (Inbox::new(), Outbox::new());

    let piece = vec![0xa5; PIECE];
    let (mut received, mut pongs, mut finished) = (0_usize, 0, false);
    for number in 0..PIECES {
        sender.write(&piece, &mut sender_out);
        if number % 1024 == 0 {
            sender.ping(
                ControlPayload::try_from(&number.to_be_bytes()[..]).unwrap(),
                &mut sender_out,
            );
        }
        carry(&mut sender_out, &mut inbox);
        while let Some(event) = receiver.receive(&mut inbox, &mut outbox).unwrap() {
            if let Event::Binary(chunk) = event {
                received += chunk.len();
                assert!(!chunk.message_finished());
            }
        }
        carry(&mut outbox, &mut sender_in);
        while let Some(event) = sender.receive(&mut sender_in, &mut sender_out).unwrap() {
            pongs += usize::from(matches!(event, Event::Pong(_)));
        }
        assert!(inbox.capacity() + outbox.capacity() < 4 * PIECE);
        assert!(sender_in.capacity() + sender_out.capacity() < 4 * PIECE);
    }
    let sender = sender.finish(&[], &mut sender_out);
    carry(&mut sender_out, &mut inbox);
    while let Some(event) = receiver.receive(&mut inbox, &mut outbox).unwrap() {
        if let Event::Binary(chunk) = event {
            received += chunk.len();
            finished |= chunk.message_finished();
        }
    }
    assert_eq!((received, pongs, finished), (1 << 30, PIECES / 1024, true));
    assert!(!sender.eof().is_clean());
}

/// (f) An async task that awaits between `receive` and `send`, holding the event.
#[test]
fn a_task_awaits_while_it_holds_an_event() {
    async fn lookup(word: &str) -> String {
        let mut polls = 0;
        std::future::poll_fn(|_| {
            polls += 1;
            if polls < 3 {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        })
        .await;
        format!("{word}!")
    }

    async fn serve(mut open: Open<Server>, mut inbox: Inbox) -> (Closed<Server>, Outbox) {
        let mut outbox = Outbox::new();
        let closed = loop {
            match open.receive(&mut inbox, &mut outbox) {
                Ok(Some(Event::Text(text))) => {
                    let answer = lookup(&text).await;
                    open.send_text(&text, &mut outbox);
                    open.send_text(&answer, &mut outbox);
                }
                Ok(Some(Event::Close(close))) => break open.acknowledge(close, &mut outbox),
                Ok(Some(_)) => {}
                Ok(None) => break open.eof(),
                Err(violation) => break open.fail(violation, &mut outbox),
            }
        };
        (closed, outbox)
    }

    fn spawnable<F: Future + Send>(future: F) -> F {
        future
    }

    let (mut peer, mut sent) = (client(), Outbox::new());
    peer.send_text("hello", &mut sent);
    let closing = peer.close(CloseCode::NORMAL, CloseReason::default(), &mut sent);
    let mut inbox = Inbox::new();
    carry(&mut sent, &mut inbox);

    let mut task = pin!(spawnable(serve(server(), inbox)));
    let mut context = Context::from_waker(Waker::noop());
    let (closed, mut outbox) = loop {
        if let Poll::Ready(done) = task.as_mut().poll(&mut context) {
            break done;
        }
    };
    assert!(closed.is_clean());
    assert_eq!(
        outbox.bytes_to_send(None),
        b"\x81\x05hello\x81\x06hello!\x88\x02\x03\xe8"[..]
    );
    drop(closing);
}
