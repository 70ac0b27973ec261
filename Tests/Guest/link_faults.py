"""link_faults.py CLAWNODE PRACTICE-GATEWAY CAMERA NOISE [ROW…]: faults of the link, for link-faults.sh. Every row ends connected, with an
invocation answered; it tells what was seen, how long after the fault's end that was, and how long it may take."""
import concurrent.futures
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time

from certificate import Authority, Certificate
from expectations import expect, wait_until
from logind import Logind
from node import Node
from practice import Gateway
from wire import CONNECTED, ELSEWHERE, GATEWAY, LISTENING, Wire

HERE = os.path.dirname(os.path.abspath(__file__))
CLAWNODE, PRACTICE, CAMERA, NOISE = sys.argv[1:5]
FOLDER = '/run/guest/faults'
RESULTS = os.environ['RESULTS']
PORT = 18789
TOKEN = 'the-gateway-s-token'
TICK = 5                    # seconds; silence is two of them
LONGEST_PAUSE = 30 * 1.25   # between two attempts: the back-off's bound and its jitter
DIAL = 15                   # what an attempt may take that began when nothing could answer it
# What a connection and an answer may take beside that, in an emulated machine that does other things too.
SLACK = 20
ROWS = {}
FRONT_SETTINGS = '''
daemon off;
user root;
pid {folder}/pid;
error_log {folder}/error;
events {{}}
http {{
    access_log {folder}/access;
    server {{
        listen 443 ssl;
        ssl_certificate {certificate.path};
        ssl_certificate_key {certificate.key};
        location / {{
            proxy_pass http://127.0.0.1:18789;
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection upgrade;
            proxy_read_timeout 1h;
        }}
    }}
}}
'''


# When a row runs: from the beginning until it ends, however long the others take; beside the others; when only the long ones
# are still waiting; when nothing else needs the machine's clock.
LONG, BESIDE, CALM, LAST = range(4)


def row(title, when=BESIDE):
    """A row of the table."""
    def enter(body):
        ROWS[body.__name__] = body
        body.title, body.when = title, when
        return body
    return enter


def pause_after(outage):
    """The longest pause between two attempts, after `outage` seconds of them."""
    return min(LONGEST_PAUSE, 1.25 * (outage + 1))


class Row:
    """A node, its gateway and the wire between them, and how the row ends."""

    def __init__(self, name, body, certificate):
        self.name, self.body = name, body
        self.folder = f'{FOLDER}/{name}'
        os.makedirs(self.folder)
        self.wire = Wire()
        self.certificate = certificate
        self.processes = []

    def run(self):
        try:
            self.body(self)
        finally:
            for process in self.processes:
                process.kill()
            shutil.copytree(self.folder, f'{RESULTS}/{self.name}', ignore=shutil.ignore_patterns('bus', 'run', 'key'))

    # The gateway's side

    def open_gateway(self, approves=True, host=GATEWAY, port=PORT, **settings):
        self.approves = approves
        settings = {'host': host, 'port': port, 'token': TOKEN, 'tickSeconds': TICK, 'approves': approves,
                    'certificate': self.certificate.settings, **settings}
        self.gateway = Gateway(*self.wire.on('gateway', PRACTICE, json.dumps(settings), 'device.info', 'camera.snap'))
        self.processes.append(self.gateway.process)

    def help(self, end, *command):
        """A program that runs beside them."""
        with open(f'{self.folder}/{os.path.basename(command[0])}', 'ab') as log:
            process = subprocess.Popen(self.wire.on(end, *command), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                       start_new_session=True)     # they are killed with their workers
        self.processes.append(process)
        return process

    def front(self, certificate):
        """nginx, which speaks TLS for a gateway on its own machine's loopback."""
        folder = f'{self.folder}/front'
        os.makedirs(folder, exist_ok=True)
        with open(f'{folder}/nginx.conf', 'w') as file:
            file.write(FRONT_SETTINGS.format(folder=folder, certificate=certificate))
        process = self.help('gateway', 'nginx', '-c', f'{folder}/nginx.conf', '-p', folder)
        wait_until('nginx listens', lambda: 443 in self.wire.ports('gateway', LISTENING), 60)
        return process

    # The node's side

    def start(self, url=f'wss://{GATEWAY}:{PORT}', trust=None, **more):
        trust = trust or ['--tls-fingerprint', self.certificate.fingerprint]
        self.node = Node(CLAWNODE, self.wire, f'{self.folder}/node', url, TOKEN, *trust, **more)
        self.processes.append(self.node.process)
        if self.approves:
            self.reconnected(since=0)

    def invoke(self, command='device.info', seconds=60):
        answer = self.gateway.invoke(command, seconds=seconds)
        if not answer['ok']:
            expect(f'{self.name}: an invocation is answered', False, answer)

    def reconnected(self, since):
        """Waits until the gateway has let it in (again) and one invocation is answered."""
        while True:
            hello = self.gateway.wait('hello', since)
            answer = self.gateway.invoke('device.info', seconds=60)
            if answer['ok']:
                return
            # On a machine that is busy the node may have given up what the gateway lets in just then, and dials again.
            if answer['code'] != 'NOT_CONNECTED':
                expect(f'{self.name}: an invocation is answered', False, answer)
            since = self.gateway.events.index(hello) + 1

    def end(self, seen, ended, reach, since):
        """The fault ended at `ended`; events of the gateway count from `since` on."""
        self.reconnected(since)
        self.tell(seen, ended, reach)

    def end_as_it_was(self, seen, ended, since):
        """The same where the connection is to be kept."""
        self.invoke()
        endings = [event for event in self.gateway.events[since:] if event['event'] in ('closed', 'hello')]
        if endings:
            expect(f'{self.name}: the connection is kept', False, endings)
        self.tell(f'{seen}; the connection is kept', ended, SLACK)

    def tell(self, seen, ended, reach):
        took = time.monotonic() - ended
        expect(f'{self.name}: {self.body.title}: {seen}; answered after {took:.1f} s of {reach:.0f}', took <= reach)


# The gateway


@row('the gateway is killed, and another comes that knows nothing of the node')
def killed(row):
    row.open_gateway()
    row.start()
    began = time.monotonic()
    row.gateway.process.kill()
    seen = row.node.wait_for_cause('refused')
    row.open_gateway()
    ended = time.monotonic()
    row.end(seen, ended, pause_after(ended - began) + SLACK, since=0)


@row('the gateway\'s connections are reset, and it is gone for a while')
def gone(row):
    row.open_gateway()
    row.start()
    since, began = row.gateway.now, time.monotonic()
    row.gateway.do('goDown')
    seen = row.node.wait_for_cause('refused')
    row.gateway.do('comeBack')
    ended = time.monotonic()
    row.end(seen, ended, pause_after(ended - began) + SLACK, since)


@row('the gateway restarts, says so, and closes with 1012')
def restarted(row):
    row.open_gateway()
    row.start()
    since = row.gateway.now
    row.gateway.do('goDown', restartExpectedMs=4000)
    ended = time.monotonic()
    seen = row.node.wait_for_cause('1012')
    row.gateway.do('comeBack')
    row.end(seen, ended, 4 + SLACK, since)
    # Who believed the gateway has not knocked in vain.
    refused = [line for line in row.node.told() if 'refused' in line.get('cause', '')]
    expect(f'{row.name}: it came when it was told to', not refused, refused)


@row('the gateway is stopped for less than two ticks')
def paused(row):
    row.open_gateway()
    row.start()
    since = row.gateway.now
    row.gateway.process.send_signal(signal.SIGSTOP)
    time.sleep(TICK)    # the fault itself
    row.gateway.process.send_signal(signal.SIGCONT)
    row.end_as_it_was(f'{TICK} s of silence', time.monotonic(), since)


@row('the gateway is stopped until the node has given it up, and goes on', LONG)
def stopped(row):
    row.open_gateway()
    row.start()
    since, began = row.gateway.now, time.monotonic()
    row.gateway.process.send_signal(signal.SIGSTOP)
    silence = row.node.wait_for_cause('nothing was heard')
    seen = row.node.wait_for_cause('took too long')
    row.gateway.process.send_signal(signal.SIGCONT)
    ended = time.monotonic()
    row.end(f'{silence}; {seen}', ended, pause_after(ended - began) + DIAL + SLACK, since)


# The network


@row('the gateway is unreachable for 90 s, and nothing tells when it no longer is', LONG)
def unreachable(row):
    row.open_gateway()
    row.start()
    since, began = row.gateway.now, time.monotonic()
    row.wire.lose_all()
    seen = row.node.wait_for_cause('nothing was heard')
    time.sleep(90 - (time.monotonic() - began))     # the fault itself
    row.wire.mend()
    row.end(seen, time.monotonic(), LONGEST_PAUSE + DIAL + SLACK, since)


@row('the cable is out until the node is patient, and comes back', LONG)
def unplugged(row):
    row.open_gateway()
    row.start()
    since = row.gateway.now
    row.wire.unplug()
    seen = row.node.wait_for_cause('unreachable')
    left = row.node.wait_until_patient(25)
    row.wire.plug()
    row.end(f'{seen}; the next attempt was {left:.0f} s away', time.monotonic(), SLACK, since)


@row('a router forgets the connection: its packets vanish, and nobody is told')
def half_open(row):
    row.open_gateway()
    row.start()
    since = row.gateway.now
    port, = row.wire.ports('node', CONNECTED)
    row.wire.forget(port)
    ended = time.monotonic()    # a new connection would stand
    seen = row.node.wait_for_cause('nothing was heard')
    row.end(seen, ended, 2 * TICK + pause_after(0) + SLACK, since)


@row('30 % of the packets are lost, and the others take 500 ms there and back', LONG)
def lossy(row):
    row.open_gateway(tickSeconds=30)
    row.wire.shape('netem', 'delay', '250ms', 'loss', '30%')
    began = time.monotonic()
    row.start()
    for _ in range(4):
        row.invoke(seconds=120)
    row.end('connected through it, 6 invocations answered', began, 180, since=0)


@row('64 kB/s, and a large reply', CALM)
def narrow(row):
    row.open_gateway()
    row.help('node', '/usr/bin/python3', f'{HERE}/feeder.py', CAMERA, 'MJPG', '1280', '720', NOISE, 'good')
    row.start(configuration={'capabilities': {'camera': True}})
    since = row.gateway.now
    row.wire.shape('tbf', 'rate', '512kbit', 'burst', '4kb', 'latency', '300ms')
    began = time.monotonic()
    device = row.gateway.wait('hello')['device']
    snap = row.gateway.begin_invoke('camera.snap', seconds=120)
    pings = []
    while snap not in row.gateway.answers:
        answer = row.gateway.do('ping', id=device, seconds=20)
        pings.append(answer['ms'] / 1000)
        time.sleep(0.5)     # a peer that looks for life now and then
    answer = row.gateway.answer(snap)
    ended = time.monotonic()
    row.wire.mend()
    expect(f'{row.name}: the reply arrives', answer['ok'], {**answer, 'payload': '…'})
    size = len(json.dumps(answer['payload']))
    seen = f'{size} bytes in {ended - began:.1f} s, {len(pings)} pings answered within {max(pings):.2f} s'
    expect(f'{row.name}: the reply is large', size > 64_000 * 2 * TICK, size)
    expect(f'{row.name}: pings are answered within 2 s', max(pings) <= 2, pings)
    row.end_as_it_was(seen, ended, since)


@row('the name has no address for a while, and then another')
def names(row):
    def serve(*records):
        return row.help('gateway', 'dnsmasq', '--keep-in-foreground', '--no-resolv', '--no-hosts', '--conf-file=/dev/null',
                        '--user=root', '--pid-file', *records)

    row.wire.names_by(GATEWAY)
    server = serve(f'--address=/gateway.test/{GATEWAY}')
    row.open_gateway()
    row.start(f'wss://gateway.test:{PORT}')
    began = time.monotonic()
    server.send_signal(signal.SIGSTOP)
    row.gateway.process.kill()
    silence = row.node.wait_for_cause('gateway.test')
    server.kill()
    server.wait()
    server = serve('--local=/test/')
    known = len(row.node.told())
    seen = row.node.wait_for_cause('gateway.test', 'not known', since=known)
    server.kill()
    server.wait()
    row.open_gateway(host=ELSEWHERE)
    serve(f'--address=/gateway.test/{ELSEWHERE}')
    ended = time.monotonic()
    row.end(f'{silence}; {seen}', ended, pause_after(ended - began) + SLACK, since=0)


# What stands between them


@row('what stands before the gateway answers 502 for it')
def bad_gateway(row):
    authority = Authority(f'{row.folder}/authority')
    row.front(authority.issue(f'{row.folder}/first', GATEWAY))
    row.open_gateway(host='127.0.0.1', plain=True)
    row.start(f'wss://{GATEWAY}', ['--ca-file', authority.path])
    since, began = row.gateway.now, time.monotonic()
    row.gateway.do('goDown')
    seen = row.node.wait_for_cause('502')
    row.gateway.do('comeBack')
    ended = time.monotonic()
    row.end(seen.splitlines()[0], ended, pause_after(ended - began) + SLACK, since)


@row('the certificate is replaced, by the same authority\'s')
def renewed(row):
    authority = Authority(f'{row.folder}/authority')
    old, new = (authority.issue(f'{row.folder}/{name}', GATEWAY) for name in ('first', 'renewed'))
    rotated(row, old, new, ['--ca-file', authority.path])


@row('the certificate is replaced, by the next that is pinned')
def repinned(row):
    first, second = (Certificate(f'{row.folder}/{name}', GATEWAY) for name in ('first', 'second'))
    rotated(row, first, second, ['--tls-fingerprint', first.fingerprint, '--tls-fingerprint', second.fingerprint])


def rotated(row, old, new, trust):
    front = row.front(old)
    row.open_gateway(host='127.0.0.1', plain=True)
    row.start(f'wss://{GATEWAY}', trust)
    since, began = row.gateway.now, time.monotonic()
    os.killpg(front.pid, signal.SIGKILL)
    seen = row.node.wait_for_cause('refused')
    row.front(new)
    ended = time.monotonic()
    row.end(seen, ended, pause_after(ended - began) + SLACK, since)


@row('the proxy on the way answers 500, because the gateway is gone')
def bad_proxy(row):
    settings = f'{row.folder}/tinyproxy.conf'
    with open(settings, 'w') as file:
        file.write(f'Port 8888\nListen {GATEWAY}\nTimeout 600\nMaxClients 10\n')
    row.help('gateway', 'tinyproxy', '-d', '-c', settings)
    row.open_gateway(host=ELSEWHERE)
    row.start(f'wss://{ELSEWHERE}:{PORT}', https_proxy=f'http://{GATEWAY}:8888')
    since, began = row.gateway.now, time.monotonic()
    row.gateway.do('goDown')
    seen = row.node.wait_for_cause('proxy', '500')
    row.gateway.do('comeBack')
    ended = time.monotonic()
    row.end(seen.splitlines()[0], ended, pause_after(ended - began) + SLACK, since)


# The machine


@row('the machine sleeps while the node waits: a logind says when it resumes', LONG)
def slept(row):
    row.open_gateway()
    logind = Logind(row)
    row.start(DBUS_SYSTEM_BUS_ADDRESS=logind.address)
    since = row.gateway.now
    row.wire.lose_all()
    row.node.wait_for_cause('nothing was heard')
    left = row.node.wait_until_patient(25)
    logind.prepare_for_sleep(True)
    row.wire.mend()
    logind.prepare_for_sleep(False)
    row.end(f'the next attempt was {left:.0f} s away', time.monotonic(), SLACK, since)


@row('the machine sleeps while the node is connected, and the gateway forgets it: a logind says when it resumes')
def slept_through(row):
    row.open_gateway(tickSeconds=60)
    logind = Logind(row)
    row.start(DBUS_SYSTEM_BUS_ADDRESS=logind.address)
    since = row.gateway.now
    port, = row.wire.ports('node', CONNECTED)
    logind.prepare_for_sleep(True)
    row.wire.forget(port)
    logind.prepare_for_sleep(False)
    ended = time.monotonic()
    seen = row.node.wait_for_cause('does not answer')
    row.end(seen, ended, 5 + pause_after(0) + SLACK, since)


@contextlib.contextmanager
def clock_set(seconds):
    """The time of day is put forward by so many, or back, for as long as this lasts."""
    def put(seconds):
        time.clock_settime(time.CLOCK_REALTIME, time.time() + seconds)
    put(seconds)
    try:
        yield
    finally:
        put(-seconds)


DAY, YEARS = 86_400, 50 * 365 * 86_400


@row('the clock jumps by -50 years, is set right, and jumps by a day; each time the gateway comes back', LAST)
def jumped(row):
    row.open_gateway()
    row.start()

    def come_back(what, pause):
        since = row.gateway.now
        row.gateway.do('goDown')
        row.gateway.do('comeBack')
        row.end(what, time.monotonic(), pause * 1.25 + SLACK, since)

    # A connection that stands must not care.
    since = row.gateway.now
    for seconds, what in (-YEARS, '-50 years'), (DAY, 'a day'):
        with clock_set(seconds):
            row.end_as_it_was(what, time.monotonic(), since)
    # Each time in quick succession the pause doubles.
    with clock_set(-YEARS):
        come_back('-50 years', pause=1)
    come_back('right again', pause=2)
    with clock_set(DAY):
        come_back('a day', pause=4)


@row('in 1976 no certificate is valid yet; then the clock is set', LAST)
def unset(row):
    authority = Authority(f'{row.folder}/authority')
    row.front(authority.issue(f'{row.folder}/first', GATEWAY))
    row.open_gateway(host='127.0.0.1', plain=True)
    row.start(f'wss://{GATEWAY}', ['--ca-file', authority.path])
    since = row.gateway.now
    with clock_set(-YEARS):
        row.gateway.do('goDown')
        row.gateway.do('comeBack')
        seen = row.node.wait_for_cause('not yet valid')
    row.end(seen, time.monotonic(), SLACK, since)


# The gateway's operator


@row('the pairing is removed while it is connected, and approved again')
def revoked(row):
    def approve(since):
        row.gateway.do('approveDevice', id=row.gateway.wait('pairingRequested', since)['id'])
        device = row.gateway.wait('hello', since)['device']
        row.gateway.do('approveSurface', id=row.gateway.wait('surfaceRequested', since)['id'])
        return device

    row.open_gateway(approves=False)
    row.start()
    device = approve(since=0)
    since = row.gateway.now
    row.gateway.do('removeDevice', id=device)
    seen = row.node.wait('it says what is missing', lambda: next(
        (told['remedy'] for told in row.node.status()['conditions'] if told['id'] == 'device-approval'), None))
    ended = time.monotonic()
    approve(since)
    row.end(seen, ended, 20 * 1.25 + SLACK, since)


@row('the device\'s token is rotated while it is connected')
def token_rotated(row):
    row.open_gateway()
    row.start()
    device = row.gateway.wait('hello')['device']
    since = row.gateway.now
    row.gateway.do('rotateToken', id=device)
    ended = time.monotonic()
    seen = row.node.wait_for_cause('device removed')
    row.end(seen, ended, pause_after(0) + SLACK, since)


def main():
    signal.alarm(540)
    wanted = sys.argv[5:] or ROWS
    os.makedirs(FOLDER)
    certificate = Certificate(f'{FOLDER}/gateway', GATEWAY)     # of all those that speak TLS themselves
    rows = [Row(name, ROWS[name], certificate) for name in wanted]
    failures = []

    def finish(name, result):
        try:
            result()
        except BaseException as failure:    # expectations end a script by SystemExit
            failures.append(name)
            print(f'{name}: {failure}', file=sys.stderr, flush=True)

    with concurrent.futures.ThreadPoolExecutor(len(rows)) as pool:
        running = [(row, pool.submit(row.run)) for row in rows if row.body.when in (LONG, BESIDE)]
        for row, future in running:
            if row.body.when == BESIDE:
                finish(row.name, future.result)
        for row in rows:
            if row.body.when == CALM:
                finish(row.name, row.run)
        for row, future in running:
            if row.body.when == LONG:
                finish(row.name, future.result)
    for row in rows:
        if row.body.when == LAST:
            finish(row.name, row.run)
    if failures:
        raise SystemExit(f'FAILED: {", ".join(failures)}')


main()
