//! The erased connection is the typed one: it adds nothing, and loses nothing.

use wsproto::events::{
    AcceptConnection, BytesMessage, CloseConnection, Event, Fail, Ping, Pong, TextMessage,
};
use wsproto::{
    Acceptance, AnyInbox, Client, ClientProgress, CloseStatus, Closed, Connection, Established,
    Event as Lent, Handshaking, Inbox, Limits, Negotiate, Outbox, Parts, Request, Server,
    ServerProgress, Settings,
};

use super::listener::{Side, shake};
use crate::common::{Mode, drain};

/// What happens to a connection.
#[derive(Clone, Debug)]
pub enum Happens {
    /// Bytes arrive, and are listened to.
    Arrives(Vec<u8>),
    /// It is told to send something.
    Sends(Event),
    /// The transport ends.
    Ends,
}

/// A typed connection with its buffers, and what it heard.
struct Typed<R: Side, N: Negotiate, D: Mode> {
    established: Established<R, N>,
    inbox: Inbox<D>,
    outbox: Outbox,
}

/// The erased connection is the typed one: whatever arrives and whatever is sent, in any order, both
/// hear the same and send the same bytes, are in the same phase, and end in the same way.
pub fn the_erased_is_the_typed<R: Side, N: Negotiate + Clone, D: Mode>(
    proposal: &N,
    limits: Limits,
    happens: &[Happens],
) where
    AnyInbox: From<Inbox<D>>,
{
    let open = || R::of(shake(proposal.clone(), proposal.clone(), limits));
    let mut typed = Typed::<R, N, D> {
        established: open().into(),
        inbox: D::inbox(),
        outbox: Outbox::new(),
    };
    let mut erased: Connection<R, N> = Parts {
        phase: Established::Open(open()),
        inbox: D::inbox().into(),
        outbox: Outbox::new(),
    }
    .into();
    let mut ended = false;
    for happens in happens {
        match happens {
            Happens::Arrives(_) if ended => {}
            Happens::Arrives(bytes) => {
                erased.receive_bytes(bytes);
                typed.inbox.extend(bytes);
            }
            Happens::Sends(event) => {
                let before = erased.phase();
                let sent = erased.send(event.clone());
                assert_eq!(sent.is_ok(), typed.sends(event), "{event:?} in {before}");
                if let Err(error) = sent {
                    assert_eq!((error.phase(), erased.phase()), (before, before));
                    assert_eq!(error.into_event().as_ref(), Some(event), "given back");
                }
            }
            Happens::Ends => {
                erased.receive_eof();
                ended = true;
            }
        }
        let heard: Vec<Event> = std::iter::from_fn(|| erased.next_event()).collect();
        let expected = typed.hears(ended);
        assert_eq!(joined(heard), joined(expected), "what is heard");
        assert_eq!(erased.phase(), typed.established.phase(), "the phase");
        assert_eq!(
            drain(erased.outbox()),
            drain(&mut typed.outbox),
            "what is sent"
        );
        let end = |closed: &Closed<R>| format!("{closed:?} {:?}", closed.shutdown());
        let ends = (
            erased.closed().map(end),
            typed.established.closed().map(end),
        );
        assert_eq!(ends.0, ends.1, "the end");
    }
}

/// Pieces of one frame as one: how much of what is decoded is told at once depends on the memory
/// that is there for it.
fn joined(heard: Vec<Event>) -> Vec<Event> {
    let mut joined: Vec<Event> = Vec::new();
    for event in heard {
        match (joined.last_mut(), event) {
            (Some(Event::TextMessage(it)), Event::TextMessage(more)) if !it.frame_finished => {
                let data = [&it.data[..], &more.data].concat();
                *it = TextMessage { data, ..more };
            }
            (Some(Event::BytesMessage(it)), Event::BytesMessage(more)) if !it.frame_finished => {
                let data = [&it.data[..], &more.data].concat().into();
                *it = BytesMessage { data, ..more };
            }
            (_, event) => joined.push(event),
        }
    }
    // So does whether what was decoded before an error has been told when the error comes.
    if let [.., told, Event::CloseConnection(_)] = &joined[..] {
        let unfinished = match told {
            Event::TextMessage(it) => !it.frame_finished,
            Event::BytesMessage(it) => !it.frame_finished,
            _ => false,
        };
        if unfinished {
            joined.remove(joined.len() - 2);
        }
    }
    joined
}

impl<R: Side, N: Negotiate, D: Mode> Typed<R, N, D> {
    /// Hears all there is, and answers what has to be answered.
    fn hears(&mut self, ended: bool) -> Vec<Event> {
        let mut heard = Vec::new();
        while self.established.closed().is_none() {
            let event = self.established.receive(&mut self.inbox, &mut self.outbox);
            match event {
                Ok(Some(Lent::Text(text))) => heard.push(
                    TextMessage {
                        frame_finished: text.frame_finished(),
                        message_finished: text.message_finished(),
                        data: text.to_owned(),
                    }
                    .into(),
                ),
                Ok(Some(Lent::Binary(data))) => heard.push(
                    BytesMessage {
                        frame_finished: data.frame_finished(),
                        message_finished: data.message_finished(),
                        data: data.to_vec().into(),
                    }
                    .into(),
                ),
                Ok(Some(Lent::Ping(payload))) => heard.push(
                    Ping {
                        payload: payload.try_into().unwrap(),
                    }
                    .into(),
                ),
                Ok(Some(Lent::Pong(payload))) => heard.push(
                    Pong {
                        payload: payload.try_into().unwrap(),
                    }
                    .into(),
                ),
                Ok(Some(Lent::Close(close))) => {
                    heard.push(told(close.code(), close.reason()));
                    self.established.acknowledge(close, &mut self.outbox);
                }
                Ok(None) if ended => {
                    heard.push(told(CloseStatus::ABNORMAL, ""));
                    self.established.eof();
                }
                Ok(None) => break,
                Err(violation) => {
                    heard.push(told(violation.close_code().into(), violation.as_str()));
                    self.established.fail(violation, &mut self.outbox);
                }
            }
        }
        heard
    }

    /// Sends it, by the method for it; gives whether the phase has one.
    fn sends(&mut self, event: &Event) -> bool {
        let outbox = &mut self.outbox;
        self.established = match (self.established.take(), event) {
            (Established::Open(mut open), Event::TextMessage(it)) if it.message_finished => {
                open.send_text(&it.data, outbox);
                open.into()
            }
            (Established::Open(open), Event::TextMessage(it)) => {
                let mut streaming = open.start_text();
                streaming.write(&it.data, outbox);
                streaming.into()
            }
            (Established::StreamingText(mut streaming), Event::TextMessage(it)) => {
                if it.message_finished {
                    streaming.finish(&it.data, outbox).into()
                } else {
                    streaming.write(&it.data, outbox);
                    streaming.into()
                }
            }
            (Established::Open(mut open), Event::BytesMessage(it)) if it.message_finished => {
                open.send_binary(&it.data, outbox);
                open.into()
            }
            (Established::Open(open), Event::BytesMessage(it)) => {
                let mut streaming = open.start_binary();
                streaming.write(&it.data, outbox);
                streaming.into()
            }
            (Established::StreamingBinary(mut streaming), Event::BytesMessage(it)) => {
                if it.message_finished {
                    streaming.finish(&it.data, outbox).into()
                } else {
                    streaming.write(&it.data, outbox);
                    streaming.into()
                }
            }
            (Established::Open(mut open), Event::Ping(it)) => {
                open.ping(it.payload, outbox);
                open.into()
            }
            (Established::Open(mut open), Event::Pong(it)) => {
                open.pong(it.payload, outbox);
                open.into()
            }
            (Established::StreamingText(mut streaming), Event::Ping(it)) => {
                streaming.ping(it.payload, outbox);
                streaming.into()
            }
            (Established::StreamingBinary(mut streaming), Event::Ping(it)) => {
                streaming.ping(it.payload, outbox);
                streaming.into()
            }
            (Established::StreamingText(mut streaming), Event::Pong(it)) => {
                streaming.pong(it.payload, outbox);
                streaming.into()
            }
            (Established::StreamingBinary(mut streaming), Event::Pong(it)) => {
                streaming.pong(it.payload, outbox);
                streaming.into()
            }
            (Established::Open(open), Event::CloseConnection(it)) => match it.code.code() {
                Some(code) => open.close(code, it.reason.clone(), outbox).into(),
                None => open.close_without_code(outbox).into(),
            },
            (Established::StreamingText(streaming), Event::CloseConnection(it)) => {
                match it.code.code() {
                    Some(code) => streaming.close(code, it.reason.clone(), outbox).into(),
                    None => streaming.close_without_code(outbox).into(),
                }
            }
            (Established::StreamingBinary(streaming), Event::CloseConnection(it)) => {
                match it.code.code() {
                    Some(code) => streaming.close(code, it.reason.clone(), outbox).into(),
                    None => streaming.close_without_code(outbox).into(),
                }
            }
            (established, _) => {
                self.established = established;
                return false;
            }
        };
        true
    }
}

fn told(code: CloseStatus, reason: &str) -> Event {
    let reason = reason.try_into().unwrap();
    CloseConnection { code, reason }.into()
}

/// A handshake of the erased connection is the typed one: the same request is told, or the same
/// error, and the same answer is sent, however the bytes come.
pub fn a_request_is_heard_as_the_typed_one(limits: Limits, pieces: &[&[u8]]) {
    let mut erased = Settings::new().limits(limits).server();
    let mut heard = Vec::new();
    for piece in pieces {
        erased.receive_bytes(piece);
        heard.extend(std::iter::from_fn(|| erased.next_event()));
    }
    let (mut inbox, mut outbox) = (Inbox::chunks(), Outbox::new());
    inbox.extend(&pieces.concat());
    let expected = match Handshaking::<Server>::new(limits).receive(&mut inbox) {
        Ok(ServerProgress::Handshaking(_)) => vec![],
        Ok(ServerProgress::Requested(requested)) => {
            let (Event::Request(told), [Event::Request(heard)]) =
                (requested.to_request().into(), &heard[..])
            else {
                panic!("{heard:?}");
            };
            assert!(told.offered_subprotocols().eq(requested.subprotocols()));
            assert!(told.target() == requested.target() && told == *heard);
            let typed = requested.accept(Acceptance::default(), &mut outbox);
            drop(typed);
            erased.send(AcceptConnection::default()).unwrap();
            vec![told.into()]
        }
        Err(error) => {
            error.respond(&mut outbox);
            vec![Fail { error }.into()]
        }
    };
    assert_eq!(heard, expected);
    assert_eq!(drain(erased.outbox()), drain(&mut outbox));
}

/// Likewise, of an answer or a refusal.
pub fn an_answer_is_heard_as_the_typed_one(limits: Limits, pieces: &[&[u8]]) {
    let seed = [0; 32];
    let request = Request::new("example.com", "/").unwrap();
    let mut erased = Settings::new().limits(limits).client_with(seed);
    erased.send(request.clone()).unwrap();
    let (mut inbox, mut outbox) = (Inbox::chunks(), Outbox::new());
    let typed = Handshaking::<Client>::start_with(&request, limits, seed, &mut outbox);
    assert_eq!(drain(erased.outbox()), drain(&mut outbox));
    let mut heard = Vec::new();
    for piece in pieces {
        erased.receive_bytes(piece);
        heard.extend(std::iter::from_fn(|| erased.next_event()));
    }
    inbox.extend(&pieces.concat());
    match typed.receive(&mut inbox) {
        Ok(ClientProgress::Handshaking(_)) => assert!(heard.is_empty()),
        Ok(ClientProgress::Open(accepted)) => {
            let Some(Event::AcceptConnection(told)) = heard.first() else {
                panic!("{heard:?}");
            };
            let subprotocol = accepted.response.subprotocol();
            assert_eq!(told.subprotocol.as_deref(), subprotocol);
        }
        Ok(ClientProgress::Rejected(mut rejected)) => {
            let Some(Event::RejectConnection(told)) = heard.first() else {
                panic!("{heard:?}");
            };
            assert_eq!(told.status_code, rejected.status());
            let mut body = Vec::new();
            let error = loop {
                match rejected.receive_body(&mut inbox) {
                    Ok(Some(piece)) => body.extend_from_slice(piece),
                    Ok(None) => break None,
                    Err(error) => break Some(error),
                }
            };
            let (mut found, mut failed) = (Vec::new(), None);
            for event in &heard[1..] {
                match event {
                    Event::RejectData(data) => found.extend_from_slice(&data.data),
                    Event::Fail(fail) => failed = Some(fail.error),
                    other => panic!("{other:?}"),
                }
            }
            assert_eq!((found, failed), (body, error), "the body");
        }
        Err(error) => assert_eq!(heard, [Fail { error }.into()]),
    }
}
