"""Clips and sound of the installed packages, in the sandboxes that they ship: the machine's own node hears the kernel's sound
devices, a user's the sound server of that user's session."""
import base64
import contextlib
import json
import os
import subprocess
import sys

from expectations import expect
from hearing import pitch, told
from machine import HERE

CARD = 'hw:CARD=Loopback,DEV=1'
MICROPHONE = {'capabilities': {'microphone': True}}
# The other end of the loop is listed first.
CHOSEN = {**MICROPHONE, 'audio': {'source': CARD}}

SIZE = ('640', '360')    # of what the cameras that encode show

PLAYED = 500    # Hz, by a session: another tone than what its microphone hears
PULSEAUDIO = f"""load-module module-native-protocol-unix
load-module module-sine-source frequency=1000
set-default-source sine_input
load-module module-null-sink
load-module module-sine sink=null frequency={PLAYED}"""


def media(box):
    """The machine's own node."""
    with box.with_encoder('alsa-utils'), sound_card(box):
        path = '/etc/clawnode/config.d/microphone.json'
        with switched_on(box, box.run, CHOSEN, path, 'systemctl restart clawnode'):
            sources = box.gateway.invoke('audio.list')
            expect('the card is heard of', CARD in [source['id'] for source in sources['payload']['sources']], sources)
            recorded(box, CARD)
            clip = begin_clip(box)
            box.wait_until('the status tells of an open microphone', 'clawnode status --json | grep microphone-open')
            judged(box, box.gateway.answer(clip), 'a clip with the sound of the card')
            with encoding_cameras(box, MJPG=15, H264=30) as cameras:
                for layout, device in cameras.items():
                    clip = box.gateway.answer(begin_clip(box, deviceId=device))
                    # Neither vivid's picture nor its size: it is that camera.
                    judged(box, clip, f'a clip of {layout} with the sound of the card', 'chart', size=SIZE)
            crowd(box)


def user_media(box, user):
    """A user's node whose worker is a unit of its own."""
    with box.with_encoder('pulseaudio', 'pulseaudio-utils'):
        play(user)
        with switched_on(box, user, MICROPHONE, '.config/clawnode/config.d/microphone.json', 'systemctl --user restart clawnode'):
            session_recorded(box)
            judged(box, box.gateway.answer(begin_clip(box)), 'a clip with the sound of the session')


def play(user):
    """Starts the sound server of a user's session: it has no device, hears a tone, and plays another."""
    # Again each time that it is started: it ends when nobody has used it for a while.
    user(f"mkdir -p .config/pulse && echo '{PULSEAUDIO}' >.config/pulse/default.pa")
    user('systemctl --user daemon-reload && systemctl --user start pulseaudio.socket')


def session_recorded(box):
    sources = box.gateway.invoke('audio.list')
    expect('the sources are listed', sources['ok'], sources)
    expect('the session\'s server is heard of', 'sine_input' in
           [source['id'] for source in sources['payload']['sources'] if source['default']], sources)
    recorded(box, 'sine_input')


@contextlib.contextmanager
def sound_card(box):
    """Of which one end hears what the other plays: a tone."""
    box.run('modprobe snd-aloop pcm_substreams=1 && udevadm settle')
    box.run('(aplay -q --buffer-time=2000000 -D hw:CARD=Loopback,DEV=0 /mnt/tone.wav >/dev/null 2>&1 & echo $! >/run/player)')
    box.wait_until('the tone is played', 'grep -q RUNNING /proc/asound/Loopback/pcm0p/sub0/status')
    yield
    box.run('kill $(cat /run/player)')
    box.wait_until('nobody uses the card', 'modprobe -r snd-aloop')


@contextlib.contextmanager
def encoding_cameras(box, **rates):
    """Cameras that give frames of these layouts, and so many a second. The device of each."""
    # exclusive_caps: as with a real camera, a node is for capture only.
    box.run(f'modprobe v4l2loopback devices={len(rates)} exclusive_caps={",".join("1" for _ in rates)} && udevadm settle')
    devices = dict(zip(rates, box.run('ls /sys/devices/virtual/video4linux').split()))
    for layout, rate in rates.items():
        feed(box, layout, rate, devices[layout])
    yield {layout: f'/dev/{device}' for layout, device in devices.items()}
    box.run('kill $(cat /run/camera.*)')
    box.wait_until('nobody uses the cameras', 'modprobe -r v4l2loopback')


def feed(box, layout, rate, device):
    """Shows ffmpeg's test chart, as lib.sh does. Encoded here: a pristine box has no ffmpeg."""
    frames = f'{box.folder}/share/{layout}'
    os.mkdir(frames)
    codec = told('bash', '-c', f'. {HERE}/lib.sh; layout {layout}').decode().split()
    told('ffmpeg', '-v', 'error', '-nostdin', '-f', 'lavfi', '-i', f'testsrc=size={"x".join(SIZE)}:rate={rate}',
         '-frames:v', str(rate * 3 // 2), *codec, '-f', 'image2', f'{frames}/%03d')
    box.run(f'(perl /mnt/camera.pl /dev/{device} {layout} {" ".join(SIZE)} {rate} /mnt/{layout} >/run/{device}.txt 2>&1 &'
            f' echo $! >/run/camera.{device})')
    # Until then it is for output only.
    box.wait_until(f'a camera gives {layout}', f'grep {"x".join(SIZE)} /sys/class/video4linux/{device}/format'
                                               f' || {{ cat /run/{device}.txt; false; }}')


@contextlib.contextmanager
def switched_on(box, run, settings, path, restart):
    """The microphone, as its owner does it, and the operator."""
    since = box.gateway.now
    run(f"mkdir -p $(dirname {path}) && echo '{json.dumps(settings)}' >{path} && {restart}")
    box.approve_commands(since)
    yield
    since = box.gateway.now
    run(f'rm {path} && {restart}')
    box.expect_return('with the microphone switched off it connects, the same node, still paired', since)


def saved(box, answer, sentence):
    """The file that came."""
    expect(sentence, answer['ok'], {**answer, 'payload': '…'} if answer['ok'] else answer)
    path = f'{box.folder}/recorded.{answer["payload"]["format"]}'
    with open(path, 'wb') as file:
        file.write(base64.b64decode(answer['payload']['base64']))
    return path


def recorded(box, source):
    sound = {'deviceId': source, 'durationMs': 2000}
    path = saved(box, box.gateway.invoke('audio.record', {**sound, 'format': 'wav'}), 'sound without an encoder')
    sounds('it is the tone that is played', path, 1.8)
    path = saved(box, box.gateway.invoke('audio.record', sound), 'sound with one')
    expect('it is an Ogg file', path.endswith('.ogg'), path)
    sounds('with the same tone', path, 1.8)


def sounds(sentence, path, end, frequency=1000):
    """A busy machine may lose some of it on the way; sound.sh holds that we do not."""
    heard = pitch(path, 0.2, end)
    expect(sentence, 0.8 < heard / frequency < 1.005, heard)


def begin_clip(box, **params):
    # On an emulated processor encoding takes a while.
    return box.gateway.begin_invoke('camera.clip', {'durationMs': 3000, **params}, seconds=180)


def judged(box, answer, sentence, shows='bars', frequency=1000, size=('640', '480')):
    path = saved(box, answer, sentence)
    expect('it says that it has sound', answer['payload']['hasAudio'], box.run('journalctl -b -n 20 -g "icrophone|sound" || true'))
    streams = json.loads(told('ffprobe', '-v', 'error', '-show_entries', 'stream=codec_name', '-of', 'json', path))['streams']
    expect('it has H.264 and AAC', [stream['codec_name'] for stream in streams] == ['h264', 'aac'], streams)
    sounds('it sounds', path, 2.5, frequency)
    picture = f'{box.folder}/frame.jpg'
    told('ffmpeg', '-v', 'error', '-xerror', '-y', '-i', path, '-frames:v', '1', '-c:v', 'mjpeg', picture)
    judge = subprocess.run([sys.executable, f'{HERE}/picture.py', picture, *size, shows], stderr=subprocess.PIPE, text=True)
    expect('and shows what is there', judge.returncode == 0, judge.stderr)


def crowd(box):
    """More clips at once than there is memory for."""
    # For two of that size, which is what an emulated processor encodes.
    with box.changed('clawnode-media@.service', 'MemoryMax=245M'):
        box.run('systemctl stop "clawnode-media@*"')
        two_of_four(box)
    box.run('systemctl stop "clawnode-media@*"')


def two_of_four(box):
    # Asked for before, so that it stays the same.
    box.expect_picture('a picture')
    worker = box.run('pgrep -x clawnode-media')
    clips = [begin_clip(box) for _ in range(4)]
    answers = [box.gateway.answer(clip) for clip in clips]
    whole = [answer for answer in answers if answer['ok']]
    refusals = {(answer['code'], answer['message']) for answer in answers if not answer['ok']}
    expect('of four clips at once two are recorded, with sound', len(whole) == 2
           and all(answer['payload']['hasAudio'] for answer in whole), [len(whole), refusals])
    expect('the others are refused, saying why', all(code == 'UNAVAILABLE' and 'BUSY' in message for code, message in refusals), refusals)
    expect('the worker has survived it', box.run('pgrep -x clawnode-media') == worker)
    unit = box.run(f'cat /proc/{worker}/cgroup').split('::')[1]
    events = box.run(f"cat '/sys/fs/cgroup{unit}/memory.events'").splitlines()
    expect('and nothing of it was killed', 'oom_kill 0' in events, events)
