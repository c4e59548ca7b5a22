#!/usr/bin/env python3
"""Writes fuzz/seeds: inputs that are worth keeping, one small file each, by name.

What the first bytes of an input choose is said in tests/laws/fuzz.rs. A file that
a finding left here by hand is kept.
"""
import pathlib
import struct
import zlib

SEEDS = pathlib.Path(__file__).parent / "seeds"
KEY = bytes.fromhex("37fa213d")


def write(target, name, *parts):
    path = SEEDS / target / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(parts))


def frame(first, payload=b"", key=None, length=None):
    size = len(payload)
    if length is None:
        if size < 126:
            length = bytes([size])
        elif size < 1 << 16:
            length = b"\x7e" + struct.pack(">H", size)
        else:
            length = b"\x7f" + struct.pack(">Q", size)
    second = bytes([length[0] | (0x80 if key is not None else 0)]) + length[1:]
    if key is not None:
        second += key
        payload = bytes(byte ^ key[at % 4] for at, byte in enumerate(payload))
    return bytes([first]) + second + payload


def deflate(data, final=False, level=9):
    codec = zlib.compressobj(level, zlib.DEFLATED, -15)
    out = codec.compress(data)
    if final:
        return out + codec.flush(zlib.Z_FINISH) + b"\0"
    return (out + codec.flush(zlib.Z_SYNC_FLUSH))[:-4]


def close(code, reason=b""):
    return struct.pack(">H", code) + reason


TEXT = "κόσμε \U0001f600 \u00e9".encode()
# Name, and frames as (first byte, payload, length).
STREAMS = {
    "text": [(0x81, b"hello")],
    "text-utf8": [(0x81, TEXT)],
    "text-empty": [(0x81, b"")],
    "text-cut-character": [(0x01, b"\xf0\x9f"), (0x80, b"\x98\x80")],
    "text-not-utf8": [(0x81, b"ok\xff")],
    "text-surrogate": [(0x81, b"\xed\xa0\x80")],
    "text-unfinished-character": [(0x01, b"\xe2\x82"), (0x80, b"")],
    "text-late-error": [(0x01, b"ab"), (0x00, b"\xc3"), (0x80, b"\x28")],
    "binary": [(0x82, bytes(range(64)))],
    "binary-126": [(0x82, b"x" * 126)],
    "fragments": [(0x02, b"a"), (0x00, b""), (0x89, b"p"), (0x80, b"b")],
    "fragments-too-many": [(0x02, b"a")] + [(0x00, b"a")] * 9,
    "ping": [(0x89, b"are you there?")],
    "ping-125": [(0x89, b"p" * 125)],
    "pings": [(0x89, bytes([n])) for n in range(6)],
    "pong": [(0x8A, b"")],
    "close": [(0x88, close(1000, b"bye"))],
    "close-empty": [(0x88, b"")],
    "close-one-byte": [(0x88, b"\x03")],
    "close-1005": [(0x88, close(1005))],
    "close-1014": [(0x88, close(1014, b"gateway"))],
    "close-4999": [(0x88, close(4999))],
    "close-5000": [(0x88, close(5000))],
    "close-reason-not-utf8": [(0x88, close(1000, b"\xff"))],
    "close-then-data": [(0x88, close(1000)), (0x81, b"late"), (0x89, b"late")],
    "close-in-message": [(0x01, b"half"), (0x88, close(1001))],
    "reserved-opcode": [(0x83, b"")],
    "reserved-control": [(0x8B, b"")],
    "reserved-bit": [(0xC1, b"hello")],
    "reserved-bit-control": [(0xC9, b"")],
    "continuation-of-nothing": [(0x80, b"")],
    "message-in-message": [(0x01, b"a"), (0x81, b"b")],
    "control-in-fragments": [(0x09, b"")],
    "control-126": [(0x89, b"p" * 126)],
    "length-not-minimal": [(0x82, b"a", b"\x7e\x00\x01")],
    "length-not-minimal-64": [(0x82, b"a", b"\x7f" + struct.pack(">Q", 1))],
    "length-top-bit": [(0x82, b"", b"\x7f" + b"\xff" * 8)],
    "length-huge": [(0x82, b"", b"\x7f" + struct.pack(">Q", 1 << 62))],
    "length-above-limits": [(0x82, b"x" * 70)],
    "compressed": [(0xC1, deflate(b"hello hello hello"))],
    "compressed-fragments": [(0x42, deflate(b"ab" * 50)[:3]), (0x89, b""), (0x80, deflate(b"ab" * 50)[3:])],
    "compressed-empty": [(0xC1, b"\0")],
    "compressed-twice": [(0xC1, deflate(b"hello")), (0xC1, deflate(b"hello"))],
    "compressed-final-block": [(0xC1, deflate(b"hello", final=True))],
    "compressed-bomb": [(0xC2, deflate(bytes(4000)))],
    "compressed-garbage": [(0xC2, b"\xff\xff\xff\xff")],
    "compressed-not-utf8": [(0xC1, deflate(b"ok\xff"))],
    "compressed-continuation": [(0x01, b"a"), (0xC0, b"b")],
}
for target, key in ("server_receive", KEY), ("client_receive", None):
    for name, frames in STREAMS.items():
        stream = b"".join(frame(f[0], f[1], key, *f[2:]) for f in frames)
        choice = 4 if name.startswith("compressed") else 0
        write(target, name, bytes([choice, 0x02]), stream)
        if name in ("fragments", "pings", "length-above-limits", "compressed-bomb", "fragments-too-many"):
            write(target, name + "-small-limits", bytes([choice | 1, 0x13]), stream)
    wrong = None if key else KEY
    write(target, "wrong-mask", b"\0\0", frame(0x81, b"hello", wrong))
    write(target, "half-a-frame", b"\0\0", frame(0x81, b"hello", key)[:-2])

for choice, key in (0, KEY), (1, None):
    role = "server" if key else "client"
    for name, frames in STREAMS.items():
        if not name.startswith("compressed"):
            stream = b"".join(frame(f[0], f[1], key, *f[2:]) for f in frames)
            write("differential", f"{role}-{name}", bytes([choice]), stream)

GET = "GET /chat?room=1 HTTP/1.1"
HEADERS = {
    "Host": "example.com",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}


def head(first, headers, **changed):
    headers = dict(headers)
    for name, value in changed.items():
        name = name.replace("_", "-")
        headers.pop(name, None)
        if value is not None:
            headers[name] = value
    lines = [first] + [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


REQUESTS = {
    "minimal": head(GET, HEADERS),
    "frames-behind": head(GET, HEADERS) + frame(0x81, b"hello", KEY),
    "browser": head(
        GET,
        HEADERS,
        Connection="keep-alive, Upgrade",
        Upgrade="h2c, WebSocket",
        Origin="https://example.com",
        Sec_WebSocket_Extensions="permessage-deflate; client_max_window_bits",
        Sec_WebSocket_Protocol="chat, superchat",
        Cookie="a=b",
    ),
    "post": head(GET.replace("GET", "POST"), HEADERS),
    "http-1.0": head(GET.replace("1.1", "1.0"), HEADERS),
    "absolute-form": head("GET http://example.org:81?q HTTP/1.1", HEADERS),
    "fragment": head("GET /#top HTTP/1.1", HEADERS),
    "no-host": head(GET, HEADERS, Host=None),
    "ipv6-host": head(GET, HEADERS, Host="[::1]:8080"),
    "bad-host": head(GET, HEADERS, Host="a b"),
    "version-8": head(GET, HEADERS, Sec_WebSocket_Version="8"),
    "bad-key": head(GET, HEADERS, Sec_WebSocket_Key="AAAA"),
    "no-upgrade": head(GET, HEADERS, Upgrade=None),
    "body": head(GET, HEADERS, Content_Length="5") + b"hello",
    "no-body": head(GET, HEADERS, Content_Length="0"),
    "chunked": head(GET, HEADERS, Transfer_Encoding="chunked"),
    "folded": head(GET, HEADERS, X="a\r\n b"),
    "bare-lf": head(GET, HEADERS).replace(b"\r\n", b"\n"),
    "bare-lf-once": head(GET, HEADERS).replace(b"Upgrade\r\n", b"Upgrade\n"),
    "space-before-colon": head(GET, HEADERS).replace(b"Host:", b"Host :"),
    "control-character": head(GET, HEADERS, X="\x01"),
    "leading-blank-line": b"\r\n" + head(GET, HEADERS),
    "bad-subprotocols": head(GET, HEADERS, Sec_WebSocket_Protocol="a b"),
    "bad-extensions": head(GET, HEADERS, Sec_WebSocket_Extensions="a;"),
    "long": head(GET, HEADERS, X="x" * 400),
    "many": head(GET, HEADERS, **{f"X{n}": "" for n in range(12)}),
}
for name, request in REQUESTS.items():
    write("server_handshake", name, b"\x02\x17", request)
    if name in ("long", "many", "minimal"):
        write("server_handshake", name + "-small-limits", b"\x01\x17", request)

ANSWER = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Accept": "A7H9HYh1mE/+oRL0Kip7NajRQmU=",
}
SWITCH = "HTTP/1.1 101 Switching Protocols"
OK = head(SWITCH, ANSWER)
ANSWERS = {
    "minimal": OK,
    "frames-behind": OK + frame(0x81, b"hello"),
    "subprotocol": head(SWITCH, ANSWER, Sec_WebSocket_Protocol="chat"),
    "subprotocol-not-offered": head(SWITCH, ANSWER, Sec_WebSocket_Protocol="x"),
    "deflate": head(SWITCH, ANSWER, Sec_WebSocket_Extensions="permessage-deflate; server_max_window_bits=10"),
    "deflate-bad": head(SWITCH, ANSWER, Sec_WebSocket_Extensions="permessage-deflate; server_max_window_bits=16"),
    "extension-not-offered": head(SWITCH, ANSWER, Sec_WebSocket_Extensions="foo"),
    "wrong-accept": head(SWITCH, ANSWER, Sec_WebSocket_Accept="s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
    "no-accept": head(SWITCH, ANSWER, Sec_WebSocket_Accept=None),
    "no-upgrade": head(SWITCH, ANSWER, Upgrade=None),
    "no-reason": head("HTTP/1.1 101", ANSWER),
    "http-1.0": head("HTTP/1.0 101 x", ANSWER),
    "interim": b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + OK,
    "interim-too-many": b"HTTP/1.1 100 Continue\r\n\r\n" * 9 + OK,
    "refused-length": head("HTTP/1.1 403 Forbidden", {"Content-Length": "8"}) + b"not here",
    "refused-chunked": head("HTTP/1.1 404 Not Found", {"Transfer-Encoding": "chunked"})
    + b"4;x=y\r\nnot \r\n4\r\nhere\r\n0\r\nA: b\r\n\r\n",
    "refused-chunked-badly": head("HTTP/1.1 404 Not Found", {"Transfer-Encoding": "chunked"}) + b"4\r\nnot here",
    "refused-until-eof": head("HTTP/1.1 500 x", {}) + b"some text",
    "refused-two-lengths": head("HTTP/1.1 403 x", {"Content-Length": "1, 2"}) + b"ab",
    "refused-no-content": head("HTTP/1.1 204 x", {}),
    "redirect": head("HTTP/1.1 301 Moved", {"Location": "wss://example.com/", "Content-Length": "0"}),
    "bare-lf": OK.replace(b"\r\n", b"\n"),
    "status-99": head("HTTP/1.1 099 x", ANSWER),
    "garbage": b"SSH-2.0-x\r\n\r\n",
}
for name, answer in ANSWERS.items():
    write("client_handshake", name, b"\x02\x17", answer)
    if name in ("minimal", "interim"):
        write("client_handshake", name + "-small-limits", b"\x01\x17", answer)

for number, value in enumerate(
    [
        "permessage-deflate",
        "permessage-deflate; client_max_window_bits",
        "permessage-deflate; client_max_window_bits=10; server_max_window_bits=10",
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
        "permessage-deflate; server_no_context_takeover; server_max_window_bits=8",
        'permessage-deflate; server_max_window_bits="10"',
        'permessage-deflate; server_max_window_bits="1\\0"',
        "permessage-deflate; server_max_window_bits",
        "permessage-deflate; server_max_window_bits=7",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_max_window_bits=010",
        "permessage-deflate; client_no_context_takeover=1",
        "permessage-deflate; unknown, permessage-deflate",
        "permessage-deflate; client_max_window_bits; client_max_window_bits",
        "permessage-deflate, permessage-deflate",
        "foo, bar; baz=2, permessage-deflate",
        ",, foo ,\t,",
        "a\t;\tb = 1 ;c= \"2\" ; d",
        'a;b="1,2"',
        "a;",
        "a;=1",
        "a b",
        '"a"',
        'a;b="\\',
        "",
    ]
):
    write("extension_header", f"{number:02}", value.encode())

for name, payload in {
    "stored": deflate(b"hello", level=0),
    "fixed": deflate(b"hello"),
    "dynamic": deflate(bytes(range(97, 123)) * 4 + b"the quick brown fox jumps over the lazy dog" * 3),
    "run": deflate(b"a" * 1000),
    "bomb": deflate(bytes(100000)),
    "empty": b"\0",
    "nothing": b"",
    "final": deflate(b"hello", final=True),
    "final-and-more": deflate(b"hello", final=True) + deflate(b"again"),
    "tail-kept": deflate(b"hello") + b"\0\0\xff\xff",
    "too-far-back": b"\x4b\x04\x62\x00\x00",
    "reserved-block": b"\x07",
    "stored-bad-length": b"\x00\x05\x00\x00\x00hello",
    "cut-short": deflate(b"hello world, hello world")[:-3],
    "two-blocks": deflate(b"one") + b"\0\0\xff\xff" + deflate(b"two"),
    "empty-blocks": b"\x00\x00\x00\xff\xff" * 3 + b"\0",
}.items():
    write("deflate_decode", name, b"\x00\x02", payload)
    write("deflate_decode", name + "-small-limits", b"\x01\x11", payload)

# Three offers of two bytes; then messages: act, length and oddness, times, part.
for number, offers in enumerate(["6f00 6f00 64ff", "6700 6400 0000", "64ff 64ff 6400", "9f77 1788 9c00"]):
    offers = bytes.fromhex(offers)
    for way in range(8):
        part = b"some words that come again "
        message = bytes([way, len(part), 0, 30]) + part
        odd = bytes([7 - way, 5, 1, 0]) + b"01234"
        write("deflate_roundtrip", f"offer-{number}-way-{way}", offers, message, odd, message)


def act(kind, small=0, rest=b"", server=False):
    return bytes([server, small << 4 | kind]) + rest


CARRY = act(14, rest=b"\xff\xff") + act(14, rest=b"\xff\xff", server=True)
HEAR = act(15, 15) + act(15, 15, server=True)
TALKS = {
    "nothing": b"",
    "text": act(0, 5, b"hello") + CARRY + HEAR,
    "text-both": act(0, 5, b"hello") + act(0, 3, b"you", True) + CARRY + HEAR,
    "long": act(1, rest=b"\xff") + act(3, rest=b"\x07\xff\xff") + CARRY + HEAR,
    "shared": act(4, rest=b"\x07\xff\xff", server=True) + act(5, server=True) + CARRY + HEAR,
    "ping": act(5, 1, b"012345678") + CARRY + HEAR + CARRY + HEAR,
    "fragments": act(7) + act(8, 2, b"ab") + act(5) + act(9, rest=b"\x20") + act(10, 1, b"c") + CARRY + HEAR,
    "fragments-cut": act(7, 1) + act(8, 4, b"abcd") + (act(13, 3) + HEAR) * 4 + act(10),
    "close": act(11, 2, b"\x03\xe8" + b"0123456789abcdef") + CARRY + HEAR + act(12, server=True) + CARRY + HEAR,
    "close-both": act(11, 1, b"\x0b\xb8" + b"01234567") + act(11, server=True) + CARRY + HEAR,
    "close-in-message": act(7) + act(8, 1, b"a") + act(11) + CARRY + HEAR,
    "close-late-answer": act(11) + CARRY + HEAR + act(0, 2, b"ok", True) + act(5, server=True) + act(11, 1, b"\x03\xe9", True),
    "ping-after-close": act(11) + act(5, server=True) + CARRY + HEAR + CARRY + HEAR,
}
for name, talk in TALKS.items():
    for ending in range(3):
        write("conversation", f"{name}-{ending}", bytes([ending * 5, ending]), talk)
    write("conversation", f"{name}-deflate", bytes([3, 6]), talk)
