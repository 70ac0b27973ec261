#!/usr/bin/env bash
# uvc.sh [PROGRAMS]: the release-built daemon and a USB camera that comes and goes while it is connected, to be run by
# Tests/Guest/run. The camera is uvc_camera.py; between the two are the kernel's own USB core, uvcvideo, and udev.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
programs=${1:-$here/../../.build/release}

modprobe vhci-hcd
/lib/systemd/systemd-udevd --daemon
for chart in testsrc smptebars; do
    ffmpeg -v error -f lavfi -i "$chart=size=320x240" -frames:v 1 -c:v mjpeg -huffman default -f mjpeg "$state/$chart.jpg"
done
PYTHONPATH=$here/../Benchmarks exec /usr/bin/python3 -B "$here/uvc.py" "$programs/clawnode"
