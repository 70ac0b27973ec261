#!/usr/bin/python3
"""A WebSocket client of Python's `websockets`, for WebSocketTests: websockets_client.py URL [CA-FILE]

Talks with a server of ours that echoes what it gets, and ends with status 0 when all came back as it should.
The text "close" is answered with close code 1012; behind "limit" a message of more than 1 MiB is, with 1009.
"""

import asyncio
import ssl
import sys

import websockets

SIZES = [0, 1, 125, 126, 127, 65_535, 65_536, 65_537, 1 << 20, 25 << 20]


async def echoes(connection):
    for size in SIZES:
        binary = bytes(range(256)) * (size // 256) + bytes(size % 256)
        await connection.send(binary)
        assert await connection.recv() == binary, f"{size} bytes"
        text = "é€𝄞 ascii " * (size // 17)
        await connection.send(text)
        assert await connection.recv() == text, f"{size} bytes of text"


async def fragments(connection):
    pieces = ["", "é", "€" * 1_000, "", "𝄞" * 100_000, "end"]
    await connection.send(pieces)
    assert await connection.recv() == "".join(pieces)
    many = [bytes([i % 256]) * 100 for i in range(5_000)]
    await connection.send(many)
    assert await connection.recv() == b"".join(many)


async def pings(connection):
    for payload in [b"", b"a", bytes(125)]:
        await asyncio.wait_for(await connection.ping(payload), 20)
    await connection.send("still there")
    assert await connection.recv() == "still there"


async def expect_close(connection, message, code):
    try:
        await connection.send(message)
        await connection.recv()
    except websockets.ConnectionClosed as closed:
        assert closed.rcvd is not None, "no close frame"
        assert closed.rcvd.code == code, closed.rcvd
        assert closed.sent.code == code, closed.sent
        return
    raise AssertionError("still open")


async def main():
    url = sys.argv[1]
    context = ssl.create_default_context(cafile=sys.argv[2]) if len(sys.argv) > 2 else None

    def connect():
        return websockets.connect(url, ssl=context, max_size=64 << 20, ping_interval=None)

    async with connect() as connection:
        await echoes(connection)
        await fragments(connection)
        await pings(connection)
    assert connection.close_code == 1000, connection.close_code
    # Not `async with`, which would close once more what is closed by then.
    await expect_close(await connect(), "close", 1012)
    limited = await connect()
    await limited.send("limit")
    assert await limited.recv() == "limit"
    await expect_close(limited, bytes((1 << 20) + 1), 1009)


asyncio.run(main())
