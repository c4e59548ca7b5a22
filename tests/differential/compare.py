"""Compares what three implementations make of the same conversations: see run.

    compare.py [--unlisted] [--random COUNT] [--seed SEED]

Whatever differs from what this crate makes of it has to stand in the file `differences`, and what
stands there has to differ. --unlisted prints what is missing there, in its form.
"""

import argparse
import glob
import itertools
import os
import random
import subprocess
import sys
import zlib

import record
import wsproto_events
from record import BINARY, CLOSE, MORE, PING, PONG, TEXT, Frame

MODES = {"whole": None, "bytes": 1}
PEERS = ("wsproto", "tungstenite")
KINDS = ("defect", "choice")
# As many as there were at least, so that nothing passes because nothing ran.
RECORDED, COMPARED = 500, 3000


class Conversation:
    def __init__(self, name, role, extension, head, frames):
        self.name, self.role, self.extension = name, role, extension
        self.head, self.frames = head, frames

    def line(self):
        fields = (self.name, self.role, self.extension, self.head.hex(), self.frames.hex())
        return "\t".join(fields) + "\n"

    def is_for(self, peer):
        """tungstenite has no extension, and comes in after the handshake."""
        is_plain = not self.name.startswith("handshake/") and self.extension == "-"
        return is_plain or peer == "wsproto"


def recorded():
    for path in sorted(glob.glob(os.path.join(record.HERE, "recorded", "*.txt"))):
        with open(path) as file:
            for line in file:
                name, role, extension, head, frames = line.rstrip("\n").split("\t")
                if head == "standard":
                    head = record.standard(role, extension == "deflate")
                else:
                    head = head.encode().decode("unicode_escape").encode("latin-1")
                yield Conversation(name, role, extension, head, record.read(frames))


class Made:
    """Conversations that are made up, the same for the same seed."""

    def __init__(self, seed):
        self.bits = random.Random(seed).getrandbits

    def below(self, bound):
        return self.bits(32) % bound

    def choose(self, items):
        return items[self.below(len(items))]

    def data(self):
        size = self.choose((0, 1, 2, 5, 16, 60, 125, 126, 300, 3000))
        return bytes(self.bits(8) for _ in range(size))

    def text(self):
        size = self.choose((0, 1, 3, 10, 50, 130))
        return "".join(self.choose("abc é€😀\0\ufeff\x7f") for _ in range(size)).encode()

    def control(self):
        first = self.choose((PING, PONG))
        return Frame(first, self.data()[: self.choose((0, 5, 125))])

    def message(self, compressor):
        is_text = self.below(2)
        payload = self.text() if is_text else self.data()
        first = TEXT if is_text else BINARY
        is_compressed = compressor and self.below(3)
        if is_compressed:
            payload = compressor.compress(payload) + compressor.flush(zlib.Z_SYNC_FLUSH)
            payload, first = payload[:-4], first | 0x40
        cuts = sorted(self.below(len(payload) + 1) for _ in range(self.choose((0, 0, 1, 2, 5))))
        for index, (start, end) in enumerate(zip([0, *cuts], [*cuts, len(payload)])):
            bits = 0 if end != len(payload) or index != len(cuts) else 0x80
            yield Frame(bits | (0 if index else first & 0x7F), payload[start:end])
            # wsproto loses its way where one stands in a compressed message: see `differences`.
            while not is_compressed and index < len(cuts) and not self.below(4):
                yield self.control()

    def wrong(self):
        """Something that a peer may not send, whatever came before, or the end."""
        return self.choose((
            lambda: [Frame(0x80 | self.choose((3, 7, 11, 15)), self.data()[:125])],
            lambda: [Frame(TEXT | self.choose((0x20, 0x10)), self.text())],
            lambda: [Frame(PING, self.data()[:100], masked="other")],
            lambda: [Frame(self.choose((0x08, 0x09, 0x0A)), b"\x03\xe8")],
            lambda: [Frame(0x01, "a"), Frame(self.choose((TEXT, BINARY)), "b")],
            lambda: [Frame(BINARY), Frame(self.choose((MORE, 0x00)), "b")],
            lambda: [Frame(TEXT, self.text() + b"\xff" + self.text())],
            lambda: [Frame(CLOSE, record.code(self.choose((0, 999, 2500, 5000, 1015))))],
            lambda: [Frame(CLOSE, record.code(1000, b"\xc3"))],
            lambda: [Frame(CLOSE, record.code(self.choose((1000, 1011, 3000, 4999)), self.text()[:8].decode(errors="ignore")))],
            lambda: [],
        ))()

    def conversation(self, number):
        is_deflate = self.below(4) == 0
        compressor = zlib.compressobj(6, zlib.DEFLATED, -15) if is_deflate else None
        items = []
        for _ in range(1 + self.below(5)):
            items += self.message(compressor) if self.below(4) else [self.control()]
        items += self.wrong()
        extension = "deflate" if is_deflate else "-"
        for role in ("server", "client"):
            data = b""
            for item in items:
                masked = role == "client" if item.masked == "other" else None
                data += Frame(item.first, item.payload, masked=masked).bytes(role)
            head = record.standard(role, is_deflate)
            yield Conversation(f"random/{number}", role, extension, head, data)


def in_rust(program, peer, conversations):
    """What the program `differential` makes of them."""
    lines = "".join(conversation.line() for conversation in conversations)
    output = subprocess.run(
        [program, peer], input=lines, capture_output=True, text=True, check=True
    ).stdout
    heard, events = {}, None
    for line in output.splitlines():
        if line.startswith("@ "):
            events = heard.setdefault(tuple(line[2:].split(" ")), [])
        else:
            events.append(line)
    return heard


def in_python(conversations):
    heard = {}
    for it in conversations:
        for mode, size in MODES.items():
            events = wsproto_events.hear(it.role, it.extension == "deflate", it.head, it.frames, size)
            heard[it.name, it.role, mode] = events
    return heard


def shown(event):
    words = event.split(" ")
    for index, word in enumerate(words):
        if len(word) > 30:
            words[index] = f"{word[:16]}..({len(word)})"
    return " ".join(words)


def difference(ours, theirs):
    """The first, as `ours -> theirs`. What stands behind a semicolon is a remark, and no part."""
    for one, other in itertools.zip_longest(ours, theirs, fillvalue="waits"):
        if one.partition(" ; ")[0] != other.partition(" ; ")[0]:
            return f"{shown(one)} -> {shown(other.partition(' ; ')[0])}"
    return None


def part(peer, events):
    """Those that `peer` can have: tungstenite comes in after the handshake."""
    if peer == "wsproto":
        return events
    return [event for event in events if event.split(" ")[0] not in ("requested", "open")]


def listed():
    """The entries of `differences`: peer, name, role, mode, and what differs."""
    entries = {}
    with open(os.path.join(record.HERE, "differences")) as file:
        peer = None
        for number, line in enumerate(file, 1):
            line = line.rstrip("\n")
            if not line or line.startswith("#"):
                continue
            if not line.startswith(" "):
                peer, kind, reason = line.split(" ", 2)
                assert peer in PEERS and kind.rstrip(":") in KINDS, f"differences:{number}: {line}"
                assert len(reason) > 20, f"differences:{number}: no reason"
                continue
            name, where, text = line.strip().split(" | ")
            for place in where.split(" "):
                role, _, mode = place.partition(":")
                for mode in [mode] if mode else MODES:
                    key = (peer, name, role, mode)
                    assert key not in entries, f"differences:{number}: twice"
                    entries[key] = text
    return entries


def form(differences):
    """`differences` as lines for that file."""
    lines = {}
    for (peer, name, role, mode), text in differences.items():
        lines.setdefault((peer, name, text), []).append((role, mode))
    for (peer, name, text), places in lines.items():
        where = []
        for role in ("server", "client"):
            modes = [mode for other, mode in places if other == role]
            if len(modes) == len(MODES):
                where.append(role)
            else:
                where += [f"{role}:{mode}" for mode in modes]
        yield f"{peer}     {name} | {' '.join(where)} | {text}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--unlisted", action="store_true")
    parser.add_argument("--random", type=int, default=300)
    parser.add_argument("--seed", type=int, default=6455)
    options = parser.parse_args()

    conversations = list(recorded())
    count = len(conversations)
    made = Made(options.seed)
    for number in range(options.random):
        conversations += made.conversation(number)
    assert len({(it.name, it.role) for it in conversations}) == len(conversations)

    wrong = []
    ours = in_rust(options.program, "ours", conversations)
    for it in conversations:
        whole, cut = (ours[it.name, it.role, mode] for mode in MODES)
        if whole != cut:
            wrong.append(f"ours, whole and byte by byte: {it.name} {it.role}: {difference(whole, cut)}")

    differences, compared, events = {}, dict.fromkeys(PEERS, 0), 0
    for peer in PEERS:
        some = [it for it in conversations if it.is_for(peer)]
        theirs = in_python(some) if peer == "wsproto" else in_rust(options.program, peer, some)
        for it in some:
            for mode in MODES:
                key = (it.name, it.role, mode)
                compared[peer] += 1
                events += len(theirs[key])
                found = difference(part(peer, ours[key]), theirs[key])
                if found:
                    differences[(peer, *key)] = found

    known = listed()
    unlisted = {key: text for key, text in differences.items() if known.get(key) != text}
    gone = {key: text for key, text in known.items() if differences.get(key) != text}
    if options.unlisted:
        print("\n".join(form(unlisted)))
        return 0
    wrong += [f"not in `differences`: {line}" for line in form(unlisted)]
    wrong += [f"in `differences`, and not seen: {line}" for line in form(gone)]
    for line in wrong:
        print(f"differential: {line}", file=sys.stderr)
    print(
        f"differential: {count} recorded conversations and {len(conversations) - count} random ones, "
        f"each whole and byte by byte, {events} events compared"
    )
    for peer in PEERS:
        alike = compared[peer] - sum(key[0] == peer for key in differences)
        print(f"differential: {peer}: {alike} of {compared[peer]} alike, the others listed or above")
    if count < RECORDED or sum(compared.values()) < COMPARED:
        wrong.append("too few")
        print("differential: too few conversations", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
