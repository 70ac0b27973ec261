"""Snapshots and recordings of an X server beside those of the programs that everybody takes for that, with the same encoder and the
same settings of it (VideoEncoder.swift). Nobody sees an Xvfb, so its own drawing counts for neither."""
import base64, contextlib, os, statistics, subprocess, time

from process import Peak, family, spent
from table import Row

SECONDS, RATE, SIZE = 10, 10, '1920x1080'
MS, MB = 1000, 2**20
PEER = (f'ffmpeg -v error -nostdin -y -f x11grab -framerate {RATE} -video_size {SIZE} -i {{display}} -t {SECONDS} '
        f'-c:v libx264 -preset veryfast -crf 23 -x264-params bframes=0:rc-lookahead=3:sync-lookahead=0 -g {4 * RATE} '
        f'-threads {min(3, os.cpu_count())} -pix_fmt yuv420p -movflags +faststart {{file}}')
# A clock that never rests, over a sixth of the screen.
MOVING = 'ffplay -v error -nostats -noborder -x 800 -y 450 -f lavfi testsrc2=size=800x450:rate=30'


@contextlib.contextmanager
def server(folder):
    """An X server; where its clients look for it."""
    told, tell = os.pipe()
    process = subprocess.Popen(['Xvfb', '-displayfd', str(tell), '-noreset', '-nolisten', 'tcp', '-screen', '0', SIZE + 'x24'],
                               pass_fds=[tell], stderr=subprocess.DEVNULL)
    os.close(tell)
    try:
        with open(told) as number:
            environment = os.environ | {'DISPLAY': ':' + number.readline().strip(), 'HOME': folder}
        subprocess.run(['xsetroot', '-mod', '16', '16', '-fg', 'white', '-bg', 'steelblue'], env=environment, check=True)
        yield environment
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def moving(environment):
    process = subprocess.Popen(MOVING.split(), env=environment | {'SDL_AUDIODRIVER': 'dummy'})
    time.sleep(2)   # it shows something by then
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def snapshots(node, environment, rounds):
    ours, theirs = [], []
    node.invoke('screen.snapshot', {})
    for _ in range(rounds):
        ours.append(node.invoke('screen.snapshot', {'maxWidth': 1920})[0] * MS)
        began = time.perf_counter()
        subprocess.run(['scrot', '-o', '-q', '72', os.path.join(environment['HOME'], 'peer.jpg')], env=environment, check=True)
        theirs.append((time.perf_counter() - began) * MS)
    return [Row(f'screen.snapshot, JPEG of {SIZE}', statistics.median(ours), 'ms', peer=statistics.median(theirs), peer_name='scrot',
                reach_ratio=0.7, note=f'median of {rounds}')]


def recording(process, node, environment, what, reach):
    """`what` is shown: processor time and memory of one recording by either."""
    file = os.path.join(environment['HOME'], 'clip.mp4')
    before = sum(map(spent, family(process.pid)))
    with Peak(process.pid) as peak:
        took, reply = node.invoke('screen.record', {'durationMs': SECONDS * MS, 'fps': RATE, 'includeAudio': False})
    ours = sum(map(spent, family(process.pid))) - before
    size = len(base64.b64decode(reply['base64']))
    before = os.times()
    peer = subprocess.Popen(PEER.format(display=environment['DISPLAY'], file=file).split(), env=environment)
    with Peak(peer.pid) as theirs_peak:
        peer.wait()
    after = os.times()
    theirs = after.children_user + after.children_system - before.children_user - before.children_system
    name = f'screen.record, {SECONDS} s of {SIZE} at {RATE} fps, {what}'
    return [Row(f'{name}: processor time', ours, 's', peer=theirs, peer_name='ffmpeg x11grab', reach_ratio=reach),
            Row(f'{name}: peak memory, PSS', peak.most / MB, 'MB', peer=theirs_peak.most / MB, peer_name='ffmpeg x11grab'),
            Row(f'{name}: file', size / 1024, 'kB', peer=os.path.getsize(file) / 1024, peer_name='ffmpeg x11grab'),
            Row(f'{name}: time beyond', (took - SECONDS) * MS, 'ms')]
