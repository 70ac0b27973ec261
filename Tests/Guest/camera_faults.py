"""camera_faults.py MEDIA-PROGRAM: the faults of cameras, and what the media worker answers. For camera-faults.sh.

Every expectation is on replies and their order; times are only held against the limits that are promised."""
import contextlib
import fcntl
import os
import signal
import struct
import subprocess
import sys
import time

from expectations import SOON, expect, refused, shown, wait_until
from media import Media

HERE = os.path.dirname(os.path.abspath(__file__))
SINGLE = ['YU12', 'YV12', 'NV12', 'NV16', 'NV61', 'YUYV', 'UYVY', 'YVYU', 'RGB3', 'BGR3', 'XR24', 'AR24', 'BGR4', 'BX24', 'BA24',
          'RGB4', 'RGGB']
GREY = ['GREY', 'Y16 ']
APART = ['YM12', 'YM21', 'NM12', 'NM16', 'NM61']
BARS = [(192, 192, 192), (192, 192, 0), (0, 192, 192), (0, 192, 0), (192, 0, 192), (192, 0, 0), (0, 0, 192), (0, 0, 0)]
TOLERANCE = 48      # full and limited range, chroma of half the size, and JPEG's own loss

program = sys.argv[1]
results = os.environ['RESULTS']
settings = {'keepWarmSeconds': 1, 'snapsPerSecond': 1000}


def control(device, name, value=1):
    subprocess.run(['v4l2-ctl', '-d', device, '-c', f'{name}={value}'], check=True)


def disconnect(device):
    """vivid's button, pressed without the time that starting a program takes."""
    node = os.open(device, os.O_RDWR)
    fcntl.ioctl(node, 0xC008561C, struct.pack('<Ii', 0x00F0F041, 1))    # VIDIOC_S_CTRL
    os.close(node)


@contextlib.contextmanager
def running(*command):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def media(folder='/run/guest/media', environment=None, **changes):
    worker = Media(program, {**settings, **changes}, folder, environment)
    yield worker
    worker.close()


def vivid_cameras():
    root = '/sys/devices/platform/vivid.0/video4linux'
    return sorted(f'/dev/{name}' for name in os.listdir(root)) if os.path.isdir(root) else []


def plug(action):
    with open(f'/sys/bus/platform/drivers/vivid/{action}', 'w') as file:
        file.write('vivid.0')


def pixels(pictures, width, height):
    """The decoded pictures, all by one program: starting one takes longer than its work."""
    command = ['ffmpeg', '-v', 'error', '-f', 'mjpeg', '-i', '-', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-']
    raw = subprocess.run(command, input=b''.join(pictures), stdout=subprocess.PIPE, check=True).stdout
    size = 3 * width * height
    return [raw[start:start + size] for start in range(0, len(raw), size)]


def layouts(device, names, grey=()):
    answers = {}
    with media(environment={'LD_PRELOAD': '/run/guest/one_layout.so'}, keepWarmSeconds=0) as worker:
        for name in [*names, *grey]:
            with open('/run/guest/only-layout', 'w') as file:
                file.write(name)
            answer = worker.call('camera.snap', deviceId=device, maxWidth=320, delayMs=0)
            if (answer.get('width'), answer.get('height')) != (320, 180):
                expect(f'{name} gives a picture', False, shown(answer))
            answers[name] = answer['jpeg']
            wait_until('the camera is let go', lambda: not worker.has_open(device))
            with open(f'{results}/layout-{name.strip()}.jpg', 'wb') as file:
                file.write(answers[name])
    for name, image in zip(answers, pixels(answers.values(), 320, 180)):
        for bar, colour in enumerate(BARS):
            at = 3 * (165 * 320 + 20 + 40 * bar)
            seen = tuple(image[at:at + 3])
            if name in grey:
                red, green, blue = colour
                colour = (round(0.299 * red + 0.587 * green + 0.114 * blue),) * 3
            if any(abs(a - b) > TOLERANCE for a, b in zip(seen, colour)):
                expect(f'{name} has bar {bar}', False, f'{seen}, not {colour}')
    print(f'ok: the bars are right in {" ".join(answers)}', file=sys.stderr, flush=True)


def listing(first):
    with media() as worker:
        cameras = worker.call('camera.list')['devices']
        camera = next(camera for camera in cameras if camera['bus'] == 'platform:vivid-000')
        expect('the members that every consumer reads are there',
               set(camera) >= {'id', 'name', 'position', 'deviceType'}, camera)
        expect('formats are listed, and not endlessly', 0 < len(camera['formats']) <= 64, len(camera['formats']))
        expect('a format has its four members', set(camera['formats'][0]) == {'fourcc', 'width', 'height', 'fps'}, camera['formats'][0])
        expect('nobody is using it', camera['busy'] is False)
        snap = worker.ask('camera.snap', deviceId=first, delayMs=4000, maxWidth=320)
        wait_until('the capture streams', lambda: worker.has_open(first))
        listed = worker.ask('camera.list')
        worker.answer(snap)
        expect('a list does not wait for a capture', worker.order.index(listed) < worker.order.index(snap), worker.order)
        expect('our own capture is not somebody else\'s', all(not camera['busy'] for camera in worker.replies[listed]['devices']))


def order(first, second):
    """Who is served when. Of a camera's turn the replies' order tells little, because each picture is encoded by itself: what tells is
    that no picture comes before the time until which the camera was another's."""
    with media() as worker:
        asked = time.monotonic()
        long = worker.ask('camera.snap', deviceId=first, delayMs=4000, maxWidth=320)
        wait_until('the capture streams', lambda: worker.has_open(first))
        again = worker.ask('camera.snap', deviceId=first, delayMs=0, maxWidth=320)
        other = worker.ask('camera.snap', deviceId=second, delayMs=0, maxWidth=320)
        for number in [long, again, other]:
            expect('a picture', 'jpeg' in worker.answer(number), shown(worker.answer(number)))
        expect('another camera does not wait', worker.order[0] == other, worker.order)
        expect('the same one does', worker.times[again] - asked >= 4, worker.times[again] - asked)
    for _ in range(5):
        with media(keepWarmSeconds=0) as worker:
            asked = time.monotonic()
            pictures = [worker.ask('camera.snap', deviceId=first, delayMs=500, maxWidth=320)]
            wait_until('the capture streams', lambda: worker.has_open(first))
            pictures += [worker.ask('camera.snap', deviceId=first, delayMs=0, maxWidth=320) for _ in range(2)]
            for number in pictures:
                expect('a picture', 'jpeg' in worker.answer(number), shown(worker.answer(number)))
            first_of_rest = min(worker.times[number] for number in pictures[1:]) - asked
            expect('who comes later is served later', first_of_rest >= 0.5, first_of_rest)


def closing(first):
    for seconds in [0, 1]:
        with media(keepWarmSeconds=seconds) as worker:
            expect('a picture', 'jpeg' in worker.call('camera.snap', deviceId=first, delayMs=0, maxWidth=320))
            begin = time.monotonic()
            if seconds:
                expect('the camera stays open', worker.has_open(first))
            wait_until('the camera is let go', lambda: not worker.has_open(first))
            # The worker counts from the picture on, and we from its arrival.
            expect(f'it is let go after {seconds} s', seconds - 0.5 < time.monotonic() - begin < seconds + 3, time.monotonic() - begin)
            expect('and opened again', 'jpeg' in worker.call('camera.snap', deviceId=first, delayMs=0, maxWidth=320))


def busy(first):
    stream = ['v4l2-ctl', '-d', first, '--stream-mmap', '--stream-count=100000', '--stream-to=/dev/null']
    with media() as worker:
        def is_busy():
            return any(camera['busy'] for camera in worker.call('camera.list')['devices'])
        with running(*stream) as holder:
            wait_until('another program streams', is_busy)
            begin = time.monotonic()
            answer = worker.call('camera.snap', deviceId=first)
            refused('a busy camera is refused, and who uses it is named', answer, 'busy', f'v4l2-ctl (pid {holder.pid})')
            expect('after two seconds', 2 <= time.monotonic() - begin < 2 + SOON, time.monotonic() - begin)
        wait_until('the other program is gone', lambda: not is_busy())
        with running(*stream) as holder:
            wait_until('another program streams', is_busy)
            snap = worker.ask('camera.snap', deviceId=first, delayMs=0, maxWidth=320)
            worker.await_begin(snap)
            expect('no answer while it is busy', not worker.read(0.7))
            holder.kill()
            expect('a camera that is let go in time gives its picture', 'jpeg' in worker.answer(snap), shown(worker.answer(snap)))


def damaged(loopbacks):
    with media(keepWarmSeconds=0) as worker:
        @contextlib.contextmanager
        def fed(layout, *kinds):
            # A device for each: a second writer finds the driver in the state that the first left.
            device = loopbacks.pop()
            file = '/run/guest/good.' + layout.lower()
            with running('/usr/bin/python3', f'{HERE}/feeder.py', device, layout, '320', '180', file, *kinds):
                wait_until('the camera is there', lambda: any(
                    'loopback' in camera['bus'] for camera in worker.call('camera.list')['devices']))
                yield device
            wait_until('the camera is let go', lambda: not worker.has_open(device))
        for layout, bad in [('MJPG', ['short', 'headless', 'endless']), ('YUYV', ['short'])]:
            with fed(layout, *bad, 'good') as device:
                answers = [worker.call('camera.snap', deviceId=device, delayMs=0) for _ in range(3)]
                expect(f'of damaged and good {layout} frames a good one is taken', all('jpeg' in answer for answer in answers))
                images = pixels([answer['jpeg'] for answer in answers], 320, 180)
                expect('and it is whole', all(len(image) == 3 * 320 * 180 and max(image[-3000:]) > 60 for image in images))
            with fed(layout, *bad) as device:
                answer = worker.call('camera.snap', deviceId=device, delayMs=0)
                refused(f'damaged {layout} frames only are refused', answer, 'damaged')
        with fed('MJPG', 'good', 'pause') as device:
            answer = worker.call('camera.snap', deviceId=device, delayMs=1000)
            refused('a camera that stops delivering is refused', answer, 'delivers no pictures')


def injected(first):
    with media() as worker:
        def snap(delay=0):
            return worker.ask('camera.snap', deviceId=first, delayMs=delay, maxWidth=320)
        for name in ['inject_v4l2_buf_flag_error', 'inject_fatal_streaming_error']:
            number = snap(1500)
            wait_until('the capture streams', lambda: worker.has_open(first))
            time.sleep(0.5)     # well into the stream; nothing tells when its first frame came
            control(first, name)
            expect(f'{name}: the next good frame is taken', 'jpeg' in worker.answer(number), shown(worker.answer(number)))
        control(first, 'percentage_of_dropped_buffers', 100)
        begin = time.monotonic()
        refused('a driver that drops everything is refused', worker.answer(snap()), 'delivers no pictures')
        # Three seconds are what the worker waits for a frame.
        expect('soon after three seconds', time.monotonic() - begin < 3 + SOON, time.monotonic() - begin)
        control(first, 'percentage_of_dropped_buffers', 0)
        expect('and then it is well again', 'jpeg' in worker.answer(snap()))
        wait_until('the camera is let go', lambda: not worker.has_open(first))
        control(first, 'inject_vidioc_streamon_error')
        refused('a stream that does not start is refused', worker.answer(snap()), 'failed')
        expect('and the next one starts', 'jpeg' in worker.answer(snap()))


def unplugged(first):
    with media() as worker:
        for name, pull, put in [
            ('unbind', lambda: plug('unbind'), lambda: plug('bind')),
            # vivid's comes back as soon as nobody has it open.
            ('disconnect', lambda: disconnect(first), lambda: None),
        ]:
            wait_until('the camera is let go', lambda: not worker.has_open(first))
            snap = worker.ask('camera.snap', deviceId=first, delayMs=9000)
            wait_until('the capture streams', lambda: worker.has_open(first))
            time.sleep(0.5)     # well into the stream
            pulled = time.monotonic()
            pull()
            refused(f'{name}: a camera that goes is said to be gone', worker.answer(snap), 'unplugged')
            took = worker.times[snap] - pulled
            expect('before the picture was due', took < SOON, took)
            print(f'    after {took * 1000:.0f} ms', file=sys.stderr, flush=True)
            put()
            wait_until('the camera is back', lambda: first in vivid_cameras() and os.path.exists(first))
            expect('it is listed again', any('vivid-000' in camera['bus'] for camera in worker.call('camera.list')['devices']))
            answer = worker.call('camera.snap', deviceId=first, delayMs=0, maxWidth=320)
            expect('and takes pictures again', 'jpeg' in answer, shown(answer))
        wait_until('the camera is let go', lambda: not worker.has_open(first))
        subprocess.run(['modprobe', '-r', 'vivid'], check=True)
        expect('without a driver it is not listed', not any('vivid' in camera['bus'] for camera in worker.call('camera.list')['devices']))
        subprocess.run(['modprobe', 'vivid', 'n_devs=1', 'node_types=0x1'], check=True)
        wait_until('the camera is back', lambda: vivid_cameras())
        answer = worker.call('camera.snap', deviceId=vivid_cameras()[0], delayMs=0, maxWidth=320)
        expect('another driver\'s is used without a restart of anything', 'jpeg' in answer, shown(answer))


def main():
    signal.alarm(240)
    parts = sys.argv[2:]

    def part(name, run):
        if not parts or name in parts:
            begin = time.monotonic()
            run()
            print(f'-- {name}: {time.monotonic() - begin:.1f} s', file=sys.stderr, flush=True)

    # Before vivid comes, whose thousands of modes make every list slow here.
    part('damaged', lambda: damaged(os.environ['LOOPBACKS'].split()))
    # The third speaks the kernel's multi-planar calls.
    subprocess.run(['modprobe', 'vivid', 'n_devs=3', 'node_types=0x1,0x1,0x1', 'multiplanar=1,1,2'], check=True)
    first, second, apart = vivid_cameras()
    part('layouts', lambda: (layouts(first, SINGLE, GREY), layouts(apart, APART + ['NV12', 'YUYV', 'RGB3'])))
    part('list', lambda: listing(first))
    part('order', lambda: order(first, second))
    part('closing', lambda: closing(first))
    part('busy', lambda: busy(first))
    part('injected', lambda: injected(first))
    part('unplugged', lambda: unplugged(first))


main()
