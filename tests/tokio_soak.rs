//! Servers on tokio whose clients are cut, stalled, half-closed and flooding, at moments that look
//! random and are the same each time.
#![cfg(feature = "tokio")]

mod common;
mod counting;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use common::{KEY, Numbers, frame};
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex, split};
use tokio::task::{JoinSet, LocalSet};
use tokio::time::sleep;
use wsproto::tokio::{Message, accept};
use wsproto::{Error, Event, Inbox, Keepalive};

/// What a client does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// All is well: it reads each echo, and closes.
    None,
    /// The transport is gone, at some byte.
    Cut,
    /// It ends its side in the middle of a frame, and reads what comes still.
    HalfClosed,
    /// It goes silent, at some byte, for ever.
    Stalled,
    /// It sends as much as it can, reads nothing, and is cut.
    Floods,
}

const FAULTS: [Fault; 5] = [
    Fault::None,
    Fault::Cut,
    Fault::HalfClosed,
    Fault::Stalled,
    Fault::Floods,
];

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Version: 13\r\n\r\n";

/// Bytes of the answer to [`REQUEST`].
const ANSWER: usize = 129;

/// The numbers of the messages that a server heard.
type Heard = Rc<RefCell<Vec<u32>>>;

fn keepalive() -> Keepalive {
    Keepalive::default().idle_deadline(Duration::from_secs(3600))
}

fn number(payload: &[u8]) -> u32 {
    u32::from_be_bytes(payload[..4].try_into().unwrap())
}

/// Echoes with the plain methods.
async fn serve(stream: DuplexStream, heard: Heard) -> Result<(), Error> {
    let mut inbox = Inbox::new();
    let mut socket = accept(stream, &mut inbox).await?.keepalive(keepalive());
    let mut closed = loop {
        match socket.receive(&mut inbox).await? {
            Event::Binary(data) => {
                heard.borrow_mut().push(number(&data));
                // A message is not lost where its echo is given up for a while.
                let wait = Duration::from_millis(1);
                while tokio::time::timeout(wait, socket.feed_binary(&data))
                    .await
                    .is_err()
                {
                    sleep(Duration::from_secs(1)).await;
                }
            }
            Event::Close(close) => break socket.acknowledge(close),
            _ => {}
        }
    };
    closed.end().await.map(|_| ())
}

/// Echoes with a stream and a sink.
async fn serve_messages(stream: DuplexStream, heard: Heard) -> Result<(), Error> {
    let mut inbox = Inbox::new();
    let socket = accept(stream, &mut inbox).await?.keepalive(keepalive());
    let mut messages = socket.messages(inbox);
    while let Some(message) = messages.next().await {
        let message = message?;
        if let Message::Binary(data) = &message {
            heard.borrow_mut().push(number(data));
        }
        messages.send(message).await?;
    }
    Ok(())
}

/// What a client has to say: messages of any size, their cuts in frames, pings between them.
fn script(numbers: &mut Numbers) -> (Vec<u8>, Vec<usize>) {
    let mut bytes = Vec::new();
    let mut ends = Vec::new();
    for index in 0..1 + numbers.below(30) as u32 {
        let len = [4, 100, 5000, 66_000][numbers.below(4)];
        let mut payload = vec![index as u8; len];
        payload[..4].copy_from_slice(&index.to_be_bytes());
        let pieces = 1 + numbers.below(3);
        for (piece, part) in payload.chunks(len.div_ceil(pieces)).enumerate() {
            let opcode = if piece == 0 { 2 } else { 0 };
            let fin = if (piece + 1) * len.div_ceil(pieces) >= len {
                0x80
            } else {
                0
            };
            bytes.extend(frame(fin | opcode, part).bytes(Some(KEY)));
            if numbers.below(3) == 0 {
                bytes.extend(frame(0x89, "ping").bytes(Some(KEY)));
            }
        }
        ends.push(bytes.len());
    }
    (bytes, ends)
}

/// The numbers of the echoes in what a server sent, each of which has to be whole.
fn echoes(mut bytes: &[u8]) -> Vec<u32> {
    let mut all = Vec::new();
    while let [first, second, rest @ ..] = bytes {
        let (len, rest) = match second {
            126 => (
                u16::from_be_bytes(rest[..2].try_into().unwrap()).into(),
                &rest[2..],
            ),
            127 => (
                u64::from_be_bytes(rest[..8].try_into().unwrap()) as usize,
                &rest[8..],
            ),
            len => (usize::from(*len), rest),
        };
        let (payload, rest) = rest.split_at(len);
        if *first == 0x82 {
            let index = number(payload);
            assert!(payload[4..].iter().all(|byte| *byte == index as u8));
            all.push(index);
        }
        bytes = rest;
    }
    all
}

/// Writes in pieces, with pauses.
async fn write(stream: &mut (impl AsyncWriteExt + Unpin), mut bytes: &[u8], numbers: &mut Numbers) {
    while !bytes.is_empty() {
        let (now, later) = bytes.split_at(bytes.len().min(1 + numbers.below(9000)));
        if stream.write_all(now).await.is_err() {
            return;
        }
        bytes = later;
        if numbers.below(4) == 0 {
            sleep(Duration::from_millis(numbers.below(100) as u64)).await;
        }
    }
}

/// A client, and what became of it.
async fn client(stream: DuplexStream, fault: Fault, seed: u64, heard: Heard) {
    let mut numbers = Numbers(seed);
    let (bytes, ends) = script(&mut numbers);
    let all: Vec<u32> = (0..ends.len() as u32).collect();
    let (mut reader, mut writer) = split(stream);
    writer.write_all(REQUEST).await.unwrap();
    let mut answer = [0; ANSWER];
    reader.read_exact(&mut answer).await.unwrap();
    assert!(answer.ends_with(b"\r\n\r\n"));
    let cut = 1 + numbers.below(bytes.len());
    let whole = ends.iter().filter(|end| **end <= cut).count();
    match fault {
        Fault::None | Fault::HalfClosed => {
            // It reads while it writes.
            let mut answers = Vec::new();
            let say = async {
                if fault == Fault::None {
                    write(&mut writer, &bytes, &mut numbers).await;
                    let close = frame(0x88, [3, 0xe8]).bytes(Some(KEY));
                    write(&mut writer, &close, &mut numbers).await;
                } else {
                    write(&mut writer, &bytes[..cut], &mut numbers).await;
                }
                writer.shutdown().await.unwrap();
            };
            let (_, read) = tokio::join!(say, reader.read_to_end(&mut answers));
            read.unwrap();
            if fault == Fault::None {
                assert!(answers.ends_with(&[0x88, 2, 3, 0xe8]), "seed {seed}");
                assert_eq!(echoes(&answers), all, "seed {seed}");
                assert_eq!(*heard.borrow(), all, "seed {seed}");
            } else {
                assert_eq!(*heard.borrow(), all[..whole], "seed {seed}");
            }
        }
        Fault::Cut => {
            let mut nobody_reads_this = vec![0; 1 << 20];
            tokio::select! {
                () = write(&mut writer, &bytes[..cut], &mut numbers) => {}
                () = async { while reader.read(&mut nobody_reads_this).await.is_ok() {} } => {}
            }
        }
        Fault::Stalled => {
            let stall = Duration::from_secs(300);
            tokio::select! {
                () = write(&mut writer, &bytes[..cut], &mut numbers) => {}
                () = sleep(stall) => {}
            }
            sleep(stall).await;
        }
        Fault::Floods => {
            let until = Duration::from_millis(numbers.below(100_000) as u64);
            let ping = frame(0x89, [0; 125]).bytes(Some(KEY));
            let flood = async {
                write(&mut writer, &bytes, &mut numbers).await;
                while writer.write_all(&ping).await.is_ok() {
                    sleep(Duration::from_millis(5)).await;
                }
            };
            let _ = tokio::time::timeout(until, flood).await;
        }
    }
    drop((reader, writer));
    // Nothing was heard twice, or in part, or out of order.
    sleep(Duration::from_secs(100)).await;
    let heard = heard.borrow();
    assert_eq!(*heard, all[..heard.len()], "seed {seed} {fault:?}");
}

/// So many connections at a time, and all are gone at the end.
async fn round(seeds: std::ops::Range<u64>) {
    let (mut servers, mut clients) = (JoinSet::new(), JoinSet::new());
    for seed in seeds {
        let fault = FAULTS[seed as usize % FAULTS.len()];
        let (theirs, ours) = duplex([100, 3000, 64 << 10][Numbers(seed).below(3)]);
        let heard = Heard::default();
        let other = heard.clone();
        servers.spawn_local(async move {
            let result = match seed % 2 {
                0 => serve(ours, other).await,
                _ => serve_messages(ours, other).await,
            };
            assert!(
                fault != Fault::None || result.is_ok(),
                "seed {seed}: {result:?}"
            );
        });
        clients.spawn_local(client(theirs, fault, seed, heard));
    }
    while let Some(client) = clients.join_next().await {
        client.unwrap();
    }
    // A client that is gone is noticed, one that is silent is given up: nothing is left to wait for.
    let end = async {
        while let Some(server) = servers.join_next().await {
            server.unwrap();
        }
    };
    let wait = Duration::from_secs(120);
    assert!(
        tokio::time::timeout(wait, end).await.is_ok(),
        "a task was left"
    );
}

#[test]
fn faults_leave_no_task_and_no_memory_and_no_message_is_heard_twice() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let run = |seeds| LocalSet::new().block_on(&runtime, round(seeds));
    // What the thread keeps is there then.
    run(0..50);
    let held = counting::heap(|| {
        run(100..150);
        run(150..200);
    });
    assert!(held.kept < 10_000, "{held:?}");
    assert_eq!(runtime.metrics().num_alive_tasks(), 0);
}

#[test]
fn slow_readers_do_not_make_the_server_hold_more_and_more() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    const SLOW: usize = 20;
    let held = counting::heap(|| {
        LocalSet::new().block_on(&runtime, async {
            let mut all = JoinSet::new();
            for _ in 0..SLOW {
                let (mut theirs, ours) = duplex(64 << 10);
                all.spawn_local(async move {
                    let _ = serve(ours, Heard::default()).await;
                });
                all.spawn_local(async move {
                    // 64 MB, if it could.
                    theirs.write_all(REQUEST).await.unwrap();
                    let message = frame(0x82, [0; 64_000]).bytes(Some(KEY));
                    let flood = async {
                        for _ in 0..1000 {
                            theirs.write_all(&message).await.unwrap();
                        }
                    };
                    let _ = tokio::time::timeout(Duration::from_secs(60), flood).await;
                });
            }
            while all.join_next().await.is_some() {}
        });
    });
    // The pipe's 128 KiB, the mark and a message, with the slack of growth, and what is read.
    let each = held.peak as usize / SLOW;
    assert!(each < 1_200_000, "{each} for each: {held:?}");
}
