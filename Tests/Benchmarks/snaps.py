"""Snaps of real cameras beside those of other programs; runs in the guest, for guest.sh."""
import base64, json, os, random, re, resource, statistics, subprocess, sys, tempfile, time

from gateway import Broken, Gateway, check
from measures import MB, MS, Bench
from process import cpu, memory
from table import Row

PEERS = {
    'ffmpeg': 'ffmpeg -v error -nostdin -y -f v4l2 -input_format {ffmpeg} -video_size {width}x{height} -i {camera} '
              '-frames:v 1 {file}',
    'fswebcam': 'fswebcam -q -d {camera} -p {fswebcam} -r {width}x{height} --no-banner {file}',
    'v4l2-ctl': 'v4l2-ctl -d {camera} --stream-mmap --stream-count=1 --stream-to={file}',
}
LAYOUTS = {'MJPG': {'ffmpeg': 'mjpeg', 'fswebcam': 'MJPEG'}, 'YUYV': {'ffmpeg': 'yuyv422', 'fswebcam': 'YUYV'}}
LINGER = 12  # seconds until a worker that nobody needs is gone


class Camera:
    """One that offers a layout and a size, and the programs that take pictures with it."""

    def __init__(self, bench, device, layout, width, height):
        self.bench, self.device, self.layout, self.size = bench, device, layout, (width, height)
        self.name = f'{layout} {width}×{height}'

    def snap(self, node, **params):
        """Milliseconds until the gateway had the picture, in the camera's own size."""
        seconds, reply = node.invoke(
            'camera.snap', {'deviceId': self.device, 'maxWidth': self.size[0], **params})
        check((reply['width'], reply['height']) == self.size, f'a picture of {reply["width"]} × {reply["height"]}')
        check(base64.b64decode(reply['base64']).startswith(b'\xff\xd8'), 'no JPEG')
        return seconds * MS

    def shoot(self, peer):
        """(milliseconds, milliseconds of processor time) that another program takes from its start to its end with a
        picture."""
        file = f'{self.bench.scratch}/{peer}.jpg'
        words = PEERS[peer].format(camera=self.device, file=file, width=self.size[0], height=self.size[1],
                                   **LAYOUTS[self.layout]).split()
        used, began = children(), time.perf_counter()
        subprocess.run(words, check=True, capture_output=True)
        took, used = time.perf_counter() - began, children() - used
        with open(file, 'rb') as picture:
            check(peer == 'v4l2-ctl' and self.layout != 'MJPG' or picture.read(2) == b'\xff\xd8', f'{peer} made no JPEG')
        return took * MS, used * MS

    def rhythm(self):
        """(milliseconds between two frames, whether they are stamped at the start of their exposure)"""
        told = subprocess.run(['v4l2-ctl', '-d', self.device, '--stream-mmap', '--stream-count=60', '--verbose',
                               '--stream-to=/dev/null'], check=True, capture_output=True, text=True)
        lines = [line for line in (told.stdout + told.stderr).splitlines() if 'cap dqbuf' in line]
        stamps = [float(re.search(r'\bts: *([\d.]+)', line)[1]) for line in lines]
        between = [(later - earlier) * MS for earlier, later in zip(stamps, stamps[1:])]
        return statistics.median(between), any('soe' in line for line in lines)


def children():
    """Seconds of processor time that ended children have had."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def spread(times):
    return f'median of {len(times)}, {min(times):.0f}–{max(times):.0f}'


def beside(measure, value, peers, **reach):
    """A row for each peer; only the first tells what is to be reached."""
    rows = []
    for name, peer in peers.items():
        rows.append(Row(f'guest: {measure}', value, 'ms', peer=peer, peer_name=name, **reach))
        reach = {}
    return rows


def warm(camera, rounds):
    """Snaps of a camera that streams, at any moment between two frames, and then as fast as they come."""
    interval, is_start_stamped = camera.rhythm()
    gateway = Gateway()
    process, node = camera.bench.daemon(gateway)
    camera.snap(node)
    times = []
    for _ in range(rounds * 3):
        time.sleep(random.random() * interval / MS)  # not in step with the camera
        times.append(camera.snap(node))
    began = time.perf_counter()
    for _ in range(20):
        camera.snap(node)
    in_a_row = (time.perf_counter() - began) * MS
    camera.bench.end(process, node)
    peers = {name: statistics.median(camera.shoot(name)[0] for _ in range(rounds)) for name in PEERS}
    # A frame stamped at its start may have begun just before the request, and then the next one is the first to count.
    factor, stamp = (2.2, 'start') if is_start_stamped else (1.3, 'end')
    bound = f'{factor} × {interval:.1f} ms, stamped at the {stamp} of exposure'
    return beside(f'warm snap, {camera.name}', statistics.median(times), peers, reach=factor * interval,
                  note=f'{spread(times)}; {bound}') + [
        Row(f'guest: 20 snaps in a row, {camera.name}', in_a_row, 'ms', peer=20 * peers['ffmpeg'],
            peer_name='20 × ffmpeg', note=f'{in_a_row / 20:.1f} ms each')]


def cold(camera, rounds):
    gateway = Gateway()
    times, peers = [], {name: [] for name in PEERS}
    # The first round of everything loads its files over 9p and is not counted.
    for _ in range(rounds + 1):
        process, node = camera.bench.daemon(gateway)
        times.append(camera.snap(node, delayMs=0))
        camera.bench.end(process, node)
        for name in PEERS:
            peers[name].append(camera.shoot(name)[0])
    peers = {name: statistics.median(took[1:]) for name, took in peers.items()}
    return beside(f'cold snap, delayMs 0, {camera.name}', statistics.median(times[1:]), peers, reach_ratio=0.7,
                  note=f'{spread(times[1:])}; worker not running, camera closed')


def processor(camera, rounds):
    """What a picture costs in processor time; the worker's includes the frames that it takes and throws away."""
    gateway = Gateway()
    process, node = camera.bench.daemon(gateway)
    camera.snap(node)
    worker = worker_of(camera.bench)
    before = cpu(worker)
    for _ in range(rounds * 3):
        camera.snap(node)
    ours = (cpu(worker) - before) * MS / (rounds * 3)
    camera.bench.end(process, node)
    peers = {name: statistics.median(camera.shoot(name)[1] for _ in range(rounds)) for name in ('ffmpeg', 'fswebcam')}
    return beside(f'processor time of a picture, {camera.name}', ours, peers, note='ours warm, theirs with their start')


def worker_memory(camera):
    gateway = Gateway()
    process, node = camera.bench.daemon(gateway)
    camera.snap(node)
    worker = worker_of(camera.bench)
    rows = [Row(f'guest: clawnode-media, {field}, {camera.name} warm', memory(worker, field) / MB, 'MB')
            for field in ('RssAnon', 'VmRSS')]
    time.sleep(LINGER)
    left = memory(worker, 'VmRSS') / MB if os.path.exists(f'/proc/{worker}/status') else 0
    camera.bench.end(process, node)
    return rows + [Row('guest: clawnode-media, VmRSS, after it lingered', left, 'MB', reach=0, note='it has ended')]


def worker_of(bench):
    end = time.perf_counter() + 5  # the status is half a second behind at most
    while time.perf_counter() < end:
        with open(f'{bench.scratch}/plain/run/status.json') as file:
            workers = json.load(file)['workers']
        if workers and workers[0].get('pid'):
            return workers[0]['pid']
        time.sleep(0.05)
    raise Broken('the status names no worker')


def main(programs, rounds, results, *cameras):
    """`cameras`: DEVICE,LAYOUT,WIDTH,HEIGHT each; the first one is measured most."""
    bench = Bench(programs, tempfile.mkdtemp(), False)
    first, *others = [Camera(bench, device, layout, int(width), int(height))
                      for device, layout, width, height in (camera.split(',') for camera in cameras)]
    rounds = int(rounds)
    rows = cold(first, rounds) + warm(first, rounds) + worker_memory(first)
    for camera in others:
        rows += warm(camera, max(1, rounds // 3)) if camera.layout == 'MJPG' else processor(camera, rounds)
    with open(results, 'w') as file:
        json.dump([vars(row) for row in rows], file)


main(*sys.argv[1:])
