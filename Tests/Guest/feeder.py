"""feeder.py DEVICE MJPG|YUYV WIDTH HEIGHT FILE KIND…: feeds a loopback camera with frames of those kinds in turns, a few a second.

FILE is a good frame. Kinds: good, short (its first half), headless (no start), endless (no end), pause (five seconds of nothing)."""
import fcntl
import itertools
import os
import struct
import sys
import time

VIDIOC_S_FMT = 0xC0D05605
OUTPUT = 2
RATE = 12


def main(device, layout, width, height, path, *kinds):
    with open(path, 'rb') as file:
        good = file.read()
    frames = {'good': good, 'short': good[:len(good) // 2], 'headless': b'\0\0' + good[2:], 'endless': good[:-2] + b'\0\0'}
    output = os.open(device, os.O_RDWR)
    # struct v4l2_format: the type, padding to eight bytes, then width, height, pixelformat, field, bytesperline, sizeimage.
    packed = 2 * int(width) if layout == 'YUYV' else 0
    pixels = struct.pack('<II4sIII', int(width), int(height), layout.encode(), 1, packed, max(len(good), 1 << 18))
    fcntl.ioctl(output, VIDIOC_S_FMT, struct.pack('<IxxxxI', OUTPUT, 0)[:8] + pixels + bytes(208 - 8 - len(pixels)))
    for kind in itertools.cycle(kinds):
        if kind == 'pause':
            time.sleep(5)
            continue
        os.write(output, frames[kind])
        time.sleep(1 / RATE)    # the pace of a camera


main(*sys.argv[1:])
