#!/usr/bin/env python3
"""Echo servers end to end, over TCP on loopback: the server on one core, the load on another.

    benches/end_to_end/run.py [--seconds 2] [--rounds 3] [--quick] [--json FILE]

Every server is started anew for each row, rows of the servers interleaved, medians of the rounds.
Prints a table: messages a second, latencies, the server's CPU time for a message; and the resident
memory of idle connections. Needs cargo, and taskset (util-linux).
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TICK = os.sysconf("SC_CLK_TCK")

arguments = argparse.ArgumentParser(description="echo servers, end to end")
arguments.add_argument("--seconds", type=float, default=2)
arguments.add_argument("--rounds", type=int, default=3)
arguments.add_argument("--quick", action="store_true", help="fewer rows")
arguments.add_argument("--json", type=Path)
options = arguments.parse_args()


def build(folder, *what):
    subprocess.run(["cargo", "build", "--quiet", "--release", *what], cwd=folder, check=True)


build(ROOT, "--features", "simd", "--example", "mio_echo_server")
build(HERE)
target = os.environ.get("CARGO_TARGET_DIR")
peers = str(Path(target or HERE / "target") / "release" / "end-to-end")
ours = str(Path(target or ROOT / "target") / "release" / "examples" / "mio_echo_server")
SERVERS = {
    "wsproto (mio)": [ours, "--listen", "127.0.0.1:0"],
    "wsproto (tokio)": [peers, "serve", "wsproto"],
    "wsproto (messages)": [peers, "serve", "wsproto-messages"],
    "tokio-tungstenite": [peers, "serve", "tungstenite"],
    "fastwebsockets": [peers, "serve", "fastwebsockets"],
    "tokio-websockets": [peers, "serve", "tokio-websockets"],
    "yawc": [peers, "serve", "yawc"],
}


class Running:
    """A server on the first core."""

    def __init__(self, command):
        self.process = subprocess.Popen(
            ["taskset", "-c", "0", *command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.address = self.process.stdout.readline().split("ws://")[1].strip()

    def cpu(self):
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def resident(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def load(*what):
    return ["taskset", "-c", "1", peers, "load", *map(str, what)]


def measure(command, connections, size, depth):
    with Running(command) as server:
        before = server.cpu()
        output = subprocess.run(
            load("--to", server.address, "--connections", connections, "--size", size, "--depth", depth,
                 "--seconds", options.seconds),
            stdout=subprocess.PIPE, text=True, check=True,
        ).stdout
        result = json.loads(output)
        # The load's whole run, its warming up included.
        spent = server.cpu() - before
        whole = result["messages"] / 0.8
        result["cpu_us"] = 1e6 * spent / whole if whole else 0
        return result


def idle(command, connections):
    with Running(command) as server:
        before = server.resident()
        process = subprocess.Popen(
            load("--to", server.address, "--connections", connections, "--size", 16, "--idle"),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        if process.stdout.readline().strip() != "open":
            sys.exit("the load opened no connections")
        grown = server.resident() - before
        process.communicate("\n")
        return grown / connections


rows = [
    (connections, size, depth)
    for depth in (1, 16)
    for connections in ((1, 64) if options.quick else (1, 64, 1000))
    for size in ((16, 65536) if options.quick else (16, 1024, 65536))
    # What is under way at once is to fit into the sockets' buffers, or both ends wait for each other.
    if depth == 1 or size < 65536
]
results = []
print(f"{'':44}" + "".join(f"{name:>22}" for name in SERVERS))
for connections, size, depth in rows:
    measured = {name: [] for name in SERVERS}
    for _ in range(options.rounds):
        for name, command in SERVERS.items():
            measured[name].append(measure(command, connections, size, depth))
    row = {
        name: {key: statistics.median(result[key] for result in of) for key in of[0]}
        for name, of in measured.items()
    }
    results.append({"connections": connections, "size": size, "depth": depth, "servers": row})
    how = "ping-pong" if depth == 1 else f"{depth} under way"
    title = f"{connections} x {size} B, {how}"
    for key, unit in (
        ("messages_per_second", "messages/s"),
        ("p50_us", "p50, us"),
        ("p99_us", "p99, us"),
        ("p999_us", "p99.9, us"),
        ("cpu_us", "CPU/message, us"),
    ):
        print(f"{title:28}{unit:>16}" + "".join(f"{row[name][key]:22,.1f}" for name in SERVERS), flush=True)
        title = ""
for connections in (1000, 10000):
    row = {name: idle(command, connections) for name, command in SERVERS.items()}
    results.append({"idle": connections, "servers": row})
    title = f"{connections} idle"
    print(f"{title:28}{'bytes each':>16}" + "".join(f"{row[name]:22,.0f}" for name in SERVERS), flush=True)
if options.json:
    options.json.write_text(json.dumps(results, indent=1) + "\n")
