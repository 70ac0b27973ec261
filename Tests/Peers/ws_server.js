#!/usr/bin/node
// A WebSocket server of node's `ws` (Debian's node-ws) on 127.0.0.1, for WebSocketTests; does what websockets_server.py does.
"use strict";

const fs = require("fs");
const http = require("http");
const https = require("https");
const { WebSocketServer } = require("ws");

const FRAGMENT = 48_000;

function sendInFragments(socket, message, binary) {
  let start = 0;
  do {
    const fin = start + FRAGMENT >= message.length;
    socket.send(message.subarray(start, start + FRAGMENT), { binary, fin });
    start += FRAGMENT;
  } while (start < message.length);
}

function serve(socket, path) {
  socket.on("message", (message, binary) => {
    if (path === "/echo") {
      socket.send(message, { binary });
    } else if (path === "/fragments") {
      sendInFragments(socket, message, binary);
    } else if (path === "/ping") {
      socket.once("pong", (payload) => {
        if (payload.toString() === "are you there") socket.send(message, { binary });
      });
      socket.ping("are you there");
    } else if (path === "/close") {
      socket.close(1012, "service restart");
    } else if (path === "/abort") {
      socket._socket.end(Buffer.concat([Buffer.from([0x81, 126, 1000 >> 8, 1000 & 255]), Buffer.from("half")]));
    }
  });
  // What ends a connection is the other side's to judge.
  socket.on("error", () => {});
}

const [tls, certificate, key] = process.argv.slice(2);
const server =
  tls === "--tls"
    ? https.createServer({ cert: fs.readFileSync(certificate), key: fs.readFileSync(key) })
    : http.createServer();
new WebSocketServer({ server, maxPayload: 64 << 20, perMessageDeflate: false }).on("connection", (socket, request) =>
  serve(socket, request.url)
);
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
