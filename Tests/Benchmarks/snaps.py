"""Snaps of a real camera beside those of other programs; runs in the guest, for guest.sh."""
import base64, json, random, re, statistics, subprocess, sys, tempfile, time

from gateway import Gateway, check
from measures import MS, Bench
from table import Row

PEERS = {
    'ffmpeg': 'ffmpeg -v error -nostdin -y -f v4l2 -input_format mjpeg -video_size 1280x720 -i {camera} '
              '-frames:v 1 {file}',
    'fswebcam': 'fswebcam -q -d {camera} -r 1280x720 --no-banner {file}',
    'v4l2-ctl': 'v4l2-ctl -d {camera} --stream-mmap --stream-count=1 --stream-to={file}',
}


def snap(node, params):
    """Milliseconds until the gateway had the picture."""
    seconds, reply = node.invoke('camera.snap', params)
    check((reply['width'], reply['height']) == (1280, 720), f'a picture of {reply["width"]} × {reply["height"]}')
    check(base64.b64decode(reply['base64']).startswith(b'\xff\xd8'), 'no JPEG')
    return seconds * MS


def shoot(words, file):
    """Milliseconds that another program takes from its start to its end with a picture."""
    began = time.perf_counter()
    subprocess.run(words, check=True, capture_output=True)
    took = time.perf_counter() - began
    with open(file, 'rb') as picture:
        check(picture.read(2) == b'\xff\xd8', f'{words[0]} made no JPEG')
    return took * MS


def rhythm(camera):
    """(milliseconds between two frames, whether they are stamped at the start of their exposure)"""
    told = subprocess.run(['v4l2-ctl', '-d', camera, '--stream-mmap', '--stream-count=60', '--verbose',
                           '--stream-to=/dev/null'], check=True, capture_output=True, text=True)
    lines = [line for line in (told.stdout + told.stderr).splitlines() if 'cap dqbuf' in line]
    stamps = [float(re.search(r'\bts: *([\d.]+)', line)[1]) for line in lines]
    between = [(later - earlier) * MS for earlier, later in zip(stamps, stamps[1:])]
    return statistics.median(between), any('soe' in line for line in lines)


def spread(times):
    return f'median of {len(times)}, {min(times):.0f}–{max(times):.0f}'


def measure(programs, rounds, camera):
    scratch = tempfile.mkdtemp()
    interval, is_start_stamped = rhythm(camera)
    bench = Bench(programs, scratch, False)
    gateway = Gateway()
    warm, cold, peers = [], [], {name: [] for name in PEERS}
    # The first round of everything loads its files over 9p and is not counted.
    for turn in range(rounds + 1):
        process, node = bench.daemon(gateway)
        cold.append(snap(node, {'delayMs': 0}))
        bench.end(process, node)
        for name, line in PEERS.items():
            file = f'{scratch}/{name}.jpg'
            peers[name].append(shoot(line.format(camera=camera, file=file).split(), file))
    process, node = bench.daemon(gateway)
    for turn in range(rounds * 3 + 1):
        warm.append(snap(node, {}))
        time.sleep(random.random() * interval / MS)  # not in step with the camera
    bench.end(process, node)
    warm_range, cold_range = spread(warm[1:]), spread(cold[1:])
    warm, cold = statistics.median(warm[1:]), statistics.median(cold[1:])
    peers = {name: statistics.median(times[1:]) for name, times in peers.items()}
    # A frame stamped at its start may have begun just before the request, and then the next one is the first to count.
    factor, stamp = (2.2, 'start') if is_start_stamped else (1.3, 'end')
    bound = f'{factor} × {interval:.1f} ms, stamped at the {stamp} of exposure'
    reach = {'reach': factor * interval, 'note': f'{warm_range}; {bound}'}
    rows = []
    for name, peer in peers.items():
        rows.append(Row('guest: warm snap, MJPEG 720p', warm, 'ms', peer=peer, peer_name=name, **reach))
        reach = {}
    reach = {'reach_ratio': 0.7, 'note': f'{cold_range}; worker not running, camera closed'}
    for name, peer in peers.items():
        rows.append(Row('guest: cold snap, delayMs 0', cold, 'ms', peer=peer, peer_name=name, **reach))
        reach = {}
    return rows


directory, rounds, camera, results = sys.argv[1:]
with open(results, 'w') as file:
    json.dump([vars(row) for row in measure(directory, int(rounds), camera)], file)
