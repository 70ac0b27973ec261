"""picture.py FILE WIDTH HEIGHT bars|chart|RRGGBB: whether FILE is a JPEG of that size showing vivid's colour bars, ffmpeg's test chart,
or that colour in its corners."""
import json
import subprocess
import sys

# Places as parts of width and height, and the colour there.
BARS = [((0.0625 + i / 8, 0.7), c) for i, c in enumerate(
    [(192, 192, 192), (192, 192, 0), (0, 192, 192), (0, 192, 0), (192, 0, 192), (192, 0, 0), (0, 0, 192), (0, 0, 0)])]
CHART = [((0.31, 0.25), (255, 0, 255)), ((0.44, 0.25), (0, 0, 255)), ((0.56, 0.25), (255, 255, 0)), ((0.69, 0.25), (0, 255, 0))]
CORNERS = [(x, y) for x in (0.1, 0.9) for y in (0.1, 0.9)]
TOLERANCE = 48      # full and limited range, chroma of half the size, and JPEG's own loss


def main(path, width, height, kind):
    probe = ['ffprobe', '-v', 'error', '-show_entries', 'stream=codec_name,width,height', '-of', 'json', path]
    stream = json.loads(subprocess.run(probe, check=True, stdout=subprocess.PIPE).stdout)['streams'][0]
    wanted = {'codec_name': 'mjpeg', 'width': int(width), 'height': int(height)}
    if stream != wanted:
        sys.exit(f'{path}: {stream}, not {wanted}')
    decode = ['ffmpeg', '-v', 'error', '-i', path, '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-']
    pixels = subprocess.run(decode, check=True, stdout=subprocess.PIPE).stdout
    known = {'bars': BARS, 'chart': CHART}
    for (x, y), colour in known.get(kind) or [(place, tuple(bytes.fromhex(kind))) for place in CORNERS]:
        at = 3 * (int(y * int(height)) * int(width) + int(x * int(width)))
        seen = tuple(pixels[at:at + 3])
        if any(abs(a - b) > TOLERANCE for a, b in zip(seen, colour)):
            sys.exit(f'{path}: at {x:.2f}, {y:.2f} is {seen}, not {colour}')


main(*sys.argv[1:])
