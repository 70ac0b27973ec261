"""Clips of a real camera beside those of ffmpeg with the same encoder and the same preset of it, left to itself in all else, and with
our settings (VideoEncoder.swift); runs in the guest, for guest-film.sh.

Left to itself ffmpeg repeats a frame for each that it missed, and counts it: a repetition costs little and shows nothing, so it is
told not to."""
import base64, json, os, statistics, subprocess, sys, tempfile

from gateway import Gateway
from measures import MB, MS, Bench, packets
from process import Peak, family, spent
from table import Row

SECONDS = 5
PEER = ('ffmpeg -v error -nostdin -y -f v4l2 -input_format mjpeg -video_size 1280x720 -t {seconds} -i {camera} '
        '-c:v libx264 -preset veryfast -crf 23 {settings} -maxrate 5530k -bufsize 5530k -pix_fmt yuvj420p -fps_mode passthrough '
        '-movflags +faststart {file}')
PEERS = {'ffmpeg': '',
         'ffmpeg, our settings': f'-x264-params bframes=0:rc-lookahead=3:sync-lookahead=0 -g 120 -threads {min(3, os.cpu_count())}'}


def main(programs, rounds, results, camera):
    bench = Bench(programs, tempfile.mkdtemp(), False)
    gateway = Gateway()
    process, node = bench.daemon(gateway)
    ours, peers, beyond = [], {name: [] for name in PEERS}, []
    # The first round of everything loads its files over 9p and is not counted.
    for _ in range(int(rounds) + 1):
        file = f'{bench.scratch}/ours.mp4'
        # The worker stays between two clips, and its time with it.
        node.invoke('camera.snap', {'deviceId': camera})
        before = sum(map(spent, family(process.pid)))
        with Peak(process.pid) as peak:
            took, reply = node.invoke('camera.clip', {'deviceId': camera, 'durationMs': SECONDS * 1000, 'includeAudio': False})
        used = sum(map(spent, family(process.pid))) - before
        with open(file, 'wb') as clip:
            clip.write(base64.b64decode(reply['base64']))
        ours.append((used, peak.most, packets(file), os.path.getsize(file)))
        beyond.append((took - SECONDS) * MS)
        for name, settings in PEERS.items():
            # A gateway that says nothing for long is given up.
            node.invoke('device.info', {})
            file = f'{bench.scratch}/peer.mp4'
            before = os.times()
            peer = subprocess.Popen(PEER.format(seconds=SECONDS, camera=camera, settings=settings, file=file).split())
            with Peak(peer.pid) as peak:
                peer.wait()
            after = os.times()
            peers[name].append((after.children_user + after.children_system - before.children_user - before.children_system,
                                peak.most, packets(file), os.path.getsize(file)))
    bench.end(process, node)

    def row(measure, name, figure, unit, ratio=None):
        value, other = (statistics.median(map(figure, rounds[1:])) for rounds in (ours, peers[name]))
        counts = [[frames for _, _, frames, _ in rounds[1:]] for rounds in (ours, peers[name])]
        return Row(f'guest: clip, {SECONDS} s of MJPG 1280×720: {measure}', value, unit, peer=other, peer_name=name,
                   reach_ratio=ratio if name == 'ffmpeg' else None, note='frames: ours {}, theirs {}'.format(*counts))

    rows = [row(*measure) for name in PEERS for measure in (
                ('processor time', name, lambda round: round[0], 's', 0.9),
                ('processor time of a frame', name, lambda round: round[0] / round[2] * MS, 'ms', 0.9),
                ('size of a frame in the file', name, lambda round: round[3] / round[2] / 1024, 'kB'),
                ('peak memory, PSS', name, lambda round: round[1] / MB, 'MB', 1))]
    # The camera is warm; the encoder's start is among it.
    rows.append(Row(f'guest: clip, {SECONDS} s of MJPG 1280×720: time beyond', statistics.median(beyond[1:]), 'ms'))
    with open(results, 'w') as out:
        json.dump([vars(row) for row in rows], out)


main(*sys.argv[1:])
