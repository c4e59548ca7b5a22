"""A browser's `WebSocket` at the other end of the echo server.

    browser_peer.py plain|deflate URL PROFILE BROWSER

Serves browser_peer.html on a loopback port, has the browser open it without a
window and with the empty folder PROFILE as its own, and waits for the page to
report what it saw.
"""

import asyncio
import json
import pathlib
import subprocess
import sys
from urllib.parse import urlsplit

from relay import Relay

PAGE = pathlib.Path(__file__).with_name("browser_peer.html")
SWITCHES = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


async def serve_page(websocket_url, report):
    """Serves the page, and sets `report` to what it sends to /report."""
    page = PAGE.read_text().replace("@URL@", websocket_url).encode()

    async def answer(reader, writer):
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except asyncio.IncompleteReadError:
            # Browsers connect ahead of need.
            writer.close()
            return
        method, path = head.split(" ", 2)[:2]
        length = 0
        for line in head.split("\r\n")[1:]:
            name, _, value = line.partition(":")
            if name.lower() == "content-length":
                length = int(value)
        sent = await reader.readexactly(length)
        status, body = "404 Not Found", b""
        if (method, path) == ("GET", "/"):
            status, body = "200 OK", page
        elif (method, path) == ("POST", "/report"):
            status = "204 No Content"
            if not report.done():
                report.set_result(json.loads(sent))
        writer.write(
            f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body
        )
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", server


async def main(mode, url, profile, browser):
    address = urlsplit(url)
    relay = await Relay(address.hostname, address.port).start()
    report = asyncio.get_running_loop().create_future()
    page_url, server = await serve_page(f"ws://127.0.0.1:{relay.port}/", report)

    process = subprocess.Popen(
        [browser, *SWITCHES, f"--user-data-dir={profile}", page_url],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )
    exited = asyncio.create_task(asyncio.to_thread(process.communicate))
    try:
        await asyncio.wait({report, exited}, timeout=90, return_when=asyncio.FIRST_COMPLETED)
    finally:
        process.terminate()
        try:
            _, diagnostics = await asyncio.wait_for(asyncio.shield(exited), 10)
        except asyncio.TimeoutError:
            process.kill()
            _, diagnostics = await exited
    if not report.done():
        sys.exit(f"browser_peer: the page reported nothing\n{diagnostics.decode()[-2000:]}")

    result = report.result()
    print("the page reports", json.dumps(result))
    assert result.get("error") is None, result["error"]
    assert result["echoed"] == 6, f"{result['echoed']} of 6 messages came back"
    assert result["wasClean"] is True, "the close was not clean"
    assert result["code"] == 1000, f"close code {result['code']}"
    if mode == "deflate":
        assert "permessage-deflate" in result["extensions"], "no compression was agreed"
        relay.check_compressed(result["payload"])
    else:
        # Browsers always offer it.
        assert result["extensions"] == "", f"agreed on {result['extensions']}"


if __name__ == "__main__":
    try:
        asyncio.run(main(*sys.argv[1:]))
    except AssertionError as error:
        sys.exit(f"browser_peer: {error}")
