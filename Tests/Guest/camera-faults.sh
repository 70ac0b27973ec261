#!/usr/bin/env bash
# camera-faults.sh [PROGRAMS [PART…]]: layouts and faults of cameras, to be run by Tests/Guest/run: what the release-built
# media worker answers when vivid offers one raw layout alone, in one buffer or several; when a camera is busy, sends damaged
# frames or none, is unplugged or comes back; and in which order. Without PART, all of it.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
programs=${1:-$here/../../.build/release}
shift || true # there may be none

gcc -shared -fPIC -o "$state/one_layout.so" "$here/one_layout.c" -ldl
ffmpeg -v error -f lavfi -i testsrc=size=320x180 -frames:v 1 -c:v mjpeg -huffman default -f mjpeg "$state/good.mjpg"
ffmpeg -v error -f lavfi -i testsrc=size=320x180 -frames:v 1 -c:v rawvideo -pix_fmt yuyv422 -f rawvideo "$state/good.yuyv"
modprobe v4l2loopback devices=5 exclusive_caps=1,1,1,1,1
LOOPBACKS=$(loopback_devices)
export LOOPBACKS
/usr/bin/python3 "$here/camera_faults.py" "$programs/clawnode-media" "$@"
