//! What can be sent where, of a connection whose phase is known at run time: each cell of
//! `docs/acts.md`, which is the documentation of `Phase` too.

mod erased;

use std::fmt::Debug;

use erased::{accepting, opened, requested, shaken, walk_client, walk_server};
use wsproto::events::{
    AcceptConnection, BytesMessage, CloseConnection, Event, Fail, Ping, Pong, RejectConnection,
    RejectData, TextMessage,
};
use wsproto::{
    CloseCode, CloseReason, CloseStatus, Connection, HandshakeError, LocalError, LocalReason,
    Negotiate, Phase, Request, Role,
};

/// The rows of the table: a name, and a cell for each phase.
fn table() -> (Vec<String>, Vec<(String, Vec<String>)>) {
    let mut rows = include_str!("../docs/acts.md").lines().map(|line| {
        let line = line.strip_prefix('|').unwrap().strip_suffix('|').unwrap();
        let cells = line.split('|').map(|cell| cell.trim().replace('`', ""));
        cells.collect::<Vec<_>>()
    });
    let phases = rows.next().unwrap()[1..].to_vec();
    let rows = rows.skip(1).map(|row| {
        assert_eq!(
            row.len(),
            phases.len() + 1,
            "a cell for each phase: {row:?}"
        );
        (row[0].clone(), row[1..].to_vec())
    });
    (phases.clone(), rows.collect())
}

/// The act that a row of the table names.
fn act(name: &str) -> Event {
    let data = "data";
    match name {
        "Request" => Request::new("example.com", "/").unwrap().into(),
        "AcceptConnection" => AcceptConnection::default().into(),
        "RejectConnection" => RejectConnection::default().into(),
        "RejectConnection with a body" => RejectConnection {
            has_body: true,
            ..RejectConnection::default()
        }
        .into(),
        "RejectData" => RejectData::from(bytes::Bytes::from(data)).into(),
        "RejectData, unfinished" => RejectData {
            data: data.into(),
            body_finished: false,
        }
        .into(),
        "Fail" => Fail {
            error: HandshakeError::MissingHost,
        }
        .into(),
        "TextMessage" => TextMessage::from(data).into(),
        "TextMessage, unfinished" => TextMessage {
            message_finished: false,
            ..TextMessage::from(data)
        }
        .into(),
        "BytesMessage" => BytesMessage::from(data.as_bytes()).into(),
        "BytesMessage, unfinished" => BytesMessage {
            message_finished: false,
            ..BytesMessage::from(data.as_bytes())
        }
        .into(),
        "Ping" => Ping::default().into(),
        "Pong" => Pong::default().into(),
        "CloseConnection" => CloseConnection::from(CloseCode::NORMAL).into(),
        other => panic!("no act: {other}"),
    }
}

/// Does each act of the table to what `walk` gives for a phase; gives how many cells there were.
fn each_cell<R: Role, N: Negotiate>(
    walk: impl Fn(&str) -> Option<Connection<R, N>>,
) -> (usize, usize) {
    let (phases, rows) = table();
    let (mut done, mut refused) = (0, 0);
    for (index, phase) in phases.iter().enumerate() {
        if walk(phase).is_none() {
            continue;
        }
        for (name, cells) in &rows {
            let row = format!("{name} in {phase}");
            let mut connection = walk(phase).unwrap();
            assert_eq!(format!("{:?}", connection.phase()), *phase, "{row}");
            let before = connection.outbox().len();
            let sent = connection.send(act(name));
            let now = format!("{:?}", connection.phase());
            let next = match cells[index].as_str() {
                "" => {
                    refused += 1;
                    assert_refused(&row, sent, &connection, act(name));
                    assert_eq!(connection.outbox().len(), before, "{row}: nothing is sent");
                    phase
                }
                "stays" => phase,
                to => to.strip_prefix("to ").unwrap(),
            };
            assert_eq!(now, next, "{row}");
            if !cells[index].is_empty() {
                done += 1;
                assert!(connection.outbox().len() > before, "{row}: it is sent");
            }
        }
    }
    (done, refused)
}

fn assert_refused<C: Debug>(row: &str, sent: Result<(), LocalError>, connection: &C, event: Event) {
    let error = sent.expect_err(row);
    assert_eq!(error.reason(), LocalReason::Phase, "{row}: {connection:?}");
    assert_eq!(error.act(), event.name(), "{row}");
    assert!(format!("{error}").contains(&format!("{:?}", error.phase())));
    assert_eq!(error.into_event(), Some(event), "{row}: given back");
}

#[test]
fn each_cell_of_the_table_is_as_it_says() {
    let client = each_cell(walk_client);
    let server = each_cell(walk_server);
    // 9 phases of a client and 10 of a server, 14 acts.
    assert_eq!(client, (18, 9 * 14 - 18));
    assert_eq!(server, (22, 10 * 14 - 22));
}

#[test]
fn what_cannot_be_sent_at_all_leaves_the_connection_as_it_was() {
    let mut server = requested();
    let error = server
        .send(AcceptConnection {
            subprotocol: Some("other".into()),
            ..AcceptConnection::default()
        })
        .unwrap_err();
    assert_eq!(error.reason(), LocalReason::UnofferedSubprotocol);
    for status_code in [0, 101, 204, 304, 600] {
        let error = server
            .send(RejectConnection {
                status_code,
                ..RejectConnection::default()
            })
            .unwrap_err();
        assert_eq!(error.reason(), LocalReason::Status);
    }
    assert_eq!(server.phase(), Phase::Requested);
    assert!(server.bytes_to_send(None).is_empty());
    server.send(AcceptConnection::default()).unwrap();
    assert_eq!(server.phase(), Phase::Open);

    let (mut client, _) = shaken();
    for code in [CloseStatus::ABNORMAL, CloseStatus::TLS_HANDSHAKE_FAILED] {
        let close = CloseConnection {
            code,
            reason: CloseReason::default(),
        };
        let error = client.send(close).unwrap_err();
        assert_eq!(error.reason(), LocalReason::CloseCode, "7.4.1 {code}");
    }
    let close = CloseConnection {
        code: CloseStatus::NONE,
        reason: CloseReason::from_static("termites"),
    };
    let error = client.send(close).unwrap_err();
    assert_eq!(error.reason(), LocalReason::CloseCode, "a reason, no code");
    assert_eq!(client.phase(), Phase::Open);
    assert!(client.bytes_to_send(None).is_empty());
}

#[test]
fn a_connection_of_any_role_is_one_type() {
    fn phase<R: Role, N: Negotiate>(connection: &Connection<R, N>) -> Phase {
        connection.phase()
    }
    let (client, server) = shaken();
    assert_eq!((phase(&client), phase(&server)), (Phase::Open, Phase::Open));
    assert_eq!(opened().phase(), accepting().phase());
}
