#!/usr/bin/python3
"""An HTTP/1.1 server of Python's on 127.0.0.1, for WebSocketTests.

Prints its port in one line and serves until it is ended. The path says what it does:
/length and /chunked answer with "hello" in that framing, /end with the connection's end behind it; /early is over before its
length; /large answers with a megabyte; /status/N with status N; /fields with the request's fields as JSON; /stall never ends;
/here redirects to /length, /folder/near to its neighbour, /circle to itself and /away to another server.
POST /echo answers with the length and the SHA-256 of the body, /refuse with 413 before it has read it.
With --tls CERTIFICATE KEY it speaks TLS.
"""

import hashlib
import http.server
import json
import ssl
import sys
import time


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body, **fields):
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/chunked":
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for piece in [b"3;a=b\r\nhel\r\n", b"2\r", b"\nlo\r\n", b"0\r\nX-Sum: 1\r\n", b"\r\n"]:
                self.wfile.write(piece)
                self.wfile.flush()
        elif self.path == "/end":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"hello")
            self.close_connection = True
        elif self.path == "/early":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b"hello")
            self.close_connection = True
        elif self.path == "/large":
            self.send_response(200)
            self.end_headers()
            try:
                for _ in range(1024):
                    self.wfile.write(bytes(1024))
            except OSError:
                pass
            self.close_connection = True
        elif self.path == "/stall":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
            self.wfile.flush()
            time.sleep(3600)
        elif self.path == "/fields":
            self.answer(200, json.dumps(dict(self.headers)).encode())
        elif self.path.startswith("/status/"):
            self.answer(int(self.path[8:]), b"so be it\n")
        elif self.path == "/here":
            self.answer(302, b"", Location="/length")
        elif self.path == "/whole":
            self.answer(307, b"", Location=f"{self.scheme}://{self.headers['Host']}/length#part")
        elif self.path == "/folder/near":
            self.answer(301, b"", Location="neighbour?x=1")
        elif self.path == "/circle":
            self.answer(308, b"", Location="/circle")
        elif self.path == "/away":
            self.answer(302, b"", Location="https://elsewhere.test/path?secret")
        elif self.path in ["/length", "/folder/neighbour?x=1"]:
            self.answer(200, b"hello")
        else:
            self.answer(404, b"")

    def do_POST(self):
        if self.path == "/refuse":
            self.answer(413, b"too much")
            self.close_connection = True
        elif self.path == "/here":
            self.answer(307, b"", Location="/echo")
        else:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told = {"type": self.headers["Content-Type"], "count": len(body), "sha256": hashlib.sha256(body).hexdigest()}
            self.answer(200, json.dumps(told).encode())


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
Handler.scheme = "http"
if sys.argv[1:2] == ["--tls"]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2], sys.argv[3])
    server.socket = context.wrap_socket(server.socket, server_side=True)
    Handler.scheme = "https"
print(server.server_port, flush=True)
server.serve_forever()
