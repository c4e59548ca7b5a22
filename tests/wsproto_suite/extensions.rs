//! Extensions: negotiated, and at work.

use wsproto::events::{AcceptConnection, Event};
use wsproto::{
    Answer, Client, Coding, Connection, Decode, Encode, Extension, ExtensionHeader, ExtensionList,
    InvalidAnswer, InvalidCoding, Negotiate, Pool, Progress, Request, Rsv, Server, Settings,
};

use super::erased::{SEED, answer, carry, events};
use super::{frame, text, text_piece};

/// An extension that owns RSV3: text is in capitals, and has a character more at its end.
#[derive(Clone, Default)]
struct Fake {
    /// Of each parameter a name and a value.
    offer: Vec<(&'static str, &'static str)>,
    answer: Vec<(&'static str, &'static str)>,
    offers: bool,
}

fn fake() -> Fake {
    Fake {
        offers: true,
        ..Fake::default()
    }
}

struct Louder;

impl Extension for Louder {
    const RSV: Rsv = Rsv::RSV3;
    type Encoder = Self;
    type Decoder = Self;

    fn split(self) -> (Self, Self) {
        (Self, Self)
    }
}

impl Encode for Louder {
    fn begin(&mut self, _: Option<usize>) -> (Rsv, Coding) {
        (Rsv::RSV3, Coding::Coded)
    }

    fn encode(&mut self, payload: &[u8], last: bool, output: &mut Vec<u8>, _: &mut Pool) {
        output.extend_from_slice(payload);
        output.extend_from_slice(if last { "®".as_bytes() } else { b"" });
    }
}

impl Decode for Louder {
    fn begin(&mut self, rsv: Rsv) -> Coding {
        match rsv.is_empty() {
            true => Coding::Plain,
            false => Coding::Coded,
        }
    }

    fn decode(
        &mut self,
        input: &mut &[u8],
        output: &mut Vec<u8>,
        last: bool,
        _: &mut Pool,
    ) -> Result<Progress, InvalidCoding> {
        let trademark = if last { "™".as_bytes() } else { b"" };
        if output.capacity() - output.len() < input.len() + trademark.len() {
            return Err(InvalidCoding);
        }
        output.extend(input.to_ascii_uppercase());
        output.extend_from_slice(trademark);
        *input = &[];
        Ok(Progress::Done)
    }
}

impl Negotiate for Fake {
    type Agreed = Option<Louder>;

    fn offer(&self, offers: &mut ExtensionHeader) {
        if self.offers {
            let mut entry = offers.entry("fake");
            self.offer
                .iter()
                .for_each(|(name, value)| _ = entry.param(name, value));
        }
    }

    fn confirm(self, answer: &mut Answer<'_>) -> Result<Option<Louder>, InvalidAnswer> {
        Ok(answer.take("fake").map(|_| Louder))
    }

    fn answer(self, offers: ExtensionList<'_>, answer: &mut ExtensionHeader) -> Option<Louder> {
        offers.named("fake").next()?;
        let mut entry = answer.entry("fake");
        self.answer
            .iter()
            .for_each(|(name, value)| _ = entry.param(name, value));
        Some(Louder)
    }
}

/// The value of `Sec-WebSocket-Extensions` in what a client sends, if it is there.
fn offered(fake: Fake) -> Option<String> {
    let mut client = Settings::new().proposal(fake).client_with(SEED);
    client
        .send(Request::new("localhost", "/").unwrap())
        .unwrap();
    extensions(&client.bytes_to_send(None))
}

/// Likewise in what a server answers to `offer`.
fn accepted(fake: Fake, offer: &str) -> Option<String> {
    let mut server = Settings::new().proposal(fake).server();
    let head = super::erased::REQUEST.strip_suffix("\r\n").unwrap();
    server.receive_bytes(format!("{head}Sec-WebSocket-Extensions: {offer}\r\n\r\n"));
    events(&mut server);
    server.send(AcceptConnection::default()).unwrap();
    extensions(&server.bytes_to_send(None))
}

fn extensions(head: &[u8]) -> Option<String> {
    let mut lines = std::str::from_utf8(head).unwrap().split("\r\n");
    lines.find_map(|line| {
        line.strip_prefix("Sec-WebSocket-Extensions: ")
            .map(str::to_owned)
    })
}

// client::connection_request_simple_extension
// client::connection_request_simple_extension_no_offer
// client::connection_request_parametrised_extension
#[test]
fn a_client_offers_an_extension_with_its_parameters() {
    assert_eq!(offered(fake()).as_deref(), Some("fake"));
    assert_eq!(offered(Fake::default()), None);
    let params = vec![("parameter1", "value1"), ("parameter2", "value2")];
    let fake = Fake {
        offer: params,
        ..fake()
    };
    let expected = "fake; parameter1=value1; parameter2=value2";
    assert_eq!(offered(fake).as_deref(), Some(expected));
}

/// A client that agreed to the extension.
fn agreed() -> Connection<Client, Fake> {
    let mut client = Settings::new().proposal(fake()).client_with(SEED);
    client
        .send(Request::new("localhost", "/").unwrap())
        .unwrap();
    client.receive_bytes(answer("Sec-WebSocket-Extensions: fake\r\n"));
    // client::handshake_with_extension
    let heard = events(&mut client);
    let [Event::AcceptConnection(accepted)] = &heard[..] else {
        panic!("{heard:?}");
    };
    assert_eq!(accepted.extensions.as_str(), "fake");
    client
}

// server::handshake_with_extension
// server::handshake_with_extension_params
// server::handshake_with_extra_unaccepted_extension
#[test]
fn a_server_accepts_an_extension_that_it_knows() {
    assert_eq!(accepted(fake(), "fake").as_deref(), Some("fake"));
    assert_eq!(accepted(fake(), "pretend, fake").as_deref(), Some("fake"));
    assert_eq!(accepted(fake(), "pretend"), None);
    let answer = vec![("parameter1", "value1"), ("parameter2", "value2")];
    let fake = Fake { answer, ..fake() };
    assert_eq!(
        accepted(fake, "fake; parameter1=value3; parameter2=value4").as_deref(),
        Some("fake; parameter1=value1; parameter2=value2")
    );
}

#[test]
fn an_extension_works_on_messages_that_bear_its_bit() {
    let faces = "f\u{f1}\u{f6}r\u{2202}";
    let rows = [
        (
            "TestFrameDecoderExtensions::rsv_bit",
            frame(0x91, ""),
            text("™"),
        ),
        (
            "TestFrameDecoderExtensions::payload_processing",
            frame(0x11, faces),
            text_piece("FñöR∂", true, false),
        ),
        (
            "TestFrameDecoderExtensions::no_payload_processing_when_not_wanted",
            frame(0x01, faces),
            text_piece(faces, true, false),
        ),
        (
            "TestFrameDecoderExtensions::frame_completion",
            frame(0x91, faces),
            text("FñöR∂™"),
        ),
        (
            "TestFrameDecoderExtensions::no_frame_completion_when_not_wanted",
            frame(0x81, faces),
            text(faces),
        ),
    ];
    for (name, frame, expected) in rows {
        let mut client = agreed();
        client.receive_bytes(frame);
        assert_eq!(events(&mut client), [expected], "{name}");
    }
    // TestFrameDecoderExtensions::wrong_rsv_bit
    for wrong in [0xa1, 0x9a] {
        let mut client = agreed();
        client.receive_bytes(frame(wrong, ""));
        let heard = events(&mut client);
        assert!(matches!(&heard[..], [Event::CloseConnection(it)] if it.code.get() == 1002));
    }
}

// TestFrameDecoderExtensions::outbound_handling_single_frame
// TestFrameDecoderExtensions::outbound_handling_multiple_frames
#[test]
fn an_extension_works_on_messages_that_are_sent() {
    let mut server: Connection<Server, Fake> = Settings::new().proposal(fake()).server();
    let mut client = Settings::new().proposal(fake()).client_with(SEED);
    client
        .send(Request::new("localhost", "/").unwrap())
        .unwrap();
    carry(&mut client, &mut server);
    server.send(AcceptConnection::default()).unwrap();
    server.bytes_to_send(None);

    server.send(text("😃😄🙃😉")).unwrap();
    assert_eq!(server.bytes_to_send(None), frame(0x91, "😃😄🙃😉®"));
    server.send(text_piece("😃😄🙃😉", true, false)).unwrap();
    assert_eq!(server.bytes_to_send(None), frame(0x11, "😃😄🙃😉"));
    server.send(text(r"¯\_(ツ)_/¯")).unwrap();
    assert_eq!(server.bytes_to_send(None), frame(0x80, r"¯\_(ツ)_/¯®"));
}

#[cfg(feature = "deflate")]
mod deflate {
    use wsproto::{CloseStatus, DeflateOffer, Phase, WindowBits};

    use super::super::{bytes, bytes_piece, close, ping};
    use super::*;

    fn bits(bits: u8) -> WindowBits {
        WindowBits::new(bits).unwrap()
    }

    /// As wsproto's tests have them: each with what a client says and what a server answers.
    fn parameter_sets() -> Vec<(DeflateOffer, &'static str, &'static str)> {
        let offer = DeflateOffer::default;
        vec![
            (offer(), "client_max_window_bits", ""),
            (
                offer()
                    .client_no_context_takeover()
                    .client_max_window_bits(bits(9)),
                "client_no_context_takeover; client_max_window_bits=9",
                "client_no_context_takeover; client_max_window_bits=9",
            ),
            (
                offer()
                    .server_no_context_takeover()
                    .server_max_window_bits(bits(9)),
                "server_no_context_takeover; server_max_window_bits=9; client_max_window_bits",
                "server_no_context_takeover; server_max_window_bits=9",
            ),
            (
                offer()
                    .server_no_context_takeover()
                    .client_no_context_takeover()
                    .server_max_window_bits(bits(9))
                    .client_max_window_bits(bits(9)),
                "server_no_context_takeover; client_no_context_takeover; \
                 server_max_window_bits=9; client_max_window_bits=9",
                "server_no_context_takeover; client_no_context_takeover; \
                 server_max_window_bits=9; client_max_window_bits=9",
            ),
            (
                offer()
                    .client_no_context_takeover()
                    .server_max_window_bits(bits(9)),
                "client_no_context_takeover; server_max_window_bits=9; client_max_window_bits",
                "client_no_context_takeover; server_max_window_bits=9",
            ),
            (
                offer()
                    .server_no_context_takeover()
                    .client_max_window_bits(bits(9)),
                "server_no_context_takeover; client_max_window_bits=9",
                "server_no_context_takeover; client_max_window_bits=9",
            ),
        ]
    }

    fn named(params: &str) -> String {
        match params {
            "" => "permessage-deflate".into(),
            params => format!("permessage-deflate; {params}"),
        }
    }

    // TestPerMessageDeflate::offer
    // TestPerMessageDeflate::accept
    // TestPerMessageDeflate::finalize
    #[test]
    fn parameters_are_offered_accepted_and_confirmed() {
        for (offer, offered, accepted) in parameter_sets() {
            let mut client = Settings::new().proposal(offer).client_with(SEED);
            let mut server = Settings::new().proposal(DeflateOffer::default()).server();
            client
                .send(Request::new("localhost", "/").unwrap())
                .unwrap();
            let sent = client.bytes_to_send(None);
            assert_eq!(extensions(&sent), Some(named(offered)));
            server.receive_bytes(sent);
            events(&mut server);
            server.send(AcceptConnection::default()).unwrap();
            let sent = server.bytes_to_send(None);
            assert_eq!(extensions(&sent), Some(named(accepted)));
            client.receive_bytes(sent);
            assert!(matches!(
                client.next_event(),
                Some(Event::AcceptConnection(_))
            ));
            assert_eq!(client.phase(), Phase::Open);
        }
    }

    /// A client and a server that agreed, and compress all.
    fn both() -> (
        Connection<Client, DeflateOffer>,
        Connection<Server, DeflateOffer>,
    ) {
        let offer = DeflateOffer::default().threshold(0);
        let mut client = Settings::new().proposal(offer.clone()).client_with(SEED);
        let mut server = Settings::new().proposal(offer).server();
        client
            .send(Request::new("localhost", "/").unwrap())
            .unwrap();
        carry(&mut client, &mut server);
        server.send(AcceptConnection::default()).unwrap();
        carry(&mut server, &mut client);
        (client, server)
    }

    const X23: [u8; 23] = [b'x'; 23];
    const COMPRESSED: &[u8] = b"\xaa\xa8\xc0\n\x00\x00";

    #[test]
    fn frames_that_arrive() {
        let split = [frame(0x42, &COMPRESSED[..3]), frame(0x80, &COMPRESSED[3..])].concat();
        let rows = [
            (
                "TestPerMessageDeflate::inbound_uncompressed_control_frame",
                frame(0x89, X23),
                vec![ping(&X23)],
            ),
            (
                "TestPerMessageDeflate::inbound_compressed_control_frame",
                frame(0xc9, X23),
                vec![close(CloseStatus::PROTOCOL_ERROR, "reserved bit")],
            ),
            (
                "TestPerMessageDeflate::inbound_compressed_continuation_frame",
                [frame(0x02, ""), frame(0xc0, X23)].concat(),
                vec![
                    bytes_piece(b"", true, false),
                    close(CloseStatus::PROTOCOL_ERROR, "reserved bit"),
                ],
            ),
            (
                "TestPerMessageDeflate::inbound_uncompressed_data_frame",
                frame(0x82, X23),
                vec![bytes(&X23)],
            ),
            (
                "TestPerMessageDeflate::client_inbound_compressed_single_data_frame",
                frame(0xc2, COMPRESSED),
                vec![bytes(&X23)],
            ),
            (
                "TestPerMessageDeflate::client_decompress_after_uncompressible_frame",
                [frame(0x89, ""), frame(0xc1, COMPRESSED)].concat(),
                vec![ping(b""), text("xxxxxxxxxxxxxxxxxxxxxxx")],
            ),
            (
                "TestPerMessageDeflate::inbound_bad_zlib_payload",
                frame(0xc2, X23),
                vec![close(
                    CloseStatus::INVALID_FRAME_PAYLOAD_DATA,
                    "payload cannot be decoded",
                )],
            ),
        ];
        for (name, frames, expected) in rows {
            let (mut client, _) = both();
            client.receive_bytes(frames);
            assert_eq!(events(&mut client), expected, "{name}");
        }
        // TestPerMessageDeflate::client_inbound_compressed_multiple_data_frames
        let (mut client, _) = both();
        client.receive_bytes(split);
        let heard = events(&mut client);
        let data = heard.iter().flat_map(|event| match event {
            Event::BytesMessage(piece) => piece.data.to_vec(),
            other => panic!("{other:?}"),
        });
        assert!(data.eq(X23));
    }

    // TestPerMessageDeflate::outbound_uncompressible_opcode
    // TestPerMessageDeflate::outbound_compress_single_frame
    // TestPerMessageDeflate::outbound_compress_multiple_frames
    #[test]
    fn frames_that_are_sent() {
        let (mut client, mut server) = both();
        server.send(ping(&X23)).unwrap();
        assert_eq!(server.bytes_to_send(None), frame(0x89, X23));

        // Which bytes a compressor makes of it is its own affair: what comes of them is not.
        server.send(bytes(&X23)).unwrap();
        let sent = server.bytes_to_send(None);
        assert_eq!(sent[0], 0xc2, "RSV1");
        assert!(sent.len() < 2 + 23);
        client.receive_bytes(sent);
        assert_eq!(events(&mut client), [bytes(&X23)]);

        server.send(bytes_piece(&X23[..12], true, false)).unwrap();
        server.send(bytes(&X23[12..])).unwrap();
        let sent = server.bytes_to_send(None);
        assert_eq!(sent[0], 0x42, "RSV1 on the first");
        client.receive_bytes(sent);
        let heard = events(&mut client);
        let data = heard.iter().flat_map(|event| match event {
            Event::BytesMessage(piece) => piece.data.to_vec(),
            other => panic!("{other:?}"),
        });
        assert!(data.eq(X23));
    }
}
