#!/usr/bin/python3
"""A WebSocket client of wsproto, for WebSocketTests; does what websockets_client.py does."""

import socket
import ssl
import sys
import urllib.parse

from wsproto import ConnectionType, events

from wsproto_peer import Closed, Connection

SIZES = [0, 1, 125, 126, 127, 65_535, 65_536, 65_537, 1 << 20, 25 << 20]


def connect():
    url = urllib.parse.urlsplit(sys.argv[1])
    stream = socket.create_connection((url.hostname, url.port))
    if url.scheme == "wss":
        context = ssl.create_default_context(cafile=sys.argv[2])
        stream = context.wrap_socket(stream, server_hostname=url.hostname)
    connection = Connection(stream, ConnectionType.CLIENT)
    connection.write(events.Request(host=url.netloc, target=url.path))
    answer = connection.open()
    assert isinstance(answer, events.AcceptConnection), answer
    return connection


def exchange(connection, *pieces):
    connection.send(*pieces)
    whole = (b"" if isinstance(pieces[0], bytes) else "").join(pieces)
    assert connection.receive() == whole, f"{len(whole)}"


def echoes(connection):
    for size in SIZES:
        exchange(connection, bytes(range(256)) * (size // 256) + bytes(size % 256))
        exchange(connection, "é€𝄞 ascii " * (size // 17))


def fragments(connection):
    exchange(connection, "", "é", "€" * 1_000, "", "𝄞" * 100_000, "end")
    exchange(connection, *[bytes([i % 256]) * 100 for i in range(5_000)])


def pings(connection):
    for payload in [b"", b"a", bytes(125)]:
        connection.ping(payload)
    exchange(connection, "still there")


def expect_close(connection, message, code):
    try:
        connection.send(message)
        connection.receive()
    except Closed as closed:
        assert closed.frame is not None, "no close frame"
        assert closed.frame.code == code, closed.frame
        assert connection.stream.recv(1) == b"", "still open"
        return
    raise AssertionError("still open")


def main():
    connection = connect()
    echoes(connection)
    fragments(connection)
    pings(connection)
    try:
        connection.close(1000, "done")
    except Closed as closed:
        assert closed.frame is not None and closed.frame.code == 1000, closed.frame
    expect_close(connect(), "close", 1012)
    limited = connect()
    exchange(limited, "limit")
    expect_close(limited, bytes((1 << 20) + 1), 1009)


main()
