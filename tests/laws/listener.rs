//! One end of a connection in any phase, with its memory and what it heard.

use wsproto::{
    Acceptance, Client, ClientProgress, Established, Event, Extension, Handshaking, Inbox, Limits,
    Negotiate, Open, Outbox, PeerClose, Request, Role, Server, ServerProgress, Violation,
};

use crate::common::{End, Heard, Mode, Step, drain};

/// A role, as one of two ends that have shaken hands.
pub trait Side: End {
    fn of<X: Extension>(ends: Ends<X>) -> Open<Self, X>;
}

/// Two ends that have shaken hands.
pub type Ends<X> = (Open<Client, X>, Open<Server, X>);

impl Side for Client {
    fn of<X: Extension>(ends: Ends<X>) -> Open<Self, X> {
        ends.0
    }
}

impl Side for Server {
    fn of<X: Extension>(ends: Ends<X>) -> Open<Self, X> {
        ends.1
    }
}

/// Shakes hands.
pub fn shake<N: Negotiate>(client: N, server: N, limits: Limits) -> Ends<N::Agreed> {
    let (mut client_in, mut client_out) = (Inbox::new(), Outbox::new());
    let (mut server_in, mut server_out) = (Inbox::new(), Outbox::new());
    let request = Request::new("example.com", "/").unwrap();
    let client = Handshaking::propose(&request, client, limits, [7; 32], &mut client_out);
    server_in.extend(&drain(&mut client_out));
    let requested = match Handshaking::<Server>::new(limits).receive(&mut server_in) {
        Ok(ServerProgress::Requested(requested)) => requested,
        other => panic!("{other:?}"),
    };
    let server = requested.accept_with(server, Acceptance::default(), &mut server_out);
    client_in.extend(&drain(&mut server_out));
    match client.receive(&mut client_in) {
        Ok(ClientProgress::Open(accepted)) => (accepted.open, server),
        other => panic!("{other:?}"),
    }
}

/// One end of a connection in any phase, with its memory and what it heard.
pub struct Listener<R: Role, N: Negotiate, D: Mode> {
    pub connection: Established<R, N>,
    pub inbox: Inbox<D>,
    pub outbox: Outbox,
    pub step: Step,
    /// Data by whole messages, in either mode.
    pub heard: Vec<Heard>,
    /// What was heard of a message in chunks.
    pub unfinished: Option<Heard>,
    pub close: Option<PeerClose>,
    pub violation: Option<Violation>,
    /// Whether the peer's Close was heard, or an error.
    pub ended: bool,
}

impl<R: Role, N: Negotiate, D: Mode> Listener<R, N, D> {
    pub fn new(open: Open<R, N::Agreed>, step: Step) -> Self {
        Self {
            connection: Established::Open(open),
            inbox: D::inbox(),
            outbox: Outbox::new(),
            step,
            heard: Vec::new(),
            unfinished: None,
            close: None,
            violation: None,
            ended: false,
        }
    }

    /// Puts `bytes` into the inbox.
    pub fn take_in(&mut self, bytes: &[u8]) {
        match self.step {
            Step::Receive => self.inbox.extend(bytes),
            Step::HasEvent => {
                self.inbox.space(bytes.len() + 100)[..bytes.len()].copy_from_slice(bytes);
                self.inbox.filled(bytes.len());
            }
        }
    }

    /// Listens to all that can be heard. After the end that is nothing, and nothing is answered.
    pub fn listen(&mut self) {
        while self.listen_once() {}
    }

    /// Listens to one event. Gives whether there was one.
    pub fn listen_once(&mut self) -> bool {
        let (before, ended) = (self.outbox.len(), self.ended);
        let found = (self.step == Step::HasEvent)
            .then(|| self.connection.has_event(&mut self.inbox, &mut self.outbox));
        let got = self.receive();
        if let Some(found) = found {
            assert_eq!(found, got, "has_event, and receive");
        }
        if ended {
            let end = match self.connection.closed() {
                // It was told why, and gives nothing more.
                Some(_) => Ok(false),
                None => self.violation.map_or(Ok(false), Err),
            };
            assert_eq!(got, end, "the end is final");
        }
        if ended || got.is_err() {
            assert_eq!(self.outbox.len(), before, "answered after the end");
        }
        if let Err(violation) = got {
            let first = *self.violation.get_or_insert(violation);
            self.ended = true;
            assert_eq!(violation, first, "an error is final");
            assert_eq!(self.receive(), Err(first), "an error is final");
            let found = self.connection.has_event(&mut self.inbox, &mut self.outbox);
            assert_eq!(found, Err(first), "an error is final");
            assert_eq!(self.receive(), Err(first), "an error is final");
            assert_eq!(self.outbox.len(), before, "answered after the end");
        }
        got == Ok(true)
    }

    fn receive(&mut self) -> Result<bool, Violation> {
        let event = self.connection.receive(&mut self.inbox, &mut self.outbox)?;
        let heard = match event {
            None => return Ok(false),
            Some(Event::Text(piece)) => {
                let finished = piece.message_finished();
                assert!(piece.frame_finished() || !finished);
                let mut whole = match self.unfinished.take() {
                    None => String::new(),
                    Some(Heard::Text(whole)) => whole,
                    Some(other) => panic!("text inside {other:?}"),
                };
                whole.push_str(&piece);
                if !finished {
                    self.unfinished = Some(Heard::Text(whole));
                    return Ok(true);
                }
                Heard::Text(whole)
            }
            Some(Event::Binary(piece)) => {
                let finished = piece.message_finished();
                assert!(piece.frame_finished() || !finished);
                let mut whole = match self.unfinished.take() {
                    None => Vec::new(),
                    Some(Heard::Binary(whole)) => whole,
                    Some(other) => panic!("bytes inside {other:?}"),
                };
                whole.extend_from_slice(&piece);
                if !finished {
                    self.unfinished = Some(Heard::Binary(whole));
                    return Ok(true);
                }
                Heard::Binary(whole)
            }
            Some(Event::Ping(payload)) => Heard::Ping(payload.to_vec()),
            Some(Event::Pong(payload)) => Heard::Pong(payload.to_vec()),
            Some(Event::Close(close)) => {
                let heard = Heard::Close(close.code().get(), close.reason().to_owned());
                self.close = Some(close);
                self.ended = true;
                heard
            }
        };
        self.heard.push(heard);
        Ok(true)
    }

    /// A connection that has ended gives nothing, whatever is in the inbox, and answers nothing.
    pub fn listen_to_nothing(&mut self) {
        let before = self.outbox.len();
        let found = self.connection.has_event(&mut self.inbox, &mut self.outbox);
        assert_eq!(found, Ok(false), "of a closed connection");
        assert_eq!(self.receive(), Ok(false), "of a closed connection");
        assert_eq!(self.outbox.len(), before, "answered after the end");
    }

    /// Ends as what was heard asks for: fails, acknowledges, or sees the end of the transport.
    pub fn end(&mut self) {
        match (self.violation, self.close.take()) {
            (Some(violation), _) => self.connection.fail(violation, &mut self.outbox),
            (None, Some(close)) => self.connection.acknowledge(close, &mut self.outbox),
            (None, None) => self.connection.eof(),
        }
    }
}
