#!/usr/bin/node
// A WebSocket client of node's `ws` (Debian's node-ws), for WebSocketTests; does what websockets_client.py does.
"use strict";

const assert = require("assert");
const fs = require("fs");
const { once } = require("events");
const WebSocket = require("ws");

const SIZES = [0, 1, 125, 126, 127, 65_535, 65_536, 65_537, 1 << 20, 25 << 20];
const [url, authority] = process.argv.slice(2);

async function connect() {
  const ca = authority && fs.readFileSync(authority);
  const socket = new WebSocket(url, { ca, maxPayload: 64 << 20 });
  await once(socket, "open");
  assert.strictEqual(socket.extensions, "", "compression was offered, and not to be accepted");
  return socket;
}

async function exchange(socket, pieces, binary) {
  const answer = once(socket, "message");
  pieces.forEach((piece, number) => socket.send(piece, { binary, fin: number === pieces.length - 1 }));
  const [message, isBinary] = await answer;
  const whole = Buffer.concat(pieces);
  assert(isBinary === binary && message.equals(whole), `${whole.length} bytes`);
}

async function echoes(socket) {
  for (const size of SIZES) {
    await exchange(socket, [Buffer.alloc(size, Buffer.from(Array.from({ length: 256 }, (_, i) => i)))], true);
    await exchange(socket, [Buffer.from("é€𝄞 ascii ".repeat(size / 17))], false);
  }
}

async function fragments(socket) {
  const texts = ["", "é", "€".repeat(1_000), "", "𝄞".repeat(100_000), "end"];
  await exchange(socket, texts.map((text) => Buffer.from(text)), false);
  await exchange(socket, Array.from({ length: 5_000 }, (_, i) => Buffer.alloc(100, i % 256)), true);
}

async function pings(socket) {
  for (const payload of [Buffer.alloc(0), Buffer.from("a"), Buffer.alloc(125)]) {
    const pong = once(socket, "pong");
    socket.ping(payload);
    assert((await pong)[0].equals(payload), "another pong");
  }
  await exchange(socket, [Buffer.from("still there")], false);
}

async function expectClose(socket, code, act) {
  const closed = once(socket, "close");
  act(socket);
  assert.strictEqual((await closed)[0], code);
}

async function main() {
  const socket = await connect();
  await echoes(socket);
  await fragments(socket);
  await pings(socket);
  await expectClose(socket, 1000, () => socket.close(1000));
  await expectClose(await connect(), 1012, (other) => other.send("close"));
  const limited = await connect();
  await exchange(limited, [Buffer.from("limit")], false);
  await expectClose(limited, 1009, () => limited.send(Buffer.alloc((1 << 20) + 1)));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
