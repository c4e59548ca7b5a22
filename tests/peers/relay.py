"""A TCP relay that counts what passes, for peers that do not count it themselves."""

import asyncio


class Relay:
    """Listens on a loopback port and forwards each connection to `host:port`."""

    def __init__(self, host, port):
        self.target = (host, port)
        self.to_target = 0
        self.from_target = 0

    async def start(self):
        self.server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def _connected(self, reader, writer):
        try:
            target_reader, target_writer = await asyncio.open_connection(*self.target)
        except OSError:
            writer.close()
            return
        await asyncio.gather(
            self._forward(reader, target_writer, "to_target"),
            self._forward(target_reader, writer, "from_target"),
        )
        target_writer.close()
        writer.close()

    async def _forward(self, reader, writer, counter):
        try:
            while data := await reader.read(65536):
                setattr(self, counter, getattr(self, counter) + len(data))
                writer.write(data)
                await writer.drain()
            # An EOF is forwarded as one: the other direction may go on.
            writer.write_eof()
        except OSError:
            writer.close()

    def check_compressed(self, payload):
        """Fails unless fewer than the `payload` bytes of each direction passed."""
        print(f"payload {payload} each way, wire {self.to_target} there, {self.from_target} back")
        assert self.to_target < payload, "what was sent was not compressed"
        assert self.from_target < payload, "what came back was not compressed"
