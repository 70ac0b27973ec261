#!/usr/bin/env bash
# clips.sh [PROGRAMS [PART…]]: clips of real drivers, to be run by Tests/Guest/run: what the release-built media worker and its
# encoder make of vivid's raw frames and of v4l2loopback's MJPEG and H.264, with snd-aloop's sound, beside pictures and other clips, and when the camera
# is unplugged, the encoder killed, the clip withdrawn or the daemon gone. A clip of each is kept in $RESULTS. Without PART, all of it.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
programs=${1:-$here/../../.build/release}
shift || true # there may be none

MJPEG=$(loopback_camera MJPG 640 360 15)
H264=$(loopback_camera H264 640 360 30)
VIVID=$(vivid_camera YUYV)
export MJPEG H264 VIVID
/usr/bin/python3 "$here/clips.py" "$programs/clawnode-media" "$state" "$@"
