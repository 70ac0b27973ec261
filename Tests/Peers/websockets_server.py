#!/usr/bin/python3
"""A WebSocket server of Python's `websockets` on 127.0.0.1, for WebSocketTests.

Prints its port in one line and serves until it is ended. The path says what it does with a message:
/echo sends it back; /fragments sends it back cut into fragments; /ping pings, waits for the pong and then sends it back;
/close answers with close code 1012; /abort drops the TCP connection in the middle of a frame.
With --tls CERTIFICATE KEY it speaks TLS.
"""

import asyncio
import ssl
import struct
import sys

import websockets

FRAGMENT = 48_000


def fragments(message):
    # In characters for text, in bytes otherwise.
    return [message[i : i + FRAGMENT] for i in range(0, len(message), FRAGMENT)] or [message]


async def serve(connection):
    # Where Debian 13's version of `websockets` has it, and Debian 12's.
    path = connection.request.path if hasattr(connection, "request") else connection.path
    async for message in connection:
        if path == "/echo":
            await connection.send(message)
        elif path == "/fragments":
            await connection.send(fragments(message))
        elif path == "/ping":
            await asyncio.wait_for(await connection.ping(b"are you there"), 20)
            await connection.send(message)
        elif path == "/close":
            await connection.close(1012, "service restart")
        elif path == "/abort":
            connection.transport.write(struct.pack(">BBH", 0x81, 126, 1_000) + b"half")
            await asyncio.sleep(0)
            connection.transport.close()


async def main():
    context = None
    if sys.argv[1:2] == ["--tls"]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2], sys.argv[3])
    async with websockets.serve(
        serve, "127.0.0.1", 0, ssl=context, max_size=64 << 20, ping_interval=None
    ) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()


asyncio.run(main())
