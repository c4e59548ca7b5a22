//! A message that is framed once, and compressed once, for many connections.

mod common;

use bytes::Buf;
use wsproto::{Broadcast, Limits, Open, Outbox, Server};

#[test]
fn a_broadcast_is_the_frame_that_each_connection_would_have_written() {
    for len in [0, 1, 125, 126, 65_535, 65_536] {
        let text = "x".repeat(len);
        for (broadcast, opcode) in [
            (Broadcast::text(&text), 0x81),
            (Broadcast::binary(text.as_bytes()), 0x82),
        ] {
            let mut header = vec![opcode];
            match len {
                0..=125 => header.push(len as u8),
                126..=65_535 => header.extend([&[126], &(len as u16).to_be_bytes()[..]].concat()),
                _ => header.extend([&[127], &(len as u64).to_be_bytes()[..]].concat()),
            }
            let expected = [&header[..], text.as_bytes()].concat();
            let mut open = Open::<Server>::after_upgrade((), Limits::default());
            let mut outbox = Outbox::new();
            open.send_broadcast(&broadcast, &mut outbox);
            assert_eq!(outbox.bytes_to_send(None), expected, "{len}");
        }
    }
}

#[test]
fn a_large_broadcast_is_the_same_memory_for_all() {
    let broadcast = Broadcast::binary(&vec![7; 64 << 10]);
    let mut places = Vec::new();
    for _ in 0..2 {
        let mut open = Open::<Server>::after_upgrade((), Limits::default());
        let mut outbox = Outbox::new();
        open.send_broadcast(&broadcast, &mut outbox);
        places.push(outbox.chunk().as_ptr());
        assert_eq!(outbox.chunk().len(), 10 + (64 << 10));
    }
    assert_eq!(places[0], places[1]);
}

#[test]
fn small_broadcasts_lie_together_and_large_ones_by_themselves() {
    let mut open = Open::<Server>::after_upgrade((), Limits::default());
    let mut outbox = Outbox::new();
    open.send_broadcast(&Broadcast::text("one"), &mut outbox);
    open.send_broadcast(&Broadcast::text("two"), &mut outbox);
    assert_eq!(outbox.chunk(), b"\x81\x03one\x81\x03two");
    open.send_broadcast(&Broadcast::binary(&[7; 70_000]), &mut outbox);
    assert_eq!(outbox.chunk(), b"\x81\x03one\x81\x03two");
}

#[cfg(feature = "deflate")]
mod deflated {
    use wsproto::{Client, Deflate, DeflateOffer, Event, Inbox, WindowBits};

    use super::common::handshake::{connect, serve};
    use super::*;

    /// Two ends that agreed to permessage-deflate with these parameters.
    fn agreed(params: &str) -> (Open<Server, Option<Deflate>>, Open<Client, Option<Deflate>>) {
        let line = format!("permessage-deflate{params}");
        let offer = DeflateOffer::default().threshold(0);
        let (server, answer) = serve(offer.clone(), &[&line], Limits::default());
        let (_, client) = connect(offer, &[&answer.expect("it is agreed")], Limits::default());
        (server, client.expect("the answer is legal"))
    }

    /// Sends what `outbox` holds; what the client hears, and how much it was.
    fn hear(
        outbox: &mut Outbox,
        client: &mut Open<Client, Option<Deflate>>,
    ) -> (Vec<String>, usize) {
        let (mut inbox, mut unused) = (Inbox::new(), Outbox::new());
        let wire = outbox.bytes_to_send(None);
        inbox.extend(&wire);
        let mut heard = Vec::new();
        while let Some(event) = client
            .receive(&mut inbox, &mut unused)
            .expect("it is legal")
        {
            match event {
                Event::Text(text) => heard.push(text.into_string()),
                other => panic!("{other:?}"),
            }
        }
        (heard, wire.len())
    }

    const NEWS: &str = "it is raining in the north, it is raining in the south, it is raining";

    #[test]
    fn every_connection_hears_a_compressed_broadcast_and_what_follows_it() {
        let broadcast = Broadcast::text(NEWS).deflated(&DeflateOffer::default());
        for params in [
            "",
            "; server_no_context_takeover",
            "; server_max_window_bits=15",
        ] {
            let (mut server, mut client) = agreed(params);
            let mut outbox = Outbox::new();
            // With a context of its own before and after, which the broadcast is no part of.
            server.send_text("it is raining in the east", &mut outbox);
            let before = outbox.len();
            server.send_broadcast(&broadcast, &mut outbox);
            let compressed = outbox.len() - before;
            assert!(compressed < NEWS.len(), "{params}");
            server.send_text("it is raining in the east", &mut outbox);
            server.send_broadcast(&broadcast, &mut outbox);
            server.send_text(NEWS, &mut outbox);
            server.send_text(NEWS, &mut outbox);
            let (heard, _) = hear(&mut outbox, &mut client);
            let east = "it is raining in the east";
            assert_eq!(heard, [east, NEWS, east, NEWS, NEWS, NEWS], "{params}");
        }
    }

    #[test]
    fn a_connection_with_a_smaller_window_hears_it_as_it_is() {
        let broadcast = Broadcast::text(NEWS).deflated(&DeflateOffer::default());
        let (mut server, mut client) = agreed("; server_max_window_bits=9");
        let mut outbox = Outbox::new();
        server.send_broadcast(&broadcast, &mut outbox);
        assert_eq!(
            hear(&mut outbox, &mut client),
            (vec![NEWS.into()], 2 + NEWS.len())
        );

        let small = DeflateOffer::default().server_max_window_bits(WindowBits::MIN);
        server.send_broadcast(&Broadcast::text(NEWS).deflated(&small), &mut outbox);
        let (heard, wire) = hear(&mut outbox, &mut client);
        assert_eq!(heard, [NEWS]);
        assert!(wire < NEWS.len());
    }

    #[test]
    fn a_connection_without_the_extension_hears_it_as_it_is() {
        let broadcast = Broadcast::text(NEWS).deflated(&DeflateOffer::default());
        let (mut declined, _) = serve(DeflateOffer::default(), &[], Limits::default());
        let mut none = Open::<Server>::after_upgrade((), Limits::default());
        let mut outbox = Outbox::new();
        declined.send_broadcast(&broadcast, &mut outbox);
        none.send_broadcast(&broadcast, &mut outbox);
        let frame = [&[0x81, NEWS.len() as u8], NEWS.as_bytes()].concat();
        assert_eq!(outbox.bytes_to_send(None), frame.repeat(2));
    }

    #[test]
    fn what_does_not_get_smaller_goes_as_it_is() {
        let broadcast = Broadcast::text("abc").deflated(&DeflateOffer::default());
        let (mut server, mut client) = agreed("");
        let mut outbox = Outbox::new();
        server.send_broadcast(&broadcast, &mut outbox);
        assert_eq!(hear(&mut outbox, &mut client), (vec!["abc".into()], 5));
    }
}
