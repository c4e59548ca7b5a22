"""What Python's wsproto makes of a conversation, as lines: see compare.py."""

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
from wsproto.utilities import RemoteProtocolError

# That of the seed in src/ours.rs.
wsproto.handshake.generate_nonce = lambda: b"PgDvL4lfQNZ/W7joHwmloQ=="


def hexed(data):
    return bytes(data).hex() or "-"


class Listener:
    def __init__(self, role, deflate):
        self.lines = []
        self.message = []
        self.extensions = [PerMessageDeflate()] if deflate else []
        is_server = role == "server"
        kind = wsproto.ConnectionType.SERVER if is_server else wsproto.ConnectionType.CLIENT
        self.connection = wsproto.WSConnection(kind)
        if not is_server:
            request = Request(
                host="server.example.com",
                target="/chat",
                subprotocols=["superchat", "chat"],
                extensions=self.extensions,
            )
            self.connection.send(request)

    def agreed(self):
        return "deflate" if any(it.enabled() for it in self.extensions) else "-"

    def hear(self, piece):
        """Whether it goes on."""
        try:
            self.connection.receive_data(piece)
            return all(self.see(event) for event in self.connection.events())
        except RemoteProtocolError as error:
            hint = error.event_hint
            is_server = isinstance(hint, RejectConnection) and not self.connection.client
            status = f"{hint.status_code} " if is_server else ""
            self.lines.append(f"refused {status}; {error}")
        except Exception as error:  # Whatever it does not mean to raise.
            self.lines.append(f"crash {type(error).__name__}")
        return False

    def see(self, event):
        if isinstance(event, (TextMessage, BytesMessage)):
            self.message.append(event.data)
            if event.message_finished:
                if isinstance(event, TextMessage):
                    self.lines.append(f"text {hexed(''.join(self.message).encode())}")
                else:
                    self.lines.append(f"binary {hexed(b''.join(self.message))}")
                self.message = []
        elif isinstance(event, Ping):
            self.lines.append(f"ping {hexed(event.payload)}")
        elif isinstance(event, Pong):
            self.lines.append(f"pong {hexed(event.payload)}")
        elif isinstance(event, CloseConnection):
            # A violation is told by the same event, in another state.
            if self.connection.state is ConnectionState.REMOTE_CLOSING:
                self.lines.append(f"close {int(event.code)} {hexed(event.reason.encode())}")
            else:
                self.lines.append(f"fail {int(event.code)} ; {event.reason}")
            return False
        elif isinstance(event, Request):
            subprotocols = ",".join(event.subprotocols) or "-"
            self.lines.append(f"requested {event.target} {event.host} {subprotocols}")
            self.connection.send(AcceptConnection(extensions=self.extensions))
            self.lines.append(f"open - {self.agreed()}")
        elif isinstance(event, AcceptConnection):
            self.lines.append(f"open {event.subprotocol or '-'} {self.agreed()}")
        elif isinstance(event, RejectConnection):
            self.lines.append(f"rejected {event.status_code}")
            return False
        elif not isinstance(event, RejectData):
            raise TypeError(event)
        return True


def hear(role, deflate, head, frames, size):
    listener = Listener(role, deflate)
    for data in (head, frames):
        for start in range(0, len(data), size or max(len(data), 1)):
            if not listener.hear(data[start : start + (size or len(data))]):
                return listener.lines
    return listener.lines
