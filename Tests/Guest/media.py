"""The media worker as the daemon has it: a program on the other end of a socket, asked by packets."""
import array
import json
import os
import select
import socket
import subprocess
import time

TIMEOUT = 30


class Media:
    def __init__(self, program, settings, folder, environment=None, audio=None, timeout=TIMEOUT):
        """`audio`: the settings of that section; with them the microphone is on. `timeout`: of each request."""
        self.timeout = timeout
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, 'media.json')
        with open(path, 'w') as file:
            json.dump({'camera': settings, 'audio': audio or {}}, file)
        self.capabilities = ['camera'] if audio is None else ['camera', 'microphone']
        self.socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        number = theirs.fileno()
        # Descriptor 3 is where a worker looks for the daemon.
        self.process = subprocess.Popen(
            [program, '--config', path], close_fds=True, pass_fds=[3] if number == 3 else [3, number],
            preexec_fn=lambda: os.dup2(number, 3, inheritable=True), env={**os.environ, **(environment or {})})
        theirs.close()
        self.number = 0
        self.replies = {}
        self.order = []         # of the replies
        self.times = {}
        self.begun = set()

    def ask(self, command, **params):
        self.number += 1
        self.socket.send(json.dumps({'invoke': {'_0': {
            'id': self.number, 'command': command, 'params': {'inline': {'_0': json.dumps(params)}},
            'budgetMs': self.timeout * 1000, 'payloadLimit': 20_000_000, 'capabilities': self.capabilities}}}).encode())
        return self.number

    def read(self, timeout):
        """One message, if one comes in time."""
        if not select.select([self.socket], [], [], timeout)[0]:
            return False
        data, ancillary, _, _ = self.socket.recvmsg(65536, socket.CMSG_SPACE(8))
        files = array.array('i')
        for _, kind, content in ancillary:
            if kind == socket.SCM_RIGHTS:
                files.frombytes(content[:len(content) - len(content) % files.itemsize])
        if not data:
            raise SystemExit('the worker hung up')
        message = json.loads(data)
        if 'begun' in message:
            self.begun.add(message['begun']['id'])
        if 'reply' in message:
            reply = message['reply']['_0']
            outcome, texts = reply['outcome'], list(files)
            if 'refusal' in outcome:
                answer = outcome['refusal']
            else:
                text = outcome['success']['_0']
                if 'attached' in text:
                    answer = json.loads(self.contents(texts.pop(0)))
                else:
                    answer = json.loads(text['inline']['_0'])
                if reply.get('blobField'):
                    answer['jpeg'] = self.contents(texts.pop(0))
            self.replies[reply['id']] = answer
            self.times[reply['id']] = time.monotonic()
            self.order.append(reply['id'])
        return True

    @staticmethod
    def contents(descriptor):
        with os.fdopen(descriptor, 'rb') as file:
            return os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0)

    def answer(self, number):
        end = time.monotonic() + self.timeout
        while number not in self.replies:
            if not self.read(max(0, end - time.monotonic())):
                raise SystemExit(f'no reply to {number}')
        return self.replies[number]

    def await_begin(self, number):
        end = time.monotonic() + self.timeout
        while number not in self.begun:
            if not self.read(max(0, end - time.monotonic())):
                raise SystemExit(f'{number} is not begun')

    def call(self, command, **params):
        return self.answer(self.ask(command, **params))

    def has_open(self, device):
        """Whether the worker holds the device's descriptor."""
        folder = f'/proc/{self.process.pid}/fd'
        for name in os.listdir(folder):
            try:
                if os.readlink(f'{folder}/{name}').split(' ')[0] == device:
                    return True
            except FileNotFoundError:
                pass            # closed meanwhile
        return False

    def close(self):
        self.socket.close()
        self.process.wait(TIMEOUT)
