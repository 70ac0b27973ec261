"""What a recording of five seconds takes beyond them, beside the programs that record the same: those of a private sound server,
and in the guest (for guest-sound.sh) those of ALSA."""
import contextlib, json, os, statistics, subprocess, sys, tempfile, time

from gateway import Gateway
from process import Peak
from table import Row

SECONDS, RATE = 5, 16000
MS, MB = 1000, 2**20
BYTES = SECONDS * RATE * 2
PARECORD = ['parecord', '--raw', '--device=quiet.monitor', f'--rate={RATE}', '--channels=1', '--format=s16le', '--latency-msec=20']


@contextlib.contextmanager
def server(folder):
    """PulseAudio whose sink nobody plays to, as a source that keeps time; where its clients look for it."""
    os.makedirs(folder, mode=0o700)
    environment = os.environ | {'HOME': folder, 'XDG_RUNTIME_DIR': folder}
    modules = ['module-native-protocol-unix', 'module-null-sink sink_name=quiet']
    words = ['pulseaudio', '-n', '--daemonize=no', '--use-pid-file=no', '--exit-idle-time=-1']
    process = subprocess.Popen(words + [word for module in modules for word in ('-L', module)], env=environment,
                               stderr=subprocess.DEVNULL)
    try:
        while subprocess.run(['pactl', 'info'], env=environment, capture_output=True).returncode:
            time.sleep(0.05)    # between two looks at whether it listens
        # Nobody else listening, such a sink is two seconds ahead, and a recording begins after those.
        listener = subprocess.Popen(PARECORD, env=environment, stdout=subprocess.DEVNULL)
        yield environment
        listener.terminate()
        listener.wait()
    finally:
        process.terminate()
        process.wait()


def parecord(environment):
    """Seconds until parecord has given five seconds of sound."""
    began = time.perf_counter()
    process = subprocess.Popen(PARECORD, env=environment, stdout=subprocess.PIPE)
    taken = 0
    with Peak(process.pid) as peak:
        while taken < BYTES:
            taken += len(os.read(process.stdout.fileno(), 65536))
        took = time.perf_counter() - began
    process.terminate()
    process.wait()
    process.stdout.close()
    return took, peak.most


def arecord(source, file):
    began = time.perf_counter()
    process = subprocess.Popen(['arecord', '-q', '-D', source.replace('hw:', 'plughw:'), '-d', str(SECONDS), '-f', 'S16_LE',
                                '-r', str(RATE), '-c', '1', file])
    with Peak(process.pid) as peak:
        process.wait()
    return time.perf_counter() - began, peak.most


def measured(bench, rounds, source, peer, peer_name, where=''):
    """Both in turns. The first one of each starts what there is to start, and is not counted."""
    gateway = Gateway()
    process, node = bench.daemon(gateway, 'sound')
    kinds = {'wav': [], 'ogg': []}
    peers = []
    for turn in range(rounds + 1):
        for kind, times in kinds.items():
            with Peak(process.pid) as peak:
                took, _ = node.invoke('audio.record', {'deviceId': source, 'durationMs': SECONDS * 1000, 'format': kind})
            times.append((took, peak.most))
        peers.append(peer())
    bench.end(process, node)

    def beyond(times):
        return statistics.median((took - SECONDS) * MS for took, _ in times[1:])

    def most(times):
        return max(peak for _, peak in times[1:]) / MB

    name = f'{where}audio.record, {SECONDS} s'
    return [row for kind, times in kinds.items() for row in (
        Row(f'{name} as {kind}: time beyond', beyond(times), 'ms', 150, beyond(peers), peer_name, note=f'median of {rounds}'),
        Row(f'{name} as {kind}: peak memory, PSS', most(times), 'MB', None, most(peers), peer_name, note='daemon, worker and encoder'))]


def main(programs, rounds, results, source):
    from measures import Bench
    bench = Bench(programs, tempfile.mkdtemp(), False)
    file = f'{bench.scratch}/peer.wav'
    rows = measured(bench, int(rounds), source, lambda: arecord(source, file), 'arecord', 'guest: ')
    with open(results, 'w') as out:
        json.dump([vars(row) for row in rows], out)


if __name__ == '__main__':
    main(*sys.argv[1:])
