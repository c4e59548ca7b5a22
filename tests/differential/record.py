"""The conversations that were recorded, and how.

    python3 record.py

writes recorded/*.txt anew. A line is a conversation: a name, the role that hears it, `deflate` or
`-`, the head that arrives first (`standard`, or as it is, escaped), and the bytes that arrive next in
hexadecimal digits, where `(37fa213d)*16` stands for sixteen times these. Fields are separated by
tabs.
"""

import os
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
KEY = bytes.fromhex("37fa213d")
LIMIT = 64 << 10
TEXT, BINARY, MORE, CLOSE, PING, PONG = 0x81, 0x82, 0x80, 0x88, 0x89, 0x8A


class Frame:
    """A frame, as a server sends it; a client masks it."""

    def __init__(self, first, payload=b"", length=None, masked=None, cut=None):
        self.first = first
        self.payload = payload.encode() if isinstance(payload, str) else bytes(payload)
        # The form of the length, as hexadecimal digits, in place of the shortest.
        self.length = length
        # True for a mask, and False for none, whatever the role.
        self.masked = masked
        # Only so many bytes of it.
        self.cut = cut

    def bytes(self, role):
        size = len(self.payload)
        if self.length is not None:
            length = bytes.fromhex(self.length)
        elif size < 126:
            length = bytes([size])
        elif size < 1 << 16:
            length = bytes([126]) + size.to_bytes(2, "big")
        else:
            length = bytes([127]) + size.to_bytes(8, "big")
        masked = role == "server" if self.masked is None else self.masked
        if not masked:
            return (bytes([self.first]) + length + self.payload)[: self.cut]
        key = (KEY * (size // 4 + 1))[:size]
        payload = (int.from_bytes(self.payload, "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")
        frame = bytes([self.first, length[0] | 0x80]) + length[1:] + KEY + payload
        return frame[: self.cut]


def code(number, reason=b""):
    reason = reason.encode() if isinstance(reason, str) else reason
    return number.to_bytes(2, "big") + reason


def frames():
    yield "text", Frame(TEXT, "Hello")
    yield "text-empty", Frame(TEXT)
    yield "binary", Frame(BINARY, bytes(range(40)))
    yield "binary-empty", Frame(BINARY)
    yield "several", Frame(TEXT, "a"), Frame(BINARY, "b"), Frame(PING, "c"), Frame(TEXT, "d")
    for size in (125, 126, 127, 65535):
        yield f"length-{size}", Frame(BINARY, b"a" * size)
    yield "length-65536", Frame(BINARY, b"a" * 65536)
    yield "length-16-bit-of-0", Frame(TEXT, "", "7e0000")
    yield "length-16-bit-of-5", Frame(TEXT, "Hello", "7e0005")
    yield "length-16-bit-of-125", Frame(BINARY, b"a" * 125, "7e007d")
    yield "length-64-bit-of-5", Frame(TEXT, "Hello", "7f0000000000000005")
    yield "length-64-bit-of-126", Frame(BINARY, b"a" * 126, "7f000000000000007e")
    yield "length-64-bit-of-65535", Frame(BINARY, b"a" * 65535, "7f000000000000ffff")
    yield "length-top-bit", Frame(BINARY, "", "7f8000000000000000")
    yield "length-top-bit-of-5", Frame(TEXT, "Hello", "7f8000000000000005")
    yield "length-2-to-62", Frame(BINARY, "Hello", "7f4000000000000000")
    yield "above-the-limit", Frame(BINARY, b"a" * (LIMIT + 1))
    yield "above-the-limit-by-its-header", Frame(BINARY, "", "7f0000000000010001")
    for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15):
        yield f"opcode-{opcode}", Frame(0x80 | opcode, "Hello")
    yield "opcode-3-in-a-message", Frame(0x01, "a"), Frame(0x83, "b")
    for bit, rsv in enumerate((0x40, 0x20, 0x10), 1):
        yield f"rsv{bit}", Frame(TEXT | rsv, "Hello")
        yield f"rsv{bit}-ping", Frame(PING | rsv, "Hello")
        yield f"rsv{bit}-close", Frame(CLOSE | rsv)
        yield f"rsv{bit}-continuation", Frame(0x01, "a"), Frame(MORE | rsv, "b")
    for name, first in (("text", TEXT), ("ping", PING), ("close", CLOSE), ("fragment", 0x01)):
        for payload in ("", "Hello"):
            size = "" if payload else "-empty"
            yield f"mask-of-the-other-role-{name}{size}", Frame(first, payload, masked="other")
    yield "cut-first-byte", Frame(TEXT, "Hello", cut=1)
    yield "cut-in-the-length", Frame(BINARY, b"a" * 126, cut=3)
    yield "cut-in-the-payload", Frame(TEXT, "Hello"), Frame(BINARY, "Hello", cut=4)
    yield "cut-opcode-3", Frame(0x83, "Hello", cut=1)
    yield "cut-rsv2", Frame(0xA1, "Hello", cut=1)
    yield "cut-continuation-of-nothing", Frame(MORE, "Hello", cut=2)


def fragments():
    yield "two", Frame(0x01, "Hel"), Frame(MORE, "lo")
    yield "three", Frame(0x02, "a"), Frame(0x00, "b"), Frame(MORE, "c")
    yield "empty-ones", Frame(0x01), Frame(0x00), Frame(0x00, "a"), Frame(0x00), Frame(MORE)
    yield "nothing-but-empty-ones", Frame(0x02), Frame(0x00), Frame(MORE)
    yield "many", Frame(0x01, "a"), *[Frame(0x00, "a")] * 40, Frame(MORE, "a")
    yield "ping-between", Frame(0x01, "Hel"), Frame(PING, "p"), Frame(MORE, "lo")
    yield "pong-between", Frame(0x02, "Hel"), Frame(PONG, "p"), Frame(MORE, "lo")
    yield "pings-between", Frame(0x01, "a"), *[Frame(PING, "p")] * 20, Frame(MORE, "b")
    yield "close-between", Frame(0x01, "Hel"), Frame(CLOSE, code(1000)), Frame(MORE, "lo")
    yield "text-inside", Frame(0x01, "a"), Frame(TEXT, "b")
    yield "binary-inside", Frame(0x01, "a"), Frame(BINARY, "b")
    yield "fragments-inside", Frame(0x02, "a"), Frame(0x02, "b")
    yield "text-inside-after-ping", Frame(0x02, "a"), Frame(PING), Frame(TEXT, "b")
    yield "continuation-of-nothing", Frame(MORE, "a")
    yield "continuation-of-nothing-unfinished", Frame(0x00, "a")
    yield "continuation-after-a-message", Frame(TEXT, "a"), Frame(MORE, "b")
    yield "continuation-after-fragments", Frame(0x01, "a"), Frame(MORE, "b"), Frame(MORE, "c")
    yield "unfinished", Frame(TEXT, "a"), Frame(0x01, "b"), Frame(0x00, "c")
    yield "together-above-the-limit", Frame(0x02, b"a" * LIMIT), Frame(MORE, "a")
    yield "together-at-the-limit", Frame(0x02, b"a" * (LIMIT - 1)), Frame(MORE, "a")
    for name, first in (("ping", 0x09), ("pong", 0x0A), ("close", 0x08)):
        yield f"{name}-without-fin", Frame(first, code(1000))
        yield f"{name}-without-fin-inside", Frame(0x01, "a"), Frame(first, code(1000))


def control():
    yield "ping", Frame(PING, "Hello")
    yield "ping-empty", Frame(PING)
    yield "ping-125", Frame(PING, b"a" * 125)
    yield "ping-126", Frame(PING, b"a" * 126)
    yield "ping-16-bit-of-5", Frame(PING, "Hello", "7e0005")
    yield "ping-64-bit-of-5", Frame(PING, "Hello", "7f0000000000000005")
    yield "ping-126-by-its-header", Frame(PING, "", "7e007e")
    yield "ping-not-utf8", Frame(PING, b"\xff\xfe")
    yield "pong", Frame(PONG, "Hello")
    yield "pong-empty", Frame(PONG)
    yield "pong-126", Frame(PONG, b"a" * 126)
    yield "pings", *[Frame(PING, [n]) for n in range(50)]
    yield "ping-cut", Frame(PING, "Hello", cut=5)
    yield "close-empty", Frame(CLOSE)
    yield "close-one-byte", Frame(CLOSE, b"\x03")
    codes = [0, 1, 999, *range(1000, 1017), 1100, 1999, 2000, 2999]
    codes += [3000, 3999, 4000, 4999, 5000, 32768, 65535]
    for number in codes:
        yield f"close-{number}", Frame(CLOSE, code(number))
    yield "close-reason", Frame(CLOSE, code(1000, "enough"))
    yield "close-reason-123", Frame(CLOSE, code(1000, "é" * 61 + "x"))
    yield "close-reason-124", Frame(CLOSE, code(1000, "é" * 62))
    yield "close-reason-not-utf8", Frame(CLOSE, code(1000, b"a\xff"))
    yield "close-reason-cut-character", Frame(CLOSE, code(1000, b"a\xe2\x82"))
    yield "close-reason-surrogate", Frame(CLOSE, code(1000, b"\xed\xa0\x80"))
    yield "close-reason-overlong", Frame(CLOSE, code(1000, b"\xc0\xaf"))
    yield "close-1005-reason-not-utf8", Frame(CLOSE, code(1005, b"\xff"))
    yield "close-3000-reason-nul", Frame(CLOSE, code(3000, b"a\0b"))
    yield "close-then-text", Frame(CLOSE, code(1001)), Frame(TEXT, "late")
    yield "close-then-garbage", Frame(CLOSE, code(1001)), Frame(0xFF, "late")
    yield "close-twice", Frame(CLOSE, code(1001)), Frame(CLOSE, code(1002))
    yield "close-after-text", Frame(TEXT, "a"), Frame(CLOSE, code(1000, "b"))


def utf8():
    good = {"2": "é", "3": "€", "4": "😀", "bom": "\ufeffa", "nul": "a\0b", "non-character": "\uffff"}
    for name, text in good.items():
        yield f"good-{name}", Frame(TEXT, text)
    for name in ("2", "3", "4"):
        data = good[name].encode()
        for cut in range(1, len(data)):
            yield f"cut-{name}-at-{cut}", Frame(0x01, data[:cut]), Frame(MORE, data[cut:])
        yield f"ends-inside-{name}", Frame(TEXT, b"a" + data[:-1])
        yield f"ends-inside-{name}-late", Frame(0x01, b"a" + data[:-1]), Frame(MORE)
    yield "cut-by-ping", Frame(0x01, b"\xe2\x82"), Frame(PING, b"\xff"), Frame(MORE, b"\xac")
    yield "goes-on-in-the-next-message", Frame(TEXT, b"\xe2\x82"), Frame(TEXT, b"\xac")
    bad = {
        "lone": b"\x80", "overlong-2": b"\xc0\xaf", "overlong-c1": b"\xc1\xbf",
        "overlong-3": b"\xe0\x9f\xbf", "overlong-4": b"\xf0\x8f\xbf\xbf", "surrogate": b"\xed\xa0\x80",
        "above": b"\xf4\x90\x80\x80", "f5": b"\xf5\x80\x80\x80", "ff": b"\xff", "broken-3": b"\xe2\x28\xa1",
    }
    for name, data in bad.items():
        yield f"bad-{name}", Frame(TEXT, b"Hello" + data + b"x")
    yield "bad-in-the-second-fragment", Frame(0x01, "a"), Frame(0x00, b"\xff"), Frame(MORE, "b")
    yield "bad-over-fragments", Frame(0x01, b"\xed"), Frame(MORE, b"\xa0\x80")
    yield "bad-at-the-end-of-much", Frame(TEXT, b"a" * 1000 + b"\xff")
    yield "bad-and-the-rest-missing", Frame(TEXT, b"a\xff" + b"a" * 50, cut=20)
    yield "bad-in-a-fragment-alone", Frame(0x01, b"a\xff")
    yield "bad-in-binary", Frame(BINARY, b"\xff\xc0")
    yield "bad-in-binary-fragments", Frame(0x02, b"\xff"), Frame(MORE, b"\xc0")


HELLO = bytes.fromhex("f248cdc9c90700")
STORED = b"\x00\x05\x00\xfa\xffHello"


def deflated(messages, bits=15, takeover=True, level=6):
    compressor = None
    for message in messages:
        if compressor is None or not takeover:
            compressor = zlib.compressobj(level, zlib.DEFLATED, -bits)
        data = compressor.compress(message) + compressor.flush(zlib.Z_SYNC_FLUSH)
        yield data[:-4]


def deflate():
    """Of permessage-deflate, which was agreed to without a parameter."""
    yield "hello", Frame(0xC1, HELLO)
    yield "hello-twice-in-one-context", Frame(0xC1, HELLO), Frame(0xC1, bytes.fromhex("f200110000"))
    yield "stored", Frame(0xC1, STORED + b"\x00")
    yield "final-block", Frame(0xC1, bytes.fromhex("f348cdc9c9070000"))
    yield "final-block-then-another", Frame(0xC1, bytes.fromhex("f348cdc9c9070000")), Frame(0xC1, HELLO)
    yield "two-blocks", Frame(0xC1, bytes.fromhex("f248050000 00ffffcac9c90700".replace(" ", "")))
    yield "empty", Frame(0xC1, b"\x00")
    yield "no-payload", Frame(0xC2)
    yield "as-it-is", Frame(TEXT, "Hello"), Frame(0xC1, HELLO), Frame(BINARY, "b"), Frame(0xC1, HELLO)
    yield "fragments", Frame(0x41, HELLO[:3]), Frame(MORE, HELLO[3:])
    yield "fragments-of-one-byte", Frame(0x41), *[Frame(0x00, [it]) for it in HELLO], Frame(MORE)
    yield "ping-between", Frame(0x41, HELLO[:3]), Frame(PING, "p"), Frame(MORE, HELLO[3:])
    yield "close-between", Frame(0x41, HELLO[:3]), Frame(CLOSE, code(1000))
    yield "rsv1-on-a-continuation", Frame(0x41, HELLO[:3]), Frame(0xC0, HELLO[3:])
    yield "rsv1-on-a-continuation-as-it-is", Frame(0x01, "a"), Frame(0xC0, "b")
    yield "rsv1-on-a-ping", Frame(0xC9, "p")
    yield "rsv1-on-a-close", Frame(0xC8)
    yield "rsv2", Frame(0xA1, "a")
    yield "rsv1-and-rsv2", Frame(0xE1, HELLO)
    yield "block-of-type-3", Frame(0xC1, b"\x06\x00")
    yield "bad-stored-length", Frame(0xC1, b"\x00\x05\x00\xfa\xfeHello\x00")
    yield "garbage", Frame(0xC2, b"\xff" * 20)
    yield "cut-short", Frame(0xC1, HELLO[:4])
    yield "a-distance-too-far", Frame(0xC1, bytes.fromhex("f200110000"))
    yield "its-end-still-there", Frame(0xC1, HELLO + bytes.fromhex("0000ffff")), Frame(0xC1, HELLO)
    yield "not-utf8", Frame(0xC1, next(deflated([b"a\xffb"])))
    yield "not-utf8-in-binary", Frame(0xC2, next(deflated([b"a\xffb"])))
    yield "character-cut-at-the-end", Frame(0xC1, next(deflated([b"a\xe2\x82"])))
    yield "bomb", Frame(0xC2, next(deflated([bytes(LIMIT * 8)], level=9)))
    messages = [b"abc" * 100, b"abc" * 100, b"", bytes(range(256)) * 3, b"abc" * 50]
    for bits in (9, 15):
        yield f"messages-of-{bits}-bits", *[Frame(0xC2, it) for it in deflated(messages, bits)]
    yield "messages-alone", *[Frame(0xC2, it) for it in deflated(messages, takeover=False)]


def heads(name, lines, cases, first=b""):
    """`lines`, each case with changes: an index, and a line for it, or None to leave it out."""
    for case, changes, after in cases:
        changed = {**dict(enumerate(lines)), **changes}
        text = "".join(f"{line}\r\n" for line in changed.values() if line is not None)
        head = text.encode("latin-1") + b"\r\n"
        yield f"{name}-{case}", first + head + after


REQUEST = [
    "GET /chat HTTP/1.1",
    "Host: server.example.com",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
]
ANSWER = [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Accept: A7H9HYh1mE/+oRL0Kip7NajRQmU=",
]


def requests():
    hello = Frame(TEXT, "Hello").bytes("server")
    cases = [
        ("as-in-the-rfc", {}, b""),
        ("frames-behind", {}, hello),
        ("subprotocols", {6: "Sec-WebSocket-Protocol: superchat, chat"}, b""),
        ("subprotocols-in-two-lines", {6: "Sec-WebSocket-Protocol: a", 7: "Sec-WebSocket-Protocol: b"}, b""),
        ("subprotocol-no-token", {6: "Sec-WebSocket-Protocol: a b"}, b""),
        ("subprotocol-twice", {6: "Sec-WebSocket-Protocol: a, a"}, b""),
        ("any-case", {2: "UPGRADE: WebSocket", 3: "connection: keep-alive, UPGRADE"}, b""),
        ("upgrade-list", {2: "Upgrade: h2c, websocket"}, b""),
        ("upgrade-other", {2: "Upgrade: h2c"}, b""),
        ("no-upgrade", {2: None}, b""),
        ("connection-other", {3: "Connection: keep-alive"}, b""),
        ("no-connection", {3: None}, b""),
        ("connection-in-two-lines", {3: "Connection: Upgrade", 6: "Connection: keep-alive"}, b""),
        ("post", {0: "POST /chat HTTP/1.1"}, b""),
        ("http-1.0", {0: "GET /chat HTTP/1.0"}, b""),
        ("no-host", {1: None}, b""),
        ("two-hosts", {6: "Host: other.example.com"}, b""),
        ("host-not-ascii", {1: "Host: \xe9"}, b""),
        ("host-with-a-user", {1: "Host: me@example.com"}, b""),
        ("no-key", {4: None}, b""),
        ("key-too-short", {4: "Sec-WebSocket-Key: x"}, b""),
        ("two-keys", {6: REQUEST[4]}, b""),
        ("no-version", {5: None}, b""),
        ("version-8", {5: "Sec-WebSocket-Version: 8"}, b""),
        ("version-13-8", {5: "Sec-WebSocket-Version: 13, 8"}, b""),
        ("body", {6: "Content-Length: 5"}, b""),
        ("chunked", {6: "Transfer-Encoding: chunked"}, b""),
        ("body-of-nothing", {6: "Content-Length: 0"}, b""),
        ("folded", {6: "X: a\r\n b"}, b""),
        ("space-before-colon", {6: "X : a"}, b""),
        ("nul", {6: "X: a\0b"}, b""),
        ("bare-lf", {6: "X: a\nY: b"}, b""),
        ("absolute-form", {0: "GET http://server.example.com/chat HTTP/1.1"}, b""),
        ("fragment", {0: "GET /chat#a HTTP/1.1"}, b""),
        ("asterisk", {0: "GET * HTTP/1.1"}, b""),
        ("two-origins", {6: "Origin: https://a", 7: "Origin: https://b"}, b""),
        ("long-cookie", {6: "Cookie: " + "a" * 8000}, b""),
    ]
    yield from heads("request", REQUEST, cases)


def offers():
    def case(name, *lines):
        changes = {6 + n: f"Sec-WebSocket-Extensions: {line}" for n, line in enumerate(lines)}
        return name, changes, b""

    pmd = "permessage-deflate"
    cases = [
        case("none"),
        case("plain", pmd),
        case("another-extension", "x-a, x-b; c=d"),
        case("after-another", f"x-a; b=c, {pmd}"),
        case("in-two-lines", "x-a", pmd),
        case("all-parameters", f"{pmd}; server_no_context_takeover; client_no_context_takeover; "
             "server_max_window_bits=10; client_max_window_bits=11"),
        case("client-window", f"{pmd}; client_max_window_bits"),
        case("quoted", f'{pmd}; server_max_window_bits="10"'),
        case("quoted-comma", f'x-a; b="c,d", {pmd}'),
        case("unknown-parameter", f"{pmd}; unknown"),
        case("parameter-twice", f"{pmd}; server_max_window_bits=10; server_max_window_bits=11"),
        case("flag-with-a-value", f"{pmd}; server_no_context_takeover=1"),
        case("fall-back", f"{pmd}; unknown, {pmd}"),
        case("server-window-without-a-value", f"{pmd}; server_max_window_bits"),
        *[case(f"server-window-{it}", f"{pmd}; server_max_window_bits={it}")
          for it in ("7", "8", "9", "15", "16", "08", "+9", "abc")],
        *[case(f"client-window-{it}", f"{pmd}; client_max_window_bits={it}")
          for it in ("7", "8", "15", "16")],
        case("empty-parameter", f"{pmd};;"),
        case("empty-value", f"{pmd}; server_max_window_bits="),
        case("unclosed-quote", f'{pmd}; server_max_window_bits="10'),
        case("another-case", "Permessage-Deflate"),
    ]
    yield from heads("offer", REQUEST, cases)


def answers():
    hello = Frame(TEXT, "Hello").bytes("client")
    cases = [
        ("as-in-the-rfc", {}, b""),
        ("frames-behind", {}, hello),
        ("subprotocol", {4: "Sec-WebSocket-Protocol: chat"}, b""),
        ("subprotocol-not-offered", {4: "Sec-WebSocket-Protocol: other"}, b""),
        ("subprotocol-another-case", {4: "Sec-WebSocket-Protocol: Chat"}, b""),
        ("two-subprotocols", {4: "Sec-WebSocket-Protocol: superchat, chat"}, b""),
        ("subprotocol-twice", {4: "Sec-WebSocket-Protocol: chat", 5: "Sec-WebSocket-Protocol: chat"}, b""),
        ("any-case", {1: "upgrade: WEBSOCKET", 2: "connection: keep-alive, upgrade"}, b""),
        ("space-around-accept", {3: "Sec-WebSocket-Accept: \t A7H9HYh1mE/+oRL0Kip7NajRQmU= \t"}, b""),
        ("no-reason", {0: "HTTP/1.1 101"}, b""),
        ("no-upgrade", {1: None}, b""),
        ("upgrade-other", {1: "Upgrade: h2c"}, b""),
        ("upgrade-and-another", {1: "Upgrade: websocket, h2c"}, b""),
        ("no-connection", {2: None}, b""),
        ("connection-other", {2: "Connection: keep-alive"}, b""),
        ("no-accept", {3: None}, b""),
        ("accept-of-another-key", {3: "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="}, b""),
        ("accept-another-case", {3: "Sec-WebSocket-Accept: a7H9HYh1mE/+oRL0Kip7NajRQmU="}, b""),
        ("accept-twice", {4: ANSWER[3]}, b""),
        ("extension-not-offered", {4: "Sec-WebSocket-Extensions: permessage-deflate"}, b""),
        ("http-1.0", {0: "HTTP/1.0 101 x"}, b""),
        ("folded", {4: "A: a\r\n b"}, b""),
        ("bare-lf", {4: "A: a\nB: b"}, b""),
        ("nul", {4: "A: \0"}, b""),
        ("redirect", {0: "HTTP/1.1 301 Moved", 4: "Content-Length: 0"}, b""),
        ("unauthorized", {0: "HTTP/1.1 401 Unauthorized", 4: "Content-Length: 5"}, b"login"),
        ("ok", {0: "HTTP/1.1 200 OK", 4: "Content-Length: 0"}, b""),
    ]
    yield from heads("answer", ANSWER, cases)
    interim = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    yield from heads("answer", ANSWER, [("interim", {}, b"")], interim)


def agreements():
    def case(name, *lines):
        changes = {4 + n: f"Sec-WebSocket-Extensions: {line}" for n, line in enumerate(lines)}
        return name, changes, b""

    pmd = "permessage-deflate"
    cases = [
        case("none"),
        case("plain", pmd),
        case("server-window-10", f"{pmd}; server_max_window_bits=10"),
        case("server-window-8", f"{pmd}; server_max_window_bits=8"),
        case("client-window-10", f"{pmd}; client_max_window_bits=10"),
        case("client-window-without-a-value", f"{pmd}; client_max_window_bits"),
        case("no-takeover", f"{pmd}; server_no_context_takeover; client_no_context_takeover"),
        case("unknown-parameter", f"{pmd}; unknown"),
        case("parameter-twice", f"{pmd}; server_max_window_bits=10; server_max_window_bits=10"),
        case("flag-with-a-value", f"{pmd}; server_no_context_takeover=1"),
        *[case(f"server-window-{it}", f"{pmd}; server_max_window_bits={it}")
          for it in ("7", "16", "08", "abc")],
        case("twice", f"{pmd}, {pmd}"),
        case("another", f"{pmd}, x-other"),
        case("empty-parameter", f"{pmd};"),
    ]
    yield from heads("agreement", ANSWER, cases)


def standard(role, is_deflate):
    lines = REQUEST if role == "server" else ANSWER
    extension = ["Sec-WebSocket-Extensions: permessage-deflate"] if is_deflate else []
    return "".join(f"{line}\r\n" for line in lines + extension).encode() + b"\r\n"


def written(data):
    """Hexadecimal digits, with what is the same four bytes over and over only once."""
    text, at, plain = "", 0, 0
    while at < len(data):
        unit = data[at : at + 4]
        times = 1
        while data[at + 4 * times : at + 4 * times + 4] == unit:
            times += 1
        if len(unit) == 4 and times >= 8:
            text += f"{data[plain:at].hex()}({unit.hex()})*{times}"
            at += 4 * times
            # A separator, so that the count does not run into the next digits.
            text += "," if at < len(data) else ""
            plain = at
        else:
            at += 1
    return (text + data[plain:].hex()) or "-"


def read(text):
    data = b""
    if text == "-":
        return data
    for part in text.split(","):
        plain, _, repeated = part.partition("(")
        data += bytes.fromhex(plain)
        if repeated:
            unit, _, times = repeated.partition(")*")
            data += bytes.fromhex(unit) * int(times)
    return data


def lines(topic, conversations, extension):
    for name, *items in conversations:
        for role in ("server", "client"):
            data = b""
            for item in items:
                if item.masked == "other":
                    item = Frame(item.first, item.payload, masked=role == "client")
                data += item.bytes(role)
            yield f"{topic}/{name}\t{role}\t{extension}\tstandard\t{written(data)}"


def topics():
    for topic in (frames, fragments, control, utf8):
        yield topic.__name__, list(lines(topic.__name__, topic(), "-"))
    yield "deflate", list(lines("deflate", deflate(), "deflate"))
    handshakes = [
        (requests, "server", "-"),
        (offers, "server", "deflate"),
        (answers, "client", "-"),
        (agreements, "client", "deflate"),
    ]
    for topic, role, extension in handshakes:
        rows = []
        for name, head in topic():
            text = head.decode("latin-1").encode("unicode_escape").decode()
            rows.append(f"handshake/{name}\t{role}\t{extension}\t{text}\t-")
        yield topic.__name__, rows


if __name__ == "__main__":
    folder = os.path.join(HERE, "recorded")
    os.makedirs(folder, exist_ok=True)
    for name, rows in topics():
        with open(os.path.join(folder, f"{name}.txt"), "w", newline="\n") as file:
            file.write("\n".join(rows) + "\n")
        print(f"{name}: {len(rows)}")
