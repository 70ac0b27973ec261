"""What is measured on the machine itself. Every function returns rows; what a node does wrong raises
`gateway.Broken`."""
import base64, json, os, socket, statistics, subprocess, sys, time

import place
import screens, sound
from gateway import Certificate, Gateway, check
from process import Peak, Process
from table import Row

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = 'Python websockets'
# Memory is counted as /proc counts it: 1,024 kB are one MB.
MS, MB = 1000, 2**20
BLOB = 18 << 20
SETTLING = 3  # seconds after hello-ok until a node has nothing to do any more


class Bench:
    """The programs, a scratch directory, and how thorough to be."""

    def __init__(self, programs, scratch, quick):
        self.programs, self.scratch, self.quick = programs, scratch, quick
        self.running = []
        # Of what is spawned from then on.
        self.environment = dict(os.environ)
        self.token = f'{scratch}/token'
        with open(self.token, 'w') as file:
            file.write('benchmark-token\n')
        self.configuration = f'{scratch}/clawnode.json'
        with open(self.configuration, 'w') as file:
            json.dump({'camera': {'snapsPerSecond': 1000, 'pattern': True}, 'capabilities': {'microphone': True, 'screen': True}}, file)
        self.certificate = Certificate(scratch)
        self.info = f'{scratch}/device-info.json'  # what device.info answers, for the peer to answer the same
        with open(self.info, 'w') as file:
            json.dump({'deviceName': 'none'}, file)

    def spawn(self, name, words, descriptors=()):
        process = Process(words, f'{self.scratch}/{name}.log', descriptors, self.environment)
        self.running.append(process)
        return process

    def daemon(self, gateway, name='plain', folder='programs'):
        """(process, node) of ours. Nodes of one name have one state directory, so that only the first is new here."""
        words = [f'{self.programs}/{folder}/clawnode', 'run', '--gateway', gateway.url, '--token-file', self.token,
                 '--state-dir', f'{self.scratch}/{name}/state', '--runtime-dir', f'{self.scratch}/{name}/run',
                 '--enable', 'camera', '--config', self.configuration]
        if gateway.tls:
            words += ['--tls-fingerprint', self.certificate.fingerprint]
        return self.connected(self.spawn(name, words), gateway)

    def peer(self, gateway):
        words = ['/usr/bin/python3', f'{HERE}/peer.py', gateway.url, self.info, str(BLOB)]
        return self.connected(self.spawn('peer', words), gateway)

    def connected(self, process, gateway):
        return process, gateway.accept(15000)

    def end(self, process, node):
        process.stop()
        node.closed()
        check(process.wait() == 0, f'exit code {process.status} after SIGTERM')

    def kill_all(self):
        for process in self.running:
            process.kill()


def start(bench):
    rows = []
    rounds = 5 if bench.quick else 20
    for kind, certificate, reach in (('plain', None, 15), ('TLS', bench.certificate, 40)):
        gateway = Gateway(certificate)
        ours, peers = [], []
        for turn in range(rounds + 1):
            process, node = bench.daemon(gateway, f'start-{kind}')
            # The first one creates its identity and pairs.
            if turn:
                ours.append((node.welcomed - process.began) * MS)
            bench.end(process, node)
            if turn % 2:
                process, node = bench.peer(gateway)
                peers.append((node.welcomed - process.began) * MS)
                process.kill()
        rows.append(Row(f'process start → hello-ok, {kind}', statistics.median(ours), 'ms', reach,
                        statistics.median(peers), PYTHON, note=f'median of {rounds}, {min(ours):.1f}–{max(ours):.1f}'))
    return rows


def idle(bench):
    seconds = 6 if bench.quick else 30 - SETTLING
    gateways = {'plain': Gateway(), 'TLS': Gateway(bench.certificate)}
    nodes = {kind: bench.daemon(gateway, f'idle-{kind}') for kind, gateway in gateways.items()}
    peers = {kind: bench.peer(gateway) for kind, gateway in gateways.items()}
    both = list(nodes.values()) + list(peers.values())
    time.sleep(SETTLING)
    began, cpu, wakeups = time.monotonic(), [], [0] * len(both)
    for _ in range(2):
        for _, node in both:
            node.tick()
        time.sleep(0.5)  # what a tick sets going is over by then
        cpu = cpu or [process.cpu() for process, _ in both]
        before = [process.wakeups() for process, _ in both]
        time.sleep(seconds / 2 - 0.5)
        wakeups = [n + process.wakeups() - b for n, b, (process, _) in zip(wakeups, before, both)]
    spent = time.monotonic() - began - 0.5
    rows = []
    for i, (kind, (process, node)) in enumerate(nodes.items()):
        peer = peers[kind][0]
        percent = [(both[j][0].cpu() - cpu[j]) / spent * 100 for j in (i, i + 2)]
        rows += [
            Row(f'idle {kind}: RssAnon', process.memory('RssAnon') / MB, 'MB', 4, peer.memory('RssAnon') / MB, PYTHON),
            Row(f'idle {kind}: RSS', process.memory('VmRSS') / MB, 'MB', 18 if kind == 'plain' else 20,
                peer.memory('VmRSS') / MB, PYTHON, note=f'{seconds + SETTLING} s after hello-ok'),
            Row(f'idle {kind}: CPU', percent[0], '%', 0.1, percent[1], PYTHON),
            Row(f'idle {kind}: wake-ups between ticks', wakeups[i], '', 0, wakeups[i + 2], PYTHON)]
        bench.end(process, node)
        peer.kill()
    return rows


def invoke(bench):
    total, block = (100 if bench.quick else 1000), 25
    gateway = Gateway()
    process, node = bench.daemon(gateway)
    _, info = node.invoke('device.info')
    with open(bench.info, 'w') as file:
        json.dump(info, file)
    peer_process, peer = bench.peer(gateway)
    check(peer.invoke('device.info')[1] == info, 'the peer answers something else')
    ours, peers = [], []
    for _ in range(total // block):
        # In turns, so that what else the machine does meets both.
        for times, asked in ((ours, node), (peers, peer)):
            for _ in range(3):
                asked.invoke('device.info')
            times += [asked.invoke('device.info')[0] * MS for _ in range(block)]
    peer_process.kill()
    bench.end(process, node)
    ours.sort()
    peers.sort()
    return [Row(f'device.info, p{p}', ours[total * p // 100], 'ms', reach, peers[total * p // 100], PYTHON, 1,
                f'{total:,} one after the other') for p, reach in ((50, 0.12), (99, 0.5))]


def status(bench):
    """Beside what systemd's own takes to tell of one service, on a machine that it runs."""
    rounds = 10 if bench.quick else 50
    gateway = Gateway()
    process, node = bench.daemon(gateway, 'status')
    for _ in range(10):
        node.invoke('device.info')
    ask = [f'{bench.programs}/programs/clawnode', 'status', '--state-dir', f'{bench.scratch}/status/state',
           '--runtime-dir', f'{bench.scratch}/status/run', '--config', bench.configuration]
    peer = ['/usr/bin/systemctl', 'status', '--no-pager', 'systemd-journald']
    peer_name = 'systemctl status' if os.path.isdir('/run/systemd/system') else ''
    ours, peers = [], []
    for _ in range(rounds):
        # In turns, so that what else the machine does meets both.
        for times, words in ((ours, ask),) + (((peers, peer),) if peer_name else ()):
            began = time.perf_counter()
            asked = subprocess.run(words, capture_output=True, text=True)
            times.append((time.perf_counter() - began) * MS)
            check(asked.returncode == 0 and asked.stdout, f'{words[0]} status: {asked.stderr}')
    bench.end(process, node)
    return [Row('clawnode status', statistics.median(ours), 'ms', 20, statistics.median(peers) if peers else None,
                peer_name, note=f'median of {rounds}, {min(ours):.1f}–{max(ours):.1f}')]


def blob(bench):
    rounds = 3 if bench.quick else 9
    expected = bytes(range(256)) * (BLOB // 256)
    gateway = Gateway()
    process, node = bench.daemon(gateway, 'blob', 'blob')
    node.invoke('device.info')
    process.forget_peak()
    before = process.memory('VmRSS')
    peer_process, peer = bench.peer(gateway)
    times = {'ours': [], 'peer': []}
    for turn in range(rounds + 1):
        for name, asked in (('ours', node), ('peer', peer)):
            seconds, reply = asked.invoke('camera.snap')
            check(base64.b64decode(reply['base64']) == expected, f'the reply of {name} is not what was to be sent')
            # The first one starts our worker, and touches the gateway's memory.
            if turn:
                times[name].append(seconds * MS)
    growth = process.memory('VmHWM') - before
    peer_process.kill()
    bench.end(process, node)
    return [
        Row('18 MiB reply: growth of RSS at its peak', growth / MB, 'MB', 3, note=f'{rounds + 1} replies'),
        Row('18 MiB reply: request → last byte', statistics.median(times['ours']), 'ms', None,
            statistics.median(times['peer']), PYTHON, 0.5, f'median of {rounds}')]


def wire(bench):
    """In seconds of processor, on pieces of 64 KiB."""
    rounds, milliseconds = (3, '50') if bench.quick else (9, '150')
    programs = [[f'{bench.programs}/programs/clawnode-wire'], ['/usr/bin/python3', f'{HERE}/wire_peer.py']]
    ours, peers = {}, {}
    for _ in range(rounds):
        for figures, program in ((ours, programs[0]), (peers, programs[1])):
            text = subprocess.run(program + ['1', milliseconds], check=True, capture_output=True, text=True).stdout
            for line in text.splitlines():
                name, value, *_ = line.split()
                figures.setdefault(name, []).append(value)
    masking = f'{PYTHON}, in {peers.pop("apply_mask")[0]}'
    names = {'mask': ('masking', masking), 'utf8-ascii': ('UTF-8 check, ASCII', 'bytes.decode'),
             'utf8-latin': ('UTF-8 check, German and French', 'bytes.decode'),
             'utf8-cjk': ('UTF-8 check, Japanese', 'bytes.decode'), 'base64': ('base64', 'base64.b64encode')}
    check(set(ours) == set(peers) == set(names), f'{set(ours)} and {set(peers)} were measured')
    rows = []
    for name, (measure, peer) in names.items():
        value, other = (statistics.median(map(float, figures[name])) / 1e9 for figures in (ours, peers))
        rows.append(Row(measure, value, 'GB/s', None, other, peer, least_ratio=1,
                        note=f'median of {rounds}, pieces of 64 KiB'))
    return rows


def worker(bench):
    times = []
    rounds = 5 if bench.quick else 20
    for _ in range(rounds):
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.settimeout(10)
        process = bench.spawn('media', [f'{bench.programs}/programs/clawnode-media'], [(theirs.fileno(), 3)])
        theirs.close()
        message = ours.recv(32768)
        times.append((time.perf_counter() - process.began) * MS)
        check(b'"hello"' in message, f'the worker begins with {message!r}')
        ours.close()
        check(process.wait() == 0, f'the worker exits {process.status} when the daemon hangs up')
    return [Row('start of clawnode-media → ready', statistics.median(times), 'ms', 12,
                note=f'median of {rounds}, {min(times):.1f}–{max(times):.1f}')]


def clip(bench):
    """Of the drawn camera, which is the default one where there is no other."""
    seconds, rounds = 5, 1 if bench.quick else 3
    gateway = Gateway()
    process, node = bench.daemon(gateway, 'clip')
    times, frames, peaks = [], [], []
    for _ in range(rounds):
        with Peak(process.pid) as peak:
            took, reply = node.invoke('camera.clip', {'deviceId': 'pattern', 'durationMs': seconds * 1000, 'includeAudio': False})
        peaks.append(peak.most / MB)
        times.append((took - seconds) * MS)
        path = f'{bench.scratch}/clip.mp4'
        with open(path, 'wb') as file:
            file.write(base64.b64decode(reply['base64']))
        frames.append(packets(path))
    bench.end(process, node)
    # The camera's, the encoder's and the worker's start are among it.
    return [Row(f'camera.clip, {seconds} s of 720p: time beyond', statistics.median(times), 'ms', 300,
                note=f'median of {rounds}, {min(times):.0f}–{max(times):.0f}; {min(frames)} frames of {seconds * 30}'),
            Row(f'camera.clip, {seconds} s of 720p: peak memory, PSS', max(peaks), 'MB', note='daemon, worker and encoder')]


def packets(path):
    """How many frames a clip has."""
    told = subprocess.run(['ffprobe', '-v', 'error', '-select_streams', 'v', '-count_packets', '-show_entries',
                           'stream=nb_read_packets', '-of', 'csv=p=0', path], check=True, capture_output=True, text=True)
    return int(told.stdout.strip().rstrip(','))


def audio(bench):
    """Of a private sound server; the programs of others record from it, too."""
    with sound.server(f'{bench.scratch}/pulse') as bench.environment:
        return sound.measured(bench, 1 if bench.quick else 5, 'quiet.monitor', lambda: sound.parecord(bench.environment), 'parecord')


def location(bench):
    """Of a gpsd that has a fix."""
    rounds = 5 if bench.quick else 20
    with place.gpsd() as port:
        usual, bench.configuration = bench.configuration, f'{bench.scratch}/location.json'
        with open(bench.configuration, 'w') as file:
            json.dump({'capabilities': {'location': True}, 'location': {'gpsdPort': port, 'geoclue': False}}, file)
        gateway = Gateway()
        process, node = bench.daemon(gateway, 'location')
        bench.configuration = usual
        ours, peers = [], []
        for _ in range(rounds):
            took, reply = node.invoke('location.get', {'desiredAccuracy': 'precise'})
            check(reply['provider'] == 'gpsd' and abs(reply['lat'] - 48.1374) < 1e-4, f'it is at {reply}')
            ours.append(took * MS)
            peers.append(place.gpspipe(port))
            time.sleep(0.37)  # not in step with the receiver
        bench.end(process, node)
    known = None not in peers
    return [Row('location.get, of a gpsd with a fix', statistics.median(ours), 'ms', 15,
                statistics.median(peers) if known else None, 'gpspipe -w' if known else '',
                note=f'median of {rounds}, {min(ours):.1f}–{max(ours):.1f}')]


def x11(bench):
    """Of a private X server."""
    return on_screen(bench, screens.xvfb)


def sway(bench):
    """Of a private Wayland compositor."""
    return on_screen(bench, screens.sway)


def on_screen(bench, shown):
    """The programs of others show the same."""
    with shown() as desktop:
        gateway = Gateway()
        usual, bench.environment = bench.environment, desktop.environment
        process, node = bench.daemon(gateway)
        bench.environment = usual
        rows = screens.snapshots(node, desktop, bench.scratch, 5 if bench.quick else 20)
        rounds = 1 if bench.quick else 3
        rows += screens.recordings(process, node, desktop, bench.scratch, 'at_rest', 0.2, rounds)
        with desktop.clock():
            rows += screens.recordings(process, node, desktop, bench.scratch, 'moving', 0.8, rounds)
        bench.end(process, node)
    return rows


def alsa(bench):
    """In the guest, which has a sound card."""
    return in_guest(bench, 'guest-sound.sh', '1' if bench.quick else '3')


def snap(bench):
    """In the guest, which has cameras."""
    return in_guest(bench, 'guest.sh', '3' if bench.quick else '10')


def film(bench):
    """In the guest, which has cameras."""
    return in_guest(bench, 'guest-film.sh', '1' if bench.quick else '3')


def in_guest(bench, script, rounds):
    results = f'{bench.scratch}/{script}.results'
    os.makedirs(results)
    words = [f'{HERE}/../Guest/run', f'{HERE}/{script}', bench.programs, rounds]
    subprocess.run(words, check=True, env=os.environ | {'GUEST_RESULTS': results, 'GUEST_TIMEOUT': '900'}, stdout=sys.stderr)
    with open(f'{results}/rows.json') as file:
        return [Row(**row) for row in json.load(file)]


ALL = {measure.__name__: measure for measure in (start, idle, invoke, status, blob, wire, worker, clip, audio, x11, sway, location, snap, film, alsa)}
