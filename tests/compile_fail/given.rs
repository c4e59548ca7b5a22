//! What the programs start from: `let open: Open<Server> = given();`

use wsproto::*;

/// A value of any of the types below.
pub fn given<T: Given>() -> T {
    T::given()
}

/// Whatever `value` has lent is given back.
pub fn end<T>(value: T) {
    drop(value);
}

pub trait Given {
    fn given() -> Self;
}

macro_rules! given {
    ($($type:ty: $value:expr,)+) => { $(
        impl Given for $type {
            fn given() -> Self {
                $value
            }
        }
    )+ };
}

given! {
    Handshaking<Client>: {
        let request = Request::new("example.com", "/").unwrap();
        Handshaking::<Client>::start_with(&request, given(), [7; 32], &mut given())
    },
    Handshaking<Server>: Handshaking::<Server>::new(given()),
    Requested: {
        let mut inbox = Inbox::new();
        inbox.extend(b"GET / HTTP/1.1\r\nHost: example.com\r\n");
        inbox.extend(b"Upgrade: websocket\r\nConnection: Upgrade\r\n");
        inbox.extend(b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
        inbox.extend(b"Sec-WebSocket-Version: 13\r\n\r\n");
        match given::<Handshaking<Server>>().receive(&mut inbox) {
            Ok(ServerProgress::Requested(requested)) => requested,
            other => panic!("{other:?}"),
        }
    },
    Rejecting: {
        given::<Requested>().start_reject(RejectStatus::NOT_FOUND, &given(), &mut given())
    },
    Rejected<Server>: {
        given::<Requested>().reject(RejectStatus::NOT_FOUND, &given(), b"", &mut given())
    },
    Rejected<Client>: {
        let mut inbox = Inbox::new();
        inbox.extend(b"HTTP/1.1 404 Not Found\r\n\r\n");
        match given::<Handshaking<Client>>().receive(&mut inbox) {
            Ok(ClientProgress::Rejected(rejected)) => rejected,
            other => panic!("{other:?}"),
        }
    },
    Open<Server>: Open::<Server>::after_upgrade((), given()),
    Open<Client>: Open::<Client>::after_upgrade((), given(), [7; 32]),
    Open<Server, Option<()>>: Open::<Server, _>::after_upgrade(Some(()), given()),
    Streaming<Server, (), Text>: given::<Open<Server>>().start_text(),
    Streaming<Server, (), Binary>: given::<Open<Server>>().start_binary(),
    Streaming<Client, (), Text>: given::<Open<Client>>().start_text(),
    Closing<Server>: given::<Open<Server>>().close_without_code(&mut given()),
    Closing<Client>: given::<Open<Client>>().close_without_code(&mut given()),
    Sender<Server>: given::<Open<Server>>().split().0,
    Sender<Client>: given::<Open<Client>>().split().0,
    StreamingSender<Server, (), Text>: given::<Sender<Server>>().start_text(),
    StreamingSender<Server, (), Binary>: given::<Sender<Server>>().start_binary(),
    ClosingSender<Server>: given::<Sender<Server>>().close_without_code(&mut given()),
    Receiver<Server>: given::<Open<Server>>().split().1,
    Receiver<Client>: given::<Open<Client>>().split().1,
    OwedPong: match given::<Receiver<Client>>().receive(&mut inbox(b"\x89\0")) {
        Ok(Some(Received::Ping(owed))) => owed,
        other => panic!("{other:?}"),
    },
    Closed<Client>: given::<Open<Client>>().eof(),
    Closed<Server>: given::<Open<Server>>().eof(),
    PeerClose: match given::<Open<Client>>().receive(&mut inbox(b"\x88\0"), &mut given()) {
        Ok(Some(Event::Close(close))) => close,
        other => panic!("{other:?}"),
    },
    Violation: Violation::Masked,
    Limits: Limits::default(),
    Entropy: Entropy::from([7; 32]),
    Acceptance: Acceptance::default(),
    ExtraHeaders: ExtraHeaders::new(),
    Outbox: Outbox::new(),
    // For a client: two text messages.
    Inbox: inbox(b"\x81\x01a\x81\x01b"),
    Inbox<Chunks>: Inbox::chunks(),
}

fn inbox(bytes: &[u8]) -> Inbox {
    let mut inbox = Inbox::new();
    inbox.extend(bytes);
    inbox
}
