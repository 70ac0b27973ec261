"""A blocking WebSocket connection over wsproto, which does no I/O itself; for wsproto_client.py and wsproto_server.py."""

import wsproto
from wsproto import events

CHUNK = 64 << 10


class Closed(Exception):
    """The closing handshake is over; with the peer's close frame, None for an end without one."""

    def __init__(self, frame):
        super().__init__(frame)
        self.frame = frame


class Connection:
    def __init__(self, stream, kind, limit=64 << 20):
        self.stream, self.protocol, self.limit = stream, wsproto.WSConnection(kind), limit
        self.waiting = self.protocol.events()
        self.opened = None  # the event that opened it
        self.pongs = []
        self.closing = None

    def write(self, event):
        self.stream.sendall(self.protocol.send(event))

    def next_event(self):
        while True:
            for event in self.waiting:
                return event
            data = self.stream.recv(CHUNK)
            if not data:
                raise Closed(None)
            self.protocol.receive_data(data)
            self.waiting = self.protocol.events()

    def open(self):
        """Waits for the request or the answer that opens the connection."""
        self.opened = self.next_event()
        return self.opened

    def receive(self):
        """The next message, str or bytes; a pong ends the wait with None."""
        pieces, size = [], 0
        while True:
            event = self.next_event()
            if isinstance(event, events.Ping):
                self.write(event.response())
            elif isinstance(event, events.Pong):
                self.pongs.append(bytes(event.payload))
                if not pieces:
                    return None
            elif isinstance(event, events.CloseConnection):
                if self.closing is None:
                    self.write(event.response())
                raise Closed(event)
            else:
                pieces.append(event.data)
                size += len(event.data)
                if size > self.limit:
                    self.close(1009, "too large")
                if event.message_finished:
                    return ("" if isinstance(event, events.TextMessage) else b"").join(pieces)

    def send(self, *pieces):
        """One message, of a fragment for each piece."""
        for number, piece in enumerate(pieces):
            kind = events.TextMessage if isinstance(piece, str) else events.BytesMessage
            self.write(kind(data=piece, message_finished=number == len(pieces) - 1))

    def ping(self, payload):
        """Pings, and waits for the pong; no message may come before."""
        self.pongs.clear()
        self.write(events.Ping(payload=payload))
        message = self.receive()
        assert message is None and self.pongs == [payload], (message, self.pongs)

    def close(self, code, reason):
        """Closes, and raises Closed with the answer."""
        self.closing = code
        self.write(events.CloseConnection(code=code, reason=reason))
        while True:
            self.receive()
