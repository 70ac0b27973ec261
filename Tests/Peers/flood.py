#!/usr/bin/env python3
"""flood.py PORT: a server that never pauses. What it floods with is the path that it is asked for: /interim, /trailer, /page,
/messages, /pings. It reads nothing meanwhile."""

import base64
import hashlib
import socket
import sys
import threading


def head(connection):
    text = b""
    while b"\r\n\r\n" not in text:
        piece = connection.recv(4096)
        if not piece:
            return "/", b""
        text += piece
    lines = dict(line.split(b": ", 1) for line in text.split(b"\r\n")[1:] if b": " in line)
    key = next((value for name, value in lines.items() if name.lower() == b"sec-websocket-key"), b"")
    return text.split(b" ")[1].decode(), key


def upgrade(key):
    accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    return (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")


def serve(connection):
    path, key = head(connection)
    first, then = {
        "/interim": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        "/trailer": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X-More: and more\r\n"),
        "/page": (b"HTTP/1.1 200 OK\r\n\r\n", b"<p>and more</p>\n"),
        "/messages": (upgrade(key), b"\x81\x02hi"),
        "/pings": (upgrade(key), b"\x89\x02hi"),
    }.get(path, (b"HTTP/1.1 404 Not Found\r\n\r\n", b""))
    try:
        connection.sendall(first)
        while then:
            connection.sendall(then * 1000)
    except OSError:
        # It was hung up on.
        pass
    connection.close()


def main():
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()


main()
