//! Programs that do not compile, each beside one that does and differs in a line.
//!
//! Only documentation tests see this module. A row is a program with one line to choose: with the
//! refused one, the compiler has to give that error; with the allowed one, it has to build, and to
//! run, which does nothing.

macro_rules! programs {
    ($(
        $(#[doc = $rule:literal])+
        $row:ident: $code:ident {
            $(before { $($before:tt)* })?
            refused { $($refused:tt)* }
            allowed { $($allowed:tt)* }
            $(after { $($after:tt)* })?
        }
    )+) => { $(
        $(#[doc = $rule])+
        #[doc = concat!(
            "```compile_fail,", stringify!($code), "\n",
            programs!(@before), $(stringify!($($before)*),)? "\n",
            stringify!($($refused)*), "\n",
            $(stringify!($($after)*),)? programs!(@after),
            "```\n",
            "```\n",
            programs!(@before), $(stringify!($($before)*),)? "\n",
            stringify!($($allowed)*), "\n",
            $(stringify!($($after)*),)? programs!(@after),
            "```",
        )]
        struct $row;
    )+ };
    // What a program is given. It is used as a value, so that what is wrong only with a constant
    // is looked at too.
    (@before) => {
        "# #![allow(unused)]
# use wsproto::*;
# fn program(
#     mut open: Open<Server>,
#     mut client: Open<Client>,
#     mut handshaking: Handshaking<Client>,
#     mut requested: Requested,
#     mut inbox: Inbox,
#     mut outbox: Outbox,
#     close: PeerClose,
#     violation: Violation,
# ) {
"
    };
    (@after) => {
        "
# }
# fn main() {
#     let program: fn(_, _, _, _, _, _, _, _) = program;
#     std::hint::black_box(program);
# }
"
    };
}

programs! {
    /// Data after our Close.
    DataAfterOurClose: E0382 {
        before { let closing = open.close(CloseCode::NORMAL, CloseReason::default(), &mut outbox); }
        refused { open.send_text("more", &mut outbox); }
        allowed { client.send_text("more", &mut outbox); }
    }

    /// Data after a Close without a code.
    DataAfterOurEmptyClose: E0382 {
        before { let closing = open.close_without_code(&mut outbox); }
        refused { open.send_binary(b"more", &mut outbox); }
        allowed { client.send_binary(b"more", &mut outbox); }
    }

    /// Text in the closing phase.
    TextWhileClosing: E0599 {
        before { let mut closing = open.close_without_code(&mut outbox); }
        refused { closing.send_text("more", &mut outbox); }
        allowed { let _ = closing.receive(&mut inbox, &mut outbox); }
    }

    /// Bytes in the closing phase.
    BytesWhileClosing: E0599 {
        before { let mut closing = open.close_without_code(&mut outbox); }
        refused { closing.send_binary(b"more", &mut outbox); }
        allowed { let _ = closing.receive(&mut inbox, &mut outbox); }
    }

    /// A Ping in the closing phase.
    PingWhileClosing: E0599 {
        before { let mut closing = open.close_without_code(&mut outbox); }
        refused { closing.ping(ControlPayload::default(), &mut outbox); }
        allowed { let _ = closing.receive(&mut inbox, &mut outbox); }
    }

    /// A message in fragments in the closing phase.
    FragmentsWhileClosing: E0599 {
        before { let mut closing = open.close_without_code(&mut outbox); }
        refused { closing.start_text(); }
        allowed { let _ = closing.receive(&mut inbox, &mut outbox); }
    }

    /// The rest of a message after our Close.
    FragmentAfterOurClose: E0382 {
        before {
            let mut streaming = open.start_text();
            let closing = streaming.close_without_code(&mut outbox);
        }
        refused { streaming.write("more", &mut outbox); }
        allowed { let _ = closing.eof(); }
    }

    /// A second Close.
    SecondClose: E0599 {
        before { let mut closing = open.close_without_code(&mut outbox); }
        refused { closing.close_without_code(&mut outbox); }
        allowed { let _ = closing.eof(); }
    }

    /// A second Close, for a violation that follows our first.
    SecondCloseByFail: E0061 {
        before { let mut closing = open.close_without_code(&mut outbox); }
        refused { let _ = closing.fail(violation, &mut outbox); }
        allowed { let _ = closing.fail(violation); }
    }

    /// Data after an answer to the peer's Close.
    DataAfterAcknowledge: E0382 {
        before { let closed = open.acknowledge(close, &mut outbox); }
        refused { open.send_text("more", &mut outbox); }
        allowed { let _ = closed.is_clean(); }
    }

    /// Data after a failure.
    DataAfterFail: E0382 {
        before { let closed = open.fail(violation, &mut outbox); }
        refused { open.send_text("more", &mut outbox); }
        allowed { let _ = closed.is_clean(); }
    }

    /// Data after the end of the transport.
    DataAfterEof: E0382 {
        before { let closed = open.eof(); }
        refused { open.send_text("more", &mut outbox); }
        allowed { let _ = closed.is_clean(); }
    }

    /// Data when all is over.
    DataWhenClosed: E0599 {
        before { let closed = open.eof(); }
        refused { closed.send_text("more", &mut outbox); }
        allowed { let _ = closed.shutdown(); }
    }

    /// Receiving when all is over.
    ReceiveWhenClosed: E0599 {
        before { let mut closed = open.eof(); }
        refused { let _ = closed.receive(&mut inbox, &mut outbox); }
        allowed { let _ = closed.shutdown(); }
    }

    /// A second text message inside a fragmented one.
    TextInsideAMessage: E0599 {
        before { let mut streaming = open.start_text(); }
        refused { streaming.send_text("other", &mut outbox); }
        allowed { streaming.write("more", &mut outbox); }
    }

    /// A binary message inside a fragmented one.
    BytesInsideAMessage: E0599 {
        before { let mut streaming = open.start_text(); }
        refused { streaming.send_binary(b"other", &mut outbox); }
        allowed { streaming.ping(ControlPayload::default(), &mut outbox); }
    }

    /// A fragmented message inside a fragmented one.
    FragmentsInsideAMessage: E0599 {
        before { let streaming = open.start_text(); }
        refused { let inner = streaming.start_binary(); }
        allowed { let open = streaming.finish("", &mut outbox); }
    }

    /// Another message by way of the phase that a fragmented one has left.
    MessageBesideAMessage: E0382 {
        before { let streaming = open.start_binary(); }
        refused { open.send_text("other", &mut outbox); }
        allowed { let open = streaming.finish(b"", &mut outbox); }
    }

    /// A continuation of nothing.
    ContinuationOfNothing: E0599 {
        refused { open.write("more", &mut outbox); }
        allowed { open.start_text().write("more", &mut outbox); }
    }

    /// A continuation of a message that has ended.
    ContinuationAfterTheEnd: E0382 {
        before {
            let mut streaming = open.start_text();
            let mut open = streaming.finish("last", &mut outbox);
        }
        refused { streaming.write("more", &mut outbox); }
        allowed { open.send_text("more", &mut outbox); }
    }

    /// A message that ends twice.
    SecondEnd: E0382 {
        before {
            let mut streaming = open.start_text();
            let mut open = streaming.finish("last", &mut outbox);
        }
        refused { let open = streaming.finish("last", &mut outbox); }
        allowed { let open = open.start_text().finish("last", &mut outbox); }
    }

    /// Bytes in a text message.
    BytesAsText: E0308 {
        refused { open.send_text(b"bytes", &mut outbox); }
        allowed { open.send_text("text", &mut outbox); }
    }

    /// Bytes in a fragment of a text message.
    BytesInAFragmentOfText: E0308 {
        before { let mut streaming = open.start_text(); }
        refused { streaming.write(b"bytes", &mut outbox); }
        allowed { streaming.write("text", &mut outbox); }
    }

    /// Bytes in the last fragment of a text message.
    BytesInTheLastFragmentOfText: E0308 {
        before { let mut streaming = open.start_text(); }
        refused { let _ = streaming.finish(b"bytes", &mut outbox); }
        allowed { let _ = streaming.finish("text", &mut outbox); }
    }

    /// A text message that goes on as a binary one.
    TextTakenForBinary: E0308 {
        refused { let streaming: Streaming<Server, (), Binary> = open.start_text(); }
        allowed { let streaming: Streaming<Server, (), Binary> = open.start_binary(); }
    }

    /// A kind of message that RFC 6455 does not know.
    AnotherKind: E0277 {
        before { struct Mine; }
        refused { fn streaming(streaming: &Streaming<Server, (), Mine>) {} }
        allowed { fn streaming(streaming: &Streaming<Server, (), Binary>) {} }
    }

    /// Masking keys for a server.
    MaskedFromAServer: E0061 {
        refused { let open = Open::<Server>::after_upgrade((), Limits::default(), [7; 32]); }
        allowed { let open = Open::<Server>::after_upgrade((), Limits::default()); }
    }

    /// A client without masking keys.
    UnmaskedFromAClient: E0061 {
        refused { let open = Open::<Client>::after_upgrade((), Limits::default()); }
        allowed { let open = Open::<Client>::after_upgrade((), Limits::default(), [7; 32]); }
    }

    /// A frame without a mask, from a client that was not asked for one.
    BroadcastFromAClient: E0599 {
        refused { client.send_broadcast(&Broadcast::text("all"), &mut outbox); }
        allowed { open.send_broadcast(&Broadcast::text("all"), &mut outbox); }
    }

    /// Two connections with the same masking keys.
    KeysUsedTwice: E0599 {
        refused { let second = client.clone(); }
        allowed { let second = client; }
    }

    /// A client in a server's place.
    ServerTakenForClient: E0308 {
        refused { let other: Open<Client> = open; }
        allowed { let other: Open<Client> = client; }
    }

    /// A role as a value.
    RoleAsAValue: E0423 {
        refused { let role = Server; }
        allowed { let role = None::<Server>; }
    }

    /// A third role.
    AnotherRole: E0277 {
        before { struct Mine; }
        refused { impl Role for Mine {} }
        allowed { impl Unpin for Mine {} }
    }

    /// The answer to a handshake, from a client.
    AnswerFromAClient: E0599 {
        refused { let open = handshaking.accept(Acceptance::default(), &mut outbox); }
        allowed { let open = requested.accept(Acceptance::default(), &mut outbox); }
    }

    /// A refusal of a handshake, from a client.
    RefusalFromAClient: E0599 {
        refused { let rejected = handshaking.reject(); }
        allowed { let error = handshaking.eof(); }
    }

    /// Two answers to a handshake.
    SecondAnswer: E0382 {
        before { let open = requested.accept(Acceptance::default(), &mut outbox); }
        refused { let open = requested.accept(Acceptance::default(), &mut outbox); }
        allowed { let closed = open.eof(); }
    }

    /// Data before the handshake is done.
    DataBeforeTheHandshake: E0599 {
        refused { handshaking.send_text("early", &mut outbox); }
        allowed { client.send_text("in time", &mut outbox); }
    }

    /// Data before the handshake is answered.
    DataBeforeTheAnswer: E0599 {
        refused { requested.send_text("early", &mut outbox); }
        allowed { requested.accept(Acceptance::default(), &mut outbox).send_text("in time", &mut outbox); }
    }

    /// 1005, which says that there was no code.
    Code1005: E0080 {
        refused { let code = CloseCode::literal::<1005>(); }
        allowed { let code = CloseCode::literal::<1003>(); }
    }

    /// 1006, which says that there was no Close.
    Code1006: E0080 {
        refused { let code = CloseCode::literal::<1006>(); }
        allowed { let code = CloseCode::literal::<1007>(); }
    }

    /// 1015, which says that TLS failed.
    Code1015: E0080 {
        refused { let code = CloseCode::literal::<1015>(); }
        allowed { let code = CloseCode::literal::<1014>(); }
    }

    /// A code that is not used.
    Code999: E0080 {
        refused { let code = CloseCode::literal::<999>(); }
        allowed { let code = CloseCode::literal::<1000>(); }
    }

    /// A code that nobody has assigned.
    Code2999: E0080 {
        refused { let code = CloseCode::literal::<2999>(); }
        allowed { let code = CloseCode::literal::<3000>(); }
    }

    /// A code above those of applications.
    Code5000: E0080 {
        refused { let code = CloseCode::literal::<5000>(); }
        allowed { let code = CloseCode::literal::<4999>(); }
    }

    /// A number for a code.
    NumberAsACode: E0308 {
        refused { let _ = open.close(1000, CloseReason::default(), &mut outbox); }
        allowed { let _ = open.close(CloseCode::NORMAL, CloseReason::default(), &mut outbox); }
    }

    /// What an observer is told, for a code: it may be 1005 or 1006.
    StatusAsACode: E0308 {
        refused { let _ = open.close(close.code(), CloseReason::default(), &mut outbox); }
        allowed { let _ = open.close(close.code().code().unwrap(), CloseReason::default(), &mut outbox); }
    }

    /// A code that was not looked at.
    CodeOutOfNothing: E0423 {
        refused { let code = CloseCode(1005); }
        allowed { let code = CloseCode::new(1005); }
    }

    /// A reason of 124 bytes.
    ReasonOf124: E0080 {
        refused { const REASON: CloseReason = CloseReason::from_static("1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234"); }
        allowed { const REASON: CloseReason = CloseReason::from_static("123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123"); }
    }

    /// A reason that was not looked at.
    TextAsAReason: E0308 {
        refused { let _ = open.close(CloseCode::NORMAL, "reason", &mut outbox); }
        allowed { let _ = open.close(CloseCode::NORMAL, CloseReason::truncated("reason"), &mut outbox); }
    }

    /// A control payload of 126 bytes.
    ControlPayloadOf126: E0080 {
        refused { open.ping(ControlPayload::literal(&[0; 126]), &mut outbox); }
        allowed { open.ping(ControlPayload::literal(&[0; 125]), &mut outbox); }
    }

    /// One key stream for two connections.
    EntropyForTwo: E0599 {
        before { let entropy = Entropy::from([7; 32]); }
        refused { let first = Open::<Client>::after_upgrade((), Limits::default(), entropy.clone()); }
        allowed { let first = Open::<Client>::after_upgrade((), Limits::default(), entropy); }
    }

    /// A payload of a Ping that was not looked at.
    BytesAsAPing: E0308 {
        refused { open.ping(b"payload", &mut outbox); }
        allowed { open.ping(ControlPayload::literal(b"payload"), &mut outbox); }
    }

    /// A payload of a Pong that was not looked at.
    BytesAsAPong: E0308 {
        refused { open.pong(b"payload", &mut outbox); }
        allowed { open.pong(ControlPayload::literal(b"payload"), &mut outbox); }
    }

    /// An answer to a Close that never came.
    AnswerToNothing: E0061 {
        refused { let _ = open.acknowledge(&mut outbox); }
        allowed { let _ = open.acknowledge(close, &mut outbox); }
    }

    /// A Close of the peer's that we made up.
    CloseMadeUp: E0451 {
        refused { let close = PeerClose { status: close.code(), reason: CloseReason::default() }; }
        allowed { let close = (close.code(), CloseReason::default()); }
    }

    /// A Close of the peer's out of nothing.
    CloseOutOfNothing: E0599 {
        refused { let close = PeerClose::default(); }
        allowed { let close = CloseReason::default(); }
    }

    /// A Close of the peer's that is heard once and answered twice.
    CloseCloned: E0599 {
        refused { let second = close.clone(); }
        allowed { let reason = close.reason().to_owned(); }
    }

    /// One Close of the peer's for two connections.
    CloseUsedTwice: E0382 {
        before { let closed = open.acknowledge(close, &mut outbox); }
        refused { let _ = client.acknowledge(close, &mut outbox); }
        allowed { let _ = client.eof(); }
    }

    /// An end that nobody came to.
    FinishWithoutAnAnswer: E0061 {
        before { let closing = open.close_without_code(&mut outbox); }
        refused { let _ = closing.finish(); }
        allowed { let _ = closing.finish(close); }
    }

    /// Reading more under a live event.
    ExtendUnderAnEvent: E0499 {
        before { let event = open.receive(&mut inbox, &mut outbox); }
        refused { inbox.extend(b"more"); }
        allowed { open.send_text("an answer", &mut outbox); }
        after { drop(event); }
    }

    /// Reading more under a live event, in place.
    SpaceUnderAnEvent: E0499 {
        before { let event = open.receive(&mut inbox, &mut outbox); }
        refused { inbox.space(1024).fill(0); }
        allowed { let bytes = outbox.bytes_to_send(None); }
        after { drop(event); }
    }

    /// Receiving the next event under a live one.
    ReceiveUnderAnEvent: E0499 {
        before { let event = open.receive(&mut inbox, &mut outbox); }
        refused { let next = open.receive(&mut inbox, &mut outbox); }
        allowed { let streaming = open.start_text(); }
        after { drop(event); }
    }

    /// Giving the inbox to another connection under a live event.
    DetachUnderAnEvent: E0499 {
        before { let event = open.receive(&mut inbox, &mut outbox); }
        refused { let remainder = inbox.detach(); }
        allowed { let _ = open.eof(); }
        after { drop(event); }
    }

    /// An event that outlives its inbox.
    EventWithoutItsInbox: E0505 {
        before { let event = open.receive(&mut inbox, &mut outbox); }
        refused { drop(inbox); }
        allowed { drop(outbox); }
        after { drop(event); }
    }

    /// Taking the rules for complete.
    ViolationsTakenForComplete: E0004 {
        refused { match violation { Violation::Masked => {} } }
        allowed { match violation { Violation::Masked => {} _ => {} } }
    }
}
