//! One workload, so many times: what `run` counts the instructions of.
//!
//!     wsproto-instructions WORKLOAD TIMES
//!
//! Without arguments: prints the workloads, and those that show how something scales as
//! `scaling NAME`; their times are its size. Everything is the same every time: payloads, keys,
//! sizes of reads.
//!
//! To receive messages of one kind once is to receive a read of 64 KiB full of them; everything else
//! is done once at a time.

mod handshakes;
mod receiving;
mod scaling;
mod sending;
mod wire;

use std::process::ExitCode;

/// Does its work so many times, after what is done only once.
type Workload = fn(usize);

const WORKLOADS: &[(&str, Workload)] = &[
    ("server_receives_binary_16", |times| {
        receiving::server(2, &wire::binary(16), times)
    }),
    ("server_receives_binary_125", |times| {
        receiving::server(2, &wire::binary(125), times)
    }),
    ("server_receives_binary_1k", |times| {
        receiving::server(2, &wire::binary(1 << 10), times)
    }),
    ("server_receives_binary_64k", |times| {
        receiving::server(2, &wire::binary(64 << 10), times)
    }),
    ("server_receives_text_16", |times| {
        receiving::server(1, &wire::ascii(16), times)
    }),
    ("server_receives_text_1k_ascii", |times| {
        receiving::server(1, &wire::ascii(1 << 10), times)
    }),
    ("server_receives_text_1k_mixed", |times| {
        receiving::server(1, &wire::mixed(1 << 10), times)
    }),
    ("server_receives_fragments_and_pings", receiving::fragments),
    ("server_receives_100_byte_reads", |times| {
        receiving::small_reads(2, &wire::binary(1 << 10), times)
    }),
    ("server_receives_ascii_100_byte_reads", |times| {
        receiving::small_reads(1, &wire::ascii(1 << 10), times)
    }),
    ("server_receives_mixed_100_byte_reads", |times| {
        receiving::small_reads(1, &wire::mixed(1 << 10), times)
    }),
    ("server_receives_deflated_1k", receiving::deflated),
    ("client_receives_binary_1k", receiving::client),
    ("server_sends_binary_16", |times| sending::server(16, times)),
    ("server_sends_binary_1k", |times| {
        sending::server(1 << 10, times)
    }),
    ("server_sends_bytes_64k", sending::shared),
    ("server_sends_64k_in_place", sending::in_place),
    ("server_sends_deflated_1k", sending::deflated),
    ("server_sends_broadcast_1k_to_100", sending::broadcast),
    (
        "server_sends_broadcast_1k_to_100_in_place",
        sending::broadcast_in_place,
    ),
    ("client_sends_binary_16", |times| sending::client(16, times)),
    ("client_sends_binary_1k", |times| {
        sending::client(1 << 10, times)
    }),
    ("server_echoes_1k", sending::echo),
    ("server_handshake", handshakes::server),
    ("client_handshake", handshakes::client),
];

/// Takes a size, and is to take time in proportion to it.
const SCALING: &[(&str, Workload)] = &[
    ("messages", scaling::messages),
    ("bytes_of_a_message", scaling::bytes),
    ("reads_of_a_byte", scaling::reads),
    ("fragments", scaling::fragments),
    ("pings", scaling::pings),
    ("sends", scaling::sends),
    ("reads_of_a_head", scaling::head_reads),
    ("headers", scaling::headers),
    ("subprotocols", scaling::subprotocols),
    ("extensions", scaling::extensions),
    ("blocks", scaling::blocks),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, times] = &arguments[..] else {
        for (name, _) in WORKLOADS {
            println!("{name}");
        }
        for (name, _) in SCALING {
            println!("scaling {name}");
        }
        return ExitCode::SUCCESS;
    };
    let mut all = WORKLOADS.iter().chain(SCALING);
    let workload = all.find(|(other, _)| other == name);
    let (Some((_, workload)), Ok(times)) = (workload, times.parse()) else {
        eprintln!("usage: wsproto-instructions [WORKLOAD TIMES]");
        return ExitCode::from(2);
    };
    workload(times);
    ExitCode::SUCCESS
}
