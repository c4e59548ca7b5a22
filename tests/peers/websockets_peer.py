"""Python's `websockets` at the other end of the echo examples.

    websockets_peer.py client plain|deflate URL          talks to an echo server
    websockets_peer.py server plain|deflate COMMAND...   runs an echo client against
                                                         an echo server of its own
"""

import asyncio
import sys
from urllib.parse import urlsplit

from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

from relay import Relay

MIB = 1024 * 1024
TEXT = "Grüße, 世界 🦀"
LONG_TEXT = "0123456789abcdef" * (MIB // 16)
BYTES = bytes(range(256))
LONG_BYTES = BYTES * (MIB // 256)


def size(message):
    return len(message.encode() if isinstance(message, str) else message)


def check_extensions(mode, connection):
    names = [extension.name for extension in connection.protocol.extensions]
    expected = ["permessage-deflate"] if mode == "deflate" else []
    assert names == expected, f"agreed on {names}"


async def client(mode, url):
    address = urlsplit(url)
    relay = await Relay(address.hostname, address.port).start()
    messages = [TEXT, BYTES, "", b"", LONG_TEXT, LONG_BYTES]

    # It offers compression by default; in plain mode the server has to decline.
    async with connect(f"ws://127.0.0.1:{relay.port}/", max_size=2 * MIB) as ws:
        check_extensions(mode, ws)
        for message in messages:
            await ws.send(message)
            assert await ws.recv() == message, f"an echo of {size(message)} bytes differs"
        # A message in fragments comes back as the same message.
        await ws.send(["in ", "three ", "fragments"])
        assert await ws.recv() == "in three fragments"
        await (await ws.ping(b"ping"))
        await ws.close(1000, "done")
    assert ws.protocol.close_rcvd is not None, "no Close came back"
    assert ws.close_code == 1000, f"close code {ws.close_code}"
    if mode == "deflate":
        relay.check_compressed(sum(map(size, messages)))


async def server(mode, command):
    done = asyncio.Queue()

    async def echo(ws):
        heard = []
        try:
            check_extensions(mode, ws)
            while True:
                message = await ws.recv()
                heard.append(message)
                # The client sends text only, so one message returns as binary.
                await ws.send(message.encode() if message == "as binary" else message)
        except ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else None
            await done.put((heard, code))
        except Exception as error:
            await done.put(([f"{error!r}"], None))

    compression = "deflate" if mode == "deflate" else None
    async with serve(echo, "127.0.0.1", 0, compression=compression, max_size=2 * MIB) as listener:
        port = listener.sockets[0].getsockname()[1]
        conversations = [
            ([TEXT], ["--message", TEXT]),
            ([""], ["--message", ""]),
            (["first", "", "as binary", LONG_TEXT, "last"], []),
        ]
        for messages, extra in conversations:
            relay = await Relay("127.0.0.1", port).start()
            url = f"ws://127.0.0.1:{relay.port}/"
            child = await asyncio.create_subprocess_exec(
                *command, "--connect", url, *extra,
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            )
            printed = "".join(message + "\n" for message in messages).encode()
            output, _ = await child.communicate(b"" if extra else printed)
            assert child.returncode == 0, f"exit status {child.returncode} of the client"
            heard, code = await asyncio.wait_for(done.get(), 10)
            assert heard == messages, f"heard {[m[:40] for m in heard]}"
            assert code == 1000, f"close code {code}"
            assert output == printed, "the client printed something other than the replies"
            # A few short messages do not outweigh the handshake on the wire.
            payload = sum(map(size, messages))
            if mode == "deflate" and payload > MIB:
                relay.check_compressed(payload)


def main():
    role, mode, *rest = sys.argv[1:]
    try:
        asyncio.run(client(mode, *rest) if role == "client" else server(mode, rest))
    except AssertionError as error:
        sys.exit(f"websockets_peer: {error}")


if __name__ == "__main__":
    main()
