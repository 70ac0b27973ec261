"""A gateway for measuring nodes: RFC 6455 on blocking sockets, hello-ok to anybody, one invocation at a time.

It times what a node does and not what it does itself: an invocation's clock starts when the finished request is handed
to the kernel and stops with the last byte of the result taken from it; unmasking and parsing come after that.
"""
import base64, hashlib, json, mmap, os, select, socket, ssl, struct, subprocess, time

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
ROOM = 40 << 20  # bytes; more than the longest message a gateway takes (25 MiB)
PATIENCE = 60  # seconds without a byte until a node counts as broken


class Broken(Exception):
    """The node did what a node must not do."""


def check(condition, message):
    if not condition:
        raise Broken(message)


def unmask(data, mask):
    size = len(data)
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(data, 'little') ^ int.from_bytes(key, 'little')).to_bytes(size, 'little')


class Wire:
    """One WebSocket connection, seen from the server."""

    def __init__(self, connection):
        self.socket = connection
        self.view = memoryview(mmap.mmap(-1, ROOM))  # takes memory when it is used, not while a node waits
        self.start = self.end = 0
        self.received = 0.0  # when the last bytes came

    def need(self, count):
        """`count` more bytes behind `start`; they may lie there already."""
        check(self.start + count <= ROOM, 'a message is too long')
        while self.end - self.start < count:
            try:
                got = self.socket.recv_into(self.view[self.end:])
            except (BlockingIOError, ssl.SSLWantReadError):
                raise Broken(f'not a byte from the node for {PATIENCE} s') from None
            self.received = time.perf_counter()
            check(got, 'the node hung up')
            self.end += got

    def take(self, count):
        self.need(count)
        self.start += count
        return self.view[self.start - count:self.start]

    def upgrade(self):
        while b'\r\n\r\n' not in bytes(self.view[self.start:self.end]):
            self.need(self.end - self.start + 1)
        head, rest = bytes(self.view[self.start:self.end]).split(b'\r\n\r\n', 1)
        check(not rest, 'the node spoke before the upgrade was answered')
        self.start = self.end
        fields = dict(line.split(b': ', 1) for line in head.split(b'\r\n')[1:])
        key = next((fields[name] for name in fields if name.lower() == b'sec-websocket-key'), None)
        check(key, f'no WebSocket upgrade: {head!r}')
        accept = base64.b64encode(hashlib.sha1(key + b'258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest()).decode()
        self.socket.sendall(f'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
                            f'Sec-WebSocket-Accept: {accept}\r\n\r\n'.encode())

    def frame(self, opcode, payload):
        size = len(payload)
        if size < 126:
            return bytes([0x80 | opcode, size]) + payload
        return bytes([0x80 | opcode, 126]) + struct.pack('>H', size) + payload

    def message(self):
        """The next whole message, None when the node closes. `received` then tells when its last byte came."""
        if self.start == self.end:
            self.start = self.end = 0
        elif self.start > ROOM // 4:
            rest = bytes(self.view[self.start:self.end])
            self.view[:len(rest)] = rest
            self.start, self.end = 0, len(rest)
        parts = []
        while True:
            first, second = self.take(2)
            check(second & 0x80 and not first & 0x70, 'a frame is not masked or has reserved bits')
            size = second & 0x7F
            if size > 125:
                size = int.from_bytes(self.take(2 if size == 126 else 8), 'big')
            mask = bytes(self.take(4))
            payload = self.take(size)
            opcode = first & 0x0F
            if opcode == CLOSE:
                self.socket.sendall(self.frame(CLOSE, unmask(payload, mask)))
                return None
            if opcode == PING:
                self.socket.sendall(self.frame(PONG, unmask(payload, mask)))
            elif opcode != PONG:
                parts.append((payload, mask))
                if first & 0x80:
                    return b''.join(unmask(*part) for part in parts)

    def send(self, value):
        self.socket.sendall(self.frame(TEXT, json.dumps(value).encode()))


class Node:
    """A node that is connected."""

    count = 0  # of all nodes: an invocation's id is used once

    def __init__(self, wire, tick_ms):
        self.wire = wire
        wire.upgrade()
        wire.send({'type': 'event', 'event': 'connect.challenge',
                   'payload': {'nonce': os.urandom(16).hex(), 'ts': int(time.time() * 1000)}})
        connect = json.loads(wire.message())
        check(connect.get('method') == 'connect', f'the first frame is {connect}')
        self.id = connect['params']['device']['id']
        wire.send({'type': 'res', 'id': connect['id'], 'ok': True, 'payload': {
            'type': 'hello-ok', 'protocol': 4, 'server': {'version': '2026.4.1', 'connId': os.urandom(16).hex()},
            'features': {'methods': ['node.invoke.result', 'node.event'], 'events': ['tick', 'node.invoke.request']},
            'snapshot': {'presence': [], 'health': {}, 'stateVersion': {'presence': 1, 'health': 1}, 'uptimeMs': 1000},
            'auth': {'deviceToken': 'benchmark-device-token', 'role': 'node', 'scopes': [],
                     'issuedAtMs': 1767225600000},
            'policy': {'maxPayload': 26214400, 'maxBufferedBytes': 52428800, 'tickIntervalMs': tick_ms}}})
        self.welcomed = time.perf_counter()

    def ask(self, command, params=None, timeout_ms=30000):
        """The id of an invocation that is on its way."""
        Node.count += 1
        invoke_id = f'{Node.count:08}'
        frame = self.wire.frame(TEXT, json.dumps({'type': 'event', 'event': 'node.invoke.request', 'payload': {
            'id': invoke_id, 'nodeId': self.id, 'command': command, 'paramsJSON': json.dumps(params or {}),
            'timeoutMs': timeout_ms, 'idempotencyKey': invoke_id}}).encode())
        self.sent = time.perf_counter()
        self.wire.socket.sendall(frame)
        return invoke_id

    def result(self):
        """The next result, a refusal too: the params that it came in, and when its last byte did."""
        while True:
            message = self.wire.message()
            check(message is not None, 'the node closed instead of answering')
            received = self.wire.received
            request = json.loads(message)
            self.wire.send({'type': 'res', 'id': request['id'], 'ok': True, 'payload': {'ok': True}})
            if request['method'] == 'node.invoke.result':
                return request['params'], received

    @staticmethod
    def payload(result):
        return json.loads(result['payloadJSON']) if 'payloadJSON' in result else result['payload']

    def invoke(self, command, params=None, timeout_ms=30000):
        """(seconds from the request to the result's last byte, the reply's object)"""
        invoke_id = self.ask(command, params, timeout_ms)
        result, received = self.result()
        check((result['id'], result['nodeId']) == (invoke_id, self.id), f'an answer to something else than {invoke_id}')
        check(result['ok'], f'{command}: {result.get("error")}')
        return received - self.sent, self.payload(result)

    def tick(self):
        self.wire.send({'type': 'event', 'event': 'tick', 'payload': {'ts': int(time.time() * 1000)}})

    def closed(self):
        """Returns once the node has closed, which it was told to by other means; what it says before that is passed over."""
        while self.wire.message() is not None:
            pass
        self.wire.socket.close()


class Gateway:
    """Listens on a free port of the loopback interface. `certificate` is a `Certificate`, or None for plain ws."""

    def __init__(self, certificate=None):
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.tls = certificate and certificate.context()
        scheme = 'wss' if self.tls else 'ws'
        self.url = f'{scheme}://127.0.0.1:{self.listener.getsockname()[1]}'

    def accept(self, tick_ms=30000):
        self.listener.settimeout(PATIENCE)
        connection, _ = self.listener.accept()
        # Blocking, with the kernel's own timeout: Python's would cost a poll before every read.
        connection.settimeout(None)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack('ll', PATIENCE, 0))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.tls:
            connection = self.tls.wrap_socket(connection, server_side=True)
        return Node(Wire(connection), tick_ms)

    def has_caller(self):
        """Whether a node waits to be accepted."""
        return bool(select.select([self.listener], [], [], 0)[0])


class Certificate:
    """A self-signed one, made with the openssl program."""

    def __init__(self, folder):
        self.path, self.key = f'{folder}/certificate.pem', f'{folder}/key.pem'
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
                        '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1',
                        '-keyout', self.key, '-out', self.path], check=True, capture_output=True)
        with open(self.path) as file:
            self.fingerprint = hashlib.sha256(ssl.PEM_cert_to_DER_cert(file.read())).hexdigest()

    def context(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path, self.key)
        return context
