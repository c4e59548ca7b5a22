//! A collector, and a network that takes and gives a few bytes at a time.

use std::collections::VecDeque;

use no_std_loop::{Port, Sensor, State};
use wsproto::{
    Acceptance, CloseCode, Event, Handshaking, Inbox, Limits, Open, Outbox, Server, ServerProgress,
};

#[path = "../../../tests/counting/mod.rs"]
mod counting;

/// The network, seen from the sensor.
#[derive(Default)]
struct Network {
    to_sensor: VecDeque<u8>,
    to_collector: VecDeque<u8>,
    /// What it moves at a time.
    step: usize,
    has_ended: bool,
}

impl Port for Network {
    fn read(&mut self, room: &mut [u8]) -> Option<usize> {
        if self.has_ended && self.to_sensor.is_empty() {
            return None;
        }
        let read = self.to_sensor.len().min(room.len()).min(self.step);
        for (place, byte) in room.iter_mut().zip(self.to_sensor.drain(..read)) {
            *place = byte;
        }
        Some(read)
    }

    fn write(&mut self, bytes: &[u8]) -> usize {
        let room = self.step.saturating_sub(self.to_collector.len());
        let taken = bytes.len().min(room);
        self.to_collector.extend(&bytes[..taken]);
        taken
    }
}

#[derive(Default)]
struct Collector {
    inbox: Inbox,
    outbox: Outbox,
    handshaking: Option<Handshaking<Server>>,
    open: Option<Open<Server>>,
    heard: Vec<String>,
    ended_with: Option<u16>,
}

impl Collector {
    fn step(&mut self, network: &mut Network) {
        let bytes: Vec<u8> = network.to_collector.drain(..).collect();
        self.inbox.extend(&bytes);
        if let Some(handshaking) = self.handshaking.take() {
            match handshaking.receive(&mut self.inbox).unwrap() {
                ServerProgress::Handshaking(still) => self.handshaking = Some(still),
                ServerProgress::Requested(requested) => {
                    assert_eq!(requested.target(), "/sensor/7");
                    let accepted = requested.accept(Acceptance::default(), &mut self.outbox);
                    self.open = Some(accepted);
                }
            }
        }
        while let Some(open) = &mut self.open {
            match open.receive(&mut self.inbox, &mut self.outbox).unwrap() {
                Some(Event::Close(close)) => {
                    let open = self.open.take().unwrap();
                    let closed = open.acknowledge(close, &mut self.outbox);
                    self.ended_with = Some(closed.code().get());
                }
                Some(Event::Binary(value)) => {
                    self.heard.push(format!("{value:02x?}", value = &*value))
                }
                Some(Event::Text(text)) => self.heard.push(text.into_string()),
                Some(_) => {}
                None => break,
            }
        }
        network.to_sensor.extend(self.outbox.bytes_to_send(None));
    }

    fn say(&mut self, what: impl FnOnce(&mut Open<Server>, &mut Outbox)) {
        what(self.open.as_mut().expect("it is open"), &mut self.outbox);
    }
}

#[test]
fn a_sensor_reports_obeys_and_leaves_however_little_the_network_moves() {
    for step in [1, 7, 64, 1000] {
        let (mut input, mut output) = ([0; 64], [0; 64]);
        let mut sensor = Sensor::new([7; 32], [&mut input, &mut output]).unwrap();
        let mut network = Network {
            step,
            ..Network::default()
        };
        let mut collector = Collector {
            handshaking: Some(Handshaking::<Server>::new(Limits::default())),
            ..Collector::default()
        };
        let run = |sensor: &mut Sensor, collector: &mut Collector, network: &mut Network, value| {
            let mut state = sensor.step(network, value);
            for _ in 0..400 {
                collector.step(network);
                state = sensor.step(network, None);
            }
            state
        };

        let state = run(&mut sensor, &mut collector, &mut network, None);
        assert_eq!(state, State::Reporting);
        run(&mut sensor, &mut collector, &mut network, Some(0x1234));
        collector.say(|open, outbox| open.send_text("led on", outbox));
        run(&mut sensor, &mut collector, &mut network, Some(-2));
        assert!(sensor.led);
        collector.say(|open, outbox| open.send_text("dance", outbox));
        run(&mut sensor, &mut collector, &mut network, None);
        assert_eq!(collector.heard, ["[12, 34]", "[ff, fe]", "what?"]);

        sensor.leave();
        let state = run(&mut sensor, &mut collector, &mut network, None);
        assert_eq!(state, State::Ended);
        assert_eq!(collector.ended_with, Some(CloseCode::GOING_AWAY.get()));
    }
}

#[test]
fn a_message_above_the_sensors_limit_ends_it_and_the_collector_is_told() {
    let (mut input, mut output) = ([0; 64], [0; 64]);
    let mut sensor = Sensor::new([7; 32], [&mut input, &mut output]).unwrap();
    let mut network = Network {
        step: 64,
        ..Network::default()
    };
    let mut collector = Collector {
        handshaking: Some(Handshaking::<Server>::new(Limits::default())),
        ..Collector::default()
    };
    while sensor.step(&mut network, None) != State::Reporting {
        collector.step(&mut network);
    }
    collector.say(|open, outbox| open.send_binary(&[0; 33], outbox));
    for _ in 0..10 {
        collector.step(&mut network);
        sensor.step(&mut network, None);
    }
    assert_eq!(collector.ended_with, Some(CloseCode::MESSAGE_TOO_BIG.get()));
}

#[test]
fn a_transport_that_ends_ends_the_sensor() {
    let (mut input, mut output) = ([0; 64], [0; 64]);
    let mut sensor = Sensor::new([7; 32], [&mut input, &mut output]).unwrap();
    let mut network = Network {
        step: 1000,
        has_ended: true,
        ..Network::default()
    };
    assert_eq!(sensor.step(&mut network, None), State::Ended);
}

#[test]
fn the_heap_of_a_sensor_is_small_and_does_not_grow() {
    let (mut input, mut output) = ([0; 64], [0; 64]);
    let answer = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
        Connection: Upgrade\r\nSec-WebSocket-Accept: A7H9HYh1mE/+oRL0Kip7NajRQmU=\r\n\r\n";
    let mut network = Network {
        step: 4096,
        ..Network::default()
    };
    network.to_collector.reserve(8192);
    network.to_sensor.reserve(8192);
    // The key, and so the answer, is of this seed.
    let mut whole = None;
    let start =
        counting::heap(|| whole = Some(Sensor::new([0; 32], [&mut input, &mut output]).unwrap()));
    let mut sensor = whole.unwrap();
    let opened = counting::heap(|| {
        network.to_sensor.extend(answer);
        while sensor.step(&mut network, None) != State::Reporting {}
    });
    let reported = counting::heap(|| {
        for value in 0..1000 {
            network.to_sensor.extend(b"\x81\x06led on");
            sensor.step(&mut network, Some(value));
            network.to_collector.clear();
        }
    });
    assert!(sensor.led);
    println!("{start:?} {opened:?} {reported:?}");
    let most = start.kept + opened.peak.max(opened.kept + reported.peak);
    assert!(most <= 1024, "{most} bytes of heap");
    assert_eq!(reported.calls, 0, "an allocation while it reports");
}
