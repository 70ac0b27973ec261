"""Snapshots and recordings of a desktop beside those of the programs that everybody takes for that, with the same encoder and the same
settings of it (VideoEncoder.swift). Nobody sees an Xvfb, or a sway without hardware: what they do themselves counts for neither."""
import base64, contextlib, dataclasses, os, statistics, subprocess, tempfile, time
from collections.abc import Callable

from process import Peak, family, spent
from table import Row

SECONDS, RATE, SIZE, QUALITY = 10, 10, '1920x1080', 72
MS, MB = 1000, 2**20
X264 = {'preset': 'veryfast', 'crf': 23, 'g': 4 * RATE, 'threads': min(3, os.cpu_count()),
        'x264-params': 'bframes=0:rc-lookahead=3:sync-lookahead=0'}
NOBODY = 65534


@dataclasses.dataclass
class Peer:
    """A program that does as we do: what starts it, by the file that it is to make."""
    name: str
    words: Callable
    note: str = ''


@dataclasses.dataclass
class Desktop:
    """Who shows it, where that is looked for, and whom we are held against there."""
    name: str
    process: subprocess.Popen
    environment: dict
    snapshot: Peer
    moving: Peer
    at_rest: Peer

    @contextlib.contextmanager
    def clock(self):
        """One that never rests, over a sixth of the screen."""
        words = 'ffplay -v error -nostats -noborder -x 800 -y 450 -f lavfi testsrc2=size=800x450:rate=30'
        process = subprocess.Popen(words.split(), env=self.environment | {'SDL_AUDIODRIVER': 'dummy'})
        time.sleep(2)  # it shows something by then
        try:
            yield
        finally:
            process.terminate()
            process.wait()


@contextlib.contextmanager
def xvfb():
    told, tell = os.pipe()
    process = subprocess.Popen(['Xvfb', '-displayfd', str(tell), '-noreset', '-nolisten', 'tcp', '-screen', '0', SIZE + 'x24'],
                               pass_fds=[tell], stderr=subprocess.DEVNULL)
    os.close(tell)
    try:
        with open(told) as number:
            display = ':' + number.readline().strip()
        environment = os.environ | {'DISPLAY': display}
        subprocess.run(['xsetroot', '-mod', '16', '16', '-fg', 'white', '-bg', 'steelblue'], env=environment, check=True)
        ffmpeg = Peer('ffmpeg x11grab', lambda file: [
            *f'ffmpeg -v error -nostdin -y -f x11grab -framerate {RATE} -video_size {SIZE} -i {display} -t {SECONDS} -c:v libx264'.split(),
            *(word for key, value in X264.items() for word in (f'-{key}', str(value))),
            '-pix_fmt', 'yuv420p', '-movflags', '+faststart', file])
        scrot = Peer('scrot', lambda file: ['scrot', '-o', '-q', str(QUALITY), file])
        yield Desktop('Xvfb', process, environment, snapshot=scrot, moving=ffmpeg, at_rest=ffmpeg)
    finally:
        process.terminate()
        process.wait()


def wf_recorder(*more):
    """Left to itself it encodes for the least delay, and all colours of all pixels."""
    options = X264 | {'x264-params': X264['x264-params'] + ':sliced-threads=0:mbtree=1'}
    return lambda file: [
        'timeout', '--signal=INT', str(SECONDS), 'wf-recorder', *more, '-F', f'fps={RATE},format=yuv420p', '-c', 'libx264',
        *(word for key, value in options.items() for word in ('-p', f'{key}={value}')), '-f', file]


@contextlib.contextmanager
def sway():
    """It refuses to be root's."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(['ffmpeg', '-v', 'error', '-f', 'lavfi', '-i', f'testsrc2=size={SIZE}', '-frames:v', '1', f'{folder}/picture.png'],
                       check=True)
        with open(f'{folder}/config', 'w') as file:
            file.write(f'output HEADLESS-1 mode --custom {SIZE} bg {folder}/picture.png fill\n'
                       'for_window [app_id=".*"] floating enable, border none\nxwayland disable\n')
        session = {'XDG_RUNTIME_DIR': folder, 'WAYLAND_DISPLAY': 'wayland-1'}
        hardware = {'WLR_BACKENDS': 'headless', 'WLR_RENDERER': 'pixman', 'WLR_LIBINPUT_NO_DEVICES': '1'}
        rights = ['setpriv', '--no-new-privs']
        if os.geteuid() == 0:
            rights += [f'--reuid={NOBODY}', f'--regid={NOBODY}', '--clear-groups']
            for name in '', 'picture.png', 'config':
                os.chown(os.path.join(folder, name), NOBODY, NOBODY)
        process = subprocess.Popen([*rights, 'sway', '-c', f'{folder}/config'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   env={'PATH': os.environ['PATH'], 'HOME': folder} | session | hardware)
        try:
            time.sleep(3)  # its picture is there by then
            grim = Peer('grim | cjpeg', lambda file: [
                'sh', '-c', f'grim -t ppm -c - | cjpeg -quality {QUALITY} -dct fast >{file}'], "Debian's grim has no JPEG of its own")
            yield Desktop('sway', process, os.environ | session | {'SDL_VIDEODRIVER': 'wayland'}, snapshot=grim,
                          moving=Peer('wf-recorder', wf_recorder()),
                          at_rest=Peer('wf-recorder -D', wf_recorder('-D'), 'without -D it waits for ever, and leaves no file'))
        finally:
            process.terminate()
            process.wait()


def snapshots(node, desktop, folder, rounds):
    ours, theirs = [], []
    node.invoke('screen.snapshot', {})
    for _ in range(rounds):
        ours.append(node.invoke('screen.snapshot', {'maxWidth': 1920})[0] * MS)
        began = time.perf_counter()
        subprocess.run(desktop.snapshot.words(f'{folder}/peer.jpg'), env=desktop.environment, check=True)
        theirs.append((time.perf_counter() - began) * MS)
    return [Row(f'{desktop.name}: screen.snapshot, JPEG of {SIZE}', statistics.median(ours), 'ms', peer=statistics.median(theirs),
                peer_name=desktop.snapshot.name, reach_ratio=0.7, note=f'median of {rounds}; {desktop.snapshot.note}'.rstrip('; '))]


@dataclasses.dataclass
class Recording:
    """One by each, right after each other, in seconds of processor time and bytes."""
    ours: float
    theirs: float
    shown: float
    shown_peer: float
    memory: int
    memory_peer: int
    size: int
    size_peer: int
    took: float


def recording(process, node, desktop, peer, file):
    before, shown = sum(map(spent, family(process.pid))), spent(desktop.process.pid)
    with Peak(process.pid) as peak:
        took, reply = node.invoke('screen.record', {'durationMs': SECONDS * MS, 'fps': RATE, 'includeAudio': False})
    ours, shown = sum(map(spent, family(process.pid))) - before, spent(desktop.process.pid) - shown
    before, shown_peer = os.times(), spent(desktop.process.pid)
    with open(file + '.log', 'w') as log:
        recorder = subprocess.Popen(peer.words(file), env=desktop.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    with Peak(recorder.pid) as theirs_peak:
        recorder.wait()
    after, shown_peer = os.times(), spent(desktop.process.pid) - shown_peer
    theirs = after.children_user + after.children_system - before.children_user - before.children_system
    return Recording(ours, theirs, shown, shown_peer, peak.most, theirs_peak.most, len(base64.b64decode(reply['base64'])),
                     os.path.getsize(file), took)


def recordings(process, node, desktop, folder, what, reach, rounds):
    """`what` is shown: what recordings cost either, in the middle of `rounds`."""
    peer = getattr(desktop, what)
    all_of_them = [recording(process, node, desktop, peer, f'{folder}/peer-{what}.mp4') for _ in range(rounds)]
    middle = Recording(*map(statistics.median, zip(*map(dataclasses.astuple, all_of_them))))
    name = f'{desktop.name}: screen.record, {SECONDS} s of {SIZE} at {RATE} fps, {what.replace("_", " ")}'

    def row(measure, value, unit, other, **more):
        return Row(f'{name}: {measure}', value, unit, peer=other, peer_name=peer.name, **more)

    ratios = sorted(one.ours / one.theirs for one in all_of_them)
    note = f'median of {rounds}, ratios {ratios[0]:.2f}–{ratios[-1]:.2f}; {peer.note}'.rstrip('; ')
    return [row('processor time', middle.ours, 's', middle.theirs, reach_ratio=reach, note=note),
            row(f'processor time of {desktop.name}', middle.shown, 's', middle.shown_peer),
            row('peak memory, PSS', middle.memory / MB, 'MB', middle.memory_peer / MB),
            row('file', middle.size / 1024, 'kB', middle.size_peer / 1024),
            Row(f'{name}: time beyond', (middle.took - SECONDS) * MS, 'ms')]
