"""Two pages in Chromium chat through the example chat.

  chat_peer.py CHAT PROFILE BROWSER

Starts the program CHAT on a free port, and has the browser open its page twice,
without a window and with the empty folder PROFILE as its own. The pages are
operated through the DevTools protocol, as a person would operate them: a name
and a text are typed into the form, and it is sent.
"""

import asyncio
import itertools
import json
import re
import sys

import websockets
from browser_peer import SWITCHES

# Types into a field and tells the page of it; sends the form.
SAY = """
document.getElementById('name').value = NAME;
document.getElementById('text').value = TEXT;
document.getElementById('form').requestSubmit();
"""
HEARD = "[...document.querySelectorAll('#messages li')].map((line) => line.textContent)"


class Browser:
    """A connection to the browser; every command has a number and an answer."""

    def __init__(self, socket):
        self.socket = socket
        self.numbers = itertools.count(1)

    async def command(self, method, session=None, **params):
        number = next(self.numbers)
        command = {"id": number, "method": method, "params": params}
        if session:
            command["sessionId"] = session
        await self.socket.send(json.dumps(command))
        while True:
            answer = json.loads(await self.socket.recv())
            if answer.get("id") == number:  # all else are events
                assert "error" not in answer, f"{method}: {answer}"
                return answer["result"]

    async def open(self, url):
        target = (await self.command("Target.createTarget", url=url))["targetId"]
        attached = await self.command("Target.attachToTarget", targetId=target, flatten=True)
        return Page(self, target, attached["sessionId"])


class Page:
    def __init__(self, browser, target, session):
        self.browser, self.target, self.session = browser, target, session

    async def evaluate(self, expression):
        answer = await self.browser.command(
            "Runtime.evaluate", self.session, expression=expression, returnByValue=True
        )
        return answer["result"].get("value")

    async def say(self, name, text):
        await self.evaluate(SAY.replace("NAME", json.dumps(name)).replace("TEXT", json.dumps(text)))

    async def shows(self, expression, expected):
        """Waits until it does."""
        seen = None
        for _ in range(1000):
            seen = await self.evaluate(expression)
            if seen == expected:
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"the page shows {seen!r} and not {expected!r}")


async def first_match(stream, pattern):
    while line := (await stream.readline()).decode():
        if match := re.search(pattern, line):
            return match[1]
    raise AssertionError(f"no line like {pattern}")


async def chat(address, browser):
    url = f"http://{address}/"
    status = "document.getElementById('status')?.textContent"
    one, two = await browser.open(url), await browser.open(url)
    for page in (one, two):
        await page.shows(status, "connected")

    said = ["Ann: Grüße, 世界 🦀", "Bob: <b>hello</b>", "Ann: bye"]
    await one.say("Ann", "Grüße, 世界 🦀")
    await two.shows(HEARD, said[:1])
    await two.say("Bob", "<b>hello</b>")
    await one.shows(HEARD, said[:2])
    await one.say("Ann", "bye")
    for page in (one, two):
        await page.shows(HEARD, said)

    # One that leaves takes nobody along.
    await browser.command("Target.closeTarget", targetId=one.target)
    await two.say("Bob", "alone?")
    await two.shows(HEARD, [*said, "Bob: alone?"])

    # What is too long ends who says it, with a code that the page shows.
    await two.say("Bob", "x" * 5000)
    await two.shows(status, "closed (1009); reload to connect again")

    # Another page may not speak for a visitor.
    try:
        async with websockets.connect(f"ws://{address}/", origin="http://elsewhere.example"):
            raise AssertionError("a page from elsewhere was let in")
    except websockets.InvalidStatus as error:
        assert error.response.status_code == 403, error
    print(f"two pages and {len(said) + 1} messages")


async def main(program, profile, executable):
    pipe, null = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    server = await asyncio.create_subprocess_exec(
        program, "--listen", "127.0.0.1:0", stdout=pipe
    )
    process = await asyncio.create_subprocess_exec(
        executable, *SWITCHES, "--remote-debugging-port=0", f"--user-data-dir={profile}",
        "about:blank", stdin=null, stdout=null, stderr=pipe,
    )
    try:
        address = await first_match(server.stdout, r"^listening on http://(127[.0-9:]+)$")
        endpoint = await first_match(process.stderr, r"DevTools listening on (ws://\S+)")
        # The browser writes on, and must not block on it.
        rest = asyncio.create_task(process.stderr.read())
        async with websockets.connect(endpoint, max_size=None) as socket:
            await chat(address, Browser(socket))
        rest.cancel()
    finally:
        for child in (process, server):
            if child.returncode is None:
                child.terminate()
                await child.wait()


if __name__ == "__main__":
    try:
        asyncio.run(asyncio.wait_for(main(*sys.argv[1:]), 100))
    except AssertionError as error:
        sys.exit(f"chat_peer: {error}")
