"""Puts random programs, of acts and of bytes that arrive, to wsproto and to `Connection`: see run.

    live.py PROGRAM [--programs COUNT] [--seed SEED] [--unlisted]

Whatever differs has to match a line of the file `live-differences`, and each of its lines has to
be matched, but for those that are seldom. --unlisted prints what matches none.

wsproto leaves the answers to Ping and Close, to what is wrong and to a request that is none to its caller. Here its
caller gives them at once, as its own `response()` and `event_hint` have it.
"""

import argparse
import os
import re
import subprocess
import sys
import zlib

import wsproto
import wsproto.handshake
from wsproto.connection import ConnectionState
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Ping,
    Pong,
    RejectConnection,
    RejectData,
    Request,
    TextMessage,
)
from wsproto.extensions import PerMessageDeflate
from wsproto.frame_protocol import CloseReason
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

import record
from compare import Made

# That of the seed in src/live.rs.
wsproto.handshake.generate_nonce = lambda: b"PgDvL4lfQNZ/W7joHwmloQ=="
LEAST = 0.5


def hexed(data):
    return bytes(data).hex() or "-"


class Theirs:
    """A connection of wsproto, with a caller that answers what is to be answered."""

    def __init__(self, role, deflate):
        self.extensions = [PerMessageDeflate()] if deflate else []
        is_server = role == "server"
        kind = wsproto.ConnectionType.SERVER if is_server else wsproto.ConnectionType.CLIENT
        self.connection = wsproto.WSConnection(kind)
        self.is_server = is_server
        # Its connection is not told of an error, nor that it was failed.
        self.is_dead = False
        self.sent = b""

    def agreed(self):
        return "deflate" if any(it.enabled() for it in self.extensions) else "-"

    def send(self, event):
        self.sent += self.connection.send(event)

    def step(self, step):
        kind, *args = step.split(":")
        told, done = [], "ok"
        try:
            if kind == "r":
                if not self.is_dead and self.connection.state is not ConnectionState.CLOSED:
                    self.connection.receive_data(bytes.fromhex(args[0].strip("-")))
            elif kind == "e":
                if not self.is_dead:
                    self.connection.receive_data(None)
            elif self.is_dead:
                done = "local"
            else:
                self.send(self.event(kind, args))
        except RemoteProtocolError as error:
            told.append("refused")
            self.is_dead = True
            if self.is_server:
                self.answer(error.event_hint)
        except (LocalProtocolError, TypeError, ValueError, AssertionError):
            done = "local"
        except Exception as error:  # Whatever it does not mean to raise.
            if type(error).__module__.startswith("h11"):
                done = "local"
            else:
                told.append(f"crash {type(error).__name__}")
                self.is_dead = True
        if not self.is_dead:
            for event in self.connection.events():
                told.append(self.tell(event))
        sent, self.sent = self.sent, b""
        return done, told, sent, self.state()

    def answer(self, event):
        try:
            self.send(event)
        except Exception as error:
            # It says that it may not, or has nothing to say; or its h11 does.
            is_refused = isinstance(error, (LocalProtocolError, AttributeError))
            assert is_refused or type(error).__module__.startswith("h11"), error

    def state(self):
        return "CLOSED" if self.is_dead else self.connection.state.name

    def event(self, kind, args):
        data = [bytes.fromhex(it.strip("-")) if kind not in "jR" else it for it in args[:1]]
        last = args[-1] == "1" if args else True
        if kind == "R":
            return Request(
                host="server.example.com",
                target="/chat",
                subprotocols=["superchat", "chat"],
                extensions=self.extensions,
            )
        if kind == "a":
            subprotocol = data[0].decode() if data else None
            return AcceptConnection(subprotocol=subprotocol, extensions=self.extensions)
        if kind == "j":
            return RejectConnection(status_code=int(args[0]), has_body=last)
        if kind == "d":
            return RejectData(data=data[0], body_finished=last)
        if kind == "t":
            return TextMessage(data=data[0].decode(), message_finished=last)
        if kind == "b":
            return BytesMessage(data=data[0], message_finished=last)
        if kind == "p":
            return Ping(payload=data[0])
        if kind == "q":
            return Pong(payload=data[0])
        number = int(args[0])
        code = CloseReason(number) if number in list(CloseReason) else number
        reason = bytes.fromhex(args[1].strip("-")).decode()
        return CloseConnection(code=code, reason=reason or None)

    def tell(self, event):
        if isinstance(event, TextMessage):
            return f"text {hexed(event.data.encode())} {int(event.message_finished)}"
        if isinstance(event, BytesMessage):
            return f"bytes {hexed(event.data)} {int(event.message_finished)}"
        if isinstance(event, Ping):
            self.answer(event.response())
            return f"ping {hexed(event.payload)}"
        if isinstance(event, Pong):
            return f"pong {hexed(event.payload)}"
        if isinstance(event, CloseConnection):
            state = self.connection.state
            code, reason = int(event.code), (event.reason or "").encode()
            if state is ConnectionState.REMOTE_CLOSING:
                self.answer(CloseConnection(code=event.code))
            elif state is not ConnectionState.CLOSED:
                # A violation is told by the same event, in another state.
                self.answer(CloseConnection(code=event.code))
                self.is_dead = True
                return f"fail {code}"
            return f"close {code} {hexed(reason)}"
        if isinstance(event, Request):
            subprotocols = ",".join(event.subprotocols)
            return f"request {event.host} {event.target} {subprotocols}"
        if isinstance(event, AcceptConnection):
            return f"accept {event.subprotocol or '-'} {self.agreed()}"
        if isinstance(event, RejectConnection):
            return f"reject {event.status_code}"
        if isinstance(event, RejectData):
            return f"body {hexed(event.data)} {int(event.body_finished)}"
        raise TypeError(event)


STATES = {
    "Initial": "CONNECTING",
    "Handshaking": "CONNECTING",
    "Requested": "CONNECTING",
    "Rejecting": "REJECTING",
    "Rejected": "CLOSED",
    "Failed": "CLOSED",
    "Open": "OPEN",
    "StreamingText": "OPEN",
    "StreamingBinary": "OPEN",
    "Closing": "LOCAL_CLOSING",
    "Closed": "CLOSED",
}


class Seen:
    """What was told and sent, without what is free: cuts, masks, and what a compressor makes."""

    def __init__(self):
        self.message = []
        self.body = b""
        self.open = self.refused = False
        self.inflater = zlib.decompressobj(-15)
        self.payload, self.first = b"", 0

    def told(self, events):
        seen = []
        for event in events:
            kind, *args = event.split(" ")
            if kind in ("text", "bytes"):
                self.message.append(args[0].strip("-"))
                if args[1] == "1":
                    seen.append(f"{kind} {''.join(self.message) or '-'}")
                    self.message = []
            elif kind == "body":
                self.body += bytes.fromhex(args[0].strip("-"))
                if args[1] == "1":
                    seen.append(f"body {hexed(self.body)}")
            else:
                seen.append(event)
        return seen

    def sent(self, data):
        seen = []
        while data:
            if self.refused:
                data, line = b"", f"refusal body {hexed(data)}"
                seen.append(line)
            elif not self.open:
                data, line = self.head(data)
                seen.append(line)
            else:
                data, line = self.frame(data)
                if line:
                    seen.append(line)
        return seen

    def head(self, data):
        head, _, rest = data.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        words = first.split(" ")
        self.open = words[1] == "101" or words[0] == "GET"
        if words[0] == "GET" or words[1] == "101":
            # Where there are parameters, each chooses its own.
            lines = sorted(line.lower() for line in lines if "extensions" not in line.lower())
            return rest, f"{words[0]} {words[1]} {lines}"
        # What stands in the head of a refusal beside its status is each one's own, and so is what
        # the body says where it is not the caller's.
        self.refused = True
        return b"", f"refusal {words[1]}"

    def frame(self, data):
        first, second = data[0], data[1]
        length, at = second & 0x7F, 2
        if length > 125:
            size = 2 if length == 126 else 8
            length, at = int.from_bytes(data[2 : 2 + size], "big"), 2 + size
        key = b"\0\0\0\0"
        if second & 0x80:
            key, at = data[at : at + 4], at + 4
        assert len(data) >= at + length, "half a frame"
        payload = bytes(byte ^ key[i & 3] for i, byte in enumerate(data[at : at + length]))
        data = data[at + length :]
        masked = "masked" if second & 0x80 else "plain"
        if first & 8:
            return data, f"frame {first:02x} {masked} {hexed(payload)}"
        if first & 0x0F:
            self.first, self.payload = first, b""
        self.payload += payload
        if not first & 0x80:
            # Of a compressed message the frames are each one's own, and of others not.
            is_plain = not self.first & 0x40
            return data, f"fragment {first:02x} {masked} {hexed(payload)}" if is_plain else None
        if self.first & 0x40:
            message = self.inflater.decompress(self.payload + b"\0\0\xff\xff")
            return data, f"compressed {self.first & 15} {masked} {hexed(message)}"
        return data, f"message {first:02x} {masked} {hexed(payload)}"


class Programs(Made):
    """Programs that are made up, the same for the same seed."""

    def act(self):
        last = "1" if self.below(3) else "0"
        return self.choose((
            lambda: f"t:{hexed(self.text())}:{last}",
            lambda: f"t:{hexed(self.text())}:{last}",
            lambda: f"b:{hexed(self.data())}:{last}",
            lambda: f"b:{hexed(self.data())}:{last}",
            lambda: f"p:{hexed(self.data()[:126])}",
            lambda: f"q:{hexed(self.data()[:125])}",
            lambda: self.choose(("R", "a", "a:63686174", "j:403:0", "j:500:1", "d:6e6f:1", "d:6e6f:0"))
            if not self.below(4) else f"p:{hexed(self.data()[:10])}",
            lambda: f"c:{self.choose((1000, 1001, 1005, 3000, 4999, 1006, 1015))}:"
            + (hexed(self.text()[:9].decode(errors='ignore').encode()) if self.below(2) else "-")
            if not self.below(2) else f"t:{hexed(self.text())}:1",
        ))()

    def stream(self, role, compressor):
        items = []
        for _ in range(1 + self.below(4)):
            items += self.message(compressor) if self.below(4) else [self.control()]
        if not self.below(3):
            items += self.wrong()
        data = b""
        for item in items:
            masked = role == "client" if item.masked == "other" else None
            data += record.Frame(item.first, item.payload, masked=masked).bytes(role)
        if not self.below(8):
            # Anything at all.
            data += bytes(self.bits(8) for _ in range(self.below(40)))
        if data and not self.below(8):
            at = self.below(len(data))
            data = data[:at] + bytes([data[at] ^ (1 << self.below(8))]) + data[at + 1 :]
        return data

    def cut(self, data):
        cuts = sorted(self.below(len(data) + 1) for _ in range(self.choose((0, 1, 1, 3))))
        pieces = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)])]
        return [f"r:{piece.hex()}" for piece in pieces if piece]

    def program(self):
        role = self.choose(("server", "client"))
        is_deflate = not self.below(3)
        compressor = zlib.compressobj(6, zlib.DEFLATED, -15) if is_deflate else None
        head = record.standard(role, is_deflate)
        steps, accepts = [], False
        if not self.below(12):
            steps.append(self.act())
        if role == "client":
            if self.below(20):
                steps.append("R")
            refusal = self.choose((b"HTTP/1.1 403 no\r\nContent-Length: 4\r\n\r\nbody",
                                   b"HTTP/1.1 404 no\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"))
            if not self.below(8):
                head = refusal
            elif not self.below(8):
                head = head.replace(self.choose((b"websocket", b"Upgrade\r", b"Accept", b"101")), b"200", 1)
            steps += self.cut(head)
        else:
            if not self.below(8):
                head = head.replace(
                    self.choose((b"websocket", b"Upgrade\r", b"Key", b": 13", b"GET", b"Host")), b"XYZ", 1)
            steps += self.cut(head)
            if not self.below(8):
                steps += [f"j:{self.choose((400, 403, 500))}:1", "d:6e6f:0", "d:7065:1"]
            elif not self.below(8):
                steps.append("j:403:0")
            elif self.below(20):
                steps += self.choose((["a"], ["a"], ["a:6e6f6e65", "a"], ["a:63686174", "a"]))
                accepts = True
        arrives = self.cut(self.stream(role, compressor))
        if role == "server" and not accepts:
            # What comes before it accepts wsproto loses: see `differences`.
            arrives = []
        while arrives or self.below(4):
            if arrives and self.below(2):
                steps.append(arrives.pop(0))
            else:
                steps.append(self.act())
        if not self.below(4):
            steps.append("e")
            if not self.below(3):
                steps.append(self.act())
        return role, "deflate" if is_deflate else "-", steps


def ours(program, programs):
    lines = "".join(
        f"{name}\t{role}\t{extension}\t{' '.join(steps)}\n"
        for name, (role, extension, steps) in enumerate(programs)
    )
    output = subprocess.run(
        [program, "live"], input=lines, capture_output=True, text=True, check=True
    ).stdout
    all_came = []
    for line in output.splitlines():
        if line.startswith("@ "):
            all_came.append([])
            continue
        done, told, sent, phase = line.split("|")
        told = told.split(";") if told else []
        all_came[-1].append((done, told, bytes.fromhex(sent.strip("-")), STATES[phase]))
    return all_came


def shown(came):
    done, told, sent, state = came
    words = [done, *[f"told {it}" for it in told], *[f"sent {it}" for it in sent], state]
    return ", ".join(word if len(word) < 70 else word[:60] + ".." for word in words)


def differs(role, extension, steps, came):
    """The first step that differs: where, and how."""
    theirs, our_seen, their_seen = Theirs(role, extension == "deflate"), Seen(), Seen()
    for step, one in zip(steps, came):
        other = theirs.step(step)
        one = (one[0], our_seen.told(one[1]), our_seen.sent(one[2]), one[3])
        other = (other[0], their_seen.told(other[1]), their_seen.sent(other[2]), other[3])
        if one != other:
            return f"{role} {extension} {step.split(':')[0]}: {shown(one)} -> {shown(other)}"
    return None


def listed():
    entries, reason = [], None
    with open(os.path.join(record.HERE, "live-differences")) as file:
        for number, line in enumerate(file, 1):
            line = line.rstrip("\n")
            if not line or line.startswith("#"):
                continue
            if not line.startswith(" "):
                kind, reason = line.split(" ", 1)
                assert kind in ("defect:", "choice:"), f"live-differences:{number}: {line}"
                continue
            assert reason, f"live-differences:{number}: no reason"
            seldom, pattern = re.fullmatch(r"    (seldom )?(.*)", line).groups()
            entries.append((number, re.compile(pattern), bool(seldom)))
    return entries


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--programs", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=6455)
    parser.add_argument("--unlisted", action="store_true")
    options = parser.parse_args()

    made = Programs(options.seed)
    programs = [made.program() for _ in range(options.programs)]
    all_came = ours(options.program, programs)
    assert len(all_came) == len(programs)
    entries, unlisted = listed(), {}
    seen, alike, steps_seen = {number: seldom for number, _, seldom in entries}, 0, 0
    for (role, extension, steps), came in zip(programs, all_came):
        assert len(came) == len(steps)
        steps_seen += len(steps)
        found = differs(role, extension, steps, came)
        if not found:
            alike += 1
            continue
        number = next((number for number, entry, _ in entries if entry.search(found)), None)
        if number is None:
            unlisted.setdefault(found, " ".join(steps))
        else:
            seen[number] = True
    if options.unlisted:
        for found, steps in unlisted.items():
            print(f"{found}\n      {steps[:1500]}")
        return 0
    gone = [number for number, is_seen in seen.items() if not is_seen]
    for found in unlisted:
        print(f"live: in no line of `live-differences`: {found}", file=sys.stderr)
    for number in gone:
        print(f"live: live-differences:{number}: not seen", file=sys.stderr)
    print(
        f"live: {alike} of {len(programs)} programs alike in all of their steps ({steps_seen} in all), "
        f"the others listed or above"
    )
    if alike < LEAST * len(programs):
        print("live: too few are alike", file=sys.stderr)
        return 1
    return 1 if unlisted or gone else 0


if __name__ == "__main__":
    sys.exit(main())
