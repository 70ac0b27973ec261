"""clips.py MEDIA-PROGRAM STATE [PART…]: clips of real drivers. For clips.sh.

An emulated processor encodes a few frames a second: how many a clip has is held only where none is encoded."""
import contextlib
import json
import os
import signal
import subprocess
import sys
import time

from expectations import SOON, expect, refused, shown, wait_until
from hearing import pitch, told
from media import Media

program, state = sys.argv[1:3]
results = os.environ['RESULTS']
mjpeg, h264, vivid = (os.environ[name] for name in ['MJPEG', 'H264', 'VIVID'])
CHART = [((0.31, 0.25), (255, 0, 255)), ((0.44, 0.25), (0, 0, 255)), ((0.56, 0.25), (255, 255, 0)), ((0.69, 0.25), (0, 255, 0))]
BARS = [((0.0625 + i / 8, 0.7), c) for i, c in enumerate(
    [(192, 192, 192), (192, 192, 0), (0, 192, 192), (0, 192, 0), (192, 0, 192), (192, 0, 0), (0, 0, 192), (0, 0, 0)])]
TOLERANCE = 56      # full and limited range, chroma of half the size, and the losses of two codecs


@contextlib.contextmanager
def media(**more):
    worker = Media(program, {'keepWarmSeconds': 1, 'snapsPerSecond': 1000}, '/run/guest/media', **more)
    yield worker
    worker.close()


def encoders(worker):
    """The processes that encode for it."""
    found = []
    for name in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{name}/stat') as file:
                stat = file.read()
        except (FileNotFoundError, ProcessLookupError):
            continue            # it has ended meanwhile
        if '(clawnode-encode) ' in stat and int(stat.rpartition(') ')[2].split()[1]) == worker.process.pid:
            found.append(int(name))
    return found


def filming(worker):
    """Those that are set up, so that their clips begin: they encode on a thread of that name."""
    found = []
    for process in encoders(worker):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):      # it may end meanwhile
            for thread in os.listdir(f'/proc/{process}/task'):
                with open(f'/proc/{process}/task/{thread}/comm') as file:
                    if file.read() == 'encode\n':
                        found.append(process)
    return found


def judged(name, answer, size, seconds, places, sound=False):
    """The clip as ffmpeg sees it: the times of its frames."""
    expect(f'{name}: a clip', 'jpeg' in answer, shown(answer))
    expect('with what was asked for', answer['hasAudio'] is sound and answer['format'] == 'mp4' and answer['durationMs'] == seconds * 1000)
    path = f'{results}/{name}.mp4'
    with open(path, 'wb') as file:
        file.write(answer['jpeg'])
    expect('its index comes first', answer['jpeg'].index(b'moov') < answer['jpeg'].index(b'mdat'))
    probe = json.loads(told(
        'ffprobe', '-v', 'error', '-show_entries', 'stream=codec_name,width,height:format=duration:frame=best_effort_timestamp_time,media_type',
        '-of', 'json', path))
    stream = probe['streams'][0]
    codecs = [stream['codec_name'] for stream in probe['streams']]
    expect('H.264 of the camera\'s size', codecs == ['h264', 'aac'][:1 + sound] and stream['codec_name'] == 'h264'
           and (stream['width'], stream['height']) == size, probe['streams'])
    times = [float(frame['best_effort_timestamp_time']) for frame in probe['frames'] if frame['media_type'] == 'video']
    length = float(probe['format']['duration'])
    print(f'    {len(times)} frames in {length} s, {len(answer["jpeg"])} bytes', file=sys.stderr, flush=True)
    expect('its frames follow each other within its time', times == sorted(set(times)) and times[-1] <= seconds, times)
    # A frame that was not encoded in time is not there, the last one neither; the last one stays for as long as one before it did.
    shown_for = max(after - before for before, after in zip(times, times[1:]))
    expect('it is as long as asked for', seconds - 1 < length < max(seconds, times[-1] + shown_for) + 0.1, length)
    raw = told('ffmpeg', '-v', 'error', '-xerror', '-i', path, '-fps_mode', 'passthrough', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-')
    width, height = size
    images = [raw[start:start + 3 * width * height] for start in range(0, len(raw), 3 * width * height)]
    expect('every frame can be decoded', len(images) == len(times), len(images))
    for image in images:
        for (x, y), colour in places:
            at = 3 * (int(y * height) * width + int(x * width))
            seen = tuple(image[at:at + 3])
            if any(abs(a - b) > TOLERANCE for a, b in zip(seen, colour)):
                expect('the colours are right', False, f'at {x:.2f}, {y:.2f} is {seen}, not {colour}')
    expect('the colours are right, and something moves', len(set(images)) > 1)
    return times


def kinds():
    with media() as worker:
        judged('mjpeg', worker.call('camera.clip', deviceId=mjpeg, durationMs=3000), (640, 360), 3, CHART)
        judged('raw', worker.call('camera.clip', deviceId=vivid, durationMs=3000), (640, 480), 3, BARS)
        times = judged('h264', worker.call('camera.clip', deviceId=h264, durationMs=3000), (640, 360), 3, CHART)
        # What is not encoded again is all there, but for what the driver loses when an emulated processor does not get to it.
        expect('what the camera encodes', len(times) >= 30, len(times))
        source = f'{state}/{os.path.basename(h264)}.nut'
        expect('as the camera encoded it', slices(f'{results}/h264.mp4') <= slices(source))
        expect('and nothing without what it refers to', pictures(f'{results}/h264.mp4') <= pictures(source))


def slices(path):
    """The slices of an H.264 stream, without start codes."""
    stream = told('ffmpeg', '-v', 'error', '-i', path, '-an', '-c', 'copy', '-bsf:v', 'h264_mp4toannexb', '-f', 'h264', '-') \
        if path.endswith('.mp4') else told('ffmpeg', '-v', 'error', '-i', path, '-c', 'copy', '-f', 'h264', '-')
    return {unit.rstrip(b'\0') for unit in stream.split(b'\0\0\1') if unit and unit[0] & 31 in (1, 5)}


def pictures(path):
    """What each frame looks like, in short."""
    lines = told('ffmpeg', '-v', 'error', '-i', path, '-an', '-fps_mode', 'passthrough', '-f', 'framemd5', '-').decode().splitlines()
    return {line.split(',')[-1].strip() for line in lines if not line.startswith('#')}


def lost():
    """Frames that the driver drops, because nobody fetches them."""
    with media() as worker:
        clip = worker.ask('camera.clip', deviceId=h264, durationMs=5000)
        wait_until('the clip is encoded', lambda: filming(worker))
        time.sleep(2)           # well into the clip
        os.kill(worker.process.pid, signal.SIGSTOP)
        time.sleep(1.2)         # more than the driver's buffers hold
        os.kill(worker.process.pid, signal.SIGCONT)
        times = judged('lost', worker.answer(clip), (640, 360), 5, CHART)
        longest = max(b - a for a, b in zip(times, times[1:]))
        expect('frames were lost', longest > 0.4, longest)
        source = pictures(f'{state}/{os.path.basename(h264)}.nut')
        expect('and no picture is a smear of those that are left', pictures(f'{results}/lost.mp4') <= source)


def together():
    with media() as worker:
        def snap(**more):
            begin = time.monotonic()
            number = worker.ask('camera.snap', deviceId=mjpeg, maxWidth=640, **more)
            expect('a picture', 'jpeg' in worker.answer(number), shown(worker.answer(number)))
            return worker.times[number] - begin
        snap()
        alone = sorted(snap(delayMs=0) for _ in range(5))[2]
        clips = [worker.ask('camera.clip', deviceId=mjpeg, durationMs=length) for length in (6000, 4000)]
        wait_until('both clips are encoded', lambda: len(filming(worker)) == 2)
        took = [snap(delayMs=0)]
        expect('a picture during a clip', not any(clip in worker.replies for clip in clips))
        took += [snap(delayMs=0) for _ in range(4)]
        during = sorted(took)[2]
        print(f'    {alone * 1000:.0f} ms without a clip, {during * 1000:.0f} ms during two', file=sys.stderr, flush=True)
        for clip, seconds in zip(clips, (6, 4)):
            judged(f'one-of-two-{seconds}', worker.answer(clip), (640, 360), seconds, CHART)
        expect('the shorter one first', worker.order[-1] == clips[0], worker.order)
        wait_until('the camera is let go', lambda: not worker.has_open(mjpeg))
        # A camera that encodes gives no pictures meanwhile.
        clip = worker.ask('camera.clip', deviceId=h264, durationMs=3000)
        wait_until('the clip is encoded', lambda: encoders(worker))
        refused('no picture during a clip of what a camera encodes', worker.call('camera.snap', deviceId=h264), 'clip that is being recorded')
        expect('which goes on', 'jpeg' in worker.answer(clip), shown(worker.answer(clip)))


def sound():
    subprocess.run(['modprobe', 'snd-aloop', 'pcm_substreams=1'], check=True)
    wait_until('the card is there', lambda: os.path.exists('/proc/asound/Loopback'))
    tone = ['ffmpeg', '-v', 'error', '-nostdin', '-f', 'lavfi', '-i', 'aevalsrc=0.5*sin(2000*PI*t):s=48000:d=400', '-y', f'{state}/tone.wav']
    subprocess.run(tone, check=True)
    player = subprocess.Popen(['aplay', '-q', '--buffer-time=2000000', '-D', 'hw:CARD=Loopback,DEV=0', f'{state}/tone.wav'])
    with media(audio={'source': 'hw:CARD=Loopback,DEV=1'}) as worker:
        clips = [worker.ask('camera.clip', deviceId=h264, durationMs=length) for length in (2000, 3000)]
        for clip, seconds in zip(clips, (2, 3)):
            judged(f'sound-of-two-{seconds}', worker.answer(clip), (640, 360), seconds, CHART, sound=True)
            heard = pitch(f'{results}/sound-of-two-{seconds}.mp4', 0, seconds - 0.1)
            expect('two clips at once have the sound of one microphone', abs(heard - 1000) < 5, heard)
        judged('sound', worker.call('camera.clip', deviceId=h264, durationMs=4000), (640, 360), 4, CHART, sound=True)
        heard = pitch(f'{results}/sound.mp4', 0, 3.9)
        expect('the tone is heard from the beginning to the end', abs(heard - 1000) < 5, heard)
        expect('the tracks begin together and are as long as each other', together_in_time(f'{results}/sound.mp4'))
        # This one keeps an emulated encoder busy for longer than it lasts: pictures are left out, but no sound is.
        judged('slow-sound', worker.call('camera.clip', deviceId=mjpeg, durationMs=4000), (640, 360), 4, CHART, sound=True)
        heard = pitch(f'{results}/slow-sound.mp4', 0, 3.9)
        expect('the tone is heard beside pictures that are encoded', abs(heard - 1000) < 5, heard)
        answer = worker.call('camera.clip', deviceId=h264, durationMs=1000, includeAudio=False)
        judged('unwanted', answer, (640, 360), 1, CHART)
        clip = worker.ask('camera.clip', deviceId=h264, durationMs=6000)
        wait_until('the clip is encoded', lambda: filming(worker))
        time.sleep(3)           # well into the clip, which begins when its encoder is set up
        player.kill()
        player.wait()
        with open('/sys/bus/platform/drivers/snd_aloop/unbind', 'w') as file:
            file.write('snd_aloop.0')
        judged('unplugged-microphone', worker.answer(clip), (640, 360), 6, CHART, sound=True)
        expect('what was heard until then is there', abs(pitch(f'{results}/unplugged-microphone.mp4', 0, 1) - 1000) < 5)
        judged('no-microphone', worker.call('camera.clip', deviceId=h264, durationMs=1000), (640, 360), 1, CHART)


def together_in_time(path):
    streams = json.loads(told('ffprobe', '-v', 'error', '-show_entries', 'stream=start_time,duration', '-of', 'json', path))['streams']
    starts, lengths = ([float(stream[key]) for stream in streams] for key in ['start_time', 'duration'])
    print(f'    {starts} {lengths}', file=sys.stderr, flush=True)
    return abs(starts[0] - starts[1]) < 0.1 and abs(lengths[0] - lengths[1]) < 0.2


def crowd():
    """More clips at once than there is memory for, in a control group like that of the unit; but with memory for two, which an
    emulated processor encodes."""
    root = '/sys/fs/cgroup'
    group = f'{root}/clips'
    subprocess.run(['mount', '-t', 'cgroup2', 'none', root], check=True)

    def write(path, text):
        with open(path, 'w') as file:
            file.write(text)

    write(f'{root}/cgroup.subtree_control', '+memory')
    os.makedirs(group)
    most = 230
    write(f'{group}/memory.max', str(most << 20))
    # What is started is where who starts it is.
    write(f'{group}/cgroup.procs', str(os.getpid()))
    with media(timeout=300) as worker:
        write(f'{root}/cgroup.procs', str(os.getpid()))
        clips = [worker.ask('camera.clip', deviceId=vivid, durationMs=2000) for _ in range(5)]
        answers = [worker.answer(clip) for clip in clips]
        whole = [answer for answer in answers if 'jpeg' in answer]
        expect('of five clips at once two are recorded', len(whole) == 2, [shown(answer) for answer in answers])
        for answer in answers:
            if 'jpeg' not in answer:
                refused('the others are not begun', answer, 'BUSY', code='UNAVAILABLE')
        with open(f'{group}/memory.peak') as file:
            peak = int(file.read()) >> 20
        with open(f'{group}/memory.events') as file:
            events = dict(line.split() for line in file)
        expect(f'with these {peak} of {most} MB were used, and nothing was killed', events['oom_kill'] == '0', events)
        expect('and the next one is well', 'jpeg' in worker.call('camera.clip', deviceId=vivid, durationMs=1000))


def plug(action):
    with open(f'/sys/bus/platform/drivers/vivid/{action}', 'w') as file:
        file.write('vivid.0')


def unplugged():
    with media() as worker:
        clip = worker.ask('camera.clip', deviceId=vivid, durationMs=15000)
        wait_until('the clip is encoded', lambda: filming(worker))
        time.sleep(0.5)     # well into the clip
        pulled = time.monotonic()
        plug('unbind')
        refused('of a camera that goes there is no clip', worker.answer(clip), 'unplugged')
        expect('long before it would have ended', worker.times[clip] - pulled < SOON, worker.times[clip] - pulled)
        wait_until('nothing encodes any more', lambda: not encoders(worker))
        plug('bind')
        wait_until('the camera is back', lambda: os.path.exists(vivid))
        expect('and is filmed again', 'jpeg' in worker.call('camera.clip', deviceId=vivid, durationMs=1000))


def faults():
    with media() as worker:
        clip = worker.ask('camera.clip', deviceId=mjpeg, durationMs=15000)
        wait_until('the clip is encoded', lambda: encoders(worker))
        os.kill(encoders(worker)[0], signal.SIGKILL)
        refused('of an encoder that is killed there is no clip', worker.answer(clip), 'encoder', code='UNAVAILABLE')
        expect('and the next one is well', 'jpeg' in worker.call('camera.clip', deviceId=mjpeg, durationMs=1000))
        clip = worker.ask('camera.clip', deviceId=mjpeg, durationMs=15000)
        wait_until('the clip is encoded', lambda: encoders(worker))
        begin = time.monotonic()
        worker.socket.send(json.dumps({'cancel': {'id': clip}}).encode())
        refused('a clip that is withdrawn ends', worker.answer(clip), 'CANCELLED', code='UNAVAILABLE')
        expect('long before it would have ended', time.monotonic() - begin < SOON, time.monotonic() - begin)
        wait_until('nothing encodes any more', lambda: not encoders(worker))
        wait_until('the camera is let go', lambda: not worker.has_open(mjpeg))
        begin = time.monotonic()
        refused('a clip that would come too late is refused', worker.call('camera.clip', deviceId=mjpeg, durationMs=60000),
                'TIMEOUT', 'durationMs', code='UNAVAILABLE')
        expect('long before it would have ended', time.monotonic() - begin < SOON, time.monotonic() - begin)
        refused('a clip of no camera', worker.call('camera.clip', deviceId='video77'), 'no camera', code='INVALID_REQUEST')
        worker.ask('camera.clip', deviceId=mjpeg, durationMs=15000)
        wait_until('the clip is encoded', lambda: encoders(worker))
        left = encoders(worker)
    # The daemon has hung up, and the worker with it.
    wait_until('nothing encodes any more', lambda: not any(os.path.exists(f'/proc/{pid}') for pid in left))


def main():
    signal.alarm(450)
    parts = sys.argv[3:]
    for name, run in [('kinds', kinds), ('lost', lost), ('together', together), ('sound', sound), ('crowd', crowd), ('unplugged', unplugged), ('faults', faults)]:
        if not parts or name in parts:
            begin = time.monotonic()
            run()
            print(f'-- {name}: {time.monotonic() - begin:.1f} s', file=sys.stderr, flush=True)


main()
