//! Connections that were led to a phase.
#![allow(dead_code)] // Each file of tests uses its part.

use wsproto::events::{
    AcceptConnection, BytesMessage, CloseConnection, Event, RejectConnection, TextMessage,
};
use wsproto::{Client, CloseCode, Connection, Negotiate, Request, Role, Server, Settings};

/// The key of the request is then `PgDvL4lfQNZ/W7joHwmloQ==`, and what accepts it [`ACCEPT`].
pub const SEED: [u8; 32] = [0; 32];
pub const ACCEPT: &str = "Sec-WebSocket-Accept: A7H9HYh1mE/+oRL0Kip7NajRQmU=\r\n";

pub const REQUEST: &str = "GET /chat HTTP/1.1\r\nHost: server.example.com\r\n\
    Upgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

pub fn client() -> Connection<Client> {
    Settings::new().client_with(SEED)
}

/// A client that has asked.
pub fn asked() -> Connection<Client> {
    let mut client = client();
    let request = Request::new("example.com", "/").unwrap();
    client.send(request).unwrap();
    client.bytes_to_send(None);
    client
}

/// A server that was asked.
pub fn requested() -> Connection<Server> {
    let mut server = Connection::server();
    server.receive_bytes(REQUEST);
    assert!(matches!(server.next_event(), Some(Event::Request(_))));
    server
}

/// A server that has accepted.
pub fn accepting() -> Connection<Server> {
    let mut server = requested();
    server.send(AcceptConnection::default()).unwrap();
    server.bytes_to_send(None);
    server
}

/// A client that was accepted.
pub fn opened() -> Connection<Client> {
    let mut client = asked();
    client.receive_bytes(answer(""));
    assert!(matches!(
        client.next_event(),
        Some(Event::AcceptConnection(_))
    ));
    client
}

/// What accepts the request of [`asked`], with `lines` in its head.
pub fn answer(lines: &str) -> String {
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         {ACCEPT}{lines}\r\n"
    )
}

/// A client and a server that have shaken hands.
pub fn shaken() -> (Connection<Client>, Connection<Server>) {
    (opened(), accepting())
}

/// Carries what each has to send to the other, and gives what each hears.
pub fn carry<R: Role, S: Role, N: Negotiate, M: Negotiate>(
    from: &mut Connection<R, N>,
    to: &mut Connection<S, M>,
) -> Vec<Event> {
    to.receive_bytes(from.bytes_to_send(None));
    events(to)
}

/// All that there is to hear.
pub fn events<R: Role, N: Negotiate>(connection: &mut Connection<R, N>) -> Vec<Event> {
    std::iter::from_fn(|| connection.next_event()).collect()
}

/// A client in the phase of this name, if a client can be in it.
pub fn walk_client(phase: &str) -> Option<Connection<Client>> {
    Some(match phase {
        "Initial" => client(),
        "Handshaking" => asked(),
        "Rejected" => {
            let mut client = asked();
            client.receive_bytes("HTTP/1.1 403 no\r\nContent-Length: 4\r\n\r\n");
            events(&mut client);
            client
        }
        "Failed" => {
            let mut client = asked();
            client.receive_bytes("no");
            client.receive_eof();
            events(&mut client);
            client
        }
        phase => return walk(opened(), phase),
    })
}

/// A server in the phase of this name, if a server can be in it.
pub fn walk_server(phase: &str) -> Option<Connection<Server>> {
    Some(match phase {
        "Handshaking" => Connection::server(),
        "Requested" => requested(),
        "Rejecting" | "Rejected" => {
            let mut server = requested();
            let reject = RejectConnection {
                has_body: phase == "Rejecting",
                ..RejectConnection::default()
            };
            server.send(reject).unwrap();
            server
        }
        "Failed" => {
            let mut server = Connection::server();
            server.receive_bytes("POST / HTTP/1.1\r\nHost: a\r\n\r\n");
            events(&mut server);
            server
        }
        phase => return walk(accepting(), phase),
    })
}

/// A connection that is open, led on.
fn walk<R: Role>(mut connection: Connection<R>, phase: &str) -> Option<Connection<R>> {
    match phase {
        "Open" => {}
        "StreamingText" => {
            let message_finished = false;
            let message = TextMessage::from("unfinished");
            let message = TextMessage {
                message_finished,
                ..message
            };
            connection.send(message).unwrap();
        }
        "StreamingBinary" => {
            let message_finished = false;
            let message = BytesMessage::from(&b"unfinished"[..]);
            let message = BytesMessage {
                message_finished,
                ..message
            };
            connection.send(message).unwrap();
        }
        "Closing" => {
            let close = CloseConnection::from(CloseCode::NORMAL);
            connection.send(close).unwrap();
        }
        "Closed" => {
            connection.receive_eof();
            events(&mut connection);
        }
        _ => return None,
    }
    Some(connection)
}
