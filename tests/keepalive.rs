//! The pulse of a peer (RFC 6455 5.5.2): what is due when, by tables of hand-made times.

mod common;

use std::time::Duration;

use common::*;
use wsproto::{Client, Inbox, Keepalive, Limits, Open, Outbox, Pulse, Server, Silence};

/// What a caller tells a pulse, and what it is told.
#[derive(Clone, Copy, Debug)]
enum Told {
    Heard,
    Active,
    /// Something was written, and so much is left.
    Wrote(usize),
    Wait(u64),
    WaitForEver,
    /// The Ping of that number.
    Ping(u8),
    Dead,
    Idle,
}
use Told::*;

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// What is told when, in seconds.
type Steps = &'static [(u64, Told)];

/// Pings after 10 seconds, 5 for the answer, and no idle deadline.
fn pings() -> Keepalive {
    Keepalive::default()
        .ping_interval(seconds(10))
        .pong_timeout(seconds(5))
}

/// No pings, idle after 30 seconds.
fn idle() -> Keepalive {
    Keepalive::default()
        .ping_interval(Duration::MAX)
        .idle_deadline(seconds(30))
}

fn silence(told: Told) -> Silence {
    match told {
        Wait(time) => Silence::Wait(seconds(time)),
        WaitForEver => Silence::Wait(Duration::MAX),
        Ping(number) => Silence::Ping((&[0, 0, 0, number]).try_into().unwrap()),
        Dead => Silence::Dead,
        Idle => Silence::Idle,
        Heard | Active | Wrote(_) => unreachable!("not said by a pulse"),
    }
}

/// From a start at `start`, the steps, each at a time after that.
fn run(row: &str, settings: Keepalive, start: Duration, steps: Steps) {
    let mut pulse = settings.start(start);
    for (step, &(at, told)) in steps.iter().enumerate() {
        let now = start + seconds(at);
        match told {
            Heard => pulse.heard(now),
            Active => pulse.active(now),
            Wrote(left) => pulse.wrote(left, now),
            said => assert_eq!(pulse.silent(now), silence(said), "{row}, step {step}"),
        }
    }
}

#[test]
fn what_silence_asks_for() {
    let both = pings().idle_deadline(seconds(30));
    let rows: &[(&str, Keepalive, Steps)] = &[
        (
            "a Ping after the interval, and not before",
            pings(),
            &[(0, Wait(10)), (9, Wait(1)), (10, Ping(1))],
        ),
        (
            "any byte is life: the interval begins anew",
            pings(),
            &[(7, Heard), (10, Wait(7)), (16, Wait(1)), (17, Ping(1))],
        ),
        (
            "a peer that talks is sent no Ping",
            pings(),
            &[(9, Heard), (18, Heard), (27, Heard), (27, Wait(10))],
        ),
        (
            "silence after a Ping: dead, when the time has passed and not before, and for good",
            pings(),
            &[
                (10, Ping(1)),
                (10, Wrote(0)),
                (10, Wait(5)),
                (14, Wait(1)),
                (15, Dead),
                (16, Dead),
            ],
        ),
        (
            "any byte after a Ping: alive, and the next Ping has the next number",
            pings(),
            &[
                (10, Ping(1)),
                (10, Wrote(0)),
                (14, Heard),
                (15, Wait(9)),
                (24, Ping(2)),
                (24, Wrote(0)),
                (29, Dead),
            ],
        ),
        (
            "no second Ping while one is unanswered",
            pings().pong_timeout(seconds(100)),
            &[(10, Ping(1)), (10, Wrote(0)), (105, Wait(5)), (110, Dead)],
        ),
        (
            "what answers a Ping makes the next one due sooner than the peer would be dead",
            pings().pong_timeout(seconds(100)),
            &[
                (10, Ping(1)),
                (10, Wrote(0)),
                (10, Wait(10)),
                (11, Heard),
                (20, Wait(1)),
                (21, Ping(2)),
            ],
        ),
        (
            "a busy application: what came meanwhile is read before anything is due",
            pings(),
            &[(10, Ping(1)), (10, Wrote(0)), (900, Heard), (900, Wait(10))],
        ),
        (
            "a busy application: the Ping is late, and the peer has all its time",
            pings(),
            &[(900, Ping(1)), (900, Wrote(0)), (904, Wait(1)), (905, Dead)],
        ),
        (
            "a busy application that was given a Ping and writes it late",
            pings(),
            &[(10, Ping(1)), (900, Wrote(0)), (900, Wait(5)), (905, Dead)],
        ),
        (
            "likewise where it says nothing of its writing",
            pings(),
            &[(10, Ping(1)), (900, Wait(5)), (904, Wait(1)), (905, Dead)],
        ),
        (
            "a Ping behind much that leaves slowly is not late",
            pings(),
            &[
                (10, Ping(1)),
                (10, Wait(5)),
                (14, Wrote(2000)),
                (18, Wrote(1000)),
                (22, Wait(1)),
                (22, Wrote(0)),
                (26, Wait(1)),
                (27, Dead),
            ],
        ),
        (
            "a Ping behind what does not leave at all: dead",
            pings(),
            &[(10, Ping(1)), (12, Wrote(2000)), (16, Wait(1)), (17, Dead)],
        ),
        (
            "what is sent after a Ping that has left gives no time",
            pings(),
            &[
                (10, Ping(1)),
                (10, Wrote(0)),
                (14, Wrote(0)),
                (14, Wrote(9)),
                (15, Dead),
            ],
        ),
        (
            "what is written while no Ping is out says nothing of the peer",
            pings(),
            &[(5, Wrote(0)), (9, Wrote(7)), (10, Ping(1))],
        ),
        (
            "messages say nothing of the peer, as they may be ours",
            pings(),
            &[
                (9, Active),
                (10, Ping(1)),
                (10, Wrote(0)),
                (14, Active),
                (15, Dead),
            ],
        ),
        (
            "nothing is ever due",
            idle().idle_deadline(Duration::MAX),
            &[(0, WaitForEver), (1 << 40, WaitForEver)],
        ),
        (
            "idle after the deadline, and not before",
            idle(),
            &[(0, Wait(30)), (29, Wait(1)), (30, Idle), (31, Idle)],
        ),
        (
            "a message: the idle deadline begins anew",
            idle(),
            &[(29, Active), (30, Wait(29)), (59, Idle)],
        ),
        (
            "bytes alone do not keep it from being idle",
            idle(),
            &[(29, Heard), (30, Idle)],
        ),
        (
            "a busy application that finds a message is not idle",
            idle(),
            &[(900, Heard), (900, Active), (900, Wait(30))],
        ),
        (
            "pings and pongs do not keep it from being idle",
            both,
            &[
                (10, Ping(1)),
                (10, Wrote(0)),
                (11, Heard),
                (21, Ping(2)),
                (21, Wrote(0)),
                (22, Heard),
                (22, Wait(8)),
                (30, Idle),
            ],
        ),
        (
            "idle and a Ping at the same time: idle, as the Ping would be for nothing",
            both.idle_deadline(seconds(10)),
            &[(10, Idle)],
        ),
        (
            "dead and idle at the same time: dead, as nobody would hear a Close",
            both.idle_deadline(seconds(15)),
            &[(10, Ping(1)), (10, Wrote(0)), (15, Dead)],
        ),
        (
            "idle while a Ping is unanswered",
            both.idle_deadline(seconds(12)),
            &[(10, Ping(1)), (10, Wrote(0)), (11, Wait(1)), (12, Idle)],
        ),
        (
            "by default, 20 seconds and 20 more",
            Keepalive::default(),
            &[
                (19, Wait(1)),
                (20, Ping(1)),
                (20, Wrote(0)),
                (39, Wait(1)),
                (40, Dead),
            ],
        ),
        (
            "a clock that steps back is no panic, and ends nothing too soon",
            pings(),
            &[
                (8, Heard),
                (3, Wait(15)),
                (18, Ping(1)),
                (18, Wrote(0)),
                (2, Wait(10)),
            ],
        ),
    ];
    for (row, settings, steps) in rows {
        // From zero, and from where a clock that has run for long stands.
        for start in [0, 1 << 40] {
            run(row, *settings, seconds(start), steps);
        }
    }
}

#[test]
fn times_at_the_end_of_time_do_not_overflow() {
    let last = Duration::MAX;
    let mut pulse = pings().idle_deadline(seconds(30)).start(last - seconds(1));
    assert_eq!(pulse.silent(last - seconds(1)), Silence::Wait(last));
    pulse.heard(last);
    assert_eq!(pulse.silent(last), Silence::Idle);
}

#[test]
fn a_pulse_beside_a_connection() {
    // The time is 10, 12 and so on because these lines say so: two ends, and a wire that is cut.
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    let mut server = Server::open(Limits::default());
    let mut client = Client::open(Limits::default());
    let mut pulse: Pulse = pings().start(seconds(0));

    let Silence::Ping(payload) = pulse.silent(seconds(10)) else {
        panic!("a Ping is due");
    };
    server.ping(payload, &mut outbox);
    let bytes = drain(&mut outbox);
    assert_eq!(bytes, hex("89 04 00000001"));
    pulse.wrote(outbox.len(), seconds(10));

    // The peer's answer is late, and there when it is looked for.
    inbox.extend(&bytes);
    assert!(client.has_event(&mut inbox, &mut outbox).unwrap());
    drop(client.receive(&mut inbox, &mut outbox));
    assert_eq!(sent::<Client>(&mut outbox).0, hex("8a 04 00000001"));
    pulse.heard(seconds(100));
    assert_eq!(pulse.silent(seconds(101)), Silence::Wait(seconds(9)));

    // The wire is cut.
    let Silence::Ping(payload) = pulse.silent(seconds(110)) else {
        panic!("a Ping is due");
    };
    server.ping(payload, &mut outbox);
    assert_eq!(drain(&mut outbox), hex("89 04 00000002"));
    pulse.wrote(outbox.len(), seconds(110));
    assert_eq!(pulse.silent(seconds(115)), Silence::Dead);
    let closed = server.eof();
    assert_eq!((closed.is_clean(), closed.code().get()), (false, 1006));
}

#[test]
#[cfg(target_pointer_width = "64")]
fn a_connection_that_is_not_watched_has_no_room_for_a_pulse() {
    assert_eq!(size_of::<Open<Server>>(), 64);
    assert_eq!(size_of::<Pulse>(), 112);
}
