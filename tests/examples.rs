//! The parts of the examples that can go wrong, without their command lines.
#![cfg(all(feature = "std", feature = "getrandom"))]

#[allow(dead_code)] // Its `main`.
#[path = "../examples/record_replay.rs"]
mod record_replay;

mod record_and_replay {
    use super::record_replay::{replay, serve};

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\
        Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
        Sec-WebSocket-Version: 13\r\n\r\n";

    /// A log of a client that sends these frames, and the bytes that it heard.
    fn recorded(frames: &[u8]) -> (String, Vec<u8>) {
        let mut heard = Vec::new();
        let input = [REQUEST, frames].concat();
        let log = serve(&*input, &mut heard, || Ok(()));
        (log, heard)
    }

    #[test]
    fn what_was_recorded_happens_again() {
        for (frames, events) in [
            // Text, half a text, a ping, the other half, a Close; and the end.
            (
                &b"\x81\x85\0\0\0\0hello\x01\x81\0\0\0\0a\x89\x81\0\0\0\0p\x80\x81\0\0\0\0b\
                   \x88\x82\0\0\0\0\x03\xe8"[..],
                5,
            ),
            // No mask.
            (b"\x81\x05hello", 1),
            // The transport ends.
            (b"\x81\x85\0\0\0\0hell", 1),
        ] {
            let (log, _) = recorded(frames);
            assert_eq!(replay(&log), Ok(events), "{log}");
        }
    }

    #[test]
    fn it_is_an_echo_server_that_is_recorded() {
        let (_, heard) = recorded(b"\x82\x83\0\0\0\0abc\x88\x82\0\0\0\0\x03\xe8");
        assert!(heard.ends_with(b"\r\n\r\n\x82\x03abc\x88\x02\x03\xe8"));
    }

    #[test]
    fn what_does_not_happen_again_is_noticed() {
        let (log, _) = recorded(b"\x81\x82\0\0\0\0hi\x88\x82\0\0\0\0\x03\xe8");
        for (is, was) in [
            // Another byte was read, another was written, another event came, or one less.
            ("68, 69, 88", "68, 6a, 88"),
            ("81, 02, 68", "81, 02, 69"),
            ("Text(2 bytes)", "Text(3 bytes)"),
            ("event Text(2 bytes)\n", ""),
            ("in [", "in [zz, "),
        ] {
            assert!(log.contains(is), "no {is} in {log}");
            let error = replay(&log.replacen(is, was, 1));
            assert!(error.is_err(), "{is} was {was}");
        }
    }
}
