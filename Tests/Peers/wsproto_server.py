#!/usr/bin/python3
"""A WebSocket server of wsproto on 127.0.0.1, for WebSocketTests; does what websockets_server.py does."""

import socket
import ssl
import struct
import sys
import threading

from wsproto import ConnectionType, events

from wsproto_peer import Closed, Connection

FRAGMENT = 48_000


def serve(connection, path):
    while True:
        message = connection.receive()
        if message is None:
            continue
        if path == "/echo":
            connection.send(message)
        elif path == "/fragments":
            connection.send(*[message[i : i + FRAGMENT] for i in range(0, len(message), FRAGMENT)] or [message])
        elif path == "/ping":
            connection.ping(b"are you there")
            connection.send(message)
        elif path == "/close":
            connection.close(1012, "service restart")
        elif path == "/abort":
            connection.stream.sendall(struct.pack(">BBH", 0x81, 126, 1_000) + b"half")
            return


def handle(stream, context):
    if context:
        stream = context.wrap_socket(stream, server_side=True)
    with stream:
        connection = Connection(stream, ConnectionType.SERVER)
        request = connection.open()
        assert isinstance(request, events.Request), request
        connection.write(events.AcceptConnection())
        try:
            serve(connection, request.target)
        except Closed:
            pass


def main():
    context = None
    if sys.argv[1:2] == ["--tls"]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2], sys.argv[3])
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    while True:
        stream, _ = listener.accept()
        threading.Thread(target=handle, args=(stream, context), daemon=True).start()


main()
